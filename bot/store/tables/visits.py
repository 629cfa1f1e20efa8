"""Projections of visits: what was done, with which evidence, and where."""

from tortoise import Model, fields
from tortoise.indexes import Index

from bot.store.fields import Instant, JsonText


class VisitRow(Model):
    id = fields.CharField(max_length=40, primary_key=True)
    rep = fields.CharField(max_length=64)
    customer = fields.CharField(max_length=64)
    state = fields.CharField(max_length=10)
    started_at = Instant()
    ended_at = Instant(null=True)

    class Meta:
        table = "visits"
        indexes = (
            Index(fields=("rep", "state", "started_at"), name="visits_rep"),
            Index(fields=("state", "started_at"), name="visits_open"),
        )


class ActionRow(Model):
    id = fields.CharField(max_length=40, primary_key=True)
    visit = fields.CharField(max_length=40, db_index=True)
    rep = fields.CharField(max_length=64)
    customer = fields.CharField(max_length=64)
    region = fields.CharField(max_length=64)
    stage = fields.CharField(max_length=64)
    kind = fields.CharField(max_length=64, null=True)
    state = fields.CharField(max_length=12)
    tier = fields.CharField(max_length=4)
    reasons = JsonText()
    at = Instant()
    received_at = Instant()
    submitted_at = Instant(null=True)
    point = JsonText(null=True)
    device = fields.CharField(max_length=200, null=True)
    distance_m = fields.FloatField(null=True)
    battery = fields.FloatField(null=True)
    corrected_from = fields.CharField(max_length=64, null=True)
    override = fields.TextField(db_default="")
    source = fields.TextField(db_default="")
    ledger_index = fields.BigIntField()

    class Meta:
        table = "actions"
        indexes = (
            Index(fields=("customer", "at"), name="actions_customer"),
            Index(fields=("rep", "at"), name="actions_rep"),
            Index(fields=("at", "state"), name="actions_at"),
            Index(fields=("region", "at"), name="actions_region"),
        )


class TurnRow(Model):
    """One change that rules look at, as it was recorded: what a shadow run of other rules reads, in the order of `id`.

    `op`: complete | undone (an action counts, or no longer does) · submitted | moved | taken (it is among its day's, by its closing, by a
    correction, or no longer) · filed (a paper; `stage` is its rule). `began`: when the action began, or the paper came.
    """

    id = fields.BigIntField(primary_key=True, generated=False)  # ledger index × PER_ENTRY + number within the entry
    at = Instant(db_index=True)  # recorded
    op = fields.CharField(max_length=10)
    action = fields.CharField(max_length=40, db_index=True)
    rep = fields.CharField(max_length=64)
    customer = fields.CharField(max_length=64)
    stage = fields.CharField(max_length=64)
    tier = fields.CharField(max_length=4)
    began = Instant()
    ended = Instant(null=True)

    class Meta:
        table = "turns"


class EvidenceRow(Model):
    id = fields.CharField(max_length=40, primary_key=True)
    visit = fields.CharField(max_length=40, db_index=True)
    action = fields.CharField(max_length=40, null=True, db_index=True)
    rep = fields.CharField(max_length=64)
    customer = fields.CharField(max_length=64)
    kind = fields.CharField(max_length=16)
    sha256 = fields.CharField(max_length=64, null=True, db_index=True)
    mime = fields.CharField(max_length=80, db_default="")
    seconds = fields.FloatField(null=True)
    state = fields.CharField(max_length=12)
    reasons = JsonText()
    sent_at = Instant()
    received_at = Instant()
    source = fields.TextField(db_default="")
    media = fields.TextField(db_default="")
    ledger_index = fields.BigIntField()
    sign = JsonText(null=True)  # of a photo: seen, by, words, score, faces
    scene = fields.CharField(max_length=64, db_default="")  # of a voice
    told = fields.TextField(db_default="")  # of a voice: what the platform itself heard in it
    agent = fields.CharField(max_length=200, db_default="")  # what the sending client says of itself
    name = fields.CharField(max_length=200, db_default="")  # of a file, as it was sent
    live = fields.BooleanField(db_default=False)  # of a photo: taken with the visit page's own camera

    class Meta:
        table = "evidence"
        indexes = (
            Index(fields=("rep", "state", "sent_at"), name="evidence_waiting"),
            Index(fields=("customer", "kind", "sent_at"), name="evidence_of_customer"),
        )


class OriginalRow(Model):
    """An original's second digest; the first is its name."""

    sha256 = fields.CharField(max_length=64, primary_key=True)
    sm3 = fields.CharField(max_length=64)
    size = fields.BigIntField()

    class Meta:
        table = "originals"


class PhotoPrint(Model):
    """A hash of a photo or of a window of it (0 = the whole). `b0`–`b2`: the hash in three parts, by which near ones are found."""

    id = fields.BigIntField(primary_key=True)
    photo = fields.CharField(max_length=64)
    window = fields.IntField()
    b0 = fields.IntField()
    b1 = fields.IntField()
    b2 = fields.IntField()

    class Meta:
        table = "photo_prints"
        indexes = (
            Index(fields=("b0", "window"), name="photo_prints_b0"),
            Index(fields=("b1", "window"), name="photo_prints_b1"),
            Index(fields=("b2", "window"), name="photo_prints_b2"),
            Index(fields=("photo",), name="photo_prints_photo"),
        )


class DerivedRow(Model):
    """A copy made from an evidence's original."""

    evidence = fields.CharField(max_length=40, primary_key=True)
    sha256 = fields.CharField(max_length=64)
    kind = fields.CharField(max_length=16)
    mime = fields.CharField(max_length=80)
    at = Instant()

    class Meta:
        table = "derived"


class CheckRow(Model):
    id = fields.CharField(max_length=40, primary_key=True)
    rep = fields.CharField(max_length=64)
    customer = fields.CharField(max_length=64)
    site = fields.CharField(max_length=80, null=True)
    at = Instant()
    until = Instant()
    point = JsonText()
    state = fields.CharField(max_length=8)
    distance_m = fields.FloatField(null=True)
    device = fields.CharField(max_length=200, null=True)
    reasons = JsonText()
    place = fields.TextField(db_default="")
    battery = fields.FloatField(null=True)

    class Meta:
        table = "checks"
        indexes = (Index(fields=("rep", "at"), name="checks_rep"),)
