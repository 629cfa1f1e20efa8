"""`check [F]`: every problem of a config file, one line each."""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from adapters import ocr
from bot.config.load import load
from bot.config.schema import Config
from bot.config.secrets import Secrets
from bot.errors import ConfigError

NAME = "check"
HELP = "检查配置文件, 一次列出全部问题"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, nargs="?", metavar="F", help="配置文件 (默认同 --config)")
    parser.add_argument("--config", type=Path, default=Path("config.toml"), metavar="FILE", help="配置文件 (默认 config.toml)")


def run(args: argparse.Namespace) -> int:
    path: Path = args.file or args.config
    try:
        config = load(path).config
    except ConfigError as error:
        print("\n".join(error.problems))
        return 1
    found = hints(config, os.environ)
    for hint in found:
        print(f"提示：{hint}", file=sys.stderr)
    print(f"{path}: 没有错误, 另有 {len(found)} 条提示" if found else f"{path}: 没有问题")
    return 0


def hints(config: Config, environ: Mapping[str, str]) -> list[str]:
    """What is no mistake in the file, and will still be missed."""
    found = (
        [] if config.wecom or config.feishu or config.dingtalk else ["没有启用任何平台（[wecom]、[feishu]、[dingtalk]），机器人收不到消息"]
    )
    found += [f"区域 {region.name} 没有 alert_chat，它的红灯没有群可发" for region in config.regions if not region.alert_chat]
    if config.photos.ocr and not ocr.installed():
        found.append("photos.ocr = true，但识别组件还没有安装，请运行 make install-ocr；在此之前，拜访结束时请本人确认")
    try:
        Secrets.read(environ, config)
    except ConfigError as error:
        found += error.problems
    return found
