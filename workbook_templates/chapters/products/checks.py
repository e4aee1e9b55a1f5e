"""Prices sold below base were approved; the library of modules can be quoted from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from udfs.policy import value
from udfs.text import Text
from udfs.values import total_of
from workbook_templates.answers import WARNING, Problem
from workbook_templates.chapters.products.pricing import uncovered, unsound
from workbook_templates.chapters.products.quoting import quoted
from workbook_templates.chapters.products.tables import APPROVED, SCENARIO_KINDS, SCENARIOS
from workbook_templates.checking.core import Check, CheckList, Line, Mistake, held
from workbook_templates.tables.grids import Grid, Held

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan

_CENT = 0.005  # below it two sums are one


def _uncovered(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    tables = [held(grids, name) for name in ("DealLines", "Deals", "Products", "PriceRequests")]
    lines, deals, products, requests = tables
    if lines is None or deals is None or products is None or requests is None:
        return
    wrong = _wrongly(grids, requests)
    for index, text in uncovered(lines.rows, deals.rows, products.rows, requests.rows, unsound=wrong):
        yield Problem(lines.grid.sheet, *lines.at(index, "price"), text, WARNING, code="prices.covered")


def _wrongly(grids: Mapping[str, Grid], requests: Held) -> Mapping[str, Text]:
    """Approved requests whose approval does not hold."""
    found = (held(grids, name) for name in ("ValueGiven", "People", "Transfers", "Roles"))
    given, people, transfers, roles = ([] if one is None else one.rows for one in found)
    return unsound(requests.rows, given, people, transfers, roles)


def _approved(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    requests = held(grids, "PriceRequests")
    wrong = {} if requests is None else _wrongly(grids, requests)
    for index, row in enumerate(requests.rows if requests is not None and wrong else ()):
        if requests is not None and str(row.get("id")) in wrong:
            yield Problem(
                requests.grid.sheet, *requests.at(index, "decision"), wrong[str(row["id"])], WARNING, code="prices.approved"
            )


def _sums(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    """Deals whose lines come to another revenue; one without lines counts as a line of its product line."""
    tables = [held(grids, name) for name in ("DealLines", "Deals")]
    lines, deals = tables
    if lines is None or deals is None:
        return
    parts: dict[str, list[float]] = defaultdict(list)
    first: dict[str, int] = {}
    for index, row in enumerate(lines.rows):
        if row.get("deal") and row.get("price") is not None and row.get("quantity") is not None:
            parts[str(row["deal"])].append(row["price"] * row["quantity"])
            first.setdefault(str(row["deal"]), index)
    revenue = {str(row["id"]): row.get("revenue") for row in deals.rows if row.get("id")}
    for deal, amounts in parts.items():
        whole, found = revenue.get(deal), total_of(amounts)
        if isinstance(whole, int | float) and abs(found - whole) > _CENT:
            text = Text(
                f"{deal} 的明细合计 {found:,.2f}，成交收入 {whole:,.2f}，差 {found - whole:,.2f}",
                f"the lines of {deal} come to {found:,.2f}, its revenue is {whole:,.2f}, a difference of {found - whole:,.2f}",
            )
            yield Problem(lines.grid.sheet, *lines.at(first[deal], "price"), text, code="deals.lines")


def _unsummed(plan: Plan) -> Line:
    """How much lines and the deals that have lines differ, deal by deal."""
    lines, deals = plan.table("DealLines"), plan.table("Deals")
    mine = f"SUMPRODUCT(IF(ISNUMBER({lines.price}),{lines.price},0)*IF(ISNUMBER({lines.quantity}),{lines.quantity},0))"
    whole = f'SUMPRODUCT((COUNTIF({lines.deal},{deals.id})>0)*({deals.id}<>"")*IF(ISNUMBER({deals.revenue}),{deals.revenue},0))'
    return Line(mine, whole, "money", "DealLines.deal")


def _three(plan: Plan) -> Line:
    """Fields that lack their main scenario, have two, or fewer than three parts."""
    scenarios = plan.table("Scenarios")
    faults = []
    for word in SCENARIOS:
        of = f"{scenarios.scenario},{plan.quoted(word.label)},{scenarios.kind}"
        main, parts = (f"COUNTIFS({of},{plan.quoted(kind.label)})" for kind in SCENARIO_KINDS)
        faults.append(f"IF(AND({main}=1,{parts}>=3),0,1)")
    return Line("+".join(faults), needs="Scenarios.code")


def _library(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    modules = held(grids, "FlexModules")
    if modules is None:
        return
    codes = {str(row["code"]).casefold() for row in modules.rows if row.get("code")}
    for index, row in enumerate(modules.rows):
        for key in ("requires", "excludes"):
            for name in _named(row.get(key)):
                if name.casefold() == str(row.get("code") or "").casefold():
                    text = Text(f"{name} 不能指向自己", f"{name} can't name itself")
                elif key == "requires" and name.casefold() not in codes:
                    text = Text(f"依赖的模块 {name} 不在模块库", f"requires {name}, which is no module")
                else:
                    continue
                yield Problem(modules.grid.sheet, *modules.at(index, key), text, code="modules.library")
    yield from _circle(modules)


def _circle(modules: Held) -> Iterator[Problem]:
    """Modules that require each other, as FLEXQUOTE names them: nothing can be quoted from such a library."""
    rows = [row for row in modules.rows if row.get("code")]
    if not rows or not all(isinstance(row.get(key), int | float) for row in rows for key in ("price", "cost", "hours")):
        return
    terms = [float(value(f"flex.{key}")) for key in ("engineers", "shift", "hours")]
    found = quoted([{"module": rows[0]["code"], "quantity": 1.0}], rows, *terms)
    if isinstance(found, Text):
        at = next((i for i, row in enumerate(modules.rows) if row.get("code") and str(row["code"]) in found.zh), 0)
        yield Problem(modules.grid.sheet, *modules.at(at, "requires"), found, code="modules.library")


def _named(cell: object) -> list[str]:
    said = str(cell or "")
    for mark in "、，；;":
        said = said.replace(mark, ",")
    return [part.strip() for part in said.split(",") if part.strip()]


CHECKS = CheckList(25, (
    Check(
        "prices.covered", "DealLines", Text("低于基准价的成交都有批准的申请", "Sales below base price were approved"),
        Text("补价格申请，或核对单价与数量", "File a price request, or look at price and quantity"), WARNING, faults=_uncovered,
        fault=(Mistake("DealLines.price", 1.0, -1),),
    ),
    Check(
        "prices.approved", "PriceRequests", Text("批准的价格是有权的人批的", "Prices were approved by who may"),
        Text("清空“决定”，在“审批价格”里重新登记", "Clear the decision and record it anew with Approve prices"), WARNING, faults=_approved,
        fault=(Mistake("PriceRequests.quoted", 1.0, lambda row: row["decision"] == APPROVED),),
    ),
    Check(
        "modules.library", "products", Text("模块库的依赖与互斥有效", "Modules require and exclude what there is"),
        Text("改正依赖或互斥的模块编码", "Correct the codes of modules required or excluded"), faults=_library,
        fault=(Mistake("FlexModules.requires", "M99", 1),),
    ),
    Check(
        "deals.lines", "DealLines", Text("成交明细合计 = 成交收入", "Deal lines add up to their deals"),
        Text("改正数量或单价，或补齐明细", "Correct quantity or price, or add the missing lines"), line=_unsummed, faults=_sums,
        fault=(Mistake("DealLines.quantity", 3.0, 1),),
    ),
    Check(
        "scenarios.three", "products", Text("每类场景一主三子", "A main scenario and three parts in each field"),
        Text("在“场景方案”补齐主方案与子方案", "Add the main scenario and its parts on Scenarios"), line=_three,
        fault=(Mistake("Scenarios.kind", SCENARIO_KINDS[1].label, 0),),
    ),
))  # fmt: skip
