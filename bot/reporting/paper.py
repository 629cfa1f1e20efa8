"""The report on paper and as a picture: typeset by typst with the bundled Chinese typeface; no browser, no network."""

import asyncio
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from bot.errors import SalesTraceError
from bot.reporting.drawing import charts
from bot.typesetting import fonts

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "report"
PPI = 144.0  # of the picture: 540 pt wide, 1080 pixels
Format = Literal["png", "pdf"]


async def picture(template: str, told: Mapping[str, Any]) -> bytes:
    """A PNG of one page as high as it has to be. Raises SalesTraceError."""
    return await asyncio.to_thread(_typeset, template, told, "png")


async def document(template: str, told: Mapping[str, Any]) -> bytes:
    """A PDF of A4 pages. Raises SalesTraceError."""
    return await asyncio.to_thread(_typeset, template, told, "pdf")


def _typeset(template: str, told: Mapping[str, Any], kind: Format) -> bytes:
    import typst  # a compiler of 40 MB: loaded when a report is made, not at the start

    with tempfile.TemporaryDirectory(prefix="salestrace-") as name:
        folder = Path(name)
        (folder / "data.json").write_text(json.dumps({**told, "charts": charts(told)}, ensure_ascii=False), encoding="utf-8")
        for file in FOLDER.glob("*.typ"):
            (folder / file.name).write_bytes(file.read_bytes())
        try:
            made = typst.compile(
                str(folder / f"{template}.typ"),
                root=name,
                font_paths=[str(fonts())],
                ignore_system_fonts=True,
                format=kind,
                ppi=PPI if kind == "png" else None,
                sys_inputs={"picture": "yes" if kind == "png" else ""},
            )
        except RuntimeError as error:
            raise SalesTraceError("报告没有排版成功") from error
    if not isinstance(made, bytes):
        raise SalesTraceError("报告没有排版成功")
    return made
