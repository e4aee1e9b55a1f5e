"""Month quotas: money-cases M22, M23, and what holds for anybody."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.dated import Dated
from udfs.policy import value
from workbook_templates.chapters.incentives.quota_months import by_group, month_quotas, of_year, year_weight

YEAR = 2027
WHOLE = [1_600_000, 800_000, 1_600_000, 900_000, 900_000, 1_200_000, 600_000, 600_000, 800_000, 300_000, 300_000, 400_000]
RAMP = (0.25, 0.5, 0.75)


class With:
    """The plan's policies with some of them changed, from a day on."""

    def __init__(self, *changes: tuple[str, dt.date, Any]) -> None:
        self.changes = changes

    def at(self, key: str, day: dt.date) -> Any:
        held = [new for name, since, new in self.changes if name == key and since <= day]
        return held[-1] if held else value(key, day)


RAMPED = With(("quota.ramp", dt.date.min, RAMP))


def person(joined: dt.date | None = dt.date(2026, 1, 1), left: dt.date | None = None, **more: Any) -> dict[str, Any]:
    return {"id": "A", "joined": joined, "left": left, "quota_weight": 1.0, **more}


def months(quota: float, row: dict[str, Any], **more: Any) -> list[float]:
    found = month_quotas(YEAR, {"A": quota}, [row], **more)
    return [found["A", f"2027-{month:02}"] for month in range(1, 13)]


def change(since: dt.date, quota: float) -> dict[str, Any]:
    return {"person": "A", "valid_from": since, "quota": quota}


def sealed(month: str, quota: float | None, statement: str = "final") -> dict[str, Any]:
    return {"person": "A", "month": month, "quota": quota, "statement": statement}


def test_m22_a_leaver_keeps_the_months_before_and_none_after() -> None:
    assert months(10_000_000, person(left=dt.date(2027, 4, 30))) == [1_600_000, 800_000, 1_600_000, 900_000, *[0] * 8]
    assert months(10_000_000, person()) == WHOLE


def test_m22_a_joiners_quota_stands_in_the_months_employed_and_the_ramp_is_not_made_up_later() -> None:
    joiner = person(joined=dt.date(2027, 7, 1))
    assert months(3_000_000, joiner) == [*[0] * 6, 600_000, 600_000, 800_000, 300_000, 300_000, 400_000]
    ramped = months(3_000_000, joiner, policies=RAMPED)
    assert ramped == [*[0] * 6, 150_000, 300_000, 600_000, 300_000, 300_000, 400_000]


def test_m22_a_transfer_moves_months_and_not_history() -> None:
    found = month_quotas(YEAR, {"A": 1_000_000}, [person()])
    lines = by_group(found, Dated({"A": "1"}, [("A", dt.date(2027, 5, 1), "2")]), [person()], YEAR)
    assert sum(lines["1", f"2027-{m:02}"] for m in range(1, 13)) == 490_000
    assert [lines["1", f"2027-{m:02}"] for m in range(5, 13)] == [0] * 8
    assert sum(lines["2", f"2027-{m:02}"] for m in range(1, 13)) == 510_000
    assert of_year(found, "A", YEAR) == 1_000_000


def test_m23_a_changed_quota_counts_from_its_day_and_sealed_months_keep_theirs() -> None:
    accounts = [sealed(f"2027-{month:02}", WHOLE[month - 1]) for month in range(1, 5)]
    accounts.append(sealed("2027-05", 900_000, "estimated"))  # open: written by the last commission, kept by nobody
    dated = [change(dt.date(2027, 3, 1), 8_000_000)]
    found = months(10_000_000, person(), changes=dated, accounts=accounts)
    assert found == [
        1_600_000,
        800_000,
        1_600_000,
        900_000,
        720_000,
        960_000,
        480_000,
        480_000,
        640_000,
        240_000,
        240_000,
        320_000,
    ]
    assert sum(found) == 8_980_000 and sum(found[:6]) == 6_580_000
    unsealed = months(10_000_000, person(), changes=dated)
    assert unsealed[:5] == [1_600_000, 800_000, 1_280_000, 720_000, 720_000]


def test_a_month_partly_employed_is_by_calendar_days() -> None:
    """Leaving on 04-15 leaves half of April's 900,000. A joiner of 07-17 has 15 of July's 31 days."""
    assert months(10_000_000, person(left=dt.date(2027, 4, 15)))[3] == 450_000
    joiner = months(3_000_000, person(joined=dt.date(2027, 7, 17)))
    weights = [0.06 * 15 / 31, 0.06, 0.08, 0.03, 0.03, 0.04]
    assert joiner[6:] == pytest.approx([3_000_000 * w / sum(weights) for w in weights], abs=1) and sum(joiner) == 3_000_000
    # Who joins and leaves in one month: the days of those that joining left over.
    both = months(3_100_000, person(joined=dt.date(2027, 12, 1), left=dt.date(2027, 12, 10)))
    assert both == [*[0] * 11, 1_000_000]


def test_a_quota_changed_inside_a_month_is_by_calendar_days() -> None:
    april = months(10_000_000, person(), changes=[change(dt.date(2027, 4, 16), 8_000_000)])[3]
    assert april == 450_000 + 360_000


def test_the_ramp_is_that_of_the_months_first_day() -> None:
    later = With(("quota.ramp", dt.date(2027, 8, 1), RAMP))
    assert months(3_000_000, person(joined=dt.date(2027, 7, 1)), policies=later)[6:9] == [600_000, 300_000, 600_000]


def test_who_joined_last_year_goes_on_with_the_ramp_and_an_unknown_day_of_joining_has_none() -> None:
    assert months(10_000_000, person(joined=dt.date(2026, 12, 20)), policies=RAMPED)[:3] == [800_000, 600_000, 1_600_000]
    assert months(10_000_000, person(joined=None), policies=RAMPED) == WHOLE


def test_a_changed_quota_gives_one_to_somebody_without() -> None:
    found = month_quotas(YEAR, {}, [person()], [change(dt.date(2027, 10, 1), 1_000_000)])
    assert [found["A", f"2027-{m:02}"] for m in (9, 10, 11, 12)] == [0, 30_000, 30_000, 40_000]
    assert month_quotas(YEAR, {}, [person()]) == {}


def test_leaving_re_weighs_nothing() -> None:
    assert year_weight(person(left=dt.date(2027, 4, 30)), YEAR) == year_weight(person(), YEAR) == 1.0
    assert year_weight(person(left=dt.date(2026, 12, 31)), YEAR) == 0.0
    assert year_weight(person(joined=dt.date(2027, 7, 1)), YEAR) == 0.5041


DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2028, 2, 1))


@given(st.integers(0, 10**11), DAYS)
def test_months_add_up_to_the_year_for_whoever_stays(quota: int, joined: dt.date) -> None:
    found = months(quota / 1, person(joined=joined))
    assert sum(found) == (quota if joined.year <= YEAR else 0)
    assert all(month == int(month) for month in found)


@given(st.integers(0, 10**10), DAYS, DAYS, st.lists(st.tuples(DAYS, st.integers(0, 10**9)), max_size=3))
def test_leaving_changes_no_month_before(quota: int, joined: dt.date, left: dt.date, changed: list[tuple[dt.date, int]]) -> None:
    rows = [change(day, float(amount)) for day, amount in changed]
    stays, leaves = (months(float(quota), person(joined, day), changes=rows, policies=RAMPED) for day in (None, left))
    last = 12 if left.year > YEAR else left.month - 1 if left.year == YEAR else 0
    assert leaves[:last] == stays[:last] and not any(leaves[last + 1 :])


@given(st.integers(0, 10**9), DAYS, DAYS, st.lists(st.tuples(DAYS, st.sampled_from("XYZ")), max_size=4))
def test_groups_carry_all_of_every_month(quota: int, joined: dt.date, left: dt.date, moves: list[tuple[dt.date, str]]) -> None:
    row = person(joined, left)
    found = month_quotas(YEAR, {"A": float(quota)}, [row])
    groups = by_group(found, Dated({"A": "X"}, [("A", *move) for move in moves]), [row], YEAR)
    for month in range(1, 13):
        carried = sum(part for (_, at), part in groups.items() if at == f"2027-{month:02}")
        assert carried == found["A", f"2027-{month:02}"]
