"""A business card's lines → whom it names. Only what stands there: a line that fits nothing is left out, never guessed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史"
    "陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧阳管柴蒙鲍华喻祁"
)
TITLES = re.compile(
    r"董事长|总裁|总经理|副总|总监|经理|主任|部长|处长|科长|厂长|院长|书记|主管|专员|工程师|顾问|代表|助理|秘书|CEO|CTO|CFO|COO|CIO|VP|Director|Manager|Engineer|President",
    re.IGNORECASE,
)
ORGANISED = re.compile(r"公司|集团|中心|大学|学院|研究|有限|股份|地址|邮箱|网址|传真")
MOBILE = re.compile(r"(?<!\d)(?:\+?86[-\s]?)?(1[3-9]\d)[-\s]?(\d{4})[-\s]?(\d{4})(?!\d)")
LANDLINE = re.compile(r"(?<!\d)(0\d{2,3})[-\s)]{1,2}(\d{7,8})(?!\d)")
NAME = re.compile(r"^[\u4e00-\u9fff]{2,4}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCard:
    """What a card says of its owner; "" for what does not stand there."""

    name: str
    title: str = ""
    phone: str = ""


def read(lines: Sequence[str]) -> BusinessCard | None:
    """None where no line is a name."""
    tidy = [line.strip() for line in lines if line.strip()]
    parts = [part for line in tidy for part in (line, *re.split(r"\s{2,}|[|/·,，:：]", line), *line.split())]
    name = next((found for part in parts if (found := _name(part))), "")
    if not name:
        return None
    return BusinessCard(name=name, title=_title(tidy, name), phone=_phone(tidy))


def _name(words: str) -> str:
    """Characters of a name are often set apart: 王 建 国."""
    close = re.sub(r"\s+", "", words)
    fits = NAME.match(close) and close[0] in SURNAMES and not TITLES.search(close) and not ORGANISED.search(close)
    return close if fits else ""


def _title(lines: Sequence[str], name: str) -> str:
    for line in lines:
        rest = re.sub(r"\s*".join(name), "", line).strip(" |/·,，:：")
        if TITLES.search(rest) and not ORGANISED.search(rest) and len(rest) <= 30:
            return rest
    return ""


def _phone(lines: Sequence[str]) -> str:
    """A mobile number before any other."""
    mobile = next((found for line in lines if (found := MOBILE.search(line))), None)
    if mobile:
        return "".join(mobile.groups())
    landline = next((found for line in lines if (found := LANDLINE.search(line))), None)
    return "-".join(landline.groups()) if landline else ""
