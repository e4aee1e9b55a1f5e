"""Projects: their light, the schedule counted back from the promised day, and what a new one looks like."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from udfs import call
from udfs.text import Text
from udfs.values import ExcelError
from workbook_templates.chapters.delivery.tables import PROJECT_LIGHTS
from workbook_templates.tables.schema import PRODUCT_LINES, Row

Setting = Callable[[str], Any]
WHOLE_COUNTRY = "CN"  # in a code, where a deal has no region or the plan no regions
_NUMBER = re.compile(r"P\d\d[A-Z]{2}(\d{4})[0-9A-Z]")


def column(values: Iterable[Any]) -> list[list[Any]]:
    """Values as a column of cells."""
    return [[value] for value in values]


def lights(projects: Sequence[Row], as_of: dt.date, yellow: float) -> list[str | None]:
    """The light of each project on a day; none without a promised day."""
    if not projects:
        return []
    promised, delivered = (column(row.get(key) for row in projects) for key in ("promised", "delivered"))
    said = call("DELIVERYLIGHT", promised, delivered, column([as_of] * len(projects)), yellow)
    return [_light(cell) for (cell,) in said]


def _light(cell: Any) -> str | None:
    return next((word.code for word in PROJECT_LIGHTS if word.means(str(cell))), None)


def late(project: Row, as_of: dt.date) -> int:
    """How many days late a project is, or is by now."""
    done = project.get("delivered")
    end = done if isinstance(done, dt.date) and done <= as_of else as_of
    return (end - project["promised"]).days if isinstance(project.get("promised"), dt.date) else 0


def delivered(project: Row, as_of: dt.date) -> bool:
    """Whether it is with the customer by a day."""
    return isinstance(project.get("delivered"), dt.date) and bool(project["delivered"] <= as_of)


@dataclass(frozen=True)
class Scheduled:
    """A project's tasks with their days, in the order given; ``behind``: working days that are lacking already."""

    rows: list[Row]
    behind: float


def scheduled(tasks: Sequence[Row], promised: dt.date, start: dt.date | None) -> Scheduled | Text:
    """Tasks counted back from the promised day; why not, where they can't be."""
    names, days, before = (column(row.get(key) for row in tasks) for key in ("task", "days", "predecessors"))
    found = call("BACKSCHEDULE", names, days, before, promised, None, start)
    if isinstance(found[0][0], ExcelError):
        return found[0][0].reason or Text("排不出计划", "it can't be scheduled")
    rows = [
        {"latest_start": row[1], "latest_finish": row[2], "slack": float(row[5]), "critical": "yes" if row[6] else "no"}
        for row in found
    ]
    return Scheduled(rows, max(0.0, -min(row["slack"] for row in rows)))


def length(tasks: Sequence[Row]) -> int | Text:
    """How many working days the tasks take."""
    names, days, before = (column(row.get(key) for row in tasks) for key in ("task", "days", "predecessors"))
    found = call("BACKSCHEDULE", names, days, before, 0)
    if isinstance(found[0][0], ExcelError):
        return found[0][0].reason or Text("排不出计划", "it can't be scheduled")
    longest: float = max(row[2] for row in found)
    return math.ceil(longest)


def by_name(rows: Iterable[Row], key: str) -> dict[str, list[Row]]:
    """Rows by what they belong to, in their order."""
    out: dict[str, list[Row]] = {}
    for row in rows:
        if row.get(key):
            out.setdefault(str(row[key]), []).append(row)
    return out


def template_of(line: Any, templates: Mapping[str, Sequence[Row]]) -> str | None:
    """The template called as a deal's product line; the only one there is serves for all."""
    word = next((word for word in PRODUCT_LINES if word.code == line), None)
    named = next((name for name in templates if name == line or (word is not None and word.means(name))), None)
    return named or (next(iter(templates)) if len(templates) == 1 else None)


def last_number(ids: Iterable[Any]) -> int:
    """The highest running number of projects' codes."""
    return max((int(found[1]) for code in ids if (found := _NUMBER.fullmatch(str(code or "")))), default=0)


def code_of(signed_on: dt.date, region: str, number: int) -> str | Text:
    """A project's number by PROJECTCODE; why not, where there is none."""
    found = call("PROJECTCODE", signed_on, region, number)[0][0]
    return (found.reason or Text("编不了号", "no code")) if isinstance(found, ExcelError) else str(found)


def worked(start: dt.date, days: int) -> dt.date:
    """The day some working days after another."""
    found: Any = call("WORKDAY", start, days)[0][0]
    return found if isinstance(found, dt.date) else start
