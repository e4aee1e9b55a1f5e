"""A dispute that is answered a month late, through the buttons: the month stays the person's own open month, nobody else waits for it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from tests.pay import cases
from tests.pay.by_actions import ByActions
from tests.pay.history import settle, typed

PEOPLE = [{"id": who, "name": f"{who}…", "level": "representative", "line": "direct", "joined": "2026-01-01", "quota_weight": 1.0} for who in "AB"]  # fmt: skip


def figures(route: ByActions, who: str) -> dict[str, tuple[float, str]]:
    """What each month of somebody pays, and how far its statement is."""
    return {
        row["month"]: (row["paid"], row["statement"]) for row in route.rows("Accounts") if row["person"] == who and row["paid"]
    }


def test_the_answer_comes_when_the_next_month_is_over(tmp_path: Path) -> None:
    """March: D1 of A and D2 of B at 20 %, 600 each. A says on 3 April that D1 cost 70,000; B is paid on the 5th. In April half of D1 comes
    back and A sells D3 (1,200). Nothing of A's April is reviewed before March is. On 8 May the cost is put right: March becomes 1,250
    in March itself, without an adjustment, the return takes 625 of it, and April pays 1,200 − 625."""
    (tmp_path / "case").mkdir()
    route = ByActions(tmp_path / "case")
    for person in PEOPLE:
        route.put("People", typed("People", person))

    def sold(name: str, day: dt.date, seller: str, revenue: float) -> None:
        route.day(day)
        route.put("Deals", {"id": name, "date": day, "seller": seller, "revenue": revenue, "cost": revenue * 0.8})

    sold("D1", dt.date(2027, 3, 5), "A", 100_000.0)
    sold("D2", dt.date(2027, 3, 6), "B", 100_000.0)
    route.day(dt.date(2027, 4, 1))
    assert not route.commission({}).refused and not route.review("2027-03", (), "周").refused
    route.day(dt.date(2027, 4, 3))
    remark = {"period": "2027-03", "person": "A", "deal": "D1", "remark": "成本是 70,000", "owner": "周", "by": "A"}
    assert not route._do("dispute", **remark).refused
    route.day(dt.date(2027, 4, 5))
    assert route.lock("2027-03", (), "陈").refused
    assert not route.lock("2027-03", ["B"], "陈").refused and not route.pay("2027-03", ["B"], "何").refused
    sold("D3", dt.date(2027, 4, 12), "A", 200_000.0)
    route.put("Deals", {"id": "R1", "date": dt.date(2027, 4, 10), "revenue": -50_000.0, "original": "D1"})
    route.day(dt.date(2027, 5, 5))
    assert not route.commission({}).refused
    assert figures(route, "A") == {"2027-03": (600, "estimated"), "2027-04": (900, "estimated")}
    early = route.review("2027-04", (), "周")
    assert early.refused and "2027-03" in early.told + " ".join(p[3] for p in early.problems)
    route.day(dt.date(2027, 5, 8))
    route.change("Deals", "D1", {"cost": 70_000.0})
    assert not route._do("dispute", number=1, answer="成本更正为 70,000", close=True).refused
    assert not route.commission({}).refused
    assert list(settle("2027-04", route)) == []
    assert figures(route, "A") == {"2027-03": (1_250, "paid"), "2027-04": (575, "paid")}
    assert figures(route, "B") == {"2027-03": (600, "paid")}
    rows = sorted((r["period"], r["deal"], r["kind"], r["commission"]) for r in route.rows("Ledger") if r["person"] == "A")
    assert rows == [
        ("2027-03", "D1", "accrual", 1_250), ("2027-04", "D3", "accrual", 1_200), ("2027-04", "R1", "clawback", -625),
    ]  # fmt: skip
    assert not cases.identity_breaks(route.rows("Ledger"), route.rows("Accounts"))
