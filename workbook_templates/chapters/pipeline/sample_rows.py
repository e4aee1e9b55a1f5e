"""The sample company's pipeline: what closed in a year and a half, what is open and stands still, invoices, codes and a pair to look at."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from udfs import call
from udfs.codes import uscc_of
from udfs.policy import value
from udfs.text import Text
from workbook_templates.chapters import sample_story as story
from workbook_templates.chapters.pipeline import forecasting
from workbook_templates.chapters.pipeline.duplicates import likely_pairs
from workbook_templates.chapters.pipeline.tables import BACKTEST, DROPPED, LOST, WON
from workbook_templates.tables.spec import Company, Row, SampleRows

_STAGES = tuple(forecasting.RANK)
# How long a stage takes, and how often an opportunity that enters it goes on.
_DAYS = (22, 28, 38, 34, 30)
_ON = (0.72, 0.74, 0.72, 0.72, 0.82)
_SPREAD = 0.8
_REASONS = ("price", "delivery", "solution", "relation", "budget", "other")
_RIVALS = (Text("西达", "Xida"), Text("柏斯", "Bosse"), Text("华控", "Huakong"), Text("中联智造", "Zhonglian"))
_ACTIONS = (
    Text("两个工作日内首次联系", "call within two working days"), Text("核实预算、决策人、时间", "confirm budget, decision maker, time"),
    Text("现场调研，给方案与三个案例", "visit, solution and three cases"), Text("72 小时报价，写让渡清单", "quote within 72 hours, list what is given"),
    Text("高层握手，锁定签约日", "executives meet, day of signing fixed"), Text("签约，转交付", "sign, hand over to delivery"),
)  # fmt: skip
_INDUSTRY_CODES = ("QC", "EL", "NE", "SP", "YY", "WL")


def rows(company: Company) -> Mapping[str, Sequence[Row]]:
    """By Table."""
    customers = [row for row in company.of("Customers") if row.get("owner")]
    if not customers or not company.of("Deals"):
        return {}
    chance = random.Random(story.PIPELINE_SEED)
    made = [_closed(chance, company, customers, n) for n in range(story.CLOSED_COUNT)]
    made += [_running(chance, company, customers, n) for n in range(story.OPEN_COUNT)]
    opportunities = [row for row, _ in made]
    for number, row in enumerate(opportunities, 1):
        row["id"] = f"S{company.year % 100}-{number:04}"
    history = [visit | {"opportunity": row["id"]} for row, visits in made for visit in visits]
    known, visits = forecasting.rules((), value), forecasting.visits_of(history)
    said = forecasting.all_foreseen(opportunities, visits, company.day(), known)
    standing = forecasting.stalled(opportunities, company.day(), known, value("stages.stalled"))
    _priced(opportunities, said, set(standing))
    for row in opportunities:
        one = said.get(row["id"])
        row |= {"state": None if one is None else "stalled" if row["id"] in standing else "moving"}
        if one is not None:
            row |= {"probability": one.probability, "expected_on": one.expected, "early_on": one.early, "late_on": one.late, "basis": one.basis,
                    "weighted": 0.0 if row["id"] in standing else one.weighted(row["amount"])}  # fmt: skip
    back = forecasting.backtest(visits, company.day(), known).lines()
    industries = list(dict.fromkeys(row["industry"] for row in company.of("Customers") if row.get("industry")))
    codes = dict(zip(industries, _INDUSTRY_CODES, strict=False))
    coded = _coded(company, codes)
    return {
        "Opportunities": opportunities, "StageHistory": history, "StageRules": _rules(), "KillOrWin": _reviews(company, opportunities),
        "ForecastLog": [], "ForecastScores": [
            {"kind": BACKTEST, "metric": str(text), "ours": ours, "baseline": base, "n": n, "as_of": company.day()} for text, ours, base, n in back
        ],
        "Industries": [{"industry": name, "code": code} for name, code in codes.items()],
        "Customers": coded, "DuplicateReview": _pairs(company, coded), **_invoices(company),
    }  # fmt: skip


# ------------------------------------------------------------------------------------------------------ opportunities


def _base(chance: random.Random, company: Company, customers: Sequence[Row], number: int) -> Row:
    customer = customers[chance.randrange(len(customers))]
    line = chance.choice(("ultra", "eco", "flex", "flex"))
    return {
        "name": str(Text(f"产线项目 {number + 1}", f"Line project {number + 1}")), "customer": customer["id"], "owner": customer["owner"],
        "region": customer["region"], "line": line, "amount": None, "competitor": str(chance.choice(_RIVALS)) if chance.random() < 0.6 else None,
        "lead": None, "deal": None, "reason": None, "outcome": None, "closed_on": None, "next_step": None, "next_on": None, "crm_date": None,
        "probability": None, "expected_on": None, "early_on": None, "late_on": None, "weighted": None, "basis": None,
    }  # fmt: skip


def _stay(chance: random.Random, place: int) -> int:
    return max(2, round(_DAYS[place] * chance.lognormvariate(0, _SPREAD)))


def _closed(chance: random.Random, company: Company, customers: Sequence[Row], number: int) -> tuple[Row, list[Row]]:
    """One that was opened in the year and a half before and ended by the day; begun anew where it did not."""
    row, last = _base(chance, company, customers, number), company.day() - dt.timedelta(days=2)
    while True:
        opened = company.day() - dt.timedelta(days=chance.randint(40, 545))
        visits: list[Row] = []
        day, won = opened, False
        for place, stage in enumerate(_STAGES[:-1]):
            left = day + dt.timedelta(days=_stay(chance, place))
            on = chance.random() < _ON[place]
            won = on and place == len(_STAGES) - 2
            end = WON if won else "advanced" if on else LOST if chance.random() < 0.7 else DROPPED
            visits.append({"stage": stage, "entered": day, "left": left, "outcome": end})
            day = left
            if not on:
                break
        if day <= last:
            break
    ended: Any = visits[-1]["outcome"]
    if ended == LOST and number % 5 > 1:  # most losses were to nobody
        row["competitor"] = None
    row |= {
        "stage": visits[-1]["stage"], "entered": visits[-1]["entered"], "opened": opened, "outcome": ended, "closed_on": day,
        "amount": float(chance.randint(20, 260) * 10_000), "reason": None if won else chance.choice(_REASONS),
    }  # fmt: skip
    return row, visits


def _running(chance: random.Random, company: Company, customers: Sequence[Row], number: int) -> tuple[Row, list[Row]]:
    """One that is open; the first few stand longer in their stage than 1.5 cycles, the next two stand at 45 days of 30."""
    row, cycles = _base(chance, company, customers, story.CLOSED_COUNT + number), value("stages.cycles")
    place = 1 + number % 4
    most = int(value("stages.stalled") * cycles[place])
    days = most + 1 + 3 * (number // 4) if number < story.STANDING else chance.randint(1, most - 2)
    if number == story.STANDING:  # exactly on the border: moving
        place, days = 2, 45
    if number == 0:  # a day beyond it: stalled
        place, days = 2, 46
    entered = company.day() - dt.timedelta(days=days)
    visits: list[Row] = [{"stage": _STAGES[place], "entered": entered, "left": None, "outcome": None}]
    day = entered
    for before in reversed(range(place)):
        first = day - dt.timedelta(days=_stay(chance, before))
        visits.insert(0, {"stage": _STAGES[before], "entered": first, "left": day, "outcome": "advanced"})
        day = first
    row |= {
        "stage": _STAGES[place], "entered": entered, "opened": day, "next_step": str(_ACTIONS[place]), "next_on": entered + dt.timedelta(days=7),
        "amount": float(chance.randint(60, 400)), "crm_date": company.day() - dt.timedelta(days=chance.randint(0, 20)),
    }  # fmt: skip
    return row, visits


def _priced(opportunities: Sequence[Row], said: Mapping[str, forecasting.Foreseen], standing: set[str]) -> None:
    """Amounts of what is open, so that the story's three sums come out: all, stalled, and weighted without those."""
    still = [row for row in opportunities if row["id"] in standing]
    free = [row for row in opportunities if row["id"] in said and row["id"] not in standing]
    _scale(still, [row["amount"] for row in still], story.STALLED)
    end = dt.date(story.YEAR, 12, 31)
    ahead = [said[row["id"]] for row in free]
    chances = [
        one.probability if one.expected is not None and one.expected <= end else 0.0 for one in ahead
    ]  # what closes in the year
    sizes = [row["amount"] for row in free]
    total = story.OPEN - story.STALLED
    wanted = story.WEIGHTED / total
    low, high = -6.0, 6.0
    for _ in range(60):  # larger deals are likelier, or less likely, until the weighted sum is right
        tilt = (low + high) / 2
        tilted = [size * 2.718281828 ** (tilt * p) for size, p in zip(sizes, chances, strict=True)]
        mean = sum(t * p for t, p in zip(tilted, chances, strict=True)) / sum(tilted)
        low, high = (tilt, high) if mean < wanted else (low, tilt)
    _scale(free, tilted, total)


def _scale(rows: Sequence[Row], sizes: Sequence[float], total: float) -> None:
    whole = sum(sizes)
    for row, size in zip(rows, sizes, strict=True):
        row["amount"] = float(round(total * size / whole / 1000) * 1000)
    if rows:
        rows[-1]["amount"] += total - sum(row["amount"] for row in rows)


def _rules() -> list[Row]:
    rates, cycles = value("stages.win_rates"), value("stages.cycles")
    return [
        {"stage": stage, "win_rate": rates[n], "cycle_days": float(cycles[n]), "actions": str(_ACTIONS[n])}
        for n, stage in enumerate(_STAGES)
    ]


def _reviews(company: Company, opportunities: Sequence[Row]) -> list[Row]:
    """One that was reviewed in spring and given up."""
    row = next(r for r in opportunities if r["outcome"] == DROPPED)
    manager = next(p["id"] for p in company.of("People") if p["level"] == "manager")
    return [{"opportunity": row["id"], "opened": row["closed_on"] - dt.timedelta(days=4), "days": 52, "decision": "give_up", "by": manager,
             "on": row["closed_on"], "until": None}]  # fmt: skip


# --------------------------------------------------------------------------------------------------------- customers


def _coded(company: Company, codes: Mapping[str, str]) -> list[Row]:
    """Customers with the city of their name, a code of ours, the best of them with their credit code."""
    regions = {row["region"]: row["code"] for row in company.of("Regions")}
    out = []
    for number, row in enumerate(company.of("Customers"), 1):
        name, region, industry = str(row["name"]), regions.get(row.get("region")), codes.get(str(row.get("industry")))
        code = call("CUSTOMERCODE", region, industry, number)[0][0] if region and industry and number <= _CODED else None
        credit = _credit_code(number) if number <= _KNOWN else None
        city = name[:3] if name[:3] == "石家庄" else name[:2]
        out.append(
            row
            | {
                "city": city if "公司" in name else name.split(" ", maxsplit=1)[0],
                "code": code,
                "credit_code": credit,
                "alias_of": None,
            }
        )
    return out


_KNOWN, _CODED = 60, 340  # customers with a credit code; those with a code of ours: the button gives the rest


def _credit_code(number: int) -> str:
    """A made-up code with its own check character."""
    return uscc_of(f"91320500MA{number * 7919 % 10**7:07d}")


def _pairs(company: Company, customers: Sequence[Row]) -> list[Row]:
    """A pair that somebody looked at: the likeliest that the button finds."""
    decided = {
        "decision": "different",
        "keep": None,
        "by": str(Text("数据专员", "data clerk")),
        "on": dt.date(company.year, 2, 20),
        "merged_on": None,
    }
    return [pair | decided for pair in likely_pairs(customers, value)[:1]]


# ----------------------------------------------------------------------------------------------------------- invoices


def _invoices(company: Company) -> dict[str, list[Row]]:
    """An invoice a deal, and its cash: what Deals says was collected, on the day it was due."""
    back = {row["original"] for row in company.of("Deals") if row.get("original")}
    deals = [row for row in company.of("Deals") if not row.get("original") and row["id"] not in back]
    number = {deal["id"]: f"INV{company.year % 100}-{place:04}" for place, deal in enumerate(deals, 1)}
    cash = [row | {"invoice": number.get(row["deal"])} for row in company.of("Collections")]
    lost = _lost(company, deals, number)
    there = {row["deal"] for row in cash}
    return {
        "Receivables": [
            {"invoice": number[deal["id"]], "customer": deal["customer"], "deal": deal["id"], "amount": deal["revenue"], "due": deal["due"] or deal["date"]}
            for deal in deals
        ],
        "Collections": [*cash, *_paid(company, [d for d in deals if d["id"] not in there], number), *lost],
    }  # fmt: skip


def _lost(company: Company, deals: Sequence[Row], number: Mapping[str, Any]) -> list[Row]:
    """A customer went under before its invoice was due: the story's bad debt, written off in June."""
    owing = [
        d for d in deals if (d["due"] or d["date"]) > company.day() and d["revenue"] - (d["collected"] or 0) >= story.BAD_DEBT
    ]
    if company.day() != story.AS_OF or not owing:
        return []
    deal = owing[-1]
    return [
        {
            "deal": deal["id"],
            "date": story.WRITTEN_OFF,
            "amount": float(story.BAD_DEBT),
            "kind": "bad_debt",
            "invoice": number[deal["id"]],
        }
    ]


def _paid(company: Company, deals: Sequence[Row], number: Mapping[str, Any]) -> Iterator[Row]:
    for deal in deals:
        if deal["collected"]:
            day = min(deal["due"] or deal["date"], company.day())
            yield {
                "deal": deal["id"],
                "date": day,
                "amount": float(deal["collected"]),
                "kind": "payment",
                "invoice": number[deal["id"]],
            }


SAMPLE = SampleRows(61, rows)
