"""Whether ledger and accounts are up to date, asked of a plan's file: how many rows would change, and at which cell the first is."""

from __future__ import annotations

from pathlib import Path

from tests.pay.by_actions import ByActions
from tests.pay.history import play
from tests.pay.test_found import deal
from workbook_templates.chapters.incentives.pay import in_file
from workbook_templates.xlsx.package import Package


def told(route: ByActions) -> list[tuple[str, int, str, str]]:
    found = in_file.stale(Package(route.book.package.to_bytes()))
    return [(problem.sheet, problem.row, problem.code, problem.text.en) for problem in found]


def test_what_would_change_is_counted_and_shown(tmp_path: Path) -> None:
    """Two orders of a month: two rows and an account. 100,000 at 30 %: 1,250; at 20 %: 600."""
    facts = [deal("D1", "2027-02-10", 100_000, 70_000), deal("D2", "2027-02-11", 100_000, 80_000)]
    route = ByActions(tmp_path)
    assert not play({"people": [{"id": "A"}], "facts": facts, "until": "2027-02", "settle": "as told"}, route)
    assert told(route) == [] == in_file.repriced(Package(route.book.package.to_bytes()))
    first = route.book.read("Ledger").lines[0]

    route.change("Ledger", "2027-02", {"commission": 9_999.0})
    (row,) = told(route)
    assert (
        row[:3] == ("提成台账表", first, "ledger.afresh") and "“Commission ledger” is out of date (1 row would change)" in row[3]
    )
    assert not route.commission({}).refused and told(route) == []

    route.change("Accounts", "A", {"paid": 7.0})
    ((sheet, line, _, said),) = told(route)
    assert (line, "is out of date (1 row would change)" in said) == (route.book.read("Accounts").lines[0], True)
    assert sheet == route.book.read("Accounts").grid.sheet and not route.commission({}).refused

    route.take_out("Deals", "D2")
    ledger, accounts = told(route)
    assert ledger[1] == first + 1 and "(1 row would change)" in ledger[3] and "(1 row would change)" in accounts[3]
    for later in (deal("D3", "2027-02-12", 9, 9), deal("D4", "2027-02-12", 9, 9)):
        for row_ in later["enter"]["Deals"]:
            route.put("Deals", {**row_, "date": route.today})
    ledger, *_ = told(route)
    assert "(3 rows would change)" in ledger[3]  # D2's goes, two come
    assert not route.commission({}).refused

    assert not route.review("2027-02", (), "Cora").refused
    route.set("commission.rates", [0.04, 0.05, 0.08])
    (change,) = told(route)
    assert (
        change[:3] == ("", 0, "ledger.repriced") and "1 settled row would be re-priced by +200.00 yuan (A +200.00)" in change[3]
    )
    assert [problem.text.en for problem in in_file.repriced(Package(route.book.package.to_bytes()))] == [change[3]]
