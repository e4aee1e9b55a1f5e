"""Sheets added to a workbook that is open in Excel: copied from a plan of ours where there is a template, else plain.

A copied sheet brings its formulas, formats and drop-downs; what it refers to in the plan it came from is turned to the
workbook it is in now. All of that is Excel's doing and was never tried by us: see the manual checklist.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from workbook_templates.tables.schema import TABLES, Company
from workbook_templates.xlsx.new_sheet import NewSheet, free_name

_LINKS_TO_WORKBOOKS = 1  # Excel's xlLinkTypeExcelLinks


def add(workbook: Any, new: Sequence[NewSheet], lang: str) -> None:
    """Add the sheets at the end, first those that are copied."""
    ours = [one for one in new if one.table in TABLES]
    if ours:
        _copy(workbook, ours, lang)
    for one in new:
        if one.table not in TABLES:
            _plain(workbook, one)


def remove(workbook: Any, names: Collection[str]) -> None:
    """Delete sheets without Excel asking for each: the person was asked for all."""
    before = workbook.app.display_alerts
    workbook.app.display_alerts = False
    try:
        for sheet in [one for one in workbook.sheets if one.name in names]:
            sheet.delete()
    finally:
        workbook.app.display_alerts = before


def _plain(workbook: Any, new: NewSheet) -> None:
    last = workbook.sheets[-1]
    sheet = workbook.sheets.add(free_name(new.title, [s.name for s in workbook.sheets]), after=last)
    content = new.content
    area = sheet.range((1, 1), (len(content), len(new.headers)))
    area.number_format = "@"  # "0012" and "=x" stay texts
    area.value = content
    sheet.tables.add(source=area, name=new.table, has_headers=True)


def _copy(workbook: Any, new: Sequence[NewSheet], lang: str) -> None:
    from workbook_templates.making import write_plan

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "SalesPlan-template.xlsx"
        write_plan(Company("", dt.date.today().year), path, lang)
        plan = workbook.app.books.open(str(path))
        try:
            for one in new:
                source = next(s for s in plan.sheets if any(t.name == one.table for t in s.tables))
                source.copy(after=workbook.sheets[-1])
            workbook.api.ChangeLink(str(path), str(workbook.fullname), _LINKS_TO_WORKBOOKS)
        finally:
            plan.close()
