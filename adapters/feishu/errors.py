"""The platform's error codes and what each means for a message or a file."""

from enum import StrEnum

from bot.errors import DeliveryError, FetchError


class Outcome(StrEnum):
    """What to do about an answer."""

    RETRY = "retry"
    REFRESH = "refresh"  # with a new token, once
    PERMANENT = "permanent"
    SHORTEN = "shorten"  # and send again, once
    MASK = "mask"
    UNMENTION = "unmention"


QUOTA_REST = 3600.0  # seconds; the month's API quota does not come back by asking
FREQUENCY_REST = 1.0

CODES: dict[int, tuple[Outcome, str]] = {
    99991400: (Outcome.RETRY, "rate_limited"),
    99991403: (Outcome.RETRY, "quota_used_up"),
    230020: (Outcome.RETRY, "rate_limited"),
    11232: (Outcome.RETRY, "rate_limited"),
    11233: (Outcome.RETRY, "rate_limited"),
    11247: (Outcome.RETRY, "rate_limited"),
    2200: (Outcome.RETRY, "platform_error"),
    230049: (Outcome.RETRY, "being_sent"),
    234019: (Outcome.RETRY, "platform_error"),
    99991661: (Outcome.REFRESH, "token"),
    99991663: (Outcome.REFRESH, "token"),
    99991665: (Outcome.REFRESH, "token"),
    99991671: (Outcome.REFRESH, "token"),
    230001: (Outcome.PERMANENT, "bad_request"),
    9499: (Outcome.PERMANENT, "bad_request"),
    230002: (Outcome.PERMANENT, "not_in_group"),
    230006: (Outcome.PERMANENT, "robot_off"),
    230011: (Outcome.PERMANENT, "recalled"),
    230013: (Outcome.PERMANENT, "out_of_scope"),
    230018: (Outcome.PERMANENT, "group_forbids"),
    230022: (Outcome.PERMANENT, "sensitive"),
    230027: (Outcome.PERMANENT, "no_permission"),
    230029: (Outcome.PERMANENT, "resigned"),
    230031: (Outcome.PERMANENT, "too_old"),
    230034: (Outcome.PERMANENT, "bad_receiver"),
    230035: (Outcome.PERMANENT, "blocked"),
    230053: (Outcome.PERMANENT, "opted_out"),
    230099: (Outcome.PERMANENT, "bad_card"),
    230110: (Outcome.PERMANENT, "deleted"),
    232009: (Outcome.PERMANENT, "group_dissolved"),
    99991672: (Outcome.PERMANENT, "no_permission"),
    230025: (Outcome.SHORTEN, "too_long"),
    19036: (Outcome.SHORTEN, "too_long"),
    230028: (Outcome.MASK, "leak_rule"),
}
INVALID_MENTION = "100290"  # inside 230099: one wrong @ fails the whole card
FILES: dict[int, str] = {
    234003: "missing",
    234040: "missing",
    230110: "missing",
    230011: "missing",
    234001: "missing",
    234002: "refused",
    234004: "refused",
    234009: "refused",
    234038: "refused",
    234041: "refused",
    234043: "refused",
    99991672: "refused",
    230002: "refused",
    234037: "too_large",
}
MAYBE_DONE = frozenset({500, 502, 504})  # HTTP statuses after which the request may have been carried out
UNCHANGEABLE = frozenset({"too_old", "recalled", "deleted"})
UNREADABLE = frozenset({"no_permission", "not_in_group", "robot_off", "bad_request", "group_dissolved"})


class ApiError(Exception):
    """An answer that is no success. `unknown`: it may have been carried out all the same. Names no secret and nobody."""

    def __init__(
        self, reason: str, *, code: int = 0, outcome: Outcome = Outcome.RETRY, retry_after: float | None = None, unknown: bool = False
    ) -> None:
        super().__init__(f"{reason} ({code})" if code else reason)
        self.reason = reason
        self.code = code
        self.outcome = outcome
        self.retry_after = retry_after
        self.unknown = unknown

    def delivery(self) -> DeliveryError:
        """As the outbox understands it."""
        permanent = self.outcome not in {Outcome.RETRY, Outcome.REFRESH}
        return DeliveryError(f"feishu: {self}", permanent=permanent, retry_after=self.retry_after, unknown=self.unknown)

    def fetch(self) -> FetchError:
        """As the vault understands it."""
        reason = FILES.get(self.code, "unavailable")
        return FetchError(reason, permanent=reason != "unavailable")


def of_code(code: int, message: str, reset: str) -> ApiError:
    """Classify an error answer. An unlisted code is tried again: the outbox gives up in the end, with the code as its reason."""
    outcome, reason = CODES.get(code, (Outcome.RETRY, "refused"))
    if code == 230099 and INVALID_MENTION in message:
        outcome, reason = Outcome.UNMENTION, "bad_mention"
    return ApiError(reason, code=code, outcome=outcome, retry_after=_rest(reason, reset), unknown=code in {2200, 230049})


def of_status(status: int, reset: str) -> ApiError:
    """Classify an answer that is not the platform's JSON."""
    if status == 429:
        return ApiError("rate_limited", retry_after=_rest("rate_limited", reset))
    if status < 500 and status != 200:
        return ApiError(f"http_{status}")
    return ApiError(f"http_{status}", unknown=status in MAYBE_DONE or status == 200)


def _rest(reason: str, reset: str) -> float | None:
    if reason == "quota_used_up":
        return QUOTA_REST
    if reason != "rate_limited":
        return None
    return min(float(reset), QUOTA_REST) if reset.isascii() and reset.isdigit() else FREQUENCY_REST
