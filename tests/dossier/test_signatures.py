"""A customer's signature in a dossier: its picture, what the ledger says of it, and a receipt; gone with it once it is erased."""

import json
from pathlib import Path

import pypdfium2

from bot.dossier import check
from bot.erasing import erase
from bot.store.erasing import of_record
from tests.dossier.conftest import pack
from tests.dossier.test_dossier import unpacked
from tests.e2e.house import House
from tests.e2e.rep import Rep
from tests.e2e.test_signatures import asks


async def test_it_is_in_the_dossier_with_its_receipt(h: House, li_na: Rep, tmp_path: Path) -> None:
    await li_na.arrives()
    await li_na.says("需求确认", "需求确认")
    customer = await asks(h)
    assert (await customer.signs())[0] == 200
    await h.settled()
    await pack(h, tmp_path / "F.zip")
    assert check.check(tmp_path / "F.zip").broken == []
    files = unpacked(tmp_path / "F.zip")
    (row,) = await h.sql("SELECT id, picture, evidence FROM signings")
    assert f"originals/{row['picture']}.png" in files
    words = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(files[f"receipts/{row['id']}.pdf"]))
    assert "王建国" in words and "设备验收单" in words
    types = {json.loads(json.loads(data)["leaf"])["t"] for name, data in files.items() if name.startswith("entries/")}
    assert types >= {"signature.asked", "signature.given", "evidence.added", "original.sealed"}
    line = h.product.line
    doomed, at = await of_record(row["evidence"]), (h.clock.now(), tmp_path / "none")
    asked = {"what": "record", "subject": row["evidence"], "by": "A001", "reason": "本人要求"}
    await erase(line.database, line.vault, doomed, **asked, now=at[0], archives=at[1])
    await h.settled()
    assert await h.sql("SELECT id FROM signings") == []
    assert (await customer.sees())[0] == 404
    await pack(h, tmp_path / "G.zip")
    assert "王建国".encode() not in b"".join(unpacked(tmp_path / "G.zip").values())
    assert not line.vault.path(row["picture"]).exists()
    held = await h.sql("SELECT payload FROM inbox WHERE platform = 'internal'")
    assert not any("王建国" in str(one["payload"]) or "王建国".encode() in bytes(one["payload"] or b"") for one in held)
