"""What-if: two scenarios of tiers, rhythm and targets beside the plan, with their effect on payout, quotas and profit."""

from __future__ import annotations

from udfs.policy import POLICIES
from udfs.text import Text
from workbook_templates.page import charts, navigation
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.sheets import PlanSheet

FIRST = 9  # first row of the settings
TIERS, QUARTERS = 3, 4
THRESHOLDS, RATES, PATTERN = FIRST, FIRST + TIERS, FIRST + 2 * TIERS
TARGET, MARGIN, COST = PATTERN + QUARTERS, PATTERN + QUARTERS + 1, PATTERN + QUARTERS + 2
RESULT = COST + 3  # header of the results
PLAN, SCENARIOS = "C", "DE"
REACHES, BELOW = Text("达到", "Reached"), Text("低于底线", "Below")

# What the two scenarios start from: (thresholds, rates, pattern, target, margin rate, share of budget).
STARTS = (
    ((0.0, 0.20, 0.25), (0.03, 0.06, 0.10), (4, 3, 2, 1), 420_000_000, 0.35, 0.20),
    ((0.0, 0.18, 0.28), (0.03, 0.05, 0.08), (3, 3, 2, 2), 500_000_000, 0.34, 0.19),
)
TITLES = (Text("A：提高二、三档", "A: richer upper tiers"), Text("B：冲刺、均衡节奏", "B: stretch, even rhythm"))


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "whatif",
        Text("情景测算", "What-if"),
        Text(
            "改蓝色单元格，看提成档、节奏与目标变化对提成支出、季度指标和利润的影响；不影响计划本身",
            "Change the blue cells: what other tiers, rhythm and targets do to payout, quotas and profit; the plan stays as it is",
        ),
        todo=Text("改蓝色单元格", "Change the blue cells"),
    )
    page.width(B=37, C=17, D=24, E=24, F=8)
    page.heading("B5", Text("设定", "Settings"), "F5")
    page.header(
        "B6",
        [
            Text("项目", "Item"),
            Text("计划", "Plan"),
            Text("情景 A", "Scenario A"),
            Text("情景 B", "Scenario B"),
            Text("单位", "Unit"),
        ],
    )
    page.label("B7", Text("说明", "About"))
    page.label("C7", Text("按参数", "from Settings"), muted=True)
    for letter, title in zip(SCENARIOS, TITLES, strict=True):
        page.input(f"{letter}7", title)
    _settings(plan, page)
    _results(plan, page)
    _charts(plan, page)
    plan.beside("tier_table", page)


def _settings(plan: Plan, page: Page) -> None:
    """The plan's numbers and, beside them, the two scenarios'."""
    share, weight = Text("比例", "share"), Text("权重", "weight")
    page.label(
        f"B{FIRST - 1}",
        Text("提成毛利率档（下限）、比例、季度节奏", "Tiers (lower margin), rates, quarterly rhythm"),
        muted=True,
        grow=False,
    )
    for row, key, count, fmt, unit in (
        (THRESHOLDS, "commission.thresholds", TIERS, "rate", share),
        (RATES, "commission.rates", TIERS, "rate", share),
        (PATTERN, "quota.pattern", QUARTERS, "number", weight),
    ):
        policy = POLICIES[key]
        for index in range(count):
            at = row + index
            page.label(f"B{at}", _short(policy.label) + Text("·", " · ") + policy.items[index], grow=False)
            page.formula(f"{PLAN}{at}", f"=INDEX({plan.policy(key)},{index + 1})", fmt)
            page.label(f"F{at}", unit, muted=True)
            for letter, start in zip(SCENARIOS, STARTS, strict=True):
                column = {THRESHOLDS: 0, RATES: 1, PATTERN: 2}[row]
                page.input(f"{letter}{at}", start[column][index], fmt, low=0)  # type: ignore[index]
    singles = (
        (TARGET, Text("签单目标", "Bookings target"), f"={plan.name('quota_total')}", "scaled", 3, Text("元", "yuan")),
        (MARGIN, Text("毛利率", "Margin rate"), f"={plan.name('margin_rate')}", "rate", 4, share),
        (COST, Text("费用占目标", "Budget, share of target"), f"={plan.policy('budget.rate')}", "rate", 5, share),
    )
    for at, label, formula, fmt, place, unit in singles:
        page.label(f"B{at}", label)
        page.formula(f"{PLAN}{at}", formula, fmt)
        page.label(f"F{at}", unit, muted=True)
        for letter, start in zip(SCENARIOS, STARTS, strict=True):
            page.input(f"{letter}{at}", 0 if plan.company.empty else start[place], fmt, low=0)


def _short(label: Text) -> Text:
    """A policy's label without what stands in brackets or behind a colon."""
    return Text(label.zh.split("（")[0].split("“")[0], label.en.split(":")[0])


def _results(plan: Plan, page: Page) -> None:
    page.heading(f"B{RESULT - 1}", Text("结果", "Results"), f"F{RESULT - 1}")
    page.header(
        f"B{RESULT}",
        [
            Text("结果", "Result"),
            Text("计划", "Plan"),
            Text("情景 A", "Scenario A"),
            Text("情景 B", "Scenario B"),
            Text("单位", "Unit"),
        ],
    )
    for letter in f"{PLAN}{SCENARIOS}":
        _column(plan, page, letter)
    labels = (
        Text("全年成交的提成", "Commission on this year's deals"),
        Text("比计划", "against the plan"),
        Text("提成占签单", "Commission, share of bookings"),
        Text("按目标的提成", "Commission at the target"),
        *(Text("季度指标·", "Quota · ") + item for item in POLICIES["quota.pattern"].items),
        Text("目标毛利", "Gross margin at the target"),
        Text("费用", "Budget"),
        Text("额外提成", "Commission beyond the plan's rate"),
        Text("利润", "Profit"),
        Text("比计划", "against the plan"),
        Text("利润底线", "Profit floor"),
    )
    for row, label in enumerate(labels, RESULT + 1):
        page.label(f"B{row}", label, grow=False)
        page.label(f"F{row}", Text("元", "yuan") if row != RESULT + 3 and row != RESULT + len(labels) else "", muted=True)
    verdicts = f"{PLAN}{RESULT + len(labels)}:{SCENARIOS[-1]}{RESULT + len(labels)}"
    page.lights(verdicts, good=REACHES, bad=BELOW)


def _column(plan: Plan, page: Page, letter: str) -> None:
    """One column of results, the same formulas for the plan and the scenarios."""
    deals, bookings = plan.table("Deals"), plan.name("bookings")
    tiers = f"{letter}{THRESHOLDS}:{letter}{THRESHOLDS + TIERS - 1},{letter}{RATES}:{letter}{RATES + TIERS - 1}"
    at = RESULT + 1
    paid = f"=ROUND(SUM(SALES_COMMISSION({deals.revenue},{deals.margin_rate},{tiers},{plan.policy('commission.digits')})),2)"
    page.formula(f"{letter}{at}", paid, "fen")
    page.formula(f"{letter}{at + 1}", f"=ROUND({letter}{at}-${PLAN}{at},2)", "fen")
    page.formula(f"{letter}{at + 2}", f"=IF({bookings}=0,0,{letter}{at}/{bookings})", "rate2")
    page.formula(f"{letter}{at + 3}", f"=ROUND({letter}{at + 2}*{letter}{TARGET},2)", "money")
    pattern = f"{letter}{PATTERN}:{letter}{PATTERN + QUARTERS - 1}"
    page.spill(f"{letter}{at + 4}", f"=TRANSPOSE(SALES_QUOTASPLIT({letter}{TARGET},{pattern}))", QUARTERS, 1, "money")
    base = at + 4 + QUARTERS
    page.formula(f"{letter}{base}", f"=ROUND({letter}{TARGET}*{letter}{MARGIN},2)", "money")
    page.formula(f"{letter}{base + 1}", f"=ROUND({letter}{TARGET}*{letter}{COST},2)", "money")
    # The plan's own commission is part of the budget already: only what a scenario pays beyond it costs profit.
    page.formula(f"{letter}{base + 2}", f"=ROUND(({letter}{at + 2}-${PLAN}{at + 2})*{letter}{TARGET},2)", "money")
    page.formula(f"{letter}{base + 3}", f"=ROUND({letter}{base}-{letter}{base + 1}-{letter}{base + 2},2)", "money", bold=True)
    page.formula(f"{letter}{base + 4}", f"=ROUND({letter}{base + 3}-${PLAN}{base + 3},2)", "money")
    reached = f"ROUND({letter}{base + 3}-{plan.name('profit_floor')},2)>=0"
    verdict = f'=IF({letter}{TARGET}=0,"–",IF({reached},{plan.quoted(REACHES)},{plan.quoted(BELOW)}))'
    page.formula(f"{letter}{base + 5}", verdict, "word")


_SETS = (Text(" 计划 ", " plan "), Text("，情景 A ", ", scenario A "), Text("，情景 B ", ", scenario B "))


def _charts(plan: Plan, page: Page) -> None:
    profit = RESULT + 1 + 4 + QUARTERS + 3
    heads = f"{PLAN}{RESULT}:{SCENARIOS[-1]}{RESULT}"
    for cell, said, name, row, unit in (
        (
            "H5",
            Text("全年成交的提成", "Commission on this year's deals"),
            "whatif_commission",
            RESULT + 1,
            Text("万元", "thousand yuan"),
        ),
        ("H23", Text("利润", "Profit"), "whatif_profit", profit, Text("万元", "thousand yuan")),
    ):
        values = f"{PLAN}{row}:{SCENARIOS[-1]}{row}"
        plan.define(name, page, values)
        figures = [f"&{plan.quoted(word)}&{plan.say(f'INDEX({name},{at})')}" for at, word in enumerate(_SETS, 1)]
        title = plan.message(page, plan.quoted(said + Text("：", ":")) + "".join(figures), "Deals")
        if row != profit:
            charts.bars(page, cell, title, heads, [(f"B{row}", values)], "wan", unit, (13, 8))
        else:
            _profit(plan, page, cell, title, unit)
    page.width(G=2.5)


def _profit(plan: Plan, page: Page, cell: str, title: str, unit: Text) -> None:
    """The profit of each set of terms, and the floor it is to reach."""
    at, data = FIRST_ROW, plan.drawn("cd_whatif", Text("情景利润", "Profit of the scenarios"))
    data.header(f"B{at}", [Text("情景", "Scenario"), Text("利润", "Profit"), Text("底线", "Floor")])
    plan.define("whatif_sets", page, f"{PLAN}{RESULT}:{SCENARIOS[-1]}{RESULT}")
    data.formula(f"D{at + 1}", f"={plan.name('profit_floor')}", "scaled")  # alone on top, with its name
    for place in range(1, len(_SETS) + 1):
        for column, formula, fmt in (
            ("B", f"INDEX(whatif_sets,{place})", "text"),
            ("C", f"INDEX(whatif_profit,{place})", "scaled"),
            ("D", plan.name("profit_floor"), "scaled"),
        ):
            data.formula(f"{column}{at + 1 + place}", f"={formula}", fmt)
    last = at + 1 + len(_SETS)
    charts.bars(
        page, cell, title, f"B{at + 1}:B{last}", [(f"C{at}", f"C{at + 1}:C{last}")], "wan", unit, (13, 8), across=True, from_zero=False,
        threshold=(f"D{at}", f"D{at + 1}:D{last}"), threshold_named=0, data=data,
    )  # fmt: skip
    plan.put_away(data)


SHEET = PlanSheet(70, build, part=navigation.RESULT)
