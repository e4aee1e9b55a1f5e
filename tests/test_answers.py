"""No field of a CSV of ours is run by whatever opens it: told by a judge of its own, not by the list the guard has."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from addin.actions import payroll, replay
from udfs.text import Text
from workbook_templates.answers import inert, looks_like_formula
from workbook_templates.chapters.incentives.pay.replay import Difference
from workbook_templates.mailed.writing import MailedSheet
from workbook_templates.transactions.report import write_rows
from workbook_templates.xlsx.package import Package

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "＋1", "－1", "＠A1", "﹦1", "﹢1", "﹣1", "﹫A", "⁼1", "₊1", "−1", "=\u03381",
             "\u200b=1",
             "\ufeff=1+1", "\u2060=1", "\u00ad=1", "\u202e=1", "\u180e=1", "\u034f=1", "\ufe0f=1", "\u3164=1", "\x00=1",
             " =1",
             "\u00a0=1",
             "\u3000=1",
             "\u2028=1", "\t=1", "\r=1", "\n=1", "\r\n=1", "\U000e0020=1", "\u200b \ufeff ＝cmd|'/c calc'!A0"]  # fmt: skip
HARMLESS = ["", "Lin", "林=1", "A-1", "1=1", "'=1", "（-1）", "≠1", "→", "100", "a@b.example", "ⅷ", "é", "—", "'"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_whatever_looks_like_a_formula_gets_an_apostrophe(text):
    assert looks_like_formula(text) and inert(text).startswith("'") and inert(text).replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize("text", HARMLESS)
def test_other_texts_stay_as_they_are(text):
    assert not looks_like_formula(text) and inert(text) == text


@pytest.mark.parametrize("number", [-5, -5.5, 0, True, None, dt.date(2027, 1, 1)])
def test_numbers_are_numbers(number):
    assert inert(number) is number


def runs(field: str) -> bool:
    """The judge: what a program sees that strips what shows nothing, and reads letters of all widths as one."""
    seen = re.sub(r"[\s\u115f\u1160\u3164\uffa0\u2800]", "", "".join(c for c in field if unicodedata.category(c)[0] not in "CZM"))
    return seen.startswith(("=", "+", "-", "@", "−")) or unicodedata.normalize("NFKC", seen).startswith(("=", "+", "-", "@"))


def fields(raw: str) -> list[str]:
    """Every field of a file, as read by its own separator, by others, and by a program that knows no quotes."""
    found: list[str] = []
    for separator in ",;\t":
        found += [field for row in csv.reader(io.StringIO(raw, newline=""), delimiter=separator) for field in row]
    return found + [part.lstrip('"') for part in re.split("[;\t\r\n]", raw)]


PIECES = st.lists(
    st.one_of(st.sampled_from([*DANGEROUS, *HARMLESS, ";", "\t", "\n", "\r\n", '"', ",", "x"]), st.text(max_size=4)), max_size=6
)


@given(PIECES.map("".join))
@example('x;"=1')
@example("x;\u200b＝1")
@example("x\r\n\t=1")
def test_no_program_finds_a_formula_in_a_field_of_ours(text):
    out = io.StringIO(newline="")
    csv.writer(out).writerow(["P1", inert(text), "end"])
    assert not [field for field in fields(out.getvalue()) if runs(field)], ascii(out.getvalue())
    if not runs(text) and not re.search("[;\t\r\n]", text) and unicodedata.category(text[:1] or "x") != "Cc":
        assert inert(text) == text


@given(st.text())
def test_the_guard_only_adds_apostrophes(text):
    assert inert(text).replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize("text", DANGEROUS)
def test_every_file_that_a_spreadsheet_opens_goes_through_the_guard(text, tmp_path):
    # The note of a line tells the reason of a hold, which people type.
    line = payroll.PayrollLine(text, -5.0, -5.0, 1, 0.0, 0.0, Text(text, text))
    paid = payroll.content("2027-03", [line], {text: text}).decode("utf-8-sig")
    replayed = replay.content([Difference(text, 0, -500)], {text: text}).decode("utf-8-sig")
    write_rows(tmp_path / "report.csv", ["value", "number"], iter([(text, -5)]))
    report = (tmp_path / "report.csv").read_text("utf-8-sig")
    (_, (period, person, name, whole, *_, note)), (_, (who, called, _, after, _)), (_, (value, number)) = (
        [*csv.reader(io.StringIO(raw, newline=""))][:2] for raw in (paid, replayed, report)
    )
    assert (period, whole, after, number) == ("2027-03", "-5.00", "-5.00", "-5")  # numbers stay what they are
    assert not any(map(runs, (person, name, note, who, called, value)))


@pytest.mark.parametrize("text", [*DANGEROUS, "'=1"])
def test_mailed_sheets_mark_such_texts_as_texts(text):
    sheet = MailedSheet("x", [10])
    sheet.put(1, 1, text)
    assert sheet.cells[1][1][3] == "inert"
    sheet.put(1, 1, "Lin")
    sheet.put(2, 1, -5.0, fmt="money")
    assert (sheet.cells[1][1][3], sheet.cells[2][1][3]) == ("text", "money")


def test_a_text_of_a_workbooks_file_is_no_formula_whatever_it_begins_with(tmp_path: Path) -> None:
    """Why the plan itself needs no guard: what is stored as a text is read as one."""
    made = io.BytesIO()
    openpyxl.Workbook().save(made)
    package = Package.from_bytes(made.getvalue())
    texts = [t for t in DANGEROUS if "\x00" not in t]
    (sheet,) = package.sheets.values()
    sheet.set_values({(row, 1): text for row, text in enumerate(texts, 1)})
    package.save(tmp_path / "plan.xlsx")
    cells = [row[0] for row in openpyxl.load_workbook(tmp_path / "plan.xlsx").active.iter_rows()]
    assert [cell.data_type for cell in cells] == ["s"] * len(texts)
