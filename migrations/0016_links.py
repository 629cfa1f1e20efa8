"""Links that customers hold: signatures, materials, openings; and what the sender of a file calls it."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from bot.store.fields import Instant, JsonText
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("store", "0015_statements")]

    operations = [
        ops.AddField(model_name="EvidenceRow", name="name", field=fields.CharField(db_default="", max_length=200)),
        ops.CreateModel(
            name="SigningRow",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("digest", fields.CharField(db_index=True, max_length=64)),
                ("rep", fields.CharField(max_length=64)),
                ("visit", fields.CharField(max_length=40)),
                ("customer", fields.CharField(max_length=64)),
                ("what", fields.TextField(unique=False)),
                ("sha256", fields.CharField(max_length=64)),
                ("of", fields.CharField(db_default="", max_length=40)),
                ("state", fields.CharField(max_length=10)),
                ("at", Instant()),
                ("until", Instant()),
                ("name", fields.CharField(db_default="", max_length=80)),
                ("title", fields.CharField(db_default="", max_length=80)),
                ("method", fields.CharField(db_default="", max_length=8)),
                ("picture", fields.CharField(db_default="", max_length=64)),
                ("evidence", fields.CharField(db_default="", max_length=40)),
                ("signed_at", Instant(null=True)),
            ],
            options={"table": "signings", "app": "store", "indexes": [Index(fields=["rep", "at"], name="signings_rep")], "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MaterialRow",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("digest", fields.CharField(db_index=True, max_length=64)),
                ("deck", fields.CharField(max_length=40)),
                ("name", fields.CharField(max_length=80)),
                ("customer", fields.CharField(db_index=True, max_length=64)),
                ("by", fields.CharField(max_length=64)),
                ("recipient", fields.CharField(db_default="", max_length=80)),
                ("at", Instant()),
                ("until", Instant()),
                ("opens", fields.IntField(db_default=0)),
                ("downloads", fields.IntField(db_default=0)),
            ],
            options={"table": "materials", "app": "store", "indexes": [Index(fields=["by", "at"], name="materials_by")], "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OpeningRow",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("material", fields.CharField(db_index=True, max_length=40)),
                ("at", Instant()),
                ("state", fields.CharField(max_length=8)),
                ("seconds", JsonText(unique=False)),
                ("downloads", JsonText(unique=False)),
            ],
            options={"table": "openings", "app": "store", "pk_attr": "id"},
            bases=["Model"],
        ),
    ]
