"""What is known of formulas from their text alone, kept from one run of the program to the next.

A plan has two thousand formulas of different shapes, and every command is a process of its own: reading them all anew cost it a
second or two. Kept are the answers of pure functions, by a digest of what they were asked and of the whole program. It is a cache:
what can't be read, is damaged, is somebody else's or another version's is not looked at, what can't be written is worked out again
the next time. Nothing is ever computed from it that would not be computed without.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbook_templates.folders import cache_folder
from workbook_templates.program import program

_MOST = 60_000  # answers; several plans in two languages have fewer
_FEW = 50  # not worth writing a file for
_VERSIONS = 3  # of the program whose files are kept
_SIGN = 32  # characters of a file's own digest, before what it holds


class KeptAnswers:
    """Answers that were kept, read when the first is asked for, and those that came in since."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] | None = None
        self._new: dict[str, Any] = {}

    def answer(self, kind: str, asked: str, work_out: Callable[[], Any]) -> Any:
        """What a pure function of a text answers: as it was kept, else worked out. Plain JSON: lists, not tuples."""
        key = _digest(f"{kind}\0{asked}")
        if self._kept is None:
            self._kept = _read(_file())
        if key in self._kept:
            return self._kept[key]
        found = self._kept[key] = work_out()
        if not self._new:
            atexit.register(self.keep)
        self._new[key] = found
        return found

    def keep(self) -> None:
        """Write what came in, beside what is there by now."""
        new, self._new = self._new, {}
        atexit.unregister(self.keep)
        path = _file()
        if path is None or len(new) < _FEW:
            return
        there = _read(path)
        _write(path, new if len(there) + len(new) > _MOST else there | new)

    def forget(self) -> None:
        """As in a process that just began."""
        self._kept, self._new = None, {}


MEMORY = KeptAnswers()
recall = MEMORY.answer


def _file() -> Path | None:
    folder = cache_folder()
    return None if folder is None else folder / f"formulas-{program()}.json"


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _read(path: Path | None) -> dict[str, Any]:
    """What a file of ours holds; nothing where it isn't whole or others may have written it."""
    try:
        if path is None or not _own(path):
            return {}
        sign, _, content = path.read_text("utf-8").partition("\n")
        held = json.loads(content) if sign == _digest(content) else {}
    except (OSError, ValueError):  # a cache: what can't be read is worked out
        return {}
    return held if isinstance(held, dict) else {}


def _own(path: Path) -> bool:
    if not hasattr(os, "getuid"):  # Windows: the folder is its user's by itself
        return path.is_file()
    found = path.stat()
    return found.st_uid == os.getuid() and not found.st_mode & 0o022


def _write(path: Path, held: dict[str, Any]) -> None:
    content = json.dumps(held, ensure_ascii=True, separators=(",", ":"))
    # A cache: a full disk or a locked-down folder costs the next run a second and nothing else.
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".writing")  # 0600, as long as it lives
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"{_digest(content)}\n{content}")
        os.replace(beside, path)
        _thin(path)


def _thin(newest: Path) -> None:
    """Files of versions long gone, and of writers that were killed."""
    others = [file for file in newest.parent.glob("formulas-*") if file != newest]
    for old in sorted(others, key=lambda file: file.stat().st_mtime)[: 1 - _VERSIONS]:
        old.unlink()
