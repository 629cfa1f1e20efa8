"""`python -m tests.bench`: measure, print the table, write the figures as JSON."""

import argparse
import importlib
import json
import os
import platform
import sys
import tempfile
import traceback
from dataclasses import asdict
from pathlib import Path

from bot.clock import SystemClock
from tests.bench.figures import Figure, Plan, table

MEASUREMENTS = {
    "ack": "落盘后应答与不落盘的比值",
    "receive": "验签、解密、解析，与 wechatpy 比；恶意输入多快被拒绝",
    "platforms": "三个平台的应答；长连接涌来一万条、断线、启动",
    "due": "到期查询与客户数无关",
    "rules": "规则改动在一年的记录上试算",
    "start": "serve 启动用时和内存",
    "ledger": "账本追加，与纯哈希链比",
    "evidence": "封存、取证包、核验大账本的代价",
    "corridor": "一条消息走完全程（参考）",
    "voices": "语音：匹配、转写用多久，排队的语音是否拖慢应答",
    "coverage": "一个月的覆盖率与历史长短无关",
    "pages": "看板、记录、列表、我的、拜访、签字：每页用的 CPU 与历史长短的关系，和它的重量",
    "photos": "照片查重与张数的关系；验看、比对、水印一张用多久",
}


def main(argv: list[str]) -> int:
    """Return 1 only when a measurement itself broke; a slow figure is a FAIL in the table."""
    args = _arguments(argv)
    figures: list[Figure] = []
    broken: list[str] = []
    for name in args.only or MEASUREMENTS:
        print(f"· {name}：{MEASUREMENTS[name]} …", file=sys.stderr, flush=True)
        try:
            figures += _measured(name, args)
        except Exception:  # noqa: BLE001 - whatever broke one measurement, the others still count
            traceback.print_exc()
            broken.append(name)
    print(table(figures))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(_json(args, figures, broken), encoding="utf-8")
    if broken:
        print(f"未能测完：{'、'.join(broken)}", file=sys.stderr)
    return 1 if broken else 0


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="性能测量：每轮交替测，取各轮比值的中位数")
    parser.add_argument("--only", choices=MEASUREMENTS, action="append", help="只测这一项，可重复")
    parser.add_argument("--rounds", type=int, help="轮数（默认 7，--quick 时 1）")
    parser.add_argument("--quick", action="store_true", help="只证明测量本身能跑，数字不作数")
    parser.add_argument("--out", type=Path, default=Path("out/bench.json"), help="结果文件（默认 out/bench.json）")
    args = parser.parse_args(argv)
    args.rounds = args.rounds or (1 if args.quick else 7)
    return args


def _measured(name: str, args: argparse.Namespace) -> list[Figure]:
    module = importlib.import_module(f"tests.bench.{name}")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        figures: list[Figure] = module.measure(Plan(rounds=args.rounds, quick=args.quick, folder=Path(folder)))
    return figures


def _json(args: argparse.Namespace, figures: list[Figure], broken: list[str]) -> str:
    told = {
        "at": SystemClock().now().isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": platform.platform(),
        "processors": os.cpu_count(),
        "load": os.getloadavg() if hasattr(os, "getloadavg") else None,
        "rounds": args.rounds,
        "quick": args.quick,
        "broken": broken,
        "figures": [{**asdict(one), "passed": one.passed} for one in figures],
    }
    return json.dumps(told, ensure_ascii=False, indent=1, default=str) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
