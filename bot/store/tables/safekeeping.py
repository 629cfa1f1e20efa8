"""What is copied away, and how far that has come. Queue and inventory: derived from ledger and vault, no projection."""

from tortoise import Model, fields

from bot.store.fields import Instant


class CopyRow(Model):
    """One file at the backup target. `state`: waiting (to be copied) | done | gone (to be deleted there)."""

    name = fields.CharField(max_length=120, primary_key=True)
    sha256 = fields.CharField(max_length=64, db_default="")  # of the plain content, once copied
    state = fields.CharField(max_length=8)
    since = Instant()
    due_at = Instant(db_index=True)
    attempts = fields.IntField(db_default=0)
    problem = fields.CharField(max_length=40, db_default="")
    checked_at = Instant(null=True)

    class Meta:
        table = "copies"
