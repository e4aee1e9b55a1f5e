"""What another program does to a plan on saving, undone.

LibreOffice drops the link to the add-in that ``[1]!SALES_X(…)`` refers to (Excel could not read the file any more), writes
functions it does not know in small letters and the constants as functions, and keeps a spilling formula as a fixed array.
openpyxl, with which scripts write, only forgets which arrays spill. The values and everything a person entered stay.
"""

from __future__ import annotations

from workbook_templates.formulas import spelling
from workbook_templates.xlsx.addin_link import ADDIN, XL_STARTUP
from workbook_templates.xlsx.package import Package, Sheet

LIBREOFFICE = "Calc"
OURS = "as_of"  # a name that every plan has
SPILL = "_xlfn.ANCHORARRAY("


def restore(package: Package) -> int:
    """Give a plan that another program saved Excel's spelling back; how many formulas changed. Other files stay as they are."""
    changed = 0
    if package.saved_by == LIBREOFFICE:
        changed = _after_libreoffice(package)
    elif _forgot_its_spills(package):
        changed = _mark_arrays(package)
    if not package.signed:  # not every program writes this setting back
        package.never_ask_for(ADDIN)
    return changed


def _forgot_its_spills(package: Package) -> bool:
    """Whether formulas of a plan read a spill (``A1#``) and no array of the whole file is marked as spilling.

    Excel would show them as #REF!. In somebody's own workbook an array may be meant to be a fixed one, so that stays.
    """
    if OURS not in package.names or package.signed:
        return False
    reads_spills = False
    for sheet in package.sheets.values():
        for cell in sheet.cells_held.values():
            if cell.dynamic:  # nearly always among the first cells
                return False
            reads_spills = reads_spills or SPILL in (cell.formula or "")
    return reads_spills


def _mark_arrays(package: Package) -> int:
    return sum(
        package.mark_dynamic(sheet, at)
        for sheet in package.sheets.values()
        for at, cell in sheet.cells().items()
        if cell.formula is not None and cell.array_ref is not None
    )


def _after_libreoffice(package: Package) -> int:
    changed = package.order_print_titles()
    used: set[str] = set()
    for sheet in package.sheets.values():
        changed += _respell(sheet)
        for cell in sheet.cells().values():
            if cell.formula is not None:
                used |= {name for name in spelling.references(cell.formula) if spelling.is_ours(name)}
    if used and ADDIN not in (target.rpartition("/")[2] for target in package.links()):
        package.add_link(ADDIN, XL_STARTUP, sorted(used))
    return changed + _mark_arrays(package)


def _respell(sheet: Sheet) -> int:
    """Formulas that call what LibreOffice does not know, as Excel writes them; their values stay."""
    foreign = {at: cell.formula for at, cell in sheet.cells().items() if cell.formula is not None and _foreign(cell.formula)}
    return sheet.respell({at: _respelled(text) for at, text in foreign.items()})


def _respelled(text: str) -> str:
    try:
        return spelling.to_file(_constants(spelling.to_canonical(text)))
    except spelling.SpellingError:  # no formula: it stays, and the check tells of its cell
        return text


def _constants(formula: str) -> str:
    """``FALSE()``, as LibreOffice writes the constant, is ``FALSE``."""
    tokens = spelling.tokenize(formula)
    kept = []
    for place, token in enumerate(tokens):
        called = tokens[max(place - 2, 0) : place] if token.kind == "close" else tokens[max(place - 1, 0) : place]
        if (
            token.kind in ("open", "close")
            and called
            and called[0].kind == "func"
            and called[0].text.upper() in ("TRUE", "FALSE")
        ):
            continue
        kept.append(token.text)
    return "".join(kept)


def _foreign(formula: str) -> bool:
    text = formula.lower()
    return any(mark in text for mark in ("sales_", "_xlfn.", "true()", "false()"))
