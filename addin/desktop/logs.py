"""The add-in's log: what went wrong behind a cell or a button, for the person who is asked about it later."""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
from functools import cache
from pathlib import Path

BYTES = 1_000_000


def log_file() -> Path:
    """Where the log is: ``SALESPLAN_LOG``, else the user's folder for such files."""
    if chosen := os.environ.get("SALESPLAN_LOG"):
        return Path(chosen)
    if sys.platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA") or Path.home())
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Logs"
    else:
        folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return folder / "SalesPlan" / "salesplan.log"


@cache
def _logger(path: Path) -> logging.Logger:
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=BYTES, backupCount=1, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger(f"salesplan.addin.{path}")
    logger.addHandler(handler)
    logger.propagate = False
    return logger


def log_exception(what: str) -> Path | None:
    """Write down the exception being handled; the log's path, or None where nothing can be written."""
    path = log_file()
    try:
        _logger(path).exception(what)
    except OSError:  # a full disk or a locked-down folder must not turn one error into two
        return None
    return path
