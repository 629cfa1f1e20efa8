"""DingTalk's error codes in the product's terms. The one place where they are known."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.errors import DeliveryError, FetchError


@dataclass(frozen=True, slots=True)
class Meaning:
    """`token`: another access token may work. `retry_after` in seconds."""

    reason: str
    permanent: bool = True
    retry_after: float | None = None
    token: bool = False


REFUSED = Meaning("refused")
BUSY = Meaning("busy", permanent=False, retry_after=5)
RATE = Meaning("rate", permanent=False, retry_after=5)
BANNED = Meaning("rate", permanent=False, retry_after=300)  # too many calls from this address: five minutes of a page that is no answer
# New API: words; old API: numbers. Compared in lower case; a word may be followed by more after a dot.
TABLE: Mapping[str, Meaning] = {
    "invalidauthentication": Meaning("token", permanent=False, token=True),
    "invalidclientidorsecret": Meaning("bad_secret"),
    "invalidparameter.robotcode.downloadcode": Meaning("expired"),
    "invalidparameter.robotcode": Meaning("bad_robot"),
    "invalidparameter.msgparam.toolong": Meaning("too_long"),
    "send.too.fast": RATE,
    "staffid.notexisted": Meaning("invalid_user"),
    "robot.oto.notexist": Meaning("bad_robot"),
    "chatbotid.notallow.sendoto": Meaning("no_permission"),
    "contain.unsafe.url": Meaning("refused"),
    "invalid.openconversationid": Meaning("no_chat"),
    "conversation.org.notmatch": Meaning("no_chat"),
    "system.error": BUSY,
    "systemerror": BUSY,
    "forbidden.accessdenied.accesstokenpermissiondenied": Meaning("no_permission"),
    "forbidden.accessdenied.ipnotinwhitelist": Meaning("ip_not_allowed"),
    "forbidden.accessdenied.qpslimitforappkeyandapi": RATE,
    "forbidden.accessdenied.qpslimitforapi": RATE,
    "forbidden.accessdenied.qpmlimitforappkeyandapi": Meaning("rate", permanent=False, retry_after=60),
    "forbidden.accessdenied.apicountlimitfororg": Meaning("quota", permanent=False, retry_after=3600),
    "-1": BUSY,
    "88": Meaning("token", permanent=False, token=True),
    "40014": Meaning("token", permanent=False, token=True),
    "42001": Meaning("token", permanent=False, token=True),
    "60121": Meaning("invalid_user"),
    "40104": Meaning("invalid_user"),
    "60011": Meaning("no_permission"),
    "90002": RATE,
    "90018": RATE,
    "90020": Meaning("quota", permanent=False, retry_after=3600),
    "1111": BANNED,
}
FETCHED = {"expired": "expired", "missing": "missing"}  # anything else that lasts: refused


class ApiError(Exception):
    """An answer that says no. The text is the code alone: messages quote tokens and ids."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.meaning = meaning(code)

    def as_delivery(self) -> DeliveryError:
        """As the outbox understands it."""
        found = self.meaning
        return DeliveryError(found.reason, permanent=found.permanent, retry_after=found.retry_after)

    def as_fetch(self) -> FetchError:
        """As the corridor understands it."""
        found = self.meaning
        return FetchError(FETCHED.get(found.reason, "refused") if found.permanent else "unavailable", permanent=found.permanent)


def meaning(code: str) -> Meaning:
    """The most exact entry: `invalidParameter.robotCode.auth` is found under `invalidparameter.robotcode`."""
    words = code.casefold().split(".")
    for end in range(len(words), 0, -1):
        if found := TABLE.get(".".join(words[:end])):
            return found
    return REFUSED
