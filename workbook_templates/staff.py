"""People by date: what People says holds from the start, a row of Transfers changes it from its day on."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from workbook_templates.schema import Row

DATED = ("level", "line", "region", "manager")


class Staff:
    """Who was what on a day: level, line, region and manager."""

    def __init__(self, people: Iterable[Row], transfers: Iterable[Row] = ()) -> None:
        self.people = {row["id"]: row for row in people}
        self._moves: dict[str, list[Row]] = defaultdict(list)
        for row in sorted((r for r in transfers if isinstance(r["valid_from"], dt.date)), key=lambda r: r["valid_from"]):
            self._moves[row["person"]].append(row)

    def on(self, person: str, day: dt.date | None) -> Row | None:
        """A person's row as it was on a day; what a transfer leaves blank stays as it was."""
        row = self.people.get(person)
        if row is None or day is None:
            return row
        for move in self._moves.get(person, ()):
            if move["valid_from"] <= day:
                row = row | {key: move[key] for key in DATED if move.get(key)}
        return row

    def chain(self, person: str, day: dt.date | None) -> Sequence[str]:
        """The person and everybody above on a day; a circle is gone round once."""
        out: list[str] = []
        while person and person not in out:
            out.append(person)
            row = self.on(person, day)
            person = (row or {}).get("manager") or ""
        return out
