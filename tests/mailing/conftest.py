from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mailing.post import Authority, Post


@pytest.fixture(autouse=True)
def _own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is kept of outboxes belongs to a person; tests have a person of their own."""
    monkeypatch.setenv("SALESPLAN_STATE", str(tmp_path / "state"))
    monkeypatch.delenv("SALESPLAN_SMTP_USER", raising=False)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.made(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def post(authority: Authority) -> Iterator[Post]:
    """A mail server with STARTTLS and a login."""
    with Post(authority) as server:
        yield server
