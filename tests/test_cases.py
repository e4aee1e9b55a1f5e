"""Every worked example, through the plain call and through the command line; the other hosts have tests of their own."""

from __future__ import annotations

import json

import pytest

import udfs
from addin.cli import main
from tests.cases import Case, differences, load

CASES = load()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_called_as_a_cell_would(case: Case) -> None:
    with udfs.speaking(case.language):
        assert not differences(udfs.call(case.call, *case.args), case)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_called_from_the_terminal(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["call", f"SALES.{case.call}", "--args", json.dumps(case.args), "--json", "--lang", case.language])
    printed = json.loads(capsys.readouterr().out)
    assert code == 0
    assert not differences(printed["value"], case)
    for error in printed["errors"]:
        assert printed["value"][error["row"] - 1][error["column"] - 1] == error["error"]
        assert error["reason"]


def test_every_function_has_a_case() -> None:
    tried = {case.call for case in CASES}
    assert sorted(set(udfs.catalogue()) - tried - {"WHY"}) == []


def test_names_of_cases_are_unique() -> None:
    names = [str(case) for case in CASES]
    assert len(names) == len(set(names))
