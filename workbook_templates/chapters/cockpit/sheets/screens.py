"""屏1 业绩 … 屏5 竞争: a page a question, read from the register of watches and from what the chapters' sheets already show.

Six figures, two pictures, the screen's own problems, and the rows behind, the worst first. Nothing is judged here. What chapters are off
or not there yet hand in says so; a screen without a watch is not built.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from openpyxl.utils import quote_sheetname

from udfs.text import Text
from workbook_templates.chapters.cockpit.sheets import cockpit
from workbook_templates.chapters.cockpit.sheets.problems import SCREENS, lines_of, said
from workbook_templates.page import charts, dated, joining, style
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.ranked import Ranking, numbers, order_of, place_of, ranked
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import AMBER, GREEN, NOTHING, RED, SCREEN_STEP, name_of
from workbook_templates.tables import switches
from workbook_templates.tables.schema import LINES, PRODUCT_LINES

MESSAGE, TILES, FURTHER, CHARTS, PROBLEMS, DRILL, ROWS = 4, 6, 12, 14, 25, 33, 12  # rows of a screen; how many rows behind
MOST_TILES = 6
_DOTS = 100  # people and customers that a picture has dots for, where the plan is laid out before they come in
_ENDS = 5  # of each end of a ranking that are listed
EMPTY = '""'
_REGION, _LINE, _BOOKED, _DUE, _GAP = (
    Text("区域", "Region"), Text("产品线", "Product line"), Text("签单", "Bookings"), Text("进度计划", "Plan to date"), Text("差额", "Gap"),
)  # fmt: skip
_ALL = Text("全部", "All")
_COLUMN = {"zh": 11.5, "en": 15.5}  # the width of a screen's columns
_WIDE = (1, 2, 1, 2, 1, 2, 1, 2)  # columns of each head where there are eight
_QUESTIONS = (
    Text("进度够不够，短在哪里，赚不赚钱，收没收到", "On plan? Where short? Profitable, paid?"),
    Text("谁撑着我们，谁要走，谁不付款", "Who carries us, who leaves, who doesn't pay?"),
    Text("这周谁需要帮助", "Who needs help this week?"),
    Text("年底落在哪里，够不够，卡在哪里", "Where do we land, is it enough, what blocks?"),
    Text("在哪里赢，为什么输", "Where do we win, why do we lose?"),
)
# The figures that come first on a screen; the others follow as their chapters hand them in.
_FIRST = (
    ("bookings.progress", "margin.progress", "profit.progress", "cash.rate", "cost.rate", "products.weakest",
     "region.weakest", "products.eco_margin", "prices.bare", "roi.market", "tasks.overdue", "prices.waiting"),
    ("customers.s_share", "customers.churn", "cash.overdue", "nps.wave", "customers.health", "delivery.on_time",
     "customers.joint", "customers.onsite", "customers.tiers", "handshakes.made", "credit.bad_debts", "service.mttr"),
    ("team.headcount", "people.attainment", "people.behind", "team.coaching", "disputes.late", "team.load",
     "cycle.unlocked", "team.talent", "growth.contract", "pay.left_out", "team.person_load", "team.successors"),
    ("forecast.run_rate", "pipeline.landing", "pipeline.coverage", "pipeline.stalled", "forecast.accuracy", "milestones.late",
     "leads.mql", "leads.conversion", "leads.cpl", "pools.cpl", "signals.bad", "policies.late"),
    ("market.share", "pipeline.win_rate", "flex.hours", "products.premium", "channels.633", "factors.untracked",
     "overseas.revenue", "overseas.count", "channels.stock", "channels.exclusive", "channels.cross", "cases.unreviewed"),
)  # fmt: skip


def build(plan: Plan) -> None:
    """The screens that have anything to show."""
    for number in range(1, len(SCREENS) + 1):
        keys = _keys(plan, number)
        if keys:
            _Screen(plan, number, keys).build()
            _goes_with(plan, number, keys)


def _goes_with(plan: Plan, number: int, keys: Sequence[str]) -> None:
    """A screen is shown as long as a chapter is in use whose figures it has."""
    homes = {plan.pages[plan.watches[key].page].chapter for key in keys}
    served = [home.number if home is not None and home.switched else 0 for home in homes]
    if all(served):  # what belongs to no chapter is always there to be shown
        page = plan.pages[f"screen{number}"]
        plan.define(switches.shared_name(served, page.key), page, "A1")


def _keys(plan: Plan, number: int) -> list[str]:
    """The watches of a screen: those that come first, then as they were handed in."""
    return ordered(number, [key for key, watch in plan.watches.items() if watch.screen == number])


def ordered(number: int, keys: Sequence[str]) -> list[str]:
    """A screen's figures in the order in which it shows them."""
    first = [key for key in _FIRST[number - 1] if key in keys]
    return [*first, *(key for key in keys if key not in first)]


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
        page.width(**cockpit.widths(plan.lang))
        for place, key in enumerate(self.keys[:MOST_TILES]):
            cockpit.tile(plan, page, 2 * place, plan.watches[key].title, key, 0, TILES)
        self._further()
        self._message()
        self._problems()
        _DRAWN[self.number](self)
        page.sheet.print_area = f"B1:M{DRILL + ROWS + 1}"
        page.whole = True

    # ------------------------------------------------------------------------------------------------ message and problems

    def _count(self, color: Text) -> str:
        of = self.plan.name
        return f"COUNTIFS({of(name_of('screen'))},{self.number},{of(name_of('light'))},{self.plan.quoted(color)})"

    def _message(self) -> None:
        plan, page = self.plan, self.page
        red, amber = plan.quoted(Text("红 ", "Red ")), plan.quoted(Text(" 橙 ", ", amber "))
        first = f"D{PROBLEMS + 2}"
        then = f'IF({cockpit.HELP}{PROBLEMS + 2}="","",{plan.quoted(Text("。先办：", ". First: "))}&{first})'
        page.formula(
            f"B{MESSAGE}",
            f"={red}&{self._count(RED)}&{amber}&{self._count(AMBER)}&{then}",
            "text",
            f"screen{self.number}_message",
            boxed=False,
        )
        cell = page.sheet[f"B{MESSAGE}"]
        page.sheet.merge_cells(f"B{MESSAGE}:M{MESSAGE}")
        cell.font, cell.alignment = style.font(style.INK, True, 13), style.align("left", wrap=True)
        page.sheet.row_dimensions[MESSAGE].height = 24

    def _further(self) -> None:
        """Six more figures in a line below the tiles: what, how much, and the light's shape."""
        plan, page = self.plan, self.page
        listed = f"{plan.name(name_of('key'))},0"
        for place, key in enumerate(self.keys[MOST_TILES : 2 * MOST_TILES]):
            watch, left = plan.watches[key], cockpit.COLUMNS[2 * place]
            found, light = (f'INDEX({plan.name(name_of(column))},MATCH("{key}",{listed}))' for column in ("actual", "light"))
            shapes = "".join(
                f'IF({light}={plan.quoted(word)},"{shape}",' for word, shape in ((RED, "■"), (AMBER, "▲"), (GREEN, "●"))
            )
            shown = f'IF(ISNUMBER({found}),{said(plan, watch.fmt, found)},{NOTHING})&" "&{shapes}{light}{")))"}'
            at = f"{left}{FURTHER}"
            page.formula(at, f'={plan.quoted(watch.title)}&" "&{shown}', "text", boxed=False)
            page.sheet.merge_cells(f"{at}:{cockpit.COLUMNS[2 * place + 1]}{FURTHER}")
            page.sheet[at].font, page.sheet[at].alignment = style.font(style.INK, size=9), style.align("left", wrap=True)
            for sign, color in (("■", style.RED), ("▲", style.AMBER)):  # green is quiet
                page.condition(at, f'ISNUMBER(SEARCH("{sign}",{at}))', color, shaped=False)
        page.sheet.row_dimensions[FURTHER - 1].height, page.sheet.row_dimensions[FURTHER].height = 6, 27

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
        column, wanted = self.plan.name(name_of("on_screen")), SCREEN_STEP * self.number + number
        found = f"SUMPRODUCT(({column}={wanted})*{numbers(len(self.plan.watches))})"
        return f'IF({found}=0,"",{found})'

    # ------------------------------------------------------------------------------------------------ pictures and rows behind

    def ranked(self, data: Page, values: str, names: str, order: str, fmt: str) -> tuple[int, int]:
        """Rows of a block, the smallest value first: B its name, C the value, D its place in the source. First and last row."""
        row = FIRST_ROW
        for place in range(1, ROWS + 1):
            at = row + place
            self.figure(data, f"C{at}", f'IFERROR(SMALL({values},{place}),"")', fmt)
            found = place_of(values, f"C{at}", f"C${row + 1}:C{at}", order)
            self.figure(data, f"D{at}", f'IF(ISNUMBER(C{at}),{found},"")', "int")
            self.figure(data, f"B{at}", f"IF(ISNUMBER(C{at}),IFERROR(INDEX({names},D{at}),{NOTHING}),{NOTHING})", "text")
        self.plan.has_room(data, f"B{row + 1}:D{row + ROWS}")
        return row + 1, row + ROWS

    def figure(self, page: Page, cell: str, formula: str, fmt: str) -> None:
        page.formula(cell, f"={self.plan.figure(formula)}", fmt)

    def drill(
        self,
        title: Text,
        heads: Sequence[Text],
        cell: Callable[[int, int], tuple[str, str]],
        ids: str = "",
        wide: Sequence[int] = (),
        rows: int = ROWS,
    ) -> None:
        """The rows behind: ``cell`` gives formula and format by row (from 1) and column (from 0).

        ``ids``: the column (``Table.key``) of the IDs in the first column, which lead to their rows. ``wide``: how many columns a head takes.
        """
        page, plan = self.page, self.plan
        page.heading(f"B{DRILL}", title, f"M{DRILL}")
        spans = [*(wide or [2 if len(heads) <= MOST_TILES else 1] * len(heads))]
        starts = [sum(spans[:n]) for n in range(len(heads))]
        letters = [cockpit.COLUMNS[start] for start in starts]
        shown: list[Text | str] = [""] * sum(spans)
        for start, head in zip(starts, heads, strict=True):
            shown[start] = head
        page.header(f"B{DRILL + 1}", shown)
        for number in range(1, rows + 1):
            for column, (letter, span) in enumerate(zip(letters, spans, strict=True)):
                formula, fmt = cell(number, column)
                at, told = f"{letter}{DRILL + 1 + number}", plan.figure(formula)
                linked = column == 0 and (bool(ids) or fmt == "link")
                formula_in = self._linked(ids, told) if linked and ids else f"IFERROR({told},{EMPTY})"
                page.formula(at, f"={formula_in}", "text" if fmt == "link" else fmt, boxed=False)
                if fmt in ("text", "word", "link"):
                    page.sheet[at].alignment = style.align("left", indent=1, shrink=True)
                    if span > 1:
                        page.sheet.merge_cells(f"{at}:{cockpit.COLUMNS[starts[column] + span - 1]}{DRILL + 1 + number}")
                if linked:
                    page.sheet[at].font = style.font(style.ACCENT, underline="single")
        first, last = DRILL + 2, DRILL + 1 + rows
        page.ruled(f"B{first}:{cockpit.COLUMNS[sum(spans) - 1]}{last}", f'$B{first}<>""')
        plan.define(f"drill_{self.number}", page, f"B{DRILL + 1}:{letters[-1]}{last}")

    def _linked(self, ids: str, found: str) -> str:
        """An ID that leads to its row."""
        plan = self.plan
        sheet = quote_sheetname(plan.tables[ids.partition(".")[0]])
        where = f"{plan.quoted(f'#{sheet}!A')}&MATCH({found},{lines_of(plan, ids)},0)"
        return f"IFERROR(HYPERLINK({where},{found}),{EMPTY})"

    def fetched(self, source: str, fmt: str, place: str) -> tuple[str, str]:
        """A cell of the rows behind: what stands at a place of a column; a ``person`` by name."""
        found = f"INDEX({source},{place})"
        if fmt == "person":
            people = self.plan.table("People")
            return f"IFERROR(INDEX({people.name},MATCH({found},{people.id},0)),{found})", "text"
        if fmt == "date":  # a text, so that a page that knows no formats says the day, too
            return f'IF(ISNUMBER({found}),TEXT({found},"yyyy-mm-dd"),"")', "text"
        return (f'{found}&""' if fmt in ("text", "word") else f'IF({found}="","",{found})'), "text" if fmt == "word" else fmt

    def opportunities(self, title: Text, places: str, columns: Sequence[tuple[Text, str, str]]) -> None:
        """Those at some places: which, what is said of them (header, column, format), and whose."""
        rows, n = self.plan.table("Opportunities"), self.plan.name
        whole = (
            (Text("商机编号", "Opportunity"), rows.id, "text"),
            (Text("商机名称", "Name"), rows.name, "text"),
            *columns,
            (Text("负责人", "Owner"), rows.owner, "person"),
        )

        def cell(number: int, column: int) -> tuple[str, str]:
            _, source, fmt = whole[column]
            return self.fetched(source, fmt, f"INDEX({n(places)},{number})")

        self.drill(title, [head for head, *_ in whole], cell, "Opportunities.id", _WIDE)

    def chart(self, key: str, left: bool) -> str:
        return f"{'B' if left else 'H'}{CHARTS}"

    @property
    def size(self) -> tuple[float, float]:
        return self._across(6), 6.0

    @property
    def third(self) -> tuple[float, float]:
        """Where three stand beside each other."""
        return self._across(4), 6.0

    def _across(self, columns: int) -> float:
        """How wide some columns of a screen are, in centimetres."""
        return columns * joining.CM_A_DIGIT * _COLUMN[self.plan.lang]


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
        f"B{row + 1}:B{row + 4}", [(f"C{row}", f"C{row + 1}:C{row + 4}"), (f"D{row}", f"D{row + 1}:D{row + 4}")], "axis",
        plan.per_axis(Text("季度签单与计划", "Bookings and plan by quarter")), screen.size, planned=0, data=data,
    )  # fmt: skip
    plan.put_away(data)
    data = plan.drawn("cd_gaps", Text("区域差额", "Gaps"))
    data.header(f"B{row}", [Text("区域", "Region"), Text("差额", "Gap"), Text("名次", "Place")])
    gaps, regions = f"{n('region_gap')}#", f"{n('region_names')}#"
    first, last = screen.ranked(data, gaps, regions, order_of(regions), "scaled")
    behind = plan.quoted(Text("差得最多：", "Furthest behind: "))
    charts.bars(
        screen.page, screen.chart("gaps", False), plan.message(screen.page, plan.figure(f"{behind}&{n('cd_gaps_first')}"), "Deals", "cd_gaps"),
        f"B{first}:B{last}", [(f"C{row}", f"C{first}:C{last}")], "wan", Text("与计划的差额（万元）", "Gap to plan (thousand yuan)"), screen.size,
        across=True, from_zero=False, data=data,
    )  # fmt: skip
    plan.define("cd_gaps_first", data, f"B{first}")
    plan.define("cd_gaps_places", data, f"D{first}:D{last}")
    plan.put_away(data)
    _worst_cells(screen)


def _worst_cells(screen: _Screen) -> None:
    """Regions by product lines, the furthest behind their share of the plan first; each leads to its first deal. Who plans no mix of
    products sees regions."""
    plan, n, row = screen.plan, screen.plan.name, FIRST_ROW
    regions, deals = plan.table("Regions"), plan.table("Deals")
    count, mix = max(plan.count("Regions"), ROWS) * len(PRODUCT_LINES), plan.policy("products.mix")
    data = plan.drawn("cd_cells", Text("区域与产品线", "Regions by product lines"))
    data.header(f"B{row}", [_REGION, _LINE, _BOOKED, _DUE, _GAP, Text("首单", "First deal")])
    for place in range(count):
        at, (region, line) = row + 1 + place, (number + 1 for number in divmod(place, len(PRODUCT_LINES)))
        screen.figure(data, f"B{at}", f'IFERROR(INDEX({regions.region},{region})&"",{NOTHING})', "text")
        named = f'IFERROR(INDEX({n("product_lines")},{line})&"",{NOTHING})'
        all_, nobody = plan.quoted(_ALL) if line == 1 else EMPTY, f'OR(B{at}="",B{at}={NOTHING})'
        screen.figure(data, f"C{at}", f"IF({nobody},{EMPTY},IF(SUM({mix})=0,{all_},{named}))", "text")
        where, whole = f"{dated.to_date(plan)},{deals.region},B{at}", f"C{at}={plan.quoted(_ALL)}"
        booked = f"IF({whole},SUMIFS({deals.revenue},{where}),SUMIFS({deals.revenue},{where},{deals.line},C{at}))"
        screen.figure(data, f"D{at}", f'IF(C{at}="","",{booked})', "scaled")
        share = f"INDEX({n('region_plan')}#,{region})*IF({whole},1,INDEX({mix},{line})/SUM({mix}))"
        screen.figure(data, f"E{at}", f'IFERROR(IF(C{at}="","",{share}),"")', "scaled")
        screen.figure(data, f"F{at}", f'IF(ISNUMBER(E{at}),D{at}-E{at},"")', "scaled")
        mine = f"({deals.region}=B{at})*IF({whole},1,{deals.line}=C{at})"
        screen.figure(data, f"G{at}", f"IFERROR(MATCH(1,{mine},0),0)", "int")
    last = row + count
    for letter, name in zip("BCDEFG", ("region", "line", "booked", "due", "gap", "deal"), strict=True):
        plan.define(f"cd_cells_{name}", data, f"{letter}{row + 1}:{letter}{last}")
    plan.put_away(data)
    worst = plan.drawn("cd_worst", Text("差得最多的", "The furthest behind"))
    worst.header(f"B{row}", [_REGION, _GAP, Text("名次", "Place")])
    first, end = screen.ranked(worst, n("cd_cells_gap"), n("cd_cells_region"), numbers(count), "scaled")
    plan.define("cd_worst_places", worst, f"D{first}:D{end}")
    plan.put_away(worst)
    home, lines = plan.quoted(f"#{quote_sheetname(plan.tables['Deals'])}!A"), lines_of(plan, "Deals.id")

    def cell(number: int, column: int) -> tuple[str, str]:
        place = f"INDEX({n('cd_worst_places')},{number})"
        of = {name: f"INDEX({n(f'cd_cells_{name}')},{place})" for name in ("region", "line", "booked", "due", "gap", "deal")}
        if column == 0:
            deal = f"MATCH(INDEX({deals.id},{of['deal']}),{lines},0)"
            return f"IF({of['deal']}>0,HYPERLINK({home}&{deal},{of['region']}),{of['region']})", "link"
        rate = f'IF({of["due"]}>0,{of["booked"]}/{of["due"]},"")'
        told = ((of["line"], "text"), (of["booked"], "scaled"), (of["due"], "scaled"), (of["gap"], "scaled"), (rate, "rate"))
        return told[column - 1]

    heads = (_REGION, _LINE, _BOOKED, _DUE, _GAP, Text("进度", "Progress"))
    screen.drill(Text("区域 × 产品线：差得最多的在前", "Regions by product lines: the furthest behind first"), heads, cell)


def _customers(screen: _Screen) -> None:
    """Who carries us; health of S and A customers by what they buy, those on alert in red; the worst of them."""
    plan, n, row = screen.plan, screen.plan.name, FIRST_ROW
    plan.again(screen.page, "cd_pareto", screen.chart("pareto", True), screen.size)
    _health(screen)
    data = plan.drawn("cd_care", Text("健康度名次", "Health ranked"))
    data.header(f"B{row}", [Text("客户", "Customer"), Text("健康度", "Health"), Text("名次", "Place")])
    first, last = screen.ranked(
        data, f"{n('care_health')}#", f"{n('care_names')}#", order_of(plan.table("CustomerCare").customer), "rate"
    )
    plan.define("cd_care_first", data, f"B{first}")
    plan.define("cd_care_places", data, f"D{first}:D{last}")
    plan.put_away(data)
    # A link is computed by every program that opens the file: its ID comes from the Table, as not all know a spill by its first cell.
    columns = (
        (plan.table("CustomerCare").customer, "id"),
        ("care_names", "text"),
        ("care_tiers", "word"),
        ("care_health", "rate"),
        ("care_days", "int"),
        ("care_collections", "rate"),
    )

    def cell(number: int, column: int) -> tuple[str, str]:
        name, fmt = columns[column]
        place = f"INDEX({n('cd_care_places')},{number})"
        return (f'INDEX({name},{place})&""', "text") if fmt == "id" else (f"INDEX({n(name)}#,{place})", fmt)

    heads = (
        Text("客户编号", "Customer ID"),
        Text("客户", "Customer"),
        Text("级别", "Tier"),
        Text("健康度", "Health"),
        Text("距上次购买天数", "Days since purchase"),
        Text("回款率", "Collections"),
    )
    screen.drill(
        Text("S、A 级客户：健康度最低的在前", "S and A customers: the lowest health first"),
        heads,
        cell,
        "CustomerCare.customer",
    )


def _health(screen: _Screen) -> None:
    """Each S and A customer by sales and health; who is on alert a second time, in red."""
    plan, n, row = screen.plan, screen.plan.name, FIRST_ROW
    customers, limit, count = plan.table("Customers"), plan.policy("health.fair"), max(plan.count("CustomerCare"), _DOTS)
    data = plan.drawn("cd_health", Text("健康度", "Health"))
    data.header(
        f"B{row}",
        [
            Text("客户", "Customer"),
            Text("近12个月销售", "Sales, 12 months"),
            Text("健康度", "Health"),
            Text("预警", "On alert"),
            Text("预警线", "Alert line"),
        ],
    )
    last = row + count
    for place in range(1, count + 1):
        at = row + place
        id_, health = f"INDEX({n('care_ids')}#,{place})", f"INDEX({n('care_health')}#,{place})"
        screen.figure(data, f"B{at}", f'IFERROR(INDEX({n("care_names")}#,{place})&"",{NOTHING})', "text")
        screen.figure(data, f"C{at}", f"IFERROR(SUMIFS({customers.sales_12m},{customers.id},{id_}),0)", "scaled")
        # Below nothing is outside the picture: a text would be drawn as a dot at 0.
        screen.figure(data, f"D{at}", f"IFERROR(IF(ISNUMBER({health}),{health},-1),-1)", "rate")
        screen.figure(data, f"E{at}", f"IF(AND(N(D{at})>=0,N(D{at})<{limit}),D{at},-1)", "rate")
        screen.figure(data, f"F{at}", limit, "rate")
    plan.has_room(data, f"B{row + 1}:F{last}")
    shown = f"D{row + 1}:D{last}"
    told = f'COUNTIFS({n("cd_health_shown")},">=0",{n("cd_health_shown")},"<"&{limit})'
    of, families, worst = Text("健康预警 ", "On alert: "), Text(" 家", ""), Text("，最低：", ", lowest: ")
    said = f"{plan.quoted(of)}&{told}&{plan.quoted(families)}&{plan.quoted(worst)}&{n('cd_care_first')}"
    x = f"C{row + 1}:C{last}"
    charts.scatter(
        screen.page, screen.chart("health", False), plan.message(screen.page, plan.figure(said), "CustomerCare", "cd_health"),
        [
            charts.Dots(f"D{row}", x, shown, style.ACTUAL, named=0),
            charts.Dots(f"E{row}", x, f"E{row + 1}:E{last}", style.PROBLEM),
            charts.Dots(f"F{row}", x, f"F{row + 1}:F{last}", style.PROBLEM, "rule"),
        ],
        "yi" if plan.lang == "en" else "wan", "0%", Text("近12个月销售", "Sales in 12 months"), Text("健康度", "Health"), screen.size, data=data, y_max=1.0,
    )  # fmt: skip
    plan.define("cd_health_shown", data, shown)
    plan.put_away(data)


def _team(screen: _Screen) -> None:
    """Everybody's attainment, the lowest first, with the median and the line below which help is due."""
    plan, n, row = screen.plan, screen.plan.name, FIRST_ROW
    count = max(plan.count("Quotas"), _DOTS)
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
            Text("中位", "Median"),
            Text("在岗达成", "Of those here"),
        ],
    )
    quotas, last = plan.table("Quotas"), row + count
    # Who has a quota by now and is still here: nobody can help the others.
    for place in range(1, count + 1):
        due, reached = (f"INDEX({n(name)}#,{place})" for name in ("person_due", "person_attainment"))
        asked = f'IF(({due}>0)*({plan.gone(f"INDEX({quotas.person},{place})")}=0)>0,{reached},"")'
        screen.figure(data, f"I{row + place}", f'IFERROR({asked},"")', "rate")
    share = f"I${row + 1}:I${last}"
    for place in range(1, count + 1):
        at = row + place
        screen.figure(data, f"C{at}", f'IFERROR(SMALL({share},{place}),"")', "rate")
        found = place_of(share, f"C{at}", f"C${row + 1}:C{at}", numbers(count))
        screen.figure(data, f"F{at}", f'IF(ISNUMBER(C{at}),{found},"")', "int")
        screen.figure(data, f"B{at}", f"IF(ISNUMBER(C{at}),IFERROR(INDEX({quotas.name},F{at}),{NOTHING}),{NOTHING})", "text")
        screen.figure(data, f"D{at}", f'IF(ISNUMBER(C{at}),{plan.policy("coaching.limit")},"")', "rate")
        data.formula(f"E{at}", f'=IF(ISNUMBER(C{at}),1,"")', "rate")
        data.sheet[f"G{at}"] = place
        screen.figure(data, f"H{at}", f'IF(ISNUMBER(C{at}),MEDIAN({share}),"")', "rate")
    plan.define("sellers_share", data, share.replace("$", ""))
    plan.has_room(data, f"B{row + 1}:H{last}")
    share = n("sellers_share")
    behind = f'COUNTIF({share},"<"&{plan.policy("coaching.limit")})'
    said = f"{plan.quoted(Text('低于辅导线 ', 'Below the coaching line: '))}&{behind}&{plan.quoted(Text(' 人，共 ', ' of '))}&COUNT({share})&{plan.quoted(Text(' 人', ''))}"
    cut = plan.quoted(Text(f"；只看前 {count} 人，请升级计划", f"; the first {count} only: upgrade the plan"))
    said += f'&IF(ROWS({quotas.person})>{count},{cut},"")'
    x = f"G{row + 1}:G{last}"
    charts.scatter(
        screen.page, screen.chart("sellers", True), plan.message(screen.page, plan.figure(said), "Quotas", "cd_sellers"),
        [
            charts.Dots(f"C{row}", x, f"C{row + 1}:C{last}", style.ACTUAL, named=0),
            charts.Dots(f"D{row}", x, f"D{row + 1}:D{last}", style.PROBLEM, "rule"),
            charts.Dots(f"E{row}", x, f"E{row + 1}:E{last}", style.PLANNED, "rule"),
            charts.Dots(f"H{row}", x, f"H{row + 1}:H{last}", style.ACTUAL, "rule", named=0),  # its name on the left: it may be near another line
        ],
        "int", "0%", Text("名次（由低到高）", "Rank, the lowest first"), Text("达成率", "Attainment"), screen.size, data=data,
    )  # fmt: skip
    plan.define("cd_sellers_places", data, f"F{row + 1}:F{last}")
    plan.put_away(data)
    _lines(screen)
    each = f"MAX(1,MIN({_ENDS},INT(COUNT({share})/2)))"

    def cell(number: int, column: int) -> tuple[str, str]:
        high = f'IF({number}<=MIN(2*{each},COUNT({share})),COUNT({share})-2*{each}+{number},"")'
        rank = f"IF({number}<={each},{number},{high})"
        place = f"INDEX({n('cd_sellers_places')},{rank})"
        source, fmt = (
            (quotas.person, "text"),
            (quotas.name, "text"),
            (quotas.region, "text"),
            (f"{n('person_actual')}#", "scaled"),
            (f"{n('person_due')}#", "scaled"),
            (f"{n('person_attainment')}#", "rate"),
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
    screen.drill(Text("最低五人与最高五人", "The five lowest and the five highest"), heads, cell, rows=2 * _ENDS)


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
    """From what is signed, over what the pipeline brings, to the floor: what is lacking; where opportunities stand still; the largest."""
    _bridge(screen)
    plan = screen.plan
    plan.again(screen.page, "cd_funnel", screen.chart("funnel", False), screen.size)
    rows = plan.table("Opportunities")
    screen.opportunities(
        Text("最大的在办商机", "The largest open opportunities"),
        "cd_largest_places",
        (
            (Text("阶段", "Stage"), rows.stage, "word"),
            (Text("金额", "Amount"), rows.amount, "scaled"),
            (Text("赢单概率", "Probability"), rows.probability, "rate"),
            (Text("预计关单", "Expected on"), rows.expected_on, "date"),
            (Text("状态", "State"), rows.state, "word"),
        ),
    )


def _bridge(screen: _Screen) -> None:
    """Signed, what the pipeline brings, what is lacking, the floor."""
    plan, n, row = screen.plan, screen.plan.name, FIRST_ROW
    data = plan.drawn("cd_bridge", Text("落地", "Landing"))
    data.header(
        f"B{row}",
        [
            Text("项", "Step"),
            Text("起点", "From"),
            Text("已签与目标", "Signed, goal"),
            Text("商机加权", "Pipeline"),
            Text("缺口", "Gap"),
        ],
    )
    signed, more, floor = n("bookings"), f"N({n('pipeline_weighted')})", n("floor_target")
    gap = f"MAX(0,{floor}-{signed}-{more})"
    steps = (
        (Text("已签", "Signed"), "0", signed, "0", "0"),
        (Text("商机", "Pipeline"), signed, "0", more, "0"),
        (Text("缺口", "Gap"), f"MIN({floor},{signed}+{more})", "0", "0", gap),
        (Text("保底", "Floor"), "0", floor, "0", "0"),
    )
    for place, (label, *figures) in enumerate(steps, 1):
        data.label(f"B{row + place}", plan.t(label))
        for letter, formula in zip("CDEF", figures, strict=True):
            screen.figure(data, f"{letter}{row + place}", formula, "scaled")
    last = row + len(steps)
    landing = f"({signed}+{more})"
    lands, short, over = (
        Text("按商机落在 ", "By the pipeline we land at "),
        Text("，离保底差 ", ", short of the floor by "),
        Text("，超过保底 ", ", above the floor by "),
    )
    said = f"{plan.quoted(lands)}&{plan.say(landing)}&IF({gap}>0,{plan.quoted(short)},{plan.quoted(over)})&{plan.say(f'ABS({floor}-{landing})')}"
    charts.bridge(
        screen.page, screen.chart("bridge", True), plan.message(screen.page, plan.figure(said), "Deals", "cd_bridge"), f"B{row + 1}:B{last}",
        [(f"{letter}{row}", f"{letter}{row + 1}:{letter}{last}") for letter in "CDEF"], plan.per_axis(Text("签单与目标", "Bookings and goal")), screen.size, data=data,
    )  # fmt: skip
    plan.put_away(data)


def _competition(screen: _Screen) -> None:
    """Our share of what each region could buy; who stands where; against whom we win; what was lost."""
    _shares(screen)
    plan = screen.plan
    plan.again(screen.page, "cd_groups", f"F{CHARTS}", screen.third)
    _rivals(screen)
    rows = plan.table("Opportunities")
    screen.opportunities(
        Text("今年输掉的大单，最大的在前", "Large deals lost this year, the largest first"),
        "cd_lost_places",
        (
            (Text("金额", "Amount"), rows.amount, "scaled"),
            (Text("对手", "Competitor"), rows.competitor, "text"),
            (Text("原因", "Reason"), rows.reason, "word"),
            (Text("关闭日期", "Closed on"), rows.closed_on, "date"),
            (Text("产品线", "Product line"), rows.line, "word"),
        ),
    )


def _shares(screen: _Screen) -> None:
    """Our share of what each region could buy, beside what is obtainable."""
    plan, n, row = screen.plan, screen.plan.name, FIRST_ROW
    regions, customers = plan.table("Regions"), plan.table("Customers")
    data = plan.drawn("cd_map", Text("区域份额", "Share"))
    heads = (
        Text("区域", "Region"),
        Text("份额", "Share"),
        Text("目标", "Goal"),
        Text("各区域", "Each"),
        Text("其份额", "Its share"),
    )
    data.header(f"B{row}", heads)
    first, last = row + 1, row + ROWS
    for place in range(1, ROWS + 1):
        at = row + place
        name = f"INDEX({regions.region},{place})"
        sam = "*".join(f"N(INDEX({column},{place}))" for column in (regions.buyers, regions.spend, regions.serviceable))
        screen.figure(data, f"E{at}", f'IFERROR({name}&"",{NOTHING})', "text")
        share = f'IF(({sam})>0,SUMIFS({customers.sales_12m},{customers.region},{name})/({sam}),"")'
        screen.figure(data, f"F{at}", f'IF({place}>ROWS({regions.region}),"",{share})', "rate")
    shares = f"F${first}:F${last}"
    for place in range(1, ROWS + 1):  # the smallest share first
        at = row + place
        screen.figure(data, f"C{at}", f'IFERROR(SMALL({shares},{place}),"")', "rate")
        found = place_of(shares, f"C{at}", f"C${first}:C{at}", numbers(ROWS))
        screen.figure(data, f"B{at}", f"IF(ISNUMBER(C{at}),INDEX(E${first}:E${last},{found}),{NOTHING})", "text")
        screen.figure(data, f"D{at}", f'IF(AND(ISNUMBER(C{at}),{n("sam_total")}>0),{n("som_total")}/{n("sam_total")},"")', "rate")
    plan.has_room(data, f"B{row + 1}:D{last}")
    said = f'{plan.quoted(Text("近 12 个月份额，目标 ", "Share of 12 months, goal "))}&TEXT(IF({n("sam_total")}>0,{n("som_total")}/{n("sam_total")},0),"0.0%")'
    charts.bars(
        screen.page, f"B{CHARTS}", plan.message(screen.page, plan.figure(said), "Customers.tier", "cd_map"),
        f"B{row + 1}:B{last}", [(f"C{row}", f"C{row + 1}:C{last}")], "0%", Text("份额（占 SAM）", "Share of SAM"), screen.third,
        threshold=(f"D{row}", f"D{row + 1}:D{last}"), data=data,
    )  # fmt: skip
    plan.put_away(data)


def _rivals(screen: _Screen) -> None:
    """How often we win against each competitor, beside what the regions' win rates ask for; what was lost, for which reason most."""
    plan, n = screen.plan, screen.plan.name
    goal = f'INDEX({n(name_of("target"))},MATCH("pipeline.win_rate",{n(name_of("key"))},0))'
    what = Ranking(
        n("faced_names"),
        n("faced_rates"),
        order_of(n("faced_names")),
        Text("赢单率", "Win rate"),
        "rate",
        limit=goal,
        limit_head=Text("目标", "Goal"),
    )
    drawn = ranked(plan, "cd_rivals", Text("对手", "Competitors"), what)
    parts = [
        f'IF(MAX({n(of)})>0,{plan.quoted(head)}&INDEX({n(name)},MATCH(MAX({n(of)}),{n(of)},0)),"")'
        for of, head, name in (
            ("faced_lost", Text("，最多给", ", most to "), "faced_names"),
            ("lost_by_reason", Text("，主因", ", for "), "lost_reasons"),
        )
    ]
    lost = f"SUM({n('lost_by_reason')})"
    told = f"{plan.quoted(Text('今年丢单 ', 'Lost this year: '))}&{plan.say(lost)}&{'&'.join(parts)}"
    charts.bars(
        screen.page, f"J{CHARTS}", plan.message(screen.page, plan.figure(told), "Opportunities", "cd_rivals"), drawn.categories, [drawn.series], "0%",
        Text("对各对手的赢单率", "Win rate against each"), screen.third, across=True, threshold=drawn.limit, threshold_named=0, data=drawn.data,
    )  # fmt: skip
    plan.put_away(drawn.data)


_DRAWN: dict[int, Callable[[_Screen], None]] = {1: _results, 2: _customers, 3: _team, 4: _forecast, 5: _competition}

SHEET = PlanSheet(5.1, build, last=2)
