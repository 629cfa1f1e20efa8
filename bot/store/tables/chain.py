"""The ledger: leaves, what they commit to, and the head."""

from tortoise import Model, fields

from bot.store.fields import Instant, JsonText


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
