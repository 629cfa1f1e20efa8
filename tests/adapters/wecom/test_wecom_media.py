"""media/get: ranges, expiry, and errors that come as HTTP 200."""

from pathlib import Path
from typing import Any

import pytest

from adapters.sandbox.wecom import WeComStandIn, files
from adapters.sandbox.wecom.faults import FaultKind
from adapters.wecom import WeComAdapter, media
from bot.errors import FetchError
from bot.model import MediaRef

JPEG = b"\xff\xd8\xff\xe0" + b"j" * 5000


def ref(standin: WeComStandIn, data: bytes = JPEG, mime: str = "image/jpeg") -> MediaRef:
    return MediaRef(id=standin.world.keep("image", data, mime, "../../x.jpg").id, kind="photo")


async def refuses(adapter: WeComAdapter, what: MediaRef, into: Path) -> tuple[str, bool]:
    with pytest.raises(FetchError) as caught:
        await adapter.fetch(what, into)
    return caught.value.reason, caught.value.permanent


async def test_file_is_fetched_whole(adapter: WeComAdapter, standin: WeComStandIn, tmp_path: Path) -> None:
    assert await adapter.fetch(ref(standin), tmp_path / "a") == "image/jpeg"
    assert (tmp_path / "a").read_bytes() == JPEG
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


async def test_large_file_comes_in_ranges(adapter: WeComAdapter, standin: WeComStandIn, tmp_path: Path) -> None:
    data = bytes(range(256)) * (45 << 12)
    assert len(data) > 2 * files.WHOLE
    await adapter.fetch(ref(standin, data, "video/mp4"), tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == data
    assert standin.world.calls["/cgi-bin/media/get"] == 3


async def test_type_is_sniffed_when_it_is_not_named(adapter: WeComAdapter, standin: WeComStandIn, tmp_path: Path) -> None:
    for data, mime in (
        (JPEG, "image/jpeg"),
        (b"#!AMR\n....", "audio/amr"),
        (b"\0\0\0\x18ftypmp42", "video/mp4"),
        (b"whatever", "application/octet-stream"),
    ):
        assert await adapter.fetch(ref(standin, data, "application/octet-stream"), tmp_path / "a") == mime


async def test_expired_and_unknown_files_are_gone_for_good(
    adapter: WeComAdapter, standin: WeComStandIn, tmp_path: Path, clock: Any
) -> None:
    old = ref(standin)
    clock.wind(days=3)
    assert await refuses(adapter, old, tmp_path / "a") == ("expired", True)
    assert await refuses(adapter, MediaRef(id="MID", kind="photo"), tmp_path / "a") == ("expired", True)
    assert not (tmp_path / "a").exists() or (tmp_path / "a").read_bytes() == b""


@pytest.mark.parametrize("mime", ["image/jpeg", "text/plain", "application/json", "application/octet-stream"])
async def test_error_json_is_never_a_file(adapter: WeComAdapter, standin: WeComStandIn, tmp_path: Path, mime: str) -> None:
    disguised = ref(standin, b'{"errcode":40007,"errmsg":"invalid media_id"}', mime)
    assert await refuses(adapter, disguised, tmp_path / "a") == ("expired", True)


async def test_json_without_errcode_is_no_file_either(adapter: WeComAdapter, standin: WeComStandIn, tmp_path: Path) -> None:
    assert await refuses(adapter, ref(standin, b'{"ok": true}', "application/json"), tmp_path / "a") == ("unavailable", False)


@pytest.mark.parametrize("kind", ["http500", "reset", "rate", "busy"])
async def test_passing_trouble_is_not_permanent(adapter: WeComAdapter, standin: WeComStandIn, tmp_path: Path, kind: FaultKind) -> None:
    standin.fail("media/get", kind, times=2)  # aiohttp repeats a GET whose connection broke
    what = ref(standin)
    assert await refuses(adapter, what, tmp_path / "a") == ("unavailable", False)
    standin.faults.planned.clear()
    await adapter.fetch(what, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == JPEG


async def test_refused_token_is_renewed_once(adapter: WeComAdapter, standin: WeComStandIn, tmp_path: Path) -> None:
    await adapter.fetch(ref(standin), tmp_path / "a")
    standin.revoke_tokens()
    await adapter.fetch(ref(standin), tmp_path / "a")
    assert standin.world.calls["/cgi-bin/gettoken"] == 2


async def test_file_over_the_cap_is_refused(adapter: WeComAdapter, standin: WeComStandIn, tmp_path: Path) -> None:
    class Endless(bytes):
        """Claims more than it holds."""

        def __len__(self) -> int:
            return media.CAP + 1

    assert await refuses(adapter, ref(standin, Endless(b"x" * 10)), tmp_path / "a") == ("too_large", True)
