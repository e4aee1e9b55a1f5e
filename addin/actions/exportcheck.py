"""Check exports: each line of an order that goes abroad, by the company's own control tables; what they don't know is to be checked."""

from __future__ import annotations

import argparse
import re
from collections import Counter
from typing import Any

from addin.action import Action, Outcome, Progress
from addin.book import Book
from addin.dispatching import day_of
from udfs.text import Text, joined
from workbook_templates.answers import ERROR
from workbook_templates.chapters.risk import exports
from workbook_templates.chapters.risk.words import EXPORT, RESULT_WORDS
from workbook_templates.tables.schema import Row

TABLE = "ExportChecks"


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """A row for each line that has none yet, and what the tables say of all."""
    found = book.problems(TABLE, *exports.TABLES)
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    outcome, day = Outcome(Text("", ""), problems=found), day_of(book)
    rows = book.read(TABLE).rows
    there = {(row.get("order"), row.get("product") or None) for row in rows}
    number = max((int(m[1]) for row in rows if (m := re.fullmatch(r"X(\d+)", str(row.get("id") or "")))), default=0)
    made: list[Row] = []
    for index, row in enumerate(rows):
        if not row.get("order") or not row.get("country"):
            continue
        given = vars(exports.judged(day, row))
        if not row.get("id"):
            number += 1
            given["id"] = f"X{number:04d}"
        changed = {key: cell for key, cell in given.items() if row.get(key) != cell}
        if changed:
            outcome.changes.edit(TABLE, index, **changed)
        made.append(row | given)
    new = []
    for deal in day.rows("Deals"):
        if not deal.get("id") or deal.get("original") or not exports.foreign(day, deal):
            continue
        for line in exports.lines_of(day, deal):
            if (line["order"], line["product"]) in there:
                continue
            number += 1
            blank: dict[str, Any] = dict.fromkeys(("reviewer1", "reviewer2", "video_on", "licence_no"))
            new.append({"id": f"X{number:04d}"} | line | vars(exports.judged(day, line)) | blank)
    outcome.changes.add(TABLE, new)
    every = [*made, *new]
    open_ = exports.open_rows(every, day.as_of)
    outcome.data = {"lines": len(every), "new": len(new), "open": len(open_), **Counter(str(row["result"]) for row in every)}
    outcome.summary = _summary(every, len(open_))
    return outcome


def _summary(rows: list[Row], open_: int) -> Text:
    if not rows:
        return Text(
            "没有海外订单：在“客户”填国家，或在“出口”写订单与国家",
            "no order goes abroad: enter countries in Customers, or orders on Export",
        )
    counts = Counter(row["result"] for row in rows)
    said = [(word.label, counts[word.code]) for word in RESULT_WORDS if counts[word.code]]
    zh, en = joined(Text(f"{t.zh} {n}", f"{t.en.lower()} {n}") for t, n in said)
    tail = Text(f"；不能发货 {open_} 行", f"; may not ship: {open_}") if open_ else Text("；没有未办的", "; none is open")
    return Text(f"已核查 {len(rows)} 行：{zh}", f"lines checked: {len(rows)} ({en})") + tail


ACTION = Action(
    label=EXPORT,
    tip=Text(
        "海外订单逐行对照 ECCN、国家与 HS 管制表；查不到的一律待核查",
        "Each line of a foreign order beside the tables of ECCN, countries and HS; what is not found is to be checked",
    ),
    about=Text(
        "写入结果、原因、是否双人复核；新的海外订单行自动加入。复核人、视频日期与许可证号不改。",
        "Writes result, reasons and whether two must review; lines of new foreign orders are added. Reviewers, days and licence numbers stay.",
    ),
    group="risk",
    order=30,
    icon="ReviewAcceptChange",
    keytip="OX",
    run=run,
    guards=False,
    examples=Text("示例：\n  salesplan exportcheck 计划.xlsx", "examples:\n  salesplan exportcheck plan.xlsx"),
)
