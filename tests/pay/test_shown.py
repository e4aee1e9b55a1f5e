"""What the cases say beside ledger and accounts: figures of an account's month, why it is carried, vouchers, replays, dated values."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.pay import cases
from tests.pay.by_actions import ByActions
from tests.pay.by_core import ByCore
from tests.pay.cases import Case, fen
from tests.pay.history import play
from udfs.dated import Dated
from udfs.policy import value
from workbook_templates.chapters.incentives.attained import book_of, sprint_fund
from workbook_templates.chapters.incentives.pay.replay import Instead, replay
from workbook_templates.chapters.incentives.pay.voucher import voucher
from workbook_templates.chapters.incentives.quota_months import by_group, month_quotas
from workbook_templates.chapters.incentives.staff import Staff


@cache
def _played(name: str) -> ByCore:
    case = cases.load(name)
    case["facts"] = [step for step in case["facts"] if "trial" not in step]
    kept = ByCore()
    play(case, kept)
    return kept


def _with(key: str) -> list[str]:
    found = [name for name in cases.names() if key in cases.load(name)]
    assert found, f"no case has {key}"
    return found


def _account(kept: ByCore, one: Case) -> dict[str, Any]:
    return next(row for row in kept.rows("Accounts") if (row["person"], row["month"]) == (one["person"], one["month"]))


@pytest.mark.parametrize("name", _with("shown"))
def test_figures_of_a_month(name: str) -> None:
    """Bookings, attainment and year to date, as they were sealed, whatever happened since."""
    for one in cases.load(name)["shown"]:
        found = _account(_played(name), one)
        figures = {key: figure for key, figure in one.items() if key not in ("person", "month")}
        assert {key: found[key] for key in figures} == pytest.approx(figures, rel=1e-12)


@pytest.mark.parametrize("name", _with("carried"))
def test_why_it_is_carried(name: str) -> None:
    kept, wanted = _played(name), cases.load(name)["carried"]
    for one in wanted:
        assert one["says"] in str(_account(kept, one)["note"])
    carried = {(one["person"], one["month"]) for one in wanted}
    others = [row for row in kept.rows("Accounts") if (row["person"], row["month"]) not in carried and not fen(row["closing"])]
    assert not [row for row in others if row["note"]]


@pytest.mark.parametrize("name", _with("payroll"))
def test_what_payroll_pays(name: str) -> None:
    """The accounts' own; that payroll writes the same is asserted wherever a month is paid (by_actions)."""
    for one in cases.load(name)["payroll"]:
        for person in one.keys() - {"month", "says"}:
            found = _account(_played(name), {"person": person, "month": one["month"]})
            assert fen(found["paid"]) == fen(one[person])


@pytest.mark.parametrize("name", _with("voucher"))
def test_the_voucher_of_a_month(name: str) -> None:
    kept = _played(name)
    wanted = cases.load(name)["voucher"]
    lines = {line.component.en.lower(): line for line in voucher(wanted[0]["month"], kept.rows("Ledger"), kept.rows("Accounts"))}
    names = {"override": "manager override"}
    for one in wanted:
        line = lines.pop(names.get(one["component"], one["component"]))
        found = (line.accrued or 0, line.released or 0, line.paid, line.carried or 0)
        assert found == tuple(fen(one[key]) for key in ("accrued", "released", "paid", "carried")), one["component"]
    assert not lines
    month = [row for row in kept.rows("Accounts") if row["month"] == wanted[0]["month"]]
    assert sum(fen(row["paid"]) for row in month) == fen(wanted[-1]["paid"]), "payroll's total"


@pytest.mark.parametrize("name", _with("replay"))
def test_replays(name: str) -> None:
    facts = _played(name).facts()
    for one in cases.load(name)["replay"]:
        other = (
            facts if one["rates"] is None else replace(facts, policy=Instead(facts.policy, {"commission.rates": one["rates"]}))
        )
        found: list[list[Any]] = [[d.person, d.before, d.after, d.change] for d in replay(facts, other)]
        assert found == [[who, *map(fen, figures)] for who, *figures in one["people"]]
        assert [sum(row[i] for row in found) for i in (1, 2, 3)] == [fen(amount) for amount in one["total"]]


@pytest.mark.parametrize("name", _with("settings_shown"))
def test_a_dated_value(name: str, tmp_path: Path) -> None:
    """Settings' value is that of the as-of date, and the next change is known with its day."""
    case = cases.load(name)
    route = ByActions(tmp_path)
    play({**case, "facts": case["facts"][:1], "until": "2027-01"}, route)
    for one in case["settings_shown"]:
        day = dt.date.fromisoformat(one["as_of"])
        route.day(day)
        assert route.book.setting(one["key"]) == one["value"]
        following = route.book.policies().next(one["key"], day)
        assert (following and following.day.isoformat()) == one.get("changes_on")


# -------------------------------------------------------------------------------------------------------- quotas and funds


class _With:
    def __init__(self, **values: Any) -> None:
        self.values = values

    def at(self, key: str, day: dt.date) -> Any:
        return self.values.get(key.replace(".", "_"), value(key, day))


def test_quotas_of_joiners_leavers_and_transfers() -> None:
    case = cases.load("M22")
    people = {p["id"]: {"joined": dt.date(2026, 1, 1), "left": None, **p} for p in case["people"]}
    people["A"]["left"] = dt.date.fromisoformat(case["facts"][0]["change"]["People"]["A"]["left"])
    people["B"]["joined"] = dt.date.fromisoformat(people["B"]["joined"])
    for one in case["quota"]:
        who = one["person"]
        policy = _With(**({"quota_ramp": tuple(one["ramp"])} if "ramp" in one else {}))
        found = month_quotas(2027, {who: float(one["year"])}, [people[who]], policies=policy)
        for month, amount in one.get("months", {}).items():
            assert found[who, month] == amount, (who, month)
        if "lines" in one:
            moved = case["tables"]["Transfers"][0]
            lines = Dated({who: "direct"}, [(who, dt.date.fromisoformat(moved["valid_from"]), moved["line"])])
            carried = by_group(found, lines, [people[who]], 2027)
            for part in one["lines"]:
                months = [f"2027-{m:02}" for m in range(1, 13)]
                inside = [m for m in months if part.get("from", "") <= m <= part.get("until", "9999")]
                assert (
                    sum(carried[part["line"], m] for m in months)
                    == sum(carried[part["line"], m] for m in inside)
                    == part["quota"]
                )


def test_a_sprint_bonus_is_the_teams_by_quarter_and_on_three_bases() -> None:
    case = cases.load("M13")
    sprint, deals, cash = case["sprint"], [], []
    for step in case["facts"]:
        for row in step["enter"].get("Deals", ()):
            days = {key: dt.date.fromisoformat(row[key]) for key in ("date", "delivered")}
            deals.append(
                {
                    "original": "",
                    "seller": "",
                    "partner": "",
                    "seller_share": 1.0,
                    **row,
                    **days,
                    "revenue": float(row["revenue"]),
                }
            )
        for row in step["enter"].get("Collections", ()):
            cash.append({"kind": "payment", **row, "date": dt.date.fromisoformat(row["date"]), "amount": float(row["amount"])})
    staff = Staff([{"id": "A", "line": sprint["line"], "level": "representative", "region": "", "manager": ""}])
    spent = [
        {"line": sprint["line"], "quarter": 2, "date": dt.date.fromisoformat(s["on"]), "spent": float(s["amount"])}
        for s in sprint["spent"]
    ]
    quotas = {(sprint["line"], f"2027-0{m}"): sprint["quota"] / 3 for m in (4, 5, 6)}
    for one in sprint["bases"]:
        came = [dict(row) for row in cash]
        if one["basis"] == "cash" and one["actual"] == 3300000:
            next(row for row in came if row["deal"] == "D3")["amount"] = 1300000.0
        policy = _With(sprint_basis="collections" if one["basis"] == "cash" else one["basis"])
        funds = sprint_fund(2027, quotas, book_of(deals, came), staff, dt.date(2027, 12, 31), spent, policy)
        fund = next(f for f in funds if (f.line, f.quarter) == (sprint["line"], 2))
        assert (fen(fund.actual), fen(fund.earned)) == (fen(one["actual"]), fen(one["fund"])), one
        assert abs(fund.actual / fund.quota - one["attainment"]) < 1e-12


def test_what_is_clawed_back_stays_accrued_in_the_voucher() -> None:
    """1,000 accrued, 400 of it clawed back, 250 held cancelled: a clawback lowers what is released, a cancel what is accrued (money.md 1)."""
    rows = [
        {"period": "2027-03", "person": "A", "component": "commission", "kind": kind, "commission": amount}
        for kind, amount in (("accrual", 1_000.0), ("clawback", -400.0), ("held", 500.0), ("cancel", -250.0))
    ]
    account = {"month": "2027-03", "opening": 0.0, "closing": 0.0, "paid": 600.0}
    line, total = voucher("2027-03", rows, [account])
    assert (line.accrued, line.released, line.clawed_back, line.paid) == (125_000, 100_000, -40_000, 60_000)
    assert (total.accrued, total.paid) == (125_000, 60_000)
