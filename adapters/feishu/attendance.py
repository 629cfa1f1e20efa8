"""考勤打卡 as a second witness: 外勤打卡 of a rep, read by API where the app has `attendance:task:readonly`.

Field names as in the platform's pages and its own kit. What they leave open: `device_id` is called the machine's id in one place and the
punch's device in another, so whether a phone's own punch carries it is not verified (without one it satisfies no `required`); there is no
accuracy; the event of the same name says that it returns no coordinates, so only the query is read; pictures are addresses whose
sign-in nobody documents, so they are left where they are.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.feishu.client import Client
from adapters.feishu.strict_json import dig, word
from bot.model import Checkin, Datum, Envelope, Kind, Platform, Point

PATH, PERSON = "/open-apis/attendance/v1/user_flows/query", "/open-apis/contact/v3/users/"
USERS, SPAN = 50, timedelta(days=7)  # a call
BY_HIMSELF = frozenset({0, 6})  # 用户打卡, 极速打卡; the others were changed, imported or made up by the system
MACHINE, FREE = 5, 4  # 考勤机, 下班免打卡: say nothing about a phone


class Roster:
    """The ids that attendance knows people by. Accounts may be open_ids; the directory says the rest, once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: dict[str, str] = {}

    async def employees(self, accounts: Sequence[str]) -> dict[str, str]:
        """Employee id → account, of those whom the directory names. Raises ApiError."""
        for account in accounts:
            if account not in self._known:
                self._known[account] = await self._employee(account) if account.startswith("ou_") else account
        return {self._known[account]: account for account in accounts if self._known[account]}

    async def _employee(self, account: str) -> str:
        answer = await self._client.call("GET", PERSON + account, params={"user_id_type": "open_id"})
        return word(answer, "data", "user", "user_id")


async def envelopes(
    client: Client, roster: Roster, accounts: Sequence[str], since: datetime, until: datetime, now: datetime
) -> list[Envelope]:
    """Everybody's 外勤打卡, ready for the inbox; the same record always gets the same key. Raises ApiError."""
    employees = await roster.employees(accounts)
    found: list[Envelope] = []
    for body in queries(list(employees), since, until):
        answer = await client.call("POST", PATH, params={"employee_type": "employee_id"}, body=body)
        listed = dig(answer, "data", "user_flow_results")
        flows = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        found += [
            _envelope(one, employees[word(one, "user_id")], now) for one in flows if word(one, "user_id") in employees and _speaks(one)
        ]
    return found


def queries(users: Sequence[str], since: datetime, until: datetime) -> Iterator[Mapping[str, Any]]:
    """Cut what is asked into calls that the API accepts; it wants seconds, as words."""
    for at in range(0, len(users), USERS):
        begin = since
        while begin < until:
            end = min(begin + SPAN, until)
            times = {"check_time_from": str(int(begin.timestamp())), "check_time_to": str(int(end.timestamp()))}
            yield {"user_ids": list(users[at : at + USERS]), **times}
            begin = end


def probe(now: datetime) -> dict[str, Any]:
    """A question about nobody, by which `doctor` learns whether it may ask."""
    (body,) = queries(["doctor"], now - timedelta(minutes=1), now)
    return {"params": {"employee_type": "employee_id"}, "body": body}


def is_record(data: Mapping[str, Any]) -> bool:
    """Whether a stored payload is one of these, and no event."""
    return "check_time" in data and "header" not in data


def read(record: Mapping[str, Any], datum: Datum) -> dict[str, Any]:
    """The Interaction's fields of a stored record."""
    at = word(record, "check_time")
    moment = {"sent_at": datetime.fromtimestamp(int(at), UTC)} if at.isascii() and at.isdigit() and len(at) < 12 else {}
    checkin = Checkin(
        device=word(record, "device_id"),
        place=word(record, "location_name"),
        wifi=word(record, "ssid"),
        notes=word(record, "comment"),
        by_api=record.get("type") not in BY_HIMSELF,
    )
    return {"kind": Kind.CHECKIN, "point": _point(record, datum), "checkin": checkin, **moment}


def _speaks(record: Mapping[str, Any]) -> bool:
    return record.get("is_field") is True and record.get("type") not in {MACHINE, FREE}


def _envelope(record: Mapping[str, Any], account: str, now: datetime) -> Envelope:
    seed = f"attendance:{account}:{record.get('record_id') or record.get('check_time')}"
    payload = json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    key = hashlib.sha256(seed.encode(errors="replace")).hexdigest()
    return Envelope(platform=Platform.FEISHU, key=key, sender=account, payload=payload, received_at=now)


def _point(record: Mapping[str, Any], datum: Datum) -> Point | None:
    lat, lng = (record.get(name) for name in ("latitude", "longitude"))
    if not isinstance(lat, int | float) or not isinstance(lng, int | float) or not (lat or lng) or not math.isfinite(lat + lng):
        return None
    return Point(lat=float(lat), lng=float(lng), datum=datum, source="feishu.attendance")
