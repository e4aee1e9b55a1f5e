"""`salesplan …`: the same functions and actions without Excel, for servers, nightly jobs and tests.

A subcommand is a module of ``addin.commands`` with ``HELP``, ``arguments(parser)`` and ``run(options) -> int``, or an action.
Exit codes: 0 done, 1 done but something needs attention (a failed check, refused rows), 2 could not be done.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from importlib import metadata
from typing import Any

from udfs.text import LANGUAGES, Text, set_language

DONE, ATTENTION, FAILED = 0, 1, 2


class Stop(Exception):
    """The command can't go on; the text is the one clear line for the person."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


def commands() -> dict[str, Any]:
    """The subcommands by name: the modules of ``addin.commands``, and every action that has none of its own there."""
    from addin import actions
    from addin import commands as folder
    from addin.action_command import ActionCommand

    modules = [importlib.import_module(f"addin.commands.{m.name}") for m in pkgutil.iter_modules(folder.__path__)]
    own = {m.__name__.rsplit(".", 1)[-1].removesuffix("_").replace("_", "-"): m for m in modules}
    return {name: ActionCommand(action) for name, action in actions.every().items()} | own


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a Chinese Windows console is GBK; never die on a character it lacks
            stream.reconfigure(errors="replace")
    arguments = sys.argv[1:] if argv is None else argv
    _choose_language(arguments)
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return DONE
    from addin.desktop.logs import keep_log
    from udfs.formula import UsageError
    from workbook_templates.saving import Refused

    keep_log()
    try:
        return int(options.run(options))
    except (Stop, Refused, UsageError) as stopped:
        print(f"salesplan: {stopped.text}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(Text("salesplan: 已中断，没有写入", "salesplan: interrupted, nothing written"), file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        sys.stderr.close()
        return DONE


def _choose_language(arguments: list[str]) -> None:
    """The language decides the help itself, so it is looked for before parsing."""
    for index, word in enumerate(arguments):
        value = word.partition("=")[2] if word.startswith("--lang=") else ""
        if word == "--lang" and index + 1 < len(arguments):
            value = arguments[index + 1]
        if value in LANGUAGES:
            set_language(value)


def _parser() -> argparse.ArgumentParser:
    about = Text(
        "公司年度销售计划：从市场容量到最后一笔提成。先试 salesplan demo。",
        "The company's annual sales plan, from market capacity to the last commission. Try salesplan demo first.",
    )
    parser = argparse.ArgumentParser(prog="salesplan", description=str(about))
    parser.add_argument("--version", action="version", version=f"salesplan {metadata.version('salesplan')}")
    _add_language(parser)
    several = parser.add_subparsers(dest="command", metavar=str(Text("命令", "COMMAND")))
    for name, module in commands().items():
        sub = several.add_parser(
            name,
            help=str(module.HELP),
            description=str(getattr(module, "ABOUT", module.HELP)),
            epilog=str(getattr(module, "EXAMPLES", "")) or None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.arguments(sub)
        _add_language(sub)
        sub.set_defaults(run=module.run)
    return parser


def _add_language(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--lang", choices=LANGUAGES, default=argparse.SUPPRESS, help=str(Text("语言：zh 或 en", "language: zh or en"))
    )


if __name__ == "__main__":
    sys.exit(main())
