"""The JSON of a card template → Card. A list may end with `null`, so that every line of it can end with a comma."""

import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.ports import Button, Card


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Button(_Table):
    label: str = Field(min_length=1)
    op: str = ""
    arg: str = ""
    url: str = ""
    style: Literal["default", "primary", "danger"] = "default"

    @model_validator(mode="after")
    def _does_something(self) -> "_Button":
        if bool(self.op) == bool(self.url):
            raise ValueError("a button either calls back or opens a page")
        return self


class _Card(_Table):
    title: str = Field(min_length=1)
    tone: Literal["blue", "red", "yellow", "green", "grey"] = "blue"
    tag: str = ""
    text: str = ""
    facts: list[tuple[str, str] | tuple[str, str, str]] = []  # label, value, the page behind it
    buttons: list[_Button] = []
    footer: str = ""
    done: str = ""
    live: bool = False
    aside: str = ""


def card_of(rendered: str) -> Card:
    """Facts without a value are left out. Raises ValueError (json's and pydantic's errors are ones)."""
    content = {name: _ended(value) for name, value in json.loads(rendered, object_pairs_hook=_once).items()}
    body = _Card.model_validate_json(json.dumps(content))
    facts = [(label, value, url) for label, value, url in (tuple([*fact, ""][:3]) for fact in body.facts) if value]
    return Card(
        title=body.title,
        tone=body.tone,
        tag=body.tag,
        text=body.text,
        facts=tuple((label, value) for label, value, _ in facts),
        links=tuple(url for *_, url in facts) if any(url for *_, url in facts) else (),
        buttons=tuple(Button(**button.model_dump()) for button in body.buttons),
        footer=body.footer,
        done=body.done,
        live=body.live,
        aside=body.aside,
    )


def _ended(value: Any) -> Any:
    return value[:-1] if isinstance(value, list) and value and value[-1] is None else value


def _once(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    """Raises ValueError on a name that comes twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name twice")
    return found
