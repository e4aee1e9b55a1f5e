"""What must hold of incentives for any input: money adds up, order does not matter, borders and notes.

Examples stand in cases/.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_FLOOR, Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import udfs
from udfs import policy, values
from udfs.values import ExcelError

call = udfs.call
FEN = st.integers(-(10**14), 10**14).map(lambda fen: fen / 100)  # up to 1e12 yuan with its fen
EARNED = st.lists(st.integers(-500_000, 5_000_000).map(lambda fen: fen / 100), min_size=1, max_size=24)
DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2060, 12, 31))


def column(cells: Any) -> list[list[Any]]:
    return [[cell] for cell in cells]


def dec(cell: float) -> Decimal:
    return Decimal(repr(cell))


def total(cells: Any) -> Decimal:
    return sum((dec(cell) for cell in cells), Decimal(0))


def shares_of(parts: list[int]) -> list[float]:
    """Whole basis points that add to 1."""
    last = 10000 - sum(parts)
    assume(last >= 0)
    return [part / 10000 for part in [*parts, last]]


# ------------------------------------------------------------------------------------------------------------ credit split


@given(FEN, st.lists(st.integers(0, 3000), min_size=1, max_size=8).map(shares_of))
def test_credit_adds_up_and_stays_within_a_fen_of_its_share(amount: float, shares: list[float]) -> None:
    parts = [row[0] for row in call("SPLITCREDIT", amount, column(shares))]
    assert total(parts) == dec(amount)
    assert all(abs(dec(part) - dec(amount) * dec(share)) < Decimal("0.01") for part, share in zip(parts, shares, strict=True))
    assert all(dec(part) * 100 % 1 == 0 for part in parts)


@given(FEN, st.integers(2, 12))
def test_thirds_and_their_kin_are_equal_parts(amount: float, n: int) -> None:
    """1/n given to the hundredth of a percent, as fractions and as percent numbers: equal to a fen, larger ones first."""
    for share in (round(1 / n, 4), round(100 / n, 2)):
        parts = call("SPLITCREDIT", amount, [share] * n)[0]
        assert total(parts) == dec(amount)
        sizes = [abs(dec(part)) for part in parts]
        assert sizes == sorted(sizes, reverse=True) and sizes[0] - sizes[-1] <= Decimal("0.01")


@given(FEN, st.lists(st.integers(0, 3000), min_size=1, max_size=5).map(shares_of), st.integers(0, 10000))
def test_overlay_credit_is_on_top(amount: float, shares: list[float], overlay: int) -> None:
    ticks = [False] * len(shares) + [True]
    parts = call("SPLITCREDIT", amount, [*shares, overlay / 10000], ticks)[0]
    assert parts[:-1] == call("SPLITCREDIT", amount, shares)[0]
    assert abs(dec(parts[-1]) - dec(amount) * overlay / 10000) <= Decimal("0.005")


def test_a_split_says_what_it_did_to_the_shares() -> None:
    assert "99.99%" in call("SPLITCREDIT", 100, [33.33] * 3).notes[0].zh
    assert "99.99%" in call("SPLITCREDIT", 100, [0.3333] * 3).notes[0].en
    assert "120,000" in call("SPLITCREDIT", 100000, [0.5, 0.5, 0.2], [0, 0, 1]).notes[0].zh
    assert call("SPLITCREDIT", 100, [0.5, 0.5]).notes == []
    assert call("SPLITCREDIT", 100, [1 / 3] * 3).notes == []


@pytest.mark.parametrize(
    ("shares", "words"), [([0.35, 0.6], ("5%", "少")), ([0.5, 0.6], ("10%", "多")), ([35, 65.5], ("65.5%", "0.655"))]
)
def test_refused_shares_say_by_how_much_or_how_to_write_them(shares: list[float], words: tuple[str, ...]) -> None:
    reason = call("SPLITCREDIT", 100, shares)[0][0].reason.zh
    assert all(word in reason for word in words)


# ------------------------------------------------------------------------------------------------------- release, clawback


@given(st.integers(0, 10**9), st.integers(1, 10**11), st.integers(0, 100), st.integers(0, 1000))
def test_release_grows_with_cash_and_ends_at_the_commission(fen: int, invoice: int, percent: int, retention: int) -> None:
    paid = [invoice * p / 10000 for p in (0, percent, 100 - percent // 2, 100)]
    amounts = [row[0] for row in call("RELEASED", fen / 100, invoice / 100, column(sorted(paid)), retention / 1000)]
    assert amounts == sorted(amounts) and amounts[0] == 0 and amounts[-1] == fen / 100
    mirrored = call("RELEASED", -fen / 100, -invoice / 100, column(-p for p in sorted(paid)), retention / 1000)
    assert [-row[0] for row in mirrored] == amounts


@given(st.integers(0, 10**9), st.integers(1, 10**11), st.lists(st.integers(0, 100), min_size=2, max_size=6))
def test_clawback_grows_with_returns_and_takes_back_no_more_than_was_paid(fen: int, order: int, percents: list[int]) -> None:
    returned = [order * p / 10000 for p in sorted([*percents, 100])]
    back = [row[0] for row in call("CLAWBACK", fen / 100, order / 100, column(returned))]
    assert back == sorted(back) and back[-1] == fen / 100


# -------------------------------------------------------------------------------------------------------------------- draw


@given(EARNED, st.integers(0, 1_000_000), st.sampled_from(["recoverable", "recoverable_first"]), st.integers(0, 10**6))
def test_recoverable_draw_pays_what_is_earned_and_owed(earned: list[float], draw: int, kind: str, opening: int) -> None:
    rows = call("DRAW", column(earned), draw / 100, kind, opening / 100)
    assert all(paid >= draw / 100 and debt >= 0 for paid, _, debt in rows)
    assert all(dec(paid) - dec(e) == dec(adjusted) for (paid, adjusted, _), e in zip(rows, earned, strict=True))
    assert total(row[0] for row in rows) - total(earned) == dec(rows[-1][2]) - dec(opening / 100)
    assert rows == call("DRAW", column(earned), draw / 100, "recoverable", opening / 100)


@given(EARNED, st.integers(0, 1_000_000), st.integers(0, 10**6))
def test_nonrecoverable_draw_owes_nothing_new(earned: list[float], draw: int, opening: int) -> None:
    rows = call("DRAW", column(earned), draw / 100, "nonrecoverable", opening / 100)
    assert [row[0] for row in rows] == [max(e, draw / 100) for e in earned]
    assert {row[2] for row in rows} == {opening / 100}


@given(EARNED, st.integers(0, 1_000_000), st.integers(0, 10**6))
def test_advance_pays_what_is_earned_and_the_last_draw(earned: list[float], draw: int, opening: int) -> None:
    rows = call("DRAW", column(earned), draw / 100, "advance", opening / 100)
    assert total(row[0] for row in rows) == total(earned) + dec(draw / 100) - dec(opening / 100)
    assert {row[2] for row in rows} == {draw / 100}


LIMITS = st.one_of(st.none(), st.integers(0, 500_000).map(lambda fen: fen / 100))


@given(EARNED, st.integers(0, 1_000_000), st.integers(0, 10**6), st.integers(1, 12), LIMITS, st.integers(0, 6))
def test_delayed_draw_keeps_its_promises(
    earned: list[float], draw: int, opening: int, start: int, most: float | None, before: int
) -> None:
    """Never below the draw, no recovery before month n nor above m a month, and every yuan is paid or owed (money.md 7)."""
    assume(draw)
    rows = call("DRAW", column(earned), draw / 100, "delayed", opening / 100, start, most, before)
    debts = [opening / 100, *(row[2] for row in rows)]
    for month, ((paid, adjusted, debt), gained, owed) in enumerate(zip(rows, earned, debts, strict=False), before + 1):
        recovered = max(dec(owed) - dec(debt), Decimal(0))
        assert paid >= draw / 100 and dec(paid) - dec(gained) == dec(adjusted) == dec(debt) - dec(owed)
        assert recovered == 0 if month < start else most is None or recovered <= dec(most)


@given(EARNED, st.integers(0, 1_000_000), st.integers(0, 10**6))
def test_delayed_from_the_first_month_without_limit_is_recoverable(earned: list[float], draw: int, opening: int) -> None:
    assert call("DRAW", column(earned), draw / 100, "delayed", opening / 100, 1) == call(
        "DRAW", column(earned), draw / 100, "recoverable", opening / 100
    )


KINDS = st.sampled_from(["recoverable", "recoverable_first", "nonrecoverable", "advance", "delayed"])


@given(st.data(), EARNED, KINDS, st.integers(-(10**6), 10**6), st.integers(0, 10**6))
def test_a_carried_account_adds_up_and_months_can_be_taken_one_by_one(
    data: Any, earned: list[float], kind: str, carry: int, opening: int
) -> None:
    """money.md 1: carry + earned + bonus + change of the debt = paid + carried; pay is never negative. In any cut of the months."""
    draws = [data.draw(st.integers(0, 500_000)) / 100 for _ in earned]
    bonuses = [data.draw(st.integers(0, 300_000)) / 100 for _ in earned]
    before = data.draw(st.integers(1, 3))
    rows = call("DRAW", column(earned), column(draws), kind, opening / 100, 3, 800, before, carry / 100, column(bonuses))
    carried, owed = carry / 100, opening / 100
    for month, (gained, draw, bonus, row) in enumerate(zip(earned, draws, bonuses, rows, strict=True)):
        alone = call("DRAW", gained, draw, kind, owed, 3, 800, before + month, carried, bonus)
        assert alone == [row]
        paid, adjusted, debt, left = row
        assert paid >= 0 >= left and dec(adjusted) == dec(paid) - dec(gained) - dec(bonus)
        if kind != "nonrecoverable":
            assert total([carried, gained, bonus]) + dec(debt) - dec(owed) == dec(paid) + dec(left)
        carried, owed = left, debt


def test_draw_says_what_it_left_aside() -> None:
    assert "recover_most" in call("DRAW", 100, 200, "recoverable", 0, 2, 5).notes[0].zh
    assert call("DRAW", 100, 200, "delayed", 0, 2, 5).notes == []


# -------------------------------------------------------------------------------------------------------------- profit pool


POINTS = st.integers(0, 1000).map(lambda tenths: tenths / 10)
PERSON = st.tuples(POINTS, POINTS, POINTS, st.booleans())


def pool(margin: float, group: list[tuple[float, float, float, bool]], names: list[str], scope: str = "each") -> Any:
    columns = [column(c) for c in zip(*group, strict=True)]
    return call("PROFITPOOL", margin, column(names), *columns, None, None, None, scope)


@given(
    st.integers(0, 10**14).map(lambda fen: fen / 100),
    st.lists(PERSON, min_size=1, max_size=12),
    st.sampled_from(["each", "all"]),
)
def test_pool_is_paid_in_full_within_the_cap_or_says_what_is_left(margin: float, group: list[Any], scope: str) -> None:
    names = [f"P{i}" for i in range(len(group))]
    result = pool(margin, group, names, scope)
    paid = [row[2] for row in result]
    whole = dec(float(np.asarray(values.excel_round(margin * 0.01))))
    cap = (whole * Decimal("0.3")).quantize(Decimal("0.01"), ROUND_FLOOR)
    directors = [dec(amount) for amount, person in zip(paid, group, strict=True) if person[3]]
    assert all(amount <= cap for amount in (directors if scope == "each" else [sum(directors, Decimal(0))]))
    left = whole - total(paid)
    assert left >= 0
    if left:  # everybody who could take it is a director, or nobody has points
        assert all(person[3] or not any(person[:3]) for person in group)
        assert any("未分配" in said.zh for said in result.notes)
    assert all(amount == 0 for amount, person in zip(paid, group, strict=True) if not any(person[:3]))


@given(st.lists(PERSON, min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_order_of_people_does_not_matter(group: list[Any], random: Any) -> None:
    """Only a tie about the last fen may go to another person."""
    order = list(range(len(group)))
    random.shuffle(order)
    first = pool(1234567.89, group, [f"P{i}" for i in range(len(group))])
    second = pool(1234567.89, [group[i] for i in order], [f"P{i}" for i in order])
    for place, i in enumerate(order):
        assert second[place][:2] == pytest.approx(first[i][:2], abs=1e-12)
        assert abs(second[place][2] - first[i][2]) < 0.0101


def test_pool_notes_name_the_dimension_the_director_and_the_rest() -> None:
    notes = " ".join(said.zh for said in pool(1e7, [(1, 0, 1, True), (1, 0, 1, True)], ["甲", "乙"]).notes)
    assert all(word in notes for word in ("客户成功合计为 0", "甲", "乙", "未分配 40,000 元"))


# --------------------------------------------------------------------------------------------------------- phantom equity


def anniversary(day: dt.date, years: int) -> dt.date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


@given(DAYS, st.integers(0, 5), st.integers(-1, 1), st.integers(1, 6))
def test_a_part_vests_on_each_anniversary_and_not_a_day_before(granted: dt.date, year: int, off: int, years: int) -> None:
    as_of = anniversary(granted, year) + dt.timedelta(days=off)
    full = max(min(year - (off < 0), years), 0)
    assert call("VESTED", 1200, granted, as_of, None, years)[0][0] == pytest.approx(1200 * full / years)


@given(DAYS, st.integers(0, 4000), st.integers(1, 6), st.integers(0, 40))
def test_a_schedule_of_equal_years_is_the_plans_own(granted: dt.date, days: int, years: int, cliff: int) -> None:
    as_of = granted + dt.timedelta(days=days)
    schedule = [[12 * year for year in range(1, years + 1)]]
    plain = call("VESTED", 1200, granted, as_of, None, years, None, None, None, cliff)[0][0]
    assert call("VESTED", 1200, granted, as_of, None, None, None, schedule, None, cliff)[0][0] == pytest.approx(plain)
    reached = call("VESTED", 1200, granted, as_of, None, None, None, [[max(cliff, 1)]])[0][0] or not cliff
    without = call("VESTED", 1200, granted, as_of, None, years)[0][0]
    assert plain == (without if reached else 0.0)


@given(DAYS, st.lists(st.tuples(st.integers(1, 12), st.integers(1, 9)), min_size=1, max_size=10), st.integers(0, 130))
def test_a_schedule_vests_month_by_month_and_all_in_the_end(granted: dt.date, steps: list[Any], month: int) -> None:
    months = list(np.cumsum([gap for gap, _ in steps]).tolist())
    whole = sum(part for _, part in steps)
    shares = [part / whole for _, part in steps]
    year, at = divmod(granted.month - 1 + month, 12)
    last = (dt.date(granted.year + year + (at == 11), (at + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
    day = dt.date(granted.year + year, at + 1, min(granted.day, last))  # the month's day, or its last
    seen = [row[0] for row in call("VESTED", 1000, granted, column([day - dt.timedelta(days=1), day]), None, None, None, [months], [shares])]  # fmt: skip
    for vested, full in zip(seen, (month - 1, month), strict=True):
        assert vested == pytest.approx(1000 * sum(s for m, s in zip(months, shares, strict=True) if m <= full))


@given(DAYS, st.integers(0, 3000), st.integers(0, 3000))
def test_leaving_stops_vesting_or_lapses_all(granted: dt.date, left: int, seen: int) -> None:
    left_on, as_of = granted + dt.timedelta(days=left), granted + dt.timedelta(days=seen)
    stopped = call("VESTED", 1000, granted, min(left_on, as_of))
    assert call("VESTED", 1000, granted, as_of, left_on) == stopped
    assert call("VESTED", 1000, granted, as_of, left_on, None, "all") == ([[0.0]] if left_on < as_of else stopped)


# -------------------------------------------------------------------------------------------------- sprint, tax, rate tables


@given(st.integers(1, 10**12))  # a fen of 10^11 yuan is 1e-13 of it: compared as decimals, not within a tolerance
def test_sprint_bonus_is_due_at_110_percent_and_not_a_fen_below(tens: int) -> None:
    quota, border = tens / 10, tens * 11 / 100  # whole fen, and 110% of the quota as a decimal
    due, below = call("SPRINTBONUS", quota, [[border], [round(border - 0.01, 2)]])
    assert due[0] == pytest.approx(quota * 0.002, abs=0.0051)
    assert below == [0.0]


def test_tax_note_says_where_more_is_less() -> None:
    def net(bonus: float) -> float:
        return bonus - call("YEARENDTAX", bonus, "2027-06-30")[0][0]

    said = call("YEARENDTAX", [[36000.01], [50000]], "2027-06-30").notes
    assert len(said) == 1 and "36,000" in said[0].zh and "38,566.67" in said[0].zh
    assert net(38566.66) < net(36000) <= net(38566.67) + 0.005
    assert call("YEARENDTAX", [[36000], [38566.67], [143999]], "2027-06-30").notes == []


def test_tax_follows_the_clock_when_no_day_is_given() -> None:
    policy.set_today(dt.date(2028, 1, 1))
    error = call("YEARENDTAX", 36000)[0][0]
    assert error == "#N/A" and "2027-12-31" in error.reason.zh and "2027-12-31" in error.reason.en
    policy.set_today(dt.date(2027, 12, 31))
    assert call("YEARENDTAX", 36000) == [[1080.0]]


TIERS = st.lists(
    st.tuples(
        st.sampled_from(["2027-01-01", "2027-07-01", "2028-01-01"]), st.sampled_from([None, "甲", "乙"]), st.integers(0, 5)
    ),
    min_size=1,
    max_size=20,
    unique=True,
)


@given(TIERS, st.randoms(use_true_random=False), st.sampled_from([None, "甲", "丙"]))
def test_rows_of_a_rate_table_stand_in_any_order(tiers: list[Any], random: Any, level: str | None) -> None:
    rows = [[since, key, threshold, i] for i, (since, key, threshold) in enumerate(tiers)]
    mixed = random.sample(rows, len(rows))
    headed = [["生效日", "级别", "下限", "比例"], *mixed, [None] * 4]
    found = call("RATETABLE", headed, "2027-12-31", level)
    assert found == call("RATETABLE", rows, "2027-12-31", level)
    if not isinstance(found[0][0], ExcelError):
        own = [row for row in rows if row[1] == level and row[0] <= "2027-12-31"]
        general = [row for row in rows if row[1] is None and row[0] <= "2027-12-31"]
        chosen = own or general
        latest = max(row[0] for row in chosen)
        assert found == [[float(t), float(r)] for since, _, t, r in sorted(chosen, key=lambda row: row[2]) if since == latest]


CELL = st.sampled_from([None, "甲", "乙"])
RULES = st.lists(st.tuples(st.sampled_from(["2027-01-01", "2027-07-01"]), CELL, CELL), min_size=1, max_size=12, unique=True)


@given(RULES, st.tuples(CELL, CELL), st.sampled_from(["first", "specific", None]))
def test_one_rule_of_several_conditions_decides(rules: list[Any], asked: tuple[Any, Any], match: str | None) -> None:
    """First match: of the rules that fit, the one whose conditions stand first in the table; specific: with most conditions."""
    rows = [[since, *keys, 0, i] for i, (since, *keys) in enumerate(rules)]
    fitting = [
        row for row in rows if row[0] <= "2027-06-30" and all(k in (None, a) for k, a in zip(row[1:3], asked, strict=True))
    ]
    found = call("RATETABLE", rows, "2027-06-30", [list(asked)], match)
    if not fitting:
        assert found == [["#N/A"]]
        return
    wanted = fitting[0] if match != "specific" else min(fitting, key=lambda row: (row[1:3].count(None), row[4]))
    assert found == [[0.0, float(wanted[4])]]


def test_a_rate_table_says_from_when_and_for_whom_it_has_rates() -> None:
    table = [["2027-01-01", "经理", 0, 0.06], ["2027-01-01", "总监", 0, 0.08]]
    early, unknown = call("RATETABLE", table, "2026-12-31", "经理")[0][0], call("RATETABLE", table, "2027-02-01", "主管")[0][0]
    assert "2027-01-01" in early.reason.zh and "2027-01-01" in early.reason.en
    assert all(word in unknown.reason.zh for word in ("主管", "经理、总监"))
    general = call("RATETABLE", [*table, ["2027-01-01", None, 0, 0.03]], "2027-02-01", "主管")
    assert general == [[0.0, 0.03]] and "主管" in general.notes[0].zh


def test_reason_of_an_error_in_a_rate_table_travels_on() -> None:
    first = call("COMMISSION", "abc", 0.3)[0][0]
    second = call("RATETABLE", [["2027-01-01", 0, first]], "2027-02-01")[0][0]
    assert second == "#VALUE!" and "abc" in second.reason.zh and "第 1 行" in second.reason.zh


@settings(max_examples=20)
@given(st.lists(st.integers(0, 10**10), min_size=1, max_size=30))
def test_cost_of_the_plan_is_the_sum_of_commissions(quotas: list[int]) -> None:
    paid = call("COMMISSION", column(q * 0.8 for q in quotas), 0.22)
    row = call("PLANCOST", column(quotas), 0.22, 0.8, 1000)[0]
    assert dec(row[2]) == total(r[0] for r in paid)
    assert dec(row[4]) == 1000 - dec(row[2])


def test_many_rows_are_array_arithmetic() -> None:
    """A hundred thousand cells go through each of them and come out as plain floats (benchmarks/ has the speed of a million)."""
    amounts = np.linspace(1, 1e6, 100_000).reshape(-1, 1)
    for name, arguments in (
        ("RELEASED", (amounts, 2e6, amounts)),
        ("CLAWBACK", (amounts, 2e6, amounts)),
        ("SPRINTBONUS", (amounts, amounts)),
        ("YEARENDTAX", (amounts, "2027-06-30")),
    ):
        rows = call(name, *arguments)
        assert len(rows) == 100_000 and isinstance(rows[0][0], float)
