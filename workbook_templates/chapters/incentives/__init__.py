"""Team, quotas and incentives."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.registry import Chapter

CHAPTER = Chapter(5, "incentives", Text("团队", "Team"), "9C3D6B", needs=(1,))
