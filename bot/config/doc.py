"""A parsed TOML document, read without trusting its shape; what it leaves out has its default."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from bot.config.schema import Config


@cache
def _defaults() -> Mapping[str, Any]:
    return Config().model_dump(exclude_none=True)


class Doc:
    """Values of the wrong type are passed over here: pydantic reports them."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw

    def given(self, name: str) -> bool:
        """Whether the file says anything about this."""
        return name in self.raw

    def tables(self, name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """The tables of a list with their places in it, the default ones if the file gives none."""
        items = self.raw.get(name, _defaults().get(name))
        for index, item in enumerate(items if isinstance(items, list | tuple) else ()):
            if isinstance(item, Mapping):
                yield index, item

    def text(self, *path: str) -> str:
        """A text that the file gives, else an empty one."""
        value: Any = self.raw
        for part in path:
            value = value.get(part) if isinstance(value, Mapping) else None
        return value if isinstance(value, str) else ""

    def ids(self, name: str) -> list[str]:
        """The ids of a list of tables."""
        return [item["id"] for _, item in self.tables(name) if isinstance(item.get("id"), str)]


def texts(value: Any) -> Iterator[tuple[int, str]]:
    """The texts of a list with their places."""
    for index, item in enumerate(value if isinstance(value, list | tuple) else ()):
        if isinstance(item, str):
            yield index, item
