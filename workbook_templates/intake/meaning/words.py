"""What single cells say of their row: that it is a total, a balance or a footer; that the deal is void, a draft, a credit note.

The words of the systems that people export from stand here, for every importer. A name that holds such a word is none of them:
合计贸易有限公司 is a customer and “Grand Total Suite” a product.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Collection
from typing import Any

from workbook_templates.intake.meaning.characters import simple, traditional

# ----------------------------------------------------------------------------------------------------------- totals, balances

TOTAL, MAYBE_TOTAL, WEAK_TOTAL, BALANCE, FOOTER = "total", "maybe", "weak", "balance", "footer"

_TOTAL = r"(?:总合计|总小计|合计数|合计|总计|小计|小结|累计|汇总|共计|结计|总和|求和|总额|合計|總計|小計|累計|彙總|總額)"
_PERIOD = (
    r"(?:\d{4}年?(?:\d{1,2}月(?:\d{1,2}日)?)?|(?:本|当|该|上|全|各|前|至|截至|截止)?(?:\d{2,4}[年./-])?(?:\d{1,2}|[一二三四五六七八九十]{1,3}|本|当|上|全|今|去)?"
    r"(?:年度?|半年|季度?|月份?|周|日|天|期|页|頁|批|组|表|次|班|部门?|区域?)|第?[一二三四1-4]季度?|q[1-4]|[上下]半年|(?:自?年初)?(?:至今|迄今|至本?月|至本?期)|全部|所有|总|分|本次|其中|以上|共)"
)
_MARKS = r"[\s:：\-—–=*.。…()（）\[\]【】<>《》#~]*"
_AFTER = r"(?:金额|数量?|额|人民币|大写|小写|行|栏)?(?:[:：(（\-—].*|[¥￥]?[\d,.]+.*|\d+(?:条|笔|行|单|张).*)?"
_STRICT = re.compile(
    rf"{_MARKS}(?:{_PERIOD}(?:的|之)?{_PERIOD}?)?{_MARKS}(?:价税|货款|整单|本单|订单|单据|发票|应收|实收|应付)?{_TOTAL}{_PERIOD}?{_AFTER}{_MARKS}|{_MARKS}[本当全]?[年季月日]?计{_MARKS}"
    r"|(?:金额|合计|人民币|[\s()（）])*大写[)）]?[\s:：].*|(?:人民币)?[零壹贰叁肆伍陆柒捌玖拾佰仟万亿元圆角分整正]{4,}|[Σ∑σς]+"
)
# What stands below a list beside its total, and is no sale either: 平均, 同比, Average. A count may be a thing's name.
_STATISTIC = re.compile(
    r"[\W_]*(?:(?:月|季|年|日|总|人|客|户)?(?:平均|均)(?:值|数|额|金额|单价)?|最大值?|最小值?|最高值?|最低值?|中位数|计数|(?:金额|数量|收入)?(?:占比|同比|环比)(?:增长率?|增幅|%)?|增长率|完成率|达成率"
    r"|average|avg|mean|median)[\W_]*"
)
# Beside the list, not of it: 其中：华东, 本月目标, 差额, Budget, YTD. They may be a thing's name.
_BESIDE = re.compile(
    r"[\W_]*其中\s*[:：].*|[\W_]*(?:本|上|当|去|全|各)?(?:年度?|月度?|季度?|期|周)?(?:销售|业绩|回款|收入)?(?:目标|任务|指标|预算|计划|差额|差异|缺口|同期)(?:值|额|数|金额|完成额?)?[\W_]*"
    r"|[\W_]*(?:上|去|前)(?:年|月|季度?|期)(?:同期|同月)?(?:金额|数|值|销售额?)?[\W_]*"
    r"|(?:monthly |annual |yearly |quarterly |sales )?(?:targets?|budgets?|quotas?|variances?|gaps?)|(?:prior|last|previous) (?:year|month|quarter|period)|(?:y|m|q)td|of which\b.*"
)
_COUNTED = re.compile(r"[\W_]*(?:(?:record|row|distinct)[ _-]?)?counts?[\W_]*")
_LOOSE = re.compile(rf"(?P<of>.+?)[\s:：\-—–_()（）的]*{_TOTAL}{_MARKS}")
_LOOSE_FIRST = re.compile(rf"{_TOTAL}[\s:：\-—–_]+(?P<of>.+)")
_STRICT_EN = re.compile(
    r"[\W_]*(?:(?:grand|sub|overall|report|page|order|invoice|document|amount|running|cumulative|monthly|quarterly|yearly|annual|period|group|sheet|ytd|mtd|net|all|final)[ -]*)?"
    r"(?:sub-?)?(?:(?:sum )?(?:totals?|ttls?)(?:\s*\(.*\))?|sums?)(?:\s*[:=].*|\s+(?:for|of) (?:the (?:month|year|period|quarter|page).*|"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?(?: \d{4})?|q[1-4]|20\d\d|all\b.*))?[\W_]*"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?(?: \d{4})? totals?|(?:q[1-4]|20\d\d)(?: 20\d\d)? (?:sub)?totals?"
    r"|[\W_]*(?:(?:gesamt|zwischen|end)?summe|gesamt(?:betrag|ergebnis)?|sous-total|total général|total general|итого|всего|総計|総合計|합계|총계|소계)[\W_]*"
)
_LOOSE_EN = re.compile(r"(?P<of>.+?)[\s\-–:_]+(?:grand |sub-?)?(?:totals?|ttls?)[\W_]*")
_LOOSE_FIRST_EN = re.compile(r"(?:grand |sub-?)?totals?(?: for| of|\s*[-–:])\s*(?P<of>.+)")
_WEAK_FIRST_EN = re.compile(r"(?:grand |sub-?)?totals? (?P<of>.+)")  # “Total C2”, and “Total Energies”
# Of these words alone such a text is made: 期初余额, 本期发生额及余额, 上年结转, 借方累计发生额.
_BALANCE_OF = r"(?:期初|期末|年初|年末|月初|月末|本期|本月|本年|本日|上年|上期|上月|上页|前页|前期|当前|账户|初始|借方|贷方|累计|合计|净额|及|和|与|[、\W_])*"
_BALANCE = re.compile(
    rf"{_BALANCE_OF}(?:余额|結餘|结余|结转|结存|欠款|应收(?:账)?款|发生额|发生数|期初|期末|期初数|期末数|年初数|年末数){_BALANCE_OF}(?:余额|结余|结存|结转|数|额)?{_BALANCE_OF}"
    r"|[\W_]*(?:承前页|承上页|过次页|转次页|转下页|转后页|接上页|承前|过次)[\W_]*|[\W_]*(?:结转|转)(?:下|次|上|前)(?:年度?|期|月|页)[\W_]*"
    r"|(?:opening|closing|ending|beginning|starting|initial|previous|prior) bal(?:ances?)?(?:\W.*)?|balances? (?:brought|carried) (?:forward|down)|"
    r"(?:brought|carried) (?:forward|down|over)|balances? [bc]/[fd]|[bc]/[fd]|balance forward|b/fwd|c/fwd"
)
_FOOTER = re.compile(
    r"(?:制单|制表|填表|填报|审核|复核|审批|经办|会计|出纳|主管|财务|记账|打印|导出|下载|生成|报表|统计|查询|数据|批准|签字|盖章|编制|负责|开票|收款)"
    r"(?:人|员|日期|时间|单位|者|条件|说明|主管|来源|截止|签字|签名)?\s*[:：].*"
    r"|(?:金额|货币|计量|数据|报表)?(?:单位|币[种别]|货币)\s*[:：].*|[(（]?(?:以上|本表|所有)?(?:金额|价格|数据)(?:均|皆|都)?(?:为|以|按|不?含).*"
    r"|(?:注|备注|说明|附注|注释|提示|声明|以上|以下)\s*\d*\s*[:：、].*|(?:以上|以下|本表|上述)(?:金额|数据|为|均|内容).*"
    r"|(?:非?必填|选填|可选|示例|填写(?:说明|示例))(?:项|列)?(?:[\s,，:：;；(（、。].*)?|(?:required|optional|mandatory)(?:[\s,:;(].*)?"
    r"|第\s*\d+\s*页.*|\d+\s*[/／]\s*\d+(?:\s*页)?|\d+\s*页|共\s*\d+\s*(?:页|条|行|笔|单|张).*|-+\s*\d+\s*-+"
    r"|page \d+(?: of \d+)?.*|\d+ of \d+|\(c\)\s.*|©.*|copyright\b.*|confidential\b.*|generated (?:by|on|at)\b.*|printed (?:by|on|at)\b.*|exported (?:by|on|at)\b.*"
    r"|(?:prepared|created|approved|checked|reviewed) by\b.*|as of (?:date)?\b.*:.*|end of (?:report|file|list)\b.*|notes?\s*:.*|filters? applied\b.*|applied filters?\b.*|"
    r"(?:report|run|print) (?:date|time)\b.*|\d+ (?:records?|rows?|lines?)(?: (?:found|selected|exported))?|\(?\d+ rows?\)?|(?:以下空白|此页无正文|完|结束|end)",
)  # fmt: skip
# Above or below a group: “Stage: Closed Won (3 records)”, “华东（12 笔）”.
_OF_SO_MANY = re.compile(
    r"(?P<of>.+?)\s*\(\s*(?:共\s*)?\d[\d,]*\s*(?:records?|rows?|lines?|deals?|orders?|opportunities|条|笔|行|单)(?:记录|订单)?\s*\)"
)
_COUNT = re.compile(r"[\s共计总]*\d+\s*(?:笔|单|条|行|张|家|户|项|records?|rows?|lines?|orders?|deals?)[\s:：]*.*")
_KEYS = re.compile(
    "合计|总计|小计|小结|累计|汇总|共计|结计|求和|大写|壹|贰|叁|肆|伍|陆|柒|捌|玖|总和|总额|合計|總計|小計|累計|彙總|總額|総計|余额|结余|結餘|期初|期末|结转|结存|转下|转次|期初|发生额|发生数|年初数|承前|过次|次页|上页|下页|后页|年计|季计|月计|日计|Σ|∑|σ|ς|합계|총계|소계|итого|всего|"
    "平均|均值|最大|最小|最高|最低|中位数|计数|占比|同比|环比|增长率|完成率|达成率|均额|均数|均价|均|其中|目标|任务|指标|预算|计划|差额|差异|缺口|同期|上年|去年|上月|前年|上季|上期|average|avg|mean|median|count|target|budget|quota|varianc|gap|prior|last|previous|ytd|mtd|qtd|of which|"
    "total|ttl|sum|opening|closing|balance|forward|brought|carried|gesamt|b/f|c/f|b/d|c/d"
)


_SEPARATED = re.compile(r"[/|,，、;；()（）\[\]【】\s]+")  # 合计/Total, 小计 Subtotal
# What counts a group, as its last letters; a file without brackets is not searched for them.
_COUNTERS = (
    "record",
    "rows)",
    "lines)",
    "deals)",
    "orders)",
    "opportunities)",
    *(word + mark for word in "条笔行单录" for mark in ")）"),
)
TOTAL_WORDS = (
    *dict.fromkeys(form for word in (*_KEYS.pattern.split("|"), "匯總") for form in (word, traditional(word))),
    "共",
    "计",
    *_COUNTERS,
)  # one of them is in each text of a total or a balance
_LATIN, _HAN = (tuple(word for word in TOTAL_WORDS if word.isascii() is latin) for latin in (True, False))
_LATIN_BYTES, _COUNTER_BYTES = (
    tuple(word.encode() for word in _LATIN if (word in _COUNTERS) is counts) for counts in (False, True)
)


def plain(cell: Any) -> str:
    """A cell's text as words are compared: half width, small letters, simplified characters, single spaces."""
    return " ".join(simple(unicodedata.normalize("NFKC", str(cell)).casefold()).split())


def may_total(texts: str | bytes) -> bool:
    """Whether some of many texts, joined, can be that of a total or a balance; bytes are small Latin letters."""
    # A million rows have a million invoices: one search a word is quicker than one for all, most need the Latin words only, and no digits.
    if isinstance(texts, bytes) or texts.isascii():
        letters = texts if isinstance(texts, bytes) else texts.encode().translate(None, b"0123456789").lower()
        found = any(word in letters for word in _LATIN_BYTES)
        return found or (b")" in letters and any(word in letters for word in _COUNTER_BYTES))
    low = texts.casefold()
    if any(word in low for word in TOTAL_WORDS):
        return True
    tight = re.sub(r"[^\S\n]+", "", low)
    return any(word in tight for word in _HAN)


@functools.lru_cache(maxsize=65536)
def kind_of(cell: str) -> tuple[str, str]:
    """Whether a text is that of a total, perhaps of one (and of what), or of a balance."""
    low = plain(cell)
    tight = low.replace(" ", "")
    if not low or len(low) > 80 or not _KEYS.search(tight):
        if group := _OF_SO_MANY.fullmatch(low):
            return MAYBE_TOTAL, group["of"]
        # “计” alone, and “共 2 笔”, hold none of the words.
        return (TOTAL, "") if tight == "计" else (MAYBE_TOTAL, "") if low[:1] == "共" and _COUNT.fullmatch(low) else ("", "")
    if _BALANCE.fullmatch(low) or _BALANCE.fullmatch(tight):
        return BALANCE, ""
    if _STRICT.fullmatch(tight):
        more = _says_more(tight)
        return (MAYBE_TOTAL, more) if more else (TOTAL, "")
    if _STRICT_EN.fullmatch(low):
        return TOTAL, ""
    if _STATISTIC.fullmatch(tight):
        return TOTAL, ""
    if _COUNTED.fullmatch(low) or _BESIDE.fullmatch(low):
        return MAYBE_TOTAL, ""
    parts = [part for part in _SEPARATED.split(low) if part]
    if len(parts) > 1 and all(_STRICT.fullmatch(part) or _STRICT_EN.fullmatch(part) or _COUNT.fullmatch(part) for part in parts):
        return TOTAL, ""
    for pattern in (_LOOSE, _LOOSE_FIRST, _LOOSE_EN, _LOOSE_FIRST_EN):
        if match := pattern.fullmatch(low):
            return MAYBE_TOTAL, match["of"].strip()
    weak = _WEAK_FIRST_EN.fullmatch(low)
    return (WEAK_TOTAL, weak["of"].strip()) if weak else ("", "")


# What stands behind the word of a total and is still one: an amount, how many rows, in capital numerals; not 台设备 of 合计3台设备.
_OF_A_TOTAL = (
    r"[\s:：\-—–=*.。…()（）\[\]【】<>《》#~¥￥\d,，%]+|共|元整?|万元?|人民币|rmb|cny|[大小]写|金额|数量?|额|行|栏|(?:不含|含|未)税|税[前后]|"
    r"(?:条|笔|行|单|张|家|户|项|records?|rows?|lines?).*|[零壹贰叁肆伍陆柒捌玖拾佰仟万亿元圆角分整正]+"
)
_TAIL = re.compile(rf"(?:{_TOTAL}|[年季月日]计){_PERIOD}?(?:{_OF_A_TOTAL})*(?P<more>.*)")


def _says_more(tight: str) -> str:
    """What a text says behind the word of a total and its amount: a remark of a sale may (合计3台设备, 小结：客户满意)."""
    found = _TAIL.search(tight)
    return found["more"] if found else ""


def may_be_struck(texts: str | bytes) -> bool:
    """Whether some of many numbers, joined, may be struck out; bytes are small Latin letters."""
    low = texts.decode("ascii") if isinstance(texts, bytes) else texts.lower()
    return any(word in low for word in (STRUCK_IN[-2:] if low.isascii() else STRUCK_IN))


def is_struck(number: str) -> bool:
    """Whether a number says of itself that its document is void."""
    return _STRUCK_ID.fullmatch(plain(number)) is not None


_DAY = re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?: .*)?")


def is_aside(cell: str) -> bool:
    """Whether a text in a column of amounts is no amount but part of a footer: 打印日期：, or the day beside it."""
    return is_footer(cell) or _DAY.fullmatch(plain(cell)) is not None


@functools.lru_cache(maxsize=4096)
def is_footer(cell: str) -> bool:
    """Whether a text is one that stands below a list: who made it, notes, page numbers, a print time."""
    return _FOOTER.fullmatch(plain(cell)) is not None


# ------------------------------------------------------------------------------------------------------- status, void, credit

TAKE, SKIP, MINUS, ASK = "take", "skip", "minus", "ask"

_STATUS_HEADER = re.compile(
    r"(?:.*(?:订单|单据|审批|审核|生命|业务|合同|交易|销售|发票|流程|数据|记录|商机|执行|当前|出库|开票|票据|申请|审查)?(?:状态|结果|阶段|进度|状况|情况))"
    r"|(?:订单|单据|审批|审核|生效|有效|流程|数据|状态)(?:标志|标记|标识)|审核否|是否(?:审核|生效|确认|完成)"
    r"|(?:.*\b)?(?:order |document |doc |invoice |deal |sales |approval |record |workflow |opportunity )?(?:status|state|stage|docstatus|stage name|result)"
    r"|(?:当前|流程|审批|审核)?(?:节点|环节|流程节点|审批节点)|forecast category(?: name)?|预测类[别型]|won|is won|iswon|赢单|是否赢单|是否成交|是否有效|有效|有效性|是否有效|active|is active"
)
_NOT_STATUS = re.compile(
    r"付款|收款|回款|发货|物流|配送|开票状态|开票情况|结算|核销|对账|支付|payment|delivery|shipping|shipment|billing|invoicing|invoice status|fulfil|paid|收货|评价|维修"
)
_VOID_HEADER = re.compile(
    r"(?:是否|已|有无)?(?:作废|废止|取消|撤销|删除|退订|关闭|红冲|冲销|失效|终止)(?:标志|标记|标识|否|状态)?|(?:作废|废弃)票|(?:是否|为)测试(?:单|订单|数据|记录|客户)?|测试(?:标志|标记|标识)"
    r"|(?:is[ _]?)?(?:void(?:ed)?|cancel(?:l?ed)?|deleted|is deleted|closed lost|reversed|annulled|draft|test(?: order| record| data)?)(?: flag)?"
)
_RED_HEADER = re.compile(
    r"(?:是否)?(?:红蓝字?|蓝红字?|红字|红票|冲红|红蓝标志|红蓝单|红单|红冲发票|退货|退单|退换货|红字发票)(?:标志|标记|标识|否)?|(?:is[ _]?)?(?:return|credit note|credit memo|refund)(?: flag)?|发票类型标志|正负标志"
)
_DIRECTION_HEADER = re.compile(
    r"(?:借贷|余额|金额|收支|资金|发生|记账|入账|凭证|分录)?(?:方向|借贷)(?:标志|标识)?|借/?贷(?:标志|标识|方向)?|收/?[支付](?:类型|标志)?|"
    r"dr\.?/?cr\.?(?: indicator)?|d/?c(?: indicator)?|debit/credit|debit or credit|debit/credit (?:ind(?:icator)?|flag)\.?|direction"
)

_PAYMENT_HEADER = re.compile(
    r"(?:.*(?:付款|收款|支付|回款|结算|退款)(?:状态|情况|结果))|(?:.*\b)?(?:financial|payment|refund)[ _]?status"
)
# What a document is: an invoice or its return, a quote, the money that came for it.
_KIND_HEADER = re.compile(
    r"(?:.*(?:单据|业务|交易|发票|凭证|订单|销售|出库|票据|记录|事务|单据业务)(?:类型|类别|种类|性质))|类型|性质|单据名称|(?:(?:trx|transaction|invoice|document)[ _]?)?class"
    r"|(?:(?:document|doc|billing|invoice|order|sales|transaction|trans|voucher|record|entry|move)[ _.]?)?(?:type|kind|category)|saty|sa\.?ty\.?|auart|fkart|bill(?:ing)?\.? ?(?:ty|typ)\.?|sales doc(?:ument)?\.? ?(?:type|typ\.?)"
)
_REMARK_HEADER = re.compile(r"(?:.*(?:备注|摘要|说明|附注))|remarks?|notes?|memo|comments?|description")
_RETURNED = re.compile(
    r".*(?:退货|退款|退单|退库|退换|退回|红字|红冲|红票|红单|冲红|负数发票|销售折让).*|(?:.*\b)?(?:credit[ -]?(?:note|memo)s?|returns?|refunds?|reversals?|rma|"
    r"out_refund|sales returns?|return order|g2|re|cm|crn|cn|s1|credit)(?:\b.*)?"
)
_NOT_YET = re.compile(
    r".*(?:报价|询价|意向|预测|草稿|样品|借出|调拨|(?<!客户)采购|请购|进货).*|purchase (?:order|invoice|receipt)s?|stock (?:entry|transfer)|quot(?:e|ation)s?|sales quotation|forecast|pro ?forma(?: invoice)?|draft|estimate|qt"
)
_CASH = re.compile(
    r"(?:.*(?:收款|付款|回款|预收|预付|核销)(?:单|款)?)|(?:customer |cash |incoming )?(?:payments?|receipts?|deposits?)(?: entry| received)?|payment entry|"
    r"journal(?: entry)?|opening(?: balance| entry)?"
)
_STRUCK = re.compile(
    r"(?:本单|此单|该单|订单|单据|发票|合同)?(?:已|被|申请)?(?:作废|取消|撤销|废弃|红冲|冲红|退货|退款|退单|删除)(?:了|单|处理)?|cancel(?:l?ed)?|void(?:ed)?|"
    r"(?:order )?(?:was |is )?(?:cancel(?:l?ed)|void(?:ed)?|refunded|returned)"
)
# Sage's letters, which say something else elsewhere: known by SI, the sales invoice, beside them.
SAGES = {"sc": "minus", "sa": "ask", "sr": "ask", "sp": "skip", "pi": "skip", "pc": "skip"}
LONGEST_WORD = 24
# As people strike a number out where there is no column for it: I2（作废）, 作废-I2, I2 VOID.
_STRUCK_WORD = r"(?:已)?(?:作废|取消|撤销|红冲|废止)|void(?:ed)?|cancel(?:l?ed)"
_STRUCK_ID = re.compile(
    rf"(?:{_STRUCK_WORD})[\s\-_:：/]+\S.*|.*\S[\s\-_:：/]+(?:{_STRUCK_WORD})|.*[(（【\[]\s*(?:{_STRUCK_WORD})\s*[)）】\]].*"
)
STRUCK_IN = ("作废", "作廢", "取消", "撤销", "撤銷", "红冲", "紅沖", "废止", "廢止", "void", "cancel")

_LIVE = frozenset(
    [
        "closedwon",
        "正常",
        "有效",
        "生效",
        "已生效",
        "已完成",
        "完成",
        "完结",
        "已完结",
        "成功",
        "交易成功",
        "已审核",
        "审核通过",
        "已审批",
        "审批通过",
        "通过",
        "已通过",
        "同意",
        "已同意",
        "已成交",
        "成交",
        "赢单",
        "已赢单",
        "已签约",
        "签约",
        "已签",
        "已签订",
        "已签署",
        "已确认",
        "确认",
        "已提交",
        "执行中",
        "进行中",
        "履行中",
        "履约中",
        "已执行",
        "已发货",
        "已出库",
        "部分发货",
        "部分出库",
        "已收货",
        "已付款",
        "已支付",
        "已收款",
        "已回款",
        "部分回款",
        "部分付款",
        "已开票",
        "部分开票",
        "已归档",
        "归档",
        "已入账",
        "已记账",
        "已过账",
        "过账",
        "待发货",
        "待收货",
        "待付尾款",
        "已关单",
        "已结案",
        "结案",
        "已结清",
        "交付中",
        "已交付",
        "已验收",
        "生产中",
        "未作废",
        "蓝字",
        "是否有效",
        "active",
        "valid",
        "approved",
        "complete",
        "completed",
        "done",
        "won",
        "sale",
        "sales",
        "order",
        "submitted",
        "confirmed",
        "paid",
        "unpaid",
        "partly",
        "paid",
        "partially",
        "paid",
        "to",
        "deliver",
        "and",
        "bill",
        "to",
        "bill",
        "to",
        "deliver",
        "fulfilled",
        "shipped",
        "delivered",
        "invoiced",
        "posted",
        "open",
        "released",
        "signed",
        "booked",
        "ok",
        "success",
        "successful",
        "overdue",
        "return",
        "credit",
        "note",
        "issued",
        "processing",
        "in",
        "progress",
        "accepted",
        "finished",
        "sent",
    ]
)
_LIVE_PHRASES = frozenset({
    "closed won", "sales order", "partly paid", "partially paid", "to deliver and bill", "to bill", "to deliver", "credit note issued",
    "in progress", "in payment", "fully paid", "交易 成功", "credit note", "partially delivered", "overdue",
})  # fmt: skip
_DEAD = re.compile(
    r"(?:已|被|申请)?(?:作废|废弃|取消|解除|放弃|流标|撤单|弃单|落标|撤销|撤回|删除|驳回|拒绝|否决|拒批|终止|中止|丢单|输单|失单|流失|无效|失效|冲销|红冲|退单|退订|解约|毁约|废止|失败|不成立|搁置|注销)(?:的)?(?:订单|合同|单据|商机|合作|交易|发票|申请)?"
    r"|(?:审批|审核)?(?:不通过|未通过|不同意)|自由态?|拒签|已?过期|(?:驳回|退回|打回)(?:至|到|给|修改|重填).{0,8}|交易(?:关闭|取消|失败)|订单取消|全额退款|已退款|退款成功|已全额退款|已退货|输单关闭|已输单|丢失"
    r"|cancel(?:l?ed|lation)?|void(?:ed)?|reject(?:ed)?|declined?|denied|(?:deal |opportunity )?lost(?: deal)?|closed[ -]lost|withdrawn|deleted|inactive|expired|annulled|failed|failure|"
    r"closedlost|terminated|dead|abandoned|revers(?:ed|al)|refunded|disqualified|no decision|on hold|stopped|omitted|storniert|annulliert|abgebrochen|abgelehnt|annul[ée]e?s?|anulad[oa]s?|cancelad[oa]s?|キャンセル(?:済み?)?|取消済み?|취소(?:됨)?"
)
_DRAFT = re.compile(
    r"草稿|拟稿|起草中?|编辑中|编制中|暂存|未审核?|未审批|未提交|未确认|未生效|未成交|未签约?|未签订|未签署|未签字|待签署|待签字|待盖章|签署中|用印中|待用印|待审核?|待审批|待提交|待确认|待签约?|待成交|审核中|审批中|重新审核|退回|已退回|创建|新建|录入|制单|开单|待处理|"
    r"待付款|等待付款|等待买家付款|待支付|未付款|洽谈中?|跟进中|跟踪中|谈判中?|意向|报价中?|询价|初步接洽|方案|立项|"
    r"draft|new|pending(?: .*)?|quotation|quotation sent|quote|in review|under review|submitted for approval|awaiting .*|to approve|waiting(?: .*)?|"
    r"contract sent|decision maker bought[ -]?in|presentation scheduled|appointment scheduled|qualified to buy|best case|most likely|pipeline|commit|contractsent|decisionmakerboughtin|presentationscheduled|appointmentscheduled|qualifiedtobuy|prospecting|qualification|needs analysis|value proposition|proposal.*|negotiation.*|perception analysis|id\.? decision makers|unapproved|not approved|unconfirmed|planned|parked|held|saved|incomplete|preliminary"
)
# By whom or when: 通过后撤销, 买家取消, cancelled by customer; not 部分取消, and not what was only asked for.
_ENDS_DEAD = re.compile(
    r"(?!.*(?:未|不|无|非|没|部分|待|申请|反))[一-鿿]{1,8}(?:作废|取消|撤销|撤回|驳回|拒绝|否决|终止)"
    r"|(?!.*(?:未|部分|待))[一-鿿,，、]{1,12}(?:已全额退款|全额退款完成|已全部退款|退款成功|退款完成)"
    r"|(?:order |invoice |payment |fully |full )?(?:cancel(?:l?ed)|void(?:ed)?|refund(?:ed)?|rejected|declined)(?: by .*| in full)?"
)
# One system says so of orders delivered in full, another of orders that came to nothing.
_EITHER = frozenset(
    (
        "开立",
        "开立态",
        "关闭",
        "已关闭",
        "订单关闭",
        "业务关闭",
        "手工关闭",
        "系统关闭",
        "自动关闭",
        "closed",
        "close",
        "已冻结",
        "冻结",
        "挂起",
        "frozen",
        "已变更",
        "变更中",
        "已拆分",
        "被拆分",
        "已合并",
        "被合并",
        "异常",
        "异常订单",
        "问题单",
    )
)
_LETTERS = frozenset("abcdz")  # of 金蝶云星空: created, under review, approved, reviewed anew, kept for later
_YES = frozenset(("是", "y", "yes", "true", "1", "1.0", "√", "✓", "t", "有", "已", "x", "对", "on", "checked"))
_NO = frozenset(("否", "n", "no", "false", "0", "0.0", "×", "f", "无", "未", "", "-", "—", "off", "不是", "错", "正常", "无效否"))
_RED = re.compile(r"红字?.*|(?:销售)?退[货回].*|退单|退款|红冲|credit ?(?:note|memo)?|return.*|refund.*|负|-1(?:\.0)?|-|r")
_BLUE = re.compile(r"蓝字?.*|正常|销售|正|invoice|sale|1(?:\.0)?|\+|b|普通|出库")

STATUS, VOID, RED, DIRECTION, KIND, PAYMENT, REMARK, ENDED, CHANCE = (
    "status",
    "void",
    "red",
    "direction",
    "kind",
    "payment",
    "remark",
    "ended",
    "chance",
)
# How likely it is that it will be sold: what was sold is certain.
_CHANCE_HEADER = re.compile(
    r"(?:赢单?|成交|成功|签约|商机)?(?:概率|几率|可能性|赢率|胜率)|赢率|胜率|(?:deal |win |close )?probability(?: %| pct| percent)?|win (?:rate|chance|%)|chance(?: of winning)?"
)
# When, why or by whom it came to nothing: filled only where it did.
_ENDED_HEADER = re.compile(
    r"(?:订单|单据|合同|发票|申请|审批)?(?:作废|取消|撤销|拒绝|驳回|废弃|丢单|输单|失单|红冲)(?:的)?(?:原因|理由|日期|时间|人|者|说明|类型)"
    r"|(?:item |order |overall |sales )?(?:rejection|cancell?ation|void(?:ing)?|cancel|lost|loss|closed lost)[ _](?:reasons?|date|time|code|by)(?: code| description)?"
    r"|reasons? (?:for|of) (?:rejection|cancell?ation|loss|void(?:ing)?)|reas\.? ?f\.? ?rej\w*|rejection|rjcd|abgru|(?:cancel(?:l?ed)|void(?:ed)?|rejected|lost|deleted)[ _](?:at|on|by|date|time|reason)"
)
_NOT_ENDED = frozenset(
    (
        "",
        "-",
        "—",
        "/",
        "无",
        "none",
        "n/a",
        "no",
        "否",
        "未",
        "未作废",
        "未取消",
        "null",
        "0",
        "0.0",
        "0000-00-00",
        "0000-00-00 00:00:00",
        "1900-01-00",
        "00",
    )
)
_PARTLY = re.compile(
    r"(?:已)?部分(?:已)?(?:取消|撤销|作废|退货|关闭|终止)|(?:order )?part(?:ial(?:ly)?|ly)[ -](?:cancel(?:l?ed|lation)?|return(?:ed)?|void(?:ed)?)"
)


def is_partly(cell: str) -> bool:
    """Whether a word says that a part of it was cancelled: the amount may be before that."""
    return _PARTLY.fullmatch(plain(cell)) is not None


@functools.lru_cache(maxsize=4096)
def flag_of(header: str) -> str:
    """Whether a column decides what its rows mean: a status, a void or credit-note flag, debit or credit, what kind of document it is."""
    low = re.sub(r"[(（\[].*?[)）\]]|[_*:：]", " ", plain(header)).strip()
    low = " ".join(low.split()).strip("?？")
    if not low or len(low) > 30:
        return ""
    if _DIRECTION_HEADER.fullmatch(low):
        return DIRECTION
    if _VOID_HEADER.fullmatch(low):
        return VOID
    if _ENDED_HEADER.fullmatch(low):
        return ENDED
    if _CHANCE_HEADER.fullmatch(low):
        return CHANCE
    if _RED_HEADER.fullmatch(low):
        return RED
    if _STATUS_HEADER.fullmatch(low) and not _NOT_STATUS.search(low):
        return STATUS
    for flag, pattern in ((PAYMENT, _PAYMENT_HEADER), (KIND, _KIND_HEADER), (REMARK, _REMARK_HEADER)):
        if pattern.fullmatch(low):
            return flag
    return ""


@functools.lru_cache(maxsize=4096)
def verdict(flag: str, cell: str, header: str = "") -> str:
    """What a flag's word does to its row; "" for a word that is not known."""
    cell = _unmarked(cell)
    low = plain(cell)
    if flag == CHANCE:
        sure = _percent(low)
        return "" if sure is None else TAKE if sure in (1, 100) else SKIP
    if flag == ENDED:
        return TAKE if low in _NOT_ENDED else SKIP
    if flag in (KIND, PAYMENT, REMARK):
        return _of_documents(flag, low)
    if flag == STATUS:
        return _of_status(low, cell, header)
    if flag == VOID:
        if low in _NO or re.fullmatch(r"未.*|正常|有效|not .*|no .*", low):
            return TAKE
        return SKIP if low in _YES or _DEAD.fullmatch(low) or low in ("红冲", "已红冲") else ""
    if flag == RED:
        if low in ("1", "1.0") and not re.search("红蓝|正负|类型", plain(header)):
            return MINUS  # 是否退货 1; of 红蓝字 1 is the blue one
        if low in _NO or _BLUE.fullmatch(low):
            return TAKE
        return MINUS if low in _YES or _RED.fullmatch(low) else ""
    return ""


def _percent(low: str) -> float | None:
    """The number of a chance: 50%, 50, 0.5."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%?", low)
    return float(match[1]) if match else None


def is_percent(cell: str) -> bool:
    """Whether a chance is one of a hundred, not of one."""
    number = _percent(plain(cell))
    return number is not None and number > 1


def _unmarked(cell: str) -> str:
    """A word without the sign that people put before or behind it: ✅已完成, ❌ 已取消; a sign alone stays."""
    bare = "".join(c for c in cell if unicodedata.category(c) not in ("So", "Mn", "Cf", "Sk")).strip()
    return bare or cell


def _of_status(low: str, cell: str, header: str) -> str:
    """What a status does."""
    if plain(header) == "docstatus" and low in ("0", "1", "2"):
        return TAKE if low == "1" else SKIP
    if low in _LETTERS and re.fullmatch(r"单据状态|documentstatus|fdocumentstatus|document status", plain(header)):
        return TAKE if low == "c" else ASK
    if low in _YES and not re.search(r"状态|status|state$", plain(header)):
        return TAKE
    if low in _NO and low not in ("", "正常") and re.search(r"won|赢单|成交|有效|active|valid", plain(header)):
        return SKIP
    if low in ("closed", "已结束") and re.search("forecast|预测", plain(header)):
        return TAKE
    if low in _LIVE or low in _LIVE_PHRASES:
        return TAKE
    if _PARTLY.fullmatch(low):
        return ASK
    if low in _EITHER:
        return TAKE if low.startswith("开立") and re.search("发票|票据", header) else ASK
    if _DEAD.fullmatch(low) or _DRAFT.fullmatch(low) or _ENDS_DEAD.fullmatch(low):
        return SKIP
    return _by_parts(cell, header)


_PARTED = re.compile(r"[-–—/|;,、]")
_BRACKETED = re.compile(r"[(\[【](.*?)[)\]】]")


def _by_parts(cell: str, header: str) -> str:
    """What a status does that says two things: “(删除)等待付款”, “已完成（已作废）”; the worse of them."""
    low = plain(cell)
    parts = [part.strip() for part in (*_BRACKETED.findall(low), _BRACKETED.sub(" ", low)) if part.strip()]
    said = [verdict(STATUS, part, header) for part in parts] if len(parts) > 1 else []
    if found := next((way for way in (SKIP, ASK, TAKE) if way in said), ""):
        return found
    # “已完成-已退款”, “有效;已作废”: what takes it out goes before what lets it stand; to let it stand all must be known.
    parts = [part.strip() for part in _PARTED.split(low) if part.strip()]
    said = [verdict(STATUS, part, header) for part in parts] if len(parts) > 1 else []
    return next((way for way in (SKIP, ASK) if way in said), TAKE if said and set(said) == {TAKE} else "")


def _of_documents(flag: str, low: str) -> str:
    """What a word does that says something of a document, and mostly nothing of whether it counts."""
    if len(low) > LONGEST_WORD:
        return TAKE
    if flag == REMARK:
        return ASK if _STRUCK.fullmatch(low) else TAKE
    if flag == PAYMENT:
        return SKIP if _DEAD.fullmatch(low) else "" if re.search(r"退款|作废|refund|void|cancel|chargeback", low) else TAKE
    if _RETURNED.fullmatch(low) or _RETURNED.fullmatch(low.replace("_", " ")):
        return MINUS  # CREDIT_NOTE too
    bare = _BRACKETED.sub(" ", low).strip()  # 收款单（现金）
    return SKIP if _NOT_YET.fullmatch(low) else ASK if _CASH.fullmatch(low) or _CASH.fullmatch(bare) else TAKE


_MOST_WORDS = 12  # different words of a column that may be a status
_SURELY_NOT = re.compile(
    r"(?:已|被)?(?:作废|废弃|取消|撤销|驳回|拒绝|丢单|输单|无效|红冲|冲红)|草稿|未审核|cancel(?:l?ed)?|void(?:ed)?|closed[ -]lost|rejected|draft"
)
_SURELY_RED = re.compile(r"红字.*|红单|红票|红冲|冲红|蓝字.*|蓝单|蓝票|credit (?:note|memo)|销售退[货回]|退货单?")
_SIDES = frozenset(("借", "贷", "借方", "贷方", "debit", "credit", "dr", "cr", "dr.", "cr."))


def may_flag(values: Collection[str]) -> bool:
    """Whether some different cells of a column may be those of one that decides: nothing but words that say how a row stands."""
    low = {plain(value) for value in values} - _NOTHING
    return len(low) <= _MOST_WORDS and all(
        len(value) <= LONGEST_WORD and (_stands(value) or value in _SIDES or _turns(value)) for value in low
    )


def flag_by(values: Collection[str]) -> str:
    """What a column decides that is called by no word we know, as all its different cells show; "" for most columns."""
    low = {plain(value) for value in values} - _NOTHING
    if not low or not may_flag(values):
        return ""
    if low <= _SIDES:
        return DIRECTION
    if all(map(_stands, low)):
        return STATUS if any(_SURELY_NOT.fullmatch(value) for value in low) else ""
    return RED if any(_SURELY_RED.fullmatch(value) for value in low) and all(map(_turns, low)) else ""


_NOTHING = frozenset(("", "-", "—", "/"))


def _stands(low: str) -> bool:
    """Whether a word says how an order stands."""
    return low in _LIVE or low in _LIVE_PHRASES or low in _EITHER or bool(_DEAD.fullmatch(low) or _DRAFT.fullmatch(low))


def _turns(low: str) -> bool:
    """Whether a word says that a document takes another back, or that it does not."""
    return bool(_RED.fullmatch(low) or _BLUE.fullmatch(low))


_YES_ONLY = re.compile(
    r"(?:审核|审批|复核|确认|生效|有效|过账|记账|成交|赢单)(?:标志|标记|标识|否)|是否(?:已)?(?:审核|审批|生效|有效|确认|成交|赢单|过账|记账)|"
    r"(?:is )?(?:approved|posted|confirmed|won|active|valid|audited)(?: flag)?"
)


def is_yes_or_nothing(header: str, values: Collection[str]) -> bool:
    """Whether a column says yes of some rows and leaves the others blank, which is no: 审核标志 with Y and nothing."""
    low = {plain(value) for value in values} - {""}
    return bool(low) and low <= _YES and _YES_ONLY.fullmatch(plain(header).strip("?？")) is not None


def is_won(cell: str) -> bool:
    """Whether a stage is that of a deal that was won."""
    bare = _BRACKETED.sub(" ", plain(cell)).strip()  # Closed Won (Sales Pipeline), 赢单（100%）
    return (
        re.fullmatch(
            r"(?:closed[ -]?|deal )?won|(?:deal |opportunity )won|closedwon|(?:已)?(?:赢单|成交|签约|签单|中标)(?:关闭)?|赢单关闭|won deal",
            bare,
        )
        is not None
    )


# Where won and lost stand beside it, what is open is neither.
UNDER_WAY = frozenset(("open", "in progress", "active", "进行中", "跟进中", "处理中", "未结束", "待定", "pending"))


def is_lost(cell: str) -> bool:
    """Whether a stage is that of a deal that was lost."""
    return (
        re.fullmatch(
            r"(?:closed[ -]?|deal |opportunity )?lost(?: deal)?|closedlost|(?:已)?(?:输单|丢单|失单|流失|落标)(?:关闭)?|输单关闭",
            _BRACKETED.sub(" ", plain(cell)).strip(),
        )
        is not None
    )


_TAX_LINE = re.compile(
    r"(?:增值税|销项税|税额|税金|税费|附加税|消费税|营业税)(?:额|金|行|费)?(?:\W*\d+(?:\.\d+)?%\W*)?|\d+(?:\.\d+)?%\s*(?:增值税|税额|税金|vat|gst|tax|sales tax)"
    r"|(?:output |sales |state |local |added )?(?:vat|gst|hst|pst|tax|taxes|mwst|ust|iva|tva)\.?(?: amount| line)?(?:\W*\d+(?:\.\d+)?%\W*)?"
)


TAX_WORDS = ("税", "稅", "tax", "vat", "gst", "hst", "pst", "mwst", "ust", "iva", "tva")  # one of them is in each such line


@functools.lru_cache(maxsize=4096)
def is_tax_line(cell: str) -> bool:
    """Whether the product of an order's line is the tax on the others: 增值税 13%, VAT."""
    return _TAX_LINE.fullmatch(plain(cell)) is not None


_ERASED = re.compile(r"(?:已|被)?(?:作废|废弃|删除|取消|撤销)(?:的)?|void(?:ed)?|deleted|cancel(?:l?ed)")


def is_erased(cell: str) -> bool:
    """Whether a word says that a thing is there no longer, whatever it was."""
    return _ERASED.fullmatch(plain(cell)) is not None


_SET_ASIDE = re.compile(r"(?:订单|单据|合同|商机|明细|列表|清单|记录|表|单)$")


def is_set_aside(sheet: str) -> bool:
    """Whether a sheet is called by what makes its rows none that count: 作废, 已取消订单, 草稿, Lost."""
    low = plain(sheet)
    return any(bool(_DEAD.fullmatch(name) or _DRAFT.fullmatch(name)) for name in (low, _SET_ASIDE.sub("", low)) if name)


# What a list is of, as its title, its sheet's or its file's name says: nothing that was sold. Of some of them a status column may say which were.
_LIST_NOUN = r"(?:明细|列表|清单|记录|统计|汇总|一览|报表|台账|查询|导出|数据|总|分|月|周|年|日|季)*(?:表|单|簿)?\d*"
_PAPER = r"(?:的)?(?:销售|客户|商务|业务)?(?:订单|单据|合同|发票|项目|单)?"
_UNSOLD = {
    "forecast": re.compile(rf"(?:预测|预计|预估|滚动预测)(?:销售(?:额|收入)?|收入|订单|签单|成交)?{_LIST_NOUN}"),
    "plan": re.compile(rf"(?:计划|目标|预算|指标)(?:分解|编制|下达)?{_LIST_NOUN}"),
    "quote": re.compile(rf"(?:报价|询价|投标){_PAPER}{_LIST_NOUN}"),
    "void": re.compile(
        rf"(?<![未不非])(?:已)?(?:作废|废弃|取消|撤销|红冲|冲销|终止|驳回|拒绝|删除|丢单|输单|失单|流失){_PAPER}{_LIST_NOUN}|(?:草稿|暂存|未审核|未审批|未成交|未签约?|未签订|待审核|待审批|待签约?){_PAPER}(?:客户)?(?:订单|单据|合同|单)?{_LIST_NOUN}"
    ),
    "chance": re.compile(rf"(?:商机|销售机会|机会|线索|意向|潜在)(?:客户|订单|合同)?{_LIST_NOUN}"),
    "bought": re.compile(rf"(?:采购|进货|请购|报销|费用|借出|借货|样品|调拨|盘点|库存)(?:入库|付款)?{_PAPER}{_LIST_NOUN}"),
    "money": re.compile(
        r"(?:(?<![已未待预])(?:收款|回款|付款|到账|进账)(?:单|记录|流水|凭证)?|银行(?:流水|对账单?))(?:明细|列表|清单|记录|统计|汇总|报表|台账|表)*"
    ),
    "returned": re.compile(rf"(?:销售)?(?:退货|退款|退单|退换货){_PAPER}{_LIST_NOUN}"),
}
_UNSOLD_EN = {
    "forecast": r"(?:forecasts?|projections?)",
    "plan": r"(?:plans?|targets?|budgets?)",
    "quote": r"(?:quotes?|quotations?|estimates?|proposals?|pro ?formas?|pro ?forma invoices?)",
    "void": r"(?:(?:cancel(?:l?ed)?|void(?:ed)?|lost|rejected|draft|unconfirmed|deleted)(?: (?:sales|customer))?(?: (?:orders?|deals?|invoices?|opportunit(?:y|ies)|contracts?))?|drafts|cancel(?:l?ations|led))",
    "chance": r"(?:opportunit(?:y|ies)|pipeline|leads|prospects)",
    "bought": r"(?:purchase orders?|purchases|expenses)",
    "money": r"(?:payments?(?: received)?|receipts?|bank statements?)",
    "returned": r"(?:(?:sales )?(?:returns?|refunds?|credit (?:notes?|memos?)))",
}
_UNSOLD_LATIN = {
    kind: re.compile(
        rf"(?:(?:\d{{4}}|q[1-4]|sales|revenue|order|orders|deal|customer|open|all|my|monthly|weekly|annual|rolling|the|list of|report of|export of|stage|status) )*{noun}"
        r"(?: (?:list|report|export|register|details?|overview|summary|data|by .*|for .*|of .*|fy ?\d+|q[1-4]|h[12]|\d[\d ]*|jan\w*|feb\w*|mar\w*|apr\w*|may|jun\w*|jul\w*|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*))*"
    )
    for kind, noun in _UNSOLD_EN.items()
}
_SOLD = re.compile(
    r"、|和|及|与|&|正常|有效|已审核|不|非|除|剔|无|含|等于|≠|已签|已成交|(?<!未)成交|(?<!未)签约|赢单|中标|执行|完成|达成|对比|与实际|实际|客户采购"
    r"|(?<![a-z])(?:and|not|non|no|excl\w*|excluding|without|won|signed|booked|actual|vs|achieve\w*|attain\w*|except)(?![a-z])"
)
_TITLE_PARTS = re.compile(r"[\s_\-—–|/,，:：;；。.·()（）\[\]【】《》<>“”\"#+]+")
SOFT = frozenset(("quote", "chance"))  # of such a list a column of stages may say which were won


@functools.lru_cache(maxsize=4096)
def unsold(text: str, of_file: bool = False) -> str:
    """What a title, or the name of a sheet or a file, says a list to be of that was not sold: a forecast, quotes, void orders; "" for others.

    A file is called after the plan it is of, so that of its name a plan says nothing."""
    low = plain(text)
    if not low or len(low) > 60 or is_footer(text) or _SOLD.search(_without_negated(low)):
        return ""
    latin = " ".join(part for part in _TITLE_PARTS.split(low) if part)
    for kind, pattern in _UNSOLD_LATIN.items():
        if not (of_file and kind == "plan") and pattern.fullmatch(latin):
            return kind
    for part in _TITLE_PARTS.split(low):
        for kind, pattern in _UNSOLD.items():
            if (
                not (of_file and kind == "plan")
                and (found := pattern.search(part))
                and found.end() == len(part)
                and found.start() <= 14
            ):
                return kind
    return ""


def _without_negated(low: str) -> str:
    """A title without the words that say themselves that nothing was sold: 未成交 has 成交 in it."""
    return re.sub(r"未(?:成交|签约?|签订)|不通过|无效", "", low)


def is_draft(cell: str) -> bool:
    """Whether a status is one on its way, not one that ended badly."""
    return _DRAFT.fullmatch(plain(cell)) is not None


# --------------------------------------------------------------------------------------------- other columns that change meaning

_CURRENCY_HEADER = re.compile(
    r"(?:交易|原币|外币|结算|订单|合同|金额|发票|本|货币)?(?:币种|币别|货币|货币代码|币种代码|币种名称|货币单位|外币)(?:代码|名称|编码)?|(?!.*\b(?:amount|value|price|total|revenue|sales|cost|rate)\b)(?:.*\s)?currency(?: code| iso code)?|curr?\.?|ccy|cur\.? code|transaction currency|doc\.? currency"
)
_RATE_HEADER = re.compile(r"(?:增值|销项|适用)?税率(?:\(%\)|%)?|(?:vat|tax|gst)(?: rate| %|%| pct| percent)|taxrate")
_FX_HEADER = re.compile(r"(?:.*(?:记账|结算|外币|折算|兑换|本位币)?汇率)|(?:.*\b)?(?:exchange|fx|conversion|currency)[ _]rate")
_TAXED_HEADER = re.compile(
    r"(?:是否|价格|单价|金额)?(?:含税|价内税)(?:标志|标识|标记|否|与否)?|(?:计税|价格|报价|金额|含税)(?:方式|类型|属性)|line ?amount ?types?|"
    r"amounts? are|(?:tax|vat) (?:calculation|treatment)|(?:is |price |prices |amount )?(?:incl(?:udes?|uding|\.)? ?(?:tax|vat)|(?:tax|vat)(?:es)? incl(?:uded|\.)?)"
)
_TAX_HEADER = re.compile(
    r"(?:本币|原币|订单|发票|行|合计)?(?:增值|销项)?税[额金](?:合计)?|tax(?:es)?|"
    r"(?:(?:sales|output|line|item|order|invoice) )?(?:vat|tax|gst|total tax|total taxes|tax total)(?: ?amount| ?amt| ?total)?|amount tax"
)
_UNIT_HEADER = re.compile(r"(?:金额|货币|计价|计量)?单位|unit")
_DISCOUNT_HEADER = re.compile(
    r"(?:整单|商品|订单|行)?(?:折扣|优惠|折让|让利|扣率|折扣率)(?:金额|额|率)?(?:%)?|(?:total |line )?discounts?(?: amount| %|%| rate| pct)?"
)


_REFUNDED_HEADER = re.compile(
    r"(?:已|累计|实际|订单|商品|买家)*(?:退款|退货|退还|已退|冲减)(?:成功)?(?:总?金?额|总额|\(元\))?|(?:(?:total|amount|order|line) )?refund(?:s|ed)?(?: amount| total)?|returned amount"
)


@functools.lru_cache(maxsize=4096)
def role_of(header: str) -> str:
    """What else a column says of its rows' amounts: their currency and its rate, tax rate, tax, whether it is in them, unit, discount."""
    low = plain(header).strip(" *:?？")
    bare = re.sub(r"\s*[(\[][^)\]]*[)\]]", "", low).strip()
    for role, pattern in (
        ("currency", _CURRENCY_HEADER),
        ("fx", _FX_HEADER),
        ("taxed", _TAXED_HEADER),
        ("rate", _RATE_HEADER),
        ("tax", _TAX_HEADER),
        ("unit", _UNIT_HEADER),
        ("discount", _DISCOUNT_HEADER),
        ("refund", _REFUNDED_HEADER),
    ):
        if pattern.fullmatch(low) or pattern.fullmatch(bare):
            return role
    return ""


_MONTH = re.compile(
    r"\d{4}[-/.年]\d{1,2}[-/.月]0?1日?(?: 00:00:00)?|(?:\d{4}[年./\- ]*)?(?:0?[1-9]|1[0-2]|[一二三四五六七八九十]{1,2})月(?:份|金额|收入|销售额?)?|\d{4}[-/.年](?:0?[1-9]|1[0-2])月?|20\d{2}(?:0[1-9]|1[0-2])|"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*[ .\-']*(?:\d{2}|\d{4})?|m(?:0?[1-9]|1[0-2])|(?:\d{4}[-/ ]?)?(?:第?[一二三四1-4]季度|q[1-4])(?:[-/ ]?\d{4})?"
)


def said_yes(cell: Any) -> bool | None:
    """Whether a cell says yes or no; None for neither."""
    low = plain("true" if cell is True else "false" if cell is False else f"{cell:g}" if isinstance(cell, float) else cell or "")
    return True if low in _YES else False if low in _NO and low else None


_TAX_IN, _TAX_OUT = (
    re.compile(r"(?:tax )?inclusive|(?:价内税?|含税)价?"),
    re.compile(r"(?:tax )?exclusive|no ?tax|(?:价外税?|不含税|未税|免税)价?"),
)


def tax_is_in(cell: Any) -> bool | None:
    """Whether a cell says that its row's amount includes tax; None where it says neither."""
    low = plain(cell or "")
    return True if _TAX_IN.fullmatch(low) else False if _TAX_OUT.fullmatch(low) else said_yes(cell)


def is_month(header: str) -> bool:
    """Whether a header is a month or a quarter: several of them make a wide table."""
    return _MONTH.fullmatch(plain(header)) is not None


_PIVOT = re.compile(r"(?:行|列)标签|(?:row|column) labels|(?:求和|计数|平均值)项\s*[:：].*|sum of .+")


def is_pivot(header: str) -> bool:
    """Whether a header is one that a pivot table writes."""
    return _PIVOT.fullmatch(plain(header)) is not None


_TELLS = re.compile(
    r"产品(?!线|类|大类)|商品|存货|物料|品名|品号|规格|型号|货号|数量|件数|单价|行号|分录|明细|sku|item|product(?! line| family| category| group)|material|quantity|qty|unit price|"
    r"(?<![a-z])line(?! of)|description|order lines/"
)


@functools.lru_cache(maxsize=4096)
def tells_lines(header: str) -> bool:
    """Whether a column tells the lines of an order apart: its product, quantity, price or number."""
    return _TELLS.search(plain(header)) is not None
