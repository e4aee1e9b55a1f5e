"""What a plan of 0.1.0 says of pay, as the Tables of today say it: rows in, rows out, and what there is to tell.

That version had no accounts: a statement was a month's ledger rows, and what they came to was paid, whatever the sign. Nothing of it
is worked out anew here. What was reviewed, locked or paid gets the account that follows from its rows; the ledger's new columns are
filled where they follow from the deal; later tiers of the Commission sheet become dated policy and rules. What does not follow stays
blank and is told.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from udfs.policy import POLICIES
from udfs.text import Text, counted, joined
from udfs.values import serial_to_date, total_of
from workbook_templates.answers import Problem
from workbook_templates.chapters.incentives.cycle.digests import is_fixed
from workbook_templates.chapters.incentives.cycle.state import statement_state
from workbook_templates.chapters.incentives.ledger import later_tiers
from workbook_templates.chapters.incentives.pay.accounts import COLUMNS, MOVEMENTS, NEGATIVE
from workbook_templates.chapters.incentives.pay.exact import fen, yuan
from workbook_templates.tables import policies
from workbook_templates.tables.schema import LEVELS, Row

LATER = "commission_next"  # the cells of the Commission sheet with tiers of later days
_TAKEN_BACK = Text("0.1.0 版已按负数发放", "paid as a negative amount by version 0.1.0")
_BY = Text("升级", "upgrade")
_WHY = Text("原在“提成”页的以后各档", "was among the later tiers on the Commission sheet")
_TIERS = tuple(f"commission.{key}" for key in ("thresholds", "rates"))
_SAID_MOST = 5
Rows = Mapping[str, Sequence[Row]]
Dated = dict[dt.date, list[tuple[float, float]]]


@dataclass
class Migrated:
    """Rows by Table as they are to be, what there is to tell, and the tiers that no policy can have."""

    rows: dict[str, Sequence[Row]]
    notes: list[Text] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def migrated(rows: Rows, lang: str, later: Sequence[Any] = (), today: dt.date | None = None) -> Migrated:
    """The rows of a plan that has no Table of accounts. ``later``: the cells named :data:`LATER`."""
    done = Migrated(dict(rows))
    _open_again(done)
    _fill_ledger(done)
    _make_accounts(done, lang)
    _date_tiers(done, later, lang, today or dt.date.today())
    _tell_of_cash(done)
    _tell_of_draws(done)
    return done


# ------------------------------------------------------------------------------------------------------------ the ledger


def _open_again(done: Migrated) -> None:
    """A month that was reviewed and got rows afterwards was no reviewed statement any more: it is open, all of it."""
    states: dict[tuple[Any, Any], set[Any]] = defaultdict(set)
    for row in done.rows.get("Ledger", ()):
        states[row["period"], row["person"]].add(row["status"])
    mixed = {key for key, said in states.items() if {"reviewed", "computed"} <= said and not said & {"locked", "paid"}}
    if not mixed:
        return
    done.rows["Ledger"] = [
        {**row, "status": "computed"} if (row["period"], row["person"]) in mixed and row["status"] == "reviewed" else row
        for row in done.rows["Ledger"]
    ]
    names = [f"{month} {person}" for month, person in sorted(mixed, key=str)]
    done.notes.append(
        Text("审核后又有新行，应再审核：", "got rows after the review, to be reviewed again: ") + joined(names, _SAID_MOST)
    )


def _fill_ledger(done: Migrated) -> None:
    """Date, component and role of the old rows, where the deal is there to say so."""
    deals = {row["id"]: row for row in done.rows.get("Deals", ())}
    filled = [_filled(row, deals) for row in done.rows.get("Ledger", ())]
    done.rows["Ledger"] = filled
    unknown = list(dict.fromkeys(str(row["deal"]) for row in filled if row.get("deal") and row["deal"] not in deals))
    if unknown:
        done.notes.append(
            Text(
                "台账里的订单已不在“成交”表，发生日期与角色留空：",
                "deals of the ledger that are not on Deals, date and role stay blank: ",
            )
            + joined(unknown, _SAID_MOST)
        )


def _filled(row: Row, deals: Mapping[Any, Row]) -> Row:
    deal = deals.get(row.get("deal"), {})
    order = deals.get(deal["original"], {}) if deal.get("original") else deal  # a return has its order's credits
    person = row.get("person")
    role = next((key for key in ("seller", "partner") if person and order.get(key) == person), None)
    day = deal.get("date") if isinstance(deal.get("date"), dt.date) else None
    # Taken back of an order itself, with a date, would be read as an event of cash: there was none in that version.
    if row.get("kind") == "clawback" and not deal.get("original"):
        day = None
    return {
        **row,
        "date": row.get("date") or day,
        "component": row.get("component") or "commission",
        "role": row.get("role") or role,
    }


# ---------------------------------------------------------------------------------------------------------- the accounts


def _make_accounts(done: Migrated, lang: str) -> None:
    """An account for each statement that was reviewed or more; open months are left to computing."""
    known = {(row["period"], row["person"]) for row in done.rows.get("Statements", ())}
    mine: dict[Any, dict[Any, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in done.rows.get("Ledger", ()):
        if (row["period"], row["person"]) in known:
            mine[row["person"]][row["period"]].append(row)
    draws: dict[Any, list[Row]] = defaultdict(list)
    for draw in done.rows.get("Draws", ()):
        draws[draw["person"]].append(draw)
    made = [account for person in sorted(mine, key=str) for account in _accounts_of(person, mine[person], draws[person], lang)]
    done.rows["Accounts"] = made
    paid = {(row["month"], row["person"]): row["paid"] for row in made}
    done.rows["Statements"] = [
        {**row, "paid": paid.get((row["period"], row["person"]))} for row in done.rows.get("Statements", ())
    ]
    if made:
        done.notes.append(
            Text(
                f"提成账户：补 {len(made)} 个已结的人月，应发合计 {_sum(made, 'paid')}；未结的月份请运行“计算提成”",
                f"Accounts: {len(made)} settled months of people filled in, {_sum(made, 'paid')} paid; for the open months run "
                "Compute commissions",
            )
        )
    _tell_of_negatives(done, made)


def _accounts_of(person: str, months: Mapping[str, Sequence[Row]], draws: Sequence[Row], lang: str) -> Iterator[Row]:
    carried, year = 0, defaultdict[str, int](int)
    for month in sorted(months, key=str):
        state = statement_state(months[month], person, month)
        if state not in ("reviewed", "final", "paid"):
            continue  # open or in dispute
        account = dict.fromkeys(MOVEMENTS, 0)
        for row in months[month]:
            account[COLUMNS.get(row["kind"], "adjustment")] += fen(row["commission"])
        total = sum(account.values())
        # What was paid was paid, a negative amount too; what waits for payroll pays its total, never less than nothing.
        paid = total if state == "paid" else max(total, 0)
        opening, carried = carried, carried + total - paid
        year[month[:4]] += paid
        owed = sum(fen(draw.get("balance") or 0) for draw in draws if str(draw["from"]) <= month)
        note = _TAKEN_BACK if paid < 0 else NEGATIVE if carried < 0 else None
        yield {
            "person": person, "month": month, "opening": yuan(opening), **{key: yuan(value) for key, value in account.items()},
            **dict.fromkeys(("draw_paid", "draw_recovered", "hold_on", "hold_off", "held", "on_hold"), 0.0),
            "paid": yuan(paid), "closing": yuan(carried), "draw_debt": yuan(owed), "statement": state,
            "bookings": total_of(row["revenue"] or 0.0 for row in months[month]), "quota": None, "attainment": None,
            "year_to_date": yuan(year[month[:4]]), "note": None if note is None else getattr(note, lang),
        }  # fmt: skip


def _sum(rows: Iterable[Row], key: str) -> str:
    return f"{total_of(row[key] for row in rows):,.2f}"


def _tell_of_negatives(done: Migrated, made: Sequence[Row]) -> None:
    taken = [row for row in made if row["paid"] < 0]
    if taken:
        done.notes.append(
            Text(
                f"{len(taken)} 个已发放的人月为负（{_sum(taken, 'paid')} 元）：账户照记已扣，不再结转：",
                f"{len(taken)} paid months are negative ({_sum(taken, 'paid')} yuan): the account says so, nothing of it is carried: ",
            )
            + joined(_months(taken), _SAID_MOST)
        )
    waiting = [row for row in made if row["paid"] >= 0 and row["closing"] < row["opening"]]
    if waiting:
        done.notes.append(
            Text(
                "为负而尚未发放的人月：应发 0，负数结转到下月：",
                "negative months not paid yet: nothing is paid, the negative is carried: ",
            )
            + joined(
                (f"{name} {row['closing'] - row['opening']:,.2f}" for name, row in zip(_months(waiting), waiting, strict=True)),
                _SAID_MOST,
            )
        )


def _months(rows: Iterable[Row]) -> list[str]:
    return [f"{row['month']} {row['person']}" for row in rows]


# ------------------------------------------------------------------------------------------------- tiers of later days


def _date_tiers(done: Migrated, cells: Sequence[Any], lang: str, today: dt.date) -> None:
    """Later tiers for everybody change the policy; those of a level are a rule with a tier table, from their first day on."""
    general, levels = Dated(), dict[str, Dated]()
    for serial, level, threshold, rate in later_tiers(cells):
        day = serial_to_date(serial) if isinstance(serial, float) else None
        if day is not None and isinstance(threshold, float) and isinstance(rate, float):
            (levels.setdefault(level, {}) if level else general).setdefault(day, []).append((threshold, rate))
    changes = [row for day in sorted(general) for row in _changes(done, day, sorted(general[day]), lang, today)]
    rules, tables = list[Row](), list[Row]()
    for order, (level, dated) in enumerate(levels.items(), 1):
        label = next(word.label for word in LEVELS if word.code == level)
        name = getattr(Text(f"{label.zh}提成档", f"{label.en} tiers"), lang)
        rules.append(_rule(order, name, level=level, tiers=name) | {"from": min(dated)})
        tables += [
            {"name": name, "valid_from": day, "threshold": threshold, "rate": rate}
            for day in sorted(dated)
            for threshold, rate in sorted(dated[day])
        ]
    if rules:  # with rules there, whoever none of them fits earns nothing: the plan's own tiers come last
        rules.append(_rule(len(rules) + 1, getattr(Text("其他人按参数中的档", "everybody else: the plan's tiers"), lang)))
    for table, added in ((policies.TABLE, changes), ("Rules", rules), ("TierTables", tables)):
        if added:
            done.rows[table] = [*done.rows.get(table, ()), *added]
    if changes or rules:
        done.notes.append(
            Text(
                f"“提成”页的以后各档已移到：制度变更 {len(changes)} 行，提成规则 {len(rules)} 条，档表 {len(tables)} 行",
                f"the later tiers of the Commission sheet are now {len(changes)} policy changes, {len(rules)} rules and "
                f"{counted(len(tables), 'row')} of tier tables",
            )
        )


def _changes(done: Migrated, day: dt.date, tiers: Sequence[tuple[float, float]], lang: str, today: dt.date) -> Iterator[Row]:
    """One change of both lists; said where no policy can have such tiers."""
    for key, values in zip(_TIERS, zip(*tiers, strict=True), strict=True):
        said = policies.written(POLICIES[key], list(values), lang)
        try:
            policies.read(POLICIES[key], said)
        except policies.NoSuchValue as fault:
            where = Text(f"{day} 起的{POLICIES[key].label.zh}", f"{POLICIES[key].label.en} from {day}: ")
            done.problems.append(Problem("", 0, 0, where + fault.text))
        yield {
            "key": key, "valid_from": day, "value": said, "by": getattr(_BY, lang), "reason": getattr(_WHY, lang), "on": today,
        }  # fmt: skip


def _rule(order: int, name: str, level: str | None = None, tiers: str | None = None) -> Row:
    blank = ("line", "product_line", "customer_kind", "person", "from", "until", "gate", "accelerator", "floor", "cap")
    return {
        **dict.fromkeys(blank), "order": float(order), "component": "commission", "name": name, "level": level, "basis": "margin",
        "tiers": tiers,
    }  # fmt: skip


# -------------------------------------------------------------------------------------------------- what does not follow


def _tell_of_cash(done: Migrated) -> None:
    """Cash without a day is no row of Collections: no date is guessed."""
    cash = [
        row["collected"] for row in done.rows.get("Deals", ()) if isinstance(row.get("collected"), float) and row["collected"]
    ]
    if cash:
        done.notes.append(
            Text(
                f"“成交”表有 {len(cash)} 单填了已回款（合计 {total_of(cash):,.2f} 元）而没有日期：没有写入“回款”表；按回款发放前请登记日期",
                f"{len(cash)} deals say what was collected ({total_of(cash):,.2f} yuan in all) but not when: nothing was put into "
                "Collections; enter the dates before commission follows cash",
            )
        )


def _tell_of_draws(done: Migrated) -> None:
    settled = {row["person"] for row in done.rows.get("Ledger", ()) if is_fixed(row)}
    people = list(dict.fromkeys(str(row["person"]) for row in done.rows.get("Draws", ()) if row["person"] in settled))
    if people:
        done.notes.append(
            Text(
                "0.1.0 版的发放不含预支；已结的月份保持原样，预支从第一个未结的月份起计：",
                "version 0.1.0 paid no draws: settled months stay as they are, draws run from the first open month on: ",
            )
            + joined(people, _SAID_MOST)
        )
