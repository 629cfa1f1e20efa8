"""DingTalk: a robot of an enterprise's internal app, through Stream or webhooks."""

from adapters.dingtalk.adapter import DingTalkAdapter

__all__ = ["DingTalkAdapter"]
