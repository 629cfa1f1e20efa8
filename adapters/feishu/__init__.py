"""Feishu: encrypted, signed events and card actions in; messages and JSON 2.0 cards out."""

from adapters.feishu.adapter import FeishuAdapter

__all__ = ["FeishuAdapter"]
