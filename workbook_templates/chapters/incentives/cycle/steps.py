"""The steps of the cycle: review, lock, pay. Each is all of what was asked for, or every reason why not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from udfs import policy
from udfs.text import Text
from udfs.values import total_of
from workbook_templates.chapters.incentives.cycle.digests import (
    MOVEMENTS,
    OLD,
    fits,
    payable,
    record_seal,
    seal,
    sealed,
    summary,
    version_of,
)
from workbook_templates.chapters.incentives.cycle.guard import settled
from workbook_templates.chapters.incentives.cycle.names import same_person
from workbook_templates.chapters.incentives.cycle.state import (
    FIXED,
    MOVES,
    PERIOD,
    Act,
    Closed,
    Key,
    Row,
    Rows,
    Step,
    Tables,
    by_account,
    by_statement,
    number_of,
    of_statements,
    row_called,
    yuan,
)
from workbook_templates.chapters.incentives.pay.settled import BALANCE

_FEN = 0.005
_PLUS = ("opening", "released", "clawback", "adjustment", "bonus", "draw_paid", "hold_off")
_MINUS = ("draw_recovered", "hold_on", "paid", "closing")
_BALANCES = ("held", "draw_debt", "on_hold")
_BLANK = ("approved_by", "locked_on", "paid_on", "approval", "payment", "approver_user")


class _Places:
    """Where a statement's rows, account and record stand."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.rows, self.accounts, self.records = by_statement(tables.ledger), by_account(tables.accounts), of_statements(tables.statements)  # fmt: skip
        self.closed = Closed(tables.ledger, tables.statements)

    def account(self, key: Key) -> Mapping[str, Any] | None:
        found = self.accounts.get(key, [])
        return self.tables.accounts[found[0]] if found else None

    def ledger(self, key: Key) -> list[Mapping[str, Any]]:
        return [self.tables.ledger[i] for i in self.rows.get(key, [])]

    def record(self, key: Key) -> Mapping[str, Any] | None:
        at = self.records.get(key)
        return None if at is None else self.tables.statements[at]

    def locked(self, key: Key) -> bool:
        record = self.record(key)
        return record is not None and bool(record["locked_on"])

    def sealed(self, key: Key) -> bool:
        """Whether a month was reviewed and nothing of it is open again."""
        return self.record(key) is not None and all(row["status"] in ("reviewed", *FIXED) for row in self.ledger(key))

    def empty(self, key: Key) -> bool:
        """Whether nothing moved in a month and nothing was carried through it."""
        account = self.account(key) or {}
        return not self.rows.get(key) and not any(_number(account.get(figure)) for figure in MOVEMENTS)

    def before(self, key: Key) -> Mapping[str, Any] | None:
        """The person's last account before this month."""
        months = sorted(month for month, person in self.accounts if person == key[1] and PERIOD.fullmatch(str(month)) and month < key[0])  # fmt: skip
        return self.account((months[-1], key[1])) if months else None


# -------------------------------------------------------------------------------------------------------------- review


def review(
    tables: Tables,
    act: Act,
    unreviewable: Mapping[str, Text] | None = None,
    known: Collection[str] = (),
    taken_back: bool = False,
) -> Step:
    """Seal every statement in question that has no dispute; computed rows become reviewed.

    ``unreviewable``: people whom computing had to leave out, and why. Named, that is a fault; else they are left out here, too.
    ``known``: whom the company knows; named, they get a statement of zero where nothing of theirs is there. ``taken_back``: whether the
    policy takes a negative month back at once (else it is carried, and nothing negative may be paid).
    """
    step, places, kept, waiting = Step(), _Places(tables), list[Row](), list[str]()
    stopped = unreviewable or {}
    for key in _asked(places, act, step, {*known, *(who for _, who in (*places.rows, *places.accounts))}):
        rows, states = places.ledger(key), {row["status"] for row in places.ledger(key)}
        if key in places.closed.statements and not states <= set(FIXED):
            _intruders(step, places, key)
        elif places.locked(key):
            continue
        elif key[1] in stopped:
            _stopped(step, act, key, stopped[key[1]])
        elif "disputed" in states:
            waiting.append(key[1])
        elif _in_order(step, places, key, taken_back):
            record = places.record(key)
            account = places.account(key) or _zero(places, key)
            if record is not None and "computed" not in states and _as_reviewed(record, rows, account):
                continue
            kept.append(_reviewed(step, places, key, act, account))
    if waiting:
        step.left_out += len(waiting)
        step.notes.append(
            Text(
                f"在异议中，先答复再审核：{'、'.join(waiting)}",
                f"disputed, to be answered before the review: {', '.join(waiting)}",
            )
        )
    return _recorded(step, tables, act, kept, "reviewed")


def _as_reviewed(record: Mapping[str, Any], rows: Rows, account: Mapping[str, Any] | None) -> bool:
    """Whether a review still stands: its rows and account, and who it was."""
    old = version_of(record) == OLD
    return fits(record, rows, account) and (old or record.get("seal") == record_seal(record))


def _stopped(step: Step, act: Act, key: Key, why: Text) -> None:
    zh, en = f"{key[0]} {key[1]} 不能审核：{why.zh}", f"{key[0]} {key[1]} can't be reviewed: {why.en}"
    if act.people:
        step.fault("", -1, "", zh, en)
    else:
        step.left_out += 1
        step.notes.append(Text(zh, en))


def _in_order(step: Step, places: _Places, key: Key, taken_back: bool) -> bool:
    """Whether the person's earlier months are done and this month's account is there and adds up."""
    found = len(step.faults)
    person = key[1]
    months = {month for month, who in (*places.rows, *places.accounts) if who == person and PERIOD.fullmatch(str(month))}
    open_ = [m for m in sorted(months) if m < key[0] and not places.sealed((m, person)) and not places.empty((m, person))]
    at = places.accounts.get(key, [-1])[0]
    if open_:
        step.fault("Accounts", at, "month", f"{person}：更早的月份还没有审核：{'、'.join(open_)}：请按月份先后审核", f"{person}: earlier months are not reviewed yet: {', '.join(open_)}: review them first")  # fmt: skip
    if at < 0 and places.rows.get(key):
        step.fault("Ledger", places.rows[key][0], "person", f"{key[0]} {person} 在提成账户里没有行：先计算提成", f"{key[0]} {person} has no row in Accounts: compute the commissions first")  # fmt: skip
    account = places.account(key)
    if account is not None:
        _adds_up(step, places, key, at, account, taken_back)
    return len(step.faults) == found


def _adds_up(step: Step, places: _Places, key: Key, at: int, account: Mapping[str, Any], taken_back: bool) -> None:
    head = f"{key[0]} {key[1]}"
    if len(places.accounts[key]) > 1:
        step.fault("Accounts", places.accounts[key][1], "month", f"{head} 在提成账户里有两行：重新计算提成", f"{head} has two rows in Accounts: compute the commissions again")  # fmt: skip
    rest = total_of([*(_number(account.get(k)) for k in _PLUS), *(-_number(account.get(k)) for k in _MINUS)])
    if abs(rest) >= _FEN:
        step.fault("Accounts", at, "paid", f"{head} 的账户不平，差 {yuan(rest)} 元：重新计算提成", f"{head}: the account is out by {yuan(rest)} yuan: compute the commissions again")  # fmt: skip
    if _number(account.get("paid")) < 0 and not taken_back:
        step.fault("Accounts", at, "paid", f"{head} 应发为负（{yuan(account['paid'])}）：负数只能结转：重新计算提成", f"{head}: payable is negative ({yuan(account['paid'])}), a negative is carried: compute the commissions again")  # fmt: skip
    before = places.before(key)
    if before is not None and abs(_number(account.get("opening")) - _number(before.get("closing"))) >= _FEN:
        step.fault("Accounts", at, "opening", f"{head} 期初结转 {yuan(account.get('opening'))}，上期期末 {yuan(before.get('closing'))}：重新计算提成", f"{head} opens with {yuan(account.get('opening'))}, {before['month']} closed with {yuan(before.get('closing'))}: compute the commissions again")  # fmt: skip


def _zero(places: _Places, key: Key) -> Row:
    """A month in which nothing moves: what was carried is carried on."""
    before = places.before(key) or {}
    carried, year = _number(before.get("closing")), str(before.get("month", ""))[:4]
    row: Row = {"person": key[1], "month": key[0], **dict.fromkeys(MOVEMENTS, 0.0), "opening": carried, "closing": carried}
    row |= {balance: _number(before.get(balance)) for balance in _BALANCES}
    row |= {"bookings": 0.0, "quota": None, "attainment": None, "note": before.get("note") if carried else None}
    return row | {"year_to_date": _number(before.get("year_to_date")) if year == key[0][:4] else 0.0, "statement": "estimated"}


def _reviewed(step: Step, places: _Places, key: Key, act: Act, account: Mapping[str, Any]) -> Row:
    for place in places.rows.get(key, []):
        if places.tables.ledger[place]["status"] in MOVES["review"].before:
            step.edit("Ledger", place, status="reviewed")
    _state(step, places, key, "reviewed", account)
    entry = {
        "period": key[0],
        "person": key[1],
        "reviewed_by": act.who,
        "reviewed_on": act.when.date(),
        "reviewer_user": act.user,
    }
    entry = sealed({**entry, **dict.fromkeys(_BLANK), **seal(places.ledger(key), account)})
    at = places.records.get(key)
    if at is None:
        step.add("Statements", entry)
    else:
        step.edit("Statements", at, **entry)
    return entry


def _state(step: Step, places: _Places, key: Key, state: str, account: Mapping[str, Any] | None = None) -> None:
    """The state on the account's own row."""
    at = places.accounts.get(key)
    if at:
        step.edit("Accounts", at[0], statement=state)
    elif account is not None:
        step.add("Accounts", {**account, "statement": state})


# ---------------------------------------------------------------------------------------------------------------- lock


def lock(tables: Tables, act: Act, two_people: bool = True) -> Step:
    """Approve and lock every statement in question that is not locked yet: all of them, or every reason why not."""
    step, places = Step(), _Places(tables)
    for place, remark in enumerate(tables.disputes):
        if act.covers(remark) and remark["state"] == "open":
            step.fault("Disputes", place, "state", f"异议 {number_of(remark)}（{remark['person']}）尚未答复：请先答复", f"dispute {number_of(remark)} ({remark['person']}) is open: answer it first")  # fmt: skip
    step.faults += settled(tables)
    kept, number = list[Row](), next_number(tables.approvals)
    for key in _asked(places, act, step):
        if key in places.closed.statements:
            _intruders(step, places, key)
        if places.locked(key):
            continue
        found = _lockable(step, places, key, act, two_people)
        if found is None or _too_early(step, places, key, act, "reviewed_on"):
            continue
        for place in places.rows.get(key, []):
            if tables.ledger[place]["status"] in MOVES["lock"].before:
                step.edit("Ledger", place, status="locked")
        _state(step, places, key, "final")
        new = {"approved_by": act.who, "locked_on": act.when.date(), "approval": float(number + 1), "approver_user": act.user}
        entry = sealed({**found, **new})
        step.edit("Statements", places.records[key], **new, seal=entry["seal"])
        kept.append(entry)
    return _recorded(step, tables, act, kept, "approved", "locked")


def _lockable(step: Step, places: _Places, key: Key, act: Act, two_people: bool) -> Mapping[str, Any] | None:
    """A statement's record, if it was reviewed as it is now and by somebody else."""
    _unreviewed(step, places, key)
    rows, record = places.ledger(key), places.record(key)
    if all(row["status"] in ("reviewed", *FIXED) for row in rows):
        _unfit(step, places, key, rows)
    if record is None:
        return None
    at = places.records[key]
    if two_people and same_person(record["reviewed_by"], act.who):
        step.fault("Statements", at, "reviewed_by", f"{key[1]}：批准人 {act.who} 与审核人 {record['reviewed_by']} 是同一人：应由另一人批准", f"{key[1]}: {act.who} is the same person as the reviewer {record['reviewed_by']}, so somebody else has to approve")  # fmt: skip
    elif two_people and act.user and record.get("reviewer_user") == act.user and not step.notes:
        step.notes.append(Text(f"审核与批准都在系统用户 {act.user} 下进行，已记录", f"reviewed and approved under the same system user {act.user}: kept on record"))  # fmt: skip
    return record


def _unreviewed(step: Step, places: _Places, key: Key) -> None:
    for place, row in zip(places.rows.get(key, []), places.ledger(key), strict=True):
        if row["status"] == "computed":
            step.fault("Ledger", place, "status", f"{row['person']} {row_called(row).zh} 尚未审核：先审核", f"{row['person']}, {row_called(row).en} is not reviewed: review it first")  # fmt: skip
        elif row["status"] == "disputed":
            step.fault("Ledger", place, "status", f"{row['person']} {row_called(row).zh} 在异议中：先答复并审核", f"{row['person']}, {row_called(row).en} is disputed: answer and review it first")  # fmt: skip
    if not places.rows.get(key) and places.record(key) is None:
        step.fault("Accounts", places.accounts[key][0], "statement", f"{key[0]} {key[1]} 尚未审核：先审核", f"{key[0]} {key[1]} is not reviewed: review it first")  # fmt: skip


def _unfit(step: Step, places: _Places, key: Key, rows: Rows) -> None:
    """A status set by hand, or something changed since the review."""
    record, at = places.record(key), places.records.get(key, -1)
    if record is None:
        if rows:
            step.fault("Ledger", places.rows[key][0], "status", f"{key[1]}：标为审核却没有审核记录：请用“审核对账单”按钮", f"{key[1]}: reviewed by hand, there is no review on record: use the Review button")  # fmt: skip
        return
    account = places.account(key)
    if _as_reviewed(record, rows, account):
        return
    now = seal(rows, account)
    figure = "total" if round((record["total"] or 0.0) - now["total"], 2) else "paid"
    before, after = record.get(figure), now[figure]
    step.fault("Statements", at, "hash", f"{key[1]}：审核之后被改过（{yuan(before)} → {yuan(after)}）：请重新审核", f"{key[1]}: changed since the review ({yuan(before)} → {yuan(after)}): review it again")  # fmt: skip


# ----------------------------------------------------------------------------------------------------------------- pay


def pay(tables: Tables, act: Act, expected: float | None = None) -> Step:
    """Mark the locked statements in question as paid; ``expected`` is the total that the payroll says."""
    step, places, kept, waiting = Step(), _Places(tables), list[Row](), list[str]()
    step.faults += settled(tables)
    number = next_number(tables.approvals)
    for key in _asked(places, act, step):
        record = places.record(key)
        if record is None or not record["locked_on"]:
            waiting.append(key[1])
            continue
        if record["paid_on"] or _too_early(step, places, key, act, "locked_on"):
            continue
        for place in places.rows.get(key, []):
            step.edit("Ledger", place, status="paid")
        _state(step, places, key, "paid")
        entry = sealed({**record, "paid_on": act.when.date(), "payment": float(number)})
        step.edit("Statements", places.records[key], paid_on=act.when.date(), payment=float(number), seal=entry["seal"])
        kept.append(entry)
    if waiting:
        step.left_out = len(waiting)
        step.notes.append(left_out(waiting))
    total = total_of(payable(entry) for entry in kept)
    if kept and expected is not None and round(total - expected, 2):
        step.fault("", -1, "", f"锁定合计 {total:,.2f} 元，与所给合计 {expected:,.2f} 元不符：没有标记", f"the locked total is {total:,.2f} yuan, not the {expected:,.2f} given: nothing was marked")  # fmt: skip
    return _recorded(step, tables, act, kept, "paid")


def _too_early(step: Step, places: _Places, key: Key, act: Act, column: str) -> bool:
    """Whether the clock says a day before that of the step before; colleagues in other time zones may be a day apart.

    A plan that is ahead of the calendar, as the demo is, goes by its own as-of date.
    """
    record = places.record(key) or {}
    before, today, head = record.get(column), act.when.date(), f"{key[0]} {key[1]}"
    if not isinstance(before, dt.date) or max(today, policy.today()) >= before - dt.timedelta(days=1):
        return False
    done = Text("审核", "reviewed") if column == "reviewed_on" else Text("锁定", "locked")
    step.fault("Statements", places.records[key], column, f"{head} 于 {before} {done.zh}（应发 {yuan(payable(record))} 元），电脑日期却是 {today}：请校准电脑日期", f"{head} was {done.en} on {before} (payable {yuan(payable(record))}), the computer's date is {today}: set its clock")  # fmt: skip
    return True


def left_out(waiting: Sequence[str]) -> Text:
    """Who was not marked as paid: a few names, and how many there are."""
    first, more = waiting[:5], len(waiting) > 5
    return Text(
        f"{len(waiting)} 人未锁定，未标记：{'、'.join(first)}{' 等' if more else ''}",
        f"{len(waiting)} not locked, skipped: {', '.join(first)}{' …' if more else ''}",
    )


# -------------------------------------------------------------------------------------------------------------- shared


def _asked(places: _Places, act: Act, step: Step, opens: Collection[str] = ()) -> list[Key]:
    """The statements an act is about; a person or a month without any is a fault, unless a review may open one for a person named."""
    every = dict.fromkeys([*places.rows, *places.accounts, *places.records])
    found = [key for key in every if act.means(key)]
    if not act.who.strip():
        step.fault("", -1, "", "没有经办人：用 --by 给出姓名", "nobody is named: say who with --by")
    if not found and not act.people:
        step.fault("", -1, "", *no_rows(act.period))
    for person in sorted(act.people - {person for _, person in found}):
        if person in opens:
            found.append((act.period, person))
        else:
            step.fault("", -1, "", f"{person} 在 {act.period} 没有台账行：核对工号与期间", f"{person} has no ledger rows in {act.period}: check ID and month")  # fmt: skip
    return found


def no_rows(period: str) -> Text:
    """What is said of a month in which nobody has anything."""
    return Text(f"{period} 在提成台账里没有行：核对期间", f"the ledger has no rows of {period}: check the month")


def _intruders(step: Step, places: _Places, key: Key) -> None:
    """Rows that stand in a locked statement without being locked: nobody may slip one in."""
    for place, row in zip(places.rows.get(key, []), places.ledger(key), strict=True):
        if row["status"] not in FIXED:
            step.fault("Ledger", place, "status", f"{row['person']} {row['period']} 的对账单已锁定，{row_called(row).zh} 这一行不属于它：删除它并重新计算提成", f"{row['person']}'s statement of {row['period']} is locked, the row of {row_called(row).en} is not part of it: delete it and compute again")  # fmt: skip


def _recorded(step: Step, tables: Tables, act: Act, kept: Sequence[Row], *steps: str) -> Step:
    """The acts as rows of Approvals; nothing at all when there are faults."""
    if step.faults:
        step.edited, step.added = {}, {}
        return step
    if kept:
        entry = summary(kept) | {"period": act.period, "who": act.who, "when": act.when, "note": act.note, "user": act.user}
        first = next_number(tables.approvals)
        step.added["Approvals"] = [{**entry, "number": float(first + i), "step": name} for i, name in enumerate(steps)]
        step.people, step.rows, step.total, step.paid = len(kept), int(entry["rows"]), _earned(tables, kept), entry["paid"]
    return step


def _earned(tables: Tables, kept: Sequence[Row]) -> float:
    """What statements come to before draws and holds."""
    keys = {(record["period"], record["person"]) for record in kept}
    mine = (row for row in tables.ledger if (row["period"], row["person"]) in keys and row["kind"] not in BALANCE)
    return total_of(_number(row["commission"]) for row in mine)


def next_number(rows: Rows) -> int:
    """The number of the next act."""
    return max((int(row["number"]) for row in rows if isinstance(row["number"], int | float)), default=0) + 1


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
