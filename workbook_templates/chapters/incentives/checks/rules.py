"""Commission rules name tier tables that exist, tiers ascend, holds end after they begin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from udfs.text import Text
from udfs.values import show
from workbook_templates.answers import WARNING, Problem
from workbook_templates.chapters.incentives.pay.facts import named, tiers_cell
from workbook_templates.checking.core import Check, CheckList, Line, Mistake, held
from workbook_templates.tables.grids import Grid
from workbook_templates.tables.words import RULE_BASES

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan

TIERS, RATES, BASIS, ASCENDING = "rules.tiers", "rules.rates", "rules.basis", "rules.ascending"
WHOM, MONTHS = "holds.whom", "holds.months"
_BY_MARGIN = next(word.label for word in RULE_BASES if word.code == "margin")


def _tiers(plan: Plan) -> Line:
    rules, tables = plan.table("Rules"), plan.table("TierTables")
    strange = f'(COUNTIF({tables.name},{rules.tiers})=0)*ISERROR(NUMBERVALUE({rules.tiers},".",","))'
    factors = f'SUMPRODUCT(({rules.accelerator}<>"")*(COUNTIF({tables.name},{rules.accelerator})=0))'
    return Line(f'SUMPRODUCT(({rules.tiers}<>"")*{strange})+{factors}', needs="Rules.order")


def _tier_faults(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    rules, tables = held(grids, "Rules"), held(grids, "TierTables")
    if rules is None or tables is None:
        return
    known = {named(row["name"]) for row in tables.rows if row["name"]}
    for place, row in enumerate(rules.rows):
        for key, said in (("tiers", tiers_cell(row["tiers"])), ("accelerator", row["accelerator"])):
            if isinstance(said, str) and said and named(said) not in known:
                text = Text(
                    f"没有档表“{said}”：请先在“档表”登记或改正",
                    f"there is no tier table “{said}”: enter it or correct the name",
                )
                yield Problem(rules.grid.sheet, *rules.at(place, key), text, code=TIERS)


def _rates(plan: Plan) -> Line:
    rules, tables = plan.table("Rules"), plan.table("TierTables")
    typed = f'COUNTIF({rules.tiers},">1")+SUMPRODUCT(ISTEXT({rules.tiers})*(IFERROR(NUMBERVALUE({rules.tiers},".",","),0)>1))'
    named_ones = f'SUMPRODUCT(({tables.name}<>"")*({tables.rate}>1)*(COUNTIF({rules.tiers},{tables.name})>0))'
    return Line(f"{typed}+{named_ones}", needs="Rules.order")


def _rate_faults(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    """A rate above 1 is a percentage without its sign; the factors of an accelerator may be above it."""
    found, tables = held(grids, "Rules"), held(grids, "TierTables")
    tiers = [tiers_cell(row["tiers"]) for row in (found.rows if found is not None else ())]
    for place, rate in enumerate(tiers):
        if found is not None and isinstance(rate, float) and rate > 1:
            yield Problem(found.grid.sheet, *found.at(place, "tiers"), above_one(rate), code=RATES)
    asked = {named(name) for name in tiers if isinstance(name, str)}
    for place, row in enumerate(tables.rows if tables is not None else ()):
        rate = row["rate"]
        if tables is not None and isinstance(rate, float) and rate > 1 and named(row["name"]) in asked:
            said = Text(f"档表“{row['name']}”：", f"tier table “{row['name']}”: ") + above_one(rate)
            yield Problem(tables.grid.sheet, *tables.at(place, "rate"), said, code=RATES)


def above_one(rate: float) -> Text:
    """That a rate is more than the whole."""
    typed = f"{show(rate)}%"
    return Text(
        f"比例 {show(rate)} 大于 1：要填 {typed} 请写 {typed} 或 {show(rate / 100)}",
        f"the rate {show(rate)} is above 1: for {typed} enter {typed} or {show(rate / 100)}",
    )


def _basis(plan: Plan) -> Line:
    rules = plan.table("Rules")
    other = f'({rules.basis}<>"")*({rules.basis}<>{plan.quoted(_BY_MARGIN)})'
    return Line(f'SUMPRODUCT({other}*({rules.tiers}=""))', needs="Rules.order")


def _basis_faults(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    """The plan's own tiers are by margin rate: of an amount of revenue they would be a few fen of yuan."""
    found, tables = held(grids, "Rules"), held(grids, "TierTables")
    shares = {named(row["name"]) for row in (tables.rows if tables is not None else ()) if _is_share(row["threshold"])}
    for place, row in enumerate(found.rows if found is not None else ()):
        tiers = tiers_cell(row["tiers"])
        if found is None or row["basis"] not in ("revenue", "cash"):
            continue
        if tiers is None:
            text = Text(
                "按收入或回款计提的规则要写自己的提成档：参数里的档按毛利率分",
                "a rule on revenue or cash needs tiers of its own: those of Settings are by margin rate",
            )
            yield Problem(found.grid.sheet, *found.at(place, "tiers"), text, code=BASIS)
        elif isinstance(tiers, str) and named(tiers) in shares:
            text = Text(
                f"按收入或回款计提，而档表“{tiers}”的下限是比率：下限请填金额（元），或另立档表",
                f"is on revenue or cash, but the thresholds of “{tiers}” are shares: enter amounts in yuan, or another table",
            )
            yield Problem(found.grid.sheet, *found.at(place, "tiers"), text, code=BASIS)


def _is_share(threshold: object) -> bool:
    return isinstance(threshold, float) and 0 < threshold <= 1


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
    return Line(f'SUMPRODUCT(({holds.until}<>"")*({holds.until}<{getattr(holds, "from")}))', needs="Holds.from")


def _month_faults(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    found = held(grids, "Holds")
    for place, row in enumerate(found.rows if found is not None else ()):
        if found is not None and row["until"] and row["from"] and str(row["until"]) < str(row["from"]):
            text = Text(
                f"截止月 {row['until']} 早于起始月 {row['from']}", f"ends in {row['until']}, before it begins in {row['from']}"
            )
            yield Problem(found.grid.sheet, *found.at(place, "until"), text, code=MONTHS)


def _whom(plan: Plan) -> Line:
    holds = plan.table("Holds")
    return Line(f'SUMPRODUCT(({getattr(holds, "from")}<>"")*({holds.person}="")*({holds.deal}=""))', needs="Holds.from")


def _whom_faults(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    found = held(grids, "Holds")
    for place, row in enumerate(found.rows if found is not None else ()):
        if found is not None and row["from"] and not row["person"] and not row["deal"]:
            text = Text("暂缓谁的、或哪一单的？请填工号或单号", "whose pay is on hold, or which deal's? Enter a person or a deal")
            yield Problem(found.grid.sheet, *found.at(place, "person"), text, code=WHOM)


CHECKS = CheckList(33, (
    Check(
        TIERS, "Rules", Text("提成规则引用的档表都有", "Rules name tier tables that exist"),
        Text("登记档表，或改正名称", "Enter the tier table or correct its name"), line=_tiers, faults=_tier_faults,
        fault=(Mistake("Rules.accelerator", "?", -1),),
    ),
    Check(
        RATES, "Rules", Text("提成规则的比例不超过 100%", "Rates of rules are at most 100%"),
        Text("写成百分数或小数", "Enter a percentage or a fraction"), line=_rates, faults=_rate_faults,
        fault=(Mistake("TierTables.rate", 3.0, -1),),
    ),
    Check(
        BASIS, "Rules", Text("按收入或回款的规则有自己的档", "Rules on revenue or cash have tiers of their own"),
        Text("填写比例或档表，下限为金额", "Enter a rate, or a tier table of amounts"), line=_basis, faults=_basis_faults,
        fault=(Mistake("Rules.basis", Text("收入", "Revenue")),),
    ),
    Check(
        ASCENDING, "TierTables", Text("档表的下限从小到大", "Tiers ascend"),
        Text("调整顺序", "Put them in order"), WARNING, faults=_ascending_faults,
        fault=(Mistake("TierTables.threshold", 0.0, -1),),
    ),
    Check(
        WHOM, "Holds", Text("暂缓：填有工号或单号", "Holds name a person or a deal"),
        Text("填写工号或单号", "Enter a person or a deal"), line=_whom, faults=_whom_faults,
        fault=(Mistake("Holds.person", ""),),
    ),
    Check(
        MONTHS, "Holds", Text("暂缓：截止月不早于起始月", "Holds end after they begin"),
        Text("改正月份", "Correct the months"), line=_months, faults=_month_faults,
        fault=(Mistake("Holds.until", "2027-01"),),
    ),
))  # fmt: skip
