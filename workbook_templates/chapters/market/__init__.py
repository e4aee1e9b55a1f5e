"""Market and targets."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.registry import Chapter

CHAPTER = Chapter(1, "market", Text("市场", "Market"), "2F6DA8")
