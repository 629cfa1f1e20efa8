"""Feishu's kit as anybody would use it, in a process of its own: `python -m tests.adapters.feishu.oracle BASE APP SECRET`.

Prints a line of JSON for every message and every tap that the kit hands over.
"""

import json
import sys

import lark_oapi as lark
from lark_oapi.event.callback.model.p2_card_action_trigger import P2CardActionTrigger, P2CardActionTriggerResponse


def main() -> None:
    base, app, secret = sys.argv[1:]

    def said(data: lark.im.v1.P2ImMessageReceiveV1) -> None:
        message = data.event.message
        print(json.dumps({"message": message.message_id, "content": json.loads(message.content)}), flush=True)

    def tapped(data: P2CardActionTrigger) -> P2CardActionTriggerResponse:
        print(json.dumps({"tap": data.event.action.value}), flush=True)
        return P2CardActionTriggerResponse({"toast": {"type": "info", "content": "kit"}})

    handler = (
        lark.EventDispatcherHandler.builder("", "").register_p2_im_message_receive_v1(said).register_p2_card_action_trigger(tapped).build()
    )
    lark.ws.Client(app, secret, event_handler=handler, domain=base, log_level=lark.LogLevel.CRITICAL).start()


if __name__ == "__main__":
    main()
