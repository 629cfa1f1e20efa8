"""DingTalk on this computer."""

from adapters.sandbox.dingtalk.standin import DingTalkStandIn

__all__ = ["DingTalkStandIn"]
