"""`salesplan install`: the add-in for this person, without administrator rights."""

from __future__ import annotations

import argparse
import dataclasses
import json
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

from addin.action import ATTENTION, DONE, FAILED
from addin.command import Command, Stop, lacking_library
from addin.progress import steps
from udfs.text import Text, counted

if TYPE_CHECKING:
    from addin.desktop.install import InstallReport
    from addin.desktop.machine import Machine


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    shared_arguments(parser)
    python = Text("Excel 要用的解释器，默认当前这个", "the interpreter Excel is to use, this one by default")
    parser.add_argument("--python", metavar="PATH", help=str(python))


def shared_arguments(parser: argparse.ArgumentParser) -> None:
    """What install, uninstall and doctor have in common."""
    target = Text("在此文件夹下操作，而不是 Excel 的文件夹", "work below this folder instead of Excel's own")
    parser.add_argument("--target", metavar="DIR", help=str(target))
    parser.add_argument("--json", action="store_true", help=str(Text("输出 JSON", "print JSON")))
    parser.add_argument("--quiet", action="store_true", help=str(Text("正常时不输出", "print problems only")))


def run(options: argparse.Namespace) -> int:
    """Install and report."""
    from addin.desktop.machine import Machine

    return carried_out(options, Machine.here(), _install)


COMMAND = Command(
    help=Text("为自己安装 Excel 加载项（不需要管理员权限）", "install the Excel add-in for yourself (no administrator)"),
    about=Text(
        "生成加载项并放进 Excel 的个人启动文件夹，写好 xlwings 设置。先关闭 Excel。已装旧版则就地升级并留备份；\n"
        "已是最新则什么都不改。没有 Excel 的电脑用 --target 写到文件夹。退出码：0 完成，1 有待处理的事，2 没有安装。",
        "Build the add-in, put it into Excel's startup folder of this person and write the xlwings settings. Close Excel "
        "first. An older\n"
        "version is replaced and kept as a backup; when all is up to date nothing is changed. Without Excel use --target.\n"
        "Exit code: 0 done, 1 something needs attention, 2 not installed.",
    ),
    arguments=arguments,
    run=run,
    examples=Text(
        "示例：\n  salesplan install\n  salesplan install --quiet --json\n  salesplan install --target 待分发/",
        "examples:\n  salesplan install\n  salesplan install --quiet --json\n  salesplan install --target prepared/",
    ),
)


def _install(options: argparse.Namespace, machine: Machine) -> InstallReport:
    try:
        from addin.desktop import build  # noqa: F401
        from addin.desktop.install import install, require_excel
        from addin.desktop.machine import places
    except ImportError as lacking:
        raise lacking_library(lacking) from None
    prepared = options.target is not None
    require_excel(machine, prepared=prepared)
    if options.python:
        machine = dataclasses.replace(machine, interpreter=options.python)
    return install(machine, places(machine, target(options)), prepared=prepared)


def target(options: argparse.Namespace) -> Path | None:
    """The folder to work below."""
    return Path(options.target) if options.target is not None else None


def carried_out(options: argparse.Namespace, machine: Machine, work: Any) -> int:
    """Do it, and say what was done; a refusal is JSON as well where JSON was asked for, since 68 of them are collected."""
    from workbook_templates.answers import Refused

    try:
        if options.quiet or options.json:
            report = work(options, machine)
        else:
            with steps(1) as step:
                step(Text("正在处理", "Working"))
                report = work(options, machine)
    except (Stop, Refused) as refused:
        if not options.json:
            raise
        print_json({"ok": False, "changed": False, "summary": str(refused.text), "steps": []})
        return FAILED
    from addin.desktop.install import KEPT, WARNING

    code = ATTENTION if report.has(KEPT, WARNING) else DONE
    if options.json:
        told = [{"kind": s.kind, "text": str(s.text), "path": s.path} for s in report.steps]
        print_json({"ok": code == DONE, "changed": report.changed, "summary": str(summary(report)), "steps": told})
    elif not options.quiet or code != DONE:
        _print(report, options.quiet)
    return code


def _print(report: InstallReport, quiet: bool) -> None:
    from addin.desktop.install import KEPT, WARNING

    for step in report.steps:
        serious = step.kind in (KEPT, WARNING)
        if serious or not quiet:
            print(f"{'!' if serious else '·'} {step.text}{': ' + step.path if step.path else ''}")
    print(summary(report))


def summary(report: InstallReport) -> Text:
    """The one line for the person, and for the list of 68."""
    from addin.desktop.install import KEPT, NOTE, REMOVED, UNCHANGED, WARNING, WRITTEN

    number = sum(step.kind in (WRITTEN, REMOVED) for step in report.steps)
    if report.has(WARNING):
        return Text("已安装，但有待处理的事：请看带 ! 的行", "Installed, but something needs attention: see the lines marked !")
    if report.has(REMOVED):
        kept = sum(step.kind == KEPT for step in report.steps)
        return Text(
            f"已卸载：处理 {number} 处，保留 {kept} 个改动过的文件", f"Uninstalled: {number} removed, {kept} changed files kept"
        )
    if report.has(WRITTEN):
        return Text(
            f"已安装：写入 {number} 个文件。请重新打开 Excel", f"Installed: {counted(number, 'file')} written. Open Excel anew"
        )
    if report.has(UNCHANGED):
        return Text("已是最新，没有改动", "Up to date; nothing changed")
    return Text("没有改动", "Nothing changed") if report.has(NOTE, KEPT) else Text("完成", "Done")


def print_json(said: dict[str, Any]) -> None:
    """One line of plain ASCII: a console's code page can't spoil it, and 68 of them can be put into one file."""
    print(json.dumps({"computer": platform.node(), "user": _user(), **said}))


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
