"""Split quotas: the people who carry quota, as People has them; the shares themselves are the sheet's own formulas.

Joiners come in, those who no longer carry any go, floors and caps stay. The year's weights follow the days employed. Whether the
quota can be shared so (floors and caps against the total) is tried before anything is written.
"""

from __future__ import annotations

import argparse
import datetime as dt

from addin.action import Action, Outcome, Progress
from addin.book import Book
from udfs import call
from udfs.text import Text
from udfs.values import ExcelError
from workbook_templates.answers import ERROR, Problem
from workbook_templates.chapters.incentives.quota_months import year_weight
from workbook_templates.tables.grids import Held
from workbook_templates.tables.schema import Row


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Work out the rows of Quotas."""
    found = book.problems("People", "Quotas", references=False)  # a row for somebody who left People is what this mends
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    people, quotas, year = book.read("People"), book.read("Quotas"), book.year or dt.date.today().year
    carriers = {row["id"]: row for row in people.rows if weight(row, year) > 0}
    kept = [row for row in quotas.rows if row["person"] in carriers]
    joined = [row for key, row in carriers.items() if key not in {r["person"] for r in kept}]
    rows = [{**row, "name": carriers[row["person"]]["name"]} for row in kept]
    rows += [{"person": row["id"], "name": row["name"], "floor": None, "cap": None} for row in joined]
    weights = [weight(carriers[row["person"]], year) for row in rows]
    problems, notes = _try(book, quotas, rows, weights)
    outcome = Outcome(_summary(quotas.rows, rows, joined), problems=[*found, *problems], notes=notes)
    if outcome.errors:
        return outcome
    if len(rows) != len(quotas.rows) or any(_differs(a, b) for a, b in zip(rows, quotas.rows, strict=True)):
        outcome.changes.replaced["Quotas"] = rows
    for index, value in enumerate(weights):
        if not _typed_in(quotas, index):
            continue
        if index >= len(quotas.rows):  # a row that this run adds
            outcome.changes.cells[quotas.grid.sheet, (quotas.grid.data.first_row + index, quotas.places["weight"])] = value
        elif quotas.rows[index]["weight"] != value:
            outcome.changes.edit("Quotas", index, weight=value)
    return outcome


ACTION = Action(
    label=Text("更新个人指标", "Update quotas"),
    tip=Text("按人员表更新个人指标：入职、离职、权重", "Quotas by person from People: joiners, leavers, weights"),
    about=Text(
        "更新“个人指标”表的人员（新增入职、移除不再承担指标者）与姓名；下限、上限不动，指标由表内公式重新分配。",
        "Updates who is in Quotas (joiners added, those without quota taken out) and their names; floors and caps stay, "
        "the sheet's formulas share the quota anew.",
    ),
    group="targets",
    order=10,
    icon="PivotTableFieldSettings",
    keytip="Q",
    run=run,
    guards=True,
)


def weight(person: Row, year: int) -> float:
    """The quota weight by days employed, as the Table's own formula has it. A transfer does not change it: the quota goes along,
    and regions and lines share it by days."""
    return year_weight(person, year)


def _typed_in(quotas: Held, index: int) -> bool:
    """Whether a weight is a plain number, no longer the column's formula; a new row's is what the others are."""
    if "weight" not in quotas.places:
        return False
    rows = [index] if index < len(quotas.rows) else range(len(quotas.rows))
    return not any(quotas.at(row, "weight") in quotas.grid.formulas for row in rows)


def _differs(row: Row, before: Row) -> bool:
    return any(row.get(key) != before.get(key) for key in ("person", "name", "floor", "cap"))


def _try(book: Book, quotas: Held, rows: list[Row], weights: list[float]) -> tuple[list[Problem], list[Text]]:
    """Share the quota as the sheet will; what it refuses is known before."""
    total = book.first("quota_total")
    if not isinstance(total, float) or not total or not sum(weights):
        return [], []
    shares = call("QUOTAALLOCATE", total, [[w] for w in weights], [[r["floor"]] for r in rows], [[r["cap"]] for r in rows])
    first = shares[0][0]
    if isinstance(first, ExcelError):
        at = (quotas.grid.data.first_row, quotas.places["floor"])
        return [Problem(quotas.grid.sheet, *at, Text("指标分不下去：", "the quota can't be shared: ") + first.reason)], []
    return [], list(shares.notes)


def _summary(before: list[Row], rows: list[Row], joined: list[Row]) -> Text:
    gone = len(before) - (len(rows) - len(joined))
    if not joined and not gone and not any(_differs(a, b) for a, b in zip(rows, before, strict=True)):
        return Text(f"个人指标已是最新：{len(rows)} 人", f"Quotas are up to date: {len(rows)} people")
    return Text(
        f"个人指标：{len(rows)} 人，新增 {len(joined)}，移除 {gone}",
        f"Quotas: {len(rows)} people, {len(joined)} added, {gone} taken out",
    )
