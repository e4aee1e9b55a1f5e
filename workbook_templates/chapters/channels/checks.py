"""The rebate ledger adds up and is what computing now gives; dealers in conflict are noticed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from udfs.text import Text
from workbook_templates.answers import WARNING
from workbook_templates.chapters.channels.sheets.channels import of_year
from workbook_templates.checking.core import Check, CheckList, Line, Mistake, no_errors

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan


def _afresh(plan: Plan) -> Line:
    ledger = plan.table("DealerLedger")
    live = f"SUM({plan.name('rebate_live_paid')}#)+SUM({plan.name('rebate_live_held')}#)"
    found = f"ROUND(SUMIFS({ledger.rebate},{of_year(plan, ledger.quarter)}),2)"
    return Line(found, f"ROUND({live},2)", "fen", "DealerLedger.dealer")


def _rows(plan: Plan) -> Line:
    ledger = plan.table("DealerLedger")
    apart = f"ABS({ledger.rebate}-{ledger.paid}-{ledger.withheld})>0.005"
    return Line(f"SUMPRODUCT(({apart})*1)", needs="DealerLedger.dealer")


def _count(name: str, needs: str) -> Callable[[Plan], Line]:
    return lambda plan: Line(plan.name(name), needs=needs)


CHECKS = CheckList(80, (
    Check(
        "rebates.afresh", "dealer_ledger", Text("返利台账 = 重新计算的返利", "Rebate ledger = rebates computed afresh"),
        Text("“结算渠道返利”，差异以调整行写入", "Settle dealers again; differences become adjustments"), line=_afresh,
        fault=(Mistake("DealerLedger.rebate", 1.0),),
    ),
    Check(
        "rebates.rows", "dealer_ledger", Text("应得返利 = 支付 + 暂扣（逐行）", "Rebate = paid + withheld, row by row"),
        Text("从备份恢复被改的金额", "Restore the amounts from a copy"), line=_rows,
        fault=(Mistake("DealerLedger.paid", 1.0, 1),),
    ),
    Check(
        "dealers.exclusive", "dealers", Text("一个行业一家代理", "One agent an industry"),
        Text("撤销重复授权", "Withdraw one of the grants"), WARNING, line=_count("exclusivity_conflicts", "Dealers.id"),
        fault=(Mistake("Dealers.industry", Text("电子制造", "Electronics"), 3),),
    ),
    Check(
        "dealers.cross", "dealer_orders", Text("没有串货", "No out-of-territory sales"),
        Text("按合同处理，或补授权区域", "Act on the contract, or grant the region"), WARNING,
        line=_count("cross_conflicts", "DealerOrders.id"),
        fault=(Mistake("DealerOrders.region", Text("西北", "Northwest"), lambda row: row["dealer"] == "V01"),),
    ),
    Check(
        "dealers.registrations", "dealer_claims", Text("没有报备冲突", "No registrations in conflict"),
        Text("先报备者得保护，另一条失效", "The earlier one is protected: release the other"), WARNING,
        line=_count("registration_conflicts", "Registrations.id"),
        fault=(Mistake("Registrations.customer", "?"),),
    ),
    Check(
        "dealers.leaving", "channels", Text("没有启动退出的经销商", "No dealer has to leave"),
        Text("约谈，按原发票价回购库存", "Talk, and buy the stock back at invoice price"), WARNING,
        line=_count("dealers_leaving", "Dealers.id"),
        fault=(Mistake("DealerSales.share", 0.01),),
    ),
    no_errors("dealer_counted", "dealer_sales", "DealerSales.dealer", "DealerSales.share"),
    no_errors("dealer_exits", "channels", "Dealers.id", "base_channels_exit_limit"),
    no_errors("lot_buyback", "dealer_stock", "Stock.dealer", "Stock.price"),
    no_errors("claim_paid", "dealer_claims", "Fund.id", "Fund.spend"),
))  # fmt: skip
