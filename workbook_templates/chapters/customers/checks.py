"""What "refresh tiers" wrote hangs together, and what it read is sound."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

from udfs.text import Text
from workbook_templates.answers import WARNING
from workbook_templates.checking.core import Check, CheckList, Line, Mistake, no_errors

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan

_REFRESH = Text("重新刷新客户分级", "Refresh the tiers again")


def _ranked(plan: Plan) -> str:
    return f"COUNT({plan.table('Customers').rank})"


def _whole(plan: Plan) -> str:
    """The sum of shares: 1, or 0 where nobody has one."""
    return f"IF({_ranked(plan)}=0,0,1)"


def _line(
    found: Callable[[Plan], str], expected: Callable[[Plan], str] = lambda plan: "0", fmt: str = "int"
) -> Callable[[Plan], Line]:
    return lambda plan: Line(found(plan), expected(plan), fmt, "Customers.tier")


def _tiered(plan: Plan) -> str:
    return f'COUNTIF({plan.table("Customers").tier},"?*")'


def _places(plan: Plan) -> str:
    # The first of each rank, counted: n different ranks of which the largest is n are 1 to n.
    rank = plan.table("Customers").rank
    return f"SUMPRODUCT((FREQUENCY({rank},{rank})>0)*1)"


def _unranked(plan: Plan) -> str:
    customers = plan.table("Customers")
    return f'SUMPRODUCT(({customers.tier}="")*({customers.rank}<>""))'


def _older(plan: Plan) -> str:
    customers, changes = plan.table("Customers"), plan.table("TierChanges")
    tiered = f"SUMIF({customers.id},{changes.customer},{customers.tiered_on})"
    return f'SUMPRODUCT(({changes.date}=MAX({changes.date}))*({changes.customer}<>"")*({tiered}<{changes.date}))'


def _untiered(plan: Plan) -> Line:
    customers, bought = plan.table("Customers"), plan.table("Transactions").customer
    return Line(
        f'SUMPRODUCT((COUNTIF({bought},{customers.id})>0)*({customers.id}<>"")*({customers.tier}=""))',
        needs="Transactions.customer",
    )


def _unknown(plan: Plan) -> Line:
    customers, bought = plan.table("Customers"), plan.table("Transactions").customer
    return Line(f'SUMPRODUCT(({bought}<>"")*(COUNTIF({customers.id},{bought})=0))', needs="Transactions.customer")


def _late(plan: Plan) -> Line:
    return Line(f'COUNTIF({plan.table("Transactions").date},">"&{plan.name("as_of")})', needs="Transactions.customer")


def _unvisited(plan: Plan) -> Line:
    return Line(plan.name("handshakes_left_out"), needs="Visits.customer")


def _untracked(plan: Plan) -> Line:
    customers, tracked = plan.table("Customers"), plan.table("CustomerCare").customer
    key = f'(({customers.tier}="S")+({customers.tier}="A"))'
    return Line(f"SUMPRODUCT({key}*(COUNTIF({tracked},{customers.id})=0))", needs="CustomerCare.customer")


CHECKS = CheckList(70, (
    Check(
        "tiers.count", "tiers", Text("各级家数合计 = 已分级客户", "Tiers add up to the customers that have one"), _REFRESH,
        line=_line(lambda plan: plan.name("tiered_count"), _tiered),
        fault=(Mistake("Customers.tier", "?"),),
    ),
    Check(
        "tiers.scores", "tiers", Text("得分占比合计 = 100%", "Shares of the score add up to 100%"), _REFRESH,
        line=_line(lambda plan: f"ROUND({plan.name('tier_scores')},6)", _whole, "rate2"),
        fault=(Mistake("Customers.score_share", 9.0),),
    ),
    Check(
        "tiers.sales", "tiers", Text("销售占比合计 = 100%", "Shares of sales add up to 100%"), _REFRESH,
        line=_line(lambda plan: f"ROUND({plan.name('tier_sales')},6)", _whole, "rate2"),
        fault=(Mistake("Customers.sales_share", 9.0),),
    ),
    Check(
        "tiers.clv", "tiers", Text("价值占比合计 = 100%", "Shares of CLV add up to 100%"), _REFRESH,
        line=_line(lambda plan: f"ROUND({plan.name('tier_clv')},6)", lambda plan: f"IF({plan.name('tier_clv')}=0,0,{_whole(plan)})", "rate2"),
        fault=(Mistake("Customers.clv_share", 9.0),),
    ),
    Check("tiers.ranks", "Customers", Text("名次不重复", "No rank twice"), _REFRESH, line=_line(_places, _ranked), fault=(Mistake("Customers.rank", 2.0, lambda row: row["rank"] == 1),)),
    Check(
        "tiers.last_rank", "Customers", Text("名次从 1 连续到 n", "Ranks run from 1 to n"), _REFRESH,
        line=_line(lambda plan: f"MAX({plan.table('Customers').rank})", _ranked),
        fault=(Mistake("Customers.rank", 999.0, lambda row: row["rank"] == 3),),
    ),
    Check("tiers.unranked", "Customers", Text("有名次的都有级别", "A customer with a rank has a tier"), _REFRESH, line=_line(_unranked), fault=(Mistake("Customers.tier", None, 5),)),
    Check("tiers.dates", "Customers", Text("级别日期不早于最近变动", "Tiers are as young as the last change"), _REFRESH, line=_line(_older), fault=(Mistake("TierChanges.date", dt.date(2027, 12, 30), -1),)),
    Check(
        "tiers.untiered", "Customers", Text("有交易的客户都已分级", "Customers with transactions all have a tier"),
        Text("点“刷新客户分级”", "Click “Refresh tiers”"), WARNING, line=_untiered,
        fault=(Mistake("Customers.tier", None, 5),),
    ),
    Check(
        "transactions.customers", "Transactions", Text("交易的客户都已登记", "Transactions' customers are all known"),
        Text("刷新客户分级会补登，再补全名称与区域", "Refreshing the tiers adds them; fill in name and region then"), WARNING, line=_unknown,
        fault=(Mistake("Transactions.customer", "X9999", -1),),
    ),
    Check(
        "transactions.late", "Transactions", Text("交易日期不晚于截止日期", "No transaction after the as-of date"),
        Text("晚于截止日的不计入，核对日期", "Later ones are not counted: check the dates"), WARNING, line=_late,
        fault=(Mistake("Transactions.date", dt.date(2028, 1, 4), -2),),
    ),
    Check(
        "handshakes.planned", "handshakes", Text("S 级客户都有拜访安排", "Every S customer has a handshake planned"),
        Text("补排拜访，或每家每月一次", "Plan more visits, or monthly ones for each"), WARNING, line=_unvisited,
        fault=(Mistake("Visits.customer", "C0001"),),
    ),
    Check(
        "care.tracked", "customer_care", Text("S、A 级客户都在跟踪表", "Every S and A customer is tracked"),
        Text("把新升级的客户补进跟踪表", "Add customers that rose to the tracker"), WARNING, line=_untracked,
        fault=(Mistake("CustomerCare.customer", "C0300", -1),),
    ),
    no_errors("customer_segments", "customers", "Customers.synergy", "Customers.synergy"),
    no_errors("handshakes_made", "handshakes", "Customers.tier", "base_handshake_blueprint_days"),
    no_errors("care_pull", "customer_care", "CustomerCare.customer", "CustomerCare.supply_growth"),
))  # fmt: skip
