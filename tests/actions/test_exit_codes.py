"""One rule for how the commands of money end: 0 done (or nothing left to do), 1 done but for whom it names, 2 refused and nothing written.

The plan of test_settled: January paid, February locked (P2: 500,000 at 20 % margin, 3,000), both of P1 and P2.
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
import json
import tempfile
from pathlib import Path

import pytest

from addin import actions
from addin.cli import ATTENTION, DONE, FAILED, main
from tests.actions.company import company, deal
from tests.actions.steps import change, do
from tests.actions.test_settled import FEBRUARY, JANUARY, SEAL, plan, tables, write
from tests.small_plan import small_plan

MARCH = "2027-03"
PLAN = "plan.xlsx"
# How each command of money is asked: what is done or done already, and what can't be (a guard sees that P2's 3,000 became 5,000; what
# asks no guard is given what it can't take).
CASH = ["--deal", "D3", "--date", "2027-02-20", "--amount"]
MONEY = {
    "commission": ([], None),
    "review": (["--period", FEBRUARY], None),
    "dispute": ([], None),
    "lock": (["--period", FEBRUARY, "--by", "Lio"], None),
    "payroll": (["pay.csv", "--period", FEBRUARY], None),
    "pay": (["--period", FEBRUARY], None),
    "voucher": (["voucher.csv", "--period", FEBRUARY], None),
    "replay": ([], None),
    "policy": (["--key", "pay.minimum", "--value", "500", "--valid-from", "2027-07-01", "--by", "Lio", "--reason", "small"], None),
    "pool": ([], None),
    "dealers": ([], None),
    "quota": ([], ["--person", "P1", "--amount", "1000000", "--from", "soon", "--reason", "x"]),
    "collect": ([*CASH, "1000"], [*CASH, "much"]),
    "hold": (["--person", "P1", "--from", MARCH, "--reason", "audit", "--by", "Lio"], ["--person", "nobody", "--from", MARCH, "--reason", "x"]),
}  # fmt: skip
# Of the group, but no money of ours is moved by them.
OTHER = {"talent", "credit", "meetings"}


def test_every_command_of_money_is_tried() -> None:
    """Whatever asks the guard and is no import, mail or undo of something else, and what holds or records money."""
    of_group = {name for name, action in actions.every().items() if action.group == "incentives"}
    assert of_group - OTHER <= set(MONEY) <= set(actions.every())


def ends(name: str, words: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.chdir(folder)
    return main([name, PLAN, *words, "--lang", "en"])


@pytest.mark.parametrize("name", sorted(MONEY))
def test_done_or_nothing_to_do_is_0(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan(tmp_path)
    assert ends(name, MONEY[name][0], tmp_path, monkeypatch) == DONE
    if not actions.every()[name].writes:
        assert ends(name, MONEY[name][0], tmp_path, monkeypatch) == DONE, "a second time there is nothing to do"


@pytest.mark.parametrize("name", sorted(MONEY))
def test_refused_is_2_and_nothing_is_written(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path, (words, wrong) = plan(tmp_path), MONEY[name]
    if wrong is None:
        rows = tables(path)
        rows["Ledger"][-1]["commission"] = 5_000.0
        write(path, rows)
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    assert ends(name, wrong or words, tmp_path, monkeypatch) == FAILED
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before
    shown = "".join(capsys.readouterr())
    assert ("3,000.00" in shown and "5,000.00" in shown) if wrong is None else shown


# ----------------------------------------------------------------------------------------------- done, but for some people


@functools.cache
def _march() -> bytes:
    """March 2027: P1 and P2 computed, nobody reviewed; then P2's cost of April is no number."""
    folder = Path(tempfile.mkdtemp(prefix="salesplan-"))
    deals = [deal(1, 0.3, seller="P1"), deal(2, 0.1, seller="P2"), deal(4, 0.1, seller="P2", date=dt.date(2027, 4, 2))]
    path = small_plan(folder / PLAN, company(deals, dt.date(2027, 4, 30)))
    assert do("commission", path).written
    return path.read_bytes()


def march(folder: Path) -> Path:
    (folder / PLAN).write_bytes(_march())
    return folder / PLAN


def told(name: str, words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, object]]:
    capsys.readouterr()
    code = main([name, PLAN, *words, "--json"])
    return code, json.loads(capsys.readouterr().out.strip().splitlines()[-1])


def test_payroll_says_who_is_not_in_it_and_why_step_by_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """12,500 and 3,000 (test_commission). Nobody reviewed: 1 and no file; reviewed, one in dispute: 1 and no file; one of two locked: 1
    and a file of one; both: 0; paid: 1, for there is no file."""
    path = march(tmp_path)
    monkeypatch.chdir(tmp_path)
    asked = ["pay.csv", "--period", MARCH, "--force"]
    before = path.read_bytes()
    code, said = told("payroll", asked, capsys)
    assert code == ATTENTION and not Path("pay.csv").exists() and path.read_bytes() == before
    assert said["left_out"] == {"P1": "尚未审核", "P2": "尚未审核"}
    assert any("2 人" in note and "15,500.00" in note and "P1 " in note and "P2 " in note for note in said["notes"])
    do("review", path, period=MARCH, by="周")
    do("dispute", path, period=MARCH, person="P2", remark="成本", owner="周", by="P2")
    code, said = told("payroll", asked, capsys)
    assert code == ATTENTION and not Path("pay.csv").exists()
    assert said["left_out"] == {"P1": "已审核，尚未批准并锁定", "P2": "在异议中"}
    do("lock", path, period=MARCH, person=["P1"], by="陈")
    code, said = told("payroll", asked, capsys)
    assert code == ATTENTION and said["left_out"] == {"P2": "在异议中"} and _paid("pay.csv") == {"P1": "12500.00"}
    code, said = told("pay", ["--period", MARCH], capsys)
    assert code == ATTENTION and said["paid"] == 12_500 and said["left_out"] == 1
    do("dispute", path, number=1, answer="成本含安装费", close=True)
    do("review", path, period=MARCH, by="周")
    do("lock", path, period=MARCH, by="陈")
    code, said = told("payroll", asked, capsys)
    assert code == DONE and said["left_out"] == {} and _paid("pay.csv") == {"P2": "3000.00"}
    do("pay", path, period=MARCH, by="何")
    Path("pay.csv").unlink()
    code, said = told("payroll", asked, capsys)
    assert code == ATTENTION and not Path("pay.csv").exists() and said["left_out"] == {"P1": "已发放", "P2": "已发放"}
    assert told("pay", ["--period", MARCH], capsys)[0] == DONE, "nothing is left to do"


@pytest.mark.parametrize("name", ["payroll", "voucher", "review", "lock", "pay"])
def test_a_month_in_which_nobody_has_anything_is_a_wrong_month(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = march(tmp_path)
    before = path.read_bytes()
    out = ["out.csv"] if actions.every()[name].writes else ["--by", "Lio"]
    assert ends(name, [*out, "--period", "2027-09"], tmp_path, monkeypatch) == FAILED
    assert path.read_bytes() == before and not (tmp_path / "out.csv").exists()


def test_who_has_a_bad_row_is_named_by_each_that_leaves_them_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """D4 of P2 has a cost that is no number (money.md 10): P1 is computed, reviewed, locked and paid; P2 is named each time."""
    path = march(tmp_path)
    change(path, {("Deals", 2, "cost"): "七万"})
    monkeypatch.chdir(tmp_path)
    for name, words in (
        ("commission", []),
        ("review", ["--period", MARCH, "--by", "周"]),
        ("voucher", ["v.csv", "--period", MARCH]),
    ):
        code, said = told(name, words, capsys)
        assert code == ATTENTION and any("P2" in note and "D4" in note for note in said["notes"]), name
    do("lock", path, period=MARCH, person=["P1"], by="陈", despite_checks="D4")
    code, said = told("payroll", ["pay.csv", "--period", MARCH], capsys)
    assert code == ATTENTION and _paid("pay.csv") == {"P1": "12500.00"} and list(said["left_out"]) == ["P2"]
    assert JANUARY not in said["summary"] and (tmp_path / SEAL).exists()


def test_who_is_reviewed_but_for_a_dispute_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    path = march(tmp_path)
    monkeypatch.chdir(tmp_path)
    do("dispute", path, period=MARCH, person="P2", remark="成本", owner="周", by="P2")
    code, said = told("review", ["--period", MARCH, "--by", "周"], capsys)
    assert code == ATTENTION and said["people"] == 1 and said["left_out"] == 1
    assert told("review", ["--period", MARCH, "--by", "周"], capsys)[0] == ATTENTION, "still"


def _paid(path: str) -> dict[str, str]:
    return {row["工号"]: row["应发（元）"] for row in csv.DictReader(Path(path).read_text("utf-8-sig").splitlines())}
