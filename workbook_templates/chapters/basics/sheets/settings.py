"""参数 / Settings: the plan's numbers, each once, generated from the policy. Other sheets refer to their names only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from fractions import Fraction
from importlib import metadata
from typing import Any

from openpyxl.worksheet.pagebreak import Break

from udfs.formula import CHAPTERS
from udfs.policy import OFTEN, POLICIES, Policy
from udfs.text import Text, joined
from workbook_templates import registry
from workbook_templates.page import style
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.navigation import INPUT
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables import policies
from workbook_templates.tables.switches import OFF, ON, SWITCHES

ABSENT = Text("本版未提供", "Not in this version")
_SWITCH = Text(
    "启用或停用；停用的章隐藏、不检查、不计算，表里有数据时不隐藏",
    "On or Off; what is off is hidden, not checked, not computed. Sheets whose Tables hold rows stay visible",
)
_UNITS_TO_FORMATS = {"share": "0.0##%", "yuan": "money"}
_SPARE, _MONTHS = 3, 12


def build(plan: Plan) -> None:
    page = plan.page(
        "settings",
        Text("参数", "Settings"),
        Text(
            "全部制度参数只在这里出现一次；年中从某日起改用“制度变更”，现行值跟着变",
            "Every number of the plan, once; a change from a date on is a policy change and shows here",
        ),
        todo=Text(
            "每年初核对数值，会签后再改版本号；年中改数用“制度变更”",
            "Confirm values at the start of the year; new version after sign-off; in mid-year use Policy change",
        ),
    )
    value = max(30.0, style.display_width(plan.company.name) + 2)
    page.width(B=38, C=value, D=22, E=18, F=24, G=16, H=30, I=28, J=13, K=32)
    page.outlined("IJK")  # where a value comes from and what formulas call it
    row = _workbook(plan, page, FIRST_ROW)
    row = _single(plan, page, row + 1, Text("常改参数", "Values that change"), [POLICIES[key] for key in OFTEN])
    row = _chapters(plan, page, row + 1)
    page.sheet.row_breaks.append(Break(id=row))
    row = _sign_off(plan, page, row + 1)
    row = _agreed(plan, page, row + 1)
    _index(plan, page, row + 1)


def _workbook(plan: Plan, page: Page, row: int) -> int:
    """Whose plan it is, for which year, and until which day actuals count."""
    page.heading(f"B{row}", Text("工作簿", "This workbook"), until="K")
    company = plan.company
    as_of = company.day()
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
        page.label(f"K{offset}", name, muted=True)
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
    page.heading(f"B{row}", Text("会签", "Sign-off"), until="K")
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
    page.heading(f"B{row}", Text("启用章节", "Chapters in use"), until="K")
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
        page.input(f"D{at}", plan.company.owners.get(number), note=Text("填写姓名或工号", "enter a name or ID"))
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
    zh, en = joined(map(str, chapter.needs))
    return Text(f"要用到第 {zh} 章的数字", f"works with the figures of chapter{'s' * (len(chapter.needs) > 1)} {en}")


_NEXT = Text('"将于 "yyyy-mm-dd" 变更"', '"changes on "yyyy-mm-dd')
_INPUT, _IN_FORCE = Text("输入值", "Input"), Text("现行值", "In force")
_SINCE, _CHANGES = Text("生效日", "Valid from"), Text("下次变更", "Next change")
_CHANGED = Text("变更后的值", "Changed to")
_BASE_NAME, _NAME = Text("输入值的名称", "Name of the input"), Text("公式中的名称", "Name in formulas")


def _agreed(plan: Plan, page: Page, row: int) -> int:
    """What is agreed once, chapter by chapter, folded under the chapter's name: single values, then tiers and lists."""
    page.heading(
        f"B{row}", Text("其余参数：按章展开（左边的 ＋）", "All other values: unfold a chapter (＋ at the left)"), until="K"
    )
    page.label(
        f"B{row + 1}",
        Text(
            "加一档：填在最后一档下面的空行，或在两档之间插入行并向下填充现行值。",
            "To add a tier use the blank row below the last, or insert a row between two and fill the In force column down.",
        ),
        muted=True,
        grow=False,
    )
    row += 2
    for number, title in sorted(CHAPTERS.items()):
        own = [policy for policy in POLICIES.values() if policy.chapter == number and policy.key not in OFTEN]
        if not own:
            continue
        name = Text(f"{number} {title.zh}（{len(own)} 项）", f"{number} {title.en} ({len(own)})")
        top, row = row, row + 1
        page.label(f"B{top}", name, bold=True, grow=False)
        single = [policy for policy in own if not policies.is_list(policy)]
        if single:
            row = _single(plan, page, row, Text("单项参数", "Single values"), single) + 1
        for group in _groups(own):
            row = _block(plan, page, row, group) + 1
        page.folded(top, row - 1)
    return row


def _single(plan: Plan, page: Page, row: int, title: Text, which: Sequence[Policy]) -> int:
    """Policies that are one cell."""
    page.heading(f"B{row}", title, until="K")
    heads = (
        Text("参数", "Setting"),
        _INPUT,
        _IN_FORCE,
        _SINCE,
        _CHANGES,
        Text("单位", "Unit"),
        Text("章", "Chapter"),
        Text("来源", "Source"),
        Text("有效至", "Valid to"),
        _NAME,
    )
    page.header(f"B{row + 1}", heads)
    row += 2
    for policy in which:
        page.label(f"B{row}", policy.label, wrap=True)
        _value(page, f"C{row}", policy, policy.at(_day(plan)), policy.base_name)
        _in_force(page, f"D{row}", policy, f"C{row}", f"E{row}", _one(plan, policy), policy.range_name)
        _days(plan, page, policy, f"E{row}", f"F{row}")
        for letter, said in (("G", policy.unit), ("H", _chapter(policy)), ("I", policy.source), ("K", policy.range_name)):
            page.label(f"{letter}{row}", said, muted=True)
        _date(page, f"J{row}", policy.valid_to)
        for letter in "BGHIJK":
            page.sheet[f"{letter}{row}"].border = style.BOX
        row += 1
    return row


def _day(plan: Plan) -> dt.date:
    return plan.company.day()


def _place(plan: Plan, policy: Policy) -> str:
    """The row of the change in force, an error where there is none."""
    return f'MATCH("{policy.key}",{plan.table(policies.TABLE).current},0)'


def _days(plan: Plan, page: Page, policy: Policy, since: str, after: str) -> None:
    """Since when a changed value holds, and when it changes next; blank where it was never changed."""
    changes = plan.table(policies.TABLE)
    page.formula(since, f'=IFERROR(INDEX({changes.valid_from},{_place(plan, policy)}),"")', "date")
    later = f'{changes.policy},"{policy.key}",{changes.valid_from},">"&{plan.name("as_of")}'
    page.formula(after, f'=IF(COUNTIFS({later})=0,"",MINIFS({changes.valid_from},{later}))', "date")
    page.sheet[after].number_format = plan.t(_NEXT)
    for cell in (since, after):
        page.sheet[cell].alignment = style.align("center")


def _in_force(page: Page, cell: str, policy: Policy, base: str, changed: str, value: str, name: str | None = None) -> None:
    """What holds on the workbook's day: the input, or ``value`` where the cell ``changed`` says that a change is in force."""
    blank = policies.may_be_none(policy) or policies.may_grow(policy.key)
    unchanged = f'IF({base}="","",{base})' if blank else base
    page.formula(cell, f'=IF({changed}="",{unchanged},{value})', _UNITS_TO_FORMATS.get(policy.unit.en, "general"), name)
    page.sheet[cell].alignment = style.align("left" if _is_text(policy) else "right")


def _is_text(policy: Policy) -> bool:
    return bool(policy.words) or policies.is_words(policy) or policies.is_name(policy)


def _one(plan: Plan, policy: Policy) -> str:
    """The value of a change as this workbook's formulas want it."""
    said = f"INDEX({plan.table(policies.TABLE).read},{_place(plan, policy)})"
    if policies.is_name(policy):
        return said
    if not policy.words:
        return f"IF(ISNUMBER({said}),{said},{_number(policy, said)})"
    value = "NA()"
    for word in reversed(policy.words):
        names = ",".join(plan.quoted(part) for part in (word.zh, word.en))
        value = f"IF(ISNUMBER(MATCH({said},{{{names}}},0)),{plan.quoted(word)},{value})"
    return value


def _number(policy: Policy, text: str, percent: str = "") -> str:
    """A text as a number, or blank for none where that is a value."""
    number = f'NUMBERVALUE({text}{percent},".",",")'
    if not policies.may_be_none(policy):
        return number
    none = ",".join(f'"{word}"' for word in policies.NONE)
    return f'IF(ISNUMBER(MATCH({text},{{{none}}},0)),"",{number})'


def _part(policy: Policy, said: str, part: str) -> str:
    """A part of a text with slashes, the % behind the whole is each part's; blank beyond the last where lists may grow, else an error."""
    beyond = '""' if policies.may_grow(policy.key) else "NA()"
    text = f'TRIM(MID(SUBSTITUTE({said},"/",REPT(" ",LEN({said}))),({part}-1)*LEN({said})+1,LEN({said})))'
    if not policies.is_words(policy):
        text = _number(policy, text, f'&IF((RIGHT({said})="%")*(RIGHT({text})<>"%"),"%","")')
        text = f"IF(ISNUMBER({said}),{said},{text})"
    return f'IF({part}>LEN({said})-LEN(SUBSTITUTE({said},"/",""))+1,{beyond},{text})'


def _date(page: Page, cell: str, day: dt.date | None) -> None:
    target = page.sheet[cell]
    target.value, target.number_format = day, page.plan.format("date")
    target.font, target.alignment = style.font(style.MUTED), style.align("center")


def _chapter(policy: Policy) -> Text:
    title = CHAPTERS[policy.chapter]
    return Text(f"{policy.chapter} {title.zh}", f"{policy.chapter} {title.en}")


def _value(page: Page, cell: str, policy: Policy, value: Any, name: str | None) -> None:
    """One input: a drop-down for a word, bounds for a share, a fraction as people say it."""
    low, high = policies.bounds(policy)
    bounded = policy.unit.en == "share" and not isinstance(value, Fraction)
    page.input(
        cell,
        value,
        _UNITS_TO_FORMATS.get(policy.unit.en, "general"),
        name,
        choices=policy.words,
        note=_how(policy, value, bounded),
        low=low if bounded else None,
        high=high if bounded else None,
    )
    page.sheet[cell].alignment = style.align("left" if policy.words or policies.is_name(policy) else "right")


def _how(policy: Policy, value: Any, share: bool) -> Text:
    """How a value is filled in: its unit, its range where it has one, and an example."""
    if policy.words:
        return Text("选项：从下拉中选一项", "choice: one of the list")
    asked, (low, high) = policy.unit, policies.bounds(policy)
    if share and low is not None and high is not None:
        asked = asked + Text(f"，{low * 100:g}% 到 {high * 100:g}%", f" from {low * 100:g}% to {high * 100:g}%")
    if value is None or value == "":
        return asked
    number = isinstance(value, (int, float))
    example = f"{value * 100:.6g}%" if share and number else f"{value:.10g}" if number else str(value)
    return asked + Text(f"，如 {example}", f", such as {example}")


def _groups(own: Iterable[Policy]) -> list[list[Policy]]:
    """Columns that belong together: the same items, or without items the same topic."""
    groups: dict[Any, list[Policy]] = {}
    for policy in own:
        if policies.is_list(policy):
            groups.setdefault(policy.items or policy.key.split(".", maxsplit=1)[0], []).append(policy)
    return [group[at : at + _ABREAST] for group in groups.values() for at in range(0, len(group), _ABREAST)]


# Lists that are read beside each other: two columns each.
_COLUMNS = ("CD", "EF", "GH")
_ABREAST = len(_COLUMNS)


def _block(plan: Plan, page: Page, row: int, group: list[Policy]) -> int:
    """A small table: where each column comes from above it, the items below."""
    first = group[0]
    page.label(f"B{row}", first.source, bold=True)
    facts = (Text("章", "Chapter"), _SINCE, _CHANGED, _CHANGES, Text("有效至", "Valid to"), _BASE_NAME, _NAME)
    for offset, fact in enumerate(facts, row + 1):
        page.label(f"B{offset}", fact, muted=True)
    top = row + len(facts) + 2
    length = max(_length(policy) for policy in group)
    heads = [head for p in group for head in (p.label, p.label + Text("（现行）", ", in force"))]
    page.header(f"B{top}", [Text("项目", "Item"), *heads], [Text("单位", "Unit"), *[p.unit for p in group for _ in (0, 1)]])
    for index in range(length):
        page.label(f"B{top + 1 + index}", _item(first, index))
        page.sheet[f"B{top + 1 + index}"].border = style.BOX
    for letters, policy in zip(_COLUMNS[: len(group)], group, strict=True):
        _column(plan, page, letters, row, top, policy)
    return top + 1 + length


def _length(policy: Policy) -> int:
    """How many rows it takes: a list that may grow has some to spare."""
    spare = 0 if not policies.may_grow(policy.key) else _MONTHS - 1 if policy.key == "quota.ramp" else _SPARE
    return len(policy.value) + spare


def _item(policy: Policy, index: int) -> Text:
    return policy.items[index] if index < len(policy.items) else Text(f"第 {index + 1} 档", f"tier {index + 1}")


def _column(plan: Plan, page: Page, letters: str, row: int, top: int, policy: Policy) -> None:
    base, now = letters[0], letters[1]
    values = policy.at(_day(plan))
    said = f"{now}{row + 3}"
    page.label(f"{base}{row + 1}", _chapter(policy), muted=True)
    _days(plan, page, policy, f"{now}{row + 2}", f"{now}{row + 4}")
    page.formula(said, f'=IFERROR(INDEX({plan.table(policies.TABLE).read},{_place(plan, policy)}),"")')
    _date(page, f"{base}{row + 5}", policy.valid_to)
    page.label(f"{base}{row + 6}", policy.base_name, muted=True)
    page.label(f"{now}{row + 7}", policy.range_name, muted=True)
    for cell in (f"{base}{row + 1}", f"{base}{row + 5}", f"{base}{row + 6}", f"{now}{row + 7}"):
        page.sheet[cell].alignment = style.align("center")
    last, text = top + _length(policy), f"{now}${row + 3}"
    for index in range(_length(policy)):
        at = top + 1 + index
        _value(page, f"{base}{at}", policy, values[index] if index < len(values) else None, None)
        part = _part(policy, text, f"ROWS({base}${top + 1}:{base}{at})")
        _in_force(page, f"{now}{at}", policy, f"{base}{at}", text, part)
    plan.define(policy.base_name, page, f"{base}{top + 1}:{base}{last}")
    plan.define(policy.range_name, page, f"{now}{top + 1}:{now}{last}", filled=policies.may_grow(policy.key))


def _index(plan: Plan, page: Page, row: int) -> None:
    """Every policy by its key: what a change may name."""
    top = row
    page.heading(f"B{row}", Text("制度参数一览", "All policy values"), until="K")
    note = Text("登记制度变更时填键或任一名称", "A policy change names the key or any of the names")
    page.label(f"B{row + 1}", note, muted=True, grow=False)
    page.header(f"B{row + 3}", [Text("名称", "Label"), Text("键", "Key"), Text("英文名称", "Chinese label"), _NAME])
    for at, policy in enumerate(POLICIES.values(), row + 4):
        other = policy.label.zh if plan.lang == "en" else policy.label.en
        said: tuple[Text | str, ...] = (policy.label, policy.key, other, policy.range_name)
        for letter, name in zip("BCDE", said, strict=True):
            page.label(f"{letter}{at}", name, wrap=letter in "BD")
            page.sheet[f"{letter}{at}"].border = style.BOX
    last = row + 3 + len(POLICIES)
    page.folded(top, last)
    for letter, name in zip("BCDE", ("labels", "keys", "other_labels", "names"), strict=True):
        plan.define(f"policy_{name}", page, f"{letter}{row + 4}:{letter}{last}")


SHEET = PlanSheet(1, build, part=INPUT)
