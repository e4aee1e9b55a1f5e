"""Documentation says what the catalogue says."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from udfs import policy, speaking

DOCS = Path(__file__).parent.parent / "docs"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_function_reference_is_what_the_catalogue_generates(language: str) -> None:
    spec = importlib.util.spec_from_file_location("make_reference", DOCS / "make_reference.py")
    assert spec and spec.loader
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    policy.set_today(make.dt.date(2027, 6, 30))
    with speaking(language):
        assert (DOCS / f"functions.{language}.md").read_text(encoding="utf-8") == make.reference(), (
            "run python docs/make_reference.py"
        )
