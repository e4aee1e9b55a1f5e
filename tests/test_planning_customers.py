"""The sheets of customer management: what they show of the sample company, of an empty one, and of one that is not the plan's."""

import dataclasses
import datetime as dt
from collections import Counter

import pytest

from tests.plans import of_landing, sample_company, sample_computed
from tests.test_planning_figures import computed, statuses, value
from udfs import call, policy
from udfs.text import Text
from workbook_templates import recalc
from workbook_templates.cells import column_number
from workbook_templates.chapters import sample
from workbook_templates.chapters.customers.sheets import customer_care, handshakes, tiers
from workbook_templates.making import built
from workbook_templates.page import register
from workbook_templates.recalc import compute
from workbook_templates.tables import schema
from workbook_templates.tables.schema import FAIL, NOTICE, PASS, Company
from workbook_templates.xlsx.package import Ref

SHEETS = {
    "2 客户经营", "客户价值", "客户跟踪", "高层握手", "方案测算", "客户", "分级变动", "交易流水",
    "2 Customer tiers",
    "Customer value", "Customer care", "Handshakes", "Solutions", "Customers", "Tier changes", "Transactions",
}  # fmt: skip


@pytest.fixture(scope="module", params=["zh", "en"])
def book(request):
    return sample_computed(request.param)


def said(book, text: Text) -> str:
    return text.zh if book.lang == "zh" else text.en


def test_tiers_stand_beside_the_plans(book):
    """Rules, chapter 2: S 18 ≈ 55 %, A 42 ≈ 30 %, B 120 ≈ 12 %."""
    rows = [[value(book, "tier_count_s", row, column) for column in range(10)] for row in range(4)]
    assert [row[0] for row in rows] == [18, 42, 120, 180]
    assert [row[1] for row in rows] == [18, 42, 120, "–"]
    assert [round(row[6], 6) for row in rows] == [0.55, 0.30, 0.12, 0.03]
    held = {t: [c for c in book.company.of("Customers") if c["tier"] == t] for t in "SABC"}
    for row, own in zip(rows, held.values(), strict=True):
        assert row[3:6] == pytest.approx([sum(c[k] for c in own) for k in ("score", "sales_share", "clv_share")])
        assert row[7] == pytest.approx(100 * (row[3] - row[6]))  # percentage points
    assert [row[8] for row in rows] == [own[0]["bound"] for own in held.values()]
    assert [row[9] for row in rows] == [said(book, tiers.ON_PLAN)] * 4
    assert value(book, "tiers_verdict") == said(book, tiers.ON_PLAN)
    assert value(book, "tier_scores") == pytest.approx(1)


def test_the_last_refresh_is_counted(book):
    last = [c for c in book.company.of("TierChanges") if c["date"] == dt.date(2027, 12, 31)]
    assert value(book, "tier_moves") == len(last) > 10
    steps = Counter("new" if not c["before"] else "up" if c["before"] > c["after"] or c["after"] == "S" else "down" for c in last)
    found = [value(book, f"tier_moves_{way}") for way in ("up", "down", "new")]
    assert found == [steps["up"], steps["down"], steps["new"]] and sum(found) == len(last)


def test_heat_map_counts_every_customer_once(book):
    codes = Counter(c["rfm"][:2] for c in book.company.of("Customers"))
    money = {k: [c["monetary"] for c in book.company.of("Customers") if c["rfm"][:2] == k] for k in codes}
    for row in range(5):
        for column in range(5):
            code = f"{5 - row}{column + 1}"
            assert value(book, "rfm_counts", row, column) == codes[code]
            shown = value(book, "rfm_money", row, column)
            assert shown == (pytest.approx(sum(money[code]) / codes[code]) if codes[code] else "–")


def test_segments_are_the_functions(book):
    held = [c for c in book.company.of("Customers") if c["synergy"] is not None]
    columns = [[[c[k]] for c in held] for k in ("frequency", "monetary", "synergy")]
    from udfs.text import speaking

    with speaking(book.lang):
        expected = [row[0] for row in call("SEGMENT", *columns)]
    found = [value(book, "customer_segments", row) for row in range(len(book.company.of("Customers")))]
    assert found[: len(held)] == expected and set(found[len(held) :]) == {"–"}
    assert len(set(expected)) == 3


def test_more_customers_than_a_spill_holds_check_clean():
    """A spill ends below ten thousand cells: the segments say so, bookings to date are a column and reach every customer."""
    customers = [{"id": f"C{n:05d}", "name": f"客户{n}", "synergy": n % 11, "frequency": 2, "monetary": n} for n in range(10_001)]
    deal = {"id": "D1", "date": sample.AS_OF, "customer": "C10000", "revenue": 500.0, "cost": 300.0}
    package = built(Company("试", sample.YEAR, sample.AS_OF, rows={"Customers": customers, "Deals": [deal]}), "zh")
    results = compute(package)
    assert results.unsupported == []
    bookings = column_number(schema.table("Customers").letter("bookings"))
    assert [results.values["客户", row, bookings] for row in (7, 10_006, 10_007)] == [0.0, 0.0, 500.0]
    sheet, segments = package.locate("customer_segments")
    assert results.values[sheet, segments.first_row, segments.first_col] == "客户已达 1 万家：不再分层"


def test_health_is_the_stated_mix(book):
    """Worked by hand from the row's inputs and the weights of the policy: recency, collections, NPS, delivery light."""
    weights = policy.value("health.weights")
    recent, stale = policy.value("health.recent_days"), policy.value("health.stale_days")
    bought = {c["id"]: c["last_purchase"] for c in book.company.of("Customers")}
    lights = []
    # Where chapter 7 has something to say of a customer, it does, not what was typed.
    told = {row.get("customer") for name in ("Projects", "SurveyAnswers") for row in book.company.of(name)}
    for place, row in enumerate(book.company.of("CustomerCare")):
        if row["customer"] in told:
            continue
        days = (sample.AS_OF - bought[row["customer"]]).days
        parts = [
            min(max((stale - days) / (stale - recent), 0), 1),
            row["collected"] / row["due"] if row["due"] else None,
            (row["nps"] + 100) / 200,
            {"green": 1, "amber": 0.5, "red": 0}[row["delivery"]],
        ]
        there = [(w, p) for w, p in zip(weights, parts, strict=True) if p is not None]
        health = sum(w * p for w, p in there) / sum(w for w, _ in there)
        assert value(book, "care_health", place) == pytest.approx(health), row["customer"]
        words = customer_care.HEALTHY, customer_care.WATCH, customer_care.ILL
        light = words[
            0 if round(health, 4) >= policy.value("health.good") else 1 if round(health, 4) >= policy.value("health.fair") else 2
        ]
        assert value(book, "care_lights", place) == said(book, light)
        lights.append(light)
    assert len(lights) >= 2


def test_trackers_hold_the_plans_targets(book):
    """Rules, chapter 2: at least 2 joint labs or patents and 60 on-site days for S; growth pull at least 1.2."""
    tops = {c["id"]: c["tier"] for c in book.company.of("Customers")}
    yes, no = said(book, customer_care.MET), said(book, customer_care.SHORT)
    for place, row in enumerate(book.company.of("CustomerCare")):
        top = tops[row["customer"]] == "S"
        joint = yes if row["labs"] + row["patents"] >= 2 else no
        assert value(book, "care_joint", place) == (joint if top else "–")
        assert value(book, "care_onsite", place) == ((yes if row["onsite_days"] >= 60 else no) if top else "–")
        pull = value(book, "care_pull", place)
        if (row["supply_growth"] or 0) > 0:
            assert pull == pytest.approx(row["customer_growth"] / row["supply_growth"])
            assert value(book, "care_pull_ok", place) == (yes if pull >= 1.2 - 1e-9 else no)
        else:
            assert pull == "–"


def test_handshakes_are_planned_made_and_left_out(book):
    top = sorted((c for c in book.company.of("Customers") if c["tier"] == "S"), key=lambda c: c["rank"])
    assert [value(book, "handshake_ids", n) for n in range(18)] == [c["id"] for c in top]
    assert [value(book, "handshake_customers", n) for n in range(12)] == [c["id"] for c in top[:12]]
    assert value(book, "handshakes_left_out") == 6
    assert [value(book, "handshakes_made", n) for n in range(12)] == [0 if n == 7 else 1 for n in range(12)]
    states = [value(book, "handshake_blueprints", n) for n in range(12)]
    assert states.count(said(book, handshakes.OVERDUE)) == 2, "one visit fell through, one blueprint is late"
    assert states[-1] == said(book, handshakes.DUE)


def test_demand_of_teams_is_the_plans(book):
    """Rules, chapter 2: S 18 → 18 + 18 + 54; A 42 → 42 + 84 unshared."""
    assert [value(book, "team_demand", n) for n in range(3)] == [18 + 42, 18, 54 + 84]
    staff = sum(row["people"] for row in book.company.of("ServiceStaff"))
    assert value(book, "team_gap") == staff - 216


def test_a_package_is_excels_pmt(book):
    """PMT(3.95 %/12, 36, −2,700,000) = 79,654.72, and 240,000 / 12 of O&M."""
    monthly = 0.0395 / 12
    assert value(book, "package_payment") == pytest.approx(2_700_000 * monthly / (1 - (1 + monthly) ** -36) + 20_000, abs=0.005)
    assert value(book, "package_total") == pytest.approx(300_000 + 2_700_000 + value(book, "package_interest") + 720_000)


def test_a_package_is_read_by_years(book):
    """Design, section 7: what is prepaid, a row a year, the same sums."""
    years = [value(book, "package_by_years", n) for n in range(11)]
    assert years[:4] == [300_000, *[pytest.approx(12 * value(book, "package_payment"), abs=0.005)] * 3] and set(years[4:]) == {""}
    assert sum(years[:4]) == pytest.approx(value(book, "package_total"), abs=0.005)
    assert [value(book, "package_left", n) for n in (0, 3)] == [2_700_000, 0]


def test_a_customer_tried_out_is_the_models(book):
    params = [[row["value"] for row in book.company.of("ClvModel") if row["value"] is not None]]
    assert value(book, "try_alive") == pytest.approx(call("PALIVE", 5, 40, 60, params)[0][0])
    assert value(book, "try_purchases") == pytest.approx(call("EXPECTEDPURCHASES", 5, 40, 60, 12 * 365 / 84, params)[0][0])
    assert value(book, "try_clv") == call("CLV", 5, 40, 60, 400_000, 12, 0.01, "week", 1, params)[0][0]


def test_charts_have_their_points(book):
    drawn = [c for c in book.package.charts() if any(r.sheet in {*SHEETS, "图表数据", "Chart data"} for r in c.refs)]
    assert len(drawn) >= 3, "Pareto, scatter, teams"
    for chart in drawn:
        assert not chart.skipped
        assert all(any(point is not None for point in ref.values) != of_landing(book.package, ref) for ref in chart.refs)


def test_the_tiers_are_judged_against_the_plan(book):
    """Counts as planned (18, 42, 120) and the S customers' share of sales: the register has what a line of the cockpit used to say."""
    sheet, _, ref = book.package.names["watch_list"].lstrip("=").rpartition("!")
    cells, area = book.package.sheets[sheet.strip("'")].cells(), Ref.parse(ref.replace("$", ""))
    rows = {row.key: row for row in register.read(getattr(cells.get(at), "value", None) for at in area.cells())}
    assert rows["customers.tiers"].actual == 0 and rows["customers.tiers"].light == "green"
    assert value(book, "tiers_verdict") == said(book, tiers.ON_PLAN)
    assert rows["customers.s_share"].actual == pytest.approx(0.568, abs=0.001) and rows["customers.s_share"].target == 0.55


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_empty_company_shows_no_error(lang):
    blank = computed(Company("空 Empty", 2027), lang)
    assert [e for e in recalc.error_cells(blank.package, blank.done.results) if e[0] in SHEETS] == []
    assert value(blank, "tier_count_s") == 0 and value(blank, "tiers_verdict") == "–"
    assert value(blank, "try_alive") == "–"


# ------------------------------------------------------------------------------------ what the lights and checks are there for


@pytest.fixture(scope="module")
def spoilt():
    """The sample company after somebody typed over the tiers and pasted transactions."""
    company = sample_company("zh")
    customers = [dict(c) for c in company.of("Customers")]
    by_rank = {c["rank"]: c for c in customers}
    by_rank[18]["tier"] = "A"
    by_rank[30]["rank"] = 29
    by_rank[40]["score"] += 0.05
    by_rank[200]["tier"] = None
    invoices = [dict(i) for i in company.of("Transactions")]
    invoices[0]["customer"], invoices[1]["date"], invoices[2]["amount"] = "C9999", dt.date(2028, 1, 5), "12万"
    rows = {**company.rows, "Customers": customers, "Transactions": invoices}
    return computed(dataclasses.replace(company, rows=rows), "zh")


@pytest.mark.parametrize(
    ("check", "status"),
    [
        ("得分占比合计 = 100%", FAIL),
        ("名次不重复", FAIL),
        ("有名次的都有级别", FAIL),
        ("表“交易流水”：必填与类型", FAIL),
        ("交易的客户都已登记", NOTICE),
        ("交易日期不晚于截止日期", NOTICE),
        ("有交易的客户都已分级", NOTICE),
        ("各级家数合计 = 已分级客户", PASS),
    ],
)
def test_checks_catch_what_they_are_for(spoilt, check, status):
    assert dict(statuses(spoilt))[check] == status.zh


def test_a_difference_from_the_plan_is_said(spoilt):
    assert value(spoilt, "tier_count_s") == 17
    assert value(spoilt, "tier_count_s", 0, 9) == tiers.OTHER_COUNT.zh
    assert value(spoilt, "tiers_verdict") == tiers.OFF_PLAN.zh
