"""`salesplan demo [DIR]`: the sample company's plan, made, computed and checked in a few seconds."""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from addin import guarding, outputs
from addin.action import ATTENTION, DONE, force_argument
from addin.command import Command, Stop
from addin.commands.check import report
from addin.progress import steps
from udfs.text import Text, language

if TYPE_CHECKING:
    from addin.action import Progress
    from workbook_templates.answers import Problem
    from workbook_templates.tables.schema import Company

_PLAN = Text("销售计划2027.xlsx", "sales-plan-2027.xlsx")
_JULY = Text("成交-7月.csv", "deals-july.csv")  # to import into the story's plan
_FAULTY = Text("销售计划2027-有误{n}.xlsx", "sales-plan-2027-faults{n}.xlsx")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "folder", metavar="DIR", nargs="?", default="demo", help=str(Text("文件夹，默认 demo", "folder, default demo"))
    )
    parser.add_argument(
        "--year-end", action="store_true", help=str(Text("全年都按计划完成的样子", "the whole year, all as planned"))
    )
    parser.add_argument(
        "--faults", action="store_true", help=str(Text("每条检查各埋一处数据错误", "one fault in the data for every check"))
    )
    parser.add_argument(
        "--deals", type=int, default=None, help=str(Text("成交笔数（配合 --year-end）", "number of deals (with --year-end)"))
    )
    force_argument(parser)


def run(options: argparse.Namespace) -> int:
    """Make the sample plan, check it, say where it is."""
    _require(options)
    began = time.perf_counter()
    folder = Path(options.folder)
    folder.mkdir(parents=True, exist_ok=True)
    if options.faults:
        return _faulty(folder, options)
    path = folder / str(_PLAN)
    outputs.check(path, ".xlsx", force=options.force)
    if not options.year_end:
        from workbook_templates.chapters.sample_exports import NAMES

        for name in (_JULY, *NAMES.values()):
            outputs.check(folder / str(name), ".csv", force=options.force)
    with steps(5) as step:
        step(Text("编制示例公司", "Inventing the sample company"))
        company = _company(options)
        found = _written(company, path, step)
    if found:
        report(str(path), found)
        return ATTENTION
    if not options.year_end:
        july(folder / str(_JULY), company)
        others(folder, company)
    print(_summary(path, time.perf_counter() - began, options))
    return DONE


def _require(options: argparse.Namespace) -> None:
    from workbook_templates.chapters import sample

    if options.deals is None:
        return
    if options.deals < sample.FEWEST:
        raise Stop(
            Text(
                f"--deals {options.deals}：示例公司至少要 {sample.FEWEST} 笔成交，没有写入",
                f"--deals {options.deals}: the sample company takes {sample.FEWEST} deals or more; nothing was written",
            )
        )
    if not options.year_end:
        raise Stop(
            Text(
                "--deals 只用于全年示例：请加 --year-end；没有写入",
                "--deals goes with the whole year: add --year-end; nothing was written",
            )
        )


def _company(options: argparse.Namespace) -> Company:
    from workbook_templates.chapters import sample, sample_june

    lang = language()
    if not options.year_end:
        return sample_june.company(lang)
    return sample.company(lang) if options.deals is None else sample.company(lang, options.deals)


def _written(company: Company, path: Path, step: Progress) -> list[Problem]:
    """The plan on disk, its seals beside it; what is wrong with it."""
    from workbook_templates.answers import ERROR
    from workbook_templates.chapters.incentives.cycle import exported
    from workbook_templates.checking.findings import problems
    from workbook_templates.making import write_plan
    from workbook_templates.saving import atomic_write, mode_of
    from workbook_templates.xlsx.package import Package

    done = write_plan(company, path, language(), step)
    # What the sample company has locked and paid left its workbook as it would have: without it nothing is paid out.
    settled = [exported.entry_of(row) for row in company.of("Statements") if row["locked_on"]]
    atomic_write(guarding.beside_plan(path), exported.written(settled), mode=mode_of(path))
    step(Text("检查", "Checking"))
    return [p for p in problems(Package.open(path), done.results) if p.level == ERROR]


def july(path: Path, company: Company) -> None:
    """What the CRM sends after the as-of date: something to import."""
    from workbook_templates.chapters import sample_june
    from workbook_templates.saving import atomic_write
    from workbook_templates.tables import schema

    spec = schema.table("Deals")
    rows = sample_june.july(company)
    columns = [spec[key] for key in rows[0]]
    atomic_write(path, outputs.csv_file([c.header for c in columns], [[row[c.key] for c in columns] for row in rows]))


def others(folder: Path, company: Company) -> list[Path]:
    """What CRM, service desk, survey agency and ad platform export: more to import."""
    from workbook_templates.chapters.sample_exports import exports
    from workbook_templates.saving import atomic_write

    out = []
    for export in exports(company):
        out.append(folder / str(export.name))
        atomic_write(out[-1], outputs.csv_file(export.header, export.rows))
    return out


def _faulty(folder: Path, options: argparse.Namespace) -> int:
    """Plans in which every check finds its own fault."""
    from workbook_templates import planting
    from workbook_templates.chapters import sample_june

    company = sample_june.company(language())
    paths = [folder / str(_FAULTY.format(n=n)) for n in planting.groups()]
    for path in paths:
        outputs.check(path, ".xlsx", force=options.force)
    with steps(5 + len(paths)) as step:
        _written(company, paths[0], step)
        for path in paths[1:]:
            shutil.copy(paths[0], path)
            shutil.copy(guarding.beside_plan(paths[0]), guarding.beside_plan(path))
        for group, path in zip(planting.groups(), paths, strict=True):
            step(Text("埋入错误", "Planting the faults"))
            planting.plant(path, group)
    print(Text(f"已生成 {'、'.join(map(str, paths))}", f"Made {', '.join(map(str, paths))}"))
    print(
        Text(
            f"先看“检查”页：{len(planting.planted())} 条检查各有一处埋好的数据错误，共 {len(paths)} 个文件。",
            f"Look first at Checks: each of {len(planting.planted())} checks has a fault of its own, in {len(paths)} files.",
        )
    )
    return DONE


COMMAND = Command(
    help=Text("生成并核算示例公司的计划", "make and compute the sample company's plan"),
    about=Text(
        "生成示例公司截至 2027-06-30 的计划：签单 96.0%，有红灯，每个按钮都有事可做；旁边有 7 月成交，以及 CRM、服务系统、调研机构、投放平台的导出文件供导入。计算、检查，并用一句话告诉您先看什么。"
        "--year-end：全年按计划完成的样子。--faults：每条检查各埋一处数据错误。不需要 Excel。",
        "Make the sample company's plan as of 2027-06-30: bookings at 96.0%, red lights, work for every button, and July's deals beside\n"
        "it to import, with exports of a CRM, a service desk, a survey agency and an ad platform. It is computed and checked, and one line says what to look at first. --year-end: the year as planned.\n"
        "--faults: a fault in the data for every check. No Excel needed.",
    ),
    arguments=arguments,
    run=run,
)


def _summary(path: Path, seconds: float, options: argparse.Namespace) -> Text:
    made = Text(f"已生成 {path}（{seconds:.1f} 秒），检查通过。\n", f"Made {path} in {seconds:.1f} s; its checks pass.\n")
    return made + (_year_end() if options.year_end else _first(path))


def _year_end() -> Text:
    return Text(
        "先看“提成”页：任选一张订单，看它逐档怎么算出来，因为全年已按计划完成。",
        "Look first at Commission: pick a deal and see it worked out tier by tier, for the year went as planned.",
    )


def _first(path: Path) -> Text:
    """What to look at first, and why: the cockpit's own sentence."""
    from addin.book import FileBook
    from addin.commands.cockpit import cockpit

    said = cockpit(FileBook.open(path))["message"]
    return Text(f"先看“驾驶舱”：{said}", f"Look first at the Cockpit: {said}")
