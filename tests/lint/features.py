"""One small workbook with a bit of everything, by our builder and by XlsxWriter, for comparing the parts and for
breaking them."""

from __future__ import annotations

import datetime as dt
import functools
import io
from pathlib import Path
from typing import Any

import xlsxwriter

from udfs.text import Text, speaking
from workbook_templates.making import packed
from workbook_templates.page import charts, style
from workbook_templates.page.builder import Plan
from workbook_templates.recalc import recalculate
from workbook_templates.tables.schema import Company

ROWS = [("R1", 3.0), ("R2", 5.0)]
HEADERS = ("Region", "Buyers")
_REGIONS: list[dict[str, Any]] = [{"region": name, "buyers": number} for name, number in ROWS]


@functools.cache
def ours() -> bytes:
    """By our builder: a Table, formulas with values, a spill, validations, conditional formats, a chart, names, panes,
    titles, links."""
    with speaking("en"):
        plan = Plan("en", Company("Morning Star", 2027, dt.date(2027, 12, 31), rows={"Regions": _REGIONS}))
        front = plan.page("front", Text("首页", "Front page"), Text("试", "A test"))
        front.formula("C5", '="OK"', "word", "master_check")
        page = plan.page("all", Text("全部", "All of it"), Text("试", "A test"), freeze="B7")
        page.records("Regions", "B6")
        page.print_titles(6)
        regions = plan.table("Regions")
        page.figure("B12", Text("合计", "Total"), f"=SUM({regions.buyers})", "int", "total")
        page.formula("C13", f"=SALES_ROI({plan.name('total')},2)", "rate")
        page.spill("B15", f"=UNIQUE({regions.region})", 2, 1)
        page.input("C16", 0.5, "rate", "share", low=0, high=1, note=Text("份额", "a share"))
        page.input("D16", "a", choices=("a", "b"))
        page.lights("C16", bad=Text("错", "bad"))
        page.condition("C12", "C12>share", style.RED)
        page.label("B18", Text("去首页", "To the front"), link="front")
        charts.bars(page, "B20", Text("图", "A chart"), "B15:B16", [("B12", "C12:C13")])
        plan.finish()
        package = packed(plan)
        recalculate(package)
        return package.to_bytes()


@functools.cache
def theirs() -> bytes:
    """The same features as XlsxWriter writes them."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    front, page = book.add_worksheet("Front page"), book.add_worksheet("All of it")
    front.write_formula("C5", '="OK"', None, "OK")
    book.define_name("master_check", "='Front page'!$C$5")
    page.add_table("B6:C8", {"name": "Regions", "columns": [{"header": h} for h in HEADERS], "data": [list(r) for r in ROWS]})
    page.write("B12", "Total")
    page.write_formula("C12", "=SUM(Regions[Buyers])", None, 8)
    book.define_name("total", "='All of it'!$C$12")
    page.write_formula("C13", "=total/2-1", None, 3)
    page.write_dynamic_array_formula("B15:B16", "=_xlfn.UNIQUE(Regions[Region])", None, "R1")
    page.write("B16", "R2")
    page.write("C16", 0.5, book.add_format({"num_format": "0.0%", "bold": True, "bg_color": "#FFFDE7", "border": 1}))
    page.data_validation(
        "C16", {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1, "input_message": "a share"}
    )
    page.data_validation("D16", {"validate": "list", "source": ["a", "b"]})
    red = book.add_format({"font_color": "#C62828", "bg_color": "#FDECEA"})
    page.conditional_format("C12", {"type": "formula", "criteria": "=C12>share", "format": red})
    book.define_name("share", "='All of it'!$C$16")
    page.write_url("B18", "internal:'Front page'!A1", string="To the front")
    chart = book.add_chart({"type": "column"})
    chart.add_series(
        {"name": "='All of it'!$B$12", "categories": "='All of it'!$B$15:$B$16", "values": "='All of it'!$C$12:$C$13"}
    )
    page.insert_chart("B20", chart)
    page.freeze_panes("B7")
    page.repeat_rows(0, 5)
    for sheet in (front, page):
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.center_horizontally()
        sheet.set_header("&LMorning Star")
        sheet.set_footer("&CPage &P of &N")
        sheet.hide_gridlines(2)
        sheet.set_column("A:A", 2.5)
        sheet.set_tab_color("#1F4E79")
    book.close()
    return out.getvalue()


def write(folder: Path) -> list[Path]:
    """Both as files, to look at."""
    made = [folder / "ours.xlsx", folder / "theirs.xlsx"]
    for path, content in zip(made, (ours(), theirs()), strict=True):
        path.write_bytes(content)
    return made
