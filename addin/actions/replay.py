"""Replay: the year's deals under other values or another plan's rules; who gains, who loses, what it costs. Nothing is written."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from addin.action import Action, Outcome, Progress
from addin.book import Book, FileBook
from addin.outputs import csv_file
from udfs.policy import POLICIES
from udfs.text import Text
from workbook_templates.answers import Problem, Refused, inert
from workbook_templates.chapters.incentives.pay import reading
from workbook_templates.chapters.incentives.pay.exact import yuan
from workbook_templates.chapters.incentives.pay.facts import PayFacts
from workbook_templates.chapters.incentives.pay.replay import Difference, Instead, replay
from workbook_templates.chapters.incentives.pay.worth import NotComputed
from workbook_templates.tables import policies

HEADERS = (
    Text("工号", "id"),
    Text("姓名", "name"),
    Text("现行（元）", "before_yuan"),
    Text("改后（元）", "after_yuan"),
    Text("差额（元）", "difference_yuan"),
)
_SHOWN = 10


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], help=str(Text("改用的制度参数（可重复），如 commission.rates=2.5/5/12%%", "a policy value instead (repeatable), such as commission.rates=2.5/5/12%%")))  # fmt: skip
    parser.add_argument("--rules", metavar="PLAN.xlsx", help=str(Text("改用另一计划的提成规则、档表与制度参数", "another plan's rules, tier tables and policy values instead")))  # fmt: skip
    parser.add_argument("--out", metavar="OUT.csv", help=str(Text("另存逐人结果为 CSV", "also write everybody to a CSV")))


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Compute the year twice."""
    read = reading.read(book)
    if read.stops:
        return Outcome.refused(read.problems)
    values, wrong = _values(options.set)
    if wrong:
        return Outcome.refused([Problem("", 0, 0, text) for text in wrong])
    other = _other(read.facts, options.rules)
    if values:
        other = replace(other, policy=Instead(other.policy, values))
    progress(Text("重算全年", "Computing the year again"))
    try:
        found = replay(read.facts, other)
    except NotComputed as error:
        raise Refused(
            Text(
                f"提成算不出来：{error.order} {error.reason.zh}",
                f"the commissions can't be computed: {error.order} {error.reason.en}",
            )
        ) from error
    return _told(read.facts, found, options)


def _other(facts: PayFacts, path: str | None) -> PayFacts:
    if not path:
        return facts
    theirs = reading.read(FileBook.open(path))
    if theirs.stops:
        raise Refused(
            Text(f"{path} 有问题，读不了规则：{theirs.stops[0].text.zh}", f"{path} can't be used: {theirs.stops[0].text.en}")
        )
    rules = theirs.facts
    return replace(facts, rules=rules.rules, tier_tables=rules.tier_tables, policy=rules.policy)


def _values(said: Sequence[str]) -> tuple[dict[str, Any], list[Text]]:
    values: dict[str, Any] = {}
    wrong: list[Text] = []
    for one in said:
        name, given, value = one.partition("=")
        key = policies.key_named(name.strip())
        if key is None:
            wrong.append(policies.unknown_key(name.strip()))
        elif not given:
            wrong.append(Text(f"“{one}”没有值：请写 {key}=值", f"“{one}” has no value: write {key}=VALUE"))
        else:
            try:
                values[key] = policies.read(POLICIES[key], value.strip())
            except policies.NoSuchValue as fault:
                wrong.append(fault.text)
    return values, wrong


def _told(facts: PayFacts, found: Sequence[Difference], options: argparse.Namespace) -> Outcome:
    before, after = (sum(getattr(one, side) for one in found) for side in ("before", "after"))
    outcome = Outcome(
        Text(
            f"重算对比：{yuan(before):,.2f} → {yuan(after):,.2f} 元，差额 {yuan(after - before):+,.2f} 元",
            f"replay: {yuan(before):,.2f} → {yuan(after):,.2f} yuan, difference {yuan(after - before):+,.2f} yuan",
        )
    )
    names = {id_: str(row.get("name") or "") for id_, row in facts.staff.people.items()}
    changed = [one for one in found if one.change]
    for one in changed[:_SHOWN]:
        outcome.notes.append(Text(*[f"{one.person} {names.get(one.person, '')}: {yuan(one.before):,.2f} → {yuan(one.after):,.2f} ({yuan(one.change):+,.2f})"] * 2))  # fmt: skip
    if len(changed) > _SHOWN:
        outcome.notes.append(Text(f"另有 {len(changed) - _SHOWN} 人有变化", f"{len(changed) - _SHOWN} more people change"))
    outcome.data = {
        "people": [
            {"person": one.person, "name": names.get(one.person, ""), "before": yuan(one.before), "after": yuan(one.after), "difference": yuan(one.change)}
            for one in found
        ],
        "total": {"before": yuan(before), "after": yuan(after), "difference": yuan(after - before)},
    }  # fmt: skip
    if options.out:
        outcome.files[Path(options.out)] = content(found, names)
    return outcome


def content(found: Sequence[Difference], names: Mapping[str, str]) -> bytes:
    """The CSV with a byte order mark, so that a double click shows Chinese; texts can't become formulas."""

    def row(one: Difference) -> list[str]:
        figures = (f"{yuan(amount):.2f}" for amount in (one.before, one.after, one.change))
        return [inert(one.person), inert(names.get(one.person, "")), *figures]

    return csv_file(HEADERS, map(row, found))


ACTION = Action(
    label=Text("重算对比", "Replay"),
    tip=Text(
        "用另一套比例或规则重算全年，看谁多谁少、总共多花多少",
        "The year's deals under other rates or rules: who gains, who loses, the total cost",
    ),
    about=Text(
        "用改动后的制度参数（--set）或另一计划的规则（--rules）重算全年成交，逐人列出现行、改后与差额。工作簿不改动。",
        "Computes the year's deals again with other policy values (--set) or another plan's rules (--rules) and lists before, after and "
        "difference for each person. The workbook is not changed.",
    ),
    group="incentives",
    order=19,
    icon="CalculateNow",
    keytip="K6",
    run=run,
    guards=True,
    arguments=arguments,
    writes={"out": ".csv"},
    reads=("rules",),
    examples=Text(
        "示例：\n  salesplan replay 计划.xlsx --set commission.rates=2.5/5/12%\n  salesplan replay 计划.xlsx --rules 试算.xlsx --out 对比.csv",
        "examples:\n  salesplan replay plan.xlsx --set commission.rates=2.5/5/12%\n  salesplan replay plan.xlsx --rules trial.xlsx --out replay.csv",
    ),
)
