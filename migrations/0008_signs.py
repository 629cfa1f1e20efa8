"""Whether the customer's name is seen on a photo, and the queue of photos to be read."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from bot.store.fields import Instant, JsonText
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("store", "0007_documents")]

    operations = [
        ops.AddField(model_name="EvidenceRow", name="sign", field=JsonText(null=True, unique=False)),
        ops.CreateModel(
            name="SignJob",
            fields=[
                ("evidence", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("due_at", Instant(db_index=True)),
                ("attempts", fields.IntField(db_default=0)),
            ],
            options={"table": "sign_jobs", "app": "store", "pk_attr": "evidence"},
            bases=["Model"],
        ),
    ]
