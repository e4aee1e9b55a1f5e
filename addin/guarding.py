"""The guard that stands before every action that knows of pay: is anything settled not as it was approved?

An action says ``guards=True`` and ``perform`` asks here before it runs. The digests that left the workbook at each lock lie beside the
plan (``<plan>.seal.json``) or where ``--seal`` says; a host without files hands the bytes in.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from udfs.text import Text, counted, joined
from workbook_templates.answers import ERROR, WARNING, Problem, Refused
from workbook_templates.chapters.incentives import cycle
from workbook_templates.chapters.incentives.checks.ledger import cycle_tables, fault_problems
from workbook_templates.chapters.incentives.cycle import exported
from workbook_templates.chapters.incentives.cycle.exported import SealEntry
from workbook_templates.saving import beside

if TYPE_CHECKING:
    from addin.action import Action
    from addin.book import Book

ENDING = ".seal.json"
# The Tables that say what somebody is paid: an action that reads one of them without having said whether it asks is a fault of ours.
PAY = frozenset({"Ledger", "Accounts", "Statements", "Approvals", "Draws", "Holds"})


def arguments(parser: argparse.ArgumentParser) -> None:
    """The option that every guarded action has."""
    parser.add_argument("--seal", metavar="FILE", default=None, help=str(Text("封签文件，默认在计划旁；计划移动过时给出", "the seal file, default beside the plan; for a plan that moved")))  # fmt: skip


def problems(action: Action, book: Book, options: argparse.Namespace) -> list[Problem]:
    """What speaks against running an action: errors stop it, the rest is told."""
    grids = {name: grid for name in cycle.TABLES if (grid := book.grid(name)) is not None}
    tables, held = cycle_tables(grids)
    found = entries(book, options)
    if getattr(options, "reseal", None):  # deliberately: what the workbook no longer knows is given up, what differs never is
        locked = {(s["period"], s["person"]) for s in tables.statements if s["locked_on"]}
        return list(fault_problems(cycle.settled(tables, [e for e in found or () if e.key in locked]), held))
    told = list(fault_problems(cycle.settled(tables, found), held))
    told += _unvouched(action, book, options, exported.left_behind(tables, found), found)
    return told


def path_of(book: Book, options: argparse.Namespace) -> Path | None:
    """Where the seal file of a plan lies; None where the host has no file."""
    chosen = getattr(options, "seal", None)
    if chosen:
        return Path(chosen)
    path = Path(book.identity)
    return beside_plan(path) if path.is_absolute() else None


def beside_plan(path: Path) -> Path:
    """The seal file's name where nobody says otherwise."""
    return beside(path.with_suffix(""), after=ENDING)


def entries(book: Book, options: argparse.Namespace) -> list[SealEntry] | None:
    """What left the workbook at its locks and payments; None where nothing is there."""
    path = path_of(book, options)
    try:
        return exported.parsed(path.read_bytes()) if path is not None else None
    except FileNotFoundError as error:
        if getattr(options, "seal", None):
            raise Refused(Text(f"没有封签文件 {path}，没有写入", f"there is no seal file {path}; nothing was written")) from error
        return None
    except OSError as error:
        raise Refused(
            Text(
                f"封签文件 {path} 读不出来：{error.strerror}。没有写入。",
                f"the seal file {path} can't be read: {error.strerror}. Nothing was written.",
            )
        ) from error


def _unvouched(
    action: Action, book: Book, options: argparse.Namespace, keys: Sequence[cycle.Key], found: list[SealEntry] | None
) -> list[Problem]:
    """Settled statements without an export: payroll and pay refuse, all others say so."""
    if not keys:
        return []
    level = ERROR if action.needs_export else WARNING
    path = path_of(book, options)
    name = path.name if path is not None else ENDING
    zh, en = joined((f"{period} {person}" for period, person in keys), most=5, unit="份")
    if found is None:
        text = Text(
            f"封签文件 {name} 不在，{len(keys)} 份锁定的对账单无从核对（{zh}）：放回计划旁，或用 --seal 指明；"
            "确已丢失：锁定时加 --reseal 并写明原因",
            f"the seal file {name} is missing, so {counted(len(keys), 'locked statement')} can't be vouched for ({en}): "
            "put it back beside the plan or name it with --seal; truly lost: lock with --reseal and say why",
        )
        return [Problem("", 0, 0, text, level)]
    text = Text(
        f"{len(keys)} 份锁定的对账单不在封签文件 {name} 里（{zh}）：没有经过“批准并锁定”，或封签文件是旧的",
        f"{counted(len(keys), 'locked statement is', 'locked statements are')} not in the seal file {name} ({en}): they did not go through "
        "Approve and lock, or the seal file is an old one",
    )
    return [Problem("", 0, 0, text, level)]
