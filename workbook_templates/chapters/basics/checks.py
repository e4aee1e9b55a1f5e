"""The chapters in use: what one needs is in use, too, and what is off holds no rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from udfs.policy import POLICIES
from udfs.text import Text
from workbook_templates import registry
from workbook_templates.answers import WARNING, Problem
from workbook_templates.checking.core import APART, Check, CheckList, Line, Mistake, held
from workbook_templates.tables import duties, gates, own_words, policies, schema
from workbook_templates.tables.grids import Grid, Held
from workbook_templates.tables.policies import ChangeFault
from workbook_templates.tables.switches import OFF

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan


def _needs(plan: Plan) -> Line:
    """How many chapters in use need one that is off."""
    lacking = [
        plan.switched(number, plan.switched(need, "0", "1"), "0")
        for number, chapter in registry.numbered().items()
        for need in chapter.needs
    ]
    return Line("+".join(lacking) or "0")


def _rows(plan: Plan) -> Line:
    """How many Tables of chapters that are off hold something in a column that must be filled."""
    return Line("+".join(_held(plan, number) for number in registry.numbered()) or "0")


def _held(plan: Plan, number: int) -> str:
    specs = [spec for name, spec in schema.TABLES.items() if schema.home_of(name).number == number]
    columns = [getattr(plan.table(spec.name), next(c.key for c in spec.inputs if c.required)) for spec in specs]
    counted = "+".join(f"(COUNTA({column})>0)" for column in columns) or "0"
    return plan.switched(number, "0", counted)


def _known(plan: Plan) -> Line:
    changes = plan.table(policies.TABLE)
    return Line(f'SUMPRODUCT(({changes.key}<>"")*({changes.policy}=""))', needs=f"{policies.TABLE}.key")


def _changes(grids: Mapping[str, Grid]) -> tuple[Held | None, list[ChangeFault]]:
    """The rows of the Table and what is wrong with them by themselves."""
    found = held(grids, policies.TABLE)
    return found, [] if found is None else policies.changes_of(found.rows)[1]


def _unknown(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    found, faults = _changes(grids)
    if found is None:
        return
    for fault in faults:
        if not fault.policy and found.rows[fault.row]["key"]:
            yield Problem(found.grid.sheet, *found.at(fault.row, fault.column), fault.text, code="policies.known")
    for row, said in enumerate(found.rows):
        key = policies.key_named(said["key"]) if said["key"] else None
        policy = POLICIES[key] if key else None
        known = (policy.key, policy.range_name, *policy.label) if policy else ()
        if known and " ".join(str(said["key"]).split()).casefold() not in map(str.casefold, known):
            text = Text(f"“参数”页认不出“{said['key']}”：请写 {key}", f"Settings can't tell “{said['key']}”: write {key}")
            yield Problem(found.grid.sheet, *found.at(row, "key"), text, code="policies.known")


def _unreadable(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    found, faults = _changes(grids)
    for fault in faults:
        if found is not None and fault.policy:
            yield Problem(found.grid.sheet, *found.at(fault.row, fault.column), fault.text, code="policies.values")


def _closed_silently(plan: Plan) -> Line:
    tasks = plan.table(duties.TABLE)
    closed = "+".join(f"({tasks.status}={plan.quoted(word.label)})" for word in duties.STATES if word.code in _CLOSED)
    return Line(f'SUMPRODUCT(({closed})*({tasks.result}=""))', needs=f"{duties.TABLE}.id")


def _silent(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    found = held(grids, duties.TABLE)
    if found is not None:
        for row in duties.unexplained(found.rows):
            yield Problem(found.grid.sheet, *found.at(row, "result"), duties.UNEXPLAINED, code="tasks.result")


def _invalid(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    found = held(grids, gates.TABLE)
    if found is not None:
        for row, column, text in gates.faults(found.rows):
            yield Problem(found.grid.sheet, *found.at(row, column), text, code="waivers.valid")


def _alive(plan: Plan) -> Line:
    return Line(f'COUNTIFS({plan.table(gates.TABLE).until_on},">="&{plan.name("as_of")})', needs=f"{gates.TABLE}.gate")


def _waiting(plan: Plan) -> Line:
    """How many words of the company are called otherwise, or new, and not applied yet."""
    words = plan.table(own_words.TABLE)
    return Line(f'SUMPRODUCT(({words.name}<>"")*({words.name}<>{words.in_force}))', needs=f"{own_words.TABLE}.name")


def _not_applied(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    found = held(grids, own_words.TABLE)
    for row, said in enumerate(found.rows if found is not None else ()):
        name, now = (str(said.get(key) or "").strip() for key in ("name", "in_force"))
        if found is None or not name or name.casefold() == now.casefold():
            continue
        text = Text(
            f"“{name}”还没有生效，各处仍叫“{now}”：点“应用用词”（salesplan words）",
            f"“{name}” is not in force, all sheets still say “{now}”: click Apply words (salesplan words)",
        )
        new = Text(
            f"新词“{name}”还没有生效，下拉表里没有：点“应用用词”（salesplan words）",
            f"the new word “{name}” is not in force, no drop-down has it: click Apply words (salesplan words)",
        )
        yield Problem(found.grid.sheet, *found.at(row, "name"), text if now else new, level=WARNING, code="words.applied")


_CLOSED = frozenset({duties.DONE, duties.CANCELLED})

CHECKS = CheckList(5, (
    Check(
        "tasks.result", duties.TABLE, Text("办结的待办都写了结果", "Closed tasks say what came of them"),
        Text("在“结果”写明做了什么", "Enter under Result what was done"), line=_closed_silently, faults=_silent,
        fault=(Mistake("Tasks.status", duties.STATES[2].label, -1),),
    ),
    Check(
        "waivers.valid", "roles", Text("放行都由两人签、关卡可放行", "Waivers name a gate and two people"),
        Text("按说明改正放行行", "Correct the row"), faults=_invalid,
        fault=(Mistake("Waivers.gate", Text("没有的关卡", "no such gate")),),
    ),
    Check(
        "waivers.alive", "roles", Text("没有在有效期内的放行", "No waiver is in force"),
        Text("到期前复核放行是否仍需要", "Look whether it is still needed"), WARNING, line=_alive,
        fault=(Mistake("Waivers.until_on", dt.date(9999, 12, 31), -1),),
    ),
    Check(
        "policies.known", policies.TABLE, Text("制度变更的参数都认得", "Policy changes name known values"),
        Text("从“参数”页末的一览中选一个键", "Take a key from the list at the end of Settings"), line=_known, faults=_unknown,
        fault=(Mistake("PolicyChanges.key", "no.such.value", -1),),
    ),
    Check(
        "policies.values", policies.TABLE, Text("制度变更的新值都读得懂", "Policy changes can be read"),
        Text("按说明改正新值", "Correct the value"), faults=_unreadable,
        fault=(Mistake("PolicyChanges.value", "?"),),
    ),
    Check(
        "words.applied", own_words.TABLE, Text("改过的用词都已生效", "Words that were changed are in force"),
        Text("点“应用用词”", "Click Apply words"), WARNING, line=_waiting, faults=_not_applied,
        fault=(Mistake("Words.name", Text("改名未应用", "Renamed, not applied"), -1),),
    ),
    Check(
        "chapters.needs", "settings", Text("启用的章所需的章都已启用", "Chapters in use have what they need"),
        Text("在“参数”启用所需的章", "Switch on on Settings what they need"), line=_needs,
        fault=(Mistake("chapters_in_use", OFF),), group=APART,
    ),
    Check(
        "chapters.rows", "settings", Text("停用的章没有数据", "Chapters switched off hold no rows"),
        Text("在“参数”启用该章，或清空它的表", "Switch the chapter on on Settings, or empty its Tables"), line=_rows,
        fault=(Mistake("chapters_in_use", OFF),), group=APART,
    ),
))  # fmt: skip
