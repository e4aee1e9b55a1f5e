"""Growth: books, courses and experts, coaches and learners, articles, stars."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.registry import Chapter

CHAPTER = Chapter(10, "growth", Text("成长", "Growth"), "7A6A00")
