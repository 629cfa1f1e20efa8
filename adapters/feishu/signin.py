"""Sign-in of pages: the OAuth redirect and what its code is worth."""

from urllib.parse import urlencode

from adapters.feishu.client import Client
from adapters.feishu.errors import ApiError
from adapters.feishu.strict_json import word
from bot.config.schema import Feishu
from bot.errors import FetchError

AUTHORIZE = "/open-apis/authen/v1/authorize"
EXCHANGE = "/open-apis/authen/v2/oauth/token"
WHO = "/open-apis/authen/v1/user_info"


def oauth_url(config: Feishu, redirect: str, state: str) -> str:
    """Return where to send a browser that has no session; it comes back to `redirect` with `code` and `state`."""
    query = {"client_id": config.app_id, "redirect_uri": redirect, "response_type": "code", "state": state}
    return f"{config.accounts_base.rstrip('/')}{AUTHORIZE}?{urlencode(query)}"


async def oauth_user(client: Client, config: Feishu, app_secret: str, code: str) -> tuple[str, str]:
    """Return (open_id, user_id) of who signed in; user_id is "" without that permission. Raises FetchError."""
    body = {"grant_type": "authorization_code", "client_id": config.app_id, "client_secret": app_secret, "code": code}
    try:
        token = word(await client.ask("POST", EXCHANGE, body=body), "access_token")
        answer = await client.ask("GET", WHO, token=token)
    except ApiError as error:
        raise FetchError("refused" if error.code else "unavailable", permanent=bool(error.code)) from None
    open_id = word(answer, "data", "open_id")
    if not open_id:
        raise FetchError("refused", permanent=True)
    return open_id, word(answer, "data", "user_id")
