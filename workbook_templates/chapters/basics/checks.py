"""The chapters in use: what one needs is in use, too, and what is off holds no rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from udfs.text import Text
from workbook_templates import registry
from workbook_templates.checking.core import Check, CheckList, Line
from workbook_templates.tables import schema

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan


def _needs(plan: Plan) -> Line:
    """How many chapters in use need one that is off."""
    lacking = [
        plan.switched(number, plan.switched(need, "0", "1"), "0")
        for number, chapter in registry.numbered().items()
        for need in chapter.needs
    ]
    return Line("+".join(lacking) or "0")


def _rows(plan: Plan) -> Line:
    """How many Tables of chapters that are off hold something in a column that must be filled."""
    return Line("+".join(_held(plan, number) for number in registry.numbered()) or "0")


def _held(plan: Plan, number: int) -> str:
    specs = [spec for name, spec in schema.TABLES.items() if schema.home_of(name).number == number]
    columns = [getattr(plan.table(spec.name), next(c.key for c in spec.inputs if c.required)) for spec in specs]
    counted = "+".join(f"(COUNTA({column})>0)" for column in columns) or "0"
    return plan.switched(number, "0", counted)


CHECKS = CheckList(5, (
    Check(
        "chapters.needs", "settings", Text("启用的章所需的章都已启用", "Chapters in use have what they need"),
        Text("在“参数”启用所需的章", "Switch on on Settings what they need"), line=_needs,
    ),
    Check(
        "chapters.rows", "settings", Text("停用的章没有数据", "Chapters switched off hold no rows"),
        Text("在“参数”启用该章，或清空它的表", "Switch the chapter on on Settings, or empty its Tables"), line=_rows,
    ),
))  # fmt: skip
