"""The deck for a customer: his words, three cases in three parts, what it returns, how it is financed, what comes next. 16:9."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from udfs import call
from udfs.text import Text
from udfs.values import ExcelError
from workbook_templates import documents
from workbook_templates.tables.schema import Row

_FONT, _INK, _ACCENT, _MUTED = "Microsoft YaHei", "1F2937", "1F4E79", "5F6B7A"
_WIDE, _HIGH = 13.333, 7.5  # inches: 16:9
_LEFT, _TOP, _ROOM = 0.7, 1.5, 11.9


@dataclass(frozen=True)
class DeckCase:
    """A case as a slide shows it."""

    id: str
    whose: str
    industry: str
    voice: str
    before: str
    after: str
    roi: float | None
    why: str
    score: float
    picture: bytes | None = None


@dataclass(frozen=True)
class DeckOrder:
    """All a deck is made of."""

    title: str
    company: str
    version: str
    slogan: str
    day: dt.date
    pain: str
    industry: str
    cases: Sequence[DeckCase]
    scenario: Row | None
    pictures: Sequence[bytes] = ()
    stills: Sequence[bytes] = ()
    said: Text = field(default=Text("", ""))  # what pictures can and can't tell


def deck(order: DeckOrder) -> bytes:
    """The finished file; the same order gives the same bytes."""
    pptx = documents.library("pptx", "slides")
    from pptx.util import Inches  # the library is there

    show = pptx.Presentation()
    show.slide_width, show.slide_height = Inches(_WIDE), Inches(_HIGH)
    documents.dated(show.core_properties, order.title, order.company, order.version, order.day)
    made = _Slides(show, order)
    made.cover()
    made.pains()
    made.reasons()
    for case in order.cases:
        made.case(case)
    made.returns()
    made.finance()
    made.photos()
    made.next_steps()
    out = io.BytesIO()
    show.save(out)
    return documents.settled(out.getvalue())


class _Slides:
    def __init__(self, show: Any, order: DeckOrder) -> None:
        self.show, self.order, self.number = show, order, 0

    def _slide(self, title: Text | str) -> Any:
        slide = self.show.slides.add_slide(self.show.slide_layouts[6])
        self.number += 1
        self._text(slide, str(title), 0.55, 26, bold=True, color=_ACCENT)
        foot = " · ".join(
            part for part in (self.order.company, f"{self.order.day:%Y-%m-%d}", self.order.version, str(self.number)) if part
        )
        self._text(slide, foot, _HIGH - 0.55, 10, color=_MUTED)
        return slide

    def _text(
        self,
        slide: Any,
        said: str,
        top: float,
        size: int,
        bold: bool = False,
        color: str = _INK,
        left: float = _LEFT,
        width: float = _ROOM,
        height: float = 0.5,
    ) -> None:
        colors = documents.library("pptx.dml.color", "slides").RGBColor
        from pptx.util import Inches, Pt

        frame = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(width), Inches(height)).text_frame
        frame.word_wrap = True
        for number, line in enumerate(said.splitlines() or [""]):
            paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            run = paragraph.add_run()
            run.text = line
            run.font.size, run.font.bold, run.font.name = Pt(size), bold, _FONT
            run.font.color.rgb = colors.from_string(color)
            _east_asian(run)

    def _table(
        self, slide: Any, rows: Sequence[Sequence[str]], top: float, widths: Sequence[float], size: int = 14, left: float = _LEFT
    ) -> None:
        from pptx.util import Inches, Pt

        shape = slide.shapes.add_table(
            len(rows), len(rows[0]), Inches(left), Inches(top), Inches(sum(widths)), Inches(0.42 * len(rows))
        )
        for column, width in enumerate(widths):
            shape.table.columns[column].width = Inches(width)
        for at, row in enumerate(rows):
            for column, said in enumerate(row):
                frame = shape.table.cell(at, column).text_frame
                run = frame.paragraphs[0].add_run()
                run.text = said
                run.font.size, run.font.name = Pt(size), _FONT
                _east_asian(run)

    def _picture(self, slide: Any, content: bytes, left: float, top: float, width: float, height: float) -> None:
        """As large as fits, its shape kept."""
        from pptx.util import Inches

        placed = slide.shapes.add_picture(io.BytesIO(content), Inches(left), Inches(top))
        scale = min(Inches(width) / placed.width, Inches(height) / placed.height)
        placed.width, placed.height = int(placed.width * scale), int(placed.height * scale)

    # -- the slides, in their order
    def cover(self) -> None:
        order = self.order
        slide = self._slide("")
        self._text(slide, order.title, 2.5, 40, bold=True, color=_ACCENT)
        self._text(slide, order.slogan, 3.7, 22)
        self._text(slide, f"{order.company}\n{order.day:%Y-%m-%d}", 4.7, 18, color=_MUTED)

    def pains(self) -> None:
        slide = self._slide(Text("您的痛点", "What you told us"))
        self._text(slide, f"“{self.order.pain}”", _TOP, 28, height=3)
        if self.order.industry:
            self._text(slide, f"{Text('行业：', 'Industry: ')}{self.order.industry}", 5.2, 18, color=_MUTED)

    def reasons(self) -> None:
        slide = self._slide(Text("相似案例与理由", "Similar cases, and why"))
        head = [str(t) for t in (Text("案例", "Case"), Text("客户", "Customer"), Text("为什么相似", "Why it is like yours"))]
        self._table(slide, [head, *([one.id, one.whose, one.why] for one in self.order.cases)], _TOP, (1.4, 3.4, 7.1))
        if self.order.said.zh:
            self._text(slide, str(self.order.said), 5.4, 14, color=_MUTED)

    def case(self, case: DeckCase) -> None:
        slide = self._slide(f"{case.whose} · {case.industry}")
        room = 7.2 if case.picture else _ROOM
        parts = (
            (Text("客户口述", "In the customer's words"), f"“{case.voice}”"),
            (Text("数据对比", "Before and after"), "\n→ ".join(part for part in (case.before, case.after) if part)),
            (Text("ROI", "ROI"), "–" if case.roi is None else f"{case.roi:.0%}"),
        )
        for at, (label, said) in enumerate(parts):
            self._text(slide, str(label), _TOP + 1.65 * at, 14, bold=True, color=_ACCENT)
            self._text(slide, said, _TOP + 0.4 + 1.65 * at, 22, width=room, height=1)
        if case.picture:
            self._picture(slide, case.picture, _LEFT + room + 0.3, _TOP, 4.2, 4.2)

    def returns(self) -> None:
        """Three scenarios: as planned, a fifth better, a fifth worse; with the cumulated cash as a chart of its own."""
        slide = self._slide(Text("投资回报（三种情形）", "Return on investment, three cases"))
        if not priced(self.order.scenario):
            self._text(
                slide,
                str(Text("尚无投资与收益数据：请在“场景方案”填写。", "No investment and benefit yet: enter them on Scenarios.")),
                _TOP,
                18,
            )
            return
        assert self.order.scenario is not None
        found = [(label, investment_case(self.order.scenario, factor)) for label, factor in CASES_OF_RETURN]
        head = [
            str(t)
            for t in (
                Text("情形", "Case"),
                Text("年收益", "Benefit a year"),
                Text("ROI", "ROI"),
                Text("净现值", "NPV"),
                Text("IRR", "IRR"),
                Text("回收期", "Payback"),
            )
        ]
        rows = [
            [str(label), _money(one.benefit), _rate(one.roi), _money(one.npv), _rate(one.irr), _years(one.payback)]
            for label, one in found
        ]
        self._table(slide, [head, *rows], _TOP, (2.1, 2.1, 1.5, 2.4, 1.5, 2.0))
        self._chart(slide, [(str(label), one.cumulated) for label, one in found], 3.5)

    def _chart(self, slide: Any, series: Sequence[tuple[str, Sequence[float]]], top: float) -> None:
        charted = documents.library("pptx.chart.data", "slides").CategoryChartData
        from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
        from pptx.util import Inches, Pt

        data = charted(number_format="0")
        data.categories = [str(Text(f"第{year}年", f"Year {year}")) for year in range(len(series[0][1]))]
        for name, values in series:
            data.add_series(name, [round(value / 10_000, 2) for value in values])
        chart = slide.shapes.add_chart(
            XL_CHART_TYPE.LINE_MARKERS, Inches(_LEFT), Inches(top), Inches(_ROOM), Inches(3.3), data
        ).chart
        chart.has_title, chart.has_legend = True, True
        chart.chart_title.text_frame.text = str(Text("累计现金（万元）", "Cumulated cash (10,000 yuan)"))
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.RIGHT, False
        chart.font.size, chart.font.name = Pt(11), _FONT

    def finance(self) -> None:
        slide = self._slide(Text("融资方案", "Financing"))
        row = self.order.scenario
        payment = None if row is None else monthly(row)
        if row is None or payment is None:
            self._text(
                slide,
                str(
                    Text(
                        "尚无融资条件：请在“场景方案”填写融资利率与年数。",
                        "No terms yet: enter finance rate and years on Scenarios.",
                    )
                ),
                _TOP,
                18,
            )
            return
        years, rate = int(row["lease_years"]), row["lease_rate"]
        lines = (
            Text(
                f"设备款 {_money(row['investment'])}，等额月付 {years} 年",
                f"equipment {_money(row['investment'])}, level payments for {years} years",
            ),
            Text(f"年利率 {rate:.2%}，每月 {payment:,.0f} 元", f"{rate:.2%} a year, {payment:,.0f} yuan a month"),
            Text(
                f"每月收益 {(row['yearly_benefit'] or 0) / 12:,.0f} 元",
                f"benefit a month {(row['yearly_benefit'] or 0) / 12:,.0f} yuan",
            ),
        )
        self._text(slide, "\n".join(str(line) for line in lines), _TOP, 22, height=3)

    def photos(self) -> None:
        slide = self._slide(Text("现场照片", "Your site"))
        shown = [*self.order.pictures, *self.order.stills][:6]
        if not shown:
            self._text(
                slide, str(Text("未提供照片：请在下次拜访补拍。", "No photos yet: take some at the next visit.")), _TOP, 18
            )
        for at, content in enumerate(shown):
            self._picture(slide, content, _LEFT + 4.0 * (at % 3), _TOP + 2.7 * (at // 3), 3.8, 2.5)

    def next_steps(self) -> None:
        slide = self._slide(Text("下一步", "What comes next"))
        steps = (
            Text("1. 一周内现场勘察，确认节拍与布局", "1. A visit within a week: cycle and layout"),
            Text("2. 72 小时内出图与报价", "2. Drawing and quote within 72 hours"),
            Text("3. 一条线先试点，三个月看数据", "3. One line on trial, figures after three months"),
        )
        self._text(slide, "\n".join(str(step) for step in steps), _TOP, 24, height=3)
        self._text(slide, self.order.slogan, 5.6, 18, color=_ACCENT)


def _east_asian(run: Any) -> None:
    """Chinese letters in the house's font, too."""
    from pptx.oxml.ns import qn

    properties = run._r.get_or_add_rPr()  # noqa: SLF001  # python-pptx offers no other way to name it
    face = properties.makeelement(qn("a:ea"), {"typeface": _FONT})
    properties.append(face)


# ----------------------------------------------------------------------------------------------------------- arithmetic

CASES_OF_RETURN = (
    (Text("按计划", "As planned"), 1.0),
    (Text("好两成", "A fifth better"), 1.2),
    (Text("差两成", "A fifth worse"), 0.8),
)


@dataclass(frozen=True)
class InvestmentCase:
    """What an investment returns; None where there is no such figure (never paid back)."""

    benefit: float
    roi: float | None
    npv: float | None
    irr: float | None
    payback: float | None
    cumulated: tuple[float, ...]


def priced(row: Row | None) -> bool:
    """Whether a scenario says what it costs and brings."""
    return row is not None and all(row.get(key) for key in ("investment", "yearly_benefit", "years"))


def investment_case(row: Row, factor: float) -> InvestmentCase:
    """A scenario by SOLUTIONROI, its benefit times a factor."""
    benefit, years, residual = row["yearly_benefit"] * factor, int(row["years"]), row.get("residual") or 0.0
    found = call("SOLUTIONROI", row["investment"], benefit, years, row.get("rate") or 0.0, residual)[0]
    roi, npv, irr, payback = (None if isinstance(cell, ExcelError) else float(cell) for cell in found[:4])
    cash = [-row["investment"] + benefit * year + (residual if year == years else 0.0) for year in range(years + 1)]
    return InvestmentCase(benefit, roi, npv, irr, payback, tuple(cash))


def monthly(row: Row) -> float | None:
    """The level payment a month by PACKAGE, where the terms are there."""
    if not row.get("investment") or row.get("lease_rate") is None or not row.get("lease_years"):
        return None
    found = call("PACKAGE", row["investment"], 0, row["lease_years"], row["lease_rate"], 0)
    return float(found[1][1])


def _money(value: float | None) -> str:
    if value is None:
        return "–"
    return str(Text(f"{value / 10_000:,.1f}万", f"{value / 1_000:,.0f}k"))


def _rate(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _years(value: float | None) -> str:
    return "–" if value is None else str(Text(f"{value:.1f} 年", f"{value:.1f} years"))
