"""The workbooks. For who analyses a plan: ``open_plan(path)["Deals"]`` is a Table as a pandas DataFrame.

Importing this loads nothing but itself; pandas comes with the first frame.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from workbook_templates.frames import PlanFrames

__all__ = ["open_plan"]


def open_plan(path: str | os.PathLike[str], labels: Literal["zh", "en"] | None = None) -> PlanFrames:
    """The Tables of a workbook as DataFrames by name: a Mapping, read once and never written.

    Columns are the schema's keys and words its codes; ``labels="zh"`` or ``"en"`` gives headers and words as people see them.
    """
    from workbook_templates.frames import PlanFrames

    return PlanFrames.open(path, labels)
