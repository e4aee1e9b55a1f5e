"""Appointments as a calendar file (RFC 5545) that Outlook, phones and WeChat Work take in: the same for the same plan, whoever writes it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from udfs import policy

ENDING = ".ics"
PRODUCT = "-//SalesPlan//SalesPlan//ZH"
ALARM_DAYS = 7


@dataclass(frozen=True)
class Appointment:
    """A day, or an hour, to be kept. ``key`` is its own among a plan's; ``revision`` goes up when it was moved."""

    key: str
    title: str
    on: dt.date | dt.datetime
    about: str = ""
    revision: int = 0
    alarm_days: int = ALARM_DAYS
    minutes: int = 60


def uid(plan: str, key: str) -> str:
    """What an appointment is known by for ever: the plan's company and year, and its own key."""
    return f"{hashlib.sha256(f'{plan}|{key}'.encode()).hexdigest()[:24]}@salesplan"


def written(plan: str, name: str, appointments: Iterable[Appointment], stamp: dt.date) -> bytes:
    """The calendar. ``stamp`` is the plan's day, so that nothing changes where nothing did."""
    from icalendar import Alarm, Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    at = dt.datetime.combine(stamp, dt.time(0), dt.UTC)
    for one in appointments:
        event = Event()
        event.add("uid", uid(plan, one.key))
        event.add("dtstamp", at)
        event.add("sequence", one.revision)
        event.add("summary", one.title)
        if one.about:
            event.add("description", one.about)
        if isinstance(one.on, dt.datetime):
            start = one.on.replace(tzinfo=policy.zone()).astimezone(dt.UTC)  # no part of ours tells a program what a zone is
            event.add("dtstart", start)
            event.add("dtend", start + dt.timedelta(minutes=one.minutes))
        else:
            event.add("dtstart", one.on)
            event.add("dtend", one.on + dt.timedelta(days=1))
            event.add("transp", "TRANSPARENT")
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", one.title)
        alarm.add("trigger", dt.timedelta(days=-one.alarm_days))
        event.add_component(alarm)
        calendar.add_component(event)
    made: bytes = calendar.to_ical()
    return made
