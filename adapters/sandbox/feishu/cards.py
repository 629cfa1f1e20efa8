"""Checks a card against JSON 2.0 the way the platform does: what 1.0 ignored is an error here."""

import re
from collections.abc import Callable, Collection
from typing import Any

MAX_ELEMENTS = 200
MAX_BYTES = 30 * 1024

TEMPLATES = frozenset("blue wathet turquoise green yellow orange red carmine violet purple indigo grey default".split())
TAG_COLOURS = frozenset("neutral blue turquoise lime orange violet indigo wathet green yellow red purple carmine".split())
BUTTONS = frozenset("default primary danger text primary_text danger_text primary_filled danger_filled laser".split())
PLACED = frozenset({"tag", "element_id", "margin"})

PROPERTIES: dict[str, frozenset[str]] = {
    "markdown": PLACED | {"content", "text_size", "text_align", "icon"},
    "div": PLACED | {"text", "icon", "width"},
    "hr": PLACED,
    "column_set": PLACED | {"horizontal_spacing", "horizontal_align", "flex_mode", "background_style", "action", "columns"},
    "column": PLACED
    | {"background_style", "width", "weight", "horizontal_spacing", "horizontal_align", "vertical_align", "vertical_spacing"}
    | {"direction", "padding", "elements", "action"},
    "button": PLACED
    | {"type", "size", "width", "text", "icon", "hover_tips", "disabled", "disabled_tips", "confirm", "behaviors", "name"}
    | {"form_action_type"},
    "form": PLACED | {"name", "elements", "direction", "padding", "vertical_spacing", "horizontal_spacing"},
    "select_static": PLACED | {"type", "name", "required", "disabled", "placeholder", "initial_option", "options", "width", "behaviors"},
    "input": PLACED
    | {"name", "required", "placeholder", "default_value", "max_length", "input_type", "rows", "width", "label", "behaviors"},
    "img": PLACED | {"img_key", "alt", "title", "scale_type", "size", "preview", "corner_radius", "transparent"},
}
ROOT = frozenset({"schema", "config", "card_link", "header", "body"})
CONFIG = frozenset(
    "streaming_mode streaming_config summary locales enable_forward update_multi width_mode use_custom_translation "
    "enable_forward_interaction style".split()
)
HEADER = frozenset({"title", "subtitle", "text_tag_list", "i18n_text_tag_list", "template", "icon", "padding"})
BODY = frozenset({"direction", "padding", "horizontal_spacing", "horizontal_align", "vertical_spacing", "vertical_align", "elements"})
AT = re.compile(r"<at\s+(?:id|ids)\s*=\s*['\"]?([^'\">\s]*)", re.IGNORECASE)
ELEMENT_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,19}")


class BadCard(Exception):
    """The card is refused with 230099 and this sub-code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"Failed to create card content, ext=ErrCode: {code}; ErrMsg: {message}")


def check(card: Any, mentionable: Callable[[str], bool]) -> None:
    """Raise BadCard unless the platform would take it. `mentionable` answers for an id inside `<at id=…>`."""
    _known(card, ROOT, "ROOT")
    if card.get("schema") != "2.0":
        raise BadCard(200621, 'parse card json err: this stand-in takes schema "2.0" only')
    _config(card.get("config", {}))
    _header(card.get("header", {}))
    body = card.get("body", {})
    _known(body, BODY, "ROOT -> body")
    _elements(body.get("elements", []), "ROOT -> body -> elements", 0)
    tagged = [node for node in _walk(card) if "tag" in node]
    if len(tagged) > MAX_ELEMENTS:
        raise BadCard(200621, f"{len(tagged)} elements, at most {MAX_ELEMENTS}")
    _ids([node["element_id"] for node in tagged if "element_id" in node])
    _mentions([node["content"] for node in tagged if node["tag"] == "markdown"], mentionable)


def _known(node: Any, allowed: Collection[str], path: str) -> None:
    if not isinstance(node, dict):
        raise BadCard(200621, f"ErrPath: {path}; not an object")
    if unknown := set(node) - set(allowed):
        raise BadCard(200621, f"ErrPath: {path}; unknown property {sorted(unknown)}")


def _one_of(value: Any, allowed: Collection[str], path: str) -> None:
    if value not in allowed:
        raise BadCard(200621, f"ErrPath: {path}; {value!r} is not allowed")


def _config(config: Any) -> None:
    _known(config, CONFIG, "ROOT -> config")
    if config.get("update_multi", True) is not True:
        raise BadCard(200621, "ErrPath: ROOT -> config -> update_multi; only true")
    _one_of(config.get("width_mode", "default"), {"default", "compact", "fill"}, "ROOT -> config -> width_mode")
    _known(config.get("summary", {}), {"content", "i18n_content"}, "ROOT -> config -> summary")


def _header(header: Any) -> None:
    _known(header, HEADER, "ROOT -> header")
    _one_of(header.get("template", "default"), TEMPLATES, "ROOT -> header -> template")
    if header:
        _text(header.get("title"), "ROOT -> header -> title")
    for tag in header.get("text_tag_list", []):
        _known(tag, {"tag", "element_id", "text", "color"}, "ROOT -> header -> text_tag_list")
        _one_of(tag.get("color", "neutral"), TAG_COLOURS, "ROOT -> header -> text_tag_list -> color")
        _text(tag.get("text"), "ROOT -> header -> text_tag_list -> text")


def _text(node: Any, path: str, tags: Collection[str] = ("plain_text", "lark_md")) -> None:
    _known(node, {"tag", "content", "i18n_content", "text_size", "text_color", "text_align", "lines"}, path)
    _one_of(node.get("tag"), tags, f"{path} -> tag")
    if not isinstance(node.get("content"), str):
        raise BadCard(200621, f"ErrPath: {path} -> content; not a string")


def _elements(elements: Any, path: str, depth: int) -> None:
    if not isinstance(elements, list) or depth > 5:
        raise BadCard(200621, f"ErrPath: {path}; not a list, or nested too deep")
    for index, element in enumerate(elements):
        _element(element, f"{path} -> [{index}]", depth)


def _element(element: Any, path: str, depth: int) -> None:
    tag = element.get("tag") if isinstance(element, dict) else None
    if tag not in PROPERTIES or tag == "column":
        raise BadCard(200861, f"ErrPath: {path}(tag: {tag}); cards of schema V2 no longer support this capability; unsupported tag {tag}")
    _known(element, PROPERTIES[tag], path)
    if tag == "markdown" and (not isinstance(element.get("content"), str) or not element["content"]):
        raise BadCard(200621, f"ErrPath: {path} -> content; not a string")
    if tag == "column_set":
        _columns(element, path, depth)
    if tag == "button":
        _button(element, path)
    if tag == "form":
        _elements(element.get("elements"), path, depth + 1)


def _columns(element: dict[str, Any], path: str, depth: int) -> None:
    _one_of(element.get("flex_mode", "none"), {"none", "stretch", "flow", "bisect", "trisect"}, f"{path} -> flex_mode")
    if not isinstance(element.get("columns"), list):
        raise BadCard(200621, f"ErrPath: {path} -> columns; not a list")
    for column in element["columns"]:
        _known(column, PROPERTIES["column"], f"{path} -> columns")
        _one_of(column.get("tag"), {"column"}, f"{path} -> columns -> tag")
        if column.get("weight", 1) not in {1, 2, 3, 4, 5}:
            raise BadCard(200621, f"ErrPath: {path} -> columns -> weight; 1 to 5")
        _elements(column.get("elements", []), f"{path} -> columns", depth + 1)


def _button(element: dict[str, Any], path: str) -> None:
    _one_of(element.get("type", "default"), BUTTONS, f"{path} -> type")
    _text(element.get("text"), f"{path} -> text", {"plain_text"})
    if len(element["text"]["content"]) > 100:
        raise BadCard(200621, f"ErrPath: {path} -> text; more than 100 characters")
    behaviors = element.get("behaviors")
    if not isinstance(behaviors, list) or (not behaviors and element.get("form_action_type") is None):
        raise BadCard(200621, f"ErrPath: {path} -> behaviors; required")
    for behavior in behaviors:
        _behavior(behavior, f"{path} -> behaviors")


def _behavior(behavior: Any, path: str) -> None:
    _known(behavior, {"type", "default_url", "android_url", "ios_url", "pc_url", "value"}, path)
    _one_of(behavior.get("type"), {"open_url", "callback"}, f"{path} -> type")
    if behavior["type"] == "callback" and not isinstance(behavior.get("value"), dict):
        raise BadCard(200621, f"ErrPath: {path} -> value; not an object")
    if behavior["type"] == "open_url" and not re.match(r"(https?|lark)://", str(behavior.get("default_url"))):
        raise BadCard(200621, f"ErrPath: {path} -> default_url; not a link")


def _ids(ids: list[Any]) -> None:
    if len(ids) != len(set(ids)) or not all(isinstance(each, str) and ELEMENT_ID.fullmatch(each) for each in ids):
        raise BadCard(300123, "element_id is not unique, or not a name of at most 20 letters, digits and underscores")


def _mentions(contents: list[str], mentionable: Callable[[str], bool]) -> None:
    for content in contents:
        for ids in AT.findall(content):
            for each in ids.split(","):
                if not mentionable(each):
                    raise BadCard(100290, f"There is an invalid user resource(at/person) in your card; ErrorValue: {each}")


def _walk(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, dict):
        return [node, *(found for value in node.values() for found in _walk(value))]
    if isinstance(node, list):
        return [found for value in node for found in _walk(value)]
    return []


def buttons(card: Any) -> list[dict[str, Any]]:
    """Return the buttons of a card that can be tapped."""
    return [node for node in _walk(card) if node.get("tag") == "button" and not node.get("disabled", False)]
