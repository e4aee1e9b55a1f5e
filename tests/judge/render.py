"""The camera: what a phone preview or a mail client shows of a workbook, one picture a printed page.

Only cached values may show, so LibreOffice gets copies without any formula; each copy shows one sheet, so that every
picture's file name tells its sheet. By hand: `python -m tests.judge.render FILE OUTDIR`.
"""

from __future__ import annotations

import argparse
import copy
import re
import shutil
import subprocess
import tempfile
from collections.abc import Collection
from pathlib import Path

from lxml import etree

from tests.judge import office
from tests.judge.parts import MAIN, Sheet, Workbook

PAGES_PER_SHEET = 50


def render(path: Path, outdir: Path, dpi: int = 70, *, only: Collection[str] = (), timeout: float = 300) -> list[Path]:
    """Every page of every visible sheet (or of some, by name) as `NN-sheet-P.png`, in the order of the workbook."""
    outdir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="salesplan-render-") as folder:
        printed = print_sheets(path, Path(folder), only=only, timeout=timeout)
        return [page for pdf, name in printed.items() for page in _pages(pdf, outdir / name, dpi, timeout)]


def print_sheets(path: Path, workdir: Path, *, only: Collection[str] = (), timeout: float = 300) -> dict[Path, str]:
    """A PDF in `workdir` for each visible sheet → how its pages are called."""
    copies = _copies(path, workdir, only)
    pdfs = office.convert(list(copies), "pdf", workdir, recalc=office.RECALC_NEVER, timeout=timeout)
    return dict(zip(pdfs, copies.values(), strict=True))


def _copies(path: Path, workdir: Path, only: Collection[str] = ()) -> dict[Path, str]:
    """One formula-free copy for each visible sheet. The other sheets are hidden, not gone: charts may need them."""
    book = Workbook(path)
    for sheet in book.sheets:
        root = book.worksheet(sheet)
        _drop_formulas(root)
        book.parts[sheet.part] = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    original, copies = book.tree, {}
    for number, sheet in enumerate(book.sheets, 1):
        if sheet.visible and (not only or sheet.name in only):
            book.tree = copy.deepcopy(original)
            _show_only(book.tree, number - 1)
            path = workdir / f"{number:02d}.xlsx"
            copies[path] = f"{number:02d}-{_file_name(sheet)}"
            book.save(path)
    return copies


def _drop_formulas(root: etree._Element) -> None:
    for f in list(root.iter(MAIN + "f")):
        cell = f.getparent()
        if cell.tag == MAIN + "c":  # other places with an f, such as data bars, are looks
            cell.remove(f)


def _show_only(workbook: etree._Element, index: int) -> None:
    for place, sheet in enumerate(workbook.iter(MAIN + "sheet")):
        sheet.attrib.pop("state", None)
        if place != index:
            sheet.set("state", "hidden")
    for name in list(workbook.iter(MAIN + "definedName")):  # LibreOffice prints a hidden sheet that has a print area
        if name.get("name") == "_xlnm.Print_Area" and name.get("localSheetId") != str(index):
            name.getparent().remove(name)
    for view in workbook.iter(MAIN + "workbookView"):
        view.set("activeTab", str(index))
        view.set("firstSheet", str(index))


def _file_name(sheet: Sheet) -> str:
    return re.sub(r"\W+", "_", sheet.name)


def _pages(pdf: Path, target: Path, dpi: int, timeout: float) -> list[Path]:
    """The PDF as pictures `target-1.png` and on, in the order of the pages."""
    if (pdftoppm := shutil.which("pdftoppm")) is None:
        raise office.OfficeError("pdftoppm (poppler-utils) is not installed")
    for old in _numbered(target):
        old.unlink()
    command = [pdftoppm, "-png", "-r", str(dpi), "-l", str(PAGES_PER_SHEET), str(pdf), str(target)]
    subprocess.run(command, check=True, timeout=timeout)
    return _numbered(target)


def _numbered(target: Path) -> list[Path]:
    """By number, not by name: pdftoppm pads with zeros only as far as the document needs."""
    found = {
        int(m[1]): f
        for f in target.parent.iterdir()
        if (m := re.fullmatch(r".*-(\d+)\.png", f.name)) and f.name.startswith(target.name + "-")
    }
    return [found[number] for number in sorted(found)]


def main() -> None:
    parser = argparse.ArgumentParser(description="Render the cached values of a workbook as PNG pages.")
    parser.add_argument("file", type=Path)
    parser.add_argument("outdir", type=Path)
    parser.add_argument("--dpi", type=int, default=70)
    options = parser.parse_args()
    for page in render(options.file, options.outdir, options.dpi):
        print(page)


if __name__ == "__main__":
    main()
