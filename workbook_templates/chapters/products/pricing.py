"""What a price request comes to: the base price of its day, the margin with what we give taken off, who decides; and what is sold below."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from udfs import call
from udfs.prices import LEVELS, ROUTES
from udfs.text import Text
from udfs.values import ExcelError, at_least, same, total_of
from workbook_templates.chapters.products.tables import APPROVED, US
from workbook_templates.intake.parsing import fold
from workbook_templates.tables import schema
from workbook_templates.tables.schema import Row

Setting = Callable[[str], Any]
NEVER = ("list", "refused")  # routes that nobody may approve
DIVISION = "division"  # a route, and the role that decides it


def in_force(products: Iterable[Row], code: str, day: dt.date) -> Row | None:
    """The newest row of a product that holds on a day."""
    rows = [
        row
        for row in products
        if row.get("code") == code and isinstance(row.get("valid_from"), dt.date) and row["valid_from"] <= day
    ]
    return max(rows, key=lambda row: row["valid_from"], default=None)


@dataclass(frozen=True)
class RequestJudged:
    """A request beside the plan: what the button writes."""

    base: float
    discount: float
    margin_rate: float | None
    points: float
    route: str  # the code of a route, or the company's own word
    reason: str
    below: bool | None

    @property
    def written(self) -> Row:
        """Its columns of the Table."""
        return vars(self) | {"below": None if self.below is None else "yes" if self.below else "no"}


@dataclass(frozen=True)
class Unpriced:
    """Why a request can't be judged, and in which column."""

    column: str
    text: Text


def judge(request: Row, products: Sequence[Row], given: Sequence[Row], setting: Setting) -> RequestJudged | Unpriced:
    """A request by PRICEAPPROVAL, against the base price of its own day."""
    code, day = str(request.get("product") or ""), request.get("on")
    if not isinstance(day, dt.date):
        return Unpriced("on", Text("没有申请日期：请填写", "it has no date: enter one"))
    product = in_force(products, code, day)
    if product is None:
        return Unpriced(
            "product",
            Text(
                f"产品 {code} 在 {day} 没有基准价：在“产品”补一行",
                f"product {code} has no base price on {day}: add a row to Products",
            ),
        )
    mine = [row for row in given if row.get("request") == request["id"]]
    points = total_of(row.get("points") or 0.0 for row in mine)
    rate = _margin_rate(request, product, mine)
    floor = product.get("floor_margin")
    row = call(
        "PRICEAPPROVAL", product["base_price"], request["quoted"], points, request.get("three_year") == "yes",
        request.get("prepaid") or 0.0, rate, setting("products.margin_floor") if floor is None else floor, *_terms(setting),
    )[0]  # fmt: skip
    if isinstance(row[0], ExcelError):
        return Unpriced("quoted", row[0].reason or Text("", ""))
    route = next((code for code, label in ROUTES.items() if str(row[0]) in label), str(row[0]))
    return RequestJudged(product["base_price"], row[2], rate, points, route, str(row[1]), row[3])


def _terms(setting: Setting) -> list[Any]:
    """The company's own bands and limits, as PRICEAPPROVAL takes them: points on top, discounts from at the side."""
    discounts = [float(start) for start in setting("approval.discounts")]
    levels = [list(setting(f"approval.levels_{band}")) for band in range(1, len(discounts) + 1)]
    bands = [[None, *setting("approval.points")], *([start, *row] for start, row in zip(discounts, levels, strict=True))]
    return [bands, *(float(setting(f"approval.{key}")) for key in ("fuse_discount", "fuse_prepaid", "list_from"))]


def _margin_rate(request: Row, product: Row, given: Iterable[Row]) -> float | None:
    """What is left of the price when cost, and what we gave besides, are paid; none of a price of 0."""
    revenue = request["quoted"] * request["quantity"]
    if not revenue:
        return None
    ours = total_of(row.get("cost") or 0.0 for row in given if row.get("giver") == US)
    cost = product["unit_cost"] * (1 - (product.get("cost_down") or 0.0)) * request["quantity"]
    return float(1 - (cost + ours) / revenue)


def rank_of(route: str) -> int:
    """How high a route stands among those who approve; the fuse is a director's, -1 the seller's and the company's own words."""
    code = "director" if route == "fuse" else route
    return LEVELS.index(code) if code in LEVELS else -1


# --------------------------------------------------------------------------------------------- approvals that do not hold


def unsound(
    requests: Iterable[Row], given: Sequence[Row], people: Iterable[Row], transfers: Sequence[Row], roles: Sequence[Row]
) -> dict[str, Text]:
    """Approved requests whose approval does not hold, and why: nobody worked out who decides, it was not theirs to make, or price or
    value given are others than those it was made on. Ranks are the highest that somebody ever had: no later move makes it wrong."""
    ranks: dict[str, int] = {}
    for row in (*people, *({"id": move.get("person"), "level": move.get("level")} for move in transfers)):
        who = fold(row.get("id") or "")
        ranks[who] = max(ranks.get(who, -1), rank_of(schema.LEVELS.like(row.get("level"))))
    for row in roles:
        if row.get("role") == DIVISION and row.get("person"):
            ranks[fold(row["person"])] = rank_of(DIVISION)
    return {
        str(row["id"]): why
        for row in requests
        if row.get("id") and row.get("decision") == APPROVED and (why := _unsound(row, given, ranks)) is not None
    }


def _unsound(request: Row, given: Sequence[Row], ranks: Mapping[str, int]) -> Text | None:
    name, who = request["id"], fold(request.get("decided_by") or "")
    base, discount = request.get("base"), request.get("discount")
    if not request.get("route") or base is None or discount is None:
        return Text(
            f"申请 {name} 的批准不是“审批价格”登记的", f"the approval of request {name} was not recorded by Approve prices"
        )
    if not base or not same(1 - request["quoted"] / base, discount):
        return Text(f"申请 {name} 的单价在批准后改过", f"the price of request {name} was changed after its approval")
    points = total_of(row.get("points") or 0.0 for row in given if row.get("request") == name)
    if not same(points, request.get("points") or 0.0):
        return Text(f"申请 {name} 的价值清单在批准后改过", f"the value given of request {name} was changed after its approval")
    if who and who == fold(request.get("seller") or ""):
        return Text(f"申请 {name} 由申请人自己批准", f"request {name} was approved by who asked for it")
    if request["route"] in NEVER or ranks.get(who, -1) < rank_of(request["route"]):
        return Text(f"申请 {name} 的批准人无权批", f"request {name} was not its approver's to approve")
    return None


# ------------------------------------------------------------------------------------------------- what was sold below


def uncovered(
    lines: Sequence[Row],
    deals: Iterable[Row],
    products: Sequence[Row],
    requests: Iterable[Row],
    every: Sequence[Row] | None = None,
    unsound: Mapping[str, Text] = MappingProxyType({}),
) -> Iterator[tuple[int, Text]]:
    """Rows of DealLines below the base price of their deal's day that no approved, unexpired request covers; and why.

    ``every``: all lines, where ``lines`` are some of them: others use up a request's quantity, too. ``unsound``: the requests whose
    approval does not hold, and why. What is taken back was sold before and is asked no more.
    """
    if every is not None:
        wanted = {id(row): index for index, row in enumerate(lines)}
        found = uncovered(every, deals, products, requests, unsound=unsound)
        yield from ((wanted[id(every[at])], why) for at, why in found if id(every[at]) in wanted)
        return
    signed: Mapping[str, Row] = {row["id"]: row for row in deals if row.get("id")}
    asked: Mapping[str, Row] = {row["id"]: row for row in requests if row.get("id")}
    used: dict[str, float] = defaultdict(float)
    for index, line in enumerate(lines):
        deal = signed.get(str(line.get("deal") or ""), {})
        day = deal.get("date")
        product = in_force(products, str(line.get("product") or ""), day) if isinstance(day, dt.date) else None
        if product is None or deal.get("original") or line.get("price") is None or at_least(line["price"], product["base_price"]):
            continue
        request = asked.get(str(line.get("request") or ""))
        why = _not_covered(line, deal, request, unsound) if request is not None else Text("没有价格申请", "no price request")
        if why is None and request is not None:
            used[request["id"]] += line.get("quantity") or 0.0
            if not at_least(request["quantity"], used[request["id"]]):
                why = Text(f"申请 {request['id']} 的数量已用完", f"the quantity of request {request['id']} is used up")
        if why is not None:
            head = Text(
                f"单价 {line['price']:,.2f} 低于基准价 {product['base_price']:,.2f}：",
                f"price {line['price']:,.2f} is below base {product['base_price']:,.2f}: ",
            )
            yield index, head + why


def _not_covered(line: Row, deal: Row, request: Row, unsound: Mapping[str, Text]) -> Text | None:
    name, day = request["id"], deal["date"]
    if request.get("product") != line.get("product"):
        return Text(f"申请 {name} 是另一产品", f"request {name} is for another product")
    if deal.get("customer") and request.get("customer") and fold(deal["customer"]) != fold(request["customer"]):
        return Text(f"申请 {name} 是另一客户", f"request {name} is for another customer")
    if request.get("decision") != APPROVED:
        return Text(f"申请 {name} 未批准", f"request {name} is not approved")
    if name in unsound:
        return unsound[name]
    if isinstance(request.get("valid_until"), dt.date) and day > request["valid_until"]:
        return Text(f"申请 {name} 已过有效期", f"request {name} has expired")
    if not at_least(line.get("price") or 0.0, request["quoted"]):
        return Text(
            f"低于申请 {name} 批准的 {request['quoted']:,.2f}", f"below the {request['quoted']:,.2f} that request {name} approved"
        )
    return None
