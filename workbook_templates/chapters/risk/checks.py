"""Scores that are whole, contracts that name one option a topic, exports that were looked at, journeys that have a factor."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from udfs.text import Text
from workbook_templates.answers import WARNING, Problem
from workbook_templates.checking.core import Check, CheckList, Mistake, held
from workbook_templates.tables.grids import Grid

_SCORES = ("financial", "industry", "judicial")


def _whole(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    scores = held(grids, "CreditScores")
    for index, row in enumerate(scores.rows if scores is not None else ()):
        lacking = [key for key in _SCORES if row.get("customer") and row.get(key) is None]
        if lacking and scores is not None:
            text = Text(
                f"{row['customer']} 缺评分，未评级：款到发货",
                f"{row['customer']} has a score missing and is not rated: cash before shipment",
            )
            yield Problem(scores.grid.sheet, *scores.at(index, lacking[0]), text, WARNING, code="credit.scored")


def _options(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    clauses, library = held(grids, "ContractClauses"), held(grids, "ClauseLibrary")
    if clauses is None or library is None:
        return
    known = {(row.get("topic"), row.get("option")) for row in library.rows}
    seen: set[tuple[object, object]] = set()
    for index, row in enumerate(clauses.rows):
        if not row.get("contract"):
            continue
        place = row["contract"], row.get("topic")
        if (row.get("topic"), row.get("option")) not in known:
            text = Text(f"条款库没有选项“{row.get('option')}”", f"the clause library has no option “{row.get('option')}”")
            yield Problem(clauses.grid.sheet, *clauses.at(index, "option"), text, code="contract.options")
        elif place in seen:
            text = Text("同一主题选了两个选项", "two options of one topic are ticked")
            yield Problem(clauses.grid.sheet, *clauses.at(index, "option"), text, code="contract.options")
        seen.add(place)


def _reviewers(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    checks = held(grids, "ExportChecks")
    for index, row in enumerate(checks.rows if checks is not None else ()):
        names = [str(row.get(key) or "").strip().casefold() for key in ("reviewer1", "reviewer2")]
        if checks is not None and names[0] and names[0] == names[1]:
            text = Text("两名复核人应是不同的人", "the two reviewers must be different people")
            yield Problem(checks.grid.sheet, *checks.at(index, "reviewer2"), text, code="export.reviewers")


def _emitting(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    travel, factors = held(grids, "Travel"), held(grids, "CarbonFactors")
    if travel is None or factors is None or not any(row.get("mode") for row in factors.rows):
        return
    known = {str(row["mode"]).strip().casefold() for row in factors.rows if row.get("mode")}
    for index, row in enumerate(travel.rows):
        if row.get("id") and isinstance(row.get("date"), dt.date) and str(row.get("mode") or "").strip().casefold() not in known:
            text = Text(
                f"“{row.get('mode')}”没有排放因子：补入“排放因子”",
                f"“{row.get('mode')}” has no factor: add it to Emission factors",
            )
            yield Problem(travel.grid.sheet, *travel.at(index, "mode"), text, WARNING, code="carbon.factors")


CHECKS = CheckList(109, (
    Check(
        "credit.scored", "CreditScores", Text("信用评分填全", "Credit scores are complete"), Text("补上缺的评分与来源", "Enter the missing scores with their sources"),
        WARNING, faults=_whole, fault=(Mistake("CreditScores.judicial", None, 2),),
    ),
    Check(
        "contract.options", "Contracts", Text("合同条款在条款库中，每个主题一个选项", "Clauses are the library's, one option a topic"),
        Text("改成条款库里的选项", "Choose an option of the library"), faults=_options, fault=(Mistake("ContractClauses.option", "???", 1),),
    ),
    Check(
        "export.reviewers", "ExportChecks", Text("出口复核人是两个人", "Exports have two different reviewers"), Text("换一名复核人", "Take another second reviewer"),
        faults=_reviewers, fault=(Mistake("ExportChecks.reviewer1", "P001", 0), Mistake("ExportChecks.reviewer2", "P001", 0)),
    ),
    Check(
        "carbon.factors", "Travel", Text("差旅方式都有排放因子", "Modes of travel have a factor"), Text("补因子，写明来源与年份", "Add the factor with source and year"),
        WARNING, faults=_emitting, fault=(Mistake("Travel.mode", "???", 1),),
    ),
))  # fmt: skip
