"""Actions added up by month, filled from what is there, and indexes for what the board counts of other systems' facts."""

from datetime import UTC, datetime

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index


def _begins(month: int) -> int:
    return int(datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp()) * 1000


MONTHS = f"""
WITH months (month, since, until) AS (VALUES
{", ".join(f"({month}, {_begins(month)}, {_begins(month + 1)})" for month in range(1970 * 12, 2100 * 12))})
"""
# CROSS: for each month its range of deeds, not for each deed all months; `state || ''` below: not all complete ones for each month.
WITHIN = """
FROM (SELECT * FROM months WHERE until > (SELECT MIN(at) FROM deeds) AND since <= (SELECT MAX(at) FROM deeds)) m
CROSS JOIN deeds d WHERE d.at >= m.since AND d.at < m.until
"""
REP_MONTHS = f"""
INSERT INTO rep_months (id, month, rep, region, stage, kind, state, photo, place, summary, n)
{MONTHS}
SELECT m.month || ':' || rep || ':' || region || ':' || stage || ':' || COALESCE(kind, '') || ':' || state || ':' || photo || place || summary,
    m.month, rep, region, stage, COALESCE(kind, ''), state, photo, place, summary, COUNT(*)
{WITHIN}
GROUP BY m.month, rep, region, stage, COALESCE(kind, ''), state, photo, place, summary
"""
CUSTOMER_MONTHS = f"""
INSERT INTO customer_months (id, month, customer, rep, region, stage, kind, tier, n)
{MONTHS}
SELECT m.month || ':' || customer || ':' || rep || ':' || region || ':' || stage || ':' || COALESCE(kind, '') || ':' || tier,
    m.month, customer, rep, region, stage, COALESCE(kind, ''), tier, COUNT(*)
{WITHIN} AND d.state || '' = 'complete'
GROUP BY m.month, customer, rep, region, stage, COALESCE(kind, ''), tier
"""


class Migration(migrations.Migration):
    dependencies = [("store", "0021_bundles")]

    operations = [
        ops.CreateModel(
            name="RepMonthRow",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=320)),
                ("month", fields.IntField()),
                ("rep", fields.CharField(max_length=64)),
                ("region", fields.CharField(max_length=64)),
                ("stage", fields.CharField(max_length=64)),
                ("kind", fields.CharField(max_length=64)),
                ("state", fields.CharField(max_length=12)),
                ("photo", fields.SmallIntField()),
                ("place", fields.SmallIntField()),
                ("summary", fields.SmallIntField()),
                ("n", fields.IntField()),
            ],
            options={
                "table": "rep_months",
                "app": "store",
                "indexes": [Index(fields=["month", "region"], name="rep_months_month")],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CustomerMonthRow",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=400)),
                ("month", fields.IntField()),
                ("customer", fields.CharField(max_length=64)),
                ("rep", fields.CharField(max_length=64)),
                ("region", fields.CharField(max_length=64)),
                ("stage", fields.CharField(max_length=64)),
                ("kind", fields.CharField(max_length=64)),
                ("tier", fields.CharField(max_length=4)),
                ("n", fields.IntField()),
            ],
            options={
                "table": "customer_months",
                "app": "store",
                "indexes": [
                    Index(fields=["month", "customer", "kind", "tier", "n"], name="customer_months_coverage"),
                    Index(fields=["month", "stage", "customer", "region", "rep", "n"], name="customer_months_stages"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.RunSQL(REP_MONTHS),
        ops.RunSQL(CUSTOMER_MONTHS),
        ops.AddIndex(model_name="DeedRow", index=Index(fields=["state", "at", "customer", "stage"], name="deeds_state")),
        ops.AddIndex(model_name="MilestoneRow", index=Index(fields=["customer", "stage", "at"], name="milestones_reached")),
        ops.AddIndex(model_name="FactRow", index=Index(fields=["kind", "word", "at", "customer"], name="facts_of_word")),
        ops.AddIndex(model_name="FactRow", index=Index(fields=["kind", "done_at", "at", "customer"], name="facts_open")),
    ]
