"""Collections: the signs of refunds, what is left to refund, and days that have not come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from udfs.text import Text
from workbook_templates.intake.importing import Candidate, Import, ImportRules
from workbook_templates.tables import sums

Row = Mapping[str, Any]


def _row(run: Import, candidate: Candidate) -> None:
    row = candidate.row
    row["kind"] = row.get("kind") or "payment"
    if row.get("amount") == 0:
        run.refuse(candidate, "amount", Text("为 0：请填金额", "is 0: enter the amount"))
    elif sums.sign_fault(row):
        reason = Text("符号不对：退款填负数，其余填正数", "has the wrong sign: a refund is negative, all else positive")
        run.refuse(candidate, "amount", reason)


def _look(run: Import, candidates: list[Candidate]) -> list[Candidate]:
    """Refuse the cash of returns, refunds of more than was paid and bad debts of more than is unpaid."""
    returns = {row["id"]: row["original"] for row in run.known.rows.get("Deals", ()) if row.get("original")}
    rows = [*run.known.rows.get("Collections", ()), *(c.row for c in candidates)]
    of = sums.by(rows, "deal")
    kept = []
    for candidate in candidates:
        row = candidate.row
        left = sums.collected(rows[place] for place in of[row["deal"]])
        if row["deal"] in returns:
            order = returns[row["deal"]]
            reason = Text(f"是退货：请记在原单 {order} 上，为退款", f"is a return: enter it as a refund of its order {order}")
            run.refuse(candidate, "deal", reason)
        elif row["kind"] == "refund" and sums.in_fen(left) < 0:
            reason = Text(
                f"退款超过已回款 {float(-left):,.2f} 元：请核对", f"is {float(-left):,.2f} yuan more than was paid: check it"
            )
            run.refuse(candidate, "amount", reason)
        elif row["kind"] == "bad_debt" and (unpaid := _unpaid(run, rows, of[row["deal"]], row)) is not None:
            reason = Text(
                f"坏账超过未收的 {float(unpaid):,.2f} 元：请核对", f"is more than the {float(unpaid):,.2f} yuan unpaid: check it"
            )
            run.refuse(candidate, "amount", reason)
        else:
            if run.known.as_of and row["date"] > run.known.as_of:
                run.note("after_as_of", candidate.line)
            kept.append(candidate)
    return kept


def _unpaid(run: Import, rows: Sequence[Row], places: Sequence[int], row: Row) -> Fraction | None:
    """What was unpaid on the day of a bad debt that is more than that; None of one that is not."""
    deals = run.known.rows.get("Deals", ())
    order = next((deal for deal in deals if deal["id"] == row["deal"] and isinstance(deal["revenue"], float)), None)
    if order is None:
        return None
    mine = [rows[place] for place in places]
    found = sums.beyond_unpaid(order, (deal for deal in deals if deal.get("original") == row["deal"]), mine)
    return next((unpaid for at, unpaid in found.items() if mine[at] is row), None)


_NOTES = {
    "after_as_of": Text(
        "{n} 行晚于截止日期 {as_of}，暂不计（{lines}）",
        "{rows} {are} later than the as-of date {as_of}: not counted yet ({lines})",
    ),
}

RULES = ImportRules(row=_row, look=_look, notes=_NOTES)
