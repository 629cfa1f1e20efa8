"""Rows of text → checked rows. A bad row is refused with its reason; the good ones stay."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from bot.config.schema import Config
from bot.intake import fields
from bot.intake.bad import BadRow
from bot.intake.columns import COLUMNS, HEADERS
from bot.intake.naming import Naming
from bot.intake.rows import ContactRow, CustomerRow, PersonRow, Row, SiteRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A refused row: its number as a spreadsheet shows it, and why, in Chinese."""

    row: int
    reason: str
    cells: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)  # as they were given


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a file holds: (row number, checked row) and refusals."""

    accepted: tuple[tuple[int, Row], ...]
    rejected: tuple[Rejected, ...]


Given = Mapping[str, str]


def parse(kind: str, rows: Iterable[tuple[int, Given]], config: Config) -> Parsed:
    """Check every row. Raises KeyError for a kind that is not imported."""
    make, naming = MAKERS[kind], Naming(kind, config.columns.get(kind, {}), COLUMNS[kind], HEADERS)
    accepted: list[tuple[int, Row]] = []
    rejected: list[Rejected] = []
    seen: dict[str, int] = {}
    for number, raw in rows:
        try:
            row = make(naming.named(raw), config)
            if row.id in seen:
                raise BadRow(f"{row.id} 与第 {seen[row.id]} 行重复")
        except BadRow as bad:
            rejected.append(Rejected(row=number, reason=str(bad), cells=raw))
            continue
        seen[row.id] = number
        accepted.append((number, row))
    return Parsed(accepted=tuple(accepted), rejected=tuple(rejected))


def _person(given: Given, config: Config) -> PersonRow:
    roles = fields.roles(given.get("role", ""))
    region = fields.region(given.get("region", ""), config)
    if not region and set(roles) & {"rep", "director"}:
        raise BadRow("销售和总监必须有区域")
    return PersonRow(
        id=fields.identifier(given, "id", "工号"),
        name=fields.name(given, "姓名"),
        roles=roles,
        region=region,
        **{column: fields.short(given, column) for column in ("wecom", "dingtalk", "feishu", "device")},
        active=fields.yes(given.get("active", ""), "在职"),
        phone=fields.phone(given.get("phone", "")),
    )


def _customer(given: Given, config: Config) -> CustomerRow:
    del config
    place = fields.place(given) if given.get("lat") or given.get("lng") else None
    return CustomerRow(
        id=fields.identifier(given, "id", "客户编号"),
        name=fields.name(given, "客户名称"),
        fen=fields.fen(given.get("annual_purchase", ""), "年采购额"),
        owner=fields.identifier(given, "owner", "客户经理"),
        address=given.get("address", "")[:500],
        lat=place[0] if place else None,
        lng=place[1] if place else None,
        datum=place[2] if place else None,
        aliases=fields.listed(given.get("aliases", "")),
        industry=fields.short(given, "industry"),
    )


def _site(given: Given, config: Config) -> SiteRow:
    del config
    lat, lng, datum = fields.place(given)
    return SiteRow(
        customer=fields.identifier(given, "customer", "客户"),
        name=fields.name(given, "地点名称"),
        lat=lat,
        lng=lng,
        datum=datum,
        radius_m=fields.radius(given.get("radius_m", "")),
    )


def _contact(given: Given, config: Config) -> ContactRow:
    del config
    return ContactRow(
        customer=fields.identifier(given, "customer", "客户"),
        name=fields.name(given, "姓名"),
        title=fields.short(given, "title"),
        role=fields.chain_role(given.get("role", "")),
        phone=fields.phone(given.get("phone", "")),
    )


MAKERS: Mapping[str, Callable[[Given, Config], Row]] = {
    "people": _person,
    "customers": _customer,
    "sites": _site,
    "contacts": _contact,
}
