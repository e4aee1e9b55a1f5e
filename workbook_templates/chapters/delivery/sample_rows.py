"""The sample company's projects, tickets, sensors and surveys: on time in 54 of 58 cases, three projects far behind, the South less content."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from typing import Any

from udfs.policy import value
from udfs.text import Text
from workbook_templates.chapters import sample_story as story
from workbook_templates.chapters.delivery import projects, service
from workbook_templates.chapters.delivery.tables import COMMON, DONE, NONE, OTHER
from workbook_templates.tables.spec import Company, Row, SampleRows
from workbook_templates.tables.words import PRODUCT_LINES

# How each line is delivered: task, working days, what must be over before.
_DESIGN, _BUY, _MAKE, _SOFTWARE, _ASSEMBLE, _TEST, _SHIP = (
    Text("设计", "Design"), Text("采购", "Purchasing"), Text("加工", "Machining"), Text("软件", "Software"), Text("装配", "Assembly"),
    Text("测试", "Test"), Text("发运", "Shipping"),
)  # fmt: skip
_STEPS: Mapping[str, tuple[tuple[Text, int, tuple[Text, ...]], ...]] = {
    "ultra": ((_DESIGN, 3, ()), (_BUY, 8, (_DESIGN,)), (_MAKE, 5, (_BUY,)), (_SOFTWARE, 6, (_DESIGN,)), (_ASSEMBLE, 3, (_MAKE, _SOFTWARE)),
              (_TEST, 2, (_ASSEMBLE,)), (_SHIP, 2, (_TEST,))),
    "eco": ((_BUY, 6, ()), (_ASSEMBLE, 4, (_BUY,)), (_TEST, 1, (_ASSEMBLE,)), (_SHIP, 2, (_TEST,))),
    "flex": ((_DESIGN, 4, ()), (_BUY, 7, (_DESIGN,)), (_SOFTWARE, 6, (_DESIGN,)), (_ASSEMBLE, 4, (_BUY, _SOFTWARE)), (_TEST, 2, (_ASSEMBLE,)),
             (_SHIP, 2, (_TEST,))),
}  # fmt: skip
_CAUSES = ("material", "design", "customer", "material")
# A bearing that grows warm, one that does not: the worked examples of FAILUREDATE.
_WARM = (4.0, 4.1, 4.05, 4.2, 4.3, 4.28, 4.41, 4.5, 4.47, 4.6, 4.66, 4.7)
_STEADY = (7.1, 6.9, 7.2, 7.0, 6.95, 7.15, 7.05, 6.98, 7.1, 7.02)
_SAID = (
    Text("备件等了四天，现场没人说明", "waited four days for a part, nobody told us why"), Text("方案改了三次才定", "the design changed three times"),
    Text("验收后培训不够", "too little training after acceptance"),
)  # fmt: skip


def rows(company: Company) -> Mapping[str, Sequence[Row]]:
    """By Table; what buttons write is worked out as they do."""
    deals = [row for row in company.of("Deals") if not row.get("original") and row.get("line") in _STEPS]
    if not deals or not company.of("Regions"):
        return {}
    templates = _templates()
    made = list(_projects(company, deals, templates))
    day = {row["deal"]: row["delivered"] for row in made}
    sold = [row | {"delivered": day[row["id"]]} if row["id"] in day else row for row in company.of("Deals")]
    answers = list(_answers(company))
    waves = [_judged(row, [a for a in answers if a["quarter"] == row["quarter"]]) for row in _waves(company)]
    readings = list(_readings(company))
    return {
        "Deals": sold, "Projects": _lit(made, company.day()), "TaskTemplates": templates, "ProjectTasks": list(_tasks(company, made, templates)),
        "Tickets": _tickets(company), "Sensors": list(_sensors(company, readings)), "Readings": readings, "SurveyWaves": waves, "SurveyAnswers": answers,
        "RepairPlans": _repairs(company),
    }  # fmt: skip


def _label(line: str) -> str:
    return str(next(word.label for word in PRODUCT_LINES if word.code == line))


def _templates() -> list[Row]:
    return [
        {"template": _label(line), "task": str(task), "days": float(days), "predecessors": "、".join(map(str, before)) or None}
        for line, steps in _STEPS.items()
        for task, days, before in steps
    ]


# -------------------------------------------------------------------------------------------------------- projects


def _projects(company: Company, deals: Sequence[Row], templates: Sequence[Row]) -> Iterator[Row]:
    """Those due by now, the largest of what was delivered, then those that run; the last deals wait for the button."""
    of_line = projects.by_name(templates, "template")
    codes = {row["region"]: row["code"] for row in company.of("Regions")}
    managers = [row["id"] for row in company.of("People") if row["level"] == "manager" and not row.get("left")]
    past = sorted((row for row in deals if row["delivered"]), key=lambda row: -row["revenue"])[: story.DUE_PROJECTS]
    running = sorted((row for row in deals if not row["delivered"]), key=lambda row: (row["date"], row["id"]))[: -story.TO_OPEN]
    for number, deal in enumerate([*sorted(past, key=lambda row: (row["date"], row["id"])), *running], 1):
        name = _label(deal["line"])
        common: Row = {
            "id": projects.code_of(deal["date"], codes[deal["region"]], number), "deal": deal["id"], "template": name,
            "pm": managers[number % len(managers)], "supply": None, "value": None, "cause": None, "accepted": None, "first_promised": None,
            "agreed_by": None, "shipped_on": None, "ship_value": None,
        }  # fmt: skip
        yield common | _days(company, deal, number, deal in running, of_line[name])


def _days(company: Company, deal: Row, number: int, runs: bool, tasks: Sequence[Row]) -> Row:
    if runs:
        room = projects.length(tasks)
        promised = projects.worked(deal["date"], (room if isinstance(room, int) else 0) + int(value("delivery.buffer")))
        return {"start": deal["date"], "promised": promised, "delivered": None}
    if number in story.LATE_PROJECTS:
        days, amount = story.LATE_PROJECTS[number]
        promised = company.day() - dt.timedelta(days)
        cause = _CAUSES[list(story.LATE_PROJECTS).index(number)]
        return {
            "start": max(deal["date"], promised - dt.timedelta(45)),
            "promised": promised,
            "delivered": None,
            "value": float(amount),
            "cause": cause,
        }
    promised = deal["delivered"] + dt.timedelta(number % 4)
    accepted = deal["delivered"] + dt.timedelta(10)
    return {
        "start": deal["date"], "promised": promised, "delivered": deal["delivered"], "accepted": accepted if accepted <= company.day() else None,
        "shipped_on": deal["delivered"] - dt.timedelta(2), "ship_value": deal["revenue"],
    }  # fmt: skip


def _lit(made: Sequence[Row], as_of: dt.date) -> list[Row]:
    found = projects.lights(made, as_of, value("delivery.yellow"))
    return [row | {"light": light} for row, light in zip(made, found, strict=True)]


def _tasks(company: Company, made: Sequence[Row], templates: Sequence[Row]) -> Iterator[Row]:
    """Those of projects that run; what should be over by now is, but for the last two steps of the late ones."""
    of_name, day = projects.by_name(templates, "template"), company.day()
    for project in made:
        if project["delivered"]:
            continue
        mine = of_name[project["template"]]
        found = projects.scheduled(mine, project["promised"], project["start"])
        if not isinstance(found, projects.Scheduled):
            continue
        late = project["promised"] < day
        for place, (task, dates) in enumerate(zip(mine, found.rows, strict=True)):
            over = dates["latest_finish"] <= day and not (late and place >= len(mine) - 2)
            yield {
                "project": project["id"], "task": task["task"], "days": task["days"], "predecessors": task["predecessors"], "owner": project["pm"],
                **dates, "started": dates["latest_start"] if dates["latest_start"] <= day and (over or not late) else None,
                "finished": dates["latest_finish"] if over else None,
            }  # fmt: skip


# --------------------------------------------------------------------------------------------------------- service


def _tickets(company: Company) -> list[Row]:
    """Ten a month, repaired in two hours on the whole; two solutions came late, one is still owed.

    What is owed of the last one is pressing from before the as-of date's midnight to its end, so that the daily routine has nothing to order
    at whatever hour of that day it runs.
    """
    customers = [row["id"] for row in company.of("Customers")][:40]
    parts, spread = cycle((COMMON, NONE, OTHER, COMMON, NONE)), cycle((-0.5, 0.0, 0.5, -0.2, 0.2))
    out: list[Row] = []
    for month in range(1, company.day().month + 1):
        for place in range(story.TICKETS):
            opened = dt.datetime(company.year, month, 2 + 2 * place, 8 + place % 9, 15)
            part = next(parts)
            repair = story.REPAIR_HOURS[(month - 1) % len(story.REPAIR_HOURS)] + next(spread)
            reply = 5.5 if (month, place) in ((2, 3), (5, 6)) else 1.0 + place % 5 * 0.6
            arrived = None if part == NONE else opened + dt.timedelta(hours=(17 if part == COMMON else 55) + place % 4)
            out.append({
                "customer": customers[(month * 7 + place * 3) % len(customers)], "device": f"EQ-{(month * 5 + place) % 30 + 101}", "opened": opened,
                "part": part, "solution_at": opened + dt.timedelta(hours=reply), "part_at": arrived, "failed_at": opened - dt.timedelta(minutes=20),
                "repaired_at": opened - dt.timedelta(minutes=20) + dt.timedelta(hours=repair), "engineer": str(_ENGINEERS[place % 3]), "cause": None,
            })  # fmt: skip
    last = dt.datetime.combine(company.day() - dt.timedelta(days=3), dt.time(15))
    out.append({"customer": customers[6], "device": "EQ-118", "opened": last, "part": OTHER, "solution_at": None, "part_at": None,
                "failed_at": last, "repaired_at": None, "engineer": str(_ENGINEERS[0]), "cause": None})  # fmt: skip
    numbered: list[Row] = [{"id": f"T{company.year % 100}-{number:04}"} | row for number, row in enumerate(out, 1)]
    now = dt.datetime.combine(company.day(), dt.time(8, 30))
    judged = service.sla(numbered, now, value("sla.limits"))
    return [row | (found if isinstance(found, dict) else {}) for row, found in zip(numbered, judged, strict=True)]


_ENGINEERS = (Text("郑工", "Zheng"), Text("何工", "He"), Text("陆工", "Lu"))


def _readings(company: Company) -> Iterator[Row]:
    """A day each, the last on the as-of date."""
    for device, series in (("EQ-118", _WARM), ("EQ-123", _STEADY)):
        for back, reading in enumerate(reversed(series)):
            time = dt.datetime.combine(company.day() - dt.timedelta(days=back), dt.time(0))
            yield {"device": device, "sensor": str(_SENSOR), "time": time, "reading": reading}


_SENSOR = Text("主轴振动", "Spindle vibration")


def _sensors(company: Company, readings: Sequence[Row]) -> Iterator[Row]:
    customers = [row["id"] for row in company.of("Customers")]
    mine = service.by_sensor(readings)
    for device, limit, customer in (("EQ-118", 5.7, customers[6]), ("EQ-123", 8.0, customers[2])):
        row: Row = {"device": device, "sensor": str(_SENSOR), "limit": limit, "customer": customer}
        yield row | service.warned(row, mine[device, str(_SENSOR)], company.day(), value).written


# ------------------------------------------------------------------------------------------------------------- NPS


def _quarters(company: Company) -> dict[str, tuple[int, int, int]]:
    """The waves that are over on the day."""
    over = {key: counts for key, counts in story.WAVES.items() if key <= (company.day().year, company.day().month // 3)}
    return {f"{year}-Q{quarter}": counts for (year, quarter), counts in over.items()}


def _waves(company: Company) -> Iterator[Row]:
    for quarter in _quarters(company):
        year, number = int(quarter[:4]), int(quarter[-1])
        yield {
            "quarter": quarter, "agency": str(Text("明察咨询", "Mingcha Research")), "population": story.POPULATION,
            "closed_on": dt.date(year, number * 3, 20),
        }  # fmt: skip


def _answers(company: Company) -> Iterator[Row]:
    """Scores as the story counts them; in the newest wave the South's are worse, one customer's most."""
    south = str(company.of("Regions")[story.SOUTH]["region"])
    top = [row for row in company.of("Customers") if row["tier"] in ("S", "A")]
    here, there = ([row["id"] for row in top if (row["region"] == south) == inside] for inside in (True, False))
    quarters = _quarters(company)
    for quarter, counts in quarters.items():
        if quarter != max(quarters):
            yield from _scored(quarter, counts, [*there, *here])
            continue
        unhappy = next(row["id"] for row in reversed(top) if row["region"] == south and row["tier"] == "A")
        for place, score in enumerate(story.UNHAPPY):
            yield _answer(quarter, unhappy, score, place)
        promoters, detractors, count = story.SOUTHERN
        own = [sum(s >= 9 for s in story.UNHAPPY), sum(s <= 6 for s in story.UNHAPPY), len(story.UNHAPPY)]
        yield from _scored(quarter, (promoters - own[0], detractors - own[1], count - own[2]), [c for c in here if c != unhappy])
        left = tuple(a - b for a, b in zip(counts, story.SOUTHERN, strict=True))
        for place, part in story.ELSEWHERE.items():
            region = str(company.of("Regions")[place]["region"])
            yield from _scored(quarter, part, [row["id"] for row in top if row["region"] == region])
            there = [row for row in there if row not in {c["id"] for c in top if c["region"] == region}]
            left = tuple(a - b for a, b in zip(left, part, strict=True))
        yield from _scored(quarter, (left[0], left[1], left[2]), _in_turn(company, there))


def _in_turn(company: Company, customers: Sequence[str]) -> list[str]:
    """Customers so that those of one region don't follow each other."""
    region = {row["id"]: row["region"] for row in company.of("Customers")}
    seen: dict[str, int] = {}
    turns = []
    for customer in customers:
        seen[region[customer]] = seen.get(region[customer], 0) + 1
        turns.append((seen[region[customer]], customer))
    return [customer for _, customer in sorted(turns)]


def _scored(quarter: str, counts: tuple[int, int, int], customers: Sequence[str]) -> Iterator[Row]:
    """The best customers recommend us; who does not is further down the list."""
    promoters, detractors, count = counts
    scores = (
        [9 + n % 2 for n in range(promoters)]
        + [7 + n % 2 for n in range(count - promoters - detractors)]
        + [4 + n % 3 for n in range(detractors)]
    )
    for place, score in enumerate(scores):
        yield _answer(quarter, customers[place % len(customers)], score, place)


def _answer(quarter: str, customer: Any, score: int, place: int) -> Row:
    said = str(_SAID[place % len(_SAID)]) if score <= 6 else None
    return {"quarter": quarter, "customer": customer, "respondent": None, "score": score, "comment": said}


def _judged(wave: Row, answers: Sequence[Row]) -> Row:
    found = service.judged(answers, wave["population"], value)
    if not isinstance(found, service.Recommended):
        return wave
    return wave | {"answers": found.answers, "nps": found.nps, "low": found.low, "high": found.high, "action": found.action}


def _repairs(company: Company) -> list[Row]:
    """What the wave before the year's first asked for, done."""
    roles = {row["role"]: row["person"] for row in reversed(company.of("Roles"))}
    leader = roles.get("service") or roles["director"]
    opened = dt.date(company.year, 1, 5)
    return [{
        "quarter": f"{company.year - 1}-Q4", "customer": None, "opened": opened, "due": opened + dt.timedelta(int(value("nps.repair_days"))),
        "leader": leader, "fix": str(Text("备件前移到三个区域仓", "spare parts moved to three regional stores")), "compensation": 180_000.0,
        "approved_by": str(Text("总经理 罗启航", "Luo Qihang, general manager")), "status": DONE, "closed": opened + dt.timedelta(12), "renps": 51.0,
    }]  # fmt: skip


SAMPLE = SampleRows(48.7, rows)
