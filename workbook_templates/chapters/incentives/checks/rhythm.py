"""Key results that can be measured, everybody with a quota has one, coaching that took place, halves that are halves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from udfs.text import Text
from workbook_templates.answers import WARNING, Problem
from workbook_templates.chapters.incentives.rhythm import HALF, progress_of
from workbook_templates.chapters.incentives.tables.rhythm import DONE
from workbook_templates.checking.core import Check, CheckList, Mistake, held
from workbook_templates.tables.grids import Grid

_DAYS = 3


def _measured(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    okrs = held(grids, "Okrs")
    if okrs is None:
        return
    for index, row in enumerate(okrs.rows):
        if row.get("kr") and progress_of(row) is None:
            text = Text(
                "完成度算不出来：起点、目标值、现值应填全，目标不能等于起点",
                "no progress: start, target and current are needed, and the target must differ from the start",
            )
            yield Problem(okrs.grid.sheet, *okrs.at(index, "target"), text, WARNING, code="okrs.measured")


def _everybody(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    okrs, quotas = held(grids, "Okrs"), held(grids, "Quotas")
    if okrs is None or quotas is None or not any(row.get("kr") for row in okrs.rows):
        return
    has = {row.get("person") for row in okrs.rows if row.get("kr")}
    for index, row in enumerate(quotas.rows):
        if row.get("person") and row["person"] not in has:
            text = Text(
                f"{row['person']} 有指标，没有关键结果：请在“目标与关键结果”补一行",
                f"{row['person']} has a quota and no key result: add one",
            )
            yield Problem(quotas.grid.sheet, *quotas.at(index, "person"), text, WARNING, code="okrs.everybody")


def _coached(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    plans = held(grids, "CoachingPlans")
    if plans is None:
        return
    for index, row in enumerate(plans.rows):
        if row.get("status") == DONE and len({row.get(f"day{n}") for n in (1, 2, 3)} - {None}) < _DAYS:
            text = Text("完成的辅导计划应有三个不同的陪访日", "a plan that is done has three different visit days")
            yield Problem(plans.grid.sheet, *plans.at(index, "day1"), text, code="coaching.days")


def _halves(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    reviews = held(grids, "TalentReviews")
    if reviews is None:
        return
    for index, row in enumerate(reviews.rows):
        if row.get("half") and not HALF.fullmatch(str(row["half"])):
            text = Text(f"“{row['half']}”不是半年：请写成 2027-H1", f"“{row['half']}” is no half-year: write it as 2027-H1")
            yield Problem(reviews.grid.sheet, *reviews.at(index, "half"), text, code="talent.half")


CHECKS = CheckList(15.5, (
    Check(
        "okrs.measured", "Okrs", Text("关键结果可以计量", "Key results can be measured"), Text("填全起点、目标值与现值", "Enter start, target and current"),
        WARNING, faults=_measured, fault=(Mistake("Okrs.target", 0.0, 2), Mistake("Okrs.start", 0.0, 2)),
    ),
    Check(
        "okrs.everybody", "Okrs", Text("有指标的人都有关键结果", "Who has a quota has key results"), Text("补上关键结果", "Add key results"),
        WARNING, faults=_everybody, fault=(Mistake("Okrs.person", "P001", 0),),
    ),
    Check(
        "coaching.days", "CoachingPlans", Text("完成的辅导有三天陪访", "Coaching that is done had three visits"), Text("补陪访日，或改回进行中", "Add the days, or set it back to running"),
        faults=_coached, fault=(Mistake("CoachingPlans.status", Text("完成", "Done"), lambda row: row.get("status") != DONE and not row.get("day3")),),
    ),
    Check(
        "talent.half", "TalentReviews", Text("盘点的半年写法有效", "Reviews name their half-year"), Text("写成 2027-H1", "Write it as 2027-H1"),
        faults=_halves, fault=(Mistake("TalentReviews.half", "2027", 1),),
    ),
))  # fmt: skip
