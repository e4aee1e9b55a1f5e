"""Profit pool: who shares in it, from People, and what each would be paid. The payout itself is the sheet's own formula.

Points are people's judgement where somebody typed them. Only for a newcomer and where a cell is blank are they filled in: the
performance points from the deals of the person's team (in ten thousand yuan), the values points from the half-yearly score.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from fractions import Fraction

from addin.action import Action, Outcome, Progress
from addin.book import Book
from udfs import call
from udfs.text import Text, counted
from udfs.values import ExcelError, excel_round, total_of
from workbook_templates.answers import ERROR, WARNING, Problem
from workbook_templates.chapters.incentives.pay.exact import rounded, yuan
from workbook_templates.chapters.incentives.pay.facts import orders_of
from workbook_templates.chapters.incentives.pay.worth import credited
from workbook_templates.chapters.incentives.staff import Staff
from workbook_templates.tables.grids import Held
from workbook_templates.tables.schema import LEVELS, Row

SHARING = ("director", "manager")
_POINT = 10_000.0  # yuan of credited revenue a performance point stands for
_VALUE_POINT = 20.0  # of 100 points, for each of the five of the values score


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Work out the rows of the Pool and what they pay."""
    found = [*book.problems("People", "Deals"), *book.problems("Pool", references=False)]
    # Blank points are what this action fills in.
    found = [p for p in found if not _blank_points(book, p)]
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    pool = book.read("Pool")
    people = {row["id"]: row for row in book.read("People").rows}
    entitled = {key: row for key, row in people.items() if LEVELS.like(row["level"]) in SHARING and not _gone(row, book)}
    # Somebody whom the company put in by hand stays as long as People knows the person.
    kept = [row for row in pool.rows if row["person"] in people and not _gone(people[row["person"]], book)]
    joined = [row for key, row in entitled.items() if key not in {r["person"] for r in kept}]
    points = team_revenue(book)
    rows = [_filled({**row}, people[row["person"]], points) for row in kept]
    rows += [_filled({"person": row["id"]}, row, points) for row in joined]
    outcome = Outcome(Text("", ""), problems=[*found, *_outsiders(pool, people)])
    if len(rows) != len(pool.rows):
        outcome.changes.replaced["Pool"] = rows
    else:
        for index, (row, before) in enumerate(zip(rows, pool.rows, strict=True)):
            changed = {k: v for k, v in row.items() if before.get(k) != v}
            if changed:
                outcome.changes.edit("Pool", index, **changed)
    outcome.summary = _paid(book, outcome, rows, len(joined), len(pool.rows) - len(kept))
    return outcome


ACTION = Action(
    label=Text("更新利润池", "Update pool"),
    tip=Text(
        "按人员表更新利润分享名单，补空白的分数，报告分配结果",
        "Who shares in the pool, from People; fills blank points, reports the payout",
    ),
    about=Text(
        "更新“分享与股权”页：总监与经理入表、离职者移除、姓名与“是否总监”随人员表；空白分数按团队业绩与价值观评分补上，已填的分数不动。",
        "Updates the Pool: directors and managers come in, those who left go, names and “Director” follow People; blank points are "
        "filled from the team's deals and the values score, points somebody entered stay.",
    ),
    group="incentives",
    order=20,
    icon="Chart3DPieChart",
    keytip="F",
    run=run,
    guards=True,
)


def _blank_points(book: Book, problem: Problem) -> bool:
    grid = book.grid("Pool")
    if grid is None or problem.sheet != grid.sheet or not grid.data.first_row <= problem.row <= grid.data.last_row:
        return False
    return problem.column >= grid.data.first_col + 1 and grid.value((problem.row, problem.column)) in (None, "")


def _gone(person: Row, book: Book) -> bool:
    return bool(person["left"] and book.as_of and person["left"] < book.as_of)


def _filled(row: Row, person: Row, points: dict[str, float]) -> Row:
    """Names follow People; what is blank is filled in, what was entered stays."""
    row |= {"name": person["name"], "is_director": "yes" if LEVELS.like(person["level"]) == "director" else "no"}
    worth = excel_round(points.get(person["id"], 0.0) / _POINT, 0)
    for key, value in (("performance", worth), ("success", worth), ("value_score", (person["value_score"] or 0) * _VALUE_POINT)):
        if row.get(key) in (None, ""):
            row[key] = max(0.0, float(value))
    return row


def team_revenue(book: Book) -> dict[str, float]:
    """The credited revenue up to the as-of date of each person and everybody below on the deal's day."""
    staff = Staff(book.read("People").rows, book.optional("Transfers"))
    orders, returns = orders_of(book.read("Deals").rows, book.optional("Credits"), book.policies())
    sums: dict[str, list[float]] = defaultdict(list)
    for order in orders.values():
        back = sum((one.amount for one in returns.get(order.id, ()) if not book.as_of or one.day <= book.as_of), Fraction(0))
        if book.as_of and order.day > book.as_of:
            continue
        for credit, part in zip(order.credits, credited(order), strict=True):
            for chief in staff.chain(credit.person, order.day) if credit.direct else ():
                sums[chief] += [yuan(part), -yuan(rounded(back * 100 * credit.share))]
    return {person: total_of(parts) for person, parts in sums.items()}


def _outsiders(pool: Held, people: dict[str, Row]) -> list[Problem]:
    """Who is in the pool and no leader: worth a look."""
    out = []
    for index, row in enumerate(pool.rows):
        person = people.get(row["person"])
        if person and LEVELS.like(person["level"]) not in SHARING:
            text = Text(
                f"{person['name']} 不是总监或经理：请确认是否参与分享",
                f"{person['name']} is no director or manager: confirm the share",
            )
            out.append(Problem(pool.grid.sheet, *pool.at(index, "person"), text, WARNING))
    return out


def _paid(book: Book, outcome: Outcome, rows: list[Row], joined: int, gone: int) -> Text:
    """Who came and went, and the payout as the sheet will show it."""
    what = Text(
        f"利润分享：{len(rows)} 人，新增 {joined}，移除 {gone}",
        f"Profit pool: {counted(len(rows), 'person', 'people')}, {joined} added, {gone} taken out",
    )
    margin = book.first("gross_margin")
    if not rows or not isinstance(margin, float):
        return what
    columns = [[[row[key]] for row in rows] for key in ("name", "performance", "success", "value_score")]
    directors = [[row["is_director"] == "yes"] for row in rows]
    terms = [book.setting(f"pool.{key}") for key in ("rate", "weights", "cap", "cap_scope")]
    table = call("PROFITPOOL", margin, *columns, directors, *terms)
    if isinstance(table[0][0], ExcelError):
        outcome.problems.append(Problem("", 0, 0, Text("利润池算不出来：", "the pool can't be shared: ") + table[0][0].reason))
        return what
    outcome.notes += table.notes
    outcome.data["payout"] = [{"person": r["person"], "name": r["name"], "paid": t[2]} for r, t in zip(rows, table, strict=False)]
    paid = total_of(t[2] for t in table)
    return what + Text(f"；共分配 {paid:,.2f} 元", f"; {paid:,.2f} yuan shared out")
