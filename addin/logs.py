"""The add-in's log: what went wrong behind a cell or a button, for the person who is asked about it later."""

from __future__ import annotations

import contextlib
import logging
from functools import cache
from pathlib import Path

from udfs.faults import LOGGER
from workbook_templates.folders import log_file

BYTES = 1_000_000


@cache
def _logger(path: Path) -> logging.Logger:
    from logging.handlers import RotatingFileHandler  # sockets and all: not for commands that go well

    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(path, maxBytes=BYTES, backupCount=1, encoding="utf-8", delay=True)
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


class _IntoTheFile(logging.Handler):
    """Writes what functions log into the log file of the moment; one that can't be written must not turn one fault into two."""

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError):
            _logger(log_file()).handle(record)


_INTO_THE_FILE = _IntoTheFile(logging.WARNING)


def keep_log() -> None:
    """From now on what goes wrong inside functions is written to the log file; asked for by every program that runs them."""
    logging.getLogger(LOGGER).addHandler(_INTO_THE_FILE)
