"""Commission rules name tier tables that exist, tiers ascend, holds end after they begin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from udfs.text import Text
from workbook_templates.answers import WARNING, Problem
from workbook_templates.chapters.incentives.pay.facts import tiers_cell
from workbook_templates.checking.core import Check, CheckList, Line, held
from workbook_templates.tables.grids import Grid

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan

TIERS, ASCENDING, MONTHS = "rules.tiers", "rules.ascending", "holds.months"


def _tiers(plan: Plan) -> Line:
    rules, tables = plan.table("Rules"), plan.table("TierTables")
    strange = f'(COUNTIF({tables.name},{rules.tiers})=0)*ISERROR(NUMBERVALUE({rules.tiers},".",","))'
    factors = f'SUMPRODUCT(({rules.accelerator}<>"")*(COUNTIF({tables.name},{rules.accelerator})=0))'
    return Line(f'SUMPRODUCT(({rules.tiers}<>"")*{strange})+{factors}', needs="Rules.order")


def _tier_faults(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    rules, tables = held(grids, "Rules"), held(grids, "TierTables")
    if rules is None or tables is None:
        return
    known = {str(row["name"]).strip().casefold() for row in tables.rows if row["name"]}
    for place, row in enumerate(rules.rows):
        for key, named in (("tiers", tiers_cell(row["tiers"])), ("accelerator", row["accelerator"])):
            if isinstance(named, str) and named and named.strip().casefold() not in known:
                text = Text(
                    f"没有档表“{named}”：请先在“档表”登记或改正",
                    f"there is no tier table “{named}”: enter it or correct the name",
                )
                yield Problem(rules.grid.sheet, *rules.at(place, key), text, code=TIERS)


def _ascending_faults(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    found = held(grids, "TierTables")
    last: dict[tuple[object, object], float] = {}
    for place, row in enumerate(found.rows if found is not None else ()):
        table, threshold = (row["name"], row["valid_from"]), row["threshold"]
        if found is not None and isinstance(threshold, float):
            if threshold <= last.get(table, threshold - 1):
                text = Text(f"档表“{row['name']}”的下限应从小到大", f"the thresholds of “{row['name']}” must ascend")
                yield Problem(found.grid.sheet, *found.at(place, "threshold"), text, WARNING, ASCENDING)
            last[table] = threshold


def _months(plan: Plan) -> Line:
    holds = plan.table("Holds")
    return Line(f'SUMPRODUCT(({holds.until}<>"")*({holds.until}<{getattr(holds, "from")}))', needs="Holds.person")


def _month_faults(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    found = held(grids, "Holds")
    for place, row in enumerate(found.rows if found is not None else ()):
        if found is not None and row["until"] and row["from"] and str(row["until"]) < str(row["from"]):
            text = Text(
                f"截止月 {row['until']} 早于起始月 {row['from']}", f"ends in {row['until']}, before it begins in {row['from']}"
            )
            yield Problem(found.grid.sheet, *found.at(place, "until"), text, code=MONTHS)


CHECKS = CheckList(33, (
    Check(
        TIERS, "Rules", Text("提成规则引用的档表都有", "Rules name tier tables that exist"),
        Text("登记档表，或改正名称", "Enter the tier table or correct its name"), line=_tiers, faults=_tier_faults,
    ),
    Check(
        ASCENDING, "TierTables", Text("档表的下限从小到大", "Tiers ascend"),
        Text("调整顺序", "Put them in order"), WARNING, faults=_ascending_faults,
    ),
    Check(
        MONTHS, "Holds", Text("暂缓：截止月不早于起始月", "Holds end after they begin"),
        Text("改正月份", "Correct the months"), line=_months, faults=_month_faults,
    ),
))  # fmt: skip
