"""Master data: people, customers, places."""

from tortoise import Model, fields
from tortoise.indexes import Index

from bot.store.fields import Instant, JsonText


class PersonRow(Model):
    id = fields.CharField(max_length=64, primary_key=True)
    name = fields.CharField(max_length=80)
    roles = JsonText()
    region = fields.CharField(max_length=64, db_default="")
    active = fields.BooleanField(db_default=True)
    met_at = Instant(null=True)  # first contact
    read_at = Instant(null=True)  # when the last completed read of the native records began
    updated_at = Instant()

    class Meta:
        table = "people"
        indexes = (Index(fields=("region",), name="people_region"),)


class Account(Model):
    """A platform's user id of a person."""

    id = fields.BigIntField(primary_key=True)
    platform = fields.CharField(max_length=16)
    user = fields.CharField(max_length=128)
    person = fields.CharField(max_length=64, db_index=True)
    by = fields.CharField(max_length=8, db_default="")  # "code": linked by himself; an import without this column leaves it

    class Meta:
        table = "accounts"
        unique_together = (("platform", "user"),)


class LinkRow(Model):
    """A one-time code that somebody asked for, to be typed from another account."""

    id = fields.CharField(max_length=40, primary_key=True)
    person = fields.CharField(max_length=64)
    digest = fields.CharField(max_length=64, db_index=True)
    until = Instant()
    taken = fields.BooleanField(db_default=False)

    class Meta:
        table = "links"


class DeviceRow(Model):
    id = fields.CharField(max_length=40, primary_key=True)
    person = fields.CharField(max_length=64, db_index=True)
    platform = fields.CharField(max_length=16)
    device = fields.CharField(max_length=200)
    state = fields.CharField(max_length=10)  # pending active retired rejected
    since = Instant()
    by = fields.CharField(max_length=64, db_default="")

    class Meta:
        table = "devices"


class CustomerRow(Model):
    id = fields.CharField(max_length=64, primary_key=True)
    name = fields.CharField(max_length=120)
    aliases = JsonText()
    owner = fields.CharField(max_length=64, db_index=True)
    region = fields.CharField(max_length=64, db_index=True)
    annual_purchase_fen = fields.BigIntField()
    industry = fields.CharField(max_length=80, db_default="")
    address = fields.TextField(db_default="")
    imported_at = Instant()
    last_complete_at = Instant(null=True)

    class Meta:
        table = "customers"


class PurchaseRow(Model):
    """Annual purchase over time: the grade in force at a month's end is read from here."""

    id = fields.BigIntField(primary_key=True)
    customer = fields.CharField(max_length=64)
    since = Instant()
    fen = fields.BigIntField()

    class Meta:
        table = "purchases"
        indexes = (Index(fields=("customer", "since"), name="purchases_customer"),)


class SiteRow(Model):
    id = fields.CharField(max_length=80, primary_key=True)
    customer = fields.CharField(max_length=64, db_index=True)
    name = fields.CharField(max_length=120)
    lat = fields.FloatField()
    lng = fields.FloatField()
    datum = fields.CharField(max_length=8)
    radius_m = fields.IntField(null=True)
    state = fields.CharField(max_length=10)  # approved pending rejected
    by = fields.CharField(max_length=64, db_default="")

    class Meta:
        table = "sites"


class ContactRow(Model):
    id = fields.CharField(max_length=80, primary_key=True)
    customer = fields.CharField(max_length=64, db_index=True)
    name = fields.CharField(max_length=80)
    title = fields.CharField(max_length=80, db_default="")
    role = fields.CharField(max_length=16, db_default="")
    phone = fields.CharField(max_length=40, db_default="")
    last_at = Instant(null=True)

    class Meta:
        table = "contacts"
