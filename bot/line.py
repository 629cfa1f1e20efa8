"""What the corridor passes through, put together once by the composition root."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.case import Handlers
from bot.config.schema import Config
from bot.inbox import Inbox
from bot.meter import Meter
from bot.model import Platform
from bot.ports import Adapter, Clock, Inspector, Outlet, PhotoCopies, Wake
from bot.store.database import Database
from bot.store.trend import Trend
from bot.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Everything the corridor passes through, put together once by the composition root."""

    database: Database
    inbox: Inbox
    vault: Vault
    adapters: Mapping[Platform, Adapter]
    robots: Mapping[Platform, Outlet]
    handlers: Handlers
    inspector: Inspector
    config: Callable[[], Config]
    copies: PhotoCopies
    clock: Clock
    wake: Wake
    meter: Meter = field(default_factory=Meter)
    trend: Trend = field(default_factory=Trend)  # months that are over, for the board in chat
