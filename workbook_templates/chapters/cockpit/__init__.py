"""The key figures of all chapters on one page."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.registry import Chapter

CHAPTER = Chapter(0, "cockpit", Text("驾驶舱", "Cockpit"), "1F4E79")
