"""Headers → columns: English names, the Chinese ones of the contract, and those that the config maps."""

import re
import unicodedata
from collections.abc import Mapping

from bot.intake.bad import BadRow
from bot.intake.workbook import Merged

BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")  # zero-width, and marks that turn the reading order
QUOTED = re.compile(r"^'(?=[=+\-@])")  # put there by our own files of refused rows, so that no spreadsheet takes it for a formula
REFUSED = ("行号", "拒绝原因")  # the columns that those files have in front; a mended one may be sent back as it is


def tidy(text: str) -> str:
    """Full-width digits and letters as ordinary ones; line breaks as spaces; no characters that cannot be seen."""
    if text.isascii() and text.isalnum():
        return text
    seen = INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return QUOTED.sub("", BREAKS.sub(" ", seen).strip())


class Naming:
    """The columns of a kind. `mapped`: header → column of the config, "" for one to be passed over."""

    def __init__(self, kind: str, mapped: Mapping[str, str], columns: frozenset[str], headers: Mapping[str, str]) -> None:
        self._kind = kind
        self._columns = columns
        self._mapped = {tidy(header).lower(): column for header, column in mapped.items()} | dict.fromkeys(REFUSED, "")
        self._headers = headers
        self._known: dict[str, str | None] = {}

    def column(self, header: str) -> str | None:
        """The column, "" for a header to be passed over, None for an unknown one."""
        if header not in self._known:
            plain = tidy(header).lower()
            found = self._mapped.get(plain, self._headers.get(plain, plain))
            if found == "id" and "id" not in self._columns:
                found = "customer"  # 客户编号 in a file of what belongs to customers
            self._known[header] = found if not found or found in self._columns else None
        return self._known[header]

    def named(self, raw: Mapping[str, str]) -> dict[str, str]:
        """Columns under their English names, cells tidied. Raises BadRow."""
        given: dict[str, str] = {}
        for header, cell in raw.items():
            column = self.column(header)
            if column is None:
                raise BadRow(self.unknown(header))
            if not column:
                continue
            if column in given:
                raise BadRow(f"有两列都是 {column}")
            given[column] = Merged(tidy(cell)) if isinstance(cell, Merged) else tidy(cell)
        return given

    def unknown(self, header: str) -> str:
        """Why a header is refused."""
        return f"不认识的列 {header}; 可用: {', '.join(sorted(self._columns))}"
