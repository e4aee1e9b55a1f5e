"""What next, as a pure function over a plan's rows: a table of states. Expectations: issue 13 C (from empty to the first paid month, in order)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from addin import actions
from workbook_templates import registry
from workbook_templates.tables import schema, steps
from workbook_templates.tables.schema import FAIL, NO_COMPANY
from workbook_templates.tables.steps import NextStep, State, Steps

PERSON, BOSS = {"id": "P1", "quota_weight": None}, {"id": "B1", "quota_weight": 0.0}
DEAL = {"id": "D1"}


def ledger(period: str, status: str) -> dict[str, Any]:
    return {"period": period, "person": "P1", "status": status}


def account(month: str, statement: str, closing: float = -500.0) -> dict[str, Any]:
    return {"month": month, "person": "P1", "statement": statement, "opening": closing, "closing": closing, "paid": 0.0}


MAILED = {"kind": "statement", "period": "2027-01"}
FULL: dict[str, list[Any]] = {"People": [PERSON], "Quotas": [{"person": "P1"}], "Deals": [DEAL]}
CASES: list[tuple[str, dict[str, Any], str | None, str]] = [
    # what there is, what the answer is, its month
    ("nobody has named the company", {"company": NO_COMPANY.zh}, "company", ""),
    ("a blank name", {"company": "  "}, "company", ""),
    ("the name in the other language's default", {"company": NO_COMPANY.en}, "company", ""),
    ("nobody", {}, "people", ""),
    ("a check failed comes before all", {"check": FAIL.en}, "problems", ""),
    ("people", {"People": [PERSON]}, "quotas", ""),
    ("nobody carries a quota: no quotas are asked for", {"People": [BOSS]}, "deals", ""),
    ("quotas", {**FULL, "Deals": []}, "deals", ""),
    ("deals", {**FULL, "stale": True}, "commission", ""),
    ("computed", {**FULL, "Ledger": [ledger("2027-01", "computed")]}, "review", "2027-01"),
    ("some reviewed", {**FULL, "Ledger": [ledger("2027-01", "reviewed"), ledger("2027-01", "computed")]}, "review", "2027-01"),
    ("a dispute is answered first", {**FULL, "Ledger": [ledger("2027-01", "disputed"), ledger("2027-01", "computed")]}, "disputes", "2027-01"),
    ("reviewed", {**FULL, "Ledger": [ledger("2027-01", "reviewed")]}, "lock", "2027-01"),
    ("locked", {**FULL, "Ledger": [ledger("2027-01", "locked")]}, "pay", "2027-01"),
    ("the earliest month first", {**FULL, "Ledger": [ledger("2027-02", "computed"), ledger("2027-01", "locked")]}, "pay", "2027-01"),
    ("a carry goes through a month without rows", {**FULL, "Ledger": [ledger("2027-01", "paid")], "Accounts": [account("2027-02", "estimated")]}, "review", "2027-02"),
    ("and is locked like any", {**FULL, "Ledger": [ledger("2027-01", "paid")], "Accounts": [account("2027-02", "reviewed")]}, "lock", "2027-02"),
    ("an account of nothing is no month", {**FULL, "Accounts": [account("2027-02", "estimated", 0.0)]}, None, ""),
    ("paid, no domain", {**FULL, "Ledger": [ledger("2027-01", "paid")]}, "mail_domains", ""),
    ("paid", {**FULL, "Ledger": [ledger("2027-01", "paid")], "domains": "a.cn"}, "mail", "2027-01"),
    ("what is due comes before mail", {**FULL, "Ledger": [ledger("2027-01", "paid"), ledger("2027-02", "computed")]}, "review", "2027-02"),
    ("who never mails is asked in the first month only", {**FULL, "Ledger": [ledger("2027-01", "paid"), ledger("2027-02", "paid")]}, None, ""),
    ("mailed", {**FULL, "Ledger": [ledger("2027-01", "paid")], "MailLog": [MAILED], "domains": "a.cn"}, None, ""),
    ("a mail of another kind is not the statement", {**FULL, "Ledger": [ledger("2027-01", "paid")], "MailLog": [{**MAILED, "kind": "team"}], "domains": "a.cn"}, "mail", "2027-01"),
    ("a month that is not over waits", {**FULL, "Ledger": [ledger("2027-03", "computed")]}, None, ""),
    ("on its last day it is over", {**FULL, "Ledger": [ledger("2027-03", "computed")], "as_of": dt.date(2027, 3, 31)}, "review", "2027-03"),
    ("the as-of date is of a month gone by", {**FULL, "today": dt.date(2027, 4, 2)}, "as_of", ""),
    ("in the same month it need not move", {**FULL, "today": dt.date(2027, 3, 30)}, None, ""),
    ("after the year the as-of date stays in it", {**FULL, "as_of": dt.date(2027, 12, 31), "today": dt.date(2028, 2, 1)}, None, ""),
    ("the year is paid", {**FULL, "Ledger": [ledger("2027-12", "paid")], "MailLog": [{**MAILED, "period": "2027-12"}], "domains": "a.cn", "as_of": dt.date(2027, 12, 31), "today": dt.date(2028, 1, 5)}, "rollover", ""),
    ("chapter 5 is not taken: nothing of it is asked", {"off": {5}}, None, ""),
]  # fmt: skip


def state(**there: Any) -> State:
    named = {
        "company_name": there.pop("company", "云杉"),
        "master_check": there.pop("check", "通过"),
        "mail_domains": there.pop("domains", None),
    }
    as_of = there.pop("as_of", dt.date(2027, 3, 9))
    today, off, stale = there.pop("today", as_of), frozenset(there.pop("off", ())), there.pop("stale", False)
    assert not there.keys() - schema.TABLES.keys()
    return State(lambda table: there.get(table, []), named.get, as_of, 2027, today, off, lambda: stale)


@pytest.mark.parametrize(("there", "code", "month"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_next(there: dict[str, Any], code: str | None, month: str) -> None:
    found = steps.answer(state(**there))
    assert (found.step.code if found.step else None, found.month) == (code, month)


def test_every_step_is_an_answer_of_some_state() -> None:
    """No step that nothing leads to."""
    found = {code for _, _, code, _ in CASES}
    assert found - {None} == {step.code for step in steps.every() if not step.can_wait}


def test_without_mail_it_says_what_comes_then() -> None:
    there = {**FULL, "Ledger": [ledger("2027-01", "paid")], "today": dt.date(2027, 4, 2)}
    found = steps.answer(state(**there))
    assert found.step is not None and found.step.code == "mail_domains"
    assert found.otherwise is not None and found.otherwise.code == "as_of"


def test_what_can_wait_is_listed_and_never_the_next_step() -> None:
    found = steps.answer(state(Customers=[{"id": "C1", "tier": None}]))
    assert [step.code for step in found.later] == ["regions", "tiers", "budget"]
    assert found.step is not None and found.step.code == "people"


@pytest.mark.parametrize("off", [{1}, {2}, {11}, {1, 2, 5, 11}])
def test_a_chapter_that_is_not_taken_is_silent(off: set[int]) -> None:
    found = steps.answer(state(Customers=[{"id": "C1", "tier": None}], off=off))
    assert not {step.chapter for step in found.later} & off


@pytest.mark.parametrize("step", steps.every(), ids=lambda step: step.code)
def test_a_step_names_commands_and_buttons_that_are_there(step: NextStep) -> None:
    every = actions.every()
    for lang in ("zh", "en"):
        command = getattr(step.command, lang)
        words = command.split("salesplan ")[1:]
        labels = [getattr(every[word.split()[0]].label, lang) for word in words]
        assert all(label in getattr(step.button, lang) for label in labels), (labels, getattr(step.button, lang))
        assert bool(words) or "{cell}" in getattr(step.button, lang)


def test_two_steps_of_one_code_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    twice = Steps(1, (steps.every()[0],) * 2)
    monkeypatch.setattr(registry, "of_chapters", lambda *asked: {"workbook_templates.chapters.market.steps": twice})
    with pytest.raises(steps.StepError, match="company"):
        steps.every.__wrapped__()
