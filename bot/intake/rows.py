"""Checked rows of master data (contract: imported columns)."""

from dataclasses import dataclass, field
from typing import TypeAlias

from bot.model import Datum


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """Somebody of the company; platform user ids and the filed device may be empty."""

    id: str
    name: str
    roles: tuple[str, ...]
    region: str = ""
    wecom: str = ""
    dingtalk: str = ""
    feishu: str = ""
    device: str = ""
    active: bool = True
    phone: str = field(default="", repr=False)  # never stored: accounts are found by it


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRow:
    """A customer with its registered place; `fen`: annual purchase. Without coordinates it has no place yet."""

    id: str
    name: str
    fen: int
    owner: str
    address: str = ""
    lat: float | None = None
    lng: float | None = None
    datum: Datum | None = None
    aliases: tuple[str, ...] = ()
    industry: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow:
    """A further place of a customer; `radius_m` overrides presence.radius_m."""

    customer: str
    name: str
    lat: float
    lng: float
    datum: Datum
    radius_m: int | None = None

    @property
    def id(self) -> str:
        return f"{self.customer}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """A person at a customer; `role`: initiator | influencer | decider | ""."""

    customer: str
    name: str
    title: str = ""
    role: str = ""
    phone: str = ""

    @property
    def id(self) -> str:
        return f"{self.customer}/{self.name}"


Row: TypeAlias = PersonRow | CustomerRow | SiteRow | ContactRow
