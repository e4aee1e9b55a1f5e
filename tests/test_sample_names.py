"""Customers of the sample: plausible names, each its own; only what was planted looks like a duplicate, and is not certain."""

from __future__ import annotations

import re

import pytest

from udfs.policy import value
from workbook_templates.chapters import sample, sample_june
from workbook_templates.chapters.pipeline.duplicates import likely_pairs
from workbook_templates.chapters.sample_names import alike
from workbook_templates.tables.schema import Company

BOTH = [(made, lang) for made in (sample, sample_june) for lang in ("zh", "en")]


@pytest.fixture(scope="module", params=BOTH, ids=[f"{made.__name__.rpartition('.')[2]}-{lang}" for made, lang in BOTH])
def company(request: pytest.FixtureRequest) -> Company:
    made, lang = request.param
    found: Company = made.company(lang)
    return found


def test_only_the_planted_pairs_are_likely_duplicates(company: Company) -> None:
    """Three branches in another city and a slip of the pen; the rest of 360 names is told apart."""
    found = likely_pairs(company.of("Customers"), value)
    assert len(company.of("Customers")) == 360 and len(found) == 4
    assert {pair["b"] for pair in found} == {"C0357", "C0358", "C0359", "C0360"}
    assert sorted(pair["score"] == 1 for pair in found) == [False, True, True, True]
    assert {pair["certain"] for pair in found} == {"no"}


def test_no_name_is_given_twice_and_its_city_is_its_own(company: Company) -> None:
    rows = company.of("Customers")
    assert len({row["name"] for row in rows}) == len(rows)
    assert all(str(row["name"]).startswith(row["city"]) for row in rows)


def test_a_name_is_of_one_language(company: Company) -> None:
    chinese = company.name.startswith("星桥")
    for row in company.of("Customers"):
        assert bool(re.fullmatch(r"[一-鿿]+", row["name"])) == chinese


def test_likeness_is_rapidfuzz_ratio() -> None:
    """Its README: "this is a test" and "this is a test!" are 96.55% alike."""
    assert alike("this is a test", "this is a test!") == pytest.approx(0.965517, abs=1e-6)
