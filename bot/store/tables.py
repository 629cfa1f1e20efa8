"""The tables. Queues and ledger first, then master data, then the projections that are folded from the ledger alone.

Times are epoch milliseconds (Instant); money integer fen; states short words of the contract.
"""

from tortoise import Model, fields
from tortoise.indexes import Index

from bot.store.fields import Instant, JsonText

# ---- queues ---------------------------------------------------------------------------------------------------------


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

    class Meta:
        table = "inbox"
        unique_together = (("platform", "key"),)
        indexes = (Index(fields=("state", "due_at"), name="inbox_due"), Index(fields=("platform", "sender", "state"), name="inbox_sender"))


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


# ---- ledger ---------------------------------------------------------------------------------------------------------


class Leaf(Model):
    """A leaf of the tree: never updated, never deleted."""

    index = fields.BigIntField(primary_key=True, generated=False)
    data = fields.BinaryField()
    hash = fields.BinaryField()

    class Meta:
        table = "ledger_leaves"


class Body(Model):
    """What a leaf commits to, and the salt that ties it there. Deletion may empty both."""

    index = fields.BigIntField(primary_key=True, generated=False)
    type = fields.CharField(max_length=40)
    at = Instant()
    body = fields.TextField(null=True)
    salt = fields.BinaryField(null=True)

    class Meta:
        table = "ledger_bodies"


class Head(Model):
    """One row: size, frontier and root. Its row lock (or SQLite's write lock) serialises the steps."""

    id = fields.IntField(primary_key=True, generated=False)
    size = fields.BigIntField()
    frontier = JsonText()
    root = fields.CharField(max_length=64)
    at = Instant()

    class Meta:
        table = "ledger_head"


# ---- master data ----------------------------------------------------------------------------------------------------


class PersonRow(Model):
    id = fields.CharField(max_length=64, primary_key=True)
    name = fields.CharField(max_length=80)
    roles = JsonText()
    region = fields.CharField(max_length=64, db_default="")
    active = fields.BooleanField(db_default=True)
    met_at = Instant(null=True)  # first contact
    read_at = Instant(null=True)  # when the last completed read of the native records began
    updated_at = Instant()

    class Meta:
        table = "people"
        indexes = (Index(fields=("region",), name="people_region"),)


class Account(Model):
    """A platform's user id of a person."""

    id = fields.BigIntField(primary_key=True)
    platform = fields.CharField(max_length=16)
    user = fields.CharField(max_length=128)
    person = fields.CharField(max_length=64, db_index=True)

    class Meta:
        table = "accounts"
        unique_together = (("platform", "user"),)


class DeviceRow(Model):
    id = fields.CharField(max_length=40, primary_key=True)
    person = fields.CharField(max_length=64, db_index=True)
    platform = fields.CharField(max_length=16)
    device = fields.CharField(max_length=200)
    state = fields.CharField(max_length=10)  # pending active retired rejected
    since = Instant()
    by = fields.CharField(max_length=64, db_default="")

    class Meta:
        table = "devices"


class CustomerRow(Model):
    id = fields.CharField(max_length=64, primary_key=True)
    name = fields.CharField(max_length=120)
    aliases = JsonText()
    owner = fields.CharField(max_length=64, db_index=True)
    region = fields.CharField(max_length=64, db_index=True)
    annual_purchase_fen = fields.BigIntField()
    industry = fields.CharField(max_length=80, db_default="")
    address = fields.TextField(db_default="")
    imported_at = Instant()
    last_complete_at = Instant(null=True)

    class Meta:
        table = "customers"


class PurchaseRow(Model):
    """Annual purchase over time: the grade in force at a month's end is read from here."""

    id = fields.BigIntField(primary_key=True)
    customer = fields.CharField(max_length=64)
    since = Instant()
    fen = fields.BigIntField()

    class Meta:
        table = "purchases"
        indexes = (Index(fields=("customer", "since"), name="purchases_customer"),)


class SiteRow(Model):
    id = fields.CharField(max_length=80, primary_key=True)
    customer = fields.CharField(max_length=64, db_index=True)
    name = fields.CharField(max_length=120)
    lat = fields.FloatField()
    lng = fields.FloatField()
    datum = fields.CharField(max_length=8)
    radius_m = fields.IntField(null=True)
    state = fields.CharField(max_length=10)  # approved pending rejected
    by = fields.CharField(max_length=64, db_default="")

    class Meta:
        table = "sites"


class ContactRow(Model):
    id = fields.CharField(max_length=80, primary_key=True)
    customer = fields.CharField(max_length=64, db_index=True)
    name = fields.CharField(max_length=80)
    title = fields.CharField(max_length=80, db_default="")
    role = fields.CharField(max_length=16, db_default="")
    phone = fields.CharField(max_length=40, db_default="")
    last_at = Instant(null=True)

    class Meta:
        table = "contacts"


class Setting(Model):
    """Small facts of the installation (last callback seen, menu made, config in force)."""

    name = fields.CharField(max_length=80, primary_key=True)
    value = JsonText()
    at = Instant()

    class Meta:
        table = "settings"


class ConfigVersion(Model):
    """Every config that was ever in force."""

    id = fields.BigIntField(primary_key=True)
    sha256 = fields.CharField(max_length=64)
    at = Instant(db_index=True)
    text = fields.TextField()

    class Meta:
        table = "config_versions"


# ---- projections ----------------------------------------------------------------------------------------------------


class VisitRow(Model):
    id = fields.CharField(max_length=40, primary_key=True)
    rep = fields.CharField(max_length=64)
    customer = fields.CharField(max_length=64)
    state = fields.CharField(max_length=10)
    started_at = Instant()
    ended_at = Instant(null=True)

    class Meta:
        table = "visits"
        indexes = (
            Index(fields=("rep", "state", "started_at"), name="visits_rep"),
            Index(fields=("state", "started_at"), name="visits_open"),
        )


class ActionRow(Model):
    id = fields.CharField(max_length=40, primary_key=True)
    visit = fields.CharField(max_length=40, db_index=True)
    rep = fields.CharField(max_length=64)
    customer = fields.CharField(max_length=64)
    region = fields.CharField(max_length=64)
    stage = fields.CharField(max_length=64)
    kind = fields.CharField(max_length=64, null=True)
    state = fields.CharField(max_length=12)
    tier = fields.CharField(max_length=4)
    reasons = JsonText()
    at = Instant()
    received_at = Instant()
    submitted_at = Instant(null=True)
    point = JsonText(null=True)
    device = fields.CharField(max_length=200, null=True)
    distance_m = fields.FloatField(null=True)
    battery = fields.FloatField(null=True)
    corrected_from = fields.CharField(max_length=64, null=True)
    override = fields.TextField(db_default="")
    source = fields.TextField(db_default="")
    ledger_index = fields.BigIntField()

    class Meta:
        table = "actions"
        indexes = (
            Index(fields=("customer", "at"), name="actions_customer"),
            Index(fields=("rep", "at"), name="actions_rep"),
            Index(fields=("at", "state"), name="actions_at"),
            Index(fields=("region", "at"), name="actions_region"),
        )


class EvidenceRow(Model):
    id = fields.CharField(max_length=40, primary_key=True)
    visit = fields.CharField(max_length=40, db_index=True)
    action = fields.CharField(max_length=40, null=True, db_index=True)
    rep = fields.CharField(max_length=64)
    customer = fields.CharField(max_length=64)
    kind = fields.CharField(max_length=16)
    sha256 = fields.CharField(max_length=64, null=True, db_index=True)
    mime = fields.CharField(max_length=80, db_default="")
    seconds = fields.FloatField(null=True)
    state = fields.CharField(max_length=12)
    reasons = JsonText()
    sent_at = Instant()
    received_at = Instant()
    source = fields.TextField(db_default="")
    media = fields.TextField(db_default="")
    ledger_index = fields.BigIntField()

    class Meta:
        table = "evidence"
        indexes = (Index(fields=("rep", "state", "sent_at"), name="evidence_waiting"),)


class CheckRow(Model):
    id = fields.CharField(max_length=40, primary_key=True)
    rep = fields.CharField(max_length=64)
    customer = fields.CharField(max_length=64)
    site = fields.CharField(max_length=80, null=True)
    at = Instant()
    until = Instant()
    point = JsonText()
    state = fields.CharField(max_length=8)
    distance_m = fields.FloatField(null=True)
    device = fields.CharField(max_length=200, null=True)
    reasons = JsonText()
    place = fields.TextField(db_default="")

    class Meta:
        table = "checks"
        indexes = (Index(fields=("rep", "at"), name="checks_rep"),)


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

    class Meta:
        table = "alerts"
        unique_together = (("rule", "subject", "period"),)
        indexes = (Index(fields=("state", "region"), name="alerts_open"), Index(fields=("subject",), name="alerts_subject"))


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


class ViewRow(Model):
    """Who looked at a record."""

    id = fields.BigIntField(primary_key=True)
    record = fields.CharField(max_length=40, db_index=True)
    person = fields.CharField(max_length=64)
    at = Instant()
    how = fields.CharField(max_length=8)

    class Meta:
        table = "views"
