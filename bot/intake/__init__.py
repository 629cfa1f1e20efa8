"""Files and JSON of master data → checked rows, each refusal with its row number and the reason in Chinese."""

from bot.intake.bad import BadTable
from bot.intake.parse import Parsed, Rejected, parse
from bot.intake.rows import ContactRow, CustomerRow, PersonRow, Row, SiteRow
from bot.intake.table import read_table

__all__ = ["BadTable", "ContactRow", "CustomerRow", "Parsed", "PersonRow", "Rejected", "Row", "SiteRow", "parse", "read_table"]
