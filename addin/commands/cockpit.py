"""`salesplan cockpit FILE`: what the cockpit of a plan says, for people and programs; read from its register, nothing is computed."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from addin import outputs
from addin.action import DONE
from addin.book import FileBook
from addin.command import Command
from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.installing import how_to_install
from workbook_templates.tables.own_words import wording

if TYPE_CHECKING:
    from workbook_templates.page.register import JudgedFigure


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("file", metavar="FILE", help=str(Text("计划工作簿 .xlsx / .xlsm", "a plan, .xlsx or .xlsm")))
    parser.add_argument("--json", action="store_true", help=str(Text("输出 JSON", "print JSON")))
    parser.add_argument(
        "--html", metavar="FILE", type=Path, help=str(Text("写成一个网页文件 .html", "write it as one page, .html"))
    )
    whose = Text("只给这位总监：人员、客户、订单限其条线", "for this director: people, customers and orders of the line only")
    parser.add_argument("--for", metavar="ID", dest="person", default="", help=str(whose))
    parser.add_argument("--force", action="store_true", help=str(Text("覆盖已有的网页", "replace a page that exists")))


def run(options: argparse.Namespace) -> int:
    """Read, and print or write."""
    if options.person and options.html is None:
        raise Refused(Text("--for 与 --html 一起用", "--for goes with --html"))
    book = FileBook.open(options.file)
    book.require_ours()
    with wording(book.words):
        said = cockpit(book)
        if options.html is not None:
            said["page"] = _written(book, options)
    if options.json:
        print(json.dumps({"file": options.file, **said}, ensure_ascii=False))
    else:
        _print(said, book.lang)
    return DONE


COMMAND = Command(
    help=Text("读出驾驶舱：进度、灯、最先处理的五项", "say what the cockpit says: progress, lights, the five first problems"),
    about=Text(
        "读出一个计划的驾驶舱和“问题”页：每个被评判的数、灯、差距、涉及金额、负责人。只读已算好的值，不改动文件。",
        "Say what the cockpit and the Problems sheet of a plan say: each judged figure, its light, gap, amount and owner. Stored\n"
        "values are read; the file is not changed.",
    ),
    examples=Text(
        "示例：\n  salesplan cockpit 计划.xlsx\n  salesplan cockpit 计划.xlsx --html 驾驶舱.html\n  salesplan cockpit 计划.xlsx --html 周总.html --for P001",
        "examples:\n  salesplan cockpit plan.xlsx\n  salesplan cockpit plan.xlsx --html cockpit.html\n  salesplan cockpit plan.xlsx --html zhou.html --for P001",
    ),
    arguments=arguments,
    run=run,
)


def cockpit(book: FileBook) -> dict[str, Any]:
    """The cockpit of a plan as plain values."""
    from workbook_templates.chapters.cockpit.sheets.cockpit import TILE_WATCHES
    from workbook_templates.page import register, watches

    if book.locate(watches.LIST) is None:
        raise Refused(
            Text(
                "这个计划没有“问题”页：旧版计划请先“升级计划”",
                "this plan has no Problems sheet: for a plan of an older version run salesplan upgrade",
            )
        )
    rows = register.read(book.named(watches.LIST))
    by_key = {row.key: row for row in rows}
    days = [row.newest for row in rows if row.newest is not None]
    return {
        "company": book.first("company_name"),
        "as_of": book.as_of and book.as_of.isoformat(),
        "data_until": max(days).isoformat() if days else None,
        "check": book.first("master_check"),
        "message": book.first("cockpit_message"),
        "red": register.counted(rows, "red"),
        "amber": register.counted(rows, "amber"),
        "tiles": [{"key": key, "name": str(name), **_tile(by_key.get(key), book.lang)} for name, key, _ in TILE_WATCHES],
        "problems": [register.shown(row) for row in register.first(rows)],
        "watches": [register.shown(row) for row in rows],
    }


def _tile(row: JudgedFigure | None, lang: str) -> dict[str, Any]:
    from workbook_templates.page import register
    from workbook_templates.webpage import saying

    return {"light": None, "actual": None} if row is None else {**register.shown(row), "shown": saying.actual(row, lang)}


_WORDS = {"green": Text("绿", "green"), "amber": Text("橙", "amber"), "red": Text("红", "red"), "off": Text("停用", "off")}


def _written(book: FileBook, options: argparse.Namespace) -> dict[str, Any]:
    """The page in its file, whole or not at all."""
    from addin.publishing import written

    outputs.check(options.html, ".html", keep=[Path(options.file)], force=options.force)
    page = written(book, options.html, options.person)
    return {
        "file": str(options.html),
        "bytes": len(page.content),
        "cards": page.cards,
        "dropped": page.dropped,
        "drawn": page.drawn,
    }


def _print(said: dict[str, Any], lang: str) -> None:
    """The screen as lines of text."""
    from workbook_templates.webpage import saying

    print(Text(f"{said['company']} · 截至 {said['as_of']}", f"{said['company']} · as of {said['as_of']}"))
    print(said["message"])
    for tile in said["tiles"]:
        old = tile["light"] is None and tile["actual"] is not None and tile.get("newest")
        light = Text(f"数据到 {old[5:10]}", f"until {old[5:10]}") if old else _WORDS.get(tile["light"] or "", Text("–", "–"))
        share = f" · {tile['ratio']:.1%}" if tile.get("ratio") is not None else ""
        against = f"{Text('目标', 'goal')} {tile['goal']}{share} · {tile['gap']}" if tile.get("gap") else ""
        span = f" · {tile['span']}" if against and tile.get("span") else ""
        print(f"  {light}  {tile['name']}  {tile.get('shown', '–')}  {against}{span}".rstrip())
    for number, row in enumerate(said["problems"], 1):
        what = f"{row['title']} · {row['item']}" if row["item"] else row["title"]
        told = [f"{Text('差距', 'gap')} {row['gap']}"]
        if row["amount"]:
            told.append(f"{Text('涉及', 'exposed')} {saying.money(row['amount'], lang)}")
        told += [row["owner"] or "–", *([f"{Text('期限', 'due')} {row['due']}"] if row["due"] else [])]
        print(f"{number}. {_WORDS[row['light']]}  {what}  {' · '.join(told)}")
    if (page := said.get("page")) is not None:
        size = f"{page['bytes'] / 1000:,.0f} KB"
        print(
            Text(
                f"已写入 {page['file']}（{size}，卡片 {page['cards']} 张）",
                f"written: {page['file']} ({size}, {page['cards']} cards)",
            )
        )
        if page["dropped"]:
            print(Text(f"较早的 {page['dropped']} 张订单没有卡片", f"the {page['dropped']} oldest orders have no card"))
        if not page["drawn"]:
            print(
                Text(
                    f"没有画图的库，图以数字表代替：{how_to_install('cockpit', 'vl-convert-python')}",
                    f"no library to draw with, charts are tables: {how_to_install('cockpit', 'vl-convert-python')}",
                )
            )
