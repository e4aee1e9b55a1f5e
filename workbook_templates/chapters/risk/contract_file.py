"""A contract as a Word file: parties and terms, numbered clauses, the table of risks, what differs from the standard, who signed."""

from __future__ import annotations

from udfs.clauses import RISKS
from udfs.text import Text
from workbook_templates.chapters.risk.contracts import ContractState
from workbook_templates.chapters.risk.words import SIGNERS
from workbook_templates.documents import Made
from workbook_templates.tables.spec import Row
from workbook_templates.wordfile import ENDING, Letterhead, WordPaper

KIND = Text("合同", "contract")


def document(contract: Row, state: ContractState, customer: str, head: Letterhead) -> Made:
    """Written in the language in force."""
    paper = WordPaper(Text(f"合同 {contract['id']}", f"Contract {contract['id']}"), head)
    paper.table(
        (Text("项目", "Item"), Text("内容", "Content")),
        [
            (Text("甲方（客户）", "Buyer"), customer), (Text("乙方", "Seller"), head.company),
            (Text("合同金额", "Amount"), f"{contract['amount']:,.2f} {contract.get('currency') or 'CNY'}"),
            (Text("预付比例", "Prepaid"), f"{contract.get('prepaid') or 0:.0%}"),
            (Text("账期", "Credit"), Text(f"{contract.get('credit_days') or 0:g} 天", f"{contract.get('credit_days') or 0:g} days")),
            (Text("重大合同", "Major contract"), Text("是", "yes") if state.major else Text("否", "no")),
            (Text("校验码", "Checksum"), state.digest),
        ],
    )  # fmt: skip
    paper.heading(Text("条款", "Clauses"))
    for number, one in enumerate(state.clauses, 1):
        paper.text(f"{number}. {one.title}" + (f"（{one.option}）" if one.option else ""), bold=True)
        paper.text(one.text, ground="" if one.option else "red")
        if one.deviation:
            paper.text(
                Text(
                    f"偏离：{one.deviation}（法务：{one.legal_ok or '未同意'}）",
                    f"Deviation: {one.deviation} (legal: {one.legal_ok or 'not agreed'})",
                ),
                ground="marked",
            )
    paper.heading(Text("风险表", "Risks"))
    paper.table(
        (Text("主题", "Topic"), Text("选项", "Option"), Text("风险", "Risk"), Text("偏离", "Deviation")),
        [(one.title, one.option or Text("未选择", "not chosen"), RISKS[one.risk], one.deviation) for one in state.clauses],
        [one.risk for one in state.clauses],
    )
    if state.problems:
        paper.heading(Text("生效前还要办", "Open before it comes into force"))
        for problem in state.problems:
            paper.text(f"• {problem}")
    paper.heading(Text("会签", "Signatures"))
    paper.table(
        (Text("岗位", "Role"), Text("姓名", "Name"), Text("签字", "Signature"), Text("日期", "Date")),
        [(word.label, "", "", "") for word in SIGNERS],
    )
    return Made(KIND, str(contract["id"]), ENDING, paper.content())
