"""What the command line can say about a source of transactions, for every command that reads one."""

from __future__ import annotations

import argparse
from decimal import Decimal, InvalidOperation

from udfs.text import Text
from workbook_templates.saving import Refused
from workbook_templates.transactions import Ways, Wishes

WHERE = Text(
    "CSV、XLSX、Parquet、一个文件夹（每月导出），或数据库查询（duckdb://库文件?query=SELECT …）",
    "CSV, XLSX, Parquet, a folder of them, or a query: duckdb://FILE?query=SELECT …",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options; how the source itself is asked for is the command's own."""

    def add(name: str, zh: str, en: str, **settings: object) -> None:
        parser.add_argument(name, help=str(Text(zh, en)), **settings)  # type: ignore[arg-type]

    add("--sheet", "工作簿中读哪个工作表，默认第一个", "which sheet of a workbook, default the first")
    add("--encoding", "文字编码，默认自动识别", "encoding of the text, found by itself unless given", metavar="ENC")
    add("--map", "“文件的列=我们的列”；可重复", '"their header=our column"; repeatable', action="append", default=[], dest="renames", metavar="THEIRS=OURS")  # fmt: skip
    add("--rate", "外币汇率，如 USD=7.1；可重复", "the rate of a currency, such as USD=7.1; repeatable", action="append", default=[], metavar="CUR=YUAN")  # fmt: skip
    add("--currency", "只取这一种币种的行", "take the rows in this currency only", default="", metavar="CUR")
    add("--equal-lines", "同一发票中完全相同的行：once 只计一次，each 都计入；默认看文件", "equal lines of an invoice: once or each; by the file unless given", choices=("once", "each"), default="")  # fmt: skip
    add(
        "--credit-prefix",
        "发票号以此开头的为红字，金额取负",
        "invoices whose number begins with this are credit notes",
        default="",
        metavar="C",
    )
    add("--in-place", "由数据库自己汇总，只取回客户", "the database adds up, only customers travel", action="store_true")
    add(
        "--report",
        "把没有计入的每一行及原因写入此 CSV",
        "write every row not counted, with its reason, to this CSV",
        metavar="FILE.csv",
    )


def wishes(options: argparse.Namespace) -> tuple[Ways, Wishes]:
    """What was said."""
    from addin.actions.import_ import renames

    ways = Ways(options.sheet, options.encoding, renames(options.renames))
    return ways, Wishes(_rates(options.rate), options.currency, options.equal_lines, options.credit_prefix.strip())


def _rates(pairs: list[str]) -> dict[str, Decimal]:
    out = {}
    for pair in pairs:
        name, _, number = pair.partition("=")
        try:
            rate = Decimal(number.strip())
        except InvalidOperation:
            rate = Decimal(0)
        if not name.strip() or not rate.is_finite() or rate <= 0:
            raise Refused(
                Text(
                    f"--rate “{pair}” 的写法须是 USD=7.1（1 单位外币合多少元）",
                    f"--rate “{pair}” must be written USD=7.1 (yuan for one)",
                )
            )
        out[name.strip()] = rate
    return out
