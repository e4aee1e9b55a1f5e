"""The linter on what landed before it was there: red where Excel would have asked, repaired or recalculated."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lint.__main__ import listing
from tests.lint.rules import RULES
from tests.lint.test_packages import faults

LANDED = sorted((Path(__file__).parents[1] / "landed" / "0.1.0").glob("*.xlsx"))
# Issue 9 by number: 1 conditional formats, 2 calcId, 3 volatile, 9 inline strings, 10 two validations, an array in merged cells, 12 links.
RED = {"format-grammar", "calc", "volatile", "inline", "validation-overlap", "merged", "links", "sheet-reference"}


@pytest.mark.parametrize("path", LANDED, ids=lambda path: path.name)
def test_version_0_1_0_is_red_where_the_issue_says_so(path: Path) -> None:
    found = faults(path.read_bytes())
    assert {line.partition(":")[0] for line in found} == RED
    assert len([line for line in found if line.startswith("format-grammar") and "!S" in line]) == 8  # S7:S10, two a quarter
    assert any("OFFSET" in line for line in found)


def test_the_listing_names_every_rule_with_its_source_and_what_it_found() -> None:
    lines = listing(LANDED)
    assert [line.partition(":")[0] for line in lines if not line.startswith(" ")] == sorted(rule.id for rule in RULES)
    assert all(rule.source in "\n".join(lines) for rule in RULES)
    assert len([line for line in lines if line.startswith(" ")]) == len(RED) * len(LANDED)
