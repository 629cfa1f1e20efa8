"""我的: everything of one's own, nothing of anybody else's."""

from typing import Any

from aiohttp.test_utils import TestClient

from adapters.web.desk import Told
from adapters.web.signing import Signer
from bot import entries
from tests.web.company import DEMO, EAST, NEED, NOW, record
from tests.web.outside import SECRET, Bench

Web = TestClient[Any, Any]


async def mine(web: Web, desk: Bench, person: str) -> str:
    answer = await web.get("/me", cookies=desk.session(person))
    assert answer.status == 200
    return await answer.text()


async def posted(web: Web, desk: Bench, person: str = "E001", **form: str) -> Any:
    csrf = Signer(SECRET).token(f"person {person}", NOW)
    return await web.post("/me/consent", data={"csrf": csrf, **form}, cookies=desk.session(person), allow_redirects=False)


async def test_a_rep_sees_his_day_and_what_is_missing(web: Web, desk: Bench) -> None:
    page = await mine(web, desk, "E001")
    assert "李娜" in page and f'href="/record/{DEMO}"' in page and f'href="/record/{NEED}"' in page
    # Grade A: 2 + 1 + 1 of which one diagnosis and the demo are done.
    assert "完成 2，共 4" in page and page.count('chip warn">需求诊断') == 1 and page.count('chip warn">高层拜访') == 1
    assert 'chip warn">方案演示' not in page and "12-01 00:00 之前有效" in page


async def test_it_shows_nothing_of_others(web: Web, desk: Bench) -> None:
    page = await mine(web, desk, "E001")
    assert "东方机电" not in page and EAST not in page and "周敏" not in page
    other = await mine(web, desk, "E002")
    assert "华强" not in other and "a_01" not in other and "名下没有本月要做标准动作的客户" in other


async def test_a_note_explains_and_does_not_count(web: Web, desk: Bench) -> None:
    note = entries.note_added("n_1", "C001", "executive_visit", "2026-11", "CEO出差", "E001", NOW)
    await record(desk.database, note)
    page = await mine(web, desk, "E001")
    assert 'chip calm">高层拜访：CEO出差' in page and "完成 2，共 4" in page


async def test_who_looked_is_told_once_a_record_with_how_often(web: Web, desk: Bench) -> None:
    for path in (f"/record/{DEMO}", f"/record/{DEMO}", f"/record/{DEMO}/file/e_01PHOTO"):
        await web.get(path, cookies=desk.session("D001"))
    await web.get(f"/record/{DEMO}", cookies=desk.session("E001"))  # himself
    await web.get(f"/record/{EAST}", cookies=desk.session("D002"))
    page = await mine(web, desk, "E001")
    assert "陈静" in page and "3 次" in page and "别人一共看过 3 次" in page and "赵磊" not in page


async def test_words_of_customers_come_from_his_own_recordings(web: Web, desk: Bench) -> None:
    from bot.ports import Heard

    text = "他们说预算大概三十万。招标时间在明年三月。"
    marks = [{"start": 3, "end": 5, "word": "预算", "sure": True}, {"start": 11, "end": 15, "word": "招标时间", "sure": False}]
    await record(desk.database, entries.evidence_heard("e_02VOICE", Heard(text=text, engine="x", spans=()), 30.4, marks, "heard", NOW))
    page = await mine(web, desk, "E001")
    assert "他们说预算大概三十万" in page and "招标时间？" in page
    assert "预算" not in (await mine(web, desk, "E003")).partition('id="words"')[2].partition('id="consent"')[0].replace(
        "预算、交付周期", ""
    )


async def test_consent_is_given_and_withdrawn_as_in_the_chat(web: Web, desk: Bench) -> None:
    answer = await posted(web, desk, what="withdraw", purpose="photo")
    assert (answer.status, answer.headers["Location"]) == (303, "/me?done=1#consent")
    assert (await posted(web, desk, what="give", purpose="photo")).status == 303
    assert desk.asked == [("E001", "撤回同意 照片"), ("E001", "同意 照片")]
    for form in ({"what": "x", "purpose": "photo"}, {"what": "give", "purpose": "x"}, {"what": "give"}, {}):
        assert (await posted(web, desk, **form)).status == 422
    desk.answer = Told(done=False, words="没有记下，请再试")
    refused = await posted(web, desk, what="give", purpose="photo")
    assert refused.status == 422 and "没有记下，请再试" in await refused.text()


async def test_directors_have_no_list_of_a_rep(web: Web, desk: Bench) -> None:
    page = await mine(web, desk, "D001")
    assert 'id="today"' not in page and 'id="consent"' not in page and 'id="data"' in page and 'href="/board"' in page
    assert 'href="/board"' in await mine(web, desk, "E001")
