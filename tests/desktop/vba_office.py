"""VBA run by LibreOffice: a workbook with the add-in's own VBA project, formulas in its cells, their values read back.

LibreOffice runs a document's macros only where it is told to, so a driver outside it loads the workbook with macros on,
recalculates it and saves it as .xlsx.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import time
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from openpyxl import load_workbook

from addin.desktop import build
from tests.judge import office
from tests.real import missing

# Run by a Python that has UNO, outside the office: inside, an error of a function would end the macro that waits for it.
_DRIVER = """
import os, sys, time, uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

pipe, source, out = sys.argv[1:]
here = uno.getComponentContext()
resolver = here.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", here)
for _ in range(300):
    try:
        there = resolver.resolve("uno:pipe,name=" + pipe + ";urp;StarOffice.ComponentContext")
        break
    except NoConnectException:
        time.sleep(0.1)
desktop = there.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", there)
options = (PropertyValue("MacroExecutionMode", 0, 4, 0), PropertyValue("Hidden", 0, True, 0))
book = desktop.loadComponentFromURL(source, "_blank", 0, options)
book.calculateAll()
libraries = book.BasicLibraries
for name in libraries.ElementNames:
    print(*libraries.getByName(name).ElementNames)
book.storeToURL(out, (PropertyValue("FilterName", 0, "Calc MS Excel 2007 XML", 0),))
sys.stdout.flush()
os._exit(0)  # the bridge may crash while Python takes itself apart
"""


def require_uno() -> str:
    """A Python that can talk to the office."""
    program = office.find_office()
    beside = [program.resolve().parent / "python"] if program else []
    candidates = [python for python in (*map(str, beside), "/usr/bin/python3", "python3") if shutil.which(python)]
    able = (p for p in candidates if subprocess.run([p, "-c", "import uno"], capture_output=True).returncode == 0)
    return next(able, None) or missing("a Python with UNO (python3-uno)")


def workbook(formulas: Sequence[str], modules: Mapping[str, str]) -> bytes:
    """The add-in as a workbook: these VBA modules, these formulas down column A of its first sheet, its own texts."""
    with zipfile.ZipFile(io.BytesIO(build.addin_bytes())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    codes = [sheet.code for sheet in build.make_sheets([])]
    parts["xl/vbaProject.bin"] = build.vba_project(dict(modules), codes)
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"addin.macroEnabled", b"sheet.macroEnabled")
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b' visibility="hidden"', b"")
    rows = "".join(f'<row r="{r}"><c r="A{r}"><f>{escape(f)}</f><v>-77</v></c></row>' for r, f in enumerate(formulas, 1))
    parts["xl/worksheets/sheet1.xml"] = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<sheetPr codeName="{codes[0]}"/><sheetData>{rows}</sheetData></worksheet>'
    ).encode()
    return build.zipped(parts)


def opened(data: bytes, suffix: str, folder: Path, timeout: float = 90) -> tuple[Path, list[str]]:
    """The file as LibreOffice saves it again after recalculating, and the Basic modules it lists."""
    source, out = folder / f"in{suffix}", folder / "out.xlsx"
    source.write_bytes(data)
    office.write_profile(folder / "profile", [], office.RECALC_NEVER)  # functions called while loading would fail
    environment = office._environment(folder, 0)
    pipe = f"salesplan{os.getpid()}{time.monotonic_ns()}"
    command = [
        str(office.find_office()),
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        *("--headless", "--norestore", "--nologo", "--nolockcheck", f"--accept=pipe,name={pipe};urp;"),
    ]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        driver = [require_uno(), "-c", _DRIVER, pipe, source.as_uri(), out.as_uri()]
        done = subprocess.run(driver, env=environment, capture_output=True, text=True, timeout=timeout)
    finally:
        office._kill_group(process)
    if done.returncode:
        raise office.OfficeError(f"the driver ended with {done.returncode}: {done.stdout}{done.stderr}")
    return out, done.stdout.split()


def evaluate(formulas: Sequence[str], modules: Mapping[str, str], folder: Path) -> list[Any]:
    """What LibreOffice shows for each formula with these VBA modules behind them."""
    out, _ = opened(workbook(formulas, modules), ".xlsm", folder)
    sheet = load_workbook(out, data_only=True).worksheets[0]
    return [sheet.cell(r, 1).value for r in range(1, len(formulas) + 1)]
