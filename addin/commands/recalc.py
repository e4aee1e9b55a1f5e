"""`salesplan recalc FILE`: compute a workbook of ours without Excel; only cells whose value changed are touched."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from addin.action import ATTENTION, DONE
from addin.command import Command
from addin.progress import steps
from udfs.text import Text, counted, joined

if TYPE_CHECKING:
    from workbook_templates.recalc import Left, Recalculation
    from workbook_templates.xlsx.package import Saved


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("file", metavar="FILE", help=str(Text("工作簿 .xlsx / .xlsm", "workbook, .xlsx or .xlsm")))
    parser.add_argument("--json", action="store_true", help=str(Text("输出 JSON", "print JSON")))
    parser.add_argument("--no-backup", action="store_true", help=str(Text("不留备份", "keep no backup")))


def run(options: argparse.Namespace) -> int:
    """Recalculate and save."""
    from workbook_templates.chapters.incentives.pay import in_file
    from workbook_templates.checking.findings import require_ours
    from workbook_templates.recalc import error_cells, left, recalculate
    from workbook_templates.saving import changing, check_writable
    from workbook_templates.xlsx.package import Package

    check_writable(options.file)
    with changing(options.file), steps(3) as step:
        step(Text("读取", "Reading"))
        package = Package.open(options.file)
        require_ours(package)
        step(Text("计算公式", "Computing the formulas"))
        done = recalculate(package, whole=True)
        step(Text("写入", "Writing"))
        saved = package.save(backup=not options.no_backup)
    errors, not_computed = error_cells(package, done.results), left(done.results)
    code = ATTENTION if not_computed else DONE
    if options.json:
        print(_as_json(options.file, done, saved, errors, not_computed))
        return code
    print(Text(f"{options.file}：", f"{options.file}: ") + (_changed(done) if saved else _NOTHING))
    if saved.backup:
        print(Text(f"备份：{saved.backup}", f"backup: {saved.backup}"))
    if done.restored:
        print(
            Text(
                f"别的程序保存时改写了公式：已恢复 {done.restored} 处 Excel 写法",
                f"another program had rewritten formulas on saving: {done.restored} given Excel's spelling back",
            )
        )
    if done.dropped:
        print(
            Text(
                f"{len(done.dropped)} 个单元格要由 Excel 打开时计算：",
                f"{counted(len(done.dropped), 'cell')} left to Excel's own calculation: ",
            )
            + joined((f"{c.sheet}!{c.cell} ({c.function})" for c in done.dropped), most=5, unit="格")
        )
    for part in not_computed:
        print(f"! {part.said()}")
    for sheet, cell, error, reason in errors[:10]:
        print(f"! {sheet}!{cell} {error} {reason}")
    for problem in in_file.repriced(package):
        print(f"! {problem.text}")
    return code


COMMAND = Command(
    help=Text("重新计算一个工作簿（不需要 Excel）", "recalculate a workbook without Excel"),
    about=Text(
        "重新计算工作簿里的全部公式，只改动结果变了的单元格；其余内容（图表、批注、宏、其他工作表）原样保留，先留备份。\n"
        "退出码：0 全部算出，1 有公式没有算（循环引用等），2 无法计算。",
        "Compute every formula of a workbook and change only the cells whose result changed; charts, comments, macros and\n"
        "other sheets stay as they are. A backup is kept beside it.\n"
        "Exit code: 0 all computed, 1 some formulas were not (circular references …), 2 could not be computed.",
    ),
    arguments=arguments,
    run=run,
)


_NOTHING = Text("没有变化，未写入", "nothing changed, nothing written")


def _changed(done: Recalculation) -> Text:
    """What a saved recalculation changed, and nothing that it did not."""
    shown, hidden = ([name for name, visible in done.tabs.items() if visible == which] for which in (True, False))
    cells, charts = done.changed, done.charts
    said = [
        (cells, Text(f"{cells} 个单元格有变化", f"{cells} cell{'s'[: cells != 1]} changed")),
        (charts, Text(f"{charts} 个图表数据有变化", f"{charts} chart series changed")),
        (
            len(hidden),
            Text(
                f"隐藏了停用章节的 {len(hidden)} 张表", f"{len(hidden)} sheet{'s'[: len(hidden) != 1]} of unused chapters hidden"
            )
            + _named(hidden),
        ),
        (len(shown), Text(f"显示了 {len(shown)} 张表", f"{len(shown)} sheet{'s'[: len(shown) != 1]} shown") + _named(shown)),
    ]
    parts = [text for count, text in said if count] or [Text("已写入", "written")]
    return Text("，".join(part.zh for part in parts), ", ".join(part.en for part in parts))


def _named(sheets: list[str]) -> Text:
    """A few sheets by name."""
    few, more = sheets[:5], len(sheets) > 5
    return Text(f"：{'、'.join(few)}{' 等' if more else ''}", f" ({', '.join(few)}{' …' if more else ''})")


def _as_json(
    file: str, done: Recalculation, saved: Saved, errors: list[tuple[str, str, str, Text]], not_computed: list[Left]
) -> str:
    return json.dumps(
        {
            "file": file,
            "written": bool(saved),
            "changed": done.changed,
            "charts": done.charts,
            "restored": done.restored,
            "sheets_shown": [name for name, visible in done.tabs.items() if visible],
            "sheets_hidden": [name for name, visible in done.tabs.items() if not visible],
            "not_computed": [
                {"reason": str(part.reason), "circular": part.circular, "count": len(part.cells), "cells": part.cells}
                for part in not_computed
            ],
            "left_to_excel": [f"{c.sheet}!{c.cell}" for c in done.dropped],
            "errors": [{"sheet": s, "cell": c, "error": e, "reason": str(r)} for s, c, e, r in errors],
        },
        ensure_ascii=False,
    )
