"""The OpenAPI 3.1 document, made from the models that describe what is really sent and taken."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from adapters.web import answers, figure_answers, params
from adapters.web.facts import KINDS
from bot.intake import FEEDS

JsonObject = dict[str, Any]
REF = "#/components/schemas/{model}"
ERRORS = {
    400: "请求无法理解",
    401: "没有令牌，也没有登录",
    403: "没有权限",
    404: "没有，或无权查看",
    413: "内容过大",
    415: "只接受 JSON 或 CSV",
    422: "参数或内容不符合要求",
    503: "暂时无法处理",
}
ABOUT = "时间为带时区的 RFC 3339；列表为 items 与 next，next 作为 cursor 取下一页。"
FED = {"name": "kind", "in": "path", "required": True, "schema": {"type": "string", "enum": list(FEEDS)}}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


FIGURES: Mapping[str, tuple[str, str, type[BaseModel], type[BaseModel]]] = {
    "coverage": ("getCoverage", "过程动作覆盖率", figure_answers.Coverage, params.CoverageQuery),
    "coverage/slots": ("listSlots", "覆盖率背后的每一个应做动作", figure_answers.SlotPage, params.SlotsQuery),
    "coverage/trend": ("getTrend", "各月覆盖率", figure_answers.Trend, params.TrendQuery),
    "completeness": ("getCompleteness", "证据完整度：缺照片、缺定位、缺摘要", figure_answers.Completeness, params.PartQuery),
    "funnel": ("getFunnel", "漏斗：各阶段完整动作、客户、转化与停留", figure_answers.Funnel, params.PartQuery),
    "funnel/claims": ("listClaims", "没有证据的阶段声明", figure_answers.ClaimPage, params.ListQuery),
    "alarms": ("getAlarms", "各规则的红灯与误报", figure_answers.Alarms, params.PartQuery),
    "efforts": ("getEfforts", "每人每天的记录用时", figure_answers.Efforts, params.PartQuery),
    "deals/anomalies": ("getAnomalies", "异常商机", figure_answers.Anomalies, params.NowQuery),
    "collection": ("getCollection", "30 天回款率", figure_answers.Collection, params.PartQuery),
}


def document(public_url: str) -> JsonObject:
    """Truthful down to the status codes: the tests run against it."""
    models = [(model, "serialization") for model in (*answers.ALL, *figure_answers.ALL)]
    _, schemas = models_json_schema(models, ref_template=REF)  # type: ignore[arg-type] # the mode is a literal
    return {
        "openapi": "3.1.0",
        "info": {"title": "SalesTrace", "version": "1", "description": ABOUT},
        "servers": [{"url": public_url.rstrip("/")}],
        "security": [{"token": []}, {"session": []}],
        "paths": _paths(),
        "components": {"schemas": schemas["$defs"], "securitySchemes": _schemes()},
    }


def _schemes() -> JsonObject:
    cookie = {"type": "apiKey", "in": "cookie", "name": "salestrace", "description": "页面登录后的会话；https 下名为 __Host-salestrace"}
    return {"token": {"type": "http", "scheme": "bearer"}, "session": cookie}


def _paths() -> JsonObject:
    base = "/api/v1"
    return {
        f"{base}/actions": {"get": _get("listActions", "动作列表，新的在前", answers.ActionPage, _query(params.ActionsQuery))},
        f"{base}/actions/{{id}}": {"get": _get("getAction", "一条动作：时空戳、意图码、证据链、结论、台账位置", answers.Action, [ID], 404)},
        f"{base}/alerts": {"get": _get("listAlerts", "红灯列表，新的在前", answers.AlertPage, _query(params.AlertsQuery))},
        **{
            f"{base}/{path}": {"get": _get(name, about, answer, _query(asked), 403, 404)}
            for path, (name, about, answer, asked) in FIGURES.items()
        },
        f"{base}/customers/{{id}}": {"get": _get("getCustomer", "一个客户", answers.Customer, [ID], 404)},
        f"{base}/facts/{{kind}}/{{id}}": {"get": _get("getFact", "一条外部数据和它更正之前的内容", answers.Fact, [FED, ID], 404)},
        f"{base}/facts/{{kind}}": {"post": _post_facts()},
    }


def _get(name: str, summary: str, answer: type[BaseModel], parameters: list[JsonObject], *errors: int) -> JsonObject:
    return {
        "operationId": name,
        "summary": summary,
        "parameters": parameters,
        "responses": {"200": _answer(summary, answer), **_errors(401, 422, 503, *errors)},
    }


def _post_facts() -> JsonObject:
    kind = {"name": "kind", "in": "path", "required": True, "schema": {"type": "string", "enum": list(KINDS)}}
    items = {"application/json": {"schema": {"$ref": REF.format(model="Items")}}, "text/csv": {}}
    return {
        "operationId": "takeFacts",
        "summary": "写入主数据，列与 import 命令相同，可重复提交；只限访问令牌",
        "security": [{"token": []}],
        "parameters": [kind],
        "requestBody": {"required": True, "content": items},
        "responses": {"200": _answer("收下、未变与被拒的行", answers.Taken), **_errors(400, 401, 403, 404, 413, 415, 422, 503)},
    }


def _query(model: type[BaseModel]) -> list[JsonObject]:
    """A model's fields as query parameters."""
    return [_parameter(name, schema) for name, schema in model.model_json_schema()["properties"].items()]


def _parameter(name: str, schema: JsonObject) -> JsonObject:
    shown = {key: value for key, value in schema.items() if key not in ("title", "description") and (key != "default" or value)}
    about = {"description": schema["description"]} if "description" in schema else {}
    return {"name": name, "in": "query", "required": False, "schema": shown, **about}


def _answer(text: str, model: type[BaseModel]) -> JsonObject:
    return {"description": text, "content": {"application/json": {"schema": {"$ref": REF.format(model=model.__name__)}}}}


def _errors(*codes: int) -> Mapping[str, JsonObject]:
    return {str(code): _answer(ERRORS[code], answers.Error) for code in sorted(codes)}
