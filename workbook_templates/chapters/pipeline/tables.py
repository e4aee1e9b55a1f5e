"""Opportunities and their history, forecasts and what became of them, likely duplicates, invoices that wait for cash."""

from __future__ import annotations

from udfs.pipeline import BASES, STAGES, STATES
from udfs.text import Text
from workbook_templates.tables.spec import Column, PageSpec, TableSpec, TableSpecs, Word
from workbook_templates.tables.words import PERCENT, PRODUCT_LINES, YES_NO, YUAN

FORECAST, STALLED, DEDUPE = (
    Text("预测关单", "Forecast closes"),
    Text("停滞评审", "Review stalled"),
    Text("查重", "Find duplicates"),
)
# What other systems call the stages.
_THEIRS = {
    "lead": ("初步接洽", "线索跟进", "Prospecting", "Qualify", "New"),
    "validation": ("需求确认", "验证客户", "Qualification", "Engaging", "Develop"),
    "solution": ("方案设计", "需求分析", "Needs Analysis", "Value Proposition", "Id. Decision Makers"),
    "quote": ("方案报价", "Proposal", "Propose", "Proposal/Price Quote", "Perception Analysis"),
    "negotiation": ("商务谈判", "谈判审核", "Negotiation/Review", "Close"),
    "closing": ("赢单", "签约", "Closed Won", "Won"),
}
STAGE_WORDS = tuple(Word(code, label, _THEIRS[code]) for code, label in STAGES.items())
WON, LOST, DROPPED = "won", "lost", "dropped"
ENDS = (
    Word(WON, Text("赢单", "Won"), ("已赢单", "Closed Won", "成交")), Word(LOST, Text("输单", "Lost"), ("丢单", "已输单", "Closed Lost")),
    Word(DROPPED, Text("放弃", "Dropped"), ("无效", "已放弃", "Cancelled")),
)  # fmt: skip
LEAVINGS = (Word("advanced", Text("晋级", "Advanced"), ("推进",)), Word("returned", Text("退回", "Returned")), *ENDS)
REASONS = (
    Word("price", Text("价格", "Price")), Word("delivery", Text("交期", "Delivery")), Word("solution", Text("方案", "Solution")),
    Word("relation", Text("关系", "Relation")), Word("budget", Text("预算取消", "Budget cancelled")), Word("other", Text("其他", "Other")),
)  # fmt: skip
BASIS_WORDS = tuple(Word(code, label) for code, label in BASES.items())
STATE_WORDS = tuple(Word(code, label) for code, label in STATES.items())
GO_ON, GIVE_UP, RAISE = "go_on", "give_up", "raise"
REVIEWS = (
    Word(GO_ON, Text("继续", "Go on"), ("keep",)), Word(GIVE_UP, Text("放弃", "Give up"), ("kill",)), Word(RAISE, Text("升级", "Escalate"), ("win",)),
)  # fmt: skip
MERGE, DIFFERENT, PENDING = "merge", "different", "pending"
MATCHES = (
    Word(MERGE, Text("合并", "Merge"), ("同一家",)), Word(DIFFERENT, Text("不同", "Different")), Word(PENDING, Text("待定", "Pending")),
)  # fmt: skip
BACKTEST, LOGGED = "backtest", "logged"
SCORED = (Word(BACKTEST, Text("回测", "Back-test")), Word(LOGGED, Text("留痕", "Logged forecasts")))
_DAYS = Text("天", "days")


def _written(key: str, zh: str, en: str, kind: str, by: Text, unit: Text = Text("", ""), **more: object) -> Column:
    return Column(key, Text(zh, en), kind, unit, required=False, by_program=True, by=by, **more)  # type: ignore[arg-type]


_OPPORTUNITIES = TableSpec(
    "Opportunities",
    Text("商机", "Opportunities"),
    (
        Column("id", Text("商机编号", "Opportunity"), "id", aliases=("商机ID", "opportunity id", "opp id", "商机编码")),
        Column("name", Text("商机名称", "Name"), aliases=("opportunity name", "topic", "主题")),
        Column("customer", Text("客户编号", "Customer ID"), "id", refers="Customers.id", required=False, open_refers=True, aliases=("客户号", "account id", "客户")),
        Column("stage", Text("阶段", "Stage"), "word", words=STAGE_WORDS, aliases=("销售阶段", "商机阶段", "stage name", "sales stage", "deal_stage")),
        Column("amount", Text("金额", "Amount"), "fen", YUAN, low=0, required=False, aliases=("商机金额", "预计金额", "预计销售金额", "est. revenue", "amount", "close_value")),
        _written("state", "状态", "State", "word", STALLED, words=STATE_WORDS),
        _written("probability", "赢单概率", "Probability", "rate", FORECAST, PERCENT),
        _written("expected_on", "预计关单", "Expected on", "date", FORECAST),
        _written("early_on", "最早", "Early", "date", FORECAST),
        _written("late_on", "最迟", "Late", "date", FORECAST),
        _written("weighted", "加权金额", "Weighted", "fen", FORECAST, YUAN),
        _written("basis", "依据", "Basis", "word", FORECAST, words=BASIS_WORDS),
        Column("outcome", Text("结果", "Outcome"), "word", words=ENDS, required=False, aliases=("赢单状态", "status reason", "结果状态")),
        Column("closed_on", Text("关闭日期", "Closed on"), "date", required=False, aliases=("实际成交日期", "结束日期", "actual close date", "close_date")),
        Column("entered", Text("进入日期", "Entered"), "date", aliases=("阶段变更时间", "进入阶段日期", "last stage change date", "stage entered"), note=Text("进入现阶段的日期", "the day it entered its stage")),
        Column("opened", Text("立项日期", "Opened"), "date", aliases=("创建时间", "创建日期", "created date", "created on", "engage_date")),
        Column("owner", Text("负责人工号", "Owner"), "id", refers="People.id", aliases=("负责人", "owner id", "sales_agent")),
        Column("region", Text("区域", "Region"), refers="Regions.region", required=False),
        Column("line", Text("产品线", "Product line"), "word", words=PRODUCT_LINES, required=False, open_words=True),
        Column("next_step", Text("下一步", "Next step"), required=False, aliases=("下次跟进内容",)),
        Column("next_on", Text("下一步日期", "Next step on"), "date", required=False, aliases=("下次跟进时间",)),
        Column("competitor", Text("对手", "Competitor"), required=False, aliases=("竞争对手",)),
        Column("reason", Text("原因", "Reason"), "word", words=REASONS, required=False, aliases=("输单原因", "loss reason")),
        Column("deal", Text("单号", "Deal ID"), "id", refers="Deals.id", required=False),
        Column("lead", Text("线索编号", "Lead"), "id", required=False, aliases=("来源线索", "lead id")),
        Column("crm_date", Text("系统预计日期", "CRM close date"), "date", required=False, aliases=("预计成交日期", "预计结单日期", "close date", "est. close date"), note=Text("CRM 里手填的，只留作对照", "typed in the CRM: for comparison only")),
    ),
    ("id",),
    page=PageSpec(
        48.2,
        Text("六个阶段的商机：概率、预计关单、加权金额由按钮写入", "Opportunities in six stages; the button writes probability, date, weighted amount"),
        Text("从 CRM 导入，点“预测关单”", "Import from the CRM, click Forecast closes"),
        frozen=2, printed=60,
        widths={"id": 12, "name": 24, "expected_on": 13, "early_on": 13, "late_on": 13},
    ),
    pasted=True,
    identity=("id", "name", "customer"),
    judged=("stage", "amount", "state", "probability", "expected_on", "early_on", "late_on", "weighted", "basis", "outcome", "owner"),
)  # fmt: skip

_RULES = TableSpec(
    "StageRules",
    Text("阶段规则", "Stage rules"),
    (
        Column("stage", Text("阶段", "Stage"), "word", words=STAGE_WORDS),
        Column("win_rate", Text("赢单率", "Win rate"), "rate", PERCENT, low=0, high=1),
        Column("cycle_days", Text("周期", "Cycle"), "number", _DAYS, low=0, note=Text("行业通常停留几天", "days the industry usually takes")),
        Column("actions", Text("动作", "Actions"), required=False),
    ),
    ("stage",),
    page=PageSpec(48.3, Text("样本不足时用它；停滞按周期判断", "Used where few deals closed; stalled is judged by the cycle"), beside="opportunities", wraps={"actions": 36}),
)  # fmt: skip

_REVIEWS = TableSpec(
    "KillOrWin",
    Text("停滞评审", "Kill or win"),
    (
        Column("opportunity", Text("商机编号", "Opportunity"), "id", refers="Opportunities.id"),
        Column("opened", Text("提出日期", "Opened"), "date"),
        Column("days", Text("停留天数", "Days"), "int", _DAYS, required=False),
        Column("decision", Text("决定", "Decision"), "word", words=REVIEWS, required=False),
        Column("by", Text("决定人工号", "Decided by"), "id", refers="People.id", required=False),
        Column("on", Text("决定日期", "Decided on"), "date", required=False),
        Column("until", Text("继续到", "Until"), "date", required=False, note=Text("“继续”要写到哪天", "required for Go on: until when")),
    ),
    ("opportunity", "opened"),
    page=PageSpec(48.4, Text("停滞的商机：放弃、升级，还是继续到某天", "Stalled: give up, escalate, or go on until a day"), beside="opportunities"),
)  # fmt: skip

_HISTORY = TableSpec(
    "StageHistory",
    Text("阶段历史", "Stage history"),
    (
        Column("opportunity", Text("商机编号", "Opportunity"), "id", refers="Opportunities.id", aliases=("商机ID", "opportunity id")),
        Column("stage", Text("阶段", "Stage"), "word", words=STAGE_WORDS, aliases=("销售阶段", "stage name", "to stage")),
        Column("entered", Text("进入日期", "Entered"), "date", aliases=("变更时间", "last modified", "changed on")),
        Column("left", Text("离开日期", "Left"), "date", required=False),
        Column("outcome", Text("去向", "Outcome"), "word", words=LEAVINGS, required=False),
    ),
    ("opportunity", "stage", "entered"),
    page=PageSpec(
        48.5, Text("商机进出每个阶段的日期：预测由此而来", "The days opportunities entered and left stages: forecasts come from them"),
        Text("从 CRM 导入；阶段变了由“预测关单”补行", "Import from the CRM; Forecast closes adds rows when a stage changed"), printed=60,
    ),
    pasted=True,
)  # fmt: skip

_LOG = TableSpec(
    "ForecastLog",
    Text("预测留痕", "Forecast log"),
    (
        Column("as_of", Text("截止日期", "As of"), "date"),
        Column("opportunity", Text("商机编号", "Opportunity"), "id"),
        Column("probability", Text("赢单概率", "Probability"), "rate", PERCENT),
        Column("p90", Text("90 天内赢单", "Won in 90 days"), "rate", PERCENT),
        Column("expected_on", Text("预计关单", "Expected on"), "date", required=False),
        Column("early_on", Text("最早", "Early"), "date", required=False),
        Column("late_on", Text("最迟", "Late"), "date", required=False),
        Column("amount", Text("金额", "Amount"), "fen", YUAN, required=False),
        Column("base_rate", Text("基准概率", "Base rate"), "rate", PERCENT, required=False),
        Column("naive_on", Text("朴素日期", "Naive date"), "date", required=False),
    ),
    ("as_of", "opportunity"),
    page=PageSpec(48.6, Text("每次预测原样留下，只增不改", "Every forecast as it was made, only added to"), beside="stage_history"),
    by_program=True,
    by=FORECAST,
)  # fmt: skip

_SCORES = TableSpec(
    "ForecastScores",
    Text("预测评分", "Forecast scores"),
    (
        Column("kind", Text("依据", "Basis"), "word", words=SCORED),
        Column("metric", Text("指标", "Metric")),
        Column("ours", Text("预测", "Forecast"), "number", required=False),
        Column("baseline", Text("基准", "Baseline"), "number", required=False),
        Column("n", Text("样本", "Cases"), "int"),
        Column("as_of", Text("截止日期", "As of"), "date"),
    ),
    ("kind", "metric"),
    by_program=True,
    by=FORECAST,
)  # fmt: skip

_DUPLICATES = TableSpec(
    "DuplicateReview",
    Text("重复名单", "Duplicates"),
    (
        Column("a", Text("客户甲", "Customer A"), "id", by_program=True, by=DEDUPE),
        Column("b", Text("客户乙", "Customer B"), "id", by_program=True, by=DEDUPE),
        _written("score", "相似度", "Score", "rate", DEDUPE),
        _written("certain", "确定", "Certain", "flag", DEDUPE, words=YES_NO),
        _written("evidence", "依据", "Evidence", "text", DEDUPE),
        Column("decision", Text("决定", "Decision"), "word", words=MATCHES, required=False),
        Column("keep", Text("保留编号", "Keep"), "id", required=False, note=Text("空：合作更早的", "blank: the older customer")),
        Column("by", Text("决定人", "Decided by"), required=False),
        Column("on", Text("决定日期", "Decided on"), "date", required=False),
        _written("merged_on", "合并日期", "Merged on", "date", DEDUPE),
    ),
    ("a", "b"),
    page=PageSpec(
        48.8, Text("可能是同一家的客户，两两复核；写“合并”后再点一次", "Customers that may be the same, in pairs; write Merge and click again"),
        Text("点“查重”，逐对写决定", "Click Find duplicates, decide pair by pair"),
    ),
)  # fmt: skip

_INDUSTRIES = TableSpec(
    "Industries",
    Text("行业代码", "Industries"),
    (
        Column("industry", Text("行业", "Industry"), "text", aliases=("行业名称",)),
        Column("code", Text("代码", "Code"), "id", note=Text("两位大写字母，如 EL", "two capital letters such as EL")),
    ),
    ("industry",),
    page=PageSpec(48.9, Text("客户编码用的行业代码", "Industry codes used in customer codes"), beside="duplicate_review"),
)

_CASH = '{Collections.invoice},{invoice},{Collections.date},"<="&as_of'
_BAD = f"SUMIFS({{Collections.amount}},{_CASH},{{Collections.kind}},{{Collections.kind=bad_debt}})"
_RECEIVABLES = TableSpec(
    "Receivables",
    Text("应收", "Receivables"),
    (
        Column("invoice", Text("发票号", "Invoice"), "id", aliases=("发票编号", "应收单号", "invoice no", "document no")),
        Column("customer", Text("客户编号", "Customer ID"), "id", refers="Customers.id", aliases=("客户号", "account id")),
        Column("deal", Text("单号", "Deal ID"), "id", refers="Deals.id", required=False, aliases=("订单号", "合同号")),
        Column("amount", Text("开票金额", "Invoiced"), "fen", YUAN, aliases=("应收金额", "不含税金额", "amount")),
        Column("due", Text("到期日", "Due"), "date", aliases=("应收日期", "付款到期日", "due date")),
        Column("paid", Text("已回款", "Paid"), "fen", YUAN, formula=f'=IF({{invoice}}="",0,SUMIFS({{Collections.amount}},{_CASH})-{{written_off}})'),
        Column("written_off", Text("坏账", "Written off"), "fen", YUAN, formula=f'=IF({{invoice}}="",0,{_BAD})'),
        Column("open", Text("未收", "Open"), "fen", YUAN, formula='=IF({invoice}="",0,ROUND(MAX({amount}-{paid}-{written_off},MIN(0,{amount}-{paid})),2))'),
        Column("overdue", Text("逾期天数", "Days overdue"), "int", _DAYS, formula='=IF(OR({invoice}="",{open}=0,{due}=""),0,MAX(0,as_of-{due}))'),
        Column("paid_on", Text("结清日期", "Settled on"), "date", formula='=IF(OR({invoice}="",{open}<>0),"",MAXIFS({Collections.date},{Collections.invoice},{invoice}))'),
    ),
    ("invoice",),
    page=PageSpec(
        48.7, Text("开出的发票；收了多少只看“回款”表", "Invoices; what was paid comes from Collections only"),
        Text("从财务系统导入发票，回款记在“回款”表并写发票号", "Import invoices; record cash in Collections with the invoice's number"), printed=60,
    ),
    pasted=True,
)  # fmt: skip

TABLES = TableSpecs(78, (_OPPORTUNITIES, _RULES, _REVIEWS, _HISTORY, _LOG, _SCORES, _DUPLICATES, _INDUSTRIES, _RECEIVABLES))
