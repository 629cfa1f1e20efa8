"""The part for people: a PDF in Chinese with cover, timeline, map sketch, small pictures, and verdicts with their reasons."""

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.config.schema import Config
from bot.dossier.sketch import Dot, Fence, sketch
from bot.model import Action, Check, Evidence, Reason, Site
from bot.ports import PhotoCopies
from bot.typesetting import typeset
from bot.vault import Vault

TEMPLATE = Path(__file__).resolve().parents[2] / "templates" / "dossier" / "index.typ"
SIDE = 320  # pixels of a small picture
Word = Callable[[Reason], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What the PDF tells. `second` gives the SM3 of a SHA-256; `hidden` digests of photos are not shown."""

    dossier: str
    customer: str
    address: str
    made_at: datetime
    since: datetime | None
    until: datetime | None
    key: str
    actions: Sequence[Action]
    names: dict[str, str]
    checks: Sequence[Check]
    sites: Sequence[Site]
    second: dict[str, str]
    hidden: frozenset[str]
    withheld: Sequence[str]
    indexes: dict[str, int]


async def pdf(story: Story, config: Config, word: Word, vault: Vault, copies: PhotoCopies) -> bytes:
    """Typeset it. Raises SalesTraceError when the typesetter fails."""
    with tempfile.TemporaryDirectory(prefix="salestrace-") as name:
        folder = Path(name)
        small = await _pictures(story, vault, copies, folder)
        drawn = _sketch(story, config)
        if drawn:
            (folder / "map.svg").write_text(drawn, encoding="utf-8")
        data = _data(story, config, word, small) | {"map": bool(drawn)}
        (folder / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        (folder / "index.typ").write_bytes(TEMPLATE.read_bytes())
        return await typeset(folder, "index.typ", "取证包的目录")


async def _pictures(story: Story, vault: Vault, copies: PhotoCopies, folder: Path) -> dict[str, str]:
    """Small pictures by digest: names of files in the folder."""
    items = [item for action in story.actions for item in action.evidence]
    wanted = dict.fromkeys(
        item.sha256 for item in items if item.kind in ("photo", "signature") and item.sha256 and item.sha256 not in story.hidden
    )
    there = [digest for digest in wanted if vault.path(digest).is_file()]
    made = await copies.miniatures([vault.path(digest) for digest in there], SIDE)
    found = {}
    for digest, data in zip(there, made, strict=True):
        if data:
            (folder / f"{digest}.jpg").write_bytes(data)
            found[digest] = f"{digest}.jpg"
    return found


def _sketch(story: Story, config: Config) -> str | None:
    fences = [Fence(point=site.point, radius_m=float(site.radius_m or config.presence.radius_m)) for site in story.sites if site.approved]
    dots = [Dot(point=check.point, state=check.state.value, label=str(number)) for number, check in enumerate(story.checks, 1)]
    return sketch(fences, dots)


def _data(story: Story, config: Config, word: Word, small: dict[str, str]) -> dict[str, Any]:
    def local(at: datetime | None) -> str:
        return f"{at.astimezone(config.zone):%Y-%m-%d %H:%M:%S}" if at else ""

    return {
        "dossier": story.dossier,
        "customer": story.customer,
        "address": story.address,
        "made_at": local(story.made_at),
        "since": local(story.since),
        "until": local(story.until),
        "timezone": config.timezone,
        "key": story.key,
        "withheld": list(story.withheld),
        "counts": _counts(story),
        "actions": [_action(action, story, config, word, small, local) for action in story.actions],
        "checks": [_check(number, check, story, word, local) for number, check in enumerate(story.checks, 1)],
    }


def _counts(story: Story) -> dict[str, int]:
    items = [item for action in story.actions for item in action.evidence]
    complete = sum(action.verdict.state.value == "complete" for action in story.actions)
    return {
        "actions": len(story.actions),
        "complete": complete,
        "photos": sum(item.kind == "photo" for item in items),
        "voices": sum(item.kind == "voice" for item in items),
        "files": sum(item.kind not in ("photo", "voice") for item in items),
    }


def _action(
    action: Action, story: Story, config: Config, word: Word, small: dict[str, str], local: Callable[[datetime | None], str]
) -> dict[str, Any]:
    names = {stage.id: stage.name for stage in config.stages} | {f"kind:{kind.id}": kind.name for kind in config.action_kinds}
    return {
        "id": action.id,
        "at": local(action.stamp.at),
        "received": local(action.stamp.received_at),
        "stage": names.get(action.stage, action.stage),
        "kind": names.get(f"kind:{action.kind}", action.kind or ""),
        "rep": story.names.get(action.rep, action.rep),
        "state": action.verdict.state.value,
        "tier": action.verdict.tier,
        "reasons": [word(reason) for reason in action.verdict.reasons],
        "device": action.stamp.device or "",
        "index": story.indexes.get(action.id, 0),
        "evidence": [_item(item, story, word, small, local) for item in action.evidence],
    }


def _item(item: Evidence, story: Story, word: Word, small: dict[str, str], local: Callable[[datetime | None], str]) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "at": local(item.sent_at),
        "state": item.state.value,
        "seconds": item.seconds,
        "sha256": item.sha256 or "",
        "sm3": story.second.get(item.sha256 or "", ""),
        "picture": small.get(item.sha256 or "", ""),
        "reasons": [word(reason) for reason in item.reasons],
        "words": _words(item, story),
    }


def _words(item: Evidence, story: Story) -> dict[str, str] | None:
    """What was heard; not where the voice itself is withheld."""
    heard = item.transcript
    if heard is None or not heard.text or item.sha256 in story.hidden:
        return None
    return {"text": heard.text, "machine": heard.machine if heard.edited is not None else "", "engine": heard.engine}


def _check(number: int, check: Check, story: Story, word: Word, local: Callable[[datetime | None], str]) -> dict[str, Any]:
    return {
        "number": number,
        "at": local(check.at),
        "rep": story.names.get(check.rep, check.rep),
        "state": check.state.value,
        "place": check.place,
        "device": check.device or "",
        "reasons": [word(reason) for reason in check.reasons],
    }
