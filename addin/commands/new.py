"""`salesplan new FILE`: an empty planning workbook for a real company."""

from __future__ import annotations

import argparse

from addin.action import DONE
from addin.actions import new
from addin.command import Command
from addin.performing import perform
from addin.progress import steps
from udfs.text import Text


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the action asks."""
    new.ACTION.declare(parser)


def run(options: argparse.Namespace) -> int:
    """Make the workbook."""
    with steps(4) as step:
        done = perform(new.ACTION, None, options, step)
    print(done.sentence)
    for note in done.outcome.notes:
        print(note)
    return DONE


COMMAND = Command(
    help=Text("新建一个空的计划工作簿", "make an empty planning workbook"),
    about=Text(
        "新建一个空的计划工作簿：参数是计划的默认值，各表留空待填。已有同名文件时不覆盖，除非 --force。",
        "Make an empty planning workbook: Settings hold the plan's defaults, the Tables wait for your rows. An existing file is\n"
        "not overwritten unless --force.",
    ),
    arguments=arguments,
    run=run,
    examples=Text(
        "示例：\n  salesplan new 计划2027.xlsx --company 某某公司\n  salesplan new 计划2027.xlsx --chapters 精简  # 只用第 1、5、11 章",
        "examples:\n  salesplan new plan2027.xlsx --company Acme --lang en\n  salesplan new plan2027.xlsx --chapters lean  # "
        "chapters 1, 5, 11",
    ),
)
