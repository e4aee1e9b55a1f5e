"""What a subcommand of ``salesplan`` is.

A module of ``addin.commands`` has ``COMMAND = Command(…)``; every action is one as well.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from udfs.text import Text
from workbook_templates.installing import how_to_install


@dataclass(frozen=True, kw_only=True)
class Command:
    """A subcommand: ``run`` returns its exit code."""

    help: Text  # one line in the list of commands
    about: Text  # the head of its own help
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    examples: Text = Text("", "")


class Stop(Exception):
    """The command can't go on; the text is the one clear line for the person."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


def lacking_library(fault: ImportError) -> Stop:
    """What to do where a library that Excel's side needs is not installed."""
    how = how_to_install("excel", fault.name or "")
    return Stop(Text(f"缺少 {fault.name}，请先安装：{how}", f"{fault.name} is missing; install it first: {how}"))
