"""Two sheets side by side on one: each is built as if it stood alone, then the second moves to the right of the first.

So a module knows nothing of where it ends up: its cells, Tables, names, formulas, lights, validations and charts move as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from openpyxl.utils import absolute_coordinate, column_index_from_string, coordinate_to_tuple, get_column_letter, quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.cell_range import MultiCellRange
from openpyxl.worksheet.worksheet import Worksheet

from workbook_templates.page import navigation, style
from workbook_templates.xlsx.moving import displaced
from workbook_templates.xlsx.refs import Ref

if TYPE_CHECKING:
    from workbook_templates.page.builder import Page, Plan

CM_A_DIGIT, _USUAL = 0.19, 9.0  # how wide a column of one digit is; of how many one is that nobody sized


def join(plan: Plan, first: Page, second: Page) -> None:
    """Move all of the second sheet to the right of what the first has."""
    by = last_column(first)
    _Move(plan, first, second, by).run()
    del plan.pages[second.key]
    plan.chapters.pop(second.sheet.title, None)
    plan.book.remove(second.sheet)
    cell = f"{get_column_letter(2 + by)}1"
    plan.moved[second.key] = (first.key, cell)
    plan.redirected[_place(second.sheet, "A1")] = _place(first.sheet, cell)


def redirect(plan: Plan) -> None:
    """Links to sheets that are no more, once all have moved: a link is asked of every cell there is."""
    there = {
        _place(sheet, "A1") for sheet in plan.book.worksheets
    }  # what a chart draws may be called like the sheet made after it
    gone = {then: now for then, now in plan.redirected.items() if then not in there}
    for sheet in plan.book.worksheets:
        for cell in sheet._cells.values():
            link = cell.hyperlink
            if link is not None and link.location in gone:
                link.location = gone[link.location]


def _place(sheet: Worksheet, cell: str) -> str:
    return f"{quote_sheetname(sheet.title)}!{cell}"


def last_column(page: Page) -> int:
    """The last column that shows something, charts included."""
    spills = [
        Ref.parse(written.ref).last_col
        for written in page.plan.formulas[page.since :]
        if written.sheet is page.sheet and ":" in written.ref
    ]
    tables = [Ref.parse(table.ref).last_col for table in page.sheet.tables.values()]
    widths = page.widths | page.fixed
    end = int(max([1, *spills, *tables, *(end_of(page, chart, widths) for chart in page.sheet._charts)]))
    worked_out = {
        at
        for w in page.plan.formulas[page.since :]
        if w.sheet is page.sheet and (at := coordinate_to_tuple(w.cell))[0] != navigation.ROW
    }
    held = {at for at, cell in page.sheet._cells.items() if cell.value is not None} | worked_out
    beyond = (column for _, column in held if column > end)
    return max(beyond, default=end)


def end_of(page: Page, chart: Any, widths: Mapping[str, float]) -> int:
    """The column in which a chart ends: the one whose edge is nearest."""
    column, left = coordinate_to_tuple(chart.anchor)[1], float(chart.width)
    while (left := left - CM_A_DIGIT * widths.get(get_column_letter(column), _USUAL)) > CM_A_DIGIT * _half(column + 1, widths):
        column += 1
    return int(column)


def _half(column: int, widths: Mapping[str, float]) -> float:
    return widths.get(get_column_letter(column), _USUAL) / 2


class _Move:
    """One sheet's contents on their way to the right of another's."""

    def __init__(self, plan: Plan, to: Page, page: Page, by: int) -> None:
        self.plan, self.to, self.page, self.by = plan, to, page, by

    def run(self) -> None:
        """All of it; the strip stays behind, since a sheet has one."""
        self._cells()
        self._formulas()
        self._tables()
        self._names()
        self._rules()
        self._sizes()
        self._charts()
        for key, watch in self.plan.watches.items():
            if watch.page == self.page.key:
                self.plan.watches[key] = watch.on(self.to.key)

    def _ref(self, ref: str) -> str:
        return displaced(ref, 0, self.by)

    def _letter(self, letter: str) -> str:
        return str(get_column_letter(column_index_from_string(letter) + self.by))

    def _cells(self) -> None:
        target = self.to.sheet
        for (row, column), cell in self.page.sheet._cells.items():
            if row == navigation.ROW:
                continue
            cell.parent, cell.column = target, column + self.by
            target._cells[row, column + self.by] = cell
            if cell.hyperlink is not None:
                cell.hyperlink.ref = cell.coordinate
        for area in self.page.sheet.merged_cells.ranges:
            area.shift(col_shift=self.by)
            target.merged_cells.add(area)
        heading = target.cell(1, 2 + self.by)
        self.to.dress(heading.coordinate, style.font(style.ACCENT, True, 12), style.align("left", vertical="bottom"))

    def _formulas(self) -> None:
        kept = []
        since = self.page.since
        self.to.since = min(self.to.since, since)
        for written in self.plan.formulas[since:]:
            if written.sheet is self.page.sheet:
                if coordinate_to_tuple(written.cell)[0] == navigation.ROW:
                    continue
                written.sheet, written.cell = self.to.sheet, self._ref(written.cell)
                written.ref, written.text = self._ref(written.ref), self._ref(written.text)
            kept.append(written)
        self.plan.formulas[since:] = kept

    def _tables(self) -> None:
        found = list(self.page.sheet.tables.values())
        self.page.sheet.tables.clear()  # a name stands once in a workbook
        for table in found:
            table.ref = self._ref(table.ref)
            if table.autoFilter is not None:
                table.autoFilter.ref = self._ref(table.autoFilter.ref)
            self.to.sheet.add_table(table)
            self.plan.tables[table.name] = self.to.sheet.title

    def _names(self) -> None:
        then, now = (quote_sheetname(page.sheet.title) + "!" for page in (self.page, self.to))
        for name, (title, ref) in list(self.plan.names.items()):
            if title == self.page.sheet.title:
                self.plan.names[name] = (self.to.sheet.title, self._ref(ref))
                text = displaced(self.plan.book.defined_names[name].attr_text, 0, self.by).replace(then, now)
                self.plan.book.defined_names[name] = DefinedName(name, attr_text=text)

    def _rules(self) -> None:
        page, to = self.page, self.to
        to.judged.asked += [
            (self._ref(ref), self._ref(formula), color, shaped)
            for ref, formula, color, shaped in page.judged.asked
            if ref != navigation.CHECK
        ]
        to.judged.scaled += map(self._ref, page.judged.scaled)
        to.judged.heats += [(self._ref(ref), color) for ref, color in page.judged.heats]
        to.validated += [Ref.parse(self._ref(str(ref))) for ref in page.validated]
        for rule in page.sheet.data_validations.dataValidation:
            rule.sqref = MultiCellRange(" ".join(self._ref(str(area)) for area in rule.sqref.ranges))
            rule.formula1, rule.formula2 = (text and self._ref(text) for text in (rule.formula1, rule.formula2))
            to.sheet.add_data_validation(rule)

    def _sizes(self) -> None:
        page, to = self.page, self.to
        to.widths |= {self._letter(letter): width for letter, width in page.widths.items()}
        to.fixed |= {"A" if letter == "A" else self._letter(letter): width for letter, width in page.fixed.items()}
        to.fixed[get_column_letter(1 + self.by)] = 2.5  # the margin between them
        to.shaped |= {self._letter(letter) for letter in page.shaped}
        to.headers += [(row, column + self.by) for row, column in page.headers]
        to.titles |= {(row, column + self.by) for row, column in page.titles}
        for letter, there in page.sheet.column_dimensions.items():
            if there.hidden:
                dimension = to.sheet.column_dimensions[self._letter(letter)]
                dimension.outlineLevel, dimension.hidden = there.outlineLevel, True
                to.sheet.sheet_properties.outlinePr = page.sheet.sheet_properties.outlinePr
        for row, there in page.sheet.row_dimensions.items():
            if row > navigation.ROW and there.height:
                dimension = to.sheet.row_dimensions[row]
                dimension.height = max(dimension.height or 0, there.height)

    def _charts(self) -> None:
        title = quote_sheetname(self.page.sheet.title)
        for chart in self.page.sheet._charts:
            chart.anchor = self._ref(chart.anchor)
            self.to.sheet._charts.append(chart)
        self.page.sheet._charts.clear()
        for sheet in self.plan.book.worksheets:
            for reference in (found for chart in sheet._charts for found in references(chart)):
                home, _, ref = reference.f.rpartition("!")
                if home == title:
                    reference.f = f"{quote_sheetname(self.to.sheet.title)}!{absolute_coordinate(self._ref(ref.replace('$', '')))}"


def references(chart: Any) -> Iterator[Any]:
    """Whatever a chart draws from cells: names, categories, values of its series, those of charts laid over it included."""
    for drawn in chart._charts:
        for series in drawn.series:
            if series.tx is not None and series.tx.strRef is not None:
                yield series.tx.strRef
            whiskers = series.errBars
            ends = () if whiskers is None else (whiskers.plus, whiskers.minus)
            for source in (series.cat, series.val, series.xVal, series.yVal, series.zVal, *ends):
                yield from (found for kind in ("numRef", "strRef") if (found := getattr(source, kind, None)) is not None)
