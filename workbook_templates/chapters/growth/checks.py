"""Steps of a skill follow each other; stars are shown on a Monday."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from udfs.text import Text
from workbook_templates.answers import WARNING, Problem
from workbook_templates.checking.core import Check, CheckList, Mistake, held
from workbook_templates.tables.grids import Grid

_STEPS = ("step1", "step2", "step3", "step4")


def _steps(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    shadows = held(grids, "Shadows")
    for index, row in enumerate(shadows.rows if shadows is not None else ()):
        days = [row.get(key) for key in _STEPS]
        last = dt.date.min
        for place, on in enumerate(days):
            if not isinstance(on, dt.date):
                if shadows is not None and any(isinstance(later, dt.date) for later in days[place:]):
                    text = Text("前一步没有日期：四步依次填", "an earlier step has no day: enter the four in turn")
                    yield Problem(shadows.grid.sheet, *shadows.at(index, _STEPS[place]), text, code="growth.steps")
                break
            if on < last and shadows is not None:
                text = Text("早于前一步的日期", "before the day of the step above")
                yield Problem(shadows.grid.sheet, *shadows.at(index, _STEPS[place]), text, code="growth.steps")
            last = on


def _mondays(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    stars = held(grids, "Stars")
    for index, row in enumerate(stars.rows if stars is not None else ()):
        on = row.get("shown_on")
        if stars is not None and isinstance(on, dt.date) and on.weekday() != 0:
            text = Text(f"{on} 不是周一：月星影片在周一早会播放", f"{on} is no Monday: stars are shown at a Monday's meeting")
            yield Problem(stars.grid.sheet, *stars.at(index, "shown_on"), text, WARNING, code="growth.mondays")


CHECKS = CheckList(110, (
    Check(
        "growth.steps", "Shadows", Text("四步依次完成", "Steps of a skill follow each other"), Text("按先后填四步的日期", "Enter the four days in turn"),
        faults=_steps, fault=(Mistake("Shadows.step1", dt.date(2030, 1, 1), 0),),
    ),
    Check(
        "growth.mondays", "Stars", Text("月星在周一播放", "Stars are shown on Mondays"), Text("改成周一", "Choose a Monday"), WARNING,
        faults=_mondays, fault=(Mistake("Stars.shown_on", dt.date(2027, 3, 2), 0),),
    ),
))  # fmt: skip
