"""`salesplan new FILE`: an empty planning workbook for a real company."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

from addin.cli import DONE, Stop
from addin.progress import steps
from udfs.policy import PLAN_START
from udfs.text import Text, language

HELP = Text("新建一个空的计划工作簿", "make an empty planning workbook")
ABOUT = Text(
    "新建一个空的计划工作簿：参数是计划的默认值，各表留空待填。已有同名文件时不覆盖，除非 --force。",
    "Make an empty planning workbook: Settings hold the plan's defaults, the Tables wait for your rows. An existing file is\n"
    "not overwritten unless --force.",
)
EXAMPLES = Text(
    "示例：\n  salesplan new 计划2027.xlsx --company 某某公司",
    "examples:\n  salesplan new plan2027.xlsx --company Acme --lang en",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("file", metavar="FILE", help=str(Text("要新建的 .xlsx", "the .xlsx to make")))
    parser.add_argument("--company", default=str(Text("本公司", "Our company")), help=str(Text("公司名称", "the company's name")))
    parser.add_argument("--year", type=int, default=PLAN_START.year, help=str(Text("计划年度", "the plan's year")))
    parser.add_argument("--force", action="store_true", help=str(Text("覆盖已有文件", "overwrite an existing file")))


def run(options: argparse.Namespace) -> int:
    """Make the workbook."""
    from workbook_templates.making import write_plan
    from workbook_templates.schema import Company

    path = checked_target(options.file, options.force)
    if not 2000 <= options.year <= 2100:
        raise Stop(
            Text(f"计划年度 {options.year} 不可用：须在 2000 与 2100 之间", f"plan year {options.year}: from 2000 to 2100")
        )
    company = Company(options.company, options.year, dt.date(options.year, 12, 31))
    with steps(3) as step:
        write_plan(company, path, language(), step)
    print(
        Text(
            f"已新建 {path}。先填“参数”，再用 salesplan import 导入成交。",
            f"Made {path}. Fill in Settings, then bring deals in with salesplan import.",
        )
    )
    return DONE


def checked_target(file: str, force: bool) -> Path:
    """The path of a workbook to make; refuses another type and an existing file."""
    path = Path(file)
    if path.suffix.lower() != ".xlsx":
        raise Stop(Text(f"{file}：文件名须以 .xlsx 结尾", f"{file}: the name must end in .xlsx"))
    if path.exists() and not force:
        raise Stop(
            Text(
                f"{file} 已存在：换个名字，或加 --force 覆盖", f"{file} exists: choose another name, or overwrite it with --force"
            )
        )
    return path
