"""`salesplan demo --faults`: every check there is has a fault of its own, and is seen red with it."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import pytest

from tests.plans import story_plan
from workbook_templates import checking, planting
from workbook_templates.checking.findings import problems
from workbook_templates.xlsx.package import Package


@functools.cache
def found(group: int) -> set[str]:
    """The checks that find something in the workbook of a group."""
    path = story_plan("zh", Path(tempfile.mkdtemp(prefix="salesplan-")))
    done = planting.plant(path, group)
    return {p.code for p in problems(Package.open(path), done.results)}


def test_every_check_has_a_fault() -> None:
    assert [code for code, check in checking.registered().items() if not check.fault] == []


@pytest.mark.parametrize("group", planting.groups())
def test_every_check_finds_its_fault(group: int) -> None:
    assert set(planting.planted(group)) - found(group) == set()
