"""Ids and words: each means one thing, and what is referred to exists."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from bot.config.doc import Doc, texts
from bot.config.lines import Path
from bot.config.words import dotted, shown, suggestion

Problems: TypeAlias = Iterator[tuple[Path, str]]
LISTS = ("regions", "stages", "action_kinds", "grades", "scenes", "rules")
# Words that are commands by themselves (contract, "What a rep types or taps"): a stage of that name could never be chosen.
COMMANDS = set(
    "开始拜访 结束拜访 加人 说明 今日 撤回 帮助 我的数据 撤回同意 覆盖率 漏斗 红灯 看板 出证 核验 沉默客户 预测偏差 试点 决策链 "
    "导出全部 备份状态 场景 提交 改文字 名片".split()
)


def check(doc: Doc) -> Problems:
    """Yield every name that is doubled, missing or points nowhere."""
    for name in LISTS:
        yield from _duplicates(doc, name)
        yield from _empty(doc, name)
    yield from _regions(doc)
    yield from _words(doc)
    yield from _titles(doc)
    yield from _references(doc)


def plain(word: str) -> str:
    """A word as it is compared: width, case and spaces do not tell two apart."""
    return "".join(unicodedata.normalize("NFKC", word).casefold().split())


def _duplicates(doc: Doc, name: str) -> Problems:
    seen: dict[str, int] = {}
    for index, item in doc.tables(name):
        id_ = item.get("id")
        if isinstance(id_, str) and seen.setdefault(id_, index) != index:
            yield (name, index, "id"), f"{dotted((name, index, 'id'))}：编号 {id_} 已经用过，见第 {seen[id_] + 1} 个"


def _empty(doc: Doc, name: str) -> Problems:
    if name in {"stages", "grades"} and doc.given(name) and doc.raw[name] == []:
        yield (name,), f"{name}：至少要有一个；要用默认的，请删去这一行"
    for index, item in doc.tables(name):
        if isinstance(item.get("name"), str) and not plain(item["name"]):
            yield (name, index, "name"), f"{dotted((name, index, 'name'))}：不能为空"


def _regions(doc: Doc) -> Problems:
    """Imports name a region by id or name, so neither may mean two."""
    seen: dict[str, int] = {}
    for index, item in doc.tables("regions"):
        for key in ("id", "name"):
            word = item.get(key)
            if not isinstance(word, str) or not plain(word) or seen.setdefault(plain(word), index) == index:
                continue
            if key == "name" or not any(other.get("id") == word for _, other in doc.tables("regions")):
                yield ("regions", index, key), f"{dotted(('regions', index, key))}：{shown(word)} 与第 {seen[plain(word)] + 1} 个大区重名"


def _spoken(doc: Doc) -> Iterator[tuple[Path, str, str]]:
    """Every word that a rep may type to choose something: where it stands, the word, and the stage it leads to (or itself)."""
    for index, stage in doc.tables("stages"):
        owner = str(stage.get("id"))
        for key in ("id", "name"):
            if isinstance(stage.get(key), str):
                yield ("stages", index, key), stage[key], owner
        for place, alias in texts(stage.get("aliases")):
            yield ("stages", index, "aliases", place), alias, owner
    for index, kind in doc.tables("action_kinds"):
        if isinstance(kind.get("name"), str):  # a kind may be called as its own stage is: naming it means both
            yield ("action_kinds", index, "name"), kind["name"], str(kind.get("stage"))
    for index, scene in doc.tables("scenes"):
        if isinstance(scene.get("name"), str):
            yield ("scenes", index, "name"), scene["name"], f"scenes[{index + 1}]"


def _words(doc: Doc) -> Problems:
    seen: dict[str, tuple[str, Path]] = {}
    kinds: dict[str, int] = {}
    for path, word, owner in _spoken(doc):
        if not plain(word):
            if "aliases" in path:
                yield path, f"{dotted(path)}：别名不能为空"
            continue
        means, where = seen.setdefault(plain(word), (owner, path))
        if word in COMMANDS:
            yield path, f"{dotted(path)}：{shown(word)} 是机器人的命令，不能用作名称或别名"
        elif means != owner:
            blamed = path if doc.given(str(path[0])) else where  # a default word is not the one to change
            yield blamed, f"{dotted(path)}：{shown(word)} 已经指 {means}，一个词只能有一个意思"
        elif path[0] == "action_kinds" and kinds.setdefault(plain(word), int(path[1])) != path[1]:
            yield path, f"{dotted(path)}：{shown(word)} 与第 {kinds[plain(word)] + 1} 个标准动作重名"


def _titles(doc: Doc) -> Problems:
    keywords = doc.raw.get("keywords")
    titles = keywords.get("titles") if isinstance(keywords, Mapping) else None
    seen: dict[str, str] = {}
    for title, aliases in titles.items() if isinstance(titles, Mapping) else ():
        for place, alias in [(-1, title), *texts(aliases)]:
            if seen.setdefault(plain(alias), title) != title:
                path: Path = ("keywords", "titles", title, place) if place >= 0 else ("keywords", "titles", title)
                yield path, f"keywords.titles：{shown(alias)} 已经指 {seen[plain(alias)]}"


def _references(doc: Doc) -> Problems:
    stages, kinds = doc.ids("stages"), doc.ids("action_kinds")
    for index, kind in doc.tables("action_kinds"):
        yield from _exists(doc, ("action_kinds", index, "stage"), kind.get("stage"), "stages", stages)
    for index, rule in doc.tables("rules"):
        if "stage" in rule or rule.get("kind") in {"excess", "short_dwell", "document", "phrases", "stale_stage"}:
            default = {"short_dwell": "demo", "phrases": "demo", "stale_stage": "sign"}.get(str(rule.get("kind")), "need")
            yield from _exists(doc, ("rules", index, "stage"), rule.get("stage", default), "stages", stages)
        if isinstance(rule.get("when"), Mapping):
            yield from _seen(doc, ("rules", index, "when"), rule["when"])
    keywords = doc.raw.get("keywords")
    for place, stage in texts(keywords.get("titles_in")) if isinstance(keywords, Mapping) else ():
        yield from _exists(doc, ("keywords", "titles_in", place), stage, "stages", stages)
    for index, grade in doc.tables("grades"):
        quota = grade.get("quota")
        for kind_id in quota if isinstance(quota, Mapping) else ():
            yield from _exists(doc, ("grades", index, "quota", kind_id), kind_id, "action_kinds", kinds)


def _seen(doc: Doc, path: Path, when: Mapping[str, Any]) -> Problems:
    """What starts an obligation: exactly one thing, and it exists."""
    named = [name for name in ("scene", "keyword", "stage") if when.get(name)]
    if len(named) != 1:
        yield path, f"{dotted(path)}：scene、keyword、stage 要写一个，也只写一个"
    for name, target in (("scene", "scenes"), ("stage", "stages")):
        if when.get(name):
            yield from _exists(doc, (*path, name), when[name], target, doc.ids(target))


def _exists(doc: Doc, path: Path, id_: Any, target: str, known: list[str]) -> Problems:
    if not isinstance(id_, str) or id_ in known:
        return
    what = {"stages": "阶段", "scenes": "场景"}.get(target, "标准动作")
    if doc.given(str(path[0])):
        yield path, f"{dotted(path)}：没有编号为 {id_} 的{what}{suggestion(id_, known)}"
    else:
        yield (target,), f"{target}：默认的 {dotted(path)} 要用{what} {id_}，这里没有；请保留它，或同时写出 {path[0]}"
