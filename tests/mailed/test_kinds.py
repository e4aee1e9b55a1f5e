"""All mailed workbooks: what they show is the plan's, what they hold is the recipient's, and they open everywhere."""

from __future__ import annotations

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
from tests.mailed.company import busy, facts, sample
from tests.mailed.test_statement import cases
from tests.real import require_chromium, require_office
from udfs import call
from workbook_templates import mailed
from workbook_templates.chapters.incentives.staff import Staff
from workbook_templates.mailed import Facts, Piece, cockpit, dealer, figures, statement, team
from workbook_templates.mailed.dealer_figures import buyers, dealer_sheet
from workbook_templates.mailed.team_figures import team as team_of

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
        assert not openpyxl.load_workbook(io.BytesIO(piece.workbook)).defined_names


def test_a_second_look_finds_nobody_else_s_data() -> None:
    """The pass that mail itself makes over finished bytes, written apart from this package."""
    plan = sample("zh")
    inspector = Inspector(plan.rows)
    made = [*pieces(plan, "2027-12", 100), *(statement.make(plan, who, period) for who, period in cases())]
    assert len(made) > 80
    assert not [(p.kind, p.recipient, f) for p in made for f in inspector.package(p.workbook, p.owns)]


def test_whoever_decided_an_override_may_be_named_and_nobody_else() -> None:
    rows = busy()
    rows["Ledger"][-1]["by"] = "山海"
    plan = facts(rows)
    inspector, piece = Inspector(plan.rows), statement.make(plan, "P1", "2027-03")
    assert piece.owns["People"] == {"P1", "M1"} and not inspector.package(piece.workbook, piece.owns)
    rows["Ledger"][-1]["reason"] = "与石峰协商"
    assert inspector.package(statement.make(facts(rows), "P1", "2027-03").workbook, piece.owns)


def test_an_empty_company_gets_nothing_and_breaks_nothing() -> None:
    plan = Facts("x", 2027, dt.date(2027, 3, 31), "", "en", {}, facts({}).settings)
    assert [kind.recipients(plan, "2027-03") for kind in mailed.every().values()] == [[], [], [], []]


# -------------------------------------------------------------------------------------------------------------- team


@pytest.mark.parametrize("period", ["2027-01", "2027-09"])
def test_a_team_s_commission_is_what_the_commission_action_says(period: str) -> None:
    plan = sample("zh")
    staff = Staff(plan.of("People"), plan.of("Transfers"))
    days = {row["id"]: row["date"] for row in plan.of("Deals")}
    for row in team_totals(list(plan.of("Ledger")), staff, days, period):
        made = team_of(plan, row["manager"], period)
        own = figures.commission_of(figures.of_month(plan, row["manager"], period))
        assert Decimal(str(made.sum_of("commission"))) == Decimal(str(row["commission"])) - Decimal(str(own))


def test_after_a_transfer_the_old_team_keeps_its_deals() -> None:
    """P1 goes from M1 to M2 on 15 March: the order of the 10th stays with M1, the return of the 20th is M2's."""
    rows = busy()
    rows["People"].append({**rows["People"][0], "id": "M2", "name": "江河"})
    rows["Transfers"] = [
        {"person": "P1", "valid_from": dt.date(2027, 3, 15), "manager": "M2", "level": None, "line": None, "region": None}
    ]
    plan = facts(rows)
    assert team.recipients(plan, "2027-03") == ["M1", "M2"]
    old, new = (next(m for m in team_of(plan, chief, "2027-03").members if m.id == "P1") for chief in ("M1", "M2"))
    assert new.commission == -500 and new.booked == -40_000
    both = sum(Decimal(str(r["commission"])) for r in rows["Ledger"] if r["person"] == "P1" and r["period"] == "2027-03")
    assert Decimal(str(old.commission)) + Decimal(str(new.commission)) == both
    assert old.quota == 2 * 500_000 and new.quota == 10 * 500_000


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
    assert dealer_sheet(plan, released["dealer"], "2027-06").withheld == 0
    assert dealer_sheet(plan, released["dealer"], "2027-03").withheld == released["paid"]


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
    rows = {"Customers": [{"id": "C1", "name": "客户"}], "CustomerCare": [{"customer": "C1", **care}] if care else []}
    plan = Facts("x", 2027, day, "", "zh", rows, {**facts({}).settings, **changed})
    assert [(buyer.days, buyer.light) for buyer in buyers(plan, [order], day)] == [(days, light)]


def test_the_cockpit_goes_to_directors_and_says_what_the_plan_says() -> None:
    plan = sample("zh")
    assert cockpit.recipients(plan, "2027-12") == sorted(r["id"] for r in plan.of("People") if r["level"] == "director")
    piece = cockpit.make(plan, "P001", "2027-12")
    shown = set(packages.values(piece.workbook)["驾驶舱"].values())
    for name in ("bookings", "gross_margin", "profit", "budget_spent", "collected", "ledger_total", "floor_target"):
        assert plan.first(name) in shown, name
    assert piece.total is None and "420,000,000.00" in piece.text


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
            mine, judged = ours[sheet][cell], theirs[sheet].get(cell)
            assert judged == pytest.approx(mine, rel=1e-12, abs=1e-9) if isinstance(mine, int | float) else judged == mine


@pytest.mark.real
@pytest.mark.parametrize("width", [320, 360, 1000])
def test_letters_are_no_wider_than_a_phone(tmp_path: Path, width: int) -> None:
    chromium = require_chromium()
    rows = busy()
    rows["People"][1]["name"] = "W" * 200
    rows["Ledger"][-1]["reason"] = "x" * 280
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
        command = [
            chromium,
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
