"""What a milestone waits for is there, and nothing waits for itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from udfs.text import Text
from workbook_templates.answers import Problem
from workbook_templates.chapters.milestones.standing import circle, waits_for
from workbook_templates.checking.core import Check, CheckList, Mistake, held
from workbook_templates.tables.grids import Grid


def _depends(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    found = held(grids, "Milestones")
    if found is None:
        return
    known = {str(row["id"]) for row in found.rows if row.get("id")}
    path = circle(found.rows)
    for index, row in enumerate(found.rows):
        for name in waits_for(row):
            if name not in known:
                text = Text(f"依赖的里程碑 {name} 不存在：请改正编号", f"waits for {name}, which is no milestone: correct the ID")
                yield Problem(found.grid.sheet, *found.at(index, "depends"), text, code="milestones.depends")
        if path and row.get("id") == path[0]:
            text = Text(f"互相等待：{'→'.join(path)}，请去掉一处", f"they wait for each other: {' → '.join(path)}; take one out")
            yield Problem(found.grid.sheet, *found.at(index, "depends"), text, code="milestones.depends")


CHECKS = CheckList(112, (
    Check(
        "milestones.depends", "Milestones", Text("里程碑的依赖有效", "Milestones depend on existing ones"),
        Text("改正依赖的编号，去掉循环", "Correct the IDs, remove loops"), faults=_depends,
        fault=(Mistake("Milestones.depends", "M99", 1),),
    ),
))  # fmt: skip
