"""`salesplan …`: the same functions and actions without Excel, for servers, nightly jobs and tests.

A subcommand is a module of ``addin.commands`` with its ``COMMAND``, or an action.
Exit codes: 0 done, 1 done but something needs attention (a failed check, refused rows), 2 could not be done.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Mapping, Sequence
from importlib import metadata
from itertools import pairwise

from addin import actions, registry
from addin.action import ATTENTION, DONE, FAILED, Action, name_of
from addin.action_command import command_of
from addin.command import Command, Stop
from addin.logs import log_exception
from addin.parser import Parser
from udfs.formula import UsageError
from udfs.text import LANGUAGES, Text, language, set_language
from workbook_templates.answers import Refused
from workbook_templates.engine.collecting import lives_briefly, seldom_collected
from workbook_templates.tables.grids import language_of_file

MOST_SAID = 200  # characters of a fault that fit into a line

__all__ = ["ATTENTION", "DONE", "FAILED", "Stop", "commands", "main"]


def commands() -> dict[str, Command]:
    """The subcommands by name: the modules of ``addin.commands``, and every action that has none of its own there."""
    own = registry.registered("addin.commands", "COMMAND", Command)
    named = {name_of(module.__name__): command for module, command in own.items()}
    return {name: command_of(action) for name, action in actions.every().items()} | named


def _asked_for(arguments: Sequence[str]) -> dict[str, Command]:
    """The one command that is named, without reading what the others need; all of them where none is."""
    words = [word for before, word in pairwise(["", *arguments]) if not word.startswith("-") and before != "--lang"]
    for room, attribute in (("commands", "COMMAND"), ("actions", "ACTION")) if words else ():
        found = registry.module_named(f"addin.{room}", words[0].replace("-", "_"))
        registers = vars(found).get(attribute) if found is not None and name_of(found.__name__) == words[0] else None
        if isinstance(registers, Command):
            return {words[0]: registers}
        if isinstance(registers, Action):
            return {words[0]: command_of(registers)}
    return commands()


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a Chinese Windows console is GBK; never die on a character it lacks
            stream.reconfigure(errors="replace")
    arguments = sys.argv[1:] if argv is None else argv
    before = language()
    _choose_language(arguments)
    parser = _parser(_asked_for(arguments))
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return DONE
    from addin.logs import keep_log

    keep_log()
    _follow_workbook(options)
    try:
        with seldom_collected():  # a command makes its plan and is gone
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
    except Exception as fault:  # noqa: BLE001 (the last resort: one line and a log instead of a traceback)
        print(f"salesplan: {_unexpected(options.command, fault)}", file=sys.stderr)
        return FAILED
    finally:
        set_language(before)


def _unexpected(command: str, fault: Exception) -> Text:
    """The last resort, for a fault of ours: one line for the person, all else in the log for whoever mends it."""
    path = log_exception(f"salesplan {command}")
    what = " ".join(f"{type(fault).__name__}: {fault}".split())[:MOST_SAID]
    where = Text(
        f"详情见日志 {path}，请转给维护人员。", f"The details are in {path}: give it to the person who looks after SalesPlan."
    )
    nowhere = Text("日志也写不了，请把这一行转给维护人员。", "No log could be written either: hand on this line.")
    return Text(f"没有完成，程序出错（{what}）。", f"not done, a fault of the program ({what}). ") + (where if path else nowhere)


def _choose_language(arguments: list[str]) -> None:
    """The language decides the help itself, so it is looked for before parsing."""
    for index, word in enumerate(arguments):
        value = word.partition("=")[2] if word.startswith("--lang=") else ""
        if word == "--lang" and index + 1 < len(arguments):
            value = arguments[index + 1]
        if value in LANGUAGES:
            set_language(value)


def _follow_workbook(options: argparse.Namespace) -> None:
    """What is said of a workbook is said in its language, unless --lang says otherwise."""
    if "lang" in vars(options):
        return
    names = (getattr(options, key, None) for key in ("plan", "file"))  # import takes them in either order
    found = next((language for name in names if name and (language := language_of_file(name))), None)
    if found:
        set_language(found)


def _parser(shown: Mapping[str, Command]) -> argparse.ArgumentParser:
    about = Text(
        "公司年度销售计划：从市场容量到最后一笔提成。先试 salesplan demo。",
        "The company's annual sales plan, from market capacity to the last commission. Try salesplan demo first.",
    )
    parser = Parser(prog="salesplan", description=str(about))
    version = f"salesplan {metadata.version('salesplan')}"
    parser.add_argument("--version", action="version", version=version, help=str(Text("显示版本", "show the version and exit")))
    _add_language(parser)
    several = parser.add_subparsers(dest="command", metavar=str(Text("命令", "COMMAND")))
    for name, command in shown.items():
        sub = several.add_parser(
            name,
            help=str(command.help),
            description=str(command.about),
            epilog=str(command.examples) or None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.arguments(sub)
        _add_language(sub)
        sub.set_defaults(run=command.run)
    return parser


def _add_language(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--lang", choices=LANGUAGES, default=argparse.SUPPRESS, help=str(Text("语言：zh 或 en", "language: zh or en"))
    )


def program() -> int:
    """What a shell starts: one command in a process of its own."""
    lives_briefly()
    return main()


if __name__ == "__main__":
    sys.exit(program())
