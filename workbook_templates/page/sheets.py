"""What a sheet of the plan is. A module of a chapter's ``sheets`` has ``SHEET = PlanSheet(…)``; a plain Table needs none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from workbook_templates import registry
from workbook_templates.page import navigation
from workbook_templates.page.builder import Plan
from workbook_templates.tables import schema


@dataclass(frozen=True)
class PlanSheet:
    """One or several tabs.

    ``order`` is their place in their chapter and ``part``, one of ``navigation.PARTS``; with ``last`` it is built after the others (2: after those, too; 3: after these).
    """

    order: float
    build: Callable[[Plan], None]
    last: int = 0
    part: str = navigation.VIEW
    table: str = ""  # the Table that stands alone on it

    @property
    def chapter(self) -> registry.Chapter:
        """The chapter that brings it: in whose folder it, or its Table, is written."""
        return schema.home_of(self.table) if self.table else registry.home_of(self.build.__module__)
