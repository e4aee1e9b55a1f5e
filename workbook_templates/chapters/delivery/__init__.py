"""Delivery and service."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.registry import Chapter

CHAPTER = Chapter(7, "delivery", Text("交付", "Delivery"), "0B7285")
