"""Exports as real systems write them: each case of ../shared/cases/intake, run in this process and judged by the judge beside it."""

from __future__ import annotations

import shutil

import pytest

from addin import cli
from addin.book import FileBook
from tests import intake_cases
from tests.plans import once
from tests.real import missing

CASES = intake_cases.cases()


@pytest.fixture(scope="session")
def books():
    """The base plans, brought up to this version; nothing is written to them by what is tested."""

    def bring(name):
        def upgrade(to):
            shutil.copyfile(intake_cases.FOLDER / "intake" / name, to)
            assert cli.main(["upgrade", str(to)]) == cli.DONE

        return upgrade

    return {name: FileBook.open(once(("upgraded", name), bring(name))) for name in sorted({case["plan"] for case in CASES})}


def test_the_cases_are_here():
    if not CASES:
        missing("../shared/cases/intake")
    assert len({case["case"] for case in CASES}) == len(CASES) >= 68


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_case(case, books):
    why, seen = intake_cases.faults(case, books[case["plan"]])
    assert not why, f"{case['why']}: {'; '.join(why)}\n{seen['text'][:2000]}"
