"""Errors that mean something to a caller.

SalesTraceError
├── ConfigError       the config file, or a secret, cannot be used; `problems` lists every one with its line
├── Forged            a callback that did not come from the platform, or not now, or not to us: answer 403, store nothing
├── Refusal           a handler's no: `code` and values for a reply template; nothing is lost, nothing is counted
├── DeliveryError     a message could not be sent; `permanent` ends it, otherwise it is tried again
│   └── OutOfReach    a message that was sent can no longer be changed; nobody has to do anything about it
├── FetchError        a platform's file or record could not be read; `permanent` means it never will be
├── BackupError       the backup target could not be written or read; `altered` when what lies there is not what was put there
├── StoreError        the database did not take what had to be durable: do not ack
└── Broken            verify found something that is not as it was recorded
"""

from collections.abc import Mapping
from typing import Any


class SalesTraceError(Exception):
    """Root of the product's own errors."""


class ConfigError(SalesTraceError):
    """`problems`: lines of the form `FILE:LINE: message`, in Chinese."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Forged(SalesTraceError):
    """Wrong signature, receiver, freshness or shape. `reason` is a short code for the log; never the body."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Refusal(SalesTraceError):
    """Put into words by `templates/reply/refuse_<code>.txt.j2`."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.values: Mapping[str, Any] = values


class DeliveryError(SalesTraceError):
    """`retry_after` in seconds when the platform named it; `unknown` when the message may have arrived all the same."""

    def __init__(self, reason: str, *, permanent: bool = False, retry_after: float | None = None, unknown: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.retry_after = retry_after
        self.unknown = unknown


class OutOfReach(DeliveryError):
    """The platform lets nobody change that message any more: too old, taken back, or its one update is used up."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, permanent=True)


class FetchError(SalesTraceError):
    """`reason` is a code: expired, missing, refused, too_large, unavailable."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent


class BackupError(SalesTraceError):
    """`reason` is a short word for log and doctor; never an address."""

    def __init__(self, reason: str, *, altered: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.altered = altered


class StoreError(SalesTraceError):
    """Nothing was acked; the platform will deliver again."""


class Broken(SalesTraceError):
    """`items`: names of what is broken, one line each."""

    def __init__(self, items: list[str]) -> None:
        super().__init__(f"{len(items)} broken")
        self.items = items
