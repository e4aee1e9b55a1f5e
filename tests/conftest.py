from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from udfs import policy, text

# A deadline measures how busy the machine is, not the code.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture(autouse=True)
def _fresh_language_and_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Commands choose the language for their process; one test's choice must not reach the next."""
    monkeypatch.delenv("SALESPLAN_LANG", raising=False)
    yield
    text._language.set(None)
    policy.set_today(None)
