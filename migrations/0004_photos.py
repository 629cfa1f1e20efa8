"""Hashes of photos, copies made from originals, and the queue of those to be made."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from bot.store.fields import Instant
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("store", "0003_dossiers")]

    operations = [
        ops.CreateModel(
            name="PhotoPrint",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("photo", fields.CharField(max_length=64)),
                ("window", fields.IntField()),
                ("b0", fields.IntField(db_index=True)),
                ("b1", fields.IntField(db_index=True)),
                ("b2", fields.IntField(db_index=True)),
                ("b3", fields.IntField(db_index=True)),
                ("fine", fields.CharField(max_length=64)),
            ],
            options={"table": "photo_prints", "app": "store", "pk_attr": "id"},
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
