"""Links that customers hold: signatures that were asked for, materials that were sent, and who looked."""

from tortoise import Model, fields
from tortoise.indexes import Index

from bot.store.fields import Instant, JsonText


class SigningRow(Model):
    id = fields.CharField(max_length=40, primary_key=True)
    digest = fields.CharField(max_length=64, db_index=True)  # SHA-256 of the link's secret
    rep = fields.CharField(max_length=64)
    visit = fields.CharField(max_length=40)
    customer = fields.CharField(max_length=64)
    what = fields.TextField()
    sha256 = fields.CharField(max_length=64)
    of = fields.CharField(max_length=40, db_default="")  # evidence that is signed
    state = fields.CharField(max_length=10)  # open signed withdrawn
    at = Instant()
    until = Instant()
    name = fields.CharField(max_length=80, db_default="")
    title = fields.CharField(max_length=80, db_default="")
    method = fields.CharField(max_length=8, db_default="")
    picture = fields.CharField(max_length=64, db_default="")
    evidence = fields.CharField(max_length=40, db_default="")
    signed_at = Instant(null=True)

    class Meta:
        table = "signings"
        indexes = (Index(fields=("rep", "at"), name="signings_rep"),)


class MaterialRow(Model):
    id = fields.CharField(max_length=40, primary_key=True)
    digest = fields.CharField(max_length=64, db_index=True)
    deck = fields.CharField(max_length=40)
    name = fields.CharField(max_length=80)
    customer = fields.CharField(max_length=64, db_index=True)
    by = fields.CharField(max_length=64)
    recipient = fields.CharField(max_length=80, db_default="")
    at = Instant()
    until = Instant()
    opens = fields.IntField(db_default=0)
    downloads = fields.IntField(db_default=0)

    class Meta:
        table = "materials"
        indexes = (Index(fields=("by", "at"), name="materials_by"),)


class OpeningRow(Model):
    id = fields.CharField(max_length=40, primary_key=True)
    material = fields.CharField(max_length=40, db_index=True)
    at = Instant()
    state = fields.CharField(max_length=8)  # open closed
    seconds = JsonText()
    downloads = JsonText()  # moments

    class Meta:
        table = "openings"
