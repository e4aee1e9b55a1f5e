"""What customers bought, added up: what a source of transactions gives and tiers are made of.

Pure: no files, no workbook. Days are numbered as numpy counts them, money is in fen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from udfs.rfm import Ints, Summary, canonical, canonical_all, factorised, summary
from udfs.text import Text, joined
from udfs.values import year_before

EPOCH = dt.date(1970, 1, 1)


def day_number(day: dt.date) -> int:
    """A date as a whole number, as numpy counts days: 0 is 1970-01-01."""
    return (day - EPOCH).days


def date_of(number: int) -> dt.date:
    """The date behind a day's number."""
    return EPOCH + dt.timedelta(days=int(number))


@dataclass(frozen=True, eq=False)
class Purchases:
    """All that tiers need of what customers bought up to ``as_of``, one entry each, by ID; days are numbered, money is in fen."""

    as_of: dt.date
    summary: Summary
    recent: Ints  # net of credit notes in the 12 months up to as_of
    names: Mapping[str, str] = field(default_factory=dict)  # by ID, as far as the source has them
    notes: tuple[Text, ...] = ()

    @classmethod
    def of(cls, ids: Sequence[str], days: Any, fen: Any, as_of: dt.date, names: Mapping[str, str] | None = None) -> Purchases:
        """From rows in memory: customer, day and fen of each transaction. What is merged or left out is said."""
        keys, merged = canonical_all(ids)
        days, fen = np.asarray(days, dtype=np.int64), np.asarray(fen, dtype=np.int64)
        until = day_number(as_of)
        past = days <= until
        notes = [_said_merged(merged)] if merged else []
        if not past.all():
            notes.append(_said_future(int((~past).sum()), as_of, date_of(days.max())))
            days, fen = days[past], fen[past]
            keys = [key for key, ok in zip(keys, past.tolist(), strict=True) if ok]
        if not keys:
            return cls(as_of, summary([], [], []), np.empty(0, dtype=np.int64), names or {}, tuple(notes))
        codes, known = factorised(keys)
        added = summary(codes, days, fen)
        late = days > day_number(year_before(as_of))
        recent = np.rint(np.bincount(codes[late], fen[late], minlength=len(added.ids))).astype(np.int64)
        return cls(as_of, added._replace(ids=known(added.ids)), recent, names or {}, tuple(notes))

    @classmethod
    def added_up(
        cls,
        as_of: dt.date,
        ids: Sequence[str],
        *,
        frequency: Any,
        total: Any,
        repeat: Any,
        first: Any,
        last: Any,
        recent: Any,
        names: Mapping[str, str] | None = None,
        notes: Iterable[Text] = (),
    ) -> Purchases:
        """From rows that were added up elsewhere, in any order: an entry for each canonical ID, see ``Summary``."""
        keys = np.array(list(ids), dtype=object)
        order = np.argsort(keys)
        if len(set(keys.tolist())) != len(keys) or any(key != canonical(key) for key in keys.tolist()):
            raise ValueError("purchases that are added up need one entry for each canonical ID")
        columns = [np.asarray(column, dtype=np.int64)[order] for column in (frequency, total, repeat, first, last, recent)]
        return cls(as_of, Summary(keys[order], *columns[:5]), columns[5], names or {}, tuple(notes))

    def __eq__(self, other: object) -> bool:
        """Whether the figures are the same, whatever was said on the way."""
        if not isinstance(other, Purchases):
            return NotImplemented
        mine, theirs = ([*p.summary, p.recent] for p in (self, other))
        return self.as_of == other.as_of and all(np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> int:
        return len(self.recent)


def _said_merged(merged: Sequence[str]) -> Text:
    return Text(
        "{n} 家客户的编号有不同写法（空格或全半角），已合并：{names}",
        "customers spelled in several ways (spaces or width), merged: {n} ({names})",
    ).format(n=len(merged), names=joined(merged, most=3, unit="家"))


def _said_future(count: int, as_of: dt.date, latest: dt.date) -> Text:
    return Text(
        f"{count} 笔交易晚于截止日 {as_of}，未计入（最晚 {latest}）",
        f"{count} transactions are dated after {as_of} and were left out (the latest {latest})",
    )
