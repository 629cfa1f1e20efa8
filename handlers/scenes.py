"""Scenes: a tapped tag opens a short window, and the next voice within it belongs to the tag."""

from dataclasses import replace
from datetime import timedelta

from bot import entries
from bot.config.schema import Scene
from bot.entries import instant
from bot.errors import Refusal
from bot.evidence.codes import Code
from bot.model import Evidence, EvidenceState, OpenScene, Reason, Visit
from handlers.customers import SHOWN
from handlers.words import Command
from handlers.work import Work

ON_ITS_WAY = timedelta(seconds=30)  # a recording that ends with the window still has to be sent


def show(work: Work, _: Command) -> None:
    """场景: the tags to tap."""
    if work.visit is None:
        raise Refusal("no_visit")
    scenes = [{"id": scene.id, "name": scene.name} for scene in work.config.scenes[:SHOWN]]
    if not scenes:
        raise Refusal("no_scene")
    work.reply("card/scenes", customer=work.visit.customer_name, scenes=scenes)


def start(work: Work, command: Command) -> None:
    """A tag was tapped or named: the countdown begins."""
    scene = work.config.scene(command.arg)
    if scene is None:
        raise Refusal("stale_button")
    if work.visit is None:
        raise Refusal("no_visit")
    at = work.interaction.sent_at
    until = at + timedelta(seconds=scene.seconds)
    work.record(entries.scene_opened(work.person.id, scene.id, work.visit.id, at, until))
    work.reply("reply/scene", customer=work.visit.customer_name, scene=scene.name, seconds=scene.seconds, until=instant(until))


def tied(work: Work, visit: Visit, item: Evidence) -> Evidence:
    """The voice with its scene, refused when it is longer than that allows; the window closes with it."""
    opened = work.case.scene
    if item.kind != "voice" or opened is None or opened.visit != visit.id or opened.at > item.sent_at:
        return item
    work.record(entries.scene_opened(work.person.id, "", visit.id, item.sent_at, item.sent_at))
    scene = work.config.scene(opened.scene)
    if scene is None:
        return item
    if _late(opened, item):
        work.reply("reply/scene_over", scene=scene.name, seconds=scene.seconds)
        return item
    return _bounded(replace(item, scene=scene.id), scene)


def _late(opened: OpenScene, item: Evidence) -> bool:
    return item.sent_at > opened.until + ON_ITS_WAY


def _bounded(item: Evidence, scene: Scene) -> Evidence:
    if (item.seconds or 0) <= scene.seconds:
        return item
    long = Reason(code=Code.VOICE_LONG, values={"seconds": item.seconds, "want": scene.seconds})
    return replace(item, state=EvidenceState.REFUSED, reasons=(long,))
