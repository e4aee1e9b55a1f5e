"""Review: somebody looked at the month's statements. Each is sealed with a digest of its rows and its account; one in dispute waits."""

from __future__ import annotations

import argparse

from addin import cycling
from addin.action import Action, Outcome, Progress
from addin.actions import commission
from addin.book import Book
from udfs.text import Text
from workbook_templates.chapters.incentives import cycle


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Seal what is to be reviewed."""
    act, found = cycling.act(options), cycling.read(book)
    if not found.held:
        return Outcome.refused(found.problems)
    progress(Text("核对台账是否最新", "Checking that the ledger is up to date"))
    fresh = commission.run(book, commission.ACTION.defaults(), lambda step: None)
    if fresh.errors and not fresh.partial:
        return Outcome.refused(fresh.problems)
    stopped = {person: Text(why, why) for person, why in fresh.data.get("left_out", {}).items()}
    found.problems.extend(cycling.out_of_date(found, fresh.changes, act, stopped))
    known = {str(row["id"]) for row in book.optional("People")}
    taken_back = book.setting("pay.negative") == "taken back"
    step = cycle.review(found.tables, act, stopped, known, taken_back)
    nothing = Text(f"{act.period} 没有待审核的对账单", f"{act.period}: no statement waits for review")
    out = cycling.outcome(found, step, cycling.summed(act.period, step, "已审核", "reviewed"), nothing)
    return Outcome.refused(out.problems) if out.errors else out


ACTION = Action(
    label=Text("审核对账单", "Review statements"),
    tip=Text("把某月的对账单标为已审核", "Marks a month's statements as reviewed"),
    about=Text(
        "把某月“计算”状态的提成标为“审核”，并在“对账单”登记审核人、每行与账户的校验码。按月份先后审核；异议中的对账单先答复再审核。",
        "Marks a month's Computed rows as Reviewed and enters reviewer and a checksum of every row and of the account on Statements. Months are "
        "reviewed in order; a disputed statement is answered first.",
    ),
    group="incentives",
    order=11,
    icon="ReviewAcceptChange",
    keytip="K1",
    run=run,
    guards=True,
    arguments=cycling.arguments,
    asks={"period": cycling.PERIOD},
    examples=Text(
        "示例：\n  salesplan review 计划.xlsx --period 2027-03 --by 周敏\n  salesplan review 计划.xlsx --period 2027-03 --person P007",
        "examples:\n  salesplan review plan.xlsx --period 2027-03 --by Zhou\n  salesplan review plan.xlsx --period 2027-03 --person P007",
    ),
)
