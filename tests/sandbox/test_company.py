"""The sample company: plausible, complete, and the same every time."""

import csv
import io
import tomllib
from datetime import UTC, datetime
from itertools import combinations

from adapters.sandbox.company import Client, alert_chat, config_toml, environment, import_files, sample_company
from adapters.sandbox.figures import fact_files
from bot.config.schema import Config
from bot.evidence.place import distance_m
from bot.intake import FeedReader, read_table
from bot.model import Datum, Point

COMPANY = sample_company()


def test_same_seed_makes_the_same_company() -> None:
    assert sample_company(7) == sample_company(7)
    assert sample_company(7) != sample_company(8)


def test_company_has_the_promised_shape() -> None:
    assert len(COMPANY.reps) == 12
    assert 45 <= len(COMPANY.clients) <= 55
    assert {client.region for client in COMPANY.clients} == {"south", "east", "west"}
    assert len({client.city for client in COMPANY.clients}) == 8
    assert all(COMPANY.clients_of(rep.id) for rep in COMPANY.reps)
    assert [COMPANY.director(region).region for region in ("south", "east", "west")] == ["south", "east", "west"]


def test_names_aliases_and_accounts_are_unique() -> None:
    for values in (
        [client.name for client in COMPANY.clients],
        [client.alias for client in COMPANY.clients],
        [one.wecom for one in COMPANY.members if one.wecom],
        [one.feishu for one in COMPANY.members if one.feishu],
        [one.device for one in COMPANY.members if one.device],
    ):
        assert len(values) == len(set(values))
    assert all(client.alias[:2] in client.name for client in COMPANY.clients)


def test_purchase_decides_the_grade_that_is_named() -> None:
    for client in COMPANY.clients:
        grade = Config().grade_of(client.annual_purchase * 100)
        assert grade is not None
        assert grade.id == client.grade


def _metres(one: Client, other: Client) -> float:
    first, second = (Point(lat=client.lat, lng=client.lng, datum=Datum.GCJ02) for client in (one, other))
    return distance_m(first, second)


def test_only_one_pair_of_a_reps_customers_shares_a_fence() -> None:
    """Standing at 华强 the bot knows where one is; between the neighbours it must ask."""
    near = [
        {one.id, other.id}
        for rep in COMPANY.reps
        for one, other in combinations(COMPANY.clients_of(rep.id), 2)
        if _metres(one, other) < 1000
    ]
    assert near == [{"C003", "C004"}]


def test_import_files_carry_every_row_and_column() -> None:
    files = {kind: list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")))) for kind, data in import_files(COMPANY).items()}
    assert list(files) == ["people", "customers", "contacts"]
    assert len(files["people"]) == len(COMPANY.members)
    first = files["customers"][0]
    assert (first["name"], first["aliases"], first["datum"], first["owner"]) == ("深圳华强精密模具有限公司", "华强", "gcj02", "E001")
    assert {row["customer"] for row in files["contacts"]} == {client.id for client in COMPANY.clients}
    assert {row["role"] for row in files["contacts"]} <= {"initiator", "influencer", "decider"}


def test_config_is_complete_and_holds_no_secret() -> None:
    addresses = {"wecom": "http://127.0.0.1:2", "feishu": "http://127.0.0.1:3", "dingtalk": "http://127.0.0.1:4"}
    text = config_toml(listen="127.0.0.1:1", public_url="http://127.0.0.1:1", **addresses)
    config = Config.model_validate(tomllib.loads(text))
    assert [region.alert_chat for region in config.regions] == [f"feishu:{alert_chat(id_)}" for id_ in ("south", "east", "west")]
    secrets = environment()
    assert len(secrets["WECOM_AES_KEY"]) == 43
    assert secrets != environment()
    assert not any(value in text for value in secrets.values())


def test_figures_are_the_same_for_the_same_moment_and_fit_the_import() -> None:
    until = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    files = fact_files(sample_company(), until)
    assert files == fact_files(sample_company(), until)
    assert files != fact_files(sample_company(), until, 2)
    for kind, data in files.items():
        rows = list(read_table(data, f"{kind}.csv"))
        read = [FeedReader(kind, Config()).read(row) for _, row in rows]
        assert rows and all(row.at is None or row.at <= until for row in read)
