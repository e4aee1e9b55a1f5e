"""The sheets of a commission statement: the month on one page, every deal with its working, a place for questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from udfs.text import Text
from udfs.values import excel_round, total_of
from workbook_templates.mailed import figures
from workbook_templates.mailed.statement_figures import EMPTY, ESTIMATED, FINISHED, NOTHING, Month, Statement
from workbook_templates.mailed.statement_lines import (
    ADJUSTMENT,
    FEN,
    KINDS,
    LABELS,
    OVERRIDE,
    SALE,
    Band,
    Pool,
    StatementLine,
    part,
)
from workbook_templates.mailed.words import clean, day, month_name, word, yuan
from workbook_templates.mailed.writing import MailedSheet as Sheet
from workbook_templates.mailed.writing import at, beside
from workbook_templates.page import charts, style
from workbook_templates.tables.schema import LINES

FRONT, DEALS = Text("提成对账单", "Commission statement"), Text("逐单明细", "Deal by deal")
YEAR_SO_FAR, QUESTIONS = Text("年度走势", "The year"), Text("异议反馈", "Disputes")
B, C, D, E, F, G, H, I, J, K = range(2, 12)  # noqa: E741

# The front page's fixed rows: the chart's points must stand in the same cells on every statement.
TOTAL, PARTS, CHART, ATTAINED = 10, 13, 22, 36
BELOW = ATTAINED + 7  # from here on the rows depend on the month
YEAR = 5  # header row of the year's table on its own sheet


def sheets(made: Statement) -> list[Sheet]:
    """The workbook's sheets."""
    deals, places = _deals(made)
    front, listed = _front(made, places)
    return [front, deals, _year(made), _questions(made, listed)]


# ----------------------------------------------------------------------------------------------------- deal by deal

_DEAL_HEADS = (
    Text("单号", "Deal"),
    Text("签单日期", "Signed on"),
    Text("客户 / 毛利率档", "Customer / margin tier"),
    Text("收入（元）", "Revenue, yuan"),
    Text("毛利（元）", "Margin, yuan"),
    Text("毛利率 / 比例", "Margin / rate"),
    Text("提成（元）", "Commission, yuan"),
    Text("归属份额", "Credit share"),
    Text("本人提成（元）", "Mine, yuan"),
    Text("状态", "Status"),
)
_DEAL_FORMATS = ("text", "date", "text", "fen", "fen", "rate2", "fen", "rate", "fen", "word")
_TOP = 5


def _deals(made: Statement) -> tuple[Sheet, dict[Any, int]]:
    """Every line with its working; returns where each line's own amount and each group's sum stand."""
    sheet = Sheet(str(DEALS), (2, 13, 12, 34, 16, 16, 13, 15, 10, 16, 9), landscape=True, frozen=_TOP, repeated=f"$1:${_TOP}")
    sheet.put(1, B, f"{DEALS} · {made.name} · {month_name(made.period)}", "title")
    sheet.heights[1] = 28
    sheet.wide(3, B, K, _how(made), "small")
    sheet.head(_TOP, _DEAL_HEADS, ["word" if f == "date" else f for f in _DEAL_FORMATS])
    sheet.heights[_TOP] = 32
    places: dict[Any, int] = {}
    row = _TOP + 1
    for pool in made.lines.pools:
        row = _pool(sheet, pool, row)
    for kind in KINDS:
        if group := made.lines.of(kind):
            row = _group(sheet, kind, group, row, places, bool(made.lines.pools))
    sums = [places[kind] for kind in KINDS if kind in places]
    for column in range(B, K + 1):
        sheet.put(row, column, None, "sum")
    sheet.put(row, B, str(Text("本月提成合计", "Commission of the month")), "sum")
    sheet.put(row, J, made.total, "sum", "fen", "+".join(at(r, J) for r in sums) if sums else None)
    places["total"] = row
    if made.lines.zero:
        sheet.wide(row + 2, B, K, _zero(made), "small")
    return sheet, places


def _how(made: Statement) -> str:
    by_month = made.lines.pools or figures.pooled(made.facts)
    basis = (
        Text(
            "计算口径：按人按月合并计算，再按各单毛利分摊。",
            "Computed per person and month, then shared over the deals by margin.",
        )
        if by_month
        else Text("计算口径：按订单，毛利逐档计提。", "Computed per order: each tier of the margin earns its own rate.")
    )
    rest = Text(
        "每张订单下面是逐档过程：本档毛利 × 比例 ＝ 档内提成；各档相加 ＝ 该单提成；× 归属份额 ＝ 本人提成。退货按原订单的毛利率与档位追回。",
        "Below each deal its working: margin in the tier × rate = commission of the tier; the tiers add up to the deal's commission; "
        "× credit share = mine. A return takes back at its order's margin rate and tiers.",
    )
    return f"{basis} {rest}"


def _zero(made: Statement) -> str:
    count = made.lines.zero
    return str(
        Text(
            f"另有 {count} 行提成为零（亏损单或调整相抵），未列出。",
            f"{count} lines that come to zero (sold at a loss, or set off) are not listed.",
        )
    )


def _pool(sheet: Sheet, pool: Pool, row: int) -> int:
    """The month as one sum: its working once, above the deals that share it."""
    sheet.heading(row, Text("本月合并计算", "The month as one sum"), K)
    sheet.across(row + 1, [None] * 10, "line")
    sheet.put(row + 1, D, str(Text("合计（归属收入）", "All orders (credited revenue)")), "line")
    sheet.put(row + 1, E, pool.revenue, "line", "fen")
    sheet.put(row + 1, F, float(excel_round(pool.revenue * pool.margin_rate)), "line", "fen")
    sheet.put(row + 1, G, pool.margin_rate, "line", "rate2")
    first, last = row + 2, row + 1 + len(pool.bands)
    sheet.put(row + 1, H, pool.total, "line", "fen", f"SUM({at(first, H)}:{at(last, H)})")
    for place, band in enumerate(pool.bands, first):
        _band(sheet, band, place)
    return last + 2


def _group(sheet: Sheet, kind: str, group: Sequence[StatementLine], row: int, places: dict[Any, int], pooled: bool) -> int:
    """The lines of one kind and their sum."""
    sheet.heading(row, LABELS[kind], K)
    first = row = row + 1
    for line in group:
        places[id(line)] = row
        row = _decided(sheet, line, row) if kind in (ADJUSTMENT, OVERRIDE) else _computed(sheet, line, row, pooled)
    for column in range(B, K + 1):
        sheet.put(row, column, None, "sum")
    sheet.put(row, B, str(Text(f"小计（{len(group)} 行）", f"Subtotal ({len(group)} lines)")), "sum")
    sheet.put(row, J, total_of(line.amount for line in group), "sum", "fen", f"SUM({at(first, J)}:{at(row - 1, J)})")
    places[kind] = row
    return row + 2


def _computed(sheet: Sheet, line: StatementLine, row: int, pooled: bool) -> int:
    """A deal: its facts, its commission as the sum of the bands below, the person's share of it."""
    title = line.customer + (str(Text(f"（退 {line.original}）", f" (returns {line.original})")) if line.original else "")
    margin = float(excel_round(line.revenue * line.margin_rate))
    values = (
        line.deal,
        line.date,
        title,
        line.revenue,
        margin,
        line.margin_rate,
        None,
        line.share,
        None,
        word("Ledger", "status", line.status),
    )
    sheet.across(row, values, "line", _DEAL_FORMATS)
    if style.display_width(title) > sheet.widths[D - 1]:
        sheet.put(row, D, title, "line")
    _status(sheet, line, row)
    if not line.bands:
        sheet.put(row, J, line.amount, "line", "fen")
        return _unworked(sheet, line, row, pooled)
    first, last = row + 1, row + len(line.bands)
    sheet.put(row, H, line.whole, "line", "fen", f"SUM({at(first, H)}:{at(last, H)})")
    sheet.put(row, J, line.amount, "line", "fen", _share(line, row))
    for place, band in enumerate(line.bands, first):
        _band(sheet, band, place)
    return last + 1


def _share(line: StatementLine, row: int) -> str | None:
    """The person's part as a formula, where it comes out at the ledger's fen."""
    if abs(part(line.whole, line.share, line.first) - line.amount) >= FEN / 5:
        return None
    whole, share = at(row, H), at(row, I)
    return f"ROUND({whole}*{share},2)" if line.first or line.share >= 1 else f"ROUND({whole}-ROUND({whole}*(1-{share}),2),2)"


def _unworked(sheet: Sheet, line: StatementLine, row: int, pooled: bool) -> int:
    """A line without bands of its own: why."""
    if pooled and line.kind == SALE:
        said = Text("本单按毛利分摊上面的合并提成", "this deal's part of the sum above, by its margin")
    elif pooled:
        said = Text("按原订单当时分得的提成，乘以退货比例追回", "what its order was given, in proportion to what was returned")
    else:
        said = Text(
            "按入账数额；该单或提成档其后有变，差额见调整行",
            "as booked; the deal or the tiers changed later, see the adjustments",
        )
    sheet.wide(row + 1, D, I, str(said), "small")
    return row + 2


def _band(sheet: Sheet, band: Band, row: int) -> None:
    sheet.put(row, D, _span(band), "band")
    if band.part is not None:
        sheet.put(row, F, band.part, "band", "fen")
        sheet.put(row, G, band.rate, "band", "rate2")
    sheet.put(row, H, band.amount, "band", "fen")


def _span(band: Band) -> str:
    if band.low is None:
        return str(Text("取整", "Rounding"))
    low = f"{band.low * 100:g}%"
    if band.high is None:
        return str(Text(f"毛利率 {low} 以上", f"margin above {low}"))
    return str(Text(f"毛利率 {low}–{band.high * 100:g}%", f"margin {low}–{band.high * 100:g}%"))


def _decided(sheet: Sheet, line: StatementLine, row: int) -> int:
    """An adjustment or a decision: why, in words, and how much."""
    sheet.across(
        row,
        (line.deal, line.date, line.customer, *[None] * 5, line.amount, word("Ledger", "status", line.status)),
        "line",
        _DEAL_FORMATS,
    )
    _status(sheet, line, row)
    why = line.reason + (str(Text(f"（决定人：{line.by}）", f" (decided by {line.by})")) if line.by else "")
    sheet.wide(row + 1, D, I, why or "–", "small")
    return row + 2


def _status(sheet: Sheet, line: StatementLine, row: int) -> None:
    if line.status == "disputed":
        sheet.put(row, K, word("Ledger", "status", line.status), "warn", "word")


# -------------------------------------------------------------------------------------------------------- front page


def _front(made: Statement, places: dict[Any, int]) -> tuple[Sheet, tuple[int, int] | None]:
    """The month on one page; returns the rows of its list of deals."""
    sheet = Sheet(str(FRONT), (2, 30, 15, 17, 15, 20, 17), draw=_chart, points=str(YEAR_SO_FAR))
    _head(sheet, made)
    _total(sheet, made)
    _parts(sheet, made, places)
    _attained(sheet, made)
    row, listed = _listed(sheet, made, places, BELOW)
    row = _since(sheet, made, row)
    _notes(sheet, row)
    return sheet, listed


def _head(sheet: Sheet, made: Statement) -> None:
    person = made.person
    level, line = (word("People", key, person.get(key)) for key in ("level", "line"))
    basis = str(Text("按人按月", "per person and month") if figures.pooled(made.facts) else Text("按订单", "per order"))
    pairs = (
        (Text("姓名", "Name"), made.name, Text("工号", "ID"), clean(made.id)),
        (
            Text("层级 / 条线", "Level / line"),
            " / ".join(p for p in (level, line) if p),
            Text("区域", "Region"),
            clean(person.get("region")),
        ),
        (Text("方案版本", "Plan version"), made.versions, Text("计算口径", "Computed"), basis),
        (Text("计算日期", "Computed on"), day(made.computed_on) or "–", Text("期间", "Period"), made.period),
    )
    sheet.begin(f"{FRONT} · {month_name(made.period)}", clean(made.facts.company), pairs, (C, D, F, G))


def _total(sheet: Sheet, made: Statement) -> None:
    """The number, and whether it is final."""
    look = {ESTIMATED: "warn", FINISHED: "good", EMPTY: "caption"}[made.state]
    label = str(Text("本月提成合计（元）", "Commission of the month (yuan)"))
    sheet.hero(TOTAL, label, made.total, at(PARTS + 5, D), str(made.said), look, (B, D, G))


def _parts(sheet: Sheet, made: Statement, places: dict[Any, int]) -> None:
    """What the total is made of, each part the sum of its lines; beside it what is final and what was paid."""
    sheet.heading(PARTS - 1, Text("构成", "Made up of"), D)
    sheet.head(
        PARTS,
        [str(Text("项目", "Item")), str(Text("行数", "Lines")), str(Text("金额（元）", "Yuan"))],
        ("text", "int", "fen"),
    )
    for row, kind in enumerate(KINDS, PARTS + 1):
        formula = beside(str(DEALS), places[kind], J) if kind in places else None
        sheet.put(row, B, str(LABELS[kind]))
        sheet.put(row, C, len(made.lines.of(kind)), "cell", "int")
        sheet.put(row, D, made.lines.sum_of(kind), "cell", "fen", formula)
    last = PARTS + 5
    sheet.put(last, B, str(Text("本月提成合计", "Commission of the month")), "sum")
    sheet.put(last, C, len(made.lines.shown), "sum", "int", f"SUM({at(PARTS + 1, C)}:{at(last - 1, C)})")
    sheet.put(last, D, made.total, "sum", "fen", f"SUM({at(PARTS + 1, D)}:{at(last - 1, D)})")
    if made.draw:
        said = Text(
            f"预支（每月 {made.draw.amount:,.0f}，欠款 {made.draw.balance:,.2f}）",
            f"Draw ({made.draw.amount:,.0f} a month, {made.draw.balance:,.2f} owed)",
        )
        sheet.wide(last + 1, B, C, str(said), "wrapped")
        sheet.put(last + 1, D, made.draw.adjustment, "cell", "fen")
        sheet.put(last + 2, B, str(Text("本月应发", "Payable this month")), "sum")
        sheet.put(last + 2, C, None, "sum")
        sheet.put(last + 2, D, made.draw.payable, "sum", "fen", f"{at(last, D)}+{at(last + 1, D)}")
    elif made.lines.zero:
        sheet.wide(last + 1, B, D, _zero(made), "small")
    _settled(sheet, made)


def _settled(sheet: Sheet, made: Statement) -> None:
    sheet.put(PARTS - 1, F, str(Text("结算状态", "Settled")), "heading")
    sheet.put(PARTS - 1, G, None, "heading")
    sheet.across(PARTS, [str(Text("状态", "State")), str(Text("金额（元）", "Yuan"))], "head", ("text", "fen"), F)
    rows = (
        (Text("最终（锁定、已发放）", "Final (locked, paid)"), made.month.final, "cell", None),
        (Text("　其中已发放", "  of which paid"), made.month.paid, "cell", None),
        (Text("预估", "Estimated"), made.month.estimated, "cell", None),
    )
    for row, (label, amount, look, formula) in enumerate(rows, PARTS + 1):
        sheet.put(row, F, str(label), look)
        sheet.put(row, G, amount, look, "fen", formula)
    row = PARTS + 5
    sheet.put(row, F, str(Text("合计", "Total")), "sum")
    sheet.put(row, G, made.total, "sum", "fen", f"{at(PARTS + 1, G)}+{at(PARTS + 3, G)}")


def _attained(sheet: Sheet, made: Statement) -> None:
    """Bookings against quota, and the team's fund."""
    sheet.heading(ATTAINED - 1, Text("指标达成（签单）", "Quota attainment (bookings)"), G)
    heads = (
        Text("范围", "Scope"),
        Text("签单（元）", "Bookings"),
        Text("指标（元）", "Quota"),
        Text("达成率", "Attainment"),
        Text("冲刺奖（元）", "Sprint bonus"),
    )
    sheet.head(ATTAINED, heads, ("text", "fen", "fen", "rate", "fen"))
    booked = made.booked([m.period for m in made.months])
    until = total_of(m.quota or 0.0 for m in made.months) if made.month.quota is not None else None
    rows: list[tuple[Text | str, float, float | None, float | None]] = [
        (Text("本月", "Month"), made.month.booked, made.month.quota, None),
        (Text("年初至今", "Year to date"), booked, until, None),
        (Text("占全年指标", "Of the year's quota"), booked, made.quota, None),
    ]
    if made.sprint:
        line = next((w.label for w in LINES if w.code == made.person.get("line")), Text("", ""))
        team = Text(f"团队：{line.zh}（全年指标）", f"Team: {line.en} (year's quota)")
        rows.append((team, made.sprint[1], made.sprint[0], made.sprint[2]))
    for row, (label, actual, quota, bonus) in enumerate(rows, ATTAINED + 1):
        rate = figures.attainment(actual, quota)
        sheet.across(row, (str(label), actual, quota, None, bonus), "cell", ("text", "fen", "fen", "rate", "fen"))
        sheet.put(row, E, rate, "cell", "rate", f"IF({at(row, D)}=0,0,{at(row, C)}/{at(row, D)})" if rate is not None else None)
    if made.sprint:
        said = Text(
            "冲刺奖计入团队旅游基金，不是个人收入。", "The sprint bonus goes into the team's travel fund; it is no personal pay."
        )
        sheet.put(ATTAINED + 5, B, str(said), "muted")


def _chart(page: Any) -> None:
    """Commission by month, final and estimated one upon the other."""
    _bars(page, at(CHART, B), Text("各月提成（元）", "Commission by month (yuan)"), (D, E), (25.2, 6.6), stacked=True)


def _bars(page: Any, where: str, title: Text, columns: Sequence[int], size: tuple[float, float], stacked: bool = False) -> None:
    first, last = YEAR + 1, YEAR + 12
    points = [(at(YEAR, column), f"{at(first, column)}:{at(last, column)}") for column in columns]
    chart = charts.bars(page, where, title, f"B{first}:B{last}", points, "#,##0", size=size, labels=False, from_zero=False)
    if stacked:
        chart.grouping, chart.overlap = "stacked", 100
    chart.x_axis.tickLblPos = "low"  # below the months that took something back


def _listed(sheet: Sheet, made: Statement, places: dict[Any, int], row: int) -> tuple[int, tuple[int, int] | None]:
    """The month's lines, one each; the working stands on the next sheet."""
    sheet.heading(row, Text("本月各单（计算过程见“逐单明细”）", "Deals of the month (working: “Deal by deal”)"), G)
    heads = (
        Text("单号", "Deal"),
        Text("客户", "Customer"),
        "",
        Text("归属收入", "Credited revenue"),
        Text("毛利率", "Margin rate"),
        Text("本人提成", "Mine"),
    )
    sheet.head(row + 1, heads, ("text", "text", "text", "fen", "rate", "fen"))
    sheet.merged.append(f"{at(row + 1, C)}:{at(row + 1, D)}")
    first = row = row + 2
    for line in made.lines.shown:
        label = line.deal if line.kind == SALE else f"{line.deal} {_short(line)}"
        sheet.put(row, B, label)
        sheet.wide(row, C, D, line.customer, "wrapped")
        sheet.put(row, E, line.credited, "cell", "fen")
        sheet.put(row, F, line.margin_rate, "cell", "rate2")
        sheet.put(row, G, line.amount, "cell", "fen", beside(str(DEALS), places[id(line)], J))
        row += 1
    if row == first:
        sheet.wide(row, B, G, str(NOTHING), "wrapped")
        return row + 2, None
    for column in range(B, G):
        sheet.put(row, column, None, "sum")
    sheet.put(row, B, str(Text("合计", "Total")), "sum")
    sheet.put(row, G, made.total, "sum", "fen", f"SUM({at(first, G)}:{at(row - 1, G)})")
    return row + 2, (first, row - 1)


def _short(line: StatementLine) -> str:
    words = {"return": Text("退货", "return"), ADJUSTMENT: Text("调整", "adjustment"), OVERRIDE: Text("手工", "by hand")}
    return str(words[line.kind])


def _since(sheet: Sheet, made: Statement, row: int) -> int:
    """What is new: the change of the total, and the lines that correct earlier months."""
    sheet.heading(row, Text("与上月相比", "Since last month"), G)
    row += 1
    if made.previous is None:
        sheet.wide(row, B, G, str(Text("上月没有提成记录", "No commission lines last month")), "wrapped")
        row += 1
    else:
        pairs = (
            (month_name(figures.before(made.period)), made.previous, None),
            (month_name(made.period), made.total, at(PARTS + 5, D)),
            (Text("变化", "Change"), total_of([made.total, -made.previous]), f"{at(row + 1, D)}-{at(row, D)}"),
        )
        for label, amount, formula in pairs:
            sheet.put(row, B, str(label), "cell")
            sheet.put(row, C, None, "cell")
            sheet.put(row, D, amount, "cell", "fen", formula)
            row += 1
    changed = [line for line in made.lines.shown if line.kind in (ADJUSTMENT, OVERRIDE)]
    for line in changed:
        what = f"{_short(line)} {yuan(line.amount, True)}"
        why = str(Text(f"{what}：{line.reason}", f"{what}: {line.reason}"))
        sheet.put(row, B, line.deal)
        sheet.wide(row, C, G, why, "wrapped")
        row += 1
    if not changed:
        sheet.wide(row, B, G, str(Text("没有新的调整，也没有重述的订单。", "No new adjustments, no restated deals.")), "small")
        row += 1
    return row + 1


def _notes(sheet: Sheet, row: int) -> None:
    said = Text(
        "最终：已锁定或已发放，不再改动；其后的更正只作为以后月份的调整行出现。预估：仍在计算、审核或在异议中。有异议请填“异议反馈”页后回复邮件。",
        "Final: locked or paid, never changed; a later correction appears as an adjustment of a later month. Estimated: still being "
        "computed, reviewed or disputed. To dispute a figure, fill in the sheet “Disputes” and reply to the mail.",
    )
    sheet.wide(row, B, G, str(said), "small")


# ------------------------------------------------------------------------------------------------------------ the year

_YEAR_HEADS = (
    Text("月份", "Month"), Text("提成", "Commission"), Text("最终", "Final"), Text("预估", "Estimated"), Text("其中已发放", "Of which paid"),
    Text("累计提成", "To date"), Text("签单", "Bookings"), Text("指标", "Quota"), Text("达成率", "Attainment"),
)  # fmt: skip


def _year(made: Statement) -> Sheet:
    """The year month by month: what was credited and what paid, bookings against quota."""
    sheet = Sheet(str(YEAR_SO_FAR), (2, 10, 15, 15, 15, 15, 16, 17, 17, 11), landscape=True, draw=_bookings)
    sheet.put(1, B, f"{YEAR_SO_FAR} · {made.name} · {made.period[:4]}", "title")
    sheet.heights[1] = 28
    sheet.put(3, B, str(Text("元；最终与预估相加为提成", "yuan; final and estimated add up to the commission")), "muted")
    sheet.head(YEAR, _YEAR_HEADS, ("text", *["fen"] * 7, "rate"))
    running = 0.0
    for number in range(1, 13):
        row = YEAR + number
        sheet.across(row, [str(Text(f"{number}月", f"{made.period[:4]}-{number:02}")), *[None] * 8])
        if number <= len(made.months):
            running = total_of([running, made.months[number - 1].total])
            _month(sheet, row, made.months[number - 1], running)
    last = YEAR + 13
    sheet.across(last, [str(Text("合计", "Total")), *[None] * 8], "sum")
    sums = {C: "total", D: "final", E: "estimated", F: "paid", H: "booked", I: "quota"}
    for column, key in sums.items():
        amount = total_of(getattr(month, key) or 0.0 for month in made.months)
        if column != I or made.month.quota is not None:
            sheet.put(last, column, amount, "sum", "fen", f"SUM({at(YEAR + 1, column)}:{at(last - 1, column)})")
    _rate(sheet, last, "sum")
    return sheet


def _month(sheet: Sheet, row: int, month: Month, running: float) -> None:
    sheet.put(row, C, month.total, "cell", "fen", f"{at(row, D)}+{at(row, E)}")
    for column, amount in ((D, month.final), (E, month.estimated), (F, month.paid), (H, month.booked), (I, month.quota)):
        sheet.put(row, column, amount, "cell", "fen")
    sheet.put(row, G, running, "cell", "fen", f"SUM({at(YEAR + 1, C)}:{at(row, C)})")
    _rate(sheet, row, "cell")


def _rate(sheet: Sheet, row: int, look: str) -> None:
    """Bookings over quota."""
    rate = figures.attainment(float(sheet.value(row, H) or 0.0), float(sheet.value(row, I) or 0.0))
    if rate is not None:
        sheet.put(row, J, rate, look, "rate", f"IF({at(row, I)}=0,0,{at(row, H)}/{at(row, I)})")


def _bookings(page: Any) -> None:
    """Bookings beside the quota of each month."""
    _bars(page, at(YEAR + 16, B), Text("签单与指标（元）", "Bookings and quota (yuan)"), (H, I), (29.2, 7.6))


# --------------------------------------------------------------------------------------------------------- questions

_BOX_ROWS = 8


def _questions(made: Statement, listed: tuple[int, int] | None) -> Sheet:
    """A box for disputes; below it the ones asked before with their answers."""
    sheet = Sheet(str(QUESTIONS), (2, 16, 62, 20))
    sheet.put(1, B, f"{QUESTIONS} · {made.name} · {month_name(made.period)}", "title")
    sheet.heights[1] = 28
    said = Text(
        "请选单号，写明异议和您认为的数额，保存后回复邮件；会按编号登记并答复。",
        "Choose the deal, say what you dispute and what you expect, save and reply to the mail; it is numbered and answered.",
    )
    sheet.wide(3, B, D, str(said), "small")
    sheet.head(
        5,
        [str(Text("单号", "Deal")), str(Text("异议", "Dispute")), str(Text("您认为的提成（元）", "Expected, yuan"))],
        ("text", "text", "fen"),
    )
    for row in range(6, 6 + _BOX_ROWS):
        sheet.across(row, (None, None, None), "input", ("text", "text", "fen"))
        sheet.heights[row] = 30
    if listed:
        first, last = listed
        where = f"'{FRONT}'!$B${first}:$B${last}"
        sheet.lists.append((f"B6:B{5 + _BOX_ROWS}", where, Text("从列表选择单号", "choose the deal")))
    row = 7 + _BOX_ROWS
    if made.disputes:
        sheet.heading(row, Text("已登记的异议", "Disputes on record"), D)
        for dispute in made.disputes:
            row += 1
            sheet.put(row, B, f"{dispute.number} {dispute.deal}".strip(), "wrapped")
            answer = str(Text("答复：", "Answer: ")) + dispute.answer if dispute.answer else ""
            sheet.wide(row, C, C, "\n".join(p for p in (dispute.remark, answer) if p), "wrapped")
            sheet.put(row, D, dispute.state, "wrapped")
    return sheet
