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
