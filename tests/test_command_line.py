"""The command line where things go wrong: one line for the person, in the person's language, and never a traceback."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from addin import cli
from addin.command import Command
from tests.actions.company import company, deal
from tests.small_plan import small_plan
from udfs.text import Text

ENGLISH = re.compile(
    r"\b(usage|options|positional|arguments?|required|show|exit|invalid|choice|choose|unrecognized|expected|error)\b"
)
# Command lines argparse refuses, each in its own words.
REFUSED = [
    ["new"],
    ["new", "a.xlsx", "--year", "soon"],
    ["relink", "a.xlsx", "--to", "mars"],
    ["nosuch"],
    ["check", "a.xlsx", "--nosuch"],
    ["mail", "a.xlsx", "--smtp"],
    ["watch", "a", "--plan", "b", "--every", "x"],
    ["check", "a.xlsx", "--json=1"],
    ["demo", "--de"],
]


@pytest.fixture(autouse=True)
def _own_places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SALESPLAN_LOG", str(tmp_path / "logs" / "salesplan.log"))
    monkeypatch.setenv("SALESPLAN_STATE", str(tmp_path / "state"))


def broken(fault: BaseException) -> Callable[[], dict[str, Command]]:
    """Commands of which one has a fault of ours."""

    def run(options: object) -> int:
        raise fault

    word = Text("试", "try")
    return lambda: {"broken": Command(help=word, about=word, arguments=lambda parser: None, run=run)}


@pytest.mark.parametrize(
    "fault", [TypeError("a\nb"), OSError(36, "File name too long"), RecursionError(), KeyError("x"), MemoryError()]
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_fault_of_ours_is_one_line_and_the_details_are_in_the_log(
    fault: Exception, lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "commands", broken(fault))
    assert cli.main(["broken", "--lang", lang]) == cli.FAILED
    shown = capsys.readouterr()
    log = tmp_path / "logs" / "salesplan.log"
    assert not shown.out and len(shown.err.strip().splitlines()) == 1 and str(log) in shown.err
    assert ("没有完成" in shown.err) == (lang == "zh") and type(fault).__name__ in shown.err
    text = log.read_text(encoding="utf-8")
    assert "Traceback" in text and "salesplan broken" in text


def test_where_no_log_can_be_written_it_is_still_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SALESPLAN_LOG", str(tmp_path / "file" / "salesplan.log"))
    monkeypatch.setattr(cli, "commands", broken(TypeError("x")))
    assert cli.main(["broken", "--lang", "en"]) == cli.FAILED
    assert "No log could be written" in capsys.readouterr().err


def test_an_interruption_is_none_of_these(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "commands", broken(KeyboardInterrupt()))
    assert cli.main(["broken", "--lang", "en"]) == cli.FAILED
    assert "interrupted" in capsys.readouterr().err and not (tmp_path / "logs").exists()
    monkeypatch.setattr(cli, "commands", broken(SystemExit(5)))
    with pytest.raises(SystemExit):
        cli.main(["broken"])


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("deals", ["60", "0", "-5"])
def test_a_sample_that_can_not_be_is_refused_with_the_reason(
    deals: str, lang: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["demo", str(tmp_path / "d"), f"--deals={deals}", "--lang", lang]) == cli.FAILED
    err = capsys.readouterr().err
    assert "200" in err and len(err.strip().splitlines()) == 1
    assert not (tmp_path / "d").exists() and not (tmp_path / "logs").exists()


def test_a_file_name_of_eighty_chinese_characters(tmp_path: Path) -> None:
    """Near the most that a file system takes: what is written beside it has longer names."""
    made = small_plan(tmp_path / "plan.xlsx", company([deal(1)]))
    long = tmp_path / f"{'销' * 80}.xlsx"
    shutil.copy(made, long)
    for words in (["signoff", str(long), "--who", "Wang"], ["recalc", str(long)], ["commission", str(long), "--no-backup"]):
        done = subprocess.run(
            [sys.executable, "-m", "addin.cli", *words], capture_output=True, text=True, encoding="utf-8", env=os.environ
        )
        assert done.returncode in (cli.DONE, cli.ATTENTION, cli.FAILED) and "Traceback" not in done.stdout + done.stderr
        assert len(done.stderr.strip().splitlines()) <= 1
        assert cli.main(["check", str(long)]) in (cli.DONE, cli.ATTENTION), "it is still a plan"


def test_help_is_all_chinese_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], *([name] for name in cli.commands())):
        with pytest.raises(SystemExit) as stop:
            cli.main([*words, "--help", "--lang", "zh"])
        page = capsys.readouterr().out
        assert stop.value.code == 0 and "用法：" in page and "显示帮助" in page
        plain = re.sub(r"--?[\w-]+|\b[A-Z_]+\b", "", page)
        assert not ENGLISH.search(plain), (words, ENGLISH.search(plain))


@pytest.mark.parametrize("words", REFUSED, ids=" ".join)
def test_what_is_wrong_with_a_command_line_is_told_in_the_language(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    for lang in ("zh", "en"):
        with pytest.raises(SystemExit) as stop:
            cli.main([*words, f"--lang={lang}"] if words[-1] != "--smtp" else ["--lang", lang, *words])
        said = capsys.readouterr().err.strip().splitlines()[-1]
        assert stop.value.code == cli.FAILED and said.startswith("salesplan")
        assert bool(re.search("[一-鿿]", said)) == (lang == "zh")
        assert lang == "en" or not ENGLISH.search(re.sub(r"--?[\w-]+", "", said)), said


@pytest.mark.parametrize("name", sorted(cli.commands()))
def test_a_command_that_is_named_is_read_alone(name: str) -> None:
    every = cli.commands()[name]
    for arguments in ([name, "x"], ["--lang", "en", name], ["--lang=en", name, "--lang", "zh"]):
        (found,) = cli._asked_for(arguments).items()
        assert found[0] == name and (found[1].help, found[1].about, found[1].examples) == (
            every.help,
            every.about,
            every.examples,
        )


@pytest.mark.parametrize("arguments", [[], ["--help"], ["--lang", "en"], ["nonsense"], ["new_plan"], ["import_"], [""]])
def test_without_a_command_all_are_offered(arguments: list[str]) -> None:
    assert cli._asked_for(arguments).keys() == cli.commands().keys()
