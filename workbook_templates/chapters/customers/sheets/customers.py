"""客户 / Customers: the customer master with tiers, what each has signed to date, and its segment beside it."""

from __future__ import annotations

from openpyxl.utils import get_column_letter

from udfs.text import Text
from workbook_templates.cells import MOST_SPILLED
from workbook_templates.page.builder import Page, Plan
from workbook_templates.page.marks import tier_colors, wrapped
from workbook_templates.page.navigation import INPUT
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import ANY, Watch
from workbook_templates.tables import schema
from workbook_templates.tables.spec import LEFT

_ROW = 6
_SPEC = schema.table("Customers")
# Three customers that differ are the fewest SEGMENT can cut into three.
_FEWEST = 3


def build(plan: Plan) -> None:
    page = plan.page(
        "customers",
        Text("客户", "Customers"),
        Text(
            "一客户一行；紫色列由“刷新客户分级”写入；负责人决定人均客户数",
            "One row a customer; “Refresh tiers” writes the violet columns; the owner decides the load",
        ),
        freeze=f"D{_ROW + 1}",
        todo=Text("维护客户、区域、行业、负责人与协同度", "Keep customers, regions, industries, owners and synergy up to date"),
    )
    page.print_titles(_ROW)
    last = page.records("Customers", f"B{_ROW}")
    tier_colors(page, f"{_SPEC.letter('tier')}{_ROW + 1}:{_SPEC.letter('tier')}{last}")
    _beside(plan, page)
    page.width(**{_SPEC.letter("team"): 60.0 if plan.lang == "en" else 36.0})
    wrapped(page, _SPEC.letter("reason"), _ROW + 1, last)
    _watches(plan, page)


def _watches(plan: Plan, page: Page) -> None:
    """The S and A customers that may be lost, the largest first."""
    customers = plan.table("Customers")
    risk = f'({customers.alive}<>"")*({customers.alive}<{plan.policy("customers.churn")})'
    both = f'(({customers.tier}="S")+({customers.tier}="A"))*{risk}'
    sales = f"IF({both}=1,{customers.sales_12m})"
    page.watch(
        Watch(
            "customers.churn", Text("S、A 级流失风险", "S and A sales at risk"), f"SUM({sales})", "0", screen=2,
            basis=Text("近12个月开票", "invoiced, 12 months"), lower=True, amber=f'IF(SUMPRODUCT(({customers.tier}="S")*{risk})>0,0,{ANY})', amount=f"SUM({sales})",
            item=f"INDEX({customers.id},MATCH(MAX({sales}),{sales},0))", table="Customers.id", owner="owner",
            fresh=("Customers.tiered_on",), needs="Customers.alive", made="Customers.tiered_on",
        )
    )  # fmt: skip


def _beside(plan: Plan, page: Page) -> None:
    """The segment of every customer that has what SEGMENT asks for."""
    customers, count = plan.table("Customers"), plan.count("Customers")
    gap, first = (get_column_letter(LEFT + len(_SPEC.columns) + n) for n in range(2))
    blank = f'({customers.synergy}="")+({customers.frequency}="")+({customers.monetary}="")'
    # Who lacks a measure is handed over blank and takes no part; a mean below 0 counts as nothing spent.
    frequency, synergy = (f'IF({blank},"",{column})' for column in (customers.frequency, customers.synergy))
    amount = f'IF({blank},"",IF({customers.monetary}<0,0,{customers.monetary}))'
    many = plan.quoted(Text("客户已达 1 万家：不再分层", "10,000 customers: no segments"))
    segment = (
        f"=IF(ROWS({customers.id})>={MOST_SPILLED},{many},"
        f'IF(SUM(--({blank}=0))<{_FEWEST},"–",IF({blank},"–",SALES_SEGMENT({frequency},{amount},{synergy}))))'
    )
    rows = 1 if count >= MOST_SPILLED else count
    page.spill(f"{first}{_ROW + 1}", segment, rows, 1, "general", "customer_segments", [Text("分层", "Segment")], indent=[0])
    page.width(**{gap: 2.5})


SHEET = PlanSheet(38, build, part=INPUT)
