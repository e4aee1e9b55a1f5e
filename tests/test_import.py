"""Importing: what people's files hold becomes rows of the plan or a refusal that names line, column, value, reason and remedy.

Expectations are the import's rules as its help states them, the plan's own sample company, and, for the UCI invoices, sums
made by pandas from the raw data.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from addin import cli
from addin.book import FileBook
from tests import uci
from tests.actions.steps import do
from tests.plans import sample_company, sample_plan
from tests.real import require_data
from tests.small_plan import small_plan
from tests.test_reading import book
from udfs.text import speaking
from udfs.values import ExcelError
from workbook_templates.answers import Refused
from workbook_templates.chapters.incentives.pay import merge, reading
from workbook_templates.chapters.incentives.pay.run import run as paid_for
from workbook_templates.intake import files, importing, own_workbook, parsing
from workbook_templates.intake.files import RawRow
from workbook_templates.intake.importing import Known, Wishes, bring_in
from workbook_templates.tables import grids, schema
from workbook_templates.tables.policies import Policies
from workbook_templates.tables.schema import Company
from workbook_templates.xlsx.package import Package

DEALS = schema.table("Deals")
HEADERS = ("单号", "签单日期", "客户编号", "主办工号", "收入", "成本", "原单号", "协同工号", "主办份额", "产品线", "区域")
PEOPLE = [{"id": "P1", "name": "林思远"}, {"id": "P2", "name": "陈雨桐"}, {"id": "0003", "name": "陈雨桐"}]
KNOWN = Known(
    {"People": PEOPLE, "Customers": [{"id": "C1", "name": "澄曜"}], "Regions": [{"region": "华东"}]}, 2027, dt.date(2027, 12, 31)
)


def rows(*lines, headers=HEADERS, first=1):
    return [RawRow(n, tuple(cells)) for n, cells in enumerate((headers, *lines), first)]


def line(**cells):
    """A good deal with some cells changed, in the order of :data:`HEADERS`."""
    good = {"id": "A1", "date": "2027-03-05", "customer": "C1", "seller": "P1", "revenue": "100", "cost": "60"} | cells
    keys = ("id", "date", "customer", "seller", "revenue", "cost", "original", "partner", "seller_share", "line", "region")
    return tuple(good.get(key) for key in keys)


def brought(*lines, known=KNOWN, wishes=None, headers=HEADERS):
    return bring_in(rows(*lines, headers=headers), DEALS, known, wishes or Wishes())


def reasons(outcome):
    return [(r.line, r.column, r.reason.en) for r in outcome.refusals]


def only_refusal(*lines, **options):
    """The one refusal of these rows; its reason stands in both languages."""
    outcome = brought(*lines, **options)
    (refusal,) = outcome.refusals
    assert refusal.reason.zh != refusal.reason.en and outcome.refused == 1
    return refusal


# ----------------------------------------------------------------------------------------------------------------- single cells


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("1,200.50", 1200.5),
        ("￥1,200.50", 1200.5),
        ("１２００元", 1200),
        ("1200 元", 1200),
        ("RMB 1,200", 1200),
        ("(300)", -300),
        ("（300.5）", -300.5),
        ("-12", -12),
        ("−12", -12),
        ("1.2万", 12000),
        ("1.2万元", 12000),
        ("0.07亿", 7_000_000),
        ("3千", 3000),
        ("1e3", 1000),
        ("0.125", 0.13),
        ("2.675", 2.68),
        ("-2.675", -2.68),
        ("0.1234567", 0.12),
        (1200.499, 1200.5),
        ("+5", 5),
        ("-0", 0),
    ],
)
def test_money_as_people_write_it(raw, expected):
    """To the fen, half away from zero: 2.675 is 2.68 however binary floats see it."""
    assert parsing.parser(DEALS["revenue"])(raw) == expected


@pytest.mark.parametrize(
    ("raw", "hours"),
    [
        ("2小时30分", 2.5),
        ("2 小时 30 分钟", 2.5),
        ("02:30", 2.5),
        ("２：３０：３６", 2.51),
        ("150分", 2.5),
        ("1.5h", 1.5),
        ("2h30m", 2.5),
        ("3.5", 3.5),
        (3.5, 3.5),
    ],
)
def test_durations_as_systems_write_them(raw: object, hours: float) -> None:
    """chapters.md §0, Import: `2小时30分`, `02:30`; a column of minutes counts minutes."""
    assert parsing.parser(schema.table("FlexModules")["hours"])(raw) == pytest.approx(hours)
    if isinstance(raw, str) and raw != "3.5":
        assert parsing.parser(schema.table("MatchLog")["minutes_now"])(raw) == pytest.approx(60 * hours)


@pytest.mark.parametrize(
    ("raw", "needle"),
    [
        ("$12", "foreign"),
        ("12 USD", "foreign"),
        ("€5", "foreign"),
        ("1,2", "no number"),
        ("1.234,56", "no number"),
        ("abc", "no number"),
        ("1" * 40, "15 digits"),
        ("1e400", "15 digits"),
        ("1e999999999", "15 digits"),
        (float("inf"), "number"),
        (float("nan"), "number"),
        (True, "a number"),
        (dt.date(2027, 1, 1), "a number"),
        (ExcelError("#N/A"), "#N/A"),
        ("12/5", "no number"),
        ("--5", "no number"),
        ("=1+1", "no number"),
        ("((5))", "no number"),
        ("万", "no number"),
    ],
)
def test_what_is_no_amount_is_refused(raw, needle):
    with pytest.raises(parsing.Bad) as caught:
        parsing.parser(DEALS["revenue"])(raw)
    assert needle in caught.value.text.en


@pytest.mark.parametrize(
    "raw",
    [
        "2027-03-05",
        "2027/3/5",
        "2027年3月5日",
        "20270305",
        "2027.03.05",
        "２０２７／３／５",
        "46451",
        "46451.6",
        46451.0,
        20270305.0,
        "2027-03-05 14:30:00",
        "2027/3/5 9:05",
        dt.date(2027, 3, 5),
        dt.datetime(2027, 3, 5, 23, 59),
    ],
)
def test_dates_as_people_write_them(raw):
    assert parsing.parser(DEALS["date"])(raw) == dt.date(2027, 3, 5)


@pytest.mark.parametrize(
    ("raw", "needle"),
    [
        ("03/04/2027", "year-month-day"),
        ("2027-02-29", "no date"),
        ("27/3/5", "two digits"),
        ("tomorrow", "no date"),
        ("0.5", "no date"),
        (True, "no date"),
        ("1027-03-05", "credible"),
        (ExcelError("#REF!"), "#REF!"),
        ("20271305", "no date"),
    ],
)
def test_what_is_no_date_is_refused(raw, needle):
    with pytest.raises(parsing.Bad) as caught:
        parsing.parser(DEALS["date"])(raw)
    assert needle in caught.value.text.en


def test_a_column_of_dates_with_the_year_last_is_read_when_it_proves_its_own_order():
    outcome = brought(line(id="1", date="03/04/2027"), line(id="2", date="25/12/2027"))
    assert [r["date"] for r in outcome.rows] == [dt.date(2027, 4, 3), dt.date(2027, 12, 25)]
    assert any("day/month/year" in n.en for n in outcome.notes)
    both = brought(line(id="1", date="13/04/2027"), line(id="2", date="04/13/2027"))
    assert both.refused == 2


@pytest.mark.parametrize(
    ("raw", "expected"),
    [(" 007 ", "007"), ("１００１", "1001"), (1001.0, "1001"), ("Ａ－1", "A-1"), ("a  b", "a b"), ("=1+1", "=1+1")],
)
def test_ids_stay_text(raw, expected):
    assert parsing.parser(DEALS["id"])(raw) == expected


@pytest.mark.parametrize(
    "raw", [1.5, 1e17, "1.23457E+17", True, dt.date(2027, 1, 1), "A*", "B?", "a\x01", "x" * 300, ExcelError("#N/A")]
)
def test_spoiled_ids_are_refused(raw):
    """Digits that Excel dropped cannot be brought back; a wildcard would match other deals in Excel's lookups."""
    with pytest.raises(parsing.Bad):
        parsing.parser(DEALS["id"])(raw)


@pytest.mark.parametrize(("raw", "expected"), [("35%", 0.35), ("0.35", 0.35), ("３５％", 0.35), (0.35, 0.35), ("100%", 1)])
def test_rates(raw, expected):
    assert parsing.parser(DEALS["seller_share"])(raw) == expected


def test_percent_numbers_are_refused_with_a_hint_unless_the_header_says_percent():
    """Rules: 35 for 35 % is refused with a hint."""
    with pytest.raises(parsing.Bad) as caught:
        parsing.parser(DEALS["seller_share"])("60")
    assert "60" in caught.value.text.en and "%" in caught.value.text.en
    headers = (*HEADERS[:8], "主办份额(%)", *HEADERS[9:])
    outcome = brought(line(partner="P2", seller_share="60"), headers=headers)
    assert outcome.rows[0]["seller_share"] == 0.6


def test_words_are_codes_in_either_language():
    outcome = brought(line(id="1", line="旗舰"), line(id="2", line="ECO"), line(id="3", line="整机"))
    assert [r["line"] for r in outcome.rows] == ["ultra", "eco", "整机"]  # product lines are open
    level = parsing.parser(schema.table("People")["level"])
    assert (level("总监"), level(" Rep "), level("销售代表")) == ("director", "representative", "representative")
    with pytest.raises(parsing.Bad) as caught:
        level("boss")
    assert "Director" in caught.value.text.en and "总监" in caught.value.text.zh


# --------------------------------------------------------------------------------------------------------------------- headers


def test_headers_of_both_languages_any_width_and_their_aliases():
    headers = ("Order No", "ORDER  DATE", "客户号", "销　售", "收入（元）", "ｃｏｓｔ", "*原单号:")
    outcome = brought(line()[:7], headers=headers)
    assert outcome.matched == dict(
        zip(("id", "date", "customer", "seller", "revenue", "cost", "original"), headers_seen(headers), strict=True)
    )
    assert len(outcome.rows) == 1


def headers_seen(headers):
    return [importing._header(h) for h in headers]


def test_titles_above_the_headers_are_passed_over_and_lines_still_count():
    raw = [
        RawRow(1, ("2027年销售明细",)),
        RawRow(2, ("导出人：", "收入")),
        RawRow(4, HEADERS),
        RawRow(5, line()),
        RawRow(6, line(id="A2", cost="x")),
    ]
    outcome = bring_in(raw, DEALS, KNOWN)
    assert (outcome.header_line, outcome.lines, reasons(outcome)[0][:2]) == (4, [5], (6, "成本"))


def test_headers_repeated_by_page_breaks_and_totals_are_left_out_and_said():
    outcome = brought(line(), HEADERS, line(id="A2"), ("合计", None, None, None, "200"))
    assert [r["id"] for r in outcome.rows] == ["A1", "A2"]
    assert outcome.read == 2 and [r.line for r in outcome.left] == [5] and not outcome.refusals
    assert any("totals" in note.en and "line 5" in note.en for note in outcome.notes)


def test_missing_columns_are_refused_as_a_whole_with_a_guess():
    with pytest.raises(Refused) as caught:
        brought(line(), headers=("单号", "签单日期", "客户编号", "主办工号", "实际收入额", *HEADERS[5:]))
    text = caught.value.text
    assert "Revenue" in text.en and '--map "实际收入额=Revenue"' in text.en and "签单日期" in text.en and "收入" in text.zh


@pytest.mark.parametrize("header", ["含税收入额", "余额", "折扣金额", "预计收入额"])
def test_what_would_do_harm_is_never_offered_as_revenue(header):
    with pytest.raises(Refused) as caught:
        brought(line(), headers=("单号", "签单日期", "客户编号", "主办工号", header, *HEADERS[5:]))
    assert (
        '--map "' + header not in caught.value.text.en and "revenue" in caught.value.text.en.lower()
    ) or "tax" in caught.value.text.en


def test_two_columns_for_one_are_refused_but_the_own_name_beats_an_alias():
    with pytest.raises(Refused) as caught:
        brought(line(), headers=(*HEADERS[:10], "收入"))
    assert "rename" in caught.value.text.en and "--map" not in caught.value.text.en  # which would leave out both
    with pytest.raises(Refused) as caught:
        brought(line(), headers=("单号", "订单号", *HEADERS[2:10], "合同号")[:11], wishes=Wishes({"单号": ""}))
    assert '--map "合同号="' in caught.value.text.en
    outcome = brought((*line()[:10], "999"), headers=(*HEADERS[:10], "金额"))
    assert outcome.rows[0]["revenue"] == 100 and outcome.unused == ["金额"]


def test_columns_can_be_mapped_and_left_out():
    headers = ("业务单", *HEADERS[1:])
    outcome = brought(line(region="火星"), headers=headers, wishes=Wishes({"业务单": "Deal ID", "区域": ""}))
    assert outcome.rows[0]["id"] == "A1" and "region" not in outcome.rows[0]
    for renames, needle in (({"业务丹": "单号"}, "业务单"), ({"业务单": "单好"}, "单号")):
        with pytest.raises(Refused) as caught:
            brought(line(), headers=headers, wishes=Wishes(renames))
        assert needle in caught.value.text.zh


def test_the_unit_of_a_header_counts():
    """Left unread, amounts in 万元 would come in ten thousand times too small."""
    headers = (*HEADERS[:4], "收入（万元）", "成本/千元", *HEADERS[6:])
    outcome = brought(line(revenue="1.2", cost="7.5"), headers=headers)
    assert (outcome.rows[0]["revenue"], outcome.rows[0]["cost"]) == (12_000, 7_500)
    with pytest.raises(Refused):
        brought(line(), headers=(*HEADERS[:4], "收入(美元)", *HEADERS[5:]))


def test_nothing_and_headers_only():
    with pytest.raises(Refused):
        bring_in([], DEALS)
    outcome = brought()
    assert (outcome.read, outcome.rows, outcome.refusals) == (0, [], [])


def test_ragged_rows():
    """Too long: cells may have moved, so nothing of the row is believed. Too short: what is missing is blank."""
    outcome = brought((*line(), "x"), line(id="A2")[:6], line(id="A3")[:5])
    assert [r["id"] for r in outcome.rows] == ["A2"]
    assert [r[0] for r in reasons(outcome)] == [2, 4]


# --------------------------------------------------------------------------------------------------------------- rules of deals


@pytest.mark.parametrize(
    ("changed", "column", "needle"),
    [
        ({"id": None}, "单号", "blank"),
        ({"cost": None}, "成本", "blank"),
        ({"seller": "P12"}, "主办工号", "did you mean P"),
        ({"seller": "陈雨桐"}, "主办工号", "P2, 0003"),
        ({"partner": "P22", "seller_share": "60%"}, "协同工号", "did you mean P2"),
        ({"partner": "林思远", "seller_share": "60%"}, "协同工号", "is the seller"),
        ({"partner": "P2"}, "主办份额", "write it"),
        ({"seller_share": "60%"}, "主办份额", "no partner"),
        ({"region": "华东区"}, "区域", "did you mean 华东"),
        ({"revenue": "-100", "cost": "-60"}, "收入", "without its original"),
        ({"revenue": "-100", "cost": "-60", "original": "Z"}, "原单号", "neither in the plan"),
        ({"original": "Z"}, "原单号", "not negative"),
        ({"cost": "-60"}, "成本", "check the sign"),
        ({"cost": ExcelError("#DIV/0!")}, "成本", "#DIV/0!"),
    ],
)
def test_a_bad_deal_is_refused_whole(changed, column, needle):
    refusal = only_refusal(line(**changed))
    assert (refusal.line, refusal.column) == (2, column)
    assert needle in refusal.reason.en


def test_all_problems_of_a_row_are_named_at_once():
    outcome = brought(line(date="x", revenue="y", cost=None, seller=None))
    assert {r.column for r in outcome.refusals} == {"签单日期", "收入", "成本", "主办工号"}
    assert outcome.refused == 1


def test_people_and_customers_are_found_by_id_in_any_case_and_by_name():
    outcome = brought(
        line(id="1", seller="p1"), line(id="2", seller=" 林思远 "), line(id="3", seller="０００３"), line(id="4", customer="澄曜")
    )
    assert [r["seller"] for r in outcome.rows] == ["P1", "P1", "0003", "P1"]
    assert [r["customer"] for r in outcome.rows] == ["C1"] * 4


def test_unknown_customers_are_added_once_and_sellers_on_request():
    lines = (line(id="1", customer="C7"), line(id="2", customer="C7 "), line(id="3", seller="P9"))
    outcome = brought(*lines)
    assert outcome.added == {"Customers": [{"id": "C7", "name": "C7"}]} and outcome.refused == 1
    assert [r["customer"] for r in outcome.rows] == ["C7", "C7"]  # one spelling
    outcome = brought(*lines, wishes=Wishes(add=frozenset({"Customers", "People"})))
    assert outcome.refused == 0
    (person,) = outcome.added["People"]
    assert (person["id"], person["level"], person["joined"]) == ("P9", "representative", dt.date(2027, 1, 1))


def test_a_refused_row_adds_no_customer():
    assert brought(line(customer="C7", cost="x")).added == {}


def test_a_new_customer_has_the_name_beside_its_id():
    headers = (*HEADERS, "客户名称")
    outcome = brought((*line(customer="C7"), "观澜电子"), headers=headers)
    assert outcome.added["Customers"] == [{"id": "C7", "name": "观澜电子"}] and outcome.unused == []
    outcome = brought((*line()[:2], None, *line()[3:], "观澜电子"), headers=(*HEADERS[:2], "备注", *HEADERS[3:], "客户名称"))
    assert outcome.rows[0]["customer"] == "观澜电子"


def test_cost_from_margin_or_margin_rate():
    headers = ("单号", "签单日期", "客户编号", "主办工号", "收入", "毛利率", "毛利")
    start = ("2027-03-05", "C1", "P1")
    outcome = brought(
        ("1", *start, "100", "35%", None), ("2", *start, "0.1", "0.333", None), ("3", *start, "100", None, "40"), headers=headers
    )
    assert [r["cost"] for r in outcome.rows] == [65, 0.07, 60]
    outcome = brought(("4", *start, "100", None, None), headers=headers)
    assert outcome.refused == 1 and "margin" in outcome.refusals[0].reason.en
    outcome = brought((*line(), "55"), headers=(*HEADERS, "毛利"))
    assert outcome.rows[0]["cost"] == 60 and any("net of VAT" in n.en for n in outcome.notes)


def test_what_is_allowed_is_said():
    outcome = brought(
        line(id="1", revenue="0", cost="0"),
        line(id="2", cost="101"),
        line(id="3", date="2026-12-31"),
        line(id="4", revenue="-100", cost="-60", original="5", date="2027-03-05"),
        line(id="5"),
    )
    assert len(outcome.rows) == 5
    said = " ".join(n.en for n in outcome.notes)
    for needle in (
        "no revenue",
        "at a loss",
        "outside the plan year 2027",
        "1 row of returns",
    ):
        assert needle in said


def test_returns_of_returns_and_of_refused_orders_are_refused():
    back = {"revenue": "-10", "cost": "-6"}
    outcome = brought(line(id="1"), line(id="2", original="1", **back), line(id="3", original="2", **back))
    assert [r["id"] for r in outcome.rows] == ["1", "2"] and "return itself" in outcome.refusals[0].reason.en
    outcome = brought(line(id="1", cost="x"), line(id="2", original="1", **back))
    assert outcome.rows == [] and outcome.refused == 2


@pytest.mark.parametrize(
    ("wrong", "column", "said"),
    [
        ({"date": "2027-03-04"}, "签单日期", "returned before its order 1 was signed on 2027-03-05"),
        ({"revenue": "-60.01"}, "收入", "100.01 returned of 100.00 yuan sold in 1"),
        ({"seller": "P2"}, "主办工号", "credits differ from 1's"),
        ({"partner": "P2", "seller_share": "60%"}, "协同工号", "credits differ from 1's"),
    ],
)
def test_a_return_that_does_not_follow_its_order_is_refused_at_its_cell(wrong, column, said):
    """What commission would have to leave out (money.md 2) does not come in: as the plan holds the order, and as the same file does."""
    order, first = line(id="1"), line(id="2", revenue="-40", cost="-24", original="1", date="2027-03-06")
    last = line(id="3", **{"revenue": "-60", "cost": "-36", "original": "1", "date": "2027-03-07"} | wrong)
    there = brought(order, first)
    assert len(there.rows) == 2
    for outcome in (
        brought(last, first, order),  # the lines' order says nothing: the later return is too much
        brought(last, known=dataclasses.replace(KNOWN, rows={**KNOWN.rows, "Deals": there.rows})),
    ):
        (refusal,) = outcome.refusals
        assert (refusal.line, refusal.column) == (2, column) and said in refusal.reason.en
    assert brought(order, first, line(id="3", revenue="-60", cost="-36", original="1", date="2027-03-07")).refused == 0


def test_a_return_of_an_order_refused_late_is_refused_with_it():
    outcome = brought(line(id="1", partner="P1", seller_share="60%"), line(id="2", revenue="-10", cost="-6", original="1"))
    assert outcome.rows == [] and outcome.refused == 2


def test_the_same_row_again_is_already_there_and_the_same_id_with_other_content_is_refused_with_all_lines():
    outcome = brought(line(), line(), line(id="A1 "))
    assert (len(outcome.rows), outcome.already, outcome.refused) == (1, 2, 0)
    outcome = brought(line(), line(cost="61"), line(id="A2"))
    assert [r["id"] for r in outcome.rows] == ["A2"]
    assert [r.line for r in outcome.refusals] == [2, 3] and all("2, 3" in r.reason.en for r in outcome.refusals)


def test_beside_the_plan_equal_rows_are_already_there_and_others_refused():
    there = dict(brought(line()).rows[0])
    known = dataclasses.replace(KNOWN, rows={**KNOWN.rows, "Deals": [there]})
    outcome = brought(line(), line(id="B", revenue="-5", cost="-3", original="A1"), known=known)
    assert (outcome.already, [r["id"] for r in outcome.rows]) == (1, ["B"])
    refusal = only_refusal(line(cost="61.5"), known=known)
    assert "60" in refusal.reason.en and "61.5" in refusal.reason.en and "Cost" in refusal.reason.en


def test_an_update_corrects_its_columns_of_rows_that_are_there_and_nothing_else():
    there = dict(brought(line()).rows[0])
    known = dataclasses.replace(KNOWN, rows={**KNOWN.rows, "Deals": [there]})
    update = Wishes(update=frozenset({"collected"}))
    outcome = brought(("A1", "5"), ("A9", "5"), ("A1", None), headers=("单号", "已回款"), known=known, wishes=update)
    assert outcome.updated == [(0, {"collected": 5.0})] and outcome.rows == [] and outcome.already == 1
    assert [r.line for r in outcome.refusals] == [3] and "not in the plan" in outcome.refusals[0].reason.en
    outcome = brought((*line(cost="61")[:6], "5"), headers=(*HEADERS[:6], "已回款"), known=known, wishes=update)
    assert (
        outcome.updated == []
        and "Cost: 60 → 61" in outcome.refusals[0].reason.en
        and "--update Cost" in outcome.refusals[0].reason.en
    )
    outcome = brought(("A1", "5"), ("A1", "6"), headers=("单号", "已回款"), known=known, wishes=update)
    assert [r.line for r in outcome.refusals] == [3] and "2, 3" not in str(outcome.updated)


@pytest.mark.parametrize(("status", "good"), [("computed", True), ("reviewed", True), ("locked", False), ("paid", False)])
def test_an_update_leaves_what_is_settled(status, good):
    """Cash goes on coming in after the commission was paid; the amount it was paid for stays."""
    there = dict(brought(line()).rows[0])
    known = dataclasses.replace(KNOWN, rows={**KNOWN.rows, "Deals": [there], "Ledger": [{"deal": "A1", "status": status}]})
    outcome = brought(("A1", "150"), headers=("单号", "收入"), known=known, wishes=Wishes(update=frozenset({"revenue"})))
    assert bool(outcome.updated) is good and (good or "settled" in outcome.refusals[0].reason.en)
    outcome = brought(("A1", "50"), headers=("单号", "已回款"), known=known, wishes=Wishes(update=frozenset({"collected"})))
    assert outcome.updated == [(0, {"collected": 50.0})]


def test_people_may_report_to_each_other_in_any_order():
    people = schema.table("People")
    headers = ("工号", "姓名", "层级", "条线", "上级", "入职日期")
    raw = rows(("1", "甲", "代表", "直销", "2", "2027-01-01"), ("2", "乙", "经理", "直销", None, "2020-01-01"),
               ("3", "丙", "代表", "直销", "9", "2027-01-01"), ("4", "丁", "代表", "直销", "3", "2027-01-01"), headers=headers)  # fmt: skip
    outcome = bring_in(raw, people, Known())
    assert [r["id"] for r in outcome.rows] == ["1", "2"]
    assert [r.line for r in outcome.refusals] == [4, 5]  # who reports to a refused one is refused, too


# ------------------------------------------------------------------------------------------------------------- into a workbook


@pytest.fixture(scope="module")
def company() -> Company:
    return sample_company("zh")


@pytest.fixture(scope="module")
def made(company, tmp_path_factory) -> dict[str, Path]:
    """The sample's people and customers without deals; an empty plan in English."""
    folder = tmp_path_factory.mktemp("plans")
    staff = {k: v for k, v in company.rows.items() if k in ("Regions", "People", "Customers")}
    return {
        "staff": small_plan(folder / "staff.xlsx", dataclasses.replace(company, rows=staff)),
        "empty": small_plan(folder / "empty.xlsx", Company("X", 2027, dt.date(2027, 12, 31)), "en"),
    }


@pytest.fixture
def staff(made, tmp_path) -> Path:
    return Path(shutil.copy(made["staff"], tmp_path / "plan.xlsx"))


def write_csv(path: Path, headers, lines, encoding="utf-8-sig") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([headers, *lines])
    return path


def text_of(path: Path) -> io.StringIO:
    return io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")


def deals_csv(path: Path, deals, encoding="utf-8-sig") -> Path:
    columns = [c for c in DEALS.inputs if c.key != "seller_share"] + [DEALS["seller_share"]]
    return write_csv(path, [c.header.zh for c in columns], [[_plain(c, d.get(c.key)) for c in columns] for d in deals], encoding)


def _plain(column, value):
    shown = column.shown(value)
    return "" if value is None else shown.zh if shown is not value else value


def run(*words: object) -> int:
    return cli.main(["import", *map(str, words)])


def of(path: Path, table: str) -> list[dict]:
    return grids.held(Package.open(path), table).rows


def told_in_cells(row: dict) -> dict:
    """A ledger row as the file holds it, but for the day it was computed on and the version of the rules."""
    return {k: v or None for k, v in row.items() if k not in ("plan_version", "computed_on")}


def test_the_samples_deals_come_back_as_they_were(company, staff, tmp_path, capsys):
    """Out as GB18030, in again: the deals are the sample's own, no ledger is written, what to do next is said and brings just what
    those deals earn; and the same file again changes nothing."""
    file = deals_csv(tmp_path / "deals.csv", company.of("Deals"), "gb18030")
    assert run(file, staff) == cli.DONE
    assert "计算提成" in capsys.readouterr().out
    inputs = [c.key for c in DEALS.inputs]
    assert [{k: r[k] for k in inputs} for r in of(staff, "Deals")] == [{k: r.get(k) for k in inputs} for r in company.of("Deals")]
    assert of(staff, "Ledger") == of(staff, "Accounts") == []
    (log,) = [r for r in of(staff, "ChangeLog") if r["sheet"].startswith("成交")]
    assert "640 行" in log["new"] and "deals.csv" in log["new"] and log["action"] == "导入"
    assert len(list(tmp_path.glob("plan.bak-*"))) == 1
    before = staff.read_bytes()
    capsys.readouterr()
    assert run(file, staff, "--json") == cli.DONE
    report = json.loads(capsys.readouterr().out)
    assert (report["imported"], report["already_there"], report["written"]) == (0, 640, False)
    assert staff.read_bytes() == before and len(list(tmp_path.glob("plan.bak-*"))) == 1
    assert do("commission", staff).written
    rows = {name: company.of(name) for name in ("People", "Customers", "Deals")}
    with speaking("zh"):
        facts = reading.assembled(rows, Policies(), company.as_of)
        due = merge.ledger(facts, paid_for(facts)).applied(())
    assert len(due) > 640 and [told_in_cells(r) for r in of(staff, "Ledger")] == [told_in_cells(r) for r in due]


def test_calculated_columns_go_on_and_hold_their_values(company, staff, tmp_path):
    assert run(deals_csv(tmp_path / "deals.csv", company.of("Deals")[:30]), staff) == cli.DONE
    package = Package.open(staff)
    table = package.tables["Deals"]
    cells = package.sheets[table.sheet].cells()
    place = table.ref.first_col + table.headers.index("毛利")
    lines = range(table.data.first_row, table.data.last_row + 1)
    assert len(lines) == 30
    for number, deal in zip(lines, company.of("Deals"), strict=False):
        assert cells[number, place].formula and cells[number, place].value == pytest.approx(
            deal["revenue"] - deal["cost"], abs=0.005
        )


def test_texts_never_become_formulas(made, tmp_path):
    plan = Path(shutil.copy(made["empty"], tmp_path / "plan.xlsx"))
    people = write_csv(
        tmp_path / "p.csv",
        ["ID", "Name", "Level", "Line", "Joined"],
        [["007", '=HYPERLINK("http://x")', "rep", "direct", "2020-01-01"]],
    )
    assert run(people, plan, "--table", "people") == cli.DONE
    deals = write_csv(tmp_path / "d.csv", ["Deal ID", "Date", "Customer", "Customer name", "Seller", "Amount", "Cost"],
                      [["=1+1", "2027-01-05", "+7", "@SUM(A1)", "007", "10", "6"]])  # fmt: skip
    assert run(deals, plan, "--lang", "en") == cli.DONE
    package = Package.open(plan)
    texts = {
        c.value for s in package.sheets.values() for c in s.cells().values() if isinstance(c.value, str) and c.formula is None
    }
    assert {"=1+1", "+7", "@SUM(A1)", '=HYPERLINK("http://x")', "007"} <= texts
    assert of(plan, "People")[0]["level"] == "representative"  # shown as the plan's language has it
    assert "Rep" in texts


def test_the_report_is_complete_and_harmless_in_excel(staff, tmp_path, capsys):
    lines = [line(id=f"=cmd|{n}", seller="P001", cost="=x") for n in range(25)]
    report = tmp_path / "refused.csv"
    file = write_csv(tmp_path / "d.csv", HEADERS, [["" if c is None else c for c in cells] for cells in lines])
    assert run(file, staff, "--report", report, "--lang", "en") == cli.ATTENTION
    assert report.read_bytes().startswith(b"\xef\xbb\xbf")
    written = list(csv.reader(text_of(report)))
    assert len(written) == 26 and written[1][:3] == ["2", "成本", "'=x"]
    shown = capsys.readouterr().out
    assert "5 more" in shown and "rejected 25" in shown and "unchanged" in shown


def test_a_dry_run_writes_nothing(company, staff, tmp_path, capsys):
    before = staff.read_bytes()
    assert run(deals_csv(tmp_path / "d.csv", company.of("Deals")), staff, "--dry-run", "--lang", "en") == cli.DONE
    assert "640" in capsys.readouterr().out and staff.read_bytes() == before


def test_what_can_not_be_done_changes_nothing(company, staff, tmp_path, capsys):
    good = deals_csv(tmp_path / "d.csv", company.of("Deals")[:3])
    other = tmp_path / "other.xlsx"
    import openpyxl

    book = openpyxl.Workbook()
    book.save(other)
    protected, below = tmp_path / "protected.xlsx", tmp_path / "below.xlsx"
    book = openpyxl.load_workbook(staff)
    sheet = next(s for s in book.worksheets if "Deals" in s.tables)
    sheet.protection.sheet = True
    book.save(protected)
    sheet.protection.sheet = False
    sheet["C9"] = "note"
    book.save(below)
    for words, needle in (
        ((good, other), "no planning workbook"),
        ((good, protected), "protected"),
        ((good, below), "not empty"),
        ((tmp_path / "none.csv", staff), "none.csv"),
        ((good, tmp_path / "none.xlsx"), "none.xlsx"),
        ((good, staff, "--table", "Dealz"), "Deals"),
        ((good, staff, "--table", "Ledger"), "can't be brought"),
        ((good, staff, "--map", "x"), "--map"),
        ((good, staff, "--report", staff), "overwritten"),
        ((good, staff, "--report", tmp_path / "no" / "r.csv"), "does not exist"),
    ):
        before = Path(words[1]).read_bytes() if Path(words[1]).exists() else b""
        capsys.readouterr()
        assert run(*words, "--lang", "en") == cli.FAILED, words
        assert needle in capsys.readouterr().err, words
        assert not before or Path(words[1]).read_bytes() == before


def test_the_plans_own_tiers_decide(company, staff, tmp_path):
    """A rate changed on the settings sheet, in a plan of which nothing is settled, changes what new deals earn."""
    package = Package.open(staff)
    area = package.chart_area(package.names["base_commission_rates"])
    assert area is not None
    sheet = package.sheets[area[0]]
    tiers = [at for at in area[1].cells() if isinstance(sheet.get(at).value, float)]  # the cells below are for more tiers
    assert len(tiers) == 3
    sheet.set_values(dict.fromkeys(tiers, 0.5))
    package.save(backup=False)
    deals = [d for d in company.of("Deals") if not d["original"]][:5]
    assert run(deals_csv(tmp_path / "d.csv", deals), staff) == cli.DONE
    assert do("commission", staff).written
    for deal in deals:
        paid = sum(r["commission"] for r in of(staff, "Ledger") if r["deal"] == deal["id"])
        assert paid == pytest.approx(max(0, deal["revenue"] - deal["cost"]) * 0.5, abs=0.011)


def test_a_return_of_a_deal_in_the_plan_pays_back_at_its_rate(company, staff, tmp_path):
    order = next(d for d in company.of("Deals") if not d["original"] and not d["partner"] and d["cost"] < d["revenue"] * 0.7)
    assert run(deals_csv(tmp_path / "1.csv", [order]), staff) == cli.DONE
    assert do("commission", staff).written
    assert sum(r["commission"] for r in of(staff, "Ledger")) > 0
    back = {**order, "id": "R-1", "revenue": -order["revenue"], "cost": -order["cost"], "original": order["id"]}
    assert run(deals_csv(tmp_path / "2.csv", [back]), staff) == cli.DONE
    assert do("commission", staff).written
    assert len(of(staff, "Ledger")) == 2 and sum(r["commission"] for r in of(staff, "Ledger")) == 0


def test_a_workbook_of_rows_with_titles_errors_and_a_second_sheet(staff, tmp_path, capsys):
    def fill(made):
        made.add_worksheet("说明").write("A1", "本表由系统导出")
        sheet = made.add_worksheet("明细")
        day = made.add_format({"num_format": "yyyy-mm-dd"})
        sheet.merge_range("A1:F1", "2027 年成交")
        sheet.write_row("A3", HEADERS[:6])
        for number in range(3):
            sheet.write_number(3 + number, 0, 1001 + number)
            sheet.write_datetime(3 + number, 1, dt.datetime(2027, 3, 5), day)
            sheet.write_row(3 + number, 2, ["C0001", "P030", 100.1])
            sheet.write_formula(3 + number, 5, "=1/0" if number == 1 else "=60", value="#DIV/0!" if number == 1 else 60)

    file = book(tmp_path / "d.xlsx", fill)
    assert run(file, staff, "--sheet", "说明", "--lang", "en") == cli.FAILED
    assert "明细" in capsys.readouterr().err  # that sheet holds no rows; the others are named
    assert run(file, staff, "--lang", "en") == cli.ATTENTION
    shown = capsys.readouterr().out
    assert "sheets not read: 说明" in shown and "line 5 成本 “#DIV/0!”" in shown
    assert [(d["id"], d["cost"]) for d in of(staff, "Deals")] == [("1001", 60), ("1003", 60)]


def test_the_whole_planning_workbook_takes_rows_and_still_passes_its_checks(company, tmp_path, capsys):
    plan = sample_plan("zh", tmp_path)
    order = next(d for d in company.of("Deals") if d["revenue"] > 50_000 and not d["partner"])
    back = {**order, "id": "R-1", "revenue": -100.0, "cost": -60.0, "original": order["id"], "collected": -100.0}
    new = {**order, "id": "N-1", "customer": "C-NEW"}
    assert run(deals_csv(tmp_path / "d.csv", [back, new, order]), plan, "--json") == cli.DONE
    report = json.loads(capsys.readouterr().out)
    assert (report["imported"], report["already_there"], report["added"]) == (2, 1, {"Customers": 1})
    # What came in is not in the ledger yet, which the checks say until commissions are computed.
    assert cli.main(["check", str(plan)]) == cli.ATTENTION, capsys.readouterr().out
    assert do("commission", plan).written
    assert cli.main(["check", str(plan)]) == cli.DONE, capsys.readouterr().out


# ------------------------------------------------------------------------------------------------------------------- real data


def too_much(lines: list[tuple[str, ...]]) -> set[str]:
    """The returns, in the order of their days, by which more of an order comes back than was sold."""
    sold = {line[0]: Decimal(line[5]) for line in lines if not line[7]}
    out = set()
    for line in sorted((line for line in lines if line[7]), key=lambda line: line[1][:10]):
        left = sold[line[7]] + Decimal(line[5])
        if left < 0:
            out.add(line[0])
        else:
            sold[line[7]] = left
    return out


def expected(data: Path, sellers: list[str], too_many: set[str]):
    """From the raw data: fen by seller of what must come in, how many rows, how many without customer, how many orphans."""
    frame = uci.invoices(data)
    frame["back"] = frame["Invoice"].str.startswith("C")
    frame["place"] = range(len(frame))
    named = frame[frame["customer"] != ""]
    first = named[~named["back"] & (named["fen"] > 0)].groupby("customer")["place"].min()
    orphans = named[named["back"] & ~(named["place"] > named["customer"].map(first))]
    good = named.drop(orphans.index)
    good = good[~good["Invoice"].isin(too_many)]
    by_seller = good.groupby(good["customer"].map(lambda c: sellers[uci.hashed(c) % len(sellers)]))["fen"].sum().to_dict()
    return by_seller, len(good), len(frame) - len(named), len(orphans)


def uci_rows(company, tmp_path, limit=None):
    data = require_data(uci.FILE)
    sellers = [p["id"] for p in company.of("People") if p["level"] == "representative"]
    lines = uci.deals(data, sellers)
    lines = lines[:limit]
    return data, sellers, uci.write(tmp_path / "uci.csv", lines), too_much(lines)


@pytest.mark.real
def test_a_year_of_real_invoices_comes_in_to_the_fen(company, tmp_path):
    """28,816 invoices. Refused are those without a customer, the returns whose order lies before the data begins, and those of more
    than was sold."""
    data, sellers, file, too_many = uci_rows(company, tmp_path)
    source = files.read(file, lambda cells: importing.headers_matched(DEALS, cells))
    known = Known({"People": company.of("People"), "Customers": ()}, 2027)
    outcome = bring_in(source.rows, DEALS, known, Wishes({"Invoice": "Deal ID"}))
    by_seller, good, nameless, orphans = expected(data, sellers, too_many)
    assert (outcome.read, len(outcome.rows), outcome.refused) == (28_816, good, nameless + orphans + len(too_many))
    assert sum("returned of" in r.reason.en for r in outcome.refusals) == len(too_many) > 0
    assert {r.column for r in outcome.refusals} == {"Customer ID", "Net amount"}
    assert sum(r.column == "Customer ID" for r in outcome.refusals) == nameless
    got: dict[str, int] = {}
    for row in outcome.rows:
        got[row["seller"]] = got.get(row["seller"], 0) + round(row["revenue"] * 100)
    assert got == by_seller
    assert len(outcome.added["Customers"]) == len({r["customer"] for r in outcome.rows})


@pytest.mark.real
def test_real_invoices_stand_in_the_plan_as_they_came(company, staff, tmp_path, capsys):
    """The first 2,000 invoices into a file: sums in the Tables are those of the CSV, and the ledger computed credits the same
    revenue: nobody is left out, since what commission could not compute did not come in (money.md 2)."""
    _, _, file, too_many = uci_rows(company, tmp_path, 2_000)
    assert run(file, staff, "--map", "Invoice=单号", "--json") == cli.ATTENTION
    report = json.loads(capsys.readouterr().out)
    refused = {r["line"] for r in report["refusals"]}
    rows = list(enumerate(csv.DictReader(text_of(file)), 2))
    assert too_many and too_many <= {r["Invoice"] for n, r in rows if n in refused}
    lines = [r for n, r in rows if n not in refused]
    wanted: dict[str, int] = {}
    for row in lines:
        wanted[row["Seller"]] = wanted.get(row["Seller"], 0) + round(float(row["Net amount"]) * 100)
    done = do("commission", staff)
    assert done.written and not done.outcome.data["left_out"]
    for table, person in (("Deals", "seller"), ("Ledger", "person")):
        got: dict[str, int] = {}
        for row in of(staff, table):
            got[row[person]] = got.get(row[person], 0) + round(row["revenue"] * 100)
        assert got == wanted
    assert report["imported"] == len(lines) == 2_000 - report["refused"]


def test_refusals_are_in_the_language_of_the_terminal(staff, tmp_path, capsys):
    file = write_csv(tmp_path / "d.csv", HEADERS, [["" if c is None else c for c in line(seller="P9999")]])
    for lang, needle in (("zh", "第 2 行 主办工号"), ("en", "line 2 主办工号")):
        assert run(file, staff, "--lang", lang) == cli.ATTENTION
        with speaking(lang):
            assert needle in capsys.readouterr().out


def test_only_tables_that_people_fill_can_be_imported():
    assert {"Deals", "People", "Draws"} <= set(own_workbook.importable())
    assert not {"Ledger", "ChangeLog", "Outbox", "MailLog", "Statements"} & set(own_workbook.importable())


def test_the_plan_may_stand_first_and_two_plans_are_asked_about(company, staff, tmp_path, capsys):
    file = deals_csv(tmp_path / "deals.csv", company.of("Deals")[:3])
    before = staff.read_bytes()
    assert run(file, staff, "--dry-run") == cli.DONE
    said = capsys.readouterr().out
    assert run(staff, file, "--dry-run") == cli.DONE and capsys.readouterr().out == said
    assert run(staff, staff) == cli.FAILED and "都是计划" in capsys.readouterr().err
    assert staff.read_bytes() == before
    assert run(staff, file) == cli.DONE and staff.read_bytes() != before


def test_how_sources_are_read_goes_from_one_plan_to_another(company, staff, tmp_path, capsys):
    other = Path(shutil.copy(staff, tmp_path / "other.xlsx"))
    file = deals_csv(tmp_path / "d.csv", company.of("Deals")[:3])
    file.write_text(file.read_text("utf-8").replace("单号", "编码", 1), "utf-8")
    assert run(file, staff, "--as", "金蝶", "--map", "编码=单号") == cli.DONE
    assert run(file, other, "--as", "金蝶") == cli.FAILED
    assert run(staff, other, "--table", "Sources") == cli.DONE
    assert len(capsys.readouterr().out) < 3_000  # not each of the plan's sheets is named as not read
    assert run(file, other, "--as", "金蝶") == cli.DONE
    before = other.read_bytes()
    assert run(staff, other, "--table", "来源") == cli.DONE and other.read_bytes() == before


def test_a_dealers_quarter_is_compared_with_the_plans_own_of_a_year_before():
    spec = schema.table("DealerSales")
    before = {"quarter": "2026-Q1", "dealer": "D1", "sales": 500.0}
    known = Known({"Dealers": [{"id": "D1", "name": "甲"}], "DealerSales": [before]}, 2027)
    given = rows(
        ("2027-Q1", "D1", "600", None), ("2027-Q2", "D1", "700", "400"), headers=("季度", "经销商编号", "季度提货额", "去年同期")
    )
    outcome = bring_in(given, spec, known)
    assert [(r["quarter"], r["last_year"]) for r in outcome.rows] == [("2027-Q1", 500.0), ("2027-Q2", 400.0)]
    assert [note.en for note in outcome.notes] == ["the same quarter last year of 1 row was taken from the plan's own (line 2)"]


# ------------------------------------------------------------------------------------------------------------------ times

TIMES = [
    ("2027-06-01 08:05", (8, 5, 0)),
    ("2027/6/1 8:05:30", (8, 5, 30)),
    ("2027-06-01T20:05:00", (20, 5, 0)),
    ("6/25/2027 2:30 PM", (14, 30, 0)),
    ("6/25/2027 12:30 AM", (0, 30, 0)),
    ("2027年6月1日 14时30分", (14, 30, 0)),
    ("2027-06-01 下午 2:30", (14, 30, 0)),
    ("2027-06-01 下午2:30", (14, 30, 0)),
    ("1-Jun-2027 16:00", (16, 0, 0)),
    ("46539.25", (6, 0, 0)),
    ("2027-06-01", (0, 0, 0)),
    ("2027-06-01T01:00:00Z", (9, 0, 0)),  # China is eight hours ahead
    ("2027-06-01 10:00 +09:00", (9, 0, 0)),
    (dt.datetime(2027, 6, 1, 8, 5), (8, 5, 0)),
    (dt.date(2027, 6, 1), (0, 0, 0)),
    (46539.25, (6, 0, 0)),
]


@pytest.mark.parametrize(("cell", "clock"), TIMES)
def test_a_time_keeps_its_time_of_day(cell, clock):
    """Four hours to a solution can't be judged by days."""
    parse = parsing.parser(schema.table("Tickets")["opened"], parsing.Habit(day_first=False))
    found = parse(cell)
    assert (found.hour, found.minute, found.second) == clock and (found.year, found.month) == (2027, 6)


def test_a_moment_is_moved_to_the_companys_zone_day_and_all():
    parse = parsing.parser(schema.table("Tickets")["opened"])
    assert parse("2027-06-01T20:30:00Z") == dt.datetime(2027, 6, 2, 4, 30)
    with pytest.raises(parsing.Bad):
        parse("2027-06-01 25:00")


def test_tickets_come_in_with_their_times_and_the_usual_part_and_twice_is_once(tmp_path):
    company = Company("甲", 2027, dt.date(2027, 6, 30), rows={"Customers": [{"id": "C1", "name": "甲厂"}]})
    path = small_plan(tmp_path / "plan.xlsx", company)
    file = tmp_path / "tickets.csv"
    file.write_text("工单号,客户编号,受理时间,响应时间\nW1,C1,2027-06-01 08:00,2027-06-01 12:01\n", "utf-8")
    outcome = do("import", path, file=str(file), table="Tickets").outcome
    assert any("配件" in note.zh and "无需" in note.zh for note in outcome.notes + outcome.details[1].outcome.notes)
    (row,) = FileBook.open(path).read("Tickets").rows
    assert (row["opened"], row["solution_at"]) == (dt.datetime(2027, 6, 1, 8), dt.datetime(2027, 6, 1, 12, 1))
    assert row["part"] == "none"
    do("service", path)
    (row,) = FileBook.open(path).read("Tickets").rows
    assert (row["solution_hours"], row["solution_light"], row["part_light"]) == (4.0167, "late", "none")
    again = do("import", path, file=str(file), table="Tickets").outcome.details[1].outcome
    assert (again.already, again.refusals) == (1, [])


@pytest.mark.parametrize(("said", "usual"), [("None", False), ("N/A", True), ("", True), ("no part", False)])
def test_a_choice_that_says_none_is_chosen_and_not_left_out(tmp_path, said, usual):
    company = Company("Alpha", 2027, dt.date(2027, 6, 30), rows={"Customers": [{"id": "C1", "name": "Alpha Works"}]})
    path = small_plan(tmp_path / "plan.xlsx", company, "en")
    file = tmp_path / "tickets.csv"
    file.write_text(f"ID,Customer,Opened,Solution at,Part\nW1,C1,2027-06-01 08:00,2027-06-01 12:01,{said}\n", "utf-8")
    outcome = do("import", path, file=str(file), table="Tickets").outcome
    assert any("Part" in note.en and "was taken" in note.en for note in outcome.notes + outcome.details[1].outcome.notes) == usual
    assert FileBook.open(path).read("Tickets").rows[0]["part"] == "none"


ROSTER = [
    ["工号", "姓名", "职级", "部门", "上级", "入职日期"],
    ["001", "陈立", "总监", "行业", None, "2020-01-01"],
    ["002", "张伟", "代表", "行业", "陈立", "2024/3/1"],
    ["003", "王芳", "代表", "区域", "陈 立", "2024/6/1"],
]


def test_a_roster_names_its_managers_who_come_in_with_it():
    found = bring_in(rows(*ROSTER[1:], headers=ROSTER[0]), schema.table("People"), Known({}, 2026), Wishes({"部门": "条线"}))
    assert not found.refusals, reasons(found)
    assert [row["manager"] for row in found.rows] == [None, "001", "001"]
    twice = [*ROSTER[1:3], ["004", "陈立", "代表", "区域", None, "2025-01-01"]]
    found = bring_in(rows(*twice, headers=ROSTER[0]), schema.table("People"), Known({}, 2026), Wishes({"部门": "条线"}))
    assert [r.column for r in found.refusals] == ["上级"]  # two are called so


def test_a_column_whose_cells_are_all_words_of_ours_is_offered():
    with pytest.raises(Refused, match='--map "部门=条线"'):
        bring_in(rows(*ROSTER[1:], headers=ROSTER[0]), schema.table("People"), Known({}, 2026), Wishes())
    other = [[*row[:3], "大客户部", *row[4:]] for row in ROSTER[1:]]
    with pytest.raises(Refused) as caught:
        bring_in(rows(*other, headers=ROSTER[0]), schema.table("People"), Known({}, 2026), Wishes())
    assert "部门=" not in caught.value.text.zh
    found = bring_in(rows(*other, headers=ROSTER[0]), schema.table("People"), Known({}, 2026), Wishes({"部门": "条线"}))
    assert "用词" in found.refusals[0].reason.zh and "Words" in found.refusals[0].reason.en


@pytest.mark.parametrize(
    ("header", "cell", "unused"),
    [("单据状态", "已审核", []), ("单据状态", "草稿", []), ("币种", "人民币", []), ("备注", "急", []), ("电话", "123", ["电话"])],
)
def test_a_column_that_decided_what_rows_mean_is_not_called_unused(header, cell, unused):
    found = brought(("A1", "2027-03-05", "C1", "P1", "100", "60", cell), headers=(*HEADERS[:6], header))
    assert found.unused == unused
