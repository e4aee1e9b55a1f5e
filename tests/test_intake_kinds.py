"""Kinds of exports as data (intake_kinds.json): each kind with the words that systems have for it, and what a careful analyst gets of it.

An entry: ``table`` (deals or lines), ``file`` with ``{0}`` for a word or ``{0}``, ``{1}`` … for several, ``expect``: the ``sum`` that comes in
(“1.5*”: times the second word), what is ``said``, a line that gets one reason (``once``), or ``refused`` with one of these words while
``some`` may have come in. To add a word, add it there.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.test_meaning import deals, lines, notes
from workbook_templates.answers import Refused

KINDS = json.loads((Path(__file__).parent / "intake_kinds.json").read_text("utf-8"))
CASES = [(kind, word if isinstance(word, list) else [word]) for kind in KINDS for word in kind["words"]]


@pytest.mark.parametrize(("kind", "words"), CASES, ids=[f"{kind['kind']}: {words[0]}" for kind, words in CASES])
def test_kind(kind, words, tmp_path):
    expect = kind["expect"]
    wishes = {"renames": {words[0]: kind["map"]}} if "map" in kind else {}
    try:
        came, cost, said, reasons = read(kind["table"], kind["file"].format(*words), tmp_path, wishes)
    except Refused as refused:
        came, cost, said, reasons = 0, 0, f"{refused.text.zh} {refused.text.en}", Counter()
    if "refused" in expect:
        assert came == expect.get("some", 0), said
        assert any(word in said for word in expect["refused"]), said
        return
    wanted = float(expect["sum"][:-1]) * words[1] if isinstance(expect["sum"], str) else expect["sum"]
    assert came == pytest.approx(wanted, abs=0.005), said
    assert expect.get("said", "") in said
    assert cost == expect.get("cost", cost)
    assert reasons[expect.get("once")] <= 1, said


def read(table, text, tmp_path, wishes):
    """The money that came in, its cost, everything that was said, and how many reasons each line got."""
    if table == "lines":
        bought, report = lines_as(tmp_path, text, wishes)
        said = [*report.notes, *(finding.reason for finding in report.findings())]
        return sum(bought.values()), 0, " ".join(f"{t.zh} {t.en}" for t in said), Counter()
    outcome = deals(tmp_path, text, **wishes)
    said = notes(outcome) + " ".join(f"{r.value} {r.reason.zh} {r.reason.en}" for r in (*outcome.refusals, *outcome.left))
    rows = outcome.rows
    return sum(r["revenue"] for r in rows), sum(r["cost"] for r in rows), said, Counter(r.line for r in outcome.refusals)


def lines_as(tmp_path, text, wishes):
    """As :func:`lines`, with columns mapped as a person would."""
    if not wishes:
        return lines(tmp_path, text)
    from tests.test_meaning import DAY, Ways, stored
    from workbook_templates.transactions import read as read_lines

    purchases, report = read_lines(stored(tmp_path, text), DAY, ways=Ways(**wishes))
    found = purchases.summary
    return {name: total / 100 for name, total in zip(found.ids.tolist(), found.total.tolist(), strict=True)}, report


def test_every_kind_has_words():
    assert len({kind["kind"] for kind in KINDS}) == len(KINDS) and all(kind["words"] for kind in KINDS)
