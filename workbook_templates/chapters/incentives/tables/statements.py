"""The Tables of the statement cycle: every statement as reviewed and locked, the acts of approval, the numbered remarks.

A statement is a person's month: the Ledger's rows of that person and period, and the row of Accounts. Its row in ``Statements`` says who
reviewed and who approved it, keeps a digest of every ledger row and the account's figures, and has a seal over people, dates and amounts,
so that a change by hand is found and named.
"""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.tables.spec import Column, TableSpec, TableSpecs, Word
from workbook_templates.tables.words import YUAN

STEPS = (
    Word("reviewed", Text("审核", "Reviewed")),
    Word("approved", Text("批准", "Approved")),
    Word("locked", Text("锁定", "Locked")),
    Word("paid", Text("发放", "Paid"), ("付款",)),
)
DISPUTE_STATES = (
    Word("open", Text("待答复", "Open")),
    Word("answered", Text("已答复", "Answered")),
    Word("closed", Text("已关闭", "Closed")),
)

# A sum to check by: draws, holds and what is held stand in it as they do in the rows, so it is neither earned nor paid.
_ROWS_TOTAL = Column(
    "total",
    Text("台账金额合计", "Sum of ledger rows"),
    "fen",
    YUAN,
    note=Text(
        "本表所含台账各行“金额”之和（预支、暂缓、待发也在内），核对用；发多少看应发合计",
        "the Amount of its ledger rows added up, draws, holds and held parts among them, to check by; what is paid is Payable",
    ),
    former=("提成合计", "Commission total"),
)

_STATEMENTS = TableSpec(
    "Statements",
    Text("对账单", "Statements"),
    (
        Column("period", Text("期间", "Period"), "period"),
        Column("person", Text("工号", "ID"), "id"),
        Column("reviewed_by", Text("审核人", "Reviewed by")),
        Column("reviewed_on", Text("审核日期", "Reviewed on"), "date"),
        Column("approved_by", Text("批准人", "Approved by"), required=False),
        Column("locked_on", Text("锁定日期", "Locked on"), "date", required=False),
        Column("paid_on", Text("发放日期", "Paid on"), "date", required=False, former=("付款日期",)),
        Column("approval", Text("锁定审批号", "Locked by approval"), "int", required=False),
        Column("rows", Text("行数", "Rows"), "int", low=0),
        _ROWS_TOTAL,
        Column("hash", Text("内容校验码", "Checksum"), "id", former=("内容指纹", "Content hash")),
        Column("lines", Text("逐行校验码", "Checksum of each row"), former=("逐行指纹", "Digest of each row")),
        # Since there are accounts. What 0.1.0 sealed has none of these.
        Column("paid", Text("应发合计", "Payable"), "fen", YUAN, required=False),
        Column("payment", Text("付款审批号", "Paid by payment"), "int", required=False),
        Column("reviewer_user", Text("审核系统用户", "Reviewer's system user"), required=False),
        Column("approver_user", Text("批准系统用户", "Approver's system user"), required=False),
        Column(
            "seal",
            Text("封签", "Seal"),
            "id",
            required=False,
            note=Text("人员、日期、金额与状态的校验码", "a checksum of people, dates, amounts and state"),
        ),
    ),
    ("period", "person"),
    identity=("period", "person"),
    judged=("total", "paid", "rows", "reviewed_by", "reviewed_on", "approved_by", "locked_on", "paid_on", "approval"),
    by_program=True,
    by=Text("审核对账单", "Review statements"),
)

_APPROVALS = TableSpec(
    "Approvals",
    Text("审批记录", "Approvals"),
    (
        Column("number", Text("审批号", "Number"), "int", low=1),
        Column("period", Text("期间", "Period"), "period"),
        Column("step", Text("环节", "Step"), "word", words=STEPS),
        Column("who", Text("经办人", "Who")),
        Column("when", Text("时间", "When"), "time"),
        Column("people", Text("人数", "People"), "int", low=0),
        Column("rows", Text("行数", "Rows"), "int", low=0),
        _ROWS_TOTAL,
        Column("hash", Text("内容校验码", "Checksum"), "id", former=("内容指纹", "Content hash")),
        Column("note", Text("备注", "Note"), required=False),
        Column("paid", Text("应发合计", "Payable"), "fen", YUAN, required=False),
        Column(
            "user",
            Text("系统用户", "System user"),
            required=False,
            note=Text("操作系统登录名，留作凭据", "who was signed in, kept as evidence"),
        ),
    ),
    ("number",),
    identity=("period", "step"),
    judged=("who", "when", "paid", "number"),
    by_program=True,
    by=Text("批准并锁定", "Approve and lock"),
)

_LOG = Text("登记异议", "Log disputes")

_DISPUTES = TableSpec(
    "Disputes",
    Text("异议", "Disputes"),
    (
        # People may type period, person, remark and owner (later the answer); the button fills in the rest.
        Column("number", Text("异议号", "Number"), "int", low=1, required=False, by_program=True, by=_LOG),
        Column("period", Text("期间", "Period"), "period"),
        Column("person", Text("工号", "ID"), "id", refers="People.id"),
        Column(
            "deal", Text("单号", "Deal ID"), "id", required=False, note=Text("留空：整张对账单", "blank: the whole statement")
        ),
        Column("remark", Text("异议内容", "Remark")),
        Column("raised_by", Text("提出人", "Raised by"), required=False),
        Column("raised_on", Text("提出日期", "Raised on"), "date", required=False),
        Column("owner", Text("答复负责人", "Owner")),
        Column("answer", Text("答复", "Answer"), required=False),
        Column("answered_on", Text("答复日期", "Answered on"), "date", required=False),
        Column("state", Text("状态", "State"), "word", words=DISPUTE_STATES, required=False, by_program=True, by=_LOG),
    ),
    ("number",),
)

TABLES = TableSpecs(60, (_STATEMENTS, _APPROVALS, _DISPUTES))
