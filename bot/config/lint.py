"""Everything in a config that no single value can be blamed for alone: names, references, order, places, promises.

Works on the parsed document, not on the compiled Config, so that one wrong value does not hide the next problem.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, TypeAlias

from bot.config import names, places
from bot.config.doc import Doc
from bot.config.feeds import feeds
from bot.config.grades import grades
from bot.config.lines import Path
from bot.config.words import dotted

Problems: TypeAlias = Iterator[tuple[Path, str]]


def lint(raw: Mapping[str, Any]) -> Problems:
    """Yield (path, what is wrong)."""
    doc = Doc(raw)
    checks = (places.check, names.check, grades, feeds, _evidence, _speech, _direct)
    return chain.from_iterable(check(doc) for check in checks)


def _evidence(doc: Doc) -> Problems:
    for index, stage in doc.tables("stages") if doc.given("stages") else ():
        needs = stage.get("evidence")
        if not isinstance(needs, Mapping) or "any" not in needs:
            continue
        path: Path = ("stages", index, "evidence")
        if len(needs) > 1:
            yield path, f"{dotted(path)}：any（任选其一）不能和具体数量一起写"
        elif needs["any"] in ([], ()):
            yield (*path, "any"), f"{dotted(path)}：any 至少要有一种证据"


def _speech(doc: Doc) -> Problems:
    """An engine without its folders would only be found out by the first voice."""
    engine = doc.text("speech", "engine")
    wanted = {"funasr": ("model", "vad"), "faster-whisper": ("model",)}.get(engine, ())
    for name in wanted:
        if not doc.text("speech", name):
            yield ("speech",), f"speech.{name}：{engine} 需要写明模型所在的文件夹，可以用 python -m bot models fetch 下载"


def _direct(doc: Doc) -> Problems:
    """The kit that holds the long connection goes through no proxy."""
    if doc.text("feishu", "mode") == "websocket" and doc.text("feishu", "proxy"):
        yield ("feishu", "proxy"), 'feishu.proxy：长连接不经过代理，请去掉 proxy，或用 mode = "webhook"'
