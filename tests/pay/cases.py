"""The worked cases of ``tests/cases/money``: loading them, and comparing what a route came to, row by row."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]
Case = dict[str, Any]
FOLDER = Path(__file__).parents[1] / "cases" / "money"

MOVES = ("released", "clawback", "adjustment", "bonus", "draw_paid", "draw_recovered", "hold_on", "hold_off", "paid")
BALANCES = ("opening", "closing", "held", "draw_debt", "on_hold")
FIGURES = (*MOVES, *BALANCES)
# Rows that the cases give as columns of the accounts, not as lines of the ledger.
IN_ACCOUNTS_ONLY = frozenset({"draw", "recovery", "hold", "unhold"})
AT_ONCE = frozenset({"accrual", "late", "manual", "mgr", "special", "release"})


def load(name: str) -> Case:
    case: Case = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return case


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def with_rows() -> list[str]:
    """The cases that say what stands in the Ledger or the Accounts."""
    return [name for name in names() if load(name).keys() & {"ledger", "accounts"}]


def fen(amount: Any) -> int:
    """Whole fen; a blank is nothing. What is not whole fen to begin with is no amount of a ledger."""
    found = round(float(amount or 0) * 100)
    assert abs(float(amount or 0) * 100 - found) < 1e-3, f"{amount} is not a whole number of fen"
    return found


def yuan(amount: int) -> str:
    return f"{amount / 100:,.2f}"


# ------------------------------------------------------------------------------------------------------------- the ledger


def ledger_differences(found: Sequence[Row], case: Case) -> list[str]:
    """What the Ledger says otherwise than the case: month, person, deal and kind with the amounts, smallest first."""
    if case.get("ledger") is None:
        return []
    wanted: dict[tuple[str, ...], list[int]] = defaultdict(list)
    have: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for *key, amount in case["ledger"]:
        wanted[tuple(key)].append(fen(amount))
    for row in found:
        if row["kind"] not in IN_ACCOUNTS_ONLY:
            have[row["period"], row["person"], row["deal"] or "", row["kind"]].append(fen(row["commission"]))
    return [
        f"ledger {' '.join(key)}: {_amounts(have.get(key))}, expected {_amounts(wanted.get(key))}"
        for key in sorted({*wanted, *have})
        if sorted(wanted.get(key, [])) != sorted(have.get(key, []))
    ]


def _amounts(amounts: Iterable[int] | None) -> str:
    return ", ".join(map(yuan, sorted(amounts))) if amounts else "no row"


def working_differences(found: Sequence[Row], case: Case) -> list[str]:
    """The figures a row's working must name and does not."""
    out = []
    for one in case.get("working", ()):
        key = one["month"], one["person"], one["deal"]
        rows = [r for r in found if (r["period"], r["person"], r["deal"]) == key]
        said = plain_figures(" ".join(str(r["reason"] or "") for r in rows))
        out += [f"working of {' '.join(key)} does not name {what}: {said!r}" for what in one["says"] if what not in said]
    return out


def plain_figures(text: str) -> str:
    """A text with its figures as the cases write them: 1,250.00 is 1250."""
    bare = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    return re.sub(r"(\d+)\.00\b", r"\1", bare)


# ----------------------------------------------------------------------------------------------------------- the accounts


def account_differences(found: Sequence[Row], case: Case) -> list[str]:
    """What the Accounts say otherwise than the case, figure by figure.

    The cases leave out months in which nothing moves; a row for such a month is welcome if it changes nothing.
    """
    if case.get("accounts") is None:
        return []
    wanted = {(row["person"], row["month"]): row for row in case["accounts"]}
    found = [row for row in found if row["month"] <= case.get("until", "9999-12")]
    have = {(row["person"], row["month"]): row for row in found}
    doubled = [key for key, count in Counter((row["person"], row["month"]) for row in found).items() if count > 1]
    out = [f"account {' '.join(key)}: two rows" for key in doubled]
    for key in sorted({*wanted, *have}):
        if key not in wanted and _still(have[key]):
            continue
        if key not in have and _still(wanted[key]) and not _named(key, case):
            continue
        if key not in have:
            out.append(f"account {' '.join(key)}: no row, expected {_said(wanted[key])}")
            continue
        if key not in wanted:
            out.append(f"account {' '.join(key)}: {_said(have[key])}, expected no row")
            continue
        differ = [f for f in FIGURES if fen(have[key][f]) != fen(wanted[key].get(f))]
        if differ:
            told = ", ".join(f"{f} {yuan(fen(have[key][f]))} (expected {yuan(fen(wanted[key].get(f)))})" for f in differ)
            out.append(f"account {' '.join(key)}: {told}")
    return out


def _still(row: Row) -> bool:
    return not any(fen(row.get(key)) for key in MOVES) and fen(row.get("opening")) == fen(row.get("closing"))


def _named(key: tuple[str, str], case: Case) -> bool:
    return any((row[1], row[0]) == key for row in case.get("ledger") or ())


def _said(row: Row) -> str:
    return ", ".join(f"{key} {yuan(fen(row[key]))}" for key in FIGURES if fen(row.get(key))) or "all 0.00"


# ------------------------------------------------------------------------------------------- what holds whatever happened


def identity_breaks(ledger: Sequence[Row], accounts: Sequence[Row]) -> list[str]:
    """money.md 1, to the fen: the identity of each row, each month opening with the closing before, the ledger's sums."""
    out = []
    by_person: dict[str, list[Row]] = defaultdict(list)
    for row in accounts:
        by_person[row["person"]].append(row)
    for person, rows in sorted(by_person.items()):
        before = 0
        for row in sorted(rows, key=lambda r: str(r["month"])):
            head = f"{person} {row['month']}"
            left, right = left_side(row), fen(row["paid"]) + fen(row["closing"])
            if left != right:
                out.append(f"identity {head}: left {yuan(left)}, paid and closing {yuan(right)}")
            if before is not None and fen(row["opening"]) != before and row is not min(rows, key=lambda r: str(r["month"])):
                out.append(f"carry {head}: opens with {yuan(fen(row['opening']))}, the month before closed with {yuan(before)}")
            before = fen(row["closing"])
            out += _sums(head, row, [r for r in ledger if (r["person"], r["period"]) == (person, row["month"])])
            out += _held(head, row, [r for r in ledger if r["person"] == person and r["period"] <= row["month"]])
    told = {(row["person"], row["month"]) for row in accounts}
    lost = sorted({(r["person"], r["period"]) for r in ledger if fen(r["commission"])} - told)
    out += [f"ledger {' '.join(key)}: rows, but no account" for key in lost]
    return out


def left_side(row: Row) -> int:
    plus = ("opening", "released", "clawback", "adjustment", "bonus", "draw_paid", "hold_off")
    return sum(fen(row[k]) for k in plus) - fen(row["draw_recovered"]) - fen(row["hold_on"])


def _sums(head: str, row: Row, rows: Sequence[Row]) -> list[str]:
    sums: dict[str, int] = defaultdict(int)
    for line in rows:
        sums[line["kind"]] += fen(line["commission"])
    wanted = {
        "released": sum(sums[kind] for kind in AT_ONCE),
        "clawback": sums["clawback"],
        "adjustment": sums["adjustment"],
        "bonus": sums["bonus"],
        "draw_paid": abs(sums["draw"]),
        "draw_recovered": abs(sums["recovery"]),
        "hold_on": abs(sums["hold"]),
        "hold_off": abs(sums["unhold"]),
    }
    return [
        f"sum {head}: {key} {yuan(fen(row[key]))}, the ledger's rows make {yuan(value)}"
        for key, value in wanted.items()
        if fen(row[key]) != value
    ]


def _held(head: str, row: Row, rows: Sequence[Row]) -> list[str]:
    """What is held: accrued as held, less what was released or cancelled since."""
    signs = {"held": 1, "release": -1, "cancel": 1}  # a cancelled amount is negative
    held = sum(signs.get(line["kind"], 0) * fen(line["commission"]) for line in rows)
    return [f"held {head}: {yuan(fen(row['held']))}, the ledger's rows leave {yuan(held)}"] if fen(row["held"]) != held else []
