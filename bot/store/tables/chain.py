"""The ledger: leaves, what they commit to, the head; what was signed over it."""

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


class Tile(Model):
    """Root of 2^level leaves that are all there: what a proof reads instead of them. `id` is made by `tile_id`."""

    id = fields.BigIntField(primary_key=True, generated=False)
    hash = fields.BinaryField()

    class Meta:
        table = "ledger_tiles"


class CheckpointRow(Model):
    """A signed checkpoint; `frontier` is the tree's right edge at that size, from which the next one is checked."""

    size = fields.BigIntField(primary_key=True, generated=False)
    root = fields.CharField(max_length=64)
    at = Instant()
    frontier = JsonText()
    note = fields.TextField()

    class Meta:
        table = "ledger_checkpoints"


class StampRow(Model):
    """A timestamp token of a checkpoint, as its authority (`tsa`) returned it."""

    id = fields.BigIntField(primary_key=True)
    size = fields.BigIntField()
    tsa = fields.CharField(max_length=64)
    at = Instant()
    token = fields.BinaryField()

    class Meta:
        table = "ledger_stamps"
        unique_together = (("size", "tsa"),)
