"""`salesplan call NAME --args '[…]'`: one function, as a cell would evaluate it."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
from typing import Any

from addin.action import DONE
from addin.command import Command, Stop
from udfs.formula import Spill, call
from udfs.text import Text
from udfs.values import ExcelError


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("name", metavar="NAME", help=str(Text("函数名，可带前缀 SALES.", "function, with or without SALES.")))
    parser.add_argument("--args", default="[]", help=str(Text("参数的 JSON 数组", "JSON array, one entry an argument")))
    parser.add_argument("--json", action="store_true", help=str(Text("输出 JSON", "print JSON")))


def run(options: argparse.Namespace) -> int:
    """Evaluate and print."""
    result = call(options.name, *_cells(options.args))
    print(json.dumps(as_json(result), ensure_ascii=False) if options.json else as_table(result))
    return DONE


COMMAND = Command(
    help=Text("计算一个函数", "evaluate one function"),
    about=Text(
        "像单元格一样计算一个函数。每个参数是 JSON：数字、文本、null（空单元格）、二维列表（区域）、“#N/A”（错误值）、日期用 ISO。",
        "Evaluate one function as a cell does. Each argument is JSON: a number, text, null (blank cell), a list of rows (a "
        "range),\n"
        '"#N/A" (an error cell), ISO dates. A missing last argument is omitted.',
    ),
    arguments=arguments,
    run=run,
    examples=Text(
        "示例：\n  salesplan call COMMISSION --args '[[[1000000],[500000]], 0.3]'\n  salesplan call QUOTASPLIT --args "
        "'[420000000]' --json",
        "examples:\n  salesplan call COMMISSION --args '[[[1000000],[500000]], 0.3]'\n  salesplan call QUOTASPLIT --args "
        "'[420000000]' --json",
    ),
)


def _cells(text: str) -> list[Any]:
    try:
        cells = json.loads(text)
    except json.JSONDecodeError as error:
        raise Stop(
            Text(
                f"--args 不是合法的 JSON（第 {error.colno} 个字符：{error.msg}）",
                f"--args is no JSON (character {error.colno}: {error.msg})",
            )
        ) from None
    if not isinstance(cells, list):
        raise Stop(Text("--args 应为 JSON 数组，每个参数一项", "--args must be a JSON array, one entry an argument"))
    for number, cell in enumerate(cells, 1):
        if not _is_range(cell):
            raise Stop(
                Text(
                    f"--args 第 {number} 项应为单元格（数字、文本、true/false、null）或由它们组成的二维列表",
                    f"--args entry {number} must be a cell (number, text, true/false, null) or a list of rows of them",
                )
            )
    return cells


def _is_range(cell: Any, depth: int = 0) -> bool:
    if isinstance(cell, list):
        return depth < 2 and all(_is_range(c, depth + 1) for c in cell)
    return not isinstance(cell, dict)


def as_json(result: Spill) -> dict[str, Any]:
    """``{"value", "errors", "notes"}``; rows and columns count from 1."""
    errors = [{"row": r, "column": c, "error": str(e), "reason": str(e.reason)} for r, c, e in result.errors]
    return {"value": [[_plain(c) for c in row] for row in result], "errors": errors, "notes": [str(n) for n in result.notes]}


def _plain(cell: Any) -> Any:
    if isinstance(cell, ExcelError):
        return str(cell)
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and math.fabs(cell) < 2**53:
        return int(cell)
    return cell


def as_table(result: Spill) -> str:
    """A table for people, reasons and notes below it."""
    cells = [[_shown(c) for c in row] for row in result]
    widths = [max(_width(row[i]) for row in cells) for i in range(len(cells[0]))]
    lines = ["  ".join(" " * (w - _width(c)) + c for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]
    lines += [f"! {r},{c} {e!s} {e.reason}" for r, c, e in result.errors[:20]]
    if len(result.errors) > 20:
        lines.append(str(Text(f"! 另有 {len(result.errors) - 20} 处错误", f"! {len(result.errors) - 20} more errors")))
    lines += [f"· {n}" for n in result.notes]
    return "\n".join(lines)


def _shown(cell: Any) -> str:
    plain = _plain(cell)
    if plain is None:
        return ""
    if isinstance(plain, bool):
        return "TRUE" if plain else "FALSE"
    if isinstance(plain, int):
        return f"{plain:,}"
    return (
        f"{plain:,.10g}"
        if isinstance(plain, float) and abs(plain) < 1
        else f"{plain:,.2f}"
        if isinstance(plain, float)
        else str(plain)
    )


def _width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
