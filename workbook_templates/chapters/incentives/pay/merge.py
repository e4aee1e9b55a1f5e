"""What a run comes to against the Tables as they are: rows that are written anew in place, rows that come, rows that go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbook_templates.chapters.incentives.pay.facts import PayFacts, Row
from workbook_templates.chapters.incentives.pay.run import PayRun
from workbook_templates.chapters.incentives.pay.settled import BALANCE, DECIDED, Settled

_FEN = 0.005  # amounts in yuan that differ by less are the same to the fen
_EXACTLY = ("period", "deal", "person", "component", "member", "kind", "date")
_ROUGHLY = ("deal", "person", "component", "member", "kind")
_OWN = ("status", "computed_on")  # say when and how far, not what


@dataclass
class Merged:
    """Changes of a Table by the place of its rows."""

    edited: dict[int, dict[str, Any]] = field(default_factory=dict)
    removed: list[int] = field(default_factory=list)
    added: list[dict[str, Any]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.edited or self.removed or self.added)

    def applied(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """The rows once changed."""
        gone = set(self.removed)
        kept = [{**row, **self.edited.get(i, {})} for i, row in enumerate(rows) if i not in gone]
        return [*kept, *map(dict, self.added)]


def ledger(facts: PayFacts, result: PayRun) -> Merged:
    """The ledger's changes. A row that says the same is left alone, whenever it was computed; one in dispute stays so."""
    settled = Settled(facts)
    open_ = [i for i, row in enumerate(facts.ledger) if _open(facts, settled, row)]
    merged, left = Merged(), list(result.rows)
    for columns in (_EXACTLY, _ROUGHLY):
        there: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for place in open_:
            there[_key(facts.ledger[place], columns)].append(place)
        unmatched = []
        for row in left:
            places = there.get(_key(row, columns))
            if places:
                _edit(merged, places.pop(0), facts.ledger, row)
            else:
                unmatched.append(row)
        left, open_ = unmatched, sorted(place for places in there.values() for place in places)
    merged.added, merged.removed = sorted(left, key=lambda row: row["period"]), open_
    merged.edited |= filed(facts)
    return merged


def filed(facts: PayFacts) -> dict[int, dict[str, Any]]:
    """Beside what somebody decided by hand, while it is open: the order's product line and customer kind, to know later what was corrected."""
    settled, found = Settled(facts), dict[int, dict[str, Any]]()
    for place, row in enumerate(facts.ledger):
        order = facts.orders.get(row["deal"] or "")
        sealed = (row["period"], row["person"]) in settled.statements
        if row["kind"] != "manual" or row["status"] != "computed" or sealed or order is None or row["person"] in facts.left_out:
            continue
        said = {"product_line": order.product_line or None, "customer_kind": order.customer_kind or None}
        if any((row.get(key) or None) != value for key, value in said.items()):
            found[place] = {key: value for key, value in row.items() if key != "status"} | said
    return found


def _open(facts: PayFacts, settled: Settled, row: Row) -> bool:
    if row["person"] in facts.left_out or row["kind"] in DECIDED or (row["period"], row["person"]) in settled.statements:
        return False
    return row["status"] == "computed" or (row["kind"] in BALANCE and row["status"] == "disputed")


def _key(row: Row, columns: Iterable[str]) -> tuple[Any, ...]:
    said = {**row, "component": row.get("component") or "commission"}
    return tuple(said.get(column) or None for column in columns)


def _edit(merged: Merged, place: int, rows: Sequence[Row], row: Mapping[str, Any]) -> None:
    before = rows[place]
    if not all(_same(before.get(key), value, key) for key, value in row.items() if key not in _OWN):
        merged.edited[place] = {key: value for key, value in row.items() if key != "status"}


def _same(one: Any, other: Any, key: str) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) < (_FEN if key not in ("credit_share", "margin_rate", "factor", "attainment") else 1e-9)
    return (one or None) == (other or None)


def accounts(facts: PayFacts, result: PayRun) -> Merged:
    """The changes of Accounts; sealed months and people left out stay."""
    settled = Settled(facts)
    there = {(row["month"], row["person"]): place for place, row in enumerate(facts.accounts)}
    kept: Callable[[tuple[str, str]], bool] = lambda key: key in settled.statements or key[1] in facts.left_out  # noqa: E731
    merged = Merged()
    for row in sorted(result.accounts, key=lambda row: (row["month"], row["person"])):
        place = there.pop((row["month"], row["person"]), None)
        if place is None:
            merged.added.append(row)
        else:
            _edit(merged, place, facts.accounts, row)
    merged.removed = sorted(place for key, place in there.items() if not kept(key))
    return merged
