"""What figures are counted from, filled from what is there."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from bot.store.fields import Instant
from tortoise import fields
from tortoise.indexes import Index

DEEDS = """
INSERT INTO deeds (action, rep, customer, region, stage, kind, state, tier, at, photo, place, summary, touched)
SELECT id, rep, customer, region, stage, kind, state, tier, at,
    CASE WHEN EXISTS (SELECT 1 FROM evidence e WHERE e.action = actions.id AND e.kind = 'photo' AND e.state = 'counted') THEN 1 ELSE 0 END,
    CASE WHEN point IS NULL THEN 0 ELSE 1 END,
    CASE WHEN EXISTS (SELECT 1 FROM evidence e LEFT JOIN transcripts t ON t.evidence = e.id
        WHERE e.action = actions.id AND e.kind = 'voice' AND e.state = 'counted'
        AND (t.evidence IS NULL OR COALESCE(t.edited, t.machine) <> '')) THEN 1 ELSE 0 END,
    ledger_index
FROM actions
"""
MILESTONES = """
INSERT INTO milestones (id, customer, stage, at, action)
SELECT customer || ':' || stage, customer, stage, at, id FROM (
    SELECT customer, stage, at, id, ROW_NUMBER() OVER (PARTITION BY customer, stage ORDER BY at, id) AS turn
    FROM actions WHERE state = 'complete') ranked
WHERE turn = 1
"""
EFFORTS = """
INSERT INTO efforts (id, rep, hour, ms, messages)
SELECT rep || ':' || hour, rep, hour, SUM(cost), COUNT(*) FROM (
    SELECT rep, at / 3600000 AS hour, CASE WHEN at - before <= 120000 THEN at - before ELSE 15000 END AS cost FROM (
        SELECT rep, at, LAG(at) OVER (PARTITION BY rep ORDER BY at) AS before FROM (
            SELECT rep, started_at AS at FROM visits UNION ALL
            SELECT rep, at FROM actions UNION ALL
            SELECT rep, sent_at FROM evidence) told) sent) costs
GROUP BY rep, hour
"""


class Migration(migrations.Migration):
    dependencies = [("store", "0016_links")]

    operations = [
        ops.CreateModel(
            name="DeedRow",
            fields=[
                ("action", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("rep", fields.CharField(max_length=64)),
                ("customer", fields.CharField(max_length=64)),
                ("region", fields.CharField(max_length=64)),
                ("stage", fields.CharField(max_length=64)),
                ("kind", fields.CharField(null=True, max_length=64)),
                ("state", fields.CharField(max_length=12)),
                ("tier", fields.CharField(max_length=4)),
                ("at", Instant()),
                ("photo", fields.SmallIntField(db_default=0)),
                ("place", fields.SmallIntField(db_default=0)),
                ("summary", fields.SmallIntField(db_default=0)),
                ("touched", fields.BigIntField()),
            ],
            options={
                "table": "deeds",
                "app": "store",
                "indexes": [
                    Index(fields=["at", "state", "kind", "customer", "tier"], name="deeds_at"),
                    Index(fields=["customer", "stage", "at"], name="deeds_customer"),
                    Index(fields=["region", "at"], name="deeds_region"),
                    Index(fields=["touched"], name="deeds_touched"),
                ],
                "pk_attr": "action",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MilestoneRow",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=140)),
                ("customer", fields.CharField(db_index=True, max_length=64)),
                ("stage", fields.CharField(max_length=64)),
                ("at", Instant()),
                ("action", fields.CharField(max_length=40)),
            ],
            options={"table": "milestones", "app": "store", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EffortRow",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=80)),
                ("rep", fields.CharField(max_length=64)),
                ("hour", fields.IntField()),
                ("ms", fields.BigIntField()),
                ("messages", fields.IntField()),
            ],
            options={
                "table": "efforts",
                "app": "store",
                "indexes": [Index(fields=["hour"], name="efforts_hour")],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="HoldingRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("customer", fields.CharField(max_length=64)),
                ("until", Instant()),
                ("owner", fields.CharField(max_length=64)),
                ("region", fields.CharField(max_length=64)),
            ],
            options={
                "table": "holdings",
                "app": "store",
                "unique_together": (("customer", "until"),),
                "indexes": [Index(fields=["until"], name="holdings_until")],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.AddIndex(model_name="AlertRow", index=Index(fields=["since"], name="alerts_since")),
        ops.RunSQL(DEEDS),
        ops.RunSQL(MILESTONES),
        ops.RunSQL(EFFORTS),
    ]
