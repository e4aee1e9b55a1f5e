"""The buttons: one module each, found by itself, the same in Excel and on the command line.

A module has ``LABEL``, ``TIP``, ``ABOUT`` (what it will change, said before), ``GROUP``, ``ORDER``, ``ICON``, ``KEYTIP`` and
``run(book, options, progress) -> Outcome``; ``arguments(parser)`` if it has options; ``FINAL`` (why, and what to do instead) if undo
can't take it back. ``run`` looks at the workbook and says what is
to change; it changes nothing. ``perform`` does the rest, the same for all: problems stop it before anything is written, what is
overwritten is kept for undo, the change log gets its lines, dependants follow, one save.
"""

from __future__ import annotations

import argparse
import datetime as dt
import getpass
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from addin import locked, signed
from addin import undo as memory
from addin.book import Book
from addin.changes import Changes, Dates, Effect, log_lines, lowered, no_dates
from udfs import policy
from udfs.text import Text, speaking
from workbook_templates.checks import ERROR, Problem
from workbook_templates.collecting import seldom_collected
from workbook_templates.package import Saved
from workbook_templates.saving import Refused, atomic_write, check_writable
from workbook_templates.schema import Row
from workbook_templates.sheets import NewSheet

__all__ = ["GROUPS", "Done", "Outcome", "Progress", "defaults", "every", "named", "perform", "who_am_i"]

Progress = Callable[[Text], None]

# The groups of the ribbon, in the order of the year.
GROUPS = {
    "plan": Text("计划", "Plan"),
    "targets": Text("目标", "Targets"),
    "customers": Text("客户", "Customers"),
    "incentives": Text("激励", "Incentives"),
    "budget": Text("费用", "Budget"),
    "mail": Text("邮件", "Mail"),
    "tools": Text("工具", "Tools"),
}


@dataclass
class Outcome:
    """What an action found and wants changed. ``summary`` is the one sentence that reports it.

    ``files`` are written beside the workbook's own save; ``log`` has lines of its own for the change log (sheet, cell, old, new);
    ``origin`` says in the change log where rows came from; ``undoes`` is
    the record that an undo takes off; ``details`` is for a command that reports in its own words.
    """

    summary: Text
    changes: Changes = field(default_factory=Changes)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    files: dict[Path, bytes] = field(default_factory=dict)
    log: list[tuple[str, str, str, str]] = field(default_factory=list)
    opens: Path | None = None  # a file of these that Excel is to open
    origin: Text | None = None
    undoes: memory.Record | None = None
    details: Any = None
    data: dict[str, Any] = field(default_factory=dict)  # more for machines (--json)
    sheets: list[NewSheet] = field(default_factory=list)  # to be added to a company's own workbook
    removes: list[str] = field(default_factory=list)  # sheets to be taken out: what an undo does with those
    # What tells of something outside the workbook: written and saved, but undo does not take it back, as it can't the thing itself.
    lasting: Changes = field(default_factory=Changes)
    # Something outside the workbook, done once the person agreed to ``asks``; what it returns is then written.
    deed: Callable[[Progress], Outcome] | None = None
    asks: Text | None = None

    @classmethod
    def refused(cls, problems: list[Problem]) -> Outcome:
        """Nothing can be done before these are mended."""
        count = sum(p.level == ERROR for p in problems)
        return cls(
            Text(f"有 {count} 处问题，没有写入：请先改正", f"{count} problems, nothing was written: mend them first"),
            problems=problems,
        )

    @property
    def errors(self) -> list[Problem]:
        return [p for p in self.problems if p.level == ERROR]


@dataclass(frozen=True)
class Done:
    """What came of it."""

    outcome: Outcome
    effect: Effect
    written: bool = False
    saved: Saved | None = None
    dates: Dates = no_dates  # which cells show dates

    @property
    def refused(self) -> bool:
        """Whether problems stopped it."""
        return bool(self.outcome.errors) and not self.written

    @property
    def sentence(self) -> Text:
        """The report in one sentence."""
        return self.outcome.summary


# -------------------------------------------------------------------------------------------------------------- finding


def every() -> dict[str, ModuleType]:
    """The actions by name, in the order of the ribbon."""
    found = [importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)]
    actions = [m for m in found if hasattr(m, "LABEL")]
    places = list(GROUPS)
    actions.sort(key=lambda m: (places.index(m.GROUP), m.ORDER))
    return {named(m): m for m in actions}


def named(action: ModuleType) -> str:
    """An action's name: its module's, and the subcommand's."""
    return action.__name__.rpartition(".")[2].removesuffix("_").replace("_", "-")


def defaults(action: ModuleType, **given: Any) -> argparse.Namespace:
    """The options of an action where nobody types any; ``given`` are those a host asked for."""
    parser = argparse.ArgumentParser(add_help=False)
    if hasattr(action, "arguments"):
        action.arguments(parser)
    known = {a.dest: a.default for a in parser._actions}
    return argparse.Namespace(**(known | given))


# ------------------------------------------------------------------------------------------------------------- performing


@seldom_collected()
def perform(
    action: ModuleType,
    book: Book | None,
    options: argparse.Namespace,
    progress: Progress = lambda step: None,
    *,
    dry_run: bool = False,
    backup: bool = True,
    confirm: Callable[[Text], bool] = lambda what: True,
    now: dt.datetime | None = None,
) -> Done:
    """Run an action on a workbook: all of it or nothing. Raises ``Refused`` when it can't be done."""
    if book is None:  # a new plan has none
        outcome = action.run(None, options, progress)
        _write_files(outcome)
        return Done(outcome, Effect(), bool(outcome.files))
    with _clock(book):
        progress(Text("读取并核对", "Reading and checking"))
        outcome = action.run(book, options, progress)
        if outcome.errors:
            return Done(outcome, Effect())
        effect, lasting = lowered(book, outcome.changes), lowered(book, outcome.lasting)
        locked.refuse(book, effect, getattr(action, "PAYS", False))
        locked.refuse(book, lasting)
        wanted = effect or lasting or outcome.files or outcome.sheets or outcome.removes or outcome.deed
        if dry_run or not wanted or not confirm(outcome.asks or _announced(action, effect, outcome)):
            return Done(outcome, effect, dates=book.shows_date)
        if outcome.deed is None:
            saved = _write(action, book, outcome, effect, progress, backup, now or dt.datetime.now())
            return Done(outcome, effect, True, saved, book.shows_date)
        book.check_writable([*effect.sheets, *lasting.sheets, *_sheets_of(book, "ChangeLog")])
        outcome = outcome.deed(progress)
        effect = lowered(book, outcome.changes)
        try:
            locked.refuse(book, effect)
            saved = _write(action, book, outcome, effect, progress, backup, now or dt.datetime.now())
        except Refused as fault:  # it is done all the same, and must be said
            raise Refused(_done_unwritten(outcome.summary, fault.text)) from fault
        return Done(outcome, effect, True, saved, book.shows_date)


def _sheets_of(book: Book, table: str) -> list[str]:
    grid = book.grid(table)
    return [] if grid is None else [grid.sheet]


def _done_unwritten(summary: Text, why: Text) -> Text:
    return Text(
        f"{summary.zh}。但没能写入工作簿：{why.zh} 再次运行时会补记，不会重做。",
        f"{summary.en}. But the workbook could not be written: {why.en} The next run makes up for it; nothing is done twice.",
    )


@contextmanager
def _clock(book: Book) -> Iterator[None]:
    """Functions see the workbook's own day, as they do when it is recalculated."""
    before = policy.clock()
    policy.set_today(book.as_of or before)
    try:
        yield
    finally:
        policy.set_today(before)


def _announced(action: ModuleType, effect: Effect, outcome: Outcome) -> Text:
    """What will change, said before."""
    sheets = [*effect.sheets, *(f"+ {sheet.title}" for sheet in outcome.sheets), *(f"− {name}" for name in outcome.removes)]
    return action.ABOUT + Text(
        f"\n将改动 {effect.size} 个单元格（{'、'.join(sheets)}）。", f"\n{effect.size} cells will change ({', '.join(sheets)})."
    )


def _write(
    action: ModuleType, book: Book, outcome: Outcome, effect: Effect, progress: Progress, backup: bool, now: dt.datetime
) -> Saved | None:
    for path in outcome.files:
        check_writable(path)
    if outcome.sheets:
        book.check_writable(effect.sheets)
        progress(Text("添加工作表", "Adding sheets"))
        book.add_sheets(outcome.sheets)
    if not effect and not lowered(book, outcome.lasting):
        saved = _save(action, book, outcome, effect, backup) if outcome.sheets or outcome.removes else None
        _write_files(outcome)
        return saved
    who = who_am_i()
    log = {"ChangeLog": _log_rows(action, book, outcome, effect, who, now)}
    logged = lowered(book, replace(outcome.lasting, added=outcome.lasting.added | log))
    book.check_writable([*effect.sheets, *logged.sheets])
    progress(Text("写入", "Writing"))
    book.apply(effect)
    book.apply(logged)
    progress(Text("计算公式", "Computing the formulas"))
    book.settle()
    progress(Text("保存", "Saving"))
    saved = _save(action, book, outcome, effect, backup)
    _write_files(outcome)
    return saved


def _save(action: ModuleType, book: Book, outcome: Outcome, effect: Effect, backup: bool) -> Saved | None:
    """Save, and keep for undo what this came to; sheets go last, when nothing needs them any more."""
    if outcome.removes:
        book.check_writable(())
        book.remove_sheets(outcome.removes)
    if outcome.undoes is None and (effect or outcome.sheets):
        sheets = memory.added(book, [sheet.table for sheet in outcome.sheets])
        memory.keep(book, memory.Record(memory.now(), who_am_i(), named(action), action.LABEL, effect, sheets))
    saved = book.save(backup)
    if outcome.undoes is not None:
        memory.write(book, [r for r in memory.records(book) if r != outcome.undoes])
    return saved


def _write_files(outcome: Outcome) -> None:
    """Each as a whole or not at all."""
    for path, content in outcome.files.items():
        atomic_write(path, content)


def _log_rows(action: ModuleType, book: Book, outcome: Outcome, effect: Effect, who: str, now: dt.datetime) -> list[Row]:
    """What changed; before it, what people changed of the settings since they were signed off."""
    with speaking(book.lang):
        sheet = (book.locate("plan_version") or ("", None))[0]
        changed = [] if outcome.log else [(str(signed.CHANGED), sheet, *change) for change in signed.unlogged(book)]
        lines = [(str(action.LABEL), s, c, str(o), str(n)) for s, c, o, n in log_lines(effect, outcome.origin, book.shows_date)]
        own = [(str(action.LABEL), *line) for line in outcome.log]
        keys = ("action", "sheet", "cell", "old", "new")
        when = {"time": now.replace(microsecond=0), "who": who}
        return [when | dict(zip(keys, line, strict=True)) for line in [*changed, *lines, *own]]


def who_am_i() -> str:
    """The name of the person at this machine."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a service without a user entry
        return "?"
