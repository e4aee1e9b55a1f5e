"""Credit codes are valid, a customer is there once, what is open has no end, cash names invoices that are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from udfs.codes import is_uscc, uscc
from udfs.text import Text
from workbook_templates.answers import WARNING, Problem
from workbook_templates.chapters.pipeline.tables import ENDS, GO_ON, MATCHES, REVIEWS
from workbook_templates.checking.core import Check, CheckList, Line, Mistake, held
from workbook_templates.tables.grids import Grid

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan

USCC, ENDED, VISITS, UNTIL, INVOICES = (
    "customers.uscc",
    "opportunities.ended",
    "history.visits",
    "review.until",
    "collections.invoices",
)


def _uscc(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    found = held(grids, "Customers")
    for index, row in enumerate(found.rows if found is not None else ()):
        code = uscc(str(row.get("credit_code") or ""))
        if found is not None and code and not is_uscc(code):
            text = Text(
                f"统一社会信用代码 {code} 校验不符：请核对 18 位",
                f"credit code {code} fails its check: look at its 18 characters",
            )
            yield Problem(found.grid.sheet, *found.at(index, "credit_code"), text, WARNING, code=USCC)


def _ended(plan: Plan) -> Line:
    """An outcome without a day, or a day without an outcome; who closed without saying why."""
    rows = plan.table("Opportunities")
    return Line(f'SUMPRODUCT(({rows.id}<>"")*(({rows.outcome}<>"")<>({rows.closed_on}<>"")))', needs="Opportunities.id")


def _visits(plan: Plan) -> Line:
    """Left before entered, or gone without a day."""
    rows = plan.table("StageHistory")
    wrong = f'ISNUMBER({rows.left})*({rows.left}<{rows.entered})+({rows.outcome}<>"")*(1-ISNUMBER({rows.left}))'
    return Line(f'SUMPRODUCT(({rows.opportunity}<>"")*(({wrong})>0))', needs="StageHistory.opportunity")


def _until(plan: Plan) -> Line:
    rows, go_on = plan.table("KillOrWin"), plan.quoted(next(word.label for word in REVIEWS if word.code == GO_ON))
    return Line(
        f'SUMPRODUCT(({rows.decision}={go_on})*({rows.until}="")+({rows.decision}<>"")*({rows.by}=""))',
        needs="KillOrWin.opportunity",
    )


def _invoices(plan: Plan) -> Line:
    cash, owed = plan.table("Collections"), plan.table("Receivables")
    return Line(f'SUMPRODUCT(({cash.invoice}<>"")*(COUNTIF({owed.invoice},{cash.invoice})=0))', needs="Receivables.invoice")


def _merged(plan: Plan) -> Line:
    """Pairs that were decided to be one and are not yet."""
    rows, merge = plan.table("DuplicateReview"), plan.quoted(MATCHES[0].label)
    return Line(f'SUMPRODUCT(({rows.decision}={merge})*({rows.merged_on}=""))', needs="DuplicateReview.a")


CHECKS = CheckList(88, (
    Check(
        USCC, "Customers", Text("统一社会信用代码有效", "Credit codes are valid"),
        Text("核对营业执照上的 18 位代码", "Look at the 18 characters on the licence"), WARNING, faults=_uscc,
        fault=(Mistake("Customers.credit_code", "91320500MA0007919X", 0),),
    ),
    Check(
        ENDED, "Opportunities", Text("有结果的商机有关闭日期", "Opportunities that ended have their day"),
        Text("补填结果或关闭日期", "Enter outcome or day"), line=_ended,
        fault=(Mistake("Opportunities.closed_on", None, lambda row: row["outcome"] == ENDS[1].code),),
    ),
    Check(
        VISITS, "StageHistory", Text("阶段离开不早于进入", "Stages are left after they are entered"),
        Text("改正日期", "Correct the days"), line=_visits, fault=(Mistake("StageHistory.left", 40_000.0, 1),),
    ),
    Check(
        UNTIL, "KillOrWin", Text("停滞评审有决定人，“继续”有期限", "Reviews say who decided, and until when"),
        Text("补填决定人与日期", "Enter who, and until when"), line=_until, fault=(Mistake("KillOrWin.by", None, 0),),
    ),
    Check(
        INVOICES, "Receivables", Text("回款的发票都在应收中", "Collections name existing invoices"),
        Text("导入缺的发票，或改正发票号", "Import the invoice, or correct its number"), WARNING, line=_invoices,
        fault=(Mistake("Collections.invoice", "INV-?", 20),),
    ),
    Check(
        "duplicates.merged", "DuplicateReview", Text("决定合并的已合并", "Merges decided are done"),
        Text("点“查重”", "Click Find duplicates"), WARNING, line=_merged,
        fault=(Mistake("DuplicateReview.decision", MATCHES[0].label, 0),),
    ),
))  # fmt: skip
