"""What reps and directors have to say about an action."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from bot.store.fields import Instant
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("store", "0014_page")]

    operations = [
        ops.CreateModel(
            name="StatementRow",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("action", fields.CharField(db_index=True, max_length=40)),
                ("by", fields.CharField(max_length=64)),
                ("text", fields.TextField(unique=False)),
                ("at", Instant()),
                ("ledger_index", fields.BigIntField()),
            ],
            options={"table": "statements", "app": "store", "pk_attr": "id"},
            bases=["Model"],
        ),
    ]
