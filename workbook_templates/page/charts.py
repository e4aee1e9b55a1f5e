"""Charts as the house draws them: few ink, one font, text categories kept as text, so that every viewer shows them.

References are written as cells of the page (``"C19"``, ``"B20:B23"``); the points themselves are filled by the recalculation.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from openpyxl.chart import BarChart, BubbleChart, LineChart, ScatterChart
from openpyxl.chart.data_source import AxDataSource, NumDataSource, NumRef, StrRef
from openpyxl.chart.error_bar import ErrorBars
from openpyxl.chart.label import DataLabel, DataLabelList
from openpyxl.chart.marker import Marker
from openpyxl.chart.series import Series, SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.chart.text import Text as ChartText
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Font, Paragraph, ParagraphProperties, RegularTextRun
from openpyxl.utils import absolute_coordinate, quote_sheetname

from udfs.text import Text
from udfs.values import date_to_serial
from workbook_templates.page import style
from workbook_templates.xlsx.refs import Ref

GRID = "E3E8EF"
BEHIND = "9DB7D5"  # columns that points stand in front of
Points = tuple[str, str]  # the cell of a series' name, the cells of its values
Said = Text | str  # a chart's title: a text, or the reference to a cell that says what the picture shows (Plan.message)
_INSIDE = {BEHIND: style.INK}  # in which colour names stand in bars; white elsewhere
_APART = 3  # points between names of lines that end together
SIZE = (17.0, 7.2)  # centimetres
_MONTH = 31  # days between two lines of a year: each falls into a month of its own


class Speaking(Protocol):
    """What a chart asks of a workbook: its language."""

    def t(self, text: Text | str) -> str: ...
    def format(self, name: str) -> str: ...


class Canvas(Protocol):
    """Where a chart is drawn: a sheet of a plan (``Page``), or of a workbook that is mailed."""

    @property
    def sheet(self) -> Any: ...
    @property
    def plan(self) -> Speaking: ...


def _letters(size: float, color: str = style.MUTED, bold: bool = False) -> CharacterProperties:
    font = Font(typeface=style.FONT)
    return CharacterProperties(latin=font, ea=font, cs=font, sz=int(size * 100), b=bold, solidFill=color)


def _rich(size: float, color: str = style.MUTED, bold: bool = False) -> RichText:
    letters = _letters(size, color, bold)
    return RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=letters), endParaRPr=letters)])


def _unseen() -> RichText:
    """Letters for who can't see the picture."""
    letters = CharacterProperties(sz=100, noFill=True)
    return RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=letters), endParaRPr=letters)])


def _title(text: str, size: float = 12, bold: bool = True, color: str = style.INK) -> Title:
    letters = _letters(size, color, bold)
    run = Paragraph(pPr=ParagraphProperties(defRPr=letters), r=[RegularTextRun(rPr=letters, t=text)])
    return Title(tx=ChartText(rich=RichText(p=[run])), overlay=False)


def _told(page: Canvas, title: Said) -> Title:
    """The title of a chart: what its cell says, or a text of its own."""
    if isinstance(title, Text):
        return _title(page.plan.t(title))
    made = Title(tx=ChartText(strRef=StrRef(f=title)), overlay=False)
    made.txPr = _rich(12, style.INK, True)
    return made


def _ref(page: Canvas, cells: str) -> str:
    return f"{quote_sheetname(page.sheet.title)}!{absolute_coordinate(cells)}"


def _series(page: Canvas, points: Points, categories: str, color: str) -> Series:
    name, cells = points
    series = Series(val=NumDataSource(numRef=NumRef(f=_ref(page, cells))))
    if name:
        series.tx = SeriesLabel(strRef=StrRef(f=_ref(page, name)))
    series.cat = AxDataSource(strRef=StrRef(f=_ref(page, categories)))
    series.graphicalProperties = GraphicalProperties(solidFill=color)
    series.graphicalProperties.line = LineProperties(solidFill=color, w=28575)
    return series


def _look(chart: Any, page: Canvas, title: Said, y_title: Text, fmt: str, size: tuple[float, float]) -> None:
    t = page.plan.t
    chart.title = _told(page, title)
    chart.style = 2
    chart.width, chart.height = size
    chart.legend = None  # series are named where they end
    for axis in (chart.x_axis, chart.y_axis):
        axis.delete = False
        axis.txPr = _rich(8)
        axis.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=style.LINE))
    if t(y_title):
        chart.y_axis.title = _title(t(y_title), 9, False, style.MUTED)
    chart.y_axis.number_format = page.plan.format(fmt)
    chart.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill=GRID))
    chart.x_axis.number_format = "@"
    chart.roundedCorners = False
    chart.graphical_properties = GraphicalProperties(ln=LineProperties(solidFill=style.LINE))


class _Labels(DataLabelList):  # type: ignore[misc]  # openpyxl ships no types
    """Data labels with a format of their own: without saying so, some viewers take the cells'."""

    tagname = "dLbls"

    def to_tree(self, tagname: str | None = None, idx: int | None = None, namespace: str | None = None) -> Any:
        tree = super().to_tree(tagname, idx, namespace)
        for node in tree.iter():
            if node.tag.endswith("numFmt"):
                node.set("sourceLinked", "0")
        return tree


# The serialiser looks these up on the class itself and finds none on a subclass.
_Labels.__elements__, _Labels.__nested__ = DataLabelList.__elements__, DataLabelList.__nested__


def _labels(fmt: str) -> DataLabelList:
    shown = _Labels(numFmt=fmt, showVal=True, txPr=_rich(8, style.INK))
    shown.showSerName = shown.showCatName = shown.showLegendKey = shown.showPercent = shown.showLeaderLines = False
    return shown


def _named(series: Series, color: str, last: int, shown: DataLabelList | None = None, position: str | None = None) -> None:
    """Write a series' name at its last point, beside the figure where figures are shown."""
    labels = shown if shown is not None else DataLabelList()
    if shown is None:
        labels.showVal = labels.showSerName = labels.showCatName = labels.showLegendKey = labels.showPercent = False
    name = DataLabel(idx=last, showSerName=True, showVal=shown is not None, txPr=_rich(8, color, True), dLblPos=position)
    name.showCatName = name.showLegendKey = name.showPercent = name.showBubbleSize = False
    name.numFmt, name.separator = labels.numFmt, " "
    labels.dLbl = [name]
    series.dLbls = labels


def _count(cells: str) -> int:
    return Ref.parse(cells).size


def bars(
    page: Canvas,
    at: str,
    title: Said,
    categories: str,
    series: Sequence[Points],
    fmt: str = "yi",
    y_title: Text = Text("", ""),
    size: tuple[float, float] = SIZE,
    across: bool = False,
    labels: bool = True,
    from_zero: bool = True,
    planned: int | None = None,
    likely: int | None = None,
    threshold: Points | None = None,
    threshold_named: int = -1,
    data: Canvas | None = None,
    stacked: bool = False,
    colors: Sequence[str] = style.SERIES,
    named: Sequence[int] = (),
    lower: Points | None = None,
    spread: tuple[str, str] | None = None,
) -> BarChart:
    """Columns beside each other (``stacked``: on top of each other) (``across``: bars, the first category on top).

    ``planned``: which series is a plan, drawn as an outline; ``likely``: which one is a forecast, drawn pale behind the others, at the same
    places. ``threshold``: what is to be reached or kept, a value for each column: a line over
    columns, an outline around bars, named where ``threshold_named`` says (the last, −1);
    ``colors``, ``named``: of each series, and at which of its columns its name stands.
    ``lower``: a second one. ``spread``: how far the first series may be off, upwards and downwards, as whiskers. ``data``: the page that holds
    what is drawn, where
    that is another.
    """
    source = data or page
    chart = BarChart()
    chart.type = "bar" if across else "col"
    chart.gapWidth, chart.overlap = 60, 100 if stacked or likely is not None else -5
    if stacked:
        chart.grouping = "stacked"
    for number, (points, color) in enumerate(zip(series, colors, strict=False)):
        if planned is not None and number != planned:  # what is stands in one colour, whatever was planned beside it
            color = BEHIND if number == likely else style.ACTUAL
        made = _series(source, points, categories, color)
        made.graphicalProperties.line = LineProperties(noFill=True)
        if number == planned:
            made.graphicalProperties = GraphicalProperties(noFill=True, ln=LineProperties(solidFill=style.PLANNED, w=12700))
        made.invertIfNegative = False
        shown = _labels(page.plan.format(fmt)) if labels else None
        made.dLbls = shown
        if len(series) > 1 or threshold is not None:
            # At the first columns, which are filled first, each at another: beside each other two names would cover each other.
            place = number + int(across and threshold is not None and threshold_named == 0)
            place = min(named[number] if named else place, _count(points[1]) - 1)
            letters = style.PLANNED if number == planned else style.INK if number == likely else color
            if stacked:  # the name stands in its bar
                letters = _INSIDE.get(color, "FFFFFF")
            _named(made, letters, place, shown, "ctr" if stacked or number == likely else None)
        chart.series.append(made)
    _look(chart, page, title, y_title, fmt, size)
    if across and not from_zero:  # names of bars that go to the left would stand in them
        chart.x_axis.tickLblPos = "low"
    if from_zero:  # left alone, the axis starts higher up and makes small differences look large
        chart.y_axis.scaling.min = 0
    if across:
        chart.x_axis.scaling.orientation = "maxMin"
        chart.x_axis.tickLblSkip = 1  # each bar has its name
        chart.y_axis.crosses = "max"
    if threshold is not None and across:
        chart.overlap = 100
        chart.series.append(_outline(source, threshold, categories, threshold_named))
    elif threshold is not None:
        chart += _threshold(source, threshold, categories)
    if lower is not None:
        chart += _threshold(source, lower, categories)
    if spread is not None:
        chart.series[0].errBars = _whiskers(source, *spread)
    page.sheet.add_chart(chart, at)
    return chart


def _whiskers(page: Canvas, plus: str, minus: str) -> ErrorBars:
    """How far a column may be off, from cells."""
    ends = [NumDataSource(numRef=NumRef(f=_ref(page, cells))) for cells in (plus, minus)]
    drawn = GraphicalProperties(ln=LineProperties(solidFill=style.INK, w=12700))
    return ErrorBars(errBarType="both", errValType="cust", errDir="y", noEndCap=False, plus=ends[0], minus=ends[1], spPr=drawn)


def bridge(
    page: Canvas,
    at: str,
    title: Said,
    categories: str,
    series: Sequence[Points],
    y_title: Text,
    size: tuple[float, float] = SIZE,
    data: Canvas | None = None,
) -> BarChart:
    """Steps from what is to what is to be: the first series is where a step begins and is not seen; what is and the goal, what is likely,
    what is lacking. A figure of nothing is not written."""
    source = data or page
    chart = BarChart()
    chart.type, chart.grouping, chart.gapWidth, chart.overlap = "col", "stacked", 50, 100
    code = page.plan.format("axis")
    shown = f"{code.rpartition(';')[0]};" if code.startswith("[") else f"{code};;"
    for place, (points, color) in enumerate(zip(series, (None, style.ACTUAL, BEHIND, style.PROBLEM), strict=True)):
        made = _series(source, points, categories, color or style.LINE)
        hidden = GraphicalProperties(noFill=True, ln=LineProperties(noFill=True))
        made.graphicalProperties = (
            hidden if color is None else GraphicalProperties(solidFill=color, ln=LineProperties(noFill=True))
        )
        made.invertIfNegative = False
        labels = _labels(shown)
        labels.txPr, labels.showVal = _rich(8, _INSIDE.get(color or "", "FFFFFF"), True), color is not None
        # Steps are named on the axis: a series' name, where its step is not, is for who can't see the picture.
        _named(made, style.INK, 1 if place == 1 else 0, labels, "ctr")
        made.dLbls.dLbl[0].showVal, made.dLbls.dLbl[0].txPr = False, _unseen()
        chart.series.append(made)
    _look(chart, page, title, y_title, "axis", size)
    chart.y_axis.scaling.min = 0
    page.sheet.add_chart(chart, at)
    return chart


def spans(
    page: Canvas,
    at: str,
    title: Said,
    categories: str,
    parts: Sequence[tuple[Points, str | None]],
    y_title: Text,
    size: tuple[float, float] = SIZE,
    data: Canvas | None = None,
) -> BarChart:
    """Bars that begin where they begin, the first on top. ``parts`` follow each other in a row, each with its colour; one without is a gap."""
    source = data or page
    chart = BarChart()
    chart.type, chart.grouping, chart.gapWidth, chart.overlap = "bar", "stacked", 40, 100
    for points, color in parts:
        made = _series(source, points, categories, color or style.LINE)
        hidden = GraphicalProperties(noFill=True, ln=LineProperties(noFill=True))
        made.graphicalProperties = (
            hidden if color is None else GraphicalProperties(solidFill=color, ln=LineProperties(noFill=True))
        )
        made.invertIfNegative = False
        _named(made, {BEHIND: style.INK, style.PROBLEM: style.PROBLEM}.get(color or "", "FFFFFF"), 0, position="ctr")
        chart.series.append(made)
    _look(chart, page, title, y_title, "int", size)
    chart.y_axis.scaling.min = 0
    chart.x_axis.scaling.orientation = "maxMin"
    chart.x_axis.tickLblSkip = 1  # each bar has its name
    chart.y_axis.crosses = "max"
    page.sheet.add_chart(chart, at)
    return chart


def gantt(
    page: Canvas,
    at: str,
    title: Said,
    categories: str,
    series: Sequence[Points],
    colors: Sequence[str | None],
    line: int,
    year: int,
    size: tuple[float, float] = SIZE,
    data: Canvas | None = None,
) -> BarChart:
    """Bars over a year's days, the first on top: parts one behind the other, of which those without a colour only keep a place.

    ``line``: which part is the day everything is cut at; its name stands at the foot, the others' are for who can't see the picture.
    """
    source = data or page
    chart = BarChart()
    chart.type, chart.grouping, chart.overlap, chart.gapWidth = "bar", "stacked", 100, 35
    for place, (points, color) in enumerate(zip(series, colors, strict=True)):
        made = _series(source, points, categories, color or style.INK)
        drawn = GraphicalProperties(noFill=True) if color is None else GraphicalProperties(solidFill=color)
        drawn.line = LineProperties(noFill=True)
        made.graphicalProperties = drawn
        _named(made, color or style.INK, _count(points[1]) - 1)
        if place != line:
            made.dLbls.dLbl[0].txPr = _unseen()
        chart.series.append(made)
    _look(chart, page, title, Text("", ""), "date", size)
    chart.x_axis.scaling.orientation = "maxMin"
    first, last = (date_to_serial(dt.date(year, month, day)) for month, day in ((1, 1), (12, 31)))
    chart.y_axis.scaling.min, chart.y_axis.scaling.max = first, last + 1
    chart.y_axis.majorUnit = _MONTH
    chart.y_axis.crosses = "max"
    chart.y_axis.number_format = page.plan.t(Text('m"月"', "mmm"))
    page.sheet.add_chart(chart, at)
    return chart


def _threshold(page: Canvas, points: Points, categories: str) -> LineChart:
    """A thin line over columns, named at its end."""
    chart = LineChart()
    made = _series(page, points, categories, style.PROBLEM)
    made.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=style.PROBLEM, w=12700, prstDash="dash"))
    made.marker, made.smooth = _marker("none", 5, style.PROBLEM), False
    _named(made, style.PROBLEM, _count(points[1]) - 1, position="t")
    chart.series.append(made)
    return chart


def _outline(page: Canvas, points: Points, categories: str, named: int) -> Series:
    """What bars are to reach: an outline around each, for a line can't stand across bars; named at one of its ends."""
    made = _series(page, points, categories, style.PLANNED)
    made.graphicalProperties = GraphicalProperties(noFill=True, ln=LineProperties(solidFill=style.PLANNED, w=9525))
    made.invertIfNegative = False
    _named(made, style.PLANNED, named if named >= 0 else _count(points[1]) - 1, position="outEnd")
    return made


def lines(
    page: Canvas,
    at: str,
    title: Said,
    categories: str,
    series: Sequence[Points],
    fmt: str = "yi",
    y_title: Text = Text("", ""),
    size: tuple[float, float] = SIZE,
    data: Canvas | None = None,
    dashed: int = 1,
) -> LineChart:
    """Lines over time; the first (``dashed``: how many) is a plan or a limit and drawn dashed."""
    source = data or page
    chart = LineChart()
    colors = (*(style.SERIES[5],) * dashed, style.SERIES[0], *style.SERIES[1:5])
    for number, (points, color) in enumerate(zip(series, colors, strict=False)):
        made = _series(source, points, categories, color)
        drawn = LineProperties(solidFill=color, w=28575, prstDash="dash" if number < dashed else "solid")
        made.graphicalProperties = GraphicalProperties(ln=drawn)
        made.marker = _marker("none" if number < dashed else "circle", 6, color)
        made.smooth = False
        # One name below the end and one above; where there are more, each stands further back, or they cover each other.
        last = _count(points[1]) - 1
        _named(made, color, max(0, last - _APART * max(0, number - 1)), position="b" if number == 0 else "t")
        chart.series.append(made)
    _look(chart, page, title, y_title, fmt, size)
    page.sheet.add_chart(chart, at)
    return chart


@dataclass(frozen=True)
class Dots:
    """A series of a scatter chart: the cell of its name, the cells of x and y; drawn as a line, as marks, or as a thin
    dashed rule."""

    name: str
    x: str
    y: str
    color: str
    drawn: str = "marks"  # or "line", "rule", "diamonds"
    size: int = 6
    named: int = -1  # the point at which its name stands, the last where none is said


def scatter(
    page: Canvas,
    at: str,
    title: Said,
    series: Sequence[Dots],
    x_fmt: str,
    y_fmt: str,
    x_title: Text,
    y_title: Text,
    size: tuple[float, float] = SIZE,
    log: bool = False,
    y_max: float | None = None,
    data: Canvas | None = None,
    from_zero: bool = True,
) -> ScatterChart:
    """Points by two measures; ``log``: both axes by powers of ten, so that small and large customers can be told apart.

    ``from_zero``: whether x begins at 0, which years do not.
    """
    source = data or page
    chart = ScatterChart()
    chart.scatterStyle = "lineMarker"
    for dots in series:
        made = Series(
            xVal=AxDataSource(numRef=NumRef(f=_ref(source, dots.x))), yVal=NumDataSource(numRef=NumRef(f=_ref(source, dots.y)))
        )
        made.tx = SeriesLabel(strRef=StrRef(f=_ref(source, dots.name)))
        line = LineProperties(noFill=True)
        if dots.drawn == "line":
            line = LineProperties(solidFill=dots.color, w=28575)
        elif dots.drawn == "rule":
            line = LineProperties(solidFill=dots.color, w=12700, prstDash="dash")
        made.graphicalProperties = GraphicalProperties(ln=line)
        symbol = {"marks": "circle", "diamonds": "diamond"}.get(dots.drawn, "none")
        made.marker = _marker(symbol, dots.size, dots.color)
        made.smooth = False
        _named(
            made,
            dots.color if dots.drawn != "rule" else style.MUTED,
            dots.named if dots.named >= 0 else _count(dots.x) - 1,
            position="r" if dots.drawn != "rule" else "t",
        )
        chart.series.append(made)
    _look(chart, page, title, y_title, y_fmt, size)
    chart.x_axis.title = _title(page.plan.t(x_title), 9, False, style.MUTED)
    chart.x_axis.number_format = page.plan.format(x_fmt)
    chart.x_axis.majorGridlines = None
    if log:
        for axis in (chart.x_axis, chart.y_axis):
            axis.scaling.logBase = 10
        chart.x_axis.crosses = chart.y_axis.crosses = "min"
    else:
        chart.x_axis.scaling.min, chart.y_axis.scaling.min = 0 if from_zero else None, 0
    chart.y_axis.scaling.max = y_max
    page.sheet.add_chart(chart, at)
    return chart


@dataclass(frozen=True)
class Bubbles:
    """A series of a bubble chart: the cell of its name, the cells of x, y and size."""

    name: str
    x: str
    y: str
    size: str
    color: str
    hollow: bool = False


def bubbles(
    page: Canvas,
    at: str,
    title: Said,
    series: Sequence[Bubbles],
    x_title: Text,
    y_title: Text,
    size: tuple[float, float] = SIZE,
    most: tuple[float, float] | None = None,
    reversed_x: bool = False,
    scale: int = 45,
    data: Canvas | None = None,
) -> BubbleChart:
    """Points by two measures, as large as a third. ``most``: where the axes end; ``reversed_x``: less is further to the right."""
    source = data or page
    chart = BubbleChart()
    chart.bubbleScale, chart.sizeRepresents = scale, "area"
    for one in series:
        made = Series(
            xVal=AxDataSource(numRef=NumRef(f=_ref(source, one.x))), yVal=NumDataSource(numRef=NumRef(f=_ref(source, one.y))),
            bubbleSize=NumDataSource(numRef=NumRef(f=_ref(source, one.size))),
        )  # fmt: skip
        made.tx = SeriesLabel(strRef=StrRef(f=_ref(source, one.name)))
        edge = LineProperties(solidFill=one.color, w=19050)
        made.graphicalProperties = (
            GraphicalProperties(noFill=True, ln=edge) if one.hollow else GraphicalProperties(solidFill=one.color, ln=edge)
        )
        made.bubble3D, made.invertIfNegative = False, False
        _named(made, one.color, _count(one.x) - 1, position="r")
        chart.series.append(made)
    _look(chart, page, title, y_title, "number", size)
    chart.x_axis.title = _title(page.plan.t(x_title), 9, False, style.MUTED)
    chart.x_axis.number_format = chart.y_axis.number_format = "0"
    chart.x_axis.majorGridlines = None
    chart.x_axis.scaling.min = chart.y_axis.scaling.min = 0
    if most is not None:
        chart.x_axis.scaling.max, chart.y_axis.scaling.max = most
    if reversed_x:
        chart.x_axis.scaling.orientation = "maxMin"
        chart.y_axis.crosses = "max"
    page.sheet.add_chart(chart, at)
    return chart


def _marker(symbol: str, size: int, color: str) -> Marker:
    filled = GraphicalProperties(solidFill=color, ln=LineProperties(solidFill=color))
    return Marker(symbol=symbol, size=size, spPr=filled)
