"""The tables. Queues and ledger, then master data, then the projections that are folded from the ledger alone.

Times are epoch milliseconds (Instant); money integer fen; states short words of the contract.
Small files: Tortoise parses the whole file once for every table in it, as it is imported (0.2 s of `serve`'s start when they were one).
"""

from bot.store.tables.chain import Body, CheckpointRow, Head, Leaf, StampRow, Tile
from bot.store.tables.company import Account, ContactRow, CustomerRow, DeviceRow, LinkRow, PersonRow, PurchaseRow, SiteRow
from bot.store.tables.decks import DeckRow, PresentationRow, ViewingRow
from bot.store.tables.feeds import FactBefore, FactRow, HookRow, ImportRow, MarkRow
from bot.store.tables.figures import CustomerMonthRow, DeedRow, EffortRow, HoldingRow, MilestoneRow, RepMonthRow
from bot.store.tables.followup import AlertRow, ApprovalRow, ConsentRow, Deadline, DocumentRow, NoteRow, QuestionRow, StatementRow, ViewRow
from bot.store.tables.installation import (
    BallotRow,
    ConfigVersion,
    DossierRow,
    ProposalRow,
    ReportDue,
    Setting,
    SurveyRow,
    TallyRow,
    UsageRow,
)
from bot.store.tables.links import MaterialRow, OpeningRow, SigningRow
from bot.store.tables.queues import Derivation, ExportJob, Inbox, Outbox, SignJob
from bot.store.tables.safekeeping import CopyRow
from bot.store.tables.visits import ActionRow, CheckRow, DerivedRow, EvidenceRow, OriginalRow, PhotoPrint, TurnRow, VisitRow
from bot.store.tables.voices import CardRow, MeetingRow, SceneRow, TitleRow, TranscriptRow, VoiceJob

__all__ = [
    "Inbox",
    "Outbox",
    "Derivation",
    "SignJob",
    "ExportJob",
    "CopyRow",
    "Leaf",
    "Body",
    "Head",
    "Tile",
    "CheckpointRow",
    "StampRow",
    "PersonRow",
    "Account",
    "LinkRow",
    "DeviceRow",
    "CustomerRow",
    "PurchaseRow",
    "SiteRow",
    "ContactRow",
    "DeckRow",
    "PresentationRow",
    "ViewingRow",
    "SigningRow",
    "MaterialRow",
    "OpeningRow",
    "Setting",
    "UsageRow",
    "ConfigVersion",
    "ProposalRow",
    "DossierRow",
    "ReportDue",
    "SurveyRow",
    "BallotRow",
    "TallyRow",
    "VisitRow",
    "ActionRow",
    "TurnRow",
    "EvidenceRow",
    "OriginalRow",
    "PhotoPrint",
    "DerivedRow",
    "CheckRow",
    "NoteRow",
    "QuestionRow",
    "ApprovalRow",
    "AlertRow",
    "Deadline",
    "StatementRow",
    "ViewRow",
    "ConsentRow",
    "DocumentRow",
    "TranscriptRow",
    "CardRow",
    "SceneRow",
    "MeetingRow",
    "TitleRow",
    "VoiceJob",
    "FactRow",
    "FactBefore",
    "HookRow",
    "ImportRow",
    "MarkRow",
    "DeedRow",
    "RepMonthRow",
    "CustomerMonthRow",
    "MilestoneRow",
    "EffortRow",
    "HoldingRow",
]
