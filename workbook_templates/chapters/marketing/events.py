"""What events came to, and their minutes: who came, what was intended, what it brought; no guest and no company in the minutes."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from udfs.text import Text
from udfs.values import at_least
from workbook_templates import documents
from workbook_templates.chapters.marketing.campaigns import Setting, brought
from workbook_templates.chapters.marketing.naming import Named
from workbook_templates.chapters.marketing.tables import OPEN_DAY, TALK
from workbook_templates.tables.schema import Row

WRITTEN = ("guests", "orders", "revenue", "roi", "light")


@dataclass(frozen=True)
class EventResult:
    """What the button writes for an event that is over."""

    guests: int
    orders: int
    revenue: float
    roi: float | None
    light: str


def wanted(event: Row, setting: Setting) -> int:
    """How many orders should be intended: its own goal, else that of an open day."""
    if event.get("order_goal") is not None:
        return int(event["order_goal"])
    return int(setting("events.orders")) if event.get("kind") == OPEN_DAY else 0


def result(
    event: Row,
    guests: Iterable[Row],
    intents: Sequence[Row],
    opportunities: Sequence[Row],
    deals: Sequence[Row],
    day: dt.date,
    setting: Setting,
) -> EventResult | None:
    """An event beside its goals; None before it is over. Orders short are red; an ROI below its target is amber, for deals still come."""
    over = event.get("end")
    if not isinstance(over, dt.datetime) or over.date() > day:
        return None
    came = {
        (row.get("name"), row.get("company")) for row in guests if row.get("event") == event["id"] and row.get("came") == "yes"
    }
    mine = [row for row in intents if row.get("event") == event["id"]]
    revenue = brought(str(event["id"]), intents, opportunities, deals, day)
    cost = event.get("cost") or 0.0
    roi = revenue / cost if cost else None
    light = "green"
    if roi is not None and not at_least(roi, event.get("roi_target") or 0.0):
        light = "amber"
    if len(mine) < wanted(event, setting):
        light = "red"
    return EventResult(len(came), len(mine), revenue, roi, light)


def talkers(guests: Iterable[Row], event: Any) -> int:
    """How many are invited to an event's night talk, or came to it uninvited."""
    there = (row for row in guests if row.get("event") == event and row.get("part") == TALK)
    return sum("yes" in (row.get("invited"), row.get("came")) for row in there)


# -------------------------------------------------------------------------------------------------------------- minutes


@dataclass(frozen=True)
class NamedGuest:
    """A guest, or a company, that a topic names: in which row and column, and the word itself."""

    index: int
    column: str
    word: str


def named(topics: Sequence[Row], columns: Sequence[str], guests: Named) -> list[NamedGuest]:
    """Where topics name somebody."""
    found = ((index, column, guests.in_text(row.get(column))) for index, row in enumerate(topics) for column in columns)
    return [NamedGuest(index, column, word) for index, column, word in found if word is not None]


@dataclass(frozen=True)
class MinutesHead:
    """What stands above and below the topics."""

    event: str
    when: str
    place: str
    company: str
    version: str
    slogan: str
    day: dt.date


def minutes(head: MinutesHead, topics: Sequence[Row]) -> bytes:
    """The minutes as a Word document: topics, what was said, what follows; nobody is named."""
    docx = documents.library("docx", "docs")
    from docx.oxml.ns import qn  # the library is there

    made = docx.Document()
    title = str(Text("活动纪要", "Minutes"))
    documents.dated(made.core_properties, f"{title} {head.event}", head.company, head.version, head.day)
    font = made.styles["Normal"].font
    font.name = "Microsoft YaHei"
    made.styles["Normal"].element.rPr.rFonts.set(qn("w:eastAsia"), "Microsoft YaHei")
    made.add_heading(f"{head.event} · {title}", level=1)
    made.add_paragraph(" · ".join(part for part in (head.when, head.place, head.company) if part))
    rule = Text(
        "按查塔姆规则记录：只记观点，不记发言人与所属单位。",
        "Under the Chatham House rule: what was said, never who said it or for whom.",
    )
    made.add_paragraph(str(rule))
    for number, row in enumerate(sorted(topics, key=lambda row: row.get("number") or 0), 1):
        made.add_heading(f"{number}. {row.get('topic') or ''}", level=2)
        for line in str(row.get("said") or "").splitlines():
            made.add_paragraph(line)
        if row.get("next_step"):
            made.add_paragraph(f"{Text('后续动作：', 'Next step: ')}{row['next_step']}", style="List Bullet")
    made.add_paragraph(" · ".join(part for part in (head.slogan, head.company, head.version, f"{head.day:%Y-%m-%d}") if part))
    out = io.BytesIO()
    made.save(out)
    return documents.settled(out.getvalue())
