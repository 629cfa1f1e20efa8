"""Tiles, signed checkpoints and their timestamps; the second digest of originals."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from bot.store.fields import Instant, JsonText
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("store", "0001_initial")]

    operations = [
        ops.CreateModel(
            name="Tile",
            fields=[
                ("id", fields.BigIntField(primary_key=True, unique=True, db_index=True, generated=False)),
                ("hash", fields.BinaryField()),
            ],
            options={"table": "ledger_tiles", "app": "store", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CheckpointRow",
            fields=[
                ("size", fields.BigIntField(primary_key=True, unique=True, db_index=True, generated=False)),
                ("root", fields.CharField(max_length=64)),
                ("at", Instant()),
                ("frontier", JsonText(unique=False)),
                ("note", fields.TextField(unique=False)),
            ],
            options={"table": "ledger_checkpoints", "app": "store", "pk_attr": "size"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StampRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("size", fields.BigIntField()),
                ("tsa", fields.CharField(max_length=64)),
                ("at", Instant()),
                ("token", fields.BinaryField()),
            ],
            options={"table": "ledger_stamps", "app": "store", "unique_together": (("size", "tsa"),), "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OriginalRow",
            fields=[
                ("sha256", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("sm3", fields.CharField(max_length=64)),
                ("size", fields.BigIntField()),
            ],
            options={"table": "originals", "app": "store", "pk_attr": "sha256"},
            bases=["Model"],
        ),
    ]
