"""What a rep is told about what is kept of him, and what he said to it. One text a version; its digest stands in the ledger.

A purpose that was not agreed to (with `ask`), or was withdrawn, is not used: such files are not fetched, such positions not stored.
The bot works on and says what cannot count.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from bot.config.schema import Config
from bot.model import Kind

VERSION = "1"
TEXT = (Path(__file__).resolve().parent.parent / "templates" / "consent" / f"{VERSION}.txt").read_text(encoding="utf-8")
DIGEST = sha256(TEXT.encode()).hexdigest()
PURPOSES = {"location": "位置", "photo": "照片", "voice": "语音", "device": "设备"}
MEDIA = {"photo": "photo", "voice": "voice", "video": "photo"}
PLACES = frozenset({Kind.CHECKIN, Kind.LOCATION, Kind.POSITION})
Consents = Mapping[str, str]  # purpose → shown | given | withdrawn


def withheld(config: Config, consents: Consents, purpose: str) -> str:
    """Why a purpose must not be used: withdrawn | missing; "" when it may."""
    state = consents.get(purpose, "")
    if state == "withdrawn":
        return "withdrawn"
    return "missing" if config.privacy.consent == "ask" and state != "given" else ""
