"""Conditional formats of a sheet: lights with their shapes, and money that is shown in 万 and 亿 from a size on.

Both carry number formats, so what a cell holds stays as it is; they are written last, when it is known how each cell is formatted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from openpyxl.formatting.rule import ColorScaleRule, Rule
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from openpyxl.worksheet.worksheet import Worksheet

from workbook_templates.page import style
from workbook_templates.xlsx.refs import Ref

_FIRST = 300  # the numbers of their formats; those of cells begin at 164
_MANY = 400  # in so many cells the first row tells how all are formatted


@dataclass
class Formats:
    """The number formats of a workbook's conditional formats, each under a number of its own."""

    lang: str
    numbers: dict[str, int] = field(default_factory=dict)

    def of(self, code: str) -> NumberFormat:
        """A format by its code."""
        return NumberFormat(self.numbers.setdefault(code, _FIRST + len(self.numbers)), code)

    def scales(self) -> Iterator[tuple[float, str]]:
        """From which size on money is shown in which format."""
        for bounds, name in style.SCALES:
            yield bounds[self.lang == "en"], style.number_format(name, self.lang)

    @property
    def scaled(self) -> str:
        """The format of a cell whose money is scaled."""
        return style.number_format("scaled", self.lang)


@dataclass
class Judged:
    """What is to be judged on a sheet, in order of precedence: (cells, formula for the first of them, colour, with its shape)."""

    sheet: Worksheet
    formats: Formats
    asked: list[tuple[str, str, str, bool]] = field(default_factory=list)
    scaled: list[str] = field(default_factory=list)  # cells with money of any size
    lines: list[tuple[str, str]] = field(default_factory=list)  # cells that have lines around them where a formula holds
    heats: list[tuple[str, str]] = field(default_factory=list)  # cells whose ground goes from white to a colour by their size

    def write(self) -> None:
        """Write the rules: lights first, so that a figure has both its shape and its unit."""
        for ref, formula, color, shaped in self.asked:
            for more, numbers in self._shapes(ref, color) if shaped else [("", None)]:
                self._add(ref, f"AND({formula},{more})" if more else formula, style.light(color, numbers))
        for ref, formula in self.lines:
            self._add(ref, formula, DifferentialStyle(border=style.BOX))
        left = list(dict.fromkeys(self.scaled))
        for ref, color in self.heats:
            ends = {"start_type": "min", "start_color": "FFFFFF", "end_type": "max", "end_color": color}
            self.sheet.conditional_formatting.add(ref, ColorScaleRule(**ends))
            inside = [area for area in left if _holds(ref, area)]
            if inside:  # under the very address, or LibreOffice shows the colour only
                self._scale(ref)
                left = [area for area in left if area not in inside]
        if left:
            self._scale(" ".join(joined(left)))

    def _scale(self, ref: str) -> None:
        for least, code in self.formats.scales():
            # By comparison and not by formula: that reads no address, so that one rule does for cells all over the sheet.
            rule = Rule(type="cellIs", operator="notBetween", formula=[f"-{_below(least)}", _below(least)])
            rule.dxf = DifferentialStyle(numFmt=self.formats.of(code))
            self.sheet.conditional_formatting.add(ref, rule)

    def _add(self, ref: str, formula: str, look: DifferentialStyle) -> None:
        self.sheet.conditional_formatting.add(ref, Rule(type="expression", formula=[formula], dxf=look))

    def _shapes(self, ref: str, color: str) -> Iterator[tuple[str, NumberFormat | None]]:
        """The number formats of a light over some cells, each with what must hold besides."""
        base = self._format(ref) if color in style.LIGHTS and color != style.QUIET else None
        if base is None:
            yield "", None
            return
        if base == self.formats.scaled:
            first = ref.split(":", maxsplit=1)[0]
            for least, code in self.formats.scales():
                yield f"ABS(N({first}))>={least:.15g}", self.formats.of(style.shaped(color, code))
        yield "", self.formats.of(style.shaped(color, base))

    def _format(self, ref: str) -> str | None:
        """How the cells are formatted; None where they differ: then the colour stands beside a word."""
        cells = self.sheet[ref]
        rows: Sequence[Sequence[object]] = cells if isinstance(cells, tuple) else ((cells,),)
        if len(rows) * len(rows[0]) > _MANY:
            rows = rows[:1]
        found = {cell.number_format for row in rows for cell in row}  # type: ignore[attr-defined]
        return str(found.pop()) if len(found) == 1 else None


def _below(least: float) -> str:
    """What lies just under a bound, in tenths of a fen: money is whole fen."""
    return f"{least - 0.001:.15g}"


def _holds(outer: str, inner: str) -> bool:
    area, other = Ref.parse(outer), Ref.parse(inner)
    return area.holds((other.first_row, other.first_col)) and area.holds((other.last_row, other.last_col))


def joined(refs: Sequence[str]) -> list[str]:
    """Areas that stand under each other as one: a rule names thousands of cells in few words."""
    out: list[Ref] = []
    for area in sorted(map(Ref.parse, refs), key=lambda a: (a.first_col, a.last_col, a.first_row)):
        before = out[-1] if out else None
        if (
            before
            and before.first_col == area.first_col
            and before.last_col == area.last_col
            and area.first_row <= before.last_row + 1
        ):
            out[-1] = before._replace(last_row=max(before.last_row, area.last_row))
        else:
            out.append(area)
    return [str(area) for area in out]
