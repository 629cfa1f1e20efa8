"""Places where the fault suite kills this process. Inert unless SALESTRACE_FAILPOINT names one (`name` or `name:3` for the third time)."""

import os
import signal
from itertools import count

NAMES = (
    "inbox.before_commit",
    "inbox.after_commit",
    "step.before_commit",
    "step.after_commit",
    "media.before_vault",
    "media.after_vault",
    "seal.before_commit",
    "seal.after_commit",
    "seal.remembered",
    "send.before",
    "send.after",
    "send.marked",
)
_name, _, _times = os.environ.get("SALESTRACE_FAILPOINT", "").partition(":")
_reached = count(1)


def reach(name: str) -> None:
    """Die here, as a power cut would, if this is the armed place and the armed time."""
    if name == _name and next(_reached) == int(_times or 1):
        os.kill(os.getpid(), signal.SIGKILL)
