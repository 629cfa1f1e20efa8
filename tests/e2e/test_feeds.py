"""Other systems' facts come in by file, by request and by push: once, whatever is sent twice, and nothing of it is lost."""

import hmac
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.taking_in import store
from tests import databases
from tests.e2e.conftest import MONDAY, Setting, sound
from tests.e2e.house import ENVIRON, House, house
from tests.e2e.seen import api, words

ORDERS = "订单编号,客户,金额,签订日期\nO1,C001,10万,2026-11-02\nO2,华强,-5,2026-11-03\nO1,C001,1,2026-11-04\nO3,无此客户,1,2026-11-05\n"
WHOLE = pytest.mark.parametrize("h", [Setting(refold=True)], indirect=True)


async def posted(h: House, kind: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {ENVIRON['SALESTRACE_API_TOKEN']}"}
    url = f"{h.product.url}/api/v1/facts/{kind}"
    async with aiohttp.ClientSession(headers=headers) as session, session.post(url, json={"items": items}) as answer:
        assert answer.status == 200, await answer.text()
        return dict(await answer.json())


async def facts(h: House) -> list[dict[str, Any]]:
    return await h.sql("SELECT * FROM facts ORDER BY id")


async def _story(h: House, folder: Path) -> None:
    path = folder / "orders.csv"
    path.write_text(ORDERS, encoding="gb18030")
    taken = await store(h.product.line, "orders", path, path.name, "import")
    assert (taken.accepted, taken.unchanged, taken.refused) == (1, 0, 3)
    assert [(one.row, one.reason) for one in taken.rejected] == [
        (3, "金额是负数; 退款和冲销请改原来那一笔的金额"),
        (4, "编号 O1 与第 2 行重复"),
        (5, "没有编号、名称或别名是 无此客户 的客户, 请先导入客户"),
    ]
    again = await store(h.product.line, "orders", path, path.name, "import")
    assert (again.accepted, again.unchanged) == (0, 1)
    [part] = (await posted(h, "orders", [{"id": "O9", "customer": "恒达机电", "amount": 1, "signed_at": "2026/11/02"}]))["rejected"]
    assert "是不是 东莞恒达机电有限公司（C002）? 请写编号或全称" in part["reason"], "what a file names by half is asked, never guessed"
    told = await posted(h, "orders", [{"id": "O1", "customer": "华强", "amount": 90000, "signed_at": "2026/11/02"}])
    assert told == {"accepted": 1, "unchanged": 0, "rejected": []}
    (row,) = await facts(h)
    assert (row["id"], row["customer"], row["amount"], row["by"], row["corrections"]) == ("orders:O1", "C001", 9_000_000, "api", 1)
    (before,) = await h.sql("SELECT fact, body, ledger_index FROM facts_before")
    assert before["fact"] == "orders:O1" and json.loads(before["body"])["amount"] == 10_000_000
    assert before["ledger_index"] < row["ledger_index"]
    fact = await api(h, "facts/orders/O1")
    assert (fact["amount"], fact["customer"], fact["at"]) == (9_000_000, "C001", "2026-11-02T00:00:00+08:00")
    assert [(one["amount"], one["by"], one["ledger"]) for one in fact["before"]] == [(10_000_000, "import", before["ledger_index"])]


@WHOLE
async def test_a_file_twice_a_correction_and_what_is_refused(h: House, tmp_path: Path) -> None:
    await _story(h, tmp_path)


@pytest.mark.postgres
async def test_the_same_on_postgresql(postgres_template: str, tmp_path: Path) -> None:
    async with databases.postgres(postgres_template) as url, house(tmp_path, MONDAY, database=url) as found:
        await _story(found, tmp_path)
        await found.settled()
        await sound(found, Setting(refold=True))


@WHOLE
async def test_web_visits_without_ids_are_told_apart_and_not_doubled(h: House) -> None:
    visit = {"customer": "C001", "date": "2026-11-02", "seconds": 30}
    assert (await posted(h, "web_visits", [visit, visit, {**visit, "seconds": 31}]))["accepted"] == 3
    assert (await posted(h, "web_visits", [visit, visit]))["unchanged"] == 2
    assert len(await facts(h)) == 3


async def test_a_reopened_ticket_and_every_kind(h: House) -> None:
    ticket = {"id": "T1", "customer": "C001", "closed_at": "2026-11-02"}
    await posted(h, "tickets", [ticket])
    assert (await posted(h, "tickets", [{**ticket, "closed_at": ""}]))["accepted"] == 1
    (row,) = await facts(h)
    assert row["at"] is None and row["corrections"] == 1
    for kind, item in (
        ("deals", {"id": "D", "customer": "C001", "stage": "已签约", "amount": "1", "updated_at": "2026-11-02"}),
        ("contracts", {"id": "K", "customer": "C001", "amount": "1", "signed_at": "2026-11-02"}),
        ("payments", {"id": "P", "customer": "C001", "due_at": "2026-11-02", "amount": "1", "paid_at": None}),
        ("inquiries", {"id": "I", "customer": "C001", "at": "2026-11-02 10:00", "topic": "定制化API对接"}),
        ("forecasts", {"id": "F", "rep": "李娜", "customer": "C001", "month": "2026-12", "amount": "1"}),
        ("logistics", {"id": "L", "customer": "C001", "at": "2026-11-02", "status": "已签收"}),
        ("ad_touches", {"id": "A", "customer": "C001", "at": "2026-11-02", "channel": "抖音"}),
    ):
        assert (await posted(h, kind, [item])) == {"accepted": 1, "unchanged": 0, "rejected": []}
    (forecast,) = await h.sql("SELECT rep FROM facts WHERE kind = 'forecasts'")
    assert forecast["rep"] == "E001"
    (bad,) = (await posted(h, "forecasts", [{"id": "F", "rep": "E9", "customer": "C001", "month": "2026-12", "amount": "1"}]))["rejected"]
    assert bad == {"row": 1, "reason": "没有工号或姓名是 E9 的人员, 请先导入人员"}


SECRET = ENVIRON["SALESTRACE_HOOK_SECRET"]


async def pushed(
    h: House, items: list[dict[str, Any]], *, kind: str = "orders", at: float = 0, secret: str = SECRET, to: str = "", stamp: int = 0
) -> tuple[int, Any]:
    """Push as another system does; `to`: another kind than the one that was signed."""
    body = json.dumps({"items": items}).encode()
    at_second = str(stamp or int(h.clock.now().timestamp() + at))
    signed = hmac.new(secret.encode(), f"{at_second}.{kind}.".encode() + body, "sha256").hexdigest()
    headers = {"X-SalesTrace-Timestamp": at_second, "X-SalesTrace-Signature": f"v1={signed}", "Content-Type": "application/json"}
    url = f"{h.product.url}/hook/facts/{to or kind}"
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        return answer.status, await answer.json()


@WHOLE
async def test_a_signed_push_is_taken_once_and_an_old_one_takes_nothing_back(h: House) -> None:
    first = [{"id": "O1", "customer": "C001", "amount": 100, "signed_at": "2026-11-02"}]
    stamp = int(h.clock.now().timestamp())
    assert await pushed(h, first, stamp=stamp) == (200, {"accepted": 1, "unchanged": 0, "rejected": [], "repeated": False})
    second = [{**first[0], "amount": 200}]
    assert (await pushed(h, second))[1]["accepted"] == 1
    again = await pushed(h, first, stamp=stamp)
    assert again == (200, {"accepted": 1, "unchanged": 0, "rejected": [], "repeated": True})
    (row,) = await facts(h)
    assert (row["amount"], row["by"], row["corrections"]) == (20_000, "hook", 1)


async def test_forged_stale_and_misdirected_pushes_take_nothing(h: House) -> None:
    item = [{"id": "O1", "customer": "C001", "amount": 100, "signed_at": "2026-11-02"}]
    bads: list[dict[str, Any]] = [{"secret": "another secret of it"}, {"at": -301}, {"at": 301}, {"to": "contracts"}]
    for bad in bads:
        status, told = await pushed(h, item, **bad)
        assert status == 401 and told["error"]["code"] == "unauthorized", bad
    assert (await pushed(h, item, kind="secrets"))[0] == 404
    async with aiohttp.ClientSession() as session, session.post(f"{h.product.url}/hook/facts/orders", data=b"{}") as answer:
        assert answer.status == 401
    assert await facts(h) == []


async def dropped(h: House, name: str, data: bytes, holds: str) -> str:
    """An admin drops a file into his private chat; the answer that follows."""
    before = len(h.feishu.screen("ou_fang"))
    await h.feishu.send_file("ou_fang", name, data)
    look = h.feishu.screen
    return str(await h.until(name, lambda: next((words(x) for x in look("ou_fang")[before:] if holds in words(x)), None), 20))


@WHOLE
async def test_an_admin_drops_a_spreadsheet_and_gets_the_refused_rows_back_as_a_file(h: House) -> None:
    h.feishu.add_user("ou_fang", "u_fang", "方宁")
    await store(h.product.line, "people", "工号,姓名,角色,企业微信,飞书\nA001,方宁,管理员,fang.ning,ou_fang\n".encode(), "p.csv", "test")
    told = await dropped(h, "2026订单.csv", ORDERS.encode("gb18030"), "按「订单」导入")
    assert "接受 1 行，未变 0 行，拒绝 3 行" in told and "第 3 行：金额是负数" in told
    (file,) = await h.until(
        "file", lambda: [x for x in h.feishu.screen("ou_fang") if x["type"] == "file" and x["from"] == h.feishu.board.app_id]
    )
    data = h.feishu.board.files[
        json.loads(file["content"])["file_key"] if isinstance(file["content"], str) else file["content"]["file_key"]
    ].data
    assert data.startswith(b"\xef\xbb\xbf") and "编号 O1 与第 2 行重复,O1,C001,1,2026-11-04" in data.decode("utf-8-sig")
    assert "未变 1 行" in await dropped(h, "2026订单.csv", ORDERS.encode(), "按「订单」导入")
    assert "写进文件名" in await dropped(h, "表格.csv", b"id,customer,amount,signed_at\nO9,C001,1,2026-11-02\n", "没有导入")
    assert "接受 1 行" in await dropped(h, "表格.csv", "客户,访问日期,停留秒数\n华强,2026-11-02,30\n".encode(), "按「官网访问」导入")
    assert "不是合格的 XLSX" in await dropped(h, "回款.xlsx", b"PK\x03\x04no", "没有导入")
    assert "[columns.orders]" in await dropped(h, "订单.csv", "编号,颜色\nO1,红\n".encode(), "没有导入")


@pytest.mark.parametrize("h", [Setting(sound=False)], indirect=True)  # what a director sends belongs to nothing
async def test_a_reps_spreadsheet_is_no_import(h: House) -> None:
    await h.feishu.send_file("ou_chen", "订单.csv", ORDERS.encode())
    await h.settled()
    assert await facts(h) == [] and await h.sql("SELECT id FROM imports") == []
