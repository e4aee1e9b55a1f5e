"""Print: the cockpit, the screens and the chapters' views as one PDF for who leads the company."""

from __future__ import annotations

import argparse
from pathlib import Path

from addin import printing
from addin.action import Action, Ask, Outcome, Progress
from addin.book import Book
from udfs.text import Text, counted
from workbook_templates.answers import Refused
from workbook_templates.papers import second_look

MOST = 24  # pages


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument("out", metavar="FILE", help=str(Text("写入的 .pdf", "the .pdf to write")))


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Show those sheets only, and have them printed."""
    book.require_ours()
    titles = printing.views(book)
    if not titles:
        raise Refused(
            Text(
                "这个计划没有驾驶舱和各章视图：旧版计划请先“升级计划”",
                "this plan has no cockpit and no views: for a plan of an older version run upgrade",
            )
        )
    progress(Text("LibreOffice 打印", "LibreOffice prints"))
    content = printing.printed(book)
    pages, by = second_look.pages(content), second_look.producer(content) or "LibreOffice"
    outcome = Outcome(
        Text(
            f"{len(titles)} 张表，{pages} 页，{by} 打印：{options.out}",
            f"{counted(len(titles), 'sheet')}, {counted(pages, 'page')}, printed by {by}: {options.out}",
        )
    )
    if pages > MOST:
        outcome.notes.append(
            Text(f"超过 {MOST} 页：请缩短所列视图里的表", f"more than {MOST} pages: shorten the tables on these views")
        )
    outcome.files[Path(options.out)] = content
    outcome.data = {"sheets": titles, "pages": pages, "by": by}
    return outcome


ACTION = Action(
    label=printing.LABEL,
    tip=Text("驾驶舱、五屏、各章视图、问题：一份 PDF", "Cockpit, screens, the chapters' views, problems: one PDF"),
    about=Text(
        f"把驾驶舱、五屏、各章视图和“问题”打印成一份 PDF，最多 {MOST} 页；需要 LibreOffice。不改动工作簿。",
        f"Prints the cockpit, the screens, the chapters' views and Problems as one PDF of at most {MOST} pages; needs LibreOffice.\n"
        "The workbook stays as it is.",
    ),
    group="tools",
    order=18,
    icon="FilePrint",
    keytip="OP",
    run=run,
    arguments=arguments,
    asks={"out": Ask("save")},
    writes={"out": ".pdf"},
    guards=False,
    examples=Text("示例：\n  salesplan print 计划.xlsx 管理层.pdf", "examples:\n  salesplan print plan.xlsx board.pdf"),
)
