"""Several programs on one plan: real processes, real kills; nobody's work is lost, and who can't go on says why.

The rounds are many and the time is bounded: two workers stand ready with everything loaded and start at one word.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from addin import cli
from addin.book import FileBook
from tests.small_plan import small_plan
from udfs.text import speaking
from workbook_templates import saving
from workbook_templates.answers import Refused
from workbook_templates.saving import atomic_write, backup, changing
from workbook_templates.tables.schema import Company
from workbook_templates.xlsx.package import Package

ROOT = Path(__file__).parents[1]
HEADERS = ["Deal ID", "Date", "Customer", "Customer name", "Seller", "Amount", "Cost"]

WORKER = """
import contextlib, io, json, sys
from addin import cli
print("ready", flush=True)
for line in sys.stdin:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = cli.main(json.loads(line))
    print(json.dumps([code, said.getvalue()]), flush=True)
"""

HOLDER = """
import sys, time
from workbook_templates.saving import changing
with changing(sys.argv[1]) as locked:
    print(locked, flush=True)
    time.sleep(60)
"""


class Worker:
    """A process of its own with the command line in it."""

    def __init__(self, state: Path) -> None:
        more = {"SALESPLAN_STATE": str(state), "SALESPLAN_LANG": "en"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | more,
        )
        assert self._read() == "ready\n"

    def _read(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def start(self, *words: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([str(word) for word in words]) + "\n")
        self.process.stdin.flush()

    def answer(self) -> tuple[int, str]:
        code, said = json.loads(self._read())
        return code, said

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[list[Worker]]:
    both = [Worker(tmp_path / f"state{n}") for n in range(2)]
    yield both
    for one in both:
        one.end()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    person = {"id": "P001", "name": "Lin", "email": "lin@starbridge.example", "joined": dt.date(2026, 1, 1)}
    company = Company("X", 2027, dt.date(2027, 12, 31), rows={"People": [person]})
    return small_plan(tmp_path_factory.mktemp("made") / "plan.xlsx", company, "en")


@pytest.fixture
def plan(made: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "plans"
    folder.mkdir()
    return Path(shutil.copy(made, folder / "plan.xlsx"))


def deal(folder: Path, name: str) -> Path:
    path = folder / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADERS, [name, "2027-03-05", f"C{name}", f"Customer {name}", "P001", "1000", "600"]])
    return path


def deals(plan: Path) -> set[str]:
    return {str(row["id"]) for row in FileBook.open(plan).read("Deals").rows}


def others(plan: Path) -> list[str]:
    """What lies beside the plan and its backups, hidden files too."""
    return sorted(p.name for p in plan.parent.iterdir() if p != plan and ".bak-" not in p.name)


def test_of_two_imports_at_once_neither_is_lost(plan: Path, tmp_path: Path, workers: list[Worker]) -> None:
    wanted: set[str] = set()
    for turn in range(6):
        names = [f"{side}{turn}" for side in "AB"]
        for one, name in zip(workers, names, strict=True):
            one.start("import", deal(tmp_path, name), plan, "--add-people")
        answers = [one.answer() for one in workers]
        for name, (code, said) in zip(names, answers, strict=True):
            assert code == cli.DONE or "another salesplan" in said or "changed by someone" in said, said
            wanted |= {name} if code == cli.DONE else set()
        assert deals(plan) == wanted
    assert len(wanted) == 12  # each waits for the other, so both come in
    assert len(list(plan.parent.glob("plan.bak-*.xlsx"))) == 12  # and each kept a copy of its own
    assert others(plan) == []


def test_recalculating_beside_an_import_loses_nothing(plan: Path, tmp_path: Path, workers: list[Worker]) -> None:
    """One command that goes through no action: the lock is not the actions' own."""
    for turn in range(4):
        workers[0].start("import", deal(tmp_path, f"D{turn}"), plan)
        workers[1].start("recalc", plan)
        for code, said in (one.answer() for one in workers):
            assert code == cli.DONE, said
        assert deals(plan) == {f"D{n}" for n in range(turn + 1)}


# --------------------------------------------------------------------------------------------------------------- the lock


@contextmanager
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that changes a file."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "True\n"
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def contents(plan: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in plan.parent.iterdir() if not p.name.endswith(".lock")}


@pytest.mark.parametrize("words", [("recalc",), ("relink", "--to", "server"), ("undo",), ("import",), ("roi",)])
def test_who_waits_too_long_is_told_who_holds_the_plan_and_writes_nothing(
    plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    monkeypatch.setattr(saving, "WAIT", 0.2)
    monkeypatch.setenv("SALESPLAN_STATE", str(tmp_path / "state"))
    before = contents(plan)
    more = [deal(tmp_path, "D1")] if words == ("import",) else []
    began = time.monotonic()
    with holder(plan):
        assert cli.main([words[0], *map(str, more), str(plan), *words[1:], "--lang", "en"]) == cli.FAILED
    said = capsys.readouterr().err
    assert time.monotonic() - began < 20
    year = str(dt.date.today().year)
    assert "another salesplan" in said and saving._person() in said and f"since {year}-" in said, said
    assert contents(plan) == before


def test_what_only_reads_does_not_wait(plan: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SALESPLAN_STATE", str(tmp_path / "state"))
    with holder(plan):
        began = time.monotonic()
        assert cli.main(["import", str(deal(tmp_path, "D1")), str(plan), "--dry-run"]) == cli.DONE
        assert cli.main(["check", str(plan)]) in (cli.DONE, cli.ATTENTION)
        assert time.monotonic() - began < saving.WAIT / 2


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_a_killed_process_leaves_no_lock(plan: Path) -> None:
    with holder(plan) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert others(plan) == [".plan.xlsx.lock"]
        with changing(plan, wait=0) as locked:
            assert locked
    assert others(plan) == []


def test_a_file_is_changed_by_one_thread_at_a_time_and_by_that_one_as_often_as_it_likes(plan: Path) -> None:
    answers: list[str] = []

    def other() -> None:
        try:
            with changing(plan, wait=0.1):
                answers.append("entered")
        except Refused as refused:
            answers.append(refused.text.en)

    with changing(plan), changing(plan, wait=0):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert len(answers) == 1 and "being changed by another salesplan" in answers[0]
    with changing(plan, wait=0) as locked:
        assert locked


def test_a_link_and_its_file_have_one_lock(plan: Path) -> None:
    link = plan.with_name("link.xlsx")
    link.symlink_to(plan.name)
    with holder(link), pytest.raises(Refused), changing(plan, wait=0):
        pass


@contextmanager
def somebody() -> Iterator[None]:
    """Not the administrator, who may write anywhere."""
    if os.name != "posix" or os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.name == "nt", reason="POSIX mode bits")
def test_a_folder_that_may_not_be_written_to_is_no_hindrance_to_reading(tmp_path: Path) -> None:
    folder = Path(os.path.realpath(tmp_path))
    for one in (folder, *folder.parents[:3]):
        if one.stat().st_uid == os.geteuid() and one != Path("/tmp"):
            one.chmod(0o755)
    target = folder / "shared" / "plan.xlsx"
    target.parent.mkdir()
    target.write_bytes(b"old")
    target.chmod(0o644)
    target.parent.chmod(0o555)
    with somebody():
        with changing(target) as locked:
            assert not locked and target.read_bytes() == b"old"
        with pytest.raises(Refused):
            atomic_write(target, b"new")
    target.parent.chmod(0o755)
    assert [p.name for p in target.parent.iterdir()] == ["plan.xlsx"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX mode bits")
def test_who_may_write_the_plan_may_lock_it_after_somebody_elses_kill(plan: Path) -> None:
    plan.chmod(0o664)
    with holder(plan):
        lock = plan.with_name(".plan.xlsx.lock")
        assert lock.stat().st_mode & 0o777 == 0o664
    plan.chmod(0o600)
    lock.unlink()
    with holder(plan):
        assert lock.stat().st_mode & 0o777 == 0o600


def test_a_lock_file_full_of_nonsense_is_no_excuse(plan: Path) -> None:
    lock = plan.with_name(".plan.xlsx.lock")
    for nonsense in (b"", b"\xff\xfe{", b'x{"who": 1}', b"[]", b'x{"who": "\\u001b[31m", "host": [], "since": null}'):
        lock.write_bytes(nonsense)
        assert "\x1b" not in str(saving._signed(lock))
        with changing(plan, wait=0) as locked:
            assert locked
        assert not lock.exists()


# ------------------------------------------------------------------------------------------- programs that know no lock


def test_what_excel_saves_in_between_is_not_lost(plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Excel saves at the last moment there is: when the new file lies ready and the backup is made."""
    monkeypatch.setenv("SALESPLAN_STATE", str(tmp_path / "state"))
    package = Package.open(plan)
    sheet, ref = package.locate("plan_year") or ("", None)
    assert ref is not None
    package.sheets[sheet].set_values({(ref.first_row, ref.first_col): 2028.0})
    theirs = plan.read_bytes() + b"saved by Excel"
    real = saving.backup

    def meanwhile(path: Path) -> Path:
        copy = real(path)
        plan.write_bytes(theirs)
        return copy

    monkeypatch.setattr("workbook_templates.xlsx.package.make_backup", meanwhile)
    with pytest.raises(Refused) as caught:
        package.save()
    assert "changed by someone" in caught.value.text.en and "重新运行" in caught.value.text.zh
    assert plan.read_bytes() == theirs
    assert [p.name for p in plan.parent.iterdir()] == ["plan.xlsx"]


def test_a_book_is_read_anew_when_somebody_saved_before_it_got_its_turn(plan: Path, tmp_path: Path) -> None:
    book = FileBook.open(plan)
    assert book.read("Deals").rows == []
    assert cli.main(["import", str(deal(tmp_path, "D1")), str(plan)]) == cli.DONE
    with book.changing():
        assert [row["id"] for row in book.read("Deals").rows] == ["D1"]


def test_a_plan_moved_away_meanwhile_is_not_made_twice(plan: Path) -> None:
    package = Package.open(plan)
    sheet, ref = package.locate("plan_year") or ("", None)
    assert ref is not None
    package.sheets[sheet].set_values({(ref.first_row, ref.first_col): 2028.0})
    plan.rename(plan.with_name("moved.xlsx"))
    with pytest.raises(Refused):
        package.save()
    assert [p.name for p in plan.parent.iterdir()] == ["moved.xlsx"]


# ----------------------------------------------------------------------------------------------------------- long names


@pytest.mark.parametrize("name", ["年度销售计划" * 13 + "终稿.xlsx", "计" * 83 + ".xlsx", "x" * 250 + ".xlsx"])
def test_a_name_as_long_as_the_file_system_takes_can_be_worked_on(tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    target.write_bytes(b"one")
    atomic_write(target, b"two")
    with changing(target, wait=0) as locked:
        assert locked
    copies = [backup(target), backup(target)]
    assert len(set(copies)) == 2 and all(c.read_bytes() == b"two" and c.suffix == ".xlsx" for c in copies)
    for day in range(1, 29):
        copies[0].with_name(copies[0].name.replace(copies[0].name.rpartition(".bak-")[2][:8], f"202501{day:02}")).write_bytes(b"")
    assert saving.thin_backups(target) == []
    assert sorted(p.read_bytes() for p in tmp_path.iterdir() if ".bak-" not in p.name) == [b"two"]


def test_two_long_names_that_begin_alike_stay_two(tmp_path: Path) -> None:
    one, two = (saving.beside(tmp_path / ("计" * 82 + end + ".xlsx"), ".", ".lock") for end in "甲乙")
    assert one != two and all(len(p.name.encode()) <= 255 for p in (one, two))


def test_commands_work_on_a_long_name(plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    long = plan.rename(plan.with_name("年度销售计划" * 13 + "终稿.xlsx"))
    with speaking("en"):
        assert cli.main(["import", str(deal(tmp_path, "D1")), str(long)]) == cli.DONE, capsys.readouterr()
    assert deals(long) == {"D1"} and len(list(long.parent.iterdir())) == 2
