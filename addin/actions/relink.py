"""Relink: our functions in the spelling of the host they are to live in; results, spills and formats stay.

A file holds the add-in's functions as ``[1]!SALES_X`` (they come alive where the add-in is installed), the server's as
``_xldudf_SALES_X``. In Excel a formula that shows ``#NAME?``, or that refers to the add-in by somebody's path, is entered anew.
"""

from __future__ import annotations

import argparse
import re

from addin.action import Action, Outcome, Progress
from addin.book import Book, FileBook
from addin.changes import Block, Changes, Effect, alike
from udfs.text import Text
from workbook_templates.answers import WARNING, Problem
from workbook_templates.cells import At
from workbook_templates.formulas import spelling
from workbook_templates.xlsx.package import CellFormula, Ref

_BY_PATH = re.compile(r"(?:'[^'\n]*\.xlam'|[\w.\-]+\.xlam)!(?=SALES[_.])", re.IGNORECASE)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument("--to", choices=("addin",
                                         "server",
                                         "plain"), default="addin", help=str(Text("目标：桌面加载项（默认）、服务器加载项、无前缀",
                                                                                  "for the desktop add-in (default), the "
                                                                                  "server's, or without a prefix")))  # fmt: skip


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Find the formulas that call us and spell them anew."""
    book.require_ours()
    to = options.to if isinstance(book, FileBook) else "entered"
    blocks, problems = [], []
    for sheet, formulas in book.formulas().items():
        for at, formula in formulas.items():
            if "SALES" not in formula.text.upper():
                continue
            try:
                new = formula._replace(text=spelled(formula.text, to, book.addin_link))
            except spelling.SpellingError:
                text = Text("公式读不懂，没有改：请手工检查", "the formula can't be read and was left alone: look at it")
                problems.append(Problem(sheet, *at, text, WARNING))
                continue
            if not alike(formula, new) or _dead(to, formula):
                blocks.append(_block(sheet, at, formula, new))
    count = len(blocks)
    summary = (
        Text(f"已重新关联 {count} 个公式", f"{count} formulas relinked")
        if count
        else Text("公式都已关联", "All formulas are linked")
    )
    return Outcome(summary, Changes(effect=Effect(blocks=tuple(blocks))), problems=problems)


ACTION = Action(
    label=Text("重新关联公式", "Relink formulas"),
    tip=Text(
        "让 SalesPlan 函数在本机或服务器的加载项里生效",
        "Makes the SalesPlan functions come alive in the add-in of this machine or the server",
    ),
    about=Text(
        "只改 SalesPlan 函数的引用写法，公式含义、结果与格式不变。",
        "Changes how formulas refer to the SalesPlan functions; their meaning, results and formats stay.",
    ),
    group="tools",
    order=30,
    icon="RefreshAll",
    keytip="L",
    run=run,
    arguments=arguments,
    examples=Text("示例：\n  salesplan relink 计划.xlsx --to server", "examples:\n  salesplan relink plan.xlsx --to server"),
)


def spelled(text: str, to: str, link: int = 1) -> str:
    """A formula in a host's spelling; one that calls none of ours stays as it is.

    >>> spelled("[1]!SALES_TIER(A1)", "server")
    '_xldudf_SALES_TIER(A1)'
    """
    bare = _BY_PATH.sub("", text)
    if not any(spelling.is_ours(name) for name in spelling.references(bare)):
        return text
    if to == "addin":
        return spelling.to_file(spelling.to_canonical(bare), link)
    if to == "entered":
        return spelling.to_canonical(bare).removeprefix("=")
    plain = spelling.to_file(spelling.to_canonical(bare), ours=lambda name: False)
    if to == "plain":
        return plain
    tokens = spelling.tokenize(plain)
    return "".join(f"_xldudf_{t.text}" if t.kind == "func" and spelling.is_ours(t.text) else t.text for t in tokens)


def _dead(to: str, formula: CellFormula) -> bool:
    """Entered anew in Excel even when the text is right: an unknown name stays unknown until then."""
    return to == "entered" and formula.value == "#NAME?"


def _block(sheet: str, at: At, old: CellFormula, new: CellFormula) -> Block:
    return Block(sheet, Ref(*at, *at), [[old]], [[new]])
