"""Hashes of photos, copies made from originals, and the queue of those to be made."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from bot.store.fields import Instant
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("store", "0003_dossiers")]

    operations = [
        ops.CreateModel(
            name="PhotoPrint",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("photo", fields.CharField(max_length=64)),
                ("window", fields.IntField()),
                ("b0", fields.IntField()),
                ("b1", fields.IntField()),
                ("b2", fields.IntField()),
            ],
            options={
                "table": "photo_prints",
                "app": "store",
                "indexes": [
                    Index(fields=["b0", "window"], name="photo_prints_b0"),
                    Index(fields=["b1", "window"], name="photo_prints_b1"),
                    Index(fields=["b2", "window"], name="photo_prints_b2"),
                    Index(fields=["photo"], name="photo_prints_photo"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DerivedRow",
            fields=[
                ("evidence", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("sha256", fields.CharField(max_length=64)),
                ("kind", fields.CharField(max_length=16)),
                ("mime", fields.CharField(max_length=80)),
                ("at", Instant()),
            ],
            options={"table": "derived", "app": "store", "pk_attr": "evidence"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Derivation",
            fields=[
                ("evidence", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("due_at", Instant(db_index=True)),
                ("attempts", fields.IntField(db_default=0)),
            ],
            options={"table": "derivations", "app": "store", "pk_attr": "evidence"},
            bases=["Model"],
        ),
    ]
