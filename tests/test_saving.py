"""Saving: the file is the old one or the new one, whatever happens; refusals name the remedy in both languages."""

from __future__ import annotations

import errno
import os
import random
import signal
import stat
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from udfs.text import Text, speaking
from workbook_templates.answers import Refused
from workbook_templates.saving import KEPT_DAYS, KEPT_NEWEST, atomic_write, backup, mode_of, opened_elsewhere, thin_backups

ROOT = Path(__file__).parents[1]


def refused(action, *needles: str) -> Refused:
    """The refusal ``action`` ends in: one line, both languages, naming ``needles``."""
    with pytest.raises(Refused) as caught:
        action()
    text = caught.value.text
    assert isinstance(text, Text) and text.zh != text.en and "\n" not in text.zh + text.en
    for needle in needles:
        assert needle in text.zh and needle in text.en
    with speaking("en"):
        assert str(caught.value) == text.en
    return caught.value


def test_writes_bytes_or_what_a_function_writes(tmp_path):
    target = tmp_path / "plan.xlsx"
    atomic_write(target, b"one")
    assert target.read_bytes() == b"one"
    atomic_write(target, lambda file: file.write(b"two"))
    assert target.read_bytes() == b"two"
    assert [p.name for p in tmp_path.iterdir()] == ["plan.xlsx"]


def test_a_failure_on_the_way_leaves_the_old_file_and_no_garbage(tmp_path):
    target = tmp_path / "plan.xlsx"
    target.write_bytes(b"old")

    def fail(file):
        file.write(b"half")
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        atomic_write(target, fail)
    with pytest.raises(ZeroDivisionError):
        atomic_write(target, b"new", check=lambda temp: 1 / 0)
    assert target.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["plan.xlsx"]


def test_the_check_sees_the_finished_temporary_file_beside_the_target(tmp_path):
    seen = []
    atomic_write(tmp_path / "plan.xlsx", b"new", check=lambda temp: seen.append((temp.parent, temp.read_bytes())))
    assert seen == [(tmp_path, b"new")]


@pytest.mark.skipif(os.name == "nt", reason="POSIX mode bits")
def test_mode_bits_stay_and_a_new_file_follows_the_umask(tmp_path):
    target = tmp_path / "plan.xlsx"
    target.write_bytes(b"old")
    target.chmod(0o640)
    atomic_write(target, b"new")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    plain = tmp_path / "by-open"
    plain.write_bytes(b"")
    atomic_write(tmp_path / "fresh.xlsx", b"new")
    assert (tmp_path / "fresh.xlsx").stat().st_mode == plain.stat().st_mode


@pytest.mark.skipif(os.name == "nt", reason="needs a privilege on Windows")
def test_a_symbolic_link_stays_a_link(tmp_path):
    (tmp_path / "real.xlsx").write_bytes(b"old")
    (tmp_path / "link.xlsx").symlink_to("real.xlsx")
    atomic_write(tmp_path / "link.xlsx", b"new")
    assert (tmp_path / "link.xlsx").is_symlink()
    assert (tmp_path / "real.xlsx").read_bytes() == b"new"


@pytest.mark.parametrize("owner", ["~$plan.xlsx", ".~lock.plan.xlsx#"])
def test_a_workbook_open_elsewhere_is_refused(tmp_path, owner):
    target = tmp_path / "plan.xlsx"
    target.write_bytes(b"old")
    (tmp_path / owner).write_bytes(b"someone")
    assert opened_elsewhere(target) == tmp_path / owner
    refused(lambda: atomic_write(target, b"new"), owner)
    assert target.read_bytes() == b"old"


def test_read_only_folders_and_missing_folders_are_refused(tmp_path):
    target = tmp_path / "plan.xlsx"
    target.write_bytes(b"old")
    target.chmod(0o444)
    refused(lambda: atomic_write(target, b"new"), "plan.xlsx")
    assert target.read_bytes() == b"old"
    refused(lambda: atomic_write(tmp_path, b"new"), tmp_path.name)
    refused(lambda: atomic_write(tmp_path / "none" / "plan.xlsx", b"new"), "none")


def test_backups_sort_by_time_and_never_overwrite(tmp_path):
    target = tmp_path / "plan.2026.xlsx"
    target.write_bytes(b"one")
    first = backup(target)
    target.write_bytes(b"two")
    second = backup(target)
    assert first != second and first.read_bytes() == b"one" and second.read_bytes() == b"two"
    assert first.name.startswith("plan.2026.bak-") and first.suffix == ".xlsx"
    refused(lambda: backup(tmp_path / "missing.xlsx"), "missing.xlsx")


HELD_UP = """
    import sys, time
    from workbook_templates.saving import atomic_write
    def slow(file):
        file.write(b"half")
        file.flush()
        print("writing", flush=True)
        time.sleep(float(sys.argv[2]))
    atomic_write(sys.argv[1], slow)
"""


def writing(target: Path, seconds: float) -> subprocess.Popen[bytes]:
    """A process in the middle of a save."""
    words = [sys.executable, "-c", textwrap.dedent(HELD_UP), str(target), str(seconds)]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"writing\n"
    return process


def beside(target: Path) -> list[str]:
    return sorted(p.suffix for p in target.parent.iterdir() if p != target)


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_what_a_killed_save_left_goes_with_the_next_one_at_once(tmp_path):
    target = tmp_path / "plan.xlsx"
    process = writing(target, 60)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert beside(target) == [".lock", ".saving"]
    theirs = [
        tmp_path / name
        for name in (
            ".plan.xlsx.saving",
            ".plan.xlsx.mine.saving",
            ".plan.xlsx.0badc0de.old",
            "x.plan.xlsx.0badc0de.saving",
            ".budget.xlsx.0badc0de.saving",
        )
    ]
    for one in theirs:
        one.write_bytes(b"not ours")
    atomic_write(target, b"new")
    assert target.read_bytes() == b"new"
    assert {p.name for p in tmp_path.iterdir()} == {"plan.xlsx", *(p.name for p in theirs)}


def test_a_save_that_is_still_running_is_waited_for(tmp_path):
    target = tmp_path / "plan.xlsx"
    process = writing(target, 0.5)
    assert beside(target) == [".lock", ".saving"]
    atomic_write(target, b"new")
    assert process.wait(20) == 0
    process.communicate()
    assert target.read_bytes() == b"new" and beside(target) == []


def test_where_no_lock_can_be_made_only_old_leftovers_go(tmp_path, monkeypatch):
    old, running = (tmp_path / f".plan.xlsx.{n}badc0de.saving" for n in "01")
    for leftover in (old, running):
        leftover.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)

    def none(*_, **__):
        raise OSError(errno.ENOLCK, "no locks available")

    monkeypatch.setattr("filelock.FileLock.acquire", none)  # as on a network drive without locks
    atomic_write(tmp_path / "plan.xlsx", b"new")
    assert (old.exists(), running.exists()) == (False, True)


@pytest.mark.skipif(os.name == "nt", reason="POSIX mode bits")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_a_temporary_file_and_a_backup_are_no_more_open_than_the_file_from_their_first_byte(tmp_path, mode):
    target = tmp_path / "plan.xlsx"
    target.write_bytes(b"old")
    target.chmod(mode)
    seen = []

    def look(file):
        seen.append(stat.S_IMODE(os.fstat(file.fileno()).st_mode))
        file.write(b"new")

    atomic_write(target, look, check=lambda temp: seen.append(stat.S_IMODE(temp.stat().st_mode)))
    assert seen == [mode, mode]
    assert stat.S_IMODE(backup(target).stat().st_mode) == mode


@pytest.mark.skipif(os.name == "nt", reason="POSIX mode bits")
def test_what_is_made_from_a_file_is_no_more_open_than_it(tmp_path):
    plan, data, report = (tmp_path / name for name in ("plan.xlsx", "data.csv", "report.csv"))
    for path, mode in ((plan, 0o600), (data, 0o644), (report, 0o666)):
        path.write_bytes(b"")
        path.chmod(mode)
    assert (mode_of(data), mode_of(plan, data), mode_of(tmp_path / "none")) == (0o644, 0o600, None)
    atomic_write(report, b"pay", mode=mode_of(plan))
    atomic_write(tmp_path / "fresh.csv", b"pay", mode=mode_of(plan, data))
    assert {stat.S_IMODE(p.stat().st_mode) for p in (report, tmp_path / "fresh.csv")} == {0o600}


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs an administrator")
def test_the_owner_and_the_group_stay(tmp_path):
    target = tmp_path / "plan.xlsx"
    target.write_bytes(b"old")
    os.chown(target, 1234, 4321)
    target.chmod(0o640)
    atomic_write(target, b"new")
    for path in (target, backup(target)):
        assert (path.stat().st_uid, path.stat().st_gid, stat.S_IMODE(path.stat().st_mode)) == (1234, 4321, 0o640)


def made_backups(target: Path, stamps: list[str]) -> list[str]:
    names = [f"{target.stem}.bak-{stamp}{target.suffix}" for stamp in stamps]
    for name in names:
        target.with_name(name).write_bytes(b"copy")
    return names


def test_so_many_backups_are_kept_the_first_of_each_day_longest(tmp_path):
    target = tmp_path / "plan.xlsx"
    target.write_bytes(b"now")
    days = [f"2026{month:02}{day:02}" for month in (1, 2) for day in range(1, 26)]
    names = made_backups(
        target, [f"{day}-{hour:02}0000{again}" for day in days for hour in (9, 17) for again in ("", "-2", "-10")]
    )
    removed = {p.name for p in thin_backups(target)}
    kept = set(names) - removed
    assert kept == {p.name for p in tmp_path.iterdir()} - {"plan.xlsx"}
    first = {f"plan.bak-{day}-090000.xlsx" for day in days[-KEPT_DAYS:]}
    newest = {f"plan.bak-{day}-{hour}0000{n}.xlsx" for day in days[-4:] for hour in ("09", "17") for n in ("", "-2", "-10")}
    assert first <= kept and len(kept - first) <= KEPT_NEWEST and kept <= first | newest
    assert f"plan.bak-{days[-1]}-170000-10.xlsx" in kept  # the newest of all: -10 comes after -2
    assert thin_backups(target) == []


def test_only_backups_of_this_file_by_our_own_name_are_ever_removed(tmp_path):
    target = tmp_path / "plan.xlsx"
    target.write_bytes(b"now")
    made_backups(target, [f"20260101-{second:06}" for second in range(60)])
    theirs = ["plan.bak-20260101-000001 before the audit.xlsx", "my plan.bak-20260101-000001.xlsx", "plan.bak-20260101.xlsx",
              "plan.bak-20260101-000001.xlsm",
              "plan.bak-20260101-000001.xlsx.zip", "planXbak-20260101-000001.xlsx", "plan2.bak-20260101-000001.xlsx"]  # fmt: skip
    for name in theirs:
        (tmp_path / name).write_bytes(b"theirs")
    (tmp_path / "plan.bak-20260101-000099.xlsx").mkdir()
    made_backups(target, ["20251231-120000"])
    (tmp_path / "~$plan.bak-20260101-000030.xlsx").write_bytes(b"open in Excel")
    thin_backups(target)
    left = {p.name for p in tmp_path.iterdir()}
    assert {*theirs, "plan.bak-20260101-000099.xlsx", "plan.bak-20260101-000030.xlsx", "plan.bak-20251231-120000.xlsx"} <= left
    assert (
        len([name for name in left if name.startswith("plan.bak-20260101-0000") and "-000099" not in name]) == KEPT_NEWEST + 2 + 3
    )


def test_backups_made_at_once_have_names_of_their_own(tmp_path):
    """Ten threads in one second; each copy is whole and its own."""
    target = tmp_path / "plan.xlsx"
    target.write_bytes(b"x" * 100_000)
    with ThreadPoolExecutor(10) as pool:
        copies = list(pool.map(lambda _: backup(target), range(30)))
    assert len(set(copies)) == 30 and {c.read_bytes() for c in copies} == {b"x" * 100_000}


LOOP = """
    import sys
    from workbook_templates.saving import atomic_write
    versions = [bytes([65 + i]) * 400_000 for i in range(2)]
    print("ready", flush=True)
    for turn in range(10**9):
        atomic_write(sys.argv[1], versions[turn % 2])
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_a_killed_process_leaves_a_whole_file(tmp_path):
    """Killed at 25 random moments: always one whole version, at most one temporary file, and a lock file that locks
    nobody out."""
    target = tmp_path / "plan.xlsx"
    target.write_bytes(b"B" * 400_000)
    chance = random.Random(7)
    for _ in range(25):
        process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(LOOP), str(target)], cwd=ROOT, stdout=subprocess.PIPE)
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        time.sleep(chance.uniform(0, 0.04))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        content = target.read_bytes()
        assert content in (b"A" * 400_000, b"B" * 400_000)
        garbage = [p for p in tmp_path.iterdir() if p != target]
        assert len([p for p in garbage if p.suffix == ".saving"]) <= 1
        assert {p.name for p in garbage if p.suffix != ".saving"} <= {".plan.xlsx.lock"}
        for leftover in garbage:
            leftover.unlink()
