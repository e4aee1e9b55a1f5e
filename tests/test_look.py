"""How a plan looks: what a reader relies on without knowing it. The specification of looks, its numbers and what is to be proved: design, §2 and §8."""

from __future__ import annotations

import ast
import io
import itertools
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from lxml import etree
from openpyxl.utils import get_column_letter
from openpyxl.xml.functions import tostring

from addin import actions
from addin.action import Action
from addin.registry import registered
from tests import shared
from tests.judge import office
from tests.plans import sample_plan, story_plan
from udfs.policy import OFTEN, POLICIES
from udfs.text import Text
from workbook_templates import recalc, registry
from workbook_templates.chapters import building
from workbook_templates.chapters.customers.sheets import tier_changes
from workbook_templates.chapters.sample import company
from workbook_templates.page import navigation, newest, style
from workbook_templates.page.builder import BANDS, FIRST_ROW, Page, Plan
from workbook_templates.page.ranked import Ranking, order_of, ranked
from workbook_templates.tables import schema
from workbook_templates.tables.schema import Company
from workbook_templates.xlsx.package import Package
from workbook_templates.xlsx.refs import Ref

ROOT = Path(__file__).parent.parent
LANGUAGES = ("zh", "en")


@cache
def plan(lang: str) -> Plan:
    return building.make(company(lang), lang)


@cache
def book(lang: str) -> openpyxl.Workbook:
    buffer = io.BytesIO()
    plan(lang).book.save(buffer)
    return openpyxl.load_workbook(io.BytesIO(buffer.getvalue()))


# ------------------------------------------------------------------------------------------------------------------ colours


def linear(color: str) -> np.ndarray:
    """A colour in linear light (IEC 61966-2-1)."""
    c = np.array([int(color[-6:][i : i + 2], 16) / 255 for i in (0, 2, 4)])
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(ink: str, ground: str) -> float:
    """WCAG 2.1, contrast ratio."""
    light, dark = sorted((float(linear(c) @ (0.2126, 0.7152, 0.0722)) for c in (ink, ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


# Machado, Oliveira, Fernandes 2009, severity 1: linear light as seen without one kind of cone.
SEEN = {
    "everybody": np.eye(3),
    "protan": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deutan": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
}


def lab(color: str, seen: np.ndarray) -> np.ndarray:
    """CIE 1976 L*a*b* under D65 of a colour as somebody sees it."""
    to_xyz = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
    xyz = to_xyz @ np.clip(seen @ linear(color), 0, 1) / (0.95047, 1.0, 1.08883)
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def pairs(workbook: openpyxl.Workbook) -> Iterator[tuple[str, str, str]]:
    """(where, ink, ground) of every cell that shows something and of every conditional format."""
    for sheet in workbook:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    ground = cell.fill.fgColor.rgb if cell.fill.fill_type == "solid" else "FFFFFF"
                    yield f"{sheet.title}!{cell.coordinate}", cell.font.color.rgb, ground
        for found in sheet.conditional_formatting:
            for rule in found.rules:
                if rule.dxf is not None and rule.dxf.fill is not None and rule.dxf.font is not None:
                    yield f"{sheet.title}!{found.sqref}", rule.dxf.font.color.rgb, rule.dxf.fill.bgColor.rgb


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_ink_is_read_on_its_ground(lang: str) -> None:
    worst = {(ink, ground): where for where, ink, ground in pairs(book(lang)) if contrast(ink, ground) < 4.5}
    assert worst == {}


def test_roles_can_be_told_apart_and_read() -> None:
    for name, role in style.ROLES.items():
        assert contrast(role.ink, role.ground or "FFFFFF") >= 4.5, name
    assert len(set(style.ROLES.values())) == len(style.ROLES)


@pytest.mark.parametrize("seen", SEEN)
def test_lights_are_told_apart_by_everybody(seen: str) -> None:
    for one, other in itertools.combinations((style.GREEN, style.AMBER, style.RED), 2):
        assert np.linalg.norm(lab(one, SEEN[seen]) - lab(other, SEEN[seen])) >= 20, (one, other)


def test_lights_have_a_shape_each() -> None:
    shapes = [light.shape for light in style.LIGHTS.values()]
    assert len(set(shapes)) == len(shapes)
    for color, light in style.LIGHTS.items():
        assert contrast(light.ink, color) >= 4.5


def test_words_that_are_judged_show_the_shape() -> None:
    """The verdict of each check: colour, and a shape from the number format, for the cell holds the plain word."""
    sheet = book("zh")["检查"]
    states = plan("zh").names["check_states"][1]
    rules = [rule for found in sheet.conditional_formatting if str(found.sqref) == states for rule in found.rules]
    shown = {rule.dxf.fill.bgColor.rgb[-6:]: rule.dxf.numFmt.formatCode for rule in rules if rule.dxf.numFmt is not None}
    assert {color: code.split(";")[-1] for color, code in shown.items()} == {
        style.GREEN: '"● "@',
        style.AMBER: '"▲ "@',
        style.RED: '"■ "@',
    }


def test_a_figure_keeps_its_format_beside_the_shape() -> None:
    assert style.shaped(style.RED, "0.0%") == '"■ "0.0%;"■ "-0.0%;"■ "0.0%;"■ "@'
    assert style.shaped(style.RED, "#,##0;[Red]-#,##0;0") == '"■ "#,##0;"■ "-#,##0;"■ "0;"■ "@'


# ------------------------------------------------------------------------------------------------------------------ numbers


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_number_format_has_a_condition(lang: str) -> None:
    """LibreOffice and SheetJS lose the minus of a number that falls into a section with a condition."""
    for sheet in book(lang):
        formats = {cell.number_format for row in sheet.iter_rows() for cell in row}
        formats |= {r.dxf.numFmt.formatCode for f in sheet.conditional_formatting for r in f.rules if r.dxf and r.dxf.numFmt}
        assert not [code for code in formats if re.search(r"\[[<>=]", code)], sheet.title


SHOWN = {
    "zh": {
        "420000000": "4.20亿",
        "-170000000": "-1.70亿",
        "-17320000": "-1732.0万",
        "8420": "8,420",
        "-5000": "-5,000",
        "0": "0",
    },
    "en": {"420000000": "420.0M", "-1700000": "-1.7M", "-17320": "-17k", "8420": "8,420", "-5000": "-5,000", "0": "0"},
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_money_is_shown_by_its_size_in_libreoffice(lang: str, tmp_path: Path) -> None:
    """Design §2: what LibreOffice showed; judged figures have their unit and their shape."""
    made = Plan(lang, Company("Company", 2027), strict=False)
    page = made.page("try", Text("试", "try"), Text("试", "to try"))
    made.define("master_check", page, "Z1")
    for row, value in enumerate(SHOWN[lang], 5):
        page.formula(f"B{row}", f"={value}", "scaled")
        page.formula(f"D{row}", f"={value}", "scaled")
        page.condition(f"D{row}", f"D{row}<0", style.RED)
        page.formula(f"F{row}", f"={value}", "scaled")
    page.heat(f"F5:F{4 + len(SHOWN[lang])}")
    made.finish().save(tmp_path / "try.xlsx")
    (shown,) = office.convert([tmp_path / "try.xlsx"], "pdf", tmp_path, recalc=office.RECALC_ALWAYS)
    text = office_text(shown)
    for value, said in SHOWN[lang].items():
        assert len(re.findall(rf"(?<![-\d]){re.escape(said)}(?![\d亿万Mk.])", text)) >= 3, (value, text)
        assert not value.startswith("-") or f"■ {said}" in text, (value, text)


def office_text(pdf: Path) -> str:
    return subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout


# ------------------------------------------------------------------------------------------------------------------ print


# Pages at most by what a sheet is in its chapter (design §2), and of the sheets that are of no chapter.
PAGES = {navigation.VIEW: 1, navigation.INPUT: 3, navigation.RESULT: 3, navigation.RECORD: 3}
CAPS = {"guide": 1, "settings": 3, "checks": 2, "problems": 3}  # a hundred watches, where the design has 45


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_whole_book_is_few_pages(lang: str, tmp_path: Path) -> None:
    """Design §2: at most 110 pages for 74 sheets, none of them of data, nothing too wide for its column; LibreOffice prints the plan as
    shipped. (There are 92 sheets.)"""
    pdf = shared.converted(sample_plan(lang, tmp_path), "pdf", recalc=office.RECALC_NEVER)
    pages = [page for page in office_text(pdf).split("\f") if page.strip()]
    heads = Counter(match[1].strip() for page in pages if (match := re.search(r"2027\s+(.+?)\s+·", page)))
    assert sum(heads.values()) == len(pages) <= 110
    assert "###" not in "".join(pages)
    assert min(inks(pdf, tmp_path)) >= 0.005, "no page is all but empty"
    for page in plan(lang).pages.values():
        most = CAPS.get(page.key, PAGES[page.part or navigation.VIEW])
        assert 0 < heads[page.sheet.title] <= most, (page.key, heads[page.sheet.title])


def inks(pdf: Path, folder: Path) -> list[float]:
    """How much of each page is not white."""
    subprocess.run(["pdftoppm", "-r", "20", "-gray", pdf, folder / "page"], check=True)
    found = []
    for path in sorted(folder.glob("page*.pgm")):
        _, size, _, body = path.read_bytes().split(b"\n", 3)
        width, height = map(int, size.split())
        found.append(float((np.frombuffer(body, np.uint8)[: width * height] < 250).mean()))
    return found


def areas(page: Page) -> list[Ref]:
    """What is printed of a sheet, page by page from left to right."""
    asked = [part.rpartition("!")[2].replace("$", "") for part in str(page.sheet.print_area or "").split(",") if part]
    ends = [chart.anchor.to for chart in page.sheet._charts]
    whole = Ref(1, 1, max([page.sheet.max_row, *(e.row + 1 for e in ends)]), max([page.sheet.max_column, *(e.col for e in ends)]))
    return [Ref.parse(area) for area in asked] or [whole]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_are_printed_at_70_percent_at_least(lang: str) -> None:
    """A4 landscape has room for 146 digits at full size; a sheet is as wide as its columns."""
    small = {}
    for page in plan(lang).pages.values():
        wide = page.sheet.page_setup.fitToWidth
        for area in areas(page):
            letters = [get_column_letter(column) for column in range(area.first_col, area.last_col + 1)]
            there = page.sheet.column_dimensions
            width = sum(
                (there[letter].width if letter in there else 9)
                for letter in letters
                if not (letter in there and there[letter].hidden)
            )
            if 146 * wide / width < 0.7:
                small[page.key] = round(146 * wide / width, 2)
    assert small == {}


def outside(page: Page) -> list[str]:
    """Cells with something to read that are not on paper, though they are not folded away."""
    sheet, printed = page.sheet, areas(page)
    rows, columns = sheet.row_dimensions, sheet.column_dimensions
    return [
        cell.coordinate
        for (row, column), cell in sheet._cells.items()
        if cell.value is not None
        and cell.number_format != ";;;"
        and not any(area.holds((row, column)) for area in printed)
        and not (row in rows and rows[row].hidden)
        and not ((letter := get_column_letter(column)) in columns and columns[letter].hidden)
    ]


def _room(sheet: Any, cell: Any) -> float:
    """How wide a text may become: its cell or what it is merged with, and blank cells on the sides to which it runs over."""
    whole = next((span for span in sheet.merged_cells.ranges if cell.coordinate in span), None)
    first, last = (whole.min_col, whole.max_col) if whole else (cell.column, cell.column)
    width = sum(sheet.column_dimensions[get_column_letter(column)].width for column in range(first, last + 1))
    if cell.alignment.shrink_to_fit or cell.alignment.wrap_text:
        return float("inf")
    if whole or cell.alignment.horizontal == "center":
        return width
    while last < sheet.max_column and sheet.cell(cell.row, last + 1).value in (None, ""):
        last += 1
        width += sheet.column_dimensions[get_column_letter(last)].width
    return width


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_text_that_a_view_shows_is_cut(lang: str, tmp_path: Path) -> None:
    """As it stands with the sample's names, routes and owners: what formulas say is as long as what people call things."""
    book = openpyxl.load_workbook(story_plan(lang, tmp_path), data_only=True)
    views = [sheet for sheet in book if re.match(r"\d|屏|Screen|驾驶舱|Cockpit|问题|Problems", sheet.title)]
    assert len(views) >= 18
    cut = []
    for sheet in views:
        shown = [
            cell for part in str(sheet.print_area or "A1:M60").split(",") for row in sheet[_area(part, sheet)] for cell in row
        ]
        for cell in shown:
            if isinstance(cell.value, str) and style.display_width(cell.value) * 0.95 > (room := _room(sheet, cell)) + 2:
                cut.append((sheet.title, cell.coordinate, cell.value, round(room)))
    assert cut == []


def _area(part: str, sheet: Any) -> str:
    """A printed area as far as there are rows."""
    area = Ref.parse(part.rpartition("!")[2].replace("$", ""))
    return f"{get_column_letter(area.first_col)}{area.first_row}:{get_column_letter(area.last_col)}{min(area.last_row, sheet.max_row)}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_says_that_there_is_more(lang: str) -> None:
    """Price approvals, Cases, Rules, Contracts and Customer care left out what stands to the right without a word."""
    cut = {page.key: outside(page) for page in plan(lang).pages.values()}
    assert len([key for key, cells in cut.items() if cells]) > 20, "the test sees them"
    assert [key for key, cells in cut.items() if cells and not plan(lang).pages[key].sheet.oddFooter.left.text] == []


# A screen, the cockpit and the map are looked at as one picture: the design's own layout of 47 rows is printed at 59 %.
LEAST_TALL = {True: 0.58, False: 0.695}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_made_to_fit_one_page_is_read_all_the_same(lang: str) -> None:
    """A sheet that is fitted to the height of a page is smaller by its height, too: Delivery was printed at 53 %."""
    small = {}
    for page in plan(lang).pages.values():
        if page.sheet.page_setup.fitToHeight != 1:
            continue
        rows, charts = page.sheet.row_dimensions, [chart.last_row for chart in charts_of(page)]
        last = min(areas(page)[0].last_row, max([*(row for row, _ in page.sheet._cells), *charts]))
        heights = (
            0 if row in rows and rows[row].hidden else (rows[row].height if row in rows else None) or 17
            for row in range(1, last + 1)
        )
        scale = 500 / sum(heights)
        if scale < LEAST_TALL[page.whole]:
            small[page.key] = round(scale, 3)
    assert small == {}
    assert {page.key for page in plan(lang).pages.values() if page.whole} == {
        "guide",
        "cockpit",
        *(f"screen{n}" for n in range(1, 6)),
    }


def shown(lang: str, folder: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(sample_plan(lang, folder), data_only=True)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_records_begin_with_the_newest(lang: str, tmp_path: Path) -> None:
    """Design, section 7: approvals in five columns without a checksum, tier changes with the word and the reason; the Tables stay as written."""
    workbook = shown(lang, tmp_path)
    for key, table, by, columns in (("approvals", "Approvals", "period", 5), ("tier_changes", "TierChanges", "customer", 7)):
        page = plan(lang).pages[key]
        sheet, spec = workbook[page.sheet.title], schema.table(table)
        heads = [cell.value for cell in sheet[6][1:] if cell.value]
        assert len(heads) == columns
        at = 2 + heads.index(getattr(spec[by].header, lang))
        written = [row[by] for row in plan(lang).company.of(table)]
        assert [sheet.cell(row, at).value for row in range(7, 12)] == written[:-6:-1], key
        (area,) = areas(page)
        assert area.last_row < Ref.parse(page.sheet.tables[table].ref).first_row, "what is printed is the list"
    approvals = plan(lang).pages["approvals"].sheet
    head = next(
        cell
        for row in approvals.iter_rows()
        for cell in row
        if cell.value == getattr(schema.table("Approvals")["hash"].header, lang)
    )
    assert approvals.column_dimensions[head.column_letter].hidden
    moves = workbook[plan(lang).pages["tier_changes"].sheet.title]
    for row in range(7, 27):
        up, down = getattr(tier_changes.UP, lang), getattr(tier_changes.DOWN, lang)
        before, after, word = (moves[f"{letter}{row}"].value for letter in "EFG")
        assert word == (
            getattr(tier_changes.NEW, lang) if not before else up if "SABC".index(after) < "SABC".index(before) else down
        )


FOLDED = {
    "Dealers": {"contact", "email"},
    "Outbox": {"email", "file", "message", "digest"},
    "MailLog": {"email", "hash", "message"},
    "Statements": {"hash", "lines", "seal"},
    "Approvals": {"hash", "user"},
}


@pytest.mark.parametrize("table", FOLDED)
def test_addresses_and_checksums_are_folded_away(table: str) -> None:
    """Design, section 7: not printed, and in nobody's way on the screen."""
    spec, made = schema.table(table), plan("zh")
    sheet = made.book[made.tables[table]]
    left = Ref.parse(sheet.tables[table].ref).first_col
    for key in FOLDED[table]:
        letter = get_column_letter(left + list(spec.by_key).index(key))
        assert sheet.column_dimensions[letter].hidden, key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_rows_that_wait_have_no_lines(lang: str) -> None:
    """Checks and Growth showed boxes with nothing in them; lines come with what stands in the row."""
    for key, ref in (("checks", "C15"), ("growth", "B10"), ("approvals", "B7"), ("change_log", "B7"), ("tier_changes", "B7")):
        page = plan(lang).pages[key]
        assert getattr(page.sheet[ref].border.left, "style", None) is None, key
        rules = [rule for found in page.sheet.conditional_formatting for rule in found.rules if rule.dxf and rule.dxf.border]
        assert rules, key


def test_managers_show_no_weight_and_no_customers() -> None:
    page = plan("zh").pages["people"]
    keys = list(schema.table("People").by_key)
    for key in ("quota_weight", "customers"):
        assert page.sheet.cell(7, 2 + keys.index(key)).number_format.endswith(";"), key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_verdict_and_money_stand_first(lang: str, tmp_path: Path) -> None:
    """Channels begins with who has to leave and with money withheld; a dealer's row says how it stands; Budget says the cut in words."""
    workbook = openpyxl.load_workbook(story_plan(lang, tmp_path), data_only=True)
    channels = workbook[plan(lang).pages["channels"].sheet.title]
    assert [channels[f"B{row}"].value for row in (6, 7, 8)] == {
        "zh": ["启动退出", "预警", "暂扣返利"],
        "en": ["To leave", "Warned", "Withheld"],
    }[lang]
    dealers = workbook[plan(lang).pages["dealers"].sheet.title]
    standing = {dealers[f"B{row}"].value: dealers[f"L{row}"].value for row in range(7, 18)}
    assert standing["V05"] == {"zh": "启动退出", "en": "Start exit"}[lang]
    assert standing["V08"] == {"zh": "预警", "en": "Warning"}[lang]
    assert dealers["M8"].value, "the conflict stands beside the row"
    said = workbook[plan(lang).pages["budget"].sheet.title]["B9"].value
    assert re.search({"zh": r"下月计划削减 \d", "en": r"next month is cut by \d"}[lang], said) and "−" not in said


PAPER, TALL = 146 / 0.7, 501.0  # columns of a digit across a page at 70 %; points from its top to its foot at full size


def blocks(page: Page) -> list[Ref]:
    """What stands together on a sheet: cells side by side or below each other, and each chart. What is folded away is not there."""
    sheet, top = page.sheet, FIRST_ROW
    shown = {at for at, cell in sheet._cells.items() if at[0] >= top and cell.value is not None}
    for cell in sheet._cells.values():
        ref = getattr(cell.value, "ref", "")
        if ref and ":" in ref:
            area = Ref.parse(ref)
            shown |= set(itertools.product(range(area.first_row, area.last_row + 1), range(area.first_col, area.last_col + 1)))
    columns, rows = sheet.column_dimensions, sheet.row_dimensions
    folded = {
        column for column in range(1, sheet.max_column + 1) if (at := get_column_letter(column)) in columns and columns[at].hidden
    }
    left = {(row, column) for row, column in shown if column not in folded and not (row in rows and rows[row].hidden)}
    found = []
    while left:
        reached = [left.pop()]
        for row, column in reached:  # grows as it goes
            beside = {(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)} & left
            left -= beside
            reached += beside
        found.append(Ref(*map(min, zip(*reached, strict=True)), *map(max, zip(*reached, strict=True))))
    return [*found, *charts_of(page)]


def charts_of(page: Page) -> list[Ref]:
    """The cells under each chart."""
    anchors = [chart.anchor for chart in page.sheet._charts]
    return [Ref(a._from.row + 1, a._from.col + 1, a.to.row + 1, a.to.col) for a in anchors]


def across(page: Page, first: int, last: int) -> float:
    """How wide some columns are on paper."""
    there = page.sheet.column_dimensions
    letters = [get_column_letter(column) for column in range(first, last + 1)]
    return sum(there[at].width if at in there else 9 for at in letters if not (at in there and there[at].hidden))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_page_cuts_what_stands_together(lang: str) -> None:
    """A page ends between two blocks. One Table that is wider than a page ends at a column of its own, and a long one is not printed; the
    foot of the page says both. Charts are never cut, to the side or at the end of a page."""
    wrong = {}
    for page in plan(lang).pages.values():
        says = str(page.sheet.oddFooter.left.text or "")
        tables = [Ref.parse(table.ref) for table in page.sheet.tables.values()]
        for area in areas(page):
            for block in (next((table for table in tables if table.meets(found)), found) for found in blocks(page)):
                if (
                    not area.meets(block)
                    or not across(page, area.last_col + 1, block.last_col)
                    or (area.first_col <= block.first_col and block.last_col <= area.last_col)
                ):
                    continue
                begins = max(area.first_col, 2) == max(block.first_col, 2) or area.first_col == block.first_col
                is_table = any(table.meets(block) for table in tables)
                too_wide = begins and is_table and across(page, block.first_col, block.last_col) > PAPER - 12
                unprinted = any(table.last_row - table.first_row > 1 and table.first_row >= area.last_row for table in tables)
                if not (says and (too_wide or unprinted)) or block in charts_of(page):
                    wrong[page.key] = f"{block} of {area}"
            broken = [chart for chart in charts_of(page) if area.meets(chart) and _broken(page, area, chart)]
            if broken:
                wrong[page.key] = f"{broken[0]} over the end of a page"
    assert wrong == {}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_charts_cover_nothing(lang: str) -> None:
    """No chart stands on a heading, a figure or another chart: one hid the names of the regions on Quotas."""
    covered = []
    for page in plan(lang).pages.values():
        charts = charts_of(page)
        cells = [at for at, cell in page.sheet._cells.items() if at[0] >= FIRST_ROW and cell.value is not None]
        for chart in charts:
            rows, columns = range(chart.first_row, chart.last_row + 1), range(chart.first_col, chart.last_col + 1)
            covered += [f"{page.key}: {chart} on {at}" for at in cells if at[0] in rows and at[1] in columns]
        covered += [f"{page.key}: {a} on {b}" for a, b in itertools.combinations(charts, 2) if a.meets(b)]
    assert covered == []


def _broken(page: Page, area: Ref, chart: Ref) -> bool:
    """Whether a chart stands on two pages, one below the other."""
    if page.sheet.page_setup.fitToHeight == 1:
        return False
    rows = page.sheet.row_dimensions
    tall = [(rows[row].height if row in rows else None) or 17.0 for row in range(1, chart.last_row + 1)]
    scale = min(1.0, 146 / across(page, area.first_col, area.last_col))
    ends, used = [], 0.0
    for row, height in enumerate(tall, 1):
        used += height * scale
        if used > TALL:
            ends.append(row)
            used = (sum(tall[:3]) + height) * scale  # the title block stands on every page
    return any(chart.first_row < row <= chart.last_row for row in ends)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_wide_tables_stand_in_three_bands(lang: str) -> None:
    """Who, what is judged of it, what is only looked up: folded, and neither on paper nor among the first columns."""
    wide = [spec for spec in schema.TABLES.values() if len(spec.columns) > 15]
    assert len(wide) >= 5
    for spec in wide:
        assert spec.identity and spec.judged and spec.details, spec.name
        assert [c.key for c in spec.columns] == [*spec.identity, *spec.judged, *spec.details]
        assert len(spec.identity) + len(spec.judged) <= 15
        sheet = plan(lang).book[plan(lang).tables[spec.name]]
        table = Ref.parse(sheet.tables[spec.name].ref)
        starts = (0, len(spec.identity), len(spec.identity) + len(spec.judged))
        for start, (name, _) in zip(starts, BANDS, strict=True):
            assert str(sheet.cell(table.first_row - 2, table.first_col + start).value).startswith(getattr(name, lang)), spec.name
        page = next(page for page in plan(lang).pages.values() if page.sheet is sheet)
        folded = table.first_col + starts[2]
        assert not any(area.first_col <= folded <= area.last_col for area in areas(page) if sheet.print_area), spec.name


def test_months_of_a_schedule_are_folded_and_not_printed() -> None:
    page = plan("zh").pages["package"]
    first = int(re.sub(r"\D", "", plan("zh").names["package_schedule"][1].split(":")[0]))
    assert all(page.sheet.row_dimensions[row].hidden for row in range(first - 2, first + 602)), "fifty years of months"
    assert all(area.last_row < first - 2 for area in areas(page))


def test_mail_and_ratings_of_people_are_not_printed() -> None:
    """Design, section 7: ratings in a collapsed band, no e-mail in print; who is there has a light."""
    page, headers = plan("zh").pages["people"], {}
    for cell in page.sheet[6]:
        headers[cell.value] = cell.column_letter
    for header in ("邮箱", "绩效", "潜力", "价值观", "九宫格"):
        letter = headers[header]
        assert page.sheet.column_dimensions[letter].hidden, header
        column = openpyxl.utils.column_index_from_string(letter)
        assert not any(area.first_col <= column <= area.last_col for area in areas(page)), header
    assert areas(page)[0].last_row > 100, "the people themselves are"
    judged = {str(found.sqref) for found in book("zh")["人员"].conditional_formatting}
    assert any(ref.startswith(f"{headers['状态']}7") for ref in judged)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_long_tables_are_not_printed(lang: str) -> None:
    for sheet in book(lang):
        for table in sheet.tables.values():
            top, last = (int(number) for number in re.findall(r"\d+", table.ref))
            if last - top > 200:
                printed = re.findall(r"\d+", sheet.print_area)
                assert int(printed[-1]) < top, sheet.title
                assert sheet.oddFooter.left.text, "and it says so"


# ------------------------------------------------------------------------------------------------------------------ charts


def chart_parts(lang: str) -> Iterator[tuple[str, etree._Element]]:
    """(title of the sheet, chart) of a plan's own sheets."""
    for page in plan(lang).pages.values():
        for chart in page.sheet._charts:
            yield page.sheet.title, etree.fromstring(tostring(chart._write()))


C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_names_of_lines_do_not_cover_each_other(lang: str) -> None:
    """Three scenarios had their names on the same point of the same side."""
    wrong = []
    for title, chart in chart_parts(lang):
        for lines in chart.iter(f"{C}lineChart"):
            if len(lines.findall(f"{C}ser")) < 2:
                continue
            named = [
                (label.find(f"{C}idx").get("val"), label.find(f"{C}dLblPos").get("val"))
                for label in lines.iter(f"{C}dLbl")
                if label.find(f"{C}showSerName") is not None and label.find(f"{C}dLblPos") is not None
            ]
            wrong += [title] * (len(named) > len(set(named)))
    assert wrong == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_charts_say_what_they_show(lang: str) -> None:
    """The title is a cell's text, series are named where they end and in no legend, and there is one value axis."""
    found = list(chart_parts(lang))
    assert len(found) >= 10
    data = plan(lang).pages["chart_data"].sheet
    for title, chart in found:
        (heading,) = chart.findall(f"{C}chart/{C}title/{C}tx/{C}strRef/{C}f")
        cell = heading.text.rpartition("!")[2].replace("$", "")
        assert heading.text.startswith(f"'{data.title}'!") and str(
            getattr(data[cell].value, "text", data[cell].value)
        ).startswith("="), title
        assert chart.find(f"{C}chart/{C}legend") is None, title
        assert len(chart.findall(f".//{C}valAx")) <= (
            2 if any(chart.find(f".//{C}{kind}Chart") is not None for kind in ("scatter", "bubble")) else 1
        ), title
        series = chart.findall(f".//{C}ser")
        named = [s for s in series if any(n.get("val") == "1" for n in s.iter(f"{C}showSerName"))]
        assert len(series) == 1 or named == series, title
        drawn = [n.text for s in series for n in s.iter(f"{C}f")]
        assert drawn and all(_stands(lang, text) for text in drawn), title


def _stands(lang: str, text: str) -> bool:
    """Whether what is drawn is there: on a sheet that is there still, not under the chart."""
    title, _, cells = text.rpartition("!")
    sheet = plan(lang).book[title.strip("'")]
    return sheet[cells.replace("$", "").split(":")[0]].value is not None or cells.count(":") > 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_charts_have_points_where_nobody_computes(lang: str, tmp_path: Path) -> None:
    """A viewer without formulas draws what is kept in the file."""
    package = Package.open(sample_plan(lang, tmp_path))
    charts = [part for part in package.parts() if "/charts/chart" in part]
    assert len(charts) >= 10
    for part in charts:
        points = list(package.root(part).iter(f"{C}pt"))
        assert len(points) >= 3 and all(n.findtext(f"{C}v") for n in points), part


# Blocks of the chart data that are drawn against what is to be reached: 100 % of the plan, the contract's exit limit, the days of stock,
# the plan's profit floor (rules, chapters 4 and 11).
LIMITS = {"cd_regions": 1.0, "cd_dealers": 0.8, "cd_stock": 90.0, "cd_whatif": 63_000_000.0}


def test_what_is_to_be_reached_is_drawn_as_a_series_of_its_own(tmp_path: Path) -> None:
    """Design §2, chart rule 2, and §8: where the watch has a target, the chart has it too, named, with a point for each bar."""
    package = Package.open(sample_plan("zh", tmp_path))
    for block, limit in LIMITS.items():
        place = package.locate(block)
        assert place is not None, block
        (chart,) = (c for c in package.charts() if any(ref.sheet == place[0] and place[1].meets(ref.area) for ref in c.refs))
        series = package.root(chart.part).findall(f".//{C}ser")
        assert len(series) == 2, block
        (drawn,) = series[-1].findall(f"{C}val")
        points = [float(node.text) for node in drawn.iter(f"{C}v")]
        assert set(points) == {limit}, block
        solid = [float(node.text) for node in series[0].find(f"{C}val").iter(f"{C}v")]
        assert len(points) == len(solid) + 1, "a bar each, and one alone on top that bears the name"
        (label,) = series[-1].findall(f"{C}dLbls/{C}dLbl")
        assert (label.find(f"{C}idx").get("val"), label.find(f"{C}showSerName").get("val")) == ("0", "1")


@pytest.mark.parametrize(
    ("low", "others", "first", "rest"),
    [(True, "mean", ("V01", 1.0), (13 + 14 + 15 + 15 + 12) / 5), (False, "sum", ("V14", 15.0), 1 + 2 + 3 + 4 + 5)],
)
def test_ranked_bars_are_twelve_at_most(low: bool, others: str, first: tuple[str, float], rest: float, tmp_path: Path) -> None:
    """Design §2, chart rule 5: worst on top, at most twelve, all others together in the last; equals are told apart."""
    values = [*map(float, range(1, 14)), 15.0, 15.0, 14.0]
    made = Plan("zh", Company("甲", 2027), strict=False)
    page = made.page("try", Text("试", "try"), Text("试", "to try"))
    made.define("master_check", page, "Z1")
    for row, value in enumerate(values, 5):
        page.input(f"B{row}", f"V{row - 4:02}", "text")
        page.input(f"C{row}", value, "number")
    made.define("names", page, f"B5:B{4 + len(values)}")
    made.define("found", page, f"C5:C{4 + len(values)}")
    what = Ranking(
        "names", "found", order_of("names"), Text("值", "value"), "number", low, others, limit="7", limit_head=Text("线", "limit")
    )
    drawn = ranked(made, "cd_try", Text("排名", "ranking"), what)
    made.put_away(drawn.data)
    made.finish().save(tmp_path / "try.xlsx")
    package = Package.open(tmp_path / "try.xlsx")
    recalc.recalculate(package)
    place = package.locate("cd_try")
    assert place is not None
    sheet, area = place
    cells = package.sheets[sheet].cells()
    rows = [
        tuple(getattr(cells.get((row, column)), "value", None) for column in range(area.first_col, area.last_col + 1))
        for row in range(area.first_row + 1, area.last_row + 1)
    ]
    assert len(rows) == 13 and rows[0] == (None, None, 7.0)
    assert rows[1][:2] == first and {row[2] for row in rows} == {7.0}
    assert rows[-1][:2] == (f"其余 {len(values) - 11}", pytest.approx(rest))
    assert len({row[0] for row in rows[1:]}) == 12


# ------------------------------------------------------------------------------------------------------------------ roles


@pytest.mark.parametrize("lang", LANGUAGES)
def test_columns_of_tables_look_as_what_they_are(lang: str) -> None:
    """Violet where a button writes, open where people do, black or green for formulas."""
    for sheet in book(lang):
        for table in sheet.tables.values():
            spec = schema.TABLES[table.name]
            for cell, column in zip(sheet[table.ref][1], spec.columns, strict=True):
                role, where = spec.role(column), f"{table.name}.{column.key}"
                written = spec.by_program or column.by_program
                ink, ground = cell.font.color.rgb[-6:], cell.fill.fgColor.rgb[-6:] if cell.fill.fill_type else ""
                if column.formula:
                    assert ink in (style.FORMULA, style.CROSS), where
                    continue
                assert (role == "written") == written, where
                assert (ink, ground) == (style.ROLES[role].ink, style.ROLES[role].ground), where
                assert cell.protection.locked == written, where


# Columns that a button writes and people write too: (Table, column) → why they are no violet.
SHARED = {
    ("Deals", "collected"): "typed where no cash is entered",
    ("Deals", "delivered"): "typed where no project is open",
    ("Opportunities", "outcome"): "people may close it",
    ("Opportunities", "closed_on"): "people may close it",
    ("Projects", "promised"): "people may type it",
    ("Projects", "agreed_by"): "people may type it",
    ("Projects", "first_promised"): "people may type it",
    ("Projects", "shipped_on"): "people may type it",
    ("Projects", "ship_value"): "people may type it",
    ("Holds", "until"): "people may type it",
    ("Quotas", "weight"): "people decide it",
}


def edited() -> Iterator[tuple[str, str]]:
    """(Table, column) that code names when it edits rows: ``edit("Budget", place, approved=…)``."""
    for folder in ("addin", "workbook_templates"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "edit" and node.args:
                    table = node.args[0]
                    if isinstance(table, ast.Constant) and table.value in schema.TABLES:
                        yield from ((str(table.value), keyword.arg) for keyword in node.keywords if keyword.arg)


def test_columns_that_buttons_edit_are_marked_so() -> None:
    found = set(edited())
    assert {("Budget", "approved"), ("Ledger", "status")} <= found, "the search finds nothing any more"
    for table, key in found:
        spec = schema.TABLES[table]
        if key in spec.by_key and (table, key) not in SHARED:
            assert spec.by_program or spec[key].by_program, (table, key)


def test_buttons_named_above_columns_exist() -> None:
    labels = {thing.label for thing in registered(actions.__name__, "ACTION", Action).values()}
    for spec in schema.TABLES.values():
        for column in spec.columns:
            by = spec.button(column)
            assert not by.zh or by in labels, f"{spec.name}.{column.key}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_cap_says_which_button_writes(lang: str) -> None:
    sheet = book(lang)[plan(lang).tables["TierChanges"]]
    assert sheet[f"B{newest.TOP - 2}"].value == ("由“刷新客户分级”写入" if lang == "zh" else "Written by “Refresh tiers”")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_inputs_are_open(lang: str) -> None:
    for sheet in book(lang):
        for row in sheet.iter_rows():
            for cell in row:
                if (
                    cell.fill.fill_type == "solid"
                    and cell.fill.fgColor.rgb[-6:] == style.INPUT_FILL
                    and cell.font.color.rgb[-6:] == style.INPUT
                ):
                    assert not cell.protection.locked or sheet.title in ("说明", "Guide"), f"{sheet.title}!{cell.coordinate}"


# ------------------------------------------------------------------------------------------------------------------ structure


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_strip_leads_to_sheets_that_are_there(lang: str) -> None:
    titles = [sheet.title for sheet in book(lang)]
    for number, sheet in enumerate(book(lang)):
        links = {c.coordinate: c.hyperlink.location.rpartition("!")[0].strip("'") for c in sheet[navigation.ROW] if c.hyperlink}
        assert set(links.values()) <= set(titles)
        home = titles[0]
        assert links.get("B2", home) == home and sheet["B2"].value.endswith(home)
        assert links.get("C2") == (titles[number - 1] if number else None)
        assert links.get("D2") == (titles[number + 1] if number + 1 < len(titles) else None)
        assert sheet["G2"].value == "=master_check"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_links_of_formulas_can_be_computed_by_every_program(lang: str) -> None:
    """LibreOffice computes HYPERLINK whenever it opens a file: what it does not know would blank the cell."""
    cells = [(sheet.title, cell.coordinate, str(cell.value)) for sheet in book(lang) for row in sheet.iter_rows() for cell in row]
    links = [cell for cell in cells if "HYPERLINK(" in cell[2]]
    assert len(links) > 20 and not [link for link in links if re.search(r"_xlfn|SALES_|#[,)]", link[2])]


def test_the_strip_passes_over_hidden_chapters() -> None:
    rows = {name: [] for name in schema.TABLES}
    made = building.make(Company("Company", 2027, rows=rows, chapters=frozenset({1, 5, 11})), "zh")
    hidden = {p.sheet.title for p in made.pages.values() if p.chapter is not None and p.chapter.number in (2, 3, 4)}
    shown = [p for p in made.pages.values() if p.sheet.title not in hidden]
    for page in shown:
        for cell in ("C2", "D2"):
            link = page.sheet[cell].hyperlink
            assert link is None or link.location.rpartition("!")[0].strip("'") not in hidden


@pytest.mark.parametrize("lang", LANGUAGES)
def test_tabs_stand_by_chapter_in_their_colours(lang: str) -> None:
    made = plan(lang)
    order = [next(p for p in made.pages.values() if p.sheet.title == sheet.title) for sheet in book(lang)]
    assert order[0].key == "cockpit"
    groups = [99 if page.part == navigation.RECORD else page.chapter.number for page in order if page.chapter]
    assert groups == sorted(groups)
    for page, sheet in zip(order, book(lang), strict=True):
        assert page.chapter is not None
        colour = navigation.RECORD_TAB if page.part == navigation.RECORD else page.chapter.colour
        assert sheet.sheet_properties.tabColor.rgb[-6:] == colour
    for number in registry.numbered():
        parts = [
            navigation.PARTS.index(p.part)
            for p in order
            if p.chapter and p.chapter.number == number and p.part != navigation.RECORD
        ]
        assert parts == sorted(parts) and parts[0] == 0, number


# Which Tables stand on which sheet (design §1): those not named here have a sheet called as they are.
HOMES = {
    "1 市场": {"Regions"}, "2 客户经营": {"ServiceStaff"}, "渠道培训": {"Exams", "Lessons"}, "基金与报备": {"Fund", "Registrations"},
    "海外与战队": {"Installers", "OverseasVisits", "Squads"}, "分单与回款": {"Credits", "Collections"}, "异动与预支": {"Transfers", "Draws"},
    "规则与变更": {"Rules", "TierTables", "QuotaChanges"}, "分享与股权": {"Pool", "Grants"}, "11 费用": {"Budget"}, "12 里程碑": {"Milestones"},
    "周会月会": {"Meetings", "Okrs", "CoachingPlans"}, "信用": {"CreditScores"}, "合同": {"Contracts", "ContractClauses", "Signatures", "ClauseLibrary"},
    "出口": {"ExportChecks", "ExportControls", "CountryControls", "HsControls"}, "碳排": {"Travel", "Shipments", "Booths", "CarbonFactors"},
    "10 成长": {"GrowthLog", "Articles", "Shadows", "JointDays", "Stars"}, "人才盘点": {"TalentReviews"}, "客户价值": {"ClvModel"},
    "高层握手": {"Visits"}, "岗位与放行": {"Roles", "Waivers"},
    "宏观指标": {"Indicators", "IndicatorValues", "AdoptionSeries", "AdoptionPoints", "AdoptionAhead"}, "因素与政策": {"Factors", "FactorRatings", "PolicyWatch"},
    "模块库": {"Products", "FlexModules", "Scenarios"}, "案例库": {"Cases", "MatchLog"},
    "投放": {"Campaigns", "AdSpend", "Benchmarks", "Creatives"}, "内容与活动": {"Contents", "KeywordRanks"},
    "活动": {"Events", "EventGuests", "Intents", "EventTopics"}, "Flex报价": {"Quotes", "QuoteLines"}, "价格审批": {"PriceRequests", "ValueGiven"}, "个人指标": {"Quotas"},
    "项目": {"Projects", "TaskTemplates"}, "项目排程": {"ProjectTasks"}, "工单": {"Tickets", "Sensors", "Readings"},
    "NPS调研": {"SurveyWaves", "SurveyAnswers", "RepairPlans"}, "8 商机": {"ForecastScores"},
    "商机": {"Opportunities", "StageRules", "KillOrWin"}, "阶段历史": {"StageHistory", "ForecastLog"}, "重复名单": {"DuplicateReview", "Industries"},
}  # fmt: skip


def test_every_table_stands_where_the_design_has_it() -> None:
    made = plan("zh")
    asked = {name: home for home, names in HOMES.items() for name in names}
    for name, sheet in made.tables.items():
        if name in asked:
            assert sheet == asked[name], name
        else:
            assert [other for other, home in made.tables.items() if home == sheet] == [name], sheet
    for home, names in HOMES.items():
        tops = {Ref.parse(made.book[home].tables[name].ref).first_row for name in names}
        columns = [
            set(range(r.first_col, r.last_col + 1)) for name in names for r in [Ref.parse(made.book[home].tables[name].ref)]
        ]
        assert len(names) == 1 or (len(tops) <= len(names) and len(set.union(*columns)) == sum(map(len, columns))), home
    assert len(made.pages) <= 92
    assert not {"customer_team", "weeks", "draws", "equity", "channel_desk", "whatif"} & set(made.pages)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_views_carry_their_chapters_number(lang: str) -> None:
    numbers = {number: f"{number} " for number in range(1, 13)}
    firsts = {number: next(p for p in plan(lang).in_order() if p.chapter and p.chapter.number == number) for number in numbers}
    assert {number: page.sheet.title.startswith(numbers[number]) for number, page in firsts.items()} == dict.fromkeys(
        numbers, True
    )


def test_names_of_sheets_are_short_and_unique() -> None:
    for lang, most in (("zh", 8), ("en", 24)):
        names = [sheet.title for sheet in book(lang)]
        assert len({name.casefold() for name in names}) == len(names)
        assert not [name for name in names if len(name) > most or re.search(r"[\[\]:*?/\\']", name)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_settings_begin_with_what_changes(lang: str) -> None:
    """At most 25 rows on the first page; the rest is folded, and every value is there once."""
    page = plan(lang).pages["settings"]
    places = {key: int(re.sub(r"\D", "", plan(lang).names[POLICIES[key].base_name][1].split(":")[0])) for key in POLICIES}
    dimensions = page.sheet.row_dimensions
    assert set(OFTEN) == {key for key, row in places.items() if not dimensions[row].hidden}
    assert 5 + len(OFTEN) <= 25
    assert max(places[key] for key in OFTEN) < min(row for key, row in places.items() if key not in OFTEN)


def test_the_guide_tells_how_chapters_stand() -> None:
    sheet = book("zh")["说明"]
    rows = {str(cell.value).split(" ")[0]: cell.row for cell in sheet["B"] if cell.value}
    assert {str(number) for number in range(1, 13)} <= set(rows)
    for number in registry.numbered():
        row = rows[str(number)]
        assert sheet[f"C{row}"].hyperlink is not None and "check_chapters" in sheet[f"L{row}"].value


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_only_looked_up_is_folded_away(lang: str) -> None:
    """A wide Table's details are folded; nothing else that stands in those columns is."""
    seen = 0
    for sheet in book(lang):
        for table in sheet.tables.values():
            spec = schema.TABLES[table.name]
            top = sheet[table.ref][0]
            for cell, column in zip(top, spec.columns, strict=True):
                hidden = sheet.column_dimensions[cell.column_letter].hidden
                assert hidden == (column.key in spec.details), f"{spec.name}.{column.key}"
                if hidden:
                    seen += 1
                    names = {getattr(name, lang) for name, _ in BANDS}
                    above = [
                        c.value for c in sheet[cell.column_letter][: cell.row - 2] if c.value is not None and c.value not in names
                    ]
                    assert above == [] or spec.by_program or column.by_program, f"{spec.name}.{column.key}: {above}"
    assert seen
