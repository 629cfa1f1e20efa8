"""What the installation remembers of itself."""

from tortoise import Model, fields
from tortoise.indexes import Index

from bot.store.fields import Instant, JsonText


class Setting(Model):
    """Small facts of the installation (last callback seen, menu made, config in force)."""

    name = fields.CharField(max_length=80, primary_key=True)
    value = JsonText()
    at = Instant()

    class Meta:
        table = "settings"


class UsageRow(Model):
    """How often a platform was called, or called us, in a month. No projection: nothing of it is in the ledger."""

    id = fields.CharField(max_length=60, primary_key=True)
    platform = fields.CharField(max_length=16)
    what = fields.CharField(max_length=16)
    month = fields.CharField(max_length=7, db_index=True)
    amount = fields.BigIntField(db_default=0)

    class Meta:
        table = "usage"


class DossierRow(Model):
    """A dossier that was asked for, and what became of it."""

    id = fields.CharField(max_length=40, primary_key=True)
    customer = fields.CharField(max_length=64)
    since = Instant(null=True)
    until = Instant(null=True)
    without = JsonText()
    by = fields.CharField(max_length=64)
    at = Instant()
    state = fields.CharField(max_length=8)  # asked made failed
    manifest = fields.CharField(max_length=64, db_default="")

    class Meta:
        table = "dossiers"
        indexes = (Index(fields=("state",), name="dossiers_state"),)


class ReportDue(Model):
    """When a region's next report is due. `id`: kind:region; `kind`: week | month."""

    id = fields.CharField(max_length=80, primary_key=True)
    kind = fields.CharField(max_length=8)
    region = fields.CharField(max_length=64)
    due_at = Instant(db_index=True)
    attempts = fields.IntField(db_default=0)

    class Meta:
        table = "report_dues"


class SurveyRow(Model):
    """An anonymous survey. `result`: answers by choice, once it is closed and enough came in; `answers`: how many."""

    id = fields.CharField(max_length=7, primary_key=True)  # 2026-11
    state = fields.CharField(max_length=8)  # open closed
    invited = fields.IntField()
    opened_at = Instant()
    closes_at = Instant()
    answers = fields.IntField(db_default=0)
    result = JsonText(null=True)

    class Meta:
        table = "surveys"


class BallotRow(Model):
    """A ballot that was used, by its SHA-256, while the survey is open. Nothing stored says whose it was, or what was on it."""

    id = fields.CharField(max_length=64, primary_key=True)
    survey = fields.CharField(max_length=7, db_index=True)

    class Meta:
        table = "survey_ballots"


class TallyRow(Model):
    """How often an answer was given, while the survey is open: survey:answer."""

    id = fields.CharField(max_length=24, primary_key=True)
    survey = fields.CharField(max_length=7, db_index=True)
    answer = fields.CharField(max_length=12)
    count = fields.IntField()

    class Meta:
        table = "survey_tallies"


class ProposalRow(Model):
    """A config that an admin sent in chat. `state`: sent broken checked shown approved applied dropped stale undoing undone."""

    id = fields.CharField(max_length=40, primary_key=True)
    sha256 = fields.CharField(max_length=64)
    base = fields.CharField(max_length=64, db_default="")  # the config that it was read beside
    edit = fields.TextField(db_default="")
    by = fields.CharField(max_length=64)
    decided_by = fields.CharField(max_length=64, db_default="")
    at = Instant()
    state = fields.CharField(max_length=10)

    class Meta:
        table = "config_proposals"
        indexes = (Index(fields=("state",), name="config_proposals_state"),)


class ConfigVersion(Model):
    """Every config that was ever in force."""

    id = fields.BigIntField(primary_key=True)
    sha256 = fields.CharField(max_length=64)
    at = Instant(db_index=True)
    text = fields.TextField()

    class Meta:
        table = "config_versions"
