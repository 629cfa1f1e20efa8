"""The Feishu stand-in: a strict tenant on loopback for the demo and the tests."""

from adapters.sandbox.feishu.standin import FeishuStandIn

__all__ = ["FeishuStandIn"]
