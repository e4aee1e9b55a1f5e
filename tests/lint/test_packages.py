"""The linter over every kind of package we write: plans, new and computed; what actions leave; adopted; mailed.
LibreOffice's, restored: tests/test_plan_file.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from tests.actions.steps import change as edit
from tests.actions.steps import do
from tests.actions.test_commission import company as two_sellers
from tests.actions.test_commission import deal
from tests.foreign import own_workbook
from tests.lint.rules import RULES
from tests.mailed.company import sample
from tests.plans import empty_plan, sample_plan
from tests.small_plan import small_plan
from workbook_templates import mailed
from workbook_templates.xlsx.lint import Opened, lint

LANGUAGES = ["zh", "en"]
PERIOD = "2027-03"
# Somebody's own workbook asks and calculates as they want it; our sheets' texts stay out of their shared strings, which
# undo gives back.
THEIRS = {"calc", "links", "inline", "formula-value"}


def faults(raw: bytes, but: Collection[str] = ()) -> list[str]:
    """What the linter finds, as text, all rules but some."""
    return [str(finding) for finding in lint(Opened.of_bytes(raw), [rule for rule in RULES if rule.id not in but])]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sample(lang: str, tmp_path: Path) -> None:
    assert faults(sample_plan(lang, tmp_path).read_bytes()) == []


def test_a_new_plan() -> None:
    assert faults(empty_plan(None, "zh").read_bytes()) == []


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    made = two_sellers([deal(1), deal(2, 0.1, seller="P2")])
    made.as_of = dt.date(2027, 3, 31)
    return small_plan(tmp_path / "plan.xlsx", made)


# In this order, each on what the one before left.
ACTIONS: list[tuple[str, dict[str, Any]]] = [
    ("quota", {}),
    ("refresh", {}),
    ("commission", {}),
    ("dealers", {}),
    ("pool", {}),
    ("roi", {}),
    ("review", {"period": PERIOD, "by": "周"}),
    ("lock", {"period": PERIOD, "by": "陈"}),
    ("pay", {"period": PERIOD, "by": "何"}),
    ("signoff", {"step": "prepared", "who": "周"}),
    ("dispute", {}),
    ("relink", {}),
    ("undo", {}),
]


# A plan of Tables alone: what its title blocks refer to stands on sheets it does not have, so Excel is to calculate it.
SMALL = {"calc", "formula-value"}


def test_what_the_actions_leave(plan: Path) -> None:
    assert faults(plan.read_bytes(), SMALL) == []
    written = 0
    for name, options in ACTIONS:
        written += bool(do(name, plan, **options).written)
        assert faults(plan.read_bytes(), SMALL) == [], name
    assert written >= 5  # the others had nothing to do on so small a plan


def test_what_an_action_leaves_of_a_whole_plan(tmp_path: Path) -> None:
    path = sample_plan("zh", tmp_path)
    edit(path, {("Deals", 0, "revenue"): 1_234_567.0})
    assert do("commission", path).written
    assert faults(path.read_bytes()) == []


def test_an_adopted_workbook(tmp_path: Path) -> None:
    path = own_workbook(tmp_path / "own.xlsx")
    before = set(faults(path.read_bytes()))
    do("adopt", path, confirm=True, add=["Ledger", "Quotas"])
    assert set(faults(path.read_bytes(), THEIRS)) <= before
    do("commission", path)
    assert set(faults(path.read_bytes(), THEIRS)) <= before


@pytest.mark.parametrize(("lang", "period"), [("zh", "2027-12"), ("en", "2027-06")])
def test_mails_of_every_kind(lang: str, period: str) -> None:
    plan = sample(lang)
    made = [kind.make(plan, who, period) for kind in mailed.every().values() for who in kind.recipients(plan, period)[:4]]
    assert {piece.kind for piece in made} == set(mailed.every())
    for piece in made:
        assert faults(piece.workbook) == [], piece.kind
