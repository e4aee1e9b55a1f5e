"""Prices: what a product earns over its benchmark and its cost, and who may approve a quote below the base price."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from udfs import policy
from udfs.formula import (
    PARTS,
    between,
    each,
    flag,
    formula,
    grid,
    margin,
    number,
    one,
    positive,
    refuse,
    share,
    yuan,
    yuan_positive,
)
from udfs.grids import parts
from udfs.policy import plan
from udfs.text import Text
from udfs.values import DIV0, NUM, VALUE, Flags, Floats, at_least, is_blank, is_error, more_than, show

GOAL = between(None, 10, percent=True)  # typed: 15 for 15% is refused and explained
Price = Annotated[Floats, each("价格（元）", "price, yuan", yuan_positive)]
Benchmark = Annotated[Floats, each("对标价（元）", "benchmark price, yuan", yuan)]


def _premium(price: Floats, benchmark: Floats) -> Floats:
    refuse(benchmark == 0, DIV0, "参数 benchmark 为 0：请填对标价", "argument benchmark is 0: enter the price compared with")
    refuse(benchmark < 0, NUM, "参数 benchmark 为负：对标价应大于 0", "argument benchmark is negative: it must be above 0")
    return price / benchmark - 1


@formula(
    3, "溢价率：价格 ÷ 对标价 − 1", "Premium over the benchmark: price ÷ benchmark − 1", result=("溢价率", "premium, a share")
)
def premium(price: Price, benchmark: Benchmark) -> Floats:
    """What a product costs above the one it is compared with (the Ultra line); PREMIUMOK is the verdict.

    Returns: price ÷ benchmark − 1, unrounded; negative where it is cheaper.
    Errors: #DIV/0! a benchmark of 0; #NUM! a negative one or a negative price; #VALUE! text.
    Source: rules, chapter 3, PREMIUM.
    Example:
        >>> premium(120, 100)
        0.199...
    """
    return _premium(price, benchmark)


@formula(3, "溢价是否达到目标", "Whether the premium reaches its target", result=("TRUE 为达标", "TRUE: reached"))
def premiumok(
    price: Price,
    benchmark: Benchmark,
    target: Annotated[Floats, each("目标溢价率，含", "premium that must be reached, included", GOAL)] = plan("products.premium"),
) -> Flags:
    """The verdict on PREMIUM, compared as decimals: 115 on 100 reaches 15%.

    Returns: TRUE where price ÷ benchmark − 1 is at least the target.
    Errors: as PREMIUM; #NUM! a target above 1,000% (15 instead of 15%).
    Source: rules, chapter 3, PREMIUMOK.
    Example:
        >>> premiumok(115, 100)
        True
    """
    _premium(price, benchmark)
    result: Flags = at_least(price, (1 + target) * benchmark)
    return result


UnitCost = Annotated[Floats, each("单位成本（元）", "cost of one, yuan", yuan_positive)]
CostDown = Annotated[Floats, each("降本比例；空：0", "cost-down, a share; blank: 0", share)]


def _line_margin(price: Floats, unit_cost: Floats, cost_down: Floats) -> Floats:
    refuse(price == 0, DIV0, "参数 price 为 0：请填价格", "argument price is 0: enter a price")
    return 1 - unit_cost * (1 - cost_down) / price


@formula(
    3,
    "毛利率：1 − 单位成本 × (1 − 降本) ÷ 价格",
    "Margin rate: 1 − cost × (1 − cost-down) ÷ price",
    result=("毛利率", "margin rate"),
)
def linemargin(price: Price, unit_cost: UnitCost, cost_down: CostDown = 0.0) -> Floats:  # type: ignore[assignment]
    """The margin rate of a product (the Eco line) after a cost-down; LINEMARGINOK is the verdict.

    Returns: 1 − unit cost × (1 − cost-down) ÷ price, unrounded.
    Errors: #DIV/0! a price of 0; #NUM! a negative amount, a cost-down outside 0–1; #VALUE! text.
    Source: rules, chapter 3, LINEMARGIN.
    Example:
        >>> linemargin(100, 80, 0.05)
        0.24
    """
    return _line_margin(price, unit_cost, cost_down)


@formula(3, "毛利率是否达到底线", "Whether the margin rate reaches the floor", result=("TRUE 为达标", "TRUE: reached"))
def linemarginok(
    price: Price,
    unit_cost: UnitCost,
    cost_down: CostDown = 0.0,  # type: ignore[assignment]
    floor: Annotated[Floats, each("毛利率底线，含", "margin rate that must be reached, included", margin)] = plan(
        "products.margin_floor"
    ),
) -> Flags:
    """The verdict on LINEMARGIN, compared as decimals: a cost of 78 on 100 reaches 22%.

    Returns: TRUE where the margin rate is at least the floor.
    Errors: as LINEMARGIN.
    Source: rules, chapter 3, LINEMARGINOK.
    Example:
        >>> linemarginok(100, 78)
        True
    """
    result: Flags = at_least(_line_margin(price, unit_cost, cost_down), floor)
    return result


# -------------------------------------------------------------------------------------------------------- price approval

ROUTES = {
    "seller": Text("销售自主", "Seller"),
    "list": Text("须附价值让渡清单", "List of value given required"),
    "supervisor": Text("主管", "Supervisor"),
    "manager": Text("经理", "Manager"),
    "director": Text("总监", "Director"),
    "division": Text("事业部总经理", "Division GM"),
    "refused": Text("不予批准", "Not approved"),
    "fuse": Text("销售总监直批", "Sales director directly"),
}
# What the numbers of a band table mean: the policy keeps levels, since they can be changed with a date as any number.
LEVELS = ("list", "supervisor", "manager", "director", "division", "refused")
BANDS = 5


@dataclass(frozen=True)
class BandTable:
    """Who decides by discount (rows, "from") and value given (columns, "points at least")."""

    begins: Sequence[float]
    points: Sequence[float]
    routes: Sequence[Sequence[str]]

    def of(self, discount: float, points: float) -> str:
        """The route of a discount above 0; codes of ROUTES, or a word of the company's own."""
        row = max((k for k, start in enumerate(self.begins) if at_least(discount, start)), default=0)
        column = max((k for k, least in enumerate(self.points) if at_least(points, least)), default=0)
        return self.routes[row][column]


@dataclass(frozen=True)
class ApprovalRules:
    """The band table and what comes before it."""

    table: BandTable
    fuse_discount: float
    fuse_prepaid: float
    list_from: float

    def route(self, discount: float, points: float, three_year: bool, prepaid: float) -> tuple[str, Text]:
        """The code of a request's route (or the company's own word) and its reason."""
        percent, part = f"{show(round(100 * discount, 2))}%", f"{show(round(100 * prepaid, 2))}%"
        if not more_than(discount, 0):
            return "seller", Text("不低于基准价", "not below the base price")
        if three_year and at_least(prepaid, self.fuse_prepaid) and at_least(self.fuse_discount, discount):
            return "fuse", Text(f"三年协议且预付 {part}，折扣 {percent}", f"three years and {part} prepaid, discount {percent}")
        if at_least(discount, self.list_from) and points == 0:
            return "list", Text(f"折扣 {percent}，未附价值让渡", f"discount {percent}, no value given")
        said = Text(f"折扣 {percent}，价值 {show(points)} 分", f"discount {percent}, {show(points)} point{'s' * (points != 1)}")
        return self.table.of(discount, points), said


def _code(cell: Any, place: str) -> str:
    """A route as a band table writes it: its level, one of our words, or a word of the company's own."""
    if is_error(cell) or is_blank(cell) or (isinstance(cell, float | int) and (cell != int(cell) or not 0 <= cell < len(LEVELS))):
        refuse(
            True, VALUE, "参数 band_table 的 {place} 为 {value}：请填审批人或 0–5 的级别",
            "argument band_table, {place}, holds {value}: enter who approves, or a level 0 to 5",
            place=Text(place, place), value="" if is_blank(cell) else cell,
        )  # fmt: skip
    if isinstance(cell, float | int):
        return LEVELS[int(cell)]
    said = str(cell).strip()
    return next((code for code, words in ROUTES.items() if said.casefold() in (words.zh, words.en.casefold())), said)


def bands_of(cells: Sequence[Sequence[Any]] | None) -> BandTable:
    """A band table from cells (points across the top, "from" down the side), or the plan's own."""
    rows = [row for row in cells or () if not all(map(is_blank, row))]
    if not rows:
        levels = [policy.value(f"approval.levels_{k}") for k in range(1, BANDS + 1)]
        return BandTable(
            policy.value("approval.discounts"),
            policy.value("approval.points"),
            [[LEVELS[int(level)] for level in row] for row in levels],
        )
    points, begins = rows[0][1:], [row[0] for row in rows[1:]]
    for axis, found in (("points", points), ("from", begins)):
        fine = bool(found) and not any(map(_unreadable, found)) and _rising([_plain(cell) for cell in found])
        refuse(
            not fine, VALUE, "参数 band_table 的{axis}应为递增的数字：第一行是分值，第一列是折扣起点",
            "argument band_table: {axis} must be rising numbers (points in the first row, discounts from in the first column)",
            axis=Text("分值" if axis == "points" else "折扣起点", axis),
        )  # fmt: skip
    routes = [[_code(cell, f"R{r}C{c}") for c, cell in enumerate(row[1:], 2)] for r, row in enumerate(rows[1:], 2)]
    return BandTable([_plain(cell) for cell in begins], [_plain(cell) for cell in points], routes)


def _unreadable(cell: Any) -> bool:
    return is_blank(cell) or is_error(cell) or is_error(number.read(cell, number))


def _rising(numbers: Sequence[float]) -> bool:
    return all(a < b for a, b in itertools.pairwise(numbers))


def _plain(cell: Any) -> float:
    return float(number.read(cell, number))


@formula(
    3,
    "价格审批路线：折扣 × 已让渡价值；含熔断与底线提示",
    "Who approves a price: discount × value given, with fuse and floor",
    gives=PARTS,
    columns=[("路线", "route"), ("原因", "reason"), ("折扣", "discount"), ("低于底线", "below floor")],
)
def priceapproval(
    base_price: Annotated[Floats, each("基准价（元，申请当日）", "base price of the request's day", yuan)],
    quoted_price: Annotated[Floats, each("报价（元）", "price quoted, yuan", yuan)],
    value_points: Annotated[Floats, each("价值让渡分值；空：0", "points of value given; blank: 0", positive)] = 0.0,  # type: ignore[assignment]
    three_year: Annotated[Flags, each("三年协议", "three-year agreement", flag)] = False,  # type: ignore[assignment]
    prepaid: Annotated[Floats, each("预付比例；空：0", "share prepaid; blank: 0", share)] = 0.0,  # type: ignore[assignment]
    margin_rate: Annotated[Floats, each("毛利率；空：不评底线", "margin rate; blank: the floor is not judged", margin)] = None,  # type: ignore[assignment]
    floor: Annotated[Floats, each("产品线毛利率底线", "floor of the line's margin rate", margin)] = plan("products.margin_floor"),
    band_table: Annotated[
        Any,
        grid(
            "审批表：第一行分值，第一列折扣起点，格内为审批人；省略：制度参数",
            "band table: points on top, discounts from at the side, who approves inside; omitted: the plan's",
        ),
    ] = None,
    fuse_discount: Annotated[
        float, one("熔断直批的最大折扣，含", "largest discount that goes straight up, included", share)
    ] = plan("approval.fuse_discount"),
    fuse_prepaid: Annotated[float, one("熔断直批的最低预付，含", "least share prepaid for it, included", share)] = plan(
        "approval.fuse_prepaid"
    ),
    list_from: Annotated[
        float, one("须附价值让渡清单的折扣起点，含", "discount from which a list is needed, included", share)
    ] = plan("approval.list_from"),
) -> Any:
    """The route of a price request. The discount is measured against the base price, never against the last approved price.

    In this order: at or above the base price the seller decides; a three-year agreement with at least 30% prepaid and a discount
    of at most 3% goes straight to the sales director; 5% and more without value given needs a list first; else the band table
    decides: the greatest discount and the greatest points reached.

    Returns: a row for each request: route, reason, discount (1 − quoted ÷ base), TRUE where the margin rate is below the line's floor
        (blank without a margin rate).
    Errors: #NUM! a base price not above 0, a negative quote or points, 30 for 30%; #VALUE! text, a band table that can't be read.
    Source: rules, chapter 3, PRICEAPPROVAL; bands: the plan's chapters, section 3 (ours).
    Example:
        >>> priceapproval(100, 94)
        [['须附价值让渡清单', '折扣 6%，未附价值让渡', 0.06, None]]
        >>> priceapproval(100, 98, 0, True, 0.3)
        [['销售总监直批', '三年协议且预付 30%，折扣 2%', 0.02, None]]
    """
    refuse(base_price <= 0, NUM, "基准价为 {v}：应大于 0", "the base price is {v}: it must be above 0", v=base_price)
    refuse(quoted_price < 0, NUM, "报价为 {v}：不应为负", "the quote is {v}: it must not be negative", v=quoted_price)
    rules = ApprovalRules(bands_of(band_table), fuse_discount, fuse_prepaid, list_from)
    discount = np.round(1 - quoted_price / base_price, 12)
    rows = []
    for d, points, years, paid, rate, least in zip(
        *(c.tolist() for c in (discount, value_points, three_year, prepaid, margin_rate, floor)), strict=True
    ):
        code, reason = rules.route(d, points, years, paid) if np.isfinite(d) else ("seller", Text("", ""))
        below = None if np.isnan(rate) else bool(more_than(least, rate))
        rows.append([ROUTES.get(code, code), reason, d, below])
    return parts(rows, 4)
