"""Dealers' quarters: what is compared with is the plan's own quarter of a year before, where the file says nothing."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.intake.importing import Candidate, Import, ImportRules
from workbook_templates.intake.parsing import fold


def _look(run: Import, candidates: list[Candidate]) -> list[Candidate]:
    rows = [*run.known.rows.get("DealerSales", ()), *(candidate.row for candidate in candidates)]
    sales = {(row["quarter"], fold(row["dealer"])): row.get("sales") for row in rows if row.get("dealer")}
    for candidate in candidates:
        row = candidate.row
        before = sales.get((_year_before(row["quarter"]), fold(row["dealer"])))
        if row.get("last_year") is None and before is not None:
            row["last_year"] = before
            run.note("last_year", candidate.line)
    return candidates


def _year_before(quarter: str) -> str:
    return f"{int(quarter[:4]) - 1}{quarter[4:]}"


_NOTES = {
    "last_year": Text("{n} 行的去年同期取自计划中上一年的同季（{lines}）", "the same quarter last year of {rows} was taken from the plan's own ({lines})"),
}  # fmt: skip

RULES = ImportRules(look=_look, notes=_NOTES)
