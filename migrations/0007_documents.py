"""Papers on file."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from bot.store.fields import Instant
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("store", "0006_privacy")]

    operations = [
        ops.CreateModel(
            name="DocumentRow",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=140)),
                ("customer", fields.CharField(db_index=True, max_length=64)),
                ("rule", fields.CharField(max_length=64)),
                ("evidence", fields.CharField(max_length=40)),
                ("by", fields.CharField(max_length=64)),
                ("at", Instant()),
            ],
            options={"table": "documents", "app": "store", "pk_attr": "id"},
            bases=["Model"],
        ),
    ]
