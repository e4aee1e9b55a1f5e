"""The statement cycle: compute → review → dispute → lock → pay, and after that nothing but adjustments in a later month.

A statement is what a person earns in a month: the Ledger's rows of that person and period. Pure: rows of the Tables in, what is to
change or every reason why not out. ``MOVES`` is the whole state machine. A review seals a statement: its row in ``Statements`` keeps
a digest of each ledger row. Only what still is as it was reviewed can be locked, by somebody other than the reviewer, and what was
locked can be told from what the cells say now, row by row.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from udfs.text import Text
from udfs.values import total_of

Row = dict[str, Any]
Rows = Sequence[Mapping[str, Any]]
Key = tuple[str, str]  # period, person

FIXED = ("locked", "paid")
TABLES = ("Ledger", "Statements", "Approvals", "Disputes")
_MONEY = ("revenue", "commission")
_CONTENT = (
    "period", "person", "deal", "kind", "credit_share", "revenue", "margin_rate", "commission", "plan_version", "computed_on",
    "reason", "by",
)  # fmt: skip
_LONGEST = 32_000  # a cell holds 32,767 characters


@dataclass(frozen=True)
class Move:
    """One step of the cycle: from which states of a row, to which."""

    before: tuple[str, ...]
    after: tuple[str, ...]


# Who may: anybody reviews and raises; the one who locks is not the one who reviewed (policy ``cycle.two_people``).
MOVES = {
    "review": Move(("computed",), ("reviewed",)),
    "dispute": Move(("computed", "reviewed"), ("disputed",)),
    "answer": Move(("disputed",), ("computed",)),  # a correction may follow, so it is computed and reviewed anew
    "withdraw": Move(("disputed",), ("computed", "reviewed")),  # back to where it was
    "lock": Move(("reviewed",), ("locked",)),
    "pay": Move(("locked",), ("paid",)),
}


@dataclass(frozen=True)
class Fault:
    """Why a step can't be taken, and at which row and column of which Table (row −1: of no row)."""

    table: str
    row: int
    key: str
    text: Text


@dataclass(frozen=True)
class Act:
    """Who does it, when, for which month and which people (none named: everybody)."""

    period: str
    who: str
    when: dt.datetime
    people: frozenset[str] = frozenset()
    note: str | None = None

    def covers(self, row: Mapping[str, Any]) -> bool:
        """Whether a row of the Ledger, of Statements or of Disputes is meant."""
        return row["period"] == self.period and (not self.people or row["person"] in self.people)


@dataclass
class Step:
    """What a step comes to: changes by Table and row, or the faults that stop it."""

    edited: dict[str, dict[int, Row]] = field(default_factory=dict)
    added: dict[str, list[Row]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    people: int = 0
    rows: int = 0
    total: float = 0.0

    def edit(self, table: str, row: int, **values: Any) -> None:
        """Set values of one row."""
        self.edited.setdefault(table, {}).setdefault(row, {}).update(values)

    def fault(self, table: str, row: int, key: str, zh: str, en: str) -> None:
        """Add a reason against it."""
        self.faults.append(Fault(table, row, key, Text(zh, en)))


@dataclass(frozen=True)
class Tables:
    """The rows of the Tables that the cycle looks at, as they are."""

    ledger: Rows
    statements: Rows = ()
    approvals: Rows = ()
    disputes: Rows = ()


def applied(tables: Tables, step: Step) -> Tables:
    """The Tables once a step is taken."""
    out = {}
    for name, rows in zip(TABLES, (tables.ledger, tables.statements, tables.approvals, tables.disputes), strict=True):
        edits = step.edited.get(name, {})
        out[name.lower()] = [{**row, **edits.get(i, {})} for i, row in enumerate(rows)] + step.added.get(name, [])
    return Tables(**out)


# -------------------------------------------------------------------------------------------------- what a statement is


def statement_state(ledger: Iterable[Mapping[str, Any]], person: str, period: str) -> str:
    """Where a person's statement of a month stands: ``estimated``, ``reviewed``, ``disputed``, ``final`` or ``paid``.

    >>> statement_state([{"period": "2027-03", "person": "P1", "status": "locked"}], "P1", "2027-03")
    'final'
    """
    states = {row["status"] for row in ledger if row["person"] == person and row["period"] == period}
    if "disputed" in states:
        return "disputed"
    if not states or not states <= {"reviewed", *FIXED}:
        return "estimated"
    return "reviewed" if "reviewed" in states else "final" if "locked" in states else "paid"


def by_statement(ledger: Rows) -> dict[Key, list[int]]:
    """The places of each statement's rows in the Ledger."""
    out: dict[Key, list[int]] = defaultdict(list)
    for place, row in enumerate(ledger):
        out[row["period"], row["person"]].append(place)
    return out


class Closed:
    """Which statements nothing may be added to any more: those with a locked row; and a month of which all is locked."""

    def __init__(self, ledger: Rows) -> None:
        fixed, open_ = set[Key](), set[str]()
        for row in ledger:
            if row["status"] in FIXED:
                fixed.add((row["period"], row["person"]))
            else:
                open_.add(row["period"])
        self.statements = fixed
        self.months = {period for period, _ in fixed} - open_

    def __call__(self, period: str, person: str) -> bool:
        return period in self.months or (period, person) in self.statements

    def open_month(self, period: str, person: str) -> str:
        """The first month from ``period`` on that still takes lines for this person."""
        while re.fullmatch(r"\d{4}-\d\d", period) and self(period, person):
            year, month = divmod(int(period[:4]) * 12 + int(period[5:]), 12)
            period = f"{year}-{month + 1:02}"
        return period


# ------------------------------------------------------------------------------------------------------------- digests


def content(row: Mapping[str, Any]) -> str:
    """All of a ledger row but its status, as one text that is the same on every host and in both languages."""
    return "\x1f".join([value if type(value := row.get(key)) is str else _plain(key, value) for key in _CONTENT])


def _plain(key: str, value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value)
    if isinstance(value, int | float):
        return f"{value + 0.0:.2f}".replace("-0.00", "0.00") if key in _MONEY else f"{value + 0.0:.10g}"
    return value.isoformat()[:10] if isinstance(value, dt.date) else str(value)


def digest(texts: Iterable[str], length: int = 16) -> str:
    """A hash of some texts in any order. It begins with a letter, so that no cell takes it for a number.

    >>> digest(["a", "b"]) == digest(["b", "a"]), digest(["a"])[0]
    (True, 'h')
    """
    return "h" + hashlib.sha256("\x1e".join(sorted(texts)).encode("utf-8")).hexdigest()[:length]


def seal(rows: Rows) -> Row:
    """What ``Statements`` keeps of a statement's rows."""
    texts = [content(row) for row in rows]
    lines = [_line(row, text) for row, text in zip(rows, texts, strict=True)]
    while len(text := json.dumps(lines, ensure_ascii=False, separators=(",", ":"))) > _LONGEST:
        lines = lines[: len(lines) * 9 // 10]  # beyond a cell's room a change is still found, by the hash of the whole
    return {
        "rows": float(len(rows)),
        "total": total_of(_amount(row) for row in rows),
        "hash": digest(texts),
        "lines": text,
    }


def _line(row: Mapping[str, Any], text: str | None = None) -> tuple[str, str, float, str]:
    return str(row["deal"] or ""), str(row["kind"]), _amount(row), digest([content(row) if text is None else text], 8)


def _amount(row: Mapping[str, Any]) -> float:
    return round(float(row["commission"]), 2) if isinstance(row["commission"], int | float) else 0.0


def sealed_lines(statement: Mapping[str, Any]) -> Counter[tuple[str, str, float, str]]:
    """The rows a statement was sealed with; none where the cell was overwritten."""
    try:
        return Counter((str(d), str(k), float(a), str(h)) for d, k, a, h in json.loads(str(statement["lines"])))
    except (ValueError, TypeError):
        return Counter()


def _fits(statement: Mapping[str, Any], rows: Rows) -> bool:
    return bool(statement["hash"] == digest(content(row) for row in rows))  # the hash of ``seal``


# --------------------------------------------------------------------------------------------------------------- steps


def review(tables: Tables, act: Act) -> Step:
    """Seal every statement in question that has no dispute; computed rows become reviewed."""
    step, sealed = Step(), {(s["period"], s["person"]): i for i, s in enumerate(tables.statements)}
    closed, kept, waiting = Closed(tables.ledger), list[Row](), list[str]()
    for key, places in _asked(tables, act, step).items():
        rows = [tables.ledger[i] for i in places]
        states = {row["status"] for row in rows}
        if key in closed.statements and not states <= set(FIXED):
            _intruders(step, places, rows)
        elif key in closed.statements and (at := sealed.get(key)) is not None and tables.statements[at]["locked_on"]:
            continue
        elif "disputed" in states:
            waiting.append(key[1])
        else:
            at, new = sealed.get(key), seal(rows)
            if "computed" not in states and at is not None and _fits(tables.statements[at], rows):
                continue
            for place, row in zip(places, rows, strict=True):
                if row["status"] in MOVES["review"].before:
                    step.edit("Ledger", place, status="reviewed")
            entry = {"period": key[0], "person": key[1], "reviewed_by": act.who, "reviewed_on": act.when.date(), **new}
            kept.append(entry)
            if at is None:
                step.added.setdefault("Statements", []).append(
                    entry | dict.fromkeys(("approved_by", "locked_on", "paid_on", "approval"))
                )
            else:
                step.edit("Statements", at, **entry)
    if waiting:
        step.notes.append(
            Text(
                f"在异议中，先答复再审核：{'、'.join(waiting)}",
                f"disputed, to be answered before the review: {', '.join(waiting)}",
            )
        )
    return _recorded(step, tables, act, kept, "reviewed")


def lock(tables: Tables, act: Act, two_people: bool = True) -> Step:
    """Approve and lock every statement in question that is not locked yet: all of them, or every reason why not."""
    step, sealed = Step(), {(s["period"], s["person"]): i for i, s in enumerate(tables.statements)}
    for place, remark in enumerate(tables.disputes):
        if act.covers(remark) and remark["state"] == "open":
            step.fault("Disputes", place, "state", f"异议 {_number(remark)}（{remark['person']}）尚未答复：请先答复", f"dispute {_number(remark)} ({remark['person']}) is open: answer it first")  # fmt: skip
    step.faults += altered(tables)
    kept, closed, number = list[Row](), Closed(tables.ledger), _next(tables.approvals)
    for key, places in _asked(tables, act, step).items():
        rows, at = [tables.ledger[i] for i in places], sealed.get(key)
        if key in closed.statements:
            _intruders(step, places, rows)
        if at is not None and tables.statements[at]["locked_on"]:
            continue
        _unreviewed(step, places, rows)
        if all(row["status"] in ("reviewed", *FIXED) for row in rows):
            _unfit(step, tables, key, at, rows, places[0])
        if at is None:
            continue
        found = tables.statements[at]
        if two_people and _same(found["reviewed_by"], act.who):
            step.fault("Statements", at, "reviewed_by", f"{key[1]}：审核人与批准人都是 {act.who}：须由另一人批准", f"{key[1]}: {act.who} reviewed it, so somebody else has to approve")  # fmt: skip
        for place in places:
            if tables.ledger[place]["status"] in MOVES["lock"].before:
                step.edit("Ledger", place, status="locked")
        step.edit("Statements", at, approved_by=act.who, locked_on=act.when.date(), approval=float(number + 1))
        kept.append({**found, "approved_by": act.who})
    return _recorded(step, tables, act, kept, "approved", "locked")


def pay(tables: Tables, act: Act, expected: float | None = None) -> Step:
    """Mark the locked statements in question as paid; ``expected`` is the total that the payroll says."""
    step, sealed = Step(), {(s["period"], s["person"]): i for i, s in enumerate(tables.statements)}
    kept, waiting = list[Row](), list[str]()
    for key, places in _asked(tables, act, step).items():
        rows = [tables.ledger[i] for i in places]
        if not any(row["status"] in FIXED for row in rows):
            waiting.append(key[1])
            continue
        due = [i for i in places if tables.ledger[i]["status"] == "locked"]
        if not due:
            continue
        at = sealed.get(key)
        if at is None or not tables.statements[at]["locked_on"]:
            step.fault("Ledger", due[0], "status", f"{key[0]} {key[1]}：标为锁定却没有批准记录：请先批准并锁定", f"{key[0]} {key[1]}: locked by hand, there is no approval on record: approve and lock it")  # fmt: skip
            continue
        for place in due:
            step.edit("Ledger", place, status="paid")
        step.edit("Statements", at, paid_on=act.when.date())
        kept.append(dict(tables.statements[at]))
    asked = {(entry["period"], entry["person"]) for entry in kept}
    step.faults += altered(tables, asked)
    if waiting:
        step.notes.append(left_out(waiting))
    total = total_of(entry["total"] for entry in kept)
    if kept and expected is not None and round(total - expected, 2):
        step.fault("", -1, "", f"锁定合计 {total:,.2f} 元，与所给合计 {expected:,.2f} 元不符：没有标记", f"the locked total is {total:,.2f} yuan, not the {expected:,.2f} given: nothing was marked")  # fmt: skip
    return _recorded(step, tables, act, kept, "paid")


def left_out(waiting: Sequence[str]) -> Text:
    """Who was not marked as paid: a few names, and how many there are."""
    first, more = waiting[:5], len(waiting) > 5
    return Text(
        f"{len(waiting)} 人未锁定，未标记：{'、'.join(first)}{' 等' if more else ''}",
        f"{len(waiting)} not locked, skipped: {', '.join(first)}{' …' if more else ''}",
    )


def _asked(tables: Tables, act: Act, step: Step) -> dict[Key, list[int]]:
    """The statements an act is about; a person or a month without any is a fault."""
    found = {key: places for key, places in by_statement(tables.ledger).items() if act.covers(tables.ledger[places[0]])}
    if not act.who.strip():
        step.fault("", -1, "", "没有经办人：用 --by 给出姓名", "nobody is named: say who with --by")
    if not found and not act.people:
        step.fault("", -1, "", f"{act.period} 在提成台账里没有行：核对期间", f"the ledger has no rows of {act.period}: check the month")  # fmt: skip
    for person in sorted(act.people - {person for _, person in found}):
        step.fault("", -1, "", f"{person} 在 {act.period} 没有台账行：核对工号与期间", f"{person} has no ledger rows in {act.period}: check ID and month")  # fmt: skip
    return found


def _intruders(step: Step, places: Sequence[int], rows: Rows) -> None:
    """Rows that stand in a locked statement without being locked: nobody may slip one in."""
    for place, row in zip(places, rows, strict=True):
        if row["status"] not in FIXED:
            step.fault("Ledger", place, "status", f"{row['person']} {row['period']} 的对账单已锁定，单号 {row['deal']} 这一行不属于它：删除它并重新计算提成", f"{row['person']}'s statement of {row['period']} is locked, the row of {row['deal']} is not part of it: delete it and compute again")  # fmt: skip


def _unreviewed(step: Step, places: Sequence[int], rows: Rows) -> None:
    for place, row in zip(places, rows, strict=True):
        if row["status"] == "computed":
            step.fault("Ledger", place, "status", f"{row['person']} 单号 {row['deal']} 尚未审核：先审核", f"{row['person']}, deal {row['deal']} is not reviewed: review it first")  # fmt: skip
        elif row["status"] == "disputed":
            step.fault("Ledger", place, "status", f"{row['person']} 单号 {row['deal']} 在异议中：先答复并审核", f"{row['person']}, deal {row['deal']} is disputed: answer and review it first")  # fmt: skip


def _unfit(step: Step, tables: Tables, key: Key, at: int | None, rows: Rows, place: int) -> None:
    """A status set by hand, or a row changed since the review."""
    if at is None:
        step.fault("Ledger", place, "status", f"{key[1]}：标为审核却没有审核记录：请用“审核对账单”按钮", f"{key[1]}: reviewed by hand, there is no review on record: use the Review button")  # fmt: skip
    elif not _fits(tables.statements[at], rows):
        before, now = tables.statements[at]["total"], seal(rows)["total"]
        step.fault("Statements", at, "hash", f"{key[1]}：审核之后被改过（{_yuan(before)} → {_yuan(now)}）：请重新审核", f"{key[1]}: changed since the review ({_yuan(before)} → {_yuan(now)}): review it again")  # fmt: skip


def _recorded(step: Step, tables: Tables, act: Act, kept: Sequence[Row], *steps: str) -> Step:
    """The acts as rows of Approvals; nothing at all when there are faults."""
    if step.faults:
        step.edited, step.added = {}, {}
        return step
    if kept:
        entry = summary(kept) | {"period": act.period, "who": act.who, "when": act.when, "note": act.note}
        first = _next(tables.approvals)
        step.added["Approvals"] = [{**entry, "number": float(first + i), "step": name} for i, name in enumerate(steps)]
        step.people, step.rows, step.total = len(kept), int(entry["rows"]), entry["total"]
    return step


def summary(statements: Rows) -> Row:
    """How many people and rows some statements are, their total and the hash of them all."""
    return {
        "people": float(len(statements)),
        "rows": float(sum(s["rows"] or 0 for s in statements)),
        "total": total_of(s["total"] or 0.0 for s in statements),
        "hash": digest(f"{s['period']}\x1f{s['person']}\x1f{s['hash']}" for s in statements),
    }


def _next(rows: Rows) -> int:
    return max((int(row["number"]) for row in rows if isinstance(row["number"], int | float)), default=0) + 1


def _number(row: Mapping[str, Any]) -> str:
    return f"{row['number']:.0f}" if isinstance(row["number"], int | float) else str(row["number"])


def _same(one: Any, other: str) -> bool:
    return str(one or "").strip().casefold() == other.strip().casefold()


def _yuan(amount: Any) -> str:
    return f"{amount:,.2f}" if isinstance(amount, int | float) else str(amount)


# ------------------------------------------------------------------------------------------------------------ disputes


def take_up(tables: Tables, act: Act, new: Row | None = None, answer: tuple[int, str, bool] | None = None) -> Step:
    """Bring the list of remarks and the Ledger together: what people typed on the sheet, a ``new`` remark, an ``answer``.

    A remark without a number gets one, and its rows become disputed. One that has an answer counts as answered, and its rows are
    computed and reviewed anew; closed without an answer (withdrawn), they go back to where they were. ``answer``: which number, the
    text, whether that closes it. A locked row stays locked whatever is remarked.
    """
    step = Step()
    remarks = [dict(d) for d in tables.disputes]
    if new is not None and not any(_repeats(old, new) for old in remarks):
        remarks.append(dict.fromkeys(("number", "raised_by", "raised_on", "answer", "answered_on", "state")) | new)
    if answer is not None:
        _answered(step, remarks, *answer)
    number, states = _next(tables.disputes), dict[int, str]()
    for at, remark in enumerate(remarks):
        _complete(step, at, remark)
        if not remark["number"]:
            found = _raised(step, tables, at, remark)
            remark.update(
                number=float(number), raised_by=remark["raised_by"] or act.who, raised_on=remark["raised_on"] or act.when.date()
            )
            states |= {place: "disputed" for place in found if tables.ledger[place]["status"] in MOVES["dispute"].before}
            number += 1
        remark["state"] = "answered" if remark["answer"] and remark["state"] in (None, "", "open") else remark["state"] or "open"
        if remark["answer"] and not remark["answered_on"]:
            remark["answered_on"] = act.when.date()
    if step.faults:
        return step
    for place, row in enumerate(tables.ledger):
        if row["status"] == "disputed":
            states[place] = _after_dispute(tables, remarks, row)
    for place, state in states.items():
        if state != tables.ledger[place]["status"]:
            step.edit("Ledger", place, status=state)
    for at, remark in enumerate(remarks):
        if at >= len(tables.disputes):
            step.added.setdefault("Disputes", []).append(remark)
        elif changed := {key: value for key, value in remark.items() if tables.disputes[at][key] != value}:
            step.edit("Disputes", at, **changed)
    step.rows = len(step.edited.get("Ledger", {}))
    step.people = len(step.edited.get("Disputes", {})) + len(step.added.get("Disputes", []))
    return step


def _repeats(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a remark was made before, so that saying it twice changes nothing."""
    return (
        all((old[key] or None) == (new[key] or None) for key in ("period", "person", "deal", "remark"))
        and old["state"] != "closed"
    )


def _answered(step: Step, remarks: Sequence[Row], number: int, text: str, close: bool) -> None:
    remark = next((r for r in remarks if r["number"] == number), None)
    if remark is None:
        known = [_number(r) for r in remarks if r["number"] and r["state"] != "closed"] or ["–"]
        step.fault("", -1, "", f"没有异议 {number}；未关闭的有：{'、'.join(known)}", f"there is no dispute {number}; not closed: {', '.join(known)}")  # fmt: skip
    elif remark["state"] == "closed" and text and text != remark["answer"]:
        step.fault("", -1, "", f"异议 {number} 已关闭：另提一条", f"dispute {number} is closed: raise another")
    elif not text and not close:
        step.fault("", -1, "", f"异议 {number} 没有答复内容：用 --answer 给出", f"dispute {number}: the answer is missing, give it with --answer")  # fmt: skip
    else:
        remark["answer"] = text or remark["answer"]
        remark["state"] = "closed" if close else remark["state"]


_ASKED = {"period": Text("期间", "the month"), "person": Text("工号", "the person's ID"), "remark": Text("异议内容", "the remark"), "owner": Text("答复负责人", "who is to answer")}  # fmt: skip


def _complete(step: Step, at: int, remark: Mapping[str, Any]) -> None:
    for key, what in _ASKED.items():
        if not str(remark[key] or "").strip():
            step.fault("Disputes", at, key, f"异议缺少{what.zh}：请填写", f"a dispute lacks {what.en}: fill it in")


def _raised(step: Step, tables: Tables, at: int, remark: Mapping[str, Any]) -> list[int]:
    """The rows that a new remark is about."""
    found = [place for place, row in enumerate(tables.ledger) if _disputes(remark, row)]
    if not found:
        step.fault("Disputes", at, "person", f"{remark['person']} 在 {remark['period']} 没有单号 {remark['deal'] or '（任何）'} 的台账行：核对工号、期间与单号", f"{remark['person']} has no ledger row of {remark['deal'] or 'any deal'} in {remark['period']}: check ID, month and deal")  # fmt: skip
    elif all(tables.ledger[place]["status"] in FIXED for place in found):
        step.notes.append(Text("对账单已锁定，不再改变：如须更正，记入以后月份的调整行", "the statement is locked and stays: a correction becomes an adjustment line of a later month"))  # fmt: skip
    return found


def _after_dispute(tables: Tables, remarks: Rows, row: Mapping[str, Any]) -> str:
    """Where a disputed row goes once nobody disputes it any more."""
    about = [remark for remark in remarks if _disputes(remark, row)]
    if not about or any(remark["state"] == "open" for remark in about):
        return "disputed"
    return "computed" if any(remark["answer"] for remark in about) else _before_dispute(tables, row)


def _disputes(remark: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    same = (remark["period"], remark["person"]) == (row["period"], row["person"])
    return same and remark["deal"] in (None, "", row["deal"])


def _before_dispute(tables: Tables, row: Mapping[str, Any]) -> str:
    """Reviewed, if its statement was reviewed with this very row in it."""
    mine = (s for s in tables.statements if (s["period"], s["person"]) == (row["period"], row["person"]))
    return "reviewed" if any(sealed_lines(s)[_line(row)] for s in mine) else "computed"


# ------------------------------------------------------------------------------------------------- what must not change


def altered(tables: Tables, only: set[Key] | None = None) -> list[Fault]:
    """Locked rows that are not what was approved, each by period, person, deal and amounts; and records that do not fit."""
    found, there = list[Fault](), by_statement(tables.ledger)
    for at, statement in enumerate(tables.statements):
        key = statement["period"], statement["person"]
        if statement["locked_on"] and (only is None or key in only):
            found += _changed(tables, at, there.get(key, []))
    for at, entry in enumerate(tables.approvals if only is None else ()):
        if entry["step"] == "locked":
            now = summary([s for s in tables.statements if s["approval"] == entry["number"]])
            if (now["hash"], round(now["total"], 2)) != (entry["hash"], round(entry["total"] or 0.0, 2)):
                text = Text(
                    f"审批 {_number(entry)}（{entry['period']}）批准 {_yuan(entry['total'])} 元，对账单现为 {_yuan(now['total'])} 元：从备份恢复",
                    f"approval {_number(entry)} ({entry['period']}) was of {_yuan(entry['total'])} yuan, its statements now say {_yuan(now['total'])}: restore from a backup",
                )
                found.append(Fault("Approvals", at, "total", text))
    return found


def unapproved(tables: Tables) -> list[Fault]:
    """Rows that somebody set to locked or paid by hand."""
    found, locked = list[Fault](), {(s["period"], s["person"]) for s in tables.statements if s["locked_on"]}
    for key, places in by_statement(tables.ledger).items():
        fixed = [i for i in places if tables.ledger[i]["status"] in FIXED]
        if fixed and key not in locked:
            text = Text(f"{key[0]} {key[1]}：标为锁定或已发放，却没有批准记录：先审核，再批准并锁定", f"{key[0]} {key[1]}: locked or paid without an approval on record: review it, then approve and lock")  # fmt: skip
            found.append(Fault("Ledger", fixed[0], "status", text))
    return found


def _changed(tables: Tables, at: int, places: Sequence[int]) -> Iterable[Fault]:
    """What differs between a locked statement and the rows as they are."""
    statement, rows = tables.statements[at], [tables.ledger[i] for i in places]
    head = f"{statement['period']} {statement['person']}"
    for place, row in zip(places, rows, strict=True):
        if row["status"] not in FIXED and sealed_lines(statement)[_line(row)]:
            yield Fault("Ledger", place, "status", Text(f"{head} 单号 {row['deal']}：锁定后状态被改：改回“锁定”或“已发放”", f"{head}, deal {row['deal']}: its status was changed after the lock: set it back"))  # fmt: skip
    if _fits(statement, rows):
        return
    now = Counter(_line(row) for row in rows)
    gone, come = sealed_lines(statement) - now, now - sealed_lines(statement)
    whole = f"{_yuan(statement['total'])} → {_yuan(seal(rows)['total'])}"
    if not gone and not come:
        yield Fault("Statements", at, "hash", Text(f"{head}：锁定后被改，合计 {whole}：从备份恢复", f"{head}: changed after the lock, total {whole}: restore from a backup"))  # fmt: skip
    for deal in dict.fromkeys(line[0] for line in [*gone, *come]):
        before, after = (_of_deal(lines, deal) for lines in (gone, come))
        changed = [i for i, r in zip(places, rows, strict=True) if come[_line(r)] and str(r["deal"] or "") == deal]
        where = ("Ledger", changed[0], "commission") if changed else ("Statements", at, "total")
        yield Fault(*where, Text(
            f"{head} 单号 {deal}：锁定后被改：{before} → {after}（对账单合计 {whole}）：恢复原值；更正只能记入以后的月份",
            f"{head}, deal {deal}: changed after the lock: {before} → {after} (statement total {whole}): restore it; a correction goes to a later month",
        ))  # fmt: skip


def _of_deal(lines: Mapping[tuple[str, str, float, str], int], deal: str) -> str:
    amounts = [amount for (d, _, amount, _), count in lines.items() if d == deal for _ in range(count)]
    return _yuan(total_of(amounts)) if amounts else "–"


def violation(before: Tables, after: Tables, paying: bool = False) -> Text | None:
    """Why a change of these Tables must not be made: it would change a locked row, a locked statement or an approval."""
    lost = _lost(before.ledger, after.ledger, paying)
    if lost is None:
        closed, known = Closed(before.ledger).statements, Counter(content(r) for r in before.ledger)
        for row in after.ledger:
            known[content(row)] -= 1
            if known[content(row)] < 0 and (row["period"], row["person"]) in closed:
                lost = row
                break
    if lost is not None:
        return Text(
            f"{lost['period']} {lost['person']} 的对账单已锁定（单号 {lost['deal']}，{_yuan(lost['commission'])} 元），不能改动、删除或添加：更正请记入以后的月份。没有写入。",
            f"{lost['person']}'s statement of {lost['period']} is locked (deal {lost['deal']}, {_yuan(lost['commission'])} yuan): nothing of it can be changed, deleted or added. Book the correction to a later month. Nothing was written.",
        )
    free = ("paid_on",) if paying else ()
    if _kept(before.statements, after.statements, lambda s: bool(s["locked_on"]), free) and _kept(
        before.approvals, after.approvals, lambda a: a["step"] != "reviewed"
    ):
        return None
    return Text(
        "批准与锁定的记录不能改动：更正请记入以后的月份。没有写入。",
        "The record of what was approved and locked can't be changed: book the correction to a later month. Nothing was written.",
    )


def _lost(before: Rows, after: Rows, paying: bool) -> Mapping[str, Any] | None:
    have = Counter((content(row), row["status"]) for row in after)
    for row in before:
        if row["status"] not in FIXED:
            continue
        allowed = (row["status"], "paid") if paying else (row["status"],)
        state = next((s for s in allowed if have[content(row), s] > 0), None)
        if state is None:
            return row
        have[content(row), state] -= 1
    return None


def _kept(before: Rows, after: Rows, matters: Callable[[Mapping[str, Any]], bool], free: Sequence[str] = ()) -> bool:
    def said(row: Mapping[str, Any]) -> str:
        return "\x1f".join(f"{key}={_plain(key, value or None)}" for key, value in sorted(row.items()) if key not in free)

    return not (Counter(said(r) for r in before if matters(r)) - Counter(said(r) for r in after))
