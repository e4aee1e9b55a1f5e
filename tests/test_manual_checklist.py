"""The manual checklist: a first sitting that fits its time, numbers that name one line each, and nothing called verified."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from udfs.formula import catalogue

LIST = Path(__file__).parents[1] / "docs" / "manual-checklist.md"
NUMBER = re.compile(r"[A-Z]\d+")


def rows() -> list[list[str]]:
    """Every line of a table, as its cells."""
    lines = (line for line in LIST.read_text(encoding="utf-8").split("\n") if line.startswith("| "))
    cells = ([c.strip() for c in re.split(r"(?<!\\)\|", line.strip("|"))] for line in lines)
    return [row for row in cells if row[0] != "#"]


def test_the_results_that_are_stated_are_the_functions() -> None:
    """In the checklist and on the pages about installing: what a person is told to see after a formula."""
    pages = (LIST, *LIST.parent.glob("install.*.md"))
    stated = [
        m
        for p in pages
        for m in re.findall(r"`=SALES_(\w+)\(([\d.,]+)\)`(?: gives | 得 |[^|]*\| )(\d[\d.]*)(?=[ ;（(.])", p.read_text("utf-8"))
    ]
    assert len(stated) >= 3
    for name, arguments, result in stated:
        assert catalogue()[name].cells(*map(float, arguments.split(","))) == [[float(result)]], (name, arguments)


def test_every_number_names_one_line() -> None:
    numbers = [row[0] for row in rows()]
    assert len(numbers) > 90 and all(NUMBER.fullmatch(n) for n in numbers)
    assert sorted({n for n in numbers if numbers.count(n) > 1}) == []


def test_lines_that_refer_to_others_refer_to_some() -> None:
    numbers = {row[0] for row in rows()}
    cells = {"A1", "A2", "A4", "A5", "B1", "C1", "C8", "C25", "S7", "S10"}
    for row in rows():
        assert set(re.findall(r"\b[ACDFIKLMPRSV]\d{1,2}\b", " ".join(row[1:]))) - cells <= numbers, row


def test_every_line_says_what_to_do_and_what_should_be_seen() -> None:
    for row in rows():
        assert len(row) == (4 if row[0].startswith("F") else 3) and all(row), row


def test_nothing_is_called_verified() -> None:
    text = LIST.read_text(encoding="utf-8")
    said = re.findall(r"(?i)\w*verified\b", text)
    assert set(map(str.lower, said)) == {"unverified"}
    assert not re.search(r"(?i)✓|☑|\[x\]|confirmed in excel|was seen in a real|works in excel", text)
    for section in re.split(r"(?m)^#+ ", text)[1:]:
        assert "nverified" in section or not re.search(r"(?m)^\| ", section), section.split("\n")[0]


def test_the_first_sitting_takes_45_minutes_and_comes_first() -> None:
    sitting = [row for row in rows() if row[0].startswith("F")]
    assert sum(int(row[1]) for row in sitting) == 45
    assert [row[0] for row in rows()[: len(sitting)]] == [f"F{n}" for n in range(1, len(sitting) + 1)]


@pytest.mark.parametrize(
    "risk",
    [
        "repair",
        "links",
        "#NAME?",
        "whether to save",
        "Save As",
        "golden file",
        "References",
        "SALES_WHY",
        "255 characters",
        "Ctrl\\+Alt\\+F9",
        "no workbook open",
        "chart sheet",
        "Protected View",
        "edited",
        "two minutes",
        "End Python",
        "second Excel",
        "Compute commissions",
        "Undo",
        "Filter",
        "OneDrive",
        "Help",
        "icon",
    ],
)
def test_the_first_sitting_meets_every_risk(risk: str) -> None:
    assert re.search(risk, " ".join(" ".join(row) for row in rows() if row[0].startswith("F"))), risk


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("Files and saving", "at once, from two windows"),
        ("Files and saving", "\\.NAME\\.lock"),
        ("Files and saving", "OneDrive.*recalc"),
        ("Mail", "long Chinese names.*Foxmail and QQ Mail"),
        ("The plan", "sheet's last row"),
        ("The plan", "`@` before a SALES_ function"),
        ("The plan", "海外与战队.*S7:S10"),
        ("The plan", "mc:AlternateContent"),
        ("The plan", "指标.*C25"),
        ("The plan", "K–M.*2016 and 2019"),
        ("The plan", "10,000 deals.*F9"),
        ("The plan", "启用章节"),
        ("The plan", "1904.*refuses"),
        ("The plan", "Checks: .*wrap"),
        ("The plan", "Fund & registrations"),
        ("Add-in", "HTML guide"),
        ("Add-in", "Alt, Y, S, then V; again with E"),
        ("Add-in", "No label is cut"),
        ("Phones, previews, WPS", "shared table of strings"),
        ("The plan", "WPS.*plan_commission_rates.*A:INDEX"),
        ("The plan", "German or French.*NUMBERVALUE"),
        ("The plan", "Insert a row inside a list on Settings"),
        ("The plan", "WPS and on a Mac.*将于 yyyy-mm-dd 变更"),
        ("The plan", "in WPS: add a person.*QUOTAMONTHS and PERSONACTUALS"),
        ("The plan", "Print 个人指标.*three pages at most"),
        ("The plan", "10,000 deals.*LINEACTUALS"),
        ("The plan", "hold rows, then click any button.*stay visible"),
        ("Add-in", "SALES_DRAW.*four columns"),
        ("Add-in", "SALES_VESTED.*new arguments"),
        ("Files and saving", "close without saving.*OneDrive.*seal file knows a lock"),
        ("Files and saving", "SalesPlanComputed.*WPS"),
        ("Channels", "without sales last year.*“–”"),
    ],
)
def test_what_only_excel_can_show_stands_under_its_heading(heading: str, said: str) -> None:
    sections = dict(re.findall(r"(?ms)^#+ ([^\n]+)\n(.*?)(?=^#+ |\Z)", LIST.read_text(encoding="utf-8")))
    assert any(re.search(said, line) for line in sections.get(heading, "").split("\n") if line.startswith("| ")), said
