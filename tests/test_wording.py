"""What messages say, word by word, where the words themselves were corrected (the list of words, section C)."""

from __future__ import annotations

from pathlib import Path

import pytest

from udfs import call
from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.chapters.basics.sheets.mail_templates import default_templates
from workbook_templates.chapters.incentives.cycle import left_out
from workbook_templates.intake import files


@pytest.mark.parametrize(
    ("name", "cells", "said"),
    [
        # A fraction that was typed as a percentage: the user's own number, and how it is written.
        ("SAM", [1e9, 30], Text("参数“可服务比例”(shares)：30 超出 0–1：要填 30% 请写 30% 或 0.3",
                                "argument “shares we can serve” (shares): 30 is above 1: for 30% enter 30% or 0.3")),
        ("COACHING", [0.5, 65], Text("参数“辅导线”(limit)：65 大于 10：要填 65% 请写 65% 或 0.65",
                                     "argument “coaching below this progress” (limit): 65 is above 10: for 65% enter 65% or 0.65")),
        ("REBATE", [1, [0, 50], [0.1, 30], [[90, 90, 90, 90]]], Text("返利比例 30 大于 1：要填 30% 请写 30% 或 0.3",
                                                                     "rate 30 is above 1: for 30% enter 30% or 0.3")),
        # Below the bounds no percentage was meant.
        ("SAM", [1e9, -0.5], Text("参数“可服务比例”(shares)：-0.5 不可用：应在 0 与 1 之间",
                                  "argument “shares we can serve” (shares): -0.5 must be from 0 to 1")),
        ("TIERED", [5, [0, 50, 20], [0.1, 0.2, 0.3]], Text("第 3 档下限 20 应大于第 2 档 50：请调整顺序",
                                                           "tier 3 (20) must exceed tier 2 (50): put them in order")),
        # Bodies name an argument as the formula does; people read its label.
        ("EQUITYGRANT", ["经理", 3, "B", 0.002], Text('参数“价值观等级”(values_grade)：价值观等级为 "B"，须为 A',
                                                      'argument “values grade” (values_grade): the grade is "B", A is needed')),
    ],
)  # fmt: skip
def test_reasons(name: str, cells: list[object], said: Text) -> None:
    assert call(name, *cells)[0][0].reason == said


def test_an_empty_file_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.touch()
    with pytest.raises(Refused) as refused:
        files.read(path)
    assert refused.value.text == Text("“c.csv”是空文件：请重新导出。", "“c.csv” is empty: export it again.")


def test_whoever_isleft_out_is_counted_and_five_are_named() -> None:
    names = [f"P{n:03}" for n in range(7, 39)]
    assert left_out(names) == Text(
        "32 人未锁定，未标记：P007、P008、P009、P010、P011 等", "32 not locked, skipped: P007, P008, P009, P010, P011 …"
    )
    assert left_out(names[:1]) == Text("1 人未锁定，未标记：P007", "1 not locked, skipped: P007")


def test_a_letter_is_signed_once() -> None:
    """The sender is the company, where nobody else is named: both would sign twice."""
    for row in default_templates():
        assert "{company}" not in row["body"] and row["body"].count("{sender}") == 1
        assert not row["subject"].startswith("{company}")
