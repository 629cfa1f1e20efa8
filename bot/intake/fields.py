"""One cell each: text → value, or BadRow with the reason."""

import re
from collections.abc import Mapping
from decimal import Decimal

from bot.config.schema import Config
from bot.evidence.place import problem_of
from bot.intake.bad import BadRow
from bot.model import Datum

ROLES = {
    "rep": "rep",
    "销售": "rep",
    "销售代表": "rep",
    "业务员": "rep",
    "客户经理": "rep",
    "director": "director",
    "总监": "director",
    "区域总监": "director",
    "主管": "director",
    "区域主管": "director",
    "admin": "admin",
    "管理员": "admin",
    "presales": "presales",
    "售前": "presales",
    "售前工程师": "presales",
}
CHAIN = {"": "", "initiator": "initiator", "发起人": "initiator", "influencer": "influencer", "影响人": "influencer"} | {
    "decider": "decider",
    "决策人": "decider",
}
PLACES = {
    "zero": "经纬度是 0,0",
    "swapped": "经纬度像是写反了",
    "range": "经纬度超出范围",
    "nan": "经纬度不是数字",
}
IDENTIFIER = re.compile(r"[^\s/?#:;,]{1,64}")
AMOUNT = re.compile(r"\d{1,16}(\.\d{1,9})?")
DEGREES = re.compile(r"[+-]?\d{1,3}(\.\d{1,20})?")
MOST_FEN = 10**15


def identifier(given: Mapping[str, str], column: str, header: str) -> str:
    value = given.get(column, "")
    if not value:
        raise BadRow(f"缺少{header} ({column})")
    if not IDENTIFIER.fullmatch(value):
        raise BadRow(f"{header} ({column}) 不能含空格或 / ? # : ; , 且最多 64 字")
    return value


def name(given: Mapping[str, str], header: str) -> str:
    value = given.get("name", "")
    if not value:
        raise BadRow(f"缺少{header} (name)")
    if len(value) > 80:
        raise BadRow(f"{header} (name) 超过 80 字")
    return " ".join(value.split())


def short(given: Mapping[str, str], column: str) -> str:
    value = given.get(column, "")
    if len(value) > 120:
        raise BadRow(f"{column} 超过 120 字")
    return value


def listed(text: str) -> tuple[str, ...]:
    """Split at `;`, without doubles."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))


def roles(text: str) -> tuple[str, ...]:
    """Roles by id or Chinese name; none given means rep."""
    given = listed(text) or ("rep",)
    unknown = [role for role in given if role.lower() not in ROLES]
    if unknown:
        raise BadRow(f"不认识的角色 {unknown[0]}; 可用: rep(销售) director(总监) admin(管理员) presales(售前)")
    return tuple(dict.fromkeys(ROLES[role.lower()] for role in given))


def region(text: str, config: Config) -> str:
    """A region's id, from id or name."""
    if not text:
        return ""
    found = next((one.id for one in config.regions if text in (one.id, one.name)), None)
    if found is None:
        raise BadRow(f"没有区域 {text}; config.toml 中有: {', '.join(one.name for one in config.regions) or '无'}")
    return found


def chain_role(text: str) -> str:
    if text.lower() not in CHAIN:
        raise BadRow(f"不认识的决策链角色 {text}; 可用: 发起人 影响人 决策人")
    return CHAIN[text.lower()]


def phone(text: str) -> str:
    if text and not re.fullmatch(r"[+0-9][0-9 ()-]{4,30}", text):
        raise BadRow("电话格式不对")
    return text


def fen(text: str, header: str) -> int:
    """Yuan as people write them (800000, 800,000.50, 80万) → integer fen."""
    plain = text.replace(",", "").replace("元", "").replace("¥", "").strip()
    factor = 1
    for unit, times in (("亿", 100_000_000), ("万", 10_000)):
        if plain.endswith(unit):
            plain, factor = plain.removesuffix(unit), times
    if not AMOUNT.fullmatch(plain):
        raise BadRow(f"{header}不是金额, 须为 0 或正数")
    value = Decimal(plain) * factor * 100
    if value != value.to_integral_value():
        raise BadRow(f"{header}最多两位小数")
    if value > MOST_FEN:
        raise BadRow(f"{header}过大")
    return int(value)


def radius(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or not 10 <= int(text) <= 50_000:
        raise BadRow("半径 (radius_m) 须为 10 到 50000 米的整数")
    return int(text)


def place(given: Mapping[str, str]) -> tuple[float, float, Datum]:
    """Latitude, longitude and datum, all three or none."""
    datum = given.get("datum", "").lower()
    if not datum:
        raise BadRow("有经纬度必须写坐标系 (datum): gcj02 | wgs84 | bd09")
    if datum not in set(Datum):
        raise BadRow("坐标系 (datum) 须为 gcj02 | wgs84 | bd09")
    lat_text, lng_text = given.get("lat", ""), given.get("lng", "")
    if not (DEGREES.fullmatch(lat_text) and DEGREES.fullmatch(lng_text)):
        raise BadRow("纬度 (lat) 和经度 (lng) 须都填, 都是十进制的度数")
    lat, lng = float(lat_text), float(lng_text)
    problem = problem_of(lat, lng)
    if problem:
        raise BadRow(PLACES.get(problem, "经纬度不可用"))
    return lat, lng, Datum(datum)


def yes(text: str, what: str) -> bool:
    """是 or 否 in the spellings of spreadsheets; nothing is 是."""
    word = text.lower()
    if word in {"", "是", "在职", "1", "y", "yes", "true"}:
        return True
    if word in {"否", "离职", "0", "n", "no", "false"}:
        return False
    raise BadRow(f"{what}应写是或否, 这里是 {text}")
