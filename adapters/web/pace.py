"""How often a public link may be used: sliding windows in memory, a bounded number of links."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta

LINKS = 10_000  # the longest unused is forgotten


class Pace:
    """At most `most` events of a key within `seconds`."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._window = timedelta(seconds=seconds)
        self._seen: OrderedDict[str, deque[datetime]] = OrderedDict()

    def admits(self, key: str, now: datetime) -> bool:
        """Count one event; False, and nothing counted, where there were too many."""
        seen = self._seen.setdefault(key, deque())
        self._seen.move_to_end(key)
        while seen and seen[0] <= now - self._window:
            seen.popleft()
        if len(self._seen) > LINKS:
            self._seen.popitem(last=False)
        if len(seen) >= self._most:
            return False
        seen.append(now)
        return True
