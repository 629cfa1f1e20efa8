from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.schema import Config, Region
from bot.intake import ContactRow, CustomerRow, Parsed, PersonRow, SiteRow, parse, read_table
from bot.model import Datum

CONFIG = Config(regions=(Region(id="south", name="华南"), Region(id="east", name="华东")))
CUSTOMER = {
    "id": "C1",
    "name": "华强电子",
    "annual_purchase": "800000",
    "owner": "E1",
    "lat": "22.5431",
    "lng": "114.0579",
    "datum": "gcj02",
}
PERSON = {"id": "E1", "name": "李娜", "role": "rep", "region": "south"}


def one(kind: str, **cells: str) -> Parsed:
    return parse(kind, [(2, cells)], CONFIG)


def row(kind: str, **cells: str) -> Any:
    parsed = one(kind, **cells)
    assert not parsed.rejected
    return parsed.accepted[0][1]


def refusal(kind: str, **cells: str) -> str:
    parsed = one(kind, **cells)
    assert not parsed.accepted
    assert parsed.rejected[0].row == 2
    return parsed.rejected[0].reason


def test_people_from_a_chinese_file() -> None:
    data = (
        "工号,姓名,角色,区域,企业微信,飞书,设备\nE1,李娜,销售,华南,li.na,,ABC-1\nE2,王强,区域总监；管理员,east,,ou_1,\nE3,赵敏,售前,,,,\n"
    )
    parsed = parse("people", read_table(data.encode("gb18030"), "人员.csv"), CONFIG)
    assert parsed.rejected == ()
    assert parsed.accepted == (
        (2, PersonRow(id="E1", name="李娜", roles=("rep",), region="south", wecom="li.na", device="ABC-1")),
        (3, PersonRow(id="E2", name="王强", roles=("director", "admin"), region="east", feishu="ou_1")),
        (4, PersonRow(id="E3", name="赵敏", roles=("presales",))),
    )


def test_customer_with_everything() -> None:
    found = row("customers", **CUSTOMER, aliases="华强；HQ;华强", address="深圳市\n福田区", industry="电子")
    assert asdict(found) == asdict(
        CustomerRow(
            id="C1",
            name="华强电子",
            fen=80_000_000,
            owner="E1",
            address="深圳市 福田区",
            lat=22.5431,
            lng=114.0579,
            datum=Datum.GCJ02,
            aliases=("华强", "HQ"),
            industry="电子",
        )
    )


def test_full_width_digits_and_invisible_marks_are_tidied() -> None:
    found = row(
        "customers",
        **CUSTOMER | {"id": "\ufeffＣ００１", "annual_purchase": "８００，０００．５０", "lat": "２２．５", "name": "华\u200b强\u202e"},
    )
    assert (found.id, found.fen, found.lat, found.name) == ("C001", 80_000_050, 22.5, "华强")


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("0", 0),
        ("0.01", 1),
        ("1234.10", 123_410),
        ("800,000", 80_000_000),
        ("¥80万", 80_000_000),
        ("1.5亿", 15_000_000_000),
        ("80.5元", 8050),
    ],
)
def test_yuan_become_fen_exactly(text: str, fen: int) -> None:
    assert row("customers", **CUSTOMER | {"annual_purchase": text}).fen == fen


@given(st.integers(0, 10**15))
def test_every_amount_of_fen_survives(fen: int) -> None:
    assert row("customers", **CUSTOMER | {"annual_purchase": f"{fen // 100}.{fen % 100:02}"}).fen == fen


@pytest.mark.parametrize("text", ["", "-1", "八十万", "1e999999999", "NaN", "inf", "1_000", "0.001", "9" * 16, "9" * 5000, "1.5.5"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    assert refusal("customers", **CUSTOMER | {"annual_purchase": text}).startswith("年采购额")


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ({"datum": ""}, "有经纬度必须写坐标系 (datum): gcj02 | wgs84 | bd09"),
        ({"datum": "wgs-84"}, "坐标系 (datum) 须为 gcj02 | wgs84 | bd09"),
        ({"lat": "0", "lng": "0"}, "经纬度是 0,0"),
        ({"lat": "114.0579", "lng": "22.5431"}, "经纬度像是写反了"),
        ({"lat": "95", "lng": "200"}, "经纬度超出范围"),
        ({"lat": "nan"}, "纬度 (lat) 和经度 (lng) 须都填, 都是十进制的度数"),
        ({"lat": ""}, "纬度 (lat) 和经度 (lng) 须都填, 都是十进制的度数"),
        ({"lat": "22°32′"}, "纬度 (lat) 和经度 (lng) 须都填, 都是十进制的度数"),
    ],
)
def test_place_that_cannot_be_is_refused(place: dict[str, str], expected: str) -> None:
    assert refusal("customers", **CUSTOMER | place) == expected
    site = {"customer": "C1", "name": "仓库", "lat": "22.5", "lng": "114.1", "datum": "gcj02"}
    assert refusal("sites", **site | place) == expected


def test_customer_without_a_place_has_none() -> None:
    found = row("customers", **{key: value for key, value in CUSTOMER.items() if key not in {"lat", "lng", "datum"}})
    assert (found.lat, found.lng, found.datum) == (None, None, None)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"id": ""}, "缺少工号 (id)"),
        ({"id": "E 1"}, "工号 (id) 不能含空格或 / ? # : ; , 且最多 64 字"),
        ({"name": "\u200b"}, "缺少姓名 (name)"),
        ({"name": "长" * 81}, "姓名 (name) 超过 80 字"),
        ({"role": "boss"}, "不认识的角色 boss; 可用: rep(销售) director(总监) admin(管理员) presales(售前)"),
        ({"region": "西北"}, "没有区域 西北; config.toml 中有: 华南, 华东"),
        ({"region": ""}, "销售和总监必须有区域"),
        ({"邮箱": "1"}, "不认识的列 邮箱; 可用: active, device, dingtalk, feishu, id, name, phone, region, role, wecom"),
        ({"工号": "E2"}, "有两列都是 id"),
    ],
)
def test_person_refused_with_the_reason(cells: dict[str, str], expected: str) -> None:
    assert refusal("people", **PERSON | cells) == expected


def test_cell_too_many_refuses_its_row_alone() -> None:
    parsed = parse("contacts", read_table("客户编号,联系人,职务\nC1,张三,总监\nC1,李四,经理,采购\n".encode(), "f.csv"), CONFIG)
    assert [number for number, _ in parsed.accepted] == [2]
    assert [(bad.row, bad.reason.partition(";")[0]) for bad in parsed.rejected] == [(3, "不认识的列 第 4 列 (没有表头)")]


@pytest.mark.parametrize(
    ("word", "role"),
    [("", ""), ("发起人", "initiator"), ("Influencer", "influencer"), ("决策人", "decider")],
)
def test_contact_roles_by_id_or_name(word: str, role: str) -> None:
    found = row("contacts", 客户="C1", 姓名="张三", 职务="CTO", 角色=word, 电话="+86 138-0013-8000")
    assert found == ContactRow(customer="C1", name="张三", title="CTO", role=role, phone="+86 138-0013-8000")


def test_contact_refusals_do_not_repeat_the_phone() -> None:
    assert refusal("contacts", customer="C1", name="张三", phone="不是电话13800138000") == "电话格式不对"
    assert refusal("contacts", customer="C1", name="张三", role="老板").startswith("不认识的决策链角色 老板")


@pytest.mark.parametrize("text", ["9", "50001", "1.5", "-100", "五百"])
def test_site_radius_is_bounded(text: str) -> None:
    site = {"客户编号": "C1", "名称": "仓库", "纬度": "22.5", "经度": "114.1", "坐标系": "WGS84"}
    assert refusal("sites", **site, 半径=text) == "半径 (radius_m) 须为 10 到 50000 米的整数"
    assert row("sites", **site, 半径="300") == SiteRow(customer="C1", name="仓库", lat=22.5, lng=114.1, datum=Datum.WGS84, radius_m=300)


def test_later_row_of_the_same_id_is_refused() -> None:
    parsed = parse("people", [(2, PERSON), (3, PERSON | {"id": "E2"}), (7, PERSON | {"name": "别人"})], CONFIG)
    assert [found.id for _, found in parsed.accepted] == ["E1", "E2"]
    assert [(bad.row, bad.reason) for bad in parsed.rejected] == [(7, "E1 与第 2 行重复")]


@given(st.sampled_from(["people", "customers", "sites", "contacts"]), st.data())
def test_any_text_is_a_row_or_a_reason(kind: str, data: st.DataObject) -> None:
    known = CUSTOMER | PERSON | {"customer": "C1", "radius_m": "300", "title": "", "phone": "", "aliases": ""}
    cells = {column: data.draw(st.just(value) | st.text(max_size=20), column) for column, value in known.items()}
    columns = data.draw(st.sets(st.sampled_from(sorted(cells))))
    parsed = parse(kind, [(2, {column: cells[column] for column in columns})], CONFIG)
    assert len(parsed.accepted) + len(parsed.rejected) == 1
