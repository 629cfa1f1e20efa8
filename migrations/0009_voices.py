"""What was heard: transcripts, titles, meetings, open scenes, and the queue of voices."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from bot.store.fields import Instant, JsonText
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("store", "0008_signs")]

    operations = [
        ops.AddField(model_name="EvidenceRow", name="scene", field=fields.CharField(db_default="", max_length=64)),
        ops.AddField(model_name="EvidenceRow", name="told", field=fields.TextField(db_default="", unique=False)),
        ops.CreateModel(
            name="TranscriptRow",
            fields=[
                ("evidence", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("visit", fields.CharField(db_index=True, max_length=40)),
                ("rep", fields.CharField(max_length=64)),
                ("customer", fields.CharField(max_length=64)),
                ("scene", fields.CharField(db_default="", max_length=64)),
                ("state", fields.CharField(max_length=10)),
                ("machine", fields.TextField(db_default="", unique=False)),
                ("edited", fields.TextField(null=True, unique=False)),
                ("engine", fields.CharField(db_default="", max_length=80)),
                ("spans", JsonText(unique=False)),
                ("marks", JsonText(unique=False)),
                ("problem", fields.CharField(db_default="", max_length=40)),
                ("sent_at", Instant()),
                ("at", Instant()),
            ],
            options={
                "table": "transcripts",
                "app": "store",
                "indexes": [
                    Index(fields=["customer", "sent_at"], name="transcripts_customer"),
                    Index(fields=["rep", "at"], name="transcripts_rep"),
                ],
                "pk_attr": "evidence",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SceneRow",
            fields=[
                ("person", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("scene", fields.CharField(max_length=64)),
                ("visit", fields.CharField(max_length=40)),
                ("at", Instant()),
                ("until", Instant()),
            ],
            options={"table": "scenes", "app": "store", "pk_attr": "person"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MeetingRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("contact", fields.CharField(db_index=True, max_length=80)),
                ("visit", fields.CharField(db_index=True, max_length=40)),
                ("at", Instant()),
            ],
            options={"table": "meetings", "app": "store", "unique_together": (("contact", "visit"),), "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TitleRow",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=160)),
                ("customer", fields.CharField(db_index=True, max_length=64)),
                ("title", fields.CharField(max_length=80)),
                ("evidence", fields.CharField(max_length=40)),
                ("rep", fields.CharField(max_length=64)),
                ("state", fields.CharField(max_length=10)),
                ("at", Instant()),
            ],
            options={"table": "titles", "app": "store", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CardRow",
            fields=[
                ("evidence", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("visit", fields.CharField(max_length=40)),
                ("customer", fields.CharField(max_length=64)),
                ("rep", fields.CharField(max_length=64)),
                ("state", fields.CharField(max_length=10)),
                ("name", fields.CharField(db_default="", max_length=40)),
                ("title", fields.CharField(db_default="", max_length=40)),
                ("phone", fields.CharField(db_default="", max_length=40)),
                ("at", Instant()),
            ],
            options={"table": "business_cards", "app": "store", "pk_attr": "evidence"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="VoiceJob",
            fields=[
                ("evidence", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("due_at", Instant(db_index=True)),
                ("queued_at", Instant()),
                ("attempts", fields.IntField(db_default=0)),
            ],
            options={"table": "voice_jobs", "app": "store", "pk_attr": "evidence"},
            bases=["Model"],
        ),
    ]
