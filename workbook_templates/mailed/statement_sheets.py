"""The sheets of a commission statement: the month on one page, every movement with its working, the year, an estimator, questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from udfs.text import Text, counted
from udfs.values import excel_round, total_of
from workbook_templates.mailed import figures
from workbook_templates.mailed.estimator import estimator
from workbook_templates.mailed.figures import FEN, number
from workbook_templates.mailed.statement_figures import NOTHING, Month, Statement
from workbook_templates.mailed.statement_lines import (
    ACCRUAL,
    BALANCE,
    HELD,
    LABELS,
    RELEASED,
    SECTIONS,
    Band,
    Pool,
    StatementLine,
    part,
)
from workbook_templates.mailed.words import clean, day, month_name, word, yuan
from workbook_templates.mailed.writing import MailedSheet, at, beside
from workbook_templates.page import charts, style
from workbook_templates.tables.schema import TABLES
from workbook_templates.tables.words import STATEMENTS

FRONT, DEALS = Text("提成对账单", "Commission statement"), Text("逐单明细", "Deal by deal")
YEAR_SO_FAR, QUESTIONS = Text("年度走势", "The year"), Text("异议反馈", "Disputes")
B, C, D, E, F, G, H, I, J, K = range(2, 12)  # noqa: E741

# The front page's fixed rows: the chart's points must stand in the same cells on every statement.
TOTAL, PARTS, CHART, ATTAINED = 10, 14, 28, 43
SUM, PAYABLE, CLOSING = PARTS + 10, PARTS + 11, PARTS + 12
BELOW = ATTAINED + 5  # from here on the rows depend on the month
YEAR = 5  # header row of the year's table on its own sheet


def sheets(made: Statement) -> list[MailedSheet]:
    """The workbook's sheets."""
    deals, places = _deals(made)
    front, listed = _front(made, places)
    return [front, deals, _year(made), estimator(made), _questions(made, listed)]


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


def _deals(made: Statement) -> tuple[MailedSheet, dict[Any, int]]:
    """Every movement with its working; returns where each line's own amount and each section's sum stand."""
    sheet = MailedSheet(
        str(DEALS), (2, 13, 12, 34, 16, 16, 13, 15, 10, 16, 11), landscape=True, frozen=_TOP, repeated=f"$1:${_TOP}"
    )
    sheet.put(1, B, f"{DEALS} · {made.name} · {month_name(made.period)}", "title")
    sheet.heights[1] = 28
    sheet.wide(3, B, K, _how(made), "small")
    sheet.head(_TOP, _DEAL_HEADS, ["word" if f == "date" else f for f in _DEAL_FORMATS])
    sheet.heights[_TOP] = 32
    places: dict[Any, int] = {}
    row = _TOP + 1
    for pool in made.lines.pools:
        row = _pool(sheet, pool, row)
    for section in SECTIONS:
        if group := made.lines.of(section):
            row = _group(sheet, section, group, row, places, bool(made.lines.pools))
    sums = [places[section] for section in SECTIONS if section in places]
    for column in range(B, K + 1):
        sheet.put(row, column, None, "sum")
    sheet.put(row, B, str(Text("本月变动合计（计入账户）", "Movements of the month (to the account)")), "sum")
    total = total_of(line.amount for line in made.lines.shown)
    sheet.put(row, J, total, "sum", "fen", "+".join(at(r, J) for r in sums) if sums else None)
    places["total"] = row
    row += 2
    if made.lines.zero:
        sheet.wide(row, B, K, _zero(made), "small")
        row += 2
    for section in (BALANCE, HELD):
        if group := made.lines.of(section):
            row = _group(sheet, section, group, row, places, False)
    return sheet, places


def _how(made: Statement) -> str:
    by_month = made.lines.pools or figures.pooled(made.facts, made.period)
    basis = (
        Text(
            "计算口径：按人按月合并计算，再按各单毛利分摊。",
            "Computed per person and month, then shared over the deals by margin.",
        )
        if by_month
        else Text("计算口径：按订单，毛利逐档计提。", "Computed per order: each tier of the margin earns its own rate.")
    )
    rest = Text(
        "每张订单下面是逐档过程：本档毛利 × 比例 ＝ 档内提成；各档相加 ＝ 该单提成；× 归属份额 ＝ 本人提成。其他各行写明计算过程。收入、毛利率是计提时的数，此后的更正见调整行。",
        "Below each deal its working: margin in the tier × rate = commission of the tier; the tiers add up to the deal's commission; "
        "× credit share = mine. Other rows say how they come about. Revenue and margin are those of the accrual; corrections are adjustments.",
    )
    return f"{basis} {rest}"


def _zero(made: Statement) -> str:
    count = made.lines.zero
    return str(
        Text(f"另有 {count} 张亏损单没有提成，未列出。", f"Not listed: {counted(count, 'deal')} sold at a loss, earning nothing.")
    )


def _pool(sheet: MailedSheet, pool: Pool, row: int) -> int:
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


def _group(
    sheet: MailedSheet, section: str, group: Sequence[StatementLine], row: int, places: dict[Any, int], pooled: bool
) -> int:
    """The lines of one section and their sum."""
    sheet.heading(row, LABELS[section], K)
    first = row = row + 1
    for line in group:
        places[id(line)] = row
        row = _line(sheet, line, row, pooled)
    if section == BALANCE:
        return row + 1  # what is advanced and what is recovered have no sum
    for column in range(B, K + 1):
        sheet.put(row, column, None, "sum")
    sheet.put(row, B, str(Text(f"小计（{len(group)} 行）", f"Subtotal ({counted(len(group), 'line')})")), "sum")
    sheet.put(row, J, total_of(line.amount for line in group), "sum", "fen", f"SUM({at(first, J)}:{at(row - 1, J)})")
    places[section] = row
    return row + 2


def _line(sheet: MailedSheet, line: StatementLine, row: int, pooled: bool) -> int:
    """A movement: its deal, its commission as the sum of the bands below, the person's share of it; or its working in words."""
    title = line.customer + (str(Text(f"（退 {line.original}）", f" (returns {line.original})")) if line.original else "")
    whole = line.section in (ACCRUAL, "special", HELD) and line.revenue is not None and line.margin_rate is not None
    margin = float(excel_round((line.revenue or 0.0) * (line.margin_rate or 0.0))) if whole else None
    rate = line.margin_rate if whole else None
    share = line.share if whole or line.section == "mgr" else None
    known = (line.deal or word("Ledger", "kind", line.kind), line.date, title, line.revenue if whole else None, margin, rate)
    values = (*known, None, share, None, word("Ledger", "status", line.status))
    sheet.across(row, values, "line", _DEAL_FORMATS)
    if style.display_width(title) > sheet.widths[D - 1]:
        sheet.put(row, D, title, "line")
    if line.status == "disputed":
        sheet.put(row, K, word("Ledger", "status", line.status), "warn", "word")
    if not line.bands:
        sheet.put(row, J, line.amount, "line", "fen")
        return _in_words(sheet, line, row, pooled)
    first, last = row + 1, row + len(line.bands)
    sheet.put(row, H, line.whole, "line", "fen", f"SUM({at(first, H)}:{at(last, H)})")
    sheet.put(row, J, line.amount, "line", "fen", _share(line, row))
    for place, band in enumerate(line.bands, first):
        _band(sheet, band, place)
    if line.kind == "late":
        sheet.wide(last + 1, D, I, said_of(line), "small")
        return last + 2
    return last + 1


def said_of(line: StatementLine) -> str:
    """The working of a line in words: its kind where the section has several, its reason, who decided it."""
    kind = word("Ledger", "kind", line.kind)
    several = line.kind in ("late", "cancel", "draw", "recovery", "hold", "unhold")
    by = str(Text(f"（决定人：{line.by}）", f" (decided by {line.by})")) if line.by else ""
    return str(Text("：", ": ")).join(p for p in (kind if several else "", line.reason) if p) + by


def _in_words(sheet: MailedSheet, line: StatementLine, row: int, pooled: bool) -> int:
    """The working of a line without bands: what the ledger says of it."""
    said = said_of(line)
    if pooled and line.section == ACCRUAL:
        said = str(Text("本单按毛利分摊上面的合并提成", "this deal's part of the sum above, by its margin"))
    sheet.wide(row + 1, D, I, said or "–", "small")
    return row + 2


def _share(line: StatementLine, row: int) -> str | None:
    """The person's part as a formula, where it comes out at the ledger's fen."""
    if abs(part(line.whole, line.share, line.first) - line.amount) >= FEN / 5:
        return None
    whole, share = at(row, H), at(row, I)
    return f"ROUND({whole}*{share},2)" if line.first or line.share >= 1 else f"ROUND({whole}-ROUND({whole}*(1-{share}),2),2)"


def _band(sheet: MailedSheet, band: Band, row: int) -> None:
    sheet.put(row, D, _span(band), "band")
    if band.part is not None:
        sheet.put(row, F, band.part, "band", "fen")
        sheet.put(row, G, band.rate, "band", "rate2")
    sheet.put(row, H, band.amount, "band", "fen")


def _span(band: Band) -> str:
    if band.low is None:
        return str(band.said or "")
    low = f"{band.low * 100:g}%"
    if band.high is None:
        return str(Text(f"毛利率 {low} 以上", f"margin above {low}"))
    return str(Text(f"毛利率 {low}–{band.high * 100:g}%", f"margin {low}–{band.high * 100:g}%"))


# -------------------------------------------------------------------------------------------------------- front page


def _front(made: Statement, places: dict[Any, int]) -> tuple[MailedSheet, tuple[int, int] | None]:
    """The month on one page; returns the rows of its list of deals."""
    sheet = MailedSheet(str(FRONT), (2, 28, 15, 17, 15, 23, 17), draw=_chart, points=str(YEAR_SO_FAR))
    _head(sheet, made)
    _total(sheet, made)
    _account(sheet, made, places)
    _balances(sheet, made, places)
    _attained(sheet, made)
    row, listed = _listed(sheet, made, places, BELOW)
    row = _held(sheet, made, row)
    row = _since(sheet, made, row)
    _notes(sheet, row)
    return sheet, listed


def _head(sheet: MailedSheet, made: Statement) -> None:
    person = made.person
    level, line = (word("People", key, person.get(key)) for key in ("level", "line"))
    basis = str(
        Text("按人按月", "per person and month") if figures.pooled(made.facts, made.period) else Text("按订单", "per order")
    )
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
    sheet.begin(f"{STATEMENTS.label('statement')} · {month_name(made.period)}", clean(made.facts.company), pairs, (C, D, F, G))


def _total(sheet: MailedSheet, made: Statement) -> None:
    """What is paid, whether it is final, and why something is not paid now."""
    label = str(Text("本月应发（元）", "Payable this month (yuan)"))
    badge = made.badge
    sheet.hero(TOTAL, label, made.payable, at(PAYABLE, D), str(badge.text), badge.tone or "caption", (B, D, G))
    if made.carried:
        sheet.wide(TOTAL + 1, B, G, str(Text("；", "; ")).join(map(str, made.carried)), "small")


_LESS = ("draw_recovered", "hold_on")  # of the account's flows; all others are added


def _account(sheet: MailedSheet, made: Statement, places: dict[Any, int]) -> None:
    """The account: opening carry and movements, in the cells that add up to what is paid and what is carried."""
    sheet.heading(PARTS - 1, Text("本月账户", "The month's account"), D)
    sheet.across(
        PARTS, [str(Text("项目", "Item")), str(Text("行数", "Lines")), str(Text("元", "Yuan"))], "head", ("text", "int", "fen")
    )
    headers = {column.key: column.header for column in TABLES["Accounts"].columns}
    row = PARTS
    for key in figures.FLOWS[:-2]:
        row += 1
        lines = [line for line in made.lines.shown if _column(line) == key] if key in figures.MOVED else []
        less, plus = Text("减：", "less: "), Text("加：", "plus: ")
        sheet.put(row, B, f"{'' if key == 'opening' else less if key in _LESS else plus}{headers[key]}")
        sheet.put(row, C, len(lines) or None, "cell", "int")
        sheet.put(row, D, number(made.account[key]), "cell", "fen", _formula(key, places))
    first = PARTS + 1
    whole = total_of([made.payable, number(made.account["closing"])])
    added = f"SUM({at(first, D)}:{at(first + 5, D)})-{at(first + 6, D)}-{at(first + 7, D)}+{at(first + 8, D)}"
    rows = (
        (SUM, Text("合计", "Total"), whole, "sum", added),
        (PAYABLE, Text("其中：本月应发", "of which: payable this month"), made.payable, "line", None),
        (CLOSING, Text("其中：结转下月", "of which: carried to the next month"), number(made.account["closing"]), "cell", f"{at(SUM, D)}-{at(PAYABLE, D)}"),
    )  # fmt: skip
    for row, label, amount, look, formula in rows:
        sheet.put(row, B, str(label), look)
        sheet.put(row, C, None, look)
        sheet.put(row, D, amount, look, "fen", formula)


def _column(line: StatementLine) -> str:
    """The column of the account that a movement goes into."""
    return "released" if line.section in RELEASED else line.section


def _formula(key: str, places: dict[Any, int]) -> str | None:
    """Where a flow of the account comes from: the sections of the next sheet."""
    if key == "released":
        return f"SUM({at(PARTS + 7, G)}:{at(PARTS + 11, G)})"
    return beside(str(DEALS), places[key], J) if key in places else None


def _balances(sheet: MailedSheet, made: Statement, places: dict[Any, int]) -> None:
    """What is not this month's pay: held, owed, on hold; the year to date; and what accrued-and-released is made of."""
    sheet.heading(PARTS - 1, Text("余额与年累计", "Balances, year to date"), G, F)
    sheet.across(PARTS, [str(Text("项目", "Item")), str(Text("元", "Yuan"))], "head", ("text", "fen"), F)
    rows = (
        (Text("待发余额", "Held, to be released"), number(made.account["held"])),
        (Text("预支欠款", "Draw debt"), number(made.account["draw_debt"])),
        (Text("暂缓余额", "On hold"), number(made.account["on_hold"])),
        (Text("年累计计提", "Credited, year to date"), made.credited_to_date),
        (Text("年累计应发", "Paid, year to date"), made.paid_to_date),
    )
    for row, (label, amount) in enumerate(rows, PARTS + 1):
        sheet.put(row, F, str(label))
        sheet.put(row, G, amount, "cell", "fen")
    sheet.across(PARTS + 6, [str(Text("计提可发的构成", "Released, made of")), None], "head", ("text", "fen"), F)
    for row, section in enumerate(RELEASED, PARTS + 7):
        sheet.put(row, F, str(LABELS[section]))
        formula = beside(str(DEALS), places[section], J) if section in places else None
        sheet.put(row, G, made.lines.sum_of(section), "cell", "fen", formula)


def _attained(sheet: MailedSheet, made: Statement) -> None:
    """Bookings against quota, as the accounts have them."""
    sheet.heading(ATTAINED - 1, Text("指标达成", "Quota attainment"), G)
    heads = (Text("范围", "Scope"), Text("业绩（元）", "Actual"), Text("指标（元）", "Quota"), Text("达成率", "Attainment"))
    sheet.head(ATTAINED, heads, ("text", "fen", "fen", "rate"))
    rows = (
        (Text("本月", "Month"), number(made.account["bookings"]), made.month.quota),
        (Text("年初至今", "Year to date"), *to_date(made)),
    )
    for row, (label, actual, quota) in enumerate(rows, ATTAINED + 1):
        rate = figures.attainment(actual, quota)
        sheet.across(row, (str(label), actual, quota, None), "cell", ("text", "fen", "fen", "rate"))
        sheet.put(row, E, rate, "cell", "rate", f"IF({at(row, D)}=0,0,{at(row, C)}/{at(row, D)})" if rate is not None else None)
    sheet.wide(ATTAINED + 3, B, G, until_said(made), "small")


def to_date(made: Statement) -> tuple[float, float | None]:
    """Actual and quota of the year up to the month."""
    quotas = [m.quota for m in made.months if m.quota is not None]
    return total_of(number(m.account["bookings"]) for m in made.months), total_of(quotas) if quotas else None


def until_said(made: Statement) -> str:
    """Up to when figures to date count."""
    return str(
        Text(
            f"年累计、余额与达成截至 {made.period}（本对账单的月份），不含其后的月份。",
            f"Figures to date, balances and attainment are those up to {made.period}, the statement's month; nothing later is in them.",
        )
    )


def _chart(page: Any) -> None:
    """What is paid by month, final and estimated one upon the other."""
    _bars(page, at(CHART, B), Text("各月应发（元）", "Payable by month (yuan)"), (D, E), (25.2, 6.6), stacked=True)


def _bars(page: Any, where: str, title: Text, columns: Sequence[int], size: tuple[float, float], stacked: bool = False) -> None:
    first, last = YEAR + 1, YEAR + 12
    points = [(at(YEAR, column), f"{at(first, column)}:{at(last, column)}") for column in columns]
    chart = charts.bars(page, where, title, f"B{first}:B{last}", points, "#,##0", size=size, labels=False, from_zero=False)
    if stacked:
        chart.grouping, chart.overlap = "stacked", 100
    chart.x_axis.tickLblPos = "low"  # below the months that took something back


def _listed(sheet: MailedSheet, made: Statement, places: dict[Any, int], row: int) -> tuple[int, tuple[int, int] | None]:
    """The month's movements, one each; the working stands on the next sheet."""
    sheet.heading(row, Text("本月各笔变动（计算过程见“逐单明细”）", "Movements of the month (working: “Deal by deal”)"), G)
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
        sheet.put(row, B, named(line))
        sheet.wide(row, C, D, line.customer, "wrapped")
        sheet.put(row, E, line.credited or None, "cell", "fen")
        sheet.put(row, F, line.margin_rate if line.section == ACCRUAL else None, "cell", "rate2")
        sheet.put(row, G, line.amount, "cell", "fen", beside(str(DEALS), places[id(line)], J))
        row += 1
    if row == first:
        sheet.wide(row, B, G, str(NOTHING), "wrapped")
        return row + 2, None
    for column in range(B, G):
        sheet.put(row, column, None, "sum")
    sheet.put(row, B, str(Text("变动合计", "Movements")), "sum")
    total = total_of(line.amount for line in made.lines.shown)
    sheet.put(row, G, total, "sum", "fen", f"SUM({at(first, G)}:{at(row - 1, G)})")
    return row + 2, (first, row - 1)


def named(line: StatementLine) -> str:
    """A line's deal, and what it is where it is no plain accrual."""
    kind = "" if line.kind == "accrual" else word("Ledger", "kind", line.kind)
    return f"{line.deal} {kind}".strip()


def _held(sheet: MailedSheet, made: Statement, row: int) -> int:
    """What is held at the month's end, deal by deal, and when it is released."""
    if not made.held:
        return row
    sheet.heading(
        row, Text("待发与预计发放（不计入本月应发）", "Held, and the releases to expect (no part of this month's pay)"), G
    )
    heads = (
        Text("单号", "Deal"),
        Text("客户", "Customer"),
        "",
        Text("待发余额", "Held"),
        Text("随回款发放", "With the cash"),
        Text("随质保金发放", "With the retention"),
    )
    sheet.head(row + 1, heads, ("text", "text", "text", "fen", "fen", "fen"))
    sheet.merged.append(f"{at(row + 1, C)}:{at(row + 1, D)}")
    first = row = row + 2
    for held in made.held:
        sheet.put(row, B, held.deal)
        sheet.wide(row, C, D, held.customer, "wrapped")
        sheet.put(row, E, held.balance, "cell", "fen", f"{at(row, F)}+{at(row, G)}")
        sheet.across(row, (held.main, held.retention), "cell", "fen", F)
        row += 1
    sheet.sums(row, str(Text("合计", "Total")), (E, F, G), first, row - 1, G)
    return row + 2


def _since(sheet: MailedSheet, made: Statement, row: int) -> int:
    """What is new: the change of what is paid, and the lines that correct earlier months."""
    sheet.heading(row, Text("与上月相比", "Since last month"), G)
    row += 1
    if made.previous is None:
        sheet.wide(row, B, G, str(Text("上月没有账户", "No account last month")), "wrapped")
        row += 1
    else:
        before = number(made.previous["paid"])
        pairs = (
            (month_name(figures.before(made.period)), before, None),
            (month_name(made.period), made.payable, at(PAYABLE, D)),
            (Text("变化", "Change"), total_of([made.payable, -before]), f"{at(row + 1, D)}-{at(row, D)}"),
        )
        for label, amount, formula in pairs:
            sheet.put(row, B, str(label), "cell")
            sheet.put(row, C, None, "cell")
            sheet.put(row, D, amount, "cell", "fen", formula)
            row += 1
    changed = [line for line in made.lines.shown if line.kind in ("adjustment", "manual", "late")]
    for line in changed:
        what = f"{word('Ledger', 'kind', line.kind)} {yuan(line.amount, True)}"
        why = str(Text(f"{what}：{line.reason}", f"{what}: {line.reason}"))
        sheet.put(row, B, line.deal)
        sheet.wide(row, C, G, why, "wrapped")
        row += 1
    if not changed:
        sheet.wide(row, B, G, str(Text("没有调整、补计或手工行。", "No adjustments, late deals or decisions by hand.")), "small")
        row += 1
    return row + 1


def _notes(sheet: MailedSheet, row: int) -> None:
    said = Text(
        "最终：已锁定或已发放，不再改动；其后的更正只作为以后月份的调整行出现。预估：尚未审核、已审核未锁定或在异议中。有异议请填“异议反馈”页后回复邮件。",
        "Final: locked or paid, never changed; a later correction appears as an adjustment of a later month. Estimated: not reviewed, "
        "reviewed and not locked, or disputed. To dispute a figure, fill in the sheet “Disputes” and reply to the mail.",
    )
    sheet.wide(row, B, G, str(said), "small")


# ------------------------------------------------------------------------------------------------------------ the year

_YEAR_HEADS = (
    Text("月份", "Month"), Text("计提", "Credited"), Text("应发（最终）", "Payable, final"), Text("应发（预估）", "Payable, estimated"),
    Text("累计应发", "Paid to date"), Text("对账单", "Statement"), Text("业绩", "Actual"), Text("指标", "Quota"), Text("达成率", "Attainment"),
)  # fmt: skip


def _year(made: Statement) -> MailedSheet:
    """The year month by month: what was credited and what is paid, actual against quota; sealed months as they were sealed."""
    sheet = MailedSheet(str(YEAR_SO_FAR), (2, 10, 15, 16, 19, 16, 13, 16, 16, 11), landscape=True, draw=_bookings)
    sheet.put(1, B, f"{YEAR_SO_FAR} · {made.name} · {made.period[:4]}", "title")
    sheet.heights[1] = 28
    sheet.wide(3, B, J, until_said(made), "small")
    sheet.head(YEAR, _YEAR_HEADS, ("text", "fen", "fen", "fen", "fen", "word", "fen", "fen", "rate"))
    before = 0.0
    for place in range(1, 13):
        row = YEAR + place
        sheet.across(row, [str(Text(f"{place}月", f"{made.period[:4]}-{place:02}")), *[None] * 8])
        if place <= len(made.months):
            before = _month(sheet, row, made.months[place - 1], before)
    last = YEAR + 13
    sheet.across(last, [str(Text("合计", "Total")), *[None] * 8], "sum")
    for column in (C, D, E, H, I):
        values = [v for r in range(YEAR + 1, last) if isinstance(v := sheet.value(r, column), int | float)]
        if values:
            sheet.put(last, column, total_of(values), "sum", "fen", f"SUM({at(YEAR + 1, column)}:{at(last - 1, column)})")
    _rate(sheet, last, "sum")
    return sheet


def _month(sheet: MailedSheet, row: int, month: Month, before: float) -> float:
    """A month as its account has it; returns what is paid to date."""
    account = month.account
    final, estimated = (month.paid, 0.0) if month.firm else (0.0, month.paid)
    for column, amount in ((C, month.credited), (D, final), (E, estimated), (H, number(account["bookings"])), (I, month.quota)):
        sheet.put(row, column, amount, "cell", "fen")
    so_far = number(account["year_to_date"]) if account["statement"] else before
    added = total_of([before, final, estimated])
    formula = f"SUM({at(YEAR + 1, D)}:{at(row, E)})" if abs(added - so_far) < FEN else None
    sheet.put(row, F, so_far, "cell", "fen", formula)
    sheet.put(row, G, word("Accounts", "statement", account["statement"]) if account["statement"] else "–", "cell", "word")
    _rate(sheet, row, "cell")
    return so_far


def _rate(sheet: MailedSheet, row: int, look: str) -> None:
    """Actual over quota."""
    rate = figures.attainment(float(sheet.value(row, H) or 0.0), float(sheet.value(row, I) or 0.0))
    if rate is not None:
        sheet.put(row, J, rate, look, "rate", f"IF({at(row, I)}=0,0,{at(row, H)}/{at(row, I)})")


def _bookings(page: Any) -> None:
    """What was sold beside the quota of each month."""
    _bars(page, at(YEAR + 16, B), Text("业绩与指标（元）", "Actual and quota (yuan)"), (H, I), (29.2, 7.6))


# --------------------------------------------------------------------------------------------------------- questions

_BOX_ROWS = 8


def _questions(made: Statement, listed: tuple[int, int] | None) -> MailedSheet:
    """A box for disputes; below it the ones asked before with their answers."""
    sheet = MailedSheet(str(QUESTIONS), (2, 16, 62, 20))
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
