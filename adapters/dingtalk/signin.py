"""Sign-in of pages: a code is worth a person of the world (unionId), and only the company's directory says which colleague that is.

Shapes as in the platform's pages on third-party sign-in; nothing of it was run against the real servers.
"""

from urllib.parse import urlencode

from adapters.dingtalk.client import Client
from adapters.dingtalk.errors import ApiError
from adapters.http import Unreachable
from bot.config.schema import DingTalk
from bot.errors import FetchError


def oauth_url(config: DingTalk, redirect: str, state: str) -> str:
    """Where to send a browser that has no session; it comes back with `authCode` and `state`."""
    query = {
        "redirect_uri": redirect,
        "response_type": "code",
        "client_id": config.client_id,
        "scope": "openid",
        "state": state,
        "prompt": "consent",
    }
    return f"{config.login_base.rstrip('/')}/oauth2/auth?{urlencode(query)}"


async def inside_user(client: Client, code: str) -> str:
    """The userId behind a code of `dd.requestAuthCode` (five minutes, once). Raises FetchError."""
    try:
        found = await client.old("/topapi/v2/user/getuserinfo", {"code": code})
    except ApiError as error:
        raise error.as_fetch() from None
    except Unreachable:
        raise FetchError("unavailable", permanent=False) from None
    result = found.get("result")
    return str(result.get("userid") or "") if isinstance(result, dict) else ""


async def oauth_user(client: Client, config: DingTalk, secret: str, code: str) -> str:
    """Return the userId of who signed in; "" for somebody outside the company. Raises FetchError."""
    asked = {"clientId": config.client_id, "clientSecret": secret, "code": code, "grantType": "authorization_code"}
    try:
        token = str((await client.open("/v1.0/oauth2/userAccessToken", asked)).get("accessToken") or "")
        who = await client.own("/v1.0/contact/users/me", token)
        found = await client.old("/topapi/user/getbyunionid", {"unionid": str(who.get("unionId") or "")})
    except ApiError as error:
        raise error.as_fetch() from None
    except Unreachable:
        raise FetchError("unavailable", permanent=False) from None
    result = found.get("result")
    return str(result.get("userid") or "") if isinstance(result, dict) else ""
