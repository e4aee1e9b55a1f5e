"""The statement cycle: compute → review → dispute → lock → pay, and after that nothing but adjustments in a later month.

A statement is a person's month: the Ledger's rows of that person and period, and the row of Accounts. Pure: rows of the Tables in, what is
to change or every reason why not out. ``MOVES`` is the whole state machine. A review seals a statement: its row in ``Statements`` keeps a
digest of each ledger row and the account's figures. Only what still is as it was reviewed can be locked, by somebody other than the
reviewer; what was locked can be told from what the cells say now, row by row and figure by figure (``settled``).

``state`` what is looked at; ``digests`` what is sealed; ``steps`` review, lock, pay; ``disputes`` the remarks; ``guard`` what must not change;
``exported`` the digests that leave the workbook; ``names`` who is who.
"""

from workbook_templates.chapters.incentives.cycle.digests import (
    content,
    digest,
    figures,
    payable,
    seal,
    sealed_figures,
    sealed_lines,
    summary,
)
from workbook_templates.chapters.incentives.cycle.disputes import take_up
from workbook_templates.chapters.incentives.cycle.guard import settled, violation
from workbook_templates.chapters.incentives.cycle.names import same_person
from workbook_templates.chapters.incentives.cycle.state import (
    FIXED,
    MOVES,
    TABLES,
    Act,
    Closed,
    Fault,
    Key,
    Row,
    Rows,
    Step,
    Tables,
    applied,
    by_statement,
    statement_state,
)
from workbook_templates.chapters.incentives.cycle.steps import left_out, lock, no_rows, pay, review

__all__ = [
    "FIXED",
    "MOVES",
    "TABLES",
    "Act",
    "Closed",
    "Fault",
    "Key",
    "Row",
    "Rows",
    "Step",
    "Tables",
    "applied",
    "by_statement",
    "content",
    "digest",
    "figures",
    "left_out",
    "lock",
    "no_rows",
    "pay",
    "payable",
    "review",
    "same_person",
    "seal",
    "sealed_figures",
    "sealed_lines",
    "settled",
    "statement_state",
    "summary",
    "take_up",
    "violation",
]
