"""Chapters 1, 3, 5 to 9, 12: what must hold for any input, and the same figures by other ways than the functions take.

Published examples stand in tests/cases; here are identities, brute force and the standard library.
"""

from __future__ import annotations

import datetime as dt
import difflib
import itertools
import math
import random
import statistics
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import udfs
from udfs import duplicates
from udfs.calendar_cn import is_working_day
from udfs.codes import check_character, is_uscc
from udfs.duplicates import _scores, core_of, suffix_pattern
from udfs.graphs import ordered
from udfs.pipeline import curve
from udfs.policy import POLICIES, value
from udfs.prices import bands_of
from udfs.values import ExcelError
from workbook_templates.chapters.delivery import service

QUICK = settings(max_examples=40, deadline=None)
DAY = dt.date(2027, 3, 31)


def one(name: str, *cells: Any) -> Any:
    return udfs.call(name, *cells)[0][0]


def column(values: Any) -> list[list[Any]]:
    return [[value] for value in values]


# ------------------------------------------------------------------------------------------------------------- chapter 1

FIGURES = st.lists(st.one_of(st.none(), st.integers(-1000, 1000).map(lambda n: n / 10)), min_size=1, max_size=30)


@QUICK
@given(FIGURES, st.integers(2, 6), st.integers(0, 4))
def test_the_word_is_what_the_band_says(values: list[float | None], window: int, season: int) -> None:
    words = [row[0] for row in udfs.call("INDICATORALERT", column(values), window, 2, season)]
    bands = udfs.call("INDICATORBAND", column(values), window, 2, season)
    for at, (word, band) in enumerate(zip(words, bands, strict=True)):
        earlier = values[at - season] if season and at >= season else None
        if not isinstance(word, str) or isinstance(word, ExcelError):
            assert (word is None) == (values[at] is None) and band == [word] * 3
            continue
        shown = (values[at] or 0.0) - ((earlier or 0.0) if season else 0.0)
        mean, low, high = band
        slack = 1e-9 * max(1, abs(mean)) + 1e-12
        assert word == ("偏高" if shown > high + slack else "偏低" if shown < low - slack else "正常")
        assert mean - low == pytest.approx(high - mean, abs=1e-9)


@QUICK
@given(FIGURES, st.integers(2, 6), st.floats(0.5, 20), st.floats(-50, 50))
def test_an_alert_does_not_depend_on_the_unit(values: list[float | None], window: int, scale: float, shift: float) -> None:
    moved = [None if v is None else v * scale + shift for v in values]
    bands = udfs.call("INDICATORBAND", column(values), window)
    near = [
        b
        for v, b in zip(values, bands, strict=True)
        if v is not None and isinstance(b[0], float) and min(abs(v - b[1]), abs(v - b[2])) < 1e-6
    ]
    assume(not near)
    assert udfs.call("INDICATORALERT", column(values), window) == udfs.call("INDICATORALERT", column(moved), window)


def test_the_band_by_the_standard_library() -> None:
    values = [random.Random(3).gauss(50, 2) for _ in range(20)]
    for at, band in enumerate(udfs.call("INDICATORBAND", column(values))):
        if at >= 12:
            mean, s = statistics.fmean(values[at - 12 : at]), statistics.stdev(values[at - 12 : at])
            assert band == pytest.approx([mean, mean - 2 * s, mean + 2 * s])


@QUICK
@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=3, max_size=9, unique=True), st.booleans())
def test_no_point_of_a_grid_is_farther_than_the_white_space(points: list[tuple[int, int]], sized: bool) -> None:
    x, y = (np.array(axis, dtype=float) for axis in zip(*points, strict=True))
    size = np.arange(1.0, len(x) + 1) if sized else None
    found = udfs.call("WHITESPACE", [x.tolist()], [y.tolist()], None if size is None else [size.tolist()])
    assume(not isinstance(found[0][0], ExcelError))
    radii = np.zeros(len(x)) if size is None else 0.05 * np.sqrt(size / size.max())
    axes = [(a - a.min()) / np.ptp(a) for a in (x, y)]

    def nearest(px: Any, py: Any) -> Any:
        return (np.hypot(np.asarray(px)[..., None] - axes[0], np.asarray(py)[..., None] - axes[1]) - radii).min(axis=-1)

    at = [(found[0][k] - a.min()) / np.ptp(a) for k, a in enumerate((x, y))]
    assert nearest(at[0], at[1]) == pytest.approx(found[0][2], abs=1e-6)
    # Mixtures of three competitors lie in the hull.
    weights = np.random.default_rng(1).dirichlet([1, 1, 1], 400)
    for trio in itertools.islice(itertools.combinations(range(len(x)), 3), 30):
        inside = [weights @ a[list(trio)] for a in axes]
        assert nearest(*inside).max() <= found[0][2] + 1e-4


@QUICK
@given(st.floats(0.2, 0.95), st.floats(2015, 2030), st.floats(1.5, 6), st.integers(7, 15))
def test_a_curve_without_noise_is_found_again(ceiling: float, middle: float, pace: float, count: int) -> None:
    years = np.arange(2012, 2012 + 2 * count, 2.0)
    shares = ceiling / (1 + np.exp(-(years - middle) / pace))
    assume(shares.max() - shares.min() > 0.05)
    ahead = float(years[-1] + 3)
    row = udfs.call("ADOPTION", [years.tolist()], [shares.tolist()], [[ahead, ahead + 1]], min(1.0, ceiling))[0]
    truth = ceiling / (1 + math.exp(-(ahead - middle) / pace))
    assert row[1] == pytest.approx(truth, abs=1e-5) and row[2] <= row[1] <= row[3]


# ------------------------------------------------------------------------------------------------------------- chapter 3


@QUICK
@given(st.floats(1, 1e6), st.floats(0, 1.2), st.integers(0, 8))
def test_more_value_given_never_needs_a_higher_signature(base: float, share: float, points: int) -> None:
    rank = ["销售自主", "销售总监直批", "主管", "经理", "总监", "事业部总经理", "不予批准", "须附价值让渡清单"]
    routes = [rank.index(one("PRICEAPPROVAL", base, base * share, p)) for p in (points, points + 1)]
    assert routes[1] <= routes[0]


def test_the_worked_table_gives_what_the_policy_gives() -> None:
    table = bands_of(None)
    cells = [[None, *table.points], *([start, *row] for start, row in zip(table.begins, table.routes, strict=True))]
    for quoted, points in itertools.product((99, 98, 95, 90, 85, 84), (0, 1, 2, 3, 5)):
        assert one("PRICEAPPROVAL", 100, quoted, points) == one(
            "PRICEAPPROVAL", 100, quoted, points, None, None, None, None, cells
        )


@QUICK
@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=12), st.floats(1, 1e6), st.floats(0, 0.5))
def test_the_present_value_at_the_rate_of_return_is_nothing(benefits: list[float], investment: float, rate: float) -> None:
    gain, npv, irr, payback, discounted = udfs.call("SOLUTIONROI", investment, [benefits], len(benefits), rate)[0]
    flows = [-investment, *benefits]
    assert npv == pytest.approx(sum(f / (1 + rate) ** k for k, f in enumerate(flows)), abs=1e-6 * investment)
    assert sum(f / (1 + irr) ** k for k, f in enumerate(flows)) == pytest.approx(0, abs=1e-6 * max(map(abs, flows)))
    assert (gain >= 0) == isinstance(payback, float) or abs(gain) < 1e-9
    if isinstance(discounted, float) and not isinstance(discounted, ExcelError):
        assert payback <= discounted + 1e-9 and irr >= rate - 1e-9


@QUICK
@given(
    st.lists(st.tuples(st.integers(0, 11), st.integers(1, 9)), min_size=1, max_size=12, unique_by=lambda x: x[0]),
    st.integers(1, 4),
)
def test_a_quote_adds_up_and_more_engineers_are_no_slower(order: list[tuple[int, int]], engineers: int) -> None:
    library = [[f"M{k}", f"n{k}", 1000.5 * (k + 1), 600 * (k + 1), k + 1, f"M{k // 2}" if k else None, None] for k in range(12)]
    codes, quantities = column(f"M{k}" for k, _ in order), column(q for _, q in order)
    rows = udfs.call("FLEXQUOTE", codes, quantities, library, engineers)
    more = udfs.call("FLEXQUOTE", codes, quantities, library, engineers + 1)
    assert rows[-1][3] == pytest.approx(sum(r[3] for r in rows[:-1])) and rows[-1][4] == pytest.approx(
        sum(r[4] for r in rows[:-1])
    )
    assert more[-1][6] <= rows[-1][6] + 1e-9
    assert rows[-1][6] >= max(r[6] for r in rows[:-1]) - 1e-9


def test_a_case_is_most_like_itself_and_order_does_not_matter() -> None:
    cases = ["锂电工厂产线节拍慢", "光伏组件厂碳排管理缺数据", "高速公路机电设备停机多", "AGV 调度慢，仓储拥堵"]
    for at, case in enumerate(cases, 1):
        assert udfs.call("CASEMATCH", case, column(cases))[0][:3] == [1.0, float(at), pytest.approx(1.0)]
    turned = udfs.call("CASEMATCH", "仓储物流拥堵，产线慢", column(cases[::-1]))
    straight = udfs.call("CASEMATCH", "仓储物流拥堵，产线慢", column(cases))
    assert [(5 - r[1], r[2]) for r in turned] == [(r[1], pytest.approx(r[2])) for r in straight]


# ------------------------------------------------------------------------------------------------------- chapters 6 and 7


@QUICK
@given(st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 1)), st.integers(1, 60))
def test_the_calendar_has_every_day_once(start: dt.date, days: int) -> None:
    rows = udfs.call("ADCYCLE", start, days)
    assert [r[0] for r in rows] == [start + dt.timedelta(days=n) for n in range(days)]
    assert all((r[3] == "复盘") == (r[2] == 4) for r in rows)


TASKS = st.lists(st.tuples(st.integers(0, 5), st.sets(st.integers(0, 9), max_size=3)), min_size=1, max_size=8)


def network(tasks: list[tuple[int, set[int]]]) -> list[list[list[Any]]]:
    """Tasks that wait for earlier ones only, as columns."""
    names = [f"T{k}" for k in range(len(tasks))]
    before = ["、".join(names[k] for k in sorted(needs) if k < at) or None for at, (_, needs) in enumerate(tasks)]
    return [column(names), column(days for days, _ in tasks), column(before)]


@QUICK
@given(TASKS)
def test_the_schedule_is_the_longest_way(tasks: list[tuple[int, set[int]]]) -> None:
    rows = udfs.call("BACKSCHEDULE", *network(tasks), 0)
    length = [days for days, _ in tasks]
    ends: list[float] = []
    for at, (days, needs) in enumerate(tasks):
        ends.append(days + max((ends[k] for k in needs if k < at), default=0))
    assert [r[4] for r in rows] == ends
    assert max(r[2] for r in rows) == max(ends)
    assert all(r[5] == r[1] - r[3] == r[2] - r[4] >= 0 for r in rows)
    assert min(r[5] for r in rows) == 0 and all(r[6] == (r[5] == 0) for r in rows)
    assert [r[2] - r[1] for r in rows] == length


@QUICK
@given(TASKS, st.dates(dt.date(2026, 6, 1), dt.date(2026, 12, 20)))
def test_dates_keep_order_and_are_worked(tasks: list[tuple[int, set[int]]], due: dt.date) -> None:
    rows = udfs.call("BACKSCHEDULE", *network(tasks), due)
    worked = [day for n in range(90) if is_working_day(day := due - dt.timedelta(days=n))]
    assert max(r[2] for r in rows) == worked[0]
    for at, (days, needs) in enumerate(tasks):
        _, begin, finish, early, done, slack, _ = rows[at]
        assert all(is_working_day(day) for day in (begin, finish, early, done)) and slack >= 0
        if days:
            assert worked.index(begin) - worked.index(finish) == days - 1
        for k in needs:
            if k < at and days and tasks[k][0]:
                assert rows[k][2] < begin and rows[k][4] < early
    plain = udfs.call("BACKSCHEDULE", *network(tasks), 0)
    assert [r[5] for r in rows] == [r[5] for r in plain]


@QUICK
@given(st.dictionaries(st.integers(0, 7), st.lists(st.integers(0, 7), max_size=3), max_size=8))
def test_an_order_or_a_circle(graph: dict[int, list[int]]) -> None:
    needs = {node: [other for other in others if other in graph] for node, others in graph.items()}
    order, circle = ordered(needs)
    if circle:
        assert circle[0] == circle[-1] and all(b in needs[a] for a, b in itertools.pairwise(circle))
    else:
        assert sorted(order) == sorted(needs)
        assert all(order.index(other) < order.index(node) for node in needs for other in needs[node])


@QUICK
@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=16), st.data())
def test_the_check_character_tells_a_wrong_letter_and_a_swap(body: str, data: st.DataObject) -> None:
    """ISO 7064: every single substitution is found, and swapped neighbours (but for the one pair the pure system knows)."""
    right = check_character(body)
    at = data.draw(st.integers(0, len(body) - 1))
    other = data.draw(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))
    changed = body[:at] + other + body[at + 1 :]
    assert (check_character(changed) == right) == (changed == body)


def test_a_wrong_character_makes_a_credit_code_invalid() -> None:
    code = "91110000600037341L"
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    for at, letter in itertools.product(range(17), letters):
        if letter != code[at]:
            assert not is_uscc(code[:at] + letter + code[at + 1 :])


@QUICK
@given(st.lists(st.integers(0, 10), min_size=1, max_size=60), st.integers(0, 100))
def test_nps_is_bounded_and_its_interval_narrows_with_the_population(scores: list[int], more: int) -> None:
    points, count, valid, _, low, high = udfs.call("NPS", column(scores), len(scores) + more)[0]
    free = udfs.call("NPS", column(scores))[0]
    assert -100 <= points <= 100 and count == len(scores) and low <= points <= high
    assert high - low <= free[5] - free[4] + 1e-9 and valid == (len(scores) >= 0.3 * (len(scores) + more) - 1e-9)
    assert points == pytest.approx(-udfs.call("NPS", column([{9: 0, 10: 0, 7: 8, 8: 7}.get(s, 10) for s in scores]))[0][0])


def test_a_failure_date_by_scipy() -> None:
    from scipy.stats import linregress

    rng = np.random.default_rng(5)
    days = [dt.date(2027, 1, 1) + dt.timedelta(days=n) for n in range(20)]
    readings = 4 + 0.05 * np.arange(20) + rng.normal(0, 0.05, 20)
    fit = linregress(np.arange(20), readings, alternative="greater")
    when, earliest, slope, p, light = udfs.call("FAILUREDATE", column(days), column(readings.tolist()), 6, 14, 30, days[-1])[0]
    assert (slope, p) == pytest.approx((fit.slope, fit.pvalue))
    assert when == days[0] + dt.timedelta(days=math.floor((6 - fit.intercept) / fit.slope)) and earliest <= when and light == "绿"
    # Mirrored, a falling line reaches a lower limit on the same day.
    fallen = udfs.call("FAILUREDATE", column(days), column((-readings).tolist()), -6, 14, 30, days[-1])[0]
    assert fallen[:2] == [when, earliest] and fallen[2] == pytest.approx(-slope) and fallen[3:] == [pytest.approx(p), light]


@pytest.mark.parametrize(("limit", "light"), [(4.5, "红"), (3.9, "红"), (20, "绿")])
def test_a_rising_reading_over_its_limit_is_red(limit: float, light: str) -> None:
    days = [dt.date(2027, 3, 1) + dt.timedelta(days=n) for n in range(12)]
    rising = [4.0, 4.1, 4.05, 4.2, 4.3, 4.28, 4.41, 4.5, 4.47, 4.6, 4.66, 4.7]
    assert udfs.call("FAILUREDATE", column(days), column(rising), limit, 14, 30, days[-1])[0][4] == light


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("before", "after", "light"),
    [
        (7, 9, "红"),  # over its limit for longer than the window, where it came from the sound side
        (7, 7.5, "绿"),
        (9, 9, "绿"),  # it never was below: 8 may be a lower limit
        (9, 7, "红"),  # and then this is past it
    ],
)
def test_past_its_limit_a_sensor_stays_red(before: float, after: float, light: str, sign: int) -> None:
    """Chapters, 7: red where the last median is at or over the limit, however long it has been there."""
    rng = np.random.default_rng(3)
    readings = (np.repeat([before, after], [10, 40]) + rng.uniform(-0.05, 0.05, 50)) * sign
    days = [dt.date(2027, 1, 1) + dt.timedelta(days=n) for n in range(50)]
    assert udfs.call("FAILUREDATE", column(days), column(readings.tolist()), 8 * sign, 14, 30, days[-1])[0][4] == light


def test_what_is_at_its_limit_has_no_day_to_come() -> None:
    """A sensor that falls back from above its limit, and one whose last reading jumped over it: serviced today."""
    start = dt.datetime(2027, 1, 1, 8)
    back = [*(6 + 0.1 * n for n in range(60)), *(12 - 0.05 * n for n in range(30))]
    jumped = [*(7 + 0.01 * n for n in range(29)), 8.5]
    for readings in (back, jumped):
        rows = [{"time": start + dt.timedelta(days=n), "reading": reading} for n, reading in enumerate(readings)]
        found = service.warned({"limit": 8}, rows, rows[-1]["time"].date(), lambda key: POLICIES[key].value)
        assert (found.light, found.predicted, found.earliest) == ("red", None, None)


# ------------------------------------------------------------------------------------------------------------- chapter 8


def common(a: str, b: str) -> int:
    """The longest common subsequence by its definition."""
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, j in itertools.product(range(len(a)), range(len(b))):
        table[i + 1][j + 1] = table[i][j] + 1 if a[i] == b[j] else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


@QUICK
@given(st.lists(st.text("华瑞启明ab", min_size=1, max_size=70), min_size=2, max_size=6), st.booleans())
def test_scores_are_those_of_the_definition(cores: list[str], few_letters: bool) -> None:
    first, second = (np.array(side) for side in zip(*itertools.combinations(range(len(cores)), 2), strict=True))
    expected = [2 * common(cores[i], cores[j]) / (len(cores[i]) + len(cores[j])) for i, j in zip(first, second, strict=True)]
    with pytest.MonkeyPatch.context() as patch:
        if not few_letters:  # as with the thousands of characters of a long list: compared, not looked up
            patch.setattr(duplicates, "_LARGEST_TABLE", 0)
        assert _scores(cores, first, second).tolist() == pytest.approx(expected)


LEVELS = [0.0, 0.5, 0.8, 0.9, 1.0]
CUTS = st.integers(1, 12)


@QUICK
@given(
    st.text("abcdé", min_size=8, max_size=80), st.lists(st.tuples(st.integers(0, 79), CUTS), max_size=6), st.sampled_from(LEVELS)
)
def test_no_pair_is_lost_before_it_is_compared(tail: str, cuts: list[tuple[int, int]], threshold: float) -> None:
    """What is left out by lengths and letters alone is what the definition leaves out, too."""
    tails = [tail, *(tail[:at] + tail[at + length :] + tail[:at] for at, length in cuts)]
    names = [f"qx{tail}" for tail in tails]  # one block
    found = udfs.call("DUPLICATES", column(names), None, None, [[threshold]])
    expected = {
        (i + 1, j + 1)
        for (i, a), (j, b) in itertools.combinations(enumerate(map(plain, names)), 2)
        if 2 * common(a, b) / (len(a) + len(b)) >= threshold - 1e-12
        and (a == b or min(len(a), len(b)) > 2)  # shorter cores are compared whole
    }
    assert {(a, b) for a, b, *_ in found if a is not None} == expected


def plain(name: str) -> str:
    return core_of(name, "", suffix_pattern([str(suffix) for suffix in value("duplicates.suffixes")]))


def test_the_score_printed_by_rapidfuzz() -> None:
    """rapidfuzz README: ratio("this is a test", "this is a test!") = 96.55; difflib's ratio is the same here."""
    pair = ["this is a test", "this is a test!"]
    assert _scores(pair, np.array([0]), np.array([1]))[0] == pytest.approx(0.9655172413793104)
    assert difflib.SequenceMatcher(None, *pair).ratio() == pytest.approx(0.9655172413793104)


NAMES = st.text("苏州华瑞启明机械", min_size=2, max_size=6)


@QUICK
@given(st.lists(st.tuples(NAMES, st.sampled_from(["苏州", "上海", None])), min_size=1, max_size=12), st.randoms())
def test_duplicates_are_pairs_and_do_not_depend_on_the_order(rows: list[tuple[str, str | None]], dice: random.Random) -> None:
    found = udfs.call("DUPLICATES", column(n for n, _ in rows), None, column(c for _, c in rows))
    places = list(range(len(rows)))
    dice.shuffle(places)
    turned = udfs.call("DUPLICATES", column(rows[k][0] for k in places), None, column(rows[k][1] for k in places))

    def pairs(spill: Any, at: list[int]) -> list[Any]:
        return sorted((sorted((at[int(a) - 1], at[int(b) - 1])), round(s, 9), c, e) for a, b, s, c, e in spill if a is not None)

    assert pairs(found, list(range(len(rows)))) == pairs(turned, places)
    assert all(a < b and s + 1e-9 >= 0.8 for a, b, s, *_ in found if a is not None)
    # Every certain link joins two rows of one customer.
    distinct = len(rows) - udfs.call("UNIQUENESS", column(n for n, _ in rows), None, column(c for _, c in rows))[0][0] * len(rows)
    assert (distinct > 0) == any(c is True for *_, c, _ in found)


def test_places_signs_and_legal_forms_do_not_count() -> None:
    suffixes = suffix_pattern(["股份有限公司", "有限公司", "集团", "公司", "厂", "co ltd", "ltd"])
    same = ["江苏省苏州市华瑞机械有限公司", "华瑞机械（苏州）股份有限公司", "（江苏）华瑞·机械集团有限公司", " 苏州　华瑞机械厂"]
    assert {core_of(name, "苏州", suffixes) for name in same} == {"华瑞机械"}
    assert core_of("公司", "", suffixes) == "公司" and core_of("Bright Motion Co., Ltd.", "", suffixes) == "brightmotion"


@pytest.mark.slow
def test_fifty_thousand_names_are_matched_in_time() -> None:
    """The plan's chapters: 1.5 s on a quiet machine; processor time here, with room for a busy one."""
    dice = random.Random(1)
    han = [chr(code) for code in range(0x4E00, 0x4E00 + 1500)]
    names = ["".join(dice.choices(han, k=dice.choice([4, 5, 6, 8]))) for _ in range(45_000)]
    names += [name[:2] + dice.choice(han) + name[3:] for name in dice.sample(names, 5_000)]
    cells = column(f"苏州{name}有限公司" for name in names)
    begun = time.process_time()
    found = udfs.call("DUPLICATES", cells, None, column(["苏州"] * len(cells)))
    assert time.process_time() - begun < 4
    assert len(found) >= 2_000


HISTORY = st.lists(st.tuples(st.integers(1, 60), st.sampled_from([0, 1, 2])), min_size=1, max_size=25)


@QUICK
@given(HISTORY)
def test_won_lost_and_undecided_are_everybody(cases: list[tuple[int, int]]) -> None:
    times, kinds = [t for t, _ in cases], [k for _, k in cases]
    won, lost = curve(times, kinds), curve(times, [{1: 2, 2: 1}.get(k, 0) for k in kinds])
    undecided = won.undecided[-1] if len(won.undecided) else 1.0
    assert won.all_won + lost.all_won + undecided == pytest.approx(1)
    assert (np.diff(won.won) >= -1e-12).all() and (np.diff(won.undecided) <= 1e-12).all()
    if 0 not in kinds:
        assert won.all_won == pytest.approx(kinds.count(1) / len(kinds))


@QUICK
@given(HISTORY, st.integers(0, 80))
def test_later_facts_change_no_earlier_forecast(cases: list[tuple[int, int]], ago: int) -> None:
    start = DAY - dt.timedelta(days=90)
    words = {0: None, 1: "赢单", 2: "输单"}
    history = [[f"O{n}", "报价", start, start + dt.timedelta(days=t) if k else None, words[k]] for n, (t, k) in enumerate(cases)]
    as_of = DAY - dt.timedelta(days=ago)
    asked = [["X", "报价", start, 1000]]
    known = [[*row[:3], *(row[3:] if row[3] and row[3] <= as_of else (None, None))] for row in history]
    full, erased = udfs.call("CLOSEFORECAST", asked, history, as_of), udfs.call("CLOSEFORECAST", asked, known, as_of)
    assert full == erased
    assert 0 <= full[0][1] <= 1 and (full[0][2] is None or full[0][2] >= as_of)


@QUICK
@given(
    st.lists(
        st.tuples(st.dates(dt.date(2026, 6, 1), dt.date(2027, 6, 1)), st.booleans(), st.integers(-(10**6), 10**6)),
        min_size=1,
        max_size=20,
    )
)
def test_the_buckets_add_up_to_the_total(rows: list[tuple[dt.date, bool, int]]) -> None:
    paid = column(DAY if settled else None for _, settled, _ in rows)
    found = udfs.call("AGEING", column(due for due, _, _ in rows), paid, column(fen / 100 for *_, fen in rows), DAY)
    open_ = [fen for _, settled, fen in rows if not settled]
    assert found[-1][1] == sum(open_) / 100 and found[-1][3] == len(open_)
    assert round(sum(r[1] for r in found[:-1]) * 100) == sum(open_)


# ------------------------------------------------------------------------------------------------------- chapters 9 and 12

SCORE = st.integers(0, 100)


@QUICK
@given(SCORE, SCORE, SCORE, SCORE)
def test_a_better_score_never_gives_a_worse_grade(a: int, b: int, c: int, d: int) -> None:
    grades = ["AAA", "AA", "A", "B", "C"]
    now = grades.index(one("CREDITRATING", a, b, c, d))
    for better in ((a + 1, b, c, d), (a, b + 1, c, d), (a, b, c + 1, d), (a, b, c, d + 1)):
        if max(better) <= 100:
            assert grades.index(one("CREDITRATING", *better)) <= now


CODES = st.sampled_from(["3A001", "3a001.b", "5A002", "EAR99", "0A983", "9X999", ""])


@QUICK
@given(CODES, st.sampled_from(["8471", "854231", "9999", ""]), st.sampled_from(["X", "y", "Z", "W", "Q", ""]), st.booleans())
def test_an_export_is_free_only_where_every_table_says_so(eccn: str, hs: str, country: str, complete: bool) -> None:
    columns = {"3A001": ["NS2", "RS1"], "5A002": ["NS1"], "EAR99": [], "0A983": []}
    pairs = {("X", "NS2"): False, ("X", "RS1"): True, ("Y", "NS2"): False, ("Y", "RS1"): False, ("Z", "NS2"): False}
    controls = [[code, part] for code, parts in columns.items() for part in parts or [None]]
    countries = [[c, part, need, {"Z": "敏感"}.get(c)] for (c, part), need in pairs.items()] + [["W", None, None, "禁运"]]
    result, reasons, dual = udfs.call(
        "EXPORTCHECK", eccn, hs, country, controls, countries, [["8542", "是"], ["8471", "否"]], complete
    )[0]
    if isinstance(result, ExcelError):
        assert not (eccn or hs or country)
        return
    assert "不需要" not in result + reasons
    entry, place = eccn.upper()[:5], country.upper()
    free = (
        entry in columns and (columns[entry] or entry == "EAR99") and place in {"X", "Y", "Z"}
        and all(pairs.get((place, part)) is False for part in columns[entry])
        and (hs == "8471" or (complete and hs == "9999"))
    )  # fmt: skip
    assert (result == "表内未见需证") == bool(free)
    assert dual == (place in {"Z", "W"}) and (result == "禁止") == (place == "W")


@pytest.mark.parametrize(
    ("eccn", "hs", "free"),
    [
        ("3A001.b", "8471", True),  # a paragraph goes by its entry
        ("3A001.b.1", "84713000", True),
        ("3A0011", "8471", False),  # typing errors are no paragraphs
        ("EAR99X", "8471", False),
        ("EAR99", "8471", True),
        ("4A994", "8471", False),  # it has an entry with a column, and one without: the stricter counts
        ("5A991.a.1", "8471", False),  # 5A991.a asks for a licence, 5A991 does not
        ("5A991.b", "8471", True),
        ("5A991", "8471", False),  # which paragraph was not said
        ("3A001.b", "8471ABC", False),
        ("3A001.b", "84", False),  # 8471 asks for none, 8473 below the same heading does
        ("3A001.b", "8473", False),
    ],
)
def test_a_code_nobody_can_place_is_never_free(eccn: str, hs: str, free: bool) -> None:
    controls = [["3A001", "NS2"], ["EAR99", None], ["4A994", "NS2"], ["4A994", None], ["5A991", "NS2"], ["5A991.a", "RS1"]]
    countries = [["Y", "NS2", "否", "正常"], ["Y", "RS1", "是", "正常"]]
    result = one("EXPORTCHECK", eccn, hs, "Y", controls, countries, [["84", "否"], ["8471", "否"], ["8473", "是"]])
    assert (result == "表内未见需证") == free


@QUICK
@given(
    st.dates(dt.date(2027, 1, 1), dt.date(2027, 12, 31)),
    st.one_of(st.none(), st.dates(dt.date(2027, 1, 1), dt.date(2027, 12, 31))),
)
def test_a_milestone_and_a_delivery_agree_on_what_is_late(due: dt.date, done: dt.date | None) -> None:
    state, light = one("MILESTONESTATUS", due, done, DAY), one("DELIVERYLIGHT", due, done, DAY)
    finished = done is not None and done <= DAY
    assert (state in {"按期完成", "逾期完成"}) == finished
    assert (state in {"逾期", "逾期完成"}) == (light != "绿")
    if finished or due < DAY:
        assert udfs.call("ONTIMERATE", due, done, DAY)[0][0] == float(light == "绿")


def test_carbon_says_where_its_factors_come_from() -> None:
    found = udfs.call("CARBON", column(["高铁", "铁路货运"]), 10)
    assert [n.en for n in found.notes] == ["高铁: 0.0305, academic, China 2019", "铁路货运: 0.02779, UK DESNZ 2025, freight rail"]
