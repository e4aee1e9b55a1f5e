"""客户价值 / Customer value: RFM heat map, value scatter by tier, segments, and the lifetime-value model in plain words."""

from __future__ import annotations

from openpyxl.utils import get_column_letter

from udfs.policy import value
from udfs.segments import SEGMENTS
from udfs.text import Text
from workbook_templates.chapters.customers.sheets.tiers import TIERS
from workbook_templates.page import charts, style
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.marks import tier_colors
from workbook_templates.page.navigation import RESULT
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables.schema import YUAN

_SCORES = range(5, 0, -1)
_SEGMENT_ROW = FIRST_ROW + 10
_MODEL_ROW = _SEGMENT_ROW + 8
_CHART = _SEGMENT_ROW
_PLACES = 2  # column B
_TAIL_SHOWN = 60  # of the C customers


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "customer_value",
        Text("客户价值", "Customer value"),
        Text(
            "谁买得近、买得勤、买得多；价值指数怎样得来、数据支持到哪一步",
            "Who bought lately, often, much; how the value index comes about, how far data support it",
        ),
        todo=Text("看右下角（又久又少）的老客户", "Look at old customers in the corner of long ago and seldom"),
    )
    page.width(B=22 if plan.lang == "en" else 15, C=12, D=12, E=12, F=12, G=12, H=9, I=15, J=13, K=13, L=13, M=13, N=13)
    _heat(plan, page)
    _segments(plan, page)
    _model(plan, page)
    _scatter(plan, page)


# ----------------------------------------------------------------------------------------------------------------- RFM


def _heat(plan: Plan, page: Page) -> None:
    """Recency down, frequency across: how many customers, and what a purchase of theirs is worth."""
    customers = plan.table("Customers")
    grids = (
        ("B", Text("RFM 热力图：客户数", "RFM heat map: customers"), "0;-0;–", "rfm_counts"),
        ("I", Text("RFM 热力图：次均金额", "RFM heat map: mean purchase"), "scaled", "rfm_money"),
    )
    for left, title, fmt, name in grids:
        first = chr(ord(left) + 1)
        last = chr(ord(left) + 5)
        page.heading(f"{left}{FIRST_ROW}", title, until=last)
        page.header(f"{left}{FIRST_ROW + 1}", [Text("R ↓　F →", "R ↓  F →"), *[f"F{f}" for f in range(1, 6)]])
        for row, recency in enumerate(_SCORES, FIRST_ROW + 2):
            ends = {5: Text("（最近）", " (latest)"), 1: Text("（最久）", " (oldest)")}.get(recency, Text("", ""))
            page.label(f"{left}{row}", Text(f"R{recency}", f"R{recency}") + ends)
            page.sheet[f"{left}{row}"].border = style.BOX
            for place in range(1, 6):
                cell = f"{chr(ord(left) + place)}{row}"
                own = f'(LEFT({customers.rfm},2)="{recency}{place}")'
                count = f"SUMPRODUCT(--{own})"
                if left == "B":
                    page.formula(cell, f"={count}", fmt)
                else:
                    page.formula(cell, f'=IF({count}=0,"–",SUMPRODUCT({own}*{customers.monetary})/{count})', fmt)
                page.sheet[cell].alignment = style.align("center")
        ref = f"{first}{FIRST_ROW + 2}:{last}{FIRST_ROW + 6}"
        plan.define(name, page, ref)
        page.heat(ref)
    page.label(
        f"B{FIRST_ROW + 7}",
        Text(
            "分数为五分位，5 最好；R 近度、F 购买天数，来自“客户”表的 RFM 代码。",
            "Scores are quintiles, 5 best; R recency, F purchase days, from the RFM code on Customers.",
        ),
        muted=True,
        grow=False,
    )


def _segments(plan: Plan, page: Page) -> None:
    """Core, potential and drifting customers by tier."""
    customers, segments = plan.table("Customers"), f"{plan.name('customer_segments')}#"
    row = _SEGMENT_ROW
    page.heading(
        f"B{row}", Text("分层（频次、次均金额、协同度）与级别", "Segments (frequency, mean purchase, synergy) by tier"), until="G"
    )
    page.header(f"B{row + 1}", [Text("分层", "Segment"), *TIERS, Text("合计", "Total")])
    for offset, segment in enumerate(SEGMENTS, row + 2):
        page.label(f"B{offset}", segment)
        page.sheet[f"B{offset}"].border = style.BOX
        word = plan.quoted(segment)
        for letter, tier in zip("CDEF", TIERS, strict=True):
            page.formula(f"{letter}{offset}", f'=SUMPRODUCT(({segments}={word})*({customers.tier}="{tier}"))', "0;-0;–")
        page.formula(f"G{offset}", f"=SUMPRODUCT(--({segments}={word}))", "int", bold=True)
    page.label(f"B{row + 5}", Text("每家客户的分层见“客户”表右侧；没有协同度的不分层。",
                                   "Each customer's segment is beside the Customers Table; without synergy there is none."), muted=True, grow=False)  # fmt: skip


# ----------------------------------------------------------------------------------------------------------------- model


def _model(plan: Plan, page: Page) -> None:
    """A customer tried out with the model's parameters; the parameters themselves, written by the refresh, stand at the end."""
    row = _MODEL_ROW
    table = plan.table("ClvModel")
    page.heading(f"B{row}", Text("试算一家客户（用当前模型）", "Try a customer with the model in force"), until="G")
    inputs = (
        (Text("复购次数",
              "Repeat purchases"), 5, "int",
                                      "try_repeats", Text("次",
                                                          "times"), Text("首次之后又买了几次（购买天数 − 1）", "purchase days less the first")),
        (Text("首末间隔",
              "First to last"), 40, "number",
                                    "try_recency", Text("周", "weeks"), Text("首次到末次购买", "from the first purchase to the last")),
        (Text("观察期",
              "Age"), 60, "number",
                          "try_age", Text("周", "weeks"), Text("首次购买到截止日期", "from the first purchase to the as-of date")),
        (Text("复购次均金额",
              "Mean repeat value"), 400_000, "money", "try_value", YUAN, Text("复购的次均金额", "mean of the repeat purchases")),
    )  # fmt: skip
    for offset, (label, given, fmt, name, unit, note) in enumerate(inputs, row + 1):
        page.label(f"B{offset}", label, grow=False)
        page.input(f"C{offset}", given, fmt, name, note=note, low=0)
        page.label(f"D{offset}", unit, muted=True, grow=False)
    tried = "try_repeats,try_recency,try_age"
    months, discount, margin = (plan.policy(f"clv.{key}") for key in ("months", "monthly_discount", "margin_rate"))
    ready = f"COUNT({table.value})"
    weeks = f"{months}*365/84"
    results = (
        (Text("仍活跃的概率",
              "P(alive)"), f'=IF({ready}<4,"–",SALES_PALIVE({tried},{table.value}))', "rate", "try_alive", Text("", "")),
        (Text("测算期内期望购买",
              "Expected purchases"), f'=IF({ready}<4,"–",SALES_EXPECTEDPURCHASES({tried},{weeks},{table.value}))',
                                     "times", "try_purchases", Text("次", "times")),
        (Text("客户价值（指数用）",
              "Lifetime value"), f'=IF({ready}<7,"–",SALES_CLV({tried},try_value,{months},{discount},"week",{margin},{table.value}))', "money", "try_clv", YUAN),
    )  # fmt: skip
    for offset, (label, formula, fmt, name, unit) in enumerate(results, row + 1):
        page.label(f"E{offset}", label, grow=False)
        page.formula(f"G{offset}", formula, fmt, name)
        page.label(f"H{offset}", unit, muted=True, grow=False)
    page.heading(
        f"B{row + 6}",
        Text("模型参数与说明（由“刷新客户分级”写入）", "The model's parameters and remarks (written by “Refresh tiers”)"),
        until="G",
    )
    page.records("ClvModel", f"B{row + 8}")


# ----------------------------------------------------------------------------------------------------------------- scatter


def _least_positive(column: str) -> str:
    """The formula of the least amount above zero: a logarithmic axis has no zero, so what is not above it stands there."""
    return f'IF(COUNTIF({column},">0")=0,1,SMALL({column},COUNTIF({column},"<=0")+1))'


def _scatter(plan: Plan, page: Page) -> None:
    """Frequency against mean purchase, a colour a tier.

    The data: the customers of each tier in rank order, as many as the plan has.
    """
    customers, row = plan.table("Customers"), FIRST_ROW + 1
    data = plan.drawn("cd_customers", Text("频次与金额", "Frequency and value"))
    caps = [int(cap) for cap in value("customers.caps")]
    sizes = [caps[0], caps[1] - caps[0], caps[2] - caps[1], _TAIL_SHOWN]
    first = get_column_letter(_PLACES)
    data.heading(
        f"{first}{row - 1}",
        Text("散点数据（各级按名次，最多取计划家数；C 级取前 {n} 家）",
             "Data of the scatter (each tier by rank, the plan's number at most; the first {n} of C)").format(n=_TAIL_SHOWN),
        until=get_column_letter(_PLACES + 12),
    )  # fmt: skip
    data.header(f"{first}{row}", [Text("位次", "Place")])
    for position in range(1, max(sizes) + 1):
        data.label(f"{first}{row + position}", "")
        data.sheet[f"{first}{row + position}"] = position
    series = []
    for number, (tier, size) in enumerate(zip(TIERS, sizes, strict=True)):
        rank, x, y = (get_column_letter(_PLACES + 1 + 3 * number + n) for n in range(3))
        data.header(f"{rank}{row}", [tier, Text("购买天数", "Purchase days"), Text("次均金额", "Mean purchase")])
        top, last = row + 1, row + size
        own = f'IF({customers.tier}="{tier}",{customers.rank})'
        count = f'COUNTIF({customers.tier},"{tier}")'
        # Places beyond the last customer repeat it, a dot on a dot: a blank would be drawn as a zero.
        places = f"${first}{top}:${first}{last}"
        data.spill(f"{rank}{top}", f"=IF({count}=0,0,SMALL({own},IF({places}>{count},{count},{places})))", size, 1, "int")
        for letter, column, least in (
            (x, customers.frequency, "1"),
            (y, customers.monetary, _least_positive(customers.monetary)),
        ):
            found = f"SUMIF({customers.rank},{rank}{top}#,{column})"
            data.spill(f"{letter}{top}", f"=IF({found}<{least},{least},{found})", size, 1, "money" if letter == y else "int")
        series.append(
            charts.Dots(f"{rank}{row}", f"{x}{top}:{x}{last}", f"{y}{top}:{y}{last}", _COLORS[number], "marks", 7 - number)
        )
    tier_colors(data, f"{get_column_letter(_PLACES + 1)}{row}:{get_column_letter(_PLACES + 12)}{row}")
    mean = {tier: plan.say(f'IFERROR(AVERAGEIFS({customers.monetary},{customers.tier},"{tier}"),0)') for tier in "SA"}
    parts = (Text("次均金额：S 级 ", "Mean purchase: S "), Text("，A 级 ", ", A "), Text("（对数轴）", " (log axes)"))
    before, between, after = (plan.quoted(part) for part in parts)
    said = f"{before}&{mean['S']}&{between}&{mean['A']}&{after}"
    charts.scatter(
        page,
        f"I{_CHART}",
        plan.message(page, said, "Customers.tier"),
        series[::-1],
        "int",
        "money",
        Text("购买天数（两年）", "Purchase days (two years)"),
        Text("次均金额（元）", "Mean purchase (yuan)"),
        (17.5, 10.0),
        log=True,
        data=data,
    )
    plan.put_away(data)


_COLORS = (style.SERIES[0], style.SERIES[1], style.SERIES[2], "B7C0CA")


SHEET = PlanSheet(12, build, part=RESULT)
