"""What was signed off, and what of it was changed since: the plan's numbers against the record of the last sign-off.

The record is a line of the change log, where everybody who opens the workbook can read it: every setting with its value as
signed. A later change of a setting gets a line of its own the next time anything is done to the workbook, so the log always says
what the settings are.
"""

from __future__ import annotations

from addin.book import Book
from udfs.policy import POLICIES
from udfs.text import Text
from udfs.values import show
from workbook_templates.tables import policies
from workbook_templates.tables.schema import Row

# What the log calls a sign-off: as the button does, and as it did before.
SIGNED = (*Text("登记会签", "Record sign-off"), *Text("会签", "Sign-off"))
CHANGED = Text("会签后制度变更", "Policy changed after sign-off")
_DATED = "policy_changes"
_BETWEEN, _IS, _AND = "; ", " = ", " / "


def settings_of(book: Book) -> dict[str, str]:
    """Every setting the workbook has, by its name in formulas, as entered; and the changes with a date, in one."""
    found = {}
    for policy in POLICIES.values():
        cells = book.named(policy.base_name) or book.named(policy.range_name)
        said = ["" if c is None else _plain(c) for c in cells]
        while policies.may_grow(policy.key) and said[1:] and not said[-1]:
            said.pop()  # rows to spare
        if said:
            found[policy.range_name] = _AND.join(said)
    found[_DATED] = _AND.join(_change(row) for row in book.optional(policies.TABLE))
    return found


def _change(row: Row) -> str:
    return _plain(f"{row['key']} {row['valid_from']} {row['value']}").replace("=", "")


def _plain(cell: object) -> str:
    """A number to twelve digits, so that the same number is the same text on every host."""
    if isinstance(cell, float):
        return f"{cell:.12g}"
    return (str(cell) if isinstance(cell, str) else show(cell)).replace(";", ",")


def record(settings: dict[str, str]) -> str:
    """The settings in one line of the log."""
    return _BETWEEN.join(f"{name}{_IS}{value}" for name, value in settings.items())


def last_signed(log: list[Row]) -> tuple[str, dict[str, str]] | None:
    """The version that was signed off last, and the settings as signed; None where nothing was ever."""
    signed = [row for row in log if row["action"] in SIGNED and row["new"] and _IS in str(row["new"])]
    if not signed:
        return None
    parts = (entry.partition(_IS) for entry in str(signed[-1]["new"]).split(_BETWEEN))
    return str(signed[-1]["old"]), {name: value for name, _, value in parts}


def differs(before: dict[str, str], now: dict[str, str]) -> bool:
    """Whether anything that was signed is another now. A setting that came with an upgrade was not signed, and is no change."""
    return any(now[name] != value for name, value in before.items() if name in now)


def last_known(log: list[Row]) -> dict[str, str] | None:
    """What the log says the settings are now: as signed, and as changed since."""
    places = [i for i, row in enumerate(log) if row["action"] in SIGNED and row["new"] and _IS in str(row["new"])]
    found = last_signed(log)
    if found is None:
        return None
    since = [row for row in log[places[-1] :] if row["action"] in CHANGED and row["cell"] in found[1]]
    return found[1] | {str(row["cell"]): str(row["new"] or "") for row in since}


def unlogged(book: Book) -> list[tuple[str, str, str]]:
    """(name, old, new) of the settings that changed since the log last said what they are."""
    if "ChangeLog" not in book.headers():
        return []
    known = last_known(book.read("ChangeLog").rows)
    if known is None:
        return []
    return [(name, known[name], value) for name, value in settings_of(book).items() if name in known and known[name] != value]
