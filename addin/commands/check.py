"""`salesplan check FILE`: run all checks on a workbook of ours and print the problems by sheet and cell."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from typing import TYPE_CHECKING

from addin.action import ATTENTION, DONE
from addin.command import Command
from addin.progress import steps
from udfs.text import Text, counted

if TYPE_CHECKING:
    from workbook_templates.answers import Problem

MOST = 50


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("file", metavar="FILE", help=str(Text("工作簿 .xlsx / .xlsm", "workbook, .xlsx or .xlsm")))
    parser.add_argument("--json", action="store_true", help=str(Text("输出 JSON", "print JSON")))


def run(options: argparse.Namespace) -> int:
    """Check and print."""
    from addin.book import FileBook
    from workbook_templates.answers import ERROR
    from workbook_templates.engine.restore import restore
    from workbook_templates.xlsx.package import Package

    with steps(2) as step:
        step(Text("读取", "Reading"))
        package = Package.open(options.file)
        restore(package)  # what another program did to the formulas is mended by recalc; the file itself is not changed here
        step(Text("核对", "Checking"))
        found = FileBook(package).findings()
    failed = any(p.level == ERROR for p in found)
    if options.json:
        print(json.dumps({"file": options.file, "ok": not failed, "problems": [_as_json(p) for p in found]}, ensure_ascii=False))
    else:
        report(options.file, found)
    return ATTENTION if failed else DONE


COMMAND = Command(
    help=Text("检查一个工作簿，逐格列出问题", "check a workbook and list its problems by cell"),
    about=Text(
        "检查各表的类型、重复、引用、公式错误和“检查”页。不改动文件。退出码：0 无误，1 有问题，2 无法检查。",
        "Check the Tables (types, duplicates, references), the formulas' errors and the Checks sheet. The file is not changed.\n"
        "Exit code: 0 all well, 1 problems found, 2 could not be checked.",
    ),
    arguments=arguments,
    run=run,
)


def report(file: str, found: list[Problem]) -> None:
    """Print the problems for people."""
    for problem in found[:MOST]:
        mark = "!" if problem.level == "error" else "·"
        where = f"{problem.sheet}!{problem.cell}" if problem.cell else problem.sheet or file
        print(f"{mark} {where}  {problem.text}")
    if len(found) > MOST:
        print(Text(f"… 另有 {len(found) - MOST} 处，用 --json 查看全部", f"… {len(found) - MOST} more; see them all with --json"))
    levels = Counter(p.level for p in found)
    print(
        Text(
            f"{file}：{levels['error']} 个错误，{levels['warning']} 个提醒",
            f"{file}: {counted(levels['error'], 'error')}, {counted(levels['warning'], 'warning')}",
        )
    )


def _as_json(problem: Problem) -> dict[str, str]:
    where = {"sheet": problem.sheet, "cell": problem.cell}
    return {**where, "level": problem.level, "code": problem.code, "text": str(problem.text)}
