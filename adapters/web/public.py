"""What the pages without an account share: a link's secret is all that opens them, and it opens nothing else."""

import re

from aiohttp import web

from adapters.web.problems import refuse

SECRET = re.compile(r"[\w-]{22}", re.ASCII)


def secret_of(request: web.Request) -> str:
    """Raises Problem 404 for what no link of ours looks like."""
    secret = request.match_info["secret"]
    return secret if SECRET.fullmatch(secret) else refuse(404)


async def body_of(request: web.Request, cap: int) -> bytes:
    """Raises Problem 413 beyond `cap` bytes, without reading on."""
    if (request.content_length or 0) > cap:
        refuse(413)
    body = b""
    async for chunk in request.content.iter_chunked(1 << 16):
        body += chunk
        if len(body) > cap:
            refuse(413)
    return body
