"""A contract's text by ticks, what makes it a major one, and whether its signatures still stand for that text."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from udfs.text import Text, joined, language
from udfs.values import at_least
from workbook_templates.chapters.risk.words import AGREED, CAP, ENDED, FINANCE, LEGAL, SALES, SIGNERS, TOPICS
from workbook_templates.tables.duties import Day, held_by
from workbook_templates.tables.gates import folded
from workbook_templates.tables.spec import Row

_NEEDED = (SALES, LEGAL, FINANCE)
_LENGTH = 16  # characters of a checksum that are shown
_TERMS = ("customer", "amount", "currency", "prepaid", "credit_days", "three_year", "overseas")


@dataclass(frozen=True)
class Clause:
    """A topic as the contract has it; ``option`` is blank where none is ticked."""

    topic: str
    title: str
    option: str
    risk: str
    text: str
    deviation: str = ""
    legal_ok: str = ""


def library(rows: Sequence[Row], day: dt.date) -> dict[str, dict[str, Row]]:
    """Topic → option → the newest row that holds on a day."""
    out: dict[str, dict[str, Row]] = {}
    for row in rows:
        if (
            not row.get("topic")
            or not row.get("option")
            or not isinstance(row.get("valid_from"), dt.date)
            or row["valid_from"] > day
        ):
            continue
        known = out.setdefault(str(row["topic"]), {}).get(str(row["option"]))
        if known is None or known["valid_from"] <= row["valid_from"]:
            out[str(row["topic"])][str(row["option"])] = row
    return out


def clauses(day: Day, contract: Row) -> list[Clause]:
    """Each topic of the library, once, in its order; what was ticked that the library lacks stands behind as a red one."""
    known, made = library(day.rows("ClauseLibrary"), day.as_of), []
    ticks = [row for row in day.rows("ContractClauses") if row.get("contract") == contract.get("id") and row.get("option")]
    for topic, options in known.items():
        mine = [row for row in ticks if row.get("topic") == topic]
        tick = mine[0] if len(mine) == 1 else None
        row = options.get(str(tick["option"])) if tick else None
        if tick is None or row is None:
            why = (
                Text("选了两个选项", "two options are ticked")
                if len(mine) > 1
                else Text("未选择", "not chosen")
                if not mine
                else Text(f"条款库没有“{mine[0]['option']}”", f"the library has no “{mine[0]['option']}”")
            )
            made.append(Clause(topic, title_of(topic), "", "red", str(why)))
            continue
        text = row.get("text_en") if language() == "en" and row.get("text_en") else row.get("text_zh")
        made.append(
            Clause(
                topic,
                title_of(topic),
                str(tick["option"]),
                str(row["risk"]),
                str(text or ""),
                str(tick.get("deviation") or ""),
                str(tick.get("legal_ok") or ""),
            )
        )
    return made


def title_of(topic: str) -> str:
    """What a topic is called; one of the company's own is its own word."""
    return next((str(word.label) for word in TOPICS if word.code == topic), topic)


def clause_problems(day: Day, contract: Row) -> Iterator[Text]:
    """What keeps the text from being final."""
    found = clauses(day, contract)
    if not found:
        yield Text("条款库为空：请法务先填“条款库”", "the clause library is empty: legal fills it in first")
    for one in found:
        if not one.option:
            yield Text(f"“{one.title}”{one.text}", f"{one.title}: {one.text}")
        elif one.deviation and one.risk == "red" and not one.legal_ok:
            yield Text(f"“{one.title}”是红色偏离，缺法务同意人", f"{one.title} is a red deviation without legal's name")


def is_major(day: Day, contract: Row, found: Sequence[Clause]) -> bool:
    """Large, overseas, without a cap, or for three years."""
    large = at_least(contract.get("amount") or 0.0, float(day.setting("contract.major")))
    uncapped = any(one.topic == CAP and one.risk == "red" and one.option for one in found)
    return bool(large or uncapped or "yes" in (contract.get("overseas"), contract.get("three_year")))


def digest(contract: Row, found: Sequence[Clause]) -> str:
    """Of text, amount and terms: what a signature stands for."""
    said = [_said(contract.get(key)) for key in ("id", *_TERMS)]
    said += [f"{one.topic}\0{one.option}\0{one.text}\0{one.deviation}" for one in found]
    return hashlib.sha256("\1".join(said).encode()).hexdigest()[:_LENGTH]


def _said(cell: Any) -> str:
    """A term as it is signed: 60 and 60.0 are one, as cells have no whole numbers of their own."""
    return f"{cell:.15g}" if isinstance(cell, int | float) and cell else str(cell or "")


def signature_problems(day: Day, contract: Row, now: str | None = None) -> Iterator[Text]:
    """Which of the three are missing, void, or not of their department. ``now``: the checksum, where it is not in the row yet."""
    checksum = now or contract.get("digest")
    rows = sorted(
        (row for row in day.rows("Signatures") if row.get("contract") == contract.get("id")), key=lambda row: str(row.get("on"))
    )
    newest: Mapping[Any, Row] = {row["role"]: row for row in rows if row.get("role")}
    people: dict[str, str] = {}
    for code in _NEEDED:
        title = next(word.label for word in SIGNERS if word.code == code)
        row = newest.get(code)
        if row is None or row.get("verdict") != AGREED:
            yield (
                Text(f"缺{title.zh}会签", f"{title.en} has not signed")
                if row is None
                else Text(f"{title.zh}驳回", f"{title.en} rejected it")
            )
            continue
        if (row.get("digest") or contract.get("digest") or checksum) != checksum:  # one not stamped yet: what was there to sign
            yield Text(f"{title.zh}签字后文本已改，签字作废", f"the text changed after {title.en.lower()} signed: void")
        holders = _holders(day, code, row)
        if not holders:
            yield Text(f"“岗位与放行”没有{title.zh}：先填写由谁担任", f"Roles names nobody for {title.en.lower()}: fill that in")
        elif folded(row.get("person")) not in map(folded, holders):
            zh, en = joined(holders)
            yield Text(
                f"{title.zh}应由 {zh} 会签，签的是 {row.get('person')}", f"{title.en} is {en}'s to sign, {row.get('person')} did"
            )
        if folded(row.get("person")) in people:
            yield Text(
                f"{row.get('person')} 签了两方：三方应是不同的人",
                f"{row.get('person')} signed twice: three different people are needed",
            )
        people[folded(row.get("person"))] = code


def _holders(day: Day, code: str, signed: Row) -> list[str]:
    """Who may sign for a department: whoever had its role when it was signed; sales is whoever signs for it."""
    if code == SALES:
        return [str(signed.get("person"))]
    on = signed.get("on")
    when = on.date() if isinstance(on, dt.datetime) else on if isinstance(on, dt.date) else None
    return list(dict.fromkeys(str(row["person"]) for row in held_by(day, code, when)))


@dataclass
class ContractState:
    """What the button finds of a contract."""

    clauses: list[Clause]
    major: bool
    digest: str
    problems: list[Text] = field(default_factory=list)


def state_of(day: Day, contract: Row) -> ContractState:
    """All of it."""
    found = clauses(day, contract)
    made = ContractState(found, is_major(day, contract, found), digest(contract, found))
    made.problems += clause_problems(day, contract)
    if made.major:
        made.problems += signature_problems(day, contract, made.digest)
    return made


def contracts_of(day: Day, obj: str) -> list[Row]:
    """A contract by its ID, or the contracts of a deal that are not ended."""
    return [
        row
        for row in day.rows("Contracts")
        if row.get("id") and (folded(row["id"]) == folded(obj) or (row.get("status") != ENDED and row.get("deal") == obj))
    ]
