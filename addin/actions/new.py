"""New plan: an empty planning workbook for a company, beside whatever is open."""

from __future__ import annotations

import argparse
from pathlib import Path

from addin.action import Action, Ask, Outcome, Progress
from addin.book import Book
from udfs.policy import PLAN_START
from udfs.text import Text, language
from workbook_templates import registry
from workbook_templates.answers import Refused
from workbook_templates.chapters import choosing
from workbook_templates.tables.schema import NO_COMPANY, Company


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument("file", metavar="FILE", help=str(Text("要新建的 .xlsx", "the .xlsx to make")))
    parser.add_argument("--company", metavar="NAME", help=str(Text("公司名称", "the company's name")))
    parser.add_argument(
        "--year", type=int, default=PLAN_START.year, metavar="YYYY", help=str(Text("计划年度", "the plan's year"))
    )
    parser.add_argument(
        "--chapters",
        metavar="1,5,11",
        help=str(Text("只用这些章，默认全部：", "use these chapters only, default all: ") + choosing.MEANING),
    )


def run(book: Book | None, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Make the workbook."""
    from workbook_templates.making import plan_bytes

    path = Path(options.file)
    if not 2000 <= options.year <= 2100:
        raise Refused(
            Text(f"计划年度 {options.year} 不可用：应在 2000 与 2100 之间", f"plan year {options.year}: from 2000 to 2100")
        )
    choice = (
        choosing.chosen(options.chapters) if options.chapters is not None else choosing.Choice(frozenset(registry.numbered()))
    )
    name = (options.company or "").strip() or str(NO_COMPANY)
    company = Company(name, options.year, chapters=choice.numbers)  # as of today, held inside its year
    content, _ = plan_bytes(company, language(), progress)
    summary = Text(
        f"已新建 {path}：{options.year} 年，截止日期 {company.day()}。下一步：salesplan next {path}，或看“说明”页",
        f"Made {path}: {options.year}, as of {company.day()}. What next: salesplan next {path}, or the Guide sheet",
    )
    notes = [Text("启用的章：", "Chapters in use: ") + choosing.listed(choice.numbers), *choice.notes] if options.chapters else []
    return Outcome(summary, files={path: content}, opens=path, notes=notes)


ACTION = Action(
    label=Text("新建计划", "New plan"),
    tip=Text("新建一个空的计划工作簿", "Makes an empty planning workbook"),
    about=Text("新建一个文件；当前工作簿不改动。", "Makes a new file; the open workbook is not changed."),
    group="plan",
    order=10,
    icon="FileNew",
    keytip="N",
    run=run,
    writes={"file": ".xlsx"},
    arguments=arguments,
    asks={"file": Ask("save"), "company": Ask(Text("公司名称", "The company's name"))},
    needs_book=False,
)
