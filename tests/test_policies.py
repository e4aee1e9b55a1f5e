"""The policy day by day: what Settings say, what a change says from its day on, and what can't be read."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from udfs.policy import POLICIES
from workbook_templates.answers import Refused
from workbook_templates.tables import policies
from workbook_templates.tables.policies import Change, NoSuchValue, Policies, changes_of, key_named, plain, read, written

APRIL, JULY = dt.date(2027, 4, 16), dt.date(2027, 7, 1)


def test_a_day_has_the_value_of_the_last_change_before_it() -> None:
    of = Policies(
        {"commission.rates": [0.03, 0.05, 0.08]},
        [Change("commission.rates", JULY, [0.02, 0.04, 0.06]), Change("commission.rates", APRIL, [0.04, 0.06, 0.09])],
    )
    days = (dt.date(2026, 12, 1), dt.date(2027, 4, 15), APRIL, dt.date(2027, 6, 30), JULY, None)
    assert [of.at("commission.rates", day)[0] for day in days] == [0.03, 0.03, 0.04, 0.04, 0.02, 0.02]
    assert [c.day for c in of.changes("commission.rates")] == [APRIL, JULY]
    assert of.next("commission.rates", APRIL) == Change("commission.rates", JULY, [0.02, 0.04, 0.06])
    assert of.next("commission.rates", JULY) is None
    assert (of.next("pool.rate", APRIL), of.changes("pool.rate")) == (None, [])


def test_what_nobody_says_is_the_plan_s_own() -> None:
    assert (Policies().at("pool.rate", APRIL), Policies().at("review.limit", APRIL)) == (0.01, None)
    assert Policies({"review.limit": 3e6}).at("review.limit", APRIL) == 3e6


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("key", list(POLICIES))
def test_every_value_is_read_as_it_is_written(key: str, lang: str) -> None:
    value = plain(POLICIES[key].value)
    again = read(POLICIES[key], written(POLICIES[key], value, lang))
    assert again == (pytest.approx(value, rel=1e-12) if isinstance(value, float) else value)


@pytest.mark.parametrize("said", ["4 / 6 / 9 %", "4%/6%/9%", "４％／６％／９％", " 0.04/ 0.06 /0.09", "４ ／ ６ ／ ９％"])
def test_parts_are_read_however_they_are_written(said: str) -> None:
    assert read(POLICIES["commission.rates"], said) == [0.04, 0.06, 0.09]


@pytest.mark.parametrize(
    ("key", "said", "value"),
    [
        ("pool.rate", 0.02, 0.02),
        ("pool.rate", "２％", 0.02),
        ("review.limit", "3,000,000", 3e6),
        ("review.limit", "无", None),
        ("commission.basis", "PER ORDER", "per order"),
        ("commission.basis", "按人按月", "per person and month"),
        ("roi.targets", "无 / 8 / 5 / 20 / none / ", [None, 8.0, 5.0, 20.0, None, None]),
        ("handshake.executives", "CEO / CTO", ["CEO", "CTO"]),
        ("quota.ramp", "20 / 50 / 80 %", [0.2, 0.5, 0.8]),
        ("company.zone", "europe/berlin", "Europe/Berlin"),
        ("company.zone", " America/New York ", "America/New_York"),
    ],
)
def test_a_value_of_each_kind(key: str, said: Any, value: Any) -> None:
    assert read(POLICIES[key], said) == value


@pytest.mark.parametrize(
    ("key", "said", "part"),
    [
        ("commission.rates", "4 / 6 / 9", "4% 或 0.04"),
        ("commission.rates", "4% / 6% / 9", "都带 %"),
        ("commission.rates", "四", "不是数字"),
        ("pool.weights", "50 / 50 %", "应为 3 项"),
        ("pool.rate", "1 / 2 %", "不是数字"),
        ("pool.rate", "-1%", "超出范围"),
        ("pool.rate", "1e-2", "不是数字"),
        ("pool.rate", "1,00", "不是数字"),
        ("pool.rate", "无", "不是数字"),
        ("commission.digits", "1.5", "整数"),
        ("commission.thresholds", "0 / 25 / 20 %", "从小到大"),
        ("commission.basis", "按季", "可填 按订单、按人按月"),
        ("handshake.executives", "CEO / ", "空项"),
        ("company.zone", "Shanghia", "Asia/Shanghai"),
        ("company.zone", "+08:00", "不是时区"),
        ("company.zone", "Asia", "不是时区"),
        ("company.zone", "../etc/passwd", "不是时区"),
    ],
)
def test_what_no_policy_can_be_is_refused(key: str, said: str, part: str) -> None:
    with pytest.raises(NoSuchValue) as fault:
        read(POLICIES[key], said)
    assert part in fault.value.text.zh


def test_a_policy_is_known_by_its_key_its_name_and_its_labels() -> None:
    names = ("commission.rates", "plan_commission_rates", "提成比例", "Commission  Rates", "ＣＯＭＭＩＳＳＩＯＮ.ｒａｔｅｓ")
    assert {key_named(name) for name in names} == {"commission.rates"}
    assert key_named("commission.rate") is None
    assert "commission.rates" in policies.unknown_key("comission.rate").en


def _row(key: str, value: Any, day: Any = APRIL) -> dict[str, Any]:
    return {"key": key, "valid_from": day, "value": value, "by": "王总", "reason": "年中调整"}


def test_rows_become_changes_and_bad_ones_stop_what_they_touch() -> None:
    rows = [_row("提成比例", "4 / 6 / 9 %"), _row("pool.rate", "two"), _row("budget.cut", "20%"), _row("budget.cut", "30%")]
    changes, faults = changes_of(rows, lambda row, column: f"制度变更!C{row + 6}")
    of = Policies({}, changes, faults)
    assert of.at("commission.rates", APRIL) == [0.04, 0.06, 0.09]
    assert (changes[0].by, changes[0].reason, changes[0].row) == ("王总", "年中调整", 0)
    with pytest.raises(Refused, match="制度变更!C7"):
        of.at("pool.rate", APRIL)
    with pytest.raises(Refused, match="只留一行"):
        of.at("budget.cut", APRIL)
    assert [fault.row for fault in of.faults] == [1, 3]


def test_a_key_nobody_knows_may_mean_any() -> None:
    changes, faults = changes_of([_row("comission.rates", "4 / 6 / 9 %"), _row("pool.rate", "2%", None)])
    with pytest.raises(Refused, match=r"comission\.rates"):
        Policies({}, changes, faults).at("budget.cut", APRIL)
    assert [fault.column for fault in faults] == ["key", "valid_from"]


def test_lists_read_beside_each_other_grow_on_one_day_or_not_at_all() -> None:
    longer = Change("commission.rates", APRIL, [0.03, 0.05, 0.08, 0.1], row=0)
    alone = Policies({}, [longer])
    assert [(fault.policy, fault.row) for fault in alone.faults] == [("commission.rates", 0)]
    with pytest.raises(Refused, match="同一天"):
        alone.at("commission.rates", dt.date(2027, 1, 5))
    both = Policies({}, [longer, Change("commission.thresholds", APRIL, [0.0, 0.2, 0.25, 0.4])])
    assert (both.faults, len(both.at("commission.rates", APRIL)), len(both.at("commission.rates", None))) == ([], 4, 4)
    back = Policies({}, [longer, Change("commission.thresholds", JULY, [0.0, 0.2, 0.25, 0.4])])
    assert [fault.row for fault in back.faults] == [0]


def test_what_is_handed_out_is_a_copy() -> None:
    of = Policies({"commission.rates": [0.03, 0.05, 0.08]})
    of.at("commission.rates", APRIL).append(1.0)
    assert of.at("commission.rates", APRIL) == [0.03, 0.05, 0.08]
