"""Figures for Prometheus: callbacks counted here, the state of queues and ledger read when asked."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from bot.model import Platform

# Names of `Desk.stats`: FAMILY, or FAMILY.VALUE where the family has a label.
FAMILIES: Mapping[str, tuple[str, str]] = {
    "inbox_depth": ("Messages that are stored and not yet worked", ""),
    "inbox_age_seconds": ("Age of the oldest of them", ""),
    "outbox_depth": ("Messages that are to be sent", ""),
    "outbox_age_seconds": ("Age of the oldest of them", ""),
    "dead_rows": ("Rows given up for good, by queue", "queue"),
    "alerts": ("Incidents by state", "state"),
    "copies_waiting": ("Files without a copy at the backup target", ""),
    "copies_age_seconds": ("Age of the oldest of them", ""),
    "voices_waiting": ("Voices that are to be transcribed", ""),
    "voices_age_seconds": ("Age of the oldest of them", ""),
    "voices_unheard": ("Voices of which no transcript could be made", ""),
    "quota_used": ("Calls to a platform and pushes from it this month", "quota"),
    "quota_limit": ("What the platform allows of them, 0 for no limit", "quota"),
    "quota_forecast": ("What the month comes to if it goes on like this", "quota"),
    "ledger_size": ("Entries in the ledger", ""),
    "ledger_unsealed": ("Entries that no signed checkpoint covers yet", ""),
    "callback_age_seconds": ("Time since a platform last called", "platform"),
}


class Metrics:
    """Counters of this process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._callbacks = Counter(
            "salestrace_callbacks", "Callbacks by platform and outcome", ["platform", "outcome"], registry=self._registry
        )
        self._children: dict[tuple[Platform, str], Counter] = {}

    def callback(self, platform: Platform, outcome: str) -> None:
        """Count one; outcome: stored | repeated | check | forged | too_large | not_stored."""
        child = self._children.get((platform, outcome))
        if child is None:
            child = self._children[platform, outcome] = self._callbacks.labels(platform.value, outcome)
        child.inc()

    def text(self, stats: Mapping[str, float]) -> bytes:
        """Exposition format of the counters and of `stats`."""
        gauges = CollectorRegistry()
        gauges.register(_Gauges(stats))
        return generate_latest(self._registry) + generate_latest(gauges)


class _Gauges:
    """Values that exist only at this moment, in the shape that the registry collects."""

    def __init__(self, stats: Mapping[str, float]) -> None:
        self._stats = stats

    def collect(self) -> Iterator[Metric]:
        by_family: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for name, value in self._stats.items():
            family, _, label = name.partition(".")
            by_family[family].append((label, value))
        for family, values in sorted(by_family.items()):
            yield _family(family, values)


def _family(name: str, values: Iterable[tuple[str, float]]) -> GaugeMetricFamily:
    text, label = FAMILIES.get(name, (name, ""))
    family = GaugeMetricFamily(f"salestrace_{name}", text, labels=[label] if label else None)
    for value_of, value in values:
        family.add_metric([value_of] if label else [], value)
    return family
