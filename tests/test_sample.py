"""The sample company shows the plan's own figures exactly, in both languages and at every size."""

import collections
import datetime as dt

import pytest

from udfs import call, policy
from udfs.values import total_of
from workbook_templates.chapters import sample
from workbook_templates.chapters.incentives.pay import reading
from workbook_templates.chapters.incentives.pay.run import run
from workbook_templates.tables.policies import Policies
from workbook_templates.tables.schema import TABLES


@pytest.fixture(scope="module", params=[("zh", 640), ("en", 640), ("zh", 10_000)], ids=lambda p: f"{p[0]}-{p[1]}")
def company(request):
    return sample.company(*request.param)


def column(company, table, key):
    return [row[key] or 0 for row in company.of(table)]


def margin_rates(deals):
    """Each deal's; a return's is its order's, whatever it cost itself (money.md 5)."""
    by_id = {d["id"]: d for d in deals}
    orders = [by_id[d["original"] or d["id"]] for d in deals]
    return [(o["revenue"] - o["cost"]) / o["revenue"] for o in orders]


def test_market_is_the_plans(company):
    """Rules, chapter 1: SAM 3,800,000,000 and SOM 570,000,000."""
    sam = [r["buyers"] * r["spend"] * r["serviceable"] for r in company.of("Regions")]
    assert total_of(sam) == 3_800_000_000
    assert (
        round(sum(s * r["coverage"] * r["win_rate"] for s, r in zip(sam, company.of("Regions"), strict=True)), 2) == 570_000_000
    )


def test_bookings_quarters_and_profit_are_the_plans(company):
    """Rules, chapters 1 and 5: 420,000,000 as 4-3-2-1; 147,000,000 margin − 84,000,000 budget = 63,000,000 profit."""
    by_quarter = collections.Counter()
    for deal in company.of("Deals"):
        by_quarter[(deal["date"].month - 1) // 3] += deal["revenue"]
    assert [by_quarter[q] for q in range(4)] == [168_000_000, 126_000_000, 84_000_000, 42_000_000]
    margin = total_of(column(company, "Deals", "revenue")) - total_of(column(company, "Deals", "cost"))
    assert margin == 147_000_000
    assert margin - total_of(column(company, "Budget", "actual_cost")) == 63_000_000


def test_budget_and_roi_are_the_plans(company):
    """Rules, chapter 11: 84,000,000 by the policy's shares; 1:8, 1:5 and 1:20 over the year."""
    planned, spent, revenue = collections.Counter(), collections.Counter(), collections.Counter()
    for row in company.of("Budget"):
        planned[row["line"]] += row["planned"]
        spent[row["line"]] += row["actual_cost"]
        revenue[row["line"]] += row["revenue"] or 0
    assert list(planned.values()) == [29_400_000, 21_000_000, 16_800_000, 8_400_000, 4_200_000, 4_200_000]
    assert planned == spent
    reached = [revenue[line] / spent[line] for line in ("rebates", "market", "travel")]
    assert reached == [t for t in policy.value("roi.targets") if t]
    missed = [r for r in company.of("Budget") if r["line"] == "market" and r["revenue"] / r["actual_cost"] < 5]
    assert missed, "some months must miss their target, or the rolling budget shows nothing"


def test_people_are_68_in_three_lines_and_four_levels(company):
    people = company.of("People")
    assert len(people) == policy.value("team.headcount") == 68
    assert {p["line"] for p in people} == {"direct", "channel", "solution"}
    assert len({p["level"] for p in people}) == 4
    known = {p["id"] for p in people}
    assert all(p["manager"] in known for p in people if p["level"] != "director")


def test_attainment_varies_as_in_life():
    company = sample.company("zh")
    year = dt.date(2027, 1, 1), dt.date(2027, 12, 31)
    people = {p["id"]: p for p in company.of("People")}
    weights = {
        q["person"]: people[q["person"]]["quota_weight"] * sample.employed(people[q["person"]], *year)
        for q in company.of("Quotas")
    }
    credit = collections.Counter()
    for row in company.of("Ledger"):
        credit[row["person"]] += row["revenue"] or 0  # a draw has none
    reached = [credit[p] / (sample.BOOKINGS * w / sum(weights.values())) for p, w in weights.items()]
    assert 0.55 < min(reached) < 0.75 and 1.2 < max(reached) < 1.4


def test_ledger_is_exact_per_deal(company):
    """The people's parts add up to COMMISSION and to the revenue of each order, to the fen; a return takes its part of what its
    order brought (money.md 5), and a draw is nobody's deal."""
    deals = list(company.of("Deals"))
    by_id = {d["id"]: d for d in deals}
    due = call("COMMISSION", [[d["revenue"]] for d in deals], [[m] for m in margin_rates(deals)])
    paid, revenue = collections.defaultdict(list), collections.defaultdict(list)
    for row in company.of("Ledger"):
        if row["deal"]:
            paid[row["deal"]].append(row["commission"])
            # an overlay comes on top of those who make the whole (money.md 2)
            revenue[row["deal"]].append(row["revenue"] if row["role"] != "overlay" else 0)
        else:
            assert row["kind"] in ("draw", "recovery")
    assert [total_of(revenue[d["id"]]) for d in deals] == [d["revenue"] for d in deals]
    for deal, (whole,) in zip(deals, due, strict=True):
        order = by_id[deal["original"] or deal["id"]]
        if order is deal:
            assert total_of(paid[deal["id"]]) == whole, deal["id"]
        else:  # one part a person, each rounded
            part = total_of(paid[order["id"]]) * deal["revenue"] / order["revenue"]
            assert total_of(paid[deal["id"]]) == pytest.approx(part, abs=0.005 * len(paid[deal["id"]]) + 1e-6), deal["id"]


def test_accounts_are_the_ledgers_rows(company):
    """Money 1: opening + movements = paid + closing, in each month; and all that was ever moved was paid or is carried."""
    last = {}
    for row in company.of("Accounts"):
        moved = [row[k] for k in ("opening", "released", "clawback", "adjustment", "bonus", "draw_paid", "hold_off")]
        assert total_of(moved) == total_of([row[k] for k in ("paid", "closing", "draw_recovered", "hold_on")]), row
        assert row["opening"] == last.get(row["person"], 0), row
        last[row["person"]] = row["closing"]
    back = {"recovery", "hold"}
    moved = [row["commission"] * (-1 if row["kind"] in back else 1) for row in company.of("Ledger")]
    assert total_of(moved) == total_of([*column(company, "Accounts", "paid"), *last.values()])


def test_every_key_is_unique_and_known(company):
    for spec in TABLES.values():
        rows = company.of(spec.name)
        if spec.key:
            keys = [tuple(r[k] for k in spec.key) for r in rows]
            assert len(keys) == len(set(keys)), spec.name
        for column_ in spec.inputs:
            if not column_.refers:
                continue
            other, _, key = column_.refers.partition(".")
            known = {r[key] for r in company.of(other)}
            assert {r[column_.key] for r in rows if r.get(column_.key)} <= known, (spec.name, column_.key)


def test_rows_fit_the_schema(company):
    for spec in TABLES.values():
        wanted = {c.key for c in spec.inputs}
        for row in company.of(spec.name):
            assert set(row) == wanted, spec.name
        for column_ in spec.inputs:
            if column_.words and not column_.open_words:
                assert {r[column_.key] for r in company.of(spec.name)} <= {w.code for w in column_.words} | (
                    set() if column_.required else {None}
                )


def test_returns_carry_their_orders_rate(company):
    by_id = {d["id"]: d for d in company.of("Deals")}
    rates = dict(zip(by_id, margin_rates(list(by_id.values())), strict=True))
    returns = [d for d in by_id.values() if d["original"]]
    assert returns
    for deal in returns:
        order = by_id[deal["original"]]
        assert deal["revenue"] < 0 < order["revenue"] and order["date"] < deal["date"]
        assert rates[deal["id"]] == rates[order["id"]]
        assert -deal["revenue"] <= order["revenue"]


def test_deals_are_plausible():
    company = sample.company("zh")
    deals = list(company.of("Deals"))
    assert len(deals) == 640
    assert 0.86 < sum(column(company, "Deals", "collected")) / sample.BOOKINGS < 0.90
    assert all(d["collected"] <= d["revenue"] for d in deals)
    assert 0.07 < sum(bool(d["partner"]) for d in deals) / len(deals) < 0.13
    assert any(m < 0 for m in margin_rates(deals))
    people = {p["id"]: p for p in company.of("People")}
    assert all(sample.employed(people[d["seller"]], d["date"], d["date"]) for d in deals if not d["original"])


def test_same_seed_same_company():
    assert sample.company("zh").rows == sample.company("zh").rows


def test_languages_differ_in_words_only():
    zh, en = sample.company("zh"), sample.company("en")
    assert zh.name != en.name
    for table in ("Deals", "Ledger", "Budget"):
        numbers = [[v for v in r.values() if isinstance(v, int | float | dt.date)] for r in zh.of(table)]
        assert numbers == [[v for v in r.values() if isinstance(v, int | float | dt.date)] for r in en.of(table)]


def test_too_few_deals_are_refused():
    with pytest.raises(ValueError, match="too few"):
        sample.company("zh", 20)


def test_ledger_of_nothing_and_of_a_split_deal():
    def rows(*deals):
        people = [{"id": who, "joined": None, "left": None, "level": "representative"} for who in "AB"]
        facts = reading.assembled({"People": people, "Deals": deals}, Policies({}), dt.date(2027, 12, 31))
        return run(facts).rows

    assert rows() == []
    first, second = rows(
        {"id": "D1", "date": dt.date(2027, 1, 31), "seller": "A", "partner": "B", "seller_share": 0.3, "revenue": 1_000_000.01,
         "cost": 700_000.0, "original": None}
    )  # fmt: skip
    assert [(row["person"], row["credit_share"], row["period"]) for row in (first, second)] == [
        ("A", 0.3, "2027-01"), ("B", 0.7, "2027-01"),
    ]  # fmt: skip
    due = call("COMMISSION", 1_000_000.01, 300_000.01 / 1_000_000.01)[0][0]
    assert total_of(row["commission"] for row in (first, second)) == due
