"""A timestamp authority over HTTP (RFC 3161). What it answers is checked before anybody relies on it."""

import asyncio
import hashlib
from pathlib import Path

import aiohttp
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client.tsp import TimeStampRequest

from adapters.http import Http, Unreachable
from bot.errors import ConfigError, FetchError

LARGEST = 1 << 20  # bytes; tokens with their certificates are a few thousand
LIMITS = aiohttp.ClientTimeout(total=20, connect=5)
HEADERS = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


class TsaClient:
    """Implements `bot.ports.Timestamper`."""

    def __init__(self, name: str, url: str, *, roots: Path | None = None, user: str = "", password: str = "") -> None:
        """`roots`: PEM file of the certificates that the token's chain must end at. Raises ConfigError when it cannot be read."""
        self.name = name
        self._url = url
        self._headers = HEADERS | ({"Authorization": aiohttp.encode_basic_auth(user, password)} if user else {})
        self._roots = _roots(name, roots) if roots else []
        self._http = Http(limits=LIMITS)

    async def stamp(self, data: bytes) -> bytes:
        """Return the response for `data`, of which only the SHA-256 leaves this machine. Raises FetchError."""
        request = (
            TimestampRequestBuilder()
            .data(data)
            .hash_algorithm(HashAlgorithm.SHA256)
            .nonce(nonce=True)
            .cert_request(cert_request=True)
            .build()
        )
        answer = await self._ask(request.as_bytes())
        await asyncio.to_thread(self._check, request, answer, data)
        return answer

    async def close(self) -> None:
        await self._http.close()

    async def _ask(self, question: bytes) -> bytes:
        try:
            async with self._http.request("POST", self._url, data=question, headers=self._headers) as response:
                body = await response.content.read(LARGEST)
                if response.status != 200:
                    raise FetchError(f"http_{response.status}", permanent=False)
                return body
        except Unreachable as error:
            raise FetchError(error.reason, permanent=False) from None

    def _check(self, request: TimeStampRequest, answer: bytes, data: bytes) -> None:
        try:
            response = decode_timestamp_response(answer)
        except ValueError:
            raise FetchError("no_token", permanent=False) from None
        if PKIStatus(response.status) not in (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS):
            raise FetchError("refused", permanent=False)
        info = response.tst_info
        if info.nonce != request.nonce or bytes(info.message_imprint.message) != hashlib.sha256(data).digest():
            raise FetchError("another_request", permanent=False)
        if self._roots:
            self._check_chain(request, response, data)

    def _check_chain(self, request: TimeStampRequest, response: TimeStampResponse, data: bytes) -> None:
        builder = VerifierBuilder.from_request(request)
        for root in self._roots:
            builder = builder.add_root_certificate(root)
        try:
            builder.build().verify(response, hashlib.sha256(data).digest())
        except VerificationError:
            raise FetchError("chain", permanent=False) from None


def _roots(name: str, path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError):
        raise ConfigError([f"timestamps {name}：根证书文件 {path.name} 读不了，应是 PEM"]) from None
