"""message/send and update_template_card for one parcel."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adapters.http import Unreachable, picture_type
from adapters.wecom import cards
from adapters.wecom.client import Client
from adapters.wecom.errors import ApiError
from bot.errors import DeliveryError, OutOfReach
from bot.model import Json
from bot.ports import Attachment, Card, Parcel, Picture, RateLimit

DUPLICATES = {"enable_duplicate_check": 1, "duplicate_check_interval": 1800}
PER_MEMBER = ((30, 60.0), (1000, 3600.0))  # WeCom drops what exceeds it, and says nothing


class Sender:
    """Sends for one app."""

    def __init__(self, client: Client, agent_id: int, limit: RateLimit) -> None:
        self._client = client
        self._agent = agent_id
        self._limit = limit

    async def send(self, parcel: Parcel) -> Json:
        """Return the receipt. Raises DeliveryError."""
        users = parcel.user or (parcel.chat[1:] if parcel.chat.startswith("@") else "")
        if not users:
            raise DeliveryError("no_chat", permanent=True)  # an app writes to members, not to groups
        wait = await self._limit.take(f"wecom:{self._agent}:{users}", PER_MEMBER)
        if wait is not None:
            raise DeliveryError("rate", retry_after=wait)
        body = await self._body(parcel)
        sent = {"touser": users, "agentid": self._agent, **body, **DUPLICATES}
        told = await self._post("message/send", sent)
        for field, reason in (("invaliduser", "invalid_user"), ("unlicenseduser", "unlicensed_user")):
            if set(str(told.get(field) or "").split("|")) >= set(users.split("|")):
                raise DeliveryError(reason, permanent=True)
        task = body.get("template_card", {}).get("task_id", "")
        return {"msgid": told.get("msgid", ""), "response_code": told.get("response_code", ""), "task_id": task, "user": users}

    async def _body(self, parcel: Parcel) -> dict[str, Any]:
        message = parcel.message
        if isinstance(message, Picture):
            return {"msgtype": "image", "image": {"media_id": await self._uploaded(message.path, "image", "")}}
        if isinstance(message, Attachment):
            return {"msgtype": "file", "file": {"media_id": await self._uploaded(message.path, "file", message.name)}}
        body = cards.card_body(message, parcel.uuid) if isinstance(message, Card) else cards.text_body(message.text)
        return cards.set_apart(body, parcel.uuid)

    async def _uploaded(self, path: Path, kind: str, name: str) -> str:
        """Read anew for every try: a form whose file was read once would go out empty (facts: wechatpy's uploads)."""
        try:
            data = await asyncio.to_thread(path.read_bytes)
        except OSError:
            raise DeliveryError("file_gone", permanent=True) from None
        try:
            told = await self._client.upload(kind, name or f"photo.{picture_type(data)}", data)
        except ApiError as error:
            raise error.as_delivery() from None
        except Unreachable:
            raise DeliveryError("unavailable") from None  # an upload alone shows nobody anything
        return str(told.get("media_id", ""))

    async def update(self, parcel: Parcel) -> Json:
        """Return the receipt, less its code if that was used: one updates once, the next comes with the next tap. Raises DeliveryError."""
        receipt = parcel.receipt
        code, user = parcel.token or receipt.get("response_code", ""), parcel.user or receipt.get("user", "")
        if not code or not user or not isinstance(parcel.message, Card):
            raise OutOfReach("response_code")
        head = {"userids": user.split("|"), "agentid": self._agent, "response_code": code}
        try:
            await self._post("message/update_template_card", {**head, **_change(parcel.message)}, unknown="response_code")
        except DeliveryError as error:
            if not (parcel.maybe_sent and error.reason == "response_code"):
                raise  # else the try that got no answer had used the code: it is done
        return {**receipt, "user": user, "response_code": receipt.get("response_code", "") if parcel.token else ""}

    async def _post(self, path: str, body: Mapping[str, Any], *, unknown: str = "") -> Mapping[str, Any]:
        """`unknown`: what an errcode means here that the table does not know."""
        try:
            return await self._client.post(path, body)
        except ApiError as error:
            delivery = error.as_delivery()
            if unknown and delivery.reason.startswith("refused"):
                delivery = OutOfReach(unknown)
            raise delivery from None
        except Unreachable as error:
            raise DeliveryError("unavailable", unknown=error.sent) from None


def _change(card: Card) -> dict[str, Any]:
    if cards.spent_only(card):
        return {"button": {"replace_name": cards.cut(card.done, cards.BUTTON)}}
    return {"template_card": cards.template_card(card)}
