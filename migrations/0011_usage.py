"""Calls and pushes by month."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("store", "0010_people")]

    operations = [
        ops.CreateModel(
            name="UsageRow",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=60)),
                ("platform", fields.CharField(max_length=16)),
                ("what", fields.CharField(max_length=16)),
                ("month", fields.CharField(db_index=True, max_length=7)),
                ("amount", fields.BigIntField(db_default=0)),
            ],
            options={"table": "usage", "app": "store", "pk_attr": "id"},
            bases=["Model"],
        ),
    ]
