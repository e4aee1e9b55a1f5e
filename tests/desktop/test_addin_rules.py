"""The built .xlam keeps every rule of ``addin_rules``, and every rule sees its fault."""

from __future__ import annotations

from functools import cache

import pytest

from addin.desktop import build
from tests.desktop.addin_rules import RULES, Addin, Rule


@cache
def addin() -> Addin:
    return Addin.read(build.addin_bytes())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_add_in_keeps_it(rule: Rule) -> None:
    assert list(rule.check(addin())) == [], rule.source


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_rule_sees_its_fault(rule: Rule) -> None:
    assert rule.source
    assert list(rule.check(rule.spoil(addin()))) != []
