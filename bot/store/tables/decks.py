"""Decks, who showed them, and who looks at one just now."""

from tortoise import Model, fields
from tortoise.indexes import Index

from bot.store.fields import Instant, JsonText


class DeckRow(Model):
    id = fields.CharField(max_length=40, primary_key=True)
    name = fields.CharField(max_length=80)
    tags = JsonText()
    pages = JsonText()
    source = fields.CharField(max_length=64)
    at = Instant()

    class Meta:
        table = "decks"


class PresentationRow(Model):
    id = fields.CharField(max_length=40, primary_key=True)
    deck = fields.CharField(max_length=40)
    name = fields.CharField(max_length=80)
    rep = fields.CharField(max_length=64)
    visit = fields.CharField(max_length=40, db_default="")
    customer = fields.CharField(max_length=64, db_default="")
    state = fields.CharField(max_length=8)  # open closed
    seconds = JsonText()
    at = Instant()

    class Meta:
        table = "presentations"
        indexes = (
            Index(fields=("rep", "state"), name="presentations_rep"),
            Index(fields=("customer", "at"), name="presentations_of_customer"),
        )


class ViewingRow(Model):
    """What a browser tells while a presentation is open. No projection: what counts of it is in the ledger once it is closed."""

    presentation = fields.CharField(max_length=40, primary_key=True)
    nonce = fields.CharField(max_length=32)  # of the one page that counts
    seq = fields.IntField(db_default=0)
    allowance = fields.FloatField(db_default=0)  # seconds that the next beat may claim at most
    seconds = JsonText()
    beat_at = Instant()
    due_at = Instant()

    class Meta:
        table = "viewings"
