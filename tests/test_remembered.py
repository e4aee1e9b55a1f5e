"""A sheet that was read before is not read again, unless what its cells point at means something else."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from tests.plans import sample_plan
from workbook_templates.xlsx import remembered
from workbook_templates.xlsx.package import Package
from workbook_templates.xlsx.plain_rows import CellTable


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    remembered._HELD.clear()


def made(*texts: str, date1904: bool = False) -> bytes:
    """A workbook with these texts, a number and a hidden row, as XlsxWriter writes it: the texts in the order they came."""
    book = xlsxwriter.Workbook(out := io.BytesIO(), {"in_memory": True, "date_1904": date1904})
    sheet = book.add_worksheet("Sheet")
    for row, text in enumerate(texts):
        sheet.write_string(row, 0, text)
    sheet.write_number(8, 0, 1.5)
    sheet.set_row(8, None, None, {"hidden": True})
    book.close()
    return out.getvalue()


def values(raw: bytes) -> list[object]:
    return [cell.value for cell in Package.from_bytes(raw).sheets["Sheet"].cells().values()]


def count_reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    reads: list[int] = []
    whole = CellTable.cells
    monkeypatch.setattr(CellTable, "cells", lambda table: (reads.append(1), whole(table))[1])
    return reads


def test_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reads = count_reads(monkeypatch)
    raw = made("甲", "乙")
    assert values(raw) == values(raw) == ["甲", "乙", 1.5] and len(reads) == 1
    assert Package.from_bytes(raw).sheets["Sheet"].hidden_rows() == {9}


def test_the_same_sheet_with_other_texts_is_read_anew() -> None:
    """Both sheets are the same bytes: index 0 and 1 of the texts."""
    one, other = made("甲", "乙"), made("乙", "丙")
    assert sheet_of(one) == sheet_of(other)
    assert values(one) == ["甲", "乙", 1.5] and values(other) == ["乙", "丙", 1.5]


def sheet_of(raw: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return archive.read("xl/worksheets/sheet1.xml")


def test_what_is_done_to_a_sheet_stays_its_own() -> None:
    raw = made("甲", "乙")
    changed = Package.from_bytes(raw)
    changed.sheets["Sheet"].set_values({(1, 1): "丁", (12, 1): 3.0})
    assert values(raw) == ["甲", "乙", 1.5]
    after = Package.from_bytes(changed.to_bytes())
    assert {at: cell.value for at, cell in after.sheets["Sheet"].cells().items()} == {
        (1, 1): "丁",
        (2, 1): "乙",
        (9, 1): 1.5,
        (12, 1): 3.0,
    }
    again = Package.from_bytes(raw)  # recalled, then changed and written
    again.sheets["Sheet"].set_values({(2, 1): "戊"})
    assert values(again.to_bytes()) == ["甲", "戊", 1.5]


def test_another_calendar_is_another_sheet() -> None:
    raw, other = made("甲"), made("甲", date1904=True)
    assert values(raw) == ["甲", 1.5] and sheet_of(raw) == sheet_of(other)
    found = remembered.find(remembered.key_of(sheet_of(raw)))
    assert found is not None and found.fits(Package.from_bytes(raw)) and not found.fits(Package.from_bytes(other))


def test_a_plan_opened_again_has_the_same_cells_and_arrays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sample_plan("zh", tmp_path)
    first = {name: (sheet.cells(), sheet.arrays, sheet.hidden_rows()) for name, sheet in Package.open(path).sheets.items()}
    reads = count_reads(monkeypatch)
    again = {name: (sheet.cells(), sheet.arrays, sheet.hidden_rows()) for name, sheet in Package.open(path).sheets.items()}
    assert first == again and len(reads) < len(first) / 10, "all but those that are written in an unusual way"


def test_only_so_much_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "MOST_BYTES", 2_000)
    for number in range(40):
        values(made(*[f"text {number}"] * (number % 7 + 1)))
    assert sum(held.size for held in remembered._HELD.values()) <= 2_000
    assert remembered.key_of(b" " * (remembered.MOST_BYTES_OF_A_SHEET + 1)) is None
