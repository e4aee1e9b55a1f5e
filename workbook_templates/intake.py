"""An import into a planning workbook: what it already holds, the rows that come in, their ledger and the line in the change log.

Everything is worked out and checked before the first cell changes; the caller saves.
"""

from __future__ import annotations

import datetime as dt
import getpass
from collections.abc import Sequence
from dataclasses import dataclass, field

from udfs import policy
from udfs.text import Text
from udfs.values import serial_to_date
from workbook_templates import ledger, schema, tables
from workbook_templates.importing import Known, Outcome, Wishes, bring_in
from workbook_templates.package import Package, Ref
from workbook_templates.parsing import fold
from workbook_templates.reading import Source
from workbook_templates.saving import Refused
from workbook_templates.schema import Row

# Kept by the program itself: rows typed in from elsewhere would make their history untrue.
NOT_IMPORTED = ("ChangeLog", "Ledger")
# What a live column beside the deals can spill to.
MOST_SPILLED = 10_000


@dataclass
class Intake:
    """One import: what came of the rows and, once written, where they stand."""

    outcome: Outcome
    into: tables.Held
    placed: dict[str, Ref] = field(default_factory=dict)  # Table → where its new rows stand


def plan_intake(package: Package, source: Source, name: str, wishes: Wishes | None = None) -> Intake:
    """Read the plan and the file against each other; the package stays as it is."""
    into = tables.held(package, name)
    known = _known(package, into)
    try:
        outcome = bring_in(source.rows, into.spec, known, wishes or Wishes())
    except Refused as refused:
        raise Refused(refused.text + _other_sheets(source)) from refused
    if name == "Deals" and len(into.rows) + len(outcome.rows) > MOST_SPILLED:
        outcome.notes.append(
            Text(
                "成交超过 1 万行：表旁的实时提成最多显示 1 万行，逐单提成见提成台账",
                "more than 10,000 deals: the live commission beside them shows 10,000 at most; the ledger has each deal's",
            )
        )
    return Intake(outcome, into)


def _other_sheets(source: Source) -> Text:
    """Where else in a workbook the rows may be."""
    others = [name for name in source.sheets if name != source.sheet]
    if not others:
        return Text("", "")
    return Text(
        f" 读的是工作表“{source.sheet}”，另有 {'、'.join(others[:8])}：可用 --sheet 指定。",
        f" This was the sheet “{source.sheet}”; there are also {', '.join(others[:8])}: choose with --sheet.",
    )


def _known(package: Package, into: tables.Held) -> Known:
    """The Tables that the rows refer to, and the plan's year."""
    needed = {c.refers.partition(".")[0] for c in into.spec.columns} - {"", into.spec.name}
    rows = {into.spec.name: into.rows} | {name: tables.held(package, name).rows for name in needed}
    year, as_of = ((tables.named(package, name) or [None])[0] for name in ("plan_year", "as_of"))
    return Known(
        rows,
        int(year) if isinstance(year, float) else None,
        serial_to_date(as_of) if isinstance(as_of, float) else None,
    )


def write(package: Package, intake: Intake, file_name: str, now: dt.datetime | None = None) -> None:
    """Append the rows, those of other Tables they need, their ledger, and a line in the change log for each Table."""
    outcome, name = intake.outcome, intake.into.spec.name
    for owner, rows in outcome.added.items():
        _append(package, intake, owner, rows)
    _append(package, intake, name, outcome.rows)
    if name == "Deals":
        booked = _ledger(package, intake)
        if booked:
            _append(package, intake, "Ledger", booked)
    _log(package, intake, file_name, now or dt.datetime.now())


def _append(package: Package, intake: Intake, name: str, rows: Sequence[Row]) -> None:
    into = intake.into if name == intake.into.spec.name else tables.held(package, name)
    intake.placed[name] = tables.append(package, into, rows)


def _ledger(package: Package, intake: Intake) -> list[Row]:
    """What the new deals earn, by the plan's own tiers; none where the plan pools by person and month."""
    if _pooled(package):
        intake.outcome.notes.append(
            Text(
                "计划按人按月合并计提成，台账未写：请运行提成计算",
                "the plan pools commission by person and month: the ledger was not written, run the commission action",
            )
        )
        return []
    new = intake.outcome.rows
    wanted = {fold(row["original"]) for row in new if row.get("original")} - {fold(row["id"]) for row in new}
    originals = [row for row in intake.into.rows if fold(row["id"]) in wanted]
    thresholds, rates = (_numbers(package, f"plan_commission_{key}") for key in ("thresholds", "rates"))
    version = next(iter(tables.named(package, "plan_version")), None)
    try:
        rows = ledger.ledger_rows([*originals, *new], thresholds, rates, str(version or ledger.VERSION))
    except ValueError as error:
        raise Refused(
            Text(f"提成算不出来，没有写入：{error}", f"the commissions can't be computed, nothing was written: {error}")
        ) from error
    mine = {row["id"] for row in new}
    return [row for row in rows if row["deal"] in mine]


def _pooled(package: Package) -> bool:
    per_order, pooled = policy.POLICIES["commission.basis"].words
    return str(next(iter(tables.named(package, "plan_commission_basis")), per_order)) in pooled


def _numbers(package: Package, name: str) -> list[float] | None:
    """A column of numbers of the Settings sheet; None (the policy's own) where the workbook has none."""
    values = tables.named(package, name)
    numbers = [v for v in values if isinstance(v, float)]
    if any(v is not None and not isinstance(v, float) for v in values):
        raise Refused(
            Text(f"参数 {name} 不全是数字：请先改正", f"the setting {name} does not hold numbers only: correct it first")
        )
    return numbers or None


def _log(package: Package, intake: Intake, file_name: str, now: dt.datetime) -> None:
    """Who brought what in, when and where it stands."""
    log = tables.held(package, "ChangeLog")
    done, nothing = Text("导入", "import"), Text("（无）", "(none)")
    rows = []
    for name, ref in intake.placed.items():
        count = ref.last_row - ref.first_row + 1
        new = Text(f"{count} 行，来自 {file_name}", f"{count} rows from {file_name}")
        rows.append(
            {
                "time": now.replace(microsecond=0),
                "who": _who(),
                "action": _in(done, log.lang),
                "sheet": package.tables[name].sheet,
                "cell": str(ref),
                "old": _in(nothing, log.lang),
                "new": _in(new, log.lang),
            }
        )
    tables.append(package, log, rows)


def _in(text: Text, lang: str) -> str:
    return text.en if lang == "en" else text.zh


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a service without a user entry
        return "?"


def importable() -> list[str]:
    """The Tables rows can be brought into."""
    return [name for name in schema.TABLES if name not in NOT_IMPORTED]
