"""Where what is one person's own lies on this computer: by each system's custom, or where an environment variable says."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def state_folder() -> Path:
    """What must last, such as what can be undone; ``SALESPLAN_STATE`` overrides it."""
    if chosen := os.environ.get("SALESPLAN_STATE"):
        return Path(chosen)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "SalesPlan"
    return _local() if sys.platform == "win32" else _unix("XDG_STATE_HOME", ".local", "state")


def cache_folder() -> Path | None:
    """What may be deleted at any time; ``SALESPLAN_CACHE`` overrides it, and set to nothing there is none."""
    chosen = os.environ.get("SALESPLAN_CACHE")
    if chosen is not None:
        return Path(chosen) if chosen else None
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "SalesPlan"
    return _local() / "Cache" if sys.platform == "win32" else _unix("XDG_CACHE_HOME", ".cache")


def log_file() -> Path:
    """The log: ``SALESPLAN_LOG``, else in the folder for such files."""
    if chosen := os.environ.get("SALESPLAN_LOG"):
        return Path(chosen)
    if sys.platform == "darwin":
        folder = Path.home() / "Library" / "Logs" / "SalesPlan"
    else:
        folder = _local() if sys.platform == "win32" else _unix("XDG_STATE_HOME", ".local", "state", name="SalesPlan")
    return folder / "salesplan.log"


def _local() -> Path:
    return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "SalesPlan"


def _unix(variable: str, *usual: str, name: str = "salesplan") -> Path:
    return Path(os.environ.get(variable) or Path.home().joinpath(*usual)) / name
