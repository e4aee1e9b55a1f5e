"""The sample's key results, meetings, coaching and talent review: nine people below the coaching line, three of them without a plan."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from udfs.policy import value
from udfs.text import Text
from workbook_templates.chapters.incentives.rhythm import behind, director_of, judged, quarter_of
from workbook_templates.tables.spec import Company, Row, SampleRows
from workbook_templates.tables.words import LEVELS

_BEHIND = (0.41, 0.47, 0.53, 0.55, 0.58, 0.60, 0.62, 0.65, 0.69)  # who is furthest behind: the last at 69 %
_BORDER = 0.70  # and one exactly at the line, who is on track
_UNPLANNED = 3
_COACHED = 2  # plans that are done
_KRS = (
    (Text("开拓新客户", "Win new customers"), Text("新签客户 10 家", "10 new customers"), 0.0, 10.0),
    (Text("提高方案质量", "Better proposals"), Text("方案赢单率到 40%", "win rate of proposals 40%"), 20.0, 40.0),
    (Text("缩短回款", "Faster cash"), Text("平均回款天数降到 60", "60 days of credit on average"), 90.0, 60.0),
)
_REVIEWED = 40  # people of the upper levels and the best below


def rows(company: Company) -> Mapping[str, Sequence[Row]]:
    """By Table."""
    day = company.day()
    people = [row for row in company.of("People") if not row.get("left")]
    okrs = _okrs(company, day)
    return {
        "Okrs": okrs,
        "CoachingPlans": _plans(okrs, people, day),
        "Meetings": _meetings(people, day),
        "TalentReviews": _reviews(people, day),
    }


def _by_sales(company: Company) -> list[str]:
    """Everybody with a quota who is still there, the least sold for the quota first."""
    sold: dict[Any, float] = defaultdict(float)
    for deal in company.of("Deals"):
        sold[deal.get("seller")] += deal.get("revenue") or 0.0
    left = {row["id"] for row in company.of("People") if row.get("left")}
    people = [str(row["person"]) for row in company.of("Quotas") if row["person"] not in left]
    return sorted(people, key=lambda person: (sold[person], person))


def _okrs(company: Company, day: dt.date) -> list[Row]:
    ranked = _by_sales(company)
    progress = dict(zip(ranked, (*_BEHIND, _BORDER), strict=False))
    end = dt.date(day.year, (day.month + 2) // 3 * 3, 30)
    out = []
    for place, row in enumerate(row for row in company.of("Quotas")):
        person = str(row["person"])
        objective, kr, start, target = _KRS[place % len(_KRS)]
        share = progress.get(person, 0.74 + place % 7 * 0.05)
        out.append({
            "person": person, "period": quarter_of(day), "objective": str(objective), "kr": str(kr), "start": start, "target": target,
            "current": round(start + (target - start) * share, 6), "due": end, "weight": None,
        })  # fmt: skip
    return out


def _plans(okrs: Sequence[Row], people: Sequence[Row], day: dt.date) -> list[Row]:
    """For all but the last three of those below the line; two of them are done."""
    month, out = f"{day.year}-{day.month:02d}", []
    low = behind(okrs, quarter_of(day), float(value("coaching.limit")))
    for place, one in enumerate(low[: max(0, len(low) - _UNPLANNED)]):
        director = director_of(one.person, people)
        if director is None:
            continue
        done = place < _COACHED
        days = [day - dt.timedelta(days=back) for back in (20, 13, 6)] if done else [day - dt.timedelta(days=5), None, None]
        out.append({
            "person": one.person, "month": month, "kr": one.kr, "progress": one.progress, "director": director,
            **{f"day{n}": on for n, on in enumerate(days, 1)}, "customers": None, "skill": str(Text("方案讲解", "presenting a proposal")),
            "shown": "explain" if done else "show", "result": str(Text("能独立讲完", "presents alone")) if done else None,
            "status": "done" if done else "running",
        })  # fmt: skip
    return out


def _meetings(people: Sequence[Row], day: dt.date) -> list[Row]:
    chair = next((row["id"] for row in people if row["level"] == "director"), None)
    if chair is None:
        return []
    held = (
        ("MT0001", "weekly", dt.datetime.combine(day - dt.timedelta(days=9), dt.time(9)), 60), ("MT0002", "weekly", dt.datetime.combine(day - dt.timedelta(days=2), dt.time(9)), 55),
        ("MT0003", "daily", dt.datetime.combine(day, dt.time(8, 30)), 15),
    )  # fmt: skip
    return [
        {"id": key, "kind": kind, "at": at, "chair": chair, "minutes": minutes,
         "pain1": str(Text("华南两单推迟", "two orders of the South postponed")) if kind == "weekly" else None,
         "pain2": str(Text("旗舰报价被压价", "Ultra quotes pushed down")) if kind == "weekly" else None,
         "best": str(Text("带客户看同行产线再报价", "show a peer's line before quoting")) if kind == "weekly" else None, "metrics": None}
        for key, kind, at, minutes in held
    ]  # fmt: skip


def _reviews(people: Sequence[Row], day: dt.date) -> list[Row]:
    """The half-year before and this one: a point moves here and there; one is barred by values of 2.9."""
    rank = {word.code: place for place, word in enumerate(LEVELS)}
    rated = [row for row in people if row.get("performance") and row.get("potential") and row.get("value_score")]
    rated.sort(key=lambda row: (rank.get(row["level"], 9), -(row["performance"] + row["potential"]), row["id"]))
    directors = [row["id"] for row in rated if row["level"] == "director"]
    if not directors:
        return []
    year, half = day.year, 1 if day.month < 7 else 2
    halves = [f"{year}-H{half}"] if half == 1 else [f"{year}-H1", f"{year}-H2"]
    halves.insert(0, f"{year - 1}-H2")
    out: list[Row] = []
    for place, which in enumerate(halves[-2:]):
        for number, row in enumerate(rated[:_REVIEWED]):
            behind_by = 0.5 if place == 0 and number % 6 == 5 else 0.0
            post = directors[number - len(directors)] if 0 <= number - len(directors) < len(directors) - 1 else None
            out.append({
                "person": row["id"], "half": which, "performance": max(1.0, float(row["performance"]) - behind_by), "potential": float(row["potential"]),
                "value_score": 2.9 if place and number == len(directors) + 4 else float(row["value_score"]), "successor_for": post, "by": directors[0],
            })  # fmt: skip
    levels = [word.code for word in LEVELS][:3]
    found = judged(out, people, levels, list(value("team.pool_sizes")), float(value("team.values_bar")))
    for index, row in enumerate(out):
        known = found.get(index)
        row |= {"box": known.box if known else None, "place": known.place if known else None}
    return out


SAMPLE = SampleRows(61.5, rows)
