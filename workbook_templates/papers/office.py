"""Sheets on paper: LibreOffice prints what a workbook shows, in a profile of its own and without computing anything anew."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Collection
from pathlib import Path
from xml.sax.saxutils import escape

from lxml import etree

from udfs.text import Text
from workbook_templates.answers import Refused

_PLACES = ("/Applications/LibreOffice.app/Contents/MacOS/soffice", "C:/Program Files/LibreOffice/program/soffice.exe")
_SECONDS = 300
_PRINTED = ("_xlnm.Print_Area", "_xlnm.Print_Titles")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
# Formulas that LibreOffice would compute anew, and can't: arrays, and what calls our functions. A text can't hold a bare <.
_OURS = re.compile(rb"""<((?:\w+:)?f)(?:\s[^<>]*t=["']array["'][^<>]*>[^<]*|(?:\s[^<>]*)?>[^<]*\bSALES_[^<]*)</\1>""")
# The last piece of a foot, in which the day of printing is asked for: behind the size of its letters.
_DAY_OF_PRINTING = re.compile(rb"(&amp;8 )(?:(?!&amp;)[^<])*&amp;D(?=</oddFooter>)")


def program() -> Path | None:
    """LibreOffice, where it is installed; ``SALESPLAN_SOFFICE`` names it where it has an unusual place."""
    names = (os.environ.get("SALESPLAN_SOFFICE"), "soffice", "libreoffice", *_PLACES)
    return next((Path(found) for name in names if name and (found := shutil.which(name))), None)


def required() -> Path:
    """The same, or what to do."""
    found = program()
    if found is None:
        raise Refused(
            Text(
                "打印工作表需要 LibreOffice：请安装（libreoffice.org），或在 Excel 里打印",
                "printing sheets needs LibreOffice: install it (libreoffice.org), or print from Excel",
            )
        )
    return found


def shown_only(content: bytes, titles: Collection[str], foot: str) -> bytes:
    """A copy of a workbook that shows these sheets and no others, and the values that its cells hold: what is hidden is not printed, and
    arrays are not computed by a program that has not our functions. ``foot`` stands where the day of printing stood."""
    out, told = io.BytesIO(), escape(foot.replace("&", "&&")).encode()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as after,
    ):
        for entry in before.infolist():
            part = before.read(entry)
            if entry.filename == "xl/workbook.xml":
                part = _hidden(part, titles)
            elif re.fullmatch(r"xl/worksheets/[^/]+\.xml", entry.filename):
                part = _DAY_OF_PRINTING.sub(lambda found: found[1] + told, _OURS.sub(b"", part))
            after.writestr(entry.filename, part)
    return out.getvalue()


def _hidden(part: bytes, titles: Collection[str]) -> bytes:
    """What is not wanted is hidden, and prints an empty cell, since LibreOffice prints hidden sheets as well."""
    root = etree.fromstring(part)
    sheets = [sheet.get("name") or "" for sheet in root.iter(f"{_MAIN}sheet")]
    wanted = [place for place, name in enumerate(sheets) if name in titles]
    for place, sheet in enumerate(root.iter(f"{_MAIN}sheet")):
        sheet.attrib.pop("state", None)
        if place not in wanted:
            sheet.set("state", "hidden")
    for view in root.iter(f"{_MAIN}workbookView"):
        view.attrib.pop("firstSheet", None)
        view.set("activeTab", str(wanted[0] if wanted else 0))
    names = root.find(f"{_MAIN}definedNames")
    if names is not None:
        for name in list(names):
            if name.get("name") in _PRINTED and int(name.get("localSheetId", "-1")) not in wanted:
                names.remove(name)
        for place, title in enumerate(sheets):
            if place not in wanted:
                nothing = etree.SubElement(names, f"{_MAIN}definedName", {"name": _PRINTED[0], "localSheetId": str(place)})
                nothing.text = f"{_sheet(title)}!$XFC$1048570"
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return made


def _sheet(title: str) -> str:
    return "'" + title.replace("'", "''") + "'"


def printed(content: bytes) -> bytes:
    """A workbook as PDF."""
    soffice = required()
    with tempfile.TemporaryDirectory(prefix="salesplan-print-") as folder:
        source, profile = Path(folder, "plan.xlsx"), Path(folder, "profile")
        source.write_bytes(content)
        command = [
            str(soffice),
            f"-env:UserInstallation={profile.as_uri()}",
            "--headless",
            "--norestore",
            "--convert-to",
            "pdf",
            "--outdir",
            folder,
            str(source),
        ]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
        except subprocess.TimeoutExpired as error:
            raise Refused(
                Text(f"LibreOffice {_SECONDS} 秒没有完成：请再试一次", f"LibreOffice took more than {_SECONDS} s: try again")
            ) from error
        to = source.with_suffix(".pdf")
        if not to.exists():
            said = re.sub(r"\s+", " ", done.stderr)[-200:]
            raise Refused(Text(f"LibreOffice 没有生成 PDF：{said}", f"LibreOffice made no PDF: {said}"))
        return to.read_bytes()
