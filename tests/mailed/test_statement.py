"""Commission statements: what is payable is the account's, every movement the ledger's, nobody else's data inside."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import re
import subprocess
import sys
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.mailed import packages
from tests.mailed.company import busy, case, computed, deal, entered, facts, of_core, person, sample, settle
from tests.pay.by_core import ByCore
from tests.real import REPOSITORY
from udfs.text import Text, speaking
from udfs.values import exact
from workbook_templates import recalc
from workbook_templates.chapters.incentives.pay.exact import shared
from workbook_templates.mailed import Facts, Piece, figures, statement
from workbook_templates.mailed.statement_figures import statement as figures_of
from workbook_templates.mailed.statement_lines import SECTIONS, lines, part
from workbook_templates.xlsx.package import Package

MONTHS = [f"2027-{month:02}" for month in range(1, 13)]
FRONT, DETAILS, YEAR = "提成对账单", "逐单明细", "年度走势"
FLOWS = ("opening", "released", "clawback", "adjustment", "bonus", "draw_paid", "draw_recovered", "hold_on", "hold_off")


def fen(amounts: object) -> Decimal:
    return sum((Decimal(str(a or 0)) for a in amounts), Decimal(0))  # type: ignore[attr-defined]


def ledger_of(plan: Facts, who: str, period: str) -> list[dict[str, Any]]:
    return [r for r in plan.of("Ledger") if r["person"] == who and r["period"] == period]


def account_of(plan: Facts, who: str, period: str) -> dict[str, Any]:
    found = [r for r in plan.of("Accounts") if (r["person"], r["month"]) == (who, period)]
    return dict(found[0]) if found else dict.fromkeys((*FLOWS, "paid", "closing", "held", "draw_debt", "on_hold"), 0.0)


def check_account(piece: Piece, account: dict[str, Any]) -> None:
    """The cells of the account are the account's, and add up to what is paid and what is carried."""
    front = packages.values(piece.workbook)[next(iter(packages.values(piece.workbook)))]
    shown = [Decimal(str(front[f"D{row}"])) for row in range(15, 24)]
    assert shown == [Decimal(str(account[key])) for key in FLOWS]
    signs = [1, 1, 1, 1, 1, 1, -1, -1, 1]
    paid, carried = (Decimal(str(account[key])) for key in ("paid", "closing"))
    left = sum(sign * amount for sign, amount in zip(signs, shown, strict=True))
    assert left == paid + carried == Decimal(str(front["D24"]))
    assert (Decimal(str(front["B10"])), Decimal(str(front["D25"])), Decimal(str(front["D26"]))) == (paid, paid, carried)
    assert [front[f"G{row}"] for row in (15, 16, 17)] == [account[key] for key in ("held", "draw_debt", "on_hold")]
    assert Decimal(str(piece.total)) == paid
    packages.check_recalculated(piece.workbook)


# ------------------------------------------------------------------------------------------------- the sample company


@pytest.mark.parametrize("period", MONTHS)
def test_every_statement_of_the_sample_pays_what_the_account_says(period: str) -> None:
    plan = sample("zh")
    recipients = statement.recipients(plan, period)
    assert {r["person"] for r in plan.of("Ledger") if r["period"] == period} <= set(recipients)
    assert not statement.KIND.wrong(plan, recipients, period)
    whole = Decimal(0)
    for who in recipients:
        rows, made, account = ledger_of(plan, who, period), lines(plan, who, period), account_of(plan, who, period)
        moved = [r["commission"] for r in rows if any(r["kind"] in kinds for kinds in SECTIONS.values())]
        assert fen(line.amount for line in made.shown) == fen(moved) == fen(account[k] for k in FLOWS[1:5])
        assert len(made.shown) + made.zero + len(made.beside) == len(rows)
        for line in made.of("accrual"):
            assert line.bands, f"{line.deal}: no working"
            assert fen(band.amount for band in line.bands) == Decimal(str(line.whole))
            assert part(line.whole, line.share, line.first) == line.amount
        assert all(line.bands or line.reason for line in (*made.shown, *made.beside))
        assert figures_of(plan, who, period).payable == account["paid"]
        whole += Decimal(str(account["paid"]))
    assert whole == fen(r["paid"] for r in plan.of("Accounts") if r["month"] == period)


def cases() -> list[tuple[str, str]]:
    """Statements worth opening: splits, returns, joiners, leavers, the disputed line, nothing at all."""
    plan = sample("zh")
    returns = next(r for r in plan.of("Ledger") if r["kind"] == "clawback")
    split = next(r for r in plan.of("Ledger") if (r["credit_share"] or 1) < 1)
    draw = next(r for r in plan.of("Ledger") if r["kind"] == "draw")
    carried = next(r for r in plan.of("Accounts") if r["closing"] < 0)
    disputed = next(r for r in plan.of("Ledger") if r["status"] == "disputed")
    joiner = next(r for r in plan.of("People") if r["joined"].year == 2027 and r["quota_weight"])
    leaver = next(r for r in plan.of("People") if r["left"])
    chosen = [(r["person"], r["period"]) for r in (returns, split, disputed, draw)]
    chosen.append((carried["person"], carried["month"]))
    chosen += [(joiner["id"], f"{joiner['joined']:%Y-%m}"), (leaver["id"], f"{leaver['left']:%Y-%m}")]
    idle = next((who, p) for p in MONTHS for who in statement.recipients(plan, p) if not ledger_of(plan, who, p))
    return list(dict.fromkeys([*chosen, idle, ("P009", "2027-01"), ("P017", "2027-12")]))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_workbook_shows_the_account_and_its_formulas_come_to_what_they_show(lang: str) -> None:
    plan = sample(lang)
    for who, period in cases():
        piece, account = statement.make(plan, who, period), account_of(plan, who, period)
        check_account(piece, account)
        paid = f"{account['paid']:,.2f}"
        assert paid in piece.html and paid in piece.text and piece.fields["payable"] == piece.fields["total"] == paid
        assert len(packages.formulas(piece.workbook)) > 15


def test_bands_and_subtotals_add_up_in_the_cells() -> None:
    """Read from the finished file: below each deal its bands; their sum is the deal's commission, exactly."""
    plan = sample("zh")
    for who, period in cases():
        content = statement.make(plan, who, period).workbook
        cells, written = packages.values(content)["逐单明细"], packages.formulas(content)
        sums = {at: f for (sheet, at), f in written.items() if sheet == "逐单明细" and at[0] == "H"}
        for at, formula in sums.items():
            first, last = (int(n) for n in re.findall(r"H(\d+)", formula))
            assert fen(cells[f"H{n}"] for n in range(first, last + 1)) == Decimal(str(cells[at]))
            assert fen(cells[f"F{n}"] for n in range(first, last + 1) if f"F{n}" in cells) == Decimal(str(cells[f"F{at[1:]}"]))


def test_charts_have_the_points_of_their_cells() -> None:
    piece = statement.make(sample("zh"), "P009", "2027-08")
    cells = packages.values(piece.workbook)
    charts = packages.chart_points(piece.workbook)
    assert len(charts) == 2
    for refs in charts.values():
        assert refs
        for reference, points in refs:
            sheet, area = reference.rsplit("!", 1)
            first, _, last = area.replace("$", "").partition(":")
            column, rows = first[0], range(int(first[1:]), int((last or first)[1:]) + 1)
            wanted: list[Any] = [cells[sheet.strip("'")].get(f"{column}{row}") for row in rows]
            assert [None if v is None else str(v) for v in wanted] == [
                None if p is None else (p if not re.fullmatch(r"-?[\d.]+(e-?\d+)?", p) else str(type(w)(float(p)))) for p, w in zip(points, wanted, strict=True)
            ]  # fmt: skip


def test_nobody_else_is_in_the_package() -> None:
    plan = sample("zh")
    for who, period in cases():
        piece = statement.make(plan, who, period)
        said = packages.words(piece.workbook) + piece.html + piece.text
        own = piece.owns
        for row in plan.of("People"):
            if row["id"] != who:
                assert row["id"] not in said and row["name"] not in said and row["email"] not in said
        for table in ("Deals", "Customers"):
            foreign = [row for row in plan.of(table) if row["id"] not in own[table]]
            assert not [row["id"] for row in foreign if row["id"] in said]
        names = {row["name"] for row in plan.of("Customers") if row["id"] in own["Customers"]}
        assert not [row["name"] for row in plan.of("Customers") if row["name"] in said and row["name"] not in names]


def test_the_package_hides_nothing_and_tells_nothing_of_its_maker() -> None:
    piece = statement.make(sample("zh"), "P009", "2027-08")
    found = packages.parts(piece.workbook)
    assert not [name for name in found if re.search(r"external|comment|vba|printerSettings|custom", name, re.I)]
    book = openpyxl.load_workbook(io.BytesIO(piece.workbook))
    assert all(sheet.sheet_state == "visible" for sheet in book)
    assert not book.defined_names
    assert book.properties.creator == book.properties.lastModifiedBy == sample("zh").company
    assert book.properties.created == book.properties.modified == dt.datetime(2027, 9, 5)
    for sheet in book:
        assert (
            sheet.page_setup.paperSize == 9 and sheet.page_setup.fitToWidth == 1 and sheet.sheet_properties.pageSetUpPr.fitToPage
        )
    assert "SALES_" not in " ".join(packages.formulas(piece.workbook).values())


def test_the_same_plan_gives_the_same_bytes_in_any_process() -> None:
    script = (
        "import hashlib; from tests.mailed.company import busy, facts; from workbook_templates.mailed import statement;"
        "p = statement.make(facts(busy()), 'P1', '2027-03'); print(hashlib.sha256(p.workbook + p.html.encode()).hexdigest())"
    )
    here = statement.make(facts(busy()), "P1", "2027-03")
    wanted = hashlib.sha256(here.workbook + here.html.encode()).hexdigest()
    assert statement.make(facts(busy()), "P1", "2027-03") == here
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "TZ": "Pacific/Apia", "LC_ALL": "C"}
        ran = subprocess.run(
            [sys.executable, "-c", script], cwd=REPOSITORY, env=env, capture_output=True, text=True, check=True, timeout=120
        )
        assert ran.stdout.strip() == wanted


# --------------------------------------------------------------------------------------------------- a month of everything


def test_a_month_with_everything() -> None:
    plan = facts(busy())
    made = figures_of(plan, "P1", "2027-03")
    found = {section: [(line.deal, line.amount) for line in made.lines.of(section)] for section in SECTIONS}
    assert found["accrual"] == [("D2", 12_500.0), ("D3", 94.43)]  # of 283.33 the partner gets what is left
    assert fen(band.amount for band in made.lines.of("accrual")[0].bands) == 12_500
    assert found["clawback"] == [("D5", -468.0)]  # 40 % of the 1,170 that D1 brought in the end
    assert found["adjustment"] == [("D1", -80.0)]
    assert (found["manual"], found["bonus"]) == ([("D7", 0.0)], [("", 300.0)])  # decided, the tiers would give 30
    assert made.lines.zero == 1  # the loss
    assert made.previous is not None and made.previous["paid"] == 1250.0
    assert made.payable == 12_500 + 94.43 - 468 - 80 + 300
    assert made.credited_to_date == made.paid_to_date == 1250 + made.payable
    piece = statement.make(plan, "P1", "2027-03")
    check_account(piece, account_of(plan, "P1", "2027-03"))
    cells = packages.values(piece.workbook)
    text = " ".join(str(v) for sheet in cells.values() for v in sheet.values())
    for said in ("100,000.00/70,000.00", "1,250.00（600.00 + 250.00 + 400.00）", "1,170.00（600.00 + 250.00 + 320.00）", "累计 40,000.00", "协助投标（决定人：总经理）", "毛利率不对", "已核对"):  # fmt: skip
        assert said in text
    assert "别人的疑问" not in text and "石峰" not in text and "P2" not in text
    assert piece.owns["Deals"] == {"D1", "D2", "D3", "D4", "D5", "D7"} and piece.owns["Customers"] == {"C1", "C2"}


@pytest.mark.parametrize(
    ("state", "zh", "en", "look"),
    [
        ("estimated", "预估：尚未审核，数额可能变动", "Estimated: not reviewed yet, amounts may change", "warn"),
        ("reviewed", "预估：已审核（2027-04-02），尚未锁定", "Estimated: reviewed (2027-04-02), not locked yet", "warn"),
        ("final", "最终：已锁定（2027-04-04）", "Final: locked (2027-04-04)", "good"),
        ("paid", "最终：已发放（2027-04-05）", "Final: paid (2027-04-05)", "good"),
    ],
)
def test_one_badge_in_workbook_html_and_text(state: str, zh: str, en: str, look: str) -> None:
    """It follows the account alone, and is the same sentence everywhere."""
    rows = busy()
    days = (dt.date(2027, 4, day) for day in (2, 4, 5))
    rows["Statements"] = [
        {"person": "P1", "period": "2027-03", **dict(zip(("reviewed_on", "locked_on", "paid_on"), days, strict=True))}
    ]
    for row in rows["Ledger"]:
        row["status"] = "paid" if row["period"] == "2027-02" else "computed"  # the account decides, not they
    next(a for a in rows["Accounts"] if (a["person"], a["month"]) == ("P1", "2027-03"))["statement"] = state
    for lang, said in (("zh", zh), ("en", en)):
        plan = facts(rows, lang)
        piece = statement.make(plan, "P1", "2027-03")
        front = next(iter(packages.values(piece.workbook).values()))
        assert front["E10"] == piece.fields["state"] == said and said in piece.html and said in piece.text
        assert figures_of(plan, "P1", "2027-03").badge.tone == look


def test_a_line_in_dispute_is_said() -> None:
    with speaking("en"):
        assert str(figures_of(facts(busy(), "en"), "P1", "2027-03").badge.text) == "Estimated: 1 line disputed, not locked yet"


def test_accounts_that_do_not_add_up_with_the_ledger_are_told() -> None:
    rows = busy()
    assert not statement.KIND.wrong(facts(rows), ["P1", "P2"], "2027-03")
    next(r for r in rows["Ledger"] if r["deal"] == "D6")["commission"] += 1
    (said,) = statement.KIND.wrong(facts(rows), ["P1", "P2"], "2027-03")
    assert said.en == "2027-03 P2: the account says Accrued, released 3,188.90, the ledger makes 3,189.90"
    rows["Accounts"] = [a for a in rows["Accounts"] if a["person"] != "P1"]
    assert any("P1" in text.zh for text in statement.KIND.wrong(facts(rows), ["P1"], "2027-03"))


def test_pooled_orders_show_one_working() -> None:
    """M09: orders of 1,000,000 at 10 % and 30 %, pooled 12,000; the late one of April brings what the pool of March gains."""
    plan = of_core(case("M09"))
    made = lines(plan, "A", "2027-03")
    assert [pool.total for pool in made.pools] == [12_000.0]
    assert fen(band.amount for band in made.pools[0].bands) == fen(line.amount for line in made.shown) == 12_000
    piece = statement.make(plan, "A", "2027-03")
    assert "按人按月" in packages.words(piece.workbook)
    packages.check_recalculated(piece.workbook)
    late = next(line for line in lines(plan, "A", "2027-04").shown if line.kind == "late")
    assert late.amount == 8000 and "2027-03 签单，该月已结" in late.reason


def test_rounding_to_whole_yuan_is_a_line_of_the_working() -> None:
    core = ByCore()
    core.set("commission.digits", 0.0)
    entered(core, "People", person("P1", "木兰"))
    entered(core, "Deals", deal("A", dt.date(2027, 3, 1), "P1", 12_345, 8_000))
    computed(core, dt.date(2027, 3, 31))
    line = lines(of_core(core), "P1", "2027-03").shown[0]
    assert line.amount == line.whole == round(line.amount) and line.bands[-1].low is None and line.bands[-1].said is not None


def test_the_factor_is_a_line_of_the_working() -> None:
    """M10: nothing below the gate, and it is shown why; a fifth more from 110 % on; what comes back takes the factor that was paid."""
    plan = of_core(case("M10"))
    nothing = lines(plan, "A", "2027-03").shown[0]
    assert (nothing.deal, nothing.amount) == ("D1", 0.0) and "系数 0" in str([b.said for b in nothing.bands])
    found = {line.deal: line for line in lines(plan, "A", "2027-05").shown}
    assert [found[d].amount for d in ("D3", "D4")] == [5040, 2880] and str(found["D3"].bands[-1].said) == "达成系数 1.2"
    packages.check_recalculated(statement.make(plan, "A", "2027-05").workbook)


@pytest.mark.parametrize("name", ["M03", "M11", "M12", "M14", "M15", "M16", "M17", "M18", "M19", "M20", "M21", "M27"])
def test_statements_of_the_worked_cases(name: str) -> None:
    """Draws, holds, carries, thirds, managers, cash: every account of every month, in cells that add up."""
    plan = of_core(case(name))
    for account in plan.of("Accounts"):
        who, month = account["person"], account["month"]
        if not figures.empty(account):
            assert who in statement.recipients(plan, month)
        check_account(statement.make(plan, who, month), account)
        made = lines(plan, who, month)
        assert all(line.bands or line.reason for line in (*made.shown, *made.beside))


def test_thirds_show_their_working_though_one_has_the_odd_fen() -> None:
    plan = of_core(case("M03"))
    for who, amount in (("A", 251.86), ("B", 251.85), ("C", 251.85), ("E", 151.11)):
        (line,) = lines(plan, who, "2027-03").shown
        assert line.amount == amount and line.whole == 755.56


def test_a_draw_without_a_sale_has_a_statement() -> None:
    core = ByCore()
    entered(core, "People", person("P1", "木兰", left=dt.date(2027, 2, 28)))
    entered(
        core,
        "Draws",
        {"person": "P1", "from": "2027-01", "until": None, "amount": 2000.0, "kind": "recoverable", "balance": None},
    )
    computed(core, dt.date(2027, 3, 31))
    plan = of_core(core)
    assert statement.recipients(plan, "2027-02") == ["P1"]
    piece = statement.make(plan, "P1", "2027-02")
    assert piece.total == 2000 and "预支" in piece.text and "离职时预支欠款 4,000.00 元" in piece.text
    check_account(piece, account_of(plan, "P1", "2027-02"))
    assert "每月预支 2,000.00 补足" in packages.words(piece.workbook)


def test_why_something_is_carried_or_on_hold() -> None:
    """M20: negative, then below the minimum; M21: on hold, with reason and who."""
    plan = of_core(case("M20"))
    for month, said in (
        ("2027-02", "为负，结转：-2,400.00 元记入下月"),
        ("2027-04", "低于最低发放额 500，结转：300.00 元记入下月"),
    ):
        piece = statement.make(plan, "A", month)
        assert piece.total == 0 and said in piece.text and said in piece.html and said in packages.words(piece.workbook)
    assert "结转" not in statement.make(plan, "A", "2027-05").text.partition("[")[0]
    assert "暂缓发放 1,800.00 元：audit（S）" in statement.make(of_core(case("M21")), "A", "2027-04").text


def test_what_is_held_and_what_is_expected() -> None:
    """M14, as printed for April: 7,500 held, 6,875 to come with the cash, 625 with the retention; May's cash is not known yet."""
    plan = of_core(case("M14"))
    (held,) = figures_of(plan, "A", "2027-04").held
    assert (held.deal, held.balance, held.main, held.retention) == ("D1", 7500, 6875, 625)
    piece = statement.make(plan, "A", "2027-04")
    for said in ("7,500.00", "回款到账发 6,875.00", "质保金到账发 625.00"):
        assert said in piece.text and said in piece.html
    front = packages.values(piece.workbook)[FRONT]
    row = next(int(at[1:]) for at, value in front.items() if value == "待发余额" and at.startswith("E")) + 1
    assert [front[f"{column}{row}"] for column in "BEFG"] == ["D1", 7500, 6875, 625]
    (march,) = figures_of(plan, "A", "2027-03").held
    assert (march.balance, march.main, march.retention) == (12_500, 11_875, 625)
    assert lines(plan, "A", "2027-03").of("held")[0].amount == 12_500 and not lines(plan, "A", "2027-03").shown
    assert not figures_of(plan, "A", "2027-09").held


def test_a_loss_that_waits_for_cash_is_no_line() -> None:
    core = ByCore()
    core.set("release.at_signing", 0)
    entered(core, "People", person("P1", "木兰"))
    entered(core, "Deals", deal("D1", MARCH_10, "P1", 50_000, 60_000), deal("D2", MARCH_10, "P1", 50_000, 40_000))
    computed(core, dt.date(2027, 3, 31))
    made = lines(of_core(core), "P1", "2027-03")
    assert ([line.deal for line in made.of("held")], made.zero) == (["D2"], 1)


def test_late_cash_takes_nothing_from_the_retention() -> None:
    """12,500 held, 5 % of it retention; 40 % of the cash comes 40 days late and pays 0.8: 4,000, and 1,000 lapse; 7,500 are left."""
    core = ByCore()
    for key, value in (
        ("release.at_signing", 0),
        ("release.retention", 0.05),
        ("release.late_days", [0, 31]),
        ("release.late_factors", [1, 0.8]),
    ):
        core.set(key, value)
    entered(core, "People", person("P1", "木兰"))
    entered(core, "Deals", deal("D1", dt.date(2027, 3, 1), "P1", 1_000_000, 700_000, due=dt.date(2027, 3, 6)))
    entered(
        core, "Collections", {"deal": "D1", "date": dt.date(2027, 4, 15), "amount": 400_000.0, "kind": "payment", "invoice": None}
    )
    computed(core, dt.date(2027, 4, 30))
    (held,) = figures_of(of_core(core), "P1", "2027-04").held
    assert (held.balance, held.main, held.retention) == (7500, 6875, 625)
    entered(core, "Deals", deal("R1", dt.date(2027, 5, 5), "", -500_000, 0.0, original="D1"))
    computed(core, dt.date(2027, 5, 31))
    (held,) = figures_of(of_core(core), "P1", "2027-05").held
    # Half of the order is gone: of 100,000 still to come 25,000 are retention, a quarter of what is held.
    assert held.balance > 0 and (held.main, held.retention) == (held.balance * 0.75, held.balance * 0.25)
    entered(
        core, "Collections", {"deal": "D1", "date": dt.date(2027, 6, 1), "amount": 75_000.0, "kind": "payment", "invoice": None}
    )
    expected = held
    computed(core, dt.date(2027, 6, 30))
    (held,) = figures_of(of_core(core), "P1", "2027-06").held  # what was expected with the retention is what is left
    assert (held.balance, held.main, held.retention) == (expected.retention, 0, expected.retention)


def test_the_sprint_bonus_is_on_no_statement() -> None:
    plan = of_core(case("M13", "2027-08"))
    assert {row["month"] for row in plan.of("Accounts")} >= {"2027-03", "2027-06", "2027-07"}
    for row in plan.of("Accounts"):
        piece = statement.make(plan, row["person"], row["month"])
        assert not re.search("冲刺|旅游基金|sprint", piece.text + piece.html + packages.words(piece.workbook))


def printed(plan: Facts, who: str, period: str) -> tuple[object, str, str]:
    piece = statement.make(plan, who, period)
    return packages.values(piece.workbook), piece.html, piece.text


def test_printed_again_a_year_later_it_says_the_same() -> None:
    """M26: after the lock the order went to B and lost a fifteenth of its price; the statement of March is as on the day."""
    core = ByCore()
    entered(core, "People", person("A", "木兰"), person("B", "石峰"))
    for who in "AB":
        core.quota(who, "2027-03", 500_000.0)
    entered(core, "Deals", deal("D0", dt.date(2027, 3, 1), "B", 1000, 1000), deal("D1", MARCH_10, "A", 300_000, 210_000))
    core.day(dt.date(2027, 3, 31))
    settle(core, "2027-03")
    before = printed(of_core(core), "A", "2027-03")
    made = figures_of(of_core(core), "A", "2027-03")
    assert (made.payable, made.account["bookings"], made.account["attainment"], made.paid_to_date) == (3750, 300_000, 0.6, 3750)
    assert [band.amount for band in made.lines.shown[0].bands] == [1800, 750, 1200]
    core.change("Deals", "D1", {"seller": "B", "revenue": 280_000.0})
    entered(
        core,
        "PolicyChanges",
        {"key": "commission.rates", "valid_from": dt.date(2027, 4, 1), "value": "4% / 6% / 9%", "by": "S", "reason": "x"},
    )
    entered(core, "Credits", {"deal": "D1", "person": "B", "role": "seller", "share": 1.0})
    computed(core, dt.date(2028, 4, 30))
    assert printed(of_core(core), "A", "2027-03") == before
    april = statement.make(of_core(core), "A", "2027-04")
    assert april.total == 0 and "-3,750.00" in april.text and "3,750.00 → 0：现归 B" in april.text and "B" in april.owns["People"]
    late = statement.make(of_core(core), "B", "2027-04")
    assert late.total == 2380 and "2027-03 签单，该月已结" in late.text


MARCH_10 = dt.date(2027, 3, 10)


def test_figures_to_date_end_with_the_month_asked_for() -> None:
    """M30: printed while the plan stands at 31 May, March says 1,200 to date, April 1,800, May 2,700; each says up to when."""
    plan = of_core(case("M30"))
    assert plan.as_of >= dt.date(2027, 5, 31)
    for month, to_date in (("2027-03", 1200), ("2027-04", 1800), ("2027-05", 2700)):
        made, piece = figures_of(plan, "A", month), statement.make(plan, "A", month)
        assert made.paid_to_date == made.credited_to_date == to_date
        cells = packages.values(piece.workbook)
        assert cells[FRONT]["G19"] == cells[YEAR][f"F{5 + int(month[5:])}"] == to_date
        assert f"截至 {month}（本对账单的月份）" in piece.text and f"截至 {month}" in cells[FRONT]["B46"]
        assert all(f"D{5 + n}" not in cells[YEAR] for n in range(int(month[5:]) + 1, 13))


def test_months_of_the_year_are_those_of_the_accounts() -> None:
    """Bookings, quota, attainment, paid to date: never a sum of today's deals."""
    rows = busy()
    account = next(a for a in rows["Accounts"] if a["month"] == "2027-02")
    account.update(bookings=123_456.0, quota=400_000.0, attainment=0.30864, year_to_date=9_999.0)
    cells = packages.values(statement.make(facts(rows), "P1", "2027-03").workbook)[YEAR]
    assert [cells[f"{column}7"] for column in "DEFGHI"] == [1250, 0, 9_999, "已发放", 123_456, 400_000]
    assert cells["J7"] == pytest.approx(0.30864)


def test_rules_of_the_person_are_tried_in_their_order() -> None:
    """M11: a rule for a product pays 10 %, capped; the order's own row says so where its tiers can't be told for certain."""
    plan = of_core(case("M11"))
    found = {(line.deal, line.section): line for line in lines(plan, "A", "2027-03").shown}
    assert [band.rate for band in found["D2", "accrual"].bands] == [0.06]
    assert [band.rate for band in found["D4", "accrual"].bands] == [0.03, 0.05]
    assert not found["D1", "accrual"].bands and found["D1", "accrual"].reason  # 10,000 capped at 8,000
    assert found["D4", "special"].amount == 3000


def test_a_manager_may_read_whose_deal_brought_the_override() -> None:
    plan = of_core(case("M12"))
    piece = statement.make(plan, "M", "2027-05")
    assert piece.owns["People"] == {"M", "A"} and "A" in piece.text
    assert figures_of(plan, "M", "2027-05").lines.sum_of("mgr") == 416.67


def test_somebody_left_out_is_told_that_the_month_is_not_computed_anew() -> None:
    plan = facts(busy())
    left = Facts(plan.company, 2027, plan.as_of, "V1", "zh", plan.rows, plan.settings, plan.named, None, {"P1": Text("x", "x")})
    assert "有一行数据待更正" in statement.make(left, "P1", "2027-03").text
    assert "有一行数据待更正" not in statement.make(left, "P1", "2027-02").text  # paid: nothing changes it


# ------------------------------------------------------------------------------------------------- empty and hostile plans


def test_an_empty_month_says_so() -> None:
    plan = facts(busy())
    assert statement.recipients(plan, "2027-08") == ["P1", "P2"]
    piece = statement.make(plan, "P1", "2027-08")
    assert piece.total == 0 and "本月没有提成记录" in piece.html
    packages.check_recalculated(piece.workbook)


def test_a_plan_without_quotas_or_customers_still_makes_statements() -> None:
    rows = {k: v for k, v in busy().items() if k in ("People", "Deals", "Ledger", "Accounts")}
    plan = Facts("x", 2027, dt.date(2027, 12, 31), "V1", "en", rows, facts({}).settings)
    assert statement.recipients(plan, "2027-03") == ["P1", "P2"]
    assert statement.make(plan, "P1", "2027-03").total == pytest.approx(statement.make(facts(busy()), "P1", "2027-03").total)
    assert statement.recipients(Facts("x", 2027, dt.date(2027, 1, 1), "", "zh", {}, facts({}).settings), "2027-03") == []


def test_joiners_and_leavers_get_what_is_theirs() -> None:
    rows = busy()
    rows["People"][1]["left"] = dt.date(2027, 2, 28)
    rows["People"].append(person("P3", "新人", "M1", joined=dt.date(2027, 3, 31)))
    rows["Quotas"].append({"person": "P3", "name": "", "floor": None, "cap": None})
    plan = facts(rows)
    assert statement.recipients(plan, "2027-02") == ["P1", "P2"]
    assert statement.recipients(plan, "2027-03") == ["P1", "P2", "P3"]  # P1 has left and is still owed
    assert statement.recipients(plan, "2027-04") == ["P2", "P3"]


HOSTILE = [
    '=HYPERLINK("http://evil.example","x")', "+1+1", "-2", "@SUM(A1)", "＝1", "a\r\nBcc: x@y.example", "../../etc/passwd", "CON", "x" * 300,
    "😀" * 40, "‮gnp.exe", "<b>&amp;</b>\"'", "\x00\x07\x1b[31m", "]]>", "&[Tab]&D", "'quoted", "tab\there", "_x0041_", "\ud800",
]  # fmt: skip


def check_hostile(piece: Piece, text: str) -> None:
    assert re.fullmatch(r"[^\x00-\x1f/\\:*?\"<>|]+\.xlsx", piece.filename) and len(piece.filename.encode()) <= 255
    assert "\n" not in piece.name and "\r" not in piece.email
    book = openpyxl.load_workbook(io.BytesIO(piece.workbook))
    ours = re.compile(r"=(SUM|IF|ROUND|MIN)\(|=[A-Z]+\d+[-+]|=[A-Z]+\d+$|='[^']+'!")
    for sheet in book:
        for row in sheet:
            for cell in row:
                if cell.data_type == "f":
                    assert ours.match(cell.value), cell.value
                elif isinstance(cell.value, str) and cell.value.startswith(("=", "+", "-", "@")):
                    assert cell.quotePrefix
    assert "<b>" not in piece.html.replace("<body", "") and "‮" not in piece.html + piece.text
    assert not re.search("[\x00-\x08\x0b-\x1f\ud800-\udfff]", piece.html + piece.text)
    recalc.compute(Package.from_bytes(piece.workbook))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_in_every_field(text: str) -> None:
    rows = busy()
    for row in rows["People"]:
        if row["id"] == "P1":
            row.update(name=text, region=text, email=text)
    for row in rows["Customers"]:
        row["name"] = text
    for row in rows["Ledger"]:
        row.update(reason=text, by=text, plan_version=text)
    rows["Disputes"][0].update(remark=text, answer=text)
    plan = facts(rows)
    hostile = Facts(text, 2027, plan.as_of, text, "zh", plan.rows, plan.settings, plan.named)
    check_hostile(statement.make(hostile, "P1", "2027-03"), text)


def test_hostile_ids() -> None:
    for text in HOSTILE:
        rows = busy()
        for table, key in (
            ("People", "id"),
            ("Ledger", "person"),
            ("Accounts", "person"),
            ("Deals", "seller"),
            ("Deals", "partner"),
            ("Quotas", "person"),
            ("Disputes", "person"),
        ):
            for row in rows[table]:
                if row[key] == "P1":
                    row[key] = text
        for row in [*rows["Deals"], *rows["Ledger"]]:
            for key in ("id", "deal", "original"):
                if row.get(key) == "D2":
                    row[key] = text
        piece = statement.make(facts(rows), text, "2027-03")
        check_hostile(piece, text)
        assert piece.recipient == text and piece.total == statement.make(facts(busy()), "P1", "2027-03").total


@given(st.integers(-(10**9), 10**9), st.integers(1, 9999))
def test_a_person_s_part_is_the_ledger_s(units: int, share: int) -> None:
    """The formula in the cell and SPLITCREDIT agree to the fen for both people of a deal."""
    whole, mine = units / 100, share / 10_000
    rest = round(1 - mine, 10)
    first, second = (amount / 100 for amount in shared(units, [exact(mine), exact(rest)]))
    assert part(whole, mine, True) == pytest.approx(first, abs=1e-9)
    assert part(whole, rest, False) == pytest.approx(second, abs=1e-9)
