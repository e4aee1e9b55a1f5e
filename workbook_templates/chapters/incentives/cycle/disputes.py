"""Disputes: numbered remarks on statements, brought together with the Ledger and the accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from udfs.text import Text
from workbook_templates.chapters.incentives.cycle.digests import line, sealed_lines, version_of
from workbook_templates.chapters.incentives.cycle.state import (
    FIXED,
    MOVES,
    Act,
    Row,
    Rows,
    Step,
    Tables,
    by_account,
    by_statement,
    number_of,
)
from workbook_templates.chapters.incentives.cycle.steps import next_number


def take_up(tables: Tables, act: Act, new: Row | None = None, answer: tuple[int, str, bool] | None = None) -> Step:
    """Bring the list of remarks and the Ledger together: what people typed on the sheet, a ``new`` remark, an ``answer``.

    A remark without a number gets one, and its rows become disputed. One that has an answer counts as answered, and its rows are
    computed and reviewed anew; closed without an answer (withdrawn), they go back to where they were. ``answer``: which number, the
    text, whether that closes it. A locked row stays locked whatever is remarked, and so does one of a month that a later statement of
    the person opens with.
    """
    step = Step()
    remarks = [dict(d) for d in tables.disputes]
    if new is not None and not any(_repeats(old, new) for old in remarks):
        remarks.append(dict.fromkeys(("number", "raised_by", "raised_on", "answer", "answered_on", "state")) | new)
    if answer is not None:
        _answered(step, remarks, *answer)
    number, states = next_number(tables.disputes), dict[int, str]()
    for at, remark in enumerate(remarks):
        _complete(step, at, remark)
        if not remark["number"]:
            found = _raised(step, tables, at, remark)
            remark.update(
                number=float(number), raised_by=remark["raised_by"] or act.who, raised_on=remark["raised_on"] or act.when.date()
            )
            states |= {place: "disputed" for place in found if tables.ledger[place]["status"] in MOVES["dispute"].before}
            number += 1
        remark["state"] = "answered" if remark["answer"] and remark["state"] in (None, "", "open") else remark["state"] or "open"
        if remark["answer"] and not remark["answered_on"]:
            remark["answered_on"] = act.when.date()
    if step.faults:
        return step
    for place, row in enumerate(tables.ledger):
        if row["status"] == "disputed":
            states[place] = _after_dispute(tables, remarks, row)
    states |= _opened(tables, states)
    for place, state in states.items():
        if state != tables.ledger[place]["status"]:
            step.edit("Ledger", place, status=state)
    _accounts(step, tables, states)
    for at, remark in enumerate(remarks):
        if at >= len(tables.disputes):
            step.added.setdefault("Disputes", []).append(remark)
        elif changed := {key: value for key, value in remark.items() if tables.disputes[at][key] != value}:
            step.edit("Disputes", at, **changed)
    step.rows = len(step.edited.get("Ledger", {}))
    step.people = len(step.edited.get("Disputes", {})) + len(step.added.get("Disputes", []))
    return step


def _opened(tables: Tables, states: Mapping[int, str]) -> dict[int, str]:
    """An answer may change what a statement comes to, so all of it is computed and reviewed anew, not the row in question alone."""
    rows, out = by_statement(tables.ledger), dict[int, str]()
    for place in [
        place for place, state in states.items() if state == "computed" and tables.ledger[place]["status"] == "disputed"
    ]:
        mine = rows[tables.ledger[place]["period"], tables.ledger[place]["person"]]
        out |= {i: "computed" for i in mine if states.get(i, tables.ledger[i]["status"]) == "reviewed"}
    return out


def _accounts(step: Step, tables: Tables, states: Mapping[int, str]) -> None:
    """What is in dispute, or computed anew after it, is no longer reviewed; withdrawn, it is again."""
    rows, accounts = by_statement(tables.ledger), by_account(tables.accounts)
    for key in dict.fromkeys((tables.ledger[place]["period"], tables.ledger[place]["person"]) for place in states):
        after = {states.get(place, tables.ledger[place]["status"]) for place in rows[key]}
        state = "estimated" if after & {"computed", "disputed"} else "reviewed"
        for place in accounts.get(key, []):
            if tables.accounts[place]["statement"] in ("estimated", "reviewed") and tables.accounts[place]["statement"] != state:
                step.edit("Accounts", place, statement=state)


def _repeats(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a remark was made before, so that saying it twice changes nothing."""
    return (
        all((old[key] or None) == (new[key] or None) for key in ("period", "person", "deal", "remark"))
        and old["state"] != "closed"
    )


def _answered(step: Step, remarks: Sequence[Row], number: int, text: str, close: bool) -> None:
    remark = next((r for r in remarks if r["number"] == number), None)
    if remark is None:
        known = [number_of(r) for r in remarks if r["number"] and r["state"] != "closed"] or ["–"]
        step.fault("", -1, "", f"没有异议 {number}；未关闭的有：{'、'.join(known)}", f"there is no dispute {number}; not closed: {', '.join(known)}")  # fmt: skip
    elif remark["state"] == "closed" and text and text != remark["answer"]:
        step.fault("", -1, "", f"异议 {number} 已关闭：另提一条", f"dispute {number} is closed: raise another")
    elif not text and not close:
        step.fault("", -1, "", f"异议 {number} 没有答复内容：用 --answer 给出", f"dispute {number}: the answer is missing, give it with --answer")  # fmt: skip
    else:
        remark["answer"] = text or remark["answer"]
        remark["state"] = "closed" if close else remark["state"]


_ASKED = {"period": Text("期间", "the month"), "person": Text("工号", "the person's ID"), "remark": Text("异议内容", "the remark"), "owner": Text("答复负责人", "who is to answer")}  # fmt: skip


def _complete(step: Step, at: int, remark: Mapping[str, Any]) -> None:
    for key, what in _ASKED.items():
        if not str(remark[key] or "").strip():
            step.fault("Disputes", at, key, f"异议缺少{what.zh}：请填写", f"a dispute has no {what.en}: fill it in")


def _raised(step: Step, tables: Tables, at: int, remark: Mapping[str, Any]) -> list[int]:
    """The rows of an open statement that a new remark is about."""
    found = [place for place, row in enumerate(tables.ledger) if _disputes(remark, row)]
    if not found and not (remark["deal"] in (None, "") and (remark["period"], remark["person"]) in by_account(tables.accounts)):
        step.fault("Disputes", at, "person", f"{remark['person']} 在 {remark['period']} 没有单号 {remark['deal'] or '（任何）'} 的台账行：核对工号、期间与单号", f"{remark['person']} has no ledger row of {remark['deal'] or 'any deal'} in {remark['period']}: check ID, month and deal")  # fmt: skip
    elif found and all(tables.ledger[place]["status"] in FIXED for place in found):
        step.notes.append(Text("对账单已锁定，不再改变：如需更正，记入以后月份的调整行", "the statement is locked and stays: a correction becomes an adjustment line of a later month"))  # fmt: skip
    elif found and (later := _rested_on(tables, remark)):
        step.notes.append(Text(f"{remark['person']} {later} 的对账单已审核，期初接的是 {remark['period']}，后者不再改变：如需更正，记入以后月份的调整行", f"{remark['person']}'s statement of {later} is reviewed and opens with what {remark['period']} leaves, which stays: a correction becomes an adjustment line of a later month"))  # fmt: skip
        return []
    return found


def _rested_on(tables: Tables, remark: Mapping[str, Any]) -> str:
    """The person's first later month that was reviewed: it opens with what this one leaves. Blank where there is none."""
    rows = by_statement(tables.ledger)
    later = (s["period"] for s in tables.statements if s["person"] == remark["person"] and s["period"] > remark["period"])
    sealed = [month for month in later if all(tables.ledger[i]["status"] in ("reviewed", *FIXED) for i in rows.get((month, remark["person"]), ()))]  # fmt: skip
    return min(sealed, default="")


def _after_dispute(tables: Tables, remarks: Rows, row: Mapping[str, Any]) -> str:
    """Where a disputed row goes once nobody disputes it any more."""
    about = [remark for remark in remarks if _disputes(remark, row)]
    if not about or any(remark["state"] == "open" for remark in about):
        return "disputed"
    return "computed" if any(remark["answer"] for remark in about) else _before_dispute(tables, row)


def _disputes(remark: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    same = (remark["period"], remark["person"]) == (row["period"], row["person"])
    return same and remark["deal"] in (None, "", row["deal"])


def _before_dispute(tables: Tables, row: Mapping[str, Any]) -> str:
    """Reviewed, if its statement was reviewed with this very row in it."""
    mine = (s for s in tables.statements if (s["period"], s["person"]) == (row["period"], row["person"]))
    return "reviewed" if any(sealed_lines(s)[line(row, version_of(s))] for s in mine) else "computed"
