"""Archive: a month in one folder: statements, approvals, seals and the cockpit, with an index that says what each file is and how it was made."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path

from addin.action import Action, Ask, Outcome, Progress
from addin.book import Book
from udfs.text import SEMICOLON, Text, counted, joined, speaking
from workbook_templates.answers import ERROR, Refused
from workbook_templates.saving import mode_of

_PERIOD = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument("folder", metavar="FOLDER", help=str(Text("写入的文件夹，要新的", "the folder to write, a new one")))
    parser.add_argument("--period", metavar="YYYY-MM", required=True, help=str(Text("哪个月", "which month")))


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Make everything, then put the folder in its place as a whole."""
    from addin import archiving
    from addin.facts import facts as read_facts
    from workbook_templates.mailed import badge, figures, statement
    from workbook_templates.papers import office

    book.require_ours()
    period, to = options.period, Path(options.folder)
    _check(period, to)
    if book.as_of is not None and period > f"{book.as_of:%Y-%m}":  # its statements would say 0.00 of what isn't computed yet
        raise Refused(
            Text(
                f"{period} 在截止日期 {book.as_of} 之后，没有存档：请存已到的月份",
                f"{period} is after the as-of date {book.as_of}, nothing was archived: name a month that has come",
            )
        )
    found = book.problems("People", "Ledger", "Accounts", "Statements", "Approvals", references=False)
    if any(problem.level == ERROR for problem in found):
        return Outcome.refused(found)
    facts = read_facts(book)
    people = statement.KIND.recipients(facts, period)
    if not people:
        raise Refused(Text(f"{period} 没有对账单：先“计算提成”", f"{period} has no statements: run commission first"))
    if wrong := statement.KIND.wrong(facts, people, period):
        raise Refused(joined(wrong, most=5, between=SEMICOLON))

    def deed(step: Progress) -> Outcome:
        with speaking(book.lang):
            files = list(archiving.filed(book, options, facts, people, period, step))
            files += archiving.index(facts, period, files)
        archiving.written(files, to, mode_of(book.identity))
        said = Text(f"{period} 存档 {len(files)} 个文件：{to}", f"{period} archived, {counted(len(files), 'file')}: {to}")
        outcome = Outcome(said, problems=found)
        outcome.data = {"folder": str(to), "files": [file.name for file in files], "statements": len(people)}
        unlocked = sum(figures.account(facts, id, period)["statement"] not in (badge.FINAL, badge.PAID) for id in people)
        if unlocked:
            outcome.notes.append(
                Text(
                    f"{unlocked} 份对账单还没有锁定，会再变：锁定后请再存一次",
                    f"{counted(unlocked, 'statement')} not locked yet and may change: archive again when locked",
                )
            )
        if office.program() is None:
            outcome.notes.append(
                Text("没有 LibreOffice：管理层打印没有存入", "no LibreOffice: the leaders' print is not among them")
            )
        return outcome

    outcome = Outcome(Text(f"{period}：{len(people)} 份对账单", f"{period}: {len(people)} statements"), problems=found)
    outcome.deed = deed
    outcome.asks = Text(
        f"把 {period} 存档到 {to}：{len(people)} 份对账单、审批、封签、驾驶舱？",
        f"Archive {period} in {to}: {len(people)} statements, approvals, seals, the cockpit?",
    )
    return outcome


def _check(period: str, to: Path) -> None:
    if not _PERIOD.fullmatch(period):
        raise Refused(Text(f"--period “{period}”：请写成 2027-05", f"--period “{period}”: write it as 2027-05"))
    if os.path.lexists(to):
        raise Refused(Text(f"{to} 已存在，没有写入：请换一个新文件夹", f"{to} exists, nothing was written: name a new folder"))
    if not to.resolve().parent.is_dir():
        raise Refused(Text(f"没有文件夹 {to.resolve().parent}", f"there is no folder {to.resolve().parent}"))


ACTION = Action(
    label=Text("月度存档", "Archive"),
    tip=Text(
        "一个月的对账单、审批、封签和驾驶舱，存成一个文件夹",
        "A month's statements, approvals, seals and the cockpit in one folder",
    ),
    about=Text(
        "把一个月的对账单（PDF）、审批、封签、驾驶舱和管理层打印存到一个新文件夹，附目录与校验码。不改动工作簿。",
        "Puts a month's statements (PDF), approvals, seals, the cockpit and the leaders' print into a new folder, with an index and\n"
        "fingerprints. The workbook stays as it is.",
    ),
    group="tools",
    order=22,
    icon="FileSaveAs",
    keytip="OZ",
    run=run,
    arguments=arguments,
    asks={
        "period": Ask(Text("哪个月？例如 2027-05", "Which month? For example 2027-05")),
        "folder": Ask(Text("新文件夹的路径", "A new folder's path")),
    },
    guards=True,
    final=Text("文件夹已写好：不要时删除它", "the folder is written: delete it if it is not wanted"),
    examples=Text(
        "示例：\n  salesplan archive 计划.xlsx 存档2027-05 --period 2027-05",
        "examples:\n  salesplan archive plan.xlsx archive-2027-05 --period 2027-05",
    ),
)
