"""Counting what platforms allow only so often a month. On the way a count is an addition; it is written down by rounds."""

from collections import Counter
from datetime import datetime, timedelta

from bot.config.schema import Config
from bot.measures.quota import Quota, forecast, month_of
from bot.model import Kind, Platform
from bot.store import settings, usage
from bot.store.database import Database

DAY = timedelta(days=1)
CALLS, PUSHES, REFUSED = "calls", "pushes", "refused"


class Meter:
    """Of one process. `short`: platforms of whose calls little is left, `closed`: that said there is none, as of the last round."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._kinds: dict[str, datetime] = {}
        self._noted: dict[str, datetime] = {}
        self._reopened: set[Platform] = set()
        self.short: frozenset[Platform] = frozenset()
        self.closed: frozenset[Platform] = frozenset()

    def count(self, platform: Platform, what: str) -> None:
        self._counts[platform.value, what] += 1

    def went(self, platform: Platform) -> None:
        """A message got out: somebody bought more, if there was no more."""
        if platform in self.closed:
            self._reopened.add(platform)

    def came(self, platform: Platform, kind: Kind, at: datetime) -> None:
        """Remember that this kind comes at all: an event that nobody subscribed to never does."""
        name = f"{platform.value}.{kind.value}"
        if at - self._noted.get(name, at - DAY) >= DAY:
            self._noted[name] = self._kinds[name] = at

    async def flush(self, database: Database, config: Config, now: datetime) -> None:
        """Add what was counted since the last time. What could not be written is kept for the next."""
        counts, self._counts = self._counts, Counter()
        reopened, self._reopened = self._reopened, set()
        try:
            await usage.add(database, month_of(now, config.zone), counts)
        except Exception:
            self._counts.update(counts)
            self._reopened |= reopened
            raise
        for platform in reopened:
            if not counts[platform.value, REFUSED]:
                await usage.forget(month_of(now, config.zone), platform.value, REFUSED)
        for name, at in list(self._kinds.items()):
            await settings.put(f"kind.{name}", at.isoformat(), at)
            if self._kinds.get(name) == at:
                del self._kinds[name]  # only once it is written
        found = await quotas(config, now)
        self.closed = frozenset(Platform(one.platform) for one in found if one.refused)
        self.short = frozenset(Platform(one.platform) for one in found if one.what == CALLS and one.short)


async def quotas(config: Config, now: datetime) -> list[Quota]:
    """The month so far, of the platforms that are on."""
    used = await usage.of_month(month_of(now, config.zone))
    limits = {(Platform.WECOM, CALLS): 0}
    if config.feishu:
        limits[Platform.FEISHU, CALLS] = config.feishu.calls_per_month
    if config.dingtalk:
        limits[Platform.DINGTALK, CALLS] = config.dingtalk.calls_per_month
        limits[Platform.DINGTALK, PUSHES] = config.dingtalk.pushes_per_month
    if not config.wecom:
        del limits[Platform.WECOM, CALLS]
    return [
        Quota(
            platform=platform.value,
            what=what,
            used=used.get((platform.value, what), 0),
            limit=limit,
            forecast=forecast(used.get((platform.value, what), 0), now, config.zone),
            refused=what == CALLS and bool(used.get((platform.value, REFUSED))),
        )
        for (platform, what), limit in limits.items()
    ]
