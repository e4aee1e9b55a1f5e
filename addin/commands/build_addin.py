"""`salesplan build-addin [OUT]`: the Excel add-in, made without Excel."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from addin import outputs
from addin.action import DONE, force_argument
from addin.command import Command, lacking_library
from udfs.text import Text


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    where = Text("文件或文件夹，默认 SalesPlan.xlam", "file or folder, SalesPlan.xlam by default")
    parser.add_argument("out", metavar="OUT", nargs="?", default="SalesPlan.xlam", help=str(where))
    force_argument(parser)
    parser.add_argument("--json", action="store_true", help=str(Text("输出 JSON", "print JSON")))


def run(options: argparse.Namespace) -> int:
    """Build and write."""
    from workbook_templates.saving import atomic_write

    path = _target(Path(options.out))
    outputs.check(path, ".xlam", force=options.force)
    try:
        from addin.desktop import build
    except ImportError as lacking:
        raise lacking_library(lacking) from None
    data = build.addin_bytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic_write(path, data)
    if options.json:
        print(json.dumps({"file": str(path), "bytes": len(data)}, ensure_ascii=False))
    else:
        print(Text(f"已生成 {path}（{len(data):,} 字节）", f"Made {path} ({len(data):,} bytes)"))
    return DONE


COMMAND = Command(
    help=Text("生成 Excel 加载项 SalesPlan.xlam", "make the Excel add-in SalesPlan.xlam"),
    about=Text(
        "生成 Excel 加载项（功能区、函数及其帮助），任何系统上都行，不需要 Excel。相同的输入得到逐字节相同的文件。\n"
        "所用的 xlwings 版本应与安装处一致。",
        "Make the Excel add-in (ribbon, functions and their help) on any system, without Excel. The same input gives the same "
        "bytes.\n"
        "The version of xlwings here must be the one where it is installed.",
    ),
    arguments=arguments,
    run=run,
    examples=Text(
        "示例：\n  salesplan build-addin\n  salesplan build-addin dist/",
        "examples:\n  salesplan build-addin\n  salesplan build-addin dist/",
    ),
)


def _target(path: Path) -> Path:
    """The file to write: in a folder under its own name, since workbooks refer to the add-in by it."""
    from addin.desktop import ADDIN_FILE

    return path / ADDIN_FILE if path.is_dir() or not path.suffix else path
