"""The sample's growth: three under contract, one behind with books, one director short of learners, June's stars two of three."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from udfs.phasing import month_text
from udfs.text import Text
from workbook_templates.tables.spec import Company, Row, SampleRows

_CONTRACTED = 3
_SKILLS = (
    Text("方案讲解", "presenting a proposal"),
    Text("价值报价", "pricing by value"),
    Text("高层对话", "talking to executives"),
)


def rows(company: Company) -> Mapping[str, Sequence[Row]]:
    """Up to the as-of date."""
    day, year = company.day(), company.year
    here = [row for row in company.of("People") if not row.get("left")]
    directors = [row["id"] for row in here if row["level"] == "director"]
    others = [row["id"] for row in here if row["level"] == "manager"]
    if not directors or not others:
        return {}
    months = range(1, day.month + 1) if day.year == year else range(1, 13)
    contracted = [*directors[: _CONTRACTED - 1], *others][:_CONTRACTED]
    log: list[Row] = []
    for place, person in enumerate(contracted):
        for month in months:
            for number in range(1 if place == len(contracted) - 1 else 3):  # the last one reads a book a month only
                log.append(
                    _learnt(
                        person,
                        "book",
                        Text(f"管理书 {month}-{number + 1}", f"book {month}-{number + 1}"),
                        dt.date(year, month, 6 + 7 * number),
                        day,
                    )
                )
            log.append(_learnt(person, "expert", Text(f"专家访谈 {month}-1", f"expert {month}-1"), dt.date(year, month, 10), day))
            log.append(_learnt(person, "expert", Text(f"专家访谈 {month}-2", f"expert {month}-2"), dt.date(year, month, 17), day))
            log.append(_learnt(person, "expert", Text(f"专家访谈 {month}-3", f"expert {month}-3"), dt.date(year, month, 24), day))
        log += [
            _learnt(person, "course", Text(f"课程 {month}", f"course {month}"), dt.date(year, month, 15), day)
            for month in (3, 6)
            if month in months
        ]
    return {
        "GrowthLog": [row for row in log if row],
        "Articles": _articles(directors, months, year, day),
        "Shadows": _shadows(directors, others, year, day),
        "JointDays": _joint(company, directors, others, months, year, day),
        "Stars": _stars(here, months, year, day),
    }


def _learnt(person: str, kind: str, title: Text, on: dt.date, day: dt.date) -> Row:
    return (
        {"person": person, "kind": kind, "title": str(title), "on": on, "evidence": str(Text("笔记", "notes"))}
        if on <= day
        else {}
    )


def _articles(directors: Sequence[str], months: Sequence[int], year: int, day: dt.date) -> list[Row]:
    """A director's June article is still to come."""
    return [
        {"person": person, "month": month_text(year, month), "title": str(Text(f"{month} 月行业洞察", f"insight of month {month}")), "text": None,
         "length": 3_000 + 140 * place + 20 * month, "published_on": dt.date(year, month, 20), "reads": 260 + 45 * month + 30 * place}
        for place, person in enumerate(directors) for month in months
        if dt.date(year, month, 20) <= day and not (place == len(directors) - 1 and month == months[-1])
    ]  # fmt: skip


def _shadows(directors: Sequence[str], others: Sequence[str], year: int, day: dt.date) -> list[Row]:
    out: list[Row] = []
    for place, coach in enumerate(directors):
        learners = [other for other in others if other != coach][
            2 * place : 2 * place + (1 if place == len(directors) - 1 else 2)
        ]
        for number, learner in enumerate(learners):
            steps = [
                dt.date(year, 2 + number, 8),
                dt.date(year, 3 + number, 8),
                dt.date(year, 4 + number, 12),
                dt.date(year, 5 + number, 17),
            ]
            kept = steps if place == 0 else steps[: 3 - number]
            out.append({
                "coach": coach, "learner": learner, "skill": str(_SKILLS[place % len(_SKILLS)]),
                **{f"step{n}": kept[n - 1] if n <= len(kept) and kept[n - 1] <= day else None for n in range(1, 5)},
            })  # fmt: skip
    return out


def _joint(
    company: Company, directors: Sequence[str], others: Sequence[str], months: Sequence[int], year: int, day: dt.date
) -> list[Row]:
    """Five days a month and coach; the last coach had three in the last month."""
    customers = [row["id"] for row in company.of("Customers")][:10]
    if not customers:
        return []
    out: list[Row] = []
    for place, coach in enumerate(directors):
        for month in months:
            for number in range(3 if place == len(directors) - 1 and month == months[-1] else 5):
                on = dt.date(year, month, 3 + 5 * number)
                if on <= day:
                    out.append(
                        {
                            "coach": coach,
                            "learner": others[(place + number) % len(others)],
                            "date": on,
                            "customer": customers[(place + number) % len(customers)],
                        }
                    )
    return out


def _stars(here: Sequence[Row], months: Sequence[int], year: int, day: dt.date) -> list[Row]:
    """One of each a month; the last month lacks the third."""
    sellers = [row["id"] for row in here if row["level"] == "representative"]
    out: list[Row] = []
    for month in months:
        for place, star in enumerate(("win", "trust", "speed")):
            if (month == months[-1] and star == "speed") or not sellers:
                continue
            shown = dt.date(year, month, 22)
            shown -= dt.timedelta(days=shown.weekday())
            if shown <= day:
                out.append({"month": month_text(year, month), "star": star, "person": sellers[(3 * month + place) % len(sellers)],
                            "story": str(Text("三天完成方案并签单", "a proposal in three days, signed")), "film": f"star-{month:02d}-{star}.mp4", "shown_on": shown})  # fmt: skip
    return out


SAMPLE = SampleRows(64.1, rows)
