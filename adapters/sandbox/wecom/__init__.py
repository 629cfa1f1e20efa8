"""A strict stand-in for WeCom: an HTTP server that speaks its protocol, and the phones of the members."""

from adapters.sandbox.wecom.standin import WeComStandIn

__all__ = ["WeComStandIn"]
