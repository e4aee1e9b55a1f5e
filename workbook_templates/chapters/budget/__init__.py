"""Budget and return."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.registry import Chapter

CHAPTER = Chapter(11, "budget", Text("费用", "Budget"), "2E5E4E", needs=(1, 5))
