"""The first schema."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from bot.store.fields import Instant, JsonText
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("platform", fields.CharField(max_length=16)),
                ("user", fields.CharField(max_length=128)),
                ("person", fields.CharField(db_index=True, max_length=64)),
            ],
            options={
                "table": "accounts",
                "app": "store",
                "unique_together": (("platform", "user"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ActionRow",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, unique=True, db_index=True, max_length=40
                    ),
                ),
                ("visit", fields.CharField(db_index=True, max_length=40)),
                ("rep", fields.CharField(max_length=64)),
                ("customer", fields.CharField(max_length=64)),
                ("region", fields.CharField(max_length=64)),
                ("stage", fields.CharField(max_length=64)),
                ("kind", fields.CharField(null=True, max_length=64)),
                ("state", fields.CharField(max_length=12)),
                ("tier", fields.CharField(max_length=4)),
                ("reasons", JsonText(unique=False)),
                ("at", Instant()),
                ("received_at", Instant()),
                ("submitted_at", Instant(null=True)),
                ("point", JsonText(null=True, unique=False)),
                ("device", fields.CharField(null=True, max_length=200)),
                ("distance_m", fields.FloatField(null=True)),
                ("battery", fields.FloatField(null=True)),
                ("corrected_from", fields.CharField(null=True, max_length=64)),
                ("override", fields.TextField(db_default="", unique=False)),
                ("source", fields.TextField(db_default="", unique=False)),
                ("ledger_index", fields.BigIntField()),
            ],
            options={
                "table": "actions",
                "app": "store",
                "indexes": [
                    Index(fields=["customer", "at"], name="actions_customer"),
                    Index(fields=["rep", "at"], name="actions_rep"),
                    Index(fields=["at", "state"], name="actions_at"),
                    Index(fields=["region", "at"], name="actions_region"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AlertRow",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, unique=True, db_index=True, max_length=40
                    ),
                ),
                ("rule", fields.CharField(max_length=64)),
                ("subject", fields.CharField(max_length=80)),
                ("period", fields.CharField(max_length=64)),
                ("region", fields.CharField(max_length=64)),
                ("owner", fields.CharField(null=True, max_length=64)),
                ("state", fields.CharField(max_length=12)),
                ("how", fields.CharField(db_default="", max_length=16)),
                ("count", fields.IntField()),
                ("since", Instant()),
                ("until", Instant(null=True)),
                ("told", fields.BooleanField()),
                ("body", JsonText(unique=False)),
            ],
            options={
                "table": "alerts",
                "app": "store",
                "unique_together": (("rule", "subject", "period"),),
                "indexes": [
                    Index(fields=["state", "region"], name="alerts_open"),
                    Index(fields=["subject"], name="alerts_subject"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ApprovalRow",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, unique=True, db_index=True, max_length=40
                    ),
                ),
                ("what", fields.CharField(max_length=10)),
                ("subject", fields.CharField(max_length=80)),
                ("rep", fields.CharField(max_length=64)),
                ("region", fields.CharField(max_length=64)),
                ("decided", fields.BooleanField(null=True)),
                ("by", fields.CharField(db_default="", max_length=64)),
                ("at", Instant()),
                ("body", JsonText(unique=False)),
            ],
            options={
                "table": "approvals",
                "app": "store",
                "indexes": [
                    Index(fields=["what", "subject"], name="approvals_subject")
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Body",
            fields=[
                (
                    "index",
                    fields.BigIntField(generated=False, primary_key=True, unique=True, db_index=True),
                ),
                ("type", fields.CharField(max_length=40)),
                ("at", Instant()),
                ("body", fields.TextField(null=True, unique=False)),
                ("salt", fields.BinaryField(null=True)),
            ],
            options={"table": "ledger_bodies", "app": "store", "pk_attr": "index"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CheckRow",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, unique=True, db_index=True, max_length=40
                    ),
                ),
                ("rep", fields.CharField(max_length=64)),
                ("customer", fields.CharField(max_length=64)),
                ("site", fields.CharField(null=True, max_length=80)),
                ("at", Instant()),
                ("until", Instant()),
                ("point", JsonText(unique=False)),
                ("state", fields.CharField(max_length=8)),
                ("distance_m", fields.FloatField(null=True)),
                ("device", fields.CharField(null=True, max_length=200)),
                ("reasons", JsonText(unique=False)),
                ("place", fields.TextField(db_default="", unique=False)),
            ],
            options={
                "table": "checks",
                "app": "store",
                "indexes": [Index(fields=["rep", "at"], name="checks_rep")],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ConfigVersion",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("sha256", fields.CharField(max_length=64)),
                ("at", Instant(db_index=True)),
                ("text", fields.TextField(unique=False)),
            ],
            options={"table": "config_versions", "app": "store", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ContactRow",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, unique=True, db_index=True, max_length=80
                    ),
                ),
                ("customer", fields.CharField(db_index=True, max_length=64)),
                ("name", fields.CharField(max_length=80)),
                ("title", fields.CharField(db_default="", max_length=80)),
                ("role", fields.CharField(db_default="", max_length=16)),
                ("phone", fields.CharField(db_default="", max_length=40)),
                ("last_at", Instant(null=True)),
            ],
            options={"table": "contacts", "app": "store", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CustomerRow",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, unique=True, db_index=True, max_length=64
                    ),
                ),
                ("name", fields.CharField(max_length=120)),
                ("aliases", JsonText(unique=False)),
                ("owner", fields.CharField(db_index=True, max_length=64)),
                ("region", fields.CharField(db_index=True, max_length=64)),
                ("annual_purchase_fen", fields.BigIntField()),
                ("industry", fields.CharField(db_default="", max_length=80)),
                ("address", fields.TextField(db_default="", unique=False)),
                ("imported_at", Instant()),
                ("last_complete_at", Instant(null=True)),
            ],
            options={"table": "customers", "app": "store", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Deadline",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("rule", fields.CharField(max_length=64)),
                ("subject", fields.CharField(max_length=80)),
                ("due_at", Instant(null=True)),
            ],
            options={
                "table": "deadlines",
                "app": "store",
                "unique_together": (("rule", "subject"),),
                "indexes": [Index(fields=["due_at"], name="deadlines_due")],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DeviceRow",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, unique=True, db_index=True, max_length=40
                    ),
                ),
                ("person", fields.CharField(db_index=True, max_length=64)),
                ("platform", fields.CharField(max_length=16)),
                ("device", fields.CharField(max_length=200)),
                ("state", fields.CharField(max_length=10)),
                ("since", Instant()),
                ("by", fields.CharField(db_default="", max_length=64)),
            ],
            options={"table": "devices", "app": "store", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EvidenceRow",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, unique=True, db_index=True, max_length=40
                    ),
                ),
                ("visit", fields.CharField(db_index=True, max_length=40)),
                ("action", fields.CharField(null=True, db_index=True, max_length=40)),
                ("rep", fields.CharField(max_length=64)),
                ("customer", fields.CharField(max_length=64)),
                ("kind", fields.CharField(max_length=16)),
                ("sha256", fields.CharField(null=True, db_index=True, max_length=64)),
                ("mime", fields.CharField(db_default="", max_length=80)),
                ("seconds", fields.FloatField(null=True)),
                ("state", fields.CharField(max_length=12)),
                ("reasons", JsonText(unique=False)),
                ("sent_at", Instant()),
                ("received_at", Instant()),
                ("source", fields.TextField(db_default="", unique=False)),
                ("media", fields.TextField(db_default="", unique=False)),
                ("ledger_index", fields.BigIntField()),
            ],
            options={
                "table": "evidence",
                "app": "store",
                "indexes": [
                    Index(fields=["rep", "state", "sent_at"], name="evidence_waiting")
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Head",
            fields=[
                ("id", fields.IntField(generated=False, primary_key=True, unique=True, db_index=True)),
                ("size", fields.BigIntField()),
                ("frontier", JsonText(unique=False)),
                ("root", fields.CharField(max_length=64)),
                ("at", Instant()),
            ],
            options={"table": "ledger_head", "app": "store", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Inbox",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("platform", fields.CharField(max_length=16)),
                ("key", fields.CharField(max_length=128)),
                ("sender", fields.CharField(max_length=128)),
                ("payload", fields.BinaryField()),
                ("received_at", Instant()),
                ("due_at", Instant()),
                ("state", fields.CharField(db_default="new", max_length=8)),
                ("attempts", fields.IntField(db_default=0)),
                ("lease_until", Instant(null=True)),
                ("media", JsonText(null=True, unique=False)),
                ("problem", fields.TextField(null=True, unique=False)),
                ("done_at", Instant(null=True)),
            ],
            options={
                "table": "inbox",
                "app": "store",
                "unique_together": (("platform", "key"),),
                "indexes": [
                    Index(fields=["state", "due_at"], name="inbox_due"),
                    Index(fields=["platform", "sender", "state"], name="inbox_sender"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Leaf",
            fields=[
                (
                    "index",
                    fields.BigIntField(generated=False, primary_key=True, unique=True, db_index=True),
                ),
                ("data", fields.BinaryField()),
                ("hash", fields.BinaryField()),
            ],
            options={"table": "ledger_leaves", "app": "store", "pk_attr": "index"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="NoteRow",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, unique=True, db_index=True, max_length=40
                    ),
                ),
                ("customer", fields.CharField(max_length=64)),
                ("kind", fields.CharField(max_length=64)),
                ("month", fields.CharField(max_length=7)),
                ("text", fields.TextField(unique=False)),
                ("by", fields.CharField(max_length=64)),
                ("at", Instant()),
            ],
            options={
                "table": "notes",
                "app": "store",
                "indexes": [Index(fields=["month", "customer"], name="notes_month")],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Outbox",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.CharField(unique=True, max_length=160)),
                ("uuid", fields.CharField(max_length=40)),
                ("platform", fields.CharField(max_length=16)),
                ("recipient", fields.CharField(max_length=140)),
                ("template", fields.CharField(max_length=80)),
                ("body", JsonText(unique=False)),
                ("edits", fields.CharField(db_default="", max_length=160)),
                ("token", fields.TextField(db_default="", unique=False)),
                ("state", fields.CharField(db_default="new", max_length=8)),
                ("created_at", Instant()),
                ("due_at", Instant()),
                ("attempts", fields.IntField(db_default=0)),
                ("lease_until", Instant(null=True)),
                ("first_tried_at", Instant(null=True)),
                ("maybe_sent", fields.BooleanField(db_default=False)),
                ("receipt", JsonText(null=True, unique=False)),
                ("sent_at", Instant(null=True)),
                ("reason", fields.TextField(db_default="", unique=False)),
            ],
            options={
                "table": "outbox",
                "app": "store",
                "indexes": [
                    Index(fields=["state", "due_at"], name="outbox_due"),
                    Index(
                        fields=["platform", "recipient", "state", "id"],
                        name="outbox_order",
                    ),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PersonRow",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, unique=True, db_index=True, max_length=64
                    ),
                ),
                ("name", fields.CharField(max_length=80)),
                ("roles", JsonText(unique=False)),
                ("region", fields.CharField(db_default="", max_length=64)),
                ("active", fields.BooleanField(db_default=True)),
                ("met_at", Instant(null=True)),
                ("read_at", Instant(null=True)),
                ("updated_at", Instant()),
            ],
            options={
                "table": "people",
                "app": "store",
                "indexes": [Index(fields=["region"], name="people_region")],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PurchaseRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("customer", fields.CharField(max_length=64)),
                ("since", Instant()),
                ("fen", fields.BigIntField()),
            ],
            options={
                "table": "purchases",
                "app": "store",
                "indexes": [
                    Index(fields=["customer", "since"], name="purchases_customer")
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="QuestionRow",
            fields=[
                (
                    "person",
                    fields.CharField(
                        primary_key=True, unique=True, db_index=True, max_length=64
                    ),
                ),
                ("op", fields.CharField(max_length=40)),
                ("arg", fields.TextField(unique=False)),
                ("at", Instant()),
            ],
            options={"table": "questions", "app": "store", "pk_attr": "person"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Setting",
            fields=[
                (
                    "name",
                    fields.CharField(
                        primary_key=True, unique=True, db_index=True, max_length=80
                    ),
                ),
                ("value", JsonText(unique=False)),
                ("at", Instant()),
            ],
            options={"table": "settings", "app": "store", "pk_attr": "name"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SiteRow",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, unique=True, db_index=True, max_length=80
                    ),
                ),
                ("customer", fields.CharField(db_index=True, max_length=64)),
                ("name", fields.CharField(max_length=120)),
                ("lat", fields.FloatField()),
                ("lng", fields.FloatField()),
                ("datum", fields.CharField(max_length=8)),
                ("radius_m", fields.IntField(null=True)),
                ("state", fields.CharField(max_length=10)),
                ("by", fields.CharField(db_default="", max_length=64)),
            ],
            options={"table": "sites", "app": "store", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ViewRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("record", fields.CharField(db_index=True, max_length=40)),
                ("person", fields.CharField(max_length=64)),
                ("at", Instant()),
                ("how", fields.CharField(max_length=8)),
            ],
            options={"table": "views", "app": "store", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="VisitRow",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, unique=True, db_index=True, max_length=40
                    ),
                ),
                ("rep", fields.CharField(max_length=64)),
                ("customer", fields.CharField(max_length=64)),
                ("state", fields.CharField(max_length=10)),
                ("started_at", Instant()),
                ("ended_at", Instant(null=True)),
            ],
            options={
                "table": "visits",
                "app": "store",
                "indexes": [
                    Index(fields=["rep", "state", "started_at"], name="visits_rep"),
                    Index(fields=["state", "started_at"], name="visits_open"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
