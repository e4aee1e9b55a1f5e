"""Saving: the file is the old one or the new one, whatever happens; refusals name the remedy in both languages."""

from __future__ import annotations

import os
import random
import signal
import stat
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from udfs.text import Text, speaking
from workbook_templates.saving import Refused, atomic_write, backup, opened_elsewhere

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


def test_leftovers_of_killed_saves_are_swept_but_not_a_running_one(tmp_path):
    old, running, other = (tmp_path / f".{n}.saving" for n in ("plan.xlsx.0a", "plan.xlsx.0b", "budget.xlsx.0c"))
    for leftover in (old, running, other):
        leftover.write_bytes(b"half")
    for leftover in (old, other):
        os.utime(leftover, (time.time() - 7200,) * 2)
    atomic_write(tmp_path / "plan.xlsx", b"new")
    assert (old.exists(), running.exists(), other.exists()) == (False, True, True)


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
    """Killed at 25 random moments: always one whole version, and at most one temporary file."""
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
        assert len(garbage) <= 1
        for leftover in garbage:
            leftover.unlink()
