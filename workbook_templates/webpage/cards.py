"""What stands behind a name on the page: a card of a customer, an order, a person, and of whatever a problem names. Never pay, ratings or
equity."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from udfs.text import Text
from udfs.values import at_least
from workbook_templates.tables import schema
from workbook_templates.tables.schema import Row
from workbook_templates.webpage import saying
from workbook_templates.webpage.reading import Seen
from workbook_templates.webpage.scope import Scope

LARGE_ORDER = 1_000_000  # yuan: an order from this size on has a card of its own
PREFIX = {"Customers": "c", "Deals": "d", "People": "p", "Opportunities": "o"}
OTHER = "i"  # before what stands behind other names
KINDS = {
    "Customers": Text("客户", "Customer"),
    "Deals": Text("订单", "Order"),
    "People": Text("人员", "Person"),
    "Opportunities": Text("商机", "Opportunity"),
}
# What a card tells: columns of the Table, in this order, as far as the plan has them. (Nothing of pay, ratings, equity or mail stands here.)
TOLD = {
    "Customers": ("tier", "region", "industry", "owner", "since", "sales_12m", "bookings", "alive", "last_purchase"),
    "Deals": ("date", "customer", "seller", "partner", "region", "line", "revenue", "margin", "collected", "due", "delivered"),
    "People": ("level", "line", "region", "manager", "joined", "left"),
    "Opportunities": ("customer", "owner", "stage", "amount", "probability", "expected_on", "outcome", "competitor", "next_step"),
    "Campaigns": ("pool", "owner", "start", "until", "cost", "leads", "cpl", "benchmark", "state", "review_on"),
    "Cases": ("industry", "scenario", "owner", "public", "reviewed_on"),
    "Contents": ("kind", "owner", "due", "published_on", "kw1", "kw2", "forwards"),
    "Contracts": ("customer", "status", "amount", "prepaid", "credit_days", "major", "problems", "sent_on", "quote", "deal"),
    "Dealers": ("region", "territory", "industry", "owner", "joined", "left"),
    "Disputes": ("period", "person", "deal", "raised_on", "owner", "state"),
    "Events": ("light", "kind", "start", "owner", "orders", "order_goal", "guests", "place", "cost", "revenue"),
    "ExportChecks": ("order", "product", "eccn", "hs", "country", "result", "reasons", "reviewer1", "reviewer2", "video_on", "licence_no"),
    "Factors": ("dimension", "kind", "impact", "likelihood", "score", "owner", "response", "review_on"),
    "Indicators": ("frequency", "good", "owner", "period", "value", "low", "high", "state", "light"),
    "Milestones": ("chapter", "due", "owner", "done", "depends"),
    "PolicyWatch": ("issuer", "theme", "effective_on", "effect", "line", "value", "owner", "follow_up", "due", "status"),
    "PriceRequests": ("customer", "product", "seller", "on", "quoted", "base", "discount", "margin_rate", "decision", "route", "reason"),
    "Quotes": ("customer", "opportunity", "seller", "on", "requested_at", "drawn_at", "status", "amount"),
    "Projects": ("deal", "customer", "light", "days_late", "promised", "delivered", "value", "pm", "cause"),
    "Sensors": ("sensor", "customer", "limit", "light", "predicted", "earliest"),
    "SurveyWaves": ("agency", "population", "answers", "nps", "action", "closed_on"),
    "Tasks": ("object", "owner", "opened_at", "due_at", "status", "result"),
    "Tickets": ("customer", "opened", "part", "solution_light", "part_light", "device", "engineer", "cause"),
}  # fmt: skip
_ADDRESS = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True)
class Card:
    """``fields``: what, what of it, and whose card that leads to; ``groups``: rows of other Tables that belong to it, as (Table, ID, text)."""

    table: str
    id: str
    name: str
    fields: list[tuple[str, str, str | None]] = field(default_factory=list)
    groups: list[tuple[str, list[tuple[str, str, str]]]] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return anchor(self.table, self.id)


def kind(table: str) -> str:
    """What a card is of."""
    return str(KINDS.get(table) or schema.TABLES[table].title)


def anchor(table: str, id: str) -> str:
    """Where a card stands on the page: an address of plain letters, whatever the ID is made of."""
    plain = id if _ADDRESS.fullmatch(id) else hashlib.sha256(id.encode()).hexdigest()[:12]
    return f"{PREFIX[table]}-{plain}" if table in PREFIX else f"{OTHER}-{table}-{plain}"


def wanted(seen: Seen, scope: Scope) -> dict[str, list[str]]:
    """Which rows have a card: S and A customers, sellers, large orders, open deals, and all that a problem names."""
    named = {row.id for row in seen.judged if row.id}
    others = {table: [id for id in seen.ids.get(table, {}) if id in named] for table in TOLD if table not in PREFIX}
    named |= _led_to(seen, others)
    customers = [id for id, row in seen.ids.get("Customers", {}).items() if str(row.get("tier")) in ("S", "A") or id in named]
    orders = [
        id
        for id, row in seen.ids.get("Deals", {}).items()
        if at_least(float(row.get("revenue") or 0), LARGE_ORDER) or id in named
    ]
    orders.sort(key=lambda id: str(seen.ids["Deals"][id].get("date")), reverse=True)  # the oldest give way first
    open_ = [id for id, row in seen.ids.get("Opportunities", {}).items() if not row.get("outcome") or id in named]
    found = {
        "People": list(seen.ids.get("People", {})),
        "Customers": customers,
        "Opportunities": open_,
        "Deals": orders,
        **others,
    }
    return {table: [id for id in ids if scope.shows(table, id)] for table, ids in found.items()}


def _led_to(seen: Seen, ids: Mapping[str, list[str]]) -> set[str]:
    """What rows refer to: the order of a project, the customer of a ticket."""
    return {
        str(seen.ids[table][id][key])
        for table, some in ids.items()
        for id in some
        for key in TOLD[table]
        if schema.TABLES[table].by_key[key].refers and seen.ids[table][id].get(key)
    }


@dataclass
class Deck:
    """The cards of a page; ``dropped``: how many orders had to give way."""

    seen: Seen
    scope: Scope
    ids: dict[str, list[str]]
    dropped: int = 0
    _of: dict[str, dict[str, list[Row]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))

    def __post_init__(self) -> None:
        deals, tasks = self._of["Deals"], self._of["Tasks"]
        for id in self.ids["Deals"]:
            row = self.seen.ids["Deals"][id]
            for who in dict.fromkeys((row.get("customer"), row.get("seller"), row.get("partner"))):
                if who:
                    deals[str(who)].append(row)
        for row in open_tasks(self.seen, self.scope):
            for who in dict.fromkeys((row.get("object"), row.get("owner"))):
                if who:
                    tasks[str(who)].append(row)

    @cached_property
    def _sets(self) -> dict[str, set[str]]:
        return {table: set(ids) for table, ids in self.ids.items()}

    def home(self, id: str) -> str | None:
        """The anchor of whatever card has this ID."""
        return next((anchor(table, id) for table, ids in self._sets.items() if id in ids), None)

    def every(self) -> Iterator[Card]:
        """All of them."""
        for table, ids in self.ids.items():
            for id in ids:
                yield self._card(table, id, self.seen.ids[table][id])

    def _card(self, table: str, id: str, row: Row) -> Card:
        spec = schema.TABLES[table]
        known = spec.by_key
        fields = []
        for key in TOLD[table]:
            if key not in known or row.get(key) is None:
                continue
            column = known[key]
            cell = column.shown(row[key]) if column.words else row[key]
            fields.append(
                (
                    str(column.header),
                    self._told(column.refers or column.names, cell, column.kind),
                    self.home(str(row[key])),
                )
            )
        if table == "People" and id in self.seen.attained:
            fields += [(what, said, None) for what, said in self._attained(id)]
        groups = [
            (kind("Deals"), [self._order(r) for r in self._of["Deals"].get(id, ())]) if table != "Deals" else ("", []),
            (str(Text("待办", "Tasks")), [self._task(r) for r in self._of["Tasks"].get(id, ())]),
        ]
        if table == "People":
            mine = [
                (t, i, self._name(t, i))
                for t, i in (("Customers", c) for c in self.ids["Customers"])
                if self.seen.ids[t][i].get("owner") == id
            ]
            groups.insert(0, (kind("Customers"), mine))
        name = self.scope.said(str(row.get("name") or row.get("title") or ""))
        return Card(table, id, name, fields, [(what, found) for what, found in groups if found])

    def _attained(self, id: str) -> list[tuple[str, str]]:
        """What a person's own sheet says: against what was due up to the day."""
        found, due = self.seen.attained[id]
        lang = self.seen.lang
        said = [
            (str(Text("累计业绩", "Actual to date")), saying.money(found, lang)),
            (str(Text("应达指标", "Quota to date")), saying.money(due, lang)),
        ]
        return [*said, (str(Text("达成率", "Attainment")), saying.rate(found / due))] if due > 0 else said

    def _told(self, refers: str, cell: object, kind: str) -> str:
        table = refers.partition(".")[0]
        if table in self.seen.ids and str(cell) in self.seen.ids[table]:
            return self._name(table, str(cell))
        return self.scope.said(saying.plain(cell, kind, self.seen.lang))

    def _name(self, table: str, id: str) -> str:
        row = self.seen.ids.get(table, {}).get(id, {})
        return self.scope.said(f"{id} {row.get('name') or ''}".strip())

    def _order(self, row: Row) -> tuple[str, str, str]:
        return (
            "Deals",
            str(row["id"]),
            f"{row['id']} · {row['date']} · {saying.money(float(row.get('revenue') or 0), self.seen.lang)}",
        )

    def _task(self, row: Row) -> tuple[str, str, str]:
        return (
            "",
            "",
            self.scope.said(f"{row['id']} {row.get('title') or ''} · {saying.plain(row.get('due_at'), 'time', self.seen.lang)}"),
        )


def open_tasks(seen: Seen, scope: Scope) -> Sequence[Row]:
    """What is to be done, the most urgent first, by people who may be shown."""
    found = [
        row
        for row in seen.of("Tasks")
        if row.get("status") in ("open", "running") and (scope.reader is None or scope.shows("People", str(row.get("owner"))))
    ]
    return sorted(found, key=lambda row: str(row.get("due_at") or "9"))


def deck(seen: Seen, scope: Scope) -> Deck:
    """The cards of all who may be shown."""
    return Deck(seen, scope, wanted(seen, scope))


def fewer(before: Deck) -> Deck | None:
    """The same with a quarter of the orders less, the oldest; none where there are no more to drop."""
    orders = before.ids["Deals"]
    if not orders:
        return None
    kept = orders[: len(orders) * 3 // 4]
    return Deck(before.seen, before.scope, {**before.ids, "Deals": kept}, before.dropped + len(orders) - len(kept))
