"""The register of watches: each judged figure is declared once, by a sheet of its chapter, with ``page.watch(Watch(…))``.

A check asks whether the data are right; a watch asks whether business is good. The Problems sheet has a row for each watch, and the
cockpit, the mails and ``salesplan cockpit`` read those rows: nobody works a figure out a second time. All formulas here are Excel's own,
so that the lights stay lit where the add-in is missing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from udfs.text import Text
from workbook_templates.cells import column_letters

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan

GREEN, AMBER, RED = Text("绿", "Green"), Text("橙", "Amber"), Text("红", "Red")
NONE = Text("–", "–")  # no data, or data too old to judge by
NOTHING = '"–"'
MUST, LEVELS = 4, {RED: 3, AMBER: 2, GREEN: 1}  # how urgent; MUST: a red one that comes before all others
ANY = "10^12"  # as the border of amber: whatever is above the goal is amber, never red
NO_DATA = Text("尚无数据", "No data yet")  # how a chart whose Table is empty begins to say so
LIST = "watch_list"  # the defined name of the rows
FRESH = "fresh_since"  # the first day that is not too old to judge by
EVEN = "year_share"  # how much of the year is over, its months weighing the same
SCREEN_STEP = 1000  # a place on a screen is this many times its number, and its rank there
LOWER, HIGHER = "≤", "≥"  # which side of a goal is the good one
# What the rows hold, column by column from B on.
COLUMNS = (
    "key", "chapter", "screen", "title", "actual", "target", "ratio", "light", "amount", "item", "owner", "due", "link", "level",
    "urgency", "place", "order", "where", "border", "newest", "id", "direction", "must", "goal", "gap", "task", "on_screen", "span",
)  # fmt: skip


@dataclass(frozen=True)
class Watch:
    """One judged figure. Formulas are written without their = and may fetch from anywhere in the plan.

    ``actual`` against ``target``; with ``lower`` less is better. ``amber``: the figure from which it is amber and no longer red,
    where the plan names one (without: ``light.amber`` of the target). ``basis``: bookings, revenue or cash, part of every label.
    ``amount``: the yuan exposed, never added up. ``item``: the ID of the worst one, a row of ``table`` (``Table.key``), which the link
    leads to; ``owner`` is the column of that Table that names who it is (without: the chapter's owner), ``due`` a day. ``fresh``: the columns of days (``Table.key``)
    whose newest says how old the data are; ``needs``: the column that must hold something. ``must``: when red it comes first.
    ``span``: a text of how far the figure may be off, said beside it. ``made``: the column of days (``Table.key``) on which the button ran
    that worked out what the figure reads: where the last is before the plan's day, that is said beside it.
    ``duty``: the rule that orders a task about the item: an open one says owner and day, and the link leads to it. ``about``: what such a
    task is about, where that is not the item itself.
    ``screen``: 1 results, 2 customers, 3 team, 4 forecast, 5 competition.
    """

    key: str
    title: Text
    actual: str
    target: str
    screen: int
    basis: Text = Text("", "")
    fmt: str = "scaled"
    lower: bool = False
    amber: str = ""
    amount: str = ""
    item: str = ""
    table: str = ""
    owner: str = ""
    due: str = ""
    fresh: tuple[str, ...] = ()
    needs: str = ""
    must: bool = False
    duty: str = ""
    about: str = ""
    span: str = ""
    made: str = ""
    page: str = ""  # filled in when it is handed in

    def on(self, page: str) -> Watch:
        """The same, of another page."""
        return replace(self, page=page)

    @property
    def label(self) -> Text:
        """What it is called, its basis with it."""
        if not self.basis.zh:
            return self.title
        return Text(f"{self.title.zh}（{self.basis.zh}）", f"{self.title.en} ({self.basis.en})")


def border(watch: Watch, goal: str, amber: str) -> str:
    """The figure at which amber begins to be red: the plan's own, or a share (the cell or name ``amber``) of the goal.

    ``goal`` is a cell; the result a formula without its =.
    """
    share = f"(2-{amber})" if watch.lower else amber
    return f"IF(ISNUMBER({goal}),{watch.amber or f'{goal}*{share}'},{NOTHING})"


def light(found: str, goal: str, border: str, words: tuple[str, str, str], lower: bool = False) -> str:
    """The one rule of all lights: cells compared, as a formula without its =. ``words``: green, amber and red, quoted.

    Ratios are rounded, so that 0.9 of a goal is never red by a hair. A goal that is not above 0 has no amber: there is no part of it.
    """
    green, amber, red = words
    if lower:
        judged = f"IF(ROUND({found}-{goal},9)<=0,{green},IF(ROUND({found}-{border},9)<=0,{amber},{red}))"
    else:
        part = f"IF(ROUND({found}/{goal},9)>=1,{green},IF(ROUND({found}/{goal},9)>=ROUND({border}/{goal},9),{amber},{red}))"
        judged = f"IF({goal}<=0,IF({found}>={goal},{green},{red}),{part})"
    return f"IF(NOT(AND(ISNUMBER({found}),ISNUMBER({goal}))),{NOTHING},{judged})"


def cell(column: str, row: int) -> str:
    """A cell of the register's row ``row``."""
    return f"{letter(column)}{row}"


def letter(column: str) -> str:
    """Where a column of the register stands."""
    return column_letters(2 + COLUMNS.index(column))  # from B on


def name_of(column: str) -> str:
    """The defined name of a column of the register."""
    return f"watch_{column}"


def lights_of(plan: Plan, number: int) -> str:
    """A formula, without its =: how many lights of a chapter are red and amber, in few signs."""
    of, lights = plan.name(name_of("chapter")), plan.name(name_of("light"))
    red, amber, green = (f"COUNTIFS({of},{number},{lights},{plan.quoted(word)})" for word in (RED, AMBER, GREEN))
    found = f'TRIM(IF({red}>0,"■"&{red}&" ","")&IF({amber}>0,"▲"&{amber},""))'
    return f'IF({red}+{amber}>0,{found},IF({green}>0,"●",{NOTHING}))'
