"""What a command writes beside the plan: never over the plan or what it reads, through no kind of link; over nothing unasked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from addin import actions
from addin.cli import ATTENTION, DONE, FAILED, commands, main
from tests.actions.test_cycle import MARCH, plan, to

# How each command that writes a file of the person's choice is asked to write ``{out}``, and how that ends.
ASKED = {
    "payroll": (["plan.xlsx", "{out}", "--period", MARCH], "csv", DONE),
    "voucher": (["plan.xlsx", "{out}", "--period", MARCH], "csv", DONE),
    "replay": (["plan.xlsx", "--out", "{out}"], "csv", DONE),
    "import": (["deals.csv", "plan.xlsx", "--report", "{out}"], "csv", ATTENTION),
    "refresh": (["plan.xlsx", "--transactions", "bought.csv", "--report", "{out}"], "csv", DONE),
    "new": (["{out}"], "xlsx", DONE),
    "template": (["Deals", "{out}"], "xlsx", DONE),
    "build-addin": (["{out}"], "xlam", DONE),
    "nightly": (["plan.xlsx", "--html", "{out}"], "html", DONE),
}
READS_A_PLAN = sorted(set(ASKED) - {"new", "template", "build-addin"})
# Asks for a year that is paid (tests/actions/test_rollover.py), for a quote or views to print (tests/test_papers.py), for days to hold.
ELSEWHERE = {"rollover", "quotation", "calendar", "print"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    to("lock", plan(tmp_path))
    monkeypatch.chdir(tmp_path)
    Path("bought.csv").write_text("发票号码,开票日期,客户编号,净额\nF1,2027-03-05,C1,500\n", encoding="utf-8")
    Path("deals.csv").write_text("Deal ID,Date,Customer ID,Seller ID,Revenue,Cost\nD9,soon,C1,P1,100,50\n", encoding="utf-8")
    return tmp_path


def run(name: str, out: str, *more: str) -> int:
    return main([name, *(word.format(out=out) for word in ASKED[name][0]), *more])


def test_every_action_that_writes_files_is_tried() -> None:
    writing = {name for name, action in actions.every().items() if action.writes}
    assert writing - ELSEWHERE == set(ASKED) - {"build-addin"} and set(ASKED) <= set(commands())


@pytest.mark.parametrize("name", READS_A_PLAN)
@pytest.mark.parametrize("link", ["itself", "another spelling", "symlink", "hard link"])
@pytest.mark.parametrize("force", [(), ("--force",)])
def test_the_plan_is_never_written_over(
    folder: Path, name: str, link: str, force: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    before = Path("plan.xlsx").read_bytes()
    out = {"itself": "plan.xlsx", "another spelling": f"../{folder.name}/plan.xlsx"}.get(link, "pay.csv")
    if link == "symlink":
        Path(out).symlink_to("plan.xlsx")
    elif link == "hard link":
        os.link("plan.xlsx", out)
    assert run(name, out, *force) == FAILED
    assert Path("plan.xlsx").read_bytes() == before
    assert link in ("itself", "another spelling") or Path(out).samefile("plan.xlsx")
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


@pytest.mark.parametrize("name", sorted(ASKED))
def test_a_file_that_is_there_is_replaced_only_when_that_is_said(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, ending, code = ASKED[name]
    out, before = Path(f"mine.{ending}"), Path("plan.xlsx").read_bytes()
    out.write_text("mine")
    assert run(name, str(out), "--lang", "en") == FAILED and out.read_text() == "mine"
    err = capsys.readouterr().err
    assert "--force" in err and len(err.strip().splitlines()) == 1
    assert Path("plan.xlsx").read_bytes() == before, "refused before anything is written, the plan included"
    assert run(name, str(out), "--force") == code and out.read_bytes() != b"mine"


@pytest.mark.parametrize("name", sorted(ASKED))
def test_the_ending_is_the_one_the_content_has(folder: Path, name: str) -> None:
    assert run(name, "made.txt") == FAILED and not Path("made.txt").exists()


@pytest.mark.parametrize(("name", "read"), [("import", "deals.csv"), ("refresh", "bought.csv")])
def test_what_is_read_is_never_written_over(folder: Path, name: str, read: str) -> None:
    before = Path(read).read_bytes()
    assert run(name, read, "--force") == FAILED and Path(read).read_bytes() == before


def test_the_sample_plan_somebody_changed_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    mine = Path("demo/sales-plan-2027.xlsx")
    mine.parent.mkdir()
    mine.write_text("mine")
    assert main(["demo", "--lang", "en"]) == FAILED and mine.read_text() == "mine"


def test_the_outbox_is_no_file(folder: Path) -> None:
    before = Path("plan.xlsx").read_bytes()
    assert main(["mail", "plan.xlsx", "--period", MARCH, "--outbox", "plan.xlsx"]) == FAILED
    assert main(["send", "plan.xlsx", "--outbox", "plan.xlsx"]) == FAILED
    assert Path("plan.xlsx").read_bytes() == before
