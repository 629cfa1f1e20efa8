"""A signature's receipt as a PDF: what was signed, by whom and when, the signature itself, the digests, its place in the ledger."""

import json
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.config.schema import Config
from bot.errors import SalesTraceError
from bot.model import Signing
from bot.signatures import CONSENT, TYPED
from bot.store import signings
from bot.typesetting import typeset
from bot.vault import Vault

TEMPLATE = Path(__file__).resolve().parents[1] / "templates" / "receipt" / "signature.typ"


async def receipt(signing: Signing, config: Config, vault: Vault) -> bytes:
    """The same signature gives the same receipt. Raises SalesTraceError where its picture was destroyed."""
    picture = vault.path(signing.picture) if signing.picture else None
    if picture is None or not picture.is_file():
        raise SalesTraceError("签名的图片已不在库中")
    with tempfile.TemporaryDirectory(prefix="salestrace-") as name:
        folder = Path(name)
        (folder / "signature.png").write_bytes(picture.read_bytes())
        (folder / "data.json").write_text(json.dumps(await _data(signing, config), ensure_ascii=False), encoding="utf-8")
        (folder / "receipt.typ").write_bytes(TEMPLATE.read_bytes())
        return await typeset(folder, "receipt.typ", "签字回执")


async def _data(signing: Signing, config: Config) -> dict[str, Any]:
    def local(at: datetime | None) -> str:
        return f"{at.astimezone(config.zone):%Y-%m-%d %H:%M:%S}" if at else ""

    asker, customer = await signings.parties(signing.rep, signing.customer)
    index, file = await signings.ledger_index(signing), signing.file
    return {
        "id": signing.id,
        "what": signing.what,
        "customer": customer,
        "asker": asker,
        "asked_at": local(signing.at),
        "name": signing.name,
        "title": signing.title,
        "typed": signing.method == TYPED,
        "signed_at": f"{local(signing.signed_at)}（{config.timezone}）",
        "consent": CONSENT,
        "file": {"name": file.name, "size": file.size, "mime": file.mime} if file else None,
        "sha256": signing.sha256,
        "sm3": await signings.sm3_of(signing.sha256),
        "picture": signing.picture,
        "picture_sm3": await signings.sm3_of(signing.picture),
        "ledger": "" if index is None else str(index),
    }
