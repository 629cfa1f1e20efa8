"""Projections that figures are counted from: slim, so that a month of them is read in one short range."""

from tortoise import Model, fields
from tortoise.indexes import Index

from bot.store.fields import Instant


class DeedRow(Model):
    """An action as figures see it. `photo`, `place`, `summary`: 1 when its chain has one."""

    action = fields.CharField(max_length=40, primary_key=True)
    rep = fields.CharField(max_length=64)
    customer = fields.CharField(max_length=64)
    region = fields.CharField(max_length=64)
    stage = fields.CharField(max_length=64)
    kind = fields.CharField(max_length=64, null=True)
    state = fields.CharField(max_length=12)
    tier = fields.CharField(max_length=4)
    at = Instant()
    photo = fields.SmallIntField(db_default=0)
    place = fields.SmallIntField(db_default=0)
    summary = fields.SmallIntField(db_default=0)
    touched = fields.BigIntField()  # the entry that last opened, judged or corrected it

    class Meta:
        table = "deeds"
        indexes = (
            Index(fields=("at", "state", "kind", "customer", "tier"), name="deeds_at"),  # coverage reads nothing else
            Index(fields=("customer", "stage", "at"), name="deeds_customer"),
            Index(fields=("region", "at"), name="deeds_region"),
            Index(fields=("touched",), name="deeds_touched"),
            Index(fields=("state", "at", "customer", "stage"), name="deeds_state"),
        )


class RepMonthRow(Model):
    """How many actions of a rep began in a month (year × 12 + month − 1, UTC) that are alike in all this; `kind` "" for none."""

    id = fields.CharField(max_length=320, primary_key=True)  # month:rep:region:stage:kind:state:flags
    month = fields.IntField()
    rep = fields.CharField(max_length=64)
    region = fields.CharField(max_length=64)
    stage = fields.CharField(max_length=64)
    kind = fields.CharField(max_length=64)
    state = fields.CharField(max_length=12)
    photo = fields.SmallIntField()
    place = fields.SmallIntField()
    summary = fields.SmallIntField()
    n = fields.IntField()

    class Meta:
        table = "rep_months"
        indexes = (Index(fields=("month", "region"), name="rep_months_month"),)


class CustomerMonthRow(Model):
    """How many complete actions with a customer began in a month (as above) that are alike in all this."""

    id = fields.CharField(max_length=400, primary_key=True)  # month:customer:rep:region:stage:kind:tier
    month = fields.IntField()
    customer = fields.CharField(max_length=64)
    rep = fields.CharField(max_length=64)
    region = fields.CharField(max_length=64)
    stage = fields.CharField(max_length=64)
    kind = fields.CharField(max_length=64)
    tier = fields.CharField(max_length=4)
    n = fields.IntField()

    class Meta:
        table = "customer_months"
        indexes = (
            Index(fields=("month", "customer", "kind", "tier", "n"), name="customer_months_coverage"),
            Index(fields=("month", "stage", "customer", "region", "rep", "n"), name="customer_months_stages"),
        )


class MilestoneRow(Model):
    """When a stage was first proved at a customer, and by which action."""

    id = fields.CharField(max_length=140, primary_key=True)  # customer:stage
    customer = fields.CharField(max_length=64, db_index=True)
    stage = fields.CharField(max_length=64)
    at = Instant()
    action = fields.CharField(max_length=40)

    class Meta:
        table = "milestones"
        indexes = (Index(fields=("customer", "stage", "at"), name="milestones_reached"),)


class EffortRow(Model):
    """What a rep's messages of one hour (since 1970, UTC) cost him, as bot/measures/effort.py counts it."""

    id = fields.CharField(max_length=80, primary_key=True)  # rep:hour
    rep = fields.CharField(max_length=64)
    hour = fields.IntField()
    ms = fields.BigIntField()
    messages = fields.IntField()

    class Meta:
        table = "efforts"
        indexes = (Index(fields=("hour",), name="efforts_hour"),)


class HoldingRow(Model):
    """Whose customer it was until then, and of which region: months that are over keep their owner."""

    id = fields.BigIntField(primary_key=True)
    customer = fields.CharField(max_length=64)
    until = Instant()
    owner = fields.CharField(max_length=64)
    region = fields.CharField(max_length=64)

    class Meta:
        table = "holdings"
        unique_together = (("customer", "until"),)
        indexes = (Index(fields=("until",), name="holdings_until"),)
