"""A process killed and a disk that fills up, at every moment that matters: nothing lost, nothing twice, what is not known
is said so.

The killed process is a real one (SIGKILL), the server another; the full disk is a file system of one megabyte.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from addin.mailing import deliver, outbox
from addin.mailing.outbox import PENDING, SENT, UNCERTAIN, Journal
from tests.mailing.letters import letter, outbox_with
from tests.mailing.post import PASSWORD, USER, Post
from tests.mailing.test_smtp import sent, states, to, way
from tests.real import missing
from workbook_templates.answers import Refused

_CHILD = """
import sys
from pathlib import Path
from addin.mailing import deliver, outbox
from addin.mailing.smtp import Server, Smtp
folder, port, user, password, ca = sys.argv[1:]
with outbox.Journal(Path(folder)) as journal:
    ready = [e for e in journal.entries.values() if e.state in outbox.READY]
    deliver.run(journal, ready, Smtp(Server("localhost", int(port), "starttls", user, password, 10.0, ca), "post@starbridge.example"))
"""


def child(folder: Path, post: Post) -> subprocess.Popen[bytes]:
    words = [str(folder), str(post.port), USER, PASSWORD, str(post.authority.path)]
    return subprocess.Popen([sys.executable, "-c", _CHILD, *words])


def kills(process: list[subprocess.Popen[bytes]]) -> Any:
    async def fault(server: Any) -> str:
        os.kill(process[0].pid, signal.SIGKILL)
        process[0].wait()
        return ""

    return fault


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
@pytest.mark.parametrize(("at", "state", "copies"), [("rcpt", PENDING, 1), ("whole", UNCERTAIN, 1), ("taken", UNCERTAIN, 1)])
def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, post: Post, at: str, state: str, copies: int) -> None:
    letters = [letter(n) for n in range(6)]
    outbox_with(tmp_path, letters)
    process: list[subprocess.Popen[bytes]] = []
    post.faults[at, to(3)] = kills(process)
    process.append(child(tmp_path, post))
    assert process[0].wait(60) == -signal.SIGKILL
    post.faults.clear()
    with Journal(tmp_path) as journal:
        assert [e.state for e in journal.entries.values()] == [SENT] * 3 + [state] + [PENDING] * 2
    assert child(tmp_path, post).wait(60) == 0
    assert Counter(post.addresses()) == Counter({to(n): 1 for n in range(6)})
    assert states(tmp_path) == [SENT] * 3 + [SENT if state == PENDING else UNCERTAIN] + [SENT] * 2
    assert sorted(post.messages()) == sorted(one.message for one in letters)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_killed_again_and_again_at_any_moment(tmp_path: Path, post: Post) -> None:
    chance = random.Random(7)
    letters = [letter(n) for n in range(60)]
    outbox_with(tmp_path, letters)
    for _ in range(6):
        process = child(tmp_path, post)
        before, began = len(post.got), time.monotonic()
        while len(post.got) < before + 3 and process.poll() is None and time.monotonic() - began < 30:
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.03))
        process.kill()
        process.wait()
    assert child(tmp_path, post).wait(60) == 0
    arrived = Counter(post.messages())
    assert max(arrived.values()) == 1
    for entry in outbox.read(tmp_path).values():
        assert entry.state in (SENT, UNCERTAIN)
        assert entry.state == UNCERTAIN or arrived[entry.message] == 1
    assert sum(s == UNCERTAIN for s in states(tmp_path)) <= 6


def test_a_line_cut_short_by_a_crash_is_skipped_and_the_rest_read(tmp_path: Path, post: Post) -> None:
    outbox_with(tmp_path, [letter(n) for n in range(3)])
    with open(tmp_path / outbox.NAME, "ab") as file:
        file.write(b'{"message": "<salesplan.x@y>", "sta')
    assert [e.state for e in sent(tmp_path, way(post)).done] == [SENT] * 3
    assert states(tmp_path) == [SENT] * 3


def test_two_at_once_are_one_after_the_other(tmp_path: Path) -> None:
    with Journal(tmp_path), pytest.raises(Refused, match="正在使用"), Journal(tmp_path):
        pass
    with Journal(tmp_path):
        pass


# --------------------------------------------------------------------------------------------------------------- full disk


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, check=False)
    if made.returncode:
        missing("the right to mount a tmpfs")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Not a byte more fits."""
    with open(folder / "filler", "ab", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue


def test_composing_onto_a_full_disk_leaves_the_outbox_as_it_was(small_disk: Path) -> None:
    first = outbox_with(small_disk, [letter(1)])
    with Journal(small_disk) as journal, pytest.raises(Refused):
        journal.put([letter(n) for n in range(2, 200)])
    assert list(outbox.read(small_disk)) == [first[0].message]
    assert [p.name for p in small_disk.glob("*.eml")] == [first[0].file] and not list(small_disk.glob(".*"))
    outbox_with(small_disk, [letter(2)])  # there is room for a smaller one again


def test_nothing_is_sent_that_could_not_be_recorded(small_disk: Path, post: Post) -> None:
    outbox_with(small_disk, [letter(n) for n in range(5)])
    fill(small_disk)
    with Journal(small_disk) as journal, pytest.raises(Refused, match="磁盘"):
        deliver.run(journal, list(journal.entries.values()), way(post))
    assert not post.got and states(small_disk) == [PENDING] * 5


@pytest.mark.parametrize("also_the_reserve", [False, True])
@pytest.mark.parametrize("at", ["rcpt", "taken"])
def test_a_disk_that_fills_up_midway_stops_the_run_and_it_goes_on_later(
    small_disk: Path, post: Post, at: str, also_the_reserve: bool
) -> None:
    count = 40
    letters = [letter(n) for n in range(count)]
    outbox_with(small_disk, letters)

    async def fills(server: Any) -> str:
        if also_the_reserve:
            (small_disk / "journal.reserve").unlink()
        fill(small_disk)
        return ""

    post.faults[at, to(3)] = fills
    result = sent(small_disk, way(post))
    assert result.stopped is not None and "磁盘已满" in result.stopped.zh
    assert 3 <= len(post.got) < count
    (small_disk / "filler").unlink()
    post.faults.clear()
    sent(small_disk, way(post))
    arrived, now = Counter(post.messages()), outbox.read(small_disk)
    assert max(arrived.values()) == 1 and set(arrived) == set(now)  # all arrived, once
    uncertain = sum(e.state == UNCERTAIN for e in now.values())
    assert uncertain <= (1 if also_the_reserve else 0) and all(e.state in (SENT, UNCERTAIN) for e in now.values())
