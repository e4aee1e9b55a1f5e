"""All mailed workbooks: what they show is the plan's, what they hold is the recipient's, and they open everywhere."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import subprocess
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from addin.actions.commission import team_totals
from addin.mailing.inspect import Inspector
from tests.judge import office
from tests.mailed import packages
from tests.mailed.company import busy, case, facts, of_core, person, sample
from tests.mailed.test_statement import cases
from tests.real import require_chromium, require_office
from udfs import call
from udfs.text import Text
from udfs.values import total_of
from workbook_templates import mailed
from workbook_templates.chapters.incentives.staff import Staff
from workbook_templates.documents import PICTURE
from workbook_templates.mailed import Facts, Piece, cockpit, dealer, figures, statement, team
from workbook_templates.mailed.dealer_figures import buyers, dealer_sheet
from workbook_templates.mailed.team_figures import team as team_of
from workbook_templates.mailed.words import last_day
from workbook_templates.page import register, watches

KINDS = ("statement", "team", "dealer", "cockpit")


def pieces(plan: Facts, period: str, most: int = 6) -> list[Piece]:
    """Some of every kind."""
    return [kind.make(plan, who, period) for kind in mailed.every().values() for who in kind.recipients(plan, period)[:most]]


def test_the_kinds_are_found_in_their_order() -> None:
    assert tuple(mailed.every()) == KINDS


@pytest.mark.parametrize(("lang", "period"), [("zh", "2027-12"), ("en", "2027-06")])
def test_formulas_come_to_what_they_show_and_charts_have_points(lang: str, period: str) -> None:
    for piece in pieces(sample(lang), period):
        packages.check_recalculated(piece.workbook)
        for refs in packages.chart_points(piece.workbook).values():
            assert any(any(p is not None for p in points) for _, points in refs)
        assert all(packages.names_seen(piece.workbook)), (piece.kind, period)
        assert not openpyxl.load_workbook(io.BytesIO(piece.workbook)).defined_names


def test_a_second_look_finds_nobody_else_s_data() -> None:
    """The pass that mail itself makes over finished bytes, written apart from this package."""
    plan = sample("zh")
    inspector = Inspector(plan.rows)
    made = [*pieces(plan, "2027-12", 100), *(statement.make(plan, who, period) for who, period in cases())]
    assert len(made) > 80
    assert not [(p.kind, p.recipient, f) for p in made for f in inspector.package(p.workbook, p.owns)]


def test_whoever_decided_by_hand_may_be_named_and_nobody_else() -> None:
    rows = busy()
    bonus = next(r for r in rows["Ledger"] if r["kind"] == "bonus")
    bonus["by"] = "山海"
    plan = facts(rows)
    inspector, piece = Inspector(plan.rows), statement.make(plan, "P1", "2027-03")
    assert piece.owns["People"] == {"P1", "M1"} and not inspector.package(piece.workbook, piece.owns)
    bonus["reason"] = "与石峰协商"
    assert inspector.package(statement.make(facts(rows), "P1", "2027-03").workbook, piece.owns)


def test_an_empty_company_gets_nothing_and_breaks_nothing() -> None:
    plan = Facts("x", 2027, dt.date(2027, 3, 31), "", "en", {}, facts({}).settings)
    assert [kind.recipients(plan, "2027-03") for kind in mailed.every().values()] == [[], [], [], []]


# -------------------------------------------------------------------------------------------------------------- team


@pytest.mark.parametrize("period", ["2027-01", "2027-09"])
def test_a_team_is_the_sum_of_accounts_and_ledger(period: str) -> None:
    """Payable and held are the accounts' of whoever is below; what deals earned is what the commission action says of the team."""
    plan = sample("zh")
    staff = Staff(plan.of("People"), plan.of("Transfers"))
    days = {row["id"]: row["date"] for row in plan.of("Deals")}
    for row in team_totals(list(plan.of("Ledger")), staff, days, period):
        made = team_of(plan, row["manager"], period)
        own = figures.earned_of(figures.of_month(plan, row["manager"], period))
        assert Decimal(str(made.sum_of("earned"))) == Decimal(str(row["commission"])) - Decimal(str(own))
        month, chief = last_day(period), row["manager"]
        below = [a for a in plan.of("Accounts") if a["month"] == period and chief in staff.chain(a["person"], month)[1:]]
        for key, column in (("payable", "paid"), ("held", "held"), ("booked", "bookings")):
            assert Decimal(str(made.sum_of(key))) == sum((Decimal(str(a[column])) for a in below), Decimal(0))


def test_after_a_transfer_the_old_team_keeps_its_deals() -> None:
    """P1 goes from M1 to M2 on 15 March: what the order of the 10th earned stays with M1, the account of the month is M2's."""
    rows = busy()
    rows["People"].append({**rows["People"][0], "id": "M2", "name": "江河"})
    rows["Transfers"] = [
        {"person": "P1", "valid_from": dt.date(2027, 3, 15), "manager": "M2", "level": None, "line": None, "region": None}
    ]
    plan = facts(rows)
    assert team.recipients(plan, "2027-03") == ["M1", "M2"]
    old, new = (next(m for m in team_of(plan, chief, "2027-03").members if m.id == "P1") for chief in ("M1", "M2"))
    assert (old.earned, new.earned) == (12_500 + 94.43 - 80, -468)  # the return of the 20th is M2's
    assert (old.payable, new.payable) == (0, 12_346.43)
    assert (old.to_date, new.to_date) == (100_000, 1_031_110)  # February's and March's bookings
    assert (old.year, new.year) == (1250, 12_346.43)


def test_a_team_s_attainment_is_that_of_the_accounts() -> None:
    rows = busy()
    account = next(a for a in rows["Accounts"] if (a["person"], a["month"]) == ("P1", "2027-03"))
    account.update(bookings=700_000.0, quota=350_000.0)
    member = next(m for m in team_of(facts(rows), "M1", "2027-03").members if m.id == "P1")
    assert (member.booked, member.to_date) == (700_000, 800_000)
    january = figures.quota(facts(rows), "P1", "2027-01")  # no account: what the plan asks for
    assert january and member.quota_to_date == january + 500_000 + 350_000


def test_a_team_says_who_is_not_reviewed_and_who_is_left_out() -> None:
    rows = busy()
    rows["People"].append(person("P3", "云帆", "M1"))
    next(a for a in rows["Accounts"] if (a["person"], a["month"]) == ("P2", "2027-03"))["statement"] = "reviewed"
    plan = facts(rows)
    plan = Facts(
        plan.company, 2027, plan.as_of, "V1", "zh", plan.rows, plan.settings, plan.named, None, {"P3": Text("坏行", "bad")}
    )
    piece = team.make(plan, "M1", "2027-03")
    for said in ("预估：1 行在异议中，尚未锁定", "未审核：木兰", "未计算（数据待更正）：云帆"):
        assert said in piece.text and said in piece.html and said in packages.words(piece.workbook)
    assert "坏行" not in piece.text
    packages.check_recalculated(piece.workbook)
    next(a for a in rows["Accounts"] if (a["person"], a["month"]) == ("P1", "2027-03"))["statement"] = "final"
    for row in rows["Ledger"]:
        row["status"] = "reviewed"
    assert team.make(facts(rows), "M1", "2027-03").fields["state"] == "预估：已审核，尚未锁定"  # P2's is the one behind


def test_held_and_carried_money_is_no_payable_of_a_team() -> None:
    plan = of_core(case("M27"))  # A and B report to M
    made = team_of(plan, "M", "2027-03")
    found = {m.id: (m.payable, m.earned, m.held) for m in made.members}
    assert found == {"A": (650, 1700, 850), "B": (1300, 600, 600)}
    assert made.sum_of("payable") == team.make(plan, "M", "2027-03").total == 1950


# ------------------------------------------------------------------------------------------------------------ dealer


def test_a_dealer_s_rebates_are_the_ledger_s() -> None:
    plan = sample("zh")
    for quarter, month in (("2027-Q2", "2027-05"), ("2027-Q4", "2027-12")):
        for who in dealer.recipients(plan, month):
            made = dealer_sheet(plan, who, month)
            rows = [r for r in plan.of("DealerLedger") if r["dealer"] == who and r["booked"] <= quarter]
            for key in ("rebate", "paid", "withheld"):
                wanted = sum(Decimal(str(r[key])) for r in rows)
                assert sum(Decimal(str(getattr(q, key))) for q in made.quarters) == wanted
            assert Decimal(str(made.total)) == sum(Decimal(str(r["paid"])) for r in rows if r["booked"] == quarter)
            if made.bands:
                assert sum(Decimal(str(b.amount)) for b in made.bands) == Decimal(str(made.quarters[-1].rebate))


def test_what_is_withheld_says_why_and_stock_its_buyback() -> None:
    plan = sample("zh")
    held = next(r for r in plan.of("DealerLedger") if r["withheld"] > 0 and r["booked"] == "2027-Q4")
    piece = dealer.make(plan, held["dealer"], "2027-12")
    assert held["reason"] in piece.html and held["reason"] in piece.text
    lots = [r for r in plan.of("Stock") if r["dealer"] == held["dealer"]]
    worth = sum(Decimal(str(call("BUYBACK", round(r["price"] * r["on_hand"], 2), 0.95)[0][0])) for r in lots)
    cells = packages.values(piece.workbook)["库存"]
    assert Decimal(str(cells[f"I{6 + len(lots)}"])) == worth
    released = next(r for r in plan.of("DealerLedger") if r["kind"] == "release")
    assert dealer_sheet(plan, released["dealer"], "2027-03").withheld == released["paid"]
    assert dealer_sheet(plan, released["dealer"], "2027-06").withheld_before == 0


def rebates(status: str) -> Facts:
    """A dealer with 1,000 withheld in the first quarter and 200 in the second, where 3,000 are paid."""
    common = {"dealer": "W1", "sales": 50_000.0, "kind": "rebate", "status": status, "computed_on": None, "verdict": None}
    rows = [
        {**common, "quarter": "2027-Q1", "booked": "2027-Q1", "rebate": 5000.0, "paid": 4000.0, "withheld": 1000.0, "status": "paid", "reason": "产品学院 55 分"},
        {**common, "quarter": "2027-Q2", "booked": "2027-Q2", "rebate": 3200.0, "paid": 3000.0, "withheld": 200.0, "reason": "销售学院 50 分"},
    ]  # fmt: skip
    return facts({"Dealers": [{"id": "W1", "name": "华远"}], "DealerLedger": rows})


@pytest.mark.parametrize(
    ("status", "badge", "label"),
    [
        ("computed", "预估：尚未审核，数额可能变动", "应付: 3,000.00"),
        ("reviewed", "预估：已审核，尚未锁定", "应付: 3,000.00"),
        ("locked", "最终：已锁定", "应付: 3,000.00"),
        ("paid", "最终：已发放", "已支付: 3,000.00"),
    ],
)
def test_a_rebate_is_as_firm_as_its_rows(status: str, badge: str, label: str) -> None:
    """The badge of statements, and what is withheld of the quarter beside the quarter: 200, not the year's 1,200."""
    piece = dealer.make(rebates(status), "W1", "2027-05")
    assert badge in piece.text and badge in piece.html and badge in packages.words(piece.workbook) and label in piece.text
    assert piece.fields["withheld"] == "200.00" and piece.fields["state"] == badge and "本季暂扣 200.00" in piece.text
    assert "本年以前各季仍暂扣 1,000.00 元" in piece.text and "1,200.00" not in piece.text
    assert piece.fields["reason"] == "销售学院 50 分"
    front = packages.values(piece.workbook)["本季"]
    assert (front["E10"], front["B11"]) == (badge, "本季暂扣 200.00 元；本年以前各季仍暂扣 1,000.00 元")


# ----------------------------------------------------------------------------------------------------------- cockpit


@pytest.mark.parametrize(
    ("days", "care", "changed", "light"),
    [
        # The plan's scale falls from 1 at 45 days to 0 at 270: 90 days are 180/225 = 80 %, 135 days 60 %.
        (90, {}, {}, "good"),
        (91, {}, {}, "warn"),
        (135, {}, {}, "warn"),
        (136, {}, {}, "bad"),
        (135, {}, {"health.fair": 0.7}, "bad"),
        # Cash 30 %, NPS 20 %, delivery 20 % in full, recency 30 % nought: 70 %.
        (300, {"due": 100.0, "collected": 100.0, "nps": 100.0, "delivery": "green"}, {}, "warn"),
        # Nothing due leaves cash out: 30 of 70 %.
        (45, {"due": 0.0, "collected": 0.0, "nps": -100.0, "delivery": "red"}, {}, "bad"),
    ],
)
def test_a_customer_s_light_is_that_of_customer_care(
    days: int, care: dict[str, object], changed: dict[str, object], light: str
) -> None:
    day = dt.date(2027, 12, 31)
    order = {"customer": "C1", "date": day - dt.timedelta(days), "amount": 100.0}
    rows: dict[str, list[dict[str, object]]] = {
        "Customers": [{"id": "C1", "name": "客户"}],
        "CustomerCare": [{"customer": "C1", **care}] if care else [],
    }
    plan = Facts("x", 2027, day, "", "zh", rows, {**facts({}).settings, **changed})
    assert [(buyer.days, buyer.light) for buyer in buyers(plan, [order], day)] == [(days, light)]


def test_the_cockpit_goes_to_directors_and_says_what_the_plan_says() -> None:
    plan = sample("zh")
    assert cockpit.recipients(plan, "2027-12") == sorted(r["id"] for r in plan.of("People") if r["level"] == "director")
    piece = cockpit.make(plan, "P001", "2027-12")
    shown = set(packages.values(piece.workbook)["驾驶舱"].values())
    for name in ("bookings", "gross_margin", "profit", "budget_spent", "collected", "floor_target"):
        assert plan.first(name) in shown, name
    assert total_of(row["paid"] for row in plan.of("Accounts")) in shown
    assert piece.total is None and "420,000,000.00" in piece.text and "截止日期 2027-12-31" in piece.text


def test_the_cockpit_mail_judges_by_the_plans_register() -> None:
    """Design, mailed pieces: the register and not a second computation; rows of others stay in the workbook."""
    plan = sample("zh")
    piece = cockpit.make(plan, "P001", "2027-12")
    rows = cockpit.judged(plan)
    cells = packages.values(piece.workbook)["驾驶舱"]
    shown = {cells[f"B{row}"]: (cells.get(f"C{row}"), cells.get(f"E{row}"), cells.get(f"F{row}")) for row in range(9, 16)}
    for key, name in (
        ("bookings.progress", "签单"),
        ("margin.progress", "毛利"),
        ("profit.progress", "利润"),
        ("cash.rate", "到期回款率"),
    ):
        row = next(row for row in rows if row.key == key)
        assert shown[name] == (row.actual, row.target, register.LIGHTS[str(row.light)].zh)
    first = register.first(rows)
    assert len(first) == 5 and all(row.title in piece.text and row.gap in piece.text for row in first)
    assert not [row.item for row in first if row.item.startswith("C0") and row.item in piece.text]
    assert register.first(rows)[0].title not in cockpit.make(plan, "P001", "2027-06").text


def test_the_cockpit_mail_has_one_picture_of_the_plans_own_months() -> None:
    """Design, mailed pieces: one PNG, of what the plan's cockpit draws; on another day there is nothing to draw."""
    plan = sample("zh")
    piece = cockpit.make(plan, "P001", "2027-12")
    picture = piece.picture
    assert picture is not None and piece.html.count(PICTURE) == 1 and picture.said in piece.text
    booked, quotas = (list(plan.named[name])[:12] for name in ("bookings_months", "quota_months"))
    assert [row[1:3] for row in picture.rows] == [
        (pytest.approx(total_of(quotas[:n])), pytest.approx(total_of(booked[:n]))) for n in range(1, 13)
    ]
    assert picture.rows[-1][2] == pytest.approx(plan.first("bookings"))
    assert picture.said == plan.first("said_cd_months")
    likely, low, high = picture.rows[-1][3:6]  # as the plan's cockpit has them: nothing when the year is over
    assert not any(isinstance(cell, float | int) for cell in (likely, low, high))
    assert cockpit.make(plan, "P001", "2027-06").picture is None


@pytest.mark.parametrize(("item", "where", "cut"), [("D27-0142", "#'成交'!A161", True), ("华南", "#'成交'!A1", False)])
def test_the_cockpit_mail_leaves_out_whose_row_comes_first(item: str, where: str, cut: bool) -> None:
    """The sentence ends in the first problem's item: a row of a Table may be another line's, and a mail that holds it is refused."""
    plan = sample("zh")
    rows = [
        dict(zip(watches.COLUMNS, plan.named[watches.LIST][at : at + len(watches.COLUMNS)], strict=True))
        for at in range(0, len(plan.named[watches.LIST]), len(watches.COLUMNS))
    ]
    first = max((row for row in rows if isinstance(row["order"], float | int)), key=lambda row: row["order"])
    first |= {"item": item, "where": where}
    named = {
        **plan.named,
        watches.LIST: [row[key] for row in rows for key in watches.COLUMNS],
        "cockpit_message": [f"先办：{first['title']}：{item}"],
    }
    piece = cockpit.make(dataclasses.replace(plan, named=named), "P001", "2027-12")
    said = packages.words(piece.workbook)
    assert (item in piece.text) is (item in said) is not cut and f"先办：{first['title']}" in piece.text


def test_the_cockpit_obeys_its_day() -> None:
    """M30: as of 30 April 1,800 although May is computed; a mail of period 05 says 2,700; each says its rule."""
    core = case("M30")
    core.put("People", person("Z", "总监", level="director"))
    for as_of, period, shows in ((dt.date(2027, 4, 30), "2027-12", "1,800.00"), (dt.date(2027, 5, 31), "2027-05", "2,700.00")):
        core.today = as_of
        piece = cockpit.make(of_core(core), "Z", period)
        assert piece.text.count(shows) == 2 and f"截止日期 {as_of}" in piece.text
    core.today = dt.date(2027, 12, 31)
    piece = cockpit.make(of_core(core), "Z", "2027-04")
    assert piece.text.count("1,800.00") == 2 and "截至 2027-04-30（所选期间的月末），其后的不计" in piece.text


def test_a_cockpit_of_june_shows_nothing_after_june() -> None:
    plan = sample("zh")
    piece = cockpit.make(plan, "P001", "2027-06")
    cells = packages.values(piece.workbook)
    booked = total_of(d["revenue"] for d in plan.of("Deals") if d["date"] <= dt.date(2027, 6, 30))
    earned = figures.earned_of(r for r in plan.of("Ledger") if r["period"] <= "2027-06")
    spent = total_of(r["actual_cost"] or 0 for r in plan.of("Budget") if r["month"] <= 6)
    shown = {v for v in cells["驾驶舱"].values() if isinstance(v, int | float)}
    assert {booked, earned, spent} <= shown
    of_december = {plan.first(name) for name in ("bookings", "gross_margin", "profit", "budget_spent", "collected", "pool_total")}
    assert not (of_december - {plan.first("floor_target"), plan.first("budget_total")}) & shown
    data = cells["屏"]
    assert [f"K{row}" in data for row in range(12, 24)] == [True] * 6 + [False] * 6
    assert [f"K{row}" in data for row in range(5, 9)] == [True, True, False, False]
    assert "只有截止日期那一天" in str(data["B4"])
    assert "截至 2027-06-30" in piece.html and "截至 2027-06-30" in packages.words(piece.workbook)


def test_the_cockpit_has_its_first_screen_its_screens_and_the_line_without_pay() -> None:
    """Design, mailed pieces: the plan's sentence, tiles and problems; three sheets; nobody's pay, people of the own line only."""
    plan = sample("zh")
    piece = cockpit.make(plan, "P001", "2027-12")
    item = register.first(cockpit.judged(plan))[0].item  # an export check: a row of a Table, which stays in the workbook
    assert piece.text.split("\n\n")[1] == str(plan.first("cockpit_message")).removesuffix(f"：{item}") and item not in piece.text
    cells = packages.values(piece.workbook)
    assert list(cells) == ["驾驶舱", "屏", "本线明细"]
    rows = [row for row in cockpit.judged(plan) if row.light in register.LIGHTS and row.light != "off"]
    shown = [value for at, value in cells["屏"].items() if at.startswith("B")]
    assert all(any(str(value).startswith(row.title) for value in shown) for row in rows)
    lines = {row["id"]: row["line"] for row in plan.of("People")}
    assert {lines[who] for who in piece.owns["People"]} == {lines["P001"]}
    paid = {row["paid"] for row in plan.of("Accounts") if row["paid"]}
    assert not paid & {value for value in cells["本线明细"].values() if isinstance(value, float)}


def test_a_team_s_summary_opens_with_who_needs_help() -> None:
    plan = sample("zh")
    made = team_of(plan, "P002", "2027-12")
    low = sorted((m for m in made.members if m.attainment is not None and m.attainment < 1), key=lambda m: m.attainment or 0)
    text = team.make(plan, "P002", "2027-12").text
    assert [m.id for m in made.behind] == [m.id for m in low if m.id not in ("P027", "P050")][:3]  # two have left
    assert text.split("\n\n")[1].startswith(f"[{len(made.behind)} 个人要帮")
    assert all(f"{m.name}  {(m.attainment or 0) * 100:.1f}%" in text for m in made.behind)
    strip = next(block for block in text.split("\n\n") if "每点一人" in block)
    assert strip.count("●") == sum(m.attainment is not None for m in made.members)


def test_a_dealer_s_letter_begins_with_what_is_paid_withheld_and_why() -> None:
    piece = dealer.make(rebates("computed"), "W1", "2027-05")
    first = "本季支付 3,000.00 元，暂扣 200.00 元，因为销售学院 50 分"
    assert piece.text.split("\n\n")[1] == first and packages.values(piece.workbook)["本季"]["B3"] == first
    assert "全部通过后补发：本季 200.00、以前各季 1,000.00 元" in piece.text and "2027-09-30" in piece.text
    front = packages.values(piece.workbook)["本季"]
    assert max(at.rstrip("0123456789") for at in front) <= "G"  # six columns, the first one is blank


def test_a_dealer_reads_of_orders_outside_the_territory_and_of_stock_by_age() -> None:
    rows = rebates("computed").rows
    lot = {"dealer": "W1", "item": "X", "name": "X", "invoice": "I", "price": 100.0, "bought": 9.0, "on_hand": 2.0}
    stock = [{**lot, "invoice_date": dt.date(2027, 6, 1)}, {**lot, "invoice_date": dt.date(2026, 6, 1)}]
    orders = [{"id": "S1", "dealer": "W1", "region": region, "date": dt.date(2027, 5, 3), "amount": 5000.0, "customer": None} for region in ("华东", "华南")]  # fmt: skip
    dealers = [{**rows["Dealers"][0], "territory": "华东"}]
    piece = dealer.make(facts({**rows, "Dealers": dealers, "Stock": stock, "DealerOrders": orders}), "W1", "2027-05")
    assert "2027-05-03 在华南出货 5,000.00 元，授权区域是华东" in piece.text and "在华东出货" not in piece.text
    assert "90 天以内  190.00" in piece.text and "180 天以上  190.00" in piece.text and "合计  380.00" in piece.text


# --------------------------------------------------------------------------------------------------------- estimator


@pytest.mark.real
@pytest.mark.parametrize(("lang", "period"), [("zh", "2027-12"), ("en", "2027-06")])
def test_what_is_read_first_is_a_page(lang: str, period: str, tmp_path: Path) -> None:
    """Design, section 6: a piece's first sheet is a page; a few rows never stand alone on a second one."""
    require_office()
    made = pieces(sample(lang), period, 3)
    files = []
    for number, piece in enumerate(made):
        (path := tmp_path / f"{number}.xlsx").write_bytes(piece.workbook)
        files.append(path)
    for piece, path in zip(made, office.convert(files, "pdf", tmp_path, recalc=office.RECALC_NEVER, timeout=240), strict=True):
        said = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
        pages = [[line for line in page.split("\n") if line.strip()] for page in said.split("\f") if page.strip()]
        second = openpyxl.load_workbook(path.parent.parent / f"{path.stem}.xlsx").worksheets[1]["B1"].value
        first = next(number for number, page in enumerate(pages) if any(str(second) in line for line in page[:3]))
        assert first == 1 or (piece.kind == "team" and len(pages[1]) > 12), (piece.kind, piece.recipient, len(pages[first - 1]))


def test_the_estimator_in_a_real_office(tmp_path: Path) -> None:
    """M30: 200,000 at 22 % → 1,400 and 6,000 of margin to 25 %; at 30 % → 2,500, top tier; beside them COMMISSION on many."""
    require_office()
    piece = statement.make(of_core(case("M30")), "A", "2027-05")
    assert "SALES_" not in " ".join(packages.formulas(piece.workbook).values())
    orders = [
        (200_000, 0.22),
        (200_000, 0.3),
        (100_000, 0.2),
        (33_333.33, 0.2345),
        (1, 0.25),
        (88_888.88, 0.249999),
        (50_000, -0.2),
    ]
    files = list[Path]()
    for amount, margin in orders:
        book = openpyxl.load_workbook(io.BytesIO(piece.workbook))
        book["试算"]["C6"], book["试算"]["C7"] = amount, margin
        files.append(tmp_path / f"{len(files)}.xlsx")
        book.save(files[-1])
    results = office.convert(files, "xlsx", tmp_path, recalc=office.RECALC_ALWAYS, timeout=240)
    found = [packages.values(result.read_bytes())["试算"] for result in results]
    assert [found[0][at] for at in ("C9", "C10", "C11")] == [1400, 6000, 0.25]
    assert [found[1][at] for at in ("C9", "C10", "C11")] == [2500, "已在最高档", "–"]
    for (amount, margin), cells in zip(orders, found, strict=True):
        assert cells["C9"] == call("COMMISSION", amount, margin)[0][0], (amount, margin)
        assert cells["C12"] == pytest.approx(cells["C9"] + 2700)
    assert found[6]["C10"] == 10_000  # from −20 % it is a fifth of 50,000 to where anything is earned


def test_the_estimator_has_the_person_s_own_tiers() -> None:
    """M11: the representative's rule, with its floor of 200; the director's orders fall under none, so there is nothing to try."""
    plan = of_core(case("M11"))
    piece = statement.make(plan, "A", "2027-03")
    cells = packages.values(piece.workbook)["试算"]
    assert [cells[f"B{row}"] for row in (16, 17, 18)] == [0, 0.2, 0.25]
    assert [cells[f"C{row}"] for row in (16, 17, 18)] == [0.03, 0.05, 0.08]
    assert "MAX" in packages.formulas(piece.workbook)["试算", "C9"]
    assert "不按毛利逐档计提" in packages.words(statement.make(plan, "B", "2027-03").workbook)


# ------------------------------------------------------------------------------------------------------- real programs


@pytest.mark.real
def test_libreoffice_opens_them_and_comes_to_the_same_values(tmp_path: Path) -> None:
    require_office()
    made = [*pieces(sample("zh"), "2027-12", 1), statement.make(facts(busy()), "P1", "2027-03")]
    files = [tmp_path / f"{place}.xlsx" for place in range(len(made))]
    for file, piece in zip(files, made, strict=True):
        file.write_bytes(piece.workbook)
    results = office.convert(files, "xlsx", tmp_path, recalc=office.RECALC_ALWAYS, timeout=240)
    for piece, result in zip(made, results, strict=True):
        ours, theirs = packages.values(piece.workbook), packages.values(result.read_bytes())
        written = packages.formulas(piece.workbook)
        assert written
        for sheet, cell in written:
            mine, judged = ours[sheet].get(cell), theirs[sheet].get(cell)  # the estimator's blank text reads as None
            assert judged == pytest.approx(mine, rel=1e-12, abs=1e-9) if isinstance(mine, int | float) else judged == mine


@pytest.mark.real
@pytest.mark.parametrize("width", [320, 360, 1000])
def test_letters_are_no_wider_than_a_phone(tmp_path: Path, width: int) -> None:
    chromium = require_chromium()
    rows = busy()
    rows["People"][1]["name"] = "W" * 200
    next(r for r in rows["Ledger"] if r["kind"] == "bonus")["reason"] = "x" * 280
    made = [*pieces(sample("en"), "2027-12", 1), statement.make(facts(rows, "en"), "P1", "2027-03")]
    for place, piece in enumerate(made):
        # A window of Chromium has a least width of its own, a frame in it has not.
        inner = piece.html.replace("&", "&amp;").replace('"', "&quot;")
        script = (
            "const d=document.querySelector('iframe');d.onload=()=>{document.title=d.contentDocument.documentElement.scrollWidth}"
        )
        page = tmp_path / f"{place}.html"
        page.write_text(
            f'<iframe style="width:{width}px;height:900px;border:0" srcdoc="{inner}"></iframe><script>{script}</script>', "utf-8"
        )
        command: list[str] = [
            str(chromium),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--virtual-time-budget=2000",
            "--dump-dom",
            page.as_uri(),
        ]
        dom = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
        found = dom.partition("<title>")[2].partition("</title>")[0]
        assert found and int(found) <= width, piece.kind
