"""What the buttons of the statement cycle share: which Tables they read, their options, and their answer as an outcome."""

from __future__ import annotations

import argparse
import datetime as dt
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from addin import guarding
from addin.action import Ask, Outcome
from addin.book import Book, Held
from addin.changes import Changes
from addin.performing import who_am_i
from udfs.text import Text, counted
from workbook_templates.answers import ERROR, Problem, Refused
from workbook_templates.chapters.incentives import cycle
from workbook_templates.chapters.incentives.checks.ledger import fault_problems
from workbook_templates.chapters.incentives.cycle import Act, Step
from workbook_templates.chapters.incentives.cycle.exported import export

PERIOD = Ask(Text("期间，如 2027-03", "Month, such as 2027-03"))


@dataclass(frozen=True)
class Read:
    """The Tables of the cycle as the workbook has them, and what is wrong with their cells."""

    held: dict[str, Held]
    problems: list[Problem]

    @property
    def tables(self) -> cycle.Tables:
        """Their rows."""
        return cycle.Tables(*(self.held[name].rows for name in cycle.TABLES))


def read(book: Book) -> Read:
    """Read the Tables; ``Refused`` where one is missing."""
    found = book.problems(*cycle.TABLES, references=False)
    held = {} if any(p.level == ERROR for p in found) else {name: book.read(name) for name in cycle.TABLES}
    return Read(held, found)


def arguments(parser: argparse.ArgumentParser, required: bool = True) -> None:
    """The options that all of them have."""
    parser.add_argument("--period", metavar="YYYY-MM", required=required, help=str(Text("月份", "the month")))
    parser.add_argument("--person", metavar="ID", action="append", default=[], help=str(Text("只限这些工号（可重复），默认全部", "these people only (repeatable), default all")))  # fmt: skip
    parser.add_argument("--by", metavar="NAME", help=str(Text("经办人，默认当前用户", "who does it, default the user")))
    parser.add_argument("--note", metavar="TEXT", help=str(Text("备注，写入审批记录", "a note, kept with the record")))


def checked_period(period: str | None) -> str | None:
    """A month as the ledger writes it."""
    if period is not None and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", period):
        raise Refused(
            Text(f"“{period}”不是月份：请按 YYYY-MM 填，如 2027-03", f"“{period}” is not a month: use YYYY-MM, such as 2027-03")
        )
    return period


def act(options: argparse.Namespace) -> Act:
    """What the options ask for."""
    period = checked_period(options.period)
    if not period:
        raise Refused(Text("没有期间：用 --period 2027-03 给出", "which month? say --period 2027-03"))
    who = who_am_i() if options.by is None else options.by.strip()
    people = frozenset(person.strip() for person in options.person if person.strip())
    return Act(period, who, dt.datetime.now().replace(microsecond=0), people, options.note, who_am_i())


def outcome(found: Read, step: Step, done: Text, nothing: Text) -> Outcome:
    """A step as an action's outcome: all faults at their cells, or the changes."""
    wrong = list(fault_problems(step.faults, found.held))
    if wrong:
        refused = Outcome.refused([*found.problems, *wrong])
        refused.notes = step.notes
        return refused
    out = Outcome(done if step.edited or step.added else nothing, problems=found.problems, notes=step.notes)
    for name, rows in step.edited.items():
        for index, values in rows.items():
            out.changes.edit(name, index, **values)
    for name, added in step.added.items():
        out.changes.add(name, added)
    out.data = {"people": step.people, "rows": step.rows, "total": step.total, "paid": step.paid, "left_out": step.left_out}
    return out


def out_of_date(found: Read, changes: Changes, act: Act, apart: Collection[str] = ()) -> list[Problem]:
    """Rows and accounts that computing now would change: of the month asked for, and but for people ``apart``."""
    out = []
    for table, month, said in (("Ledger", "period", cycle.content), ("Accounts", "month", _account_said)):
        rows = found.held[table].rows
        before, after = (
            Counter(said(row) for row in side if act.means((row[month], row["person"])) and row["person"] not in apart)
            for side in (rows, _after(changes, table, rows))
        )
        count = sum(((before - after) | (after - before)).values())
        if count:
            text = Text(
                f"{act.period} 的{found.held[table].spec.title.zh}不是最新（{count} 行会变）：先计算提成，再审核",
                f"{found.held[table].spec.title.en} of {act.period} is out of date ({counted(count, 'row')} would change): compute, then review",
            )
            out.append(Problem(found.held[table].grid.sheet, 0, 0, text))
    return out


def _account_said(row: Mapping[str, Any]) -> str:
    return "\x1f".join(f"{key}={value}" for key, value in cycle.figures(row).items()) + f"\x1f{row['person']}"


def _after(changes: Changes, table: str, rows: cycle.Rows) -> cycle.Rows:
    """A Table's rows once changes are made."""
    if table in changes.replaced:
        return changes.replaced[table]
    edits = changes.edited.get(table, {})
    return [{**row, **edits.get(i, {})} for i, row in enumerate(rows)] + changes.added.get(table, [])


def exporting(book: Book, options: argparse.Namespace, found: Read, step: Step, out: Outcome) -> None:
    """What a lock or a payment adds to the seal file; where the host has none, it is handed out with the outcome."""
    if out.errors:
        return
    why = getattr(options, "reseal", None)
    out.export = export(found.tables, step, guarding.entries(book, options), why)
    if out.export is not None and guarding.path_of(book, options) is None:
        out.notes.append(
            Text(
                "这里没有计划文件：请保存随结果给出的封签（seal），导出工资表和付款时用 --seal 给出",
                "there is no plan file here: keep the seal that comes with the result; payroll and pay ask for it with --seal",
            )
        )


def summed(period: str, step: Step, zh: str, en: str, amount: float | None = None) -> Text:
    """How many and how much; what payroll will pay, too, where held, carried or withheld parts make it another sum."""
    total = step.total if amount is None else amount
    said = Text(
        f"{period} {zh}：{step.people} 人，{step.rows} 行，合计 {total:,.2f} 元",
        f"{period} {en}: {counted(step.people, 'person', 'people')}, {counted(step.rows, 'row')}, {total:,.2f} yuan in all",
    )
    if amount is None and round(step.paid - total, 2):
        said += Text(f"，其中应发 {step.paid:,.2f} 元", f", payable {step.paid:,.2f} yuan")
    return said
