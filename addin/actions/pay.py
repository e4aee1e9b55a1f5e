"""Pay: what was locked went out with the payroll. Marks the statements; the file for the payroll system is ``payroll``."""

from __future__ import annotations

import argparse

from addin import cycling
from addin.action import Action, Outcome, Progress
from addin.book import Book
from udfs.text import Text
from workbook_templates.chapters.incentives import cycle


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    cycling.arguments(parser)
    parser.add_argument("--total", type=float, metavar="YUAN", help=str(Text("工资表的合计：不符则不标", "the payroll's total: nothing is marked when it differs")))  # fmt: skip


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Mark what is locked."""
    act, found = cycling.act(options), cycling.read(book)
    if not found.held:
        return Outcome.refused(found.problems)
    step = cycle.pay(found.tables, act, options.total)
    nothing = Text(f"{act.period} 没有待付的对账单", f"{act.period}: no locked statement waits for payment")
    out = cycling.outcome(found, step, cycling.summed(act.period, step, "已发放", "paid", step.paid), nothing)
    cycling.exporting(book, options, found, step, out)
    return out


ACTION = Action(
    label=Text("标记已发放", "Mark as paid"),
    tip=Text("把某月已锁定的对账单标为“已发放”", "Marks a month's locked statements as paid"),
    about=Text(
        "把某月“锁定”的提成标为“已发放”并登记发放日期；未锁定的略过，锁定后被改过的拒绝。不能撤销。工资表由“导出工资表”写出。",
        "Marks a month's Locked rows as Paid and enters the date; what is not locked is left out, what was changed since is refused. It can't "
        "be undone. The payroll file comes from Export payroll.",
    ),
    group="incentives",
    order=15,
    icon="DollarSign",
    keytip="K4",
    run=run,
    arguments=arguments,
    asks={"period": cycling.PERIOD},
    examples=Text(
        "示例：\n  salesplan pay 计划.xlsx --period 2027-03 --total 123456.78",
        "examples:\n  salesplan pay plan.xlsx --period 2027-03 --total 123456.78",
    ),
    pays=True,
    guards=True,
    needs_export=True,
    final=Text(
        "已发放的对账单不再改变。更正：改成交后重新计算提成，差额会成为以后月份的“调整”行。",
        "a paid statement never changes. To correct it correct the deal and compute again: the difference becomes an Adjustment of a later month.",
    ),
)
