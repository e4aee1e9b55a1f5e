"""Dispute: numbered remarks on statements, each with an owner and an answer.

The sheet 异议 is where people type; this takes it up.
"""

from __future__ import annotations

import argparse
import datetime as dt

from addin import cycling
from addin.action import Action, Outcome, Progress
from addin.book import Book
from addin.cycling import checked_period
from addin.performing import who_am_i
from udfs.text import Text, counted
from workbook_templates.answers import Refused
from workbook_templates.chapters.incentives import cycle
from workbook_templates.chapters.incentives.cycle import Act


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""

    def add(name: str, zh: str, en: str, **settings: object) -> None:
        parser.add_argument(name, help=str(Text(zh, en)), **settings)  # type: ignore[arg-type]

    add("--period", "提出：月份", "raise: the month", metavar="YYYY-MM")
    add("--person", "提出：工号", "raise: whose statement", metavar="ID")
    add("--deal", "提出：单号，默认整张对账单", "raise: which deal, default the whole statement", metavar="ID")
    add("--remark", "提出：异议内容", "raise: the remark", metavar="TEXT")
    add("--owner", "提出：谁负责答复", "raise: who is to answer", metavar="NAME")
    add("--number", "答复或关闭：异议号", "answer or close: which number", type=int, metavar="N")
    add("--answer", "答复内容", "the answer", metavar="TEXT")
    add("--close", "关闭（没有答复即为撤回）", "close it (without an answer: withdrawn)", action="store_true")
    add("--by", "提出人，默认当前用户", "who raises it, default the user", metavar="NAME")


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Take up what the sheet and the options say."""
    new, answer = _new(options), _answer(options)
    found = cycling.read(book)
    if not found.held:
        return Outcome.refused(found.problems)
    act = Act("", options.by or who_am_i(), dt.datetime.now().replace(microsecond=0))
    step = cycle.take_up(found.tables, act, new, answer)
    waiting = sum(d["state"] == "open" for d in cycle.applied(found.tables, step).disputes)
    done = Text(
        f"异议：登记或更新 {step.people} 条，{step.rows} 行改变状态；待答复 {waiting} 条",
        f"disputes: {step.people} entered or updated, {counted(step.rows, 'row')} changed status; {waiting} open",
    )
    return cycling.outcome(
        found, step, done, Text(f"异议没有变化；待答复 {waiting} 条", f"nothing new; {counted(waiting, 'dispute')} open")
    )


ACTION = Action(
    label=Text("登记异议", "Log disputes"),
    tip=Text("登记“异议”页新写的异议与答复", "Takes up the remarks and answers typed on the sheet Disputes"),
    about=Text(
        "给新异议编号；有答复的退回“计算”。锁定行不变。",
        "Numbers new disputes; answered rows return to Computed. Locked rows stay.",
    ),
    group="incentives",
    order=12,
    icon="ReviewNewComment",
    keytip="K2",
    run=run,
    guards=True,
    arguments=arguments,
    examples=Text(
        "示例：\n  salesplan dispute 计划.xlsx --period 2027-03 --person P007 --deal D27-0101 --remark 成本不对 --owner 周敏\n"
        "  salesplan dispute 计划.xlsx --number 3 --answer 成本含安装费\n  salesplan dispute 计划.xlsx --number 3 --close",
        "examples:\n  salesplan dispute plan.xlsx --period 2027-03 --person P007 --deal D27-0101 --remark 'wrong cost' --owner "
        "Zhou\n"
        "  salesplan dispute plan.xlsx --number 3 --answer 'the cost includes installation'\n  salesplan dispute plan.xlsx "
        "--number 3 --close",
    ),
)


def _new(options: argparse.Namespace) -> dict[str, str | None] | None:
    asked = {key: getattr(options, key) for key in ("period", "person", "deal", "remark", "owner")}
    if not any(asked.values()):
        return None
    checked_period(options.period)
    return asked


def _answer(options: argparse.Namespace) -> tuple[int, str, bool] | None:
    if options.number is None:
        if options.answer or options.close:
            raise Refused(Text("答复哪一条？用 --number 给出异议号", "which dispute? give its --number"))
        return None
    return options.number, (options.answer or "").strip(), options.close
