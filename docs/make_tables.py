"""Write the pages of Tables, docs/tables.zh.md and docs/tables.en.md, from the schema: ``python docs/make_tables.py``."""

from __future__ import annotations

from pathlib import Path

from udfs.text import Text, language, speaking
from workbook_templates.chapters import building
from workbook_templates.tables import schema
from workbook_templates.tables.schema import Column, Company, TableSpec

HERE = Path(__file__).parent

HEAD = Text(
    "# 数据表参考\n\n由表结构生成，请勿手改。计划工作簿里的每张表（Excel 表格）：在哪个工作表、各列的含义、类型与取值、由谁填写。"
    "表名在中英文工作簿里相同，列名随工作簿的语言。金额单位为元（不含税），比率用小数（20% = 0.2），日期是真正的日期。"
    "“检查”页按本页的规则逐表检查：键不重复、引用都已登记、必填与类型。\n",
    "# Table reference\n\nGenerated from the schema; do not edit. Every Table of a planning workbook: on which sheet it "
    "stands, what its columns "
    "mean and may hold, and who fills them in. A Table's name is the same in both languages, its headers follow the "
    "workbook's. Money is "
    "in yuan net of VAT, rates are fractions (20% = 0.2), dates are real dates. The Checks sheet asks every Table for what "
    "stands here: "
    "unique keys, known references, required cells and their types.\n",
)
KINDS = {
    "text": Text("文字", "text"),
    "id": Text("编号", "ID"),
    "word": Text("选项", "choice"),
    "flag": Text("是/否", "yes or no"),
    "date": Text("日期", "date"),
    "time": Text("日期时间", "date and time"),
    "period": Text("月份，如 2027-03", "month such as 2027-03"),
    "quarter": Text("季度，如 2027-Q1", "quarter such as 2027-Q1"),
    "int": Text("整数", "whole number"),
    "number": Text("数字", "number"),
    "money": Text("金额（元）", "money, whole yuan"),
    "fen": Text("金额（到分）", "money to the fen"),
    "rate": Text("比率", "rate"),
    "score": Text("评分", "score"),
}


def reference() -> str:
    """The whole page in the language in force."""
    sheets = building.make(Company("", 2027), language(), strict=False).tables
    return "\n".join([str(HEAD), *(entry(spec, sheets[spec.name]) for spec in schema.TABLES.values())])


def entry(spec: TableSpec, sheet: str) -> str:
    """One Table's entry."""
    key = str(Text("、", ", ")).join(str(spec[k].header) for k in spec.key) or str(Text("无", "none"))
    writes = (
        Text("程序写入，不能导入", "the program; no import") if spec.by_program else Text("人填写，可导入", "people; imports")
    )
    facts = (
        f"{Text('工作表：', 'Sheet: ')}{sheet} · {Text('键：', 'key: ')}{key} · {Text('写入：', 'written by: ')}{writes} · "
        f"{Text('检查码：', 'check: ')}`table.{spec.name}`"
    )
    head = Text("| 列 | 键名 | 类型 | 单位 | 必填 | 取值 | 说明 |", "| column | key | kind | unit | required | values | note |")
    rows = [_row(column) for column in spec.columns]
    title = "" if str(spec.title) == spec.name else f" · {spec.title}"
    return "\n".join([f"## {spec.name}{title}\n", f"{facts}\n", f"{head}\n|---|---|---|---|---|---|---|", *rows, ""])


def _row(column: Column) -> str:
    if column.formula:
        required = Text("公式", "formula")
    elif column.required:
        required = Text("是", "yes")
    else:
        required = Text("", "")
    cells = (column.header, f"`{column.key}`", KINDS[column.kind], column.unit, required, _values(column), column.note)
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def _values(column: Column) -> str:
    """What a cell of the column may hold."""
    said = []
    if column.words:
        said.append(str(Text("、", ", ")).join(str(word.label) for word in column.words))
    if column.open_words:
        said.append(str(Text("或其他", "or others")))
    if column.refers:
        said.append(f"→ `{column.refers}`")
    if column.low is not None or column.high is not None:
        said.append(
            f"{'' if column.low is None else f'{column.low:g}'} … {'' if column.high is None else f'{column.high:g}'}".strip()
        )
    if column.default is not None:
        chosen = next((str(word.label) for word in column.words if word.code == column.default), None) or f"{column.default:g}"
        said.append(str(Text(f"导入时默认 {chosen}", f"{chosen} unless a file says it")))
    return str(Text("；", "; ")).join(said)


def main() -> None:
    """Write both pages."""
    for lang in ("zh", "en"):
        with speaking(lang):
            (HERE / f"tables.{lang}.md").write_text(reference(), encoding="utf-8")


if __name__ == "__main__":
    main()
