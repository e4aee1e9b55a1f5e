"""The outbox: a folder of drafts with a journal of what became of each, true whatever happens in between.

A line of the journal is on disk before what it speaks of is done: a mail is *pending*, then *sending* just before the
server is told that it is whole, then *sent* or *refused* as the server says. A process that dies in between leaves
*sending*, which the next run reads as *uncertain*: perhaps it arrived. An uncertain mail keeps its Message-ID and is never
sent again unasked.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from addin.mailing.compose import Letter, addressed
from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.folders import state_folder
from workbook_templates.saving import PRIVATE, atomic_write, changing

PENDING, SENDING, SENT, REFUSED, UNCERTAIN, HANDED, DROPPED = (
    "pending",
    "sending",
    "sent",
    "refused",
    "uncertain",
    "handed",
    "dropped",
)
GONE = (SENT, UNCERTAIN, HANDED)  # not delivered again unless asked; handed: a draft in the mail program
READY = (PENDING, REFUSED)
NAME = "journal.jsonl"
_LOCK = "journal.lock"  # a file of its own: on Windows nobody may read what is locked
_BALLAST = "journal.reserve"
_LINE = 1024  # bytes kept free for the lines that must still be written for a mail


@dataclass(frozen=True)
class Entry:
    """A mail as the journal knows it."""

    message: str
    hash: str
    kind: str
    recipient: str
    name: str
    email: str
    period: str
    subject: str
    total: float | None
    attachment: str
    file: str
    sha256: str
    size: int
    state: str = PENDING
    reply: str = ""
    time: str = ""
    who: str = ""
    items: Sequence[str] = ()  # what news it tells, so that none is told twice

    @property
    def what(self) -> tuple[str, str, str]:
        """Kind, recipient, period: of these one mail is enough."""
        return self.kind, self.recipient, self.period


_FIELDS = {f.name for f in fields(Entry)}


def entry_of(letter: Letter) -> Entry:
    """A letter as the journal keeps it."""
    given = {name: getattr(letter, name) for name in _FIELDS if hasattr(letter, name)}
    return Entry(**given, size=len(letter.content))


class DiskFull(Exception):
    """The journal can't be written any more: nothing may be sent that it could not tell of."""


def read(folder: Path) -> dict[str, Entry]:
    """What the journal says, by Message-ID, in order; a line that a dying process left half-written is skipped."""
    found: dict[str, Entry] = {}
    try:
        text = (folder / NAME).read_text("utf-8", "replace")
    except FileNotFoundError:
        return found
    except OSError as error:
        raise Refused(_unreadable(folder, error)) from error
    for line in text.splitlines():
        try:
            record = {k: v for k, v in json.loads(line).items() if k in _FIELDS}
            message = record["message"]
            found[message] = replace(found[message], **record) if message in found else Entry(**record)
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
    return found


def content(folder: Path, entry: Entry) -> bytes | None:
    """A draft as it was composed; None where it is gone, was changed since, or is another's: it is not what was checked.

    The journal and its files lie open to whoever may write to the folder, so what it says of itself proves nothing:
    ``entry`` has its address and its digest from the plan's own list, and the letter must name both address and Message-ID.
    """
    path = _draft(folder, entry.file)
    if path is None:
        return None
    try:
        # A link put in its place between the look and the opening is not followed either; a pipe would hold us up.
        handle = os.open(
            path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        )
        with os.fdopen(handle, "rb") as file:
            raw = file.read() if stat.S_ISREG(os.fstat(handle).st_mode) else b""
    except OSError:
        return None
    if hashlib.sha256(raw).hexdigest() != entry.sha256 or addressed(raw) != ([entry.email], entry.message):
        return None
    return raw


def _draft(folder: Path, name: str) -> Path | None:
    """Where a draft lies: a file of this folder itself, never one that a path or a link leads to."""
    if not name or set(name) & set("/\\:\0") or name in (".", ".."):
        return None
    path = folder / name
    return None if path.is_symlink() else path


class Journal:
    """The journal of an outbox, open for writing by one process at a time."""

    def __init__(self, folder: Path, who: str = "") -> None:
        self.folder, self.who = folder, who
        self.entries: dict[str, Entry] = {}
        self.full = False
        self._file: IO[bytes] | None = None
        self._lock: IO[bytes] | None = None

    def __enter__(self) -> Journal:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = open(self.folder / _LOCK, "ab", opener=_private)
            self._file = open(self.folder / NAME, "ab", opener=_private)
        except OSError as error:
            raise Refused(_unreadable(self.folder, error)) from error
        with contextlib.suppress(OSError):  # one of an earlier version
            os.chmod(self.folder / NAME, PRIVATE)
        if not _locked(self._lock):
            self._close()
            raise Refused(
                Text(
                    f"另一个 salesplan 正在使用发件箱 {self.folder}：等它结束后再试",
                    f"another salesplan is working on the outbox {self.folder}: try again when it is done",
                )
            )
        self.entries = read(self.folder)
        if self._file.tell() and not _ends_a_line(self.folder / NAME):
            self._write(b"\n")
        for entry in [e for e in self.entries.values() if e.state == SENDING]:
            self.record(entry.message, UNCERTAIN, "interrupted before the server's answer was read")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with contextlib.suppress(OSError):
            (self.folder / _BALLAST).unlink(missing_ok=True)
        self._close()

    def _close(self) -> None:
        for file in (self._file, self._lock):
            if file is not None:
                file.close()

    def put(self, letters: Sequence[Letter]) -> None:
        """Write drafts and enter them; all or none: a full disk leaves the outbox as it was."""
        made: list[Path] = []
        try:
            for one in letters:
                path = self.folder / one.file
                atomic_write(path, one.content, mode=PRIVATE)
                made.append(path)
            entries = [replace(entry_of(one), time=now(), who=self.who) for one in letters]
            self._append([asdict(entry) for entry in entries])
        except (Refused, DiskFull) as error:
            for path in made:
                path.unlink(missing_ok=True)
            if isinstance(error, DiskFull):
                raise Refused(_full(self.folder)) from error
            raise
        self.entries |= {entry.message: entry for entry in entries}

    def record(self, message: str, state: str, reply: str = "") -> None:
        """Enter what became of a mail; on disk when this returns. Raises ``DiskFull``."""
        time = now()
        self._append([{"message": message, "state": state, "reply": reply[:300], "time": time, "who": self.who}])
        self.entries[message] = replace(self.entries[message], state=state, reply=reply[:300], time=time, who=self.who)

    def drop(self, entries: Iterable[Entry]) -> None:
        """Take drafts away that newer ones replace: nobody is to send them by mistake."""
        for entry in entries:
            self.record(entry.message, DROPPED)
            path = _draft(self.folder, entry.file)
            if path is not None:
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)

    def reserve(self, mails: int) -> None:
        """Keep room on the disk for all that will have to be written. Raises ``Refused`` when there is none."""
        try:
            with open(self.folder / _BALLAST, "wb", opener=_private) as ballast:
                ballast.write(b" " * (_LINE * (2 * mails + 4)))
                ballast.flush()
                os.fsync(ballast.fileno())
        except OSError as error:
            (self.folder / _BALLAST).unlink(missing_ok=True)
            raise Refused(_full(self.folder)) from error

    def _append(self, records: Iterable[dict[str, Any]]) -> None:
        self._write("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records).encode("utf-8", "replace"))

    def _write(self, raw: bytes) -> None:
        assert self._file is not None
        before = os.fstat(self._file.fileno()).st_size
        try:
            self._flush(raw)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO):
                raise
            self.full = True
            with contextlib.suppress(OSError):
                os.ftruncate(self._file.fileno(), before)
                (self.folder / _BALLAST).unlink()
                self._flush(raw)
                return
            raise DiskFull(str(error)) from error

    def _flush(self, raw: bytes) -> None:
        assert self._file is not None
        rest = memoryview(raw)
        while rest:  # no buffer in between: what failed must not be written later
            rest = rest[os.write(self._file.fileno(), rest) :]
        os.fsync(self._file.fileno())


def now() -> str:
    """The time of a line."""
    return dt.datetime.now().isoformat(timespec="seconds")


# ------------------------------------------------------------------------------------------------------- a plan's outboxes


def remember(plan: str, folder: Path) -> None:
    """Note that a plan has an outbox here: what was sent from one is not sent again from another."""
    path = _register(plan)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with changing(path):  # two copies of a plan may be worked on at once
        known = [*dict.fromkeys([*map(str, folders(plan)), str(folder.resolve())])]
        atomic_write(path, json.dumps(known, ensure_ascii=False).encode("utf-8"), mode=PRIVATE)


def folders(plan: str) -> list[Path]:
    """The outboxes of a plan that this person used and that are still there."""
    try:
        listed = json.loads(_register(plan).read_text("utf-8"))
        return [Path(p) for p in listed if (Path(p) / NAME).is_file()]
    except (OSError, ValueError, TypeError):
        return []


def _register(plan: str) -> Path:
    return state_folder() / "mail" / (hashlib.sha256(plan.encode("utf-8")).hexdigest()[:24] + ".json")


def all_entries(plan: str, folder: Path) -> Iterator[Entry]:
    """Every mail of a plan in any of its outboxes."""
    for one in dict.fromkeys([folder.resolve(), *(f.resolve() for f in folders(plan))]):
        yield from read(one).values()


def room_for(folder: Path, size: int) -> None:
    """Refuse at once what the disk has no room for."""
    there = next(p for p in (folder, *folder.resolve().parents) if p.exists())
    if shutil.disk_usage(there).free < size:
        raise Refused(_full(folder))


# ------------------------------------------------------------------------------------------------------------------ small


def _full(folder: Path) -> Text:
    return Text(
        f"磁盘空间不足，发件箱 {folder} 没有写入：请腾出空间后重试", f"the disk is full, nothing was written to {folder}: make room and try again"
    )  # fmt: skip


def _unreadable(folder: Path, error: OSError) -> Text:
    why = error.strerror or error
    return Text(f"发件箱 {folder} 不能使用：{why}", f"the outbox {folder} can't be used: {why}")


def _private(path: str, flags: int) -> int:
    """Open a file that holds pay: for nobody else to read, from its first byte."""
    return os.open(path, flags, PRIVATE)


def _ends_a_line(path: Path) -> bool:
    with open(path, "rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _locked(file: IO[bytes]) -> bool:
    """Take the lock that the system drops when the process dies."""
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
