"""Which orders go abroad, what the control tables say of their lines, and what is still to be done before they ship."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from udfs import call
from udfs.text import Text
from udfs.values import ExcelError
from workbook_templates.chapters.risk.words import RESULT_WORDS
from workbook_templates.tables.duties import Day
from workbook_templates.tables.spec import Row

HOME = (
    "",
    "中国",
    "china",
    "cn",
    "chn",
    "prc",
    "中国大陆",
    "中国内地",
    "中华人民共和国",
    "mainland china",
    "p.r.china",
    "pr china",
)
TABLES = ("ExportControls", "CountryControls", "HsControls")


def country_of(day: Day, deal: Row) -> str:
    """Where a deal goes: the customer's country."""
    customer = next((row for row in day.rows("Customers") if row.get("id") == deal.get("customer")), None)
    return str((customer or {}).get("country") or "").strip()


def foreign(day: Day, deal: Row) -> bool:
    """Whether a deal goes abroad."""
    return country_of(day, deal).casefold() not in HOME


def rows_of_order(day: Day, deal: Row) -> list[Row]:
    """The checks of a deal."""
    return [row for row in day.rows("ExportChecks") if row.get("order") == deal.get("id")]


def lines_of(day: Day, deal: Row) -> list[Row]:
    """What a deal ships, as a check has it: a row for each product, or as its checks name them; one without where nobody said what was sold."""
    country = country_of(day, deal)
    products = {str(row["code"]): row for row in day.rows("Products") if row.get("code")}
    sold = dict.fromkeys(
        str(row["product"]) for row in day.rows("DealLines") if row.get("deal") == deal["id"] and row.get("product")
    )
    made: list[Row] = []
    for code in sold or dict.fromkeys(str(row.get("product") or "") for row in rows_of_order(day, deal)) or [""]:
        known = products.get(code, {})
        made.append(
            {"order": deal["id"], "product": code or None, "eccn": known.get("eccn"), "hs": known.get("hs"), "country": country}
        )
    return made


@dataclass(frozen=True)
class ExportJudged:
    """What the tables say of a line."""

    result: str
    reasons: str
    dual: str
    data_version: dt.date | None


def version(day: Day) -> dt.date | None:
    """How old the tables are: the newest row of each, and of these the oldest."""
    newest = [
        max((row["as_of"] for row in day.rows(name) if isinstance(row.get("as_of"), dt.date)), default=None)
        for name in TABLES
        if name in TABLES[:2] or day.rows(name)
    ]
    return None if None in newest else min(on for on in newest if on is not None)


def judged(day: Day, row: Row) -> ExportJudged:
    """By EXPORTCHECK. Rows that nobody looked at for long don't set a line free, and a line without codes is open."""
    on, limit = version(day), day.as_of - dt.timedelta(days=float(day.setting("export.stale_days")))
    found = _asked(day, row, None)
    if found is None or isinstance(found[0], ExcelError):
        why = (
            Text("管制表为空：先填三张管制表", "the control tables are empty: fill them in first")
            if found is None
            else found[0].reason
        )
        return ExportJudged("open", str(why), "yes", on)
    result, reasons, dual = _code(found[0]), str(found[1]), "yes" if found[2] else "no"
    fresh = _asked(day, row, limit)
    if fresh is None or isinstance(fresh[0], ExcelError) or (_code(fresh[0]) == "open" and result != "open"):
        what = (
            Text(f"管制表截至 {on}，", f"control tables are of {on},")
            if on is None or on < limit
            else Text("管制表里有条目", "some entries of the control tables are")
        )
        stale = what + Text(
            f"已超过 {day.setting('export.stale_days'):g} 天：先更新",
            f" older than {day.setting('export.stale_days'):g} days: bring them up to date",
        )
        return ExportJudged(result if result == "forbidden" else "open", f"{stale}；{reasons}", dual, on)
    return ExportJudged(result, reasons, dual, on)


def _asked(day: Day, row: Row, since: dt.date | None) -> list[Any] | None:
    """What EXPORTCHECK says of a line, by rows of a day or later if one is given; None without tables."""
    tables = [[r for r in day.rows(name) if since is None or _is_since(r, since)] for name in TABLES]
    controls = [[r.get("eccn"), r.get("column")] for r in tables[0] if r.get("eccn")]
    # A status nobody filled in says nothing of the country: it counts as not in the table.
    countries = [
        [r.get("country"), r.get("column"), _YES.get(r.get("licence")), _STATUS[r.get("status")]]
        for r in tables[1]
        if r.get("country") and r.get("status") in _STATUS
    ]
    hs = [[r.get("hs"), _YES.get(r.get("licence"))] for r in tables[2] if r.get("hs")]
    if not (controls and countries):
        return None
    return list(call("EXPORTCHECK", row.get("eccn"), row.get("hs"), row.get("country"), controls, countries, hs or None)[0])


def _is_since(row: Row, day: dt.date) -> bool:
    return isinstance(row.get("as_of"), dt.date) and row["as_of"] >= day


def _code(word: Any) -> str:
    return next(known.code for known in RESULT_WORDS if known.means(str(word)))


_YES: dict[Any, str] = {"yes": "是", "no": "否"}  # a blank answer is none
_STATUS: dict[Any, str] = {"normal": "正常", "sensitive": "敏感", "embargo": "禁运"}


def is_open(row: Row, day: dt.date) -> Text | None:
    """Why a line may not ship yet; None where it may."""
    result = row.get("result")
    if result == "forbidden":
        return Text("禁止出口", "export is forbidden")
    if result in (None, "open"):
        return Text("待核查，请合规补表或查明", "to be checked: compliance completes the tables or finds out")
    if result == "licence" and not row.get("licence_no"):
        return Text("需许可证，还没有许可证号", "needs a licence, and there is no number")
    if row.get("dual") == "yes":
        reviewers = {str(row.get(key) or "").strip().casefold() for key in ("reviewer1", "reviewer2")} - {""}
        if len(reviewers) < 2:
            return Text("敏感地区应有两名不同的复核人", "a sensitive region needs two different reviewers")
        if not isinstance(row.get("video_on"), dt.date) or row["video_on"] > day:
            return Text("敏感地区应有视频验厂日期", "a sensitive region needs the day of the video check")
    return None


def unchecked(day: Day, deal: Row) -> list[Row]:
    """What a deal ships and no check has looked at."""
    there = {row.get("product") or None for row in rows_of_order(day, deal)}
    return [line for line in lines_of(day, deal) if line["product"] not in there]


def as_now(day: Day, row: Row) -> Row:
    """A check as the tables of the day would answer it: codes were changed since, or the tables have grown old."""
    return row | vars(judged(day, row)) if version(day) is not None else row


def open_rows(rows: Sequence[Row], day: dt.date) -> list[Row]:
    """Checks of what may not ship yet."""
    return [row for row in rows if row.get("order") and is_open(row, day) is not None]
