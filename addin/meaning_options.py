"""What import and refresh ask of where cells are (sheet, encoding, columns) and of what they mean: tax rate, exchange rates, what a status
does, whether hidden rows count."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.intake import remembered
from workbook_templates.intake.meaning import stage, words
from workbook_templates.intake.meaning.currencies import currency
from workbook_templates.intake.meaning.wide import MONTH
from workbook_templates.intake.remembered import ConfirmedChoice
from workbook_templates.tables import sources


def declare(parser: argparse.ArgumentParser) -> None:
    """The options both have."""

    def add(name: str, zh: str, en: str, **settings: Any) -> None:
        parser.add_argument(name, help=str(Text(zh, en)), **settings)

    add("--sheet", "读哪个工作表，默认第一个", "which sheet to read, default the first")
    add("--encoding", "文字编码，默认自动识别", "encoding of the text, found by itself unless given", metavar="ENC")
    add(
        "--map",
        "“文件的列=我们的列”；等号后留空则不读该列；可重复",
        '"their header=our column"; nothing after = leaves it out; repeatable',
        action="append",
        default=[],
        dest="renames",
        metavar="THEIRS=OURS",
    )
    add(
        "--tax", "金额含税时的税率，如 13%%", "the tax rate in amounts that include tax, such as 13%%", default="", metavar="RATE"
    )
    add(
        "--rate",
        "汇率：1 单位外币合多少元，如 USD=7.1；可重复",
        "yuan for one of a currency, such as USD=7.1; repeatable",
        action="append",
        default=[],
        dest="rates",
        metavar="CUR=YUAN",
    )
    add(
        "--status",
        "状态列里某个词的行：计入 take、不计 skip 或按负数 minus，如 已作废=skip；可重复",
        "rows with a word in a status column: take, skip or minus, such as Cancelled=skip; repeatable",
        action="append",
        default=[],
        dest="statuses",
        metavar="WORD=WAY",
    )
    add("--hidden", "隐藏或筛选掉的行：计入 take（默认）或不计 skip", "rows hidden or filtered: take (default) or skip", choices=("take", "skip"),
        default="")  # fmt: skip
    add(
        "--wide",
        "每月一列的表按月展开：写 month，列名没有年份时写年份，如 2026",
        "a table with a column each month, as rows: month, or the year where the headers have none, such as 2026",
        default="",
        metavar="month|YEAR",
    )
    add(
        "--as",
        "来源名称，如 金蝶：成功后记住本次的 --map、--tax、--status、--hidden、--rate，下次同名时自动采用",
        "the source's name, such as Kingdee: --map, --tax, --status, --hidden and --rate are kept when it succeeds, and taken the next time",
        default="",
        dest="source",
        metavar="SOURCE",
    )


def choices(said: remembered.Confirmed) -> stage.Choices:
    """What was chosen of what rows and amounts mean."""
    return stage.Choices(said.tax, said.statuses, said.hidden == "skip")


def wide(options: argparse.Namespace) -> str:
    """How months across are read."""
    said = str(options.wide).strip().casefold()
    if said and said not in (MONTH, "月") and not (said.isdigit() and 1990 <= int(said) <= 2100):
        raise Refused(
            Text(f"--wide “{said}” 应写成 month 或年份，如 2026", f"--wide “{said}” must be month, or a year such as 2026")
        )
    return MONTH if said == "月" else said


def _tax(said: str) -> Decimal | None:
    if not said.strip():
        return None
    rate = stage.rate_in(said)
    if rate is None:
        raise Refused(Text(f"--tax “{said}” 应写成 13%", f"--tax “{said}” must be written 13%"))
    return rate


def _statuses(pairs: Sequence[str]) -> dict[str, str]:
    out = {}
    for pair in pairs:
        word, equals, way = pair.rpartition("=")
        if not equals or not word.strip() or way.strip() not in (words.TAKE, words.SKIP, words.MINUS):
            raise Refused(Text(f"--status “{pair}” 应写成 已作废=skip（take 计入、skip 不计、minus 按负数）",
                               f"--status “{pair}” must be written Cancelled=skip (take, skip or minus)"))  # fmt: skip
        out[word.strip()] = way.strip()
    return out


def _rates(pairs: Sequence[str]) -> dict[str, Decimal]:
    out = {}
    for pair in pairs:
        name, _, said = pair.partition("=")
        try:
            value = Decimal(said)
        except InvalidOperation:
            value = Decimal(0)
        if not name.strip() or not value.is_finite() or value <= 0:
            raise Refused(Text(f"--rate “{pair}” 应写成 USD=7.1（1 美元合 7.1 元）",
                               f"--rate “{pair}” must be written USD=7.1 (yuan for one)"))  # fmt: skip
        out[currency(name)] = value
    return out


def asked(options: argparse.Namespace, columns: Mapping[str, str]) -> list[ConfirmedChoice]:
    """What was said with this run; ``columns`` are --map's, theirs → the key of ours."""
    tax = _tax(options.tax)
    return [
        *(ConfirmedChoice(sources.COLUMN, theirs, ours or remembered.LEFT_OUT) for theirs, ours in columns.items()),
        *([] if tax is None else [ConfirmedChoice(sources.TAX, "", f"{(tax * 100).normalize():f}%")]),
        *(ConfirmedChoice(sources.RATE, code, str(rate)) for code, rate in _rates(options.rates).items()),
        *(ConfirmedChoice(sources.STATUS, word, way) for word, way in _statuses(options.statuses).items()),
        *([ConfirmedChoice(sources.HIDDEN, "", options.hidden)] if options.hidden else []),
    ]
