"""`python -m tests.soak_import`: a million rows through `import`, whose memory must not grow with them."""

import argparse
import csv
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.soak import GROWTH, ROOT, rss_mb

ROWS, CUSTOMERS, PAUSE = 1_000_000, 10_000, 0.5
CONFIG = '[storage]\ndata = "data"\n[[regions]]\nid = "south"\nname = "华南"\n'


def _file(path: Path, header: list[str], rows: Iterable[Sequence[object]]) -> Path:
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def _payment(number: int) -> list[object]:
    day = f"2026/{1 + number % 12}/{1 + number % 28}"
    return [f"P{number}", f"C{number % CUSTOMERS}", day, f"{number % 90_000}.50", "" if number % 3 else day]


def soak(rows: int) -> int:
    """Return 0 when every row came in and memory stayed flat."""
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
        bot = [sys.executable, "-m", "bot", "import", "--config", str(folder / "config.toml")]
        people = _file(folder / "people.csv", ["工号", "姓名", "角色", "区域"], [["E1", "李娜", "销售", "华南"]])
        known = map(lambda n: [f"C{n}", f"客户{n}", "80万", "E1"], range(CUSTOMERS))  # noqa: C417 - rows are made as they are written
        customers = _file(folder / "customers.csv", ["客户编号", "客户名称", "年采购额", "客户经理"], known)
        for kind, file in (("people", people), ("customers", customers)):
            subprocess.run([*bot, kind, str(file)], cwd=ROOT, check=True, capture_output=True)
        payments = _file(folder / "payments.csv", ["回款编号", "客户", "到期日", "金额", "回款日期"], map(_payment, range(rows)))
        began, sizes = time.perf_counter(), []
        with subprocess.Popen([*bot, "payments", str(payments)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            while process.poll() is None:
                sizes.append(rss_mb(process.pid))
                time.sleep(PAUSE)
            said = process.stdout.read().decode() if process.stdout else ""
        seconds = time.perf_counter() - began
    fifth = max(len(sizes) // 5, 1)
    early, late = statistics.median(sizes[fifth : 2 * fifth] or sizes), statistics.median(sizes[-fifth:])
    told = {"rows": rows, "seconds": round(seconds), "early_mb": round(early), "late_mb": round(late), "most_mb": round(max(sizes))}
    (ROOT / "out").mkdir(exist_ok=True)
    (ROOT / "out" / "soak-import.json").write_text(json.dumps(told) + "\n", encoding="utf-8")
    print(json.dumps(told), said.strip().splitlines()[-1:])
    return 0 if late <= early * GROWTH and f"接受 {rows}, 未变 0, 拒绝 0" in said else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="一百万行回款的导入, 看内存是否平稳")
    parser.add_argument("--rows", type=int, default=ROWS, help=f"行数 (默认 {ROWS})")
    sys.exit(soak(parser.parse_args().rows))
