"""What was read of the transactions, what was not and why, row by row: counts always exact, the list complete in a file."""

from __future__ import annotations

import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from udfs.text import Text, counted, language
from workbook_templates.answers import Refused, inert
from workbook_templates.saving import atomic_write, check_writable, mode_of

REFUSED, LATER, REPEATED, OTHER, LEFT = "refused", "later", "repeated", "currency", "left"
KINDS = {
    REFUSED: Text("拒收", "rejected"),
    LATER: Text("晚于截止日期，未计入", "after the as-of date, left out"),
    REPEATED: Text("重复，只计一次", "repeated, counted once"),
    OTHER: Text("其他币种，未计入", "another currency, left out"),
    LEFT: Text("合计、页脚、状态等，未计入", "totals, footers, by status: left out"),
}
MOST = 20


class RowFinding(NamedTuple):
    """One row that does not count, or one cell of it; ``line`` as Excel or an editor counts, of a table from 1."""

    kind: str
    file: str
    line: int
    column: str
    value: str
    reason: Text


@dataclass(frozen=True)
class FindingGroup:
    """The findings of one column of one file, as arrays: a hundred thousand rows without a customer are one group."""

    kind: str
    file: int
    column: str
    lines: Any
    values: Sequence[str]
    which: Any  # of the reasons, a line each
    reasons: Sequence[Text]
    first: Any  # whether it is the first of its row: those are what is counted


class Tally(NamedTuple):
    """Rows counted by reason where they can't be listed: in a database that added them up itself."""

    kind: str
    column: str
    reason: Text
    rows: int


@dataclass(frozen=True)
class Part:
    """One file or query and what came of it."""

    name: str
    how: Text
    columns: dict[str, str]  # ours → its header
    unused: tuple[str, ...]
    read: int
    counted: int


@dataclass
class Report:
    """What was read, taken and left."""

    parts: list[Part] = field(default_factory=list)
    groups: list[FindingGroup] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)

    @property
    def read(self) -> int:
        """Rows read; each is counted or in exactly one of the kinds."""
        return sum(part.read for part in self.parts)

    @property
    def counted(self) -> int:
        """Rows the figures were made of."""
        return sum(part.counted for part in self.parts)

    def count(self, kind: str) -> int:
        """Rows of one kind."""
        listed = sum(int(np.count_nonzero(group.first)) for group in self.groups if group.kind == kind)
        return listed + sum(tally.rows for tally in self.tallies if tally.kind == kind)

    @property
    def refused(self) -> int:
        """Rows that can't be used as they are."""
        return self.count(REFUSED)

    def reasons(self) -> Counter[tuple[str, str, Text]]:
        """Rows by kind, column and reason, each row under its first: adds up to what was not counted."""
        found: Counter[tuple[str, str, Text]] = Counter()
        for group in self.groups:
            for place, times in zip(*np.unique(group.which[group.first], return_counts=True), strict=True):
                found[group.kind, group.column, group.reasons[place]] += int(times)
        for tally in self.tallies:
            found[tally.kind, tally.column, tally.reason] += tally.rows
        return found

    def findings(self, but: str = "") -> Iterator[RowFinding]:
        """Every one, by file and line; but those of a kind."""
        groups = [group for group in self.groups if group.kind != but]
        if not groups:
            return
        owner = np.concatenate([np.full(len(g.lines), k) for k, g in enumerate(groups)])
        index = np.concatenate([np.arange(len(g.lines)) for g in groups])
        files = np.concatenate([np.full(len(g.lines), g.file) for g in groups])
        lines = np.concatenate([g.lines for g in groups])
        for place in np.lexsort((owner, lines, files)).tolist():
            group, at = groups[int(owner[place])], int(index[place])
            reason = group.reasons[int(group.which[at])]
            yield RowFinding(
                group.kind, self.parts[group.file].name, int(group.lines[at]), group.column, group.values[at], reason
            )

    def summary(self) -> Text:
        """One line of counts."""
        said = Text(
            f"读取 {self.read:,} 行，计入 {self.counted:,}", f"read {counted(self.read, 'row')}, counted {self.counted:,}"
        )
        for kind, label in KINDS.items():
            if count := self.count(kind):
                said += Text("；{label} {n}", "; {label}: {n}").format(label=label, n=f"{count:,}")
        return said

    def lines(self, most: int = MOST) -> list[Text]:
        """What a screen shows: files, notes, the first findings, the commonest reasons, the counts."""
        shown = [_said_of_part(part) for part in self.parts[:most]]
        if len(self.parts) > most:
            shown.append(Text(f"… 另有 {len(self.parts) - most} 个文件", "… " + counted(len(self.parts) - most, "more file")))
        shown += self.notes
        several = len(self.parts) > 1
        total = sum(len(group.lines) for group in self.groups if group.kind != LEFT)  # those are said in a line each kind
        for _, finding in zip(range(most), self.findings(but=LEFT), strict=False):
            shown.append(_said_of(finding, several))
        if total > most:
            shown.append(
                Text(
                    f"… 另有 {total - most:,} 条，用 --report 文件.csv 查看全部；按原因：",
                    f"… {total - most:,} more; see them all with --report FILE.csv. By reason:",
                )
            )
        if total > most or self.tallies:
            shown += [_said_reason(*reason, times) for reason, times in self.reasons().most_common(8) if reason[0] != LEFT]
        return [*shown, self.summary()]

    def write(self, path: str | Path, *made_from: str | Path) -> None:
        """All findings as a CSV for Excel."""
        headers = (
            ("what became of it", "file", "line", "column", "value", "reason")
            if language() == "en"
            else ("处理", "文件", "行号", "列", "原值", "原因与改法")
        )
        rows = ((str(KINDS[f.kind]), f.file, f.line, f.column, f.value, str(f.reason)) for f in self.findings())
        tallied = ((str(KINDS[t.kind]), self.parts[0].name, "", t.column, f"× {t.rows:,}", str(t.reason)) for t in self.tallies)
        write_rows(path, headers, itertools.chain(rows, tallied), *made_from)

    def as_json(self) -> dict[str, Any]:
        """For machines: counts and reasons; the single rows are in the report file."""
        return {
            "files": [
                {
                    "file": p.name,
                    "read_as": str(p.how),
                    "columns": p.columns,
                    "unused": list(p.unused),
                    "read": p.read,
                    "counted": p.counted,
                }
                for p in self.parts
            ],
            "read": self.read,
            "counted": self.counted,
            **{kind: self.count(kind) for kind in KINDS},
            "reasons": [{"kind": k, "column": c, "reason": str(r), "rows": n} for (k, c, r), n in self.reasons().most_common()],
            "notes": [str(note) for note in self.notes],
        }


def _said_of_part(part: Part) -> Text:
    said = Text("{file}（{how}）：读取 {read} 行，计入 {counted}", "{file} ({how}): read {read}, counted {counted}").format(
        file=part.name, how=part.how, read=f"{part.read:,}", counted=f"{part.counted:,}"
    )
    if part.unused:
        names = " | ".join(part.unused[:10]) + (" …" if len(part.unused) > 10 else "")
        said += Text(f"；没有用到的列：{names}", f"; columns not used: {names}")
    return said


def _said_of(finding: RowFinding, several: bool) -> Text:
    file = f"{finding.file} " if several else ""
    where = Text(f"! {file}第 {finding.line} 行", f"! {file}line {finding.line}")
    column = f" {finding.column}" if finding.column else ""
    value = f" “{finding.value[:39] + '…' if len(finding.value) > 40 else finding.value}”" if finding.value else ""
    return where + column + value + Text("：", ": ") + finding.reason


def _said_reason(kind: str, column: str, reason: Text, times: int) -> Text:
    where = Text(f"{column}：", f"{column}: ") if column else Text("", "")
    return Text(f"  {times:>9,} × ", f"  {times:>9,} × ") + where + reason


def write_rows(path: str | Path, headers: Sequence[str], rows: Iterator[Sequence[Any]], *made_from: str | Path) -> None:
    """A CSV for Excel: with a byte order mark, no text that it would run, no more open than the files it tells of."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(headers)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    atomic_write(Path(path), out.getvalue().encode("utf-8-sig", errors="replace"), mode=mode_of(*made_from))


def check_report_path(path: str | Path, *sources: str | Path) -> None:
    """Refuse a report that can't be written, or that would overwrite what is read."""
    check_writable(path)
    own = Path(path).resolve()
    for source in sources:
        if "://" in str(source):
            continue
        there = Path(source).resolve()
        if own == there or (there in own.parents and there.is_dir()):
            raise Refused(
                Text(
                    "--report 不能覆盖数据文件或计划，也不能写进数据文件夹。",
                    "--report must not overwrite the data or the plan, nor lie in the folder of data.",
                )
            )
