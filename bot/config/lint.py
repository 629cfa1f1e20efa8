"""Everything in a config that no single value can be blamed for alone: names, references, order, places, promises.

Works on the parsed document, not on the compiled Config, so that one wrong value does not hide the next problem.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import time
from itertools import chain
from typing import Any, TypeAlias

from bot.config import names, places
from bot.config.doc import Doc
from bot.config.feeds import feeds
from bot.config.grades import grades
from bot.config.lines import Path
from bot.config.words import TAGS, dotted

Problems: TypeAlias = Iterator[tuple[Path, str]]
QUIET = re.compile(r"\d\d:\d\d-\d\d:\d\d")


def lint(raw: Mapping[str, Any]) -> Problems:
    """Yield (path, what is wrong)."""
    doc = Doc(raw)
    checks = (places.check, names.check, grades, feeds, _evidence, _speech, _direct, _telling)
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


def _telling(doc: Doc) -> Problems:
    """Hours in which nobody is told, and whom an escalation reaches."""
    for index, rule in doc.tables("rules") if doc.given("rules") else ():
        path: Path = ("rules", index)
        hours = rule.get("quiet_hours")
        if isinstance(hours, str) and QUIET.fullmatch(hours) and (problem := _quiet(*hours.split("-"))):
            yield (*path, "quiet_hours"), f"{dotted((*path, 'quiet_hours'))}：{problem}"
        escalate, tell = rule.get("escalate"), rule.get("tell", _tell_of(rule.get("kind")))
        to = escalate.get("to", "region") if isinstance(escalate, Mapping) else None
        if to and isinstance(tell, list | tuple) and to in tell:
            yield (*path, "escalate"), f"{dotted((*path, 'escalate'))}：{to} 已经在 tell 里，一开始就会知道"


def _quiet(begins: str, ends: str) -> str:
    try:
        same = time.fromisoformat(begins) == time.fromisoformat(ends)
    except ValueError:
        return f"没有这样的时刻：{begins}-{ends}"
    return "开始和结束相同，等于全天不告知" if same else ""


def _tell_of(kind: object) -> tuple[str, ...]:
    model = TAGS.get(str(kind))
    return tuple(model.model_fields["tell"].default) if model else ()
