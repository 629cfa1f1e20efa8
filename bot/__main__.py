"""`python -m bot`: the command table. Each command is imported when it is asked for, so that one does not pay for the others."""

import argparse
import gc
import importlib
import sys
from types import ModuleType

COMMANDS = {
    "demo": "整个产品在这台电脑上跑起来, 无需任何账号",
    "serve": "运行机器人",
    "check": "检查配置文件, 一次列出全部问题",
    "doctor": "逐项检查数据库、平台、时钟、磁盘, 说明怎样修好",
    "migrate": "把数据库升级到本版本",
    "import": "导入人员、客户、地点、联系人",
    "export": "把整个安装装进一个压缩包",
    "verify": "核验账本和全部原件",
    "erase": "删除一个人或一条记录的内容, 账本照样可以核验",
    "restore": "从备份恢复成一个新的安装",
    "report": "报表",
    "replay": "用另一份规则试算已有的记录: 会多提醒谁、少提醒谁",
    "models": "语音识别模型: 检查和下载",
    "dossier": "制作一位客户的取证包, 任何人不需要我们也能核验",
}


def main(argv: list[str]) -> int:
    """Parse, run, return the exit code. 2 for a wrong call, with one line of help."""
    name = next((word for word in argv if not word.startswith("-")), "")
    parser = argparse.ArgumentParser(prog="python -m bot", description="SalesTrace 行迹: 可核验的销售过程追踪")
    table = parser.add_subparsers(dest="command", required=True, metavar="命令")
    for command, help_ in COMMANDS.items():
        sub = table.add_parser(command, help=help_, description=help_)
        if command == name:
            module = _imported(f"bot.commands.{'import_' if command == 'import' else command}")
            module.add_arguments(sub)
            sub.set_defaults(run=module.run)
    args = parser.parse_args(argv)
    code: int = args.run(args)
    return code


def _imported(name: str) -> ModuleType:
    """Import a command. What is imported stays: to search it for garbage again and again costs 0.2 s of a start, and goes on after it."""
    gc.disable()
    module = importlib.import_module(name)
    gc.freeze()
    gc.enable()
    return module


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
