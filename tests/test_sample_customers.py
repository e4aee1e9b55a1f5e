"""The sample company's customers: invoices that agree with its deals, and tiers that are the plan's own."""

import datetime as dt
from collections import Counter

import pytest

from tests.actions.steps import do
from tests.plans import sample_company, sample_plan
from udfs import policy
from udfs.text import speaking
from udfs.values import total_of
from workbook_templates.chapters import sample
from workbook_templates.chapters.customers import clv_model, tiering
from workbook_templates.chapters.customers.sample import LONG_TAIL, purchases


@pytest.fixture(scope="module")
def company():
    return sample_company("zh")


@pytest.fixture(scope="module")
def by_tier(company):
    return {tier: [c for c in company.of("Customers") if c["tier"] == tier] for tier in "SABC"}


def test_counts_and_shares_are_the_plans(by_tier):
    """Rules, chapter 2: S 18 ≈ 55 %, A 42 ≈ 30 %, B 120 ≈ 12 %, C long tail; here within two points."""
    counts = {tier: len(rows) for tier, rows in by_tier.items()}
    assert counts == {"S": 18, "A": 42, "B": 120, "C": 12 + LONG_TAIL}
    for key in ("score", "sales_share", "clv_share"):
        shares = [sum(row[key] for row in by_tier[tier]) for tier in "SABC"]
        assert shares == pytest.approx([0.55, 0.30, 0.12, 0.03], abs=0.025), key
    assert [round(sum(row["score"] for row in by_tier[tier]), 2) for tier in "SAB"] == [0.55, 0.29, 0.12]


def test_every_deal_is_an_invoice(company):
    """Customers with a seller were invoiced in 2027 what they signed; the long tail buys without one."""
    owners = {c["id"]: c["owner"] for c in company.of("Customers")}
    invoices = [i for i in company.of("Transactions") if owners[i["customer"]] and i["date"].year == 2027]
    signed = Counter((d["customer"], d["date"], d["revenue"]) for d in company.of("Deals"))
    assert Counter((i["customer"], i["date"], i["amount"]) for i in invoices if i["date"] >= dt.date(2027, 2, 15)) == Counter(
        {k: n for k, n in signed.items() if k[1] >= dt.date(2027, 2, 15)}
    ), "credit notes of 2026 reach into January"
    assert abs(total_of(i["amount"] for i in invoices) - sample.BOOKINGS) < 0.005 * sample.BOOKINGS


def test_two_years_light_and_numbered(company):
    rows = company.of("Transactions")
    assert 1_000 < len(rows) < 2_500
    assert len({r["invoice"] for r in rows}) == len(rows)
    assert {r["date"].year for r in rows} == {2026, 2027} and max(r["date"] for r in rows) <= sample.AS_OF
    assert 10 < sum(r["amount"] < 0 for r in rows) < 0.05 * len(rows)
    assert {r["customer"] for r in rows} == {c["id"] for c in company.of("Customers")}


def test_large_deals_moved_to_the_owners_best_customer_only(company):
    owners = {c["id"]: c["owner"] for c in company.of("Customers")}
    regions = {c["id"]: c["region"] for c in company.of("Customers")}
    assert all(owners[d["customer"]] == d["seller"] and regions[d["customer"]] == d["region"] for d in company.of("Deals"))
    by_id = {d["id"]: d for d in company.of("Deals")}
    assert all(by_id[d["original"]]["customer"] == d["customer"] for d in by_id.values() if d["original"])


def test_tier_changes_are_of_two_refreshes_and_end_where_the_customers_stand(company):
    changes = company.of("TierChanges")
    assert {c["date"] for c in changes} == {dt.date(2027, 9, 30), dt.date(2027, 12, 31)}
    last = {c["customer"]: c["after"] for c in changes}
    tiers = {c["id"]: c["tier"] for c in company.of("Customers")}
    assert all(tiers[key] == tier for key, tier in last.items())
    assert all(c["reason"] for c in changes)


def test_the_core_finds_nothing_new(company):
    with speaking("zh"):
        again = tiering.tiers(
            purchases(company.of("Transactions"), sample.AS_OF),
            company.of("Customers"),
            company.of("TierChanges"),
            tiering.TierSettings.of(),
        )
        assert again.changes == [] and again.new == []
        assert again.rows == list(company.of("Customers"))
        assert clv_model.rows(again.model) == company.of("ClvModel")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_refresh_on_the_demo_changes_nothing(tmp_path, lang):
    """The whole way through the file: the button finds the workbook as it would write it."""
    path = sample_plan(lang, tmp_path)
    done = do("refresh", path)
    assert not done.outcome.problems
    assert not done.effect and not done.written


def test_care_is_kept_of_every_s_and_a_customer(company, by_tier):
    care = company.of("CustomerCare")
    assert {c["customer"] for c in care} == {c["id"] for c in by_tier["S"] + by_tier["A"]}
    assert all(0 <= c["collected"] <= c["due"] for c in care)
    top = {c["id"] for c in by_tier["S"]}
    enough = [c["labs"] + c["patents"] >= policy.value("customers.joint_projects") for c in care if c["customer"] in top]
    assert True in enough and False in enough, "a tracker that is all green shows nothing"


def test_languages_differ_in_words_only(company):
    english = sample_company("en")
    for table in ("Customers", "Transactions", "TierChanges", "ClvModel", "CustomerCare", "Visits", "ServiceStaff"):
        numbers = [
            [[v for v in row.values() if isinstance(v, int | float | dt.date)] for row in made.of(table)]
            for made in (company, english)
        ]
        assert numbers[0] == numbers[1], table
