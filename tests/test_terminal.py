"""Every command at a terminal of its own: progress bars, questions and colours are only there, and so are their faults.

One process a language runs them one after another, its three streams on a pseudoterminal, each on a fresh copy of a small plan.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from addin.cli import ATTENTION, DONE, FAILED, commands
from tests.actions.steps import do
from tests.actions.test_cycle import MARCH, plan

pty = pytest.importorskip("pty", reason="this system has no pseudoterminals")

LANGUAGES = ("zh", "en")
AS_LEFT = ""
# Where the month stands before a command, if that matters to it.
STATE = {
    "archive": "locked",
    "lock": "reviewed",
    "stalled": AS_LEFT,
    "template": AS_LEFT,
    "undo": AS_LEFT,
    "payroll": "locked",
    "pay": "locked",
    "review": "computed",
    "dispute": "reviewed",
    "voucher": "computed",
}
# What each command is asked on the small plan, and how it ends there.
ASKED: dict[str, tuple[list[str], int]] = {
    "adopt": (["plan.xlsx", "--dry-run"], DONE),
    "approve": (["plan.xlsx"], DONE),
    "archive": (["plan.xlsx", "may", "--period", MARCH], DONE),
    "build-addin": (["made.xlam"], DONE),
    "calendar": (["plan.xlsx", "plan.ics"], DONE),
    "call": (["ROI", "--args", "[100,20]"], DONE),
    "campaigns": (["plan.xlsx"], DONE),
    "carbon": (["plan.xlsx"], DONE),
    "card": (["plan.xlsx"], FAILED),  # neither case nor article is named
    "chapters": (["plan.xlsx"], DONE),
    "check": (["plan.xlsx"], ATTENTION),
    "cockpit": (["plan.xlsx"], FAILED),  # the small plan has no Problems sheet
    "collect": (["plan.xlsx"], DONE),
    "commission": (["plan.xlsx"], DONE),
    "dealers": (["plan.xlsx"], DONE),
    "contract": (["plan.xlsx"], DONE),
    "credit": (["plan.xlsx"], DONE),
    "dedupe": (["plan.xlsx"], DONE),
    "deliver": (["plan.xlsx"], DONE),
    "demo": (["demo"], DONE),
    "dispute": (["plan.xlsx", "--period", MARCH, "--person", "P2", "--remark", "cost", "--owner", "Chen"], DONE),
    "doctor": (["--target", "prepared"], ATTENTION),
    "events": (["plan.xlsx"], DONE),
    "exportcheck": (["plan.xlsx"], DONE),
    "explain": (["plan.xlsx", "plan_year"], DONE),
    "flex": (["plan.xlsx"], DONE),
    "forecast": (["plan.xlsx"], DONE),
    "guide": (["--path"], DONE),
    "hold": (["plan.xlsx", "--person", "P1", "--from", "2027-06", "--reason", "audit", "--by", "Chen"], DONE),
    "import": (["deals.csv", "plan.xlsx"], ATTENTION),
    "insight": (["plan.xlsx"], DONE),
    "install": (["--target", "prepared"], DONE),
    "lock": (["plan.xlsx", "--period", MARCH, "--by", "Chen"], DONE),
    "mail": (["plan.xlsx", "--period", MARCH], FAILED),  # the small plan has no letter to send
    "match": (["plan.xlsx", "--pain", "slow"], DONE),
    "minutes": (["plan.xlsx"], DONE),
    "meetings": (["plan.xlsx"], FAILED),  # the small plan has no director
    "new": (["made.xlsx", "--company", "Acme"], DONE),
    "next": (["plan.xlsx"], DONE),
    "nightly": (["plan.xlsx", "--as-of", "2027-06-30"], DONE),
    "print": (["plan.xlsx", "board.pdf"], FAILED),  # the small plan has no views
    "quotation": (["plan.xlsx", "q.xlsx", "--quote", "Q1"], FAILED),  # the small plan has no quote
    "pay": (["plan.xlsx", "--period", MARCH], DONE),
    "payroll": (["plan.xlsx", "pay.csv", "--period", MARCH], DONE),
    "policy": (
        [
            "plan.xlsx",
            "--key",
            "pay.minimum",
            "--value",
            "500",
            "--valid-from",
            "2027-07-01",
            "--by",
            "Chen",
            "--reason",
            "small",
        ],
        DONE,
    ),
    "pool": (["plan.xlsx"], DONE),
    "quota": (["plan.xlsx"], DONE),
    "recalc": (["plan.xlsx"], DONE),
    "rollover": (["plan.xlsx", "next.xlsx"], FAILED),  # its months are not paid
    "refresh": (["plan.xlsx", "--transactions", "bought.csv"], DONE),
    "relink": (["plan.xlsx"], DONE),
    "replay": (["plan.xlsx"], DONE),
    "review": (["plan.xlsx", "--period", MARCH], DONE),
    "roi": (["plan.xlsx"], DONE),
    "send": (["plan.xlsx"], DONE),
    "talent": (["plan.xlsx"], DONE),  # before what writes: undo takes the plan as it is left
    "service": (["plan.xlsx"], DONE),
    "signoff": (["plan.xlsx", "--who", "Wang"], DONE),
    "stalled": (["plan.xlsx"], DONE),
    "template": (["Deals", "empty.xlsx"], DONE),
    "undo": (["plan.xlsx"], DONE),
    "uninstall": (["--target", "prepared"], DONE),
    "upgrade": (["plan.xlsx"], DONE),
    "voucher": (["plan.xlsx", "voucher.csv", "--period", MARCH], DONE),
    "words": (["plan.xlsx"], FAILED),  # the small plan lists none of the words its rows use
    "watch": (["news", "--plan", "plan.xlsx", "--once", "--settle", "0"], FAILED),
}
# These are done in a moment and show no bar.
SILENT = {"build-addin", "call", "cockpit", "guide", "watch"}
DRIVER = """
import json, os, shutil, sys
from addin import cli
for state, name, words in json.loads(sys.argv[1]):
    if state:
        shutil.copy(f"{state}.xlsx", "plan.xlsx")
        if os.path.exists("plan.seal.json"):
            os.remove("plan.seal.json")
        if os.path.exists(f"{state}.seal.json"):
            shutil.copy(f"{state}.seal.json", "plan.seal.json")
    print(f"@@begin {name}", flush=True)
    code = cli.main([name, *words])
    print(f"@@end {name} {code}", flush=True)
"""


def at_a_terminal(words: list[str], folder: Path, seconds: float = 300) -> tuple[int, str]:
    """Run Python with all its streams on a pseudoterminal: how it ended, and everything it showed."""
    ours, theirs = pty.openpty()
    shown: list[bytes] = []

    def listen() -> None:
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # Linux says so when the other end is closed
                return
            if not part:
                return
            shown.append(part)

    env = os.environ | {
        "TERM": "xterm",
        "COLUMNS": "120",
        "SALESPLAN_STATE": str(folder / "state"),
        "SALESPLAN_LOG": str(folder / "log"),
    }
    env["PYTHONPATH"] = str(Path(__file__).parent.parent)
    with subprocess.Popen([sys.executable, *words], cwd=folder, env=env, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        listener = threading.Thread(target=listen)
        listener.start()
        code = process.wait(seconds)
        listener.join(10)
    os.close(ours)
    return code, b"".join(shown).decode("utf-8", "replace")


def test_every_command_is_tried() -> None:
    assert set(ASKED) == set(commands())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_command_works_at_a_terminal(lang: str, tmp_path: Path) -> None:
    made = plan(tmp_path, lang=lang)
    shutil.copy(made, tmp_path / "fresh.xlsx")
    for state, action, given in (
        ("computed", "commission", {}),
        ("reviewed", "review", {"period": MARCH, "by": "Zhou"}),
        ("locked", "lock", {"period": MARCH, "by": "Chen"}),
    ):
        do(action, made, **given)
        shutil.copy(made, tmp_path / f"{state}.xlsx")
        if (sealed := made.with_suffix(".seal.json")).exists():  # the seal file goes with the plan of its day
            shutil.copy(sealed, tmp_path / f"{state}.seal.json")
    (tmp_path / "bought.csv").write_text("发票号码,开票日期,客户编号,净额\nF1,2027-03-05,C1,500\n", encoding="utf-8")
    headers, row = "Deal ID,Date,Customer ID,Seller ID,Revenue,Cost", "D9,soon,C1,P1,100,50"
    (tmp_path / "deals.csv").write_text(f"{headers}\n{row}\n", encoding="utf-8")
    for folder in ("news", "prepared"):
        (tmp_path / folder).mkdir()
    words = [(STATE.get(name, "fresh"), name, [*arguments, "--lang", lang]) for name, (arguments, _) in ASKED.items()]
    code, shown = at_a_terminal(["-c", DRIVER, json.dumps(words)], tmp_path)
    assert "Traceback" not in shown and code == 0, shown[-3000:]
    assert not (tmp_path / "log").exists(), (tmp_path / "log").read_text(encoding="utf-8")
    parts = {m[1]: (m[2], int(m[3])) for m in re.finditer(r"@@begin (\S+)(.*?)@@end \1 (\d)", shown, re.S)}
    otherwise = {name: parts.get(name) for name, (_, wanted) in ASKED.items() if name not in parts or parts[name][1] != wanted}
    assert not otherwise
    bars = {name for name, (text, _) in parts.items() if "\x1b[" in text and re.search(r"\d:\d\d:\d\d", text)}
    assert bars == set(ASKED) - SILENT, "a bar with its clock, or the terminal is none"
