"""What intake refuses: a whole file, or one row of it."""

from bot.errors import SalesTraceError


class BadTable(SalesTraceError):
    """The file as a whole cannot be read; the text says why, in Chinese."""


class BadRow(SalesTraceError):
    """Why a row is refused, in Chinese; never quotes a phone number or a coordinate."""
