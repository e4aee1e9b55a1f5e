"""A quota that was changed in mid-year, and what a team spent of its travel fund."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from udfs.text import Text
from workbook_templates.tables.schema import Company, Row
from workbook_templates.tables.spec import SampleRows

_CHANGED = 4  # which of those who stay all year
_DIRECTOR = Text("销售总监", "Sales director")
_HANDED_OVER = Text("两家客户移交给同事", "two customers handed over to a colleague")
_MIDDLE = 6
_SPENT, _SPENT_EARLY = (4, (12, 20), 30_000.0), (1, (6, 18), 5_000.0)  # quarter of the fund, day, yuan
_DEPOSIT = Text("团队旅游定金", "deposit for the team's trip")


def rows(company: Company) -> Mapping[str, Sequence[Row]]:
    """One row each; the change concerns a supervisor's second half."""
    year = company.year
    stays = [p for p in company.of("People") if p["quota_weight"] and p["left"] is None and p["joined"].year < year]
    person = stays[_CHANGED]
    change = {
        "person": person["id"], "valid_from": dt.date(year, 7, 1), "quota": 12_000_000.0, "by": str(_DIRECTOR),
        "reason": str(_HANDED_OVER),
    }  # fmt: skip
    quarter, day, amount = _SPENT if company.day().month > _MIDDLE else _SPENT_EARLY
    spent = {"line": "direct", "quarter": quarter, "date": dt.date(year, *day), "spent": amount, "note": str(_DEPOSIT)}
    return {"QuotaChanges": [change], "SprintFund": [spent]}


SAMPLE = SampleRows(50, rows)
