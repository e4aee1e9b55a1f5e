"""Policy changes: which policy is meant, and whether it can have that value."""

from __future__ import annotations

from udfs.policy import POLICIES
from workbook_templates.intake.importing import Candidate, Import, ImportRules
from workbook_templates.tables import policies


def _row(run: Import, candidate: Candidate) -> None:
    """The policy by its key, whatever it is called in the file; its value must be readable."""
    row = candidate.row
    key = policies.key_named(row["key"])
    if key is None:
        run.refuse(candidate, "key", policies.unknown_key(row["key"]))
        return
    row["key"] = key
    try:
        policies.read(POLICIES[key], row["value"])
    except policies.NoSuchValue as fault:
        run.refuse(candidate, "value", fault.text)


def _look(run: Import, candidates: list[Candidate]) -> list[Candidate]:
    """Refuse a second value from the same day, and lists that are read beside each other and no longer fit."""
    there = run.known.rows.get(policies.TABLE, ())
    changes, faults = policies.changes_of([*there, *(c.row for c in candidates)])
    new = [change for change in changes if change.row >= len(there)]
    wrong = {fault.row: fault.text for fault in [*run.known.policies.also(new).faults, *faults]}
    kept = []
    for place, candidate in enumerate(candidates, len(there)):
        if place in wrong:
            run.refuse(candidate, "value", wrong[place])
        else:
            kept.append(candidate)
    return kept


RULES = ImportRules(row=_row, look=_look)
