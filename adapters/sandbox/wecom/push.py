"""Callbacks to the product: encrypted, signed, three tries of five seconds each."""

import asyncio
import secrets
from collections.abc import Mapping
from urllib.parse import urlencode

import aiohttp

from adapters.sandbox.wecom.crypt import Seal
from adapters.sandbox.wecom.world import Delivery, World

TRIES = 3


class Push:
    """Delivers to `url`; `timeout` in seconds, `pause` between tries."""

    def __init__(self, world: World, seal: Seal) -> None:
        self._world = world
        self._seal = seal
        self._session: aiohttp.ClientSession | None = None
        self.url = ""
        self.timeout = 5.0
        self.pause = 0.2

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def deliver(self, user: str, what: str, inner: str, msgid: str = "") -> Delivery:
        """Send one callback until it is accepted, three times at most; every try carries the same message."""
        delivery = Delivery(user, what, msgid)
        self._world.deliveries.append(delivery)
        for attempt in range(TRIES if self.url else 0):
            if attempt:
                await asyncio.sleep(self.pause)
            delivery.tries.append(await self._try(inner))
            if delivery.tries[-1] == "200":
                delivery.acked = True
                break
        return delivery

    async def check(self) -> bool:
        """Do the console's URL check: the decrypted echo must come back bare, within a second."""
        echo = str(secrets.randbelow(10**18))
        locked = self._seal.lock(echo.encode())
        url = f"{self.url}?{self._query(locked)}&{urlencode({'echostr': locked})}"
        async with self._client().get(url, timeout=aiohttp.ClientTimeout(1)) as answer:
            return answer.status == 200 and await answer.read() == echo.encode()

    async def _try(self, inner: str) -> str:
        locked = self._seal.lock(inner.encode())
        body = (
            f"<xml><ToUserName><![CDATA[{self._world.corp_id}]]></ToUserName><Encrypt><![CDATA[{locked}]]></Encrypt>"
            f"<AgentID><![CDATA[{self._world.agent_id}]]></AgentID></xml>"
        )
        try:
            timeout = aiohttp.ClientTimeout(self.timeout)
            url = f"{self.url}?{self._query(locked)}"
            async with self._client().post(url, data=body.encode(), headers={"Content-Type": "text/xml"}, timeout=timeout) as answer:
                await answer.read()
                return str(answer.status)
        except (aiohttp.ClientError, TimeoutError) as error:
            return type(error).__name__

    def _query(self, locked: str) -> str:
        timestamp, nonce = str(int(self._world.clock.now().timestamp())), str(secrets.randbelow(10**10))
        return urlencode({"msg_signature": self._seal.sign(timestamp, nonce, locked), "timestamp": timestamp, "nonce": nonce})

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session


def inner_xml(world: World, user: str, fields: Mapping[str, str | int | float], nested: str = "") -> str:
    """The plaintext of a callback; strings in CDATA, numbers bare."""
    at = int(world.clock.now().timestamp())
    told = {"ToUserName": world.corp_id, "FromUserName": user, "CreateTime": at, **fields, "AgentID": world.agent_id}
    parts = [f"<{name}>{_value(value)}</{name}>" for name, value in told.items()]
    return f"<xml>{''.join(parts)}{nested}</xml>"


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return "<![CDATA[" + value.replace("]]>", "]]]]><![CDATA[>") + "]]>"
    return str(value)
