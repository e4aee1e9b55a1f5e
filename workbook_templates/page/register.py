"""The register of watches as read from a plan: the one source of the cockpit, its mails and ``salesplan cockpit``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from udfs.values import excel_round, serial_to_date
from workbook_templates.cells import Value
from workbook_templates.page.watches import AMBER, COLUMNS, GREEN, LOWER, RED, SCREEN_STEP
from workbook_templates.tables.switches import OFF

LIGHTS = {"green": GREEN, "amber": AMBER, "red": RED, "off": OFF}
FIRST = 5


@dataclass(frozen=True)
class JudgedFigure:
    """A row of the Problems sheet. ``light``: green, amber, red, off, or None where nothing can be judged.

    ``goal`` and ``gap`` are said as on the sheet; ``where`` is the cell its link leads to (``#'Sheet'!A7``). ``border`` is the figure at
    which amber begins to be red; with ``lower`` less is better. ``id`` is the item's; ``on_screen`` its place among the problems of its screen.
    """

    key: str
    chapter: int
    screen: int
    title: str
    actual: float | None
    target: float | None
    ratio: float | None
    light: str | None
    amount: float
    item: str
    owner: str
    due: dt.date | None
    level: int
    order: float | None
    newest: dt.date | None
    goal: str
    gap: str
    where: str
    span: str = ""
    border: float | None = None
    lower: bool = False
    id: str = ""
    on_screen: int | None = None

    @property
    def what(self) -> str:
        """The title, and the worst item."""
        return f"{self.title} · {self.item}" if self.item else self.title


def read(cells: Iterable[Any]) -> list[JudgedFigure]:
    """The rows, of the cells of ``watches.LIST`` one after the other."""
    flat = list(cells)
    lines = [dict(zip(COLUMNS, flat[at : at + len(COLUMNS)], strict=True)) for at in range(0, len(flat), len(COLUMNS))]
    return [_judged(line) for line in lines if line["key"]]


def first(rows: Iterable[JudgedFigure], most: int = FIRST) -> list[JudgedFigure]:
    """Those that come first, as the cockpit has them."""
    ranked = [(row.order, row) for row in rows if row.order is not None]
    return [row for _, row in sorted(ranked, key=lambda found: -found[0])[:most]]


def of_screen(rows: Iterable[JudgedFigure], screen: int, most: int = FIRST) -> list[JudgedFigure]:
    """Those that come first on a screen, as its sheet has them."""
    ranked = [(row.on_screen, row) for row in rows if row.screen == screen and row.on_screen is not None]
    return [row for _, row in sorted(ranked, key=lambda found: found[0])[:most]]


def counted(rows: Iterable[JudgedFigure], light: str, chapter: int | None = None) -> int:
    """How many have a light, in all or of a chapter."""
    return sum(row.light == light and chapter in (None, row.chapter) for row in rows)


def light_of(found: float, goal: float, border: float, lower: bool = False) -> str:
    """A figure's light by the rule of the sheet's own (``watches.light``)."""
    if lower:
        return "green" if excel_round(found - goal, 9) <= 0 else "amber" if excel_round(found - border, 9) <= 0 else "red"
    if goal <= 0:
        return "green" if found >= goal else "red"
    share = excel_round(found / goal, 9)
    return "green" if share >= 1 else "amber" if share >= excel_round(border / goal, 9) else "red"


def _judged(line: Mapping[str, Value]) -> JudgedFigure:
    def text(key: str) -> str:
        return str(line[key]) if line[key] is not None else ""

    light = next((code for code, word in LIGHTS.items() if line["light"] in tuple(word)), None)
    return JudgedFigure(
        key=text("key"),
        chapter=int(_number(line["chapter"]) or 0),
        screen=int(_number(line["screen"]) or 0),
        title=text("title"),
        actual=_number(line["actual"]),
        target=_number(line["target"]),
        ratio=_number(line["ratio"]),
        light=light,
        amount=_number(line["amount"]) or 0.0,
        item=text("item"),
        owner=text("owner").strip("–"),
        due=day(line["due"]),
        level=int(_number(line["level"]) or 0),
        order=_number(line["order"]),
        newest=day(line["newest"]),
        goal=text("goal"),
        gap=text("gap"),
        where=text("where"),
        span=text("span"),
        border=_number(line["border"]),
        lower=text("direction") == LOWER,
        id=text("id"),
        on_screen=None if (place := _number(line["on_screen"])) is None else int(place) % SCREEN_STEP,
    )


def _number(cell: Any) -> float | None:
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else None


def day(cell: Any) -> dt.date | None:
    """A cell's day."""
    if isinstance(cell, dt.date):
        return cell
    number = _number(cell)
    found: dt.date | None = serial_to_date(number) if number else None
    return found


def shown(row: JudgedFigure, keys: Sequence[str] = ()) -> dict[str, Any]:
    """A row as JSON holds it."""
    whole = {**vars(row), "due": row.due and row.due.isoformat(), "newest": row.newest and row.newest.isoformat()}
    return {key: whole[key] for key in keys} if keys else whole
