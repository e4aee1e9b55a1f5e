"""参数 / Settings: the plan's numbers, each once, generated from the policy. Other sheets refer to their names only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction
from importlib import metadata
from typing import Any

from udfs.formula import CHAPTERS
from udfs.policy import POLICIES, Policy
from udfs.text import Text
from workbook_templates import registry
from workbook_templates.page import style
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables.switches import OFF, ON, SWITCHES

ABSENT = Text("本版未提供", "Not in this version")
_SWITCH = Text(
    "启用或停用；停用的章隐藏、不检查、不计算，表里有数据时不隐藏",
    "On or Off; what is off is hidden, not checked, not computed. Sheets whose Tables hold rows stay visible",
)
_UNITS_TO_FORMATS = {"share": "0.0##%", "yuan": "money"}
_LEFT = "B"


def build(plan: Plan) -> None:
    page = plan.page(
        "settings",
        Text("参数", "Settings"),
        Text(
            "全部制度参数只在这里出现一次；改这里，全表跟着变",
            "Every number of the plan is here once; change it here and the workbook follows",
        ),
        todo=Text(
            "每年初核对数值与生效日，会签后再改版本号",
            "Confirm values and dates at the start of the year; new version after sign-off",
        ),
    )
    value = max(30.0, style.display_width(plan.company.name) + 2)
    page.width(B=38, C=value, D=30, E=30, F=28, G=13, H=13, I=30)
    row = _workbook(plan, page, FIRST_ROW)
    row = _sign_off(plan, page, row + 1)
    row = _chapters(plan, page, row + 1)
    row = _single(plan, page, row + 1)
    _columns(plan, page, row + 1)


def _workbook(plan: Plan, page: Page, row: int) -> int:
    """Whose plan it is, for which year, and until which day actuals count."""
    page.heading(f"B{row}", Text("工作簿", "This workbook"), until="I")
    company = plan.company
    as_of = company.as_of or dt.date(company.year, 12, 31)
    entries = (
        (
            Text("公司名称", "Company"),
            company.name,
            "general",
            "company_name",
            Text("显示在“说明”页和页眉", "on Guide and page headers"),
        ),
        (Text("计划年度", "Plan year"), company.year, "year", "plan_year", Text("年度，如 2027", "the year, such as 2027")),
        (
            Text("截止日期", "As of"),
            as_of,
            "date",
            "as_of",
            Text("只统计签单日不晚于此日的成交", "deals signed after this day are not counted"),
        ),
        (
            Text("方案版本", "Plan version"),
            company.version,
            "general",
            "plan_version",
            Text("改制度后、再会签前递增", "raise after a policy change, before signing"),
        ),
    )
    for offset, (label, value, fmt, name, note) in enumerate(entries, row + 1):
        page.label(f"B{offset}", label)
        page.input(f"C{offset}", value, fmt, name, note=note)
        page.label(f"D{offset}", note, muted=True, grow=False)
        page.label(f"I{offset}", name, muted=True)
        page.sheet[f"C{offset}"].alignment = style.align("left")
    at = row + len(entries) + 1
    page.label(f"B{at}", Text("程序版本", "Made by version"))
    page.label(f"C{at}", version())
    page.label(
        f"D{at}",
        Text("由程序写入；旧版计划用“升级计划”更新", "Written by the program; “Upgrade plan” brings older plans up"),
        muted=True,
        grow=False,
    )
    plan.define("program_version", page, f"C{at}")
    return at + 1


def version() -> str:
    """The version of this program."""
    return metadata.version("salesplan")


def _sign_off(plan: Plan, page: Page, row: int) -> int:
    """Who stands behind this version."""
    page.heading(f"B{row}", Text("会签", "Sign-off"), until="I")
    page.header(f"B{row + 1}", [Text("环节", "Step"), Text("签署人", "Who"), Text("日期", "When"), Text("版本", "Version")])
    steps = (Text("编制", "Prepared"), Text("财务复核", "Reviewed by finance"), Text("批准", "Approved"))
    for offset, step in enumerate(steps, row + 2):
        page.label(f"B{offset}", step)
        page.sheet[f"B{offset}"].border = style.BOX
        page.input(f"C{offset}", None, note=Text("填写姓名", "enter a name"))
        page.input(f"D{offset}", None, "date", note=Text("签署日期", "date of signing"))
        page.input(f"E{offset}", None, note=Text("所签版本，如 V1.0", "the version signed, such as V1.0"))
    plan.define("signoff", page, f"B{row + 2}:E{row + 1 + len(steps)}")
    return row + 2 + len(steps)


def _chapters(plan: Plan, page: Page, row: int) -> int:
    """Which chapters of the plan are in use, and whose they are; those this version does not have say so."""
    page.heading(f"B{row}", Text("启用章节", "Chapters in use"), until="I")
    heads = (Text("章", "Chapter"), Text("启用", "In use"), Text("负责人", "Owner"), Text("说明", "Note"))
    page.header(f"B{row + 1}", heads)
    top = row + 2
    for at, number in enumerate(sorted(CHAPTERS.keys() - {0}), top):
        title = CHAPTERS[number]
        page.label(f"B{at}", Text(f"{number} {title.zh}", f"{number} {title.en}"))
        page.sheet[f"B{at}"].border = style.BOX
        chapter = registry.numbered().get(number)
        if chapter is None:
            page.input(f"C{at}", ABSENT, choices=(ABSENT,))
            page.sheet[f"C{at}"].font = style.font(style.MUTED)
        else:
            page.input(f"C{at}", ON if plan.in_use(number) else OFF, choices=(ON, OFF), note=_SWITCH)
        page.input(f"D{at}", None, note=Text("填写姓名或工号", "enter a name or ID"))
        page.label(f"E{at}", _note(chapter), muted=True, grow=False)
    last = top + len(CHAPTERS) - 2
    page.lights(f"C{top}:C{last}", off=OFF)
    plan.define(SWITCHES, page, f"C{top}:C{last}")
    plan.define("chapter_owners", page, f"D{top}:D{last}")
    return last + 1


def _note(chapter: registry.Chapter | None) -> Text:
    if chapter is None:
        return Text("以后的版本提供，现在不能启用", "comes with a later version; can't be switched on yet")
    if not chapter.needs:
        return Text("可单独使用", "can be used by itself")
    zh, en = "、".join(map(str, chapter.needs)), ", ".join(map(str, chapter.needs))
    return Text(f"要用到第 {zh} 章的数字", f"works with the figures of chapter{'s' * (len(chapter.needs) > 1)} {en}")


def _is_column(policy: Policy) -> bool:
    # A word in two languages is a tuple too; it is one cell.
    return isinstance(policy.value, tuple) and not isinstance(policy.value, Text)


def _single(plan: Plan, page: Page, row: int) -> int:
    """The policies that are one cell, chapter by chapter."""
    page.heading(f"B{row}", Text("单项参数", "Single values"), until="I")
    heads = (
        Text("参数", "Setting"),
        Text("值", "Value"),
        Text("单位", "Unit"),
        Text("章", "Chapter"),
        Text("来源", "Source"),
        Text("生效日", "Valid from"),
        Text("有效至", "Valid to"),
        Text("公式中的名称", "Name in formulas"),
    )
    page.header(f"B{row + 1}", heads)
    row += 2
    for policy in sorted((p for p in POLICIES.values() if not _is_column(p)), key=lambda p: p.chapter):
        for valid_from, value, name in _dated(plan, policy):
            page.label(f"B{row}", policy.label, wrap=True)
            _value(page, f"C{row}", policy, value, name)
            _provenance(page, row, policy, valid_from, name)
            row += 1
    return row


def _dated(plan: Plan, policy: Policy) -> Iterator[tuple[dt.date, Any, str | None]]:
    """Every value of a policy with its date; the name belongs to the one in force."""
    on = plan.company.as_of or dt.date(plan.company.year, 12, 31)
    in_force = max((d for d in policy.dated if d <= on), default=min(policy.dated))
    for valid_from, value in sorted(policy.dated.items()):
        yield valid_from, value, policy.range_name if valid_from == in_force else None


def _provenance(page: Page, row: int, policy: Policy, valid_from: dt.date, name: str | None) -> None:
    page.label(f"D{row}", policy.unit, muted=True)
    page.label(f"E{row}", _chapter(policy), muted=True)
    page.label(f"F{row}", policy.source, muted=True)
    for cell, day in ((f"G{row}", valid_from), (f"H{row}", policy.valid_to)):
        _date(page, cell, day)
    page.label(f"I{row}", name or Text("（未到期或已过期）", "(not in force)"), muted=True)
    for letter in "BDEFGHI":
        page.sheet[f"{letter}{row}"].border = style.BOX


def _date(page: Page, cell: str, day: dt.date | None) -> None:
    target = page.sheet[cell]
    target.value, target.number_format = day, page.plan.format("date")
    target.font, target.alignment = style.font(style.MUTED), style.align("center")


def _chapter(policy: Policy) -> Text:
    title = CHAPTERS[policy.chapter]
    return Text(f"{policy.chapter} {title.zh}", f"{policy.chapter} {title.en}")


def _value(page: Page, cell: str, policy: Policy, value: Any, name: str | None) -> None:
    """One input: a drop-down for a word, bounds for a share, a fraction as people say it."""
    share = policy.unit.en == "share"
    fmt = _UNITS_TO_FORMATS.get(policy.unit.en, "general")
    page.input(
        cell,
        value,
        fmt,
        name,
        choices=policy.words,
        note=policy.label + Text("（", " (") + policy.unit + Text("）", ")"),
        low=0.0 if share and not isinstance(value, Fraction) else None,
        high=1.0
        if share and not policy.key.startswith(("sprint.trigger", "plancost")) and not isinstance(value, Fraction)
        else None,
    )
    page.sheet[cell].alignment = style.align("right" if not policy.words else "left")


def _columns(plan: Plan, page: Page, row: int) -> None:
    """The policies that are columns: those with the same items stand side by side."""
    page.heading(f"B{row}", Text("分档与分项参数", "Tiers and lists"), until="I")
    page.label(
        f"B{row + 1}",
        Text(
            "加一档：在两档之间插入行，名称会自动扩展。", "To add a tier insert a row between two tiers: the name grows with it."
        ),
        muted=True,
        grow=False,
    )
    row += 3
    for group in _groups():
        row = _block(plan, page, row, group) + 1


def _groups() -> list[list[Policy]]:
    """Columns that belong together: the same items, or without items the same topic."""
    groups: dict[Any, list[Policy]] = {}
    for policy in POLICIES.values():
        if _is_column(policy):
            groups.setdefault((policy.chapter, policy.items or policy.key.split(".")[0]), []).append(policy)
    return list(groups.values())


def _block(plan: Plan, page: Page, row: int, group: list[Policy]) -> int:
    """A small table: where each column comes from above it, the items below."""
    first = group[0]
    page.label(f"B{row}", first.source, bold=True)
    facts = (
        Text("章", "Chapter"),
        Text("生效日", "Valid from"),
        Text("有效至", "Valid to"),
        Text("公式中的名称", "Name in formulas"),
    )
    for offset, fact in enumerate(facts, row + 1):
        page.label(f"B{offset}", fact, muted=True)
    top = row + len(facts) + 2
    length = max(len(policy.value) for policy in group)
    page.header(f"B{top}", [Text("项目", "Item"), *[p.label for p in group]], [Text("单位", "Unit"), *[p.unit for p in group]])
    for index in range(length):
        page.label(f"B{top + 1 + index}", _item(first, index))
        page.sheet[f"B{top + 1 + index}"].border = style.BOX
    for letter, policy in zip("CDEFGH", group, strict=False):
        _column(plan, page, letter, row, top, policy)
    return top + 1 + length


def _item(policy: Policy, index: int) -> Text:
    return policy.items[index] if index < len(policy.items) else Text(f"第 {index + 1} 档", f"tier {index + 1}")


def _column(plan: Plan, page: Page, letter: str, row: int, top: int, policy: Policy) -> None:
    valid_from, values, _ = next(entry for entry in _dated(plan, policy) if entry[2])
    page.label(f"{letter}{row + 1}", _chapter(policy), muted=True)
    _date(page, f"{letter}{row + 2}", valid_from)
    _date(page, f"{letter}{row + 3}", policy.valid_to)
    page.label(f"{letter}{row + 4}", policy.range_name, muted=True)
    for offset in range(1, 5):
        page.sheet[f"{letter}{row + offset}"].alignment = style.align("center")
    for index, value in enumerate(values, top + 1):
        _value(page, f"{letter}{index}", policy, value, None)
    plan.define(policy.range_name, page, f"{letter}{top + 1}:{letter}{top + len(values)}")


SHEET = PlanSheet(1, build)
