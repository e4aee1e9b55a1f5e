"""试算 / the estimator on a statement: an amount and a margin rate in, commission and the way to the next tier out.

Plain Excel formulas over the person's own tiers, so that it works on a phone and without the add-in.
"""

from __future__ import annotations

from udfs.text import Text
from udfs.values import excel_round, total_of
from workbook_templates.mailed.statement_figures import Statement
from workbook_templates.mailed.words import last_day, yuan
from workbook_templates.mailed.writing import MailedSheet, at
from workbook_templates.page import style

TITLE = Text("试算", "Estimator")
B, C, D, E, F = range(2, 7)
AMOUNT, RATE = 6, 7  # the two inputs, in column C
EARNS, NEXT, TIER, YEAR = 9, 10, 11, 12  # what comes out
TIERS = 15  # header row of the tiers
_EXAMPLE = (200_000.0, 0.22)  # what stands in the inputs to begin with
_STEPS = 8  # digits kept of a part before it is rounded to the fen: takes off what binary fractions add


def estimator(made: Statement) -> MailedSheet:
    """The sheet."""
    sheet = MailedSheet(str(TITLE), (2, 34, 18, 18, 16, 20))
    sheet.put(1, B, f"{TITLE} · {made.name}", "title")
    sheet.heights[1] = 28
    if made.tiers is None or made.rule is None or made.rule.basis != "margin" or not made.tiers[0]:
        said = Text(
            "您的规则不按毛利逐档计提，不在此试算。", "Your rule does not pay by tiers of margin: there is nothing to try here."
        )
        sheet.wide(3, B, F, str(said), "small")
        return sheet
    sheet.wide(3, B, F, _how(made), "small")
    thresholds, rates = made.tiers
    _inputs(sheet)
    tiers = _tiers(sheet, thresholds, rates)
    _results(sheet, made, tiers)
    return sheet


def _how(made: Statement) -> str:
    return str(
        Text(
            f"填黄色格：不含税金额与毛利率。用的是您 {last_day(made.period)} 的提成档；按整单归您、达成系数 1 试算，实际以对账单为准。",
            f"Fill in the yellow cells: amount net of VAT and margin rate. The tiers are yours as of {last_day(made.period)}; the whole "
            "order yours, attainment factor 1. What counts is the statement.",
        )
    )


def _inputs(sheet: MailedSheet) -> None:
    sheet.heading(AMOUNT - 1, Text("试一张订单", "Try an order"), F)
    for row, label, value, fmt in (
        (AMOUNT, Text("金额（元）", "Amount (yuan)"), _EXAMPLE[0], "fen"),
        (RATE, Text("毛利率", "Margin rate"), _EXAMPLE[1], "rate2"),
    ):
        sheet.put(row, B, str(label))
        sheet.put(row, C, value, "input", fmt)


def _tiers(sheet: MailedSheet, thresholds: tuple[float, ...], rates: tuple[float, ...]) -> list[tuple[float, float | None]]:
    """The tiers with what the order earns in each, and how much margin is wanting to each; returns both as they are now."""
    sheet.heading(TIERS - 1, Text("您的提成档", "Your tiers"), F)
    heads = (
        Text("毛利率从", "Margin from"),
        Text("比例", "Rate"),
        Text("本档毛利（元）", "Margin in tier"),
        Text("档内提成（元）", "Commission"),
        Text("距本档还差毛利（元）", "Margin to this tier"),
    )
    sheet.head(TIERS, heads, ("rate", "rate", "fen", "fen", "fen"))
    amount, margin = (f"${'C'}${row}" for row in (AMOUNT, RATE))
    out: list[tuple[float, float | None]] = []
    for place, (low, rate) in enumerate(zip(thresholds, rates, strict=True)):
        row, high = TIERS + 1 + place, thresholds[place + 1] if place + 1 < len(thresholds) else None
        top = margin if high is None else f"MIN({margin},{at(row + 1, B)})"
        width = max(0.0, (_EXAMPLE[1] if high is None else min(_EXAMPLE[1], high)) - low)
        part = float(excel_round(width * _EXAMPLE[0], _STEPS))
        earns = float(excel_round(part * rate, _STEPS))
        missing = float(excel_round((low - _EXAMPLE[1]) * _EXAMPLE[0], 2)) if low > _EXAMPLE[1] else None
        sheet.across(row, (low, rate), "cell", ("rate2", "rate2"))
        sheet.put(row, D, part, "cell", "fen", f"ROUND(MAX(0,{top}-{at(row, B)})*{amount},{_STEPS})")
        sheet.put(row, E, earns, "cell", "fen", f"ROUND({at(row, D)}*{at(row, C)},{_STEPS})")
        wanting = f'IF({at(row, B)}>{margin},ROUND(({at(row, B)}-{margin})*{amount},2),"")'
        sheet.put(row, F, "" if missing is None else missing, "cell", "fen", wanting)
        out.append((earns, missing))
    return out


def _results(sheet: MailedSheet, made: Statement, tiers: list[tuple[float, float | None]]) -> None:
    """What comes out, and what it makes of the year."""
    assert made.rule is not None and made.tiers is not None
    first, last = TIERS + 1, TIERS + len(tiers)
    floor, cap = ((None if limit is None else limit / 100) for limit in (made.rule.floor, made.rule.cap))
    earned = float(excel_round(total_of(earns for earns, _ in tiers), 2))
    formula = f"ROUND(SUM({at(first, E)}:{at(last, E)}),2)"
    if floor is not None:
        formula, earned = f"IF({formula}>0,MAX({formula},{floor:g}),0)", max(earned, floor) if earned > 0 else 0.0
    if cap is not None:
        formula, earned = f"MIN({formula},{cap:g})", min(earned, cap)
    wanting = f"{at(first, F)}:{at(last, F)}"
    missing = min((m for _, m in tiers if m is not None), default=None)
    top = str(Text("已在最高档", "top tier"))
    following = min((low for low in made.tiers[0] if low > _EXAMPLE[1]), default=None)
    higher = "+".join(f"IF({at(row, B)}>$C${RATE},1,0)" for row in range(first, last + 1))
    nearest = f"SMALL({at(first, B)}:{at(last, B)},{len(tiers)}-({higher})+1)"
    rows = (
        (EARNS, Text("提成（元）", "Commission (yuan)"), earned, "fen", formula, "line"),
        (NEXT, Text("距下一档还差毛利（元）", "Margin to the next tier (yuan)"), top if missing is None else missing, "fen", f'IF(COUNT({wanting})=0,"{top}",MIN({wanting}))', "cell"),
        (TIER, Text("下一档从毛利率", "The next tier begins at a margin of"), "–" if following is None else following, "rate2", f'IF(COUNT({wanting})=0,"–",{nearest})', "cell"),
    )  # fmt: skip
    for row, label, value, fmt, written, look in rows:
        sheet.put(row, B, str(label), look)
        sheet.put(row, C, value, look, fmt, written)
    paid = made.paid_to_date
    label = Text(f"加上截至 {made.period} 的年累计应发 {yuan(paid)}", f"with {yuan(paid)} paid in the year up to {made.period}")
    sheet.wide(YEAR, B, B, str(label), "wrapped")
    sheet.heights[YEAR] = max(sheet.heights.get(YEAR, 0), 14.0 * style.lines_needed(str(label), sheet.widths[1] - 3) + 2)
    sheet.put(YEAR, C, total_of([earned, paid]), "cell", "fen", f"{at(EARNS, C)}+{paid!r}")
