"""The inventory of copies at the backup target."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from bot.store.fields import Instant
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("store", "0004_photos")]

    operations = [
        ops.CreateModel(
            name="CopyRow",
            fields=[
                ("name", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=120)),
                ("sha256", fields.CharField(db_default="", max_length=64)),
                ("state", fields.CharField(max_length=8)),
                ("since", Instant()),
                ("due_at", Instant(db_index=True)),
                ("attempts", fields.IntField(db_default=0)),
                ("problem", fields.CharField(db_default="", max_length=40)),
                ("checked_at", Instant(null=True)),
            ],
            options={"table": "copies", "app": "store", "pk_attr": "name"},
            bases=["Model"],
        ),
    ]
