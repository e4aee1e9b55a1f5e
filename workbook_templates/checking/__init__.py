"""All checks of a plan: what follows from the Tables' specs (``derived``), and what else a chapter checks, a module a chapter.

A chapter's module of ``checks`` registers ``CHECKS = CheckList(order, (…))``: adding a check is adding it there, nowhere
else. The Checks sheet and ``salesplan check`` go through the same list.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from workbook_templates import registry
from workbook_templates.answers import Problem
from workbook_templates.checking import derived
from workbook_templates.checking.core import Check, CheckList
from workbook_templates.tables import schema
from workbook_templates.tables.grids import Grid
from workbook_templates.tables.validating import grid_problems

if TYPE_CHECKING:
    from workbook_templates.xlsx.package import Package

__all__ = ["gathered", "problems", "registered"]


@functools.cache
def registered() -> Mapping[str, Check]:
    """Every check by its code, in the order of the Checks sheet."""
    found = registry.gathered([derived.__name__, *registry.modules("checks")], "CHECKS", CheckList)
    return gathered(_of_its_chapter(module, check) for module, listed in found.items() for check in listed.checks)


def _of_its_chapter(module: str, check: Check) -> Check:
    """A check belongs to the chapter in whose folder it is written; those of the Tables say theirs."""
    return check if module == derived.__name__ else replace(check, chapter=registry.home_of(module).number)


def gathered(checks: Iterable[Check]) -> Mapping[str, Check]:
    """The checks by code. A code is said once, and of a check that asks something."""
    out: dict[str, Check] = {}
    for check in checks:
        if check.code in out:
            raise ValueError(f"two checks have the code {check.code!r}")
        if check.line is None and check.faults is None and check.whole is None:
            raise ValueError(f"the check {check.code!r} asks nothing: it has neither a line nor faults")
        out[check.code] = check
    return out


def whole(package: Package, off: Collection[int] = frozenset()) -> Iterator[Problem]:
    """What checks of a whole plan in a file find."""
    for check in registered().values():
        if check.whole is not None and check.chapter not in off:
            yield from check.whole(package)


def problems(
    grids: Mapping[str, Grid], wanted: Iterable[str] = schema.TABLES, off: Collection[int] = frozenset()
) -> Iterator[Problem]:
    """What the rows of a workbook hold wrong, whatever its host: the Tables that are ``wanted`` against their specs, and
    the rest.

    Chapters that are ``off`` are not asked, but that their Tables must be there: a person may switch them on.
    """
    yield from grid_problems(grids, wanted, off=off)
    for check in registered().values():
        if check.faults is not None and check.chapter not in off:
            yield from check.faults(grids)
