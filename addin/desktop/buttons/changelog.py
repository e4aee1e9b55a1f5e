"""Change log: go to the sheet where every action has left its lines."""

from __future__ import annotations

from typing import Any

from addin.action import View
from addin.desktop.buttons import go_to
from udfs.text import Text

_LACKING = Text(
    "本工作簿没有“变更记录”页：它不是用 SalesPlan 新建的计划",
    "This workbook has no Change log sheet: it is no plan made by SalesPlan",
)


def run(book: Any) -> Text:
    """Show the sheet; ``book`` is the xlwings workbook."""
    return go_to(book, ("变更记录", "Change log"), _LACKING)


BUTTON = View(
    label=Text("变更记录", "Change log"),
    tip=Text(
        "转到“变更记录”页：谁、何时、改了哪个单元格、原值和新值。",
        "Go to the Change log sheet: who changed which cell when, from what to what.",
    ),
    group="tools",
    order=20,
    icon="ReviewTrackChanges",
    keytip="V",
    run=run,
)
