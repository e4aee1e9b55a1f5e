"""客户跟踪 / Customer care: co-innovation, on-site days, cash, growth pull and health of the S and A customers."""

from __future__ import annotations

from collections.abc import Callable

from openpyxl.utils import get_column_letter

from udfs.text import Text
from workbook_templates.chapters.customers.tables import DELIVERY_LIGHTS
from workbook_templates.page import style
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.marks import tier_colors
from workbook_templates.page.navigation import INPUT
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import ANY, Watch
from workbook_templates.tables import schema
from workbook_templates.tables.schema import PERCENT
from workbook_templates.tables.spec import LEFT
from workbook_templates.xlsx.refs import MAX_ROW

_TABLE_ROW = 18
_SPEC = schema.table("CustomerCare")
MET, SHORT = Text("达标", "Reached"), Text("未达", "Short")
HEALTHY, WATCH, ILL = Text("健康", "Healthy"), Text("关注", "Watch"), Text("预警", "Alert")
_TIERS = "SA"
_PARTS = ("care_recency", "care_cash", "care_nps", "care_delivery")  # what health is made of: folded away
_ORDER = (
    "care_ids", "care_names", "care_tiers", "care_lights", "care_health", "care_joint", "care_onsite", "care_pull_ok", "care_pull",
    "care_days", "care_repeats", "care_collections", *_PARTS,
)  # fmt: skip


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "customer_care",
        Text("客户跟踪", "Customer care"),
        Text(
            "S、A 级客户：联合创新、驻场、回款、复购、增长带动与健康度",
            "S and A customers: co-innovation, on-site days, cash, repurchase, growth pull and health",
        ),
        freeze=None,
        todo=Text("每月填写蓝色列；红灯客户列入例会", "Fill in the blue columns monthly; red customers go on the meeting's list"),
    )
    columns = _Spills(plan, page)
    _overview(plan, page, columns)
    _watches(plan, page)
    columns.write()
    tier_colors(page, f"D{_TABLE_ROW + 1}:D{columns.last}")
    page.width(B=32 if plan.lang == "en" else 20, C=24, D=11)
    page.outlined([columns.letter(name) for name in _PARTS])
    page.prints(f"A1:{columns.letter('care_collections')}{MAX_ROW}")  # what is filled in is read on the screen
    plan.beside("customer_care", _rows(plan))


def _rows(plan: Plan) -> Page:
    """What people fill in, row for row beside what is judged by it."""
    page = plan.page(
        "care_rows",
        Text("填写", "To fill in"),
        Text("一客户一行；左边的判断随之而变", "A row a customer; what is judged on the left follows"),
    )
    last = page.records("CustomerCare", f"B{_TABLE_ROW}")
    tiers = _SPEC.letter("tier")
    tier_colors(page, f"{tiers}{_TABLE_ROW + 1}:{tiers}{last}")
    page.width(B=12, C=24, D=9, **{_SPEC.letter("note"): 18})
    return page


def _watches(plan: Plan, page: Page) -> None:
    """How many of the tracked customers reach what the plan wants for them, and who of those that do not is the largest."""
    care, customers, n = plan.table("CustomerCare"), plan.table("Customers"), plan.name
    sales = f"SUMIF({customers.id},{care.customer},{customers.sales_12m})"
    met, short = plan.quoted(MET), plan.quoted(SHORT)
    for key, title in (
        ("joint", Text("S 级联合项目达标家数", "S customers with enough joint projects")),
        ("onsite", Text("S 级驻场达标家数", "S customers with enough on-site days")),
        ("pull_ok", Text("增长带动达标家数", "Customers with enough growth pull")),
    ):
        told = f"{n(f'care_{key}')}#"
        missed = f"IF({told}={short},{sales})"
        page.watch(
            Watch(
                f"customers.{key.removesuffix('_ok')}", title, f"SUMPRODUCT(({told}={met})*1)",
                f"IF(COUNT(1/(({told}={met})+({told}={short})))=0,NA(),SUMPRODUCT(({told}={met})+({told}={short})))", screen=2, fmt="int",
                amount=f"MAX({missed})", item=f"INDEX({care.customer},MATCH(MAX({missed}),{missed},0))", table="CustomerCare.customer",
                needs="CustomerCare.customer", duty="onsite" if key == "onsite" else "",
            )
        )  # fmt: skip
    ill = f"({n('care_lights')}#={plan.quoted(ILL)})"
    exposed = f"IF({ill},{sales})"
    page.watch(
        Watch(
            "customers.health", Text("健康预警的 S、A 级客户", "S and A customers on alert"), f"SUMPRODUCT({ill}*1)", "0", screen=2, fmt="int",
            lower=True, amber=f'IF(SUMPRODUCT({ill}*({care.tier}="S"))>0,0,{ANY})', amount=f"MAX({exposed})",
            item=f"INDEX({care.customer},MATCH(MAX({exposed}),{exposed},0))", table="CustomerCare.customer", needs="CustomerCare.customer",
        )
    )  # fmt: skip


def cash_of(plan: Plan) -> tuple[str, str]:
    """What is due from each customer, and what came in of it: by its invoices, as typed where it has none."""
    care, owed = plan.table("CustomerCare"), plan.table("Receivables")
    there = f"COUNTIFS({owed.customer},{care.customer})>0"
    until = f'{owed.customer},{care.customer},{owed.due},"<="&{plan.name("as_of")}'
    due, paid = (f"SUMIFS({column},{until})" for column in (owed.amount, owed.paid))
    return f"IF({there},{due},{care.due})", f"IF({there},{paid},{care.collected})"


class _Spills:
    """What is worked out for each row, in spills beside the Table."""

    def __init__(self, plan: Plan, page: Page) -> None:
        self.plan, self.page = plan, page
        self.count = plan.count("CustomerCare")
        self.top, self.last = _TABLE_ROW + 1, _TABLE_ROW + self.count

    def letter(self, name: str) -> str:
        """In which column a figure stands: who it is, then what is judged, then what that is made of."""
        return str(get_column_letter(LEFT + _ORDER.index(name)))

    def write(self) -> None:
        """All columns: who, recency, the four parts of health, health, lights and what else has a target."""
        plan = self.plan
        care, customers = plan.table("CustomerCare"), plan.table("Customers")
        for header, column, name in (
            (Text("客户编号", "Customer ID"), care.customer, "care_ids"),
            (Text("客户名称", "Customer name"), care.name, "care_names"),
            (Text("级别", "Tier"), care.tier, "care_tiers"),
        ):
            self._spill(header, "text", f'{column}&""', name)
        blank = f'{care.customer}=""'
        last = f"SUMIF({customers.id},{care.customer},{customers.last_purchase})"
        days = self._spill(
            Text("距上次购买", "Days since last"),
            "int",
            f'IF(({blank})+({last}=0),"–",{plan.name("as_of")}-{last})',
            "care_days",
            Text("天", "days"),
        )
        self._spill(
            Text("复购次数", "Repurchases"),
            "int",
            f'IF({blank},"–",IF(SUMIF({customers.id},{care.customer},{customers.frequency})>1,SUMIF({customers.id},{care.customer},{customers.frequency})-1,0))',
            "care_repeats",
            Text("次", "times"),
        )
        due, collected = cash_of(plan)
        rate = self._spill(
            Text("回款率", "Collections rate"),
            "rate",
            f'IF(({blank})+({due}=0),"–",{collected}/IF({due}=0,1,{due}))',
            "care_collections",
            PERCENT,
        )
        recent, stale = plan.policy("health.recent_days"), plan.policy("health.stale_days")
        near = f"({stale}-IF(ISNUMBER({days}),{days},{stale}))/({stale}-{recent})"
        recency = self._part(Text("近度分", "Recency part"), f"ISNUMBER({days})", _clipped(near), "care_recency")
        paid = self._part(
            Text("回款分", "Collections part"), f"ISNUMBER({rate})", _clipped(f"IF(ISNUMBER({rate}),{rate},0)"), "care_cash"
        )
        nps = self._part(Text("NPS 分", "NPS part"), *self._recommended(), "care_nps")
        delivery = self._part(Text("交付分", "Delivery part"), *self._delivered(), "care_delivery")
        self._health(recency, paid, nps, delivery)
        self._targets()

    def _spill(self, header: Text, fmt: str, formula: str, name: str, unit: Text = Text("", "")) -> str:
        """One more column; what a formula calls it."""
        cell = f"{self.letter(name)}{self.top}"
        texts = [0] if fmt == "general" else []
        self.page.spill(cell, f"={formula}", self.count, 1, fmt, name, [header], [unit] if unit.zh else [], indent=texts)
        return f"{cell}#"

    def _part(self, header: Text, there: str, formula: str, name: str) -> str:
        return self._spill(header, "0%", f'IF({there},{formula},"–")', name, Text("0–100%", "0–100%"))

    def _recommended(self) -> tuple[str, str]:
        """Whether a customer's NPS is known, and what it counts: by its answers of the newest wave, as typed where it gave none."""
        care, answers, wave = self.plan.table("CustomerCare"), self.plan.table("SurveyAnswers"), self.plan.name("nps_quarter")
        mine = f"COUNTIFS({answers.quarter},{wave},{answers.customer},{care.customer}"
        up, down, count = (f'{mine},{answers.score},"{border}")' for border in (">=9", "<=6", ">=0"))
        told = f"({care.nps}+100)/200"
        return f'(({care.nps}<>"")+({count}>0))>0', f"IF({count}>0,(({up}-{down})/IF({count}=0,1,{count})+1)/2,{told})"

    def _delivered(self) -> tuple[str, str]:
        """Whether a customer's deliveries are known, and what they count: by the worst light of its open projects, as typed where none is open."""
        plan = self.plan
        care, projects = plan.table("CustomerCare"), plan.table("Projects")
        mine = f'COUNTIFS({projects.customer},{care.customer},{projects.delivered},""'
        late, red = f'{mine},{projects.days_late},">0")', f'{mine},{projects.days_late},">"&{plan.policy("delivery.yellow")})'
        open_ = f'{mine})*({care.customer}<>"")'
        green, amber, bad = (plan.quoted(word.label) for word in DELIVERY_LIGHTS)
        known = f"(({care.delivery}={green})+({care.delivery}={amber})+({care.delivery}={bad}))"
        typed = f"IF({care.delivery}={green},1,IF({care.delivery}={amber},1/2,0))"
        return f"({known}+{open_})>0", f"IF({open_}>0,IF({red}>0,0,IF({late}>0,1/2,1)),{typed})"

    def _health(self, *parts: str) -> None:
        """The weighted mean of the parts there are: a part nobody knows is left out, the others' weights are scaled up."""
        plan = self.plan
        weights = [f"INDEX({plan.policy('health.weights')},{place})" for place in range(1, len(parts) + 1)]
        there = "+".join(f"{w}*ISNUMBER({p})" for w, p in zip(weights, parts, strict=True))
        got = "+".join(f"{w}*IF(ISNUMBER({p}),{p},0)" for w, p in zip(weights, parts, strict=True))
        health = self._spill(
            Text("健康度", "Health"),
            "0%",
            f'IF(({there})=0,"–",({got})/IF(({there})=0,1,{there}))',
            "care_health",
            Text("0–100%", "0–100%"),
        )
        good, fair = plan.policy("health.good"), plan.policy("health.fair")
        words = [plan.quoted(word) for word in (HEALTHY, WATCH, ILL)]
        # Rounded as shown, so that 80% is never amber by a hair.
        shown = f"ROUND(IF(ISNUMBER({health}),{health},0),4)"
        light = self._spill(
            Text("健康灯", "Health light"),
            "general",
            f'IF(ISNUMBER({health}),IF({shown}>={good},{words[0]},IF({shown}>={fair},{words[1]},{words[2]})),"–")',
            "care_lights",
        )
        self._lights(light, HEALTHY, WATCH, ILL)

    def _targets(self) -> None:
        plan = self.plan
        care = plan.table("CustomerCare")
        met, short = plan.quoted(MET), plan.quoted(SHORT)
        top = f'({care.tier}="S")'
        joint = f"{care.labs}+{care.patents}>={plan.policy('customers.joint_projects')}"
        self._verdict(Text("联合创新", "Co-innovation"), top, joint, met, short, "care_joint")
        self._verdict(Text("驻场", "On site"), top, f"{care.onsite_days}>={_days_due(plan)}", met, short, "care_onsite")
        rated = f"({care.supply_growth}>0)*ISNUMBER({care.customer_growth})*ISNUMBER({care.supply_growth})"
        # Who can't be rated is handed over as 0 over 1 and shows a dash.
        growth = f"IF({rated},{care.customer_growth},0),IF({rated},{care.supply_growth},1)"
        self._spill(
            Text("增长带动率", "Growth pull"),
            "times",
            f'IF({rated},SALES_GROWTHPULL({growth}),"–")',
            "care_pull",
            Text("倍", "times"),
        )
        verdict = f"SALES_GROWTHPULLOK({growth},{plan.policy('customers.pull')})"
        pull = self._spill(Text("带动", "Pull"), "general", f'IF({rated},IF({verdict},{met},{short}),"–")', "care_pull_ok")
        self._lights(pull, MET, None, SHORT)

    def _verdict(self, header: Text, asked: str, reached: str, met: str, short: str, name: str) -> None:
        cell = self._spill(header, "general", f'IF({asked},IF({reached},{met},{short}),"–")', name)
        self._lights(cell, MET, None, SHORT)

    def _lights(self, cell: str, good: Text, fair: Text | None, bad: Text) -> None:
        letter = cell.rstrip("#0123456789")
        self.page.lights(f"{letter}{self.top}:{letter}{self.last}", good=good, fair=fair, bad=bad)


def _clipped(formula: str) -> str:
    """Between 0 and 1, element by element."""
    return f"IF({formula}<0,0,IF({formula}>1,1,{formula}))"


def _days_due(plan: Plan) -> str:
    """On-site days due by the as-of date: the year's, in proportion to the days gone by."""
    year = plan.name("plan_year")
    gone = f"({plan.name('as_of')}-DATE({year},1,1)+1)/(DATE({year},12,31)-DATE({year},1,1)+1)"
    return f"ROUND({plan.policy('customers.onsite_days')}*MAX(0,MIN(1,{gone})),0)"


def _overview(plan: Plan, page: Page, columns: _Spills) -> None:
    """Both tiers beside each other, and how health is made up."""
    care, customers = plan.table("CustomerCare"), plan.table("Customers")
    row = FIRST_ROW
    page.heading(f"B{row}", Text("概况", "Overview"), until="D")
    page.header(f"B{row + 1}", [Text("项目", "Measure"), Text("S 级", "S"), Text("A 级", "A")])
    met = plan.quoted(MET)
    n = plan.name

    def rated(tier: str, name: str) -> str:
        return f'SUMPRODUCT(({care.tier}="{tier}")*(({n(name)}#={met})+({n(name)}#={plan.quoted(SHORT)})))'

    def reached(tier: str, name: str) -> str:
        return f'=SUMPRODUCT(({care.tier}="{tier}")*({n(name)}#={met}))&" / "&{rated(tier, name)}'

    def cash(tier: str) -> str:
        due, collected = (f'SUMPRODUCT(({care.tier}="{tier}")*{cells})' for cells in cash_of(plan))
        return f'=IF({due}=0,"–",{collected}/{due})'

    def repurchase(tier: str) -> str:
        buyers = f'COUNTIFS({customers.tier},"{tier}",{customers.frequency},">0")'
        return f'=IF({buyers}=0,"–",COUNTIFS({customers.tier},"{tier}",{customers.frequency},">1")/{buyers})'

    def health(tier: str) -> str:
        there = f'SUMPRODUCT(({care.tier}="{tier}")*ISNUMBER({n("care_health")}#))'
        return f'=IF({there}=0,"–",SUMPRODUCT(({care.tier}="{tier}")*IF(ISNUMBER({n("care_health")}#),{n("care_health")}#,0))/{there})'

    lines: tuple[tuple[Text, Callable[[str], str], str, str], ...] = (
        (Text("在册 / 全部",
              "Tracked / all"), lambda t: f'=COUNTIF({care.tier},"{t}")&" / "&COUNTIF({customers.tier},"{t}")',
                                          "general", "care_tracked"),
        (Text("联合创新达标", "Co-innovation reached"), lambda t: reached(t, "care_joint") if t == "S" else '="–"', "general", ""),
        (Text("驻场达标", "On-site days reached"), lambda t: reached(t, "care_onsite") if t == "S" else '="–"', "general", ""),
        (Text("回款率", "Collections rate"), cash, "rate", "care_cash_rate"),
        (Text("复购率（两次以上）", "Repurchase rate (two or more)"), repurchase, "rate", "care_repurchase_rate"),
        (Text("增长带动达标", "Growth pull reached"), lambda t: reached(t, "care_pull_ok"), "general", ""),
        (Text("平均健康度", "Mean health"), health, "0%", "care_mean_health"),
        (Text("预警客户",
              "Customers on alert"), lambda t: f'=SUMPRODUCT(({care.tier}="{t}")*({n("care_lights")}#={plan.quoted(ILL)}))',
                                               "int", "care_alarms"),
    )  # fmt: skip
    for offset, (label, formula, fmt, name) in enumerate(lines, row + 2):
        page.label(f"B{offset}", label, grow=False)
        page.sheet[f"B{offset}"].border = style.BOX
        for letter, tier in zip("CD", _TIERS, strict=True):
            page.formula(f"{letter}{offset}", formula(tier), fmt, f"{name}_{tier.lower()}" if name else None)
            page.sheet[f"{letter}{offset}"].alignment = style.align("right")
    _mix(plan, page, row)


def _mix(plan: Plan, page: Page, row: int) -> None:
    """The formula of health, in words and with the weights in force."""
    page.heading(
        f"F{row}",
        Text("健康度怎样算（权重与界线见“参数”）", "How health is made up (weights and borders on Settings)"),
        until="M",
    )
    weights = plan.policy("health.weights")
    recent, stale = plan.policy("health.recent_days"), plan.policy("health.stale_days")

    def weight(place: int) -> str:
        return f'TEXT(INDEX({weights},{place}),"0%")'

    sentences = (
        (Text("近度 ",
              "Recency "), weight(1), Text("：距上次购买 ",
                                           ": 100% within "), recent, Text(" 天内满分，到 ",
                                                                           " days of the last purchase, falling to 0 at "), stale, Text(" 天为零，之间按比例", " days")),
        (Text("回款 ", "Collections "), weight(2), Text("：已收 ÷ 到期应收，最多 100%", ": collected ÷ amounts due, at most 100%")),
        (Text("NPS ", "NPS "), weight(3), Text("：−100 为零，0 为一半，100 满分", ": −100 counts 0, 0 a half, 100 in full")),
        (Text("交付灯 ", "Delivery light "), weight(4), Text("：绿满分，黄一半，红零", ": green in full, amber a half, red 0")),
        (Text("缺哪一项就不计哪一项，其余权重按比例放大", "A part nobody knows is left out and the other weights scaled up"),),
        (Text("灯：",
              "Light: "), f'TEXT({plan.policy("health.good")},"0%")', Text(" 起健康，",
                                                                           " and above healthy, "), f'TEXT({plan.policy("health.fair")},"0%")', Text(" 起关注，以下预警", " and above to be watched, below it an alert")),
        (Text("联合创新：S 级联合实验室与专利合计至少 ",
              "Co-innovation: joint labs and patents of an S customer together at least "), plan.policy("customers.joint_projects")),
        (Text("驻场：截至今日 S 级应达 ",
              "On site: days due by now at an S customer "), _days_due(plan), Text(" 天（全年 ",
                                                                                   " (the year: "), plan.policy("customers.onsite_days"), Text(" 天）", ")")),
    )  # fmt: skip
    for offset, parts in enumerate(sentences, row + 1):
        text = "&".join(plan.quoted(p) if isinstance(p, Text) else p for p in parts)
        page.formula(f"F{offset}", f"={text}", boxed=False)
        page.sheet[f"F{offset}"].alignment = style.align("left", indent=1)
    page.label(f"F{row + 9}", Text("增长带动率 = 客户业务增长率 ÷ 我方供货增长率；供货没有增长的不评",
                                   "Growth pull = growth of the customer's business ÷ growth of what we supply; not rated "
                                   "where supply does not grow"), muted=True, grow=False)  # fmt: skip


SHEET = PlanSheet(13, build, part=INPUT)
