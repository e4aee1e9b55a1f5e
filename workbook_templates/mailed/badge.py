"""How far a figure can still change, said in one way everywhere: in the workbook, the mail, the text; for dealers too."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from udfs.text import Text, counted
from workbook_templates.tables.schema import Row

OPEN, REVIEWED, FINAL, PAID = "estimated", "reviewed", "final", "paid"
OF_ROWS = {"computed": OPEN, "disputed": OPEN, "reviewed": REVIEWED, "locked": FINAL, "paid": PAID}  # by the state of rows
_ORDER = (OPEN, REVIEWED, FINAL, PAID)


@dataclass(frozen=True)
class Badge:
    """What it says, and how it looks: warn while it may change, good when it can't, blank with nothing to say it of."""

    state: str
    text: Text
    tone: str

    @property
    def firm(self) -> bool:
        """Whether nothing changes it any more."""
        return self.state in (FINAL, PAID)


def badge(state: str, dates: Row, disputed: int = 0) -> Badge:
    """The badge of a statement's state; ``dates`` says when it was reviewed, locked, paid."""
    if state == PAID:
        return Badge(PAID, Text("最终：已发放", "Final: paid") + _on(dates.get("paid_on")), "good")
    if state == FINAL:
        return Badge(FINAL, Text("最终：已锁定", "Final: locked") + _on(dates.get("locked_on")), "good")
    if disputed:
        said = Text(f"预估：{disputed} 行在异议中，尚未锁定", f"Estimated: {counted(disputed, 'line')} disputed, not locked yet")
        return Badge(OPEN, said, "warn")
    if state == REVIEWED:
        said = Text("预估：已审核", "Estimated: reviewed") + _on(dates.get("reviewed_on"))
        return Badge(REVIEWED, said + Text("，尚未锁定", ", not locked yet"), "warn")
    return Badge(OPEN, Text("预估：尚未审核，数额可能变动", "Estimated: not reviewed yet, amounts may change"), "warn")


def least(states: list[str]) -> str:
    """The state of what is made of several: that of the one furthest behind."""
    return min((state if state in _ORDER else OPEN for state in states), key=_ORDER.index, default="")


def nothing(said: Text) -> Badge:
    """The badge of nothing."""
    return Badge("", said, "")


def _on(when: Any) -> Text:
    return Text(f"（{when:%Y-%m-%d}）", f" ({when:%Y-%m-%d})") if isinstance(when, dt.date) else Text("", "")
