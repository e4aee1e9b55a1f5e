"""What our Word files have in common: one font, a title with company, version and day, tables with a head."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from udfs.text import Text
from workbook_templates.documents import dated, library, settled

EXTRA = "docs"
ENDING = ".docx"
_FONT = "Microsoft YaHei"
_GROUNDS = {"red": "F8D7DA", "amber": "FFF0C8", "green": "E6F4EC", "head": "1F4E79", "marked": "FFF59D"}


@dataclass(frozen=True)
class Letterhead:
    """What every document of a plan says of where it is from."""

    company: str
    version: str
    day: dt.date
    slogan: str = ""


class WordPaper:
    """A document that is being written."""

    def __init__(self, title: Text, head: Letterhead) -> None:
        self._docx = library("docx", EXTRA)
        library("docx.oxml.ns", EXTRA)
        self.document: Any = self._docx.Document()
        style = self.document.styles["Normal"]
        style.font.name, style.font.size = _FONT, self._docx.shared.Pt(10.5)
        style.element.rPr.rFonts.set(self._docx.oxml.ns.qn("w:eastAsia"), _FONT)
        for name in ("Title", "Heading 1", "Heading 2"):
            heading = self.document.styles[name]
            heading.font.name = _FONT
            heading.element.get_or_add_rPr().get_or_add_rFonts().set(self._docx.oxml.ns.qn("w:eastAsia"), _FONT)
        dated(self.document.core_properties, str(title), head.company, head.version, head.day)
        self.document.add_heading(str(title), 0)
        said = (head.slogan, head.company, head.version, f"{head.day:%Y-%m-%d}")
        self.text(" · ".join(part for part in said if part), muted=True)

    def heading(self, text: Text | str) -> None:
        """A section."""
        self.document.add_heading(str(text), 1)

    def text(self, text: Text | str, muted: bool = False, bold: bool = False, ground: str = "") -> None:
        """A paragraph."""
        run = self.document.add_paragraph().add_run(str(text))
        run.bold = bold
        if muted:
            run.font.color.rgb = self._docx.shared.RGBColor(0x5F, 0x6B, 0x7A)
        if ground:
            self._shade(run.element.get_or_add_rPr(), _GROUNDS[ground])

    def table(self, heads: Sequence[Text | str], rows: Sequence[Sequence[Any]], grounds: Sequence[str] = ()) -> None:
        """A table; ``grounds`` colours a row each, by the word of a risk."""
        made = self.document.add_table(rows=1, cols=len(heads))
        made.style = "Table Grid"
        for cell, head in zip(made.rows[0].cells, heads, strict=True):
            run = cell.paragraphs[0].add_run(str(head))
            run.bold = True
            run.font.color.rgb = self._docx.shared.RGBColor(0xFF, 0xFF, 0xFF)
            self._cell(cell, "head")
        for number, row in enumerate(rows):
            cells = made.add_row().cells
            for cell, value in zip(cells, row, strict=True):
                cell.text = "" if value is None else str(value)
                if number < len(grounds) and grounds[number] in _GROUNDS:
                    self._cell(cell, grounds[number])
        self.document.add_paragraph()

    def _cell(self, cell: Any, ground: str) -> None:
        self._shade(cell._tc.get_or_add_tcPr(), _GROUNDS[ground])  # noqa: SLF001  the library names a cell's element nowhere else

    def _shade(self, properties: Any, color: str) -> None:
        qn = self._docx.oxml.ns.qn
        shade = self._docx.oxml.OxmlElement("w:shd")
        shade.set(qn("w:val"), "clear")
        shade.set(qn("w:fill"), color)
        properties.append(shade)

    def content(self) -> bytes:
        """The file, the same for the same words."""
        out = io.BytesIO()
        self.document.save(out)
        return settled(out.getvalue())
