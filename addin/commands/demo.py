"""`salesplan demo [DIR]`: the sample company's plan, made, computed and checked in a few seconds."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from addin import guarding, outputs
from addin.action import ATTENTION, DONE, force_argument
from addin.command import Command, Stop
from addin.commands.check import report
from addin.progress import steps
from udfs.text import Text, language


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "folder", metavar="DIR", nargs="?", default="demo", help=str(Text("文件夹，默认 demo", "folder, default demo"))
    )
    parser.add_argument("--deals", type=int, default=None, help=str(Text("成交笔数", "number of deals")))
    force_argument(parser)


def run(options: argparse.Namespace) -> int:
    """Make the sample plan, check it, say where it is."""
    from workbook_templates.answers import ERROR
    from workbook_templates.chapters import sample
    from workbook_templates.chapters.incentives.cycle import exported
    from workbook_templates.checking.findings import problems
    from workbook_templates.making import write_plan
    from workbook_templates.saving import atomic_write, mode_of
    from workbook_templates.xlsx.package import Package

    if options.deals is not None and options.deals < sample.FEWEST:
        raise Stop(
            Text(
                f"--deals {options.deals}：示例公司至少要 {sample.FEWEST} 笔成交，没有写入",
                f"--deals {options.deals}: the sample company takes {sample.FEWEST} deals or more; nothing was written",
            )
        )
    began = time.perf_counter()
    folder = Path(options.folder)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / str(Text("销售计划2027.xlsx", "sales-plan-2027.xlsx"))
    outputs.check(path, ".xlsx", force=options.force)
    with steps(5) as step:
        step(Text("编制示例公司", "Inventing the sample company"))
        lang = language()
        company = sample.company(lang) if options.deals is None else sample.company(lang, options.deals)
        done = write_plan(company, path, lang, step)
        # What the sample company has locked and paid left its workbook as it would have: without it nothing is paid out.
        settled = [exported.entry_of(row) for row in company.of("Statements") if row["locked_on"]]
        atomic_write(guarding.beside_plan(path), exported.written(settled), mode=mode_of(path))
        step(Text("检查", "Checking"))
        found = [p for p in problems(Package.open(path), done.results) if p.level == ERROR]
    if found:
        report(str(path), found)
        return ATTENTION
    print(_summary(path, time.perf_counter() - began))
    return DONE


COMMAND = Command(
    help=Text("生成并核算示例公司的计划", "make and compute the sample company's plan"),
    about=Text(
        "生成示例公司的年度计划工作簿，计算、检查，并告诉你先看什么。不需要 Excel。",
        "Make the sample company's planning workbook, compute and check it, and say what to look at. No Excel needed.",
    ),
    arguments=arguments,
    run=run,
)


def _summary(path: Path, seconds: float) -> Text:
    return Text(
        f"已生成 {path}（{seconds:.1f} 秒），检查通过。\n"
        "用 Excel、WPS 或 LibreOffice 打开它，先看：\n"
        "  驾驶舱   全年关键数字和四张图\n"
        "  提成     任选一张订单，看它逐档怎么算出来\n"
        "  试算     改两套提成档位，看对支出和利润的影响\n"
        f"改了数字之后，不用 Excel 也能重算：salesplan recalc {path}",
        f"Made {path} in {seconds:.1f} s; its checks pass.\n"
        "Open it in Excel, WPS or LibreOffice and look first at:\n"
        "  Cockpit     the year's key figures and four charts\n"
        "  Commission  pick a deal and see it worked out band by band\n"
        "  Calculators change two sets of tiers and see payout and profit\n"
        f"After changing numbers, recalculate without Excel: salesplan recalc {path}",
    )
