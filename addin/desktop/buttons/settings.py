"""Settings: go to the plan's Settings sheet."""

from __future__ import annotations

from typing import Any

from addin.action import View
from addin.desktop.buttons import go_to
from udfs.text import Text

_LACKING = Text(
    "本工作簿没有“参数”页：它不是用 SalesPlan 新建的计划。请先用“新建计划”",
    "This workbook has no Settings sheet: it is no plan made by SalesPlan. Make one with New plan first",
)


def run(book: Any) -> Text:
    """Show the sheet; ``book`` is the xlwings workbook."""
    return go_to(book, ("参数", "Settings"), _LACKING)


BUTTON = View(
    label=Text("参数", "Settings"),
    tip=Text(
        "转到本工作簿的“参数”页：提成档位、费率、比例等都在那里修改。",
        "Go to this workbook's Settings sheet: commission bands, rates and shares are changed there.",
    ),
    group="tools",
    order=50,
    icon="PropertySheet",
    keytip="S",
    run=run,
)
