"""The sample company: people, customers, contacts as import rows, and the config that binds them. Same seed, same company."""

import csv
import io
import secrets
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians
from random import Random

from adapters.sandbox.roster import CITIES, CUSTOMERS, PURCHASE_YUAN, REGIONS, SPELLING, STAFF, SURNAMES, TITLES

METRES_A_DEGREE = 111_195
CORP_ID = "wwdemo00salestrace"
AGENT_ID = 1000002
FEISHU_APP_ID = "cli_demo00salestrace"
DINGTALK_ID = "dingdemo00salestrace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody of the sample company, with the platforms' ids that the stand-ins know."""

    id: str
    name: str
    role: str
    region: str
    city: str
    wecom: str  # "" = none
    feishu: str  # open_id; "" = none
    device: str  # filed phone; "" = none

    @property
    def handles(self) -> dict[str, str]:
        """His user id on each platform, should he sit there."""
        spelling = SPELLING[self.name]
        plain = spelling.replace(".", "_")
        return {"wecom": spelling, "dingtalk": f"ding_{plain}", "feishu": f"ou_demo_{plain}"}

    @property
    def seat(self) -> str:
        """The platform that he uses at first."""
        return "wecom" if self.wecom else "feishu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A customer of the sample company; a point in GCJ-02, money in yuan."""

    id: str
    name: str
    alias: str
    industry: str
    grade: str
    annual_purchase: int
    owner: str
    region: str
    city: str
    address: str
    lat: float
    lng: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquaintance:
    """A contact at a customer."""

    customer: str
    name: str
    title: str
    role: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """All of it."""

    members: tuple[Member, ...]
    clients: tuple[Client, ...]
    contacts: tuple[Acquaintance, ...]

    @property
    def reps(self) -> tuple[Member, ...]:
        return tuple(member for member in self.members if member.role == "rep")

    def member(self, id_: str) -> Member:
        """Raises KeyError."""
        return {member.id: member for member in self.members}[id_]

    def client(self, id_: str) -> Client:
        """Raises KeyError."""
        return {client.id: client for client in self.clients}[id_]

    def clients_of(self, rep: str) -> tuple[Client, ...]:
        return tuple(client for client in self.clients if client.owner == rep)

    def director(self, region: str) -> Member:
        """Raises StopIteration for a region that does not exist."""
        return next(member for member in self.members if member.role == "director" and member.region == region)


def alert_chat(region: str) -> str:
    """The Feishu chat id of a region's group."""
    return f"oc_demo_{region}"


def ding_chat(region: str) -> str:
    """The DingTalk conversation id of a region's group."""
    return f"cid_demo_{region}"


def seated(member: Member, platform: str) -> bytes:
    """The import that moves somebody to a platform; only WeCom's records carry the device on file."""
    row = {"id": member.id, "name": member.name, "role": member.role, "region": member.region}
    row |= {name: handle if name == platform else "" for name, handle in member.handles.items()}
    text = io.StringIO()
    writer = csv.DictWriter(text, [*row, "device"])
    writer.writeheader()
    writer.writerow({**row, "device": member.device if platform == "wecom" else ""})
    return text.getvalue().encode("utf-8-sig")


def sample_company(seed: int = 1) -> Company:
    """Build it."""
    random = Random(seed)
    members = tuple(_member(random, *row) for row in STAFF)
    clients = _clients(random, {member.id: member for member in members})
    contacts = tuple(contact for client in clients for contact in _contacts(random, client))
    return Company(members=members, clients=clients, contacts=contacts)


def _member(random: Random, id_: str, name: str, role: str, region: str, city: str) -> Member:
    spelling = SPELLING[name]
    device = "".join(random.choices("0123456789abcdef", k=16)) if role == "rep" else ""
    on_wecom = role in {"rep", "presales"}
    return Member(
        id=id_,
        name=name,
        role=role,
        region=region,
        city=city,
        wecom=spelling if on_wecom else "",
        feishu="" if on_wecom else "ou_demo_" + spelling.replace(".", "_"),
        device=device,
    )


def _clients(random: Random, members: Mapping[str, Member]) -> tuple[Client, ...]:
    rows = [(owner, turn, row) for owner, own in CUSTOMERS.items() for turn, row in enumerate(own)]
    made = [_client(random, number, members[owner], turn, *row) for number, (owner, turn, row) in enumerate(rows, 1)]
    return tuple(_neighbours(made))


def _client(random: Random, number: int, owner: Member, turn: int, name: str, alias: str, industry: str, grade: str) -> Client:
    districts = CITIES[owner.city]
    # Two reps of one city start at different districts, so that their customers do not crowd together.
    street, lat, lng = districts[(turn + 3 * (int(owner.id[1:]) % 2)) % len(districts)]
    lat += 0.03 * (turn // len(districts))  # a second customer in a district is three kilometres north of the first
    low, high = PURCHASE_YUAN[grade]
    return Client(
        id=f"C{number:03d}",
        name=name,
        alias=alias,
        industry=industry,
        grade=grade,
        annual_purchase=random.randrange(low, high, 1000),
        owner=owner.id,
        region=owner.region,
        city=owner.city,
        address=f"{owner.city}市{street}{random.randrange(1, 400)}号",
        lat=round(lat + random.uniform(-0.009, 0.009), 6),
        lng=round(lng + random.uniform(-0.009, 0.009), 6),
    )


def _neighbours(clients: Sequence[Client]) -> Iterable[Client]:
    """Put the first rep's fourth customer 300 m east of her third: standing there, the bot must ask which."""
    third = clients[2]
    east = 300 / (METRES_A_DEGREE * cos(radians(third.lat)))
    for client in clients:
        if client is not clients[3]:
            yield client
            continue
        moved = {"address": third.address.replace("号", "号东座"), "lat": third.lat, "lng": round(third.lng + east, 6)}
        yield Client(**{name: getattr(client, name) for name in Client.__slots__} | moved)


def _contacts(random: Random, client: Client) -> Iterable[Acquaintance]:
    for title, role in random.sample(TITLES, k=random.choice((1, 2, 2, 3))):
        yield Acquaintance(
            customer=client.id,
            name=random.choice(SURNAMES) + random.choice(("工", "总", "经理")),
            title=title,
            role=role,
            phone=f"1380000{random.randrange(10_000):04d}",  # never assigned
        )


# ---- what is imported ----------------------------------------------------------------------------------------------


def import_files(company: Company) -> dict[str, bytes]:
    """CSV by import kind, in the order in which they must be imported."""
    return {
        "people": _csv("id name role region wecom feishu device", company.members),
        "customers": _csv(
            "id name annual_purchase owner address lat lng datum aliases industry",
            company.clients,
            datum=lambda _: "gcj02",
            aliases=lambda client: client.alias,
        ),
        "contacts": _csv("customer name title role phone", company.contacts),
    }


def _csv(columns: str, rows: Iterable[object], **derived: object) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns.split())
    for row in rows:
        writer.writerow([derived[name](row) if name in derived else getattr(row, name) for name in columns.split()])  # type: ignore[operator]
    return text.getvalue().encode("utf-8-sig")


# ---- what is configured --------------------------------------------------------------------------------------------


def led_on(region: str, platform: str, director: Member) -> str:
    """Where a region's red lights go when its director sits there."""
    where = {"wecom": f"@{director.handles['wecom']}", "dingtalk": ding_chat(region), "feishu": alert_chat(region)}
    return f"{platform}:{where[platform]}"


RULES = """
[[rules]]
id = "inactive-72h"
kind = "inactivity"
hours = 72
tell = ["owner", "region"]

[[rules]]
id = "excess-need"
kind = "excess"
stage = "need"
per_day = 5
tell = ["region"]

[[rules]]
id = "short-demo"
kind = "short_dwell"
stage = "demo"
seconds = 90
tell = ["region"]
"""


def config_toml(*, listen: str, public_url: str, wecom: str, feishu: str, dingtalk: str) -> str:
    """A config.toml for the sample company, with the base addresses of the stand-ins."""
    regions = "".join(f'\n[[regions]]\nid = "{id_}"\nname = "{name}"\nalert_chat = "feishu:{alert_chat(id_)}"\n' for id_, name in REGIONS)
    return f"""# 演示公司的配置：保存后约 5 秒生效。
timezone = "Asia/Shanghai"

[server]
listen = "{listen}"
public_url = "{public_url}"

[wecom]
corp_id = "{CORP_ID}"
agent_id = {AGENT_ID}
api_base = "{wecom}"
oauth_base = "{wecom}"

[feishu]
app_id = "{FEISHU_APP_ID}"
api_base = "{feishu}"
accounts_base = "{feishu}"

[dingtalk]
client_id = "{DINGTALK_ID}"
api_base = "{dingtalk}"
oapi_base = "{dingtalk}"
login_base = "{dingtalk}"
[materials]
sandbox_url = "https://try.example.cn"
{regions}{RULES}"""


def environment() -> dict[str, str]:
    """Fresh secrets by the contract's names; the stand-ins are started with the same."""
    letters = string.ascii_letters + string.digits
    return {
        "WECOM_SECRET": secrets.token_urlsafe(32),
        "WECOM_TOKEN": "".join(secrets.choice(letters) for _ in range(24)),
        "WECOM_AES_KEY": "".join(secrets.choice(letters) for _ in range(42)) + "A",  # 43rd character carries two zero bits
        "FEISHU_APP_SECRET": secrets.token_urlsafe(24),
        "FEISHU_ENCRYPT_KEY": secrets.token_urlsafe(24),
        "FEISHU_VERIFICATION_TOKEN": secrets.token_urlsafe(16),
        "DINGTALK_CLIENT_SECRET": secrets.token_urlsafe(32),
        "SALESTRACE_API_TOKEN": secrets.token_urlsafe(24),
    }
