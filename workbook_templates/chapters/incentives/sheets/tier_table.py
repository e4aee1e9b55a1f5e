"""分档试算 / Tier table: try any table of tiers on one amount: what it pays, and the working band by band."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.page import style
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.navigation import RESULT
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables.schema import YUAN

_TIERS = 6
# A rebate for trying; no number of the plan, which stand on Settings.
_EXAMPLE = ((0, 0.005), (1_500_000, 0.015), (4_000_000, 0.022))
_AMOUNT = 4_800_000
_MODES = (Text("超额累进", "marginal"), Text("全额", "whole"))
_BORDERS = (Text("上档", "upper"), Text("下档", "lower"))
_SHARE = Text("比例", "share")


def build(plan: Plan) -> None:
    page = plan.page(
        "tier_table",
        Text("试算", "Calculators"),
        Text("用自己的分档表试算一笔金额：返利、加速提成都可以先在这里比较", "Try your own table of tiers on one amount: compare rebates or accelerators here first"),
        todo=Text("填金额与分档；正式的比例在“参数”表", "Enter an amount and tiers; the rates in force stand on Settings"),
    )  # fmt: skip
    page.width(B=24, C=16, D=14, E=3, F=15, G=15, H=17, I=11, J=15)
    _inputs(page, FIRST_ROW)
    _result(page, FIRST_ROW)


def _inputs(page: Page, row: int) -> None:
    """An amount, how it is counted, and the table."""
    page.heading(f"B{row}", Text("试算条件（填写）", "To try (fill in)"), until="D")
    page.label(f"B{row + 1}", Text("金额", "Amount"))
    page.input(f"C{row + 1}", _AMOUNT, "money", "tier_amount", note=Text("要试算的金额，元", "the amount to try, yuan"))
    page.label(f"D{row + 1}", YUAN, muted=True)
    page.label(f"B{row + 2}", Text("算法", "Mode"))
    note = Text("超额累进：各档各算；全额：全部按所达档", "marginal: each band at its own rate; whole: all at the tier reached")
    page.input(f"C{row + 2}", _MODES[0], name="tier_mode", choices=_MODES, note=note)
    page.label(f"B{row + 3}", Text("恰在分界时归", "An exact border goes to"))
    note = Text("金额恰等于某档下限时，归上档或下档", "an amount equal to a tier's lower end belongs to the upper or lower tier")
    page.input(f"C{row + 3}", _BORDERS[0], name="tier_border", choices=_BORDERS, note=note)
    for at in range(row + 1, row + 4):
        page.sheet[f"B{at}"].border = style.BOX
    top = row + 7
    heads = (Text("档", "Tier"), Text("下限", "Lower end"), Text("支付比例", "Rate"))
    page.header(f"B{top - 1}", heads, ["", YUAN, _SHARE])
    for number in range(_TIERS):
        threshold, rate = _EXAMPLE[number] if number < len(_EXAMPLE) else (None, None)
        page.label(f"B{top + number}", Text(f"第 {number + 1} 档", f"tier {number + 1}"))
        page.sheet[f"B{top + number}"].border = style.BOX
        page.input(f"C{top + number}", threshold, "money", low=0)
        page.input(f"D{top + number}", rate, "rate", low=0, high=1)
    for name, letter in (("tier_thresholds", "C"), ("tier_rates", "D")):
        page.plan.define(name, page, f"{letter}{top}:{letter}{top + _TIERS - 1}")


def _result(page: Page, row: int) -> None:
    """What the table pays in all, and band by band; the bands add up to it."""
    given = "tier_amount,tier_thresholds,tier_rates,tier_mode"
    page.heading(f"F{row}", Text("结果（计算）", "Result (computed)"), until="J")
    page.figure(f"F{row + 1}", Text("支付", "Pays"), f"=SALES_TIERED({given},0,tier_border)", "fen", "tier_pays", YUAN)
    page.figure(f"F{row + 2}", Text("平均比例", "On average"), "=IF(tier_amount=0,0,tier_pays/tier_amount)", "rate2")
    heads = (
        Text("从", "From"), Text("到", "To"), Text("本档金额", "Part"), Text("比例", "Rate"), Text("支付金额", "Amount"),
    )  # fmt: skip
    formats = ["money", "money", "fen", "rate", "fen"]
    formula = f"=SALES_TIEREDBANDS({given},0,tier_border)"
    page.spill(f"F{row + 7}", formula, len(_EXAMPLE), 5, formats, "tier_bands", heads, ["", "", YUAN, _SHARE, YUAN])


SHEET = PlanSheet(43, build, part=RESULT)
