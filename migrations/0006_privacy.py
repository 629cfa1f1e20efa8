"""What people agreed to."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from bot.store.fields import Instant
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("store", "0005_backup")]

    operations = [
        ops.CreateModel(
            name="ConsentRow",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=80)),
                ("person", fields.CharField(db_index=True, max_length=64)),
                ("purpose", fields.CharField(max_length=12)),
                ("state", fields.CharField(max_length=10)),
                ("version", fields.CharField(max_length=8)),
                ("at", Instant()),
            ],
            options={"table": "consents", "app": "store", "pk_attr": "id"},
            bases=["Model"],
        ),
    ]
