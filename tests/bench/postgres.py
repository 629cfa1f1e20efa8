"""A PostgreSQL database of our own, made and dropped."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg

from tests.outside import POSTGRES


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
