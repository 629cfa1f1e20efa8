"""What stands around the web edge in its tests: a clock, a platform of a few lines, and a notebook of what was asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from adapters.web.desk import Desk, Standing, Told
from adapters.web.signing import Signer
from bot import entries, stats
from bot.config.schema import Config, Region, Server
from bot.errors import FetchError, Forged, StoreError
from bot.evidence.dwell import Beat, Viewing
from bot.intake import Rejected
from bot.model import Can, Deck, Envelope, Interaction, Json, Material, MediaRef, Opening, Person, Platform, Presentation, Signing, Visit
from bot.ports import Parcel
from bot.proving import Proven, prove
from bot.render import Renderer
from bot.signatures import Given
from bot.store.database import Database
from bot.vault import Vault
from tests.web.company import record

VOICE = Path(__file__).resolve().parents[1] / "audio" / "short-note.amr"
TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
TOKEN = "t0ken-of-the-tests"
SECRET = b"secret of the tests, 32 bytes ok"
CONFIG = Config(
    server=Server(public_url="http://127.0.0.1:8080"),
    regions=(Region(id="south", name="华南"), Region(id="east", name="华东")),
)


@dataclass(frozen=True)
class Taken:
    accepted: int
    unchanged: int
    rejected: tuple[Rejected, ...]


class Wound:
    """A clock that stands still until it is wound."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


class Wire:
    """A platform whose genuine callbacks begin with `real:`; code `ok-ID` signs in the account of person ID."""

    datum = "gcj02"
    can = frozenset(Can)

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def open(self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, now: datetime) -> Envelope | str:
        if "echostr" in query:
            return query["echostr"]
        if not body.startswith(b"real:"):
            raise Forged("signature")
        return Envelope(platform=self.platform, key=sha256(body).hexdigest(), sender="wx-E001", payload=body, received_at=now)

    def ack(self, envelope: Envelope) -> tuple[bytes, str]:
        return (b"{}", "application/json") if self.platform is Platform.FEISHU else (b"", "text/plain")

    def oauth_url(self, redirect: str, state: str) -> str:
        return f"https://{self.platform.value}.example/authorize?redirect_uri={redirect}&state={state}"

    async def oauth_user(self, code: str) -> str | tuple[str, ...]:
        word, _, person = code.partition("-")
        if word != "ok":
            raise FetchError("refused", permanent=True)
        return f"wx-{person}" if self.platform is Platform.WECOM else ("", f"ou_{person}")

    def read(self, envelope: Envelope) -> Interaction:
        raise NotImplementedError

    async def fetch(self, ref: MediaRef, into: Path) -> str:
        raise NotImplementedError

    async def send(self, parcel: Parcel) -> Json:
        raise NotImplementedError

    async def update(self, parcel: Parcel) -> Json:
        raise NotImplementedError

    async def checkins(self, users: Sequence[str], since: datetime, until: datetime) -> list[Envelope]:
        return []

    async def doctor(self, *, fix: bool) -> list[tuple[bool, str]]:
        return []

    async def close(self) -> None:
        return None


@dataclass
class NoVisits:
    """An edge without visits."""

    incoming: Path

    async def visit(self, id_: str) -> Visit | None:
        del id_
        return None

    async def standing(self, visit: Visit) -> Standing:
        raise AssertionError(visit)

    async def kept(self, key: str) -> bytes | None:
        raise AssertionError(key)

    async def worked(self, key: str) -> bool:
        raise AssertionError(key)

    async def keep(self, path: Path) -> str:
        raise AssertionError(path)


class NoSurvey:
    """None is under way."""

    answers = ("good",)

    def genuine(self, survey: str, ballot: str) -> bool:
        del survey
        return ballot == "genuine"

    async def is_open(self, survey: str) -> bool:
        del survey
        return False

    async def answer(self, survey: str, ballot: str, given: str) -> bool:
        raise NotImplementedError((survey, ballot, given))


class NoDecks:
    """An edge without presentations."""

    async def presentation(self, id_: str) -> Presentation | None:
        del id_
        return None

    async def deck(self, id_: str) -> Deck | None:
        del id_
        return None

    async def join(self, id_: str, nonce: str, pages: int) -> None:
        raise AssertionError((id_, nonce, pages))

    async def beat(self, id_: str, told: Beat) -> Viewing | None:
        raise AssertionError((id_, told))


class Asking:
    """Proves against the bench's own ledger and vault, and notes what forms asked for."""

    def __init__(self, bench: "Bench") -> None:
        self._bench = bench

    async def prove(self, action: str) -> Proven | None:
        return await prove(self._bench.database, self._bench.vault, None, action)

    async def ask(self, person: Person, words: str) -> Told:
        self._bench.asked.append((person.id, words))
        return self._bench.answer


class NoLinks:
    """An edge whose customers hold no links."""

    async def give(self, signing: Signing, given: Given) -> bool:
        raise AssertionError((signing, given))

    async def receipt(self, signing: Signing) -> bytes:
        raise AssertionError(signing)

    async def paper(self, sha256: str, page: int) -> tuple[int, bytes | None]:
        raise AssertionError((sha256, page))

    async def open(self, material: Material, pages: int) -> Opening:
        raise AssertionError((material, pages))

    async def join(self, opening: str, nonce: str, pages: int) -> None:
        raise AssertionError((opening, nonce, pages))

    async def beat(self, opening: str, told: Beat) -> Viewing | None:
        raise AssertionError((opening, told))

    async def download(self, opening: Opening, deck: Deck) -> bytes:
        raise AssertionError((opening, deck))


@dataclass
class Bench:
    """Builds the Desk, and remembers what the edge did through it."""

    clock: Wound
    vault: Vault
    database: Database
    config: Config = CONFIG
    stored: list[Envelope] = field(default_factory=list)
    seen: list[Platform] = field(default_factory=list)
    refused: list[tuple[Platform, str]] = field(default_factory=list)
    viewed: list[tuple[str, str, str]] = field(default_factory=list)
    taken: list[tuple[str, Sequence[Mapping[str, str]]]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    answer: Told = field(default_factory=lambda: Told(done=True, words="好"))
    pushes: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    full: bool = False  # the disk

    def desk(self) -> Desk:
        return Desk(
            clock=self.clock,
            config=lambda: self.config,
            adapters={platform: Wire(platform) for platform in (Platform.WECOM, Platform.FEISHU)},
            receive=self.receive,
            seen=lambda platform, _: self.seen.append(platform),
            refused=lambda platform, reason, _: self.refused.append((platform, reason)),
            ready=self.ready,
            stats=self.figures,
            record_viewed=self.view,
            take_in=self.take_in,
            pushed=self.pushed,
            push_done=self.push_done,
            vault=self.vault.path,
            dossier=lambda id_: self.vault.root / f"{id_}.zip",
            kit=lambda platform: self.vault.root / f"{platform.value}.js",
            export=lambda id_: self.vault.root / f"{id_}.zip",
            decks=NoDecks(),
            records=Asking(self),
            visits=NoVisits(self.vault.incoming),
            links=NoLinks(),
            survey=NoSurvey(),
            word=Renderer(TEMPLATES).word,
            secret=SECRET,
            api_token=TOKEN,
        )

    async def receive(self, envelope: Envelope) -> bool:
        if self.full:
            raise StoreError("inbox: disk full")
        fresh = all(envelope.key != other.key for other in self.stored)
        self.stored.append(envelope)
        return fresh

    async def figures(self) -> Mapping[str, float]:
        return await stats.figures(self.database, self.clock.now(), {})

    async def ready(self) -> list[str]:
        return self.reasons

    async def view(self, id_: str, person: str, how: str) -> None:
        if self.full:
            raise StoreError("ledger: disk full")
        await record(self.database, entries.record_viewed(id_, person, self.clock.now(), how))
        self.viewed.append((id_, person, how))

    async def pushed(self, digest: str) -> Mapping[str, Any] | None:
        return self.pushes.get(digest)

    async def push_done(self, digest: str, answer: Mapping[str, Any]) -> None:
        self.pushes[digest] = answer

    async def take_in(self, kind: str, rows: Sequence[Mapping[str, str]], data: bytes, by: str) -> Taken:
        self.taken.append((kind, rows))
        rejected = tuple(Rejected(row=number, reason="缺少 id") for number, row in enumerate(rows, start=2) if not row.get("id"))
        return Taken(accepted=len(rows) - len(rejected), unchanged=0, rejected=rejected)

    def on_https(self) -> "Bench":
        server = Server(public_url="https://bot.example.cn")
        return replace(self, config=self.config.model_copy(update={"server": server}))

    def session(self, person: str) -> dict[str, str]:
        """The cookie of somebody who has signed in."""
        return {"salestrace": Signer(SECRET).session(person, self.clock.now())}
