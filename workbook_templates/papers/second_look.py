"""A second look at a file for a customer, at its finished bytes: no cost, no margin, by figure and by word, in any part of it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.installing import how_to_install
from workbook_templates.tables.schema import Row

WORDS = re.compile(r"成本|毛利|利润|底价|折扣|审批|\bcosts?\b|margin|profit|discount", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.#-])-?\d[\d,]*(?:\.\d+)?")
_ALWAYS = 100.0  # smaller figures are counts and page numbers of any file
_TAG = re.compile(r"<[^>]*>")


def secrets(rows: Mapping[str, Sequence[Row]], columns: Iterable[str], shown: Iterable[float]) -> set[float]:
    """The figures that must not be there: those of our columns that are no figure of the quotation as well."""
    known = {round(abs(number), 2) for number in shown}
    found: set[float] = set()
    for table in ("Quotes", "QuoteLines", "FlexModules"):
        for row in rows.get(table, ()):
            for key in columns:
                value = row.get(key)
                if isinstance(value, int | float) and not isinstance(value, bool):
                    found |= {
                        round(abs(float(value)), 4),
                        round(abs(float(value)) * 100, 2) if abs(value) < 1 else round(abs(float(value)), 2),
                    }
    return {number for number in found if number not in known and (number >= _ALWAYS or not float(number).is_integer())}


def of_workbook(content: bytes, forbidden: set[float], own: Iterable[str] = ()) -> list[str]:
    """What a workbook holds of it, part by part; ``own``: texts that are shown on purpose."""
    meant = _meant(own)
    found: list[str] = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            text = archive.read(entry).decode("utf-8", "replace")
            if entry.filename.startswith("xl/theme/") or entry.filename == "xl/styles.xml":
                text = re.sub(r"<a:\w+[^>]*>|<(?:pageM|leftM)?argins?[^>]*>", " ", text)
                found += [f"{entry.filename}: {word}" for word in WORDS.findall(meant(_values(text)))]
                continue
            text = re.sub(r"<pageMargins[^>]*/>|<headerFooter[^>]*>|<row [^>]*>|<col [^>]*>", " ", text)
            found += [f"{entry.filename}: {said}" for said in _of_text(meant(_values(text)), forbidden)]
    return found


def _values(markup: str) -> str:
    """What a part says: its texts, and the values of attributes that people may read."""
    return " ".join([_TAG.sub(" ", markup), *re.findall(r'(?:name|title|descr|tooltip|location)="([^"]*)"', markup)])


def of_pdf(content: bytes, forbidden: set[float], own: Iterable[str] = ()) -> list[str]:
    """What a PDF holds of it: its pages and what it says of itself; ``own`` as before."""
    return [f"PDF: {said}" for said in _of_text(_meant(own)(pdf_text(content)), forbidden)]


def _meant(own: Iterable[str]) -> Callable[[str], str]:
    """Takes out texts that are shown on purpose, wherever lines break; one that is nothing but such a word stays to be found."""
    told = sorted({text for text in own if text.strip() and not WORDS.fullmatch(text.strip())}, key=len, reverse=True)
    spelled = [r"[\s\u200b]*".join(re.escape(escape(c, quote=False)) for c in text if not c.isspace()) for text in told]
    spelled += [
        r"[\s\u200b]*".join(re.escape(c) for c in text if not c.isspace()) for text in told if escape(text, quote=False) != text
    ]
    pattern = re.compile("|".join(spelled)) if spelled else None
    return lambda text: text if pattern is None else pattern.sub(" ", text)


def pdf_text(content: bytes) -> str:
    """All a PDF says."""
    reader = _reader(content)
    about: Mapping[str, Any] = reader.metadata or {}
    return "\n".join(
        [*(page.extract_text() for page in reader.pages), *(str(value) for key, value in about.items() if "Date" not in key)]
    )


def _reader(content: bytes) -> Any:
    try:
        import pypdf
    except ImportError as lacking:
        how = how_to_install("print", "pypdf")
        raise Refused(Text(f"核对 PDF 需要 pypdf：{how}", f"PDF can be looked at with pypdf only: {how}")) from lacking
    return pypdf.PdfReader(io.BytesIO(content))


def _of_text(text: str, forbidden: set[float]) -> Iterator[str]:
    yield from WORDS.findall(text)
    for found in _NUMBER.findall(text):
        number = abs(float(found.replace(",", "")))
        if number in forbidden or round(number, 2) in forbidden:
            yield found


def pages(content: bytes) -> int:
    """How many pages a PDF has."""
    return len(_reader(content).pages)


def producer(content: bytes) -> str:
    """Which program a PDF says it is of."""
    return str((_reader(content).metadata or {}).get("/Producer") or "")
