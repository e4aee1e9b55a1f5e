"""The one guard: is anything settled altered, missing, doubled, moved, unapproved, or set back? Every action that knows of pay asks it.

What is settled is what was locked or paid. Its record (``Statements``) knows each ledger row and the account by their digests, the seal on
the record knows people and dates, ``Approvals`` know what was approved and paid in all, and the export outside the workbook knows all of
that once more. Each fault names row and figure.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from udfs.text import Text
from workbook_templates.chapters.incentives.cycle import digests
from workbook_templates.chapters.incentives.cycle.digests import (
    NEW,
    Line,
    fits,
    line,
    payable,
    plain,
    record_seal,
    sealed_figures,
    sealed_lines,
    state_of,
    summary,
    total,
    version_of,
)
from workbook_templates.chapters.incentives.cycle.exported import SealEntry, known
from workbook_templates.chapters.incentives.cycle.state import (
    FIXED,
    PERIOD,
    Closed,
    Fault,
    Key,
    Row,
    Rows,
    Tables,
    by_account,
    by_statement,
    called,
    number_of,
    row_called,
    yuan,
)
from workbook_templates.tables import schema

_SETTLED_BY = ("locked_on", "paid_on", "approved_by", "approval", "payment")
_STATES = ("computed", "reviewed", "disputed", *FIXED)
_ACCOUNT_OF = {"locked": "final", "paid": "paid"}  # a statement's state → its account's word
_WORDS = {"computed": Text("计算", "computed"), "reviewed": Text("已审核", "reviewed"), "disputed": Text("异议中", "disputed"), "locked": Text("锁定", "locked"), "paid": Text("已发放", "paid"), "final": Text("最终", "final"), "estimated": Text("预估", "estimated")}  # fmt: skip


def settled(tables: Tables, exported: Sequence[SealEntry] | None = None) -> list[Fault]:
    """Everything wrong with what is settled; nothing where all is as it was approved. ``exported``: the entries of the seal file."""
    return list(dict.fromkeys(_Guard(tables).faults(exported)))


def is_settled(statement: Mapping[str, Any]) -> bool:
    """Whether a record says in any way that its statement was locked or paid."""
    return any(statement.get(key) for key in _SETTLED_BY)


class _Guard:
    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.rows, self.accounts = by_statement(tables.ledger), by_account(tables.accounts)
        self.records: dict[Key, list[int]] = defaultdict(list)
        for at, record in enumerate(tables.statements):
            self.records[record.get("period"), record.get("person")].append(at)  # type: ignore[index]
        self.claimed = set[int]()  # ledger rows that were told already
        self.claimed_accounts = set[int]()
        self._strays: dict[tuple[str, str, float], list[int]] | None = None

    def faults(self, exported: Sequence[SealEntry] | None) -> Iterator[Fault]:
        for at, record in enumerate(self.tables.statements):
            if is_settled(record):
                yield from self._statement(at, record)
            else:
                yield from self._seal(at, record)
        yield from self._unapproved()
        yield from self._unreadable()
        yield from self._approvals()
        if exported is not None:
            yield from self._exported(exported)

    # ---- one statement

    def _statement(self, at: int, record: Mapping[str, Any]) -> Iterator[Fault]:
        key = record.get("period"), record.get("person")
        head = _head(*key)
        if not PERIOD.fullmatch(str(key[0])) or not key[1]:
            column = "person" if PERIOD.fullmatch(str(key[0])) else "period"
            yield _fault("Statements", at, column, f"{head}：封存的对账单期间或工号读不出来，合计 {yuan(record.get('total'))} 元：恢复原值", f"{head}: a settled statement has no readable month or person, total {yuan(record.get('total'))}: restore it")  # fmt: skip
            return
        if self.records[key][0] != at:  # type: ignore[index]
            yield _fault("Statements", at, "person", f"{head}：对账单重复，{yuan(payable(record))} 元会付两次：删除这一行", f"{head}: doubled: there are two such statements, {yuan(payable(record))} would be paid twice: delete this row")  # fmt: skip
            return
        yield from self._content(at, record, key, head)  # type: ignore[arg-type]
        yield from self._seal(at, record)
        yield from self._approved(at, record, head)

    def _content(self, at: int, record: Mapping[str, Any], key: Key, head: str) -> Iterator[Fault]:
        """Rows and account. Where the digest of them all is right, only their states can be wrong."""
        rows, accounts = [self.tables.ledger[i] for i in self.rows.get(key, [])], self.accounts.get(key, [])
        intact = fits(record, rows, self._one_account(key)) and len(accounts) <= 1
        if not intact:
            yield from self._rows(at, record, key, head)
            yield from self._account(at, record, key, head)
        elif version_of(record) == NEW:
            self.claimed_accounts.update(accounts)
            if sealed_figures(record) != digests.figures(self._one_account(key)):
                yield _overwritten(at, head)
        if version_of(record) != NEW:
            yield from self._brought_up(record, key, head)
        yield from self._states(record, key, head, intact)

    def _brought_up(self, record: Mapping[str, Any], key: Key, head: str) -> Iterator[Fault]:
        """The account that an upgrade gave a statement of 0.1.0: no digest covers it, it follows from the statement."""
        places = self.accounts.get(key, [])
        for place in places[1:]:
            yield _fault("Accounts", place, "paid", f"重复：{head} 的账户，应发 {yuan(self.tables.accounts[place].get('paid'))}：删除多出的一行", f"doubled: the account of {head}, payable {yuan(self.tables.accounts[place].get('paid'))}: delete the row too many")  # fmt: skip
        if not places or record.get("paid") is None:
            return
        account, paid = self.tables.accounts[places[0]], _float(record.get("paid"))
        earlier = max((month for month, person in self.accounts if person == key[1] and str(month) < key[0]), default=None)
        before = None if earlier is None else self._one_account((earlier, key[1]))
        opening = _float((before or {}).get("closing"))
        for column, wanted in (("opening", opening), ("paid", paid), ("closing", opening + _float(record.get("total")) - paid)):
            now = account.get(column)
            if round(_float(now) - wanted, 2):
                header = schema.table("Accounts").by_key[column].header
                yield _fault("Accounts", places[0], column, f"{head} 账户“{header.zh}”：锁定后被改：{yuan(wanted)} → {yuan(now)}：恢复原值", f"altered: {head}, account, {header.en}: changed after the lock: {yuan(wanted)} → {yuan(now)}: restore it")  # fmt: skip
                return

    def _rows(self, at: int, record: Mapping[str, Any], key: Key, head: str) -> Iterator[Fault]:
        places, version = self.rows.get(key, []), version_of(record)
        now = {place: line(self.tables.ledger[place], version) for place in places}
        left, come = Counter(sealed_lines(record)), list[int]()
        whole = sum(left.values()) == (record.get("rows") or 0)
        for place, said in now.items():
            if left[said] > 0:
                left[said] -= 1
            else:
                come.append(place)
        if not whole:  # more rows than a cell can list, or the list was overwritten: only the hash of them all can say
            rows = [self.tables.ledger[place] for place in places]
            if not fits(record, rows, self._one_account(key)):
                yield _fault("Statements", at, "hash", f"{head}：封存后被改，合计 {yuan(record.get('total'))} → {yuan(total(rows))}：从备份恢复", f"{head}: altered after the lock, total {yuan(record.get('total'))} → {yuan(total(rows))}: restore from a backup")  # fmt: skip
            return
        gone = list(left.elements())
        figures = yuan(record.get("total")), yuan(total([self.tables.ledger[place] for place in places]))
        for place in [place for place in come if now[place] in sealed_lines(record)]:
            come.remove(place)
            self.claimed.add(place)
            deal, kind, amount, _ = now[place]
            what = called(deal, kind, "")
            yield _fault("Ledger", place, "commission", f"重复：{head} {what.zh}，{yuan(amount)}；对账单 {figures[0]}，台账 {figures[1]}：删除多出的一行", f"doubled: {head} {what.en}, {yuan(amount)}; statement {figures[0]}, rows {figures[1]}: delete the row too many")  # fmt: skip
        for lost in gone:
            yield self._lost(at, lost, key, head, version, come, figures)
        for place in come:
            self.claimed.add(place)
            deal, kind, amount, _ = now[place]
            what = called(deal, kind, "")
            yield _fault("Ledger", place, "commission", f"{head} 的对账单已锁定，{what.zh}（{yuan(amount)}）这一行不属于它（对账单合计 {figures[0]} → {figures[1]}）：删除它", f"{head}: the statement is locked and the row of {what.en} ({yuan(amount)}) is not part of it (statement total {figures[0]} → {figures[1]}): delete it")  # fmt: skip

    def _lost(self, at: int, lost: Line, key: Key, head: str, version: int, come: list[int], figures: tuple[str, str]) -> Fault:
        """A sealed row that does not stand in its statement: changed there, moved away, or gone."""
        deal, kind, amount, _ = lost
        what, named = called(deal, kind, ""), called(deal, kind)
        same = [p for p in come if str(self.tables.ledger[p].get("deal") or "") == deal]
        same.sort(key=lambda place: line(self.tables.ledger[place], version)[1] != kind)
        moved = self._moved(lost, key, version)
        if moved is not None:
            self.claimed.add(moved)
            row = self.tables.ledger[moved]
            column = "period" if row.get("period") != key[0] else "person"
            there = _head(row.get("period"), row.get("person"))
            return _fault("Ledger", moved, column, f"移动：{head} {what.zh}，{yuan(amount)}，现在在 {there}：恢复原值", f"moved: {head} {what.en} {yuan(amount)}, now {there}: restore it")  # fmt: skip
        if same:
            come.remove(same[0])
            self.claimed.add(same[0])
            now = digests.amount(self.tables.ledger[same[0]])
            return _fault("Ledger", same[0], "commission", f"{head} {named.zh}：锁定后被改：{yuan(amount)} → {yuan(now)}（对账单合计 {figures[0]} → {figures[1]}）：恢复原值；更正只能记入以后的月份", f"altered: {head}, {named.en}: changed after the lock: {yuan(amount)} → {yuan(now)} (statement total {figures[0]} → {figures[1]}): restore it; a correction goes to a later month")  # fmt: skip
        return _fault("Statements", at, "total", f"缺失：{head} {what.zh}，{yuan(amount)}（{yuan(amount)} → –）；对账单合计 {figures[0]} → {figures[1]}：从备份恢复这一行", f"missing: {head} {what.en}, {yuan(amount)}; statement {figures[0]}, rows {figures[1]}: restore the row from a backup")  # fmt: skip

    def _moved(self, lost: Line, key: Key, version: int) -> int | None:
        """A row that would be the lost one, were it still that person's and month's."""
        for place in self._stray_rows().get(lost[:3], []):
            row = {**self.tables.ledger[place], "period": key[0], "person": key[1]}
            if place not in self.claimed and line(row, version) == lost:
                return place
        return None

    def _stray_rows(self) -> dict[tuple[str, str, float], list[int]]:
        """Rows that no settled statement knows as its own."""
        if self._strays is None:
            self._strays = defaultdict(list)
            for key, places in self.rows.items():
                mine = [self.tables.statements[at] for at in self.records.get(key, []) if is_settled(self.tables.statements[at])]
                left = Counter(sealed_lines(mine[0])) if mine else Counter[Line]()
                for place in places:
                    said = line(self.tables.ledger[place], version_of(mine[0]) if mine else NEW)
                    if left[said] > 0:
                        left[said] -= 1
                    else:
                        for version in (NEW, digests.OLD):
                            self._strays[line(self.tables.ledger[place], version)[:3]].append(place)
        return self._strays

    def _one_account(self, key: Key) -> Mapping[str, Any] | None:
        found = self.accounts.get(key, [])
        return self.tables.accounts[found[0]] if found else None

    def _account(self, at: int, record: Mapping[str, Any], key: Key, head: str) -> Iterator[Fault]:
        if version_of(record) != NEW:
            return
        kept, places = sealed_figures(record), self.accounts.get(key, [])
        self.claimed_accounts.update(places)
        if not places:
            moved = next((i for i, row in enumerate(self.tables.accounts) if _same(kept, row) and self._free(i)), None)
            if moved is not None:
                self.claimed_accounts.add(moved)
                row = self.tables.accounts[moved]
                column = "month" if row.get("month") != key[0] else "person"
                there = _head(row.get("month"), row.get("person"))
                yield _fault("Accounts", moved, column, f"移动：{head} 的账户，应发 {yuan(kept.get('paid'))}，现在在 {there}：恢复原值", f"moved: the account of {head}, payable {yuan(kept.get('paid'))}, now {there}: restore it")  # fmt: skip
            else:
                yield _fault("Statements", at, "paid", f"缺失：{head} 的账户，应发 {yuan(record.get('paid'))}：从备份恢复这一行", f"missing: the account of {head}, payable {yuan(record.get('paid'))}: restore the row from a backup")  # fmt: skip
            return
        for place in places[1:]:
            yield _fault("Accounts", place, "paid", f"重复：{head} 的账户，应发 {yuan(self.tables.accounts[place].get('paid'))}：删除多出的一行", f"doubled: the account of {head}, payable {yuan(self.tables.accounts[place].get('paid'))}: delete the row too many")  # fmt: skip
        yield from self._figures(at, record, kept, places[0], head)

    def _figures(self, at: int, record: Mapping[str, Any], kept: Row, place: int, head: str) -> Iterator[Fault]:
        now = digests.figures(self.tables.accounts[place])
        changed = [key for key in now if plain(key, kept.get(key)) != plain(key, now[key])]
        if not kept:
            yield _overwritten(at, head)
            return
        for key in changed:
            header = schema.table("Accounts").by_key[key].header
            yield _fault("Accounts", place, key, f"{head} 账户“{header.zh}”：锁定后被改：{yuan(kept.get(key))} → {yuan(now[key])}：恢复原值", f"altered: {head}, account, {header.en}: changed after the lock: {yuan(kept.get(key))} → {yuan(now[key])}: restore it")  # fmt: skip
        rows = [self.tables.ledger[i] for i in self.rows.get((record["period"], record["person"]), [])]
        if (
            not changed
            and sealed_lines(record) == Counter(map(line, rows))
            and not fits(record, rows, self.tables.accounts[place])
        ):
            yield _fault("Statements", at, "hash", f"{head}：内容校验码与封存的内容不符，合计 {yuan(record.get('total'))}：从备份恢复", f"{head}: the content hash is not that of what was sealed, total {yuan(record.get('total'))}: restore from a backup")  # fmt: skip

    def _free(self, place: int) -> bool:
        row = self.tables.accounts[place]
        return place not in self.claimed_accounts and (row.get("month"), row.get("person")) not in self.records

    def _states(self, record: Mapping[str, Any], key: Key, head: str, intact: bool) -> Iterator[Fault]:
        state, wrong = state_of(record), list[tuple[str, int, str, str]]()
        mine = Counter[Line]() if intact else sealed_lines(record)
        whole = sum(mine.values()) == (record.get("rows") or 0)  # else any row counts: the list has no room for all
        for place in self.rows.get(key, []):
            said = self.tables.ledger[place].get("status")
            if said != state and (intact or not whole or mine[line(self.tables.ledger[place], version_of(record))]):
                wrong.append(("Ledger", place, "status", str(said or "–")))
        accounts = self.accounts.get(key, []) if version_of(record) == NEW else []
        for place in accounts[:1]:
            said = self.tables.accounts[place].get("statement")
            if said != _ACCOUNT_OF.get(state):
                wrong.append(("Accounts", place, "statement", str(said or "–")))
        if not wrong:
            return
        for table, place, column, said in _once_each(wrong):
            yield Fault(table, place, column, _state_text(head, record, state, said, self._called(table, place)))

    def _called(self, table: str, place: int) -> Text:
        return row_called(self.tables.ledger[place]) if table == "Ledger" else Text("的账户", "the account")

    # ---- the record

    def _seal(self, at: int, record: Mapping[str, Any]) -> Iterator[Fault]:
        head = _head(record.get("period"), record.get("person"))
        if version_of(record) != NEW and not record.get("seal"):
            return
        if record.get("seal") == record_seal(record):
            return
        back = self._set_back(record)
        if back is not None and back[0] != state_of(record):
            was, when = back
            yield Fault("Statements", at, "paid_on" if was == "paid" else "locked_on", _set_back_text(head, was, when, state_of(record), payable(record)))  # fmt: skip
        elif is_settled(record):
            yield _fault("Statements", at, "seal", f"{head}：对账单的人员、日期或合计在锁定后被改（审核 {_said(record, 'reviewed')}，批准 {_said(record, 'approved', 'locked_on')}，合计 {yuan(record.get('total'))}，应发 {yuan(record.get('paid'))}）：从备份恢复", f"altered: {head}: people, dates or totals of the statement were changed after the lock (reviewed {_said(record, 'reviewed')}, approved {_said(record, 'approved', 'locked_on')}, total {yuan(record.get('total'))}, payable {yuan(record.get('paid'))}): restore from a backup")  # fmt: skip

    def _set_back(self, record: Mapping[str, Any]) -> tuple[str, Any] | None:
        """How far the statement had been by its seal, and since when: the approvals on record are tried on it."""
        mine = [entry for entry in self.tables.approvals if entry.get("period") == record.get("period")]
        locks = [_locked_by(entry) for entry in mine if entry.get("step") == "locked"]
        pays = [_paid_by(entry) for entry in mine if entry.get("step") == "paid"]
        for lock in [{}, *locks]:
            for payment in [{}, *pays]:
                tried = {**record, **lock, **payment}
                if (lock or payment) and record_seal(tried) == record.get("seal"):
                    was = state_of(tried)
                    return was, tried["paid_on"] if was == "paid" else tried["locked_on"]
        return None

    def _approved(self, at: int, record: Mapping[str, Any], head: str) -> Iterator[Fault]:
        """A lock and a payment stand in Approvals, by who did it."""
        if not record.get("locked_on"):
            yield _fault("Statements", at, "locked_on", f"退回：{head} 已由 {record.get('approved_by') or '–'} 批准，锁定日期却没有了；{yuan(payable(record))} 元会再付一次：恢复原值", f"set back: {head} was approved by {record.get('approved_by') or '–'} and its lock date is gone; {yuan(payable(record))} would be paid twice: restore it")  # fmt: skip
            return
        entry = self._act("locked", record.get("approval"))
        if entry is None or entry.get("period") != record.get("period"):
            yield _fault("Statements", at, "approval", f"{head}：没有批准记录 {_shown(record.get('approval'))}，合计 {yuan(record.get('total'))}：先审核，再批准并锁定", f"unapproved: {head}: there is no approval {_shown(record.get('approval'))} on record, total {yuan(record.get('total'))}: review it, then approve and lock")  # fmt: skip
        else:
            yield from self._as_on_record(at, record, entry, head)
        if record.get("paid_on") and (record.get("payment") or version_of(record) == NEW):
            payment = self._act("paid", record.get("payment"))
            if payment is None:
                yield _fault("Statements", at, "payment", f"{head}：没有付款记录 {_shown(record.get('payment'))}，应发 {yuan(payable(record))}：恢复原值", f"unapproved: {head}: there is no payment {_shown(record.get('payment'))} on record, payable {yuan(payable(record))}: restore it")  # fmt: skip
            elif version_of(record) == NEW and _day(payment) != record["paid_on"]:
                yield _fault("Statements", at, "paid_on", f"{head}：付款日期 {_shown(_day(payment))} → {_shown(record['paid_on'])}，应发 {yuan(payable(record))}：恢复原值", f"altered: {head}: paid on {_shown(_day(payment))} → {_shown(record['paid_on'])}, payable {yuan(payable(record))}: restore it")  # fmt: skip

    def _as_on_record(self, at: int, record: Mapping[str, Any], entry: Mapping[str, Any], head: str) -> Iterator[Fault]:
        """Who approved a statement and when, and who reviewed it, as Approvals say."""
        if entry.get("who") != record.get("approved_by"):
            yield _fault("Statements", at, "approved_by", f"{head}：批准人 {entry.get('who')} → {record.get('approved_by')}：恢复原值", f"altered: {head}: approved by {entry.get('who')} → {record.get('approved_by')}: restore it")  # fmt: skip
            return
        if version_of(record) != NEW:
            return
        column = next((key for key, said in _locked_by(entry).items() if said != record.get(key)), None)
        if column is not None:
            was, now = _shown(_locked_by(entry)[column]), _shown(record.get(column))
            yield _fault("Statements", at, column, f"{head}：审批记录里的批准被改：{was} → {now}，合计 {yuan(record.get('total'))}：恢复原值", f"altered: {head}: the approval on record says {was}, the statement {now}, total {yuan(record.get('total'))}: restore it")  # fmt: skip
        if not any(_reviewed_by(one) == {key: record.get(key) for key in _REVIEW} for one in self._reviews(record)):
            yield _fault("Statements", at, "reviewed_by", f"{head}：审批记录里没有 {_said(record, 'reviewed')} 的审核，合计 {yuan(record.get('total'))}：从备份恢复", f"unapproved: {head}: the review by {_said(record, 'reviewed')} is not on record, total {yuan(record.get('total'))}: restore it")  # fmt: skip

    def _reviews(self, record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        return [e for e in self.tables.approvals if e.get("step") == "reviewed" and e.get("period") == record.get("period")]

    def _act(self, step: str, number: Any) -> Mapping[str, Any] | None:
        return next((e for e in self.tables.approvals if e.get("step") == step and e.get("number") == number), None)

    # ---- what stands outside every statement

    def _unapproved(self) -> Iterator[Fault]:
        """Rows and accounts that somebody set to locked or paid by hand."""
        covered = {k for k, places in self.records.items() if any(is_settled(self.tables.statements[at]) for at in places)}
        for key, places in self.rows.items():
            fixed = [i for i in places if self.tables.ledger[i].get("status") in FIXED and i not in self.claimed]
            if fixed and key not in covered:
                amounts = yuan(total([self.tables.ledger[i] for i in fixed]))
                yield _fault("Ledger", fixed[0], "status", f"{_head(*key)}：标为锁定或已发放，却没有批准记录（{len(fixed)} 行，{amounts}）：改回“计算”，再审核、批准并锁定", f"unapproved: {_head(*key)}: locked or paid without an approval on record ({len(fixed)} rows, {amounts}): set it back to Computed, then review, approve and lock")  # fmt: skip
        for key, places in self.accounts.items():
            fixed = [i for i in places if self.tables.accounts[i].get("statement") in ("final", "paid") and i not in self.claimed_accounts]  # fmt: skip
            if fixed and key not in covered:
                paid = yuan(self.tables.accounts[fixed[0]].get("paid"))
                yield _fault("Accounts", fixed[0], "statement", f"{_head(*key)}：账户标为最终或已发放，却没有批准记录，应发 {paid}：改回“预估”，再审核、批准并锁定", f"unapproved: {_head(*key)}: the account says final or paid without an approval on record, payable {paid}: set it back to Estimated, then review, approve and lock")  # fmt: skip

    def _unreadable(self) -> Iterator[Fault]:
        """Rows that nobody's month would count: blanked, or with a month such as 2027-1O."""
        for place, row in enumerate(self.tables.ledger):
            checks = (("period", PERIOD.fullmatch(str(row.get("period")))), ("person", row.get("person")), ("status", row.get("status") in _STATES), ("commission", isinstance(row.get("commission"), int | float)))  # fmt: skip
            column = next((key for key, fine in checks if not fine), None)
            if column is not None and place not in self.claimed:
                yield _fault("Ledger", place, column, f"单号 {row.get('deal') or '–'}（{yuan(row.get('commission'))}）：“{_shown(row.get(column))}”不是有效的值，这一行会被漏掉：恢复原值", f"unreadable: deal {row.get('deal') or '–'} ({yuan(row.get('commission'))}): “{_shown(row.get(column))}” is no valid {column}, the row would be left out: restore it")  # fmt: skip
        for place, row in enumerate(self.tables.accounts):
            fine = PERIOD.fullmatch(str(row.get("month"))) and row.get("person")
            if not fine and place not in self.claimed_accounts:
                yield _fault("Accounts", place, "month", f"账户的月份或工号“{_head(row.get('month'), row.get('person'))}”无效，应发 {yuan(row.get('paid'))} 会被漏掉：恢复原值", f"unreadable: “{_head(row.get('month'), row.get('person'))}” is no month and person, payable {yuan(row.get('paid'))} would be left out: restore it")  # fmt: skip

    def _approvals(self) -> Iterator[Fault]:
        """Each approval and payment against the statements it was of."""
        numbers = Counter(entry.get("number") for entry in self.tables.approvals)
        for at, entry in enumerate(self.tables.approvals):
            if numbers[entry.get("number")] > 1:
                yield _fault("Approvals", at, "number", f"审批号 {number_of(entry)} 重复，合计 {yuan(entry.get('total'))}：从备份恢复", f"approval {number_of(entry)} is there twice, total {yuan(entry.get('total'))}: restore from a backup")  # fmt: skip
            linked = "approval" if entry.get("step") == "locked" else "payment" if entry.get("step") == "paid" else None
            of = [s for s in self.tables.statements if linked and s.get(linked) == entry.get("number")]
            if linked is None or (linked == "payment" and not of and not entry.get("user")):
                continue  # 0.1.0 did not say which statements a payment was of
            yield from self._act_of(at, entry, summary([dict(s) for s in of]))

    def _act_of(self, at: int, entry: Mapping[str, Any], now: Row) -> Iterator[Fault]:
        figures = ("total", "paid") if entry.get("paid") is not None else ("total",)
        wrong = [key for key in figures if round(now[key] - _float(entry.get(key)), 2)]
        if wrong or now["hash"] != entry.get("hash"):
            key = (wrong or ["total"])[0]
            zh, en = ("付款", "payment") if entry.get("step") == "paid" else ("批准", "approval")
            yield _fault("Approvals", at, key, f"审批 {number_of(entry)}（{entry.get('period')}）{zh} {yuan(entry.get(key))} 元，对账单现为 {yuan(now[key])} 元：从备份恢复", f"{en} {number_of(entry)} ({entry.get('period')}) was of {yuan(entry.get(key))} yuan, its statements now say {yuan(now[key])}: restore from a backup")  # fmt: skip

    # ---- what left the workbook

    def _exported(self, entries: Sequence[SealEntry]) -> Iterator[Fault]:
        for key, entry in known(entries, self.tables.statements).items():
            at = (self.records.get(key) or [-1])[0]
            record, head = (self.tables.statements[at], _head(*key)) if at >= 0 else (None, _head(*key))
            if record is None or not record.get("locked_on"):
                state = _WORDS[entry.state]
                yield _fault("Statements", at, "locked_on", f"退回：{head} 在封签文件里 {entry.on} 已{state.zh}（{yuan(entry.paid)} 元），这个工作簿里没有：是不是恢复了旧的备份？用最新的文件", f"set back: {head} was {state.en} on {entry.on} by the seal file ({yuan(entry.paid)} yuan), and is not in this workbook: an older copy? Use the latest file")  # fmt: skip
            elif record["hash"] != entry.hash:
                before, after = (entry.total, record.get("total")) if round(entry.total - _float(record.get("total")), 2) else (entry.paid, payable(record))  # fmt: skip
                yield _fault("Statements", at, "total", f"与锁定时导出的校验码不符：{head} {yuan(before)} → {yuan(after)}：从备份恢复", f"differs from the checksum exported at lock: {head} {yuan(before)} → {yuan(after)}: restore from a backup")  # fmt: skip
            elif entry.state == "paid" and state_of(record) != "paid":
                yield Fault("Statements", at, "paid_on", _set_back_text(head, "paid", entry.on, state_of(record), entry.paid))
            elif not entry.says(record):
                yield _fault("Statements", at, "seal", f"与导出的封签不符：{head} 的人员或日期被改（审核 {_said(record, 'reviewed')}，批准 {_said(record, 'approved', 'locked_on')}，付款 {_shown(record.get('paid_on'))}），应发 {yuan(entry.paid)}：从备份恢复", f"differs from the seal exported: people or dates of {head} were changed (reviewed {_said(record, 'reviewed')}, approved {_said(record, 'approved', 'locked_on')}, paid {_shown(record.get('paid_on'))}), payable {yuan(entry.paid)}: restore from a backup")  # fmt: skip


def _fault(table: str, row: int, key: str, zh: str, en: str) -> Fault:
    return Fault(table, row, key, Text(zh, en))


def _overwritten(at: int, head: str) -> Fault:
    return _fault("Statements", at, "lines", f"{head}：对账单的逐行校验码被改：从备份恢复", f"altered: {head}: the statement's digests were overwritten: restore from a backup")  # fmt: skip


def _head(period: Any, person: Any) -> str:
    return f"{_shown(period)} {_shown(person)}"


def _shown(value: Any) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()[:10]
    return f"{value:g}" if isinstance(value, float) else str(value or "–")


def _float(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _said(record: Mapping[str, Any], step: str, on: str = "") -> str:
    return f"{_shown(record.get(f'{step}_by'))} {_shown(record.get(on or f'{step}_on'))}"


def _same(kept: Row, account: Mapping[str, Any]) -> bool:
    now = digests.figures(account)
    return bool(kept) and all(plain(key, kept.get(key)) == plain(key, now[key]) for key in now)


def _locked_by(entry: Mapping[str, Any]) -> Row:
    return {"approved_by": entry.get("who"), "locked_on": _day(entry), "approval": entry.get("number"), "approver_user": entry.get("user")}  # fmt: skip


def _paid_by(entry: Mapping[str, Any]) -> Row:
    return {"paid_on": _day(entry), "payment": entry.get("number")}


_REVIEW = ("reviewed_by", "reviewed_on", "reviewer_user")


def _reviewed_by(entry: Mapping[str, Any]) -> Row:
    return dict(zip(_REVIEW, (entry.get("who"), _day(entry), entry.get("user")), strict=True))


def _day(entry: Mapping[str, Any]) -> Any:
    when = entry.get("when")
    return when.date() if isinstance(when, dt.datetime) else when


def _once_each(wrong: list[tuple[str, int, str, str]]) -> list[tuple[str, int, str, str]]:
    """The first place of each Table and word."""
    seen: dict[tuple[str, str], tuple[str, int, str, str]] = {}
    for one in wrong:
        seen.setdefault((one[0], one[3]), one)
    return list(seen.values())


def _state_text(head: str, record: Mapping[str, Any], state: str, said: str, what: Text) -> Text:
    word = _WORDS.get(said, Text(said, said))
    if state == "paid":
        return _set_back_text(head, "paid", record.get("paid_on"), said, payable(record))
    if said == "paid":
        return Text(f"{head}：标为已发放，却没有付款记录，{yuan(payable(record))} 元：改回“锁定”", f"unapproved: {head}: paid by hand, no payment on record, {yuan(payable(record))}: set it back to locked")  # fmt: skip
    return Text(f"{head} {what.zh}：锁定后状态被改（锁定 → {word.zh}，{yuan(payable(record))} 元）：改回“锁定”或“已发放”", f"set back: {head}, {what.en}: its status was changed after the lock (locked → {word.en}, {yuan(payable(record))}): set it back")  # fmt: skip


def _set_back_text(head: str, was: str, when: Any, now: str, paid: float) -> Text:
    then, word = _WORDS[was], _WORDS.get(now, Text(now, now))
    zh = f"退回：{head} {_shown(when)} 已{then.zh}，现为“{word.zh}”（状态被改）；{yuan(paid)} 元会再付一次：恢复原值"
    return Text(zh, f"set back: {head}: {then.en} on {_shown(when)}, now {word.en}; {yuan(paid)} would be paid twice: restore it")


# --------------------------------------------------------------------------------------------- what an action may not write


def violation(before: Tables, after: Tables, paying: bool = False) -> Text | None:
    """Why a change of these Tables must not be made: it would change a locked row, account or statement, or an approval."""
    lost = _lost(before.ledger, after.ledger, paying) or _slipped_in(before, after)
    if lost is not None:
        return Text(
            f"{lost['period']} {lost['person']} 的对账单已锁定（{row_called(lost).zh}，{yuan(lost['commission'])} 元），不能改动、删除或添加：更正请记入以后的月份。没有写入。",
            f"{lost['person']}'s statement of {lost['period']} is locked ({row_called(lost).en}, {yuan(lost['commission'])} yuan): nothing of it can be changed, deleted or added. Book the correction to a later month. Nothing was written.",
        )
    fixed = {(s["period"], s["person"]) for s in before.statements if s.get("locked_on")}
    account = _account_lost(before.accounts, after.accounts, fixed, paying)
    if account is not None:
        return Text(
            f"{account['month']} {account['person']} 的对账单已锁定，账户（应发 {yuan(account['paid'])} 元）不能改动。没有写入。",
            f"{account['person']}'s statement of {account['month']} is locked: its account (payable {yuan(account['paid'])} yuan) can't be changed. Nothing was written.",
        )
    free = ("paid_on", "payment", "seal") if paying else ()
    if _kept(before.statements, after.statements, lambda s: bool(s.get("locked_on")), free) and _kept(
        before.approvals, after.approvals, lambda a: a["step"] != "reviewed"
    ):
        return None
    return Text(
        "批准与锁定的记录不能改动：更正请记入以后的月份。没有写入。",
        "The record of what was approved and locked can't be changed: book the correction to a later month. Nothing was written.",
    )


def _lost(before: Rows, after: Rows, paying: bool) -> Mapping[str, Any] | None:
    have = Counter((digests.content(row), row["status"]) for row in after)
    for row in before:
        if row["status"] not in FIXED:
            continue
        allowed = (row["status"], "paid") if paying else (row["status"],)
        state = next((s for s in allowed if have[digests.content(row), s] > 0), None)
        if state is None:
            return row
        have[digests.content(row), state] -= 1
    return None


def _slipped_in(before: Tables, after: Tables) -> Mapping[str, Any] | None:
    closed, known_rows = Closed(before.ledger, before.statements).statements, Counter(digests.content(r) for r in before.ledger)
    for row in after.ledger:
        said = digests.content(row)
        known_rows[said] -= 1
        if known_rows[said] < 0 and (row["period"], row["person"]) in closed:
            return row
    return None


def _account_lost(before: Rows, after: Rows, fixed: set[Key], paying: bool) -> Mapping[str, Any] | None:
    free = ("statement",) if paying else ()
    have = Counter(_said_by(row, free) for row in after)
    for row in before:
        if (row.get("month"), row.get("person")) in fixed:
            have[_said_by(row, free)] -= 1
            if have[_said_by(row, free)] < 0:
                return row
    doubled = Counter((row.get("month"), row.get("person")) for row in after) - Counter((r.get("month"), r.get("person")) for r in before)  # fmt: skip
    return next((row for row in after if (key := (row.get("month"), row.get("person"))) in fixed and doubled[key]), None)


def _kept(before: Rows, after: Rows, matters: Callable[[Mapping[str, Any]], bool], free: Sequence[str] = ()) -> bool:
    return not (Counter(_said_by(r, free) for r in before if matters(r)) - Counter(_said_by(r, free) for r in after))


def _said_by(row: Mapping[str, Any], free: Sequence[str] = ()) -> str:
    return "\x1f".join(f"{key}={plain(key, value or None)}" for key, value in sorted(row.items()) if key not in free)
