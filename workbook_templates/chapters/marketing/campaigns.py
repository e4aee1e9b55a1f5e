"""What campaigns cost beside the industry, which leads count, and what leads and intended orders brought: what buttons and duties ask."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from udfs import call
from udfs.duplicates import core_of, suffix_pattern
from udfs.text import Text
from udfs.values import ExcelError, total_of
from workbook_templates.chapters.marketing.tables import CHANGE, CONVERTED, CREATIVE_STATES, FINE, MQL
from workbook_templates.tables.duties import worked
from workbook_templates.tables.schema import Row

Setting = Callable[[str], Any]
_PHONE = re.compile(r"\+?[\d\s()-]{7,20}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]{2,}")
_DIGITS = 7  # a phone number has that many at least


# ------------------------------------------------------------------------------------------------------------ campaigns


@dataclass(frozen=True)
class CampaignState:
    """A campaign's last days on air beside the industry: what the button writes. ``reason`` says why there is no judgement."""

    air_from: dt.date
    cost: float
    leads: int
    cpl: float | None
    benchmark: float | None
    state: str | None
    review_on: dt.date | None
    reason: Text | None = None

    @property
    def written(self) -> Row:
        """Column by column."""
        return {key: value for key, value in vars(self).items() if key != "reason"}


WRITTEN = ("air_from", "cost", "leads", "cpl", "benchmark", "state", "review_on")


def benchmark_on(benchmarks: Iterable[Row], pool: Any, day: dt.date) -> float | None:
    """The industry's cost per lead that holds on a day."""
    rows = [
        row
        for row in benchmarks
        if row.get("pool") == pool and isinstance(row.get("valid_from"), dt.date) and row["valid_from"] <= day
    ]
    newest = max(rows, key=lambda row: row["valid_from"], default=None)
    return None if newest is None or newest.get("cpl") is None else float(newest["cpl"])


def judged(
    campaign: Row, spend: Sequence[Row], benchmarks: Sequence[Row], day: dt.date, setting: Setting
) -> CampaignState | None:
    """A campaign over its last days on air up to a day; None before it spends. ``spend``: the rows of this campaign."""
    known = sorted({row["date"] for row in spend if isinstance(row.get("date"), dt.date) and row["date"] <= day})
    if not known:
        return None
    first = known[-int(setting("adcycle.air")) :][0]
    mine = [row for row in spend if isinstance(row.get("date"), dt.date) and first <= row["date"] <= day]
    cost, leads = total_of(row.get("cost") or 0.0 for row in mine), int(sum(row.get("leads") or 0 for row in mine))
    goal = benchmark_on(benchmarks, campaign.get("pool"), known[-1])  # what the industry paid then
    goal = benchmark_on(benchmarks, campaign.get("pool"), day) if goal is None else goal
    state, reason = _state(cost, leads, goal, setting)
    return CampaignState(
        first, cost, leads, cost / leads if leads else None, goal, state, next_review(campaign.get("start"), day, setting), reason
    )


def _state(cost: float, leads: int, goal: float | None, setting: Setting) -> tuple[str | None, Text | None]:
    if goal is None:
        return None, Text("没有行业成本：在“行业CPL”补一行", "there is no industry figure: add a row to Industry CPL")
    found = call("CPLALERT", cost, leads, goal, setting("leads.cpl_limit"))[0][0]
    if isinstance(found, ExcelError):
        return None, found.reason
    return next((word.code for word in CREATIVE_STATES if word.means(str(found))), FINE), None


def by_campaign(spend: Iterable[Row]) -> Mapping[str, list[Row]]:
    """Rows of spend by campaign."""
    out: dict[str, list[Row]] = defaultdict(list)
    for row in spend:
        out[str(row.get("campaign") or "")].append(row)
    return out


def next_review(start: Any, day: dt.date, setting: Setting) -> dt.date | None:
    """The first day of review from a day on, in the rhythm that begins with the campaign; on a day off the next working day."""
    if not isinstance(start, dt.date):
        return None
    air, review = int(setting("adcycle.air")), int(setting("adcycle.review"))
    if review < 1:
        return None
    at = max((day - start).days, 0)
    behind = at % (air + review)
    on = start + dt.timedelta(days=at if behind >= air else at + air - behind)
    return worked(on - dt.timedelta(days=1), 1)


def since(campaign: Row, changes: Iterable[Row], day: dt.date) -> dt.date | None:
    """Since when a campaign runs as it is: its last change of creative, else its start."""
    days = [
        row["on"]
        for row in changes
        if row.get("campaign") == campaign.get("campaign") and isinstance(row.get("on"), dt.date) and row["on"] <= day
    ]
    start = campaign.get("start")
    return max(days, default=start if isinstance(start, dt.date) else None)


@dataclass(frozen=True)
class CreativeSwitch:
    """On this day a campaign went on with another creative."""

    campaign: str
    before: str
    after: str
    on: dt.date


def switches(spend: Iterable[Row], logged: Iterable[Row]) -> list[CreativeSwitch]:
    """Days on which a campaign's only creative became another, and that nobody noted."""
    known = {(row.get("campaign"), row.get("to")) for row in logged}
    out = []
    for campaign, rows in by_campaign(spend).items():
        days: dict[dt.date, set[str]] = defaultdict(set)
        for row in rows:
            if isinstance(row.get("date"), dt.date) and row.get("creative"):
                days[row["date"]].add(str(row["creative"]))
        before: str | None = None
        for day in sorted(days):
            if len(days[day]) != 1:
                before = None
                continue
            (now,) = days[day]
            if before is not None and now != before and (campaign, now) not in known:
                out.append(CreativeSwitch(campaign, before, now, day))
            before = now
    return out


# ---------------------------------------------------------------------------------------------------------------- leads


def reachable(phone: Any) -> bool:
    """Whether a text is a phone number or an e-mail address.

    >>> reachable("0512-6688 1234"), reachable("li@example.com"), reachable("无")
    (True, True, False)
    """
    said = str(phone or "").strip()
    if _MAIL.fullmatch(said):
        return True
    return _PHONE.fullmatch(said) is not None and sum(c.isdigit() for c in said) >= _DIGITS


def counted(leads: Sequence[Row], setting: Setting) -> list[Text | None]:
    """For each qualified lead why it does not count, None where it does; others are "not qualified".

    An MQL has a company and somebody who can be reached; the same company within 30 days counts once, the first time.
    """
    suffixes = suffix_pattern([str(word) for word in setting("duplicates.suffixes")])
    once = dt.timedelta(days=float(setting("leads.once_days")))
    last: dict[str, tuple[dt.datetime, str]] = {}
    out: list[Text | None] = [Text("未甄别为有效线索", "not qualified")] * len(leads)
    order = sorted(range(len(leads)), key=lambda place: leads[place].get("received") or dt.datetime.max)
    for place in order:
        lead = leads[place]
        if lead.get("status") not in (MQL, CONVERTED):
            continue
        core = core_of(str(lead.get("company") or ""), "", suffixes)
        if not core:
            out[place] = Text("缺公司名", "no company")
        elif not reachable(lead.get("phone")):
            out[place] = Text("电话或邮箱无效", "no valid phone or e-mail")
        else:
            at = lead.get("received")
            before = last.get(core)
            if before is not None and isinstance(at, dt.datetime) and at - before[0] < once:
                out[place] = Text(
                    f"与 {before[1]} 同一公司，30 天内只计一次", f"same company as {before[1]}, counted once in 30 days"
                )
                continue
            out[place] = None
            if isinstance(at, dt.datetime):
                last[core] = at, str(lead["id"])
    return out


# ----------------------------------------------------------------------------------------------------------- what it brought


def deal_of(row: Row, opportunities: Mapping[str, Row]) -> str | None:
    """The deal that a lead or an intended order became: its own, else its opportunity's."""
    found = row.get("deal") or (opportunities.get(str(row.get("opportunity"))) or {}).get("deal")
    return str(found) if found else None


def attributed(rows: Iterable[Row], opportunities: Iterable[Row], deals: Sequence[Row], day: dt.date) -> dict[int, float]:
    """Revenue of deals that leads and intended orders became, by month of signing; returns count in their own month.

    A deal counts once, however many leads led to it.
    """
    by_id = {str(row["id"]): row for row in opportunities if row.get("id")}
    mine = {found for row in rows if (found := deal_of(row, by_id))}
    out: dict[int, list[float]] = defaultdict(list)
    for deal in deals:
        on = deal.get("date")
        traced = str(deal.get("id")) in mine or str(deal.get("original") or "") in mine
        if traced and isinstance(on, dt.date) and on.year == day.year and on <= day:
            out[on.month].append(deal.get("revenue") or 0.0)
    return {month: float(total_of(revenue)) for month, revenue in out.items()}


def brought(event: str, intents: Iterable[Row], opportunities: Iterable[Row], deals: Sequence[Row], day: dt.date) -> float:
    """What the orders intended at an event came to."""
    mine = [row for row in intents if row.get("event") == event]
    return float(total_of(attributed(mine, opportunities, deals, day).values()))


def alerting(states: Mapping[str, CampaignState]) -> Iterator[str]:
    """Campaigns whose creative is to change."""
    return (name for name, one in states.items() if one.state == CHANGE)
