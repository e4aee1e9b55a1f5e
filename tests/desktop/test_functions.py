"""Every function through xlwings' own classic pipeline, with every worked example of tests/cases, cell by cell.

The expectations are those of tests/cases (published results), so the plain functions and this host are held to the same.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import udfs
from addin.desktop import sentinel
from addin.desktop.functions import PREFIX, cells_in, evaluate, vba_name
from tests.cases import differences, load
from tests.desktop.classic import MISSING, call, classic
from udfs import policy
from udfs.faults import STRICT
from udfs.formula import catalogue
from udfs.text import speaking
from udfs.values import ExcelError


@pytest.fixture(scope="module")
def host() -> Iterator[Any]:
    with classic() as found:
        yield found


def shown(rows: list[list[Any]]) -> tuple[list[list[Any]], list[list[str]], str]:
    """What VBA makes of a result: cells with error codes, the reasons at their places, the note."""
    note = ""
    if isinstance(rows[-1][0], str) and rows[-1][0].startswith(sentinel.NOTE):
        note, rows = rows[-1][0][2:], rows[:-1]
    read = [[sentinel.read_error(c) if isinstance(c, str) and c.startswith(sentinel.ERROR) else c for c in row] for row in rows]
    return read, [[c.reason.zh if isinstance(c, ExcelError) else "" for c in row] for row in read], note


def plainly(name: str, language: str, args: list[Any]) -> tuple[list[list[Any]], list[list[str]], str]:
    with speaking(language):
        spill = udfs.call(name, *args)
        reasons = [[str(c.reason) if isinstance(c, ExcelError) else "" for c in row] for row in spill]
        return spill, reasons, "\n".join(str(note) for note in spill.notes)


def test_every_case_gives_the_same_in_excels_pipeline(host: Any) -> None:
    wrong = {}
    for case in load():
        found, reasons, note = shown(call(host, PREFIX + case.call, case.language, case.args))
        _, expected_reasons, expected_note = plainly(case.call, case.language, case.args)
        told = differences(found, case)
        if reasons != expected_reasons:
            told.append(f"reasons {reasons}, expected {expected_reasons}")
        if note != expected_note:
            told.append(f"note {note!r}, expected {expected_note!r}")
        if told:
            wrong[str(case)] = told
    assert not wrong


def test_every_function_has_a_case_or_an_example_that_passes(host: Any) -> None:
    """Functions without a worked case are at least called with their docstring's example."""
    done = {case.call for case in load()}
    for name, entry in catalogue().items():
        if name in done:
            continue
        for args, _ in entry.examples[:1]:
            found, reasons, _ = shown(call(host, PREFIX + name, "zh", args))
            plain, expected, _ = plainly(name, "zh", args)
            assert reasons == expected, name
            assert [[c if not isinstance(c, dt.date) else "date" for c in row] for row in found] == [
                [("date" if isinstance(c, dt.date) else "" if c is None else c) for c in row] for row in plain
            ], name
            done.add(name)
    assert not set(catalogue()) - done


def test_only_plain_values_leave_the_binding(host: Any) -> None:
    allowed = {float, str, bool, dt.datetime, type(None)}
    for case in load():
        rows = evaluate(catalogue()[case.call], case.language, case.args)
        assert {type(c) for row in rows for c in row} <= allowed, case
        assert len({len(row) for row in rows}) == 1, f"{case}: COM takes no jagged rows"


def test_import_udfs_accepts_the_binding(host: Any) -> None:
    """xlwings' own import: writes the wrappers, registers help and category for each."""
    options: dict[str, dict[str, Any]] = {}
    sources: list[str] = []
    book = SimpleNamespace(
        Name="SalesPlan.xlam",
        VBProject=SimpleNamespace(VBComponents=_Components(sources)),
        Application=SimpleNamespace(Version="16.0", MacroOptions=lambda macro, **kw: options.setdefault(macro, kw)),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(host.udfs, "Book", lambda impl=None: SimpleNamespace(sheets=[]))
        patch.setattr(host.udfs, "__pro__", False)
        host.udfs.import_udfs("addin.desktop.functions", book)
    assert len(options) == len(catalogue())
    for name, entry in catalogue().items():
        said = options[f"'SalesPlan.xlam'!{PREFIX}{name}"]
        assert said["Description"] == entry.help.en
        assert f"Function {PREFIX}{name}(" in sources[0]


class _Components:
    def __init__(self, sources: list[str]) -> None:
        self._sources = sources

    def __call__(self, name: str) -> str:
        return name

    def Remove(self, component: str) -> None:  # noqa: N802 - Excel's name
        pass

    def Import(self, file: str) -> None:  # noqa: N802
        self._sources.append(Path(file).read_text())


def test_arguments_left_out_are_defaults(host: Any) -> None:
    given = [1_000_000, 0.3, MISSING, MISSING, MISSING]
    got = host.server.CallUDF(
        "addin.desktop.functions", "SALES_COMMISSION", ["zh", *map(float, given[:2]), *given[2:]], None, None
    )
    assert got == 12500  # the plan, chapter 5


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        (-2146826243, "#SPILL!"),  # xlwings leaves Excel's newer errors as numbers; read so they would be a silent wrong total
        (-2146826238, "#CALC!"),
        (-2146826281, "#DIV/0!"),
        (Decimal("12.34"), 12.34),  # a cell in currency format
        (7, 7.0),
        (-2146826000, -2146826000.0),
        (True, True),
        (None, None),
        ("", ""),
    ],
)
def test_cells_are_read_for_what_they_are(cell: Any, read: Any) -> None:
    assert cells_in([[cell]]) == [[read]]
    assert type(cells_in(cell)) is type(read)


def test_texts_follow_the_workbooks_language(host: Any) -> None:
    zh, en = (shown(call(host, "SALES_ROI", lang, [100, 0]))[1][0][0] for lang in ("zh", "en"))
    assert "费用" in zh and "without a cost" in en


def test_the_workbooks_as_of_date_is_the_clock() -> None:
    """As when the workbook is recalculated without Excel; afterwards the clock goes on."""
    entry: Any = SimpleNamespace(name="CLOCK", cells=lambda: udfs.formula.Spill([[policy.clock()]]))
    assert evaluate(entry, "zh 46660", []) == [[dt.datetime(2027, 9, 30)]]
    assert policy.clock() is None
    assert evaluate(entry, "zh", []) == [[None]]


def test_a_fault_of_ours_is_logged_and_shown_as_an_error_with_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback in a cell (a complaint about peers); the log has it."""
    monkeypatch.setenv("SALESPLAN_LOG", str(tmp_path / "log" / "salesplan.log"))

    def broken(*cells: Any) -> Any:
        raise RuntimeError("boom")

    entry: Any = SimpleNamespace(name="BROKEN", cells=broken)
    ((cell,),) = evaluate(entry, "en", [1.0])
    error = sentinel.read_error(cell)
    assert error == "#VALUE!" and "boom" in error.reason.en and "salesplan.log" in error.reason.en
    assert "Traceback" not in cell
    assert "RuntimeError: boom" in (tmp_path / "log" / "salesplan.log").read_text(encoding="utf-8")


def test_a_fault_inside_a_function_is_logged_by_every_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cell tells the user, the file tells support; nothing is printed in between."""
    monkeypatch.setenv("SALESPLAN_LOG", str(tmp_path / "log" / "salesplan.log"))
    monkeypatch.delenv(STRICT)
    entry = dataclasses.replace(catalogue()["ROI"], body=lambda revenue, cost: {}["no such table"])
    [[error]] = entry.cells(100.0, 20.0)
    assert error == "#VALUE!" and "ROI" in error.reason.en
    assert "KeyError: 'no such table'" in (tmp_path / "log" / "salesplan.log").read_text(encoding="utf-8")


def test_no_log_is_no_second_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SALESPLAN_LOG", str(tmp_path / "file" / "salesplan.log"))
    entry: Any = SimpleNamespace(name="BROKEN", cells=lambda *cells: 1 / 0)
    assert sentinel.read_error(evaluate(entry, "zh", [])[0][0]) == "#VALUE!"


def test_text_cannot_pose_as_an_error_or_a_note() -> None:
    forged = sentinel.of_error("#N/A", "forged")
    entry: Any = SimpleNamespace(name="ECHO", cells=lambda cell: udfs.formula.Spill([[cell]]))
    ((cell,),) = evaluate(entry, "zh", [forged])
    assert sentinel.MARK not in cell


def test_infinite_numbers_become_errors() -> None:
    entry: Any = SimpleNamespace(name="ECHO", cells=lambda: udfs.formula.Spill([[float("inf")]]))
    assert sentinel.read_error(evaluate(entry, "zh", [])[0][0]) == "#NUM!"


def test_arguments_have_names_vba_accepts() -> None:
    assert vba_name("on") == "on_" and vba_name("Date") == "Date_" and vba_name("revenue") == "revenue"
