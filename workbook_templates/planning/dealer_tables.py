"""The sheets of the channels' Tables: what is typed in or pasted, with what the plan's functions say of it beside."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates import style
from workbook_templates.planning.builder import Page, Plan

ORDER = 45
TOP = 6  # header row of a Table


def build(plan: Plan) -> None:
    """The sheets, a topic each."""
    _dealers(plan)
    _quarters(plan)
    _orders(plan)
    _stock(plan)
    _training(plan)
    _claims(plan)
    _overseas(plan)
    _ledger(plan)


def _page(plan: Plan, key: str, title: Text, purpose: Text, todo: Text, freeze: str = "D", tab: str = style.INPUT) -> Page:
    page = plan.page(key, title, purpose, tab=tab, freeze=f"{freeze}{TOP + 1}", todo=todo)
    page.print_titles(TOP)
    return page


def _dealers(plan: Plan) -> None:
    page = _page(
        plan,
        "dealers",
        Text("经销商", "Dealers"),
        Text(
            "一家一行：授权区域、独家行业、联系人与渠道经理",
            "A row each dealer: territory, exclusive industry, contact and manager",
        ),
        Text("维护经销商、授权区域与邮箱", "Keep dealers, territories and mail addresses up to date"),
    )
    page.records("Dealers", f"B{TOP}")


def _quarters(plan: Plan) -> None:
    page = _page(
        plan,
        "dealer_sales",
        Text("经销商季度", "Dealer quarters"),
        Text(
            "每家每季一行：提货额、同期、新品与我方占比",
            "A row each dealer and quarter: sales, last year's, new products, our share",
        ),
        Text("每季填四个数，其余自动得出", "Four figures a quarter; the rest follows"),
    )
    page.records("DealerSales", f"B{TOP}")


def _orders(plan: Plan) -> None:
    page = _page(
        plan,
        "dealer_orders",
        Text("经销商出货", "Dealer orders"),
        Text(
            "经销商卖给终端的流向；判断串货与库存天数", "What dealers sold on, and where: tells cross-selling and days of stock"
        ),
        Text("每月粘贴流向单；云商城订单的经销商留空", "Paste the sell-through each month; a cloud-store order has no dealer"),
    )
    page.records("DealerOrders", f"B{TOP}")


def _stock(plan: Plan) -> None:
    page = _page(
        plan,
        "dealer_stock",
        Text("渠道库存", "Dealer stock"),
        Text("按原发票批次的库存；退出时按原发票价回购", "Stock by original invoice; bought back at the invoice price on exit"),
        Text("每季盘点后粘贴库存", "Paste the stock after each quarter's count"),
    )
    page.records("Stock", f"B{TOP}")


def _training(plan: Plan) -> None:
    page = _page(
        plan,
        "dealer_training",
        Text("渠道培训", "Dealer training"),
        Text(
            "四学院考试与上课记录；任一学院不及格则返利暂扣",
            "Exams of four colleges and lessons; a failed exam withholds the rebate",
        ),
        Text("考试、上课后各记一行", "A row after each exam and each lesson"),
        freeze="B",
    )
    page.records("Exams", f"B{TOP}")
    page.records("Lessons", f"H{TOP}")
    page.width(G=2.5)


def _claims(plan: Plan) -> None:
    page = _page(
        plan,
        "dealer_claims",
        Text("基金与报备", "Fund and deals"),
        Text("市场基金核销；商机报备与保护期", "Marketing fund claims; deal registrations and their protection"),
        Text("登记核销与报备，更新状态", "Enter claims and registrations, keep their state"),
        freeze="B",
    )
    page.records("Fund", f"B{TOP}")
    page.records("Registrations", f"L{TOP}")
    page.width(K=2.5)


def _overseas(plan: Plan) -> None:
    page = _page(
        plan,
        "overseas",
        Text("海外与战队", "Overseas and squads"),
        Text("海外安装商试点、每月高层走访、每季联合战队", "The overseas pilot, monthly senior visits, quarterly joint squads"),
        Text("更新收入、汇率、走访与战队进展", "Keep revenue, rates, visits and squads up to date"),
        freeze="B",
    )
    page.records("Installers", f"B{TOP}")
    page.records("OverseasVisits", f"M{TOP}")
    page.records("Squads", f"R{TOP}")
    page.width(L=2.5, Q=2.5)


def _ledger(plan: Plan) -> None:
    page = _page(
        plan,
        "dealer_ledger",
        Text("返利台账", "Rebate ledger"),
        Text("由“结算经销商返利”写入；已结算的只增不改", "Written by “Settle dealers”; what was settled is only added to"),
        Text("结算后审核、锁定、支付；不要手改金额", "Review, lock and pay after settling; leave the amounts"),
        tab=style.MUTED,
    )
    page.records("DealerLedger", f"B{TOP}")
