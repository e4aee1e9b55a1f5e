"""What is kept of formulas between runs: the same answers, and nothing believed that isn't whole, our own and this very program's."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests import plans
from workbook_templates import program
from workbook_templates.formulas import memory
from workbook_templates.formulas.memory import KeptAnswers


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SALESPLAN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def _filled(count: int = memory._FEW, word: str = "x") -> KeptAnswers:
    made = KeptAnswers()
    for n in range(count):
        made.answer("test", f"{word}{n}", lambda n=n: [word, n, None, True])
    return made


def _never() -> object:
    raise AssertionError("it was known")


def test_an_answer_is_worked_out_once_for_all_runs(folder: Path) -> None:
    _filled().keep()
    assert KeptAnswers().answer("test", "x7", _never) == ["x", 7, None, True]
    assert KeptAnswers().answer("other kind", "x7", lambda: 1) == 1


def test_what_two_runs_found_is_kept_of_both(folder: Path) -> None:
    first, second = _filled(word="a"), _filled(word="b")
    first.keep()
    second.keep()
    assert KeptAnswers().answer("test", "a3", _never) and KeptAnswers().answer("test", "b3", _never)


def test_a_few_answers_are_not_worth_a_file(folder: Path) -> None:
    _filled(memory._FEW - 1).keep()
    assert not folder.exists()


@pytest.mark.parametrize("spoil", ["cut", "changed", "no object", "empty", "no text"])
def test_a_damaged_file_is_not_believed(folder: Path, spoil: str) -> None:
    _filled().keep()
    (file,) = folder.iterdir()
    content = file.read_bytes()
    other = "[1]"
    file.write_bytes(
        {
            "cut": content[:-5],
            "changed": content.replace(b'"x",7', b'"y",7'),
            "no object": f"{memory._digest(other)}\n{other}".encode(),
            "empty": b"",
            "no text": b"\xff\xfe" + content,
        }[spoil]
    )
    assert file.read_bytes() != content
    assert KeptAnswers().answer("test", "x7", lambda: "anew") == "anew"


def test_another_programs_answers_are_not_ours(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _filled().keep()
    monkeypatch.setattr(memory, "program", lambda: "0" * 32)
    assert KeptAnswers().answer("test", "x7", lambda: "anew") == "anew"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="Windows has no such modes")
def test_it_is_its_users_alone(folder: Path) -> None:
    _filled().keep()
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and stat.S_IMODE(folder.stat().st_mode) == 0o700
    file.chmod(0o622)  # others could have written into it
    assert KeptAnswers().answer("test", "x7", lambda: "anew") == "anew"


def test_where_nothing_can_be_kept_all_is_worked_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    for chosen in (str(tmp_path / "file" / "cache"), ""):
        monkeypatch.setenv("SALESPLAN_CACHE", chosen)
        _filled().keep()
        assert KeptAnswers().answer("test", "x7", lambda: "anew") == "anew"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_it_does_not_grow_without_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_MOST", 2 * memory._FEW)
    for word in "abc":
        _filled(word=word).keep()
    (file,) = folder.iterdir()
    assert len(json.loads(file.read_text().partition("\n")[2])) <= 2 * memory._FEW
    assert KeptAnswers().answer("test", "c3", _never)


def test_files_of_old_versions_and_of_killed_writers_go(folder: Path) -> None:
    folder.mkdir()
    for n in range(6):
        (folder / f"formulas-{n}.json").write_text("")
        os.utime(folder / f"formulas-{n}.json", (n, n))
    (folder / f"formulas-{program.program()}abc.writing").write_text("")
    os.utime(folder / f"formulas-{program.program()}abc.writing", (0, 0))
    _filled().keep()
    assert sorted(p.name for p in folder.iterdir()) == sorted(
        ["formulas-4.json", "formulas-5.json", f"formulas-{program.program()}.json"]
    )


_COMPUTE = """
import sys
from pathlib import Path
from workbook_templates import recalc
from workbook_templates.formulas import memory
from workbook_templates.xlsx.package import Package
results = recalc.compute(Package.open(sys.argv[1]))
Path(sys.argv[2]).write_text(repr([sorted(part.items()) for part in (results.values, results.spills, results.reasons)]), "utf-8")
print(len(memory.MEMORY._new))
"""


def test_a_plan_is_computed_alike_with_and_without(tmp_path: Path) -> None:
    plan = plans.story_plan("zh", tmp_path)
    found = []
    for cache, name in (("", "without"), (str(tmp_path), "first"), (str(tmp_path), "then")):
        done = subprocess.run(
            [sys.executable, "-c", _COMPUTE, str(plan), str(tmp_path / name)],
            env={**os.environ, "SALESPLAN_CACHE": cache},
            capture_output=True,
            check=True,
        )
        found.append((int(done.stdout.split()[-1]), (tmp_path / name).read_bytes()))
    (without, a), (first, b), (then, c) = found
    assert without == first > 2000 and then == 0
    assert a == b == c
