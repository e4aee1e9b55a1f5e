"""Every worked case through the pure core: rows in, rows out, no workbook."""

from __future__ import annotations

import pytest

from tests.pay import cases
from tests.pay.by_core import ByCore
from tests.pay.history import play

# Cases of which the core sees nothing: rows that can't be read are left out before it is asked.
BEFORE_IT = {"M24": "a cell that is no number"}
NOT_YET: dict[str, str] = {}


def _cases() -> list[object]:
    return [
        pytest.param(name, marks=[pytest.mark.xfail(strict=True, reason=NOT_YET[name])] if name in NOT_YET else [])
        for name in cases.with_rows()
        if name not in BEFORE_IT
    ]


@pytest.mark.parametrize("name", _cases())
def test_a_case(name: str) -> None:
    case = cases.load(name)
    case["facts"] = [step for step in case["facts"] if "trial" not in step]  # what is refused is refused before the core
    route = ByCore()
    wrong = play(case, route)
    ledger, accounts = route.rows("Ledger"), route.rows("Accounts")
    wrong += cases.ledger_differences(ledger, case)
    wrong += cases.account_differences(accounts, case)
    wrong += cases.working_differences(ledger, case)
    wrong += cases.identity_breaks(ledger, accounts)
    assert not wrong, "\n" + "\n".join([case["name"], *wrong])


@pytest.mark.parametrize("name", ["M01", "M15", "M17", "M21", "M27"])
def test_a_case_that_says_otherwise_fails(name: str) -> None:
    """Every figure counts: a fen more in any row of the ledger or any figure of an account is told."""
    case, route = cases.load(name), ByCore()
    case["facts"] = [step for step in case["facts"] if "trial" not in step]
    play(case, route)
    ledger, accounts = route.rows("Ledger"), route.rows("Accounts")
    assert not cases.ledger_differences(ledger, case) + cases.account_differences(accounts, case)
    for row in case.get("ledger", ()):
        row[-1] += 0.01
        assert cases.ledger_differences(ledger, case), row
        row[-1] -= 0.01
    for account in case["accounts"]:
        for figure in cases.FIGURES:
            right = account.get(figure, 0)
            account[figure] = right + 0.01
            assert cases.account_differences(accounts, case), (account, figure)
            account[figure] = right
    found = next(row for row in accounts if cases.fen(row["paid"]))
    found["paid"] += 0.01
    assert cases.identity_breaks(ledger, accounts)
