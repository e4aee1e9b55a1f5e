"""The real things some tests need: LibreOffice, Chromium, real data.

A missing one skips the test with a reason, so that a laptop without them still runs the rest. Where they are
installed on purpose, SALESPLAN_REQUIRE_REAL=1 turns the skip into a failure: a judge that silently stays at
home would otherwise look like agreement.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

from tests.judge.office import find_office

REPOSITORY = Path(__file__).resolve().parents[1]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def required() -> bool:
    """Whether a missing real thing is a failure here."""
    return os.environ.get("SALESPLAN_REQUIRE_REAL", "") not in ("", "0")


def missing(what: str) -> NoReturn:
    """Skip the running test, or fail it where real things are required."""
    if required():
        pytest.fail(f"{what} is required here (SALESPLAN_REQUIRE_REAL) and missing", pytrace=False)
    pytest.skip(f"{what} is not installed")


def require_office() -> Path:
    """The LibreOffice program."""
    return find_office() or missing("LibreOffice (soffice)")


def require_chromium() -> Path:
    """The Chromium program; CHROMIUM names it where it has an unusual name."""
    return require_program("Chromium", os.environ.get("CHROMIUM", ""), *CHROMIUM_NAMES)


def require_program(what: str, *names: str) -> Path:
    """The first of these programs that is on the path."""
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    return Path(found) if found else missing(what)


def require_data(name: str) -> Path:
    """A file of real data: from SALESPLAN_DATA, or from the folder shared/data beside the repository."""
    folder = Path(os.environ.get("SALESPLAN_DATA") or REPOSITORY.parent / "shared" / "data")
    path = folder / name
    return path if path.exists() else missing(f"the data file {name}")
