"""Quotation: a Flex quote as its customer gets it, XLSX and PDF; looked at once more before either is written."""

from __future__ import annotations

import argparse
import email.message
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from addin.action import Action, Ask, Outcome, Progress
from addin.book import Book
from udfs import policy
from udfs.text import SEMICOLON, Text, joined
from workbook_templates.answers import ERROR, Refused

if TYPE_CHECKING:
    from workbook_templates.papers.quotation import Quotation

_TABLES = ("Quotes", "QuoteLines", "FlexModules", "Customers", "People")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument(
        "out", metavar="FILE", help=str(Text("报价单文件 .xlsx；PDF 写在旁边", "the file .xlsx; the PDF beside it"))
    )
    parser.add_argument("--quote", metavar="ID", required=True, help=str(Text("报价单号", "which quote")))
    tongue = Text("报价单的语言，默认同工作簿", "the quotation's language, by default the workbook's")
    parser.add_argument("--language", choices=("zh", "en"), default=None, help=str(tongue))


def beside(options: argparse.Namespace) -> Mapping[Path, str]:
    """The PDF beside the workbook."""
    return {Path(options.out).with_suffix(".pdf"): ".pdf"}


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Read the quote, make both files, look at them once more."""
    from workbook_templates.papers import quotation, typeset

    book.require_ours()
    found = book.problems(*_TABLES[:3], references=False)
    if any(problem.level == ERROR for problem in found):
        return Outcome.refused(found)
    rows = {name: book.optional(name) for name in _TABLES}
    company, slogan = str(book.first("company_name") or ""), str(book.first("mail_slogan") or "")
    made = quotation.quotation(rows, options.quote, company, slogan, book.as_of or policy.today())
    lang = options.language or book.lang
    progress(Text("生成报价单", "Making the quotation"))
    content = quotation.as_workbook(made, lang)
    pdf = typeset.typeset("quotation.typ", quotation.as_data(made, lang), made.on)
    _look_again(content, pdf, made, rows, options.quote)
    outcome = Outcome(
        Text(f"报价单 {made.id}（{made.customer}）已生成", f"quotation {made.id} ({made.customer}) is made"), problems=found
    )
    to = Path(options.out)
    outcome.files = {to: content, to.with_suffix(".pdf"): pdf}
    outcome.data = {"quote": made.id, "total": made.total, "valid_until": made.valid_until.isoformat(), "language": lang}
    return outcome


def _look_again(content: bytes, pdf: bytes, made: Quotation, rows: Mapping[str, Any], quote: str) -> None:
    """Nothing of cost or margin, and nobody else's name, in any part of either file."""
    from addin.mailing.inspect import Inspector
    from workbook_templates.papers import quotation, second_look

    shown = [made.total, *(n for line in made.lines for n in (line.quantity, line.price, line.amount))]
    forbidden = second_look.secrets(rows, quotation.SECRET, shown)
    wrong = [*second_look.of_workbook(content, forbidden, made.texts), *second_look.of_pdf(pdf, forbidden, made.texts)]
    row = next(r for r in rows["Quotes"] if r.get("id") == made.id)
    owns = {"Customers": [str(row["customer"])], "People": [str(row.get("seller") or "")]}
    inspector = Inspector(rows, [made.company, made.slogan])
    letter = email.message.EmailMessage()
    letter.set_content(second_look.pdf_text(pdf))
    leaks = [*inspector.package(content, owns), *inspector.mail(letter.as_bytes(), owns)]
    wrong += [f"{leak.where}: {leak.text}" for leak in leaks]
    if wrong:
        zh, en = joined(wrong, most=5, between=SEMICOLON)
        raise Refused(
            Text(
                f"报价单里有不该给客户的内容，没有写入：{zh}",
                f"the quotation holds what is not the customer's, nothing was written: {en}",
            )
        )


ACTION = Action(
    label=Text("报价单", "Quotation"),
    tip=Text(
        "把一张 Flex 报价生成给客户的 XLSX 和 PDF，不含成本与毛利",
        "Makes the customer's XLSX and PDF of a Flex quote, without cost and margin",
    ),
    about=Text(
        "生成给客户的报价单：模块、数量、单价、金额、有效期、口号；写出前再查一遍文件里没有成本、毛利和别人的信息。不改动工作簿。",
        "Makes what a customer gets of a quote: modules, quantities, prices, validity, slogan. Both files are looked at once more for\n"
        "cost, margin and what is somebody else's. The workbook stays as it is.",
    ),
    group="products",
    order=15,
    icon="FileSaveAs",
    keytip="OQ",
    run=run,
    arguments=arguments,
    asks={"quote": Ask(Text("哪张报价单？例如 Q001", "Which quote? For example Q001")), "out": Ask("save")},
    writes={"out": ".xlsx"},
    beside=beside,
    guards=False,
    examples=Text(
        "示例：\n  salesplan quotation 计划.xlsx 报价单Q001.xlsx --quote Q001\n  salesplan quotation 计划.xlsx Q001.xlsx --quote Q001 --language en",
        "examples:\n  salesplan quotation plan.xlsx Q001.xlsx --quote Q001\n  salesplan quotation plan.xlsx Q001.xlsx --quote Q001 --language zh",
    ),
)
