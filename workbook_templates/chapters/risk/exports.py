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

HOME = ("", "中国", "china", "cn", "prc", "中国大陆")
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
    """What a deal ships, as a check has it: a row for each product; one without a product where nobody said what was sold."""
    country = country_of(day, deal)
    products = {str(row["code"]): row for row in day.rows("Products") if row.get("code")}
    sold = dict.fromkeys(
        str(row["product"]) for row in day.rows("DealLines") if row.get("deal") == deal["id"] and row.get("product")
    )
    made: list[Row] = []
    for code in sold or [""]:
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
    """The oldest of the tables' days: all of them must be recent."""
    newest = [
        max((row["as_of"] for row in day.rows(name) if isinstance(row.get("as_of"), dt.date)), default=None)
        for name in TABLES[:2]
    ]
    return None if None in newest else min(on for on in newest if on is not None)


def judged(day: Day, row: Row) -> ExportJudged:
    """By EXPORTCHECK; tables that nobody looked at for long answer nothing, and so does a line without codes."""
    controls = [[r.get("eccn"), r.get("column")] for r in day.rows("ExportControls") if r.get("eccn")]
    countries = [
        [r.get("country"), r.get("column"), _yes(r.get("licence")), _status(r.get("status"))]
        for r in day.rows("CountryControls")
        if r.get("country")
    ]
    hs = [[r.get("hs"), _yes(r.get("licence"))] for r in day.rows("HsControls") if r.get("hs")]
    on, limit = version(day), day.as_of - dt.timedelta(days=float(day.setting("export.stale_days")))
    found = (
        call("EXPORTCHECK", row.get("eccn"), row.get("hs"), row.get("country"), controls, countries, hs or None)[0]
        if controls and countries
        else None
    )
    if found is None or isinstance(found[0], ExcelError):
        why = (
            Text("管制表为空：先填三张管制表", "the control tables are empty: fill them in first")
            if found is None
            else found[0].reason
        )
        return ExportJudged("open", str(why), "yes", on)
    result = next(word.code for word in RESULT_WORDS if word.means(str(found[0])))
    reasons, dual = str(found[1]), "yes" if found[2] else "no"
    if on is None or on < limit:
        stale = Text(
            f"管制表截至 {on}，已超过 {day.setting('export.stale_days'):g} 天：先更新",
            f"control tables are of {on}, older than {day.setting('export.stale_days'):g} days: bring them up to date",
        )
        return ExportJudged(result if result == "forbidden" else "open", f"{stale}；{reasons}", dual, on)
    return ExportJudged(result, reasons, dual, on)


def _yes(code: Any) -> str:
    return "是" if code == "yes" else "否"


def _status(code: Any) -> str:
    return {"sensitive": "敏感", "embargo": "禁运"}.get(str(code), "正常")


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


def open_rows(rows: Sequence[Row], day: dt.date) -> list[Row]:
    """Checks of what may not ship yet."""
    return [row for row in rows if row.get("order") and is_open(row, day) is not None]
