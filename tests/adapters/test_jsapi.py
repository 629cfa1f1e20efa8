"""Signatures of pages: WeCom's own vector, and what each platform's client is told."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.jsapi import signature, signed

URL = "http://mp.weixin.qq.com?params=value"
TICKET = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"


def test_the_published_vector() -> None:
    """WeCom's page 96909."""
    assert signature(TICKET, "Wm3WZYTPz0wzccnW", 1414587457, URL) == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


@given(st.text(), st.text())
def test_a_fragment_is_no_part_of_it_and_nothing_else_is_left_out(url: str, fragment: str) -> None:
    plain = url.replace("#", "")
    assert signature(TICKET, "n", 1, f"{plain}#{fragment}") == signature(TICKET, "n", 1, plain)
    assert signature(TICKET, "n", 1, plain + "x") != signature(TICKET, "n", 1, plain)


def test_each_signature_has_a_nonce_of_its_own() -> None:
    one, other = (signed(TICKET, URL, 1414587457) for _ in range(2))
    assert one["nonceStr"] != other["nonceStr"]
    assert one["signature"] == signature(TICKET, str(one["nonceStr"]), 1414587457, URL)
