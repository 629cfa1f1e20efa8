"""Exports that were asked for, reports that are due, surveys; what each message was and whose."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from bot.store.fields import Instant, JsonText
from tortoise import fields
from tortoise.indexes import Index


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
        ops.CreateModel(
            name="ReportDue",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=80)),
                ("kind", fields.CharField(max_length=8)),
                ("region", fields.CharField(max_length=64)),
                ("due_at", Instant(db_index=True)),
                ("attempts", fields.IntField(db_default=0)),
            ],
            options={"table": "report_dues", "app": "store", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SurveyRow",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=7)),
                ("state", fields.CharField(max_length=8)),
                ("invited", fields.IntField()),
                ("opened_at", Instant()),
                ("closes_at", Instant()),
                ("answers", fields.IntField(db_default=0)),
                ("result", JsonText(null=True, unique=False)),
            ],
            options={"table": "surveys", "app": "store", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="BallotRow",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("survey", fields.CharField(db_index=True, max_length=7)),
            ],
            options={"table": "survey_ballots", "app": "store", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TallyRow",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=24)),
                ("survey", fields.CharField(db_index=True, max_length=7)),
                ("answer", fields.CharField(max_length=12)),
                ("count", fields.IntField()),
            ],
            options={"table": "survey_tallies", "app": "store", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddField(model_name="Inbox", name="kind", field=fields.CharField(null=True, max_length=16)),
        ops.AddField(model_name="Inbox", name="person", field=fields.CharField(null=True, max_length=64)),
        ops.AddIndex("Inbox", Index(fields=["person", "received_at"], name="inbox_person")),
    ]
