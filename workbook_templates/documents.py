"""What a plan makes besides workbooks: decks, minutes, contracts, calendars. What one is called, and how one comes out alike each time.

The same inputs give the same bytes, so that a second run makes no second file: `settled` takes the clock out of an Office file, `dated`
puts the plan's day into it. Nothing that stands in a cell becomes a path: `file_name` keeps letters and digits only.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib
import io
import re
import unicodedata
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.installing import how_to_install

PICTURE = "<!-- picture -->"  # where the one picture of a mail's page stands
TABLE = "Documents"
FOLDER = Text("文档", "documents")  # behind the plan's own name
_MOST = 40  # characters of an object in a name: a path has an end on Windows
_CLOCK = (1980, 1, 1, 0, 0, 0)  # the first moment a zip knows
_WRITTEN = re.compile(rb"(?<=>)\d{4}-\d\d-\d\dT[\d:]+Z(?=</dcterms:)")
_LONG_AGO = b"1980-01-01T00:00:00Z"
_FIRST = ("[Content_Types].xml", "_rels/.rels")
_SAFE = re.compile(r"[\w-]+(?:\.[a-z0-9]{2,5})")


@dataclass(frozen=True)
class Made:
    """A document that is finished: what kind, about what (an ID), how its name ends (``.docx``), and its bytes."""

    kind: Text
    object: str
    ending: str
    content: bytes

    @property
    def sha256(self) -> str:
        """What the list keeps of its content."""
        return hashlib.sha256(self.content).hexdigest()


def library(module: str, extra: str) -> Any:
    """A library of an extra; without it the person is told what to type."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        how = how_to_install(extra, module)
        raise Refused(
            Text(f"生成这种文档需要 {module}：请先运行 {how}", f"this document needs {module}: run {how} first")
        ) from error


def folder_name(plan: str) -> str:
    """The folder beside a plan that holds its documents, by the plan's name without ending.

    >>> folder_name("plan") in ("plan_文档", "plan_documents")
    True
    """
    return f"{plan}_{FOLDER}"


def file_name(kind: str, obj: str, day: dt.date, ending: str, taken: Collection[str] = ()) -> str:
    """What a document is called: kind, object, day, and a number where that name is taken.

    >>> file_name("deck", "../C 01", dt.date(2027, 6, 30), ".pptx", {"deck-C-01-20270630.pptx"})
    'deck-C-01-20270630-2.pptx'
    """
    stem = f"{_plain(kind)}-{_plain(obj)}-{day:%Y%m%d}"
    used = {name.casefold() for name in taken}
    number, name = 1, f"{stem}{ending}"
    while name.casefold() in used:
        number += 1
        name = f"{stem}-{number}{ending}"
    return name


def is_file_name(cell: Any) -> bool:
    """Whether a cell holds a name that `file_name` makes, and no path.

    >>> is_file_name("deck-C01-20270630.pptx"), is_file_name("../deck.pptx")
    (True, False)
    """
    return isinstance(cell, str) and _SAFE.fullmatch(cell) is not None


def _plain(said: str) -> str:
    kept = re.sub(r"[^\w]+", "-", unicodedata.normalize("NFKC", said)).strip("-_")
    return kept[:_MOST] or "x"


def settled(content: bytes, inside: bool = False) -> bytes:
    """An Office file without the clock of the machine: parts in a fixed order, each dated alike.

    ``inside``: one that lies in another, as the data of a chart do; the library that wrote it noted when, and that goes, too.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as new:
        names = sorted(old.namelist(), key=lambda name: (name not in _FIRST, name))
        for name in names:
            info = zipfile.ZipInfo(name, _CLOCK)
            info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 0
            new.writestr(info, _settled_part(name, old.read(name), inside))
    return out.getvalue()


def _settled_part(name: str, part: bytes, inside: bool) -> bytes:
    if name.endswith((".xlsx", ".docx", ".pptx")):
        return settled(part, inside=True)
    return _WRITTEN.sub(_LONG_AGO, part) if inside and name == "docProps/core.xml" else part


def dated(properties: Any, title: str, company: str, version: str, day: dt.date) -> None:
    """The properties that python-docx and python-pptx share: company, day and version of the plan instead of person and clock."""
    properties.title, properties.author, properties.last_modified_by = title, company, company
    properties.comments, properties.revision = version, 1
    properties.created = properties.modified = dt.datetime.combine(day, dt.time())
