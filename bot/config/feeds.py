"""What the config says of imports and figures, beyond the shape of each value."""

from collections.abc import Iterator, Mapping

from bot.config.doc import Doc
from bot.config.lines import Path
from bot.config.words import dotted, suggestion
from bot.intake.columns import COLUMNS
from bot.intake.feeds import FEEDS

KINDS: Mapping[str, frozenset[str]] = {**COLUMNS, **{kind: frozenset(feed.columns) for kind, feed in FEEDS.items()}}


def feeds(doc: Doc) -> Iterator[tuple[Path, str]]:
    """Yield mappings of kinds and columns that there are not, and weights of stages that there are not."""
    mapped = doc.raw.get("columns")
    for kind, headers in mapped.items() if isinstance(mapped, Mapping) else ():
        if kind not in KINDS:
            yield ("columns", kind), f"columns.{kind}：没有这种导入{suggestion(kind, KINDS)}；可用：{'、'.join(KINDS)}"
        elif isinstance(headers, Mapping):
            yield from _columns(kind, headers)
    yield from _weights(doc)


def _columns(kind: str, headers: Mapping[str, object]) -> Iterator[tuple[Path, str]]:
    seen: dict[str, str] = {}
    for header, column in headers.items():
        path: Path = ("columns", kind, header)
        if not isinstance(column, str) or not column:
            continue
        if column not in KINDS[kind]:
            yield path, f"{dotted(path)}：没有列 {column}{suggestion(column, KINDS[kind])}；可用：{'、'.join(sorted(KINDS[kind]))}"
        elif seen.setdefault(column, header) != header:
            yield path, f"{dotted(path)}：{seen[column]} 已经对应 {column}"


def _weights(doc: Doc) -> Iterator[tuple[Path, str]]:
    table = doc.raw.get("forecast")
    stages = table.get("stage") if isinstance(table, Mapping) else None
    for stage in stages if isinstance(stages, Mapping) else ():
        if stage not in doc.ids("stages"):
            yield ("forecast", "stage", stage), f"forecast.stage：没有阶段 {stage}{suggestion(stage, doc.ids('stages'))}"
