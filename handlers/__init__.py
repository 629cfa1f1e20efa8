"""Interaction + Case → Draft: what the bot decides and says, one handler a kind of interaction. Pure."""

from collections.abc import Mapping

from bot.case import Handler, Wants
from bot.model import Kind
from handlers import decks, presence, signatures, talk

HANDLERS: Mapping[Kind, Handler] = {
    Kind.TEXT: talk.SPOKEN,
    Kind.MENU: talk.SPOKEN,
    Kind.TAP: talk.SPOKEN,
    Kind.FORM: talk.SPOKEN,
    Kind.IMAGE: talk.SENT,
    Kind.VOICE: talk.SENT,
    Kind.VIDEO: talk.SENT,
    Kind.FILE: talk.SENT,
    Kind.CHECKIN: talk.ARRIVED,
    Kind.LOCATION: talk.ARRIVED,
    Kind.POSITION: talk.REPORTED,
    Kind.PAGE: talk.PAGED,
    Kind.DECK: talk.Happened(act=decks.over, needs=Wants(visits=True)),
    Kind.SIGNATURE: talk.Told(act=signatures.receive, needs=signatures.signed),
    Kind.RECHECK: talk.Happened(act=presence.recheck, needs=Wants(visits=True)),
    Kind.ENTER: talk.Happened(act=talk.entered, group=True),
    Kind.LEAVE: talk.Happened(act=talk.left, group=True),
    Kind.UNKNOWN: talk.Happened(act=talk.unknown, needs=Wants(admins=True)),
}
