"""What the visit page tells besides: the battery, and whether a photo is from its own camera."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("store", "0013_agent")]

    operations = [
        ops.AddField(model_name="CheckRow", name="battery", field=fields.FloatField(null=True)),
        ops.AddField(model_name="EvidenceRow", name="live", field=fields.BooleanField(db_default=False)),
    ]
