"""A plan of some chapters: whole, checked, quiet about the rest, and at no cost for what is off."""

from __future__ import annotations

import datetime as dt
import functools
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from addin.book import FileBook
from addin.changes import Changes, lowered
from tests.plans import empty_plan, once
from tests.real import require_office
from udfs.formula import CHAPTERS
from udfs.text import Text
from workbook_templates import checking, recalc, registry
from workbook_templates.answers import Refused
from workbook_templates.cells import At, ErrorValue, Value, column_number
from workbook_templates.chapters import building, choosing, sample
from workbook_templates.making import write_plan
from workbook_templates.registry import Chapter, ChapterError
from workbook_templates.tables import schema, switches
from workbook_templates.tables.schema import FAIL, Company
from workbook_templates.tables.spec import CHECK_COLUMNS, CHECK_LIST
from workbook_templates.tables.switches import OFF, Switched
from workbook_templates.xlsx.package import CellFormula, Package

ALL = frozenset(registry.numbered())
AS_OF = dt.date(2027, 12, 31)


def new_plan(path: Path, chapters: frozenset[int] | None, lang: str = "zh") -> Path:
    """An empty plan of some chapters, to be changed."""
    return Path(shutil.copy(empty_plan(chapters, lang), path))


def hidden(package: Package) -> set[str]:
    return {name for name, state, _ in package.sheet_nodes() if state != "visible"}


@functools.cache
def homes(lang: str) -> dict[str, int]:
    """Every sheet's chapter by where its module stands: what the names in a file are held against."""
    plan = building.make(Company("试", 2027, AS_OF), lang)
    return {page.sheet.title: page.chapter.number for page in plan.pages.values() if page.chapter is not None}


@functools.cache
def screens(lang: str) -> dict[str, frozenset[int]]:
    """Every screen with the chapters whose judged figures it shows (0: of none, always in use)."""
    plan = building.make(Company("试", 2027, AS_OF), lang)
    served: dict[str, set[int]] = {}
    for watch in plan.watches.values():
        page, home = plan.pages.get(f"screen{watch.screen}"), plan.pages[watch.page].chapter
        if page is not None:
            served.setdefault(page.sheet.title, set()).add(home.number if home is not None else 0)
    return {title: frozenset(numbers) for title, numbers in served.items()}


def off_screens(lang: str, chapters: Iterable[int]) -> set[str]:
    """The screens that have nothing to show with these chapters."""
    return {title for title, numbers in screens(lang).items() if not numbers & {0, *chapters}}


def switch(path: Path, number: int, word: Text) -> None:
    """A person changes a switch by hand; whoever computes next follows."""
    package = Package.open(path)
    place = package.locate(switches.SWITCHES)
    assert place is not None
    package.sheets[place[0]].set_values({(place[1].first_row + number - 1, place[1].first_col): word.zh})
    recalc.recalculate(package)
    package.save(backup=False)


# ---------------------------------------------------------------------------------------------------------- the chapters


def test_a_chapter_is_declared_once_and_its_title_is_the_catalogue_s() -> None:
    assert [c.key for c in registry.chapters() if not c.switched] == ["basics", "cockpit"]
    for number, chapter in registry.numbered().items():
        assert chapter.title == CHAPTERS[number] and all(chapter.label), chapter
        assert all(need in registry.numbered() for need in chapter.needs)


def test_pages_tables_and_checks_know_their_chapter_by_their_folder() -> None:
    assert schema.home_of("Deals").key == "incentives" and schema.home_of("Transactions").key == "customers"
    assert {name: registry.home_of(name).key for name in registry.modules("sheets")}[
        "workbook_templates.chapters.market.sheets.market"
    ] == "market"
    said = {check.code: check.chapter for check in checking.registered().values()}
    assert said["market.funnel"] == 1 and said["team.headcount"] == 5 and said["table.Dealers"] == 4
    assert said["chapters.rows"] == said["table.ChangeLog"] == 0
    with pytest.raises(ChapterError, match="no chapter's folder"):
        registry.home_of("workbook_templates.page.plain")


def _chapter(number: int, key: str, needs: tuple[int, ...] = (), colour: str = "000000") -> Chapter:
    return Chapter(number, key, Text("试", "try"), colour, needs)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (_chapter(1, "two"), "one and two are both chapter 1"),
        (_chapter(2, "one"), "two chapters are called one"),
        (_chapter(2, "two", (3,)), "two needs chapter 3"),
        (_chapter(2, "two", (2,)), "two needs chapter 2"),
        (_chapter(13, "two"), "no chapter 13"),
        (_chapter(2, "two", (), "red"), "no colour"),
    ],
)
def test_what_would_be_taken_for_another_is_refused(other: Chapter, said: str) -> None:
    with pytest.raises(ChapterError, match=said):
        registry.checked([_chapter(1, "one"), other])


def test_groups_of_every_plan_share_the_number_0() -> None:
    assert len(registry.checked([_chapter(0, "one"), _chapter(0, "two")])) == 2


# ------------------------------------------------------------------------------------------------------ asking for them


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("5", {1, 5}),
        ("1,5,11", {1, 5, 11}),
        ("精简", {1, 5, 11}),
        ("lean", {1, 5, 11}),
        ("1–3", {1, 2, 3}),
        ("1，2、3", {1, 2, 3}),
        ("11", {1, 5, 11}),
        ("all", set(ALL)),
        ("全部", set(ALL)),
        ("STANDARD", {1, 2, 3, 4, 5, 8, 11} & ALL),
    ],
)
def test_chapters_are_asked_for_by_number_range_or_preset(said: str, wanted: set[int]) -> None:
    assert choosing.chosen(said).numbers == wanted


def test_what_is_added_is_said_and_all_twelve_are_there() -> None:
    assert set(range(1, 13)) == ALL
    assert any(CHAPTERS[1].zh in note.zh for note in choosing.chosen("5").notes)
    assert choosing.chosen("1").notes == []


@pytest.mark.parametrize("said", ["", "13", "0", "x", "1.5", "-1"])
def test_what_is_no_chapter_is_refused(said: str) -> None:
    with pytest.raises(Refused, match="1,5,11"):
        choosing.chosen(said)


# ------------------------------------------------------------------------------------------------------------ the plans


@settings(max_examples=2)
@given(st.sets(st.sampled_from(sorted(ALL))), st.sampled_from(["zh", "en"]))
@example({5}, "en")
def test_a_plan_of_any_chapters_is_whole(asked: set[int], lang: str) -> None:
    chapters = registry.with_needs(asked)
    with tempfile.TemporaryDirectory() as folder:
        book = FileBook.open(new_plan(Path(folder) / "plan.xlsx", chapters, lang))
        assert book.findings() == []
        off = {sheet for sheet, number in homes(lang).items() if number and number not in chapters}
        assert hidden(book.package) == off | off_screens(lang, chapters)
        assert book.off == ALL - chapters
        errors = [(name, at) for name, sheet in book.package.sheets.items() for at, cell in sheet.cells().items()
                  if isinstance(cell.value, ErrorValue) and name not in hidden(book.package)]  # fmt: skip
        assert errors == []
        assert book.first("master_check") not in FAIL
        done = recalc.recalculate(book.package, whole=True)
        assert not done.changed and not done.tabs and not book.package.dirty
        _says_off(book, lang)


def _says_off(book: FileBook, lang: str) -> None:
    """Check lines and the Guide say which are off."""
    word = OFF.en if lang == "en" else OFF.zh
    place = book.locate(schema.CHECK_LIST)
    assert place is not None
    lines = {str(line[8]): line[6] for line in ([getattr(c, "value", c) for c in row] for row in book.area(*place))}
    for code, check in checking.registered().items():
        if code in lines:
            assert (lines[code] == word) == (check.chapter in book.off), code
    guide = next(sheet for sheet in book.package.sheets.values() if sheet.name in ("说明", "Guide"))
    rows = {str(cell.value).split(" ")[0]: at[0] for at, cell in guide.cells().items() if at[1] == 2 and cell.value}
    state = column_number("J")
    states = {number: guide.get((rows[str(number)], state)) for number in registry.numbered()}
    assert {number for number, cell in states.items() if cell is not None and cell.value == word} == book.off & states.keys()


@functools.cache
def _company() -> Company:
    """The sample's market and team: rows of chapters 1, 5 and 11 only."""
    whole = sample.company("zh", 200)
    rows = {name: rows for name, rows in whole.rows.items() if schema.home_of(name).number in (0, 1, 5, 11)}
    return replace(whole, rows=rows)


def _few() -> Path:
    """It in a plan of its chapters: made once a run, only to be read."""
    return once("market and team", lambda path: write_plan(replace(_company(), chapters=frozenset({1, 5, 11})), path))


def _values(package: Package) -> Mapping[tuple[str, At], Value]:
    return {
        (name, at): cell.value
        for name, sheet in package.sheets.items()
        for at, cell in sheet.cells().items()
        if cell.value not in (None, "")
    }


def _check_lines(path: Path) -> dict[str, tuple[object, ...]]:
    """What each check found, expected and says, by its code."""
    package = Package.open(path)
    sheet, ref = package.locate(CHECK_LIST)
    cells = package.sheets[sheet].cells()
    at = {name: ref.first_col + CHECK_COLUMNS.index(name) for name in ("code", "found", "expected", "status")}
    rows = [r for r in range(ref.first_row, ref.last_row + 1) if (r, at["code"]) in cells]

    def value(row: int, name: str) -> object:
        cell = cells.get((row, at[name]))
        return None if cell is None else cell.value

    return {str(value(r, "code")): tuple(value(r, name) for name in ("found", "expected", "status")) for r in rows}


def _off(sheet: str, shown: Value) -> bool:
    """Whether a cell says that its chapter is off; what its charts would draw is blank."""
    said = str(shown)  # “title – 停用” in the line of figures under a screen's tiles
    return shown in (*OFF, "–") or "：启用第" in said or said.endswith(f"– {OFF.zh}") or (sheet == "图表数据" and shown is None)


def test_what_is_in_use_shows_what_it_would_with_everything_on(tmp_path: Path) -> None:
    """The same rows, the other chapters off or on and empty: every figure is the same after a change, and fewer are computed."""
    few, full = Path(shutil.copy(_few(), tmp_path / "few.xlsx")), tmp_path / "full.xlsx"
    write_plan(_company(), full)
    shown, computed = [], []
    for path in (few, full):
        package = Package.open(path)
        deals = package.tables["Deals"]
        column = deals.headers.index("收入") + deals.ref.first_col
        package.sheets[deals.sheet].set_values({(deals.data.first_row, column): 1_234_567.0})
        done = recalc.recalculate(package)
        assert done.changed > 20
        computed.append(len(done.results.values))
        shown.append(_values(package))
    off = {name for name, number in homes("zh").items() if number not in (0, 1, 5, 11)}
    # Where a chapter that is off is said to be.
    told = {"说明", "参数", "检查", "驾驶舱", "问题", "图表数据", "会议材料", "1 市场"} | {
        f"屏{screen}" for screen in ("1业绩", "2客户", "3团队", "4预测", "5竞争")
    }
    compared = {key for key in {*shown[0], *shown[1]} if key[0] not in off}
    apart = {key for key in compared if shown[0].get(key) != shown[1].get(key)}
    assert {sheet for sheet, _ in apart} <= told
    # How many checks fail, by chapter; and the list of checks, in which what is open comes first: it is compared check by check.
    counted = {key for key in compared if key[0] == "检查" or (key[0] == "说明" and key[1][1] == column_number("L"))}
    # A watch that is off has no rank either, and no gap.
    idle = {place[0] for (sheet, place), value in shown[0].items() if sheet == "问题" and str(value) == OFF.zh}
    counted |= {key for key in compared if key[0] == "问题" and key[1][0] in idle}
    assert {k: (shown[0].get(k), shown[1].get(k)) for k in apart - counted if not _off(k[0], shown[0].get(k))} == {}
    lines, others = (_check_lines(path) for path in (few, full))
    # Deals name customers, whom an empty chapter 2 does not know; one that is off is not asked.
    differing = {code for code, said in lines.items() if said != others[code] and not {*OFF, "–"} & {*map(str, said)}}
    assert differing <= {"table.Deals"}
    assert len(compared) > 10_000 and computed[0] < computed[1] - 500


def test_what_a_sheet_in_use_asks_of_one_that_is_off_is_computed(tmp_path: Path) -> None:
    """The budget's total stands in chapter 11 and follows chapter 1; the scenarios of chapter 5 read it."""
    path = new_plan(tmp_path / "plan.xlsx", frozenset({1, 5}))
    package = Package.open(path)
    place = package.locate("budget_total")
    assert place is not None and place[0] in Switched(package).idle()
    regions = package.tables["Regions"]
    row = {"region": "华东", "buyers": 2000.0, "spend": 1_200_000.0, "serviceable": 0.5, "coverage": 0.6, "win_rate": 0.3}
    keys = [c.key for c in schema.table("Regions").columns]
    at = regions.data.first_row, regions.ref.first_col
    package.sheets[regions.sheet].set_values({(at[0], at[1] + keys.index(key)): value for key, value in row.items()})
    recalc.recalculate(package)
    cell = package.sheets[place[0]].get((place[1].first_row, place[1].first_col))
    assert cell is not None and isinstance(cell.value, float) and cell.value > 0


def test_a_formula_that_may_read_anything_wakes_everything(tmp_path: Path) -> None:
    package = Package.open(new_plan(tmp_path / "plan.xlsx", frozenset({1})))
    before = len(recalc.compute(package).values)
    package.sheets["1 市场"].set_formulas({(200, 30): CellFormula('INDIRECT("A"&1)')})
    assert len(recalc.compute(package).values) > before + 500


def test_references_into_a_chapter_that_is_off_are_no_errors(tmp_path: Path) -> None:
    path = Path(shutil.copy(_few(), tmp_path / "plan.xlsx"))
    assert [p for p in FileBook.open(path).findings() if p.level == "error"] == []
    switch(path, 2, switches.ON)
    found = FileBook.open(path).findings()
    assert any("C0" in p.text.zh and p.code == "table.Deals.reference" for p in found)


def test_a_plan_can_t_be_made_with_rows_of_a_chapter_that_is_off() -> None:
    with pytest.raises(ValueError, match="People, but chapter 5 is off"):
        building.make(replace(_company(), chapters=frozenset({1})))
    with pytest.raises(ValueError, match="no chapter 13"):
        building.make(Company("试", 2027, chapters=frozenset({13})))


# ------------------------------------------------------------------------------------------------------------- by hand


def test_the_tabs_follow_a_switch_that_a_person_changes(tmp_path: Path) -> None:
    path = new_plan(tmp_path / "plan.xlsx", frozenset({1, 4, 5}))
    before, others = path.read_bytes(), {sheet for sheet, number in homes("zh").items() if number not in (0, 1, 4, 5)}
    others |= off_screens("zh", {1, 4, 5})
    assert hidden(Package.open(path)) == others
    switch(path, 4, OFF)
    channels = {sheet for sheet, number in homes("zh").items() if number == 4}
    assert hidden(Package.open(path)) == others | channels and FileBook.open(path).findings() == []
    switch(path, 4, switches.ON)
    assert hidden(Package.open(path)) == others and FileBook.open(path).findings() == []
    assert _values(Package.open(path)) == _values(Package.from_bytes(before))


def test_the_strips_pass_over_what_a_switch_hides_and_lead_to_what_it_shows(tmp_path: Path) -> None:
    path = new_plan(tmp_path / "plan.xlsx", frozenset({1, 5, 11}))
    for word in (switches.ON, switches.OFF):
        switch(path, 4, word)
        book = openpyxl.load_workbook(path)
        visible = [sheet.title for sheet in book if sheet.sheet_state == "visible"]
        assert ("4 渠道" in visible) == (word is switches.ON)
        for before, title, after in zip([None, *visible], visible, [*visible[1:], None], strict=False):
            links = {c.coordinate: c.hyperlink.location.rpartition("!")[0].strip("'") for c in book[title][2] if c.hyperlink}
            assert (links.get("C2"), links.get("D2")) == (before, after), title


def test_a_screen_without_figures_goes_and_comes_back_with_its_chapters(tmp_path: Path) -> None:
    """Design, section 1: screens without watches are hidden; a plan of the market alone says nothing of customers and people."""
    path = new_plan(tmp_path / "plan.xlsx", registry.with_needs({1}))
    off = off_screens("zh", registry.with_needs({1}))
    assert off == {"屏2客户", "屏3团队"} and off <= hidden(Package.open(path))
    switch(path, 2, switches.ON)
    assert off & hidden(Package.open(path)) == {"屏3团队"}
    switch(path, 2, OFF)
    assert off <= hidden(Package.open(path))


def test_a_screen_that_a_person_hid_stays_hidden() -> None:
    shared, sheets = {"screen": {2, 7}}, {"tiers": 2, "delivery": 7}
    assert switches.shared_visibility(shared, sheets, {"screen": False}, {7}, {}) == {}
    assert switches.shared_visibility(shared, sheets, {"screen": False}, {7}, {"tiers": True}) == {"screen": True}
    assert switches.shared_visibility(shared, sheets, {"screen": True}, {2, 7}, {}) == {"screen": False}


def test_a_sheet_that_a_person_hid_stays_hidden(tmp_path: Path) -> None:
    package = Package.open(new_plan(tmp_path / "plan.xlsx", None))
    shown = {name: name != "客户价值" for name in package.sheets}
    assert switches.visibility(Switched(package).sheets, shown, frozenset(), ()) == {}


def test_rows_are_never_hidden_and_the_checks_say_so(tmp_path: Path) -> None:
    """Switched off by hand with rows in it: everything stays in view, and computed."""
    path = new_plan(tmp_path / "plan.xlsx", frozenset({1, 5, 11}))
    book, changes = FileBook.open(path), Changes()
    before, idle = hidden(book.package), Switched(book.package).idle()
    changes.add("Budget", _company().rows["Budget"])
    book.apply(lowered(book, changes))
    book.package.save(backup=False)
    switch(path, 11, OFF)
    package = Package.open(path)
    assert hidden(package) == before and Switched(package).idle() == idle
    assert [p.code for p in FileBook.open(path).findings() if p.level == "error"] == ["chapters.rows"]


def test_what_a_chapter_needs_must_be_in_use(tmp_path: Path) -> None:
    path = new_plan(tmp_path / "plan.xlsx", frozenset({1, 5, 11}))
    switch(path, 1, OFF)
    assert [p.code for p in FileBook.open(path).findings()] == ["chapters.needs"]


def test_every_sheet_of_a_chapter_is_marked_by_a_name(tmp_path: Path) -> None:
    """Spreadsheets keep names right when a sheet is renamed; titles would not be."""
    package = Package.open(new_plan(tmp_path / "plan.xlsx", frozenset({1})))
    assert all(isinstance(name, str) for name in package.names if "chapter_" in str(name))
    assert len(Switched(package).sheets) == sum(number > 0 for number in homes("zh").values())


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ('IF(INDEX(chapters_in_use,4)="停用","停用",SUM(A1:A3))', "停用"),
        ('=IF(INDEX(chapters_in_use,4)="Off","–",1)', "–"),
        ('IF(INDEX(chapters_in_use,4)="停用","停用",")")', "停用"),
        ('IF(INDEX(chapters_in_use,4)="停用","停用",1)&IF(TRUE,"x","y")', None),  # more follows
        ('IF(INDEX(chapters_in_use,1)="停用","停用",1)', None),  # in use
        ('IF(INDEX(chapters_in_use,4)="启用","停用",1)', None),
        ('IF(INDEX(chapters_in_use,4)="停用",0,1)', None),
    ],
)
def test_a_formula_of_a_chapter_that_is_off_is_known_by_how_it_begins(formula: str, said: str | None, tmp_path: Path) -> None:
    package = Package.open(new_plan(tmp_path / "plan.xlsx", frozenset({1})))
    assert Switched(package).word_of(formula) == said


@pytest.mark.real
def test_libreoffice_opens_a_plan_of_three_chapters(tmp_path: Path) -> None:
    """As it is, with a profile of its own: nothing but what needs the add-in is lost, and the tabs stay hidden."""
    path = new_plan(tmp_path / "plan.xlsx", frozenset({1, 5, 11}))
    profile = (tmp_path / "profile").resolve().as_uri()
    command = [
        require_office(),
        f"-env:UserInstallation={profile}",
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
        tmp_path / "out",
        path,
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    saved = Package.open(tmp_path / "out" / path.name)
    assert hidden(saved) == hidden(Package.open(path)) and Switched(saved).off == ALL - {1, 5, 11}
    errors = {
        str(cell.value)
        for sheet in saved.sheets.values()
        for cell in sheet.cells().values()
        if isinstance(cell.value, ErrorValue)
    }
    assert errors <= {"#NAME?"}
    recalc.recalculate(saved)
    assert _values(saved)[Switched(saved).package.locate("master_check")[0], (6, 3)] == "待填"  # type: ignore[index]
