"""客户团队 / Customer teams: who serves a tier, how many people that takes by role, and how many there are."""

from __future__ import annotations

from udfs.customers import ROLES
from udfs.text import Text
from workbook_templates.chapters.customers.sheets.tiers import TIERS
from workbook_templates.page import charts, style
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.marks import tier_colors
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables.words import ORDER_SOURCES

_PEOPLE = Text("人", "people")
_NEED = FIRST_ROW + 8
ENOUGH, LACKING = Text("够", "Enough"), Text("缺人", "Short")


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "customer_team",
        Text("客户团队", "Customer teams"),
        Text(
            "S 级“1+1+3”、A 级“1+2”，B 级数字化漏斗，C 级线上商城；需求对照现有人手",
            "S by 1+1+3, A by 1+2, B by the digital funnel, C by the online store; demand against the people there are",
        ),
        todo=Text(
            "填写现有人数与共享家数，看缺口", "Enter the people there are and how many customers share one; look at the gap"
        ),
    )
    page.width(B=28 if plan.lang == "en" else 22, C=26 if plan.lang == "en" else 16, D=16, E=16, F=14, G=14, H=3, I=19, J=12)
    _teams(plan, page)
    _channels(plan, page)
    _demand(plan, page)
    _staff(plan, page)
    plan.beside("tiers", page)


def _sizes(plan: Plan) -> str:
    return f"{plan.policy('customers.team_s')},{plan.policy('customers.team_a')}"


def _teams(plan: Plan, page: Page) -> None:
    """The team of one customer of each tier, role by role."""
    row, customers = FIRST_ROW, plan.table("Customers")
    page.heading(f"B{row}", Text("每家客户的团队", "The team of one customer"), until="G")
    for letter, tier in zip("BCDE", TIERS, strict=True):
        team = f'SALES_TEAM("{tier}",{_sizes(plan)})'
        page.label(f"{letter}{row + 1}", tier, bold=True)
        page.sheet[f"{letter}{row + 1}"].alignment = style.align("center")
        page.formula(f"{letter}{row + 2}", f'=COUNTIF({customers.tier},"{tier}")', plan.t(Text('0" 家"', '0" customers"')))
        # A tier has three roles at most; B and C have a channel instead of people.
        for line in (1, 2, 3):
            role, people = f"INDEX({team},{line},1)", f"INDEX({team},{line},2)"
            page.formula(f"{letter}{row + 2 + line}", f'=IF(ROWS({team})<{line},"",{role}&IF({people}=0,"","  × "&{people}))')
    tier_colors(page, f"B{row + 1}:E{row + 1}")
    page.label(f"F{row + 1}", Text("几家共用一人", "Customers that share one"), muted=True, grow=False)
    for offset, tier in enumerate("SA", 2):
        page.label(f"F{row + offset}", Text(f"{tier} 级", f"{tier}"), grow=False)
        note = Text("1：每家专人；2：两家共用一人", "1: people of its own; 2: two customers share one")
        page.input(f"G{row + offset}", 1, "plain", f"sharing_{tier.lower()}", note=note, low=1, high=1000)


def _channels(plan: Plan, page: Page) -> None:
    """Customers without people of their own: how many are in the funnel, how many bought, where their orders came from."""
    row, customers, chances, deals = FIRST_ROW, plan.table("Customers"), plan.table("Opportunities"), plan.table("Deals")
    page.heading(f"I{row}", Text("B、C 级的漏斗", "The funnel of B and C"), until="P")
    page.header(
        f"I{row + 1}",
        [
            Text("级别", "Tier"),
            Text("家数", "Customers"),
            Text("有在办商机", "With an open opportunity"),
            Text("近 12 月下单", "Ordered in 12 months"),
            *(word.label for word in ORDER_SOURCES),
            Text("其他来源", "Other sources"),
            Text("未填来源", "No source"),
        ],
        ["", "", "", "", *[Text("单", "deals")] * 4],
    )
    year = f'({deals.id}<>"")*({deals.original}="")*({deals.date}>EDATE({plan.name("as_of")},-12))*({deals.date}<={plan.name("as_of")})'
    ours = [f"({deals.source}={plan.quoted(word.label)})" for word in ORDER_SOURCES]
    from_ = (*ours, f'({deals.source}<>"")*(1-{"-".join(ours)})', f'({deals.source}="")')  # each order stands in one column
    open_ = f'(COUNTIFS({chances.customer},{customers.id},{chances.id},"?*",{chances.outcome},"")>0)'
    for at, tier in enumerate("BC", row + 2):
        page.label(f"I{at}", tier, bold=True)
        page.formula(f"J{at}", f'=COUNTIF({customers.tier},"{tier}")', "int")
        held = f'SUMPRODUCT(({customers.tier}="{tier}")*({customers.id}<>"")*{open_})'
        page.formula(f"K{at}", f"={plan.switched(8, held)}", "int")
        page.formula(f"L{at}", f'=COUNTIFS({customers.tier},"{tier}",{customers.sales_12m},">0")', "int")
        mine = f'(COUNTIFS({customers.id},{deals.customer},{customers.tier},"{tier}")>0)'
        for letter, one in zip("MNOP", from_, strict=True):
            page.formula(f"{letter}{at}", f"=SUMPRODUCT({year}*{mine}*{one})", "int")
    plan.define("orders_by_source", page, f"M{row + 2}:P{row + 3}")
    tier_colors(page, f"I{row + 2}:I{row + 3}")


def _demand(plan: Plan, page: Page) -> None:
    """Demand by role, unshared and shared, against the people there are."""
    row, customers, staff = _NEED + 1, plan.table("Customers"), plan.table("ServiceStaff")
    page.heading(f"B{row - 1}", Text("按角色的需求与现有", "Demand and people by role"), until="G")
    none = f'COUNTIF({customers.tier},"?*")=0'
    headcount = plan.policy("team.headcount")
    page.header(
        f"B{row + 1}",
        [
            Text("角色", "Role"),
            Text("不共享需求", "Demand, unshared"),
            Text("按共享需求", "Demand, shared"),
            Text("现有", "People"),
            Text("缺口", "Gap"),
            Text("结论", "Verdict"),
        ],
        ["", *[_PEOPLE] * 4],
    )
    shared = "sharing_s:sharing_a"
    for letter, sharing, name in (("C", "1", "team_demand"), ("D", shared, "team_demand_shared")):
        demand = f"SALES_TEAMDEMAND({customers.tier},{sharing},{_sizes(plan)},{headcount})"
        page.spill(f"{letter}{row + 2}", f"=IF({none},0,INDEX({demand},,2))", len(ROLES), 1, "int", name)
    first, last = row + 2, row + 1 + len(ROLES)
    for at, role in enumerate(ROLES, first):
        page.label(f"B{at}", Text(role.zh, role.en[:1].upper() + role.en[1:]))
        page.sheet[f"B{at}"].border = style.BOX
        page.formula(f"E{at}", f"=SUMIFS({staff.people},{staff.role},B{at})", "int")
    page.label(f"B{last + 1}", Text("合计", "Total"), bold=True)
    page.sheet[f"B{last + 1}"].border = style.BOX
    for letter in "CDE":
        page.formula(f"{letter}{last + 1}", f"=SUM({letter}{first}:{letter}{last})", "int", bold=True)
    for at in range(first, last + 2):
        page.formula(f"F{at}", f"=E{at}-D{at}", "+0;[Red]-0;0", "team_gap" if at > last else None, bold=at > last)
        page.formula(f"G{at}", f'=IF(D{at}=0,"–",IF(F{at}>=0,{plan.quoted(ENOUGH)},{plan.quoted(LACKING)}))')
    page.lights(f"G{first}:G{last + 1}", good=ENOUGH, bad=LACKING)
    page.label(
        f"B{last + 2}",
        Text("交付工程师不在销售编制内；B、C 级由渠道服务，不占人手。",
             "Delivery engineers are not in the sales headcount; B and C are served by channels without people of their own."),
        muted=True,
        grow=False,
    )  # fmt: skip
    short, people = plan.quoted(Text("服务人手还缺 ", "People lacking: ")), plan.quoted(Text(" 人", ""))
    enough = plan.quoted(Text("服务人手够用，余 ", "People enough, to spare: "))
    charts.bars(
        page,
        f"B{last + 4}",
        plan.message(page, f"IF(team_gap<0,{short}&-team_gap,{enough}&team_gap)&{people}", "ServiceStaff"),
        f"B{first}:B{last}",
        [(f"{letter}{row + 1}", f"{letter}{first}:{letter}{last}") for letter in "CDE"],
        "int",
        _PEOPLE,
        (19.0, 6.2),
    )


def _staff(plan: Plan, page: Page) -> None:
    page.heading(f"I{_NEED}", Text("现有人手（填写）", "People there are (fill in)"), until="J")
    page.records("ServiceStaff", f"I{_NEED + 2}")


SHEET = PlanSheet(15, build)
