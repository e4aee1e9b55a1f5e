"""What platforms report fits together, a night talk stays small, and content has what the matrix asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from udfs.text import Text
from workbook_templates.answers import WARNING
from workbook_templates.chapters.marketing.tables import PARTS, TALK
from workbook_templates.checking.core import Check, CheckList, Line, Mistake
from workbook_templates.tables.words import YES_NO

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan


def _more_mql(plan: Plan) -> Line:
    """Rows that report more qualified leads than leads."""
    spend = plan.table("AdSpend")
    return Line(f"SUMPRODUCT(ISNUMBER({spend.mql})*({spend.mql}>{spend.leads}))", needs="AdSpend.leads")


def _talks(plan: Plan) -> Line:
    """Events that invite more to their night talk than it may have."""
    guests, events = plan.table("EventGuests"), plan.table("Events")
    talk, yes = plan.quoted(next(word.label for word in PARTS if word.code == TALK)), plan.quoted(YES_NO[0].label)
    mine = f"{guests.event},{events.id},{guests.part},{talk}"
    uninvited = f'{guests.invited},"<>"&{yes},{guests.came},{yes}'
    count = f"(COUNTIFS({mine},{guests.invited},{yes})+COUNTIFS({mine},{uninvited}))"
    return Line(f'SUMPRODUCT(({events.id}<>"")*({count}>{plan.policy("events.talk_most")}))', needs="EventGuests.event")


CHECKS = CheckList(57, (
    Check(
        "spend.mql", "AdSpend", Text("投放的 MQL 不多于线索", "MQL do not exceed leads"),
        Text("核对平台报表的线索数与 MQL", "Look at leads and MQL of the platform's report"), line=_more_mql,
        fault=(Mistake("AdSpend.mql", 100_000),),
    ),
    Check(
        "events.talk", "EventGuests", Text("夜话邀请不超过上限", "Night talks keep to their limit of guests"),
        Text("减少夜话邀请，或改到论坛", "Invite fewer to the night talk, or to a forum"), WARNING, line=_talks,
        fault=(Mistake("base_events_talk_most", 1.0),),
    ),
))  # fmt: skip
