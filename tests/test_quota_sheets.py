"""Quotas, attainment and the travel fund in a real workbook, worked out by the engine: money-cases M13, M22, M23."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest

from addin.book import FileBook
from tests.plans import sample_company
from udfs.text import speaking
from workbook_templates import making, recalc
from workbook_templates.page import register, watches
from workbook_templates.tables.schema import Company
from workbook_templates.xlsx.package import Ref


def computed(company: Company, settings: dict[str, Any] | None = None) -> Any:
    """A workbook with its values; ``settings``: cells of Settings by their names."""
    with speaking("zh"):
        package = making.built(company, "zh")
        for name, cell in (settings or {}).items():
            sheet, ref = package.locate(name)
            package.sheets[sheet].set_values({(ref.first_row, ref.first_col): cell})
        done = recalc.recalculate(package)
    assert not recalc.error_cells(package, done.results)
    return SimpleNamespace(package=package, done=done)


def value(book: Any, name: str, row: int = 0, column: int = 0) -> Any:
    """The value of a defined name's first cell, or of one beside or below it."""
    sheet, _, ref = book.package.names[name].lstrip("=").rpartition("!")
    top = Ref.parse(ref.replace("$", "").split(":")[0])
    cell = book.package.sheets[sheet.strip("'")].get((top.first_row + row, top.first_col + column))
    return None if cell is None else cell.value


def test_a_transfer_moves_months_in_regions_and_lines_and_the_headcount() -> None:
    """P1 moves from East to South and from direct to channel on 1 July 2027. 420,000,000 over two people of equal weight is
    210,000,000 each; 4-3-2-1 leaves 70 % of P1's, 147,000,000, where it was and takes 63,000,000 along. (By days of the year it was
    181/365.) Q2 carries 30 %, Q3 20 %; the deal of 30 June is the second quarter's and direct's, that of 1 July the third's and
    channel's."""
    regions = sample_company("zh").of("Regions")
    east, south = (row["region"] for row in regions[:2])
    people = [
        {
            "id": p,
            "name": p,
            "level": "manager",
            "line": line,
            "region": region,
            "joined": dt.date(2020, 1, 1),
            "quota_weight": 1.0,
        }
        for p, line, region in (("P1", "direct", east), ("P2", "channel", south))
    ]
    july = dt.date(2027, 7, 1)
    deals = [
        {"id": d, "date": day, "customer": "C1", "seller": "P1", "seller_share": 1.0, "revenue": 1e6, "cost": 7e5}
        for d, day in (("D1", dt.date(2027, 6, 30)), ("D2", july))
    ]
    move = {"person": "P1", "valid_from": july, "region": south, "line": "channel"}
    quotas = [{"person": p, "name": p} for p in ("P1", "P2")]
    rows = {"Regions": regions, "People": people, "Transfers": [move], "Quotas": quotas, "Deals": deals}
    book = computed(Company("公司", 2027, dt.date(2027, 12, 31), rows=rows))
    assert value(book, "quota_total") == 420_000_000
    assert [value(book, "quota_gap", row, 1) for row in range(2)] == [147_000_000.0, 63_000_000.0 + 210_000_000.0]
    assert [value(book, "sprint_quotas", row) for row in range(3, 9)] == [63e6, 63e6, 0.0, 0.0, 84e6, 0.0]
    assert [value(book, "sprint_actuals", row) for row in range(3, 9)] == [1e6, 0.0, 0.0, 0.0, 1e6, 0.0]
    cells = book.package.sheets["5 团队"].cells()
    assert [cells[row, 4].value for row in (7, 8)] == [0.0, 2.0]  # managers in direct and channel now


def test_landing_is_the_rhythms_and_joiners_and_leavers_are_not_spread_over_the_whole_year() -> None:
    """Half a year on plan is 70 % of the quota with 4-3-2-1: the landing is the quota, no 140 %. P2 joins in July: no quota before."""
    people = [
        {"id": p, "name": p, "level": "manager", "line": "direct", "region": "", "joined": joined, "quota_weight": 1.0}
        for p, joined in (("P1", dt.date(2020, 1, 1)), ("P2", dt.date(2027, 7, 1)))
    ]
    rows = {
        "Regions": sample_company("zh").of("Regions"), "People": people, "Quotas": [{"person": p, "name": p} for p in ("P1", "P2")],
        "Deals": [{"id": "D1", "date": dt.date(2027, 6, 30), "customer": "C1", "seller": "P1", "seller_share": 1.0, "revenue": 294e6,
                   "cost": 2e8}],
    }  # fmt: skip
    book = computed(Company("公司", 2027, dt.date(2027, 6, 30), rows=rows))
    landed = [value(book, "quota_landing", 0, column) for column in range(9)]
    assert landed == [6.0, 294e6, 294e6, 0.0, 1.0, 588e6, 420e6, 420e6, 1.0]
    weights = 1.0, 0.5041
    whole = round(420e6 * weights[1] / sum(weights))
    months = [value(book, "person_months", 1, month) for month in range(12)]
    assert months[:6] == [0.0] * 6 and sum(months) == whole == value(book, "person_recorded", 1)
    assert [value(book, "person_due", row) for row in range(2)] == [pytest.approx(0.7 * (420e6 - whole), abs=3), 0.0]
    assert value(book, "seller_attainment", 0) == pytest.approx(294e6 / (420e6 - whole))


@pytest.mark.parametrize(
    ("basis", "actual", "earned"), [("签单", 3_350_000, 7_000), ("收入", 3_200_000, 0), ("回款", 3_299_999.99, 0)]
)
def test_m13_the_travel_fund_in_a_real_workbook(basis: str, actual: float, earned: float) -> None:
    """money-cases M13: Industry's second quarter is asked for 3,000,000 (10,000,000 a year), on three bases; 5,000 were spent."""
    day = dt.date.fromisoformat
    person = {
        "id": "P1",
        "name": "P1",
        "level": "manager",
        "line": "direct",
        "region": "",
        "joined": dt.date(2020, 1, 1),
        "quota_weight": 1.0,
    }
    deals = [
        {"id": id_, "date": day(f"2027-{signed}"), "delivered": day(f"2027-{out}"), "customer": "C1", "seller": seller,
         "seller_share": 1.0, "revenue": amount, "cost": amount * 0.8, "original": original}
        for id_, signed, out, seller, amount, original in (
            ("D1", "04-10", "05-30", "P1", 2e6, ""), ("D2", "06-28", "07-05", "P1", 1.45e6, ""),
            ("D3", "03-20", "04-02", "P1", 1.3e6, ""), ("R1", "06-30", "06-30", "", -1e5, "D1"),
        )
    ]  # fmt: skip
    cash = [
        {"deal": id_, "date": day(f"2027-{on}"), "amount": amount, "kind": "payment"}
        for id_, on, amount in (("D1", "06-20", 2e6), ("D2", "07-15", 1.45e6), ("D3", "05-10", 1_299_999.99))
    ]
    rows = {
        "Regions": sample_company("zh").of("Regions"), "People": [person], "Quotas": [{"person": "P1", "name": "P1"}], "Deals": deals,
        "QuotaChanges": [{"person": "P1", "valid_from": dt.date(2027, 1, 1), "quota": 1e7, "by": "S", "reason": "M13"}],
        "Collections": cash,
        "SprintFund": [{"line": "direct", "quarter": 2, "date": dt.date(2027, 8, 1), "spent": 5_000.0, "note": ""}],
    }  # fmt: skip
    book = computed(Company("公司", 2027, dt.date(2027, 12, 31), rows=rows), {"plan_sprint_basis": basis})
    shown = [value(book, f"sprint_{name}", 3) for name in ("quotas", "actuals", "earned", "left")]
    assert shown == [3_000_000, actual, earned, earned - 5_000]
    assert value(book, "sprint_left", 2) == 0


def test_m22_m23_in_a_real_workbook() -> None:
    """A leaver, a joiner with the ramp, a changed quota with two sealed months: each has a quota of its own from January on, so that
    the company's total does not matter."""
    people = [
        {
            "id": p,
            "name": p,
            "level": "manager",
            "line": "direct",
            "region": "",
            "joined": joined,
            "left": left,
            "quota_weight": 1.0,
        }
        for p, joined, left in (
            ("A", dt.date(2020, 1, 1), dt.date(2027, 4, 30)),
            ("B", dt.date(2027, 7, 1), None),
            ("C", dt.date(2020, 1, 1), None),
        )
    ]
    changes = [
        {"person": p, "valid_from": dt.date(2027, month, 1), "quota": quota, "by": "S", "reason": "M22"}
        for p, month, quota in (("A", 1, 1e7), ("B", 1, 3e6), ("C", 1, 1e7), ("C", 3, 8e6))
    ]
    accounts = [
        {"person": "C", "month": month, "quota": quota, "statement": statement}
        for month, quota, statement in (("2027-03", 1.6e6, "final"), ("2027-04", 9e5, "paid"), ("2027-05", 9e5, "estimated"))
    ]
    rows = {
        "Regions": sample_company("zh").of("Regions"), "People": people, "Quotas": [{"person": p, "name": p} for p in "ABC"],
        "QuotaChanges": changes, "Accounts": accounts,
    }  # fmt: skip
    book = computed(Company("公司", 2027, dt.date(2027, 6, 30), rows=rows))
    months = [[value(book, "person_months", row, month) for month in range(12)] for row in range(3)]
    assert months[0] == [1_600_000, 800_000, 1_600_000, 900_000, *[0] * 8]
    assert months[1] == [*[0] * 6, 600_000, 600_000, 800_000, 300_000, 300_000, 400_000]
    assert months[2][:6] == [1_600_000, 800_000, 1_600_000, 900_000, 720_000, 960_000]
    assert value(book, "person_recorded", 2) == 8_980_000
    assert [value(book, "person_due", row) for row in range(3)] == [4_900_000, 0, 6_580_000]


def test_to_date_is_from_the_year_s_first_day_to_the_plan_s_day() -> None:
    """Last year's deals stand among this year's, July's cash among June's, when the plan looks at the end of June: regions and cash
    are told as the bookings are. Due by then 500,000, of which 300,000 came in June and 200,000 in July; and 600,000, of which 400,000
    came back: 300,000 of 700,000. Owed in all 200,000 and 200,000 and the deal due later; more than 30 days late are the two."""
    regions = sample_company("zh").of("Regions")
    east, south = (row["region"] for row in regions[:2])
    people = [{"id": "P1", "name": "P1", "level": "manager", "line": "direct", "region": east, "joined": dt.date(2020, 1, 1)}]
    deals = [
        {"id": f"D{n}", "date": day, "due": due, "region": region, "customer": "C1", "seller": "P1", "seller_share": 1.0,
         "revenue": revenue, "cost": 0.7 * revenue, "line": "eco", "collected": got}
        for n, (day, due, region, revenue, got) in enumerate(
            (
                (dt.date(2026, 12, 31), None, east, 9e6, 9e6),
                (dt.date(2026, 12, 31), None, "", 4e6, 4e6),
                (dt.date(2027, 1, 10), dt.date(2027, 4, 10), east, 5e5, 5e5),
                (dt.date(2027, 6, 1), dt.date(2027, 8, 1), south, 7e5, 1e5),
                (dt.date(2027, 7, 1), dt.date(2027, 8, 1), south, 3e6, 0.0),
                (dt.date(2027, 2, 1), dt.date(2027, 3, 1), east, 6e5, 0.0),
                (dt.date(2027, 4, 1), None, east, -4e5, 0.0),
            )
        )
    ]  # fmt: skip
    deals[-1]["original"] = deals[-2]["id"]
    cash = [
        {"deal": deal, "date": day, "amount": amount, "kind": "payment"}
        for deal, day, amount in (
            ("D2", dt.date(2027, 6, 30), 3e5),
            ("D2", dt.date(2027, 7, 1), 2e5),
            ("D3", dt.date(2027, 7, 2), 1e5),
        )
    ]
    rows = {"Regions": regions, "People": people, "Deals": deals, "Collections": cash}
    book = computed(Company("公司", 2027, dt.date(2027, 6, 30), rows=rows))
    assert value(book, "bookings") == 1.4e6 and value(book, "collected") == 3e5
    assert [value(book, "region_bookings", row) for row in range(2)] == [7e5, 7e5]
    drilled = [value(book, "cd_cells_booked", row) for row in range(4 * len(regions))]
    assert sum(cell for cell in drilled if isinstance(cell, float)) == 1.4e6
    judged = {row.key: row for row in register.read(FileBook(book.package).named(watches.LIST))}
    assert judged["cash.rate"].actual == pytest.approx(3e5 / 7e5) and judged["cash.rate"].amount == 4e5
    assert judged["cash.overdue"].actual == pytest.approx(4e5 / 11e5) and judged["cash.overdue"].amount == 4e5


@pytest.mark.parametrize(
    ("day", "share"),
    [
        (dt.date(2027, 1, 1), 0.0),  # New Year's Day: nobody is behind on a holiday
        (dt.date(2027, 5, 31), 1.0),
        (dt.date(2027, 5, 17), None),
    ],
)
def test_what_is_due_of_people_adds_up_to_the_plan_to_date(day: dt.date, share: float | None) -> None:
    """By working days, as the company's own: they are two figures of one page. P3 has gone on the 10th: ten days of May, all of them due."""
    people = [
        {
            "id": p,
            "name": p,
            "level": "manager",
            "line": "direct",
            "region": "",
            "joined": dt.date(2020, 1, 1),
            "quota_weight": 1.0,
        }
        for p in ("P1", "P2")
    ]
    rows = {
        "Regions": sample_company("zh").of("Regions"),
        "People": people,
        "Quotas": [{"person": p, "name": p} for p in ("P1", "P2")],
    }
    if share is None:
        people.append({**people[0], "id": "P3", "name": "P3", "left": dt.date(2027, 5, 10)})
        rows["Quotas"].append({"person": "P3", "name": "P3"})
    book = computed(Company("公司", 2027, day, rows=rows))
    due = [value(book, "person_due", row) for row in range(len(people))]
    if share is not None:
        assert sum(due) == pytest.approx(420e6 * value(book, "plan_share"), abs=2)
        assert value(book, "plan_share") == pytest.approx(share * 0.58, abs=1e-9)  # 16, 8, 16, 9, 9 of 100
        return
    months = [[value(book, "person_months", row, month) for month in range(12)] for row in range(3)]
    assert due[:2] == [pytest.approx(140e6 * value(book, "plan_share"), abs=2)] * 2
    assert months[2][4] == pytest.approx(months[0][4] * 10 / 31, abs=1) and due[2] == pytest.approx(sum(months[2]), abs=1)
