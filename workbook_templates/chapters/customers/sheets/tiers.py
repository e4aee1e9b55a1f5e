"""客户分级 / Tier summary: the tiers beside the plan's, what the last refresh moved, and the Pareto curve behind them."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.page import charts, style
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.marks import OFF_PLAN, ON_PLAN, tier_colors
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import ANY, Watch

TIERS = "SABC"
_TOP = FIRST_ROW + 2  # the first tier's row
_MOVES = _TOP + 8  # heading of the last refresh
_CHART = _MOVES + 9
_POINTS = 40  # of the Pareto curve
OTHER_SHARE = Text("家数相符，占比不同", "Count as planned, share differs")
OTHER_COUNT = Text("家数与计划不同", "Count differs from plan")


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "tiers",
        Text("2 客户经营", "2 Customer tiers"),
        Text(
            "各级家数与占比对照计划；口径：近 12 个月开票净额与客户价值各半",
            "Customers and shares by tier against plan; half 12-month net sales, half lifetime value",
        ),
        todo=Text("点“刷新客户分级”，看差异与变动", "Click “Refresh tiers”; look at differences and changes"),
    )
    page.width(B=15, C=12, D=12, E=12, F=13, G=13, H=13, I=13, J=13, K=22, L=30 if plan.lang == "en" else 24)
    _against_plan(plan, page)
    _moves(plan, page)
    _pareto(plan, page)
    _watches(plan, page)


def _planned(plan: Plan, key: str, level: int) -> str:
    """The plan's own part of a tier: its policy is cumulative."""
    values = plan.policy(f"customers.{key}")
    return f"INDEX({values},{level + 1})" + (f"-INDEX({values},{level})" if level else "")


def _against_plan(plan: Plan, page: Page) -> None:
    customers = plan.table("Customers")
    page.heading(f"B{FIRST_ROW}", Text("家数与占比：实际与计划", "Customers and shares: actual and plan"), until="L")
    heads = (
        Text("级别", "Tier"), Text("家数", "Customers"), Text("计划家数", "Planned"), Text("差", "Difference"),
        Text("得分占比", "Share of score"), Text("销售占比", "Share of sales"), Text("价值占比", "Share of CLV"),
        Text("计划占比",
             "Planned share"), Text("得分占比差", "Score less plan"), Text("定界依据", "Border set by"), Text("对照计划", "Against plan"),
    )  # fmt: skip
    page.header(f"B{FIRST_ROW + 1}", heads)
    for level, tier in enumerate(TIERS):
        row, tail = _TOP + level, tier == TIERS[-1]
        page.label(f"B{row}", tier, bold=True)
        page.sheet[f"B{row}"].border, page.sheet[f"B{row}"].alignment = style.BOX, style.align("center")
        page.formula(f"C{row}", f'=COUNTIF({customers.tier},"{tier}")', "int", f"tier_count_{tier.lower()}")
        page.formula(f"D{row}", '="–"' if tail else f"={_planned(plan, 'caps', level)}", "general" if tail else "int")
        page.formula(f"E{row}", '="–"' if tail else f"=C{row}-D{row}", "general" if tail else "+0;-0;0")
        for letter, key in zip("FGH", ("score", "sales_share", "clv_share"), strict=True):
            page.formula(f"{letter}{row}", f'=SUMIFS({getattr(customers, key)},{customers.tier},"{tier}")', "rate")
        shares = plan.policy("customers.shares")
        page.formula(f"I{row}", f"=1-MAX({shares})" if tail else f"={_planned(plan, 'shares', level)}", "rate")
        page.formula(f"J{row}", f"=IF(C${_TOP + 4}=0,0,100*(F{row}-I{row}))", "points")
        page.formula(f"K{row}", f'=IFERROR(INDEX({customers.bound},MATCH("{tier}",{customers.tier},0)),"–")')
        _verdict(plan, page, row, tail)
    _total(page)
    tier_colors(page, f"B{_TOP}:B{_TOP + 3}")
    page.lights(f"L{_TOP}:L{_TOP + 3}", good=ON_PLAN, fair=OTHER_SHARE)
    page.lights(f"L{_TOP}:L{_TOP + 3}", fair=OTHER_COUNT)
    same = f"COUNTIF(L{_TOP}:L{_TOP + 3},{plan.quoted(ON_PLAN)})={len(TIERS)}"
    verdict = f"IF({same},{plan.quoted(ON_PLAN)},{plan.quoted(OFF_PLAN)})"
    page.formula(f"L{_TOP + 4}", f'=IF(C{_TOP + 4}=0,"–",{verdict})', name="tiers_verdict", bold=True)
    page.lights(f"L{_TOP + 4}", good=ON_PLAN, fair=OFF_PLAN)
    untiered = f'SUMPRODUCT(({customers.id}<>"")*({customers.tier}=""))'
    said = plan.quoted(Text(" 家客户没有交易，未分级。", " customers have no transaction and no tier."))
    page.formula(f"B{_TOP + 5}", f'=IF({untiered}=0,"",{untiered}&{said})', boxed=False)
    page.sheet[f"B{_TOP + 5}"].font, page.sheet[f"B{_TOP + 5}"].alignment = style.font(style.MUTED), style.align("left", indent=1)
    page.label(
        f"B{_TOP + 6}",
        Text(
            "边界 = 名额与累计占比线中先到的一个（两者见“参数”）；占比随本公司数据而定，不强凑计划。",
            "A border is the cap or the cumulative share, whichever comes first (both on Settings); shares are what the "
            "company's data give, not forced to the plan's.",
        ),
        muted=True,
        grow=False,
    )


def _watches(plan: Plan, page: Page) -> None:
    """What the S customers carry, and whether the tiers hold as many as the plan wants."""
    customers, n = plan.table("Customers"), plan.name
    total, share = f"SUM({customers.sales_12m})", f"INDEX({plan.policy('customers.shares')},1)"
    carried = f'SUMIFS({customers.sales_12m},{customers.tier},"S")'
    page.watch(
        Watch(
            "customers.s_share", Text("S 级销售占比", "S customers' share of sales"), f"{carried}/{total}", share, screen=2,
            basis=Text("近12个月开票", "invoiced, 12 months"), fmt="rate", amount=f"{share}*{total}-{carried}",
            fresh=("Customers.tiered_on",), needs="Customers.tier", made="Customers.tiered_on",
        )
    )  # fmt: skip
    off = "+".join(
        f"ABS({n(f'tier_count_{tier.lower()}')}-({_planned(plan, 'caps', level)}))" for level, tier in enumerate(TIERS[:-1])
    )
    page.watch(
        Watch(
            "customers.tiers", Text("S、A、B 级家数与计划之差", "S, A, B customers off the plan"), off, "0", screen=2, fmt="int",
            lower=True, amber=ANY, fresh=("Customers.tiered_on",), needs="Customers.tier", made="Customers.tiered_on",
        )
    )  # fmt: skip


def _verdict(plan: Plan, page: Page, row: int, tail: bool) -> None:
    """As planned, or what differs; the tail has no planned number of customers."""
    near = f"ABS(J{row})<=100*{plan.policy('customers.share_tolerance')}"
    same = f"IF({near},{plan.quoted(ON_PLAN)},{plan.quoted(OTHER_SHARE)})"
    other = plan.quoted(OTHER_COUNT)
    verdict = f"IF({near},{plan.quoted(ON_PLAN)},{plan.quoted(OTHER_SHARE)})" if tail else f"IF(E{row}=0,{same},{other})"
    page.formula(f"L{row}", f'=IF(C${_TOP + 4}=0,"–",{verdict})')


def _total(page: Page) -> None:
    row, first, last = _TOP + 4, _TOP, _TOP + 3
    page.label(f"B{row}", Text("合计", "Total"), bold=True)
    page.sheet[f"B{row}"].border = style.BOX
    for letter, fmt, name in (
        ("C", "int", "tiered_count"),
        ("F", "rate", "tier_scores"),
        ("G", "rate", "tier_sales"),
        ("H", "rate", "tier_clv"),
        ("I", "rate", None),
    ):
        page.formula(f"{letter}{row}", f"=SUM({letter}{first}:{letter}{last})", fmt, name, bold=True)


# ------------------------------------------------------------------------------------------------------------ last refresh


def _moves(plan: Plan, page: Page) -> None:
    """From which tier to which, at the last refresh."""
    customers, changes = plan.table("Customers"), plan.table("TierChanges")
    row = _MOVES
    page.heading(f"B{row}", Text("上次刷新的变动", "What the last refresh moved"), until="L")
    heads = (Text("原 ↓　新 →", "From ↓ to →"), *TIERS)
    page.header(f"B{row + 1}", heads)
    sources: list[tuple[str, Text | str]] = [("", Text("新客户", "New")), *((tier, tier) for tier in TIERS)]
    for offset, (code, shown) in enumerate(sources, row + 2):
        page.label(f"B{offset}", shown)
        page.sheet[f"B{offset}"].border, page.sheet[f"B{offset}"].alignment = style.BOX, style.align("center")
        for letter, tier in zip("CDEF", TIERS, strict=True):
            same = f'({changes.before}="{code}")*({changes.after}="{tier}")'
            page.formula(f"{letter}{offset}", f"=SUMPRODUCT(({changes.date}=tiered_on)*{same})", "0;-0;–")
    tier_colors(page, f"B{row + 3}:B{row + 6}")
    figures = (
        (Text("分级日期", "Tiered on"), f'=IF(COUNT({customers.tiered_on})=0,"–",MAX({customers.tiered_on}))', "date", "tiered_on"),
        (Text("变动", "Changes"), f"=SUM(C{row + 2}:F{row + 6})", "int", "tier_moves"),
        (Text("升级", "Up"), f"=SUM(C{row + 4}:C{row + 6})+SUM(D{row + 5}:D{row + 6})+E{row + 6}", "int", "tier_moves_up"),
        (Text("降级", "Down"), f"=SUM(D{row + 3}:F{row + 3})+SUM(E{row + 4}:F{row + 4})+F{row + 5}", "int", "tier_moves_down"),
        (Text("新入级", "New"), f"=SUM(C{row + 2}:F{row + 2})", "int", "tier_moves_new"),
    )  # fmt: skip
    for offset, (label, formula, fmt, name) in enumerate(figures, row + 2):
        page.label(f"H{offset}", label, grow=False)
        page.formula(f"I{offset}", formula, fmt, name)
    page.label(
        f"H{row + 7}",
        Text("每一条的原因见“分级变动”", "The reason for each is on “Tier changes”"),
        muted=True,
        grow=False,
        link="tier_changes" if "tier_changes" in plan.pages else None,
    )


# ----------------------------------------------------------------------------------------------------------------- Pareto


def _pareto(plan: Plan, page: Page) -> None:
    """The cumulative share by rank with the borders as they are and the plan's three points."""
    customers, row = plan.table("Customers"), FIRST_ROW + 1
    data = plan.drawn("cd_pareto", Text("帕累托曲线", "Pareto curve"))
    data.header(
        f"B{row}", [Text("前百分之", "Top share"), Text("名次", "Rank"), Text("累计得分", "Score"), Text("累计销售", "Sales")]
    )
    count = f"COUNT({customers.rank})"
    for point in range(_POINTS + 1):
        at = row + 1 + point
        # Closer together at the top, where the curve bends.
        data.sheet[f"B{at}"] = (point / _POINTS) ** 2
        data.sheet[f"B{at}"].number_format = plan.format("rate")
        data.formula(f"C{at}", f"=ROUND({count}*B{at},0)", "int")
        for letter, column in (("D", customers.score), ("E", customers.sales_share)):
            data.formula(f"{letter}{at}", f'=SUMIFS({column},{customers.rank},"<="&C{at})', "rate")
    last = row + 1 + _POINTS
    data.header(f"G{row}", [Text("边界", "Border"), Text("名次", "Rank"), Text("占比", "Share")])
    data.header(f"K{row}", [Text("计划名次", "Planned rank"), Text("计划占比", "Planned share")])
    borders = []
    for level, tier in enumerate(TIERS[:-1]):
        top = row + 1 + 2 * level
        data.formula(f"G{top}", f'="{tier} "&H{top}')
        for at, height in ((top, "0"), (top + 1, "1")):
            data.formula(f"H{at}", "=" + "+".join(f"tier_count_{t.lower()}" for t in TIERS[: level + 1]), "int")
            data.formula(f"I{at}", f"={height}", "rate")
        borders.append(charts.Dots(f"G{top}", f"H{top}:H{top + 1}", f"I{top}:I{top + 1}", style.SERIES[5 - level], "rule"))
        for letter, key in (("K", "caps"), ("L", "shares")):
            data.formula(
                f"{letter}{row + 1 + level}",
                f"=INDEX({plan.policy(f'customers.{key}')},{level + 1})",
                "int" if key == "caps" else "rate",
            )
    data.label(f"K{row - 1}", Text("计划", "Plan"), muted=True, grow=False)
    most = f"{plan.name('tier_count_s')}+{plan.name('tier_count_a')}"
    share = f'TEXT(SUMIFS({customers.sales_share},{customers.rank},"<="&{most}),"0%")'
    said = f"{plan.quoted(Text('S、A 级 ', 'S and A: '))}&{most}&{plan.quoted(Text(' 家，占近 12 个月净额的 ', ' customers, of net sales in 12 months: '))}&{share}"
    charts.scatter(
        page,
        f"B{_CHART}",
        plan.message(page, said, "Customers.tier", "cd_pareto"),
        [
            charts.Dots(f"D{row}", f"C{row + 1}:C{last}", f"D{row + 1}:D{last}", style.SERIES[0], "line"),
            charts.Dots(f"E{row}", f"C{row + 1}:C{last}", f"E{row + 1}:E{last}", style.SERIES[1], "line"),
            *borders,
            charts.Dots(f"K{row - 1}", f"K{row + 1}:K{row + 3}", f"L{row + 1}:L{row + 3}", style.SERIES[2], "diamonds", 10),
        ],
        "int",
        "0%",
        Text("名次（按得分）", "Rank by score"),
        Text("累计占比", "Cumulative share"),
        (31.5, 8.2),
        y_max=1,
        data=data,
    )
    plan.put_away(data)


SHEET = PlanSheet(11, build)
