"""The time of day beside a date in other people's files: 08:05, 8:05 PM, 下午 2:30, 8时30分, a day number's fraction, an offset."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from typing import Any

_CLOCK = re.compile(
    r"(?P<before>上午|下午|凌晨|早上|中午|晚上|[ap]\.?m\.?)?\s*(?P<hour>\d{1,2})[:时点](?:(?P<minute>\d{1,2})分?)?(?::?(?P<second>\d{1,2})(?:\.(?P<part>\d{1,6})\d*)?秒?)?"
    r"\s*(?P<after>上午|下午|[ap]\.?m\.?)?\s*(?P<offset>z|utc|gmt|[(（]?(?:utc|gmt)?\s*[+-]\d{2}:?(?:\d{2})?[)）]?|[(（]?(?:utc|gmt)\s*[+-]\d[)）]?)?$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d{5}\.\d+")
_LATE = re.compile(r"下午|晚上|p", re.IGNORECASE)
_EARLY = re.compile(r"上午|凌晨|早上|a", re.IGNORECASE)
_HOURS = 12


def moment(raw: Any, day: dt.date, zone: dt.tzinfo, given: dt.tzinfo | None = None) -> dt.datetime | None:
    """The moment a cell says, where ``day`` is the date it is written with; None for a time that is none. A date alone is midnight.

    What says its offset (or has one ``given`` by its header) is moved to the company's ``zone``.

    >>> moment("2027-03-05 下午 2:30", dt.date(2027, 3, 5), dt.timezone.utc)
    datetime.datetime(2027, 3, 5, 14, 30)
    """
    if isinstance(raw, dt.datetime):
        return moved(raw, zone, given)
    midnight = dt.datetime(day.year, day.month, day.day)
    if isinstance(raw, dt.date):
        return midnight
    text = unicodedata.normalize("NFKC", str(raw)).strip()
    if _NUMBER.fullmatch(text):
        return midnight + dt.timedelta(seconds=round((float(text) - math.floor(float(text))) * 86_400))
    match = _CLOCK.search(text)
    if match is None or not match["hour"]:
        return midnight
    hour = _hour(int(match["hour"]), (match["before"] or match["after"] or ""))
    part = int((match["part"] or "").ljust(6, "0") or 0)
    try:
        found = midnight.replace(hour=hour, minute=int(match["minute"] or 0), second=int(match["second"] or 0), microsecond=part)
    except ValueError:
        return None
    ahead = _offset(match["offset"]) if match["offset"] else given
    return found if ahead is None else found.replace(tzinfo=ahead).astimezone(zone).replace(tzinfo=None)


def moved(moment: dt.datetime, zone: dt.tzinfo, given: dt.tzinfo | None = None) -> dt.datetime:
    """A moment by the company's clock; one that says no offset, and is ``given`` none, is by that already."""
    found = moment.replace(tzinfo=moment.tzinfo or given)
    return found.astimezone(zone).replace(tzinfo=None) if found.tzinfo is not None else found


def _hour(hour: int, half: str) -> int:
    """2 in the afternoon is 14; 12 in the morning is 0."""
    if _LATE.match(half) and hour < _HOURS:
        return hour + _HOURS
    return 0 if _EARLY.match(half) and hour == _HOURS else hour


def _offset(said: str) -> dt.tzinfo:
    match = re.search(r"([+-])(\d{1,2}):?(\d{2})?", said)
    if match is None:
        return dt.UTC
    ahead = dt.timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return dt.timezone(-ahead if match[1] == "-" else ahead)
