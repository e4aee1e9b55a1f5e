"""Files are never lost: one program at a time changes a file, it is written beside, flushed to disk, then renamed; a copy
is kept.

A process that is killed at any moment leaves the old file or the new one, never a mixture; a temporary file or a lock file
that it left holds nothing up and goes with the next save of the same file.

``changing`` is the lock, from reading to renaming: a hidden file beside the one that is changed (``.NAME.lock``), gone when it is
done, let go by the system when its process dies. It keeps our own programs apart. Others (Excel) know nothing of it;
therefore what was read is compared with the disk once more, just before the rename.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import stat
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from udfs.text import Text
from workbook_templates.answers import Refused

if TYPE_CHECKING:
    from filelock import FileLock

__all__ = [
    "KEPT_DAYS",
    "KEPT_NEWEST",
    "PRIVATE",
    "WAIT",
    "Refused",
    "atomic_write",
    "backup",
    "beside",
    "changing",
    "check_unchanged",
    "check_writable",
    "mode_of",
    "opened_elsewhere",
    "thin_backups",
]

WAIT = 30.0  # seconds until a file that another salesplan changes is given up
KEPT_NEWEST = 20  # backups of a file that stay in any case,
KEPT_DAYS = 30  # and so many days of which the first one stays
PRIVATE = 0o600  # what holds pay and lies elsewhere than the plan

_TEMP_SUFFIX = ".saving"
_LOCK_SUFFIX = ".lock"
# Where the file system can't lock: a save takes seconds; a temporary file this old belongs to a process that died.
_STALE_SECONDS = 3600.0
_NAME_MOST = 255  # bytes of a file's name, where the system does not say


# ------------------------------------------------------------------------------------------------------------- may it be


def opened_elsewhere(path: str | os.PathLike[str]) -> Path | None:
    """The owner file that Excel (``~$name``) or LibreOffice (``.~lock.name#``) keeps beside an open workbook."""
    target = Path(path)
    for name in (f"~${target.name}", f".~lock.{target.name}#"):
        owner = target.with_name(name)
        with contextlib.suppress(OSError):  # a name too long for the file system is nobody's
            owner.lstat()
            return owner
    return None


def check_writable(path: str | os.PathLike[str]) -> None:
    """Raise ``Refused`` when ``path`` could not, or should not, be replaced now."""
    target = Path(path)
    if target.is_dir():
        raise Refused(Text("“{p}”是文件夹，不是文件。", "“{p}” is a folder, not a file.").format(p=target))
    if not target.parent.is_dir():
        raise Refused(
            Text("文件夹“{p}”不存在，请先建立。", "The folder “{p}” does not exist; create it first.").format(p=target.parent)
        )
    owner = opened_elsewhere(target)
    if owner is not None:
        raise Refused(_opened_text(target, owner))
    if target.exists():
        _check_existing(target)


def _check_existing(target: Path) -> None:
    # The mode bits are looked at themselves: os.access tells an administrator that everything is writable.
    if not target.stat().st_mode & 0o222 or not os.access(target, os.W_OK):
        raise Refused(
            Text("“{p}”是只读文件，请取消只读后重试。", "“{p}” is read-only; clear that and try again.").format(p=target)
        )
    try:
        # On Windows this is what an open workbook denies to everyone else.
        with target.open("r+b"):
            pass
    except OSError as error:
        raise Refused(_locked_text(target)) from error


def check_unchanged(path: str | os.PathLike[str], content: bytes) -> None:
    """Raise ``Refused`` when a file no longer holds what was read of it: what somebody saved since would be lost."""
    try:
        now = Path(path).read_bytes()
    except FileNotFoundError:
        now = b""
    if now != content:
        raise Refused(
            Text(
                "“{p}”在读取之后被别人改过，没有保存。请重新运行。",
                "“{p}” was changed by someone since it was read: not saved. Run it again.",
            ).format(p=path)
        )


def _opened_text(target: Path, owner: Path) -> Text:
    return Text(
        "“{p}”正在 Excel 或 LibreOffice 中打开（有“{o}”）。请先关闭；若确实没有打开，请删除该文件后重试。",
        "“{p}” is open in Excel or LibreOffice (there is “{o}”). Close it; if it is not open, delete that file.",
    ).format(p=target.name, o=owner.name)


def _locked_text(target: Path) -> Text:
    return Text(
        "无法写入“{p}”：文件被占用或没有权限。请在 Excel 中关闭它，或检查权限。",
        "“{p}” cannot be written: it is in use or not permitted. Close it in Excel, or check the permissions.",
    ).format(p=target)


def _failed_text(target: Path, error: OSError) -> Text:
    return Text("“{p}”未能保存：{e}。原文件没有改变。", "“{p}” was not saved: {e}. The old file is unchanged.").format(
        p=target, e=error.strerror or error
    )


# ---------------------------------------------------------------------------------------------------------------- names


def beside(path: str | os.PathLike[str], before: str = "", after: str = "") -> Path:
    """``before`` + name + ``after`` in the same folder; a name that the file system would not take is cut, a mark in place
    of the rest.

    The mark is made of the whole name, so that two long names stay two.
    """
    target = Path(path)
    return target.with_name(before + _fitted(target.parent, target.name, before + after) + after)


def _fitted(folder: Path, name: str, taken: str) -> str:
    room = _most(folder) - len(taken.encode("utf-8", "surrogatepass"))
    raw = name.encode("utf-8", "surrogateescape" if os.name == "posix" else "surrogatepass")
    if len(raw) <= room:
        return name
    mark = "~" + hashlib.sha256(raw).hexdigest()[:8]
    return raw[: room - len(mark)].decode("utf-8", "ignore") + mark


def _most(folder: Path) -> int:
    try:
        return min(_NAME_MOST, os.pathconf(folder, "PC_NAME_MAX"))
    except (AttributeError, OSError, ValueError):  # Windows has no such call
        return _NAME_MOST


# ----------------------------------------------------------------------------------------------------------------- lock


class _Mine(threading.local):
    """The files that this thread changes now: within ``changing`` it may be entered again."""

    def __init__(self) -> None:
        self.held: dict[str, bool] = {}


_MINE = _Mine()


@contextlib.contextmanager
def changing(path: str | os.PathLike[str], wait: float | None = None) -> Iterator[bool]:
    """Nobody else of us changes ``path`` meanwhile. Waits for another salesplan (``WAIT`` seconds), then raises ``Refused``.

    Gives whether it is locked. It is not where no lock file can be made: in a folder that may not be written to (nothing can be
    saved there either), and on a file system that knows no locks (there ``check_unchanged`` alone stands guard).
    """
    real = os.path.realpath(path)
    if real in _MINE.held:
        yield _MINE.held[real]
        return
    lock = _taken(Path(real), WAIT if wait is None else wait)
    _MINE.held[real] = lock is not None
    try:
        yield lock is not None
    finally:
        del _MINE.held[real]
        if lock is not None:
            _let_go(lock)


def _taken(target: Path, wait: float) -> FileLock | None:
    from filelock import FileLock, Timeout  # not for who only reads

    file = beside(target, ".", _LOCK_SUFFIX)
    # Who may write the file may lock it: the lock file that somebody's killed process left must not shut out the others.
    mode = stat.S_IMODE(target.stat().st_mode) & 0o666 | 0o600 if target.exists() else 0o600
    lock = FileLock(file, mode=mode, fallback_to_soft=False, on_acquired=_sign)
    try:
        lock.acquire(timeout=wait)
    except Timeout as error:
        raise Refused(_busy_text(target, _signed(file), wait)) from error
    except OSError as error:
        if isinstance(error, PermissionError) and file.exists():
            raise Refused(_busy_text(target, _signed(file), 0)) from error
        return None
    return lock


def _let_go(lock: FileLock) -> None:
    if os.name == "posix":  # while it is still held: who waits on the deleted file sees that and makes a new one
        with contextlib.suppress(OSError):
            os.unlink(lock.lock_file)
    lock.release()


def _sign(handle: int) -> None:
    """Write who holds the lock, behind its first byte: that one Windows lets nobody read."""
    import socket

    said = {"who": _person(), "host": socket.gethostname(), "since": datetime.now().strftime("%Y-%m-%d %H:%M:%S")}
    with contextlib.suppress(OSError):  # nothing depends on it
        os.lseek(handle, 1, os.SEEK_SET)
        os.write(handle, json.dumps(said).encode("ascii"))
        os.ftruncate(handle, os.lseek(handle, 0, os.SEEK_CUR))


def _signed(file: Path) -> Text:
    """Who wrote that, and when; blank where it can't be known."""
    try:
        with file.open("rb", buffering=0) as raw:
            raw.seek(1)
            said = json.loads(raw.read(1000))
        who, host, since = (_shown(said[key]) for key in ("who", "host", "since"))
    except (OSError, ValueError, TypeError, KeyError):
        return Text("", "")
    return Text(f"（{who}，{host}，{since} 起）", f" ({who} on {host}, since {since})")


def _shown(word: object) -> str:
    return "".join(c for c in str(word)[:60] if not unicodedata.category(c).startswith("C"))


def _person() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a service without a user entry
        return "?"


def _busy_text(target: Path, who: Text, waited: float) -> Text:
    return Text(
        f"“{target.name}”正由另一个 salesplan 修改{who.zh}，等了 {waited:g} 秒，没有写入。请等它结束后重新运行。",
        f"“{target.name}” is being changed by another salesplan{who.en}; waited {waited:g} seconds, nothing was written. "
        "Run it again when that is done.",
    )


# --------------------------------------------------------------------------------------------------------------- writing


def mode_of(*paths: str | os.PathLike[str]) -> int | None:
    """The mode bits of what is made from these files: no more open than any of them; None where none of them is there."""
    found = [Path(path).stat().st_mode for path in paths if Path(path).exists()]
    mode = 0o666
    for one in found:
        mode &= one
    return mode | PRIVATE if found else None


def atomic_write(
    path: str | os.PathLike[str],
    data: bytes | Callable[[BinaryIO], object],
    check: Callable[[Path], object] | None = None,
    mode: int | None = None,
) -> None:
    """Put ``data`` (bytes, or a function that writes into a file object) at ``path`` as a whole or not at all.

    ``check`` gets the finished temporary file before it replaces the old one; what it raises stops the save.
    A symbolic link is followed, owner and mode bits of an existing file are kept; with ``mode`` it is no more open than that.
    Raises ``Refused`` when the target is read-only, open elsewhere, or cannot be written.
    """
    target = Path(os.path.realpath(path))
    check_writable(target)
    with changing(target) as locked:
        _sweep(target, 0.0 if locked else _STALE_SECONDS)
        try:
            with _written(target, data, target.stat() if target.exists() else None, mode) as temp:
                if check is not None:
                    check(temp)
                os.replace(temp, target)
        except OSError as error:
            text = _locked_text(target) if isinstance(error, PermissionError) else _failed_text(target, error)
            raise Refused(text) from error
        _sync_folder(target.parent)


@contextlib.contextmanager
def _written(
    target: Path, data: bytes | Callable[[BinaryIO], object], like: os.stat_result | None, mode: int | None
) -> Iterator[Path]:
    """A temporary file beside ``target`` with everything in it and on disk; gone afterwards unless it was renamed."""
    temp = beside(target, ".", f".{secrets.token_hex(4)}{_TEMP_SUFFIX}")
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0)
    try:
        # Closed to others until it is known who may read it; else 0666 lets the umask decide as for any new file.
        handle = os.open(temp, flags, 0o666 if like is None and mode is None else PRIVATE)
        with os.fdopen(handle, "w+b") as file:
            _open_up(handle, like, mode)
            if callable(data):
                data(file)
            else:
                file.write(data)
            file.flush()
            os.fsync(handle)
        yield temp
    finally:
        temp.unlink(missing_ok=True)


def _open_up(handle: int, like: os.stat_result | None, mode: int | None) -> None:
    """Owner, group and mode bits, before anything is written."""
    if os.name != "posix" or (like is None and mode is None):
        return
    bits = (stat.S_IMODE(like.st_mode) if like is not None else 0o666) & (0o777 if mode is None else mode | 0o111)
    if like is not None and (like.st_uid, like.st_gid) != (os.fstat(handle).st_uid, os.fstat(handle).st_gid):
        with contextlib.suppress(OSError):  # an administrator's program
            os.fchown(handle, like.st_uid, like.st_gid)
        with contextlib.suppress(OSError):  # a member of the group
            os.fchown(handle, -1, like.st_gid)
        if os.fstat(handle).st_gid != like.st_gid:
            bits &= ~0o070  # meant for another group
    os.fchmod(handle, bits)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut; Windows and some network drives have no such call."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _sweep(target: Path, age: float) -> None:
    """Remove temporary files that killed saves of this very target left behind; who holds the lock need not ask for their age."""
    ours = beside(target, ".", f".{'0' * 8}{_TEMP_SUFFIX}").name.removesuffix("0" * 8 + _TEMP_SUFFIX)
    pattern, now = re.compile(re.escape(ours) + "[0-9a-f]{2,8}" + re.escape(_TEMP_SUFFIX)), time.time()
    with contextlib.suppress(OSError):
        for entry in os.scandir(target.parent):
            if pattern.fullmatch(entry.name):
                with contextlib.suppress(OSError):
                    if now - entry.stat().st_mtime >= age:
                        os.unlink(entry.path)


# --------------------------------------------------------------------------------------------------------------- backups


def write_new(path: str | os.PathLike[str], data: bytes, mode: int | None = None) -> None:
    """Put ``data`` at ``path`` where nothing is yet, its folder made where that is missing; never over a file."""
    target = Path(path)
    try:
        target.parent.mkdir(exist_ok=True)
        with _written(target, data, None, mode) as temp:
            _rename_new(temp, target)
        _sync_folder(target.parent)
    except FileExistsError as error:
        raise Refused(
            Text("“{p}”已存在，没有覆盖：请重新运行。", "“{p}” is there already and stays as it is: run it again.").format(
                p=target
            )
        ) from error
    except OSError as error:
        text = Text("“{p}”未能写入：{e}。请检查文件夹权限。", "“{p}” was not written: {e}. Check the folder's permissions.")
        raise Refused(text.format(p=target, e=error.strerror or error)) from error


def backup(path: str | os.PathLike[str]) -> Path:
    """Copy ``plan.xlsx`` to ``plan.bak-20260131-173000.xlsx`` beside it and return that path.

    The name sorts by time and keeps the suffix, so a double click opens it; owner and mode bits are the source's. Nothing is ever
    overwritten; ``thin_backups`` takes away what are too many.
    """
    source = Path(path)
    try:
        content, like = source.read_bytes(), source.stat()
        with _written(source, content, like, None) as temp:
            copy = _named(temp, source)
        _sync_folder(source.parent)
    except OSError as error:
        raise Refused(
            Text("无法备份“{p}”：{e}。", "“{p}” cannot be backed up: {e}.").format(p=source, e=error.strerror or error)
        ) from error
    return copy


def _named(temp: Path, source: Path) -> Path:
    """Give a backup a name of its own, whoever makes one in the same second."""
    stamp, number = datetime.now().strftime("%Y%m%d-%H%M%S"), 1
    while True:
        copy = source.with_name(f"{_backup_stem(source)}.bak-{stamp}{f'-{number}' if number > 1 else ''}{source.suffix}")
        try:
            _rename_new(temp, copy)
        except FileExistsError:
            number += 1
            continue
        return copy


def _rename_new(temp: Path, name: Path) -> None:
    """Rename, but never over an existing file."""
    if os.name == "nt":
        temp.rename(name)  # raises there
        return
    try:
        os.link(temp, name)
    except FileExistsError:
        raise
    except OSError:  # a file system without links: take the name, then fill it
        os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE))
        os.replace(temp, name)
        return
    os.unlink(temp)


def _backup_stem(source: Path) -> str:
    return _fitted(source.parent, source.stem, ".bak-20260131-173000-9999" + source.suffix)


def thin_backups(path: str | os.PathLike[str]) -> list[Path]:
    """Remove the backups of a file that are too many; returns those removed.

    The newest ``KEPT_NEWEST`` stay, and the first of each day for the last ``KEPT_DAYS`` days that have one. Only files that bear
    the name ``backup`` gives are looked at: one that is renamed stays for good, and so does one that is open.
    """
    source = Path(path)
    ours = re.compile(re.escape(f"{_backup_stem(source)}.bak-") + r"(\d{8})-(\d{6})(?:-(\d+))?" + re.escape(source.suffix))
    found = sorted(
        (match[1], match[2], int(match[3] or 1), entry.name)
        for entry in os.scandir(source.parent)
        if (match := ours.fullmatch(entry.name)) and entry.is_file(follow_symlinks=False)
    )
    first: dict[str, str] = {}
    for day, _, _, name in found:
        first.setdefault(day, name)
    kept = {name for *_, name in found[-KEPT_NEWEST:]} | {first[day] for day in sorted(first)[-KEPT_DAYS:]}
    removed = []
    for *_, name in found:
        one = source.with_name(name)
        if name not in kept and opened_elsewhere(one) is None:
            with contextlib.suppress(OSError):  # in use on Windows
                one.unlink()
                removed.append(one)
    return removed
