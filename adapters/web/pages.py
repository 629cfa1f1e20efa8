"""Pages are templates filled on the server, with everything that people wrote escaped."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.render import seconds

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
STYLE, SCRIPT = TEMPLATES / "page" / "style", TEMPLATES / "page" / "script"
TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript"}


class Pages:
    """Compiles each template once; style and script files are served under a name that changes with their content."""

    def __init__(self, **filters: Any) -> None:
        self._env = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._env.filters.update(seconds=seconds, **filters)
        files = sorted(file for folder in (STYLE, SCRIPT) for file in folder.iterdir() if file.suffix in TYPES)
        self._files = {file.name: file.read_bytes() for file in files}
        stamp = sha256(b"".join(self._files.values())).hexdigest()[:12]
        self._env.globals["style"] = lambda name: f"/style/{stamp}/{name}"
        self._stamp = stamp

    def render(self, template: str, values: Mapping[str, Any], status: int = 200) -> web.Response:
        """`template` is a path below templates/page without its ending."""
        text = self._env.get_template(f"page/{template}.html.j2").render(values)
        return web.Response(text=text, content_type="text/html", status=status)

    def notice(self, code: str, status: int, headers: Mapping[str, str] | None = None) -> web.Response:
        """A page of one sentence: why there is nothing else."""
        response = self.render("notice", {"code": code}, status)
        response.headers.update(headers or {})
        return response

    def route(self) -> web.RouteDef:
        async def style(request: web.Request) -> web.Response:
            name = request.match_info["name"]
            body = self._files.get(name)
            if body is None:
                raise web.HTTPNotFound
            fresh = request.match_info["stamp"] == self._stamp
            cache = "public, max-age=31536000, immutable" if fresh else "no-store"
            return web.Response(body=body, content_type=TYPES[Path(name).suffix], charset="utf-8", headers={"Cache-Control": cache})

        return web.get("/style/{stamp}/{name}", style)
