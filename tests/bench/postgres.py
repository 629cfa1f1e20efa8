"""A PostgreSQL database of our own, made and dropped."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg

from tests.outside import POSTGRES


def without_password(url: str) -> tuple[str, str]:
    """The URL as a config may hold it, and the password."""
    parts = urlsplit(url)
    if parts.password is None:
        return url, ""
    at = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{parts.username}@{at}").geturl(), parts.password


@asynccontextmanager
async def scratch() -> AsyncIterator[str | None]:
    """Yield its URL, or None where no server answers."""
    try:
        server = await asyncpg.connect(POSTGRES, timeout=3)
    except (OSError, asyncpg.PostgresError):
        yield None
        return
    name = f"bench_{secrets.token_hex(6)}"
    await server.execute(f"CREATE DATABASE {name}")
    try:
        yield urlsplit(POSTGRES)._replace(path=f"/{name}").geturl()
    finally:
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await server.close()
