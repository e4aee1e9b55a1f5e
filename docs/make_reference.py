"""Write the function reference, docs/functions.zh.md and docs/functions.en.md, from the catalogue: ``python
docs/make_reference.py``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import udfs
from udfs import policy
from udfs.formula import CHAPTERS, Argument, Formula
from udfs.text import Text, speaking

HERE = Path(__file__).parent

HEAD = Text(
    "# 函数参考\n\n由函数目录生成，请勿手改。桌面版写作 `SALES_名称`，网页版（服务器）写作 `SALES.名称`。"
    "`[方括号]` 里的参数可省略，默认值来自计划的参数表。金额单位为元（不含税），比率用小数（20% = 0.2）。\n",
    "# Function reference\n\nGenerated from the catalogue; do not edit. On the desktop a function is spelled `SALES_NAME`, "
    "on the server `SALES.NAME`. "
    "Arguments in `[brackets]` may be left out; their defaults are the plan's. Money is in yuan net of VAT, rates are "
    "fractions (20% = 0.2).\n",
)
GIVES = {
    "each": Text("逐格：与输入同形", "element-wise: the shape of its inputs"),
    "parts": Text("每个输入一行", "a row for each input"),
    "table": Text("表格（溢出，无表头）", "table (spills, no header)"),
    "one": Text("一个值", "one value"),
    "like": Text("与参数 {a} 同形", "the shape of {a}"),
}
SHAPES = {
    "each": Text("逐格", "each cell"),
    "list": Text("区域", "range"),
    "one": Text("单个", "one"),
    "grid": Text("区域", "range"),
    "beside": Text("每格一行/列", "a row or column each"),
    "block": Text("区域", "range"),
}


def spelled(cell: Any) -> str:
    """A cell or range as a formula writes it."""
    if isinstance(cell, list | tuple):
        return "{" + ";".join(",".join(spelled(c) for c in row) for row in _rows(cell)) + "}"
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    return f'"{cell}"' if isinstance(cell, str) else f"{cell:.15g}" if isinstance(cell, float) else str(cell)


def signature(function: Formula) -> str:
    """``NAME(a, [b])`` as the wizard shows it."""
    names = [f"[{a.name}]" if a.optional else a.name for a in function.arguments]
    return f"{function.name}({', '.join([*names, *([function.repeating.name + '…'] if function.repeating else [])])})"


def default(argument: Argument) -> str:
    """An optional argument's default; the plan's own is shown with its value."""
    if not argument.optional:
        return ""
    value = argument.default() if callable(argument.default) else argument.default
    if value is None:
        return str(Text("无", "none"))
    return f"`{spelled(value)}`"


def page(function: Formula) -> str:
    """One function's entry in the language in force."""
    gives = GIVES[function.gives.how].format(a=f"`{function.gives.argument}`")
    lines = [
        f"### {function.name}\n",
        f"`{signature(function)}`\n",
        f"{function.help}{'。' if udfs.language() == 'zh' else '.'}\n",
    ]
    head = Text("| 参数 | 形状 | 类型 | 说明 | 默认 |", "| argument | shape | kind | what | default |")
    lines += [f"{head}\n|---|---|---|---|---|"]
    for argument in [*function.arguments, *([function.repeating] if function.repeating else [])]:
        kind = "" if argument.shape == "grid" else argument.kind.name
        lines.append(f"| `{argument.name}` | {SHAPES[argument.shape]} | {kind} | {argument.help} | {default(argument)} |")
    columns = str(Text("，", ", ")).join(str(c) for c in function.columns)
    what = columns or str(function.result)
    lines.append(f"\n{Text('返回', 'Returns')}: {gives}{': ' + what if what else ''}\n")
    lines += [f"```text\n{doc}```\n" for doc in _details(function)]
    lines += [example(function.name, arguments, result) for arguments, result in function.examples]
    return "\n".join(lines)


def example(name: str, arguments: Sequence[Any], result: str) -> str:
    """An example as it can be typed: a list in braces has no blank cells, so what has some stands in cells of its own."""
    written, cells, row = [], [], 1
    for argument in arguments:
        rows = _rows(argument)
        if any(cell is None for line in rows for cell in line):
            place = f"A{row}:{chr(ord('A') + len(rows[0]) - 1)}{row + len(rows) - 1}"
            cells.append(f"{place} = `{spelled(argument)}`")
            written.append(place)
            row += len(rows)
        else:
            written.append(spelled(argument))
    given = f" ({', '.join(cells)})" if cells else ""
    return f"{Text('例', 'Example')}: `=SALES_{name}({', '.join(written)})`{given} → `{result}`\n"


def _rows(cell: Any) -> list[list[Any]]:
    """A range as rows; a single cell is none, since it may be left out."""
    if not isinstance(cell, list | tuple):
        return []
    return [list(row) for row in cell] if cell and isinstance(cell[0], list | tuple) else [list(cell)]


def _details(function: Formula) -> list[str]:
    """The rules in full, as the docstring states them (in English)."""
    return [
        function.doc[""]
        + "\n\n"
        + "\n".join(f"{s}: {function.doc[s].strip()}" for s in ("Returns", "Errors", "Source") if s in function.doc)
        + "\n"
    ]


def reference() -> str:
    """The whole page in the language in force."""
    functions = udfs.catalogue().values()
    parts = [str(HEAD)]
    for chapter, title in CHAPTERS.items():
        of_chapter = [f for f in functions if f.chapter == chapter]
        if of_chapter:
            number = str(Text(f"第{chapter}章 ", f"{chapter} ")) if chapter else ""
            parts += [f"## {number}{title}\n", *(page(f) for f in of_chapter)]
    return "\n".join(parts)


def main() -> None:
    """Write both pages."""
    policy.set_today(dt.date(2027, 6, 30))
    for language in ("zh", "en"):
        with speaking(language):
            (HERE / f"functions.{language}.md").write_text(reference(), encoding="utf-8")


if __name__ == "__main__":
    main()
