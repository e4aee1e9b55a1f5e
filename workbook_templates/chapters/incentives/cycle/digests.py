"""What a statement is sealed with: digests of its ledger rows and its account, and of the record itself.

Two versions live side by side. Version 1 (plans of 0.1.0) is a digest of the ledger rows as their Table was then; its statements are
never sealed anew. Version 2 covers every column of the rows and the account of the month; ``record_seal`` covers who, when and how far.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from udfs.values import total_of
from workbook_templates.chapters.incentives.cycle.state import FIXED, Row, Rows

Line = tuple[str, str, float, str]  # deal, kind, amount, digest

OLD, NEW = 1, 2
_MARK = {OLD: "h", NEW: "v2"}
_OLD_CONTENT = (
    "period", "person", "deal", "kind", "credit_share", "revenue", "margin_rate", "commission", "plan_version", "computed_on",
    "reason", "by",
)  # fmt: skip
_CONTENT = (*_OLD_CONTENT, "date", "component", "role", "member", "factor", "order_revenue", "order_cost")
# Columns that came later: a row sealed before them has none, and its text is what it was.
_LATER = ("product_line", "customer_kind")
_OLD_WORDS = {"manual": "override"}  # how 0.1.0 called it
FIGURES = (
    "opening", "released", "clawback", "adjustment", "bonus", "draw_paid", "draw_recovered", "hold_on", "hold_off", "paid", "closing",
    "held", "draw_debt", "on_hold", "bookings", "quota", "attainment", "year_to_date", "note",
)  # fmt: skip
MOVEMENTS = FIGURES[: FIGURES.index("bookings")]  # in yuan: what makes a month not empty
_MONEY = frozenset(
    {"revenue", "commission", "order_revenue", "order_cost", "total", "bookings", "quota", "year_to_date", *MOVEMENTS}
)
_RECORD = (
    "period", "person", "reviewed_by", "reviewed_on", "reviewer_user", "approved_by", "locked_on", "approver_user", "approval",
    "paid_on", "payment", "rows", "total", "paid", "hash",
)  # fmt: skip
_LONGEST = 32_000  # a cell holds 32,767 characters


# ----------------------------------------------------------------------------------------------------------------- rows


def content(row: Mapping[str, Any], version: int = NEW) -> str:
    """All of a ledger row but its status, as one text that is the same on every host and in both languages."""
    if version == OLD:
        kind = row.get("kind")
        row = {**row, "kind": _OLD_WORDS.get(str(kind), kind)}
    keys = _OLD_CONTENT if version == OLD else _CONTENT
    said = [value if type(value := row.get(key)) is str else plain(key, value) for key in keys]
    if version != OLD:
        said += [f"{key}={row[key]}" for key in _LATER if row.get(key)]
    return "\x1f".join(said)


def plain(key: str, value: Any) -> str:
    """A value as text: dates by their day, amounts to the fen, other numbers to ten digits."""
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value)
    if isinstance(value, int | float):
        return f"{value + 0.0:.2f}".replace("-0.00", "0.00") if key in _MONEY else f"{value + 0.0:.10g}"
    return value.isoformat()[:10] if isinstance(value, dt.date) else str(value)


def digest(texts: Iterable[str], length: int = 16, mark: str = "h") -> str:
    """A hash of some texts in any order. It begins with a letter, so that no cell takes it for a number.

    >>> digest(["a", "b"]) == digest(["b", "a"]), digest(["a"])[0]
    (True, 'h')
    """
    return mark + hashlib.sha256("\x1e".join(sorted(texts)).encode("utf-8")).hexdigest()[:length]


def amount(row: Mapping[str, Any]) -> float:
    """A row's amount; 0 where there is no number."""
    value = row.get("commission")
    return round(float(value), 2) if isinstance(value, int | float) else 0.0


def line(row: Mapping[str, Any], version: int = NEW, text: str | None = None) -> Line:
    """A row as its statement keeps it: enough to name it and to tell it from any other."""
    said = content(row, version) if text is None else text
    kind = str(row.get("kind"))
    return str(row.get("deal") or ""), _OLD_WORDS.get(kind, kind) if version == OLD else kind, amount(row), digest([said], 8)


# ----------------------------------------------------------------------------------------------------------- statements


def figures(account: Mapping[str, Any] | None) -> Row:
    """The figures of an account that its statement shows."""
    return {} if account is None else {key: _figure(key, account.get(key)) for key in FIGURES}


def _figure(key: str, value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = round(float(value), 2) if key in MOVEMENTS else float(f"{value:.10g}")
        return number + 0.0
    return None if value in (None, "") else str(value)


def _account_text(account: Mapping[str, Any]) -> str:
    who = f"{account.get('month')}\x1f{account.get('person')}"
    return "\x1f".join(["account", who, *(f"{key}={plain(key, value)}" for key, value in figures(account).items())])


def total(rows: Rows) -> float:
    """What the rows come to."""
    return total_of(amount(row) for row in rows)


def seal(rows: Rows, account: Mapping[str, Any] | None = None) -> Row:
    """What ``Statements`` keeps of a statement's rows and account."""
    texts = [content(row) for row in rows]
    lines = [line(row, text=text) for row, text in zip(rows, texts, strict=True)]
    kept: Any = {"rows": lines, "account": figures(account)}
    while len(text := json.dumps(kept, ensure_ascii=False, separators=(",", ":"))) > _LONGEST:
        # Beyond a cell's room a change is still found, by the hash of the whole.
        kept["rows"] = kept["rows"][: len(kept["rows"]) * 9 // 10]
    return {
        "rows": float(len(rows)),
        "total": total(rows),
        "paid": 0.0 if account is None else _yuan(account.get("paid")),
        "hash": fingerprint(rows, account),
        "lines": text,
    }


def _yuan(value: Any) -> float:
    return round(float(value), 2) + 0.0 if isinstance(value, int | float) else 0.0


def fingerprint(rows: Rows, account: Mapping[str, Any] | None, version: int = NEW) -> str:
    """The digest of a statement's content."""
    if version == OLD:
        return digest((content(row, OLD) for row in rows), mark=_MARK[OLD])
    own = [] if account is None else [_account_text(account)]
    return digest([*(content(row) for row in rows), *own], mark=_MARK[NEW])


def version_of(statement: Mapping[str, Any]) -> int:
    """By which version a statement was sealed."""
    return NEW if str(statement.get("hash") or "").startswith(_MARK[NEW]) else OLD


def fits(statement: Mapping[str, Any], rows: Rows, account: Mapping[str, Any] | None) -> bool:
    """Whether rows and account are those a statement was sealed with."""
    return bool(statement["hash"] == fingerprint(rows, account, version_of(statement)))


def sealed_lines(statement: Mapping[str, Any]) -> Counter[Line]:
    """The rows a statement was sealed with; none where the cell was overwritten."""
    kept = _kept(statement)
    try:
        return Counter((str(d), str(k), float(a), str(h)) for d, k, a, h in (kept["rows"] if isinstance(kept, dict) else kept))
    except (ValueError, TypeError, KeyError):
        return Counter()


def sealed_figures(statement: Mapping[str, Any]) -> Row:
    """The account a statement was sealed with; empty for one of version 1, or where the cell was overwritten."""
    kept = _kept(statement)
    found = kept.get("account") if isinstance(kept, dict) else None
    return found if isinstance(found, dict) else {}


def _kept(statement: Mapping[str, Any]) -> Any:
    try:
        return json.loads(str(statement.get("lines")))
    except ValueError:
        return []


# ---------------------------------------------------------------------------------------------------------- the record


def state_of(statement: Mapping[str, Any]) -> str:
    """How far a statement is, by the dates of its record."""
    return "paid" if statement.get("paid_on") else "locked" if statement.get("locked_on") else "reviewed"


def record_seal(statement: Mapping[str, Any]) -> str:
    """The digest of who, when, how much and how far: what would have to be forged to set a statement back."""
    said = [f"{key}={plain(key, statement.get(key) or None)}" for key in _RECORD]
    return digest([*said, f"state={state_of(statement)}"], mark="s")


def sealed(statement: Row) -> Row:
    """A record with its seal on."""
    return {**statement, "seal": record_seal(statement)}


def payable(statement: Mapping[str, Any]) -> float:
    """What payroll pays of a statement, by its account. One of version 1 was sealed before there were accounts: never less than nothing."""
    if version_of(statement) == OLD:
        return max(_yuan(statement.get("total")), 0.0)
    return _yuan(statement.get("paid"))


def summary(statements: Rows) -> Row:
    """How many people and rows some statements are, their totals and the hash of them all."""
    return {
        "people": float(len(statements)),
        "rows": float(sum(s["rows"] or 0 for s in statements)),
        "total": total_of(s["total"] or 0.0 for s in statements),
        "paid": total_of(payable(s) for s in statements),
        "hash": digest(f"{s['period']}\x1f{s['person']}\x1f{s['hash']}" for s in statements),
    }


def is_fixed(row: Mapping[str, Any]) -> bool:
    """Whether a ledger row says that it is locked or paid."""
    return row.get("status") in FIXED
