"""The digests that leave the workbook at a lock and at a payment, so that a forged recomputation inside it shows.

A small JSON file beside the plan, a line a statement, only added to. Pure over bytes: a host with files keeps it beside the plan, one
without hands it out and asks for it. An entry is *pending* while the workbook it speaks of is being saved: it counts once the workbook
says the same, so a run that dies between the two files leaves neither ahead of the other.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.chapters.incentives.cycle.digests import NEW, payable, state_of, version_of
from workbook_templates.chapters.incentives.cycle.state import Key, Rows, Step, Tables, applied, of_statements

FORMAT = 1


@dataclass(frozen=True)
class SealEntry:
    """A statement as it left the workbook."""

    period: str
    person: str
    state: str  # locked, paid; void: given up deliberately
    on: str
    hash: str
    seal: str
    total: float
    paid: float
    pending: bool = False
    note: str = ""

    @property
    def key(self) -> Key:
        """Whose month."""
        return self.period, self.person

    def says(self, statement: Mapping[str, Any] | None) -> bool:
        """Whether a record is the one that left."""
        return statement is not None and (self.hash, self.seal) == (str(statement.get("hash")), str(statement.get("seal") or ""))


def entry_of(statement: Mapping[str, Any], note: str = "") -> SealEntry:
    """A record as an entry."""
    state = state_of(statement)
    when = statement.get("paid_on") if state == "paid" else statement.get("locked_on")
    on = when.isoformat()[:10] if isinstance(when, dt.date) else str(when or "")
    amounts = round(float(statement.get("total") or 0.0), 2), payable(statement)
    who = str(statement["period"]), str(statement["person"])
    return SealEntry(*who, state, on, str(statement["hash"]), str(statement.get("seal") or ""), *amounts, note=note)


def parsed(content: bytes | None) -> list[SealEntry] | None:
    """The entries of a file; None where there is none, ``Refused`` where it can't be read."""
    if content is None:
        return None
    try:
        found = json.loads(content)
        if found["salesplan_seal"] != FORMAT:
            raise ValueError(found["salesplan_seal"])
        return [SealEntry(**entry) for entry in found["entries"]]
    except (ValueError, TypeError, KeyError) as error:
        raise Refused(
            Text(
                f"封签文件读不出来（{error}）：请从备份恢复它。没有写入。",
                f"the seal file can't be read ({error}): restore it from a copy. Nothing was written.",
            )
        ) from error


def written(entries: Iterable[SealEntry]) -> bytes:
    """Entries as a file, a line each."""
    lines = ",\n".join(json.dumps(_short(entry), ensure_ascii=False) for entry in entries)
    return f'{{"salesplan_seal": {FORMAT}, "entries": [\n{lines}\n]}}\n'.encode()


def _short(entry: SealEntry) -> dict[str, Any]:
    return {key: value for key, value in asdict(entry).items() if value or key not in ("pending", "note")}


def known(entries: Sequence[SealEntry], statements: Rows) -> dict[Key, SealEntry]:
    """The last word on each statement: pending ones where the workbook says so, too, given up ones left out."""
    records, out = of_statements(statements), dict[Key, SealEntry]()
    for entry in entries:
        at = records.get(entry.key)
        if entry.pending and not entry.says(None if at is None else statements[at]):
            continue
        out[entry.key] = entry
    return {key: entry for key, entry in out.items() if entry.state != "void"}


def left_behind(tables: Tables, entries: Sequence[SealEntry] | None) -> list[Key]:
    """Settled statements that no export vouches for. What 0.1.0 locked never had one, until a lock makes the first."""
    told = known(entries or (), tables.statements)
    fixed = [s for s in tables.statements if s.get("locked_on") and (entries is not None or version_of(s) == NEW)]
    return [key for s in fixed if (key := (s["period"], s["person"])) not in told]


@dataclass(frozen=True)
class Export:
    """What is written beside the plan: before the workbook is saved, and after."""

    before: bytes
    after: bytes


def export(tables: Tables, step: Step, entries: Sequence[SealEntry] | None, reseal: str | None = None) -> Export | None:
    """What a step adds to the export; None where it settles nothing.

    The first export of a plan takes along what 0.1.0 had locked. ``reseal`` says why a lost export, or one that an older copy of the plan
    is behind, is made good: what is settled is taken as it is, what the workbook no longer knows is given up.
    """
    now = applied(tables, step)
    settled = {(s["period"], s["person"]): s for s in now.statements if s.get("locked_on")}
    before = {
        key for key, s in ((k, tables.statements[i]) for k, i in of_statements(tables.statements).items()) if s.get("locked_on")
    }
    changed = [key for key in settled if key not in before or key in _touched(tables, step)]
    old = [key for key in left_behind(tables, entries or []) if entries is None and version_of(settled[key]) != NEW]
    again = left_behind(tables, entries or []) if reseal else []
    kept = _confirmed(entries or [], tables)
    given_up = [e for key, e in known(kept, tables.statements).items() if key not in settled] if reseal else []
    new = [entry_of(settled[key], reseal or "") for key in dict.fromkeys([*old, *again, *changed])]
    new += [replace(entry, state="void", note=reseal or "") for entry in given_up]
    if not new:
        return None
    return Export(written([*kept, *(replace(entry, pending=True) for entry in new)]), written([*kept, *new]))


def _touched(tables: Tables, step: Step) -> set[Key]:
    return {(tables.statements[i]["period"], tables.statements[i]["person"]) for i in step.edited.get("Statements", {})}


def _confirmed(entries: Sequence[SealEntry], tables: Tables) -> list[SealEntry]:
    """Entries without the pending ones: those that came true stay, the others never happened."""
    records = of_statements(tables.statements)
    out = []
    for entry in entries:
        at = records.get(entry.key)
        if not entry.pending:
            out.append(entry)
        elif entry.says(None if at is None else tables.statements[at]):
            out.append(replace(entry, pending=False))
    return out
