"""What counts towards a quota, month by month, on one of three bases: bookings, revenue, collections; by person and by sales line."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from udfs.dated import Dated, table
from udfs.formula import TABLE, date, formula, many, one, refuse, share, text, word, yuan
from udfs.phasing import MONTHS, refuse_unlike, refuse_year
from udfs.values import VALUE, Dates, Floats, Objects, apportion, excel_round, total_of

BOOKINGS, REVENUE, COLLECTIONS = "bookings", "revenue", "collections"
ALL = "*"  # every line together, and who has none
REFUND, BAD_DEBT = "refund", "bad_debt"
DIRECT = ("seller", "partner")

BASIS = word(bookings=("签单",), revenue=("收入",), collections=("回款", "cash"))
CASH_KIND = word(
    payment=("回款", "收款", "付款"), refund=("退款",), retention=("质保金",), bad_debt=("坏账", "bad debt", "baddebt")
)
ROLE = word(
    seller=("主办", "主办销售"), partner=("协同", "协同销售"), overlay=("支持", "叠加", "售前", "支持岗"),
    override=("上级", "上级提成", "manager", "manager override"),
)  # fmt: skip

Credit = tuple[str, str, float]  # person, role, share
Amount = tuple[str, str, dt.date, float]  # the order, what of it (sale, return or cash), the day it counts on, how much
SALE, RETURN, PAID = "sale", "return", "cash"


@dataclass(frozen=True)
class Deal:
    """An order, or a return of one (``original``); a return counts for whoever the order counts for."""

    id: str
    signed: dt.date
    revenue: float
    original: str = ""
    delivered: dt.date | None = None
    seller: str = ""
    partner: str = ""
    seller_share: float = 1.0


@dataclass(frozen=True)
class CashFlow:
    """A movement of cash on a deal."""

    deal: str
    day: dt.date
    amount: float
    kind: str = "payment"


class DealBook:
    """The deals by their ID, and what of them counts when."""

    def __init__(self, deals: Iterable[Deal], cash: Iterable[CashFlow] = ()) -> None:
        self.deals = {deal.id: deal for deal in deals if deal.id}
        self.cash = list(cash)

    def order(self, id_: str) -> Deal | None:
        """The order of a deal: a return has its original's; one whose order is not there stands by itself."""
        deal = self.deals.get(id_)
        return deal and self.deals.get(deal.original, deal)

    def amounts(self, basis: str) -> Iterator[Amount]:
        """What counts on a basis, order by order: signed (returns by their day), delivered, or paid."""
        if basis == COLLECTIONS:
            yield from self._paid()
            return
        for deal in self.deals.values():
            order = self.deals.get(deal.original, deal)
            day: dt.date | None = deal.signed
            if basis == REVENUE:
                day = _delivered(deal, order)
            if day is not None:
                yield order.id, SALE if deal is order else RETURN, day, deal.revenue

    def _paid(self) -> Iterator[Amount]:
        for cash in self.cash:
            order = self.order(cash.deal)
            if order is not None and cash.kind != BAD_DEBT:
                yield order.id, PAID, cash.day, -abs(cash.amount) if cash.kind == REFUND else cash.amount


def _delivered(deal: Deal, order: Deal) -> dt.date | None:
    """The day that a deal's revenue counts: its delivery; a return's is its own day, yet not before what it takes back was
    delivered."""
    if deal is order:
        return deal.delivered
    return None if order.delivered is None else max(deal.delivered or deal.signed, order.delivered)


def by_person(
    book: DealBook, basis: str, year: int, until: dt.date, credits: Mapping[str, Sequence[Credit]] | None = None
) -> dict[str, list[float]]:
    """Everybody's twelve months. ``credits``: by order, where people beyond seller and partner are credited; they decide."""
    given = credits or {}

    def parts(order: Deal, amount: float) -> Iterable[tuple[Any, float]]:
        return _credited(amount, given[order.id]) if given.get(order.id) else _split(order, amount)

    return _months(book, basis, year, until, parts)


def by_line(book: DealBook, basis: str, year: int, until: dt.date, line: Callable[[str, dt.date], Any]) -> dict[Any, list[float]]:
    """The lines' twelve months: an order, and whatever follows from it, is in its seller's line of the signing day."""
    return _months(book, basis, year, until, lambda order, amount: [(line(order.seller, order.signed), amount)])


def _months(
    book: DealBook, basis: str, year: int, until: dt.date, parts: Callable[[Deal, float], Iterable[tuple[Any, float]]]
) -> dict[Any, list[float]]:
    found: dict[Any, list[list[float]]] = defaultdict(lambda: [[] for _ in range(MONTHS)])
    before: dict[tuple[str, str], float] = {}
    for id_, what, day, amount in sorted(book.amounts(basis), key=lambda row: row[2]):
        # Cumulatively: parts of seven returns that make the whole order are what the order's parts were, to the fen.
        had = before.get((id_, what), 0.0)
        whole = before[id_, what] = total_of([had, amount])
        if day.year == year and day <= until:
            order = book.deals[id_]
            for sign, total in ((1, whole), (-1, had)):
                for whose, part in parts(order, total) if total else ():
                    found[whose][day.month - 1].append(sign * part)
    return {whose: [total_of(amounts) for amounts in months] for whose, months in found.items()}


def _split(order: Deal, amount: float) -> list[tuple[str, float]]:
    """Seller and partner, as the Deals sheet credits them."""
    if not order.partner:
        return [(order.seller, amount)]
    first = float(excel_round(amount * order.seller_share))
    return [(order.seller, first), (order.partner, total_of([amount, -first]))]


def _credited(amount: float, credits: Sequence[Credit]) -> list[tuple[str, float]]:
    """Sellers and partners share the amount to the fen; who supports or manages is paid for it and has not sold it."""
    direct = [credit for credit in credits if credit[1] in DIRECT and credit[2]]
    parts = apportion(amount, [part for _, _, part in direct], 0.01) if direct else []
    return [(who, part) for (who, _, _), part in zip(direct, parts, strict=True)]


# ------------------------------------------------------------------------------------------------------ worksheet functions

NAMES = [(f"{month} 月（元）", f"month {month}, yuan") for month in range(1, MONTHS + 1)]

Ids = Annotated[Objects, many("单号", "deal IDs", text)]
Signed = Annotated[Dates, many("签单日期", "days signed", date)]
Revenue = Annotated[Floats, many("收入（元），退货为负", "revenue, yuan; negative for returns", yuan)]
Original = Annotated[Objects, many("退货的原单号", "a return's original deal", text)]
Delivered = Annotated[Dates, many("交付日期；空：未交付", "days delivered; blank: not yet", date)]
Sellers = Annotated[Objects, many("主办工号", "sellers' IDs", text)]
CashDeal = Annotated[Objects | None, many("回款的单号", "deal IDs of the collections", text)]
CashDay = Annotated[Dates | None, many("回款日期", "days of the collections", date)]
CashAmount = Annotated[Floats | None, many("回款金额（元）", "amounts collected, yuan", yuan)]
CashKinds = Annotated[
    Objects | None, many("回款类型；空：回款", "payment, refund, retention or bad debt; blank: payment", CASH_KIND)
]
Basis = Annotated[str, one("口径：签单、收入或回款", "basis: bookings, revenue or collections", BASIS)]
Year = Annotated[int, one("计划年度", "the plan's year")]
Until = Annotated[Any, one("截止日期", "the as-of date", date)]


def _book(
    deals: Objects, signed: Dates, revenue: Floats, original: Objects, delivered: Dates, sellers: Objects,
    partners: Objects | None, shares: Floats | None, cash: Sequence[Any],
) -> DealBook:  # fmt: skip
    refuse_unlike(
        deals=deals, signed=signed, revenue=revenue, original=original, delivered=delivered, seller=sellers, partner=partners,
        seller_share=shares,
    )  # fmt: skip
    days, given = signed.tolist(), delivered.tolist()
    # A row somebody is still filling in counts nothing yet: only an amount without a day can't be placed.
    dateless = [id_ for id_, day, amount in zip(deals, days, revenue.tolist(), strict=True) if id_ and day is None and amount]
    refuse(
        bool(dateless), VALUE, "单号 {id} 没有签单日期：请填日期", "deal {id} has no date: enter the day it was signed",
        id=dateless[0] if dateless else "",
    )  # fmt: skip
    second: Iterable[Any] = [""] * len(deals) if partners is None else partners
    parts: Iterable[Any] = [1.0] * len(deals) if shares is None else shares.tolist()
    columns = zip(deals, days, revenue.tolist(), original, given, sellers, second, parts, strict=True)
    return DealBook((Deal(*row) for row in columns if row[0] and row[1] is not None), _cash(*cash))


def _cash(deals: Objects | None, days: Dates | None, amounts: Floats | None, kinds: Objects | None) -> list[CashFlow]:
    kinds = kinds if kinds is not None and any(kinds) else None
    refuse_unlike(cash_deal=deals, cash_date=days, cash_amount=amounts, cash_kind=kinds)
    if deals is None or days is None or amounts is None:
        return []
    said: Iterable[Any] = [None] * len(deals) if kinds is None else kinds
    rows = zip(deals, days.tolist(), amounts.tolist(), said, strict=True)
    return [CashFlow(deal, day, amount, kind or "payment") for deal, day, amount, kind in rows if deal and day is not None]


@formula(
    5,
    "每人十二个月计入达成率的业绩：按签单、收入（交付）或回款",
    "What counts towards everyone's quota in twelve months: bookings, revenue (on delivery) or collections",
    gives=TABLE,
    columns=NAMES,
)
def personactuals(
    persons: Annotated[Objects, many("工号", "people's IDs", text)],
    basis: Basis,
    year: Year,
    until: Until,
    deals: Ids,
    signed: Signed,
    revenue: Revenue,
    original: Original,
    delivered: Delivered,
    seller: Sellers,
    partner: Annotated[Objects | None, many("协同工号；空：无", "partners' IDs; blank: none", text)] = None,
    seller_share: Annotated[
        Floats | None, many("主办份额；仅在有协同时用", "the seller's share; where there is a partner", share)
    ] = None,
    cash_deal: CashDeal = None,
    cash_date: CashDay = None,
    cash_amount: CashAmount = None,
    cash_kind: CashKinds = None,
    credit_deal: Annotated[Objects | None, many("分单的单号", "deal IDs of the credits", text)] = None,
    credit_person: Annotated[Objects | None, many("分单的工号", "people credited", text)] = None,
    credit_role: Annotated[Objects | None, many("分单的角色；空：主办", "their roles; blank: seller", ROLE)] = None,
    credit_share: Annotated[Floats | None, many("分单的份额", "their shares", share)] = None,
) -> list[list[float]]:
    """What counts for a person, month by month up to the as-of date, on one basis.

    *Bookings*: deals by the day signed, returns by theirs. *Revenue*: orders by the day delivered; a return by its own day, not before
    its order's delivery. *Collections*: cash by its day, retention included, refunds negative, bad debt not. Seller and partner share
    by the seller's share; where Credits names the order its sellers and partners do (overlay and a manager's override are pay and no
    sale of theirs). A return is credited as its order, cumulatively to the fen.

    Returns: a row of twelve amounts for each person.
    Errors: #VALUE! ranges of different size, a deal without a date, an unknown basis.
    Source: money, attainment on one basis (case M13).
    Example:
        >>> personactuals("P1", "bookings", 2027, "2027-12-31", "D1", "2027-03-05", 100, None, None, "P1")
        [[0.0, 0.0, 100.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
    """
    refuse_year(year)
    book = _book(
        deals, signed, revenue, original, delivered, seller, partner, seller_share, (cash_deal, cash_date, cash_amount, cash_kind)
    )
    refuse_unlike(credit_deal=credit_deal, credit_person=credit_person, credit_role=credit_role, credit_share=credit_share)
    credits: dict[str, list[Credit]] = defaultdict(list)
    if credit_deal is not None and credit_person is not None and credit_share is not None:
        roles: Iterable[Any] = [None] * len(credit_deal) if credit_role is None else credit_role
        for id_, who, role, part in zip(credit_deal, credit_person, roles, credit_share.tolist(), strict=True):
            if id_ and who:
                credits[id_].append((who, role or "seller", part))
    found = by_person(book, basis, int(year), until.item(), credits)
    return [found.get(who, [0.0] * MONTHS) for who in persons]


@formula(
    5,
    "各条线十二个月的业绩：按签单、收入（交付）或回款，归签单日主办所在条线",
    "Each line's twelve months: bookings, revenue or collections, in the seller's line of the signing day",
    gives=TABLE,
    columns=NAMES,
)
def lineactuals(
    lines: Annotated[Objects, many("条线；*：全部", "sales lines; *: all together", text)],
    basis: Basis,
    year: Year,
    until: Until,
    deals: Ids,
    signed: Signed,
    revenue: Revenue,
    original: Original,
    delivered: Delivered,
    seller: Sellers,
    cash_deal: CashDeal,
    cash_date: CashDay,
    cash_amount: CashAmount,
    cash_kind: CashKinds,
    people: Annotated[Objects, many("人员工号", "everybody's IDs", text)],
    held: Annotated[Objects, many("起始条线", "line from the start", text)],
    moved: Annotated[Objects | None, many("异动人员工号", "IDs of people with a transfer", text)] = None,
    since: Annotated[Dates | None, many("异动生效日", "from which day", date)] = None,
    becomes: Annotated[Objects | None, many("新条线；空：不变", "the new line; blank: the same", text)] = None,
) -> list[list[float]]:
    """What counts for a sales line, month by month up to the as-of date, on one basis (as PERSONACTUALS has them).

    The whole order counts in the line its seller belonged to on the day it was signed, and so do its returns, its delivery and its
    cash, whoever moved since.

    Returns: a row of twelve amounts for each line.
    Errors: #VALUE! ranges of different size, a deal without a date, an unknown basis.
    Source: money, the quarterly sprint bonus (case M13).
    Example:
        >>> lineactuals("A", "cash", 2027, "2027-12-31", "D1", "2027-03-05", 100, None, None, "P1", "D1", "2027-04-01", 60, None, "P1", "A")
        [[0.0, 0.0, 0.0, 60.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
    """
    refuse_year(year)
    book = _book(deals, signed, revenue, original, delivered, seller, None, None, (cash_deal, cash_date, cash_amount, cash_kind))
    dated: Dated = table(people, held, moved, since, becomes)
    found = by_line(book, basis, int(year), until.item(), dated.on)
    found[ALL] = [total_of(months) for months in zip(*found.values(), strict=True)] or [0.0] * MONTHS
    return [found.get(line, [0.0] * MONTHS) for line in lines]
