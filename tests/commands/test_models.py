"""`models`: fetched from a real server, gone on with, and never kept when it is not what it should be."""

import asyncio
import hashlib
import json
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from adapters import speech_models

ROOT = Path(__file__).parents[2]
FILES = {"config.yaml": b"model: x\n", "configuration.json": b"{}", "am.mvn": b"<Nnet>", "model.pt": bytes(range(256)) * 4096}
FILES |= {"tokens.json": b"[]", "seg_dict": b"a b\n"}


@dataclass
class Hub:
    """Serves files with ranges; `broken`: bytes after which a file's connection is cut, once."""

    files: dict[str, bytes]
    broken: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    def version(self, name: str) -> str:
        return f'"{hashlib.sha256(self.files[name]).hexdigest()[:16]}"'

    async def serve(self, request: web.Request) -> web.StreamResponse:
        name, wanted = request.match_info["name"], request.headers.get("Range", "")
        self.asked.append((name, wanted))
        if name not in self.files:
            return web.Response(status=404)
        data = self.files[name]
        if request.headers.get("If-Range", self.version(name)) != self.version(name):
            wanted = ""  # it is another file by now: all of it
        begin = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        answer = web.StreamResponse(
            status=206 if wanted else 200, headers={"Content-Length": str(len(data) - begin), "ETag": self.version(name)}
        )
        await answer.prepare(request)
        cut = self.broken.pop(name, None)
        await answer.write(data[begin : cut if cut is not None else None])
        if cut is not None and request.transport:
            request.transport.abort()
        return answer


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    made = Hub(dict(FILES))
    app = web.Application()
    app.router.add_get("/m/{name}", made.serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/m"
    yield made
    await runner.cleanup()


async def models(folder: Path, *args: str, config: str = "") -> tuple[int, str]:
    (folder / "config.toml").write_text(config, encoding="utf-8")
    command = (sys.executable, "-m", "bot", "models", *args, "--config", str(folder / "config.toml"))
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env={"PATH": "/usr/bin"}
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


def pins(files: Mapping[str, bytes]) -> list[str]:
    return [f"--sha256=model.pt={hashlib.sha256(files['model.pt']).hexdigest()}"]


async def test_fetched_checked_and_found_altered(hub: Hub, tmp_path: Path) -> None:
    code, told = await models(tmp_path, "fetch", "fsmn-vad", "--from", hub.url, *pins(hub.files))
    assert code == 0 and "fsmn-vad 已在" in told and "以第一次下载的为准: config.yaml" in told
    folder = tmp_path / "data" / "models" / "fsmn-vad"
    assert (folder / "model.pt").read_bytes() == FILES["model.pt"]
    asked = len(hub.asked)
    code, _ = await models(tmp_path, "fetch", "fsmn-vad", "--from", hub.url, *pins(hub.files))
    assert code == 0 and len(hub.asked) == asked, "what is there and right is not fetched again"
    assert list(speech_models.altered(folder)) == []
    (folder / "am.mvn").write_bytes(b"<Nnet?")
    assert "am.mvn" in next(iter(speech_models.altered(folder))) and "models fetch" in next(iter(speech_models.altered(folder)))


async def test_a_wrong_digest_is_not_kept(hub: Hub, tmp_path: Path) -> None:
    code, told = await models(tmp_path, "fetch", "fsmn-vad", "--from", hub.url)  # its digest is pinned, and this is another file
    assert code == 1 and "model.pt: SHA-256 不符, 没有保留" in told
    folder = tmp_path / "data" / "models" / "fsmn-vad"
    assert not (folder / "model.pt").exists() and not (folder / "model.pt.part").exists()


async def test_a_broken_connection_is_gone_on_with(hub: Hub, tmp_path: Path) -> None:
    hub.broken["model.pt"] = 300_000
    code, told = await models(tmp_path, "fetch", "paraformer-zh", "--from", hub.url)
    assert code == 1 and "model.pt: 下载中断" in told and "接着下载" in told
    code, _ = await models(tmp_path, "fetch", "paraformer-zh", "--from", hub.url)
    assert code == 0 and ("model.pt", "bytes=300000-") in hub.asked
    assert (tmp_path / "data/models/paraformer-zh/model.pt").read_bytes() == FILES["model.pt"]


async def test_two_versions_are_not_put_together(hub: Hub, tmp_path: Path) -> None:
    """The hub has another file by the time of the second try: the first half of the old one is of no use."""
    hub.broken["model.pt"] = 300_000
    assert (await models(tmp_path, "fetch", "paraformer-zh", "--from", hub.url))[0] == 1
    hub.files["model.pt"] = bytes(reversed(FILES["model.pt"]))
    code, _ = await models(tmp_path, "fetch", "paraformer-zh", "--from", hub.url)
    folder = tmp_path / "data/models/paraformer-zh"
    assert code == 0 and (folder / "model.pt").read_bytes() == hub.files["model.pt"]
    assert not list(folder.glob("*.part*"))


async def test_what_was_noted_first_is_asked_of_later_fetches(hub: Hub, tmp_path: Path) -> None:
    assert (await models(tmp_path, "fetch", "paraformer-zh", "--from", hub.url))[0] == 0
    folder = tmp_path / "data/models/paraformer-zh"
    (folder / "model.pt").unlink()
    hub.files["model.pt"] = b"another"
    code, told = await models(tmp_path, "fetch", "paraformer-zh", "--from", hub.url)
    assert code == 1 and "model.pt: SHA-256 不符" in told and not (folder / "model.pt").exists()


async def test_a_file_that_is_not_there(hub: Hub, tmp_path: Path) -> None:
    del hub.files["tokens.json"]
    code, told = await models(tmp_path, "fetch", "paraformer-zh", "--from", hub.url)
    assert code == 1 and "tokens.json: 下载失败, 服务器答复 404" in told


async def test_optional_files_may_be_missing(hub: Hub, tmp_path: Path) -> None:
    code, _ = await models(tmp_path, "fetch", "ct-punc", "--from", hub.url)
    assert code == 0 and ("jieba_usr_dict", "") in hub.asked


STRANGE = ("fetch", "fsmn-vad", "--sha256", f"modell.pt={'0' * 64}")  # a pin of no file would pin nothing, and say nothing


@pytest.mark.parametrize("args", [("fetch",), ("fetch", "nothing"), ("fetch", "fsmn-vad", "--sha256", "x"), STRANGE])
async def test_a_wrong_call(tmp_path: Path, args: tuple[str, ...]) -> None:
    code, told = await models(tmp_path, *args)
    assert code == 2 and "Traceback" not in told


SPEECH = '[speech]\nengine = "funasr"\nmodel = "m/asr"\nvad = "m/vad"\n'


async def test_check_names_what_is_missing(tmp_path: Path) -> None:
    assert await models(tmp_path, "check") == (0, '没有启用语音转写 ([speech] engine = "off")\n')
    (tmp_path / "m" / "asr").mkdir(parents=True)
    for name in ("config.yaml", "am.mvn", "tokens.json"):
        (tmp_path / "m" / "asr" / name).write_bytes(FILES[name])
    (tmp_path / "m" / "asr" / "model.pt").touch()
    code, told = await models(tmp_path, "check", config=SPEECH)
    assert code == 1
    assert f"{tmp_path}/m/asr: 缺少 model.pt" in told, "an empty file is none"
    assert f"{tmp_path}/m/vad: 没有这个文件夹" in told and "config.yaml" not in told


async def test_check_looks_into_the_models_own_list_and_knows_a_cache(tmp_path: Path) -> None:
    asr = tmp_path / "m" / "asr"
    asr.mkdir(parents=True)
    for name, data in FILES.items():
        (asr / name).write_bytes(data)
    named = {"file_path_metas": {"init_param": "model.pt", "tokenizer_conf": {"token_list": "tokens.json", "seg_dict_file": "seg_dict"}}}
    (asr / "configuration.json").write_text(json.dumps(named), encoding="utf-8")
    (asr / "seg_dict").unlink()
    (tmp_path / "m" / "vad" / "snapshots").mkdir(parents=True)
    code, told = await models(tmp_path, "check", config=SPEECH)
    assert code == 1 and f"{asr}: 缺少 seg_dict (configuration.json" in told
    assert f"{tmp_path}/m/vad: 这是下载缓存的外层" in told and "model.pt" not in told
