"""No contract below the base price without an approved request that covers price and quantity."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from udfs.text import Text
from udfs.values import at_least
from workbook_templates.chapters.products.pricing import uncovered, unsound
from workbook_templates.chapters.products.tables import APPROVED
from workbook_templates.tables import schema
from workbook_templates.tables.duties import Day
from workbook_templates.tables.gates import Gate, Gates, Moment, folded
from workbook_templates.tables.spec import Row

_HOME = ("", "cny", "rmb", "人民币")  # other currencies can't be held against a base price


def _below(day: Day, obj: str) -> Iterator[Text]:
    """Of a contract: the lines of its deal, else its amount against its quote; of a deal, its lines."""
    contract, lines = _contract(day, obj), _lines(day, obj)
    if lines:
        for index, why in uncovered(
            lines, day.rows("Deals"), day.rows("Products"), day.rows("PriceRequests"), day.rows("DealLines"), _unsound(day)
        ):
            row = lines[index]
            yield Text(f"{row['deal']} 产品 {row['product']} ", f"{row['deal']}, product {row['product']}: ") + why
    elif contract is not None and (quote := _quote(day, contract)) is not None:
        amount, base = float(contract.get("amount") or 0.0), float(quote["amount"])
        if _home(contract) and not at_least(amount, base) and not _asked(day, contract, quote, amount / base):
            yield Text(
                f"{contract['id']} 合同额 {amount:,.2f} 低于报价 {quote['id']} 的 {base:,.2f}，没有批准且在有效期内的价格申请覆盖：先“审批价格”",
                f"{contract['id']}, {amount:,.2f}, is below the {base:,.2f} of quote {quote['id']} and no approved, unexpired price request "
                "covers it: approve the price first",
            )


def _unjudged(day: Day, obj: str) -> Iterator[Text]:
    """A contract that names neither a deal with lines nor a quote: its price was not looked at."""
    contract = _contract(day, obj)
    if contract is None or _lines(day, obj) or (_home(contract) and _quote(day, contract) is not None):
        return
    yield Text(
        f"{contract['id']} 的价格没有核对：请在“合同”填单号（有成交明细）或人民币报价单号",
        f"the price of {contract['id']} was not looked at: enter its deal (with lines) or its quote, in yuan, on Contracts",
    )


def _contract(day: Day, obj: str) -> Row | None:
    return next((row for row in day.rows("Contracts") if row.get("id") and folded(row["id"]) == folded(obj)), None)


def _lines(day: Day, obj: str) -> list[Row]:
    contract = _contract(day, obj)
    deal = folded(contract.get("deal") if contract is not None else obj)
    return [row for row in day.rows("DealLines") if deal and folded(row.get("deal")) == deal and row.get("product")]


def _quote(day: Day, contract: Row) -> Row | None:
    name = folded(contract.get("quote"))
    quote = next((row for row in day.rows("Quotes") if name and folded(row.get("id")) == name), None)
    return quote if quote is not None and (quote.get("amount") or 0.0) > 0 else None


def _home(contract: Row) -> bool:
    return folded(contract.get("currency")) in _HOME


def _unsound(day: Day) -> Mapping[str, Text]:
    asked = [day.rows(name) for name in ("PriceRequests", "ValueGiven", "People", "Transfers", "Roles")]
    return unsound(asked[0], *asked[1:])


def _asked(day: Day, contract: Row, quote: Row, share: float) -> bool:
    """Whether somebody let this customer buy at this share of the base price, on this day: what is made of modules, or this opportunity."""
    wrong = _unsound(day)
    modular = {word.code for word in schema.PRODUCT_LINES if (word.like or word.code) == "flex"}
    mine = {row.get("code") for row in day.rows("Products") if row.get("line") in modular}
    return any(
        row.get("customer") == contract.get("customer")
        and (row.get("product") in mine or (row.get("opportunity") and row.get("opportunity") == quote.get("opportunity")))
        and row.get("decision") == APPROVED
        and str(row.get("id")) not in wrong
        and not (isinstance(row.get("valid_until"), dt.date) and row["valid_until"] < day.as_of)
        and (row.get("base") or 0.0) > 0
        and at_least(share, float(row.get("quoted") or 0.0) / float(row["base"]))
        for row in day.rows("PriceRequests")
    )


def _names(day: Day, obj: str) -> Iterator[str]:
    contract = _contract(day, obj)
    yield str((contract or {}).get("deal") or "")


GATES = Gates(30, (
    Gate(
        "price", Text("价格审批", "Approved price"), _below, "Contracts", (Moment.CONTRACT,), names=_names, unseen=_unjudged
    ),
))  # fmt: skip
