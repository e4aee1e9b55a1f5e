"""What every plan has, whatever its chapters: guide, settings, checks, mail, change log."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.registry import Chapter

CHAPTER = Chapter(0, "basics", Text("总览", "Overview"), "1F4E79")
