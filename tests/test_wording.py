"""What messages say, word by word, where the words themselves were corrected (the list of words, section C)."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from addin import actions
from addin.action import Action
from addin.registry import registered
from tests.real import REPOSITORY
from udfs import call
from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.chapters import building
from workbook_templates.chapters.basics.sheets.mail_templates import default_templates
from workbook_templates.chapters.incentives.cycle import left_out
from workbook_templates.intake import files
from workbook_templates.tables import schema
from workbook_templates.tables.schema import Company


@pytest.mark.parametrize(
    ("name", "cells", "said"),
    [
        # A fraction that was typed as a percentage: the user's own number, and how it is written.
        (
            "SAM",
            [1e9, 30],
            Text(
                "参数“可服务比例”(shares)：30 超出 0–1：要填 30% 请写 30% 或 0.3",
                "argument “shares we can serve” (shares): 30 is above 1: for 30% enter 30% or 0.3",
            ),
        ),
        (
            "COACHING",
            [0.5, 65],
            Text(
                "参数“辅导线”(limit)：65 大于 10：要填 65% 请写 65% 或 0.65",
                "argument “coaching below this progress” (limit): 65 is above 10: for 65% enter 65% or 0.65",
            ),
        ),
        (
            "REBATE",
            [1, [0, 50], [0.1, 30], [[90, 90, 90, 90]]],
            Text("返利比例 30 大于 1：要填 30% 请写 30% 或 0.3", "rate 30 is above 1: for 30% enter 30% or 0.3"),
        ),
        # Below the bounds no percentage was meant.
        (
            "SAM",
            [1e9, -0.5],
            Text(
                "参数“可服务比例”(shares)：-0.5 不可用：应在 0 与 1 之间",
                "argument “shares we can serve” (shares): -0.5 must be from 0 to 1",
            ),
        ),
        (
            "TIERED",
            [5, [0, 50, 20], [0.1, 0.2, 0.3]],
            Text("第 3 档下限 20 应大于第 2 档 50：请调整顺序", "tier 3 (20) must exceed tier 2 (50): put them in order"),
        ),
        # Bodies name an argument as the formula does; people read its label.
        (
            "EQUITYGRANT",
            ["经理", 3, "B", 0.002],
            Text(
                '参数“价值观等级”(values_grade)：价值观等级为 "B"，应为 A',
                'argument “values grade” (values_grade): the grade is "B", A is needed',
            ),
        ),
    ],
)
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


# ------------------------------------------------------------------------------------------------- every text of ours, one by one

PACKAGES = ("udfs", "workbook_templates", "addin")
# Words the list forbids, where nothing else can be meant: the pattern, and what is said instead. A route and a broken rule are called
# 须附价值让渡清单 and 数量须为正整数 by the plan itself.
NEVER_ZH = {
    "佣金": "提成", "插件": "加载项", "提成单": "提成对账单", "(?<!核)(?<!支)已付(?!与应付)": "已发放", "指纹": "校验码", "贵司": "您公司",
    "接入": "对接", "制度数字": "制度参数", "须(?!附价值让渡清单|附清单|为正整数)": "应", "落点": "全年预测", "赢率": "赢单率", "均额": "次均金额", "争议": "异议中",
    "返点": "返利", "佣": "提成", "寄": "发送", "普惠": "经济 Eco", "柔性": "定制 Flex", "卖方": "主办销售", "扣发": "暂扣",
    "仍在": "活跃", "单均": "次均金额", "完成率": "达成率", "冲回": "追回", "(?<!不可)收回": "追回", "释放": "转可发", "财务学院": "融资学院", "旅行": "旅游",
    "预备": "预留", "疑问": "异议", "（至少）|（天）": "a unit once, in the unit's place",
}  # fmt: skip
NEVER_EN = {
    "mend": "correct",
            "lacks?": "has no", "nought": "0", "whoever": "who", "a row each": "one row a", "cross-selling": "out-of-territory",
    "stands (in|on|twice|once)": "is", "digest": "checksum", "alarm": "alert",
}  # fmt: skip
HAN = re.compile("[\u4e00-\u9fff]")
SPACED_PERCENT = re.compile(r"[0-9}] %(?![A-Za-z0-9_({\[])")
# Still to be said otherwise; this list only gets shorter.
LEFT = {
    "workbook_templates/chapters/incentives/tables/statements.py": {"指纹", "digest"},  # former headers, which older plans have
    "workbook_templates/chapters/channels/tables.py": {
        "已付",
        "释放",
        "财务学院",
    },  # states of claims and registrations; an alias of older files
}


def _texts() -> Iterator[tuple[str, int, str, str]]:
    """Every text written out in the program in both languages, side by side: module, line, zh, en."""
    for package in PACKAGES:
        for path in sorted((REPOSITORY / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                said = [_literal(part) for part in getattr(node, "args" if isinstance(node, ast.Call) else "elts", ())]
                for zh, en in itertools.pairwise(said):
                    if zh and en and HAN.search(zh) and not HAN.search(en):
                        yield path.relative_to(REPOSITORY).as_posix(), node.lineno, zh, en


def _literal(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)  # type: ignore[misc]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_no_text_uses_a_word_the_list_forbids() -> None:
    found, seen = [], 0
    for module, line, zh, en in _texts():
        seen += 1
        hits = [(w, m.group()) for w in NEVER_ZH if (m := re.search(w, zh))]
        hits += [(w, m.group()) for w in NEVER_EN if (m := re.search(rf"\b{w}\b", en, re.IGNORECASE))]
        allowed = set().union(*(words for home, words in LEFT.items() if module.startswith(home)))
        found += [f"{module}:{line}: {said!r}" for word, said in hits if said.lower() not in allowed]
    assert seen > 3_000, "the texts are written otherwise now: this test sees none"
    assert found == []


@pytest.mark.parametrize("home", LEFT)
def test_what_is_left_to_say_otherwise_is_still_there(home: str) -> None:
    """An exception nobody needs any more would hide the next one."""
    said = "\n".join(f"{zh}\n{en}" for module, _, zh, en in _texts() if module.startswith(home)).lower()
    assert [word for word in LEFT[home] if word not in said] == []


def test_percentages_are_written_without_a_space() -> None:
    texts = [(f"{m}:{n}", t) for m, n, zh, en in _texts() for t in (zh, en)]
    texts += [(p.name, p.read_text("utf-8")) for p in [*(REPOSITORY / "docs").glob("*.md"), REPOSITORY / "README.md"]]
    assert [where for where, text in texts if SPACED_PERCENT.search(text)] == []


def test_sentences_keep_han_and_latin_apart() -> None:
    """Section B, 8 and 9: a half-space between Han and digits or Latin in sentences (none in names and headers), marks of full width."""
    glued, half = [], []
    for module, line, zh, _ in _texts():
        plain = re.sub(r"\{[^}]*\}|“[^”]*”|`[^`]*`", "§", zh)
        if re.search("[。，；]", plain) and re.search("[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]", plain):
            glued.append(f"{module}:{line}: {zh}")
        if re.search("[\u4e00-\u9fff][,;?][\u4e00-\u9fff]", plain):
            half.append(f"{module}:{line}: {zh}")
    assert glued == half == []


def test_one_is_not_told_as_many() -> None:
    """Section B, 11: 3 deals but 1 deal."""
    assert [
        (m, n, en)
        for m, n, _, en in _texts()
        if re.search(r"(?<![\d.,;–-] )(?<![\d.])\b1 (rows|deals|people|items|sheets|columns|files|orders|cells)\b", en)
    ] == []


# -------------------------------------------------------------------------------------------------------------- lengths


def _too_long(texts: Iterable[tuple[str, Text]], zh: int, en: int) -> list[str]:
    return [f"{where}: {text}" for where, text in texts if len(text.zh) > zh or len(text.en) > en]


def test_buttons_say_what_they_do_in_few_words() -> None:
    """Section B, 6: verb and object; a screentip has no command-line flags."""
    found = registered(actions.__name__, "ACTION", Action)
    assert len(found) > 20
    assert _too_long([(name, one.label) for name, one in found.items()], 6, 20) == []
    assert _too_long([(name, one.tip) for name, one in found.items()], 60, 140) == []
    assert [name for name, one in found.items() if "--" in one.tip.zh + one.tip.en] == []


def test_headers_notes_and_subtitles_are_short() -> None:
    """Section B, 7."""
    columns = [(f"{spec.name}.{c.key}", c) for spec in schema.TABLES.values() for c in spec.columns]
    assert _too_long([(where, c.header) for where, c in columns], 8, 22) == []
    assert _too_long([(where, c.note) for where, c in columns], 60, 120) == []
    pages = building.make(Company("Company", 2027), "zh").pages
    assert _too_long([(key, page.purpose) for key, page in pages.items()], 40, 90) == []


# What says an error: the class or the helper that raises it.
ERRORS = {"Refused", "Stop", "Bad", "BadAddress", "ExcelError", "Problem", "Mistake", "refuse", "refusal", "damaged"}


def _errors() -> Iterator[tuple[str, Text]]:
    """Every error written out in the program, without the user's own values in it."""
    for package in PACKAGES:
        for path in sorted((REPOSITORY / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not isinstance(node, ast.Call) or _called(node) not in ERRORS:
                    continue
                for given in (*node.args, *(keyword.value for keyword in node.keywords)):
                    if isinstance(given, ast.Call) and _called(given) == "Text" and len(given.args) == 2:
                        zh, en = (_literal(part).replace("{}", "") for part in given.args)
                        yield f"{path.relative_to(REPOSITORY).as_posix()}:{node.lineno}", Text(zh, en)


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def test_errors_are_read_at_a_glance() -> None:
    """Section B, 2: at most 60 characters in Chinese, 140 in English."""
    found = list(_errors())
    assert len(found) > 250, "the errors are written otherwise now: this test sees none"
    assert _too_long(found, 60, 140) == []


@pytest.mark.parametrize(("lang", "such", "most"), [("zh", "如", 60), ("en", "such as", 120)])
def test_input_messages_say_what_is_asked_for_with_an_example(lang: str, such: str, most: int) -> None:
    """Section B, 7: type, range, example. A list shows its choices itself."""
    made = building.make(Company("Company", 2027), lang)
    rules = [(sheet.title, rule) for sheet in made.book.worksheets for rule in sheet.data_validations.dataValidation]
    assert len(rules) > 500
    assert [(title, rule.prompt) for title, rule in rules if len(rule.prompt or "") > most] == []
    typed = [(title, rule) for title, rule in rules if rule.type in ("date", "decimal", "whole")]
    assert [(title, str(rule.sqref), rule.prompt) for title, rule in typed if such not in (rule.prompt or "")] == []
