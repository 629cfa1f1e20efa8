"""What was heard: transcripts, titles that nobody has, who was met, scenes that wait for their recording, and the queue of voices."""

from tortoise import Model, fields
from tortoise.indexes import Index

from bot.store.fields import Instant, JsonText


class TranscriptRow(Model):
    evidence = fields.CharField(max_length=40, primary_key=True)
    visit = fields.CharField(max_length=40, db_index=True)
    rep = fields.CharField(max_length=64)
    customer = fields.CharField(max_length=64)
    scene = fields.CharField(max_length=64, db_default="")
    state = fields.CharField(max_length=10)  # heard draft submitted expired unheard
    machine = fields.TextField(db_default="")
    edited = fields.TextField(null=True)
    engine = fields.CharField(max_length=80, db_default="")
    spans = JsonText()
    marks = JsonText()
    problem = fields.CharField(max_length=40, db_default="")
    sent_at = Instant()
    at = Instant()  # of its latest change

    class Meta:
        table = "transcripts"
        indexes = (Index(fields=("customer", "sent_at"), name="transcripts_customer"), Index(fields=("rep", "at"), name="transcripts_rep"))


class SceneRow(Model):
    """The scene whose recording is waited for, one a person."""

    person = fields.CharField(max_length=64, primary_key=True)
    scene = fields.CharField(max_length=64)
    visit = fields.CharField(max_length=40)
    at = Instant()
    until = Instant()

    class Meta:
        table = "scenes"


class MeetingRow(Model):
    """A contact was named in a visit."""

    id = fields.BigIntField(primary_key=True)
    contact = fields.CharField(max_length=80, db_index=True)
    visit = fields.CharField(max_length=40, db_index=True)
    at = Instant()  # the first time

    class Meta:
        table = "meetings"
        unique_together = (("contact", "visit"),)


class TitleRow(Model):
    """A title heard at a customer that nobody there had: customer:title."""

    id = fields.CharField(max_length=160, primary_key=True)
    customer = fields.CharField(max_length=64, db_index=True)
    title = fields.CharField(max_length=80)
    evidence = fields.CharField(max_length=40)
    rep = fields.CharField(max_length=64)
    state = fields.CharField(max_length=10)  # asked registered foreign ignored
    at = Instant()

    class Meta:
        table = "titles"


class CardRow(Model):
    """A business card that a rep sent: read, and then registered or not."""

    evidence = fields.CharField(max_length=40, primary_key=True)
    visit = fields.CharField(max_length=40)
    customer = fields.CharField(max_length=64)
    rep = fields.CharField(max_length=64)
    state = fields.CharField(max_length=10)  # sent read registered wrong
    name = fields.CharField(max_length=40, db_default="")
    title = fields.CharField(max_length=40, db_default="")
    phone = fields.CharField(max_length=40, db_default="")
    at = Instant()

    class Meta:
        table = "business_cards"


class VoiceJob(Model):
    """A voice that is to be heard."""

    evidence = fields.CharField(max_length=40, primary_key=True)
    due_at = Instant(db_index=True)
    queued_at = Instant()
    attempts = fields.IntField(db_default=0)

    class Meta:
        table = "voice_jobs"
