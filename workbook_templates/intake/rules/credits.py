"""Credits: those of a deal make the whole, and a return has none of its own."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.intake.importing import Candidate, Import, ImportRules
from workbook_templates.tables import sums


def _row(run: Import, candidate: Candidate) -> None:
    candidate.row["role"] = candidate.row.get("role") or "seller"


def _look(run: Import, candidates: list[Candidate]) -> list[Candidate]:
    """A deal's credits come in together or not at all."""
    returns = {row["id"] for row in run.known.rows.get("Deals", ()) if row.get("original")}
    there = run.known.rows.get("Credits", ())
    rows = [*there, *(c.row for c in candidates)]
    of = sums.by(rows, "deal")
    kept = []
    for candidate in candidates:
        deal = candidate.row["deal"]
        mine = [rows[place] for place in of[deal]]
        total = sums.direct_share(mine)
        if deal in returns:
            reason = Text("是退货，归属随原单：请删去此行", "is a return, credited as its order is: delete the row")
            run.refuse(candidate, "deal", reason)
        elif total is not None and not sums.is_whole(mine):
            said = f"{float(total):.2%}"
            reason = Text(
                f"{deal} 的主办与协同份额合计 {said}，应为 100%", f"sellers and partners of {deal} make {said}, not 100%"
            )
            run.refuse(candidate, "share", reason)
        else:
            kept.append(candidate)
    return kept


RULES = ImportRules(row=_row, look=_look)
