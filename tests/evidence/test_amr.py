"""Frames of AMR, and what containers announce."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.amr import NB_MAGIC, NB_SIZES, WB_MAGIC, WB_SIZES, amr_seconds
from bot.evidence.container import breaks_off, mime_of

AUDIO = Path(__file__).parents[1] / "audio"
CLIPS = sorted(json.loads((AUDIO / "transcripts.json").read_text()))


def frame(kind: int, sizes: tuple[int, ...]) -> bytes:
    return bytes([kind << 3 | 4]) + b"\xa5" * sizes[kind]


@pytest.mark.parametrize("clip", CLIPS)
def test_a_recording_lasts_as_long_as_its_frames(clip: str) -> None:
    data = (AUDIO / f"{clip}.amr").read_bytes()
    walk = amr_seconds(data)
    assert walk.clean
    assert walk.seconds == pytest.approx((len(data) - 6) / 32 * 0.02)  # 12.2 kbit/s: 32 bytes a frame
    assert (walk.speech, walk.frames) == ((len(data) - 6) // 32, (len(data) - 6) // 32)


@given(st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, 6, 7, 8, 15]), max_size=60))
def test_narrow_band_counts_every_frame(kinds: list[int]) -> None:
    walk = amr_seconds(NB_MAGIC + b"".join(frame(kind, NB_SIZES) for kind in kinds))
    assert (walk.frames, walk.clean, walk.seconds) == (len(kinds), True, round(len(kinds) * 0.02, 2))
    assert walk.speech == sum(kind < 8 for kind in kinds)


@given(st.lists(st.sampled_from([*range(10), 14, 15]), max_size=60))
def test_wide_band_counts_every_frame(kinds: list[int]) -> None:
    walk = amr_seconds(WB_MAGIC + b"".join(frame(kind, WB_SIZES) for kind in kinds))
    assert (walk.frames, walk.clean, walk.speech) == (len(kinds), True, sum(kind < 9 for kind in kinds))


@given(st.lists(st.sampled_from([0, 4, 7, 8]), min_size=1, max_size=30), st.data())
def test_a_cut_file_keeps_its_whole_frames_and_is_not_clean(kinds: list[int], data: st.DataObject) -> None:
    frames = [frame(kind, NB_SIZES) for kind in kinds]
    cut = data.draw(st.integers(1, len(frames[-1]) - 1))
    walk = amr_seconds(NB_MAGIC + b"".join(frames)[:-cut])
    assert (walk.frames, walk.clean) == (len(kinds) - 1, False)


@given(st.binary(max_size=400))
def test_garbage_never_fails_and_never_lasts_longer_than_its_bytes(data: bytes) -> None:
    for magic in (b"", NB_MAGIC, WB_MAGIC):
        walk = amr_seconds(magic + data)
        assert 0 <= walk.frames <= len(data)
        assert walk.speech <= walk.frames


@pytest.mark.parametrize("data", [b"", b"<html>", b"#!AMR", b"#!AMR_MC1.0\n\x00\x00\x00\x01"])
def test_what_is_no_amr_has_no_frames(data: bytes) -> None:
    walk = amr_seconds(data)
    assert (walk.frames, walk.seconds, walk.clean) == (0, 0.0, False)


def test_silence_descriptors_alone_are_no_speech() -> None:
    assert amr_seconds(NB_MAGIC + frame(15, NB_SIZES) * 100).speech == 0


def test_a_minute_is_walked_in_a_few_milliseconds() -> None:
    data = NB_MAGIC + frame(7, NB_SIZES) * 3000
    times = []
    for _ in range(9):
        start = time.perf_counter()
        assert amr_seconds(data).seconds == 60.0
        times.append(time.perf_counter() - start)
    assert min(times) < 0.002


@pytest.mark.parametrize(
    ("head", "mime"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n\x00", "image/png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"#!AMR\n<", "audio/amr"),
        (b"#!AMR-WB\n\x04", "audio/amr-wb"),
        (b"OggS\x00\x02", "audio/ogg"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "audio/aac"),
        (b"\x00\x00\x00\x20ftypM4A ", "audio/mp4"),
        (b"\x00\x00\x00\x20ftypisom", "video/mp4"),
        (b"\x00\x00\x00\x20ftypheic", "image/heic"),
        (b"\x00\x00\x00\x20ftypavif", "image/avif"),
        (b"\x1aE\xdf\xa3", "audio/webm"),
        (b"%PDF-1.7", "application/pdf"),
        (b"<!DOCTYPE html>", ""),
        (b"\xff\xfe<\x00", ""),
        (b"", ""),
    ],
)
def test_a_file_is_what_its_bytes_say(head: bytes, mime: str) -> None:
    assert mime_of(head) == mime


def test_an_ogg_file_cut_anywhere_inside_a_page_breaks_off() -> None:
    data = (AUDIO / "short-note.ogg").read_bytes()
    assert not breaks_off(data, "audio/ogg")
    assert all(breaks_off(data[:-cut], "audio/ogg") for cut in (1, 26, 300))


@given(st.binary(max_size=200), st.sampled_from(["audio/ogg", "audio/wav", "audio/mp4", "audio/mpeg", ""]))
def test_the_containers_walk_ends_on_any_bytes(data: bytes, mime: str) -> None:
    assert breaks_off(data, mime) in (True, False)
