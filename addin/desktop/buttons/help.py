"""Help: the guide and the function reference in the browser."""

from __future__ import annotations

from importlib import metadata
from typing import Any

from addin import guides
from addin.action import View
from udfs.text import Text


def run(book: Any = None) -> Text:
    """Open the guide that came with the package; without it, say where help is to be had."""
    guide = guides.guide()
    if guide is not None and guides.opened(guide):
        return Text("已打开入门指南", "The guide is open")
    version = metadata.version("salesplan")
    return Text(
        f"SalesPlan {version}：在单元格输入 =SALES_ 可选择函数，按 Shift+F3 查看参数说明；"
        "结果是错误值时，用 =SALES_WHY(单元格) 查看原因。命令行：salesplan --help",
        f"SalesPlan {version}: type =SALES_ in a cell to choose a function, Shift+F3 explains its arguments; "
        "where a result is an error, =SALES_WHY(cell) says why. On the command line: salesplan --help",
    )


BUTTON = View(
    label=Text("帮助", "Help"),
    tip=Text("打开入门指南和函数参考。", "Open the getting-started guide and the function reference."),
    group="tools",
    order=80,
    icon="Help",
    keytip="H",
    run=run,
    needs_book=False,
)
