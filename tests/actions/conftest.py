from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What undo keeps belongs to a person; tests have a person of their own."""
    monkeypatch.setenv("SALESPLAN_STATE", str(tmp_path / "state"))
