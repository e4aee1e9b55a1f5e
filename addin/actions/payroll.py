"""Payroll file: what the locked accounts of a month pay, a line a person, for the payroll system to read. The workbook is not changed."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from addin import cycling
from addin.action import Action, Ask, Outcome, Progress
from addin.book import Book
from addin.cycling import checked_period
from addin.facts import not_computed
from addin.outputs import csv_file
from udfs.text import SEMICOLON, Text, counted, joined, speaking
from udfs.values import total_of
from workbook_templates.answers import ERROR, Problem, inert
from workbook_templates.chapters.incentives import cycle
from workbook_templates.tables.schema import Row

MOST = 20  # names of one reason
# Why somebody's statement is not in the file.
COMPUTED = Text("尚未审核", "not reviewed yet")
REVIEWED = Text("已审核，尚未批准并锁定", "reviewed, not approved and locked yet")
DISPUTED = Text("在异议中", "disputed")
PAID = Text("已发放", "paid before")
HEADERS = (
    Text("期间", "period"),
    Text("工号", "id"),
    Text("姓名", "name"),
    Text("应发（元）", "paid_yuan"),
    Text("其中调整（元）", "of_which_adjustments_yuan"),
    Text("行数", "lines"),
    Text("期末结转（元）", "carried_yuan"),
    Text("暂缓余额（元）", "on_hold_yuan"),
    Text("说明", "note"),
)


@dataclass(frozen=True)
class PayrollLine:
    """One person's pay: what the statement was sealed with."""

    person: str
    paid: float
    adjustments: float
    rows: int
    carried: float
    on_hold: float
    note: Text


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument("out", metavar="OUT.csv", help=str(Text("要写的 CSV", "the CSV to write")))
    parser.add_argument("--period", metavar="YYYY-MM", required=True, help=str(Text("月份", "the month")))


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Write down what is locked."""
    period = str(checked_period(options.period))
    found = [*book.problems("People"), *book.problems(*cycle.TABLES, references=False)]
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    people = {row["id"]: row for row in book.read("People").rows}
    tables = cycle.Tables(*(book.read(name).rows for name in cycle.TABLES))
    with speaking(book.lang):
        lines = lines_of(tables, period)
    bad = {person: Text("未计算提成：", "not computed: ") + why for person, why in sorted(not_computed(book).items())}
    left_out = {**bad, **_waiting(tables, period)}
    paid = _paid(tables, period)
    out = {person: why for person, why in left_out.items() if person not in {*paid, *(line.person for line in lines)}}
    if not lines and not out and not paid:
        return Outcome.refused([Problem("", 0, 0, cycle.no_rows(period))])
    owed = owed_by_former(tables, people, period)
    total = total_of(line.paid for line in lines)
    outcome = Outcome(_summary(period, lines, total, out), problems=found)
    outcome.notes = [*_carried(lines), *_left_out(tables, period, out, people), *_paid_before(paid), *_owed(owed, people)]
    if not lines:  # a file was asked for and there is none: whoever waits for it must see that
        out = out or dict.fromkeys(paid, PAID)
    outcome.data = {
        "people": len(lines), "total": total, "owed": owed, "left_out": {person: str(why) for person, why in out.items()},
    }  # fmt: skip
    if lines:
        outcome.files[Path(options.out)] = content(period, lines, {key: row["name"] for key, row in people.items()})
    return outcome


ACTION = Action(
    label=Text("导出工资表", "Export payroll"),
    tip=Text("把某月已批准锁定的应发导出为 CSV", "What is approved and locked of a month, as CSV"),
    about=Text(
        "把某月已锁定对账单的应发按人写入 CSV，合计就是“标记已发放”要标的数；应发为 0 的人写明结转或暂缓的原因；尚未锁定的不写，逐人说明原因，退出码 1；已发放的不再写。"
        "工作簿不改动；锁定之后被改过，或封签文件不在时拒绝。",
        "Writes what the month's locked statements pay to a CSV, a line a person; its total is what Mark as paid will mark. Who gets 0 is listed "
        "with the reason (carried, on hold). Who is not locked is left out and named with the reason (exit code 1); what is paid is not paid "
        "twice. The workbook is not changed. "
        "Refused when anything locked was changed or the seal file is missing.",
    ),
    group="incentives",
    order=14,
    icon="FileSaveAs",
    keytip="W",
    run=run,
    guards=True,
    needs_export=True,
    writes={"out": ".csv"},
    arguments=arguments,
    asks={"period": cycling.PERIOD, "out": Ask("save")},
    examples=Text(
        "示例：\n  salesplan payroll 计划.xlsx 工资.csv --period 2027-03",
        "examples:\n  salesplan payroll plan.xlsx pay.csv --period 2027-03",
    ),
)


# ---------------------------------------------------------------------------------------------------------- what it says


def lines_of(tables: cycle.Tables, period: str) -> list[PayrollLine]:
    """A line for each statement of the month that is locked and not paid yet, by person."""
    waiting = [s for s in tables.statements if s["period"] == period and s["locked_on"] and not s["paid_on"]]
    return [_line(tables, statement) for statement in sorted(waiting, key=lambda s: str(s["person"]))]


def _line(tables: cycle.Tables, statement: Mapping[str, Any]) -> PayrollLine:
    person = str(statement["person"])
    mine = [row for row in tables.ledger if (row["period"], row["person"]) == (statement["period"], person)]
    adjusted = total_of(row["commission"] for row in mine if row["kind"] == "adjustment")
    account = cycle.sealed_figures(statement)
    paid = cycle.payable(statement)
    return PayrollLine(
        person, paid, adjusted, len(mine), _yuan(account, "closing"), _yuan(account, "on_hold"), _why(statement, account, mine)
    )


def _why(statement: Mapping[str, Any], account: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Text:
    """Why somebody is paid nothing, or less than was earned."""
    closing, held = _yuan(account, "closing"), _yuan(account, "hold_on")
    parts = []
    if held:
        said = "; ".join(dict.fromkeys(str(row["reason"]) for row in rows if row["kind"] == "hold" and row["reason"]))
        tail = Text(f"：{said}", f": {said}") if said else Text("", "")
        parts.append(Text(f"暂缓 {held:,.2f}", f"{held:,.2f} put on hold") + tail)
    if closing:
        why = str(account.get("note") or "")
        parts.append(
            Text(f"结转 {closing:,.2f}{'，' + why if why else ''}", f"{closing:,.2f} carried{'; ' + why if why else ''}")
        )
    if not account and (statement["total"] or 0.0) < 0:
        parts.append(Text(f"合计为负（{statement['total']:,.2f}），不发放", f"negative ({statement['total']:,.2f}), not paid"))
    return joined(parts, between=SEMICOLON)


def owed_by_former(tables: cycle.Tables, people: Mapping[str, Row], period: str) -> dict[str, float]:
    """What people who left by the end of the month owe: the negative carry and the draw debt of their last account by then."""
    last: dict[str, Mapping[str, Any]] = {}
    for account in sorted(tables.accounts, key=lambda row: str(row["month"])):
        if str(account["month"]) <= period:
            last[str(account["person"])] = account
    out = {}
    for person, account in sorted(last.items()):
        left = (people.get(person) or {}).get("left")
        owed = total_of([max(-_yuan(account, "closing"), 0.0), max(_yuan(account, "draw_debt"), 0.0)])
        if isinstance(left, dt.date) and f"{left:%Y-%m}" <= period and owed:
            out[person] = owed
    return out


def content(period: str, lines: Sequence[PayrollLine], names: Mapping[str, str]) -> bytes:
    """The CSV with a byte order mark, so that a double click shows Chinese; texts can't become formulas."""

    def row(line: PayrollLine) -> list[object]:
        amounts = f"{line.paid:.2f}", f"{line.adjustments:.2f}", line.rows, f"{line.carried:.2f}", f"{line.on_hold:.2f}"
        return [period, inert(line.person), inert(names.get(line.person) or ""), *amounts, inert(str(line.note))]

    return csv_file(HEADERS, map(row, lines))


def _yuan(account: Mapping[str, Any], key: str) -> float:
    value = account.get(key)
    return float(value) if isinstance(value, int | float) else 0.0


def _summary(period: str, lines: Sequence[PayrollLine], total: float, left_out: Mapping[str, Text]) -> Text:
    if lines:
        return Text(
            f"{period}：{len(lines)} 人，合计 {total:,.2f} 元",
            f"{period}: {counted(len(lines), 'person', 'people')}, {total:,.2f} yuan in all",
        )
    if left_out:
        return Text(
            f"{period} 没有可导出的，没有写文件：请先“批准并锁定”",
            f"{period}: nothing to export, no file written: approve and lock first",
        )
    return Text(
        f"{period} 没有可导出的，没有写文件：都已发放", f"{period}: nothing to export, no file written: all were paid before"
    )


def _carried(lines: Sequence[PayrollLine]) -> list[Text]:
    """Who gets less than was earned, and why."""
    return [
        Text(
            f"{line.person} 应发 {line.paid:,.2f}：{line.note.zh}",
            f"{line.person} is paid {line.paid:,.2f}: {line.note.en}",
        )
        for line in lines
        if line.note.zh
    ]


def _waiting(tables: cycle.Tables, period: str) -> dict[str, Text]:
    """Whose statement of the month is not locked yet, and what it waits for."""
    records = {s["person"]: s for s in tables.statements if s["period"] == period}
    mine = [row for row in tables.ledger if row["period"] == period]
    disputed = {row["person"] for row in mine if row["status"] == "disputed"}
    accounts = [row["person"] for row in tables.accounts if row["month"] == period]
    known = dict.fromkeys([*(row["person"] for row in mine), *accounts, *records])
    return {
        str(person): DISPUTED if person in disputed else REVIEWED if person in records else COMPUTED
        for person in known
        if not (records.get(person) or {}).get("locked_on")
    }


def _paid(tables: cycle.Tables, period: str) -> list[str]:
    """Whose statement of the month was paid."""
    return [str(s["person"]) for s in tables.statements if s["period"] == period and s["paid_on"]]


def _left_out(tables: cycle.Tables, period: str, left_out: Mapping[str, Text], people: Mapping[str, Row]) -> list[Text]:
    """Who of the month is not in the file: by reason the names, and what their accounts pay."""
    due = {a["person"]: _yuan(a, "paid") for a in tables.accounts if a["month"] == period}
    by_reason: dict[Text, list[str]] = {}
    for person, why in left_out.items():
        by_reason.setdefault(why, []).append(person)
    notes = []
    for why, out in by_reason.items():
        zh, en = joined((f"{person} {(people.get(person) or {}).get('name') or ''}".rstrip() for person in out), MOST, "人")
        total = total_of(due.get(person, 0.0) for person in out)
        notes.append(
            Text(
                f"未写入 {len(out)} 人，{why.zh}（应发 {total:,.2f} 元）：{zh}",
                f"{counted(len(out), 'person', 'people')} left out, {why.en} ({total:,.2f} yuan): {en}",
            )
        )
    return notes


def _paid_before(paid: Sequence[str]) -> list[Text]:
    if not paid:
        return []
    who = counted(len(paid), "person was", "people were")
    return [Text(f"{len(paid)} 人已发放，未重复写入", f"{who} paid before and left out")]


def _owed(owed: Mapping[str, float], people: Mapping[str, Row]) -> list[Text]:
    """The list of what former employees owe."""
    if not owed:
        return []
    total = total_of(owed.values())
    names = "；".join(f"{person} {(people.get(person) or {}).get('name') or ''} {amount:,.2f}" for person, amount in owed.items())
    return [
        Text(
            f"离职人员欠款，合计 {total:,.2f} 元：{names}",
            f"owed by former employees, {total:,.2f} yuan in all: {names.replace('；', '; ')}",
        )
    ]
