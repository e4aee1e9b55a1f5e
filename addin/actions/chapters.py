"""Chapters: which chapters of the plan are in use. Changes the switches on Settings; the tabs follow them."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from addin.action import Action, Ask, Outcome, Progress
from addin.book import Book
from udfs.text import SEMICOLON, Text, joined
from workbook_templates import registry
from workbook_templates.answers import Refused
from workbook_templates.chapters import choosing
from workbook_templates.tables import schema
from workbook_templates.tables.switches import OFF, ON, SWITCHES

_MOST = 5  # Tables named in a refusal


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument("--on", metavar="2,3", help=str(Text("要启用的章", "chapters to switch on")))
    parser.add_argument("--off", metavar="4", help=str(Text("要停用的章", "chapters to switch off")))
    parser.add_argument(
        "--set", metavar="1,5,11", help=str(Text("只用这些章，其余停用：", "use these and no others: ") + choosing.MEANING)
    )


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Say which switches are to change."""
    book.require_ours()
    if book.adoption is not None or book.locate(SWITCHES) is None:
        raise Refused(
            Text(
                "这个工作簿没有“启用章节”：旧版计划请先升级（salesplan upgrade）",
                "this workbook has no “Chapters in use”: bring an older plan up first (salesplan upgrade)",
            )
        )
    before = book.in_use
    on, off = _asked(options, before)
    after = registry.with_needs(before - off | on)
    _refuse_needed(off, after)
    _refuse_rows(book, before - after)
    outcome = Outcome(_summary(before, after), notes=choosing.added(on - before) if on - before else [])
    outcome.changes.named[SWITCHES] = _cells(book, before, after)
    return outcome


def _asked(options: argparse.Namespace, before: frozenset[int]) -> tuple[frozenset[int], frozenset[int]]:
    """The chapters to switch on and off."""
    if options.set is not None:
        if options.on is not None or options.off is not None:
            raise Refused(Text("--set 不能与 --on、--off 同用", "--set goes with neither --on nor --off"))
        wanted = _there(options.set)
        if not wanted:
            raise Refused(Text("一章也没有选：", "no chapter chosen: ") + choosing.MEANING)
        return wanted, before - registry.with_needs(wanted)
    on, off = _there(options.on or ""), _there(options.off or "")
    if both := on & off:
        raise Refused(Text("既要启用又要停用：", "both to switch on and off: ") + choosing.listed(both))
    return on, off


def _there(said: str) -> frozenset[int]:
    """The chapters asked for."""
    return frozenset(choosing.numbers(said))


def _refuse_needed(off: frozenset[int], after: frozenset[int]) -> None:
    if still := off & after:
        users = [n for n in after - off if still & set(registry.numbered()[n].needs)]
        raise Refused(
            Text(
                f"不能停用 {choosing.listed(still).zh}：启用中的 {choosing.listed(users).zh} 要用到它",
                f"can't switch off {choosing.listed(still).en}: needed by {choosing.listed(users).en}, which is in use",
            )
        )


def _refuse_rows(book: Book, off: Iterable[int]) -> None:
    """Nothing of substance is hidden."""
    wanted = set(off)
    names = [name for name in schema.TABLES if schema.home_of(name).number in wanted]
    held = [(schema.table(name).title, len(rows)) for name in names if (rows := book.optional(name))]
    if held:
        zh = "、".join(f"{title.zh} {count} 行" for title, count in held[:_MOST]) + (
            f"等 {len(held)} 张表" if held[_MOST:] else ""
        )
        en = ", ".join(f"{title.en} {count}" for title, count in held[:_MOST]) + (
            f" … {len(held)} Tables" if held[_MOST:] else ""
        )
        raise Refused(
            Text(
                f"不能停用：表里还有数据（{zh}），没有写入。请先清空这些表，或保持启用",
                f"can't switch off: Tables hold rows ({en}), nothing written. Empty them first, or leave the chapter on",
            )
        )


def _cells(book: Book, before: frozenset[int], after: frozenset[int]) -> list[list[object]]:
    """The switch cells as they will be; what does not change keeps the word that stands there."""
    words = {True: ON, False: OFF}
    said = {n: words[n in after].en if book.lang == "en" else words[n in after].zh for n in before ^ after}
    return [[said.get(number, cell)] for number, cell in enumerate(book.named(SWITCHES), 1)]


def _summary(before: frozenset[int], after: frozenset[int]) -> Text:
    used = Text("在用：", "in use: ") + (choosing.listed(after) if after else Text("无", "none"))
    changes = [
        word + choosing.listed(numbers)
        for word, numbers in ((Text("启用 ", "switched on "), after - before), (Text("停用 ", "switched off "), before - after))
        if numbers
    ]
    if not changes:
        return Text("没有变化。", "Nothing changed; ") + used
    zh, en = joined(changes, between=SEMICOLON)
    return Text(f"{zh}。{used.zh}", f"{en[0].upper()}{en[1:]}; {used.en}")


ACTION = Action(
    label=Text("启用章节", "Chapters"),
    tip=Text(
        "选择计划用哪些章；停用的章隐藏、不检查、不计算",
        "Which chapters the plan uses; others are hidden, not checked, not computed",
    ),
    about=Text(
        "只改“参数”页“启用章节”的开关，工作表随之显示或隐藏；表里有数据的章不能停用。可撤销。",
        "Changes the switches “Chapters in use” on Settings; sheets are shown or hidden accordingly. A chapter whose Tables "
        "hold rows "
        "can't be switched off. Can be undone.",
    ),
    group="plan",
    order=50,
    icon="SheetInsert",
    keytip="B",
    run=run,
    arguments=arguments,
    asks={"set": Ask(Text("用哪些章？", "Which chapters? ") + choosing.MEANING)},
    examples=Text(
        "示例：\n  salesplan chapters 计划.xlsx                # 看哪些章在用\n  salesplan chapters 计划.xlsx --on 2 --off 4\n  salesplan "
        "chapters 计划.xlsx --set 标准",
        "examples:\n  salesplan chapters plan.xlsx               # shows which are in use\n  salesplan chapters plan.xlsx --on "
        "2 --off 4\n"
        "  salesplan chapters plan.xlsx --set standard",
    ),
)
