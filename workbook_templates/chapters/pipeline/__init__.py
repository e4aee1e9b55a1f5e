"""Data and pipeline."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.registry import Chapter

CHAPTER = Chapter(8, "pipeline", Text("数据", "Pipeline"), "37475A", needs=(2,))  # customers are its master data
