"""The words of this chapter's cells."""

from __future__ import annotations

from udfs.clauses import RISKS
from udfs.credit import GRADES
from udfs.exports import RESULTS
from udfs.text import Text
from workbook_templates.tables.spec import Word

CREDIT, CONTRACT = Text("信用评级", "Rate credit"), Text("生成合同", "Make contract")
EXPORT, CARBON = Text("出口核查", "Check exports"), Text("碳排报告", "Carbon report")
GRADE_WORDS = tuple(Word(grade, Text(grade, grade), (f"{grade}级", f"{grade} 级")) for grade in GRADES)
STOPPED, PREPAID = "C", "B"  # grades that may not buy on credit: at all, or before they paid
DRAFT, REVIEW, ACTIVE, ENDED = "draft", "review", "active", "ended"
CONTRACT_STATES = (
    Word(DRAFT, Text("起草", "Draft")), Word(REVIEW, Text("会审", "In review")), Word(ACTIVE, Text("生效", "In force")), Word(ENDED, Text("终止", "Ended")),
)  # fmt: skip
TOPICS = (
    Word("ip", Text("知识产权", "Intellectual property")), Word("force", Text("不可抗力", "Force majeure")),
    Word("cap", Text("违约上限", "Liability cap")), Word("export", Text("出口管制", "Export control")), Word("payment", Text("付款", "Payment")),
    Word("secrecy", Text("保密", "Confidentiality")), Word("carbon", Text("碳数据", "Carbon data")),
)  # fmt: skip
CAP = "cap"
RISK_WORDS = tuple(Word(code, label) for code, label in RISKS.items())
SALES, LEGAL, FINANCE = "sales", "legal", "finance"
SIGNERS = (Word(SALES, Text("销售", "Sales")), Word(LEGAL, Text("法务", "Legal")), Word(FINANCE, Text("财务", "Finance")))
AGREED = "agreed"
VERDICTS = (Word(AGREED, Text("同意", "Agreed")), Word("rejected", Text("驳回", "Rejected")))
RESULT_WORDS = tuple(Word(code, label) for code, label in RESULTS.items())
STATUS_WORDS = (
    Word("normal", Text("正常", "Normal")), Word("sensitive", Text("敏感", "Sensitive")), Word("embargo", Text("禁运", "Embargoed")),
)  # fmt: skip
BASES = (
    Word("kWh", Text("kWh", "kWh")),
    Word("m2", Text("m²", "m²"), ("m2", "平方米")),
    Word("kg", Text("kg", "kg"), ("千克", "公斤")),
)
