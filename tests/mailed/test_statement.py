"""Commission statements: every figure is the ledger's, every total the sum of what stands above it, nobody else's data inside."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import re
import subprocess
import sys
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.mailed import packages
from tests.mailed.company import busy, deal, facts, person, sample
from tests.real import REPOSITORY
from udfs.text import speaking
from workbook_templates import recalc
from workbook_templates.chapters.incentives import ledger
from workbook_templates.mailed import Facts, Piece, statement
from workbook_templates.mailed.statement_figures import statement as figures_of
from workbook_templates.mailed.statement_lines import lines, part
from workbook_templates.xlsx.package import Package

MONTHS = [f"2027-{month:02}" for month in range(1, 13)]


def fen(amounts: object) -> Decimal:
    return sum((Decimal(str(a)) for a in amounts), Decimal(0))  # type: ignore[attr-defined]


def ledger_of(plan: Facts, who: str, period: str) -> list[dict[str, object]]:
    return [r for r in plan.of("Ledger") if r["person"] == who and r["period"] == period]


# ------------------------------------------------------------------------------------------------- the sample company


@pytest.mark.parametrize("period", MONTHS)
def test_every_statement_of_the_sample_equals_the_ledger(period: str) -> None:
    plan = sample("zh")
    recipients = statement.recipients(plan, period)
    assert {r["person"] for r in plan.of("Ledger") if r["period"] == period} <= set(recipients)
    whole = Decimal(0)
    for who in recipients:
        rows = ledger_of(plan, who, period)
        made = lines(plan, who, period)
        assert fen(line.amount for line in made.shown) == fen(r["commission"] for r in rows)
        assert len(made.shown) + made.zero == len(rows)
        assert all(line.amount for line in made.shown)
        for line in made.shown:
            assert line.bands, f"{line.deal}: no working"
            assert fen(band.amount for band in line.bands) == Decimal(str(line.whole))
            assert part(line.whole, line.share, line.first) == line.amount
        whole += fen(r["commission"] for r in rows)
    assert whole == fen(r["commission"] for r in plan.of("Ledger") if r["period"] == period)


def cases() -> list[tuple[str, str]]:
    """Statements worth opening: splits, returns, joiners, leavers, the disputed line, nothing at all."""
    plan = sample("zh")
    returns = next(r for r in plan.of("Ledger") if r["revenue"] < 0)
    split = next(r for r in plan.of("Ledger") if r["credit_share"] < 1)
    disputed = next(r for r in plan.of("Ledger") if r["status"] == "disputed")
    joiner = next(r for r in plan.of("People") if r["joined"].year == 2027 and r["quota_weight"])
    leaver = next(r for r in plan.of("People") if r["left"])
    chosen = [(r["person"], r["period"]) for r in (returns, split, disputed)]
    chosen += [(joiner["id"], f"{joiner['joined']:%Y-%m}"), (leaver["id"], f"{leaver['left']:%Y-%m}")]
    idle = next((who, p) for p in MONTHS for who in statement.recipients(plan, p) if not ledger_of(plan, who, p))
    return list(dict.fromkeys([*chosen, idle, ("P009", "2027-01"), ("P017", "2027-12")]))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_workbook_shows_the_total_and_its_formulas_come_to_what_they_show(lang: str) -> None:
    plan = sample(lang)
    for who, period in cases():
        piece = statement.make(plan, who, period)
        total = fen(r["commission"] for r in ledger_of(plan, who, period))
        assert Decimal(str(piece.total)) == total
        shown = packages.values(piece.workbook)
        front = next(iter(shown.values()))
        assert Decimal(str(front["B10"])) == Decimal(str(front["D18"])) == total
        assert f"{total:,.2f}" in piece.html and f"{total:,.2f}" in piece.text
        packages.check_recalculated(piece.workbook)
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
            wanted = [cells[sheet.strip("'")].get(f"{column}{row}") for row in rows]
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
    by_kind = {
        kind: [(line.deal, line.amount) for line in made.lines.of(kind)] for kind in ("order", "return", "adjustment", "override")
    }
    whole = made.lines.of("order")[1]
    assert by_kind["order"][0] == ("D2", 12_500.0)
    assert fen(band.amount for band in whole.bands) == Decimal(str(whole.whole))
    assert by_kind["return"] == [("D5", -500.0)]  # −COMMISSION(40,000, 30 %): 240 + 100 + 160
    assert by_kind["adjustment"] == [("D1", -120.5)]
    assert by_kind["override"] == [("D2", 300.0)]
    assert made.lines.zero == 1  # the loss
    assert made.previous == 1250.0 and made.state == "estimated"
    with speaking("en"):
        assert str(made.said) == "Estimated: 1 lines disputed, not locked yet"
    piece = statement.make(plan, "P1", "2027-03")
    cells = packages.values(piece.workbook)
    text = " ".join(str(v) for sheet in cells.values() for v in sheet.values())
    assert "更正 D1" in text and "协助投标（决定人：总经理）" in text and "毛利率不对" in text and "已核对" in text
    assert "别人的疑问" not in text and "石峰" not in text and "P2" not in text
    assert piece.owns["Deals"] == {"D1", "D2", "D3", "D4", "D5"} and piece.owns["Customers"] == {"C1", "C2"}
    packages.check_recalculated(piece.workbook)


def test_a_settled_line_keeps_its_amount_and_is_worked_from_itself() -> None:
    """The order was 100,000 at 30 % when it was paid; since then its cost changed: the line still says 1,250 and why."""
    rows = busy()
    rows["Deals"][0]["cost"] = 90_000
    line = lines(facts(rows), "P1", "2027-02").shown[0]
    assert (line.amount, line.margin_rate, line.whole) == (1250.0, 0.3, 1250.0)
    changed = facts(rows, **{"commission.rates": [0.01, 0.02, 0.03]})
    line = lines(changed, "P1", "2027-02").shown[0]
    assert line.amount == 1250.0 and not line.bands
    piece = statement.make(changed, "P1", "2027-02")
    assert piece.total == 1250.0 and "按入账数额" in packages.words(piece.workbook)


def test_pooled_orders_show_one_working() -> None:
    """Rules, chapter 5: orders of 1,000,000 at 10 % and 30 %, pooled 12,000."""
    rows = busy()
    rows["Deals"] = [
        deal("A", dt.date(2027, 3, 1), "P1", 1_000_000, 900_000),
        deal("B", dt.date(2027, 3, 2), "P1", 1_000_000, 700_000),
    ]
    rows["Ledger"] = ledger.ledger_rows(rows["Deals"], rules=ledger.Rules(pooled=True))
    plan = facts(rows, **{"commission.basis": "per person and month"})
    made = lines(plan, "P1", "2027-03")
    assert [pool.total for pool in made.pools] == [12_000.0]
    assert fen(band.amount for band in made.pools[0].bands) == 12_000
    assert fen(line.amount for line in made.shown) == 12_000
    piece = statement.make(plan, "P1", "2027-03")
    assert "按人按月" in packages.words(piece.workbook)
    packages.check_recalculated(piece.workbook)


def test_rounding_to_whole_yuan_is_a_line_of_the_working() -> None:
    rows = busy()
    rows["Deals"] = [deal("A", dt.date(2027, 3, 1), "P1", 12_345, 8_000)]
    rows["Ledger"] = ledger.ledger_rows(rows["Deals"], rules=ledger.Rules(digits=0))
    line = lines(facts(rows, **{"commission.digits": 0.0}), "P1", "2027-03").shown[0]
    assert line.amount == line.whole == round(line.amount) and line.bands[-1].low is None


def test_draws_are_carried_from_month_to_month() -> None:
    """Vector C1 (DRAW's own example): earned 2750, 3000, 1500, 2375 with 2,000 a month → paid 2750, 3000, 2000, 2000; owed 125."""
    rows = busy()
    base = {"deal": "D1", "person": "P1", "credit_share": 1.0, "revenue": 0.0, "margin_rate": 0.3, "kind": "adjustment", "status": "locked", "plan_version": "V1", "computed_on": None, "reason": "x", "by": None}  # fmt: skip
    rows["Ledger"] = [
        {**base, "period": f"2027-{m:02}", "commission": c} for m, c in enumerate((2750.0, 3000.0, 1500.0, 2375.0), 1)
    ]
    rows["Draws"] = [{"person": "P1", "from": "2027-01", "until": None, "amount": 2000.0, "kind": "recoverable", "balance": None}]
    plan = facts(rows)
    found = [figures_of(plan, "P1", f"2027-{m:02}").draw for m in (1, 2, 3, 4)]
    assert [(d.payable, d.adjustment, d.balance) for d in found if d] == [
        (2750, 0, 0),
        (3000, 0, 0),
        (2000, 500, 500),
        (2000, -375, 125),
    ]
    piece = statement.make(plan, "P1", "2027-03")
    front = packages.values(piece.workbook)["提成对账单"]
    assert (front["D18"], front["D19"], front["D20"]) == (1500, 500, 2000)
    assert piece.fields["payable"] == "2,000.00" and piece.total == 1500
    assert figures_of(plan, "P2", "2027-03").draw is None


def test_quota_and_attainment() -> None:
    """12 million over two equal people, 4-3-2-1; March books 1,000,000 and 11,111.11 of D3 for P1, 40,000 come back, 50,000 at a loss."""
    rows = busy()
    made = figures_of(facts(rows), "P1", "2027-03")
    assert made.quota == 6_000_000 and made.month.quota == 960_000
    third = round(33_333.33 - round(33_333.33 * 0.6667, 2), 2)
    assert made.month.booked == pytest.approx(1_000_000 + third + 50_000 - 40_000)


# ------------------------------------------------------------------------------------------------- empty and hostile plans


def test_an_empty_month_says_so() -> None:
    plan = facts(busy())
    assert statement.recipients(plan, "2027-08") == ["P1", "P2"]
    piece = statement.make(plan, "P1", "2027-08")
    assert piece.total == 0 and "本月没有提成记录" in piece.html
    packages.check_recalculated(piece.workbook)


def test_a_plan_without_quotas_or_customers_still_makes_statements() -> None:
    rows = {k: v for k, v in busy().items() if k in ("People", "Deals", "Ledger")}
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
    ours = re.compile(r"=(SUM|IF|ROUND)\(|=[A-Z]+\d+[-+]|=[A-Z]+\d+$|='[^']+'!")
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
    first, second = ledger.split(whole, [mine, rest])
    assert part(whole, mine, True) == pytest.approx(first, abs=1e-9)
    assert part(whole, rest, False) == pytest.approx(second, abs=1e-9)
