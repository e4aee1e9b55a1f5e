"""Performing an action on a workbook: all of it or nothing, the same for every action and every host.

Problems stop it before anything is written, what is overwritten is kept for undo, the change log gets its lines, dependants
follow, one save.
"""

from __future__ import annotations

import argparse
import datetime as dt
import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from addin import guarding, locked, outputs, signed, switched
from addin import undo as memory
from addin.action import Action, Done, Outcome, Progress
from addin.book import Book, FileBook
from addin.changes import Changes, Effect, log_lines, lowered
from udfs import policy
from udfs.text import Text, counted, speaking
from workbook_templates.answers import ERROR, Refused
from workbook_templates.engine.collecting import seldom_collected
from workbook_templates.saving import atomic_write, check_writable, mode_of, write_new
from workbook_templates.tables.own_words import wording
from workbook_templates.tables.schema import Row
from workbook_templates.xlsx.package import Package, Saved


@seldom_collected()
def perform(
    action: Action,
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
    declared = _outputs(action, book, options)
    if book is None:  # a new plan has none
        outcome = _declared_only(action.run(None, options, progress), declared)
        _write_files(outcome, None)
        return Done(outcome, Effect(), bool(outcome.files))
    with (
        nullcontext() if dry_run else book.changing(),
        _clock(book),
        wording(book.words),
    ):  # from reading to saving, whatever the action
        progress(Text("读取并核对", "Reading and checking"))
        book.asked_for.clear()
        told = guarding.problems(action, book, options) if action.guards else []
        if any(problem.level == ERROR for problem in told):
            return Done(Outcome.refused(told), Effect())
        with speaking(book.lang):  # what it makes are cells, whatever language the person is told things in
            outcome = _declared_only(action.run(book, options, progress), declared)
        _has_asked(action, book)
        outcome.problems = [*told, *outcome.problems]
        if outcome.errors and not outcome.partial:
            return Done(outcome, Effect())
        if outcome.whole is not None:
            locked.refuse_whole(book, outcome.whole)
            if dry_run or not confirm(outcome.asks or action.about):
                return Done(outcome, Effect())
            made = _write_whole(action, book, outcome, progress, backup, now or dt.datetime.now())
            return Done(outcome, Effect(), True, made)
        effect, lasting = lowered(book, outcome.changes), lowered(book, outcome.lasting)
        locked.refuse(book, effect, action.pays)
        locked.refuse(book, lasting)
        switched.refuse(book, effect)
        files = outcome.files or outcome.published or outcome.documents
        wanted = effect or lasting or files or outcome.sheets or outcome.removes or outcome.deed or outcome.export
        if dry_run or not wanted or not confirm(outcome.asks or _announced(action, effect, outcome)):
            return Done(outcome, effect, dates=book.shows_date)
        if outcome.deed is None:
            with _exported(book, options, outcome):
                saved = _write(action, book, outcome, effect, progress, backup, now or dt.datetime.now())
            return Done(outcome, effect, True, saved, book.shows_date)
        book.check_writable([*effect.sheets, *lasting.sheets, *_sheets_of(book, "ChangeLog")])
        with speaking(book.lang):
            outcome = _declared_only(outcome.deed(progress), declared)
        effect = lowered(book, outcome.changes)
        try:
            locked.refuse(book, effect)
            switched.refuse(book, effect)
            saved = _write(action, book, outcome, effect, progress, backup, now or dt.datetime.now())
        except Refused as fault:  # it is done all the same, and must be said
            raise Refused(_done_unwritten(outcome.summary, fault.text)) from fault
        return Done(outcome, effect, True, saved, book.shows_date)


def _outputs(action: Action, book: Book | None, options: argparse.Namespace) -> set[Path]:
    """The files the options have it write; what is written outside the plan costs nobody a file, and that is said before
    any work."""
    said = vars(options)
    keep = [Path(said[name]) for name in action.reads if said[name]]
    if book is not None:
        keep += [path for path in (Path(book.identity), guarding.path_of(book, options)) if path is not None]
    wanted = [(Path(said[name]), ending) for name, ending in action.writes.items() if said[name]]
    if wanted:  # one after the other: what lies beside may have the very name that was given with the wrong ending
        wanted += action.beside(options).items()
    for path, ending in wanted:
        outputs.check(path, ending, keep=keep, force=said["force"])
    return {path for path, _ in wanted}


def _declared_only(outcome: Outcome, declared: set[Path]) -> Outcome:
    """A fault of the action's: it would write a file that ``writes`` does not name, so nobody looked at it."""
    files = outcome.files.keys() | outcome.published.keys()
    if not files <= declared:
        raise RuntimeError(f"files that no option in `writes` names: {sorted(map(str, files - declared))}")
    return outcome


def _has_asked(action: Action, book: Book) -> None:
    """A fault of the action's: it reads what people are paid and does not say whether it asks the guard first."""
    read = guarding.PAY & book.asked_for
    if action.guards is None and read:
        raise RuntimeError(f"{action.module} reads {', '.join(sorted(read))} and does not say `guards`")


@contextmanager
def _exported(book: Book, options: argparse.Namespace, outcome: Outcome) -> Iterator[None]:
    """The digests leave before the workbook is saved, as pending, and are confirmed after: a run that dies between leaves both valid."""
    path = guarding.path_of(book, options) if outcome.export is not None else None
    if outcome.export is None or path is None:
        if outcome.export is not None:
            outcome.data["seal"] = outcome.export.after.decode("utf-8")
        yield
        return
    mode = mode_of(book.identity)
    atomic_write(path, outcome.export.before, mode=mode)
    yield
    atomic_write(path, outcome.export.after, mode=mode)


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


def _announced(action: Action, effect: Effect, outcome: Outcome) -> Text:
    """What will change, said before."""
    sheets = [*effect.sheets, *(f"+ {sheet.title}" for sheet in outcome.sheets), *(f"− {name}" for name in outcome.removes)]
    return action.about + Text(
        f"\n将改动 {effect.size} 个单元格（{'、'.join(sheets)}）。",
        f"\n{counted(effect.size, 'cell')} will change ({', '.join(sheets)}).",
    )


def _write(
    action: Action, book: Book, outcome: Outcome, effect: Effect, progress: Progress, backup: bool, now: dt.datetime
) -> Saved | None:
    for path in (*outcome.files, *outcome.published):
        check_writable(path)
    if outcome.documents:
        book.check_writable([*effect.sheets, *lowered(book, outcome.lasting).sheets])
        for path, content in outcome.documents.items():  # before the rows that list them: a row tells of a file that is there
            write_new(path, content, mode_of(book.identity))
    if outcome.sheets:
        book.check_writable(effect.sheets)
        progress(Text("添加工作表", "Adding sheets"))
        book.add_sheets(outcome.sheets)
    if not effect and not lowered(book, outcome.lasting):
        saved = _save(action, book, outcome, effect, backup) if outcome.sheets or outcome.removes else None
        _write_files(outcome, book)
        return saved
    who = who_am_i()
    log = {"ChangeLog": _log_rows(action, book, outcome, effect, who, now)}
    logged = lowered(book, replace(outcome.lasting, added=outcome.lasting.added | log))
    book.check_writable([*effect.sheets, *logged.sheets])
    progress(Text("写入", "Writing"))
    book.apply(effect)
    book.apply(logged)
    progress(Text("计算公式", "Computing the formulas"))
    outcome.notes.extend(_of_an_older_version(book))
    if not_computed := book.settle():
        outcome.notes.append(not_computed)
    progress(Text("保存", "Saving"))
    saved = _save(action, book, outcome, effect, backup)
    _write_files(outcome, book)
    return saved


def _of_an_older_version(book: Book) -> Iterator[Text]:
    """Formulas of an older plan ask for words as they were; what is written now are the words of today."""
    from workbook_templates.upgrade import fingerprints
    from workbook_templates.upgrade.upgrading import FIRST, VERSION_NAME

    if book.adoption is not None or book.locate("plan_version") is None:
        return
    since = str(book.first(VERSION_NAME) or FIRST)
    if since in fingerprints.versions():
        yield Text(
            f"这份计划由 {since} 版生成，有的合计不认新的用词：请运行“升级计划”",
            f"this plan is of version {since}, some of its totals don't know today's words: run Upgrade plan",
        )


def _write_whole(action: Action, book: Book, outcome: Outcome, progress: Progress, backup: bool, now: dt.datetime) -> Saved:
    """Another file in the workbook's place; what stood there is kept for undo, whole."""
    assert outcome.whole is not None, "asked of such outcomes only"
    content = outcome.whole
    if outcome.undoes is None:
        made = FileBook(Package(content))
        rows = _log_rows(action, made, outcome, Effect(), who_am_i(), now)
        made.apply(lowered(made, Changes(added={"ChangeLog": rows})))
        progress(Text("计算公式", "Computing the formulas"))
        if not_computed := made.settle():
            outcome.notes.append(not_computed)
        content = made.package.to_bytes()
        whole = memory.keep_whole(book, book.raw, content)
        memory.keep(book, memory.Record(memory.now(), who_am_i(), action.name, action.label, Effect(), whole=whole))
    progress(Text("保存", "Saving"))
    saved = book.overwrite(content, backup)
    if outcome.undoes is not None:
        memory.write(book, [r for r in memory.records(book) if r != outcome.undoes])
    return saved


def _save(action: Action, book: Book, outcome: Outcome, effect: Effect, backup: bool) -> Saved | None:
    """Save, and keep for undo what this came to; sheets go last, when nothing needs them any more."""
    if outcome.removes:
        book.check_writable(())
        book.remove_sheets(outcome.removes)
    if outcome.undoes is None and (effect or outcome.sheets):
        sheets = memory.added(book, [sheet.table for sheet in outcome.sheets])
        memory.keep(book, memory.Record(memory.now(), who_am_i(), action.name, action.label, effect, sheets))
    saved = book.save(backup)
    if outcome.undoes is not None:
        memory.write(book, [r for r in memory.records(book) if r != outcome.undoes])
    return saved


def _write_files(outcome: Outcome, book: Book | None) -> None:
    """Each as a whole or not at all; no more open than the workbook it comes from."""
    for path, content in {**outcome.files, **{to: made() for to, made in outcome.published.items()}}.items():
        atomic_write(path, content, mode=None if book is None else mode_of(book.identity))


def _log_rows(action: Action, book: Book, outcome: Outcome, effect: Effect, who: str, now: dt.datetime) -> list[Row]:
    """What changed; before it, what people changed of the settings since they were signed off."""
    with speaking(book.lang):
        sheet = (book.locate("plan_version") or ("", None))[0]
        changed = [] if outcome.log else [(str(signed.CHANGED), sheet, *change) for change in signed.unlogged(book)]
        lines = [(str(action.label), s, c, str(o), str(n)) for s, c, o, n in log_lines(effect, outcome.origin, book.shows_date)]
        own = [(str(action.label), *line) for line in outcome.log]
        keys = ("action", "sheet", "cell", "old", "new")
        when = {"time": now.replace(microsecond=0), "who": who}
        return [when | dict(zip(keys, line, strict=True)) for line in [*changed, *lines, *own]]


def who_am_i() -> str:
    """The name of the person at this machine."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a service without a user entry
        return "?"
