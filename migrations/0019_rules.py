"""What rules look at, change by change; which config a figure or an alert came of; configs proposed in chat."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from bot.store.fields import Instant
from tortoise import fields
from tortoise.indexes import Index


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
        ops.CreateModel(
            name="ProposalRow",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("sha256", fields.CharField(max_length=64)),
                ("base", fields.CharField(db_default="", max_length=64)),
                ("edit", fields.TextField(db_default="")),
                ("by", fields.CharField(max_length=64)),
                ("decided_by", fields.CharField(db_default="", max_length=64)),
                ("at", Instant()),
                ("state", fields.CharField(max_length=10)),
            ],
            options={
                "table": "config_proposals",
                "app": "store",
                "indexes": [Index(fields=["state"], name="config_proposals_state")],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.AddField(model_name="AlertRow", name="version", field=fields.CharField(db_default="", max_length=64)),
    ]
