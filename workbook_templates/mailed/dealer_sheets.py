"""The sheets of a dealer's workbook: the quarter on one page, stock, customers and training."""

from __future__ import annotations

from typing import Any

from udfs.text import Text
from udfs.values import excel_round
from workbook_templates.mailed.dealer_figures import DealerSheet, health_policy, pass_score
from workbook_templates.mailed.dealer_said import ages, bars, crossed, limit, opening, todo
from workbook_templates.mailed.figures import number
from workbook_templates.mailed.words import clean, day, word
from workbook_templates.mailed.writing import MailedSheet, at
from workbook_templates.page import charts

DETAIL = Text("台账与计算", "Ledger and working")
FRONT, STOCK, CARE = Text("本季", "The quarter"), Text("库存", "Stock"), Text("客户与培训", "Customers and training")
B, C, D, E, F, G, H, I = range(2, 10)  # noqa: E741
TOTAL, YEAR, CHART = 10, 14, 21
BELOW = CHART + 12


def sheets(made: DealerSheet) -> list[MailedSheet]:
    """The workbook's sheets."""
    return [_front(made), _detail(made), _stock(made), _care(made)]


# -------------------------------------------------------------------------------------------------------- the quarter


def _front(made: DealerSheet) -> MailedSheet:
    sheet = MailedSheet(str(FRONT), (2, 16, 18, 17, 17, 17, 18), draw=_chart)
    dealer = made.dealer
    pairs = (
        (Text("经销商", "Dealer"), made.name, Text("编号", "ID"), clean(dealer["id"])),
        (
            Text("授权区域", "Territory"),
            clean(dealer.get("territory")),
            Text("独家行业", "Exclusive industry"),
            clean(dealer.get("industry")),
        ),
        (Text("季度", "Quarter"), made.quarter, Text("截至", "As of"), day(made.day)),
        (Text("方案版本", "Plan version"), clean(made.facts.version), Text("联系人", "Contact"), clean(dealer.get("contact"))),
    )
    sheet.begin(f"{Text('返利对账单', 'Rebate statement')} · {made.quarter}", clean(made.facts.company), pairs, (C, D, F, G))
    sheet.wide(3, B, G, opening(made), "line")
    badge = made.badge
    label = str(Text("本季入账的返利（元）", "Rebate booked in the quarter (yuan)"))
    look = "warn" if made.withheld else badge.tone or "caption"
    sheet.hero(TOTAL, label, made.total, None, str(badge.text), look, (B, D, G))
    if made.kept_back:
        sheet.wide(TOTAL + 1, B, G, str(Text("；", "; ")).join(map(str, made.kept_back)), "small")
    _year(sheet, made)
    _said(sheet, made, BELOW)
    return sheet


_HEADS = (
    Text("季度", "Quarter"), Text("提货额", "Sales"), Text("应得返利", "Earned"), Text("应付", "Payable"), Text("暂扣", "Withheld"),
    Text("633 均值", "633 mean"),
)  # fmt: skip


def _year(sheet: MailedSheet, made: DealerSheet) -> None:
    """The quarters of the year, each as it stands now; the 633 in the colour of its verdict."""
    sheet.heading(YEAR - 1, Text("各季返利与 633（元）", "Rebates and 633 by quarter (yuan)"), G)
    sheet.head(YEAR, _HEADS, ("text", "fen", "fen", "fen", "fen", "rate"))
    for place in range(4):
        row = YEAR + 1 + place
        sheet.across(row, [f"{made.quarter[:4]}-Q{place + 1}", *[None] * 5])
        if place < len(made.quarters):
            quarter = made.quarters[place]
            sheet.across(
                row, (quarter.sales, quarter.rebate, quarter.paid, quarter.withheld), "cell", ("fen", "fen", "fen", "fen"), C
            )
            look = {"retain": "good", "warning": "warn", "exit": "bad"}.get(quarter.verdict, "cell")
            sheet.put(row, G, quarter.ratios[3] if quarter.ratios else None, look, "rate")
    sheet.sums(YEAR + 5, str(Text("合计", "Total")), (C, D, E, F), YEAR + 1, YEAR + 4, G)


def _said(sheet: MailedSheet, made: DealerSheet, row: int) -> None:
    """What to do by when, the quarter's 633 part by part, the stock by age, orders outside the territory."""
    for block in (_todo, _ratios, _ages, _outside):
        row = block(sheet, made, row)


def _todo(sheet: MailedSheet, made: DealerSheet, row: int) -> int:
    tasks = todo(made)
    if not tasks:
        return row
    sheet.heading(row, Text("要做的事与期限", "What to do, by when"), G)
    for place, (what, why, until) in enumerate(tasks, row + 1):
        sheet.wide(place, B, D, what, "wrapped")
        sheet.wide(place, E, F, why, "wrapped")
        sheet.put(place, G, until, "cell", "word")
    return row + len(tasks) + 2


def _ratios(sheet: MailedSheet, made: DealerSheet, row: int) -> int:
    parts, verdict = bars(made), made.quarters[-1].verdict
    if not parts:
        return row
    border = f"{limit(made):.0%}"
    said = word("DealerLedger", "verdict", verdict) if verdict else ""
    head = Text(f"本季 633 达成（│ 为 {border} 线）", f"The quarter's 633 (│: the line at {border})")
    sheet.heading(row, f"{head} · {said}" if said else head, G)
    for place, (name, part, _) in enumerate(parts, row + 1):
        sheet.put(place, B, name)
        sheet.put(place, C, part, "good" if part >= limit(made) else "bad", "rate")
        sheet.wide(place, D, G, _drawn(part, limit(made)), "wrapped")
    return row + len(parts) + 2


_SIGNS = 30  # of a whole bar


def _drawn(part: float, border: float) -> str:
    """A bar of signs with a line where the border is: nothing that a preview could fail to show."""
    full, at_line = round(_SIGNS * part), round(_SIGNS * border)
    return "".join("│" if place == at_line else "█" if place < full else "\u2007" for place in range(_SIGNS + 1)).rstrip("\u2007")


def _ages(sheet: MailedSheet, made: DealerSheet, row: int) -> int:
    stock = ages(made)
    if not stock:
        return row
    sheet.heading(row, Text("库存账龄（元）", "Stock by age (yuan)"), G)
    sheet.head(
        row + 1, (Text("账龄", "Age"), Text("原值", "At invoice price"), Text("回购价值", "Buyback")), ("text", "fen", "fen")
    )
    first = row + 2
    for place, figures in enumerate(stock, first):
        sheet.across(place, figures, "cell", ("text", "fen", "fen"))
    sheet.sums(first + len(stock), str(Text("合计", "Total")), (C, D), first, first + len(stock) - 1, D)
    return first + len(stock) + 2


def _outside(sheet: MailedSheet, made: DealerSheet, row: int) -> int:
    orders = crossed(made)
    if not orders:
        return row
    sheet.heading(row, Text("串货", "Out-of-territory sales"), G)
    for place, said in enumerate(orders, row + 1):
        sheet.wide(place, B, G, said, "wrapped")
    return row + len(orders) + 2


def _detail(made: DealerSheet) -> MailedSheet:
    """The rebate ledger row by row, and the quarter's rebate tier by tier."""
    sheet = MailedSheet(str(DETAIL), (2, 16, 18, 17, 17, 17, 18))
    sheet.put(1, B, f"{DETAIL} · {made.name}", "title")
    sheet.heights[1] = 28
    _working(sheet, made, _ledger(sheet, made, 3))
    return sheet


def _chart(page: Any) -> None:
    """Paid and withheld, one upon the other, by quarter."""
    points = [(at(YEAR, column), f"{at(YEAR + 1, column)}:{at(YEAR + 4, column)}") for column in (E, F)]
    title = Text("各季返利：应付与暂扣（元）", "Rebates by quarter: payable and withheld (yuan)")
    chart = charts.bars(
        page, at(CHART, B), title, f"B{YEAR + 1}:B{YEAR + 4}", points, "#,##0", size=(20.5, 5.2), labels=False, from_zero=False
    )
    chart.grouping, chart.overlap = "stacked", 100
    chart.x_axis.tickLblPos = "low"


def _ledger(sheet: MailedSheet, made: DealerSheet, row: int) -> int:
    """Every row of the rebate ledger, with its reason."""
    sheet.heading(row, Text("返利台账（逐笔）", "Rebate ledger, row by row"), G)
    heads = (
        Text("归属季度", "Quarter"), Text("入账季度", "Booked in"), Text("应得", "Earned"), Text("应付", "Payable"), Text("暂扣", "Withheld"),
        Text("类型 · 状态", "Kind · status"),
    )  # fmt: skip
    sheet.head(row + 1, heads, ("text", "text", "fen", "fen", "fen", "word"))
    first = row = row + 2
    for entry in made.rows:
        booked = clean(entry.get("booked") or entry.get("quarter"))
        words = " · ".join(word("DealerLedger", key, entry.get(key)) for key in ("kind", "status"))
        amounts = [number(entry.get(key)) for key in ("rebate", "paid", "withheld")]
        sheet.across(
            row, (clean(entry.get("quarter")), booked, *amounts, words), "cell", ("text", "text", "fen", "fen", "fen", "word")
        )
        row += 1
        if entry.get("reason"):
            sheet.wide(row, C, G, clean(entry["reason"], 300), "small")
            row += 1
    if row == first:
        sheet.wide(row, B, G, str(Text("没有返利记录", "No rebate rows")), "wrapped")
        return row + 2
    sheet.sums(row, str(Text("合计", "Total")), (D, E, F), first, row - 1, G)
    return row + 2


def _working(sheet: MailedSheet, made: DealerSheet, row: int) -> None:
    """The quarter's rebate, tier by tier."""
    if not made.bands:
        return
    sheet.heading(row, Text("本季返利逐档计算", "The quarter's rebate, tier by tier"), G)
    heads = (
        Text("提货额从", "Sales from"),
        Text("到", "to"),
        Text("本档提货额", "Sales in tier"),
        Text("比例", "Rate"),
        Text("档内返利", "Rebate of tier"),
    )
    sheet.head(row + 1, heads, ("fen", "fen", "fen", "rate", "fen"))
    first = row + 2
    for place, band in enumerate(made.bands, first):
        sheet.across(
            place, (band.low, band.high, band.part, band.rate, band.amount), "cell", ("fen", "fen", "fen", "rate", "fen")
        )
    last = first + len(made.bands) - 1
    sheet.sums(last + 1, str(Text("应得返利", "Earned")), (D, F), first, last, F)


# -------------------------------------------------------------------------------------------------------------- stock


def _stock(made: DealerSheet) -> MailedSheet:
    sheet = MailedSheet(str(STOCK), (2, 14, 26, 16, 13, 15, 10, 17, 17), landscape=True, frozen=5, repeated="$1:$5")
    sheet.put(1, B, f"{STOCK} · {made.name} · {day(made.day)}", "title")
    sheet.heights[1] = 28
    rate = number(made.facts.settings["channels.buyback_rate"])
    sheet.put(3, B, str(Text("回购比例（按原发票价）", "Buyback, share of the invoice price")), "muted")
    sheet.put(3, D, rate, "line", "rate")
    heads = (
        Text("物料", "Item"),
        Text("名称", "Name"),
        Text("原发票号", "Invoice"),
        Text("开票日期", "Invoiced"),
        Text("单价（元）", "Price"),
        Text("库存", "On hand"),
        Text("库存原值（元）", "At invoice price"),
        Text("回购价值（元）", "Buyback"),
    )
    formats = ("text", "text", "text", "date", "fen", "int", "fen", "fen")
    sheet.head(5, heads, ("text", "text", "text", "word", "fen", "int", "fen", "fen"))
    row = 6
    for lot in made.stock:
        sheet.across(row, (lot.item, lot.name, lot.invoice, lot.date, lot.price, lot.on_hand, None, None), "cell", formats)
        sheet.put(row, H, lot.value, "cell", "fen", f"ROUND({at(row, F)}*{at(row, G)},2)")
        as_formula = abs(float(excel_round(lot.value * rate)) - lot.buyback) < 0.001
        sheet.put(row, I, lot.buyback, "cell", "fen", f"ROUND({at(row, H)}*$D$3,2)" if as_formula else None)
        row += 1
    if row == 6:
        sheet.wide(row, B, I, str(Text("没有库存", "No stock")), "wrapped")
    else:
        sheet.sums(row, str(Text("合计", "Total")), (H, I), 6, row - 1, I)
    return sheet


# ------------------------------------------------------------------------------------------------ customers and training


def _care(made: DealerSheet) -> MailedSheet:
    sheet = MailedSheet(str(CARE), (2, 34, 13, 18, 14, 14, 13))
    sheet.put(1, B, f"{CARE} · {made.name}", "title")
    sheet.heights[1] = 28
    row = _buyers(sheet, made, 3)
    row = _training(sheet, made, row)
    row = _claims(sheet, made, row)
    _registrations(sheet, made, row)
    return sheet


_LIGHTS = {"good": Text("绿", "Green"), "warn": Text("橙", "Amber"), "bad": Text("红", "Red")}


def _buyers(sheet: MailedSheet, made: DealerSheet, row: int) -> int:
    sheet.heading(row, Text("客户健康", "Customer health"), G)
    recent, stale, good, fair = (health_policy(made.facts, key) for key in ("recent_days", "stale_days", "good", "fair"))
    said = Text(
        f"近度：{recent:g} 天内满分，{stale:g} 天为零；有客户跟踪的另计回款、NPS、交付。{good:.0%} 起绿，{fair:.0%} 起橙。",
        f"Recency: in full to {recent:g} days, none from {stale:g}; cash, NPS, delivery where tracked. From {good:.0%} green, "
        f"{fair:.0%} amber.",
    )
    sheet.wide(row + 1, B, G, str(said), "small")
    heads = (
        Text("客户", "Customer"),
        Text("单数", "Orders"),
        Text("出货额（元）", "Amount, yuan"),
        Text("最近出货", "Last order"),
        Text("距今天数", "Days since"),
        Text("灯", "Light"),
    )
    sheet.head(row + 2, heads, ("text", "int", "fen", "word", "int", "word"))
    first = row = row + 3
    for buyer in made.buyers:
        sheet.wide(row, B, B, buyer.name, "wrapped")
        sheet.across(row, (buyer.orders, buyer.amount, buyer.last, buyer.days), "cell", ("int", "fen", "date", "int"), C)
        sheet.put(row, G, str(_LIGHTS[buyer.light]), buyer.light, "word")
        row += 1
    if row == first:
        sheet.wide(row, B, G, str(Text("没有出货记录", "No orders")), "wrapped")
        return row + 2
    sheet.sums(row, str(Text("合计", "Total")), (D,), first, row - 1, G)
    return row + 2


def _training(sheet: MailedSheet, made: DealerSheet, row: int) -> int:
    sheet.heading(row, Text("学院考试与培训", "Exams and training"), G)
    needed = pass_score(made.facts)
    sheet.head(
        row + 1,
        (str(Text("学院", "College")), str(Text("分数", "Score")), str(Text(f"及格 {needed:g}", f"Pass {needed:g}"))),
        ("text", "int", "word"),
    )
    row += 2
    for college, mark, ok in made.exams:
        sheet.put(row, B, college)
        sheet.put(row, C, mark, "cell", "times" if mark is not None and mark % 1 else "int")
        said = Text("通过", "Passed") if ok else Text("未考", "Not sat") if mark is None else Text("未通过", "Not passed")
        sheet.put(row, D, str(said), "good" if ok else "bad", "word")
        row += 1
    for form, held, due in made.lessons:
        sheet.put(row, B, form)
        sheet.put(row, C, held, "cell", "int")
        sheet.put(row, D, str(Text(f"应 {due}", f"due {due}")), "good" if held >= due else "warn", "word")
        row += 1
    return row + 1


def _claims(sheet: MailedSheet, made: DealerSheet, row: int) -> int:
    if not made.claims:
        return row
    sheet.heading(row, Text("市场基金核销", "Marketing fund claims"), G)
    heads = (
        Text("活动", "Activity"),
        Text("日期", "Date"),
        Text("花费（元）", "Spend"),
        Text("带来收入", "Revenue"),
        "",
        Text("状态", "Status"),
    )
    sheet.head(row + 1, heads, ("text", "word", "fen", "fen", "text", "word"))
    row += 2
    for claim in made.claims:
        values = (
            clean(claim.get("activity")),
            claim["date"],
            number(claim.get("spend")),
            number(claim.get("revenue")),
            None,
            word("Fund", "status", claim.get("status")),
        )
        sheet.across(row, values, "cell", ("text", "date", "fen", "fen", "text", "word"))
        row += 1
    return row + 1


def _registrations(sheet: MailedSheet, made: DealerSheet, row: int) -> int:
    if not made.registrations:
        return row
    sheet.heading(row, Text("商机报备", "Registrations"), G)
    heads = (
        Text("客户", "Customer"),
        Text("报备日期", "Registered"),
        Text("预计金额", "Expected"),
        Text("保护期至", "Protected until"),
        "",
        Text("状态", "Status"),
    )
    sheet.head(row + 1, heads, ("text", "word", "fen", "word", "text", "word"))
    row += 2
    for entry in made.registrations:
        sheet.wide(row, B, B, clean(entry.get("customer")), "wrapped")
        values = (
            entry["registered"],
            number(entry.get("amount")),
            entry.get("valid_until"),
            None,
            word("Registrations", "status", entry.get("status")),
        )
        sheet.across(row, values, "cell", ("date", "fen", "date", "text", "word"), C)
        row += 1
    return row + 1
