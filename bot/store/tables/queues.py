"""The queues: what arrived, what is to be sent, which copies are to be made."""

from tortoise import Model, fields
from tortoise.indexes import Index

from bot.store.fields import Instant, JsonText


class Inbox(Model):
    """Everything that arrived, under its platform's key, before it was acked."""

    id = fields.BigIntField(primary_key=True)
    platform = fields.CharField(max_length=16)
    key = fields.CharField(max_length=128)
    sender = fields.CharField(max_length=128)
    payload = fields.BinaryField()
    received_at = Instant()
    due_at = Instant()
    state = fields.CharField(max_length=8, db_default="new")  # new claimed done dead
    attempts = fields.IntField(db_default=0)
    lease_until = Instant(null=True)
    media = JsonText(null=True)  # files fetched so far
    problem = fields.TextField(null=True)
    done_at = Instant(null=True)
    kind = fields.CharField(max_length=16, null=True)  # what it was and whose, once that was worked out
    person = fields.CharField(max_length=64, null=True)

    class Meta:
        table = "inbox"
        unique_together = (("platform", "key"),)
        indexes = (
            Index(fields=("state", "due_at"), name="inbox_due"),
            Index(fields=("platform", "sender", "state"), name="inbox_sender"),
            Index(fields=("person", "received_at"), name="inbox_person"),
        )


class Outbox(Model):
    """Every message out, until it was sent and after."""

    id = fields.BigIntField(primary_key=True)
    key = fields.CharField(max_length=160, unique=True)
    uuid = fields.CharField(max_length=40)  # the platform's idempotency key
    platform = fields.CharField(max_length=16)
    recipient = fields.CharField(max_length=140)  # user:ID or chat:ID
    template = fields.CharField(max_length=80)
    body = JsonText()  # values of the template
    edits = fields.CharField(max_length=160, db_default="")
    token = fields.TextField(db_default="")
    state = fields.CharField(max_length=8, db_default="new")  # new claimed sent void dead
    created_at = Instant()
    due_at = Instant()
    attempts = fields.IntField(db_default=0)
    lease_until = Instant(null=True)
    leader = fields.BigIntField(null=True)  # the row that this one goes out with
    first_tried_at = Instant(null=True)
    maybe_sent = fields.BooleanField(db_default=False)
    receipt = JsonText(null=True)
    sent_at = Instant(null=True)
    reason = fields.TextField(db_default="")

    class Meta:
        table = "outbox"
        indexes = (
            Index(fields=("state", "due_at"), name="outbox_due"),
            Index(fields=("platform", "recipient", "state", "id"), name="outbox_order"),
        )


class SignJob(Model):
    """A photo that counts, on which the customer's name is to be looked for."""

    evidence = fields.CharField(max_length=40, primary_key=True)
    due_at = Instant(db_index=True)
    attempts = fields.IntField(db_default=0)

    class Meta:
        table = "sign_jobs"


class ExportJob(Model):
    """An export that an admin asked for in chat and that is not made yet."""

    id = fields.CharField(max_length=40, primary_key=True)
    by = fields.CharField(max_length=64)
    at = Instant(db_index=True)
    attempts = fields.IntField(db_default=0)

    class Meta:
        table = "export_jobs"


class Derivation(Model):
    """A photo that counts and has no watermarked copy yet."""

    evidence = fields.CharField(max_length=40, primary_key=True)
    due_at = Instant(db_index=True)
    attempts = fields.IntField(db_default=0)

    class Meta:
        table = "derivations"
