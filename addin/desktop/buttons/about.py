"""About: version, interpreter, log, licences, in one box that can be copied into a mail to support."""

from __future__ import annotations

import platform
import sys
from importlib import metadata
from typing import Any

from addin.action import View
from udfs.text import Text
from workbook_templates.folders import log_file


def run(book: Any = None) -> Text:
    """What support asks for first."""
    versions = f"SalesPlan {metadata.version('salesplan')} · xlwings {metadata.version('xlwings')}"
    where = f"Python {platform.python_version()} · {sys.executable}"
    return Text(
        f"{versions}\n{where}\n日志：{log_file()}\nMIT 许可；第三方声明见加载项的 About 工作表和 docs/third-party.md",
        f"{versions}\n{where}\nLog: {log_file()}\nMIT licence; third-party notices: sheet About of the add-in, "
        "docs/third-party.md",
    )


BUTTON = View(
    label=Text("关于", "About"),
    tip=Text("显示版本、解释器、日志位置和许可信息。", "Show the version, the interpreter, where the log is, and the licences."),
    group="tools",
    order=90,
    icon="Info",
    keytip="A",
    run=run,
    needs_book=False,
)
