"""What the web edge answers in JSON, and what goes wrong there, as one exception that the frame turns into JSON or a page."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any, NoReturn

from aiohttp import web

_readable = partial(json.dumps, ensure_ascii=False)


class Problem(Exception):
    """`code` is for programs, `message` for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message


MESSAGES = {
    400: ("bad_request", "请求无法理解"),
    401: ("unauthorized", "请先登录，或带上有效的访问令牌"),
    403: ("forbidden", "没有权限"),
    404: ("not_found", "没有这个内容，或您无权查看"),
    405: ("method_not_allowed", "不支持这种请求方法"),
    413: ("too_large", "内容过大"),
    415: ("unsupported_media_type", "只接受 JSON 或 CSV"),
    422: ("invalid", "内容不符合要求"),
    429: ("too_many", "太频繁了，请过几分钟再试"),
    500: ("internal", "内部错误，已记录"),
    503: ("unavailable", "暂时无法处理，请稍后再试"),
}


def problem(status: int, message: str = "") -> Problem:
    """A Problem with its usual code and words."""
    code, usual = MESSAGES.get(status, ("error", "请求没有成功"))
    return Problem(status, code, message or usual)


def refuse(status: int, message: str = "") -> NoReturn:
    """Raises Problem."""
    raise problem(status, message)


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """JSON in which Chinese stays readable."""
    return web.json_response(body, status=status, headers=headers, dumps=_readable)
