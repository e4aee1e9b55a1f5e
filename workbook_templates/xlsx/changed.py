"""What of a package's cells and Tables is no longer as its file has it."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from workbook_templates.xlsx.package import Element, Package, Ref, Sheet, Table, local_name

Area = tuple[str, int, int, int, int]


def changes(package: Package) -> tuple[list[Area], list[Area]] | None:
    """The cells that changed since the file was read, and the Tables that grew or shrank, as they were and as they are.

    None where more changed than that: sheets, names, headers, or a sheet that was not changed cell by cell.
    """
    if _workbook_changed(package):
        return None
    cells: list[Area] = []
    for sheet in package.sheets.values():
        if sheet.part in package.touched:
            if sheet.origin is None:
                return None
            cells += _changed(sheet)
    resized: list[Area] = []
    for table in package.tables.values():
        if table.used != table.data:  # dragged far down: where it ends for formulas moves with its cells
            return None
        if table.part in package.touched:
            before = _table_before(package, table)
            if before is None:
                return None
            if before != table.ref:
                resized += [(table.sheet, *before), (table.sheet, *table.ref)]
                cells.append((table.sheet, *_between(before, table.ref)))
    return cells, resized


def _changed(sheet: Sheet) -> Iterator[Area]:
    """An untouched cell is the very same object."""
    before, now = sheet.origin or {}, sheet.cells()
    for at in [*(at for at, cell in now.items() if before.get(at) is not cell), *(at for at in before if at not in now)]:
        yield sheet.name, *at, *at


def _table_before(package: Package, table: Table) -> Ref | None:
    """Where a Table was in the file; None where more of it changed than that."""
    root, now = _in_file(package, table.part), package.root(table.part)
    if root is None or _headers(root) != _headers(now):
        return None
    same = all(root.get(name) == now.get(name) for name in ("displayName", "name", "totalsRowCount", "headerRowCount"))
    before = Ref.parse(root.get("ref", ""))
    return before if same and before[:2] == table.ref[:2] and before.last_col == table.ref.last_col else None


def _between(before: Ref, now: Ref) -> Ref:
    """The rows that are in one of them only."""
    first, last = sorted((before.last_row, now.last_row))
    return now._replace(first_row=first + 1, last_row=last)


def _headers(root: Element) -> list[str]:
    return [node.get("name", "") for group in root if local_name(group) == "tableColumns" for node in group]


def _workbook_changed(package: Package) -> bool:
    """Whether sheets or names changed."""
    if package.workbook_part not in package.touched:
        return False
    before = _in_file(package, package.workbook_part)
    return before is None or _said(before) != _said(package.root(package.workbook_part))


def _said(root: Element) -> list[bytes]:
    wanted = ("sheets", "definedNames", "workbookPr")
    return [etree.tostring(node, method="c14n") for node in root if local_name(node) in wanted]


def _in_file(package: Package, part: str) -> Element | None:
    return etree.fromstring(package.archive.read(part)) if part in package.archive.infos else None
