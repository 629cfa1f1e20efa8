"""Decks, their presentations, and what is looked at just now."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from bot.store.fields import Instant, JsonText
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("store", "0011_usage")]

    operations = [
        ops.CreateModel(
            name="DeckRow",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("name", fields.CharField(max_length=80)),
                ("tags", JsonText(unique=False)),
                ("pages", JsonText(unique=False)),
                ("source", fields.CharField(max_length=64)),
                ("at", Instant()),
            ],
            options={"table": "decks", "app": "store", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PresentationRow",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("deck", fields.CharField(max_length=40)),
                ("name", fields.CharField(max_length=80)),
                ("rep", fields.CharField(max_length=64)),
                ("visit", fields.CharField(db_default="", max_length=40)),
                ("customer", fields.CharField(db_default="", max_length=64)),
                ("state", fields.CharField(max_length=8)),
                ("seconds", JsonText(unique=False)),
                ("at", Instant()),
            ],
            options={
                "table": "presentations",
                "app": "store",
                "indexes": [Index(fields=["rep", "state"], name="presentations_rep")],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ViewingRow",
            fields=[
                ("presentation", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("nonce", fields.CharField(max_length=32)),
                ("seq", fields.IntField(db_default=0)),
                ("allowance", fields.FloatField(db_default=0)),
                ("seconds", JsonText(unique=False)),
                ("beat_at", Instant()),
                ("due_at", Instant()),
            ],
            options={"table": "viewings", "app": "store", "pk_attr": "presentation"},
            bases=["Model"],
        ),
    ]
