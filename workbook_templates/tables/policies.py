"""The plan's numbers day by day: what Settings say from the start, and what was decided to hold from a later day (制度变更).

``Policies.at(key, day)`` is the one answer for sheets, actions, statements and checks. The start is the workbook's own input cells, the
rest the rows of PolicyChanges; a value there is text as a person writes it: 5%, 4 / 6 / 9 %, 300,000, 按订单.
"""

from __future__ import annotations

import datetime as dt
import difflib
import functools
import itertools
import re
import unicodedata
import zoneinfo
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from udfs.policy import POLICIES, Policy, last_of_note, number_said, percented, zone
from udfs.text import Text, joined
from udfs.values import show
from workbook_templates.answers import Refused
from workbook_templates.tables.spec import Row

TABLE = "PolicyChanges"
# Lists that are read beside each other: they may get longer or shorter on one day, together.
SISTERS = (
    ("commission.thresholds", "commission.rates"),
    ("rebate.thresholds", "rebate.rates"),
    ("release.late_days", "release.late_factors"),
)
# Lists of any length by themselves.
OPEN = frozenset({"quota.ramp", "plancost.attainments", "handshake.executives", "duplicates.suffixes", "ageing.limits"})
ASCENDING = frozenset(
    {
        "commission.thresholds",
        "rebate.thresholds",
        "tax.thresholds",
        "release.late_days",
        "ageing.limits",
        "approval.discounts",
        "approval.points",
    }
)
# Shares that may well exceed the whole.
_ABOVE_ONE = frozenset({"sprint.trigger", "plancost.attainments"})
_MEASURED = frozenset(
    {"yuan", "share", "times", "weight", "points", "hours", "factor"}
)  # units that may have decimals; all others count things
NONE = ("无", "none", "—", "-", "")
_PART = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?%?")


class NoSuchValue(ValueError):
    """A value no policy can have; ``text`` says why and what to write."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.text = Text(zh, en)


@dataclass(frozen=True)
class Change:
    """A value that holds from a day on. ``row`` counts the rows of the Table, ``cell`` is where the value stands."""

    key: str
    day: dt.date
    value: Any
    by: str = ""
    reason: str = ""
    row: int = -1
    cell: str = ""


@dataclass(frozen=True)
class ChangeFault:
    """What is wrong with a row of PolicyChanges; ``policy`` is blank where nobody knows which it means."""

    policy: str
    row: int
    column: str
    text: Text
    cell: str = ""


class Base(Protocol):
    """What holds from the start, by key; a dict is one."""

    def get(self, key: str, default: Any, /) -> Any: ...


_ABSENT = object()


class Policies:
    """What holds on which day. Pure: ``base`` says what holds from the start (blank: the plan's own), ``changes`` what came later."""

    def __init__(self, base: Base | None = None, changes: Iterable[Change] = (), faults: Iterable[ChangeFault] = ()) -> None:
        self._base: Base = {} if base is None else base
        self._changes: dict[str, list[Change]] = {}
        for change in sorted(changes, key=lambda c: c.day):
            self._changes.setdefault(change.key, []).append(change)
        self._faults = list(faults)

    def at(self, key: str, day: dt.date | None) -> Any:
        """The value of a day: a number, a list of them, a word in English, None where there is no limit. Without a day the last.

        ``Refused``, with the cell, where a change of it (or of nobody knows what) can't be read.
        """
        self.require(key)
        return self._at(key, day)

    def _at(self, key: str, day: dt.date | None) -> Any:
        held = [change for change in self._changes.get(key, ()) if day is None or change.day <= day]
        found = held[-1].value if held else self._base.get(key, _ABSENT)
        found = plain(POLICIES[key].at(day)) if found is _ABSENT else found
        return list(found) if isinstance(found, list) else found

    def also(self, more: Iterable[Change]) -> Policies:
        """As if those were entered, too."""
        return Policies(self._base, [*itertools.chain(*self._changes.values()), *more], self._faults)

    def changes(self, key: str) -> list[Change]:
        """The changes of a policy, the first day first."""
        return list(self._changes.get(key, ()))

    def next(self, key: str, day: dt.date) -> Change | None:
        """The first change after a day."""
        return next((change for change in self._changes.get(key, ()) if change.day > day), None)

    @property
    def changed(self) -> list[str]:
        """The policies that change at all."""
        return list(self._changes)

    def require(self, key: str) -> None:
        """Refuse what can't be relied on."""
        fault = next((f for f in self._of(key) if f.policy in ("", key)), None)
        if fault is not None:
            raise Refused(Text(f"{fault.cell}：", f"{fault.cell}: ") + fault.text if fault.cell else fault.text)

    @property
    def faults(self) -> list[ChangeFault]:
        """All that is wrong with the changes."""
        together = [fault for group in SISTERS for fault in self._apart(group)]
        return [*self._faults, *together]

    def _of(self, key: str) -> list[ChangeFault]:
        group = next((group for group in SISTERS if key in group), ())
        return [*self._faults, *([f for f in self._apart(group) if f.policy == key] if group else [])]

    def _apart(self, group: Sequence[str]) -> list[ChangeFault]:
        """Lists of a group that don't fit each other from the day of a change on."""
        faults = []
        for change in (change for key in group for change in self._changes.get(key, ())):
            lengths = [len(self._at(key, change.day)) - len(POLICIES[key].value) for key in group]
            if len(set(lengths)) > 1:
                zh, en = joined(POLICIES[k].label for k in group)
                text = Text(f"{zh}从 {change.day} 起档数不一致：请在同一天一起变更", f"{en} differ in length from {change.day}: change them on the same day")  # fmt: skip
                faults.append(ChangeFault(change.key, change.row, "value", text, change.cell))
        return faults


# ---------------------------------------------------------------------------------------------------------- which policy


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


@functools.cache
def _names() -> dict[str, str]:
    """Everything a policy may be called by; a label that two have means neither."""
    found: dict[str, set[str]] = {}
    for key, policy in POLICIES.items():
        for name in (key, policy.range_name, *policy.label):
            found.setdefault(_folded(name), set()).add(key)
    return {name: next(iter(keys)) for name, keys in found.items() if len(keys) == 1}


def key_named(name: object) -> str | None:
    """The key of the policy somebody means: by its key, its name in formulas or its label in either language."""
    return _names().get(_folded(str(name)))


def unknown_key(name: object) -> Text:
    """That no policy is called so, and which may be meant."""
    guess = difflib.get_close_matches(_folded(str(name)), _names(), 3, 0.55)
    keys = list(dict.fromkeys(_names()[g] for g in guess))
    meant = joined(Text(f"{POLICIES[k].label.zh}（{k}）", f"{k} ({POLICIES[k].label.en})") for k in keys)
    hint = (
        Text(f"：是否想用 {meant.zh}？", f"; did you mean {meant.en}?")
        if keys
        else Text("：名称见“参数”页", ": the names are on Settings")
    )
    return Text(f"没有制度参数“{name}”", f"there is no policy value “{name}”") + hint


# ------------------------------------------------------------------------------------------------------------ its values


def is_list(policy: Policy) -> bool:
    """Whether it is a column of values; a word in two languages is a tuple too, and one value."""
    return isinstance(policy.value, tuple) and not isinstance(policy.value, Text)


def is_words(policy: Policy) -> bool:
    """Whether it is a list of texts, such as roles."""
    return is_list(policy) and all(isinstance(part, str) for part in policy.value)


def is_name(policy: Policy) -> bool:
    """Whether its value is one text that is no choice of a few: a time zone."""
    return isinstance(policy.value, str)


def may_grow(key: str) -> bool:
    """Whether a list may have another number of parts some day."""
    return key in OPEN or any(key in group for group in SISTERS)


def bounds(policy: Policy) -> tuple[float | None, float | None]:
    """The least and the most a number of it may be."""
    if policy.words or is_words(policy) or is_name(policy):
        return None, None
    return 0.0, 1.0 if policy.unit.en == "share" and policy.key not in _ABOVE_ONE else None


def may_be_none(policy: Policy) -> bool:
    """Whether blank is one of its values: no limit, no target."""
    return policy.value is None or (is_list(policy) and None in policy.value)


def plain(value: Any) -> Any:
    """A value as the plan has it, as cells give it: floats, lists, words in English."""
    if isinstance(value, Text):
        return value.en
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return float(value) if isinstance(value, int | float | Fraction) else value


def from_cells(policy: Policy, cells: Sequence[Any]) -> Any:
    """A value from its cells on Settings; ``NoSuchValue`` names no cell, whoever asks knows it."""
    filled = [c for c in cells if c is not None and c != ""]
    if not filled:
        return plain(policy.value)
    if policy.words:
        return _word(policy, str(filled[0]))
    if is_words(policy):
        return [str(c) for c in filled]
    if is_name(policy):
        return _zone(str(filled[0]))
    if any(isinstance(c, bool) or not isinstance(c, float) for c in filled):
        raise NoSuchValue("不是数字：请先改正", "is no number: correct it first")
    if not is_list(policy):
        return filled[0]
    if not may_be_none(policy):
        return filled
    return [None if c in (None, "") else c for c in cells]


def read(policy: Policy, said: object) -> Any:
    """A value as a person writes it in one cell or argument; strict, and within the policy's bounds."""
    text = unicodedata.normalize("NFKC", f"{said:.15g}" if isinstance(said, float) else str(said)).strip()
    if policy.words:
        return _word(policy, text)
    if is_name(policy):
        return _zone(text)
    parts = [part.strip() for part in text.split("/")] if is_list(policy) else [text]
    if is_words(policy):
        if not all(parts):
            raise NoSuchValue(f"“{text}”有空项：请用 / 分隔", f"“{text}” has a blank part: separate them with /")
        return parts
    values = _numbers(policy, text, parts)
    _check_parts(policy, text, values)
    return values if is_list(policy) else values[0]


def _word(policy: Policy, said: str) -> str:
    for word in policy.words:
        if said.strip().casefold() in {w.casefold() for w in word}:
            return word.en
    zh, en = joined(policy.words)
    raise NoSuchValue(f"为“{said}”，不在选项中：可填 {zh}", f"says “{said}”, which is none of its choices: {en}")


def _zone(said: str) -> str:
    """The name of a time zone, as its list spells it."""
    try:
        return str(zone(said))
    except ValueError:
        known = zoneinfo.available_timezones()
    asked = "_".join(said.split()).casefold()
    for name in known:
        if name.casefold() == asked:
            return name
    places = {name.rpartition("/")[2].casefold(): name for name in sorted(known)}
    guess = [places[place] for place in difflib.get_close_matches(asked, places, 3, 0.7)]
    meant = joined(guess) if guess else Text("Asia/Shanghai、Asia/Singapore", "Asia/Shanghai, Europe/Berlin")
    raise NoSuchValue(
        f"为“{said}”，不是时区名称：请填如 {meant.zh}", f"says “{said}”, which names no time zone: write it as {meant.en}"
    )


def _numbers(policy: Policy, text: str, parts: Sequence[str]) -> list[float | None]:
    """The parts as numbers; a % behind the last one holds for all."""
    if not last_of_note(parts).endswith("%") and any(part.endswith("%") for part in parts):
        raise NoSuchValue(f"“{text}”有的带 %，有的不带：请都带 %", f"“{text}”: some parts have a %, some none: write it in all")
    return [_number(policy, text, part) for part in percented(parts)]


def _number(policy: Policy, text: str, part: str) -> float | None:
    if part.rstrip("%").casefold() in NONE and may_be_none(policy):
        return None
    if _PART.fullmatch(part) is None:
        example = "4% / 6% / 9%" if is_list(policy) else "5%" if policy.unit.en == "share" else "300000"
        raise NoSuchValue(f"“{text}”不是数字：请填如 {example}", f"“{text}” is no number: write it as {example}")
    number = number_said(part)
    low, high = bounds(policy)
    if (low is not None and number < low) or (high is not None and number > high):
        hint = Text("：4% 请写 4% 或 0.04", ": for 4% write 4% or 0.04") if high == 1.0 else Text("：请改正", ": correct it")
        most = "∞" if high is None else show(high)
        raise NoSuchValue(
            f"{show(number)} 超出范围 {show(low)} … {most}{hint.zh}", f"{show(number)} is outside {show(low)} … {most}{hint.en}"
        )
    if policy.unit.en not in _MEASURED and not number.is_integer():
        raise NoSuchValue(
            f"{show(number)} 应为整数（{policy.unit.zh}）", f"{show(number)} must be a whole number ({policy.unit.en})"
        )
    return number


def _check_parts(policy: Policy, text: str, values: Sequence[float | None]) -> None:
    wanted = len(policy.value) if is_list(policy) else 1
    if len(values) != wanted and not may_grow(policy.key):
        raise NoSuchValue(
            f"“{text}”有 {len(values)} 项，应为 {wanted} 项，用 / 分隔",
            f"“{text}” has {len(values)} parts; it takes {wanted}, separated by /",
        )
    filled = [value for value in values if value is not None]
    if policy.key in ASCENDING and any(b <= a for a, b in itertools.pairwise(filled)):
        raise NoSuchValue(f"“{text}”应从小到大", f"“{text}” must ascend")


def written(policy: Policy, value: Any, lang: str) -> str:
    """A value as people write it, and as :func:`read` reads it."""
    if policy.words:
        word = next(word for word in policy.words if word.en == value)
        return word.en if lang == "en" else word.zh
    parts = value if isinstance(value, list) else [value]
    return " / ".join(_part(policy, part, lang) for part in parts)


def _part(policy: Policy, part: Any, lang: str) -> str:
    if part is None:
        return "无" if lang == "zh" else "none"
    if isinstance(part, str):
        return part
    if policy.unit.en == "share":
        return _digits(Decimal(repr(part)) * 100) + "%"
    return _digits(Decimal(repr(part)))


def _digits(number: Decimal) -> str:
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# --------------------------------------------------------------------------------------------------------- from a workbook


class PolicyBook(Protocol):
    """A workbook whose Settings and policy changes can be read."""

    def named(self, name: str) -> list[Any]: ...

    def optional(self, table: str) -> Sequence[Row]: ...


class _Settings:
    """What a workbook's Settings say from the start; plans of 0.1.0 have one cell for that and for what holds."""

    def __init__(self, book: PolicyBook) -> None:
        self._book = book
        self._known: dict[str, Any] = {}  # a deal asks for each of its day's rules, and in Excel a cell is a call

    def get(self, key: str, default: Any, /) -> Any:
        if key not in self._known:
            self._known[key] = self._read(key)
        return default if self._known[key] is _ABSENT else self._known[key]

    def _read(self, key: str) -> Any:
        policy = POLICIES[key]
        name = policy.base_name
        cells = self._book.named(name)
        if not cells:
            name = policy.range_name
            cells = self._book.named(name)
        if not any(c is not None and c != "" for c in cells):
            return _ABSENT
        try:
            return from_cells(policy, cells)
        except NoSuchValue as fault:
            label = Text(f"参数“{policy.label.zh}”（{name}）", f"the setting “{policy.label.en}” ({name}) ")
            raise Refused(label + fault.text) from fault


def of_book(book: PolicyBook, cell: Callable[[int, str], str] = lambda row, column: "", more: Sequence[Change] = ()) -> Policies:
    """A workbook's policies, day by day; with ``more`` as if those were entered, too."""
    changes, faults = changes_of(book.optional(TABLE), cell)
    return Policies(_Settings(book), [*changes, *more], faults)


# ------------------------------------------------------------------------------------------------------------ the changes


def changes_of(
    rows: Sequence[Row], cell: Callable[[int, str], str] = lambda row, column: ""
) -> tuple[list[Change], list[ChangeFault]]:
    """The rows of PolicyChanges as changes, and what is wrong with the others. ``cell`` says where a value of a row stands."""
    changes: list[Change] = []
    faults: list[ChangeFault] = []
    seen: dict[tuple[str, dt.date], int] = {}
    for number, row in enumerate(rows):
        found = _change(row, number, cell)
        if isinstance(found, ChangeFault):
            faults.append(found)
        elif (found.key, found.day) in seen:
            text = Text(
                f"{POLICIES[found.key].label.zh}从 {found.day} 起已有一行变更：请只留一行",
                f"{POLICIES[found.key].label.en} has a change from {found.day} already: leave one",
            )
            faults.append(ChangeFault(found.key, number, "key", text, cell(number, "key")))
        else:
            seen[found.key, found.day] = number
            changes.append(found)
    return changes, faults


def _change(row: Mapping[str, Any], number: int, cell: Callable[[int, str], str]) -> Change | ChangeFault:
    key = key_named(row.get("key") or "")
    if key is None:
        return ChangeFault("", number, "key", unknown_key(row.get("key") or ""), cell(number, "key"))
    policy, day = POLICIES[key], row.get("valid_from")
    if not isinstance(day, dt.date):
        text = Text(f"“{policy.label.zh}”没有生效日期：请填日期", f"“{policy.label.en}” has no valid-from date: enter it")
        return ChangeFault(key, number, "valid_from", text, cell(number, "valid_from"))
    said = row.get("value")
    try:
        value = read(policy, "" if said is None else said)
    except NoSuchValue as fault:
        label = Text(f"“{policy.label.zh}”", f"“{policy.label.en}” ")
        return ChangeFault(key, number, "value", label + fault.text, cell(number, "value"))
    by, reason = str(row.get("by") or ""), str(row.get("reason") or "")
    return Change(key, day, value, by, reason, number, cell(number, "value"))
