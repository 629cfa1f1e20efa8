"""WeCom (企业微信): a self-built app's callbacks in, its API out."""

from adapters.wecom.adapter import WeComAdapter

__all__ = ["WeComAdapter"]
