"""`check [F]`: every problem of a config file, one line each."""

import argparse
from pathlib import Path

from bot.config.load import load
from bot.errors import ConfigError

NAME = "check"
HELP = "检查配置文件, 一次列出全部问题"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, nargs="?", metavar="F", help="配置文件 (默认同 --config)")
    parser.add_argument("--config", type=Path, default=Path("config.toml"), metavar="FILE", help="配置文件 (默认 config.toml)")


def run(args: argparse.Namespace) -> int:
    path: Path = args.file or args.config
    try:
        load(path)
    except ConfigError as error:
        print("\n".join(error.problems))
        return 1
    print(f"{path}: 没有问题")
    return 0
