"""Exports that were asked for."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from bot.store.fields import Instant
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("store", "0019_rules")]

    operations = [
        ops.CreateModel(
            name="ExportJob",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("by", fields.CharField(max_length=64)),
                ("at", Instant(db_index=True)),
                ("attempts", fields.IntField(db_default=0)),
            ],
            options={"table": "export_jobs", "app": "store", "pk_attr": "id"},
            bases=["Model"],
        ),
    ]
