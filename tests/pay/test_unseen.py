"""Arithmetic that was broken on purpose (``nox -s mutants``) and that no test of the core noticed: each as the few rows that show it."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest

from tests.pay.by_core import ByCore
from tests.pay.test_found import books, deal
from udfs.due import Order, Terms, credits, shared
from udfs.formula import call
from udfs.text import Text, speaking
from udfs.values import ExcelError
from workbook_templates.chapters.incentives import cycle
from workbook_templates.chapters.incentives.cycle import Tables
from workbook_templates.chapters.incentives.cycle.digests import is_fixed
from workbook_templates.chapters.incentives.cycle.guard import _state_text
from workbook_templates.chapters.incentives.cycle.state import called, number_of
from workbook_templates.chapters.incentives.cycle.steps import _Places, _zero
from workbook_templates.chapters.incentives.pay import merge
from workbook_templates.chapters.incentives.pay.exact import fen
from workbook_templates.chapters.incentives.pay.facts import tiers_cell
from workbook_templates.chapters.incentives.pay.reading import _approvals, _twice
from workbook_templates.chapters.incentives.pay.run import run
from workbook_templates.chapters.incentives.pay.settled import sealed_statements
from workbook_templates.chapters.incentives.pay.worth import POOLED
from workbook_templates.tables.policies import Policies


def row_of(kept: ByCore, table: str, **said: Any) -> dict[str, Any]:
    (found,) = [row for row in kept.rows(table) if all(row[key] == value for key, value in said.items())]
    return found


def test_a_pool_of_nothing_is_shared_out_as_nothing() -> None:
    """Two orders of a month without margin, pooled: no weights to go by, and each gets 0."""
    facts = [deal("D1", "2027-02-01", 100_000, 100_000), deal("D2", "2027-02-10", 50_000, 50_000), deal("D3", "2027-02-11", 9, 9)]
    kept = books(facts, "2027-02", settings={"commission.basis": POOLED})
    assert {(row["deal"], row["commission"]) for row in kept.rows("Ledger")} == {("D1", 0.0), ("D2", 0.0), ("D3", 0.0)}


def test_what_goes_on_hold_comes_off_it_as_a_hold() -> None:
    """200,000 at 20 %: 3 % of 40,000 is 1,200, on hold in March, off it in April; both rows are of the component hold."""
    hold = {"on": "2027-03-11", "enter": {"Holds": [{"person": "A", "deal": "D1", "from": "2027-03", "until": "2027-03", "reason": "audit", "by": "S"}]}}  # fmt: skip
    kept = books([deal("D1", "2027-03-10", 200_000, 160_000), hold, deal("D2", "2027-04-10", 9, 9)], "2027-04")
    held = [
        (row["period"], row["kind"], row["component"], row["commission"]) for row in kept.rows("Ledger") if row["deal"] == "D1"
    ]
    assert sorted(held) == [
        ("2027-03", "accrual", "commission", 1_200.0),
        ("2027-03", "hold", "hold", 1_200.0),
        ("2027-04", "unhold", "hold", 1_200.0),
    ]


def test_an_account_shows_its_own_persons_quota() -> None:
    """A sold 200,000 of 400,000: half; B has another quota."""
    kept = ByCore()
    for who, amount in (("A", 400_000), ("B", 100_000)):
        kept.put("People", {"id": who, "name": who, "level": "representative", "line": "direct", "joined": dt.date(2020, 1, 1)})
        kept.quota(who, "2027-02", amount)
    kept.put(
        "Deals",
        {"id": "D1", "date": dt.date(2027, 2, 1), "seller": "A", "revenue": 200_000, "cost": 160_000, "seller_share": 1.0},
    )
    kept.day(dt.date(2027, 2, 28))
    assert not kept.commission({}).refused
    account = row_of(kept, "Accounts", person="A", month="2027-02")
    assert (account["quota"], account["attainment"]) == (400_000, 0.5)


def test_tiers_of_a_rule_may_be_a_number_a_share_or_a_name() -> None:
    assert [tiers_cell(cell) for cell in (0.06, 1, "10 %", "10％", "大客户", "")] == [0.06, 1.0, 0.1, 0.1, "大客户", None]


# ------------------------------------------------------------------------------------------------------------- reading


def held(*rows: dict[str, Any]) -> Any:
    """Rows of a sheet as the reading of pay holds them; row 7 is the first."""
    grid = SimpleNamespace(sheet="S")
    return SimpleNamespace(rows=rows, lines=[7 + i for i in range(len(rows))], grid=grid, at=lambda index, key: (7 + index, 1))


@pytest.mark.parametrize(("revenue", "told"), [(3_000_000.0, 0), (3_000_000.01, 1)])
def test_only_above_the_limit_a_second_person_has_to_approve(revenue: float, told: int) -> None:
    """ "Above" is above (wording of the setting), to the fen."""
    one = {
        "id": "D1",
        "date": dt.date(2027, 3, 5),
        "original": None,
        "revenue": revenue,
        "approved_by": "Li",
        "entered_by": "Ｌｉ",
    }
    assert len([*_approvals(held(one), Policies({"review.limit": 3e6}), {})]) == told


def test_two_decisions_that_differ_are_two() -> None:
    one = {
        "period": "2027-03",
        "person": "P1",
        "deal": None,
        "kind": "bonus",
        "status": "computed",
        "commission": 500.0,
        "reason": "a",
    }
    assert not [*_twice(held(one, {**one, "reason": "b"}, {**one, "person": "P2"}))]
    (found,) = _twice(held(one, {**one, "reason": "b"}, dict(one)))
    assert found.row == 9 and "第 7 行" in found.text.zh and "row 7" in found.text.en


# --------------------------------------------------------------------------------------------------------------- cycle


def test_before_a_month_is_the_last_month_before_it() -> None:
    accounts = [
        {"month": f"2027-0{m}", "person": who, "closing": float(m), "note": "n"} for m in (2, 3, 4) for who in ("P1", "P2")
    ]
    places = _Places(Tables([], accounts=accounts))
    assert [(places.before((month, "P1")) or {}).get("closing") for month in ("2027-02", "2027-03", "2027-04")] == [
        None,
        2.0,
        3.0,
    ]


def test_a_month_of_nothing_says_why_something_is_carried() -> None:
    """What is owed goes on, with its note; where nothing is carried there is nothing to say."""
    notes = []
    for closing in (-20.0, 0.0):
        accounts = [{"month": "2027-02", "person": "P1", "closing": closing, "note": "负数结转", "year_to_date": 7.0}]
        account = _zero(_Places(Tables([], accounts=accounts)), ("2027-03", "P1"))
        notes.append(account["note"])
        assert (account["opening"], account["closing"], account["year_to_date"]) == (closing, closing, 7.0)
    assert notes == ["负数结转", None]


def test_a_number_that_somebody_typed_as_text_is_told_as_typed() -> None:
    assert (number_of({"number": 12.0}), number_of({"number": "十二"})) == ("12", "十二")


@pytest.mark.parametrize(
    ("state", "now", "zh", "en"),
    [
        ("paid", "locked", "会再付一次", "would be paid twice"),
        ("locked", "paid", "没有付款记录", "no payment on record"),
        ("locked", "computed", "锁定后状态被改", "changed after the lock"),
    ],
)
def test_each_way_a_state_is_wrong_has_its_own_words(state: str, now: str, zh: str, en: str) -> None:
    record = {"paid_on": dt.date(2027, 4, 5), "paid": 5.0, "total": 5.0}
    told = _state_text("2027-03 P1", record, state, now, called("D1", "accrual"))
    assert zh in told.zh and en in told.en


def test_locked_and_paid_rows_are_fixed_and_no_others() -> None:
    assert {state for state in ("computed", "reviewed", "disputed", "locked", "paid", None) if is_fixed({"status": state})} == {
        "locked",
        "paid",
    }


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_approval_that_changes_is_told_in_both_languages(lang: str) -> None:
    approval = {"number": 1, "period": "2027-03", "step": "approved", "who": "陈", "total": 1.0}
    with speaking(lang):
        why = cycle.violation(Tables([], approvals=[approval]), Tables([], approvals=[]))
        assert why is not None and ("没有写入" in str(why) if lang == "zh" else "Nothing was written" in str(why))


# ------------------------------------------------------------------------------------------------------------ formulas


@pytest.mark.parametrize(
    ("partner", "part", "expected"),
    [
        ("P2", 0.6, [("P1", 0.6), ("P2", 0.4)]), ("P2", 1.0, [("P1", 1.0)]), ("P2", 1.2, [("P1", 1.0)]), ("P2", None, [("P1", 1.0)]),
        ("", 0.6, [("P1", 1.0)]), (None, 0.6, [("P1", 1.0)]),
    ],
)  # fmt: skip
def test_who_shares_a_deal(partner: str | None, part: float | None, expected: list[tuple[str, float]]) -> None:
    assert shared("P1", partner, part) == expected


def test_a_credit_says_its_share() -> None:
    order = Order("D1", dt.date(2027, 3, 5), [("P1", 0.6), ("P2", 0.4)], 1_000_000.0, 0.3)
    assert [(credit.person, credit.share) for credit in credits([order], Terms())] == [("P1", 0.6), ("P2", 0.4)]


def test_what_an_account_adds_is_told_in_the_language_of_the_plan() -> None:
    """A draw of 1,000: 600 earned in January, 6,000 in February, which pays the 400 back: nothing is owed after it."""
    draw = {"person": "A", "from": "2027-01", "until": "2027-02", "amount": 1000, "kind": "recoverable"}
    facts = [{"on": "2027-01-02", "enter": {"Draws": [draw]}}, deal("D1", "2027-01-10", 100_000, 80_000), deal("D2", "2027-02-10", 1_000_000, 800_000)]  # fmt: skip
    kept = books(facts, "2027-01")
    kept.day(dt.date(2027, 2, 28))
    for lang, said in (("zh", "扣回后欠款 0.00"), ("en", "owed after it 0.00")):
        with speaking(lang):
            rows = run(kept.facts()).rows
        assert [row["reason"] for row in rows if row["kind"] == "recovery"] == [said]


def test_an_account_below_the_minimum_names_it() -> None:
    """50,000 at 20 %: 300, carried for a minimum of 500."""
    kept = books([deal("D1", "2027-03-05", 50_000, 40_000)], "2027-03", settings={"pay.minimum": 500})
    account = row_of(kept, "Accounts", month="2027-03")
    assert (account["paid"], account["closing"], account["note"]) == (0, 300, "低于最低发放额 500，结转")


def test_who_left_with_nothing_to_come_has_no_more_accounts() -> None:
    facts = [deal("D1", "2027-01-10", 100_000, 80_000), {"on": "2027-02-10", "change": {"People": {"A": {"left": "2027-02-10"}}}}, deal("D2", "2027-05-10", 9, 9, seller="B")]  # fmt: skip
    kept = books(facts, "2027-05", "AB")
    assert {row["month"] for row in kept.rows("Accounts") if row["person"] == "A"} == {"2027-01", "2027-02"}


def test_an_older_debt_waits_while_a_draw_runs_that_is_not_recovered() -> None:
    """1,000 recoverable in January with nothing earned: 1,000 owed. From February 1,000 that is not recoverable: of 6,000 earned nothing
    goes to the old debt; from April on, when no draw runs, 600 does."""
    draws = [{"person": "A", "from": "2027-01", "until": "2027-01", "amount": 1000, "kind": "recoverable"}, {"person": "A", "from": "2027-02", "until": "2027-03", "amount": 1000, "kind": "nonrecoverable"}]  # fmt: skip
    facts = [{"on": "2027-01-02", "enter": {"Draws": draws}}, deal("D2", "2027-02-10", 1_000_000, 800_000), deal("D3", "2027-04-10", 100_000, 80_000)]  # fmt: skip
    kept = books(facts, "2027-04")
    shown = {
        row["month"]: (row["paid"], row["draw_recovered"], row["draw_debt"])
        for row in kept.rows("Accounts")
        if row["month"] < "2027-05"
    }
    assert shown == {"2027-01": (1000, 0, 1000), "2027-02": (6000, 0, 1000), "2027-03": (1000, 0, 1000), "2027-04": (0, 600, 400)}


def test_the_year_to_date_goes_on_from_what_is_sealed_and_begins_anew() -> None:
    """600 in November, 1,200 in December, 1,800 in January: 600, 1,800 and, of the new year, 1,800."""
    facts = [deal(f"D{n}", day, n * 100_000, n * 80_000) for n, day in enumerate(("2027-11-10", "2027-12-10", "2028-01-10"), 1)]
    kept = books(facts, "2028-01")
    shown = sorted((row["month"], row["year_to_date"]) for row in kept.rows("Accounts") if row["month"] < "2028-02")
    assert shown == [
        ("2027-11", 600), ("2027-12", 1_800), ("2028-01", 1_800),
    ]  # fmt: skip


def test_an_order_moved_away_takes_its_revenue_once() -> None:
    """Half is paid at signing, half held: two rows of January go back in February, the 100,000 of bookings with one of them."""
    facts = [deal("D1", "2027-01-10", 100_000, 70_000), {"on": "2027-02-10", "change": {"Deals": {"D1": {"seller": "B"}}}}]
    kept = books(facts, "2027-02", "AB", settings={"release.at_signing": 0.5})
    back = [row for row in kept.rows("Ledger") if (row["period"], row["person"]) == ("2027-02", "A")]
    assert len(back) == 2 and sorted(row["revenue"] or 0 for row in back) == [-100_000, 0]


def test_the_working_of_a_shared_order_names_tiers_and_share() -> None:
    """1,000,000 at 30 %: 200,000 × 3 % + 50,000 × 5 % + 50,000 × 8 %, of which A has 60 %."""
    kept = books([deal("D1", "2027-01-10", 1_000_000, 700_000, partner="B", seller_share=0.6)], "2027-01", "AB")
    said = row_of(kept, "Ledger", person="A", deal="D1")["reason"]
    assert said == "毛利率 30.00%：6,000.00 + 2,500.00 + 4,000.00，份额 60.00%"


def test_what_lapses_says_why() -> None:
    facts = [deal("D1", "2027-02-01", 100_000, 70_000), {"on": "2027-03-31", "change": {"People": {"A": {"left": "2027-03-31"}}}}]
    kept = books(facts, "2027-04", settings={"release.at_signing": 0, "release.leaver": "lapses"})
    assert row_of(kept, "Ledger", kind="cancel")["reason"] == "离职，待发作废"


def test_rows_of_who_is_left_out_stay_and_a_disputed_draw_is_made_anew() -> None:
    """B's row is computed and B is left out: it stays, however A's are. A's draw of an open month in dispute is the same row again."""
    draw = {"person": "A", "from": "2027-01", "until": "2027-01", "amount": 1000, "kind": "recoverable"}
    facts = [{"on": "2027-01-02", "enter": {"Draws": [draw]}}, deal("D1", "2027-01-10", 50_000, 40_000), deal("D2", "2027-01-11", 50_000, 40_000, seller="B")]  # fmt: skip
    kept = books(facts, "2027-01", "AB", settle="as told")
    kept.day(dt.date(2027, 1, 31))
    kept.commission({})
    for row in kept.rows("Ledger"):
        row["status"] = "disputed" if row["kind"] == "draw" else row["status"]
    found = kept.facts()
    found.left_out = {"B": Text("坏行", "a bad row")}
    with speaking("zh"):
        merged = merge.ledger(found, run(found))
    assert (merged.added, merged.edited, merged.removed) == ([], {}, [])


def test_nothing_is_taken_from_who_is_left_out_though_the_order_is_somebody_elses_now() -> None:
    """D1 of January moves to B while A's own row can't be read: B gets it late, A's 600 wait for the row to be mended."""
    facts = [deal("D1", "2027-01-10", 100_000, 80_000), {"on": "2027-02-05", "settle": "2027-01"}]
    kept = books(facts, "2027-02", "AB", settle="as told")
    kept.day(dt.date(2027, 2, 10))
    kept.change("Deals", "D1", {"seller": "B"})
    found = kept.facts()
    found.left_out = {"A": Text("坏行", "a bad row")}
    with speaking("zh"):
        rows = run(found).rows
    assert [(row["person"], row["kind"], row["commission"]) for row in rows] == [("B", "accrual", 600)]


def test_an_order_that_brings_nothing_has_one_row_where_all_is_held() -> None:
    """No margin: 0 accrued and 0 held; it is shown, once."""
    kept = books([deal("D1", "2027-01-10", 100_000, 100_000)], "2027-01", settings={"release.at_signing": 0})
    assert [(row["kind"], row["commission"]) for row in kept.rows("Ledger")] == [("held", 0)]


def test_a_statement_in_dispute_is_open_whatever_its_account_says() -> None:
    rows = [{"period": "2027-01", "person": who, "status": state} for who, state in (("A", "disputed"), ("A", "reviewed"), ("B", "reviewed"))]  # fmt: skip
    accounts = [{"month": "2027-01", "person": who, "statement": "reviewed"} for who in "ABC"]
    assert sealed_statements(rows, accounts) == {("2027-01", "B"), ("2027-01", "C")}


def test_accounts_that_are_right_are_left_alone_and_one_too_many_goes() -> None:
    kept = books([deal("D1", "2027-01-10", 100_000, 80_000)], "2027-01", settle="as told")
    kept.day(dt.date(2027, 1, 31))
    kept.commission({})
    kept.tables["Accounts"].append({**kept.tables["Accounts"][0], "month": "2026-12"})
    found = kept.facts()
    with speaking("zh"):
        merged = merge.accounts(found, run(found))
    assert (merged.added, merged.edited, merged.removed) == ([], {}, [1])


def test_a_return_that_is_settled_lowers_its_own_months_bookings_only() -> None:
    """Quota 1,000,000, gate 60 %. Half of March's order comes back in April. May sells 600,000: 60 %, paid, however often it is computed."""
    rule = {"order": 1, "component": "commission", "basis": "margin", "gate": 0.6}
    facts = [
        {"on": "2027-03-01", "enter": {"Rules": [rule]}}, deal("D1", "2027-03-10", 1_000_000, 800_000),
        {"on": "2027-04-10", "enter": {"Deals": [{"id": "R1", "date": "2027-04-10", "revenue": -500_000, "original": "D1"}]}},
        deal("D2", "2027-05-10", 600_000, 480_000), deal("D3", "2027-06-10", 600_000, 480_000),
    ]  # fmt: skip
    quotas = [{"person": "A", "month": f"2027-{month:02}", "quota": 1_000_000} for month in (3, 4, 5, 6)]
    kept = books(facts, "2027-06", quotas=quotas)
    assert [row_of(kept, "Ledger", deal=d)["commission"] for d in ("D1", "R1", "D2", "D3")] == [6_000, -3_000, 3_600, 3_600]
    shown = {row["month"]: (row["bookings"], row["attainment"]) for row in kept.rows("Accounts") if row["month"] < "2027-07"}
    assert shown == {
        "2027-03": (1_000_000, 1.0), "2027-04": (-500_000, -0.5), "2027-05": (600_000, 0.6), "2027-06": (600_000, 0.6),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("yuan", "expected"),
    [
        (1.005, 101),
        (-1.005, -101),
        (0.1 + 0.2, 30),
        (2.675, 268),
        (1e15 + 0.5, 100_000_000_000_000_050),
        (12.344999, 1234),
        (0.0, 0),
    ],
)
def test_yuan_that_are_no_whole_fen_are_rounded_as_they_are_written(yuan: float, expected: int) -> None:
    assert fen(yuan) == expected


def test_the_account_of_who_is_left_out_stays() -> None:
    """B's estimated account is neither made anew nor taken away while a row of B's can't be read."""
    facts = [deal("D1", "2027-01-10", 100_000, 80_000), deal("D2", "2027-01-11", 100_000, 80_000, seller="B")]
    kept = books(facts, "2027-01", "AB", settle="as told")
    kept.day(dt.date(2027, 1, 31))
    kept.commission({})
    found = kept.facts()
    found.left_out = {"B": Text("坏行", "a bad row")}
    with speaking("zh"):
        merged = merge.accounts(found, run(found))
    assert (merged.added, merged.edited, merged.removed) == ([], {}, [])


def test_a_dispute_keeps_the_answer_it_got() -> None:
    """Answered, then closed without a word more: the answer stands, and the remark says so."""
    asked = {"number": 1.0, "period": "2027-01", "person": "P1", "deal": None, "remark": "少一单", "owner": "周", "raised_by": "P1", "raised_on": dt.date(2027, 2, 6), "answer": None, "answered_on": None, "state": "open"}  # fmt: skip
    act = cycle.Act("", "周", dt.datetime(2027, 2, 7, 9))
    tables = Tables([], disputes=[asked])
    tables = cycle.applied(tables, cycle.take_up(tables, act, answer=(1, "已核对", False)))
    assert [(d["state"], d["answer"], d["answered_on"]) for d in tables.disputes] == [("answered", "已核对", dt.date(2027, 2, 7))]
    tables = cycle.applied(tables, cycle.take_up(tables, act, answer=(1, "", True)))
    assert [(d["state"], d["answer"]) for d in tables.disputes] == [("closed", "已核对")]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # Pooled, 10 % and 30 %: 12,000, of which 3,000 and 9,000; half of D2 comes back: half of what it was given, not of 12,500.
        ((["D1", "D2", "R1"], [0.1, 0.3, 0.3], [1e6, 1e6, -5e5], ["", "", "D2"], 2, None, None), [3_000.0, 9_000.0, -4_500.0]),
        # Rounded to whole yuan; and a list of decided deals with nobody named decides nothing.
        ((["D1"], [0.2], [1_234.0], [""], 0, None, None), 7.0),
        ((["D1"], [0.2], [1_000_000.0], [""], 2, ["D1"], None), 6_000.0),
    ],
)
def test_what_a_list_of_deals_pays(given: tuple[Any, ...], expected: Any) -> None:
    deals, margins, revenue, originals, digits, decided, for_whom = given

    def column(cells: list[Any]) -> list[list[Any]]:
        return [[cell] for cell in cells]

    found = call(
        "COMMISSIONDUE", column(deals), "2027-03-05", "P1", column(revenue), column(margins), None, None, column(originals), None, None,
        digits, "pooled" if len(deals) > 1 else None, None, None, None, None, None, None,
        decided and column(decided), for_whom and column(for_whom),
    )  # fmt: skip
    assert found == ([[amount] for amount in expected] if isinstance(expected, list) else [[expected]])


def test_a_pool_that_can_not_be_computed_says_so_at_each_of_its_deals() -> None:
    deals = [["D1"], ["D2"]]
    found = call(
        "COMMISSIONDUE", deals, "2027-03-05", "P1", 1e6, 0.3, None, None, None, [[0.2], [0.1]], [[0.03], [0.05]], None, "pooled"
    )
    assert [type(row[0]) for row in found] == [ExcelError, ExcelError]


def test_deals_without_margin_reach_no_tier() -> None:
    assert call("COMMISSIONBANDS", 100_000, 0.0) == [[0.0, 0.2, 0.0, 0.03, 0.0]]


def test_a_rate_of_bad_debts_needs_sales_on_credit() -> None:
    answer = call("BADDEBTRATE", 5.0, 0.0)[0][0]
    assert (answer.reason.zh, answer.reason.en) == ("赊销额为 0：没有坏账率", "there are no sales on credit")


def test_a_tax_table_may_have_blanks_below_it() -> None:
    """Three upper ends for four rates, with two cells left blank below each."""
    blank: list[Any] = [None, None]
    ends, rates, less = [3_000, 12_000, 25_000, *blank], [0.03, 0.1, 0.2, 0.25, *blank], [0, 210, 1_410, 2_660, *blank]
    columns = [[[cell] for cell in column] for column in (ends, rates, less)]
    assert call("YEARENDTAX", 36_001, "2027-06-30", *columns) == [[3_390.1]]
