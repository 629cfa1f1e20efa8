"""DingTalk's own stream kit as anybody would use it, in a process of its own: `python -m tests.adapters.dingtalk.oracle CLIENT SECRET`.

DINGTALK_OPENAPI_ENDPOINT names the platform. Prints a line of JSON for every message, event and card callback that the kit hands over.
"""

import json
import logging
import sys
from typing import Any

import dingtalk_stream
import websockets.exceptions  # noqa: F401 - the kit uses it without importing it
from dingtalk_stream import AckMessage, CallbackHandler, CardCallbackMessage, ChatbotMessage, EventHandler


class Said(CallbackHandler):  # type: ignore[misc] # the kit ships no types
    async def process(self, callback: Any) -> tuple[int, str]:
        message = ChatbotMessage.from_dict(callback.data)
        text = message.text.content if message.text else ""
        print(json.dumps({"message": message.message_id, "type": message.message_type, "text": text}), flush=True)
        return AckMessage.STATUS_OK, "OK"


class Happened(EventHandler):  # type: ignore[misc] # as above
    async def process(self, event: Any) -> tuple[int, str]:
        print(json.dumps({"event": event.headers.event_type, "data": event.data}), flush=True)
        return AckMessage.STATUS_OK, "OK"


class Tapped(CallbackHandler):  # type: ignore[misc] # as above
    async def process(self, callback: Any) -> tuple[int, str]:
        card = CardCallbackMessage.from_dict(callback.data)
        print(json.dumps({"card": card.card_instance_id, "user": card.user_id, "content": card.content}), flush=True)
        return AckMessage.STATUS_OK, "OK"


def main() -> None:
    client, secret = sys.argv[1:]
    logging.disable(logging.CRITICAL)
    kit = dingtalk_stream.DingTalkStreamClient(dingtalk_stream.Credential(client, secret))
    kit.register_callback_handler(ChatbotMessage.TOPIC, Said())
    kit.register_callback_handler(dingtalk_stream.Card_Callback_Router_Topic, Tapped())
    kit.register_all_event_handler(Happened())
    kit.start_forever()


if __name__ == "__main__":
    main()
