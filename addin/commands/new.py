"""`salesplan new FILE`: an empty planning workbook for a real company."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from addin.action import DONE
from addin.actions import new
from addin.command import Command, Stop
from addin.performing import perform
from addin.progress import steps
from udfs.text import LANGUAGES, Text, language, set_language
from workbook_templates.answers import Refused
from workbook_templates.chapters import choosing


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the action asks."""
    new.ACTION.declare(parser)


def run(options: argparse.Namespace) -> int:
    """Make the workbook; whoever sits at a terminal and names no company is asked."""
    if options.company is None and sys.stdin.isatty():
        _ask(options)
    with steps(4) as step:
        done = perform(new.ACTION, None, options, step)
    print(done.sentence)
    for note in done.outcome.notes:
        print(note)
    return DONE


def _ask(options: argparse.Namespace) -> None:
    """Company, year, language, chapters; Enter takes what stands in brackets. What the command line says is not asked again."""
    if "lang" not in vars(options):
        set_language(_answer(Text("语言 zh / en", "language zh / en"), language(), _language))
    options.company = _answer(Text("公司名称", "the company's name"), "", _named)
    options.year = int(_answer(Text("计划年度", "the plan's year"), str(options.year), _year))
    if options.chapters is None:
        what = Text("启用的章，", "chapters to use: ") + choosing.MEANING
        options.chapters = _answer(what, str(next(iter(choosing.PRESETS))), _chapters)


def _answer(what: Text, default: str, fault: Callable[[str], Text | None]) -> str:
    """An answer that can be used; what can't is said, and asked again."""
    while True:
        try:
            said = input(f"{what} [{default}] " if default else f"{what} ").strip() or default
        except EOFError as end:
            raise Stop(Text("没有回答，没有写入：可用 --company、--year、--chapters 给出", "no answer, nothing written: give --company, --year, --chapters")) from end  # fmt: skip
        wrong = fault(said)
        if wrong is None:
            return said
        print(wrong)


def _language(said: str) -> Text | None:
    return None if said in LANGUAGES else Text(f"“{said}”：请填 zh 或 en", f"“{said}”: type zh or en")


def _named(said: str) -> Text | None:
    return None if said else Text("请填公司名称", "type the company's name")


def _year(said: str) -> Text | None:
    fine = said.isdecimal() and 2000 <= int(said) <= 2100
    return None if fine else Text(f"“{said}”：请填 2000 到 2100 的年份", f"“{said}”: a year from 2000 to 2100")


def _chapters(said: str) -> Text | None:
    try:
        choosing.chosen(said)
    except Refused as refused:
        return refused.text
    return None


COMMAND = Command(
    help=Text("新建一个空的计划工作簿", "make an empty planning workbook"),
    about=Text(
        "新建一个空的计划工作簿：参数是计划的默认值，各表留空待填。已有同名文件时不覆盖，除非 --force。",
        "Make an empty planning workbook: Settings hold the plan's defaults, the Tables wait for your rows. An existing file is\n"
        "not overwritten unless --force.",
    ),
    arguments=arguments,
    run=run,
    examples=Text(
        "示例：\n  salesplan new 计划2027.xlsx --company 某某公司\n  salesplan new 计划2027.xlsx --chapters 精简  # 只用第 1、5、11 章",
        "examples:\n  salesplan new plan2027.xlsx --company Acme --lang en\n  salesplan new plan2027.xlsx --chapters lean --lang en  # "
        "chapters 1, 5, 11",
    ),
)
