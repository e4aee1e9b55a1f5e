"""`import --update` on a plan with locked and paid months (the plan of test_settled): what is settled stays, cash is taken, all is logged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from addin import changes
from addin.book import FileBook
from addin.cli import main
from tests.actions.steps import do, tables_of
from tests.actions.test_settled import plan, tables, write
from workbook_templates.xlsx.package import Ref

HEAD = "单号,收入,已回款\n"


def deals(path: Path) -> dict[str, tuple[float, float]]:
    return {row["id"]: (row["revenue"], row["collected"]) for row in FileBook.open(path).read("Deals").rows}


def corrected(folder: Path, path: Path, rows: str, *columns: str, **more: Any) -> Any:
    file = folder / "corrections.csv"
    file.write_text(HEAD + rows, encoding="utf-8")
    return do("import", path, file=str(file), updates=list(columns), **more)


def test_what_is_locked_keeps_its_revenue_and_takes_its_cash(tmp_path: Path) -> None:
    """D1 is paid, D3 locked: a revenue is refused with its cell, the cash of another row of the file comes in, old → new in the log."""
    path = plan(tmp_path)
    before, was = tables_of(path), deals(path)
    done = corrected(tmp_path, path, "D1,310000,0\nD2,200000,150000\nD3,500000,60000\n", "收入", "已回款")
    assert [(r.line, r.column, r.value) for r in done.outcome.details[1].outcome.refusals] == [(2, "单号", "D1")]
    reason = done.outcome.details[1].outcome.refusals[0].reason
    assert "已锁定或已发放" in reason.zh and "收入" in reason.zh
    assert deals(path) == was | {"D2": (200_000.0, 150_000.0), "D3": (500_000.0, 60_000.0)}
    log = [(r["old"], r["new"]) for r in FileBook.open(path).read("ChangeLog").rows if r["action"] == "导入"]
    assert log == [("0, 0", "150,000, 60,000，来自 corrections.csv")]
    assert do("undo", path).written and tables_of(path) == before


def test_rows_not_settled_are_corrected(tmp_path: Path) -> None:
    path = plan(tmp_path)
    file = tmp_path / "new.csv"
    file.write_text("单号,签单日期,客户编号,主办工号,收入,成本\nD9,2027-02-20,C1,P1,100,50\n", encoding="utf-8")
    assert do("import", path, file=str(file)).written
    before = tables_of(path)
    assert corrected(tmp_path, path, "D9,120,20\n", "收入", "已回款").written and deals(path)["D9"] == (120.0, 20.0)
    assert do("undo", path).written and tables_of(path) == before


def test_a_ledger_that_lost_a_settled_row_lets_no_correction_through(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without its row in the ledger D3 would not be known as locked: what left at the lock says that it was."""
    path = plan(tmp_path)
    rows = tables(path)
    write(path, {"Ledger": [row for row in rows["Ledger"] if row["deal"] != "D3"]})
    before = path.read_bytes()
    done = corrected(tmp_path, path, "D3,1,0\n", "收入")
    assert done.refused and not done.written and any("D3" in str(p.text) or "P2" in str(p.text) for p in done.outcome.errors)
    assert main(["import", str(tmp_path / "corrections.csv"), str(path), "--update", "收入"]) == 2
    assert "没有写入" in capsys.readouterr().out and path.read_bytes() == before


def test_rows_that_came_in_are_told_apart_by_what_they_are_and_not_by_their_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing 100,000 rectangles with each other by their cells took minutes."""
    blocks = tuple(changes.Block("S", Ref(row, 2, row, 3), [[None, None]], [["a", "b"]]) for row in (5, 6))
    other = changes.Block("T", Ref(1, 1, 1, 1), [["x"]], [["y"]])
    effect = changes.Effect((changes.Extent("T1", "S", 4, 6),), (*blocks, other))

    def compared(*_: object) -> bool:
        raise AssertionError("compared by cells")

    monkeypatch.setattr(changes.Block, "__eq__", compared)
    assert [(sheet, new.zh) for sheet, _, _, new in changes.log_lines(effect)] == [("S", "2 行"), ("T", '"y"')]
