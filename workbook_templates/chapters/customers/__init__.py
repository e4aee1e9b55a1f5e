"""Customers: tiers, value, care, visits."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.registry import Chapter

CHAPTER = Chapter(2, "customers", Text("客户", "Customers"), "00796B")
