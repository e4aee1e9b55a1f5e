"""What the sample company's accounting and CRM call things."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from udfs.text import Text
from workbook_templates.tables import sources
from workbook_templates.tables.spec import Company, Row, SampleRows

_SYSTEM, _WHO = Text("金蝶", "Kingdee"), Text("销售运营", "Sales operations")
_CONFIRMED = (
    (sources.COLUMN, Text("业务员", "Sales rep"), "seller"),
    (sources.TAX, None, "13%"),
    (sources.STATUS, Text("已关闭", "Closed"), "skip"),
)


def rows(company: Company) -> Mapping[str, Sequence[Row]]:
    """Three choices, confirmed at the year's first import."""
    day = dt.date(company.year, 2, 1)
    return {
        sources.TABLE: [
            {"source": str(_SYSTEM), "table": "Deals", "kind": kind, "theirs": None if theirs is None else str(theirs), "ours": ours,
             "by": str(_WHO), "on": day}
            for kind, theirs, ours in _CONFIRMED
        ]
    }  # fmt: skip


SAMPLE = SampleRows(10, rows)
