"""`salesplan guide`: the getting-started guide in the browser."""

from __future__ import annotations

import argparse

from addin import guides
from addin.action import DONE
from addin.command import Command, Stop
from udfs.text import Text


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--path", action="store_true", help=str(Text("只显示文件位置，不打开", "say where the file is, open nothing"))
    )


def run(options: argparse.Namespace) -> int:
    """Say where the guide is, and open it."""
    path = guides.guide()
    if path is None:
        raise Stop(Text("找不到入门指南：请重新安装程序", "the guide is not there: install the program again"))
    print(path)
    if not options.path and not guides.opened(path):
        raise Stop(Text("没有可用的浏览器：请自己打开上面的文件", "there is no browser: open the file above yourself"))
    return DONE


COMMAND = Command(
    help=Text("打开入门指南", "open the getting-started guide"),
    about=Text(
        "在浏览器里打开随程序安装的入门指南，并显示它的位置。",
        "Open the getting-started guide that came with the program in the browser, and say where it is.",
    ),
    arguments=arguments,
    run=run,
)
