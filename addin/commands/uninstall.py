"""`salesplan uninstall`: takes away exactly what install wrote."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from addin.command import Command
from addin.commands.install import carried_out, shared_arguments, target
from udfs.text import Text

if TYPE_CHECKING:
    from addin.desktop.install import InstallReport
    from addin.desktop.machine import Machine


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    shared_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Uninstall and report."""
    from addin.desktop.machine import Machine

    return carried_out(options, Machine.here(), _uninstall)


COMMAND = Command(
    help=Text("卸载 Excel 加载项", "uninstall the Excel add-in"),
    about=Text(
        "只删除 salesplan install 写入的文件；安装后被改动过的文件保留并列出。先关闭 Excel。工作簿不受影响。\n"
        "退出码：0 完成，1 有文件被保留，2 没有卸载。",
        "Remove what salesplan install wrote and nothing else; a file changed since is kept and named. Close Excel first. "
        "Workbooks are\n"
        "not touched. Exit code: 0 done, 1 files were kept, 2 not uninstalled.",
    ),
    arguments=arguments,
    run=run,
)


def _uninstall(options: argparse.Namespace, machine: Machine) -> InstallReport:
    from addin.desktop.install import require_excel, uninstall
    from addin.desktop.machine import OTHER, places

    prepared = options.target is not None
    if machine.system == OTHER:  # Excel itself may be gone already where it once was
        require_excel(machine, prepared=prepared)
    return uninstall(machine, places(machine, target(options)), prepared=prepared)
