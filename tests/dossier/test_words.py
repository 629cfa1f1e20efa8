"""What was heard in a dossier: readable for who may have the voices, gone with them for an outsider, checkable both ways."""

from pathlib import Path

import pypdfium2
import pytest

from bot.dossier import check
from tests.dossier.conftest import pack
from tests.dossier.test_dossier import unpacked
from tests.e2e.conftest import Setting
from tests.e2e.house import House
from tests.e2e.rep import Rep

HEARS = pytest.mark.parametrize("h", [Setting(hears=True)], indirect=True)
EDITED = "客户今年的预算大概是六十万元，招标时间定在下个月中旬。采购总监比较担心售后响应的速度，希望我们补充一份服务承诺。"


async def heard(li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("商务谈判", "商务谈判")
    await li_na.plays("budget-tender", "语音转写")
    await li_na.says("改文字", "请回复更正后的全文")
    await li_na.says(EDITED, "已更正")
    await li_na.house.settled()


@HEARS
async def test_the_words_stand_beside_the_voice(h: House, li_na: Rep, tmp_path: Path) -> None:
    await heard(li_na)
    await pack(h, tmp_path / "F.zip")
    assert check.check(tmp_path / "F.zip").broken == []
    files = unpacked(tmp_path / "F.zip")
    told = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(files["index.pdf"]))
    flat = "".join(told.split())
    assert "六十万元" in flat and "机器原文「客户今年的预算大概是五十万元" in flat


@HEARS
async def test_they_go_with_the_voices(h: House, li_na: Rep, tmp_path: Path) -> None:
    await heard(li_na)
    await pack(h, tmp_path / "F.zip", without=frozenset({"voices"}))
    assert check.check(tmp_path / "F.zip").broken == []
    files = unpacked(tmp_path / "F.zip")
    everything = b"".join(data for name, data in files.items() if not name.endswith(".pdf"))
    assert "十万元".encode() not in everything
    told = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(files["index.pdf"]))
    assert "十万元" not in "".join(told.split())
