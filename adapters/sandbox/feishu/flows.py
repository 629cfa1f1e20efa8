"""考勤打卡: what reps punched, and the query that tells of it."""

import itertools
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from adapters.sandbox.feishu.faults import refusal
from adapters.sandbox.feishu.world import Board

DAYS = 31


@dataclass(slots=True)
class Flows:
    """`allowed`: whether the app has the permission."""

    board: Board
    allowed: bool = True
    records: list[dict[str, Any]] = field(default_factory=list)
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(6708236686834352397))

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/open-apis/attendance/v1/user_flows/query", self.query)]

    async def query(self, request: web.Request) -> web.Response:
        """Valid punches of at most 50 employees within a month."""
        if not self.allowed:
            return refusal(99991672, "Access denied. One of the following scopes is required: [attendance:task:readonly]")
        body = await request.json()
        users, times = body.get("user_ids"), [body.get(name) for name in ("check_time_from", "check_time_to")]
        whole = all(isinstance(one, str) and one.isdigit() for one in times)
        if request.query.get("employee_type") != "employee_id" or not isinstance(users, list) or not 0 < len(users) <= 50 or not whole:
            return refusal(1220001, "param is invalid")
        begin, end = map(int, times)
        if not 0 <= end - begin <= DAYS * 86_400:
            return refusal(1220001, "param is invalid")
        found = [one for one in self.records if one["user_id"] in users and begin <= int(one["check_time"]) <= end]
        return web.json_response({"code": 0, "msg": "success", "data": {"user_flow_results": found}})

    def punch(self, user_id: str, lat: float, lng: float, place: str, **more: Any) -> None:
        """外勤打卡 by the rep himself, unless `more` says otherwise."""
        at = str(int(self.board.clock.now().timestamp()))
        record: dict[str, Any] = {
            "user_id": user_id,
            "creator_id": user_id,
            "location_name": place,
            "check_time": at,
            "comment": "拜访客户",
        }
        record |= {"record_id": str(next(self._ids)), "latitude": lat, "longitude": lng, "ssid": "", "bssid": "", "photo_urls": []}
        self.records.append({**record, "is_field": True, "is_wifi": False, "type": 0, "device_id": "", **more})
