"""The commission ledger against its deals, and the statements against what was approved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from udfs.actuals import DIRECT
from udfs.text import Text
from workbook_templates.answers import WARNING, Problem
from workbook_templates.chapters.incentives import cycle
from workbook_templates.checking.core import APART, Check, CheckList, Line, Mistake
from workbook_templates.tables import schema
from workbook_templates.tables.grids import Grid, Held, hold
from workbook_templates.tables.words import CREDIT_ROLES, LEDGER_STATES

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan
    from workbook_templates.xlsx.package import Package

_NEEDS = "Ledger.deal"
_ON_TOP = [word.label for word in CREDIT_ROLES if word.code not in DIRECT]
_DISPUTED = next(word.label for word in LEDGER_STATES if word.code == "disputed")
AFRESH, APPROVED = "ledger.afresh", "statements.approved"


def _explained(plan: Plan) -> Line:
    # The number and the total of overrides stand on the ledger's sheet; who and why is all that is asked of them.
    return Line(plan.name("overrides_unexplained"), needs=_NEEDS)


def _credits(plan: Plan) -> Line:
    # One sum weighted by each deal's place instead of one sum a deal: as sharp, and quick with 10,000 deals.
    ledger, deals = plan.table("Ledger"), plan.table("Deals")
    direct = "*".join(f"({ledger.role}<>{plan.quoted(label)})" for label in _ON_TOP)  # the others' shares come on top
    booked = f"SUMPRODUCT(IFERROR(MATCH({ledger.deal},{deals.id},0),0)*{direct}*{ledger.revenue})"
    due = f"SUMPRODUCT(MATCH({deals.id},{deals.id},0)*{deals.revenue})"
    return Line(f"ROUND({booked},2)", f"ROUND({due},2)", "money", _NEEDS)


def _disputed(plan: Plan) -> Line:
    return Line(f"COUNTIFS({plan.table('Ledger').status},{plan.quoted(_DISPUTED)})", needs=_NEEDS)


def _approved(plan: Plan) -> Line:
    # The row of the total is among them, so a month outside the year is seen, too.
    return Line(f"SUMPRODUCT(ABS({plan.name('locked_differences')}))", fmt="fen", needs=_NEEDS)


def cycle_tables(grids: Mapping[str, Grid]) -> tuple[cycle.Tables, dict[str, Held]]:
    """The Tables of the cycle as they are, whatever of them is there; a Table or column that is missing is as if it were empty."""
    held = {name: hold(grids[name], schema.table(name), complete=False) for name in cycle.TABLES if name in grids}
    rows = {}
    for name, found in held.items():
        blank = dict.fromkeys(column.key for column in found.spec.columns if column.key not in found.places)
        rows[name] = [blank | row for row in found.rows] if blank else found.rows
    return cycle.Tables(*(rows.get(name, []) for name in cycle.TABLES)), held


def afresh(package: Package) -> Iterator[Problem]:
    """What computing now would change."""
    from workbook_templates.chapters.incentives.pay import in_file  # heavy, and needed by no formula

    yield from in_file.stale(package)


def fault_problems(faults: Iterable[cycle.Fault], held: Mapping[str, Held], code: str = "") -> Iterator[Problem]:
    """What the statement cycle finds wrong, at its cells."""
    for fault in faults:
        if fault.table in held and 0 <= fault.row < len(held[fault.table].rows):
            yield Problem(held[fault.table].grid.sheet, *held[fault.table].at(fault.row, fault.key), fault.text, code=code)
        else:
            yield Problem("", 0, 0, fault.text, code=code)


def altered(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    """Settled statements that are not what was approved, row by row and figure by figure."""
    tables, held = cycle_tables(grids)
    yield from fault_problems(cycle.settled(tables), held, APPROVED)


CHECKS = CheckList(50, (
    Check(
        AFRESH, "ledger", Text("台账 = 重新计算的提成", "Ledger = commission computed afresh"),
        Text("重新计算提成，差异以调整行写入", "Compute commissions again; write adjustments"), whole=afresh,
        fault=(Mistake("Ledger.commission", 1.0, -1),), group=APART,
    ),
    Check(
        "ledger.overrides", "ledger", Text("手工行都写明决定人与原因", "Manual rows say who decided and why"),
        Text("填写“决定人”与“原因”", "Enter “Decided by” and “Reason”"), line=_explained,
        fault=(Mistake("Ledger.kind", Text("手工", "Manual"), -2),),
    ),
    Check(
        "ledger.credits", "ledger", Text("台账各单归属收入 = 订单收入（按行号加权）", "Credits add up to each deal (row-weighted)"),
        Text("核对归属份额与漏计的订单", "Check credit shares and deals left out"), line=_credits,
        fault=(Mistake("Ledger.revenue", 1.0, -3),),
    ),
    Check(
        "ledger.disputes", "ledger", Text("没有异议中的行", "No disputed lines"),
        Text("锁定前答复异议", "Answer disputes before locking"), WARNING, line=_disputed,
        fault=(Mistake("Ledger.status", Text("异议中", "Disputed"), lambda row: row["status"] == "computed"),),
    ),
    Check(
        APPROVED, "statements", Text("锁定与已发放 = 批准时的对账单", "Locked and paid = statements as approved"),
        Text(
            "运行“检查工作簿”看是哪一行，恢复它；更正只能记入以后的月份",
            "Run Check workbook to see which row, and restore it; corrections go to a later month",
        ),
        line=_approved, faults=altered,
        fault=(Mistake("Ledger.commission", 1.0),),
    ),
))  # fmt: skip
