"""Payroll file: what is approved of a month, a line a person, for the payroll system to read. The workbook is not changed."""

from __future__ import annotations

import argparse
import csv
import io
from collections import defaultdict
from pathlib import Path

from addin import cycling
from addin.action import Action, Ask, Outcome, Progress
from addin.book import Book
from addin.cycling import checked_period
from udfs.text import Text
from udfs.values import total_of
from workbook_templates.answers import ERROR, inert
from workbook_templates.tables.schema import Row

APPROVED = ("locked",)
HEADERS = (
    Text("期间", "period"),
    Text("工号", "id"),
    Text("姓名", "name"),
    Text("提成（元）", "commission_yuan"),
    Text("其中调整（元）", "of_which_adjustments_yuan"),
    Text("行数", "lines"),
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument("out", metavar="OUT.csv", help=str(Text("要写的 CSV", "the CSV to write")))
    parser.add_argument("--period", metavar="YYYY-MM", required=True, help=str(Text("月份", "the month")))


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Sum up what is approved."""
    period = checked_period(options.period)
    found = [*book.problems("People"), *book.problems("Ledger", references=False)]
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    names = {row["id"]: row["name"] for row in book.read("People").rows}
    month = [row for row in book.read("Ledger").rows if row["period"] == period]
    approved: dict[str, list[Row]] = defaultdict(list)
    for row in month:
        if row["status"] in APPROVED:
            approved[row["person"]].append(row)
    outcome = Outcome(_summary(str(period), approved), problems=found, notes=_left_out(month))
    if approved:
        outcome.files[Path(options.out)] = content(str(period), approved, names)
    return outcome


ACTION = Action(
    label=Text("导出工资表", "Export payroll"),
    tip=Text("把某月已批准锁定的提成导出为 CSV", "What is approved and locked of a month, as CSV"),
    about=Text(
        "把某月状态为“锁定”的提成按人汇总写入 CSV；尚未批准锁定的不写，已发放的不再写。工作簿不改动；发放之后按“标记已发放”。",
        "Writes the month's Locked commission to a CSV, a line a person; what is not approved yet is left out, what is paid is not paid "
        "twice. The workbook is not changed; press Mark as paid once it went out.",
    ),
    group="incentives",
    order=14,
    icon="FileSaveAs",
    keytip="W",
    run=run,
    writes={"out": ".csv"},
    arguments=arguments,
    asks={"period": cycling.PERIOD, "out": Ask("save")},
    examples=Text(
        "示例：\n  salesplan payroll 计划.xlsx 工资.csv --period 2027-03",
        "examples:\n  salesplan payroll plan.xlsx pay.csv --period 2027-03",
    ),
)


def content(period: str, approved: dict[str, list[Row]], names: dict[str, str]) -> bytes:
    """The CSV with a byte order mark, so that a double click shows Chinese; texts can't become formulas."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([str(header) for header in HEADERS])
    for person, rows in sorted(approved.items()):
        adjusted = total_of(row["commission"] for row in rows if row["kind"] == "adjustment")
        whole = total_of(row["commission"] for row in rows)
        writer.writerow([period, inert(person), inert(names.get(person, "")), f"{whole:.2f}", f"{adjusted:.2f}", len(rows)])
    return out.getvalue().encode("utf-8-sig", errors="replace")


def _summary(period: str, approved: dict[str, list[Row]]) -> Text:
    total = total_of(row["commission"] for rows in approved.values() for row in rows)
    if not approved:
        return Text("没有可导出的：请先“批准并锁定”", "Nothing to export: approve and lock first")
    return Text(
        f"{period}：{len(approved)} 人，合计 {total:,.2f} 元", f"{period}: {len(approved)} people, {total:,.2f} yuan in all"
    )


def _left_out(month: list[Row]) -> list[Text]:
    open_ = [row for row in month if row["status"] not in (*APPROVED, "paid")]
    paid = sum(row["status"] == "paid" for row in month)
    notes = []
    if open_:
        total = total_of(row["commission"] for row in open_)
        notes.append(
            Text(
                f"{len(open_)} 行尚未批准锁定，未写入（{total:,.2f} 元）",
                f"{len(open_)} rows are not approved and locked yet and were left out ({total:,.2f} yuan)",
            )
        )
    if paid:
        notes.append(Text(f"{paid} 行已发放，未重复写入", f"{paid} rows were paid before and were left out"))
    return notes
