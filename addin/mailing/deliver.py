"""Deliver what lies in an outbox: one after the other, each step on disk before the next; a failure stops nobody else's mail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from addin.mailing import outbox
from addin.mailing.outbox import REFUSED, SENDING, DiskFull, Entry, Journal
from udfs.text import Text

_STOP_AFTER = 3  # mails in a row that found no server


@dataclass(frozen=True)
class Reply:
    """What became of one mail (a state of the outbox), in the server's own words."""

    state: str
    text: str


class NotReached(Exception):
    """The mail did not get out, for certain: it may be tried again. ``fatal``: no other would get out either."""

    def __init__(self, text: Text, fatal: bool = False) -> None:
        super().__init__(str(text))
        self.text, self.fatal = text, fatal


class Way(Protocol):
    """A way out."""

    def deliver(self, entry: Entry, content: bytes, folder: Path, committing: Callable[[], None]) -> Reply:
        """Hand one mail over; ``committing`` is called at the last moment at which nothing has happened yet."""
        ...

    def close(self) -> None:
        """Say good-bye."""
        ...


@dataclass(frozen=True)
class Result:
    """What a run came to: entries as they are now, those left for the next run (with the reason), and why it stopped early."""

    done: list[Entry]
    left: list[Entry]
    stopped: Text | None = None


def run(
    journal: Journal, entries: Sequence[Entry], way: Way, progress: Callable[[int, Entry], None] = lambda n, e: None
) -> Result:
    """Deliver these; ``progress`` hears of each as it begins."""
    done: list[str] = []
    why: dict[str, str] = {}
    stopped: Text | None = None
    lost = 0
    try:
        journal.reserve(len(entries))
        for number, entry in enumerate(entries):
            progress(number, entry)
            content = outbox.content(journal.folder, entry)
            if content is None:
                journal.record(entry.message, REFUSED, "the draft was changed or removed after it was checked: compose it again")
                done.append(entry.message)
                continue
            try:
                reply = way.deliver(entry, content, journal.folder, lambda m=entry.message: journal.record(m, SENDING))  # type: ignore[misc]
            except NotReached as fault:
                lost += 1
                why[entry.message] = str(fault)
                if journal.entries[entry.message].state == SENDING:  # for certain nothing got out
                    journal.record(entry.message, entry.state, str(fault))
                if fault.fatal or lost >= _STOP_AFTER:
                    stopped = fault.text
                    break
                continue
            lost = 0
            journal.record(entry.message, reply.state, reply.text)
            done.append(entry.message)
            if journal.full:
                stopped = _disk_full(journal.folder)
                break
    except DiskFull:
        stopped = _disk_full(journal.folder)
    finally:
        way.close()
    finished = set(done)
    now = [journal.entries[e.message] for e in entries]
    left = [replace(e, reply=why.get(e.message, e.reply)) for e in now if e.message not in finished]
    return Result([e for e in now if e.message in finished], left, stopped)


def _disk_full(folder: Path) -> Text:
    return Text(
        f"磁盘已满，发送记录写不进 {folder}：已停下，其余未发。腾出空间后重新运行即可继续",
        f"the disk is full and {folder} can't keep the record: stopped, the rest is not sent. Make room and run it again to go on",
    )
