"""Change log: go to the sheet where every action has left its lines."""

from __future__ import annotations

from typing import Any

from addin.desktop.buttons import go_to
from udfs.text import Text

LABEL = Text("变更记录", "Change log")
TIP = Text(
    "转到“变更记录”页：谁、何时、改了哪个单元格、原值和新值。",
    "Go to the Change log sheet: who changed which cell when, from what to what.",
)
GROUP, ICON, KEYTIP, ORDER = "tools", "ReviewTrackChanges", "E", 20
_LACKING = Text(
    "本工作簿没有“变更记录”页：它不是用 SalesPlan 新建的计划",
    "This workbook has no Change log sheet: it is no plan made by SalesPlan",
)


def run(book: Any) -> Text:
    """Show the sheet; ``book`` is the xlwings workbook."""
    return go_to(book, ("变更记录", "Change log"), _LACKING)
