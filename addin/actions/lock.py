"""Approve and lock: somebody other than the reviewer stands behind the month's statements; from then on they never change."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from addin import cycling
from addin.action import Action, Ask, Outcome, Progress
from addin.actions import commission
from addin.book import Book
from udfs.text import Text
from workbook_templates import checking
from workbook_templates.answers import ERROR, Problem
from workbook_templates.chapters.incentives import cycle
from workbook_templates.chapters.incentives.checks.ledger import AFRESH
from workbook_templates.tables import schema, validating
from workbook_templates.xlsx.package import CellFormula


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    cycling.arguments(parser)
    parser.add_argument("--reseal", metavar="REASON", help=str(Text("封签文件丢失或计划由备份恢复：按现状重新导出，写明原因", "the seal file is lost or the plan came from a backup: export what is settled as it is; say why")))  # fmt: skip
    parser.add_argument("--despite-checks", metavar="REASON", help=str(Text("检查有误仍锁定：写明理由，记入备注", "lock although checks fail: why; kept with the note")))  # fmt: skip


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """All statements in question, or every reason why not."""
    options.note = "; ".join(filter(None, (options.note, options.despite_checks, options.reseal))) or None
    act, found = cycling.act(options), cycling.read(book)
    if not found.held:
        return Outcome.refused(found.problems)
    step = cycle.lock(found.tables, act, book.setting("cycle.two_people") == "yes")
    if step.faults or step.edited:
        progress(Text("核对台账与检查", "Checking the ledger"))
        fresh = commission.run(book, commission.ACTION.defaults(), lambda step: None)
        found.problems.extend(fresh.errors if not fresh.partial else ())
        found.problems.extend(cycling.out_of_date(found, fresh.changes, act, fresh.data.get("left_out", {})))
        found.problems.extend(() if options.despite_checks else _failing(book))
    out = cycling.outcome(
        found,
        step,
        cycling.summed(act.period, step, "已批准并锁定", "approved and locked"),
        Text(f"{act.period} 已全部锁定", f"{act.period}: all locked"),
    )
    if out.errors:
        return Outcome.refused(out.problems)
    cycling.exporting(book, options, found, step, out)
    if options.reseal and out.export is not None:
        out.log.append((found.held["Statements"].grid.sheet, "--reseal", "", options.reseal))
    return out


ACTION = Action(
    label=Text("批准并锁定", "Approve and lock"),
    tip=Text("批准某月已审核的对账单并锁定：此后不再变", "Approves a month's reviewed statements and locks them for good"),
    about=Text(
        "把某月“审核”的提成标为“锁定”，登记批准人、合计与内容校验码，并把校验码导出到计划旁的封签文件。有未答复的异议、未审核的行、有误的检查，"
        "或批准人就是审核人时不锁定。锁定后不能撤销；更正只记入以后月份的调整行。",
        "Marks a month's Reviewed rows as Locked, records approver, total and checksum, and exports the checksums to a seal file beside the "
        "plan. Refused while a dispute is open, a row is not reviewed, a check fails, or the approver is the reviewer. A lock can't be undone; "
        "corrections go to a later month as adjustments.",
    ),
    group="incentives",
    order=13,
    icon="Lock",
    keytip="K3",
    run=run,
    arguments=arguments,
    guards=True,
    asks={"period": cycling.PERIOD, "by": Ask(Text("批准人（不能是审核人）", "Who approves (not the reviewer)"))},
    examples=Text(
        "示例：\n  salesplan lock 计划.xlsx --period 2027-03 --by 陈立",
        "examples:\n  salesplan lock plan.xlsx --period 2027-03 --by Chen",
    ),
    final=Text(
        "锁定的对账单不再改变。更正：改成交后重新计算提成，差额会成为以后月份的“调整”行；或在以后月份写一条“手工”行。",
        "a locked statement never changes. To correct it correct the deal and compute again: the difference becomes an Adjustment of a later "
        "month; or enter a Manual row there.",
    ),
)


def _failing(book: Book) -> Iterable[Problem]:
    """The lines of the Checks sheet that are wrong. Whether the ledger is up to date is asked above, more sharply."""
    place = book.locate(schema.CHECK_LIST)
    if place is None:
        return []
    rows = [[c.value if isinstance(c, CellFormula) else c for c in line] for line in book.area(*place)]
    afresh = checking.registered()[AFRESH].what
    kept = [line if line[1] not in afresh else [None] * len(line) for line in rows]
    return [p for p in validating.verdicts(*place, kept) if p.level == ERROR]
