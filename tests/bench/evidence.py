"""What proof costs: sealing a message's facts, a dossier of 200 actions with 200 photos, verifying a large ledger in constant memory."""

import asyncio
import json
import resource
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time

from bot import entries
from bot.checkpoint import Signer
from bot.commands.assembly import opened as product
from bot.commands.dossier import tools
from bot.corridor import walk
from bot.dossier import check
from bot.dossier.making import Request, make
from bot.ledger import Frontier, make_leaf
from bot.model import Entry, Envelope
from bot.stamping import Stamping
from bot.store import inbox_rows, ledger_rows, projections
from bot.store.database import Database, tortoise_config
from bot.taking_in import store
from bot.vault import Vault
from bot.verify import Asked, verify
from tests.bench.ack_server import setup
from tests.bench.callbacks import CLOCK, location, sealed, wecom
from tests.bench.corridor import CUSTOMERS, PEOPLE
from tests.bench.figures import Broken, Figure, Plan, figure
from tests.e2e.test_photos import jpeg, scene
from tests.web.company import evidence, opened

DOSSIER_S = 30.0
SEAL_SHARE = 0.10
GROWTH = 1.25


def measure(plan: Plan) -> list[Figure]:
    (plan.folder / "seal").mkdir()
    (plan.folder / "dossier").mkdir()
    share = asyncio.run(_sealing(plan, plan.folder / "seal"))
    return [share, asyncio.run(_dossier(plan, plan.folder / "dossier")), *_verifying(plan)]


async def _sealing(plan: Plan, folder: Path) -> Figure:
    """The leaves, the tree and a signature for each message, made again from what its step recorded, against the step's processor time.

    The ack itself carries none of it: it is given before anything is decided.
    """
    count, shares = (20 if plan.quick else 150), []
    async with product(setup("sqlite://seal.sqlite3", folder, "checkin = false\n"), migrate=True) as (line, _):
        for kind, text in (("people", PEOPLE), ("customers", CUSTOMERS)):
            await store(line, kind, text.encode(), f"{kind}.csv", "bench")
        adapter = wecom()
        for turn in range(plan.rounds):
            first, before = turn * count, (await ledger_rows.head()).size
            whole = process_time()
            for number in range(first, first + count):
                envelope = adapter.open({}, *sealed(location(number)), CLOCK.now())
                assert isinstance(envelope, Envelope)
                await line.inbox.receive(envelope)
            for id_ in await inbox_rows.due(line.database.connection, CLOCK.now(), count):
                await walk(line, id_)
            spent = process_time() - whole
            made = [entry async for _, _, entry in ledger_rows.entries(before)]
            if not made:
                raise Broken("nothing was recorded")
            shares.append(_seal(made, count) / spent)
    return figure("封存（承诺、叶子、树、签名）占一条消息全程 CPU", shares, "×", at_most=SEAL_SHARE, note="应答路径上没有封存")


def _seal(made: list[Entry], signatures: int) -> float:
    signer, frontier, since = Signer(b"s" * 32), Frontier(), process_time()
    frontier.extend(make_leaf(entry, index=index, at_ms=0, salt=b"s" * 32).hash for index, entry in enumerate(made))
    for _ in range(signatures):
        signer.sign(frontier.size, frontier.root())
    return process_time() - since


async def _dossier(plan: Plan, folder: Path) -> Figure:
    actions = 5 if plan.quick else 200
    arranged = setup("sqlite://dossier.sqlite3", folder, "checkin = false\n")
    async with product(arranged, migrate=True) as (line, _):
        for kind, text in (("people", PEOPLE), ("customers", CUSTOMERS)):
            await store(line, kind, text.encode(), f"{kind}.csv", "bench")
        now = CLOCK.now() - timedelta(days=300)
        for number in range(actions):
            digest = await line.vault.put(jpeg(scene(number, (1600, 1200)), 85))
            at = now + timedelta(hours=number)
            facts = [
                *opened(f"a_{number}", "C000", "E000", "south", "demo", "solution_demo", at),
                entries.original_sealed(digest, "0" * 64, 1),
                evidence(f"e_{number}", f"a_{number}", "photo", digest, "image/jpeg", at),
            ]
            async with line.database.step():
                for index, fact in zip(await ledger_rows.append(facts, at), facts, strict=True):
                    await projections.apply(index, fact, at)
        out, since = folder / "F.zip", perf_counter()
        made_with = tools(arranged, line, Stamping(line.database, line.clock, ()))
        await make(made_with, Request(customer="C000", by="bench"), out)
        took = perf_counter() - since
    found = check.check(out)
    if found.broken:
        raise Broken(found.broken[0])
    note = f"{out.stat().st_size / 1e6:.0f} MB"
    return figure(f"取证包：{actions} 个动作、{actions} 张照片", [took], "秒", at_most=DOSSIER_S, note=note)


def _verifying(plan: Plan) -> list[Figure]:
    """Each size in a process of its own; what it holds at most, and how fast it goes."""
    small, large = (2_000, 10_000) if plan.quick else (100_000, 1_000_000)
    told = []
    for size in (small, large):
        command = [sys.executable, "-m", "tests.bench.evidence", str(size), str(plan.folder)]
        told.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    growth = told[1]["held_mb"] / told[0]["held_mb"]
    note = f"{told[1]['held_mb']:.0f} MB，{told[1]['seconds']:.0f} 秒"
    return [
        figure(f"核验 {large:,} 条 ÷ {small:,} 条，占用内存", [growth], "×", at_most=GROWTH, note=note),
        figure("核验账本", [large / told[1]["seconds"]], "条/秒"),
    ]


async def _verify(size: int, folder: Path) -> dict[str, float]:
    database = Database(tortoise_config(f"sqlite://large-{size}.sqlite3", folder))
    await database.open(migrate=True)
    await ledger_rows.ensure_head()
    await _fill(database, size)
    seen = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    since = perf_counter()
    report = await verify(database, Vault(folder / "vault"), Asked(refold=False))
    seconds = perf_counter() - since
    if report.broken or report.entries != size:
        raise Broken(f"{report.entries} entries, {report.broken[:1]}")
    held = max(seen, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024
    await database.close()
    return {"seconds": seconds, "held_mb": held}


async def _fill(database: Database, size: int) -> None:
    now = CLOCK.now()
    for start in range(0, size, 2_000):
        facts = [entries.record_viewed(f"a_{n}", "E001", now, "page") for n in range(start, min(start + 2_000, size))]
        async with database.step():
            await ledger_rows.append(facts, now)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_verify(int(sys.argv[1]), Path(sys.argv[2])))))
