"""A customer signs on a link of his own: what is signed, who and when are evidence; whatever is none counts for nothing."""

import asyncio
import base64
import io
import json
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import aiohttp
import pypdfium2
import pytest
from PIL import Image, ImageDraw

from tests.e2e.conftest import Setting
from tests.e2e.house import House
from tests.e2e.rep import Rep
from tests.e2e.seen import api, taken_in
from tests.e2e.test_decks import opened, pdf
from tests.e2e.test_platforms import ACCOUNTS, MORE, PEOPLE, PHONES, FeishuPhone, answered, spoken


def drawn(kind: str = "PNG", width: int = 800, height: int = 300, line: bool = True) -> bytes:
    picture = Image.new("RGB", (width, height), "white")
    if line:
        ImageDraw.Draw(picture).line([(100, 200), (220, 60), (330, 220), (470, 90), (620, 180)], fill=(10, 20, 40), width=8)
    target = io.BytesIO()
    picture.save(target, kind)
    return target.getvalue()


def told(**more: Any) -> dict[str, Any]:
    return {
        "name": "王建国",
        "title": "采购总监",
        "method": "drawn",
        "consent": True,
        "picture": base64.b64encode(drawn()).decode(),
        **more,
    }


@dataclass
class Customer:
    """Somebody with a phone of his own and no account."""

    h: House
    link: str

    @property
    def url(self) -> str:
        return f"{self.h.product.url}/sign/{self.link}"

    async def sees(self, path: str = "") -> tuple[int, str]:
        async with aiohttp.ClientSession() as session, session.get(self.url + path, allow_redirects=False) as page:
            assert "Set-Cookie" not in page.headers
            return page.status, await page.text(errors="replace")

    async def gets(self, path: str) -> tuple[int, bytes]:
        async with aiohttp.ClientSession() as session, session.get(self.url + path) as page:
            return page.status, await page.read()

    async def signs(self, body: Any = None, **more: Any) -> tuple[int, dict[str, Any]]:
        data = body if isinstance(body, bytes) else json.dumps(body or told(**more)).encode()
        async with aiohttp.ClientSession() as session, session.post(self.url, data=data) as page:
            text = await page.text()
            return page.status, json.loads(text) if text.startswith("{") else {"page": text}


async def asks(h: House, words: str = "签字 设备验收单", user: str = "li.na") -> Customer:
    card = await h.does(h.wecom.say(user, words), "请客户签字", user)
    return Customer(h, str(re.findall(r"/sign/([\w-]{22})", json.dumps(card))[0]))


async def signing_stage(li_na: Rep) -> None:
    """In the stage of signing, which nothing yet led up to."""
    await li_na.arrives()
    card = await li_na.says("合同签署", "写明原因")
    await li_na.taps(card, "写明原因", "请用一句话说明")
    await li_na.says("客户已口头确认，直接签", "合同签署")


@pytest.mark.parametrize("h", [Setting(refold=True)], indirect=True)
async def test_a_signature_is_evidence_of_the_signing_stage(h: House, li_na: Rep) -> None:
    await signing_stage(li_na)
    customer = await asks(h)
    status, page = await customer.sees()
    assert status == 200 and "设备验收单" in page and "李娜" in page and "华强" in page
    assert sha256("设备验收单".encode()).hexdigest() in page
    assert await customer.signs() == (200, {"state": "signed"})
    card = await h.hears("王建国 已签字")
    assert "完整" in json.dumps(card, ensure_ascii=False)
    (action,) = await api(h, "actions", "items")
    (item,) = action["evidence"]
    assert (action["verdict"]["state"], item["kind"], item["state"]) == ("complete", "signature", "counted")
    path = h.product.line.vault.path(item["sha256"])
    with Image.open(path) as kept:
        assert kept.format == "PNG" and kept.width <= 1000 and kept.height <= 400
    (row,) = await h.sql("SELECT * FROM signings")
    assert (row["state"], row["name"], row["title"], row["method"], row["picture"]) == (
        "signed",
        "王建国",
        "采购总监",
        "drawn",
        item["sha256"],
    )
    assert row["sha256"] == sha256("设备验收单".encode()).hexdigest()
    entries = json.dumps(await h.sql("SELECT body FROM ledger_bodies"), default=str)
    assert item["sha256"] in entries and customer.link not in entries


async def test_the_receipt_tells_who_signed_what(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("需求确认", "已进入")
    customer = await asks(h)
    assert (await customer.sees("/receipt"))[0] == 404
    assert (await customer.signs())[0] == 200
    status, page = await customer.sees()
    assert status == 200 and "签字已收到" in page and 'id="signing"' not in page
    status, pdf = await customer.gets("/receipt")
    words = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    assert status == 200 and all(word in words for word in ("设备验收单", "王建国", "采购总监", "李娜", "账本"))
    card = await h.hears("已签字")
    id_ = re.findall(r"/receipt/(sg_\w+)", json.dumps(card))[0]
    for user, wanted in (("li.na", 200), ("wang.hao", 404)):
        async with opened(h, "http://x/record/none", user) as browser, browser.session.get(f"{h.product.url}/receipt/{id_}") as answer:
            assert answer.status == wanted
    (action,) = await h.sql("SELECT id FROM actions")
    url = f"/record/{action['id']}"
    async with opened(h, f"http://x{url}") as browser, browser.session.get(h.product.url + url) as answer:
        record = await answer.text()
        assert "王建国，采购总监 手写，签的是「设备验收单」" in record and f"/receipt/{id_}" in record
    async with aiohttp.ClientSession() as nobody, nobody.get(f"{h.product.url}/receipt/{id_}") as answer:
        assert answer.status == 401


async def test_a_file_sent_just_before_is_what_is_signed(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("需求确认", "需求确认")
    await li_na.shows("已收")
    customer = await asks(h, "签字")
    status, page = await customer.sees()
    assert status == 200 and "先看文件" in page
    (photo,) = await h.sql("SELECT sha256 FROM evidence WHERE kind = 'photo'")
    status, data = await customer.gets("/file")
    assert status == 200 and sha256(data).hexdigest() == photo["sha256"]
    assert (await customer.signs())[0] == 200
    (row,) = await h.sql("SELECT sha256, of FROM signings")
    assert row["sha256"] == photo["sha256"] and row["of"]
    named, plain = await asks(h, "签字 照片 验收单"), await asks(h, "签字 附件清单")
    assert photo["sha256"] in (await named.sees())[1] and '<h1 id="what">验收单</h1>' in (await named.sees())[1]
    assert photo["sha256"] not in (await plain.sees())[1]  # most photos of a visit are no papers
    assert (await plain.sees("/file"))[0] == 404
    h.clock.wind(minutes=11)
    await li_na.says("签字", "请写明签什么")


async def test_nothing_to_sign_and_no_visit(h: House, li_na: Rep) -> None:
    await li_na.says("签字 验收单", "还没有进行中的拜访")
    await li_na.arrives()
    await li_na.says("签字", "请写明签什么")
    await li_na.says("作废签字", "没有等待客户签字的链接")


@pytest.mark.parametrize(
    ("more", "status", "problem"),
    [
        ({"name": "  "}, 422, "no_name"),
        ({"name": "王" * 41}, 422, "bad_name"),
        ({"name": "王\u202e国"}, 422, "bad_name"),
        ({"consent": "yes"}, 422, "no_consent"),
        ({"method": "stamp"}, 400, "unreadable"),
        ({"picture": ""}, 422, "blank"),
        ({"picture": "%%%"}, 415, "undecodable"),
        ({"picture": base64.b64encode(drawn("JPEG")).decode()}, 415, "undecodable"),
        ({"picture": base64.b64encode(drawn()[:400]).decode()}, 422, "undecodable"),
        ({"picture": base64.b64encode(drawn(line=False)).decode()}, 422, "blank"),
        ({"picture": base64.b64encode(drawn(width=4000, height=4000)).decode()}, 422, "too_large"),
        ({"picture": "A" * 540_000}, 413, "too_large"),
    ],
)
async def test_what_is_no_signature_counts_for_nothing(h: House, li_na: Rep, more: dict[str, Any], status: int, problem: str) -> None:
    await li_na.arrives()
    customer = await asks(h)
    assert await customer.signs(**more) == (status, {"problem": problem})
    assert await h.sql("SELECT id FROM evidence") == []
    assert (await h.sql("SELECT state FROM signings"))[0]["state"] == "open"
    assert (await customer.signs())[0] == 200  # and the link is as good as before


async def test_bytes_that_are_no_request(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    customer = await asks(h)
    for body in (b"", b"[]", b"null", b'{"name": 1}', b"[" * 5000):
        assert await customer.signs(body) == (400, {"problem": "unreadable"}), body
    assert (await customer.signs(b"x" * 700_000))[0] == 413


async def test_once_and_not_again(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    customer = await asks(h)
    answers = await asyncio.gather(*(customer.signs(name=name) for name in ("甲", "乙", "丙")))
    assert sorted(status for status, _ in answers) == [200, 409, 409]
    assert await customer.signs() == (409, {"problem": "signed"})
    assert len(await h.sql("SELECT id FROM evidence WHERE kind = 'signature'")) == 1
    await h.settled()
    assert len([one for one in h.rep_screen() if "已签字" in json.dumps(one, ensure_ascii=False)]) == 1


async def test_expired_withdrawn_and_of_a_visit_taken_back(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    late = await asks(h, "签字 甲")
    gone = await asks(h, "签字 乙")
    card = await h.hears("乙")
    await li_na.taps(card, "作废", "签字链接已作废")
    await li_na.taps(card, "作废", "已经作废")
    assert (await gone.sees())[0] == 410 and "作废" in (await gone.sees())[1]
    assert await gone.signs() == (410, {"problem": "withdrawn"})
    h.clock.wind(hours=8, seconds=1)
    assert (await late.sees())[0] == 410 and "过期" in (await late.sees())[1]
    assert await late.signs() == (410, {"problem": "expired"})
    assert (await late.sees("/code"))[0] == 410
    fresh = await asks(h, "签字 丙")
    await li_na.says("撤回", "已撤回")
    assert await fresh.signs() == (410, {"problem": "withdrawn"})
    assert await h.sql("SELECT id FROM evidence") == []


async def test_signed_after_the_visit_ended(h: House, li_na: Rep) -> None:
    """It still belongs to the visit that asked for it, and may complete its action."""
    await signing_stage(li_na)
    customer = await asks(h)
    await li_na.shows("已收")
    await li_na.speaks(20, "已收")
    await li_na.says("结束拜访", "已结束")
    h.clock.wind(minutes=20)
    assert (await customer.signs(method="typed", picture=None))[0] == 200
    await h.hears("键盘输入")
    (item,) = await h.sql("SELECT state, action FROM evidence WHERE kind = 'signature'")
    assert item["state"] == "counted" and item["action"]


async def test_links_open_nothing_else(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("需求确认", "需求确认")
    await li_na.shows("已收")
    customer = await asks(h)
    rows = [row["id"] for table in ("signings", "evidence", "visits", "actions") for row in await h.sql(f"SELECT id FROM {table}")]
    for id_ in [*rows, "x" * 22, "../" * 8, "%00" * 22, "a" * 4000]:
        for path in ("", "/file", "/code", "/receipt"):
            status, page = await Customer(h, id_).sees(path)
            assert status == 404 and "设备验收单" not in page, id_
    for path in ("/file/1", "/file?of=" + rows[1], "/receipt/" + rows[0]):
        assert (await customer.sees(path))[0] in (404, 200)
    status, _ = await customer.signs(signature="sg_other", rep="E002")
    assert status == 200
    (row,) = await h.sql("SELECT rep FROM evidence WHERE kind = 'signature'")
    assert row["rep"] == "E001"


async def test_tries_on_a_link_are_limited(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    customer = await asks(h)
    for _ in range(12):
        assert (await customer.signs(name=""))[0] == 422
    assert await customer.signs() == (429, {"problem": "too_many"})
    h.clock.wind(minutes=11)
    assert (await customer.signs())[0] == 200


@pytest.mark.parametrize("platform", ["wecom", "feishu", "dingtalk"])
@pytest.mark.parametrize("h", [Setting(dingtalk=True, more=MORE)], indirect=True)
async def test_the_card_and_its_buttons_on_every_platform(h: House, platform: str) -> None:
    phone = PHONES[platform](h)
    columns = {name: ACCOUNTS[name] if name == platform else "" for name in ACCOUNTS}
    await taken_in(h, "people", PEOPLE.format(**columns, d_wecom="", d_feishu="", d_dingtalk=""))
    await answered(h, phone, phone.arrive(), "已开始拜访")
    await answered(h, phone, phone.say("需求确认"), "已进入")
    await answered(h, phone, phone.say("签字 设备验收单"), "给客户扫码")
    links = re.findall(r"/sign/([\w-]{22})", spoken(phone.screen()))
    assert len(set(links)) == 1
    customer = Customer(h, str(links[0]))
    assert (await customer.sees("/code"))[0] == 200
    assert await customer.signs() == (200, {"state": "signed"})
    await h.until("the result", lambda: "王建国 已签字" in spoken(phone.screen()) and "/receipt/sg_" in spoken(phone.screen()))
    await answered(h, phone, phone.say("签字 第二份"), "第二份")
    await answered(h, phone, phone.say("作废签字"), "签字链接已作废")


async def test_a_file_by_its_name_on_feishu(h: House) -> None:
    """A PDF that was sent as a file is what is signed: name, size, digest, and its pages to look at."""
    phone = FeishuPhone(h)
    columns = {"wecom": "", "feishu": ACCOUNTS["feishu"], "dingtalk": ""}
    await taken_in(h, "people", PEOPLE.format(**columns, d_wecom="", d_feishu="", d_dingtalk=""))
    await answered(h, phone, phone.say("开始拜访 华强"), "已开始拜访")
    await answered(h, phone, phone.say("线索"), "已进入")
    data = pdf(2)
    await answered(h, phone, h.feishu.send_file("ou_lina", "设备验收单 V2.pdf", data), "文件")
    await answered(h, phone, phone.say("签字"), "请客户签字")
    customer = Customer(h, str(re.findall(r"/sign/([\w-]{22})", spoken(phone.screen()))[0]))
    status, page = await customer.sees()
    assert status == 200 and "设备验收单 V2.pdf" in page and sha256(data).hexdigest() in page and f"{len(data) / 1024:.1f} KB" in page
    assert (await customer.gets("/file"))[1] == data
    assert "/file/1" in page and "/file/2" in page
    status, picture = await customer.gets("/file/2")
    assert status == 200 and picture.startswith(b"\xff\xd8\xff")
    for wrong in ("/file/3", "/file/0", "/file/x", "/file/99999"):
        assert (await customer.gets(wrong))[0] == 404
    assert (await customer.signs())[0] == 200
    (row,) = await h.sql("SELECT what, sha256 FROM signings")
    assert dict(row) == {"what": "设备验收单 V2.pdf", "sha256": sha256(data).hexdigest()}
