"""Other systems' facts, what they were before a correction, files sent in chat to be imported, and marks on customers."""

from tortoise import Model, fields
from tortoise.indexes import Index

from bot.store.fields import Instant, JsonText


class FactRow(Model):
    """A fact as it now stands. `at`, `done_at`, `amount`, `word` mean what `bot.intake.feeds.FeedRow` says of the kind."""

    id = fields.CharField(max_length=100, primary_key=True)  # kind:id
    kind = fields.CharField(max_length=16)
    customer = fields.CharField(max_length=64)
    at = Instant(null=True)
    done_at = Instant(null=True)
    amount = fields.BigIntField(null=True)
    word = fields.CharField(max_length=200, db_default="")
    rep = fields.CharField(max_length=64, db_default="")
    month = fields.CharField(max_length=7, db_default="")
    by = fields.CharField(max_length=16)  # import chat api hook sample
    recorded_at = Instant()
    ledger_index = fields.BigIntField()
    corrections = fields.IntField(db_default=0)

    class Meta:
        table = "facts"
        indexes = (
            Index(fields=("kind", "customer", "at"), name="facts_of_customer"),
            Index(fields=("kind", "at"), name="facts_in_time"),
            Index(fields=("kind", "month"), name="facts_of_month"),
            Index(fields=("kind", "word", "at", "customer"), name="facts_of_word"),
            Index(fields=("kind", "done_at", "at", "customer"), name="facts_open"),
        )


class FactBefore(Model):
    """What a fact said until a correction took its place."""

    id = fields.BigIntField(primary_key=True)
    fact = fields.CharField(max_length=100, db_index=True)
    body = JsonText()
    recorded_at = Instant()
    ledger_index = fields.BigIntField()

    class Meta:
        table = "facts_before"


class HookRow(Model):
    """A pushed request that was taken, so that the same one again gets the same answer and does nothing. No projection."""

    digest = fields.CharField(max_length=64, primary_key=True)
    at = Instant(db_index=True)
    answer = JsonText()

    class Meta:
        table = "hooks"


class ImportRow(Model):
    """A file that an admin dropped into the chat."""

    id = fields.CharField(max_length=40, primary_key=True)
    kind = fields.CharField(max_length=16, db_default="")  # "" = by its header
    name = fields.CharField(max_length=200)
    sha256 = fields.CharField(max_length=64)
    by = fields.CharField(max_length=64)
    chat = fields.CharField(max_length=160)  # platform:user, where it came from
    at = Instant()
    state = fields.CharField(max_length=8)  # asked done failed

    class Meta:
        table = "imports"
        indexes = (Index(fields=("state",), name="imports_state"),)


class MarkRow(Model):
    """A time during which a customer bears a mark; `until` null: he bears it now. Never deleted: this is the log."""

    id = fields.CharField(max_length=40, primary_key=True)
    customer = fields.CharField(max_length=64, db_index=True)
    mark = fields.CharField(max_length=16)  # silent repurchase
    since = Instant()
    until = Instant(null=True)
    why = JsonText()  # what it rested on when it was set
    left = JsonText(null=True)  # what no longer holds
    ledger_index = fields.BigIntField()

    class Meta:
        table = "marks"
        indexes = (Index(fields=("mark", "until"), name="marks_now"),)
