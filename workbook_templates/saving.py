"""Files are never lost: written beside, flushed to disk, then renamed; a copy kept before a change in place.

A process that is killed at any moment leaves the old file or the new one, never a mixture, and at most one temporary
file, which a later save of the same file sweeps up.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from udfs.text import Text

__all__ = ["Refused", "atomic_write", "backup", "check_writable", "opened_elsewhere"]

_TEMP_SUFFIX = ".saving"
# A save takes seconds; a temporary file this old belongs to a process that died.
_STALE_SECONDS = 3600.0


class Refused(Exception):
    """What was asked is not done and nothing was changed; ``text`` says why and what to do, in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return str(self.text)


def opened_elsewhere(path: str | os.PathLike[str]) -> Path | None:
    """The owner file that Excel (``~$name``) or LibreOffice (``.~lock.name#``) keeps beside an open workbook."""
    target = Path(path)
    for name in (f"~${target.name}", f".~lock.{target.name}#"):
        owner = target.with_name(name)
        if owner.exists():
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


def atomic_write(
    path: str | os.PathLike[str],
    data: bytes | Callable[[BinaryIO], object],
    check: Callable[[Path], object] | None = None,
) -> None:
    """Put ``data`` (bytes, or a function that writes into a file object) at ``path`` as a whole or not at all.

    ``check`` gets the finished temporary file before it replaces the old one; what it raises stops the save.
    A symbolic link is followed, the mode bits of an existing file are kept.
    Raises ``Refused`` when the target is read-only, open elsewhere, or cannot be written.
    """
    target = Path(os.path.realpath(path))
    check_writable(target)
    _sweep(target)
    temp = target.with_name(f".{target.name}.{secrets.token_hex(4)}{_TEMP_SUFFIX}")
    try:
        _write_through(temp, data, mode=stat.S_IMODE(target.stat().st_mode) if target.exists() else None)
        if check is not None:
            check(temp)
        os.replace(temp, target)
    except OSError as error:
        text = _locked_text(target) if isinstance(error, PermissionError) else _failed_text(target, error)
        raise Refused(text) from error
    finally:
        temp.unlink(missing_ok=True)
    _sync_folder(target.parent)


def _write_through(temp: Path, data: bytes | Callable[[BinaryIO], object], mode: int | None) -> None:
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0)
    # Not tempfile: its 0600 would follow the file; 0666 lets the umask decide as for any new file.
    with os.fdopen(os.open(temp, flags, 0o666), "w+b") as file:
        if callable(data):
            data(file)
        else:
            file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if mode is not None:
        os.chmod(temp, mode)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut; Windows and some network drives have no such call."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _sweep(target: Path) -> None:
    """Remove temporary files that killed saves of this very target left behind."""
    prefix, now = f".{target.name}.", time.time()
    with contextlib.suppress(OSError):
        for entry in os.scandir(target.parent):
            if entry.name.startswith(prefix) and entry.name.endswith(_TEMP_SUFFIX):
                with contextlib.suppress(OSError):
                    if now - entry.stat().st_mtime > _STALE_SECONDS:
                        os.unlink(entry.path)


def backup(path: str | os.PathLike[str]) -> Path:
    """Copy ``plan.xlsx`` to ``plan.bak-20260131-173000.xlsx`` beside it and return that path.

    The name sorts by time and keeps the suffix, so a double click opens it. Nothing is ever deleted or overwritten.
    """
    source = Path(path)
    try:
        content = source.read_bytes()
    except OSError as error:
        raise Refused(
            Text("无法备份“{p}”：{e}。", "“{p}” cannot be backed up: {e}.").format(p=source, e=error.strerror or error)
        ) from error
    copy = _free_name(source)
    atomic_write(copy, content)
    return copy


def _free_name(source: Path) -> Path:
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    copy, number = source.with_name(f"{source.stem}.bak-{stamp}{source.suffix}"), 1
    while copy.exists():
        number += 1
        copy = source.with_name(f"{source.stem}.bak-{stamp}-{number}{source.suffix}")
    return copy
