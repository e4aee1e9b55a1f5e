"""Marketing: advertising, leads, content and events."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.registry import Chapter

CHAPTER = Chapter(6, "marketing", Text("品牌", "Marketing"), "4F7D1F")
