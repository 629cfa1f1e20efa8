"""What the installation remembers of itself."""

from tortoise import Model, fields

from bot.store.fields import Instant, JsonText


class Setting(Model):
    """Small facts of the installation (last callback seen, menu made, config in force)."""

    name = fields.CharField(max_length=80, primary_key=True)
    value = JsonText()
    at = Instant()

    class Meta:
        table = "settings"


class ConfigVersion(Model):
    """Every config that was ever in force."""

    id = fields.BigIntField(primary_key=True)
    sha256 = fields.CharField(max_length=64)
    at = Instant(db_index=True)
    text = fields.TextField()

    class Meta:
        table = "config_versions"
