"""Every worked case through the buttons: commission, review, lock, payroll, pay on a workbook."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pay import cases
from tests.pay.by_actions import ByActions, ByCommission
from tests.pay.history import play

# What the product can't do yet, by case; a case that begins to pass must leave its list.
NOT_YET: dict[str, str] = {}
NOT_YET_COMMISSION: dict[str, str] = {}


def _cases(not_yet: dict[str, str]) -> list[object]:
    return [
        pytest.param(name, marks=[pytest.mark.xfail(strict=True, reason=not_yet[name])] if name in not_yet else [])
        for name in cases.with_rows()
    ]


@pytest.mark.parametrize("name", _cases(NOT_YET))
def test_a_case(name: str, tmp_path: Path) -> None:
    _happens(cases.load(name), ByActions(tmp_path))


@pytest.mark.parametrize("name", _cases(NOT_YET_COMMISSION))
def test_a_case_by_commission_alone(name: str, tmp_path: Path) -> None:
    case = cases.load(name)
    case["facts"] = [step for step in case["facts"] if not ("review" in step and "refused" in step)]  # nobody presses review
    _happens(case, ByCommission(tmp_path))


def _happens(case: cases.Case, route: ByActions) -> None:
    wrong = play(case, route)
    ledger, accounts = route.rows("Ledger"), route.rows("Accounts")
    wrong += cases.ledger_differences(ledger, case)
    wrong += cases.account_differences(accounts, case)
    wrong += cases.working_differences(ledger, case)
    wrong += cases.identity_breaks(ledger, accounts)
    assert not wrong, "\n" + "\n".join([case["name"], *wrong])
