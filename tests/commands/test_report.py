"""`report forecast` at the terminal: the figures, the backtest on imported history alone, and a workbook without formulas."""

from datetime import timedelta
from pathlib import Path

from openpyxl import load_workbook

from bot.clock import SystemClock
from bot.sheets import write_workbook
from tests.commands.test_commands import bot

CONFIG = '[[regions]]\nid = "south"\nname = "华南"\n'
PEOPLE = "工号,姓名,角色,区域\nE1,=李娜,销售,华南\n"
CUSTOMERS = "客户编号,客户名称,年采购额,客户经理\nC1,华强,120万,E1\n"


def months() -> tuple[str, str]:
    """The two months before this one."""
    first = SystemClock().now().replace(day=1)
    last = (first - timedelta(days=1)).replace(day=1)
    return f"{last - timedelta(days=1):%Y-%m}", f"{last:%Y-%m}"


def given(folder: Path, kind: str, text: str) -> None:
    file = folder / f"{kind}.csv"
    file.write_text(text, encoding="utf-8")
    done = bot(folder / "config.toml", "import", kind, str(file))
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_months_forecast_and_its_backtest(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(CONFIG, encoding="utf-8")
    earlier, later = months()
    given(tmp_path, "people", PEOPLE)
    given(tmp_path, "customers", CUSTOMERS)
    nothing = bot(config, "report", "forecast", "--month", later)
    assert "没有导入的历史订单, 不作回测; 样板公司的数据是虚构的" in nothing.stdout and "没有实际订单, 无法计算偏差" in nothing.stdout
    given(tmp_path, "orders", f"id,customer,amount,signed_at\nO1,C1,10万,{earlier}-10\nO2,C1,8万,{later}-10\n")
    given(
        tmp_path,
        "forecasts",
        f"id,rep,customer,month,amount,made_at\nF1,E1,C1,{earlier},13.7万,2020-01-01\nF2,E1,C1,{later},5.04万,{earlier}-20\n",
    )
    told = bot(config, "report", "forecast", "--month", earlier, "--region", "华南")
    assert told.returncode == 0
    assert "业务员 =李娜  13.7万  10万  +37%" in told.stdout and "-37%" in told.stdout and "平均偏差大小: 业务员 37%" in told.stdout
    assert "10万  +37%  —  —" in told.stdout and "没有证据可加权" in told.stdout, "nothing was proved before that month"
    assert "线索获取 5%" in told.stdout and "demo" not in told.stdout
    out = tmp_path / "f.xlsx"
    assert "已写" in bot(config, "report", "forecast", "--month", earlier, "--out", str(out)).stdout
    cells = [cell for sheet in load_workbook(out).worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert any("=李娜" in str(cell.value) for cell in cells) and not [cell for cell in cells if cell.data_type == "f"]
    assert bot(config, "report", "forecast", "--out", str(tmp_path / "f.pdf")).returncode == 0
    assert (tmp_path / "f.pdf").read_bytes().startswith(b"%PDF")


def test_no_text_of_a_workbook_is_a_formula(tmp_path: Path) -> None:
    nasty = ["=1+1", '=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(A1)", "\t=1"]
    write_workbook(tmp_path / "x.xlsx", {"表": [nasty, [1, 2.5, None]]})
    rows = list(load_workbook(tmp_path / "x.xlsx").worksheets[0].iter_rows())
    assert [cell.data_type for cell in rows[0]] == ["s"] * len(nasty) and [cell.value for cell in rows[0]] == nasty
    assert rows[1][0].value == 1
