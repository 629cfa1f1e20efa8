"""With what: the device that a source carries, held against those on file."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bot.evidence.codes import Code
from bot.model import Device, Platform, Reason

DeviceMode: TypeAlias = Literal["required", "when_carried", "recorded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceMatch:
    """`ok` passes, `waiting` waits for the director, `refused` is another device, `absent` is none where one is required."""

    state: Literal["ok", "refused", "waiting", "absent"]
    reasons: tuple[Reason, ...]


def match(device: str | None, bindings: Iterable[Device], platform: Platform, mode: DeviceMode) -> DeviceMatch:
    """Judge a device id (None or "": the source carries none) against a person's bindings on this platform."""
    states = {binding.device: binding.state for binding in bindings if binding.platform == platform}
    if not device:
        return _match("absent", Code.DEVICE_ABSENT) if mode == "required" else _match("ok", Code.DEVICE_NONE)
    if mode == "recorded":
        return _match("ok", Code.DEVICE_RECORDED)
    return _known(states.get(device), anyone_active="active" in states.values())


def _known(state: str | None, *, anyone_active: bool) -> DeviceMatch:
    """A device asked for (pending) waits even beside an active one: that is how a new phone comes in."""
    match state:
        case "active":
            return _match("ok", Code.DEVICE_MATCH)
        case "pending":
            return _match("waiting", Code.DEVICE_UNKNOWN)
        case "rejected":
            return _match("refused", Code.DEVICE_REJECTED)
        case _ if anyone_active:
            return _match("refused", Code.DEVICE_MISMATCH)
        case _:
            return _match("waiting", Code.DEVICE_UNKNOWN)


def _match(state: Literal["ok", "refused", "waiting", "absent"], code: Code) -> DeviceMatch:
    return DeviceMatch(state=state, reasons=(Reason(code=code),))
