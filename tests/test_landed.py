"""Plans that earlier versions made: what stands in them is still read, word by word and header by header.

The files of ``tests/landed/<version>/`` are that version's own and are never made anew.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from addin.book import FileBook
from tests.real import REPOSITORY
from workbook_templates.answers import Refused
from workbook_templates.tables import schema

PLANS = sorted((REPOSITORY / "tests" / "landed").glob("*/*.xlsx"))
# Columns that a version did not have yet, by Table: 0.1.0 could not tell a draft that somebody changed.
LATER = {"Outbox": "草稿校验值"}


@pytest.mark.parametrize("path", PLANS, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_every_table_of_an_older_plan_is_read_and_its_words_are_known(path: Path) -> None:
    book = FileBook.open(path)
    rows = 0
    for name, spec in schema.TABLES.items():
        if name in LATER:
            with pytest.raises(Refused, match=LATER[name]):
                book.read(name)
            continue
        held = book.read(name)
        rows += len(held.rows)
        for column in spec.inputs:
            if column.words and not column.open_words:
                known = {word.code for word in column.words} | {None, "", True, False}
                said = {row.get(column.key) for row in held.rows}
                assert said <= known, (name, column.key, said - known)
    assert rows > (1_000 if path.name.startswith("demo") else 0)


@pytest.mark.parametrize("path", PLANS, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_no_column_of_an_older_plan_is_lost(path: Path) -> None:
    """A header that was renamed since would be missed silently where the column is optional."""
    package = FileBook.open(path).package
    for name, spec in schema.TABLES.items():
        ours = package.tables[name].headers
        unread = [c.key for c in spec.columns if not any(c.heads(h) for h in ours)]
        assert unread == (["digest"] if name in LATER else []), (name, unread)
        assert [h for h in ours if not any(c.heads(h) for c in spec.columns)] == [], name


@pytest.mark.parametrize(
    ("table", "key", "word", "code"),
    [
        ("People", "level", "Representative", "representative"),
        ("People", "line", "直销", "direct"),
        ("People", "line", "Channel", "channel"),
        ("People", "line", "解决方案", "solution"),
        ("Deals", "line", "普惠 Eco", "eco"),
        ("Deals", "line", "柔性 Flex", "flex"),
        ("Ledger", "kind", "Override", "override"),
        ("Ledger", "status", "争议", "disputed"),
        ("Exams", "college", "财务学院", "finance"),
        ("Exams", "college", "Finance college", "finance"),
        ("Draws", "kind", "不可收回", "nonrecoverable"),
        ("Draws", "kind", "Advance", "advance"),
        ("Outbox", "kind", "提成单", "statement"),
        ("Outbox", "kind", "Dealer workbook", "dealer"),
        ("MailLog", "state", "被退回", "refused"),
        ("MailLog", "state", "不确定", "uncertain"),
    ],
)
def test_the_words_of_0_1_0_are_read_and_no_longer_written(table: str, key: str, word: str, code: str) -> None:
    column = schema.table(table).by_key[key]
    assert column.code(word) == code
    assert word not in column.shown(code)
