"""Statement = account = payroll: a case through the buttons on a real workbook, and what is mailed of it."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest

from addin.facts import facts
from tests.mailed import packages
from tests.pay import cases
from tests.pay.by_actions import ByActions
from tests.pay.history import play
from workbook_templates.mailed import statement


@pytest.mark.parametrize("name", ["M18", "M21"])
def test_a_statement_pays_what_the_account_says_and_payroll_pays(name: str, tmp_path: Path) -> None:
    """Draws, then holds: to the fen, person by person; sealed by review, lock and pay, the badge says so with its date."""
    route = ByActions(tmp_path)
    assert not play(cases.load(name), route)
    plan, seen = facts(route.book), 0
    for account in plan.of("Accounts"):
        who, month = account["person"], account["month"]
        piece = statement.make(plan, who, month)
        assert Decimal(str(piece.total)) == Decimal(str(account["paid"]))
        assert not statement.KIND.wrong(plan, [who], month)
        payroll = tmp_path / f"pay-{month}.csv"
        if account["statement"] == "paid" and payroll.exists():
            given = {
                row["工号"]: Decimal(row["应发（元）"]) for row in csv.DictReader(io.StringIO(payroll.read_text("utf-8-sig")))
            }
            assert Decimal(str(piece.total)) == given.get(who, 0)
            assert piece.fields["state"].startswith("最终：已发放（20") and piece.fields["state"] in piece.text
            seen += 1
            packages.check_recalculated(piece.workbook)
    assert seen >= 4
