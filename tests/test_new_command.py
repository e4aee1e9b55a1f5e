"""`salesplan new` asks at a terminal; messages are in the workbook's language."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from addin import cli
from addin.book import FileBook
from udfs.text import language
from workbook_templates import registry


@pytest.fixture(autouse=True)
def _own_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SALESPLAN_LOG", str(tmp_path / "logs" / "salesplan.log"))


def sits_there(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Somebody at a terminal who answers so; returns what was asked."""
    asked: list[str] = []
    waiting: Iterator[str] = iter(answers)

    def answer(prompt: str) -> str:
        asked.append(prompt)
        try:
            return next(waiting)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", answer)
    return asked


def test_it_asks_company_year_language_and_chapters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What can't be used is said and asked again; the language in force afterwards is the one before."""
    path, before = tmp_path / "plan.xlsx", language()
    asked = sits_there(monkeypatch, "fr", "en", "", "Spruce", "99", "2026", "5,x", "5")
    assert cli.main(["new", str(path)]) == cli.DONE
    out = capsys.readouterr().out
    book = FileBook.open(path)
    assert (book.lang, book.first("company_name"), book.year) == ("en", "Spruce", 2026)
    assert book.off == registry.numbered().keys() - {1, 5}
    assert (len(asked) == 8 and "type zh or en" in out) or "zh 或 en" in out
    assert "a year from 2000 to 2100" in out and "“x” is no chapter" in out and "salesplan next" in out
    assert language() == before


def test_enter_takes_what_stands_in_brackets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sits_there(monkeypatch, "", "云杉", "", "")
    assert cli.main(["new", str(tmp_path / "plan.xlsx")]) == cli.DONE
    book = FileBook.open(tmp_path / "plan.xlsx")
    assert (book.lang, book.year, book.off) == ("zh", 2027, registry.numbered().keys() - {1, 5, 11})


def test_who_goes_away_is_left_without_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sits_there(monkeypatch, "")
    assert cli.main(["new", str(tmp_path / "plan.xlsx")]) == cli.FAILED
    assert "--company" in capsys.readouterr().err and not (tmp_path / "plan.xlsx").exists()


def test_nobody_is_asked_where_nobody_sits_or_the_company_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = sits_there(monkeypatch)
    assert cli.main(["new", str(tmp_path / "a.xlsx"), "--company", "云杉", "--chapters", "1"]) == cli.DONE
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    assert cli.main(["new", str(tmp_path / "b.xlsx"), "--chapters", "1"]) == cli.DONE
    assert asked == [] and FileBook.open(tmp_path / "b.xlsx").first("company_name") == "本公司"


def test_messages_follow_the_workbook_unless_a_language_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, before = str(tmp_path / "plan.xlsx"), language()
    assert before == "zh"
    cli.main(["new", path, "--company", "Spruce", "--chapters", "1", "--lang", "en"])
    capsys.readouterr()
    for command in (["quota", path], ["next", path], ["check", path]):
        cli.main(command)
        assert not re.search("[\u4e00-\u9fff]", capsys.readouterr().out), command
        assert language() == before
    cli.main(["quota", path, "--lang", "zh"])
    assert "没有人承担指标" in capsys.readouterr().out
