"""The planning workbook's structure: what a reader, Excel and the other modules rely on. Figures have tests of their own."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections import Counter
from functools import cache
from itertools import pairwise

import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula

import udfs
from tests.plans import sample_company, sample_computed
from udfs.formula import CHAPTERS
from udfs.policy import POLICIES
from udfs.text import Text
from workbook_templates import making, recalc
from workbook_templates.cells import serial
from workbook_templates.chapters import building
from workbook_templates.chapters.basics.sheets.mail_templates import default_templates
from workbook_templates.formulas import spelling
from workbook_templates.formulas.intersection import needs_array
from workbook_templates.page import style
from workbook_templates.page.builder import ADDIN, XL_STARTUP, BuildError, Plan
from workbook_templates.tables import policies, schema
from workbook_templates.tables.own_words import OWN
from workbook_templates.tables.schema import Company
from workbook_templates.xlsx.package import Package, Ref
from workbook_templates.xlsx.refs import down_to

LANGUAGES = ("zh", "en")
OURS = re.compile(r"\[1\]!SALES_(\w+)")


@cache
def built(lang: str, empty: bool = False) -> Plan:
    return building.make(Company("Empty", 2027) if empty else sample_company(lang), lang)


@cache
def book(lang: str, empty: bool = False) -> openpyxl.Workbook:
    """The workbook as it comes back from its file."""
    buffer = io.BytesIO()
    built(lang, empty).book.save(buffer)
    return openpyxl.load_workbook(io.BytesIO(buffer.getvalue()))


def formulas(workbook: openpyxl.Workbook):
    """(sheet, cell, text) of every formula."""
    for sheet in workbook:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, ArrayFormula):
                    yield sheet, cell, cell.value.text
                elif cell.data_type == "f":
                    yield sheet, cell, cell.value


def tables(workbook: openpyxl.Workbook):
    return {table.name: (sheet, table) for sheet in workbook for table in sheet.tables.values()}


@pytest.fixture(params=[(lang, empty) for lang in LANGUAGES for empty in (False, True)], ids=lambda p: f"{p[0]}-{p[1]}")
def workbook(request):
    return book(*request.param)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("empty", [False, True])
def test_every_table_of_the_schema_stands_once_with_its_headers(lang, empty):
    found = tables(book(lang, empty))
    assert set(found) == set(schema.TABLES)
    for name, (sheet, table) in found.items():
        wanted = [str(getattr(c.header, lang)) for c in schema.TABLES[name].columns]
        assert [column.name for column in table.tableColumns] == wanted
        top = sheet[table.ref][0]
        assert [cell.value for cell in top] == wanted, "the header cells are the Table's column names"
        assert len(set(wanted)) == len(wanted)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_tables_hold_the_companys_rows(lang):
    found = tables(book(lang))
    for name, rows in sample_company(lang).rows.items():
        _, table = found[name]
        ref = Ref.parse(table.ref)
        assert ref.last_row - ref.first_row == max(1, len(rows)), name


def test_an_empty_company_has_a_blank_row_in_every_table():
    for name, (sheet, table) in tables(book("zh", True)).items():
        below = sheet[table.ref][1:]
        if name == "MailTemplates":  # a plan begins with words to send
            assert len(below) == len(default_templates())
            continue
        if name == "Words":  # and with the plan's own words, to be called otherwise
            assert len(below) == sum(map(len, OWN.values()))
            continue
        assert len(below) == 1, name
        inputs = [cell for cell, column in zip(below[0], schema.TABLES[name].columns, strict=True) if not column.formula]
        assert all(cell.value is None for cell in inputs)


def test_calculated_columns_hold_their_formula_in_every_row_and_in_the_table(workbook):
    for name, (sheet, table) in tables(workbook).items():
        for index, column in enumerate(schema.TABLES[name].columns):
            stored = table.tableColumns[index].calculatedColumnFormula
            assert bool(stored) == bool(column.formula)
            if column.formula:
                assert {row[index].value for row in sheet[table.ref][1:]} == {f"={stored.attr_text}"}


def test_defined_names_are_unique_and_resolve(workbook):
    names = workbook.defined_names
    assert len({name.lower() for name in names}) == len(names)
    for name, defined in names.items():
        assert name not in schema.TABLES
        cells = down_to(defined.attr_text)  # as many of these as show something
        (sheet, ref), *rest = DefinedName("cells", attr_text=cells[0]).destinations if cells else defined.destinations
        assert not rest
        assert workbook[sheet][ref.replace("$", "")]


def test_formulas_use_known_tables_columns_and_names_only(workbook):
    headers = {name: {c.name for c in table.tableColumns} for name, (_, table) in tables(workbook).items()}
    for sheet, cell, text in formulas(workbook):
        tokens = spelling.tokenize(text.removeprefix("="))
        for before, token, after in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
            where = f"{sheet.title}!{cell.coordinate} {text}"
            if token.kind == "spec":
                used = spelling.parse_specifier(token.text)
                assert {used.first, used.last} - {None} <= headers[before.text], where
            elif token.kind == "name" and not (after and after.kind == "spec") and token.text.upper() not in ("TRUE", "FALSE"):
                known = spelling.cell_position(token.text.replace("$", "")) or token.text in workbook.defined_names
                assert known or token.text in headers or re.fullmatch(r"\$?[A-Z]+|\$?\d+", token.text), where


def test_no_formula_refers_to_another_sheets_cells(workbook):
    for sheet, cell, text in formulas(workbook):
        kinds = [t.text for t in spelling.tokenize(text.removeprefix("=")) if t.kind == "sheet"]
        assert set(kinds) <= {"[1]!"}, f"{sheet.title}!{cell.coordinate}"


def test_called_functions_exist_and_are_listed_in_the_addins_link(workbook):
    known = set(udfs.catalogue())
    used = {name for _, _, text in formulas(workbook) for name in OURS.findall(text)}
    assert used <= known
    (link,) = workbook._external_links
    assert {n.name for n in link.externalBook.definedNames} == {f"SALES_{name}" for name in used}
    assert (link.file_link.Type, link.file_link.Target, link.file_link.TargetMode) == (XL_STARTUP, ADDIN, "External")


def test_every_function_of_the_plans_chapters_stands_on_a_sheet():
    """Chapters 1 (market), 2 (customers), 4, 5 and 11 are the workbook's; a reader finds each of their functions at work."""
    used = {name for _, _, text in formulas(book("zh")) for name in OURS.findall(text)}
    # These read all transactions, which may lie outside the workbook: "refresh tiers" runs them and writes Customers.
    refreshed = {"RFM", "RFMSCORE", "CLVINPUTS", "CLVFIT", "CUSTOMERTIER"}
    # "Check signals" judges row by row and writes what comes of it; curves, white space and key results get their sheets with their jobs.
    refreshed |= {"INDICATORALERT", "INDICATORBAND", "OTSCORE", "MUSTTRACK", "ADOPTION", "WHITESPACE", "KRPROGRESS"}
    wanted = {name for name, f in udfs.catalogue().items() if f.chapter in (1, 2, 4, 5, 11)} - refreshed
    assert wanted <= used, f"on no sheet: {sorted(wanted - used)}"


def test_a_formula_with_one_result_is_plain_unless_excel_would_take_one_cell_of_many():
    """A plain formula keeps its value in programs without the add-in; an array formula there shows #NAME?."""
    plan = built("zh")
    ours = [w for w in plan.formulas if w.single and "SALES_" in w.text]
    arrays = [w for w in ours if w.ref]
    assert len(ours) > 50 and len(arrays) <= 4, [(w.sheet.title, w.cell) for w in arrays]
    assert all(needs_array(w.text, plan._many) for w in arrays)


def test_spills_do_not_overlap_tables_or_each_other():
    plan = built("zh")
    taken = Counter()
    for sheet in plan.book:
        for table in sheet.tables.values():
            taken.update((sheet.title, cell.coordinate) for row in sheet[table.ref] for cell in row)
    for sheet, _, ref in plan.spills:
        cells = plan.book[sheet][ref] if ":" in ref else ((plan.book[sheet][ref],),)
        taken.update((sheet, cell.coordinate) for row in cells for cell in row)
    assert [at for at, count in taken.items() if count > 1] == []


# ----------------------------------------------------------------------------------------------------------------- settings


def _policy_cells(lang: str, key: str, name: str = "base_name"):
    workbook = book(lang)
    text = workbook.defined_names[getattr(POLICIES[key], name)].attr_text
    cells = down_to(text)
    (sheet, ref), *_ = DefinedName("cells", attr_text=cells[0] if cells else text).destinations
    cells = workbook[sheet][ref.replace("$", "")]
    return workbook[sheet], [c for row in cells for c in row] if isinstance(cells, tuple) else [cells]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("key", POLICIES)
def test_every_policy_stands_on_settings_with_name_unit_and_chapter(lang, key):
    policy = POLICIES[key]
    sheet, cells = _policy_cells(lang, key)
    assert sheet.title == {"zh": "参数", "en": "Settings"}[lang]
    values = policy.value if isinstance(policy.value, tuple) and not isinstance(policy.value, Text) else (policy.value,)
    spare = cells[len(values) :]
    assert bool(spare) == policies.may_grow(key) and not any(cell.value for cell in spare)
    for cell, value in zip(cells, values, strict=False):
        assert cell.font.color.rgb.endswith(style.INPUT)
        if isinstance(value, Text):
            assert cell.value == getattr(value, lang)
        elif hasattr(value, "denominator") and not isinstance(value, int):
            assert cell.value == f"={value.numerator}/{value.denominator}"
        else:
            assert cell.value == value
    around = _facts(sheet, cells[0], policies.is_list(policy))
    chapter = f"{policy.chapter} {getattr(CHAPTERS[policy.chapter], lang)}"
    for fact in (getattr(policy.unit, lang), chapter, policy.range_name):
        assert fact in around, f"{key}: {fact} does not stand beside {around}"


def _facts(sheet, cell, column: bool):
    """What stands in the row of a single value, or above a column of values and that of what holds beside it."""
    if not column:
        return [c.value for c in sheet[cell.row]]
    return [sheet.cell(row, at).value for row in range(cell.row - 9, cell.row) for at in (cell.column, cell.column + 1)]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("key", POLICIES)
def test_what_holds_is_a_formula_of_its_own_and_not_an_input(lang, key):
    """Beside each input, as many; formulas over the whole workbook use only these."""
    _, now = _policy_cells(lang, key, "range_name")
    _, inputs = _policy_cells(lang, key)
    assert [(c.row, c.column) for c in now] == [(c.row, c.column + 1) for c in inputs]
    assert all(str(c.value).startswith("=IF(") and not c.font.color.rgb.endswith(style.INPUT) for c in now)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("key", [key for key, policy in POLICIES.items() if policy.words])
def test_words_are_drop_downs_in_the_workbooks_language(lang, key):
    sheet, (cell,) = _policy_cells(lang, key)
    rules = [rule for rule in sheet.data_validations.dataValidation if cell.coordinate in rule.sqref]
    assert [rule.formula1 for rule in rules] == ['"' + ",".join(getattr(w, lang) for w in POLICIES[key].words) + '"']
    assert rules[0].prompt
    assert rules[0].promptTitle


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_plan_number_stands_in_no_formula(lang):
    """Policy values that could be mistaken for nothing else; 0, 1, 2 … are also counts, months and columns."""
    telling = set()
    for policy in POLICIES.values():
        values = policy.value if isinstance(policy.value, tuple) else (policy.value,)
        telling |= {float(v) for v in values if isinstance(v, int | float) and not (float(v).is_integer() and v < 13)}
    telling -= {
        0.005,
        365.0,
        100.0,
        24.0,
        60.0,
        1_000_000.0,
    }  # half a fen, a year's days, a hundred, hours, minutes, a million: the world's numbers before they were ours
    settings = {"zh": ("参数", "图表数据"), "en": ("Settings", "Chart data")}[
        lang
    ]  # a chart's data have places and sizes in them
    for sheet, cell, text in formulas(book(lang)):
        if sheet.title in settings:
            continue
        numbers = {float(t.text) for t in spelling.tokenize(text.removeprefix("=")) if t.kind == "number"}
        assert not numbers & telling, f"{sheet.title}!{cell.coordinate} {text}"


# -------------------------------------------------------------------------------------------------------------- looks and use


def test_every_sheet_is_set_up_for_print_and_shows_the_master_check(workbook):
    for sheet in workbook:
        setup = sheet.page_setup
        # One page wide, but where a sheet says itself between which columns its pages part (people's quotas beside their actuals).
        wide = 1 + len(sheet.col_breaks.brk)
        # The first screen is one page, and a view that is a little longer than one.
        # People are at most two pages.
        most = 2 if sheet.title in ("人员", "People") else 1
        high = 1 if sheet.title in ("驾驶舱", "Cockpit") else min(most, setup.fitToHeight)
        assert (setup.orientation, int(setup.paperSize), setup.fitToWidth, setup.fitToHeight) == ("landscape", 9, wide, high)
        assert wide == 1 or sheet.print_title_cols
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows, "the title block or a long Table's header repeats"
        assert sheet.oddFooter.center.text
        assert sheet.oddHeader.left.text
        assert sheet.sheet_state == "visible"
        assert int(re.sub(r"\D", "", sheet.freeze_panes)) >= 4, "the title block is frozen"
        assert sheet["G2"].value == "=master_check"


def test_one_font_everywhere(workbook):
    for sheet in workbook:
        fonts = {cell.font.name for row in sheet.iter_rows() for cell in row}
        assert fonts == {style.FONT}, sheet.title


def test_no_label_is_cut(workbook):
    """A text either fits its column, wraps, is drawn smaller, or runs over blank cells."""
    cut = []
    for sheet in workbook:
        merged = {cell for span in sheet.merged_cells.ranges for row in sheet[span.coord] for cell in row}
        for row in sheet.iter_rows():
            for cell, beside in pairwise(row):
                if (
                    not isinstance(cell.value, str)
                    or cell.data_type == "f"
                    or cell.alignment.wrap_text
                    or cell.alignment.shrink_to_fit
                    or cell in merged
                ):
                    continue
                if cell.alignment.horizontal == "fill":  # a machine's, nobody's to read, cut at its cell on purpose (Statements)
                    assert cell.value.startswith("{"), f"{sheet.title}!{cell.coordinate}"
                    continue
                room = sheet.column_dimensions[cell.column_letter].width
                fits = style.display_width(cell.value) * 0.95 <= room
                if not fits and beside.value is not None:
                    cut.append(f"{sheet.title}!{cell.coordinate}: {cell.value!r} in {room}")
    assert cut == []


def test_columns_of_words_and_references_have_drop_downs(workbook):
    for name, (sheet, table) in tables(workbook).items():
        for index, column in enumerate(schema.TABLES[name].columns):
            cell = sheet[table.ref][1][index]
            rules = [r for r in sheet.data_validations.dataValidation if cell.coordinate in r.sqref and r.type == "list"]
            assert bool(rules) == bool((column.words or column.refers) and not column.formula), f"{name}.{column.key}"


def test_input_messages_fit_excels_limits(workbook):
    for sheet in workbook:
        for rule in sheet.data_validations.dataValidation:
            assert len(rule.promptTitle or "") <= 32
            assert rule.prompt, f"{sheet.title}!{rule.sqref} says nothing of what goes there"
            assert len(rule.prompt) <= (60 if re.search(r"[\u4e00-\u9fff]", rule.prompt) else 120)
            assert len(rule.error or "") <= 225
            assert rule.type != "list" or len(rule.formula1) <= 255


def test_the_guide_links_every_other_sheet(workbook):
    guide = next(sheet for sheet in workbook if sheet.title in ("说明", "Guide"))
    links = [cell.hyperlink.location for row in guide.iter_rows() for cell in row if cell.hyperlink]
    linked = {location.rsplit("!", 1)[0].strip("'") for location in links}
    assert linked == {sheet.title for sheet in workbook} - {guide.title}


def test_english_workbook_has_no_chinese():
    # But for the policies' names in Chinese, by which a change may name them too.
    ((home, area),) = book("en").defined_names["policy_other_labels"].destinations
    named = {(home, cell.coordinate) for row in book("en")[home][area] for cell in row}
    # And for lists of what Chinese names are made of, which no language has otherwise.
    chinese = {
        text for policy in POLICIES.values() if isinstance(policy.value, tuple) for text in policy.value if isinstance(text, str)
    }
    for sheet in book("en"):
        # Clauses of contracts, which are written in both.
        clauses = {cell.column for row in sheet.iter_rows(max_row=12) for cell in row if cell.value == "Chinese text"}
        for row in sheet.iter_rows():
            if any(cell.value == "Chinese" for cell in row):  # a mail in Chinese, whatever the workbook's language
                continue
            for cell in row:
                if (sheet.title, cell.coordinate) in named or cell.value in chinese or cell.column in clauses:
                    continue
                # What a formula compares with, {"director","总监"}, is shown nowhere: a plan's words may be typed in either
                # language.
                shown = re.sub(r"\{[^{}]*\}", "", str(cell.value)) if cell.data_type == "f" else str(cell.value)
                assert not re.search(r"[一-鿿]", shown), f"{sheet.title}!{cell.coordinate}: {cell.value}"


# --------------------------------------------------------------------------------------------------------------- the builder


def test_a_name_nobody_defines_is_refused():
    plan = Plan("zh", Company("x", 2027))
    page = plan.page("one", Text("一", "one"), Text("", ""))
    page.formula("B5", f"={plan.name('nowhere')}")
    with pytest.raises(BuildError, match="nowhere"):
        plan.finish()


def test_names_are_unique_and_no_cell_addresses():
    plan = Plan("zh", Company("x", 2027))
    page = plan.page("one", Text("一", "one"), Text("", ""))
    plan.define("total", page, "B5")
    for taken in ("TOTAL", "AB12", "Deals"):
        with pytest.raises(BuildError):
            plan.define(taken, page, "B6")


def test_handles_spell_columns_in_the_workbooks_language():
    zh, en = Plan("zh", Company("x", 2027)).table("Deals"), Plan("en", Company("x", 2027)).table("Deals")
    assert (zh.revenue, zh.this.revenue, zh.header.revenue, zh.all) == ("Deals[收入]", "[@收入]", "收入", "Deals")
    assert (en.margin_rate, en.this.margin_rate) == ("Deals[Margin rate]", "[@[Margin rate]]")
    with pytest.raises(KeyError, match="revenue"):
        _ = zh.revenu


def test_a_name_that_looks_like_a_formula_is_stored_as_text():
    plan = Plan("zh", Company("x", 2027, rows={"Customers": [{"id": "C1", "name": "=1+1"}]}), strict=False)
    page = plan.page("one", Text("一", "one"), Text("", ""))
    page.records("Customers", "B6")
    assert page.sheet["C7"].data_type == "s"


@pytest.mark.parametrize(
    ("header", "key"), [("收入（元）", "revenue"), (" Revenue ", "revenue"), ("订单号", "id"), ("金额", "revenue")]
)
def test_headers_of_exports_are_recognised(header, key):
    column = schema.table("Deals").column_of(header)
    assert column is not None and column.key == key


def test_words_are_read_in_both_languages():
    level = schema.table("People")["level"]
    assert [level.code(w) for w in ("总监", "DIRECTOR", "director", "else")] == ["director", "director", "director", "else"]
    assert level.shown("director") == Text("总监", "Director")


# ------------------------------------------------------------------------------------------------------- as it computes


def shown(plan: Plan, package: Package, done: recalc.Recalculation, *names: str) -> tuple[dict[str, list], list]:
    """Values of names a plan defined, and the error cells."""
    assert not done.results.unsupported
    extents = {(sheet, cell): ref for sheet, cell, ref in plan.spills}
    values = {}
    for name in names:
        sheet, ref = plan.names[name]
        area = Ref.parse(extents.get((sheet, ref), ref))
        found = (package.sheets[sheet].get(at) for at in area.cells())
        values[name] = [cell.value if cell else None for cell in found]
    return values, recalc.error_cells(package, done.results)


QUOTA = (
    "quota_total", "quota_quarters", "quota_months", "person_quota", "person_months", "person_recorded", "quota_gap"
)  # fmt: skip


def test_every_level_of_the_quota_adds_up_to_the_one_above():
    sample = sample_computed("zh")
    values, errors = shown(built("zh"), sample.package, sample.done, *QUOTA)
    assert not errors
    assert values["quota_total"] == [420_000_000]
    # Rules, chapter 5: 420,000,000 → 168 / 126 / 84 / 42 million.
    assert values["quota_quarters"] == [168e6, 126e6, 84e6, 42e6]
    months, people, grid = values["quota_months"], values["person_quota"], values["person_months"]
    assert [sum(months[q : q + 3]) for q in range(0, 12, 3)] == values["quota_quarters"]
    assert sum(people) == 420_000_000
    recorded = values["person_recorded"]
    assert [sum(grid[12 * i : 12 * i + 12]) for i in range(len(people))] == recorded
    stays = {r["id"] for r in built("zh").rows("People") if r["left"] is None} - {
        r["person"] for r in built("zh").rows("QuotaChanges")
    }
    rows = [r["person"] for r in built("zh").rows("Quotas")]
    assert [r for r, who in zip(recorded, rows, strict=True) if who in stays] == [
        p for p, who in zip(people, rows, strict=True) if who in stays
    ]
    assert sum(values["quota_gap"][::4]) == 420_000_000, "top-down over the regions"


@pytest.mark.parametrize(
    ("as_of", "months", "due"),
    [
        (dt.date(2026, 12, 31), 0, 0.0),
        (dt.date(2027, 1, 31), 1, 0.16),
        # Eight months of 4-2-4, 3-3-4, 3-3-(4) weights and half of September's 8 %.
        (dt.date(2027, 9, 15), 8, 0.4 + 0.3 + 0.06 * 2 + 0.08 / 2),
        (dt.date(2027, 12, 31), 12, 1.0),
        (dt.date(2028, 3, 1), 12, 1.0),
    ],
)
def test_the_as_of_date_decides_which_months_are_closed(as_of, months, due):
    package = sample_computed("zh").package
    sheet, ref = package.locate(recalc.AS_OF)
    package.sheets[sheet].set_values({(ref.first_row, ref.first_col): serial(as_of)})
    values, errors = shown(built("zh"), package, recalc.recalculate(package), "months_closed", "quota_due_share", "quota_landing")
    assert not errors
    assert values["months_closed"] == [months]
    assert values["quota_due_share"][0] == pytest.approx(due, abs=1e-12)
    assert values["quota_landing"][0] == (months or "–")


@pytest.mark.parametrize("filled", [Company("空", 2027), Company("空", 2027, as_of=dt.date(2027, 6, 30))])
def test_an_empty_workbook_shows_no_error(filled):
    package = making.packed(building.make(filled, "zh"))
    done = recalc.recalculate(package)
    assert (done.results.unsupported, recalc.error_cells(package, done.results)) == ([], [])
