"""Every action is a subcommand: ``salesplan <name> PLAN.xlsx``, made from the action alone."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from functools import partial
from typing import Any

from addin.action import FAILED, Action, Done
from addin.book import FileBook
from addin.changes import log_lines
from addin.command import Command
from addin.performing import perform
from addin.progress import steps
from udfs.text import Text
from workbook_templates.answers import Problem

MOST = 50


def command_of(action: Action) -> Command:
    """An action with the face of a subcommand."""
    return Command(
        help=action.tip,
        about=action.about,
        arguments=partial(_arguments, action),
        run=partial(_run, action),
        examples=action.examples,
    )


def _arguments(action: Action, parser: argparse.ArgumentParser) -> None:
    """What every action takes, and between it its own."""
    parser.add_argument("plan", metavar="PLAN.xlsx", help=str(Text("计划工作簿", "the planning workbook")))
    action.declare(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help=str(Text("只说将改什么，不写入", "say what would change, write nothing"))
    )
    parser.add_argument("--no-backup", action="store_true", help=str(Text("不留备份", "keep no backup")))
    parser.add_argument("--json", action="store_true", help=str(Text("输出 JSON", "print JSON")))


def _run(action: Action, options: argparse.Namespace) -> int:
    """Perform it on the file and report."""
    with steps(action.steps) as step:
        done = perform(action, FileBook.open(options.plan), options, step, dry_run=options.dry_run, backup=not options.no_backup)
    print(report(options, done))
    return FAILED if done.refused else action.reported(options, done.outcome)


def report(options: argparse.Namespace, done: Done) -> str:
    """What came of it, for people or for machines."""
    return json.dumps(_as_json(options, done), ensure_ascii=False) if options.json else _as_text(options, done)


def problem_lines(options: argparse.Namespace, problems: Sequence[Problem]) -> list[str]:
    """Problems with their cells, a line each."""
    lines = [f"{'!' if p.level == 'error' else '·'} {_place(p, options.plan)}  {p.text}" for p in problems[:MOST]]
    if len(problems) > MOST:
        more = len(problems) - MOST
        lines.append(str(Text(f"… 另有 {more} 处，用 --json 查看全部", f"… {more} more; see them all with --json")))
    return lines


def _as_text(options: argparse.Namespace, done: Done) -> str:
    outcome = done.outcome
    lines = problem_lines(options, outcome.problems)
    lines += [f"· {note}" for note in outcome.notes]
    lines += [f"  {sheet}!{cell}: {old} → {new}" for sheet, cell, old, new in log_lines(done.effect, dates=done.dates)]
    tail = ""
    if done.effect and not done.written:
        tail = str(Text("（试运行，没有写入）", " (dry run, nothing written)"))
    lines.append(f"{options.plan}: {done.sentence}{tail}")
    if done.saved is not None and done.saved.backup:
        lines.append(str(Text(f"备份：{done.saved.backup}", f"backup: {done.saved.backup}")))
    return "\n".join(lines)


def problems_as_json(problems: Sequence[Problem]) -> list[dict[str, str]]:
    """The same for machines."""
    return [{"sheet": p.sheet, "cell": p.cell, "level": p.level, "text": str(p.text)} for p in problems]


def _place(problem: Problem, file: str) -> str:
    return f"{problem.sheet}!{problem.cell}" if problem.cell else problem.sheet or file


def _as_json(options: argparse.Namespace, done: Done) -> dict[str, Any]:
    outcome = done.outcome
    return {
        "file": options.plan,
        "ok": not done.refused,
        "written": done.written,
        "dry_run": options.dry_run,
        "changed": done.effect.size,
        "summary": str(done.sentence),
        "changes": [
            {"sheet": s, "cell": c, "old": str(o), "new": str(n)} for s, c, o, n in log_lines(done.effect, dates=done.dates)
        ],
        "problems": problems_as_json(outcome.problems),
        "notes": [str(note) for note in outcome.notes],
        "backup": str(done.saved.backup) if done.saved is not None and done.saved.backup else None,
        **outcome.data,
    }
