"""Refresh the talent pool: nine-box and place of everybody in the newest half-yearly review, and what moved since the last."""

from __future__ import annotations

import argparse
from collections import Counter

from addin.action import Action, Outcome, Progress
from addin.book import Book
from udfs.text import Text, joined
from workbook_templates.answers import ERROR
from workbook_templates.chapters.incentives.rhythm import judged, newest
from workbook_templates.chapters.incentives.tables.rhythm import MOVES, TALENT
from workbook_templates.tables.schema import LEVELS

TABLE = "TalentReviews"


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Box and place of the newest half-year; older ones stay as they were."""
    found = book.problems(TABLE, "People")
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    rows = book.read(TABLE).rows
    levels = [word.code for word in LEVELS][: len(list(book.setting("team.pool_sizes")))]
    placed = judged(
        rows, book.read("People").rows, levels, list(book.setting("team.pool_sizes")), float(book.setting("team.values_bar"))
    )
    outcome = Outcome(Text("", ""), problems=found)
    for index, one in placed.items():
        if (rows[index].get("box"), rows[index].get("place")) != (one.box, one.place):
            outcome.changes.edit(TABLE, index, box=one.box, place=one.place)
    counts = Counter(one.place for one in placed.values())
    half = newest(rows)[0]
    outcome.data = {"half": half, "reviewed": len(placed), **counts}
    outcome.summary = _summary(half, len(placed), counts)
    return outcome


def _summary(half: str | None, reviewed: int, counts: Counter[str]) -> Text:
    if not reviewed:
        return Text(
            "没有可盘点的：请在“人才盘点”填写工号、半年（如 2027-H1）与评分",
            "nothing to review: enter person, half-year (2027-H1) and ratings on Talent review",
        )
    said = [(word.label, counts[word.code]) for word in MOVES if counts[word.code]]
    zh, en = joined(Text(f"{t.zh} {n}", f"{t.en.lower()} {n}") for t, n in said)
    return Text(f"{half} 已盘点 {reviewed} 人：{zh}", f"{half}: {reviewed} reviewed ({en})")


ACTION = Action(
    label=TALENT,
    tip=Text(
        "最近半年的评分得出九宫格与人才池，对照上一个半年看谁进谁出",
        "The newest ratings give nine-box and pool, beside the half-year before: who is in, who is out",
    ),
    about=Text(
        "在“人才盘点”最近半年的行写入九宫格与人才池；评分与更早的半年不改。",
        "Writes nine-box and place into the newest half-year's rows; ratings and older half-years stay.",
    ),
    group="incentives",
    order=61,
    icon="SortDown",
    keytip="OT",
    run=run,
    guards=False,
    examples=Text("示例：\n  salesplan talent 计划.xlsx", "examples:\n  salesplan talent plan.xlsx"),
)
