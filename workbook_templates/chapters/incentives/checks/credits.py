"""The credits of a deal make the whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from udfs.actuals import DIRECT
from udfs.text import Text
from workbook_templates.answers import Problem
from workbook_templates.checking.core import Check, CheckList, Line, Mistake, held
from workbook_templates.tables import sums
from workbook_templates.tables.grids import Grid
from workbook_templates.tables.words import CREDIT_ROLES

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan

SHARES = "credits.shares"
_ON_TOP = [word.label for word in CREDIT_ROLES if word.code not in DIRECT]


def _shares(plan: Plan) -> Line:
    credits = plan.table("Credits")
    total = f"SUMIFS({credits.share},{credits.deal},{credits.deal}"
    count = f"COUNTIFS({credits.deal},{credits.deal}"
    direct, number = f"{total})", f"{count})"
    for label in _ON_TOP:
        direct += f"-{total},{credits.role},{plan.quoted(label)})"
        number += f"-{count},{credits.role},{plan.quoted(label)})"
    apart = f"(ABS({direct}-1)>({number}+({number}=0))*{float(sums.THIRDS):.5f}+0.000000001)"
    return Line(f'SUMPRODUCT(({credits.deal}<>"")*{apart})', needs="Credits.deal")


def _faults(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    found = held(grids, "Credits")
    if found is None:
        return
    for deal, places in sums.by(found.rows, "deal").items():
        mine = [found.rows[place] for place in places]
        total = sums.direct_share(mine)
        if deal is not None and total is not None and not sums.is_whole(mine):
            said = f"{float(total):.2%}"
            text = Text(f"{deal}：主办与协同份额合计 {said}，应为 100%", f"{deal}: sellers and partners make {said}, not 100%")
            yield Problem(found.grid.sheet, *found.at(places[-1], "share"), text, code=SHARES)


CHECKS = CheckList(31, (
    Check(
        SHARES, "Credits", Text("分单：主办与协同合计 100%", "Credits: sellers and partners make 100%"),
        Text("改正归属份额", "Correct the credit shares"), line=_shares, faults=_faults,
        fault=(Mistake("Credits.share", 0.2),),
    ),
))  # fmt: skip
