from __future__ import annotations

import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from udfs import faults, policy, text

# A fault inside a function is shown in its cell to users; a test fails. In the environment, so that commands run by tests
# do the same.
os.environ.setdefault(faults.STRICT, "1")

# Programs that tests start read some 400 modules. Where no bytecode is to be written beside the sources, those of a run share a folder
# of their own: half a second less for each.
if sys.dont_write_bytecode and "PYTHONPYCACHEPREFIX" not in os.environ:
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    bytecode = (
        Path(tempfile.gettempdir(), f"salesplan-bytecode-{run}") if run else Path(tempfile.mkdtemp(prefix="salesplan-bytecode-"))
    )
    bytecode.mkdir(mode=0o700, exist_ok=True)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(bytecode)
    sys.dont_write_bytecode = False

# So is what programs know of formulas: each would read two thousand anew.
if "SALESPLAN_CACHE" not in os.environ:
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    os.environ["SALESPLAN_CACHE"] = (
        str(Path(tempfile.gettempdir(), f"salesplan-cache-{run}")) if run else tempfile.mkdtemp(prefix="salesplan-cache-")
    )

# Plans that tests share are a million cells that stay: looking through them for circles as often as a small program does takes a tenth of the
# time. Commands, too, look seldom.
gc.set_threshold(400_000, 20, 100)

# A deadline measures how busy the machine is, not the code. CI tries the same examples every time, so that it judges the change
# and not the dice, and a third of them, since they are always the same; a developer's runs go on looking for new ones.
IN_CI = bool(os.environ.get("CI") or os.environ.get("SALESPLAN_REQUIRE_REAL"))
settings.register_profile("any machine", deadline=None, derandomize=IN_CI, max_examples=30 if IN_CI else 100)
settings.load_profile("any machine")


@pytest.fixture(autouse=True)
def _fresh_language_and_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Commands choose the language for their process; one test's choice must not reach the next."""
    monkeypatch.delenv("SALESPLAN_LANG", raising=False)
    yield
    text._language.set(None)
    policy.set_today(None)
