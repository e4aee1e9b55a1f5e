"""The year's deals under other rules or values: what each person would get, beside what they get now. Nothing is written."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from workbook_templates.chapters.incentives.pay.accounts import EARNED
from workbook_templates.chapters.incentives.pay.exact import fen
from workbook_templates.chapters.incentives.pay.facts import PayFacts, PolicyAt
from workbook_templates.chapters.incentives.pay.run import run
from workbook_templates.chapters.incentives.pay.settled import DECIDED


@dataclass(frozen=True)
class Difference:
    """What somebody gets for the year's deals, before and after, in fen."""

    person: str
    before: int
    after: int

    @property
    def change(self) -> int:
        """After less before."""
        return self.after - self.before


@dataclass(frozen=True)
class Instead:
    """A policy with some values replaced, on every day."""

    policy: PolicyAt
    values: Mapping[str, Any]

    def at(self, key: str, day: dt.date) -> Any:
        """The replaced value, else the policy's."""
        return self.values[key] if key in self.values else self.policy.at(key, day)


def earned(facts: PayFacts) -> dict[str, int]:
    """What each person's deals bring as if nothing was settled yet: net of returns, paid or held."""
    decided = [{**row, "status": "computed"} for row in facts.ledger if row["kind"] in DECIDED]
    fresh = replace(facts, ledger=decided, accounts=[], left_out={})
    sums: dict[str, int] = defaultdict(int)
    for row in [*run(fresh).rows, *(row for row in decided if row["kind"] == "manual")]:
        if row["kind"] in EARNED:
            sums[row["person"]] += fen(row["commission"])
    return dict(sums)


def replay(facts: PayFacts, other: PayFacts) -> list[Difference]:
    """Everybody with a deal: gains first, the largest first, then losses, then who stays as he is."""
    before, after = earned(facts), earned(other)
    found = [Difference(person, before.get(person, 0), after.get(person, 0)) for person in sorted({*before, *after})]
    return sorted(found, key=lambda one: ((one.change <= 0) + (one.change == 0), -abs(one.change), one.person))
