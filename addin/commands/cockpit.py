"""`salesplan cockpit FILE`: what the cockpit of a plan says, for people and programs; read from its register, nothing is computed."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from addin.action import DONE
from addin.command import Command
from udfs.text import Text

if TYPE_CHECKING:
    from workbook_templates.xlsx.package import Package


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("file", metavar="FILE", help=str(Text("计划工作簿 .xlsx / .xlsm", "a plan, .xlsx or .xlsm")))
    parser.add_argument("--json", action="store_true", help=str(Text("输出 JSON", "print JSON")))


def run(options: argparse.Namespace) -> int:
    """Read and print."""
    from workbook_templates.checking.findings import require_ours
    from workbook_templates.xlsx.package import Package

    package = Package.open(options.file)
    require_ours(package)
    said = cockpit(package)
    if options.json:
        print(json.dumps({"file": options.file, **said}, ensure_ascii=False))
    else:
        _print(said)
    return DONE


COMMAND = Command(
    help=Text("读出驾驶舱：进度、灯、最先处理的五项", "say what the cockpit says: progress, lights, the five first problems"),
    about=Text(
        "读出一个计划的驾驶舱和“问题”页：每个被评判的数、灯、差距、涉及金额、负责人。只读已算好的值，不改动文件。",
        "Say what the cockpit and the Problems sheet of a plan say: each judged figure, its light, gap, amount and owner. Stored\n"
        "values are read; the file is not changed.",
    ),
    arguments=arguments,
    run=run,
)


def cockpit(package: Package) -> dict[str, Any]:
    """The cockpit of a plan as plain values."""
    from workbook_templates.chapters.cockpit.sheets.cockpit import TILE_WATCHES
    from workbook_templates.page import register, watches

    rows = register.read(_cells(package, watches.LIST))
    by_key = {row.key: row for row in rows}
    days = [row.newest for row in rows if row.newest is not None]
    return {
        "company": _first(package, "company_name"),
        "as_of": _day(_first(package, "as_of")),
        "data_until": max(days).isoformat() if days else None,
        "check": _first(package, "master_check"),
        "message": _first(package, "cockpit_message"),
        "red": register.counted(rows, "red"),
        "amber": register.counted(rows, "amber"),
        "tiles": [
            {"key": key, "name": str(name), **(register.shown(by_key[key]) if key in by_key else {"light": None, "actual": None})}
            for name, key, _ in TILE_WATCHES
        ],
        "problems": [register.shown(row) for row in register.first(rows)],
        "watches": [register.shown(row) for row in rows],
    }


def _cells(package: Package, name: str) -> list[Any]:
    from workbook_templates.answers import Refused

    place = package.locate(name) if name in package.names else None
    if place is None:
        raise Refused(
            Text(
                "这个计划没有“问题”页：旧版计划请先“升级计划”",
                "this plan has no Problems sheet: for a plan of an older version run salesplan upgrade",
            )
        )
    sheet, ref = place
    cells = package.sheets[sheet].cells()
    return [None if (cell := cells.get(at)) is None else cell.value for at in ref.cells()]


def _first(package: Package, name: str) -> Any:
    return next(iter(_cells(package, name)), None)


def _day(cell: Any) -> str | None:
    from udfs.values import serial_to_date

    found = serial_to_date(cell) if isinstance(cell, int | float) else None
    return None if found is None else found.isoformat()


_WORDS = {"green": Text("绿", "green"), "amber": Text("橙", "amber"), "red": Text("红", "red"), "off": Text("停用", "off")}


def _print(said: dict[str, Any]) -> None:
    """The screen as lines of text."""
    print(Text(f"{said['company']} · 截至 {said['as_of']}", f"{said['company']} · as of {said['as_of']}"))
    print(said["message"])
    for tile in said["tiles"]:
        light = _WORDS.get(tile["light"] or "", Text("–", "–"))
        share = f"{tile['ratio']:.1%}" if tile.get("ratio") is not None else ""
        against = f"{Text('目标', 'goal')} {tile['goal']} · {tile['gap']}" if tile.get("gap") else ""
        print(f"  {light}  {tile['name']}  {share}  {against}".rstrip())
    for number, row in enumerate(said["problems"], 1):
        what = f"{row['title']} · {row['item']}" if row["item"] else row["title"]
        print(f"{number}. {_WORDS[row['light']]}  {what}  {row['gap']}  {row['amount']:,.0f}  {row['owner']}".rstrip())
