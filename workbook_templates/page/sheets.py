"""What a sheet of the plan is. A module of a chapter's ``sheets`` has ``SHEET = PlanSheet(…)``; a plain Table needs none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from workbook_templates.page.builder import Plan


@dataclass(frozen=True)
class PlanSheet:
    """One or several tabs. ``order`` is their place among all; with ``last`` it is built after the others (2: after those, too)."""

    order: float
    build: Callable[[Plan], None]
    last: int = 0
