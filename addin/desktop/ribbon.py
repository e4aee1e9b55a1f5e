"""What happens when a ribbon button is clicked: VBA hands over the button's id, the menus' language and the active workbook."""

from __future__ import annotations

from typing import Any

from addin.action import Action, Button
from addin.logs import log_exception
from addin.ribbon import find_button
from udfs.formula import UsageError
from udfs.text import LANGUAGES, Text, set_language

OPEN_FIRST = Text(
    "请先打开一个计划工作簿（或按 Ctrl+N 新建一个空工作簿），再点此按钮。",
    "Open a planning workbook first (or press Ctrl+N for an empty one), then click this button.",
)


def clicked(id: str, language: str = "zh", workbook: Any = None) -> str:
    """Run a button's action and show what it says; returns that. Nothing is ever raised into Excel."""
    set_language(language if language in LANGUAGES else "zh")
    try:
        button = find_button(id)
        book = _book(workbook)
        if book is None and button.needs_book:
            return show(str(OPEN_FIRST), button, book)
        return show(str(_run(button, book) or ""), button, book)
    except Exception as fault:
        return show(str(_explained(id, fault)), None, None)


def _run(button: Button, book: Any) -> Any:
    """An action works on the face of ``addin.live``; a desktop button on the workbook itself."""
    if isinstance(button, Action):
        from addin import live

        return live.press(button, book)
    return button.run(book)


def _book(workbook: Any) -> Any:
    """The active workbook as xlwings has it; None where there is none."""
    import xlwings

    if workbook is not None:
        return xlwings.Book(impl=xlwings._xlwindows.Book(xl=workbook))  # type: ignore[attr-defined]
    try:
        return xlwings.Book.caller()  # the Mac's way: the workbook's name is on the command line
    except Exception:
        return None


def _explained(id: str, fault: Exception) -> Text:
    """What a person can do about it: our own refusals say it themselves, all else is in the log."""
    said = getattr(fault, "text", None)
    if isinstance(fault, UsageError) or isinstance(said, Text):
        return said if isinstance(said, Text) else Text(str(fault), str(fault))
    path = log_exception(f"ribbon: {id}")
    where = Text(f"详见日志：{path}", f"See the log: {path}") if path else Text("", "")
    return Text(
        f"没有完成，工作簿保持原样或可撤销。SalesPlan 内部错误：{type(fault).__name__}: {fault}\n{where.zh}",
        f"Not done. A fault inside SalesPlan: {type(fault).__name__}: {fault}\n{where.en}",
    )


def show(message: str, button: Button | None, book: Any) -> str:
    """Show a message in Excel; an empty one is none. The title is the button's."""
    if message:
        import xlwings

        app = book.app if book is not None else xlwings.apps.active
        if app is not None:
            app.alert(message, title=str(button.label) if button else "SalesPlan")
    return message
