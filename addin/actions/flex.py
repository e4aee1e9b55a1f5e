"""Configure Flex: each draft quote priced from its modules, with hours against the promise and everything that is wrong at its line."""

from __future__ import annotations

import argparse

from addin.action import ATTENTION, DONE, Action, Outcome, Progress
from addin.book import Book
from udfs.text import Text
from workbook_templates.answers import ERROR, WARNING, Problem, Refused, offered
from workbook_templates.chapters.products.quoting import Quoted, quoted
from workbook_templates.chapters.products.tables import DRAFT, FLEX
from workbook_templates.intake.parsing import fold

PRICED = ("amount", "cost", "margin_rate", "hours", "broken")  # what the button writes of a quote


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument(
        "--quote", metavar="ID", help=str(Text("只算这张报价；默认所有草稿", "this quote only; default every draft"))
    )


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Price the quotes and say what they break."""
    found = book.problems("Quotes", "QuoteLines", "FlexModules", references=False)
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    outcome = Outcome(Text("", ""), problems=found)
    quotes, lines = book.read("Quotes"), book.read("QuoteLines")
    asked = [i for i, row in enumerate(quotes.rows) if row.get("id") and _wanted(row, options.quote)]
    if options.quote and not asked:
        known = [str(row["id"]) for row in quotes.rows if row.get("id")]
        raise Refused(
            Text(f"没有报价单“{options.quote}”", f"there is no quote “{options.quote}”") + offered(options.quote, known)
        )
    terms = [float(book.setting(f"flex.{key}")) for key in ("engineers", "shift", "hours")]
    modules, done, wrong = book.read("FlexModules").rows, 0, 0
    for index in asked:
        row = quotes.rows[index]
        own = [i for i, line in enumerate(lines.rows) if line.get("quote") == row["id"] and line.get("module")]
        if not own:  # its lines were taken away: what they came to goes with them
            if any(row.get(key) is not None for key in PRICED):
                outcome.changes.edit("Quotes", index, **dict.fromkeys(PRICED))
            continue
        result = quoted([lines.rows[i] for i in own], modules, terms[0], terms[1], terms[2])
        if isinstance(result, Text):
            raise Refused(Text("模块库：", "modules: ") + result)
        done += 1
        wrong += bool(result.broken)
        _write(outcome, row, index, own, lines.rows, result)
        if result.broken:
            text = Text(f"{row['id']}：{result.broken}", f"{row['id']}: {result.broken}")
            outcome.problems.append(Problem(quotes.grid.sheet, *quotes.at(index, "broken"), text, WARNING))
    outcome.summary = _summary(done, wrong)
    outcome.data = {"quotes": done, "broken": wrong}
    return outcome


def _wanted(row: dict[str, object], quote: str | None) -> bool:
    return row["status"] == DRAFT if not quote else fold(row["id"]) == fold(quote.strip())


def _write(
    outcome: Outcome, row: dict[str, object], index: int, own: list[int], lines: list[dict[str, object]], result: Quoted
) -> None:
    head = {
        "amount": result.amount, "cost": result.cost, "margin_rate": result.margin_rate, "hours": result.hours,
        "broken": result.broken or None,
    }  # fmt: skip
    if any(row.get(key) != value for key, value in head.items()):
        outcome.changes.edit("Quotes", index, **head)
    for place, (amount, cost, hours, broken) in zip(own, result.lines, strict=True):
        given = {"price": amount, "cost": cost, "hours": hours, "broken": broken or None}
        if any(lines[place].get(key) != value for key, value in given.items()):
            outcome.changes.edit("QuoteLines", place, **given)


def _summary(done: int, wrong: int) -> Text:
    if not done:
        return Text("没有可算的草稿报价：先填报价与明细", "there is no draft quote to price: enter a quote and its lines")
    tail = Text(f"，其中 {wrong} 张有问题", f", {wrong} with something wrong") if wrong else Text("，没有问题", ", nothing wrong")
    return Text(f"已算报价 {done} 张", f"quotes priced: {done}") + tail


def _reported(options: argparse.Namespace, outcome: Outcome) -> int:
    return ATTENTION if outcome.data.get("broken") else DONE


ACTION = Action(
    label=FLEX,
    tip=Text(
        "按模块库给草稿报价计价，一次指出所有问题",
        "Prices draft quotes from the library of modules and shows all that is wrong at once",
    ),
    about=Text(
        "写入报价的金额、成本、毛利率、自然小时与问题，明细逐行写入金额、工时与问题；模块与数量不改。",
        "Writes amount, cost, margin, clock hours and what is wrong with each quote and line; modules and quantities stay.",
    ),
    group="products",
    order=10,
    icon="PropertySheet",
    keytip="O3",
    run=run,
    arguments=arguments,
    guards=False,
    reported=_reported,
    examples=Text("示例：\n  salesplan flex 计划.xlsx --quote Q001", "examples:\n  salesplan flex plan.xlsx --quote Q001"),
)
