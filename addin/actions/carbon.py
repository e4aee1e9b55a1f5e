"""Carbon report: what travel, samples and stands emit, by the table of factors; a quarter's report for S customers as a Word file."""

from __future__ import annotations

import argparse
import datetime as dt
import re
from typing import Any

from addin import documents
from addin.action import Action, Ask, Outcome, Progress
from addin.book import Book
from addin.dispatching import day_of
from udfs.text import Text, joined
from workbook_templates.answers import ERROR, WARNING, Problem, Refused
from workbook_templates.chapters.risk import carbon, carbon_file
from workbook_templates.chapters.risk.words import CARBON
from workbook_templates.intake.parsing import fold
from workbook_templates.tables.duties import Day
from workbook_templates.tables.schema import Row

# Table → the column of its kilograms, and the quantity of a row.
_QUANTITIES: dict[str, tuple[str, Any]] = {
    "Travel": ("kg", lambda row: (row.get("mode"), row.get("km"))),
    "Shipments": (
        "emitted",
        lambda row: (row.get("mode"), None if None in (row.get("kg"), row.get("km")) else row["kg"] / carbon.KG * row["km"]),
    ),
    "Booths": ("emitted", lambda row: (row.get("basis"), row.get("quantity"))),
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument(
        "--quarter",
        metavar="2027-Q1",
        default=None,
        help=str(Text("生成这个季度的报告；不给则只折算", "make this quarter's report; without it rows are worked out only")),
    )


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Work out every row; make the report asked for."""
    found = book.problems(*_QUANTITIES, "CarbonFactors")
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    outcome, day = Outcome(Text("", ""), problems=found), day_of(book)
    table = carbon.factors(day.rows("CarbonFactors"), day.as_of)
    worked: dict[str, list[dict[str, Any]]] = {}
    for name, (column, quantity) in _QUANTITIES.items():
        worked[name] = _worked(book, outcome, name, column, quantity, table)
    rows = worked["Travel"]
    now, before = carbon.same_period(rows, day.as_of)
    outcome.data = {
        "rows": sum(map(len, worked.values())), "travel": now, "travel_before": before, "coverage": _coverage(rows),
        "rail_savings": carbon.rail_savings([row for row in rows if row["date"].year == day.as_of.year], table, float(day.setting("carbon.rail_km"))),
    }  # fmt: skip
    outcome.summary = _summary(outcome.data, day)
    if options.quarter:
        _report(book, day, outcome, worked, options.quarter)
    return outcome


def _worked(book: Book, outcome: Outcome, name: str, column: str, quantity: Any, table: list[list[Any]]) -> list[dict[str, Any]]:
    """The rows with their kilograms; one without a factor or distance is told and stays blank."""
    held, out = book.read(name), []
    for index, row in enumerate(held.rows):
        if not isinstance(row.get("date"), dt.date):
            continue
        mode, amount = quantity(row)
        made = carbon.emitted(mode, amount, table)
        if made.why is not None:
            first = next(key for key in ("km", "quantity", "kg") if key in held.spec.by_key)
            outcome.problems.append(Problem(held.grid.sheet, *held.at(index, first), made.why, WARNING))
        if row.get(column) != made.kg:
            outcome.changes.edit(name, index, **{column: made.kg})
        out.append(row | {column: made.kg})
    return out


def _report(book: Book, day: Day, outcome: Outcome, worked: dict[str, list[dict[str, Any]]], said: str) -> None:
    match = re.fullmatch(r"(\d{4})-Q([1-4])", said.strip().upper())
    if match is None:
        raise Refused(Text(f"--quarter “{said}”：请写成 {day.year}-Q1", f"--quarter “{said}”: write it as {day.year}-Q1"))
    report = _told(day, worked, int(match[1]), int(match[2]))
    (path,) = documents.keep(book, outcome, lambda head: [carbon_file.document(report, head)])
    outcome.data["file"] = str(path)
    outcome.summary += Text(f"；报告 {path.name}", f"; report {path.name}")
    receivers = [str(row["id"]) for row in _of_s(day)]
    if receivers:
        outcome.notes.append(
            Text("报告给 S 级客户：", "the report is for these S customers: ") + joined(receivers, most=5, unit="家")
        )


def _told(day: Day, worked: dict[str, list[dict[str, Any]]], year: int, number: int) -> carbon.CarbonReport:
    """What the paper of a quarter says, up to the quarter's end or the plan's day."""
    within = carbon.span(year, number, day.as_of)
    modules = {
        name: within.module((row["date"], row[column]) for row in worked[name]) for name, (column, _) in _QUANTITIES.items()
    }
    name = f"{year}-Q{number}"
    if not any(module.now or module.before for module in modules.values()):
        raise Refused(
            Text(
                f"{name} 没有可报告的碳排：先导入差旅并维护因子",
                f"nothing to report for {name}: import travel and keep the factors first",
            )
        )
    listed, journeys = day.rows("CarbonFactors"), worked["Travel"]
    table = carbon.factors(listed, day.as_of)
    flown = carbon.flown(journeys, table, within)
    if flown[True] and flown[False]:
        (zh, en), (no_zh, no_en) = joined(flown[True]), joined(flown[False])
        raise Refused(Text(
            f"航班因子口径不一：{zh} 含辐射强迫，{no_zh} 不含。请在“差旅”统一方式，再出报告",
            f"flights by two kinds of factor: {en} with radiative forcing, {no_en} without. Give Travel one kind, then report",
        ))  # fmt: skip
    mine = [row for row in journeys if dt.date(year, 1, 1) <= row["date"] <= within.last]
    now, before = carbon.same_period(journeys, within.last)
    limit = float(day.setting("carbon.rail_km"))
    agreed = {fold(row["customer"]) for row in day.rows("Cases") if row.get("public") == "yes" and row.get("customer")}
    return carbon.CarbonReport(
        name, within, modules, now, before, float(day.setting("carbon.travel_cut")), _coverage(mine), limit,
        carbon.rail_savings(mine, table, limit), next((kind for kind in (True, False) if flown[kind]), None),
        carbon.restated(listed, table, within), table, [str(row["name"]) for row in _of_s(day) if fold(row.get("name") or "") in agreed],
    )  # fmt: skip


def _coverage(rows: list[dict[str, Any]]) -> float | None:
    """The share of journeys that have a distance."""
    return sum(isinstance(row.get("km"), int | float) for row in rows) / len(rows) if rows else None


def _of_s(day: Day) -> list[Row]:
    return [row for row in day.rows("Customers") if row.get("tier") == "S" and row.get("id")]


def _summary(data: dict[str, Any], day: Day) -> Text:
    if not data["rows"]:
        return Text(
            "没有可折算的：在“碳排”导入差旅、样品、展台与排放因子",
            "nothing to work out: import travel, samples, stands and factors on Carbon",
        )
    head = Text(
        f"已折算 {data['rows']} 行；今年差旅 {data['travel'] / carbon.KG:,.1f} 吨",
        f"rows worked out: {data['rows']}; travel this year {data['travel'] / carbon.KG:,.1f} t",
    )
    if data["travel_before"]:
        change = data["travel"] / data["travel_before"] - 1
        goal = -float(day.setting("carbon.travel_cut"))
        head += Text(f"，同比 {change:+.1%}（目标 {goal:.0%}）", f", {change:+.1%} on the year before (goal {goal:.0%})")
    return head


ACTION = Action(
    label=CARBON,
    tip=Text(
        "差旅、样品、展台按因子折算碳排，季度报告为 Word 文件",
        "Travel, samples and exhibitions in kg of CO2e by the factors; a quarter's report as a Word file",
    ),
    about=Text(
        "写入每行的碳排；没有因子或里程的留空并列出。给季度则生成报告，放进文档文件夹。",
        "Writes what each row emits; rows without factor or distance stay blank and are listed. With a quarter the report goes into the documents folder.",
    ),
    group="risk",
    order=40,
    icon="ChartInsert",
    keytip="OB",
    run=run,
    guards=False,
    arguments=arguments,
    asks={"quarter": Ask(Text("哪个季度的报告，如 2027-Q1", "The report of which quarter, such as 2027-Q1"))},
    examples=Text(
        "示例：\n  salesplan carbon 计划.xlsx\n  salesplan carbon 计划.xlsx --quarter 2027-Q2",
        "examples:\n  salesplan carbon plan.xlsx\n  salesplan carbon plan.xlsx --quarter 2027-Q2",
    ),
)
