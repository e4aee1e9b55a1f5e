"""屏1 业绩 … 屏5 竞争: a page a question, read from the register of watches and from what the chapters' sheets already show.

Six figures, two pictures, the screen's own problems, and the rows behind, the worst first. Nothing is judged here. What chapters are off
or not there yet hand in says so; a screen without a watch is not built.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from udfs.text import Text
from workbook_templates.chapters.cockpit.sheets import cockpit
from workbook_templates.chapters.cockpit.sheets.problems import SCREENS
from workbook_templates.page import charts, style
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.ranked import numbers, place_of
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import AMBER, NOTHING, RED, name_of
from workbook_templates.tables.schema import LINES

MESSAGE, TILES, CHARTS, PROBLEMS, DRILL, ROWS = 4, 6, 12, 23, 31, 10  # rows of a screen; how many rows behind
MOST_TILES = 6
_QUESTIONS = (
    Text("进度够不够，短在哪里，赚不赚钱，收没收到", "On plan? Where short? Profitable, paid?"),
    Text("谁撑着我们，谁要走，谁不付款", "Who carries us, who leaves, who doesn't pay?"),
    Text("这周谁需要帮助", "Who needs help this week?"),
    Text("年底落在哪里，够不够，卡在哪里", "Where do we land, is it enough, what blocks?"),
    Text("在哪里赢，为什么输", "Where do we win, why do we lose?"),
)
# The figures that come first on a screen; the others follow as their chapters hand them in.
_FIRST = (
    ("bookings.progress", "margin.progress", "profit.progress", "cash.rate", "cost.rate", "products.weakest"),
    ("customers.s_share", "customers.churn", "cash.overdue", "nps.score", "customers.health", "customers.joint"),
    ("team.headcount", "people.attainment", "people.behind", "team.coaching", "disputes.late", "team.load"),
    ("forecast.run_rate", "pipeline.landing", "pipeline.coverage", "pipeline.stalled", "forecast.accuracy", "milestones.late"),
    ("market.share", "rivals.win_rate", "flex.hours", "products.premium", "channels.633", "overseas.revenue"),
)


def build(plan: Plan) -> None:
    """The screens that have anything to show."""
    for number in range(1, len(SCREENS) + 1):
        keys = _keys(plan, number)
        if keys:
            _Screen(plan, number, keys).build()


def _keys(plan: Plan, number: int) -> list[str]:
    """The watches of a screen: those that come first, then as they were handed in."""
    found = [key for key, watch in plan.watches.items() if watch.screen == number]
    first = [key for key in _FIRST[number - 1] if key in found]
    return [*first, *(key for key in found if key not in first)]


@dataclass
class _Screen:
    plan: Plan
    number: int
    keys: Sequence[str]

    def build(self) -> None:
        plan, name = self.plan, SCREENS[self.number - 1]
        self.page = page = plan.page(
            f"screen{self.number}",
            Text(f"屏{self.number}{name.zh}", f"Screen{self.number} {name.en}"),
            _QUESTIONS[self.number - 1],
            todo=Text("红的先办；再看下面最差的几行", "Red first; then the worst rows below"),
        )
        plan.inked.add(page.sheet.title)
        page.width(**dict.fromkeys(cockpit.COLUMNS, 15.5 if plan.lang == "en" else 11.5), N=2.5)
        for place, key in enumerate(self.keys[:MOST_TILES]):
            cockpit.tile(plan, page, 2 * place, plan.watches[key].title, key, 0, TILES)
        self._message()
        self._problems()
        _DRAWN[self.number](self)
        page.sheet.print_area = f"B1:M{DRILL + ROWS + 1}"
        page.sheet.page_setup.fitToHeight = 1

    # ------------------------------------------------------------------------------------------------ message and problems

    def _count(self, color: Text) -> str:
        of = self.plan.name
        return f"COUNTIFS({of(name_of('screen'))},{self.number},{of(name_of('light'))},{self.plan.quoted(color)})"

    def _message(self) -> None:
        plan, page = self.plan, self.page
        red, amber = plan.quoted(Text("红 ", "Red ")), plan.quoted(Text(" 橙 ", ", amber "))
        first = f"D{PROBLEMS + 2}"
        then = f'IF({cockpit.HELP}{PROBLEMS + 2}="","",{plan.quoted(Text("。先办：", ". First: "))}&{first})'
        page.formula(f"B{MESSAGE}", f"={red}&{self._count(RED)}&{amber}&{self._count(AMBER)}&{then}", "text", boxed=False)
        cell = page.sheet[f"B{MESSAGE}"]
        page.sheet.merge_cells(f"B{MESSAGE}:M{MESSAGE}")
        cell.font, cell.alignment = style.font(style.INK, True, 13), style.align("left", wrap=True)
        page.sheet.row_dimensions[MESSAGE].height = 24

    def _problems(self) -> None:
        """The screen's own five, by the order of the register."""
        cockpit.problem_rows(
            self.plan,
            self.page,
            PROBLEMS,
            Text("本屏问题", "Problems of this screen"),
            self._place,
        )

    def _place(self, number: int) -> str:
        """Where the n-th of the screen stands in the register. (Compared and not looked up: the engine keeps what it knows of a column
        that is looked up in, and this one changes as the register comes about.)"""
        column, wanted = self.plan.name(name_of("on_screen")), 1000 * self.number + number
        found = f"SUMPRODUCT(({column}={wanted})*{numbers(len(self.plan.watches))})"
        return f'IF({found}=0,"",{found})'

    # ------------------------------------------------------------------------------------------------ pictures and rows behind

    def ranked(self, data: Page, values: str, names: str, count: int, most: int, fmt: str) -> tuple[int, int]:
        """Rows of a block, the smallest value first: B its name, C the value, D its place in the source. First and last row."""
        row = FIRST_ROW
        for place in range(1, most + 1):
            at = row + place
            self.figure(data, f"C{at}", f'IFERROR(SMALL({values},{place}),"")', fmt)
            found = place_of(values, f"C{at}", f"C${row + 1}:C{at}", count)
            self.figure(data, f"D{at}", f'IF(ISNUMBER(C{at}),{found},"")', "int")
            self.figure(data, f"B{at}", f"IF(ISNUMBER(C{at}),IFERROR(INDEX({names},D{at}),{NOTHING}),{NOTHING})", "text")
        return row + 1, row + most

    def figure(self, page: Page, cell: str, formula: str, fmt: str) -> None:
        page.formula(cell, f"={self.plan.figure(formula)}", fmt)

    def drill(self, title: Text, heads: Sequence[Text], rows: int, cell: Callable[[int, int], tuple[str, str]]) -> None:
        """The rows behind: ``cell`` gives formula and format by row (from 1) and column (from 0)."""
        page, plan = self.page, self.plan
        page.heading(f"B{DRILL}", title, f"M{DRILL}")
        step = 2 if len(heads) <= MOST_TILES else 1
        letters = [cockpit.COLUMNS[n * step] for n in range(len(heads))]
        page.header(
            f"B{DRILL + 1}",
            [*[heads[n // step] if n % step == 0 and n // step < len(heads) else "" for n in range(len(heads) * step)]],
        )
        for number in range(1, min(rows, ROWS) + 1):
            for column, letter in enumerate(letters):
                formula, fmt = cell(number, column)
                at = f"{letter}{DRILL + 1 + number}"
                page.formula(at, f'=IFERROR({plan.figure(formula)},"")', fmt, boxed=False)
                if column == 0:
                    page.sheet[at].alignment = style.align("left", indent=1)
            for letter in cockpit.COLUMNS[: len(heads) * step]:
                page.sheet[f"{letter}{DRILL + 1 + number}"].border = cockpit.LINE
        plan.define(f"drill_{self.number}", page, f"B{DRILL + 1}:{letters[-1]}{DRILL + 1 + min(rows, ROWS)}")

    def chart(self, key: str, left: bool) -> str:
        return f"{'B' if left else 'H'}{CHARTS}"

    @property
    def size(self) -> tuple[float, float]:
        return (13.6 if self.plan.lang == "zh" else 15.3, 6.0)


def _results(screen: _Screen) -> None:
    """Quarters against plan; regions by what they lack."""
    plan, n, row = screen.plan, screen.plan.name, FIRST_ROW
    data = plan.drawn("cd_quarters", Text("季度", "Quarters"))
    data.header(f"B{row}", [Text("季度", "Quarter"), Text("计划", "Plan"), Text("签单", "Bookings")])
    names = (Text("Q1 一季度", "Q1"), Text("Q2 二季度", "Q2"), Text("Q3 三季度", "Q3"), Text("Q4 四季度", "Q4"))
    for quarter, label in enumerate(names, 1):
        at = row + quarter
        data.label(f"B{at}", plan.t(label))
        screen.figure(data, f"C{at}", f"INDEX({n('quota_quarters')},{quarter})", "scaled")
        later = f"DATE({n('plan_year')},{3 * quarter - 2},1)>{n('as_of')}"
        screen.figure(data, f"D{at}", f'IF({later},"",INDEX({n("bookings_quarters")},{quarter}))', "scaled")
    signed = plan.say(n("bookings"))
    said = f"{plan.quoted(Text('签单 ', 'Bookings '))}&{signed}&{plan.quoted(Text('，全年计划 ', ', plan of the year '))}&{plan.say(n('quota_total'))}"
    charts.bars(
        screen.page, screen.chart("quarters", True), plan.message(screen.page, plan.figure(said), "Deals", "cd_quarters"),
        f"B{row + 1}:B{row + 4}", [(f"C{row}", f"C{row + 1}:C{row + 4}"), (f"D{row}", f"D{row + 1}:D{row + 4}")], "yi",
        Text("季度签单与计划（亿元）", "Bookings and plan by quarter (million yuan)"), screen.size, planned=0, data=data,
    )  # fmt: skip
    plan.put_away(data)
    count = plan.count("Regions")
    data = plan.drawn("cd_gaps", Text("区域差额", "Gaps"))
    data.header(f"B{row}", [Text("区域", "Region"), Text("差额", "Gap"), Text("名次", "Place")])
    most = min(ROWS, count)
    gaps = f"{n('region_gap')}#"
    first, last = screen.ranked(data, gaps, f"{n('region_names')}#", count, most, "scaled")
    behind = plan.quoted(Text("差得最多：", "Furthest behind: "))
    charts.bars(
        screen.page, screen.chart("gaps", False), plan.message(screen.page, plan.figure(f"{behind}&{n('cd_gaps_first')}"), "Deals", "cd_gaps"),
        f"B{first}:B{last}", [(f"C{row}", f"C{first}:C{last}")], "wan", Text("与计划的差额（万元）", "Gap to plan (thousand yuan)"), screen.size,
        across=True, from_zero=False, data=data,
    )  # fmt: skip
    plan.define("cd_gaps_first", data, f"B{first}")
    plan.define("cd_gaps_places", data, f"D{first}:D{last}")
    plan.put_away(data)

    def cell(number: int, column: int) -> tuple[str, str]:
        place = f"INDEX({n('cd_gaps_places')},{number})"
        name, fmt = (
            ("region_names", "text"),
            ("region_bookings", "scaled"),
            ("region_plan", "scaled"),
            ("region_gap", "scaled"),
            ("region_progress", "rate"),
        )[column]
        return f"INDEX({n(name)}#,{place})", fmt

    heads = (
        Text("区域", "Region"),
        Text("签单", "Bookings"),
        Text("进度计划", "Plan to date"),
        Text("差额", "Gap"),
        Text("进度", "Progress"),
    )
    screen.drill(Text("区域：差得最多的在前", "Regions: the furthest behind first"), heads, most, cell)


def _customers(screen: _Screen) -> None:
    """Health of S and A customers, the worst first. (The Pareto curve stands on the chapter's own view.)"""
    plan, n, row = screen.plan, screen.plan.name, FIRST_ROW
    count = plan.count("CustomerCare")
    most = min(ROWS, count)
    data = plan.drawn("cd_health", Text("健康度", "Health"))
    data.header(f"B{row}", [Text("客户", "Customer"), Text("健康度", "Health"), Text("名次", "Place")])
    first, last = screen.ranked(data, f"{n('care_health')}#", f"{n('care_names')}#", count, most, "rate")
    worst = f"{plan.quoted(Text('健康度最低：', 'Lowest health: '))}&{n('cd_health_first')}"
    charts.bars(
        screen.page, screen.chart("health", True), plan.message(screen.page, plan.figure(worst), "CustomerCare", "cd_health"),
        f"B{first}:B{last}", [(f"C{row}", f"C{first}:C{last}")], "0%", Text("S、A 级健康度最低的客户", "S and A customers of lowest health"),
        screen.size, across=True, data=data,
    )  # fmt: skip
    plan.define("cd_health_first", data, f"B{first}")
    plan.define("cd_health_places", data, f"D{first}:D{last}")
    plan.put_away(data)
    _tiers(screen)
    columns = (
        ("care_ids", "text"),
        ("care_names", "text"),
        ("care_tiers", "word"),
        ("care_health", "rate"),
        ("care_days", "int"),
        ("care_collections", "rate"),
    )

    def cell(number: int, column: int) -> tuple[str, str]:
        name, fmt = columns[column]
        return f"INDEX({n(name)}#,INDEX({n('cd_health_places')},{number}))", fmt

    heads = (
        Text("客户编号", "Customer ID"),
        Text("客户", "Customer"),
        Text("级别", "Tier"),
        Text("健康度", "Health"),
        Text("距上次购买天数", "Days since purchase"),
        Text("回款率", "Collections"),
    )
    screen.drill(Text("S、A 级客户：健康度最低的在前", "S and A customers: the lowest health first"), heads, most, cell)


def _tiers(screen: _Screen) -> None:
    """How many customers each tier has, against the plan's."""
    plan, row = screen.plan, FIRST_ROW
    data = plan.drawn("cd_tiers", Text("各级家数", "Tiers"))
    data.header(f"B{row}", [Text("级别", "Tier"), Text("计划", "Plan"), Text("实际", "Actual")])
    for place, tier in enumerate("SAB", 1):
        data.label(f"B{row + place}", tier)
        screen.figure(data, f"C{row + place}", f"INDEX({plan.policy('customers.caps')},{place})", "int")
        screen.figure(data, f"D{row + place}", plan.name(f"tier_count_{tier.lower()}"), "int")
    found = "+".join(plan.name(f"tier_count_{tier}") for tier in "sab")
    said = f"{plan.quoted(Text('S、A、B 级共 ', 'S, A and B together: '))}&({found})&{plan.quoted(Text(' 家', ''))}"
    charts.bars(
        screen.page, screen.chart("tiers", False), plan.message(screen.page, plan.figure(said), "Customers", "cd_tiers"),
        f"B{row + 1}:B{row + 3}", [(f"C{row}", f"C{row + 1}:C{row + 3}"), (f"D{row}", f"D{row + 1}:D{row + 3}")], "0",
        Text("各级家数与计划", "Customers by tier and plan"), screen.size, planned=0, data=data,
    )  # fmt: skip
    plan.put_away(data)


def _team(screen: _Screen) -> None:
    """Everybody's attainment, the lowest first, with the line below which help is due."""
    plan, n, row = screen.plan, screen.plan.name, FIRST_ROW
    count = plan.count("Quotas")
    data = plan.drawn("cd_sellers", Text("个人达成", "Attainment"))
    data.header(
        f"B{row}",
        [
            Text("人员", "Person"),
            Text("达成率", "Attainment"),
            Text("辅导线", "Coaching line"),
            Text("目标", "Goal"),
            Text("名次", "Place"),
            Text("序", "No."),
        ],
    )
    share = f"{n('person_attainment')}#"
    for place in range(1, count + 1):
        at = row + place
        screen.figure(data, f"C{at}", f'IFERROR(SMALL({share},{place}),"")', "rate")
        found = place_of(share, f"C{at}", f"C${row + 1}:C{at}", count)
        screen.figure(data, f"F{at}", f'IF(ISNUMBER(C{at}),{found},"")', "int")
        screen.figure(
            data, f"B{at}", f"IF(ISNUMBER(C{at}),IFERROR(INDEX({plan.table('Quotas').name},F{at}),{NOTHING}),{NOTHING})", "text"
        )
        screen.figure(data, f"D{at}", f'IF(ISNUMBER(C{at}),{plan.policy("coaching.limit")},"")', "rate")
        data.formula(f"E{at}", f'=IF(ISNUMBER(C{at}),1,"")', "rate")
        data.sheet[f"G{at}"] = place
    last = row + count
    behind = f'COUNTIF({share},"<"&{plan.policy("coaching.limit")})'
    said = f"{plan.quoted(Text('低于辅导线 ', 'Below the coaching line: '))}&{behind}&{plan.quoted(Text(' 人，共 ', ' of '))}&COUNT({share})&{plan.quoted(Text(' 人', ''))}"
    x = f"G{row + 1}:G{last}"
    charts.scatter(
        screen.page, screen.chart("sellers", True), plan.message(screen.page, plan.figure(said), "Quotas", "cd_sellers"),
        [
            charts.Dots(f"C{row}", x, f"C{row + 1}:C{last}", style.ACTUAL, named=0),
            charts.Dots(f"D{row}", x, f"D{row + 1}:D{last}", style.PROBLEM, "rule"),
            charts.Dots(f"E{row}", x, f"E{row + 1}:E{last}", style.PLANNED, "rule"),
        ],
        "int", "0%", Text("名次（由低到高）", "Rank, the lowest first"), Text("达成率", "Attainment"), screen.size, data=data,
    )  # fmt: skip
    plan.define("cd_sellers_places", data, f"F{row + 1}:F{last}")
    plan.put_away(data)
    _lines(screen)
    each = min(5, max(1, count // 2))
    quotas = plan.table("Quotas")

    def cell(number: int, column: int) -> tuple[str, str]:
        rank = str(number) if number <= each else f"COUNT({share})-{2 * each - number}"
        place = f"INDEX({n('cd_sellers_places')},{rank})"
        source, fmt = (
            (quotas.person, "text"),
            (quotas.name, "text"),
            (quotas.region, "text"),
            (f"{n('person_actual')}#", "scaled"),
            (f"{n('person_due')}#", "scaled"),
            (share, "rate"),
        )[column]
        return f"INDEX({source},{place})", fmt

    heads = (
        Text("工号", "ID"),
        Text("姓名", "Name"),
        Text("区域", "Region"),
        Text("累计业绩", "Actual to date"),
        Text("应达指标", "Quota to date"),
        Text("达成率", "Attainment"),
    )
    screen.drill(Text("最低五人与最高五人", "The five lowest and the five highest"), heads, min(2 * each, count), cell)


def _lines(screen: _Screen) -> None:
    """How many customers a head of each line looks after, against the limit."""
    plan, n, row = screen.plan, screen.plan.name, FIRST_ROW
    data = plan.drawn("cd_loads", Text("人均客户", "Load"))
    data.header(f"B{row}", [Text("条线", "Line"), Text("人均客户", "Customers a head"), Text("上限", "Limit")])
    last = row + len(LINES)
    for place in range(1, len(LINES) + 1):
        at = row + place
        screen.figure(data, f"B{at}", f"INDEX({n('load_lines')},{place})", "text")
        screen.figure(data, f"C{at}", f"INDEX({n('line_loads')},{place})", "score")
        screen.figure(data, f"D{at}", plan.policy("team.coverage_limit"), "score")
    said = f"{plan.quoted(Text('最高的条线人均客户 ', 'Customers a head, the highest line: '))}&FIXED(MAX({n('line_loads')}),1)"
    charts.bars(
        screen.page, screen.chart("loads", False), plan.message(screen.page, plan.figure(said), "People", "cd_loads"),
        f"B{row + 1}:B{last}", [(f"C{row}", f"C{row + 1}:C{last}")], "0.0", Text("人均客户", "Customers a head"), screen.size,
        threshold=(f"D{row}", f"D{row + 1}:D{last}"), data=data,
    )  # fmt: skip
    plan.put_away(data)


def _forecast(screen: _Screen) -> None:
    """From what is signed to where the year lands; months, what is still to come included."""
    plan, n, row = screen.plan, screen.plan.name, FIRST_ROW
    data = plan.drawn("cd_bridge", Text("落地", "Landing"))
    data.header(f"B{row}", [Text("项", "Step"), Text("金额", "Amount")])
    steps = (
        (Text("已签", "Signed"), n("bookings")),
        (Text("按进度落地", "Run rate"), f"IF({n('plan_share')}>0,{n('bookings')}/{n('plan_share')},{n('bookings')})"),
        (Text("保底目标", "Floor"), n("floor_target")),
        (Text("冲刺目标", "Stretch"), n("stretch_target")),
    )
    for place, (label, formula) in enumerate(steps, 1):
        data.label(f"B{row + place}", plan.t(label))
        screen.figure(data, f"C{row + place}", formula, "scaled")
    last = row + len(steps)
    gap = f"({n('floor_target')}-{n('bookings')})"
    said = f"{plan.quoted(Text('离保底还差 ', 'Still lacking for the floor: '))}&{plan.say(f'MAX(0,{gap})')}"
    charts.bars(
        screen.page, screen.chart("bridge", True), plan.message(screen.page, plan.figure(said), "Deals", "cd_bridge"),
        f"B{row + 1}:B{last}", [(f"C{row}", f"C{row + 1}:C{last}")], "yi", Text("签单与目标（亿元）", "Bookings and goals (million yuan)"), screen.size, data=data,
    )  # fmt: skip
    plan.put_away(data)
    data = plan.drawn("cd_todo", Text("月度", "Months"))
    data.header(f"B{row}", [Text("月份", "Month"), Text("计划", "Plan"), Text("签单", "Bookings")])
    for month in range(1, 13):
        at = row + month
        data.label(f"B{at}", plan.t(Text(f"{month}月", f"M{month}")))
        screen.figure(data, f"C{at}", f"INDEX({n('quota_months')},{month})", "scaled")
        later = f"DATE({n('plan_year')},{month},1)>{n('as_of')}"
        screen.figure(data, f"D{at}", f'IF({later},"",INDEX({n("bookings_months")},{month}))', "scaled")
    left = f"SUMPRODUCT((DATE({n('plan_year')},{n('quota_month_numbers')},1)>{n('as_of')})*{n('quota_months')})"
    told = f"{plan.quoted(Text('余下各月计划 ', 'Plan of the months to come: '))}&{plan.say(left)}"
    charts.bars(
        screen.page, screen.chart("todo", False), plan.message(screen.page, plan.figure(told), "Deals", "cd_todo"),
        f"B{row + 1}:B{row + 12}", [(f"C{row}", f"C{row + 1}:C{row + 12}"), (f"D{row}", f"D{row + 1}:D{row + 12}")], "yi",
        Text("月度签单与计划（亿元）", "Bookings and plan by month (million yuan)"), screen.size, planned=0, labels=False, data=data,
    )  # fmt: skip
    plan.put_away(data)

    def cell(number: int, column: int) -> tuple[str, str]:
        quota, found = f"INDEX({n('quota_months')},{number})", f"INDEX({n('bookings_months')},{number})"
        later = f"DATE({n('plan_year')},{number},1)>{n('as_of')}"
        name = plan.quoted(Text(f"{number}月", f"M{number}"))
        return (
            (name, "text"),
            (quota, "scaled"),
            (f'IF({later},"",{found})', "scaled"),
            (f'IF({later},"",{found}-{quota})', "scaled"),
        )[column]

    heads = (Text("月份", "Month"), Text("计划", "Plan"), Text("签单", "Bookings"), Text("差额", "Gap"))
    screen.drill(Text("各月签单与计划", "Bookings and plan by month"), heads, 12, cell)


def _competition(screen: _Screen) -> None:
    """Our share of what each region could buy; what the competitors offer."""
    plan, n, row = screen.plan, screen.plan.name, FIRST_ROW
    regions, customers, rivals = plan.table("Regions"), plan.table("Customers"), plan.table("Competitors")
    count = plan.count("Regions")
    most = min(ROWS, count)
    data = plan.drawn("cd_map", Text("区域份额", "Share"))
    data.header(f"B{row}", [Text("区域", "Region"), Text("份额", "Share"), Text("目标", "Goal")])
    for place in range(1, most + 1):
        at = row + place
        name = f"INDEX({regions.region},{place})"
        sam = "*".join(f"N(INDEX({column},{place}))" for column in (regions.buyers, regions.spend, regions.serviceable))
        screen.figure(data, f"B{at}", f'IFERROR({name}&"",{NOTHING})', "text")
        screen.figure(data, f"C{at}", f'IF(({sam})>0,SUMIFS({customers.sales_12m},{customers.region},{name})/({sam}),"")', "rate")
        screen.figure(data, f"D{at}", f'IF(AND(ISNUMBER(C{at}),{n("sam_total")}>0),{n("som_total")}/{n("sam_total")},"")', "rate")
    last = row + most
    said = f'{plan.quoted(Text("近12个月份额，目标 ", "Share of 12 months, goal "))}&TEXT(IF({n("sam_total")}>0,{n("som_total")}/{n("sam_total")},0),"0.0%")'
    charts.bars(
        screen.page, screen.chart("map", True), plan.message(screen.page, plan.figure(said), "Regions", "cd_map"),
        f"B{row + 1}:B{last}", [(f"C{row}", f"C{row + 1}:C{last}")], "0.0%", Text("份额（占 SAM）", "Share of SAM"), screen.size,
        threshold=(f"D{row}", f"D{row + 1}:D{last}"), data=data,
    )  # fmt: skip
    plan.put_away(data)
    many = min(ROWS, plan.count("Competitors"))
    data = plan.drawn("cd_rivals", Text("对手", "Competitors"))
    data.header(f"B{row}", [Text("对手", "Competitor"), Text("份额", "Share")])
    first, last = screen.ranked(data, rivals.share, rivals.name, plan.count("Competitors"), many, "rate")
    data.sheet[f"D{row}"] = None
    told = f"{plan.quoted(Text('跟踪的对手 ', 'Competitors followed: '))}&COUNTA({rivals.name})"
    charts.bars(
        screen.page, screen.chart("rivals", False), plan.message(screen.page, plan.figure(told), "Competitors", "cd_rivals"),
        f"B{first}:B{last}", [(f"C{row}", f"C{first}:C{last}")], "0.0%", Text("对手份额", "Competitors' share"), screen.size, across=True, data=data,
    )  # fmt: skip
    plan.put_away(data)
    columns = (
        (rivals.name, "text"),
        (rivals.share, "rate"),
        (rivals.completeness, "general"),
        (rivals.delivery_days, "int"),
        (rivals.reputation, "general"),
        (rivals.price_index, "general"),
    )

    def cell(number: int, column: int) -> tuple[str, str]:
        source, fmt = columns[column]
        found = f"INDEX({source},{number})"
        return f'IF({found}="","",{found})', fmt

    heads = (
        Text("对手", "Competitor"),
        Text("份额", "Share"),
        Text("方案完整度", "Completeness"),
        Text("交货天数", "Delivery days"),
        Text("口碑", "Reputation"),
        Text("价格指数", "Price index"),
    )
    screen.drill(Text("对手一览", "Competitors"), heads, many, cell)


_DRAWN: dict[int, Callable[[_Screen], None]] = {1: _results, 2: _customers, 3: _team, 4: _forecast, 5: _competition}

SHEET = PlanSheet(5.1, build, last=2)
