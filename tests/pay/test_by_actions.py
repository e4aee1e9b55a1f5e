"""Every worked case through the buttons: commission, review, lock, payroll, pay on a workbook."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pay import cases
from tests.pay.by_actions import ByActions
from tests.pay.history import play

# What the product can't do yet, by case; a case that begins to pass must leave this list.
NOT_YET: dict[str, str] = {}


def _cases() -> list[object]:
    return [
        pytest.param(name, marks=[pytest.mark.xfail(strict=True, reason=NOT_YET[name])] if name in NOT_YET else [])
        for name in cases.with_rows()
    ]


@pytest.mark.parametrize("name", _cases())
def test_a_case(name: str, tmp_path: Path) -> None:
    case = cases.load(name)
    route = ByActions(tmp_path)
    wrong = play(case, route)
    ledger, accounts = route.rows("Ledger"), route.rows("Accounts")
    wrong += cases.ledger_differences(ledger, case)
    wrong += cases.account_differences(accounts, case)
    wrong += cases.working_differences(ledger, case)
    wrong += cases.identity_breaks(ledger, accounts)
    assert not wrong, "\n" + "\n".join([case["name"], *wrong])
