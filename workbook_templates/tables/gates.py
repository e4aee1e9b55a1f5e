"""Gates: what one chapter's data forbid another chapter's action (放行). One answer, asked by every action that needs it.

A chapter's module ``gates`` registers ``GATES = Gates(order, (Gate(…), …))``; a gate says at which moments it stands, an action asks
:func:`refusals` for its moment and names no gate. What a gate stops is let through by a row of Waivers only: two people, until a day; some
gates no row opens.
"""

from __future__ import annotations

import datetime as dt
import functools
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from udfs.text import Text, joined
from workbook_templates import registry
from workbook_templates.tables.duties import Day
from workbook_templates.tables.spec import Row

TABLE = "Waivers"


class Moment(StrEnum):
    """What an action is about to do; ``object``: what it names to the gates."""

    APPROVE = "approve"  # a price request is approved; its ID
    CONTRACT = "contract"  # a contract comes into force; its ID
    DEAL = "deal"  # a new deal is brought in; its customer
    SCHEDULE = "schedule"  # a project is opened or counted back; its deal
    SHIP = "ship"  # goods leave; the deal
    SPEND = "spend"  # money of a budget line is spent; the line
    FORECAST = "forecast"  # an opportunity is weighted; its ID


@dataclass(frozen=True)
class Gate:
    """One gate. ``judge`` says why an object may not pass on a day, or nothing; ``about`` is the Table whose key a waiver names.

    ``names``: what else a waiver may call the object (a deal's project, its customer); ``unseen``: why it can't judge an object that it
    lets pass; ``absolute``: no waiver opens it.
    """

    key: str
    title: Text
    judge: Callable[[Day, str], Iterable[Text]]
    about: str
    at: tuple[Moment, ...]
    names: Callable[[Day, str], Iterable[str]] = lambda day, obj: ()
    unseen: Callable[[Day, str], Iterable[Text]] = lambda day, obj: ()
    absolute: bool = False
    chapter: int = 0  # filled in when it is gathered


@dataclass(frozen=True)
class Gates:
    """What a chapter's module ``gates`` registers."""

    order: float
    gates: tuple[Gate, ...]


class GateError(Exception):
    """Two gates of one key: for the developer, at import."""


@functools.cache
def every() -> Mapping[str, Gate]:
    """All gates by key."""
    out: dict[str, Gate] = {}
    for module, found in registry.of_chapters("gates", "GATES", Gates).items():
        for gate in found.gates:
            if gate.key in out:
                raise GateError(f"{module}: another chapter has a gate {gate.key}")
            out[gate.key] = replace(gate, chapter=registry.home_of(module).number)
    return out


def folded(cell: Any) -> str:
    """A word or an ID as it is compared: width, case and blanks around it make no other one."""
    return unicodedata.normalize("NFKC", str(cell or "")).strip().casefold()


def gate_named(cell: Any) -> str | None:
    """The key of the gate that a cell names in either language."""
    said = folded(cell)
    return next((key for key, gate in every().items() if said in {key, *map(folded, gate.title)}), None)


def refusals(day: Day, moment: Moment, obj: str) -> list[Text]:
    """Why an action may not do what it is about to: all that every gate of the moment says."""
    return [text for key, gate in every().items() if moment in gate.at for text in stopped(day, key, obj)]


def unseen(day: Day, moment: Moment, obj: str) -> list[Text]:
    """What gates of the moment could not judge and let pass: said, never taken for an answer."""
    open_ = (gate for gate in every().values() if moment in gate.at and gate.chapter not in day.off)
    return [text for gate in open_ for text in gate.unseen(day, obj)]


def stopped(day: Day, key: str, obj: str) -> list[Text]:
    """Why an object may not pass; nothing where it may, where its chapter is off, or where a waiver lets it through."""
    gate = every()[key]
    if gate.chapter in day.off:
        return []
    why = list(gate.judge(day, obj))
    return [] if why and not gate.absolute and waiver(day, key, obj) is not None else why


def waiver(day: Day, key: str, obj: str) -> Row | None:
    """The row that lets an object through a gate on the day: in force, and by two different people."""
    called = {folded(name) for name in (obj, *every()[key].names(day, obj)) if name}
    for row in day.rows(TABLE):
        mine = gate_named(row.get("gate")) == key and folded(row.get("object")) in called
        if mine and in_force(row, day.as_of) and fault(row) is None and _both_ours(day, row):
            return row
    return None


def _both_ours(day: Day, row: Row) -> bool:
    """Whether the two who signed a waiver are people of ours: nobody else can let anything through."""
    return {folded(row["by"]), folded(row["second"])} <= {folded(person.get("id")) for person in day.rows("People")}


def in_force(row: Row, day: dt.date) -> bool:
    """Whether a waiver still lives."""
    return isinstance(row.get("until_on"), dt.date) and bool(row["until_on"] >= day)


def fault(row: Row) -> tuple[str, Text] | None:
    """What is wrong with a waiver by itself: the column, and why."""
    gate = gate_named(row.get("gate"))
    if gate is None:
        known = [gate.title for gate in every().values()]
        zh, en = joined(known)
        return "gate", Text(f"没有“{row.get('gate')}”这道关卡：可填 {zh}", f"there is no gate “{row.get('gate')}”: one of {en}")
    if every()[gate].absolute:
        title = every()[gate].title
        return "gate", Text(f"“{title.zh}”不能放行：删除这一行", f"“{title.en}” can't be waived: delete this row")
    blank = next((key for key in ("object", "reason", "by", "second") if not folded(row.get(key))), None)
    if blank is not None:
        return blank, Text(
            "放行缺一项：对象、理由、两人都要填", "a waiver needs its object, a reason and two people: fill this in"
        )
    if folded(row.get("by")) == folded(row.get("second")):
        return "second", Text(
            f"放行人与复核人都是 {row.get('by')}：应由两人放行", f"both people are {row.get('by')}: two different ones must agree"
        )
    return None


def faults(rows: Sequence[Row]) -> list[tuple[int, str, Text]]:
    """What is wrong with waivers: row, column, why."""
    found = ((index, fault(row)) for index, row in enumerate(rows))
    return [(index, *said) for index, said in found if said is not None]
