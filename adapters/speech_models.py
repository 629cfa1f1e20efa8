"""Model folders: what must lie in them, what is fetched into them, and the digests by which they are known again."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp

DIGESTS = "digests.json"
CHUNK = 1 << 20
NEEDS: Mapping[str, tuple[tuple[str, ...], ...]] = {  # of each group one file
    "faster-whisper": (("model.bin",), ("config.json",), ("tokenizer.json",), ("vocabulary.txt", "vocabulary.json")),
    "asr": (("config.yaml",), ("model.pt",), ("am.mvn",), ("tokens.json", "*.bpe.model")),
    "vad": (("config.yaml",), ("model.pt",), ("am.mvn",)),
    "punctuation": (("config.yaml",), ("model.pt",), ("tokens.json",)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A model as its makers publish it. `known`: digests that are pinned here; all others are noted on the first fetch."""

    base: str
    files: tuple[str, ...]
    optional: tuple[str, ...] = ()
    known: Mapping[str, str]
    what: str

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.files, *self.optional)


def _modelscope(id_: str) -> str:
    return f"https://www.modelscope.cn/models/{id_}/resolve/master"


SOURCES: Mapping[str, Source] = {
    "sensevoice-small": Source(
        base=_modelscope("iic/SenseVoiceSmall"),
        files=("config.yaml", "configuration.json", "am.mvn", "chn_jpn_yue_eng_ko_spectok.bpe.model", "tokens.json", "model.pt"),
        known={},
        what="语音识别（推荐，自带标点）",
    ),
    "paraformer-zh": Source(
        base=_modelscope("iic/speech_seaco_paraformer_large_asr_nat-zh-cn-16k-common-vocab8404-pytorch"),
        files=("config.yaml", "configuration.json", "am.mvn", "seg_dict", "tokens.json", "model.pt"),
        known={},
        what="语音识别，支持热词，配 ct-punc",
    ),
    "fsmn-vad": Source(
        base=_modelscope("iic/speech_fsmn_vad_zh-cn-16k-common-pytorch"),
        files=("config.yaml", "configuration.json", "am.mvn", "model.pt"),
        known={"model.pt": "b3be75be477f0780277f3bae0fe489f48718f585f3a6e45d7dd1fbb1a4255fc5"},
        what="断句，funasr 必需",
    ),
    "ct-punc": Source(
        base=_modelscope("iic/punc_ct-transformer_cn-en-common-vocab471067-large"),
        files=("config.yaml", "configuration.json", "tokens.json", "model.pt"),
        optional=("jieba.c.dict", "jieba_usr_dict"),
        known={},
        what="标点，配 paraformer-zh",
    ),
    "whisper-base": Source(
        base="https://huggingface.co/Systran/faster-whisper-base/resolve/main",
        files=("config.json", "tokenizer.json", "vocabulary.txt", "model.bin"),
        known={"model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"},
        what="备选引擎 faster-whisper 用，中文准确率低一些",
    ),
}


class ModelError(Exception):
    """A model could not be fetched, or is not what it should be; the message is for the admin."""


def lacking(kind: str, folder: Path) -> Iterator[str]:
    """What a folder lacks to be a model of this kind (faster-whisper | asr | vad | punctuation), in Chinese."""
    if not folder.is_dir():
        yield f"{folder}: 没有这个文件夹"
        return
    if (folder / "snapshots").is_dir():
        yield f"{folder}: 这是下载缓存的外层, 请填 snapshots 里面的那个文件夹"
        return
    for group in NEEDS[kind]:
        found = [path for name in group for path in folder.glob(name) if path.stat().st_size]
        if not found:
            yield f"{folder}: 缺少 {' 或 '.join(group)}"
    listed = {name for group in NEEDS[kind] for name in group}
    for name in sorted(_named(folder) - listed):
        if not (folder / name).is_file():
            yield f"{folder}: 缺少 {name} (configuration.json 里写着要用它)"


def _named(folder: Path) -> set[str]:
    """Files that a FunASR model's own list names: without one of them it loads all the same, and works worse."""
    try:
        waiting: list[object] = [json.loads((folder / "configuration.json").read_text(encoding="utf-8"))["file_path_metas"]]
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    names = set()
    while waiting:
        one = waiting.pop()
        waiting += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        if isinstance(one, str):
            names.add(one)
    return names


def altered(folder: Path) -> Iterator[str]:
    """Files that are no longer what was fetched, in Chinese. Reads every byte."""
    noted = _noted(folder)
    for name, digest in sorted(noted.items()):
        path = folder / name
        if not path.is_file():
            yield f"{path}: 文件不在了"
        elif digest_of(path) != digest:
            yield f"{path}: 与下载时不同 (SHA-256 不符), 请删除后重新运行 models fetch"


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


async def fetch(name: str, folder: Path, told: Callable[[str, int, int], None], *, base: str = "", pinned: Mapping[str, str]) -> None:
    """Fetch a model's files, going on where an earlier try was broken off. `told`: file, bytes so far, bytes in all (0 = unknown).

    Raises ModelError; a file with a wrong digest is not kept.
    """
    source = SOURCES[name]
    folder.mkdir(parents=True, exist_ok=True)
    noted = _noted(folder)
    timeout = aiohttp.ClientTimeout(total=None, connect=30, sock_read=60)
    async with aiohttp.ClientSession(timeout=timeout, headers={"Accept-Encoding": "identity"}) as session:
        for file in source.all:
            wanted = pinned.get(file) or source.known.get(file) or noted.get(file)
            if (folder / file).is_file() and wanted and await asyncio.to_thread(digest_of, folder / file) == wanted:
                continue
            url = f"{(base or source.base).rstrip('/')}/{file}"
            if not await _fetch(session, url, folder / file, told, optional=file in source.optional):
                continue
            noted[file] = await _kept(folder, file, wanted)
            (folder / DIGESTS).write_text(json.dumps(noted, indent=1, sort_keys=True) + "\n", encoding="utf-8")


async def _kept(folder: Path, file: str, wanted: str | None) -> str:
    """Put a complete file in its place, if it is the right one."""
    part = _part(folder / file)
    digest = await asyncio.to_thread(digest_of, part)
    if wanted and digest != wanted:
        part.unlink()
        _mark(part).unlink(missing_ok=True)
        raise ModelError(f"{file}: SHA-256 不符, 没有保留; 应为 {wanted}, 收到 {digest}")
    part.replace(folder / file)
    _mark(part).unlink(missing_ok=True)
    return digest


async def _fetch(session: aiohttp.ClientSession, url: str, path: Path, told: Callable[[str, int, int], None], *, optional: bool) -> bool:
    """Into the part file; False for an optional file that is not there."""
    part = _part(path)
    have = part.stat().st_size if part.is_file() else 0
    try:
        async with session.get(url, headers=_going_on(part, have)) as answer:
            if answer.status == 404 and optional:
                return False
            if answer.status == 416 and have:
                return True  # all of it was there already; its digest will tell
            if answer.status not in (200, 206):
                raise ModelError(f"{path.name}: 下载失败, 服务器答复 {answer.status}")
            have = have if answer.status == 206 else 0
            _mark(part).write_text(answer.headers.get("ETag", ""), encoding="utf-8")
            whole = have + (answer.content_length or 0) if answer.content_length else 0
            with part.open("ab" if have else "wb") as file:
                async for chunk in answer.content.iter_chunked(CHUNK):
                    file.write(chunk)
                    have += len(chunk)
                    told(path.name, have, whole)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ModelError(f"{path.name}: 下载中断 ({type(error).__name__}), 再运行一次会接着下载") from error
    except OSError as error:
        raise ModelError(f"{path.name}: 写不进 {path.parent}: {error.strerror}") from error
    return True


def _going_on(part: Path, have: int) -> dict[str, str]:
    """Ask for the rest of what is there, or for all of it when the hub has another file by now: halves of two would make a third."""
    if not have:
        return {}
    mark = _mark(part).read_text(encoding="utf-8") if _mark(part).is_file() else ""
    strong = mark and not mark.startswith("W/")
    return {"Range": f"bytes={have}-"} | ({"If-Range": mark} if strong else {})


def _mark(part: Path) -> Path:
    """Where the version of a part file stands, as the server names it."""
    return part.with_name(f"{part.name}.etag")


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _noted(folder: Path) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads((folder / DIGESTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found
