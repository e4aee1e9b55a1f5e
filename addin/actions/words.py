"""Words: what a company calls its lines, product lines, levels … takes hold everywhere: drop-downs, sheets, formulas, checks."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from addin.action import Action, Outcome, Progress
from addin.book import Book
from udfs.text import Text, counted, joined
from workbook_templates.answers import ERROR, Problem, Refused
from workbook_templates.tables import own_words, schema
from workbook_templates.tables.own_words import OWN, TABLE, in_force, wording
from workbook_templates.xlsx.package import Package

if TYPE_CHECKING:
    from workbook_templates.tables.grids import Held
    from workbook_templates.tables.schema import Row

# What the sheets have room for.
MOST = {"levels": 5, "lines": 10, "product_lines": 20}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""

    def add(name: str, metavar: str, zh: str, en: str) -> None:
        parser.add_argument(name, metavar=metavar, action="append", default=[], help=str(Text(zh, en)))

    add(
        "--rename",
        "OLD=NEW",
        "改叫法，如 行业=大客户；可重复",
        "call a word otherwise, such as Industry=Key accounts; repeatable",
    )
    add("--add", "LIST=NAME", "加一项，如 条线=电商；可重复", "a new word, such as “Sales line=Online”; repeatable")
    add("--remove", "NAME", "去掉一项（没有行在用时）；可重复", "drop a word that no row uses; repeatable")


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """What the Table Words says, and what was asked, as the plan's words."""
    book.require_ours()
    if book.adoption is not None or book.grid(TABLE) is None:
        raise Refused(
            Text(
                "这个工作簿没有“用词”表：旧版计划请先升级（salesplan upgrade）",
                "this workbook has no Table Words: bring an older plan up first (salesplan upgrade)",
            )
        )
    held = book.read(TABLE)
    rows = _asked([dict(row) for row in held.rows], options)
    found = [*_problems(held, rows), *_in_use(book, rows)]
    if found:
        return Outcome.refused(found)
    said = _changes(rows)
    if not said:
        return Outcome(Text("没有变化：用词都已生效", "nothing changed: all words are in force"))
    taken = {str(row["code"]) for row in rows if row.get("code")}
    for row in rows:
        if not row.get("code"):
            row["code"] = next(code for n in count(1) if (code := f"{row['name']}{n if n > 1 else ''}") not in taken)
            taken.add(row["code"])
    return _rebuilt(book, rows, said, progress)


def _asked(rows: list[Row], options: argparse.Namespace) -> list[Row]:
    """The rows with what was asked on the command line."""
    for row in rows:
        row["was"] = row.get("in_force")
    for pair in options.rename:
        old, new = _pair("--rename", pair)
        _row(rows, old)["name"] = new
    for pair in options.add:
        of, name = _pair("--add", pair)
        own = next((own for own in OWN.values() if of.casefold() in {own.key, *(t.casefold() for t in own.title)}), None)
        if own is None:
            titles = [str(own.title) for own in OWN.values()]
            raise Refused(
                Text(f"没有列表“{of}”：可用 {'、'.join(titles)}", f"there is no list “{of}”: there are {', '.join(titles)}")
            )
        rows.append({"list": own.key, "name": name, "was": None})
    for name in options.remove:
        rows.remove(_row(rows, name.strip()))
    return rows


def _pair(option: str, said: str) -> tuple[str, str]:
    left, equals, right = (part.strip() for part in said.partition("="))
    if not equals or not left or not right:
        raise Refused(Text(f"{option} “{said}” 应写成 左=右", f"{option} “{said}” must be written left=right"))
    return left, right


def _row(rows: Sequence[Row], name: str) -> Row:
    found = [row for row in rows if name.casefold() in {str(row.get(key) or "").casefold() for key in ("name", "was")}]
    if len(found) != 1:
        names = [str(row["name"]) for row in rows]
        raise Refused(
            Text(f"“用词”里{'有几个' if found else '没有'}“{name}”：有 {'、'.join(names)}",
                 f"Words has {'several' if found else 'no'} “{name}”: there are {', '.join(names)}")
        )  # fmt: skip
    return found[0]


def _problems(held: Held, rows: Sequence[Row]) -> list[Problem]:
    """What can't be in force: blank or doubled names, an empty list, more than there is room for, a level that counts as none."""
    out = []
    times = Counter((row["list"], str(row["name"] or "").strip().casefold()) for row in rows)

    def wrong(row: Row, key: str, text: Text) -> None:
        place = rows.index(row)
        at = held.at(place, key) if place < len(held.lines) else (0, 0)
        out.append(Problem(held.grid.sheet, *at, text, ERROR))

    for row in rows:
        name = str(row["name"] or "").strip()
        if not name:
            wrong(row, "name", Text("为空：请填写叫法，或删去该行", "is blank: enter a name or delete the row"))
        elif times[row["list"], name.casefold()] > 1:
            wrong(row, "name", Text(f"“{name}”在同一列表里有两个：请改一个", f"“{name}” is twice in its list: change one"))
        elif "," in name or '"' in name:
            wrong(row, "name", Text(f"“{name}”含逗号或引号，下拉列表不能用：请换写法", f"“{name}” has a comma or quote, which lists can't show: write it otherwise"))  # fmt: skip
        if row["list"] == "levels" and not row.get("code") and not row.get("like"):
            wrong(
                row,
                "like",
                Text(f"“{name}”是新层级：请在“相当于”选它按哪一级计", f"“{name}” is a new level: choose what it counts as"),
            )
    for key, own in OWN.items():
        n = sum(row["list"] == key for row in rows)
        most = MOST.get(key, 30)
        if not n:
            text = Text(f"“{own.title.zh}”一项也没有：至少留一项", f"“{own.title.en}” has no word: keep one at least")
            out.append(Problem(held.grid.sheet, 0, 0, text, ERROR))
        elif n > most:
            text = Text(f"“{own.title.zh}”有 {n} 项，最多 {most} 项", f"“{own.title.en}” has {n} words, {most} at most")
            out.append(Problem(held.grid.sheet, 0, 0, text, ERROR))
    return out


def _in_use(book: Book, rows: Sequence[Row]) -> list[Problem]:
    """Rows of other Tables that name a word which is to go."""
    kept = {key: {row.get("code") or row["name"] for row in rows if row["list"] == key} for key in OWN}
    out = []
    for spec in schema.TABLES.values():
        mine = [(c, c.words) for c in spec.inputs if isinstance(c.words, own_words.OwnWords) and not c.open_words]
        if not mine or book.grid(spec.name) is None:
            continue
        held = book.read(spec.name)
        for column, words in mine:
            gone = {word.code for word in words} - kept[words.key]
            places = [i for i, row in enumerate(held.rows) if row.get(column.key) in gone]
            if places:
                name = words.label(str(held.rows[places[0]][column.key]))
                text = Text(f"“{name.zh}”还有 {len(places)} 行在用：请先改这些行", f"“{name.en}” is still used by {counted(len(places), 'row')}: change them first")  # fmt: skip
                out.append(Problem(held.grid.sheet, *held.at(places[0], column.key), text, ERROR))
    return out


def _changes(rows: Sequence[Row]) -> list[Text]:
    """What changes, word by word; what is gone shows by the words that are in force and no row has."""
    out = []
    for row in rows:
        was, name = row.get("was"), str(row["name"]).strip()
        if not was:
            out.append(Text(f"新加 {name}", f"new: {name}"))
        elif was != name:
            out.append(Text(f"{was} → {name}", f"{was} → {name}"))
    for key, own in OWN.items():
        there = {row.get("code") or row["name"] for row in rows if row["list"] == key}
        out += [Text(f"去掉 {w.label.zh}", f"dropped: {w.label.en}") for w in own if w.code not in there]
    return out


def _rebuilt(book: Book, rows: list[Row], said: list[Text], progress: Progress) -> Outcome:
    """The plan with these words: every sheet is held against one made with them, what people put there stays."""
    from workbook_templates.making import built, plan_bytes
    from workbook_templates.upgrade.fingerprints import Fingerprint, taken
    from workbook_templates.upgrade.upgrading import Upgrade, company_of, version_of

    package = Package(book.raw)
    company = company_of(package)
    before = built(company, book.lang)
    progress(Text("按新的用词生成对照计划", "Making the plan with these words"))
    new = [{k: v for k, v in row.items() if k != "was"} | {"in_force": row["name"]} for row in rows]
    content, _ = plan_bytes(replace(company, rows={**company.rows, TABLE: new}), book.lang)
    known = Fingerprint(taken([before]), [name for name in before.names if isinstance(name, str)])
    grid = book.grid(TABLE)
    assert grid is not None, "asked before"
    upgrade = Upgrade(package, Package(content), version_of(package), known, {grid.sheet})
    found = upgrade.problems()
    if found:
        return Outcome.refused(found)
    progress(Text("更新工作表", "Updating the sheets"))
    with wording(_both(new, rows)):
        done = upgrade.run()
    outcome = Outcome(Text("用词已生效：", "words in force: ") + joined(said, most=5), whole=package.to_bytes())
    outcome.log = [
        (grid.sheet, TABLE, str(row.get("was") or "–"), str(row["name"])) for row in rows if row.get("was") != row["name"]
    ]
    if done.kept:
        kept = Text("您改过的格保留原样：", "cells you changed stay as they are: ")
        outcome.notes.append(kept + joined([Text(f"{sheet}!{cell}", f"{sheet}!{cell}") for sheet, cell, _ in done.kept]))
    outcome.data = {"words": [str(one) for one in said], "rebuilt": done.rebuilt, "cells": dict(done.cells)}
    return outcome


def _both(new: Sequence[Row], rows: Sequence[Row]) -> Mapping[str, tuple[schema.Word, ...]]:
    """The new words, which read what the cells still say as well."""
    former = {(row["list"], row["code"]): str(row["was"]) for row in rows if row.get("was")}
    return {
        key: tuple(replace(w, aliases=(*w.aliases, former[key, w.code])) if (key, w.code) in former else w for w in words)
        for key, words in in_force(new).items()
    }


ACTION = Action(
    label=Text("应用用词", "Apply words"),
    tip=Text("让“用词”页的改名和新项在全计划生效", "Makes renamed and new words hold in the whole plan"),
    about=Text(
        "条线、产品线、层级、新老客户和对账单按“用词”页的叫法：下拉、公式、检查、导入和邮件随之更新，已填的行一并改名。可一键撤销。",
        "Lines, product lines, levels, kinds of customers and statements as sheet Words calls them: lists, formulas, checks, imports and mails follow, rows "
        "that are there are renamed. One undo puts it back.",
    ),
    group="plan",
    order=55,
    icon="FindDialog",
    keytip="O5",
    run=run,
    arguments=arguments,
    asks={},
    examples=Text(
        "示例：\n  salesplan words 计划.xlsx --rename 行业=大客户 --add 条线=电商\n  salesplan words 计划.xlsx",
        'examples:\n  salesplan words plan.xlsx --rename Industry="Key accounts" --add "Sales line=Online"\n  salesplan words plan.xlsx',
    ),
    steps=6,
)
