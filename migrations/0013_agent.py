"""What the sender's client said of itself, where a platform passes it on."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("store", "0012_decks")]

    operations = [
        ops.AddField(model_name="EvidenceRow", name="agent", field=fields.CharField(db_default="", max_length=200)),
    ]
