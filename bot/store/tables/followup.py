"""Projections of what follows: reasons, questions, approvals, incidents, deadlines, and who looked."""

from tortoise import Model, fields
from tortoise.indexes import Index

from bot.store.fields import Instant, JsonText


class NoteRow(Model):
    id = fields.CharField(max_length=40, primary_key=True)
    customer = fields.CharField(max_length=64)
    kind = fields.CharField(max_length=64)
    month = fields.CharField(max_length=7)
    text = fields.TextField()
    by = fields.CharField(max_length=64)
    at = Instant()

    class Meta:
        table = "notes"
        indexes = (Index(fields=("month", "customer"), name="notes_month"),)


class QuestionRow(Model):
    person = fields.CharField(max_length=64, primary_key=True)
    op = fields.CharField(max_length=40)
    arg = fields.TextField()
    at = Instant()

    class Meta:
        table = "questions"


class ApprovalRow(Model):
    id = fields.CharField(max_length=40, primary_key=True)
    what = fields.CharField(max_length=10)
    subject = fields.CharField(max_length=80)
    rep = fields.CharField(max_length=64)
    region = fields.CharField(max_length=64)
    decided = fields.BooleanField(null=True)
    by = fields.CharField(max_length=64, db_default="")
    at = Instant()
    body = JsonText()

    class Meta:
        table = "approvals"
        indexes = (Index(fields=("what", "subject"), name="approvals_subject"),)


class AlertRow(Model):
    """One incident: the unique key makes it one row whoever races."""

    id = fields.CharField(max_length=40, primary_key=True)
    rule = fields.CharField(max_length=64)
    subject = fields.CharField(max_length=80)
    period = fields.CharField(max_length=64)
    region = fields.CharField(max_length=64)
    owner = fields.CharField(max_length=64, null=True)
    state = fields.CharField(max_length=12)
    how = fields.CharField(max_length=16, db_default="")
    count = fields.IntField()
    since = Instant()
    until = Instant(null=True)
    told = fields.BooleanField()
    body = JsonText()
    version = fields.CharField(max_length=64, db_default="")  # of the config that it was raised under

    class Meta:
        table = "alerts"
        unique_together = (("rule", "subject", "period"),)
        indexes = (
            Index(fields=("state", "region"), name="alerts_open"),
            Index(fields=("subject",), name="alerts_subject"),
            Index(fields=("since",), name="alerts_since"),
        )


class Deadline(Model):
    """When a rule must look at a subject next; the sweep reads only rows past their time."""

    id = fields.BigIntField(primary_key=True)
    rule = fields.CharField(max_length=64)
    subject = fields.CharField(max_length=80)
    due_at = Instant(null=True)

    class Meta:
        table = "deadlines"
        unique_together = (("rule", "subject"),)
        indexes = (Index(fields=("due_at",), name="deadlines_due"),)


class DocumentRow(Model):
    """A paper on file: the latest one."""

    id = fields.CharField(max_length=140, primary_key=True)  # customer:rule
    customer = fields.CharField(max_length=64, db_index=True)
    rule = fields.CharField(max_length=64)
    evidence = fields.CharField(max_length=40)
    by = fields.CharField(max_length=64)
    at = Instant()

    class Meta:
        table = "documents"


class ConsentRow(Model):
    """What a person said to one purpose. `state`: shown | given | withdrawn."""

    id = fields.CharField(max_length=80, primary_key=True)  # person:purpose
    person = fields.CharField(max_length=64, db_index=True)
    purpose = fields.CharField(max_length=12)
    state = fields.CharField(max_length=10)
    version = fields.CharField(max_length=8)
    at = Instant()

    class Meta:
        table = "consents"


class StatementRow(Model):
    """What somebody has to say about an action."""

    id = fields.CharField(max_length=40, primary_key=True)
    action = fields.CharField(max_length=40, db_index=True)
    by = fields.CharField(max_length=64)
    text = fields.TextField()
    at = Instant()
    ledger_index = fields.BigIntField()

    class Meta:
        table = "statements"


class ViewRow(Model):
    """Who looked at a record."""

    id = fields.BigIntField(primary_key=True)
    record = fields.CharField(max_length=40, db_index=True)
    person = fields.CharField(max_length=64)
    at = Instant()
    how = fields.CharField(max_length=8)

    class Meta:
        table = "views"
