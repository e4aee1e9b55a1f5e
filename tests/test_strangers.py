"""Exports that somebody made who had not seen the code: what came in was worked out first, then they were read (stranger_exports.json).

An entry: ``table`` (deals or lines, or the name of another Table), the file as ``text`` with its ``encoding``, or as ``sheets`` with rows (``@2027-03-05`` is a day),
number formats, merged and hidden cells, comments, page headers, called ``name``; what a person chose (``options``, as on the command line); and what is right of it:

* ``rows``, ``revenue``, ``cost``, ``customers``, ``ids``, ``months``, ``last``: what comes in,
* ``says``: of each list one word is said, in zh or en; ``refused``: the same, and nothing comes in; ``never``: what isn't said,
* ``one_reason_per_line``: no line gets two,
* ``cells``: of other Tables, what stands in each row that comes in; ``updated``: what is corrected (``plan``: what is there).
"""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment

from tests.test_meaning import DAY, DEALS, KNOWN
from workbook_templates.answers import Refused
from workbook_templates.intake import files, importing
from workbook_templates.intake.importing import Wishes
from workbook_templates.intake.meaning import stage
from workbook_templates.tables import schema
from workbook_templates.transactions import SourceWishes, Ways, read

EXPORTS = json.loads((Path(__file__).parent / "stranger_exports.json").read_text("utf-8"))


@pytest.mark.parametrize("export", EXPORTS, ids=[export["case"] for export in EXPORTS])
def test_export(export, tmp_path):
    path, expect = made(export, tmp_path), export["expect"]
    try:
        came, said, lines = HOW.get(export["table"], of_others)(path, export.get("options", {}), export)
    except Refused as refused:
        came, said, lines = {"rows": 0}, f"{refused.text.zh} {refused.text.en}", []
    said = plain(said)
    for words in (*expect.get("refused", ()), *expect.get("says", ())):
        assert any(plain(word) in said for word in words), (words, said)
    for word in expect.get("never", ()):
        assert plain(word) not in said
    if "refused" in expect:
        assert came["rows"] == 0, (came, said)
    for key in expect.keys() & {"rows", "revenue", "cost", "customers", "ids", "months", "last"}:
        assert came.get(key) == expect[key], (key, said)
    for row, cells in zip(came.get("cells", ()), expect.get("cells", ()), strict=True):
        assert {key: str(row.get(key)) for key in cells} == cells, said
    if "updated" in expect:
        assert came["updated"] == expect["updated"], said
    if expect.get("one_reason_per_line"):
        assert max(Counter(lines).values(), default=0) <= 1, said


def plain(text):
    return unicodedata.normalize("NFKC", text).casefold()


def made(export, folder):
    path = folder / (export.get("name", "x") + export.get("suffix", ".csv"))
    if "text" in export:
        path.write_bytes(export["text"].encode(export.get("encoding", "utf-8")))
        return path
    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet in export["sheets"]:
        page = book.create_sheet(sheet["title"])
        for row in sheet["rows"]:
            page.append([dt.datetime.fromisoformat(c[1:]) if isinstance(c, str) and c[:1] == "@" else c for c in row])
        for at, code in sheet.get("formats", {}).items():
            page[at].number_format = code
        for area in sheet.get("merged", ()):
            page.merge_cells(area)
        for line in sheet.get("hidden", ()):
            page.row_dimensions[line].hidden = True
        for at, text in sheet.get("comments", {}).items():
            page[at].comment = Comment(text, "")
        page.oddHeader.right.text = sheet.get("page_header")
        page.oddFooter.left.text = sheet.get("page_footer")
        page.sheet_state = sheet.get("state", "visible")
    path = path.with_suffix(".xlsx")
    book.save(path)
    return path


def chosen(options):
    rates = {name: Decimal(rate) for name, rate in options.get("rates", {}).items()}
    tax = Decimal(options["tax"]) if "tax" in options else None
    return rates, stage.Choices(tax=tax, status=options.get("status", {}), skip_hidden=options.get("hidden") == "skip")


def of_deals(path, options, export):
    rates, choices = chosen(options)
    sources = files.read_all(path, lambda cells: importing.headers_matched(DEALS, cells), encoding=options.get("encoding"))
    wishes = Wishes(renames=options.get("map", {}), rates=rates, choices=choices, wide=options.get("wide", ""))
    found = importing.bring_in_all(sources, DEALS, KNOWN, wishes)
    customers, months = defaultdict(float), defaultdict(float)
    for row in found.rows:
        customers[row["customer"]] = round(customers[row["customer"]] + row["revenue"], 2)
        months[f"{row['date']:%Y-%m}"] = round(months[f"{row['date']:%Y-%m}"] + row["revenue"], 2)
    came = {
        "rows": len(found.rows), "revenue": round(sum(r["revenue"] for r in found.rows), 2), "cost": round(sum(r["cost"] or 0 for r in found.rows), 2),
        "customers": customers, "months": months, "ids": sorted(r["id"] for r in found.rows),
    }  # fmt: skip
    said = [*found.notes, *(r.reason for r in (*found.refusals, *found.left))]
    values = [r.value for r in (*found.refusals, *found.left)]
    return came, " ".join([*(f"{t.zh} {t.en}" for t in said), *values]), [(r.sheet, r.line) for r in found.refusals]


def of_lines(path, options, export):
    rates, choices = chosen(options)
    ways = Ways(encoding=options.get("encoding"), renames=options.get("map"), wide=options.get("wide", ""))
    purchases, report = read(path, DAY, ways=ways, wishes=SourceWishes(rates=rates, choices=choices))
    bought = purchases.summary
    lasts = [dt.date(1970, 1, 1) + dt.timedelta(days=day) for day in bought.last[bought.frequency > 0].tolist()]
    came = {
        "rows": report.counted, "revenue": round(int(bought.total.sum()) / 100, 2), "last": str(max(lasts, default=None)),
        "customers": {name: total / 100 for name, total in zip(bought.ids.tolist(), bought.total.tolist(), strict=True)},
    }  # fmt: skip
    said = [f"{t.zh} {t.en}" for t in report.notes]
    for finding in report.findings():
        said.append(f"{finding.value} {finding.reason.zh} {finding.reason.en}")
    return came, " ".join(said), []


# Of what other Tables refer to.
THERE = {
    "People": KNOWN.rows["People"], "Customers": [{"id": "C1", "name": "甲公司"}, {"id": "C2", "name": "乙公司"}],
    "Deals": [
        {"id": "A1", "date": dt.date(2027, 3, 5), "customer": "C1", "revenue": 1000.0, "cost": 600.0, "seller": "P01", "seller_share": 1.0},
        {"id": "A2", "date": dt.date(2027, 3, 6), "customer": "C2", "revenue": 2000.0, "cost": 900.0, "seller": "P02", "collected": 500.0},
    ],
    "Ledger": [{"deal": "A2", "status": "locked", "person": "P02"}], "Dealers": [{"id": "D1", "name": "经销一"}],
}  # fmt: skip


def of_others(path, options, export):
    rates, choices = chosen(options)
    spec = schema.table("Deals" if export["table"] == "corrections" else export["table"])
    sources = files.read_all(path, lambda cells: importing.headers_matched(spec, cells), encoding=options.get("encoding"))
    wishes = Wishes(options.get("map", {}), rates=rates, choices=choices, update=frozenset(options.get("update", ())))
    found = importing.bring_in_all(sources, spec, importing.Known({**THERE, **export.get("plan", {})}, 2027), wishes)
    came = {
        "rows": len(found.rows),
        "cells": found.rows if "cells" in export["expect"] else (),
        "updated": [{key: str(value) for key, value in row.items()} for _, row in found.updated],
    }
    said = [f"{t.zh} {t.en}" for t in found.notes]
    said += [f"{r.value} {r.reason.zh} {r.reason.en}" for r in (*found.refusals, *found.left)]
    return came, " ".join(said), [(r.sheet, r.line) for r in found.refusals]


HOW = {"deals": of_deals, "lines": of_lines}
