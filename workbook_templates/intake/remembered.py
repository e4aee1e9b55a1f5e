"""What a person confirmed of a source once, kept in the plan: which header means which column, tax, rates, statuses, hidden rows.

A source is whatever people call it: 金蝶, the branch in Suzhou, a colleague's list. The Table of sources is one like any other: it is
read on the sheet, corrected there, and brought from plan to plan by the ordinary import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from udfs.text import Text
from workbook_templates.answers import Refused, near
from workbook_templates.intake.meaning import stage, words
from workbook_templates.tables.sources import COLUMN, HIDDEN, RATE, STATUS, TAX
from workbook_templates.tables.spec import Row, TableSpec

LEFT_OUT = "-"  # of a column: it is not brought in
_LEFT_OUT = ("", "-", "—", "－")


@dataclass(frozen=True)
class ConfirmedChoice:
    """One thing confirmed: of which kind, of which header, word or currency, and what was said of it."""

    kind: str
    theirs: str
    ours: str

    @property
    def key(self) -> tuple[str, str]:
        """Two choices about one thing: width, case and blanks make no other."""
        return self.kind, words.plain(self.theirs)

    def said(self, spec: TableSpec) -> Text:
        """As people read it; ``spec`` is the Table's."""
        if self.kind == TAX:
            return Text(f"税率 {self.ours}", f"tax {self.ours}")
        if self.kind == HIDDEN:
            return Text(f"隐藏行 {self.ours}", f"hidden rows {self.ours}")
        if self.kind != COLUMN:
            return Text(f"{self.theirs}={self.ours}", f"{self.theirs}={self.ours}")
        ours = spec[self.ours].header if self.ours in spec.by_key else Text("不导入", "left out")
        return Text(f"{self.theirs} → {ours.zh}", f"{self.theirs} → {ours.en}")


@dataclass(frozen=True)
class Confirmed:
    """Choices as one import needs them, each kind in its own form."""

    columns: Mapping[str, str] = field(default_factory=dict)  # theirs → ours; "" leaves a column out
    tax: Decimal | None = None
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)
    hidden: str = ""


class Wrong(ValueError):
    """A choice that can't be one; ``text`` says why and what to write."""

    def __init__(self, column: str, text: Text) -> None:
        super().__init__(text.zh)
        self.column, self.text = column, text


def confirmed(choices: Iterable[ConfirmedChoice]) -> Confirmed:
    """What choices come to; ``Wrong`` where one says nothing that can be done."""
    tax: Decimal | None = None
    hidden = ""
    columns: dict[str, str] = {}
    rates: dict[str, Decimal] = {}
    statuses: dict[str, str] = {}
    for choice in choices:
        check(choice)
        if choice.kind == COLUMN:
            columns[choice.theirs] = "" if choice.ours in _LEFT_OUT else choice.ours
        elif choice.kind == TAX:
            tax = stage.rate_in(choice.ours)
        elif choice.kind == RATE:
            rates[choice.theirs] = Decimal(choice.ours)
        elif choice.kind == STATUS:
            statuses[choice.theirs] = choice.ours
        else:
            hidden = choice.ours
    return Confirmed(columns, tax, rates, statuses, hidden)


def check(choice: ConfirmedChoice) -> None:
    """``Wrong`` where a choice can't be one."""
    named, said = choice.theirs.strip(), choice.ours.strip()
    if choice.kind in (COLUMN, RATE, STATUS) and not named:
        raise Wrong("theirs", Text("为空：请填对方的列名、币种或状态", "is blank: enter their header, currency or status"))
    if choice.kind == TAX and stage.rate_in(said) is None:
        raise Wrong("ours", Text(f"“{said}”不是税率：应写成 13%", f"“{said}” is no tax rate: write it as 13%"))
    if choice.kind == RATE and not _is_rate(said):
        raise Wrong("ours", Text(f"“{said}”不是汇率：应写成 7.1", f"“{said}” is no exchange rate: write it as 7.1"))
    if choice.kind == STATUS and said not in (words.TAKE, words.SKIP, words.MINUS):
        raise Wrong(
            "ours", Text(f"“{said}”应为 take（计入）、skip（不计）或 minus（按负数）", f"“{said}” must be take, skip or minus")
        )
    if choice.kind == HIDDEN and said not in (words.TAKE, words.SKIP):
        raise Wrong("ours", Text(f"“{said}”应为 take（计入）或 skip（不计）", f"“{said}” must be take or skip"))


def _is_rate(said: str) -> bool:
    try:
        rate = Decimal(said)
    except InvalidOperation:
        return False
    return rate.is_finite() and rate > 0


def choice_of(row: Row) -> ConfirmedChoice:
    """A row of the Table as a choice."""
    return ConfirmedChoice(str(row.get("kind") or ""), str(row.get("theirs") or "").strip(), _text(row.get("ours")).strip())


def _text(value: object) -> str:
    """A cell as a person sees it: Excel makes numbers of what was typed as 13% or 7.1."""
    return "" if value is None else f"{value:.15g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True)
class Memory:
    """What a plan remembers of one source for one Table: each choice with its place among the rows."""

    source: str
    table: str
    known: Mapping[tuple[str, str], tuple[int, ConfirmedChoice]] = field(default_factory=dict)

    @property
    def choices(self) -> list[ConfirmedChoice]:
        """All of them."""
        return [choice for _, choice in self.known.values()]

    def besides(self, asked: Sequence[ConfirmedChoice]) -> list[ConfirmedChoice]:
        """What is remembered and not said anew: a column named now is read from there only."""
        said = {choice.key for choice in asked}
        taken = {choice.ours for choice in asked if choice.kind == COLUMN} - {LEFT_OUT}
        return [c for c in self.choices if c.key not in said and not (c.kind == COLUMN and c.ours in taken)]

    def changed(self, asked: Sequence[ConfirmedChoice]) -> tuple[dict[int, ConfirmedChoice], list[ConfirmedChoice]]:
        """What is to be written: rows that say another thing now, and new ones."""
        other, new = {}, []
        for choice in {choice.key: choice for choice in asked}.values():
            place, there = self.known.get(choice.key, (-1, None))
            if there is None:
                new.append(choice)
            elif there.ours != choice.ours:
                other[place] = choice
        return other, new


def recall(rows: Sequence[Row], source: str, table: str, cell: Callable[[int, str], str]) -> Memory:
    """What is remembered; Refused with the cell where a row can't be one. ``cell`` says where a value of a row stands."""
    asked = words.plain(source)
    known: dict[tuple[str, str], tuple[int, ConfirmedChoice]] = {}
    for place, row in enumerate(rows):
        if words.plain(row.get("source") or "") != asked or words.plain(row.get("table") or "") != words.plain(table):
            continue
        choice = choice_of(row)
        try:
            check(choice)
        except Wrong as wrong:
            at = cell(place, wrong.column)
            raise Refused(Text(f"{at}：", f"{at}: ") + wrong.text) from wrong
        known[choice.key] = (place, choice)
    return Memory(source, table, known)


def unknown_source(rows: Sequence[Row], source: str) -> Text:
    """That nothing is remembered of a source yet, and which one may be meant."""
    names = list(dict.fromkeys(str(row["source"]) for row in rows if row.get("source")))
    guess = near(source, names, 1)
    hint = Text(f"；是否想用 {guess[0]}？", f"; did you mean {guess[0]}?") if guess else Text("", "")
    return Text(f"来源“{source}”还没有记住的选择", f"nothing is remembered of the source “{source}” yet") + hint
