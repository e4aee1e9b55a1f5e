"""Share card: a case or an article as a picture and a text for a customer's chat group, with the slogan on it."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from addin import documents
from addin.action import Action, Ask, Outcome, Progress
from addin.book import Book
from udfs.text import Text
from workbook_templates.answers import ERROR, Refused, offered
from workbook_templates.intake.parsing import fold
from workbook_templates.tables.schema import Row
from workbook_templates.wordfile import Letterhead

if TYPE_CHECKING:
    from workbook_templates.papers.card import ShareCard

_DIGEST = 160  # characters of an article


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""

    def add(name: str, zh: str, en: str, **settings: Any) -> None:
        parser.add_argument(name, help=str(Text(zh, en)), **settings)

    add("--case-id", "案例编号", "the case's ID", metavar="ID", default="")
    add("--article", "已发布文章的题目", "the title of an article that is published", metavar="TITLE", default="")


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Draw the card of one case or one article."""
    found = book.problems("Cases", "Articles", "People")
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    case, article = (options.case_id or "").strip(), (options.article or "").strip()
    if bool(case) == bool(article):
        raise Refused(Text("请给出一个案例编号，或一篇文章的题目", "give one case's ID, or one article's title"))
    outcome = Outcome(Text("", ""), problems=found)
    progress(Text("绘制卡片", "Drawing the card"))
    from workbook_templates.papers import card

    picture, words = documents.keep(
        book, outcome, lambda head: card.made(_case(book, head, case) if case else _article(book, head, article))
    )
    outcome.summary = Text(f"分享卡片 {picture.name}，文字 {words.name}", f"share card {picture.name}, its words {words.name}")
    outcome.data = {"picture": str(picture), "words": str(words)}
    return outcome


def _card(head: Letterhead, key: str, title: str, parts: Sequence[tuple[Text, Any]]) -> ShareCard:
    from workbook_templates.papers.card import ShareCard

    said = [(str(heading), str(text).strip()) for heading, text in parts if text not in (None, "")]
    return ShareCard(key, head.company, head.slogan, head.version, head.day, title, said)


def _case(book: Book, head: Letterhead, asked: str) -> ShareCard:
    """A case in three parts; a customer who is not public is not named."""
    rows = {fold(row["id"]): row for row in book.read("Cases").rows if row.get("id")}
    row = rows.get(fold(asked))
    if row is None:
        raise Refused(
            Text(f"没有案例“{asked}”", f"there is no case “{asked}”") + offered(asked, [str(r["id"]) for r in rows.values()])
        )
    industry = row.get("industry") or ""
    named = row.get("public") == "yes" and row.get("customer")
    who = str(row["customer"]) if named else str(Text(f"某{industry}企业", f"a company in {industry}"))
    roi = row.get("roi")
    return _card(head, str(row["id"]), f"{who}{Text('：', ': ')}{row.get('pains') or ''}", (
        (Text("客户口述", "In the customer's words"), row.get("voice")),
        (Text("改造前", "Before"), row.get("before")), (Text("数据对比", "After"), row.get("after")),
        (Text("投资回报", "Return on investment"), None if roi is None else f"{roi:.0%}"),
    ))  # fmt: skip


def _article(book: Book, head: Letterhead, asked: str) -> ShareCard:
    """The beginning of an article; only what is published goes out."""
    rows = [row for row in book.read("Articles").rows if row.get("title")]
    mine = [row for row in rows if fold(row["title"]) == fold(asked)]
    if not mine:
        raise Refused(
            Text(f"没有文章“{asked}”", f"there is no article “{asked}”") + offered(asked, [str(row["title"]) for row in rows])
        )
    out = [row for row in mine if row.get("published_on")]
    if not out:
        raise Refused(Text(f"“{asked}”还没有发布：先填发布日期", f"“{asked}” is not published: enter the day it was first"))
    row = max(out, key=_published)
    names = {person["id"]: person.get("name") for person in book.read("People").rows}
    digest = " ".join(str(row.get("text") or "").split())
    return _card(head, f"{row['person']}-{row['month']}", str(row["title"]), (
        (Text("作者", "By"), names.get(row["person"]) or row["person"]),
        (Text("摘要", "In short"), digest[:_DIGEST] + ("…" if len(digest) > _DIGEST else "")),
    ))  # fmt: skip


def _published(row: Row) -> dt.date:
    on: dt.date = row["published_on"]
    return on


ACTION = Action(
    label=Text("分享卡片", "Share card"),
    tip=Text(
        "案例或文章生成图片与文字，发到客户群",
        "A case or an article as a picture and a text for a customer's chat group",
    ),
    about=Text(
        "在计划旁的“文档”文件夹里生成 PNG 与文字，登记“文档”；没有授权公开的客户不出现名字，未发布的文章不生成。",
        "Puts a PNG and its words into the folder of documents and lists them on Documents. Customers who are not public are not named; an "
        "article that is not published gets none.",
    ),
    group="products",
    order=35,
    icon="Copy",
    keytip="32",
    run=run,
    arguments=arguments,
    asks={"case_id": Ask(Text("案例编号（或改填文章）", "The case's ID (or give an article)")), "article": Ask(Text("文章题目（可空）", "The article's title (may be blank)"))},
    guards=False,
    examples=Text(
        "示例：\n  salesplan card 计划.xlsx --case-id K01\n  salesplan card 计划.xlsx --article 换型的一夜",
        'examples:\n  salesplan card plan.xlsx --case-id K01\n  salesplan card plan.xlsx --article "A night of change-over"',
    ),
)  # fmt: skip
