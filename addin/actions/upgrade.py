"""Upgrade: a plan that an older version of the program made gets this version's sheets, Tables, columns, names and
formulas, in place."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from typing import TYPE_CHECKING

from addin.action import Action, Outcome, Progress
from addin.book import Book
from udfs.text import Text, counted, joined
from workbook_templates.answers import Refused
from workbook_templates.tables.own_words import TABLE
from workbook_templates.xlsx.package import Package

if TYPE_CHECKING:
    from workbook_templates.tables.schema import Row
    from workbook_templates.upgrade.upgrading import Upgraded

MOST = 5  # of a list that are named
MOST_KEPT = 200  # contents that lost their place, in the change log


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Hold the plan against a new one with the same rows, and make what is new arrive."""
    # Building workbooks takes openpyxl, which the list of commands must not load.
    from workbook_templates.chapters.incentives.pay import migrate, reading
    from workbook_templates.chapters.incentives.pay.in_file import PayFile
    from workbook_templates.making import plan_bytes
    from workbook_templates.tables import grids
    from workbook_templates.upgrade import fingerprints
    from workbook_templates.upgrade.upgrading import VERSION_NAME, Upgrade, company_of, lacks, version_of

    before = book.raw
    book.require_ours()
    if book.adoption is not None:
        raise Refused(
            Text("这是对接的工作簿，不是计划：没有可升级的", "this is a connected workbook, no plan: there is nothing to upgrade")
        )
    package = Package(before)
    since = version_of(package)
    if since not in fingerprints.versions() and not (since == metadata.version("salesplan") and lacks(package)):
        known = fingerprints.versions()
        if since in ("", *known[-1:]) or _later(since, known):
            return Outcome(Text(f"计划已是当前版本（{since}）", f"the plan is of this version already ({since})"))
        raise Refused(Text(f"不认识的版本 {since}，没有写入", f"unknown version {since}, nothing written"))
    company, notes = company_of(package), list[Text]()
    if "Accounts" not in package.tables:  # before there were accounts
        unfit = reading.later_unfit(PayFile(package))
        moved = migrate.migrated(company.rows, book.lang, grids.named(package, migrate.LATER))
        if unfit or moved.problems:
            return Outcome.refused([*unfit, *moved.problems])
        company, notes = dataclasses.replace(company, rows=moved.rows), moved.notes
        _clear(package, migrate.LATER)
    progress(Text("按新版生成对照计划", "Making the plan as this version would"))
    content, _ = plan_bytes(company, book.lang)
    upgrade = Upgrade(package, Package(content), since)
    upgrade.rename()
    found = upgrade.problems()
    if found:
        return Outcome.refused(found)
    progress(Text("更新工作表", "Updating the sheets"))
    done = upgrade.run()
    if not done:
        return Outcome(Text("没有需要更新的：计划已是当前版本", "nothing to update: the plan is of this version already"))
    arrived = company_of(package).rows
    if _filled({name: rows for name, rows in arrived.items() if name != TABLE or company.of(TABLE)}) != _filled(company.rows):
        raise RuntimeError("an upgrade changes no row but those it says, and this one did")
    outcome = Outcome(_summary(done), whole=package.to_bytes(), notes=[*_notes(done), *notes])
    outcome.log = [(sheet, cell, said, str(_KEPT)) for sheet, cell, said in done.kept[:MOST_KEPT]]
    place = Package(outcome.whole or b"").locate(VERSION_NAME)
    assert place is not None, "every plan of this version says which it is"
    outcome.log.append((place[0], str(place[1]), since, str(_summary(done))))
    outcome.data = {
        "since": since,
        "renamed": done.renamed,
        "merged": done.merged,
        "added": done.added,
        "rebuilt": done.rebuilt,
        "cells": dict(done.cells),
        "names": done.names,
        "dropped": done.dropped,
        "pay": [str(note) for note in notes],
        "kept": [{"sheet": sheet, "cell": cell, "content": said} for sheet, cell, said in done.kept],
    }
    return outcome


def _clear(package: Package, name: str) -> None:
    """What stands elsewhere now, in memory: it is not carried over."""
    place = package.locate(name) if name in package.names else None
    if place is not None:
        sheet, ref = place
        package.sheets[sheet].set_values(dict.fromkeys(at for at in ref.cells() if package.sheets[sheet].get(at) is not None))


_KEPT = Text("升级时这里换了内容，您原来填的记在这里", "replaced by the upgrade; what you had there is noted here")


def _later(since: str, known: Iterable[str]) -> bool:
    """Whether a plan is younger than every version on record: made by this one."""
    numbers = [int(part) for part in since.split(".") if part.isdigit()]
    return all(numbers > [int(part) for part in version.split(".")] for version in known)


def _filled(rows: Mapping[str, Sequence[Row]]) -> dict[str, list[Row]]:
    """What is written in the rows: Tables and columns that are new are blank."""
    return {
        name: [{key: value for key, value in row.items() if value is not None} for row in found]
        for name, found in rows.items()
        if found
    }


def _summary(done: Upgraded) -> Text:
    cells = sum(done.cells.values())
    return Text(
        f"已从 {done.since} 版升级：新增 {len(done.added)} 张工作表，重建 {len(done.rebuilt)} 张，更新 {cells} 处，新名称 {len(done.names)} 个",
        f"Upgraded from {done.since}: {counted(len(done.added), 'sheet')} added, {len(done.rebuilt)} rebuilt, {counted(cells, 'place')} updated, "
        f"{counted(len(done.names), 'name')}",
    )


def _notes(done: Upgraded) -> list[Text]:
    """The report, a line a kind."""
    notes = [Text(f"改名：{old} → {new}", f"renamed: {old} → {new}") for old, new in done.renamed]
    notes += [Text(f"并入：{old} → {new}", f"moved: {old} → {new}") for old, new in done.merged]
    for names, zh, en in (
        (done.added, "新增", "added"),
        (done.rebuilt, "重建", "rebuilt"),
        (sorted(done.cells), "更新", "updated"),
        (done.dropped, "不再使用的名称", "names no longer in use"),
    ):
        if names:
            notes.append(Text(f"{zh}：", f"{en}: ") + joined(names, MOST))
    if done.carried:
        notes.append(
            Text("沿用您填的：", "what you had entered stays: ") + joined([f"{key} {said}" for key, said in done.carried])
        )
    if done.kept:
        said = [f"{sheet}!{cell} {content}" for sheet, cell, content in done.kept]
        notes.append(
            Text("您改过的，保留原样或记入变更记录：", "changed by you, left as it is or noted in the change log: ")
            + joined(said, MOST)
        )
    return notes


ACTION = Action(
    label=Text("升级计划", "Upgrade plan"),
    tip=Text("把旧版程序生成的计划升到当前版本", "Brings a plan made by an older version up to this one"),
    about=Text(
        "补上新版的工作表、表、列、名称和公式；您填的数据、自己的工作表和图表原样保留，改过的公式列出。整个文件可一键撤销。",
        "Adds this version's sheets, Tables, columns, names and formulas; your data, sheets and charts stay, formulas you "
        "changed are "
        "listed. One undo puts the whole file back.",
    ),
    group="tools",
    order=16,
    icon="UpArrow2",
    keytip="U",
    run=run,
    examples=Text("示例：\n  salesplan upgrade 计划.xlsx --dry-run", "examples:\n  salesplan upgrade plan.xlsx --dry-run"),
    steps=6,
)
