"""A fault of the program's own inside a function: logged, and a cell that says so, never a workbook that stops.

Tests must see what users are spared: ``SALESPLAN_STRICT=1`` (set by the test suite) lets such an exception through.
"""

from __future__ import annotations

import logging
import os

from udfs.text import Text
from udfs.values import VALUE, ExcelError

STRICT = "SALESPLAN_STRICT"
LOGGER = "salesplan"

# A program that keeps no log prints nothing of its own accord: the cell says what happened.
logging.getLogger(LOGGER).addHandler(logging.NullHandler())


def is_strict() -> bool:
    """Whether faults are to be raised instead of shown; asked only when there is one."""
    return os.environ.get(STRICT, "") not in ("", "0")


def own_fault(name: str, fault: Exception) -> ExcelError:
    """What a cell shows where ``name`` broke; the traceback goes to the log.

    Raises ``fault`` itself under ``SALESPLAN_STRICT``.
    """
    if is_strict():
        raise fault
    logging.getLogger(LOGGER).error("%s failed", name, exc_info=fault)
    said = f"{type(fault).__name__}: {fault}"[:100]
    return ExcelError(
        VALUE,
        Text(
            f"SalesPlan 内部错误：函数 {name}（{said}）。数据没有问题也会这样：请联系支持人员",
            f"a fault inside SalesPlan: function {name} ({said}). Your data need not be wrong: please report it",
        ),
    )
