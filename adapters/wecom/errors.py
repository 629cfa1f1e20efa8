"""WeCom's error codes in the product's terms. The one place where they are known."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.errors import DeliveryError, FetchError


@dataclass(frozen=True, slots=True)
class Meaning:
    """`token`: the access token is at fault, another may work. `retry_after` in seconds; None with permanent False: soon."""

    reason: str
    permanent: bool = True
    retry_after: float | None = None
    token: bool = False


REFUSED = Meaning("refused")
TABLE: Mapping[int, Meaning] = {
    -1: Meaning("busy", permanent=False, retry_after=5),
    40001: Meaning("bad_secret", token=True),
    40014: Meaning("token", permanent=False, token=True),
    41001: Meaning("token", permanent=False, token=True),
    42001: Meaning("token", permanent=False, token=True),
    40013: Meaning("bad_corp"),
    40056: Meaning("bad_agent"),
    301002: Meaning("bad_agent"),
    40003: Meaning("invalid_user"),
    60111: Meaning("invalid_user"),
    81013: Meaning("invalid_user"),
    82001: Meaning("invalid_user"),
    46004: Meaning("invalid_user"),
    40007: Meaning("expired"),
    40029: Meaning("bad_code"),
    44004: Meaning("empty"),
    45002: Meaning("too_long"),
    45009: Meaning("rate", permanent=False, retry_after=60),
    45033: Meaning("rate", permanent=False, retry_after=5),
    46003: Meaning("no_menu"),
    48002: Meaning("no_permission"),
    60011: Meaning("no_permission"),
    60020: Meaning("ip_not_allowed", permanent=False, retry_after=300),  # an admin adds the new address, and what waited still goes out
    830002: Meaning("too_large"),
}
FETCH_REASONS = {"expired": "expired", "too_large": "too_large"}


class ApiError(Exception):
    """An errcode other than 0. The text holds neither token nor body; `ip` is ours as WeCom saw it, where it said so."""

    def __init__(self, code: int, ip: str = "") -> None:
        self.code = code
        self.meaning = TABLE.get(code, REFUSED)
        self.ip = ip
        super().__init__(f"errcode {code} ({self.meaning.reason})")

    def as_delivery(self) -> DeliveryError:
        meaning = self.meaning
        reason = meaning.reason if self.code in TABLE else f"refused_{self.code}"
        return DeliveryError(reason, permanent=meaning.permanent, retry_after=meaning.retry_after)

    def as_fetch(self) -> FetchError:
        reason = FETCH_REASONS.get(self.meaning.reason, "refused" if self.meaning.permanent else "unavailable")
        return FetchError(reason, permanent=self.meaning.permanent)
