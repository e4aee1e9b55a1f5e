"""What systems call our columns: 用友, 金蝶, 纷享销客, 销售易, 钉钉, 企业微信, SAP, Salesforce, Odoo, ERPNext; and what must never be taken for one.

One dictionary for all importers. A word here is taken where the values fit it; where two of them stand side by side, the person is asked.
The Tables' own names and aliases come first (``tables``), these after them.
"""

from __future__ import annotations

import functools
import re

from workbook_templates.intake.meaning import units
from workbook_templates.intake.meaning.currencies import YUAN

_ORDER = [
    "订单编码", "订单编号", "销售订单编号", "销售订单号", "订单号码", "合同编码", "合同号码", "出库单号", "销售出库单号", "单据编号", "单据号码", "单据编码", "单据号", "审批编号",
    "商机编号", "流水号", "业务编号", "项目编号", "订单ID", "合同ID", "成交编号", "签约编号", "cCode", "FBillNo", "销售凭证", "vbillcode", "opportunity id",
    "order reference", "order number", "sales order", "so number", "name id", "contract number", "contract no",
    "contract id", "document number", "sales document", "deal no", "deal number", "so no", "opportunity number",
    "sales order no",
]  # fmt: skip
_INVOICE = [
    "发票号码", "销售发票号", "发票代码号码", "单据编号", "单据号码", "单据编码", "出库单号", "销售出库单号", "凭证号", "凭证字号", "凭证编号", "订单编码", "订单编号", "销售订单编号",
    "交易单号", "票据号", "order reference", "order number", "sales order", "document number", "billing document", "number",
    "voucher no", "invoice id", "invoice #", "order no", "sales invoice", "reference", "bill no", "invoice reference",
    "invoice number",
]  # fmt: skip
_CUSTOMER = [
    "客户编码", "购货单位代码", "购货单位编码", "购货单位", "购买方", "客户号码", "往来单位", "往来单位编码", "往来单位编号", "往来户", "买家编号", "会员编号", "客商编码", "客户ID", "公司编号",
    "售达方", "结算客户", "customer code", "customer no", "customer number", "account", "account number", "account code",
    "sold-to party", "sold-to", "client", "client id", "partner", "party", "bill to", "invoice partner", "customer/id",
    "buyer id",
]  # fmt: skip
_DICTIONARY: dict[str, dict[str, list[str]]] = {
    "Deals": {
        "id": _ORDER,
        "date": ["单据日期", "下单日期", "下单时间", "成交日期", "成交时间", "合同日期", "合同签订日期", "签订日期", "签约时间", "签署日期", "出库日期", "业务日期", "赢单日期", "赢单时间",
                 "close date", "closed date", "posting date", "document date", "contract date", "deal date", "signed date", "won date", "confirmation date"],
        "customer": _CUSTOMER,
        "seller": ["业务员编码", "业务员代码", "业务员编号", "销售员", "销售员编码", "销售员工号", "销售人员", "销售人员工号", "负责人工号", "负责人", "负责人主属部门工号", "客户经理", "客户经理工号", "销售负责人",
                   "职员", "职员代码", "员工工号", "工号", "签单人", "销售代表", "主办销售", "owner id", "owner alias", "salesperson", "sales person", "sales rep",
                   "sales representative", "sales employee", "account manager", "opportunity owner", "rep", "salesperson id"],
        "revenue": ["销售额", "销售金额", "销售收入", "收入金额", "收入额", "不含税收入", "签单金额", "签约金额", "成交金额", "成交额", "订单额", "未税金额", "无税金额", "净额", "net sales", "net value", "net total",
                    "untaxed amount", "untaxed total", "deal amount", "net revenue", "base net total", "net"],
        "cost": ["销售成本", "成本额", "总成本", "成本合计", "主营业务成本", "项目成本", "结转成本", "出库成本", "cost amount", "total cost", "cogs", "cost of sales", "cost of goods sold", "cost total"],
        "margin": ["毛利额", "毛利润", "gross profit", "margin amount"],
        "margin_rate": ["毛利率", "毛利百分比", "gross margin", "gross margin rate", "margin percent", "gross profit %"],
        "collected": ["已收款", "已收金额", "收款金额", "累计回款", "累计收款", "已回款金额", "实收金额", "amount paid", "paid amount", "received", "amount received", "cash received"],
        "region": ["地区", "大区", "销售区域", "所属区域", "territory", "sales territory", "area"],
        "line": ["产品类别", "产品大类", "产品分类", "商品类别", "存货分类", "业务线", "product family", "product category", "product group", "item group"],
        "original": ["原单据号", "原订单号", "退货原单", "源单编号", "源单号", "return against", "original order", "reversed entry"],
    },
    "Transactions": {
        "invoice": _INVOICE,
        "date": ["单据日期", "下单日期", "下单时间", "订单创建时间", "创建时间", "出库日期", "记账日期", "凭证日期", "业务日期", "成交日期", "制单日期", "开票时间", "交易时间", "付款时间",
                 "posting date", "document date", "billing date", "voucher date", "order created", "created at", "bill date"],
        "customer": _CUSTOMER,
        "amount": ["销售金额", "销售收入", "收入", "收入金额", "未税金额", "无税金额", "开票金额", "成交金额", "订单金额", "不含税货款", "商品不含税货款", "净销售额", "net value",
                   "net total", "untaxed amount", "untaxed total", "net revenue", "line total", "base net total", "sales amount", "turnover", "net", "order lines/subtotal", "subtotal"],
        "currency": ["币别", "币种代码", "原币币种", "amount currency", "transaction currency", "document currency", "curr"],
        "quantity": ["实发数量", "出库数量", "发货数量", "quantity ordered", "order quantity", "units"],
        "price": ["无税单价", "未税单价", "unit price"],
        "product": ["产品代码", "存货编码", "存货名称", "物料代码", "sku编码", "商品id", "product id", "product name", "material", "item name", "description", "stock item"],
        "line": ["行号", "分录号", "行序号", "row id", "line id"],
    },
    "Customers": {
        "id": ["客户编码", "客商编码", "客商编号", "往来单位编码", "往来单位编号", "客户ID", "customer code", "customer no", "customer number", "account number", "client id", "account id"],
        "name": ["客户全称", "公司全称", "企业名称", "客户简称", "往来单位", "往来单位名称", "往来单位全名", "客商名称", "account name", "company", "company name", "client name", "customer name"],
        "region": ["地区", "大区", "所属区域", "territory", "area"],
        "industry": ["所属行业", "行业分类", "industry type", "sector"],
        "owner": ["负责人工号", "客户经理", "客户经理工号", "业务员", "专管业务员", "account manager", "account owner", "salesperson", "owner id"],
        "since": ["合作日期", "建档日期", "首次合作", "创建日期", "创建时间", "created date", "created on"],
    },
    "Opportunities": {
        # What CRMs call how it ended; our own state is whether it moves.
        "outcome": ["商机状态", "状态", "赢单情况", "status", "state", "opportunity status", "deal status", "opportunity state"],
    },
    "People": {
        "id": ["员工编号", "员工工号", "人员编码", "职员代码", "userid", "user id", "employee id", "employee no", "employee number", "staff id"],
        "name": ["员工姓名", "人员名称", "成员姓名", "full name", "employee name", "staff name"],
        "joined": ["入职时间", "入职日期", "hire date", "start date", "date of joining", "join date"],
    },
    "Collections": {
        # 单据编号 and payment no are the receipt's own.
        "deal": ["订单编号", "销售订单编号", "销售订单号", "合同编号", "合同号", "合同编码", "源单编号", "源单号", "关联订单", "关联合同", "order reference", "order number",
                 "order no", "order id", "so no", "sales order", "contract no", "contract number"],
        "date": ["收款日期", "到账日期", "回款日期", "交易日期", "单据日期", "入账日期", "实收日期", "payment date", "posting date", "received date", "receipt date"],
        "amount": ["收款金额", "到账金额", "回款金额", "实收金额", "本次收款金额", "本次回款金额", "本次收款", "paid amount", "payment amount", "amount received",
                   "received amount"],
    },
}  # fmt: skip
# An amount in name only: never offered, never taken, as what was sold.
_NEVER_MONEY = re.compile(
    r"余额|结余|折扣|优惠|税额|税金|税率|数量|件数|单价|概率|赢率|利润(?!率)|合计|小计|累计|总计|借方|贷方|应收|未收|欠款|未回|运费|序号|行号|编号|编码|账号|电话|邮编|"
    r"预付|减免|抹零|红包|代金|让利|免单|未结|未清|未核销|已核销|冲销|核销|额度|返利|返点|积分|上年|去年|同期|原价|标价|市场价|重量|保险|手续费|"
    r"(?<![a-z])(?:open|remaining|[ymq]td|last|prior|previous|limit|rebate|coupon|points|list|original|weight|tip|budget)(?![a-z])|balance|discount|profit|margin|tax|vat|quantity|qty|probab|outstanding|unpaid|due|freight|shipping|row|line (?:no|id)|phone|account|postal|zip|debit|credit|percent|rate"
)
_NEVER_ID = re.compile(
    r"产品|商品|存货|物料|品名|规格|sku|货号|行号|序号|分录|账号|电话|手机|税号|身份证|邮编|仓库|部门|摘要|备注|product|item|material|sku|line|row|phone|bank|warehouse|description|"
    r"remark|note|postal|zip|tax"
)
# What came in or is still owed for it: an amount of money, and not what was sold.
_RECEIVED = re.compile(
    r"已收|已付|实收|实付|应付|付款|支付|回款|收款|到账|预收|定金|订金|押金|保证金|成本|毛利|paid|received|collected|deposit|payment|refund|cost|commission|提成"
)
# A number of papers: never offered for whose they are.
_NEVER_WHOM = re.compile(
    r"订单|单据|发票|凭证|流水|合同|单号|批次|order|invoice|document|voucher|transaction|settlement|receipt|payment|batch|contract|record"
)
_WHOSE = re.compile(
    r"负责人|业务员|销售员|员工|客户|公司|经理|(?<![a-z])(?:owner|rep|seller|sales ?person|employee|manager|customer|account|company|client)(?![a-z])"
)
_FOREIGN = re.compile(r"原币|外币|(?:original|foreign|transaction|document) currency")
_ID_WORDS = re.compile(
    r"号|码|编号|代码|id\b|no\b|number|code|ref|单位|客户|公司|业务员|销售员|负责人|customer|account|client|sales|owner|seller|rep\b|key"
)
_WEAK = frozenset(("total", "grandtotal", "totalamount", "amounttotal", "总额", "总金额", "合计金额", "subtotal", "linetotal"))


@functools.cache
def _lookup(table: str) -> dict[str, str]:
    return {_tight(word): key for key, listed in _DICTIONARY.get(table, {}).items() for word in listed}


def _tight(word: str) -> str:
    return re.sub(r"[\s_.]+", "", units.plain(word))


def column_of(table: str, header: str) -> str:
    """The column that a header of one of the systems means; "" for none."""
    return _lookup(table).get(_tight(header), "")


def weak(header: str) -> bool:
    """Whether an amount is called so vaguely that any other comes before it: Total."""
    return _tight(units.bare(header)) in _WEAK


def is_code(header: str) -> bool:
    """Whether a header is that of a code, where another beside it is the name: 往来单位编码 and 往来单位."""
    return (
        re.search(r"(?:编码|编号|代码|代号|号码|号|码|(?<![a-z])(?:id|code|no|number|key|#))$", units.plain(header).rstrip(" ."))
        is not None
    )


def is_received(header: str) -> bool:
    """Whether an amount is one that came in, or what was spent: never offered as what was sold."""
    return _RECEIVED.search(units.plain(header)) is not None


def is_whose(header: str) -> bool:
    """Whether a header is that of a person or a firm: never offered for the number of a paper."""
    return _WHOSE.search(units.plain(header)) is not None


def may_be(kind: str, refers: str, header: str) -> bool:
    """Whether a header may be offered for a column of a kind: never a balance for the amount, never a product for the deal."""
    low = units.plain(header)
    if kind in ("money", "fen"):
        foreign = _FOREIGN.search(low) or units.of_header(header).currency not in ("", YUAN)
        return not _NEVER_MONEY.search(low) and not foreign and not units.planned(low)
    if kind == "id" or refers:
        of_papers = refers.partition(".")[0] in ("Customers", "People") and _NEVER_WHOM.search(low)
        return not _NEVER_ID.search(low) and not of_papers and _ID_WORDS.search(low) is not None
    return True
