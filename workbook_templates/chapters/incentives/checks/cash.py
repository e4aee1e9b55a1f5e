"""What came in of each deal: signs, refunds of what was paid, and the deals' own column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from udfs.text import Text
from workbook_templates.answers import WARNING, Problem
from workbook_templates.checking.core import Check, CheckList, Line, Mistake, held
from workbook_templates.tables import sums
from workbook_templates.tables.grids import Grid
from workbook_templates.tables.words import CASH_KINDS

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan

SIGNS, REFUNDS, COLLECTED = "collections.signs", "collections.refunds", "collections.collected"
BAD_DEBTS, OF_RETURNS = "collections.bad_debts", "collections.of_returns"
_NEEDS = "Collections.deal"
_LABELS = {word.code: word.label for word in CASH_KINDS}


def _signs(plan: Plan) -> Line:
    cash, refund = plan.table("Collections"), plan.t(_LABELS["refund"])
    wrong = f'COUNTIFS({cash.kind},"{refund}",{cash.amount},">0")+COUNTIFS({cash.kind},"<>{refund}",{cash.amount},"<0")'
    return Line(wrong, needs=_NEEDS)


def _in(plan: Plan, deal: str) -> str:
    """What has come in of each deal."""
    cash = plan.table("Collections")
    bad_debt = plan.t(_LABELS["bad_debt"])
    return f'SUMIFS({cash.amount},{cash.deal},{deal},{cash.kind},"<>{bad_debt}")'


def _refunds(plan: Plan) -> Line:
    cash = plan.table("Collections")
    return Line(f'SUMPRODUCT(({cash.deal}<>"")*(ROUND({_in(plan, cash.deal)},2)<0))', needs=_NEEDS)


def _collected(plan: Plan) -> Line:
    deals, cash = plan.table("Deals"), plan.table("Collections")
    apart = f"(ABS({_in(plan, deals.id)}-{deals.collected})>0.005)"
    return Line(f"SUMPRODUCT((COUNTIFS({cash.deal},{deals.id})>0)*{apart})", needs=_NEEDS)


def _sign_faults(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    found = held(grids, "Collections")
    for place, row in enumerate(found.rows if found is not None else ()):
        if found is not None and sums.sign_fault(row):
            text = Text(
                "“回款金额”符号不对：退款填负数，其余填正数",
                "“Amount” has the wrong sign: a refund is negative, all else positive",
            )
            yield Problem(found.grid.sheet, *found.at(place, "amount"), text, code=SIGNS)


def _refund_faults(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    found = held(grids, "Collections")
    if found is None:
        return
    for deal, places in sums.by(found.rows, "deal").items():
        left = sums.collected(found.rows[place] for place in places)
        if deal is not None and sums.in_fen(left) < 0:
            text = Text(
                f"{deal}：退款超过已回款 {float(-left):,.2f} 元", f"{deal}: {float(-left):,.2f} yuan more refunded than paid"
            )
            yield Problem(found.grid.sheet, *found.at(places[-1], "amount"), text, code=REFUNDS)


def _bad_debt_faults(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    """What is written off is what nobody paid; more of it would take commission back that was earned."""
    found, deals = held(grids, "Collections"), held(grids, "Deals")
    if found is None or deals is None or not any(row["kind"] == "bad_debt" for row in found.rows):
        return
    orders = {row["id"]: row for row in deals.rows if not row["original"] and isinstance(row["revenue"], float)}
    returned = sums.by(deals.rows, "original")
    for deal, places in sums.by(found.rows, "deal").items():
        if deal not in orders:
            continue
        back = [deals.rows[place] for place in returned.get(deal, ())]
        for at, unpaid in sums.beyond_unpaid(orders[deal], back, [found.rows[place] for place in places]).items():
            row = found.rows[places[at]]
            text = Text(
                f"{deal}：坏账 {row['amount']:,.2f} 元超过未收的 {float(unpaid):,.2f} 元：请核对",
                f"{deal}: a bad debt of {row['amount']:,.2f} yuan, {float(unpaid):,.2f} of it unpaid: check the amount",
            )
            yield Problem(found.grid.sheet, *found.at(places[at], "amount"), text, code=BAD_DEBTS)


def _return_faults(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    """Cash of a return would release nothing and take nothing back: it is its order's."""
    found, deals = held(grids, "Collections"), held(grids, "Deals")
    originals = {row["id"]: row["original"] for row in deals.rows if row["original"]} if deals is not None else {}
    for place, row in enumerate(found.rows if found is not None else ()):
        if found is not None and (order := originals.get(row["deal"])):
            text = Text(
                f"{row['deal']} 是退货：请记在原单 {order} 上，为退款",
                f"{row['deal']} is a return: enter it as a refund of its order {order}",
            )
            yield Problem(found.grid.sheet, *found.at(place, "deal"), text, code=OF_RETURNS)


CHECKS = CheckList(32, (
    Check(
        SIGNS, "Collections", Text("回款：退款为负，其余为正", "Collections: refunds negative, all else positive"),
        Text("改正回款金额的符号", "Correct the amount's sign"), line=_signs, faults=_sign_faults,
        fault=(Mistake("Collections.amount", -1.0, lambda row: row["kind"] == "retention"),),
    ),
    Check(
        REFUNDS, "Collections", Text("回款：退款不超过已回款", "Collections: refunds at most what was paid"),
        Text("核对退款", "Check the refunds"), line=_refunds, faults=_refund_faults,
        fault=(Mistake("Collections.amount", -90_000_000.0, lambda row: row["kind"] == "refund"),),
    ),
    Check(
        BAD_DEBTS, "Collections", Text("回款：坏账不超过未收的", "Collections: bad debts at most what is unpaid"),
        Text("核对坏账金额", "Check the bad debt"), faults=_bad_debt_faults,
        fault=(Mistake("Collections.amount", 90_000_000.0, 5), Mistake("Collections.kind", _LABELS["bad_debt"], 5)),
    ),
    Check(
        OF_RETURNS, "Collections", Text("回款：记在原单上，不记在退货上", "Collections: of orders, not of returns"),
        Text("改记在原单上，为退款", "Enter it as a refund of the order"), faults=_return_faults,
        fault=(Mistake("Deals.original", "D27-0001", lambda row: row["id"] == "D27-0040"), Mistake("Collections.deal", "D27-0040", 3)),
    ),
    Check(
        COLLECTED, "deals", Text("成交的已回款 = 回款表", "Collected = the sheet Collections"),
        Text("运行“登记回款”", "Run Record cash"), WARNING, line=_collected,
        fault=(Mistake("Collections.amount", 7.0, -1),),
    ),
))  # fmt: skip
