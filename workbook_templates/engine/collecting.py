"""Garbage collection while millions of plain cells are made: seldom, since nearly all of it stays and none of it is a circle."""

from __future__ import annotations

import atexit
import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_SELDOM = (500_000, 20, 100)
_lock = threading.Lock()
_inside = 0
_before = gc.get_threshold()


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Lets the collector look at its generations seldom; the last one to leave, in any thread, restores what was set before."""
    global _inside, _before  # noqa: PLW0603 (one setting of the interpreter, one count of who wants it)
    with _lock:
        if not _inside:
            _before = gc.get_threshold()
            gc.set_threshold(*_SELDOM)
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                gc.set_threshold(*_before)


def lives_briefly() -> None:
    """For a process that does one thing and ends: the collector looks seldom from its first import to the end, and at the end, when all memory
    goes back at once, no more (a sixth of the time of a short command)."""
    gc.set_threshold(*_SELDOM)
    atexit.register(gc.freeze)
