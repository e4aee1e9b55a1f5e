"""File mode: nothing a person put into a workbook is lost, bad input is said and changes nothing, a killed run leaves a
whole file."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from addin import actions, cli, undo
from addin.book import FileBook
from tests.actions.company import company, deal
from tests.actions.steps import change, do, tables_of
from tests.judge import office
from tests.plans import sample_plan
from tests.real import require_office
from tests.small_plan import rows_plan, small_plan
from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.tables import grids, schema
from workbook_templates.tables.schema import Company, Row
from workbook_templates.xlsx.package import Package, Table

# ------------------------------------------------------------------------------------------------- workbooks of other writers


def foreign(path: Path, made: Company) -> Path:
    """A plan whose Tables stand in a workbook made by XlsxWriter, with what other writers would lose on the way."""
    macros = path.suffix == ".xlsm"
    book = xlsxwriter.Workbook(str(path), {"use_future_functions": True})
    if macros:
        (path.parent / "vba.bin").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))
        book.add_vba_project(str(path.parent / "vba.bin"))
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, spec in schema.TABLES.items():
        _foreign_table(book, name, spec, made.of(name), day)
    notes = book.add_worksheet("Notes")
    notes.write_column("A1", [3, 1, 4, 1, 5])
    notes.conditional_format("A1:A5", {"type": "data_bar", "data_bar_2010": True})
    notes.add_sparkline("B1", {"range": "Notes!A1:A5"})
    notes.insert_textbox("D2", "贴在这里的话")
    notes.write_dynamic_array_formula("F1", "=SORT(A1:A5)", None, 1)
    notes.write_comment("A2", "批注")
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=Notes!$A$1:$A$5"})
    notes.insert_chart("H2", chart)
    book.close()
    return path


def _foreign_table(book: Any, name: str, spec: Any, rows: Any, day: Any) -> None:
    sheet = book.add_worksheet(name)
    columns = [c for c in spec.columns if not c.formula]
    for line, row in enumerate(rows, 2):
        for place, column in enumerate(columns):
            value = grids.cell_of(column, row.get(column.key), "en")
            if value is not None:
                sheet.write(line, place, value, day if column.kind == "date" else None)
    last = 1 + max(len(rows), 1)
    sheet.add_table(1, 0, last, len(columns) - 1, {"name": name, "columns": [{"header": c.header.en} for c in columns]})


@pytest.mark.parametrize("suffix", [".xlsx", ".xlsm"])
def test_what_other_writers_put_there_survives(tmp_path: Path, suffix: str) -> None:
    path = foreign(tmp_path / f"theirs{suffix}", company([deal(1), deal(2, 0.1)]))
    with zipfile.ZipFile(path) as archive:
        before = {name: archive.read(name) for name in archive.namelist()}
    values = tables_of(path)
    assert do("commission", path).written and do("quota", path).written
    with zipfile.ZipFile(path) as archive:
        after = {name: archive.read(name) for name in archive.namelist()}
    touched = {name for name in before if after.get(name) != before[name]}
    sheets = {Package.open(path).sheets[name].part for name in ("Ledger", "Accounts", "Quotas", "ChangeLog")}
    tables_touched = {name for name in touched if "/tables/" in name}
    allowed = {"[Content_Types].xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/calcChain.xml"}
    notes = Package.open(path).sheets["Notes"].part
    assert touched - sheets - tables_touched - allowed - {notes} == set() and len(tables_touched) == 3
    for mark in (b"sparkline", b"dataBar", b"legacyDrawing", b'cm="1"'):
        assert (mark in before[notes]) == (mark in after[notes]) is True
    assert [r["commission"] for r in FileBook.open(path).read("Ledger").rows] == [12_500.0, 3_000.0]
    do("undo", path)
    do("undo", path)
    assert {k: v for k, v in tables_of(path).items() if k[0] != "Notes"} == {k: v for k, v in values.items() if k[0] != "Notes"}


@pytest.mark.real
def test_a_plan_that_libreoffice_saved(tmp_path: Path) -> None:
    require_office()
    path = small_plan(tmp_path / "plan.xlsx", company([deal(1)]))
    (saved,) = office.convert([path], "xlsx", tmp_path / "office", recalc=office.RECALC_NEVER)
    assert do("commission", saved).written
    assert [r["commission"] for r in rows_of(saved, "Ledger")] == [12_500.0]
    assert not do("commission", saved).effect and do("undo", saved).written


# ---------------------------------------------------------------------------------------------------------------- bad input


def _spoil(path: Path, how: Callable[[Package, Table], None], name: str = "Deals") -> None:
    package = Package.open(path)
    how(package, package.tables[name])
    package.save(backup=False)


def _rename_table(package: Package, table: Table) -> None:
    package.touch(table.part).set("displayName", "Orders")
    package.touch(table.part).set("name", "Orders")


def _rename_header(key: str, new: str) -> Callable[[Package, Table], None]:
    def rename(package: Package, table: Table) -> None:
        old = schema.TABLES[table.name][key].header.zh
        column = table.ref.first_col + table.headers.index(old)
        for node in package.touch(table.part).iter():
            if node.get("name") == old:
                node.set("name", new)
        table.headers[table.headers.index(old)] = new
        package.sheets[table.sheet].set_values({(table.ref.first_row, column): new})

    return rename


def _protect(package: Package, table: Table) -> None:
    root = package.touch(package.sheets[table.sheet].part)
    data = next(n for n in root if n.tag.endswith("sheetData"))
    data.addnext(data.makeelement(data.tag.replace("sheetData", "sheetProtection"), {"sheet": "1"}))


BAD: dict[str, tuple[Callable[[Path], None], str]] = {
    "table renamed": (lambda p: _spoil(p, _rename_table), "缺少表 Deals"),
    "header renamed": (lambda p: _spoil(p, _rename_header("revenue", "金额啊")), "缺少列“收入”"),
    "header in another tongue": (lambda p: _spoil(p, _rename_header("seller", "Vendeur")), "缺少列“主办工号”"),
    "protected sheet": (lambda p: _spoil(p, _protect, "Ledger"), "受保护"),
    "read-only file": (lambda p: p.chmod(0o444), "只读"),
    "open elsewhere": (lambda p: p.with_name(f"~${p.name}").touch(), "打开"),
    "a bad setting": (lambda p: _set(p, "base_commission_rates", "三个点"), "不是数字"),
}


def _set(path: Path, name: str, value: Any) -> None:
    package = Package.open(path)
    place = package.locate(name)
    assert place is not None
    package.sheets[place[0]].set_values({(place[1].first_row, place[1].first_col): value})
    package.save(backup=False)


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_said_and_changes_nothing(tmp_path: Path, what: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = small_plan(tmp_path / "plan.xlsx", company([deal(1), deal(2)]))
    spoil, said = BAD[what]
    spoil(path)
    before = path.read_bytes()
    assert cli.main(["commission", str(path)]) == cli.FAILED
    shown = "".join(capsys.readouterr())
    assert said in shown and "Traceback" not in shown
    assert path.read_bytes() == before and not list(tmp_path.glob("*.bak-*")) and not (tmp_path / "state").exists()


# money.md 10: a bad row stops the people it touches, not the company.
OF_ONE: dict[str, tuple[Callable[[Path], None], str]] = {
    "text in a number column": (lambda p: change(p, {("Deals", 0, "revenue"): "一百万"}), "不是数字"),
    "duplicate IDs": (lambda p: change(p, {("Deals", 1, "id"): "D1"}), "重复"),
    "unknown partner": (lambda p: change(p, {("Deals", 1, "partner"): "P77"}), "不在“人员”表中"),
}


@pytest.mark.parametrize("what", OF_ONE)
def test_a_bad_row_leaves_out_the_people_it_touches(tmp_path: Path, what: str, capsys: pytest.CaptureFixture[str]) -> None:
    """P1's rows are bad: he is named with the reason, has no amount, exit code 1; P2's 12,500 are there. Twice is once."""
    path = small_plan(tmp_path / "plan.xlsx", company([deal(1), deal(2), deal(3, seller="P2")]))
    spoil, said = OF_ONE[what]
    spoil(path)
    assert cli.main(["commission", str(path)]) == cli.ATTENTION
    shown = capsys.readouterr().out
    assert said in shown and "成交表!" in shown and "未计算：P1" in shown and "Traceback" not in shown
    assert [(r["person"], r["commission"]) for r in rows_of(path, "Ledger")] == [("P2", 12_500.0)]
    once = path.read_bytes()
    assert cli.main(["commission", str(path)]) == cli.ATTENTION and path.read_bytes() == once


def test_all_problems_come_at_once_with_their_cells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = small_plan(tmp_path / "plan.xlsx", company([deal(1), deal(2), deal(3)]))
    change(path, {("Deals", 0, "revenue"): "x", ("Deals", 1, "cost"): "y", ("People", 0, "level"): "boss"})
    assert cli.main(["commission", str(path)]) == cli.ATTENTION  # P1 alone is left out (money.md 10)
    shown = capsys.readouterr().out
    assert "未计算：P1：" in shown and shown.count("! ") >= 3 and "成交表!E7  “收入”" in shown and "人员表!" in shown


@pytest.mark.parametrize("name", [n for n in actions.every() if n not in ("import", "payroll", "voucher", "new", "template")])
def test_a_workbook_without_our_tables(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "theirs.xlsx"
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet().write("A1", 1)
    book.close()
    before = path.read_bytes()
    asked = {key: ["--period", "2027-03"] for key in ("review", "lock", "pay")}  # what they ask for before they look
    asked |= {"rollover": [str(tmp_path / "next.xlsx")], "print": [str(tmp_path / "a.pdf")], "explain": ["A1"]}
    asked |= {"calendar": [str(tmp_path / "a.ics")], "archive": [str(tmp_path / "kept"), "--period", "2027-03"]}
    asked |= {"quotation": [str(tmp_path / "quote.xlsx"), "--quote", "Q001"]}
    code = cli.main([name, str(path), *asked.get(name, [])])
    assert path.read_bytes() == before
    if name != "undo":  # there is simply nothing to undo
        assert code == cli.FAILED and "不是销售计划工作簿" in "".join(capsys.readouterr())


# ------------------------------------------------------------------------------------------------- twice, undone, killed


def spoilt(path: Path) -> None:
    """A sample where every action has something to do."""
    book = FileBook.open(path)
    people, deals, budget = (book.read(n).rows for n in ("People", "Deals", "Budget"))
    seller, manager = (next(i for i, r in enumerate(people) if r["level"] == level) for level in ("representative", "manager"))
    market = next(i for i, r in enumerate(budget) if r["line"] == "market" and r["month"] == 11)
    change(
        path,
        {
            ("People", seller, "quota_weight"): 0.0,
            ("People", manager, "quota_weight"): 1.5,
            ("People", manager, "left"): people[manager]["joined"].replace(year=2027, month=9),
            ("Deals", 0, "cost"): deals[0]["cost"] + 1000,
            ("Deals", len(deals) - 1, "cost"): deals[-1]["cost"] - 1000,
            ("Budget", market, "revenue"): 1.0,
        },
    )


OPTIONS: dict[str, dict[str, Any]] = {"roi": {"month": 11}}


@pytest.mark.parametrize("name", ["quota", "commission", "pool", "roi"])
def test_twice_changes_nothing_and_undo_brings_all_back(tmp_path: Path, name: str) -> None:
    made = sample_plan if name == "commission" else rows_plan  # once with every view that follows
    path = made("zh", tmp_path, spoilt)
    before, log = tables_of(path), len(FileBook.open(path).read("ChangeLog").rows)
    done = do(name, path, **OPTIONS.get(name, {}))
    assert done.written and done.effect.size
    once = path.read_bytes()
    again = do(name, path, **OPTIONS.get(name, {}))
    assert not again.effect and not again.written and path.read_bytes() == once
    book = FileBook.open(path)
    logged = book.read("ChangeLog").rows[log:]
    assert logged and {r["action"] for r in logged} == {actions.every()[name].label.zh}
    assert do("undo", path).written
    assert tables_of(path) == before
    assert len(FileBook.open(path).read("ChangeLog").rows) > log + len(logged)
    assert not do("undo", path).effect


def test_undo_refuses_what_was_changed_since(tmp_path: Path) -> None:
    path = small_plan(tmp_path / "plan.xlsx", company([deal(1)]))
    do("commission", path)
    change(path, {("Ledger", 0, "commission"): 1.0})
    before = path.read_bytes()
    with pytest.raises(Refused, match="之后又改过"):
        do("undo", path)
    assert path.read_bytes() == before


def test_undo_passes_over_a_run_that_never_saved(tmp_path: Path) -> None:
    path = small_plan(tmp_path / "plan.xlsx", company([deal(1)]))
    empty = path.read_bytes()
    do("commission", path)
    path.write_bytes(empty)  # as if the run had been killed before its save
    assert do("undo", path).outcome.summary == Text("没有可撤销的操作", "There is nothing to undo")


def test_undo_goes_back_step_by_step(tmp_path: Path) -> None:
    path = rows_plan("en", tmp_path, spoilt)
    states = [tables_of(path)]
    for name in ("commission", "quota"):
        do(name, path)
        states.append(tables_of(path))
    for state in reversed(states[:-1]):
        do("undo", path)
        assert tables_of(path) == state
    assert not undo.records(FileBook.open(path))


def test_records_of_an_earlier_version_can_be_undone_and_stay_below_new_ones(tmp_path: Path) -> None:
    """They were one object on one line."""
    path = small_plan(tmp_path / "plan.xlsx", company([deal(1)]))
    before = tables_of(path)
    do("commission", path)
    kept = undo._file(os.path.realpath(path))
    head, *lines = kept.read_text("utf-8").split("\n")
    old = json.dumps(json.loads(head) | {"records": [json.loads(line) for line in reversed(lines)]}, ensure_ascii=False)
    kept.write_text(old, "utf-8")
    again = do("commission", path, period=None)
    assert not again.written and len(undo.records(FileBook.open(path))) == 1
    change(path, {("Deals", 0, "revenue"): 2e5})
    do("commission", path)
    assert [record.action for record in undo.records(FileBook.open(path))] == ["commission"] * 2
    do("undo", path)
    change(path, {("Deals", 0, "revenue"): 1e6})
    do("undo", path)
    assert tables_of(path) == before


def test_a_dry_run_says_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = small_plan(tmp_path / "plan.xlsx", company([deal(1)]))
    before = path.read_bytes()
    assert cli.main(["commission", str(path), "--dry-run"]) == cli.DONE
    assert "试运行" in capsys.readouterr().out and path.read_bytes() == before


def _killed(path: Path, wait: float, folder: Path, name: str) -> None:
    """A run that is killed after ``wait`` seconds."""
    code = "import sys; from addin import cli; sys.exit(cli.main(sys.argv[1:]))"
    environment = {**os.environ, "SALESPLAN_STATE": str(folder / "state")}
    run = subprocess.Popen(
        [sys.executable, "-c", code, name, str(path), "--no-backup"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(wait)
    run.send_signal(signal.SIGKILL)
    run.wait()


def _bought(number: int) -> Row:
    return {"invoice": f"F{number}", "date": dt.date(2027, 1 + number, 5), "customer": f"C{number}", "amount": 100.0 * number}


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("name", ["commission", "refresh"])
def test_killed_at_any_time_the_file_is_the_old_or_the_new_one(tmp_path: Path, name: str) -> None:
    """Around the moments of its own uninterrupted run, and most of them near its end, where it writes."""
    made = company([deal(i) for i in range(1, 6)])
    made.rows = {**made.rows, "Transactions": [_bought(i) for i in range(1, 6)]}
    path = small_plan(tmp_path / "plan.xlsx", made)
    old = path.read_bytes()
    began = time.perf_counter()
    _killed_not = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from addin import cli; sys.exit(cli.main(sys.argv[1:]))",
            name,
            str(path),
            "--no-backup",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "SALESPLAN_STATE": str(tmp_path / "other")},
    )
    whole = time.perf_counter() - began
    new = tables_of(path)
    assert path.read_bytes() != old
    seen = set()
    for share in (0.1, 0.4, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0):
        path.write_bytes(old)
        _killed(path, whole * share, tmp_path, name)
        if path.read_bytes() == old:
            seen.add("old")
        else:
            assert tables_of(path) == new
            seen.add("new")
    assert seen


@pytest.mark.parametrize("step", ["apply", "settle", "save"])
def test_a_fault_at_any_step_leaves_the_file_as_it_was(tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = small_plan(tmp_path / "plan.xlsx", company([deal(1)]))
    before = path.read_bytes()

    def fails(*arguments: Any, **options: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(FileBook, step, fails)
    with pytest.raises(MemoryError):
        do("commission", path)
    monkeypatch.undo()
    monkeypatch.setenv("SALESPLAN_STATE", str(tmp_path / "state"))
    assert path.read_bytes() == before
    assert not do("undo", path).effect  # what it had kept is of no use and does no harm
    assert do("commission", path).written


def rows_of(path: Path, name: str) -> list[Row]:
    return FileBook.open(path).read(name).rows
