"""Channels: dealers, rebates, training, stock."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.registry import Chapter

CHAPTER = Chapter(4, "channels", Text("渠道", "Channels"), "8A5A00")
