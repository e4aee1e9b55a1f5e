"""Recalculate a workbook in LibreOffice and compare every cached value with what came out.

LibreOffice never sees the workbook itself but a copy in which
- our functions carry no prefix (`[1]!SALES_X(` and `_xldudf_SALES_X(` become `SALES_X(`), since it knows only those;
- every formula's cached value is poisoned, so that a value which was not recalculated cannot pass for one that was;
- `A1#`, or `name#` for a name of A1, stands as the range A1 spilled to, which LibreOffice cannot know;
- a formula with a function LibreOffice lacks is frozen at its cached value: that formula is listed as not evaluated,
  and all that builds on it is still judged;
- a call of ours gets one more argument in front, which makes Calc compute all cells the others refer to before the
  call: it would hand over references to cells it has not computed yet;
- an omitted, TRUE, FALSE or error argument of our functions is marked, since Calc would pass on 0, 1 or nothing;
  so is a call of ours directly inside another, since Calc fails the outer one for any error in the inner result.
"""

from __future__ import annotations

import math
import re
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree
from openpyxl.utils.cell import coordinate_to_tuple

from tests.judge import office
from tests.judge.parts import MAIN, Cell, ErrorValue, Place, Sheet, Value, Workbook, address, tokens

POISON = "-9.87654321E+77"
RELATIVE, ABSOLUTE = 1e-9, 1e-9
LAST_COLUMN = 16384
_MARK = "\u2063"
_REFERRING = {"(", "INDEX", "OFFSET", "CHOOSE", "IF", "INDIRECT", "_xlfn.IFS", "_xlfn.SWITCH"}
_LITERALS = {*office.ERROR_CODES, "TRUE", "FALSE"}
_UDF_PREFIX = "_xldudf_"
_SPILL = re.compile(r"_xlfn\.ANCHORARRAY\(((?:'(?:[^']|'')*'|[^\W\d][\w.]*)!)?(\$?[A-Z]{1,3}\$?[0-9]+)\)")
_NAMED_SPILL = re.compile(r"_xlfn\.ANCHORARRAY\(([^\W\d][\w.]*)\)")
# Functions this LibreOffice was asked about: name as the file spells it → whether it knows it.
_known: dict[str, bool] = {}


class Difference(NamedTuple):
    sheet: str
    cell: str
    formula: str
    cached: Value
    recalculated: Value


class NotEvaluated(NamedTuple):
    sheet: str
    cell: str
    formula: str
    why: str


@dataclass
class Report:
    """What the judge found: how many values agree, which differ, which formulas LibreOffice could not compute."""

    agreed: int = 0
    differing: list[Difference] = field(default_factory=list)
    not_evaluated: list[NotEvaluated] = field(default_factory=list)

    def __str__(self) -> str:
        """A page for the reader of a failed test: the first differences, and what was left out by reason."""
        lines = [f"{self.agreed} values agree, {len(self.differing)} differ, {len(self.not_evaluated)} not evaluated"]
        lines += [
            f"  {d.sheet}!{d.cell}: cached {d.cached!r}, recalculated {d.recalculated!r}   ={d.formula:.120}"
            for d in self.differing[:20]
        ]
        reasons = Counter(cell.why for cell in self.not_evaluated)
        return "\n".join([*lines, *(f"  not evaluated: {why} × {count}" for why, count in reasons.most_common())])


def recalculated(
    path: Path, functions: Collection[str] = (), call: office.Call | None = None, *, timeout: float = 120
) -> dict[Place, Value]:
    """Every value of the workbook as LibreOffice computes it, by (sheet, row, column)."""
    copy = JudgedCopy(Workbook(path), functions)
    return copy.recalculate(functions, call, timeout)


def compare(path: Path, functions: Collection[str] = (), call: office.Call | None = None, *, timeout: float = 120) -> Report:
    """Compare the cached value of every formula cell, and of every cell it spills to, with LibreOffice's.

    `functions` are the plain names of our worksheet functions; `call(name, arguments)` evaluates one: arguments are
    numbers, text, booleans, None, error codes, or rows of these for a reference; the result a cell or rows of cells.
    """
    copy = JudgedCopy(Workbook(path), functions)
    values = copy.recalculate(functions, call, timeout)
    report = Report(not_evaluated=copy.frozen)
    for place, (formula, cached) in copy.expected.items():
        fresh = values.get(place)
        if same(cached, fresh):
            report.agreed += 1
        else:
            report.differing.append(Difference(place[0], address(*place[1:]), formula, cached, fresh))
    report.differing += copy.wrong_sizes(values)
    return report


def same(cached: Value, fresh: Value) -> bool:
    """Equal as far as two spreadsheet programs can agree.

    Blank and empty text are one: a file cannot hold a blank formula result. TRUE and 1 are one: Calc has no booleans,
    so it keeps TRUE only where a cell's number format says so. An error is equal to the same error only.
    """
    if cached in (None, "") and fresh in (None, ""):
        return True
    if isinstance(cached, str) or isinstance(fresh, str):
        return cached == fresh and isinstance(cached, ErrorValue) == isinstance(fresh, ErrorValue)
    if cached is None or fresh is None:
        return False
    return math.isclose(cached, fresh, rel_tol=RELATIVE, abs_tol=ABSOLUTE)


# The copy ----------------------------------------------------------------------------------------------------------


class _Size(NamedTuple):
    """A far cell of the copy that computes how large a spilled result is, and what the file says about it."""

    place: Place
    sheet: str
    cell: str
    formula: str
    rows: int
    columns: int


class JudgedCopy:
    """The copy for LibreOffice, and what the original says about each cell it is to compute."""

    def __init__(self, book: Workbook, functions: Collection[str]) -> None:
        self.book = book
        self.functions = frozenset(functions)
        self.expected: dict[Place, tuple[str, Value]] = {}
        self.frozen: list[NotEvaluated] = []
        self._sizes: list[_Size] = []
        trees = {sheet: book.worksheet(sheet) for sheet in book.sheets}
        cells = {sheet: list(book.cells(root)) for sheet, root in trees.items()}
        self._spills = _spills(cells)
        self._names = {d.get("name"): d.text for d in book.tree.iter(MAIN + "definedName")}
        self._rewritten: dict[tuple[str, str], str] = {}
        self._lacking = self._ask_for_functions(cells)
        for sheet, root in trees.items():
            self._prepare(sheet, cells[sheet])
            book.parts[sheet.part] = etree.tostring(root, xml_declaration=True, encoding="UTF-8")

    def recalculate(self, functions: Collection[str], call: office.Call | None, timeout: float) -> dict[Place, Value]:
        """Let LibreOffice open the copy, compute it and save it; the values that it saved."""
        with tempfile.TemporaryDirectory(prefix="salesplan-judge-") as folder:
            workdir = Path(folder)
            source = workdir / "judged.xlsx"
            self.book.save(source)
            options: dict[str, Any] = {"recalc": office.RECALC_ALWAYS, "functions": functions, "call": call}
            (result,) = office.convert([source], "xlsx", workdir, timeout=timeout, **options)
            return read_values(result, [sheet.name for sheet in self.book.sheets])

    def wrong_sizes(self, values: dict[Place, Value]) -> Iterator[Difference]:
        """Spills whose result is larger or smaller than the range the file gives them."""
        for size in self._sizes:
            fresh = values.get(size.place)
            if isinstance(fresh, float) and fresh != size.rows * LAST_COLUMN + size.columns:
                got = "{} rows × {} columns".format(*divmod(int(fresh), LAST_COLUMN))
                stated = f"{size.rows} rows × {size.columns} columns"
                yield Difference(size.sheet, size.cell, size.formula, stated, got)

    def _ask_for_functions(self, cells: dict[Sheet, list[Cell]]) -> dict[str, str]:
        """The names no formula may use here, with the reason: unknown functions, and names defined with one."""
        formulas = {cell.formula for found in cells.values() for cell in found if cell.formula}
        names = {d.get("name"): d for d in self.book.tree.iter(MAIN + "definedName")}
        for definition in names.values():
            definition.text = self._rewrite(definition.text or "", "")
        texts = [self._rewrite(text, "") for text in formulas] + [d.text for d in names.values()]
        used = {name for text in texts for name in called(text)} - self.functions
        lacking = {name: f"no {_bare(name)}" for name in unknown(used)}
        for name, definition in names.items():
            if why := _first_reason(definition.text, lacking):
                lacking[name] = f"{why} (in the name {name})"
        return lacking

    def _prepare(self, sheet: Sheet, cells: list[Cell]) -> None:
        """Rewrite, poison or freeze every formula cell of a sheet, and note what is expected of it."""
        at = {(cell.row, cell.column): cell for cell in cells}
        for cell in cells:
            if cell.formula is None:
                continue
            text = self._rewrite(cell.formula, sheet.name)
            if cell.element.find(MAIN + "f").get("t") == "dataTable":
                self._freeze(sheet, cell, "what-if data table")
            elif why := _first_reason(text, self._lacking):
                self._freeze(sheet, cell, why)
            else:
                self._expect(sheet, cell, text, at)

    def _freeze(self, sheet: Sheet, cell: Cell, why: str) -> None:
        cell.element.remove(cell.element.find(MAIN + "f"))
        self.frozen.append(NotEvaluated(sheet.name, address(cell.row, cell.column), cell.formula or "", why))

    def _expect(self, sheet: Sheet, cell: Cell, text: str, at: dict[tuple[int, int], Cell]) -> None:
        formula = cell.formula or ""
        f = cell.element.find(MAIN + "f")
        f.text = text
        if f.get("t") == "shared":  # each follower has its own text by now
            for attribute in ("t", "ref", "si"):
                f.attrib.pop(attribute, None)
        top, left, bottom, right = cell.spill or (cell.row, cell.column, cell.row, cell.column)
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                member = at.get((row, column))
                self.expected[sheet.name, row, column] = (formula, member.value if member else None)
                if member:
                    _poison(member.element)
        if cell.spill and cell.dynamic:
            self._measure(sheet, cell, text)

    def _measure(self, sheet: Sheet, cell: Cell, text: str) -> None:
        """Let a far cell of the same row compute the size of the spill: in Calc an array formula's range is fixed,
        so a result that outgrew it would go unnoticed."""
        assert cell.spill is not None
        column = LAST_COLUMN - sum(size.place[:2] == (sheet.name, cell.row) for size in self._sizes)
        where, row = address(cell.row, column), cell.element.getparent()
        far = etree.Element(MAIN + "c", r=where)
        f = etree.SubElement(far, MAIN + "f", t="array", ref=where)
        f.text = f"ROWS({text})*{LAST_COLUMN}+COLUMNS({text})"
        row.insert(len(row) - (LAST_COLUMN - column), far)
        row.attrib.pop("spans", None)
        top, left, bottom, right = cell.spill
        corner = address(cell.row, cell.column)
        size = (bottom - top + 1, right - left + 1)
        self._sizes.append(_Size((sheet.name, cell.row, column), sheet.name, corner, cell.formula or "", *size))

    def _rewrite(self, formula: str, sheet: str) -> str:
        key = (formula, sheet)
        if key not in self._rewritten:
            named = _NAMED_SPILL.sub(self._place_of_name, formula)
            spilled = _SPILL.sub(lambda match: self._spilled(match, sheet), named)
            self._rewritten[key] = plain(spilled, self.functions, self.book.tables)
        return self._rewritten[key]

    def _place_of_name(self, match: re.Match[str]) -> str:
        """`name#` by what the name refers to: the corner the array spills from."""
        return f"_xlfn.ANCHORARRAY({self._names.get(match[1], match[1])})"

    def _spilled(self, match: re.Match[str], sheet: str) -> str:
        prefix, corner = match[1] or "", coordinate_to_tuple(match[2].replace("$", ""))
        name = prefix[:-1].strip("'").replace("''", "'") or sheet
        bounds = self._spills.get((name, *corner))
        if bounds is None:
            return match[0]
        top, left, bottom, right = bounds
        return f"{prefix}{_absolute(top, left)}:{_absolute(bottom, right)}"


def _spills(cells: dict[Sheet, list[Cell]]) -> dict[Place, tuple[int, int, int, int]]:
    return {(s.name, c.row, c.column): c.spill for s, found in cells.items() for c in found if c.spill}


def _absolute(row: int, column: int) -> str:
    return re.sub(r"([A-Z]+)(\d+)", r"$\1$\2", address(row, column))


def _poison(element: etree._Element) -> None:
    """A wrong cached value: whoever still sees it afterwards was not recalculated."""
    element.attrib.pop("t", None)
    for child in element.findall(MAIN + "v") + element.findall(MAIN + "is"):
        element.remove(child)
    etree.SubElement(element, MAIN + "v").text = POISON


def read_values(path: Path, names: Iterable[str]) -> dict[Place, Value]:
    """All values of a file LibreOffice wrote, under the sheet names of the original."""
    book = Workbook(path)
    return {
        (name, cell.row, cell.column): cell.value
        for name, sheet in zip(names, book.sheets, strict=True)
        for cell in book.cells(book.worksheet(sheet))
    }


# Formula text ------------------------------------------------------------------------------------------------------


def called(formula: str) -> Iterator[str]:
    """The functions a formula calls, as the file spells them."""
    pieces = tokens(formula)
    return (piece for piece, after in pairwise(pieces) if after == "(" and _is_name(piece))


def plain(formula: str, functions: Collection[str], tables: Collection[str] = ()) -> str:
    """The formula as LibreOffice needs it: table references as it reads them, our functions called as in the stubs."""
    pieces = _tables(tokens(formula), tables)
    if any(name in formula for name in functions):
        pieces = _ready_calls(_strip(pieces, functions), functions)
    return "".join(pieces)


def _tables(pieces: list[str], tables: Collection[str]) -> list[str]:
    """`Deals` as `Deals[]`, for LibreOffice takes the bare name for header and all, and `Deals[#All]` as
    `Deals[[#All]]`, for it knows no other."""
    done: list[str] = []
    for piece, after in zip(pieces, [*pieces[1:], ""], strict=True):
        done.append(f"[{piece}]" if piece.startswith("[#") else piece)
        if piece in tables and not after.startswith(("[", "(", "!")):
            done.append("[]")
    return done


def _strip(pieces: list[str], functions: Collection[str]) -> list[str]:
    """Without `[1]!` and `_xldudf_` before our functions."""
    done: list[str] = []
    for place, piece in enumerate(pieces):
        bare = piece.removeprefix(_UDF_PREFIX)
        if bare in functions and pieces[place + 1 : place + 2] == ["("]:
            if done[-1:] == ["!"] and done[-2].startswith("["):
                del done[-2:]
            done.append(bare)
        else:
            done.append(piece)
    return done


def _ready_calls(pieces: list[str], functions: Collection[str]) -> list[str]:
    """Mark the arguments of our functions, and let Calc compute what they refer to before the call."""
    done: list[str] = []
    calls: list[_OpenCall | None] = []  # for each open bracket: the call of ours it belongs to, if it does
    for piece in pieces:
        inside = calls[-1] if calls else None
        if inside and piece in (",", ")"):
            inside.take(done, piece)
        if piece in ("(", "{"):
            ours = piece == "(" and bool(done) and done[-1] in functions
            calls.append(_OpenCall(functions, len(done) + 1) if ours else None)
        elif piece in (")", "}") and calls:
            calls.pop()
        done.append(piece)
        if inside and piece == ",":
            inside.start = len(done)
    return done


class _OpenCall:
    """A call of ours while it is read: where it opened, where its current argument begins, what it refers to."""

    def __init__(self, functions: Collection[str], opened: int) -> None:
        self._functions = functions
        self._opened = self.start = opened
        self._referred: list[str] = []

    def take(self, done: list[str], end: str) -> None:
        """An argument is complete; at the closing bracket, put the forcing argument in front of all."""
        argument = done[self.start :]
        nothing_given = end == ")" and self.start == self._opened and not "".join(argument).strip()
        if not nothing_given:
            self._referred += [text for text in ["".join(argument)] if self._may_refer(argument)]
            done[self.start :] = _marked(argument, self._functions)
        if end == ")":
            forcing = f"COUNT({','.join(self._referred)})" if self._referred else "0"
            done[self._opened : self._opened] = [forcing] if nothing_given else [forcing, ","]

    def _may_refer(self, argument: list[str]) -> bool:
        """Whether Calc passes this argument as a reference, without looking at the cells: then the cells may not be
        computed yet when the function reads them. COUNT has to know each cell and fails for none; COUNTA would look at what
        is in the cells without computing them."""
        functions = {piece for piece, after in pairwise(argument) if after == "("}
        names = any(_is_name(piece) for piece in argument)
        bare = "".join(argument).strip().removesuffix("()")
        return names and "{" not in argument and bare not in _LITERALS and functions <= _REFERRING


def _marked(argument: list[str], functions: Collection[str]) -> list[str]:
    """One argument of ours: nothing, a literal and a directly nested call of ours get a mark, all else stays."""
    bare = "".join(argument).strip().removesuffix("()")
    if not bare:
        return [f'"{_MARK}omitted"']
    if bare in _LITERALS:
        return [f'"{_MARK}{bare}"']
    inner = [piece for piece in argument if not piece.isspace()]
    if inner[0] in functions and _closing(inner) == len(inner) - 1:
        return [*inner[:-1], ",", f'"{_MARK}nested"', ")"]
    return argument


def _closing(pieces: list[str]) -> int:
    """Where the first bracket closes."""
    depth = 0
    for place, piece in enumerate(pieces):
        depth += (piece == "(") - (piece == ")")
        if depth == 0 and piece == ")":
            return place
    return -1


def _is_name(piece: str) -> bool:
    return piece[0].isalpha() or piece[0] == "_"


def _bare(name: str) -> str:
    return re.sub(r"^(?:_xlfn\.|_xlws\.)+", "", name)


def _first_reason(formula: str, lacking: dict[str, str]) -> str | None:
    return next((lacking[piece] for piece in tokens(formula) if piece in lacking), None) if lacking else None


# What LibreOffice knows --------------------------------------------------------------------------------------------


def unknown(names: Collection[str]) -> set[str]:
    """Those of these functions (as a file spells them) that this LibreOffice does not know: it is asked, once a
    name, by a workbook of calls without arguments, which give #NAME? for an unknown function only."""
    new = sorted(set(names) - _known.keys())
    if new:
        with tempfile.TemporaryDirectory(prefix="salesplan-judge-") as folder:
            values = _probe(new, Path(folder))
        _known.update((name, values.get(("Sheet", row, 1)) != "#NAME?") for row, name in enumerate(new, 1))
    return {name for name in names if not _known[name]}


def _probe(names: list[str], workdir: Path) -> dict[Place, Value]:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "Sheet"
    for row, name in enumerate(names, 1):
        book.active.cell(row, 1, f"={name}()")
    book.save(workdir / "probe.xlsx")
    (result,) = office.convert([workdir / "probe.xlsx"], "xlsx", workdir, recalc=office.RECALC_ALWAYS)
    return read_values(result, ["Sheet"])
