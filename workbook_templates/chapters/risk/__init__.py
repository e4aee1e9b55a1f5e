"""Risk and compliance: credit, contracts, export control, carbon."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.registry import Chapter

CHAPTER = Chapter(9, "risk", Text("风险", "Risk"), "A8541A")
