"""`models`: speech models, fetched with progress and checked by digest."""

import argparse
import asyncio
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from adapters import speech, speech_models
from adapters.speech_models import SOURCES, ModelError
from bot.commands import opening
from bot.commands.assembly import Setup, speech_engine

NAME = "models"
HELP = "语音识别模型: check 检查配置的模型, fetch 下载"
MB = 1 << 20
PIN = re.compile(r"[^=]+=[0-9a-fA-F]{64}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`check`, or `fetch NAME`."""
    opening.add_config(parser)
    parser.add_argument("what", choices=("check", "fetch"), help="check: 逐项检查 [speech] 配置的模型; fetch: 下载一个模型")
    listed = "; ".join(f"{name} ({source.what})" for name, source in SOURCES.items())
    parser.add_argument("name", nargs="?", choices=list(SOURCES), metavar="名称", help=f"要下载的模型: {listed}")
    parser.add_argument("--into", type=Path, metavar="文件夹", help="下载到哪里 (默认数据目录下的 models/名称)")
    parser.add_argument("--from", dest="base", default="", metavar="网址", help="改从这个地址下载 (内网镜像), 文件名接在后面")
    parser.add_argument("--sha256", action="append", default=[], metavar="文件=摘要", help="指定某个文件应有的 SHA-256, 可重复")


def run(args: argparse.Namespace) -> int:
    """0 fine, 1 with a line a problem, 2 for a wrong call."""
    if args.what == "fetch" and not args.name:
        print(f"请写明要下载哪个模型: {', '.join(SOURCES)}", file=sys.stderr)
        return 2
    if any(not PIN.fullmatch(pin) for pin in args.sha256):
        print("--sha256 应写作 文件=摘要 (64 位十六进制), 例如 model.pt=3f2a…", file=sys.stderr)
        return 2
    strange = {pin.partition("=")[0] for pin in args.sha256} - set(SOURCES[args.name].all if args.name else ())
    if strange:
        print(f"--sha256: {args.name or args.what} 没有这些文件: {', '.join(sorted(strange))}", file=sys.stderr)
        return 2
    return opening.run(args.config, lambda setup: _fetch(setup, args) if args.what == "fetch" else _check(setup), platforms=False)


async def _check(setup: Setup) -> int:
    if setup.config.speech.engine == "off":
        print('没有启用语音转写 ([speech] engine = "off")')
        return 0
    problems = await asyncio.to_thread(lambda: list(problems_of(setup)))
    for problem in problems:
        print(problem)
    if not problems:
        engine = speech_engine(setup)
        print(f"{engine.label}: 组件已安装, 模型文件齐全, 与下载时一致")
    return 1 if problems else 0


def problems_of(setup: Setup, *, digests: bool = True) -> Iterator[str]:
    """What keeps the configured engine from working, in Chinese. `digests`: read every byte of the models too."""
    engine = speech_engine(setup)
    if not speech.installed(engine.name):
        yield f"{engine.name} 的组件没有安装, 请先运行 make install-speech"
    yield from engine.lacking()
    for folder in (engine.model, engine.vad, engine.punctuation):
        if digests and folder:
            yield from speech_models.altered(folder)


async def _fetch(setup: Setup, args: argparse.Namespace) -> int:
    folder = args.into or setup.place(setup.config.storage.data) / "models" / args.name
    pinned = {file: digest.lower() for file, _, digest in (pin.partition("=") for pin in args.sha256)}
    try:
        await speech_models.fetch(args.name, folder, _progress, base=args.base, pinned=pinned)
    except ModelError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    print(f"\n{args.name} 已在 {folder}; 各文件的 SHA-256 记在 {speech_models.DIGESTS}, 以后用 models check 核对")
    unpinned = [file for file in SOURCES[args.name].files if file not in SOURCES[args.name].known and file not in pinned]
    if unpinned:
        print(f"这些文件没有预置摘要, 以第一次下载的为准: {', '.join(unpinned)}; 可用 --sha256 指定")
    return 0


def _progress(file: str, have: int, whole: int) -> None:
    of = f"/{whole / MB:.1f}" if whole else ""
    print(f"\r{file}  {have / MB:.1f}{of} MB ", end="", file=sys.stderr, flush=True)
