"""The calendar: what is to be reached by when."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.registry import Chapter

CHAPTER = Chapter(12, "milestones", Text("里程碑", "Milestones"), "5B6770")
