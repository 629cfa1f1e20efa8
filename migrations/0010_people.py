"""One person, several accounts: codes that link them."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from bot.store.fields import Instant
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("store", "0009_voices")]

    operations = [
        ops.AddField(model_name="Account", name="by", field=fields.CharField(db_default="", max_length=8)),
        ops.CreateModel(
            name="LinkRow",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("person", fields.CharField(max_length=64)),
                ("digest", fields.CharField(db_index=True, max_length=64)),
                ("until", Instant()),
                ("taken", fields.BooleanField(db_default=False)),
            ],
            options={"table": "links", "app": "store", "pk_attr": "id"},
            bases=["Model"],
        ),
    ]
