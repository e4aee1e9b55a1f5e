"""`salesplan template TABLE FILE`: the headers of a Table to fill in."""

from __future__ import annotations

import argparse

from addin.action import DONE
from addin.actions import template
from addin.command import Command
from addin.performing import perform
from addin.progress import steps
from udfs.text import Text


def run(options: argparse.Namespace) -> int:
    """Make both files."""
    with steps(2) as step:
        print(perform(template.ACTION, None, options, step).sentence)
    return DONE


COMMAND = Command(
    help=Text("生成某个表的空白模板", "make an empty template of a Table"),
    about=Text(
        "生成某个表的空白模板（.xlsx 带下拉选项，旁边一份同名 .csv）：第一行是表头，第二行是示例，导入时略过。列的含义见数据表参考。",
        "Make an empty template of a Table (.xlsx with drop-downs, beside it the .csv of that name): the first row has the headers, the\n"
        "second an example that an import leaves out. What the columns mean: the Table reference.",
    ),
    arguments=template.ACTION.declare,
    run=run,
    examples=Text(
        "示例：\n  salesplan template Deals 成交.xlsx\n  salesplan template People 人员.xlsx",
        "examples:\n  salesplan template Deals deals.xlsx --lang en\n  salesplan template People people.xlsx --lang en",
    ),
)
