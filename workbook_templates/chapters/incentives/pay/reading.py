"""A plan's Tables as the facts of pay; whose rows can't be read is left out, with everybody such a row touches, by name."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol

from udfs import policy
from udfs.formula import call
from udfs.text import Text
from udfs.values import ExcelError, exact
from workbook_templates.answers import ERROR, WARNING, Problem
from workbook_templates.chapters.incentives import ledger
from workbook_templates.chapters.incentives.checks import cash, credits
from workbook_templates.chapters.incentives.checks import rules as rules_named
from workbook_templates.chapters.incentives.cycle.names import same_person
from workbook_templates.chapters.incentives.pay import facts as pay
from workbook_templates.chapters.incentives.pay.facts import PayFacts
from workbook_templates.chapters.incentives.quota_months import month_quotas, weighed, year_weight
from workbook_templates.chapters.incentives.staff import Staff, present
from workbook_templates.tables import returns, schema, validating
from workbook_templates.tables.grids import Held
from workbook_templates.tables.policies import Policies
from workbook_templates.tables.schema import Row

# A row of these that can't be read touches the people it names; anything else wrong stops everybody.
BY_ROW = ("Deals", "Credits", "Collections", "Draws", "Holds", "Ledger", "People", "Transfers")
FOR_ALL = ("Rules", "TierTables", "PolicyChanges")
TABLES = (*BY_ROW, *FOR_ALL)
# What the Checks sheet asks between rows of these Tables, asked here too.
BETWEEN_ROWS = (*credits.CHECKS.checks, *cash.CHECKS.checks, *rules_named.CHECKS.checks)


class PayBook(Protocol):
    """The workbook: in a file or in Excel."""

    def read(self, table: str) -> Held: ...

    def optional(self, table: str) -> Sequence[Row]: ...

    def problems(self, *names: str, references: bool = True) -> list[Problem]: ...

    def grid(self, name: str) -> Any: ...

    def named(self, name: str) -> list[Any]: ...

    def locate(self, name: str) -> tuple[str, Any] | None: ...

    def policies(self) -> Policies: ...

    @property
    def as_of(self) -> dt.date | None: ...

    @property
    def year(self) -> int | None: ...

    @property
    def lang(self) -> str: ...


@dataclass
class ReadPay:
    """The facts of a plan, and what is wrong with its rows. ``stops``: what nobody can be computed with."""

    facts: PayFacts
    problems: list[Problem] = field(default_factory=list)
    stops: list[Problem] = field(default_factory=list)


def read(book: PayBook) -> ReadPay:
    """All facts there are."""
    names = [name for name in TABLES if book.grid(name) is not None or name in ("Deals", "People", "Ledger")]
    found = _problems(book, names)
    held = {} if any(not p.row for p in found) else {name: book.read(name) for name in names}
    if not held:
        return ReadPay(PayFacts(Staff([]), book.policies(), {}), found, [p for p in found if p.level == ERROR])
    rules = book.policies()
    grids = {name: table.grid for name, table in held.items()}
    found += [problem for check in BETWEEN_ROWS if check.faults is not None for problem in check.faults(grids)]
    bad, stops = _bad_rows(found, held)
    found += _semantic(held, rules, bad)
    stops += (old := _later_tiers(book))
    found += old
    left_out = _left_out(held, rules, bad)
    return ReadPay(_facts(book, held, rules, bad, left_out), found, stops)


def _problems(book: PayBook, names: Sequence[str]) -> list[Problem]:
    # A deal or person that is gone from its Table is told by its own ledger row: an adjustment.
    others = [name for name in names if name != "Ledger"]
    return [*book.problems(*others), *book.problems("Ledger", references=False)]


Bad = dict[str, dict[int, Problem]]  # Table → row → the first thing wrong with it


def _bad_rows(found: Iterable[Problem], held: Mapping[str, Held]) -> tuple[Bad, list[Problem]]:
    """Which rows can't be read; and what stops everybody."""
    places = {(table.grid.sheet, line): (name, index) for name, table in held.items() for index, line in enumerate(table.lines)}
    bad: Bad = defaultdict(dict)
    stops = []
    for problem in found:
        if problem.level != ERROR:
            continue
        name, index = places.get((problem.sheet, problem.row), ("", -1))
        if name in BY_ROW:
            bad[name].setdefault(index, problem)
        else:
            stops.append(problem)
    return bad, stops


# ------------------------------------------------------------------------------------------- what a cell alone can't say


def _semantic(held: Mapping[str, Held], rules: Policies, bad: Bad) -> list[Problem]:
    """What is wrong between rows: returns and their orders, credits that don't make a whole, decisions nobody explains."""
    out = [*_returns(held["Deals"], held.get("Credits"), bad), *_undecided(held["Ledger"]), *_twice(held["Ledger"])]
    out += [*_approvals(held["Deals"], rules, bad), *_costs(held["Deals"], bad), *_decided_of(held["Ledger"], held["Deals"])]
    out += [*_never(held.get("Draws")), *_of_returns(held.get("Holds"), held["Deals"])]
    for name in ("Deals", "Credits", "Ledger", "Draws", "Holds"):
        if name in held:
            lines = {line: index for index, line in enumerate(held[name].lines)}
            for problem in out:
                if problem.level == ERROR and problem.sheet == held[name].grid.sheet and problem.row in lines:
                    bad[name].setdefault(lines[problem.row], problem)
    return out


def _problem(held: Held, index: int, key: str, zh: str, en: str, level: str = ERROR) -> Problem:
    return Problem(held.grid.sheet, *held.at(index, key), Text(zh, en), level)


def _returns(deals: Held, credits: Held | None, bad: Bad) -> Iterable[Problem]:
    """A return names its order and nothing else; it comes after it, and no more comes back than was sold."""
    by_id = {row["id"]: row for row in deals.rows}
    own: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(credits.rows if credits is not None else ()):
        own[row["deal"]].append(index)
    back: dict[str, Fraction] = defaultdict(Fraction)
    order = sorted((i for i in range(len(deals.rows)) if i not in bad.get("Deals", {})), key=lambda i: (deals.rows[i]["date"], i))
    for index in order:
        row = deals.rows[index]
        if not row["original"]:
            if row["revenue"] < 0:
                yield _problem(
                    deals,
                    index,
                    "original",
                    "收入为负（退货）却没有原单号：请填所退的单号",
                    "a return (negative revenue) without its original deal: name it",
                )
            continue
        bought, name = by_id.get(row["original"]), row["id"]
        if bought is None:
            continue  # told with the Table
        wrong = list(returns.faults(row, bought, back[row["original"]]))
        for key, said in wrong:
            yield _problem(deals, index, key, f"{name}：{said.zh}", f"{name}: {said.en}")
        if all(key not in ("revenue", "original", "date") for key, _ in wrong):
            back[row["original"]] -= exact(row["revenue"])
        for at in own.get(name, ()):
            if credits is not None:
                yield _problem(credits, at, "deal", f"{name} 是退货，归属与原单 {row['original']} 不同：退货随原单分单，请删除", f"{name} is a return: credits differ from {row['original']}'s, a return follows its order: delete the row")  # fmt: skip


def _undecided(ledger: Held) -> Iterable[Problem]:
    """What somebody decided by hand says who decided it and why."""
    for index, row in enumerate(ledger.rows):
        for key in ("by", "reason"):
            if row["kind"] in ("manual", "bonus") and not row[key]:
                header = ledger.spec[key].header
                yield _problem(ledger, index, key, f"手工行应填“{header.zh}”：谁决定、为什么", f"a manual row needs “{header.en}”: who decided it, and why")  # fmt: skip


def _costs(deals: Held, bad: Bad) -> Iterable[Problem]:
    """What an order costs is not below nothing: its margin would be more than its revenue, and nobody's commission could be computed."""
    for index, row in enumerate(deals.rows):
        if index not in bad.get("Deals", {}) and not row["original"] and row["cost"] < 0 <= row["revenue"]:
            yield _problem(deals, index, "cost", f"{row['id']}：成本 {row['cost']:,.2f} 元为负：请核对", f"{row['id']}: a negative cost of {row['cost']:,.2f} yuan: check it")  # fmt: skip


def _decided_of(ledger: Held, deals: Held) -> Iterable[Problem]:
    """What is decided by hand, while open, is of an order there is; of another ID it would be paid beside what the order brings."""
    originals = {row["id"]: row["original"] for row in deals.rows}
    for index, row in enumerate(ledger.rows):
        deal, order = row["deal"], originals.get(row["deal"])
        if row["kind"] != "manual" or row["status"] != "computed" or not deal:
            continue
        if deal not in originals:
            yield _problem(ledger, index, "deal", f"手工行的单号 {deal} 不在“成交”中：请改正", f"{deal}, decided by hand, is not in Deals: correct the ID")  # fmt: skip
        elif order:
            yield _problem(ledger, index, "deal", f"{deal} 是退货：手工定在原单 {order} 上", f"{deal} is a return: decide for its order {order}")  # fmt: skip


def _never(draws: Held | None) -> Iterable[Problem]:
    """A draw that ends before it begins is never paid."""
    for index, row in enumerate(draws.rows if draws is not None else ()):
        if draws is not None and row["until"] and row["from"] and str(row["until"]) < str(row["from"]):
            yield _problem(draws, index, "until", f"预支截止月 {row['until']} 早于起始月 {row['from']}：请改正", f"the draw ends in {row['until']}, before it begins in {row['from']}: correct it")  # fmt: skip


def _of_returns(holds: Held | None, deals: Held) -> Iterable[Problem]:
    """A hold of a return would hold nothing: what is paid is of its order."""
    originals = {row["id"]: row["original"] for row in deals.rows if row["original"]}
    for index, row in enumerate(holds.rows if holds is not None else ()):
        if holds is not None and (order := originals.get(row["deal"])):
            yield _problem(holds, index, "deal", f"{row['deal']} 是退货：请暂缓原单 {order}", f"{row['deal']} is a return: hold its order {order}")  # fmt: skip


_SAID = ("period", "deal", "person", "component", "member", "kind", "commission", "reason", "by")


def _twice(ledger: Held) -> Iterable[Problem]:
    """A row decided by hand that says what another says may be a copy: both are paid, so it is told while it can be mended."""
    seen: dict[tuple[Any, ...], int] = {}
    for index, row in enumerate(ledger.rows):
        if row["kind"] not in ("manual", "bonus") or row["status"] != "computed":
            continue
        first = seen.setdefault(tuple(row.get(key) for key in _SAID), index)
        if first != index:
            line, amount = ledger.lines[first], row["commission"]
            yield _problem(
                ledger, index, "commission",
                f"{row['person']} {row['period']} 的手工行 {amount:,.2f} 元与第 {line} 行完全相同，两行都会发放：若是误复制，请删除一行",
                f"{row['person']}'s row of {row['period']} decided by hand, {amount:,.2f} yuan, says the same as row {line} and both are paid: "
                "delete one if it is a copy",
                WARNING,
            )  # fmt: skip


def _approvals(deals: Held, rules: Policies, bad: Bad) -> Iterable[Problem]:
    """Who entered a deal above the review limit is not who says yes to it."""
    for index, row in enumerate(deals.rows):
        if index in bad.get("Deals", {}) or row["original"] or not row.get("approved_by") or not row.get("entered_by"):
            continue
        limit = rules.at("review.limit", row["date"])
        if limit is not None and row["revenue"] > limit and same_person(row["approved_by"], row["entered_by"]):
            yield _problem(
                deals,
                index,
                "approved_by",
                f"{row['id']}：录入人与复核人都是 {row['approved_by']}：应由另一人同意",
                f"{row['id']}: {row['approved_by']} entered it, so somebody else has to approve",
            )


# ------------------------------------------------------------------------------------------------------ who is left out


def _left_out(held: Mapping[str, Held], rules: Policies, bad: Bad) -> dict[str, Text]:
    """Everybody a row that can't be read touches, with the first reason."""
    # Who is in People no more, such as under another ID by mistake, may have pay on record: it waits, too.
    known = {row["id"] for row in held["People"].rows} | {row["person"] for row in held["Ledger"].rows}
    deals = {row["id"]: row for row in held["Deals"].rows}
    listed: dict[str, list[str]] = defaultdict(list)
    for row in held["Credits"].rows if "Credits" in held else ():
        listed[row["deal"]].append(row["person"])
    waiting: dict[Any, list[str]] = defaultdict(list)  # who has open rows of a deal: they would go without it
    for row in held["Ledger"].rows:
        if row.get("status") == "computed" and row.get("deal"):
            waiting[row["deal"]].append(row["person"])

    def of_deal(id_: Any) -> list[str]:
        people, asked = [*listed.get(id_, []), *waiting.get(id_, [])], set()
        while id_ in deals and id_ not in asked:  # two returns may name each other
            asked.add(id_)
            row = deals[id_]
            people += [row["seller"], row["partner"]]
            id_ = row["original"]
            people += listed.get(id_, []) if id_ in deals else []
        return people

    out = dict[str, Text]()
    for name, rows in bad.items():
        for index, problem in rows.items():
            row = held[name].rows[index]
            people = (
                of_deal(row["id"]) if name == "Deals"
                else of_deal(row["deal"]) + ([row["person"]] if name == "Credits" else []) if name in ("Credits", "Collections")
                else [row["id"]] if name == "People"
                else of_deal(row["deal"]) if name == "Holds" and not row["person"] else [row["person"]]
            )  # fmt: skip
            for person in people:
                if isinstance(person, str) and person in known:
                    out.setdefault(person, _named(name, row, problem.text))
    if _overriding(rules):
        managers: dict[Any, list[Any]] = defaultdict(list)  # before and after each transfer
        for row in (*held["People"].rows, *(held["Transfers"].rows if "Transfers" in held else ())):
            managers[row.get("id") or row["person"]].append(row.get("manager"))
        for person, manager in [(member, above) for member in out for above in managers[member]]:
            if isinstance(manager, str) and manager in known:
                out.setdefault(manager, Text(f"下属 {person} 未计算", f"{person}, whose deals are overridden, is left out"))
    return out


def _named(table: str, row: Row, said: Text) -> Text:
    """What is wrong with a row, and which row it is as people call it; once, where what is said begins with it."""
    title, what = schema.TABLES[table].title, row.get("deal") or row.get("id") or row.get("person") or ""
    if said.zh.startswith(f"{what}：") and said.en.startswith(f"{what}: "):
        return Text(f"“{title.zh}”{said.zh}", f"{title.en} {said.en}")
    return Text(f"“{title.zh}”{what}：{said.zh}", f"{title.en} {what}: {said.en}")


def _overriding(rules: Policies) -> bool:
    values = [rules.at("override.rates", dt.date.min), *(change.value for change in rules.changes("override.rates"))]
    return any(any(rate or 0 for rate in value) for value in values)


# ------------------------------------------------------------------------------------------------------------- the facts


def _facts(book: PayBook, held: Mapping[str, Held], rules: Policies, bad: Bad, left_out: Mapping[str, Text]) -> PayFacts:
    def good(name: str) -> list[Row]:
        rows = held[name].rows if name in held else []
        return [row for index, row in enumerate(rows) if index not in bad.get(name, {})]

    deals = held["Deals"].rows
    unreadable = {deals[i]["original"] or deals[i]["id"] for i in bad.get("Deals", {})}
    unreadable |= {held["Credits"].rows[i]["deal"] for i in bad.get("Credits", {})}
    unreadable |= {held["Collections"].rows[i]["deal"] for i in bad.get("Collections", {})}
    tables = {name: good(name) for name in TABLES}
    tables["Deals"] = [row for row in tables["Deals"] if (row["original"] or row["id"]) not in unreadable]
    tables |= {"Ledger": held["Ledger"].rows, "Accounts": list(book.optional("Accounts"))}
    found = assembled(tables, rules, book.as_of or dt.date.today(), deals)
    found.quota = quota_of(book, tables["People"], rules, tables["Accounts"])
    found.left_out, found.unreadable = dict(left_out), frozenset(unreadable)
    found.today = policy.clock() or dt.date.today()
    found.version = str(next(iter(book.named("plan_version")), None) or ledger.VERSION)
    return found


def assembled(tables: Mapping[str, Sequence[Row]], rules: pay.PolicyAt, as_of: dt.date, every: Sequence[Row] = ()) -> PayFacts:
    """Facts of rows that have been checked, by Table; ``every``: all deals, those that are left out as well."""

    def of(name: str) -> Sequence[Row]:
        return tables.get(name, ())

    orders, returns = pay.orders_of(of("Deals"), of("Credits"), rules, every)
    return PayFacts(
        Staff(of("People"), of("Transfers")), rules, orders, returns, pay.cash_of(of("Collections")), pay.draws_of(of("Draws")),
        pay.holds_of(of("Holds")), pay.rules_of(of("Rules")), pay.tier_tables_of(of("TierTables")), of("Ledger"), of("Accounts"),
        as_of=as_of, today=as_of,
        delivered={row["id"]: row["delivered"] for row in of("Deals") if isinstance(row.get("delivered"), dt.date)},
    )  # fmt: skip


def later_unfit(book: PayBook) -> list[Problem]:
    """Cells of the Commission sheet's later tiers that are no day, level or share."""
    place = book.locate("commission_next")
    if place is None:
        return []
    sheet, ref = place
    shown = [c for c in ledger.LATER if c.key != "level" or ref.last_col - ref.first_col + 1 == len(ledger.LATER)]
    out = []
    for line, row in enumerate(ledger.later_tiers(book.named("commission_next"))):
        cells = dict(zip((c.key for c in ledger.LATER), row, strict=True))
        for index, column in enumerate(shown):
            wrong = validating.cell_fault(column, cells[column.key]) if any(c not in (None, "") for c in row) else None
            if wrong:
                text = Text(f"“{column.header.zh}”", f"“{column.header.en}” ") + wrong
                out.append(Problem(sheet, ref.first_row + line, ref.first_col + index, text))
    return out


def _later_tiers(book: PayBook) -> list[Problem]:
    """Tiers that a plan of 0.1.0 has on its Commission sheet: dated policy says them now."""
    place = book.locate("commission_next")
    if place is None or not any(
        any(cell not in (None, "") for cell in row) for row in ledger.later_tiers(book.named("commission_next"))
    ):
        return []
    text = Text(
        "“提成”页的以后各档改在“制度变更”登记：请先升级计划（salesplan upgrade），它会移过去",
        "the later tiers of the Commission sheet are policy changes now: upgrade the plan first (salesplan upgrade), which moves them",
    )
    return [Problem(place[0], place[1].first_row, place[1].first_col, text)]


def quota_of(
    book: PayBook, people: Sequence[Row], rules: Policies, accounts: Sequence[Row]
) -> Callable[[str, str], float | None]:
    """Everybody's quota by month, as the plan's year total is allocated by weight."""
    said = next(iter(book.named("quota_total")), None)
    if book.year is None:
        return lambda person, month: None
    total = said if isinstance(said, int | float) else 0.0  # people's own changes hold all the same
    changes = book.optional("QuotaChanges") if "QuotaChanges" in schema.TABLES else []
    return allocated(book.year, total, book.optional("Quotas"), people, rules, changes, accounts)


def allocated(
    year: int,
    total: float,
    quotas: Iterable[Row],
    people: Sequence[Row],
    rules: pay.PolicyAt,
    changes: Sequence[Row] = (),
    accounts: Sequence[Row] = (),
) -> Callable[[str, str], float | None]:
    """Quotas by person and month of a year's total."""
    rows = [row for row in quotas if row.get("person")]
    by_id = {row["id"]: row for row in weighed(people)}
    weights = [year_weight(by_id[row["person"]], year) if row["person"] in by_id else 0.0 for row in rows]
    shares: dict[str, float] = {}
    if total and any(weights):
        limits = ([[row.get(key)] for row in rows] for key in ("floor", "cap"))
        parts = call("QUOTAALLOCATE", total, [[weight] for weight in weights], *limits)
        shares = {row["person"]: 0.0 if isinstance(part, ExcelError) else part for row, (part,) in zip(rows, parts, strict=True)}
    found = month_quotas(year, shares, people, changes, rules, accounts)
    return lambda person, month: found.get((person, month))


def not_employed(book: PayBook, facts: PayFacts, deals: Held) -> Iterable[Problem]:
    """Deals signed while somebody credited was not employed: worth a look, no reason to stop."""
    for index, row in enumerate(deals.rows):
        order = facts.orders.get(row["id"])
        for credit in order.credits if order is not None else ():
            person = facts.staff.people.get(credit.person)
            if person and not present(person, row["date"]):
                key = "partner" if credit.person == row["partner"] else "seller"
                yield _problem(
                    deals,
                    index,
                    key,
                    f"{row['id']}：{credit.person} {person['name']} 签单日不在职，提成照算：请核对",
                    f"{row['id']}: {credit.person} {person['name']} was not employed on the day; commission is computed: check it",
                    WARNING,
                )
