"""Files and JSON of master data and of other systems' facts → checked rows, each refusal with its row number and the reason in Chinese."""

from bot.intake.bad import BadRow, BadTable
from bot.intake.feeds import FEEDS, FeedReader, FeedRow, kind_by_header, kind_named, visit_id
from bot.intake.parse import Parsed, Rejected, parse
from bot.intake.rows import ContactRow, CustomerRow, PersonRow, Row, SiteRow
from bot.intake.table import read_table

__all__ = [
    "FEEDS",
    "BadRow",
    "BadTable",
    "FeedReader",
    "FeedRow",
    "kind_by_header",
    "kind_named",
    "visit_id",
    "ContactRow",
    "CustomerRow",
    "Parsed",
    "PersonRow",
    "Rejected",
    "Row",
    "SiteRow",
    "parse",
    "read_table",
]
