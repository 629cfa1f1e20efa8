"""What rules look at, change by change; which config a figure or an alert came of; configs proposed in chat."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from bot.store.fields import Instant
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("store", "0018_feeds")]

    operations = [
        ops.CreateModel(
            name="TurnRow",
            fields=[
                ("id", fields.BigIntField(generated=False, primary_key=True, unique=True, db_index=True)),
                ("at", Instant(db_index=True)),
                ("op", fields.CharField(max_length=10)),
                ("action", fields.CharField(db_index=True, max_length=40)),
                ("rep", fields.CharField(max_length=64)),
                ("customer", fields.CharField(max_length=64)),
                ("stage", fields.CharField(max_length=64)),
                ("tier", fields.CharField(max_length=4)),
                ("began", Instant()),
                ("ended", Instant(null=True)),
            ],
            options={"table": "turns", "app": "store", "pk_attr": "id"},
            bases=["Model"],
        ),
    ]
