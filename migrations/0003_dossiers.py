"""Dossiers asked for in chat."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from bot.store.fields import Instant, JsonText
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("store", "0002_checkpoints")]

    operations = [
        ops.CreateModel(
            name="DossierRow",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("customer", fields.CharField(max_length=64)),
                ("since", Instant(null=True)),
                ("until", Instant(null=True)),
                ("without", JsonText(unique=False)),
                ("by", fields.CharField(max_length=64)),
                ("at", Instant()),
                ("state", fields.CharField(max_length=8)),
                ("manifest", fields.CharField(db_default="", max_length=64)),
            ],
            options={"table": "dossiers", "app": "store", "indexes": [Index(fields=["state"], name="dossiers_state")], "pk_attr": "id"},
            bases=["Model"],
        ),
    ]
