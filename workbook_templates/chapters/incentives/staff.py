"""People by date: what People says holds from the start, a row of Transfers changes it from its day on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from udfs.dated import Dated
from workbook_templates.tables.schema import Row

DATED = ("level", "line", "region", "manager")


def present(row: Row, first: dt.date, last: dt.date | None = None) -> bool:
    """Whether somebody (a person, a dealer) was there on a day, or on any day of a span; who has no date was there before or after."""
    joined, left = row.get("joined"), row.get("left")
    late = isinstance(joined, dt.date) and joined > (last or first)
    return not late and not (isinstance(left, dt.date) and left < first)


class Staff:
    """Who was what on a day: level, line, region and manager."""

    def __init__(self, people: Iterable[Row], transfers: Iterable[Row] = ()) -> None:
        self.people = {row["id"]: row for row in people}
        moves = [row for row in transfers if isinstance(row["valid_from"], dt.date)]
        self.dated = {
            key: Dated(
                {id_: row.get(key) for id_, row in self.people.items()},
                [(move["person"], move["valid_from"], move.get(key)) for move in moves],
            )
            for key in DATED
        }

    def on(self, person: str, day: dt.date | None) -> Row | None:
        """A person's row as it was on a day; what a transfer leaves blank stays as it was."""
        row = self.people.get(person)
        if row is None or day is None:
            return row
        return row | {key: dated.on(person, day) for key, dated in self.dated.items()}

    def level(self, person: str, day: dt.date) -> str:
        """A person's level on a day; blank for somebody unknown."""
        return self.dated["level"].on(person, day) or ""

    def chain(self, person: str, day: dt.date | None) -> Sequence[str]:
        """The person and everybody above on a day; a circle is gone round once."""
        out: list[str] = []
        while person and person not in out:
            out.append(person)
            row = self.on(person, day)
            person = (row or {}).get("manager") or ""
        return out
