"""Facts of other systems and what they were before, imports from chat, marks on customers, names of files."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from bot.store.fields import Instant, JsonText
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("store", "0017_figures")]

    operations = [
        ops.CreateModel(
            name="FactRow",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=100)),
                ("kind", fields.CharField(max_length=16)),
                ("customer", fields.CharField(max_length=64)),
                ("at", Instant(null=True)),
                ("done_at", Instant(null=True)),
                ("amount", fields.BigIntField(null=True)),
                ("word", fields.CharField(db_default="", max_length=200)),
                ("rep", fields.CharField(db_default="", max_length=64)),
                ("month", fields.CharField(db_default="", max_length=7)),
                ("by", fields.CharField(max_length=16)),
                ("recorded_at", Instant()),
                ("ledger_index", fields.BigIntField()),
                ("corrections", fields.IntField(db_default=0)),
            ],
            options={
                "table": "facts",
                "app": "store",
                "indexes": [
                    Index(fields=["kind", "customer", "at"], name="facts_of_customer"),
                    Index(fields=["kind", "at"], name="facts_in_time"),
                    Index(fields=["kind", "month"], name="facts_of_month"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="FactBefore",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("fact", fields.CharField(db_index=True, max_length=100)),
                ("body", JsonText(unique=False)),
                ("recorded_at", Instant()),
                ("ledger_index", fields.BigIntField()),
            ],
            options={"table": "facts_before", "app": "store", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="HookRow",
            fields=[
                ("digest", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("at", Instant(db_index=True)),
                ("answer", JsonText(unique=False)),
            ],
            options={"table": "hooks", "app": "store", "pk_attr": "digest"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ImportRow",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("kind", fields.CharField(db_default="", max_length=16)),
                ("name", fields.CharField(max_length=200)),
                ("sha256", fields.CharField(max_length=64)),
                ("by", fields.CharField(max_length=64)),
                ("chat", fields.CharField(max_length=160)),
                ("at", Instant()),
                ("state", fields.CharField(max_length=8)),
            ],
            options={"table": "imports", "app": "store", "indexes": [Index(fields=["state"], name="imports_state")], "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MarkRow",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("customer", fields.CharField(db_index=True, max_length=64)),
                ("mark", fields.CharField(max_length=16)),
                ("since", Instant()),
                ("until", Instant(null=True)),
                ("why", JsonText(unique=False)),
                ("left", JsonText(null=True, unique=False)),
                ("ledger_index", fields.BigIntField()),
            ],
            options={
                "table": "marks",
                "app": "store",
                "indexes": [Index(fields=["mark", "until"], name="marks_now")],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.AddIndex(
            model_name="EvidenceRow", index=Index(fields=["customer", "kind", "sent_at"], name="evidence_of_customer")
        ),
        ops.AddIndex(model_name="PresentationRow", index=Index(fields=["customer", "at"], name="presentations_of_customer")),
    ]
