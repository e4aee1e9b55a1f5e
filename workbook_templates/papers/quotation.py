"""What a customer gets of a Flex quote: modules, quantities, prices, validity, the slogan. Nothing of cost or margin is asked for at all."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from udfs.text import SEMICOLON, Text, joined, speaking
from udfs.values import excel_round, total_of
from workbook_templates.answers import Refused, offered
from workbook_templates.mailed.words import clean, day, yuan
from workbook_templates.mailed.writing import MailedSheet, workbook
from workbook_templates.page import style
from workbook_templates.tables.schema import Row

SECRET = ("cost", "margin_rate", "hours")  # columns of a quote, its lines and modules that are nobody's but ours
TITLE = Text("报价单", "Quotation")
_FEN = 0.005
_SAME = 1e-9  # factors that are one
_NAMES = 30  # the width of the modules' names


@dataclass(frozen=True)
class QuotationLine:
    """A module of a quotation."""

    code: str
    name: str
    quantity: float
    price: float
    amount: float


@dataclass(frozen=True)
class Quotation:
    """A quote as its customer sees it."""

    id: str
    company: str
    customer: str
    seller: str
    contact: str
    on: dt.date
    valid_until: dt.date
    slogan: str
    lines: Sequence[QuotationLine]
    total: float

    @property
    def texts(self) -> list[str]:
        """The company's own texts that are shown on purpose, whatever words they hold: Costco is a customer, not a cost."""
        return [self.company, self.customer, self.seller, self.slogan, *(line.name for line in self.lines)]

    @property
    def whole(self) -> bool:
        """Whether all quantities are whole numbers."""
        return all(float(line.quantity).is_integer() for line in self.lines)


def quotation(rows: Mapping[str, Sequence[Row]], quote: str, company: str, slogan: str, today: dt.date) -> Quotation:
    """The quote, if it may be given to a customer today; all that is against it at once."""
    found = next((row for row in rows["Quotes"] if str(row.get("id") or "").casefold() == quote.strip().casefold()), None)
    if found is None:
        ids = [str(row["id"]) for row in rows["Quotes"] if row.get("id")]
        raise Refused(Text(f"没有报价单“{quote}”", f"there is no quote “{quote}”") + offered(quote, ids))
    customer = next((row for row in rows.get("Customers", ()) if row.get("id") and row["id"] == found.get("customer")), None)
    modules = {row["code"]: row for row in rows["FlexModules"] if row.get("code")}
    own = [row for row in rows["QuoteLines"] if row.get("quote") == found["id"] and row.get("module")]
    wrong = [*_against(found, own, modules, customer, today)]
    if not company.strip():
        wrong.append(Text("没有公司名称：先在“参数”填写", "there is no company's name: enter it on Settings"))
    if wrong:
        zh, en = joined(wrong, between=SEMICOLON)
        raise Refused(
            Text(f"报价单 {found['id']} 还不能给客户：{zh}", f"quote {found['id']} can't be given to the customer yet: {en}")
        )
    assert customer is not None
    seller = next((row for row in rows.get("People", ()) if row.get("id") == found.get("seller")), {})
    lines = [_line(row, modules[row["module"]]) for row in own]
    return Quotation(
        found["id"], clean(company), clean(customer.get("name") or customer["id"]), clean(seller.get("name")), clean(seller.get("email")),
        found["on"], found["valid_until"], clean(slogan), lines, float(found["amount"]),
    )  # fmt: skip


def _line(row: Row, module: Row) -> QuotationLine:
    quantity, amount = float(row["quantity"]), float(row["price"])
    return QuotationLine(
        clean(row["module"]),
        clean(module.get("name") or row["module"]),
        quantity,
        float(excel_round(amount / quantity, 2)),
        amount,
    )


def _against(
    quote: Row, lines: Sequence[Row], modules: Mapping[str, Row], customer: Row | None, today: dt.date
) -> Sequence[Text]:
    """Why a quote may not leave."""
    wrong: list[Text] = []
    price = Text("先“配置 Flex” salesplan flex", "run Configure Flex first, salesplan flex")
    if quote.get("broken"):
        wrong.append(
            Text(
                f"有问题未解决（{quote['broken']}）：改明细", f"something is wrong with it ({quote['broken']}): correct its lines"
            )
        )
    if customer is None:
        wrong.append(Text("客户不在“客户”里：补客户编号", "its customer is not on Customers: enter the customer"))
    if not lines:
        wrong.append(Text("没有明细：先填模块与数量", "it has no lines: enter modules and quantities"))
    if unknown := [str(line["module"]) for line in lines if line["module"] not in modules]:
        wrong.append(
            Text(f"模块库没有 {'、'.join(unknown)}：改明细", f"no such modules: {', '.join(unknown)}: correct its lines")
        )
    unpriced = [line for line in lines if line.get("price") is None or not line.get("quantity")]
    if quote.get("amount") is None or unpriced:
        wrong.append(Text("还没有计价：", "it is not priced: ") + price)
    elif lines and abs(total_of(float(line["price"]) for line in lines) - float(quote["amount"])) >= _FEN:
        wrong.append(Text("明细合计与金额不等：", "its lines don't add up to its amount: ") + price)
    elif lines and (counted := [str(line["module"]) for line in lines if _recounted(quote, line, modules.get(line["module"]))]):
        wrong.append(
            Text(
                f"{'、'.join(counted)} 的数量或单价在计价后改过：{price.zh}",
                f"quantity or price of {', '.join(counted)} changed since it was priced: {price.en}",
            )
        )
    if quote.get("status") == "expired":
        wrong.append(Text("已失效：另开一张", "it has lapsed: write another"))
    for key, what in (("on", Text("日期", "date")), ("valid_until", Text("有效期至", "validity"))):
        if not isinstance(quote.get(key), dt.date):
            wrong.append(Text(f"没有{what.zh}：请填写", f"it has no {what.en}: enter it"))
    until = quote.get("valid_until")
    if isinstance(until, dt.date) and until < today:
        wrong.append(
            Text(f"有效期 {until} 已过：改有效期或另开一张", f"its validity ended on {until}: extend it or write another")
        )
    return wrong


def _recounted(quote: Row, line: Row, module: Row | None) -> bool:
    """Whether a line's price is not that of its quantity.

    A draft has the library's price. One that was sent keeps its own when the library's changes later; but when price and cost are off by the
    same factor it is the quantity that changed, and a price of no whole fen is none either.
    """
    if module is None or not module.get("price"):
        return False
    quantity, price = float(line["quantity"]), float(line["price"])
    of_library = float(excel_round(quantity * float(module["price"]), 2))
    if abs(price - of_library) < _FEN:
        return False
    if quote.get("status") == "draft" or abs(float(excel_round(price / quantity, 2)) * quantity - price) >= _FEN:
        return True
    cost, unit = line.get("cost"), module.get("cost")
    return bool(cost and unit) and abs(price / of_library - float(cost or 0) / (quantity * float(unit or 1))) < _SAME


# ------------------------------------------------------------------------------------------------------------- as a workbook


def as_workbook(made: Quotation, lang: str) -> bytes:
    """The XLSX: one sheet, figures as figures, sums as formulas; nothing else in the file."""
    with speaking(lang):
        sheet = MailedSheet(str(TITLE), (2, 12, _NAMES, 10, 16, 18))
        sheet.begin(f"{TITLE} {made.id}", made.company, _pairs(made), (3, 3, 5, 6))
        top = 5 + len(_pairs(made))
        formats = ("text", "text", "int" if made.whole else "times", "fen", "fen")
        sheet.head(top, _heads(), formats)
        for row, line in enumerate(made.lines, top + 1):
            sheet.across(
                row,
                (line.code, line.name, line.quantity, line.price, line.amount),
                "wrapped",
                formats,
            )
            sheet.heights[row] = 14.0 * style.lines_needed(line.name, _NAMES - 2) + 3
        last = top + len(made.lines)
        sheet.sums(last + 1, str(_TOTAL), (6,), top + 1, last, 6)
        for place, note in enumerate(_notes(made), last + 3):
            sheet.wide(place, 2, 6, note, "small")
        return workbook([sheet], made.company, f"{TITLE} {made.id}", lang, made.on, made.slogan)


_TOTAL = Text("合计（元）", "Total (yuan)")


def _heads() -> list[Text]:
    return [
        Text("编码", "Code"),
        Text("模块", "Module"),
        Text("数量", "Quantity"),
        Text("单价（元）", "Price (yuan)"),
        Text("金额（元）", "Amount (yuan)"),
    ]


def _pairs(made: Quotation) -> list[tuple[Text | str, str, Text | str, str]]:
    contact = " ".join(part for part in (made.seller, made.contact) if part)
    return [
        (Text("客户", "Customer"), made.customer, Text("报价单号", "Number"), made.id),
        (Text("报价日期", "Date"), day(made.on), Text("有效期至", "Valid until"), day(made.valid_until)),
        (Text("联系人", "Contact"), contact, "", ""),
    ]


def _notes(made: Quotation) -> list[str]:
    note = Text(
        f"本报价在 {day(made.valid_until)} 前有效，过期请重新询价。",
        f"This quotation is valid until {day(made.valid_until)}; after that please ask again.",
    )
    return [str(note), *([made.slogan] if made.slogan else [])]


# ------------------------------------------------------------------------------------------------------------------- as PDF

_LONGEST = 24  # characters of a word that stays whole: a longer one would run into what is beside it
_LONG = re.compile(rf"[!-~]{{{_LONGEST}}}(?=[!-~])")


def _breaking(text: str) -> str:
    """A text whose long words may go on in the next line."""
    return _LONG.sub(lambda found: f"{found[0]}\u200b", text)


def as_data(made: Quotation, lang: str) -> dict[str, Any]:
    """What the PDF's template takes: texts only."""
    with speaking(lang):
        amount = [
            [
                line.code,
                _breaking(line.name),
                f"{line.quantity:,.0f}" if made.whole else f"{line.quantity:,g}",
                yuan(line.price),
                yuan(line.amount),
            ]
            for line in made.lines
        ]
        pairs = [[str(label), _breaking(said)] for pair in _pairs(made) for label, said in (pair[:2], pair[2:])]
        return {
            "lang": lang,
            "title": f"{TITLE} {made.id}",
            "company": made.company,
            "slogan": made.slogan,
            "pairs": pairs,
            "heads": [str(head) for head in _heads()],
            "lines": amount,
            "total_label": str(_TOTAL),
            "total": yuan(made.total),
            "notes": _notes(made)[:1],
        }
