"""argparse in the person's language: its own words stand in English in the standard library and are put into Chinese here."""

from __future__ import annotations

import argparse
import re
from typing import Any, NoReturn

from udfs.text import Text, language

# Lines of a help page that are argparse's own.
_HEADINGS = {
    "positional arguments:": "参数：",
    "options:": "选项：",
    "usage: ": "用法： ",
}
# What argparse says of a command line it can't take; {0}, {1} are the parts in brackets. Its wording differs between
# versions of Python.
_FAULTS = (
    (r"the following arguments are required: (.+)", "缺少参数：{0}"),
    (r"unrecognized arguments: (.+)", "不认识的参数：{0}"),
    (r"argument (.+?): expected one argument", "{0} 后面要给出一个值"),
    (r"argument (.+?): expected at least one argument", "{0} 后面至少要给出一个值"),
    (r"argument (.+?): expected (\d+) arguments", "{0} 后面要给出 {1} 个值"),
    (r"argument (.+?): ignored explicit argument (.+)", "{0} 不带值，却给了 {1}"),
    (r"argument (.+?): not allowed with argument (.+)", "{0} 与 {1} 不能同时用"),
    (r"argument (.+?): invalid choice: (.+?) \(choose from (.+)\)", "{0} 没有 {1} 这一项，可用：{2}"),
    (r"argument (.+?): invalid int value: (.+)", "{0} 应为整数，给的是 {1}"),
    (r"argument (.+?): invalid float value: (.+)", "{0} 应为数字，给的是 {1}"),
    (r"argument (.+?): invalid (.+?) value: (.+)", "{0} 的值不对：{2}"),
    (r"ambiguous option: (.+?) could match (.+)", "{0} 不唯一，可能是 {1}"),
    (r"one of the arguments (.+) is required", "至少给出其中一个：{0}"),
)


class Parser(argparse.ArgumentParser):
    """An argument parser that speaks the language in force."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "add_help": False})
        self.add_argument("-h", "--help", action="help", help=str(Text("显示帮助", "show this help message and exit")))

    def format_usage(self) -> str:
        """The usage line."""
        return _in_words(super().format_usage())

    def format_help(self) -> str:
        """The help page."""
        return _in_words(super().format_help())

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line, in one line behind the usage."""
        super().error(_fault(message))

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Leave, with argparse's own "error:" in words."""
        if message and language() == "zh":
            message = message.replace(": error: ", "：", 1)
        super().exit(status, message)


def _in_words(page: str) -> str:
    if language() != "zh":
        return page
    for english, chinese in _HEADINGS.items():
        page = re.sub(rf"^{english}", chinese, page, flags=re.M)
    return page


def _fault(message: str) -> str:
    """A fault in Chinese; one of a later Python that is not known here stays as it is."""
    if language() != "zh":
        return message
    for pattern, chinese in _FAULTS:
        if found := re.fullmatch(pattern, message, re.S):
            return chinese.format(*found.groups())
    return message
