"""`salesplan doctor`: why the add-in does not work here, and what to do."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from addin.action import ATTENTION, DONE, FAILED
from addin.command import Command, Stop, lacking_library
from addin.commands.install import print_json, shared_arguments, target
from addin.progress import steps
from udfs.text import Text

if TYPE_CHECKING:
    from addin.desktop.doctor import Finding
    from addin.desktop.machine import Machine

MARKS = {"error": "!", "warning": "!", "hint": "·"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    shared_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Examine and print."""
    from addin.desktop.machine import Machine

    return examined(options, Machine.here())


COMMAND = Command(
    help=Text("检查加载项为何不工作，并给出办法", "find out why the add-in does not work, and what to do"),
    about=Text(
        "只查看，不改动：文件、版本、解释器、杀毒软件、OneDrive、策略等，逐条说明是什么、为什么、怎么办。\n"
        "退出码：0 正常（提示不算），1 有问题，2 无法检查。",
        "Look, and change nothing: files, versions, interpreter, antivirus, OneDrive, policies. Each finding says what, why "
        "and what to do.\n"
        "Exit code: 0 healthy (hints don't count), 1 findings, 2 could not be checked.",
    ),
    arguments=arguments,
    run=run,
)


def examined(options: argparse.Namespace, machine: Machine) -> int:
    """Examine this machine."""
    try:
        findings = _findings(options, machine)
    except Stop as stopped:
        if not options.json:
            raise
        print_json({"ok": False, "changed": False, "summary": str(stopped.text), "findings": []})
        return FAILED
    faults = [f for f in findings if f.level != "hint"]
    code = ATTENTION if faults else DONE
    if options.json:
        told = [{**vars(f), "what": str(f.what), "why": str(f.why), "remedy": str(f.remedy)} for f in findings]
        print_json({"ok": not faults, "changed": False, "summary": str(_summary(faults)), "findings": told})
    elif faults or not options.quiet:
        _print(findings, options.quiet)
        print(_summary(faults))
    return code


def _findings(options: argparse.Namespace, machine: Machine) -> list[Finding]:
    folder = target(options)
    _check_possible(machine, options.target)
    try:
        from addin.desktop.doctor import examine
        from addin.desktop.machine import places
    except ImportError as lacking:
        raise lacking_library(lacking) from None
    if options.json or options.quiet:
        return examine(machine, places(machine, folder), prepared=folder is not None)
    with steps(1) as step:
        step(Text("检查", "Examining"))
        return examine(machine, places(machine, folder), prepared=folder is not None)


def _check_possible(machine: Machine, folder: str | None) -> None:
    from pathlib import Path

    from addin.desktop.machine import OTHER

    if folder is not None and not Path(folder).is_dir():
        raise Stop(Text(f"文件夹 {folder} 不存在", f"the folder {folder} does not exist"))
    if folder is None and machine.system == OTHER:
        raise Stop(
            Text(
                "这个系统上没有 Excel。请用 --target 检查 install --target 写出的文件夹",
                "There is no Excel on this system, so nothing to check. Use --target for a folder that install --target wrote",
            )
        )


def _print(findings: list[Finding], quiet: bool) -> None:
    for finding in findings:
        if quiet and finding.level == "hint":
            continue
        print(f"{MARKS[finding.level]} {finding.what}{'  ' + finding.path if finding.path else ''}")
        print(f"    {Text('原因', 'why')}{Text('：', ': ')}{finding.why}")
        print(f"    {Text('办法', 'remedy')}{Text('：', ': ')}{finding.remedy}")


def _summary(faults: list[Finding]) -> Text:
    if not faults:
        return Text("一切正常", "All well")
    codes = ", ".join(dict.fromkeys(fault.code for fault in faults))
    return Text(f"{len(faults)} 个问题：{codes}", f"{len(faults)} findings: {codes}")
