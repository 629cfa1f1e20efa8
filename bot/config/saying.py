"""What differs between two configs, in the words of whoever runs the business: `不活跃提醒 72 小时 → 48 小时`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from bot.config.diff import RESTART
from bot.config.schema import Config, Escalation
from bot.config.terms import CHOICES, FIELDS, KINDS, LISTS, PLAIN, TABLES, UNITS

LONGEST = 60  # characters of one value


def said(old: Config, new: Config) -> list[str]:
    """One line a difference, in the order of the file. Equal configs have none, however differently they are written."""
    return [line for name in Config.model_fields for line in _top(name, old, new)]


def _top(name: str, old: Config, new: Config) -> Iterator[str]:
    before, after, told = getattr(old, name), getattr(new, name), _Told(old, new)
    if before == after:
        return
    later = "（重启后生效）" if name in RESTART else ""
    title = TABLES.get(name, name)
    if name in LISTS:
        yield from told.listed(name, before, after)
    elif before is None or after is None:
        yield f"{'启用' if before is None else '停用'}{title}{later}"
    elif isinstance(before, BaseModel):
        yield from (f"{line}{later}" for line in told.fields(title, before, after))
    else:
        yield f"{title} {told.value(name, before)} → {told.value(name, after)}"


class _Told:
    """Both configs, for the names behind ids."""

    def __init__(self, old: Config, new: Config) -> None:
        self._names = {one.id: one.name for config in (old, new) for some in (config.stages, config.action_kinds) for one in some}
        self._names |= {one.id: one.name for config in (old, new) for some in (config.scenes, config.regions) for one in some}
        self._several = {kind for kind in KINDS for config in (old, new) if sum(rule.kind == kind for rule in config.rules) > 1}

    def listed(self, name: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[str]:
        """Tables of a list are the same by their id, wherever they stand."""
        key = "name" if name == "timestamps" else "id"
        old, new = ({getattr(one, key): one for one in some} for some in (before, after))
        for id_, one in old.items():
            if id_ not in new:
                yield f"删除{self._title(name, one)}"
        for id_, one in new.items():
            if id_ not in old:
                yield f"新增{self._title(name, one)}：{self._whole(one)}"
            elif type(one) is not type(old[id_]):
                yield f"{self._title(name, old[id_])} 换成 {self._title(name, one)}：{self._whole(one)}"
            else:
                yield from self.fields(self._title(name, one), old[id_], one)
        kept = [id_ for id_ in old if id_ in new]
        if kept != [id_ for id_ in new if id_ in old]:
            order = "、".join(str(getattr(one, "name", id_)) for id_, one in new.items())
            yield f"{TABLES[name]}的顺序变为：{order}"

    def fields(self, title: str, before: BaseModel, after: BaseModel) -> Iterator[str]:
        """A line a field; what names a rule's threshold goes without its label."""
        for name in type(after).model_fields:
            old, new = getattr(before, name), getattr(after, name)
            if old == new:
                continue
            if isinstance(old, BaseModel) and isinstance(new, BaseModel):
                yield from self.fields(f"{title} {FIELDS.get(name, name)}", old, new)
                continue
            label = "" if getattr(after, "kind", None) in KINDS and name in PLAIN else f" {FIELDS.get(name, name)}"
            yield f"{title}{label} {self.value(name, old)} → {self.value(name, new)}"

    def value(self, name: str, value: Any) -> str:
        """A value with its unit, ids as names, choices in words."""
        text = self._value(name, value)
        return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"

    def _value(self, name: str, value: Any) -> str:
        if isinstance(value, bool):
            return "是" if value else "否"
        if value is None or value in ("", (), {}):
            return "（无）"
        if isinstance(value, Escalation):
            return f"{value.hours:g} 小时没有人处理就告知{CHOICES['to'][value.to]}"
        if isinstance(value, BaseModel):
            return self._whole(value)
        if isinstance(value, tuple):
            return "、".join(self._value(name, one) for one in value)
        if isinstance(value, Mapping):
            return "、".join(f"{self._names.get(key, key)} {self._value('', one)}" for key, one in value.items())
        if isinstance(value, int | float):
            return f"{value:.0%}" if name == "share" else f"{value:g}{UNITS.get(name, '')}"
        return CHOICES.get(name, {}).get(str(value)) or self._names.get(str(value)) or str(value)

    def _title(self, name: str, one: Any) -> str:
        if name == "rules":
            return KINDS[one.kind] + (
                f"（{getattr(one, 'name', '') or one.id}）" if one.kind in self._several or hasattr(one, "name") else ""
            )
        return f"{TABLES[name]}「{getattr(one, 'name', one.id)}」"

    def _whole(self, one: BaseModel) -> str:
        """What a table says, without its id and what it leaves empty."""
        plain = getattr(one, "kind", None) in KINDS
        told = [(name, field, getattr(one, name)) for name, field in type(one).model_fields.items() if name not in ("id", "kind", "name")]
        said_anyway = PLAIN | {"tell"} if plain else frozenset[str]()
        given = [(name, value) for name, field, value in told if name in said_anyway or value != field.default]
        return "，".join(
            self._value(name, value) if plain and name in PLAIN else f"{FIELDS.get(name, name)} {self._value(name, value)}"
            for name, value in given
        )
