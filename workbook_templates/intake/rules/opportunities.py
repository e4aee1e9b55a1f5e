"""Opportunities: ends written where the stage should be, days and names that an export does not have.

Many systems put 赢单 or Closed Lost into the column of stages, so that nobody can tell from which stage it was won or lost. An end is no stage to
forecast from: such a row counts for the first stage in which the file's open ones are, from the day it began; what the plan knows of it holds.
"""

from __future__ import annotations

import datetime as dt
import re

from udfs.text import Text
from workbook_templates.intake.importing import Candidate, Import, ImportRules
from workbook_templates.intake.meaning import words
from workbook_templates.intake.parsing import fold
from workbook_templates.tables.schema import TableSpec

_LAST, _USUAL = "closing", "negotiation"  # the stage that is the end, and where ends come from where nothing is open


def _end_of(spec: TableSpec, cell: object) -> str | None:
    """The end that a cell of the stage column names; None where it is a stage's own name."""
    said = str(cell or "").strip()
    stages = {name.casefold() for word in spec["stage"].words for name in (word.code, *word.label)}
    if not said or said.casefold() in stages:
        return None
    return next((word.code for word in spec["outcome"].words if word.means(said)), None)


def _stage_said(spec: TableSpec, cell: object) -> str | None:
    return _LAST if _end_of(spec, cell) else None


_OPEN = re.compile(r"进行中|跟进中|跟踪中|推进中|未结束|正常|有效|激活|暂停|搁置|open|in progress|active|on hold|ongoing|working")
_DROPPED = re.compile(r"放弃|无效|取消|作废|撤|搁|disqualif|abandon|cancel|dropped|no decision")


def _outcome_said(spec: TableSpec, cell: object) -> str | None:
    """How an opportunity ended, in the words of CRMs; "" of one that is open."""
    said = words.plain(cell or "")
    if any(word.means(str(cell)) for word in spec["outcome"].words):
        return None
    if _OPEN.fullmatch(said) or words.is_draft(said):
        return ""
    if words.is_won(said):
        return "won"
    if words.verdict(words.STATUS, said) == words.SKIP:
        return "dropped" if _DROPPED.search(said) else "lost"
    return None


def _end(run: Import, candidate: Candidate) -> str | None:
    place = candidate.page.layout.places.get("stage")
    return _end_of(run.spec, candidate.cells[place.index] if place and place.index < len(candidate.cells) else None)


def _before(run: Import, candidates: list[Candidate]) -> None:
    """Which stage ends came from, where the file does not say: the first one that is open in it; where the plan has the row, its own."""
    ranks = [word.code for word in run.spec["stage"].words]
    there = {fold(row["id"]): row.get("stage") for row in run.known.rows.get("Opportunities", ()) if row.get("id")}
    ended = {candidate.line for candidate in candidates if _end(run, candidate)}
    dated = (
        c.row
        for c in candidates
        if c.line not in ended and not c.row.get("outcome") and (c.row.get("entered") or c.row.get("opened"))
    )
    first = min((row["stage"] for row in dated if row.get("stage") in ranks), key=ranks.index, default=_USUAL)
    run.said["stage"] = run.spec["stage"].words[ranks.index(first)].label
    for candidate in candidates:
        if candidate.line in ended and candidate.row.get("id"):
            known = there.get(fold(candidate.row["id"]))
            candidate.row["stage"] = known or first
            if not known:
                run.note("stage_unknown", candidate.line)


def _row(run: Import, candidate: Candidate) -> None:
    row, end = candidate.row, _end(run, candidate)
    if "outcome" in row:
        row["outcome"] = row["outcome"] or None
    if row.get("name") is None:
        row["name"] = row["id"]
        run.note("named", candidate.line)
    for key, other in (("entered", "opened"), ("opened", "entered")):
        if row.get(key) is None and row.get(other) is not None:
            row[key] = row[other]
            run.note(f"no_{key}", candidate.line)
    if row.get("entered") is None:
        key = "entered" if "entered" in run.places else "opened"
        run.refuse(
            candidate,
            key,
            Text("没有进入日期，也没有立项日期：请填写", "has neither the day it entered its stage nor the day it began"),
        )
    if end is not None:
        row["outcome"] = row.get("outcome") or end
        if not isinstance(row.get("closed_on"), dt.date):
            run.refuse(
                candidate, "closed_on", Text("已结束却没有关闭日期：请填写", "has ended, but has no closing day: fill it in")
            )


_NOTES = {
    "named": Text("{n} 行没有商机名称，以编号代替（{lines}）", "{rows} {have} no name: the number stands for it ({lines})"),
    "no_entered": Text("{n} 行没有进入阶段的日期，用立项日期（{lines}）", "{rows} {have} no day of entering the stage: the day it began is taken ({lines})"),
    "no_opened": Text("{n} 行没有立项日期，用进入日期（{lines}）", "{rows} {have} no day of beginning: the day of entering is taken ({lines})"),
    "stage_unknown": Text(
        "{n} 行的阶段写的是赢单或输单，不知从哪个阶段结束：按“{stage}”计，自立项起；有阶段历史请另导入“阶段历史”（{lines}）",
        "{rows} {name} an end for a stage, not where it ended: counted as {stage} from the day it began; a history of stages goes into Stage history ({lines})",
    ),
}  # fmt: skip

RULES = ImportRules(
    {"name": frozenset({"id"}), "entered": frozenset({"opened"}), "opened": frozenset({"entered"})}, row=_row, before=_before, notes=_NOTES,
    words={"stage": _stage_said, "outcome": _outcome_said},
)  # fmt: skip
