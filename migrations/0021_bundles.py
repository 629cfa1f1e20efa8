"""Red lights that go out as one card stay together until it is out."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("store", "0020_report")]

    operations = [
        ops.AddField(model_name="Outbox", name="leader", field=fields.BigIntField(null=True)),
    ]
