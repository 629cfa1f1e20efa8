"""The commands as somebody at a terminal meets them: one clear line and a useful exit code, before anything is set up and after."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PEOPLE = "工号,姓名,角色,区域,企业微信,设备\nE001,李娜,销售,华南,li.na,phone\nD001,陈国栋,总监,华南,,\nE009,无区,销售,火星,,\n"
CUSTOMERS = "客户编号,客户名称,年采购额,客户经理,纬度,经度,坐标系\nC001,华强,80万,E001,22.5365,113.9455,gcj02\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.toml"
    file.write_text('[wecom]\ncorp_id = "ww1"\nagent_id = 1\n[[regions]]\nid = "south"\nname = "华南"\n', encoding="utf-8")
    return file


def bot(config: Path, *args: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("WECOM", "FEISHU", "SALESTRACE"))}
    command = [sys.executable, "-m", "bot", *args, "--config", str(config)]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("command", [("verify",), ("report", "coverage"), ("replay", "--rules", "config.toml")])
def test_before_there_is_a_database_it_says_so_and_leaves_nothing_behind(config: Path, command: tuple[str, ...]) -> None:
    done = bot(config, *command)
    assert done.returncode == 1
    assert "请先运行 python -m bot migrate" in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(config.parent.iterdir()) == [config]


def test_master_data_goes_in_without_any_platform_secret_and_is_verified(config: Path) -> None:
    (config.parent / "people.csv").write_bytes(PEOPLE.encode("gb18030"))
    (config.parent / "customers.csv").write_text(CUSTOMERS, encoding="utf-8-sig")
    people = bot(config, "import", "people", str(config.parent / "people.csv"))
    assert people.returncode == 1
    assert ":4: 没有区域 火星" in people.stdout and "接受 2, 未变 0, 拒绝 1" in people.stdout
    assert bot(config, "import", "customers", str(config.parent / "customers.csv")).returncode == 0
    again = bot(config, "import", "customers", str(config.parent / "customers.csv"))
    assert "接受 0, 未变 1, 拒绝 0" in again.stdout
    verified = bot(config, "verify")
    assert verified.returncode == 0 and "全部相符" in verified.stdout and "不属于" not in verified.stdout
    orders = config.parent / "订单.csv"
    orders.write_text("编号,客户,金额,日期\nO1,华强,1万,2026-11-02\n=O2,华强,1万,昨天\n", encoding="gb18030")
    fed = bot(config, "import", "orders", str(orders))
    assert fed.returncode == 1 and "接受 1, 未变 0, 拒绝 1" in fed.stdout
    refused = orders.with_name("订单.csv.rejected.csv")
    beside = refused.read_text("utf-8-sig")
    assert '3,"日期 (signed_at) 昨天 看不懂' in beside and ",'=O2," in beside
    orders.write_text("编号,客户,金额,日期\nO1,华强,1万,2026-11-02\n", encoding="gb18030")
    clean = bot(config, "import", "orders", str(orders))
    assert clean.returncode == 0 and "删除了上次留下的" in clean.stdout and not refused.exists()
    assert bot(config, "verify").returncode == 0
    report = bot(config, "report", "coverage", "--region", "华南")
    assert report.returncode == 0 and "A        4     0      0%" in report.stdout


def test_reports_are_written_by_the_files_ending(config: Path) -> None:
    for kind, text in (("people", PEOPLE), ("customers", CUSTOMERS)):
        (config.parent / f"{kind}.csv").write_text(text, encoding="utf-8")
        bot(config, "import", kind, str(config.parent / f"{kind}.csv"))
    begins = {"F.xlsx": b"PK", "F.pdf": b"%PDF", "F.png": b"\x89PNG", "F.txt": "华南 过程健康月报".encode()}
    for name, magic in begins.items():
        done = bot(config, "report", "health", "--region", "south", "--out", str(config.parent / name))
        assert done.returncode == 0 and (config.parent / name).read_bytes().startswith(magic), done.stderr
    assert "漏斗" in bot(config, "report", "funnel").stdout
    assert bot(config, "report", "funnel", "--out", str(config.parent / "G.pdf")).returncode == 0
    refused = bot(config, "report", "health", "--out", str(config.parent / "F.doc"))
    assert refused.returncode == 1 and "不会写 .doc" in refused.stderr
    assert "还没有开始" in bot(config, "report", "health", "--month", "2099-01").stdout


def test_everything_goes_out_in_one_file_and_comes_in_again(config: Path) -> None:
    for kind, text in (("people", PEOPLE), ("customers", CUSTOMERS)):
        (config.parent / f"{kind}.csv").write_text(text, encoding="utf-8")
        bot(config, "import", kind, str(config.parent / f"{kind}.csv"))
    out = config.parent / "all.zip"
    made = bot(config, "export", str(out))
    assert made.returncode == 0 and "个原件" in made.stdout and "import all" in made.stdout
    new = config.parent / "new"
    (new / "data").mkdir(parents=True)
    (new / "data" / "signing.key").write_bytes((config.parent / "data" / "signing.key").read_bytes())
    taken = bot(new / "config.toml", "import", "all", str(out))
    assert taken.returncode == 0 and "全部相符" in taken.stdout
    assert (new / "config.toml").read_text(encoding="utf-8") == config.read_text(encoding="utf-8")
    told = [bot(at, "report", "coverage").stdout for at in (config, new / "config.toml")]
    assert told[0] == told[1] and "合计" in told[0]
    assert "没有文件夹" in bot(config, "export", str(config.parent / "nowhere" / "all.zip")).stderr


def test_what_talks_to_a_platform_names_every_missing_secret(config: Path) -> None:
    done = bot(config, "serve")
    assert done.returncode == 1
    assert [line.partition("：")[0] for line in done.stderr.splitlines()] == ["WECOM_SECRET", "WECOM_TOKEN", "WECOM_AES_KEY"]


def test_check_hints_at_what_will_be_missed(config: Path) -> None:
    done = bot(config, "check")
    assert done.returncode == 0
    assert "没有错误" in done.stdout
    assert "区域 华南 没有 alert_chat" in done.stderr and "WECOM_SECRET" in done.stderr


def test_a_port_in_use_is_one_line(config: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        config.write_text(f'[server]\nlisten = "127.0.0.1:{taken.getsockname()[1]}"\n', encoding="utf-8")
        done = bot(config, "serve")
    assert done.returncode == 1
    assert "端口已被别的程序占用" in done.stderr and "Traceback" not in done.stderr


def test_doctor_says_what_to_do(config: Path) -> None:
    config.write_text("", encoding="utf-8")
    assert bot(config, "migrate").returncode == 0
    done = bot(config, "doctor")
    assert done.returncode == 1
    assert "请先运行 python -m bot import people" in done.stdout and "没有启用任何平台" in done.stdout
    assert done.stderr == ""


def test_a_wrong_call_answers_two() -> None:
    assert bot(Path("config.toml"), "nonsense").returncode == 2


def test_a_replay_says_what_differs_lists_it_and_refuses_what_is_no_date(config: Path) -> None:
    new = config.parent / "new.toml"
    new.write_text(
        config.read_text(encoding="utf-8") + '[[rules]]\nid = "inactive-72h"\nkind = "inactivity"\nhours = 48\n', encoding="utf-8"
    )
    assert bot(config, "migrate").returncode == 0
    done = bot(config, "replay", "--rules", str(new), "--out", str(config.parent / "list.csv"))
    assert done.returncode == 0, done.stderr
    assert "不活跃提醒 72 小时 → 48 小时" in done.stdout and "提醒没有变化" in done.stdout
    assert (config.parent / "list.csv").read_text(encoding="utf-8-sig").startswith("增减,时间,规则")
    assert bot(config, "replay", "--rules", str(new), "--since", "gestern").returncode == 2
    new.write_text("[[rules]]\nid = 1\n", encoding="utf-8")
    broken = bot(config, "replay", "--rules", str(new))
    assert broken.returncode == 1 and "new.toml:1:" in broken.stderr
