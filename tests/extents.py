"""Workbooks whose extents say more than there is: parts of a file with their references stretched, nothing else changed."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

LAST_ROW, WHOLE = 1_048_576, "A1:XFD1048576"


def rewritten(path: Path, to: Path, edit: Callable[[str, str], str]) -> Path:
    """A copy of a workbook with ``edit(part, text)`` run over its XML parts."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = old.read(info)
            new.writestr(info.filename, edit(info.filename, data.decode()).encode() if info.filename.endswith(".xml") else data)
    return to


def dragged(path: Path, to: Path, *tables: str) -> Path:
    """A copy whose Tables were dragged to the last row of the sheet, as people do to be done with it."""

    def edit(part: str, text: str) -> str:
        name = re.search(r'displayName="(\w+)"', text) if part.startswith("xl/tables/") else None
        if name is None or name[1] not in tables:
            return text
        return re.sub(r'(ref="[A-Z]+\d+:[A-Z]+)\d+"', rf'\g<1>{LAST_ROW}"', text)

    return rewritten(path, to, edit)
