"""The visit page without a browser: signs in as the client does, and signs what it sends with a key of its own."""

import base64
import io
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import aiohttp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.e2e.house import House
from tests.e2e.pages import csrf_of
from tests.e2e.seen import Json

# HQ of tests/e2e/house.py in WGS-84: what a browser there would say.
THERE = (22.53952, 113.940627)


def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(slots=True)
class Phone:
    """One open page. `csrf` and `nonces` are what the page came with."""

    house: House
    session: aiohttp.ClientSession
    visit: str
    status: int
    text: str
    key: ec.EllipticCurvePrivateKey
    csrf: str = ""
    nonces: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.csrf = csrf_of(self.text)
        found = re.search(r'data-nonces="([^"]*)"', self.text)
        self.nonces = found[1].split() if found else []

    @property
    def device(self) -> str:
        return sha256(self.public).hexdigest()[:32]

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def signed(self, facts: Json) -> Json:
        """A statement, signed; `facts` may set nonce and elapsed_ms."""
        statement = {"page": self.visit, "nonce": self.nonces[-1] if self.nonces else "", "elapsed_ms": 0} | facts
        if self.nonces and "nonce" not in facts:
            self.nonces.pop()
        text = json.dumps(statement)
        r, s = decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        raw = r.to_bytes(32) + s.to_bytes(32)
        return {"statement": text, "signature": base64.b64encode(raw).decode(), "key": base64.b64encode(self.public).decode()}

    @staticmethod
    def fixes(at: tuple[float, float] = THERE, count: int = 4) -> Json:
        return {"fixes": [[at[0] + n * 1e-5, at[1], 12.0 + n, 1000 * n] for n in range(count)], "datum": "wgs84", "battery": 0.83}

    async def starts(self, signed: Json | None = None, **more: Any) -> tuple[int, Json]:
        body = signed or self.signed({"what": "start", **self.fixes(), **more})
        return await self.posts("start", json=body)

    async def sends(self, what: str, data: bytes, signed: Json | None = None, **more: Any) -> tuple[int, Json]:
        told = signed or self.signed({"what": what, "sha256": sha256(data).hexdigest(), **more})
        return await self.posts("file", data=io.BytesIO(data), headers={"X-Signed": base64.b64encode(json.dumps(told).encode()).decode()})

    async def posts(self, path: str, headers: dict[str, str] | None = None, **given: Any) -> tuple[int, Json]:
        url = f"{self.house.product.url}/visit/{self.visit}/{path}"
        headers = {"X-CSRF-Token": self.csrf, "Accept": "application/json"} | (headers or {})
        async with self.session.post(url, headers=headers, **given) as answer:
            told: Json = await answer.json()
            return answer.status, told

    async def state(self) -> str:
        async with self.session.get(f"{self.house.product.url}/visit/{self.visit}/state?device={self.device}") as answer:
            assert answer.status == 200
            return await answer.text()


@asynccontextmanager
async def phone(h: House, visit: str, user: str = "li.na", own: ec.EllipticCurvePrivateKey | None = None) -> AsyncIterator[Phone]:
    """Open the page in WeCom as this member."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar, cookies={"wecom_user": user}) as session:
        public, path = h.product.line.config().server.public_url, f"/visit/{visit}"
        async with session.get(f"{h.product.url}/auth/wecom/go", params={"to": path}, allow_redirects=False) as to:
            consent = to.headers["Location"]
        async with session.get(consent, allow_redirects=False) as back:
            home = back.headers["Location"].replace(public, h.product.url)
        async with session.get(home, allow_redirects=False) as signed:
            assert signed.status == 302, await signed.text()
        async with session.get(f"{h.product.url}{path}") as page:
            yield Phone(h, session, visit, page.status, await page.text(), own or key())


def page_in(card: object) -> str:
    """The visit whose page a card links to."""
    return str(re.findall(r"/visit/(v_\w+)", json.dumps(card))[0])
