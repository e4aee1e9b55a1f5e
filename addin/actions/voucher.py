"""Accrual voucher: what a month accrued, released, took back and paid, component by component, as CSV for bookkeeping."""

from __future__ import annotations

import argparse
from pathlib import Path

from addin import cycling
from addin.action import Action, Ask, Outcome, Progress
from addin.book import Book
from addin.cycling import checked_period
from addin.facts import not_computed
from addin.outputs import csv_file
from udfs.text import Text, counted
from workbook_templates.answers import ERROR, Problem
from workbook_templates.chapters.incentives.pay.exact import yuan
from workbook_templates.chapters.incentives.pay.voucher import VoucherLine, voucher

HEADERS = (
    Text("月份", "month"),
    Text("项目", "component"),
    Text("计提（元）", "accrued_yuan"),
    Text("转可发（元）", "released_yuan"),
    Text("追回（元）", "clawed_back_yuan"),
    Text("应发（元）", "paid_yuan"),
    Text("期末结转（元）", "carried_yuan"),
)
_FIGURES = ("accrued", "released", "clawed_back", "paid", "carried")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument("out", metavar="OUT.csv", help=str(Text("要写的 CSV", "the CSV to write")))
    parser.add_argument("--period", metavar="YYYY-MM", required=True, help=str(Text("月份", "the month")))


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Add up the month's ledger and accounts."""
    period = str(checked_period(options.period))
    found = book.problems("Ledger", "Accounts", references=False)
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    accounts = book.read("Accounts").rows
    lines = voucher(period, book.read("Ledger").rows, accounts)
    open_ = sum(row["month"] == period and row["statement"] == "estimated" for row in accounts)
    if len(lines) == 1:
        nothing = Text(f"{period} 没有可计提的：请先“计算提成”", f"{period}: nothing to accrue, compute commissions first")
        return Outcome.refused([*found, Problem("", 0, 0, nothing)])
    total = lines[-1]
    outcome = Outcome(
        Text(
            f"{period} 计提凭证：计提 {yuan(total.accrued or 0):,.2f} 元，应发 {yuan(total.paid):,.2f} 元",
            f"accrual voucher {period}: {yuan(total.accrued or 0):,.2f} yuan accrued, {yuan(total.paid):,.2f} payable",
        ),
        problems=found,
    )
    if open_:
        outcome.notes.append(
            Text(
                f"{open_} 份对账单尚未审核，数字为预估",
                f"{counted(open_, 'statement is', 'statements are')} not reviewed yet: estimated",
            )
        )
    settled = {str(row["person"]) for row in accounts if row["month"] == period and row["statement"] != "estimated"}
    left_out = {person: why for person, why in not_computed(book).items() if person not in settled}
    outcome.notes += [Text(f"未计算：{who}：{why.zh}", f"left out: {who}: {why.en}") for who, why in left_out.items()]
    outcome.files[Path(options.out)] = content(period, lines)
    outcome.data = {
        "lines": [[str(line.component), *(_shown(line, key) for key in _FIGURES)] for line in lines],
        "left_out": {person: str(why) for person, why in left_out.items()},
    }
    return outcome


def _shown(line: VoucherLine, key: str) -> str:
    amount = getattr(line, key)
    return "" if amount is None else f"{yuan(amount):.2f}"


def content(period: str, lines: list[VoucherLine]) -> bytes:
    """The CSV, with a byte order mark so that a double click shows Chinese."""
    return csv_file(HEADERS, ([period, str(line.component), *(_shown(line, key) for key in _FIGURES)] for line in lines))


ACTION = Action(
    label=Text("计提凭证", "Accrual voucher"),
    tip=Text(
        "把某月的计提、转可发、追回与应发按项目导出为 CSV", "A month's accruals, releases, clawbacks and pay by component, as CSV"
    ),
    about=Text(
        "把某月提成台账与账户按项目汇总写入 CSV，供记账：计提、转可发、追回、应发；预支、暂缓、结转各一行。工作簿不改动。",
        "Writes the month's ledger and accounts by component to a CSV for bookkeeping: accrued, released, clawed back, paid; draws, holds "
        "and carry are lines of their own. The workbook is not changed.",
    ),
    group="incentives",
    order=16,
    icon="RecordInJournal",
    keytip="K7",
    run=run,
    guards=True,
    writes={"out": ".csv"},
    arguments=arguments,
    asks={"period": cycling.PERIOD, "out": Ask("save")},
    examples=Text(
        "示例：\n  salesplan voucher 计划.xlsx 凭证.csv --period 2027-03",
        "examples:\n  salesplan voucher plan.xlsx voucher.csv --period 2027-03",
    ),
)
