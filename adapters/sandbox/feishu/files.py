"""Files: what users sent can be fetched from their messages, what the bot sends is uploaded first."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aiohttp import BodyPartReader, web

from adapters.sandbox.feishu.faults import refusal
from adapters.sandbox.feishu.world import Board

DOWNLOAD_BYTES = 100 * 1024 * 1024
IMAGE_BYTES = 10 * 1024 * 1024
FILE_BYTES = 30 * 1024 * 1024


@dataclass(slots=True)
class Resources:
    """Downloads and uploads."""

    board: Board

    def routes(self) -> list[web.RouteDef]:
        """Return the routes served here."""
        return [
            web.get("/open-apis/im/v1/messages/{message_id}/resources/{file_key}", self.download),
            web.post("/open-apis/im/v1/images", self.upload_image),
            web.post("/open-apis/im/v1/files", self.upload_file),
        ]

    async def download(self, request: web.Request) -> web.Response:
        """A file of a message, to an app that is in its chat."""
        key, wanted = request.match_info["file_key"], request.query.get("type")
        message = self.board.messages.get(request.match_info["message_id"])
        if wanted not in {"image", "file"}:
            return refusal(234001, "Invalid request param.")
        if message is None or message.deleted:
            return refusal(230110, "Action unavailable as the message has been deleted.")
        if message.kind == "interactive":
            return refusal(234043, "Unsupported message type.")
        if not self.board.chats[message.chat].bot:
            return refusal(234004, "App not in chat.")
        if key not in set(_words(json.loads(message.content))) or (wanted == "image") != key.startswith("img_"):
            return refusal(234003, "File not in message.")
        file = self.board.files[key]
        if len(file.data) > DOWNLOAD_BYTES:
            return refusal(234037, "Downloaded file size exceeds limit.")
        headers = {"Content-Type": file.mime, "Content-Disposition": "attachment"}
        return web.Response(body=file.data, headers=headers)

    async def upload_image(self, request: web.Request) -> web.Response:
        """Multipart image_type=message, image."""
        fields = await _parts(request)
        if fields.get("image_type") != b"message" or not fields.get("image") or len(fields["image"]) > IMAGE_BYTES:
            return refusal(234001, "Invalid request param.")
        file = self.board.store(fields["image"], "image/jpeg", "image", image=True)
        return web.json_response({"code": 0, "msg": "success", "data": {"image_key": file.key}})

    async def upload_file(self, request: web.Request) -> web.Response:
        """Multipart file_type, file_name, file."""
        fields = await _parts(request)
        if not fields.get("file") or not fields.get("file_type") or len(fields["file"]) > FILE_BYTES:
            return refusal(234001, "Invalid request param.")
        name = fields.get("file_name", b"file").decode()
        file = self.board.store(fields["file"], "application/octet-stream", name, image=False)
        return web.json_response({"code": 0, "msg": "success", "data": {"file_key": file.key}})


async def _parts(request: web.Request) -> dict[str, bytes]:
    fields: dict[str, bytes] = {}
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader) and part.name:
            fields[part.name] = bytes(await part.read())
    return fields


def _words(node: Any) -> Iterator[str]:
    """Every text in a message's content: a post holds its pictures in paragraphs."""
    if isinstance(node, str):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _words(inner)
