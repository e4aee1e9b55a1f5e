"""Products and prices."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.registry import Chapter

CHAPTER = Chapter(3, "products", Text("产品", "Products"), "6B46A8")
