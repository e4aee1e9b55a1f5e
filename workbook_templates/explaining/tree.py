"""The tree of a figure: its formula, what that reads, and so on down to typed cells, settings and what buttons wrote.

An area is walked once; where it comes up again the tree says so. What a button wrote has no formula: it is explained by its row, the
rows that one names and who decided; a person's account by the rows of the ledger that make it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from udfs.policy import POLICIES, Policy
from udfs.text import Text, counted
from udfs.values import serial_to_date, total_of
from workbook_templates import recalc
from workbook_templates.answers import Refused
from workbook_templates.cells import Value
from workbook_templates.chapters.incentives.pay.accounts import COLUMNS
from workbook_templates.engine.precedents import Key, Range
from workbook_templates.engine.tracing import Area, Tracer
from workbook_templates.explaining import naming
from workbook_templates.explaining.naming import Naming, TableColumn, address, shown
from workbook_templates.formulas.spelling import SpellingError, bounds, sheet_name, to_canonical
from workbook_templates.tables import policies, schema
from workbook_templates.tables.spec import Column, TableSpec
from workbook_templates.xlsx.package import Package
from workbook_templates.xlsx.refs import Ref

FORMULA, TYPED, POLICY, BUTTON, AGAIN, SEVERAL = "formula", "typed", "policy", "button", "again", "several"
LEAVES = (TYPED, POLICY, BUTTON)
CONSTANT = "constant"  # a formula that reads no other cell
WIDE = 10_000  # cells of a tree; working out so many again is a recalculation, and a sealed plan needs none
MOST_ROWS = 5  # of a column, the rows that weigh most are named
MOST_TOLD = 12  # of what a figure reads: the master check reads all checks, and nobody reads seven hundred lines
MOST_ACTIONS = 3  # that wrote into a column
# Rows of pay by the column of their month; who signed for them; the settings that every commission goes by.
_PAID_IN = {"Accounts": "month", "Ledger": "period"}
_LESS = ("draw_recovered", "hold_on")  # parts of an account that make it smaller
_SIGNED = ("reviewed_by", "approved_by", "locked_on")
_PAY = ("commission.basis", "commission.thresholds", "commission.rates", "release.at_signing")
_NEVER_ADDED = ("date", "time", "id", "period", "score", "rate")  # kinds of columns whose sum says nothing
_LOG, _AREA = "ChangeLog", re.compile(r"[A-Z]{1,3}[0-9]+(:[A-Z]{1,3}[0-9]+)?")
_DECIDERS = ("approved_by", "decided_by", "by", "who", "reviewer")
_OWN = {"draw_paid": "draw", "draw_recovered": "recovery", "hold_on": "hold", "hold_off": "unhold"}
# What a row of the Ledger was worked out from.
_OF_LEDGER = ("revenue", "margin_rate", "credit_share", "order_revenue", "order_cost", "product_line", "customer_kind", "factor", "reason")  # fmt: skip
_ADDRESS = re.compile(r"(?:(?P<sheet>'(?:[^']|'')+'|[^!]+)!)?(?P<cells>\$?[A-Za-z]{1,3}\$?\d+)")


@dataclass(frozen=True)
class _Logged:
    """Cells that an action wrote."""

    area: Ref
    action: str
    who: str
    day: str


@dataclass
class Node:
    """A figure of the tree. ``kind``: how it came to be there; ``said``: its value in words; ``more``: what there is to know of it."""

    where: Range
    what: str
    kind: str
    said: str
    value: Value = None
    held: str = ""  # its formula as the file has it
    more: list[str] = field(default_factory=list)
    inputs: list[Node] = field(default_factory=list)

    @property
    def formula(self) -> str:
        """Its formula as a person types it. Most of a wide tree is never shown."""
        return typed(self.held)

    def every(self) -> Iterator[Node]:
        """It, and all below."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += reversed(node.inputs)


class _Walked:
    """The areas that a tree went through, by sheet: each is asked about at every step."""

    def __init__(self) -> None:
        self._of: dict[str, dict[Range, None]] = defaultdict(dict)

    def add(self, where: Range) -> None:
        self._of[where[0]][where] = None

    def holds(self, where: Range) -> bool:
        held = self._of[where[0]]
        return where in held or any(_holds(other, where) for other in held)


class Explained:
    """A workbook whose figures are asked for."""

    def __init__(self, package: Package, lang: str) -> None:
        self.package, self.lang = package, lang
        self.naming = Naming(package, lang)
        self.tracer = Tracer(recalc.looked_up(package), recalc.functions())
        self.dated = _dated(package, self.naming)
        self.day = recalc.as_of(package)

    # -------------------------------------------------------------------------------------------------------- finding a cell

    def find(self, said: str) -> Key:
        """The cell that a person means: an address, or a defined name."""
        text = said.strip().lstrip("=#")
        if text in self.package.names and (place := self.package.locate(text)) is not None:
            return place[0], place[1].first_row, place[1].first_col
        match = _ADDRESS.fullmatch(text)
        if match is None:
            raise Refused(
                Text(
                    f"“{said}”不是单元格：请写成 驾驶舱!B7，或一个名称，如 bookings",
                    f"“{said}” is no cell: write Cockpit!B7, or a name such as bookings",
                )
            )
        wanted = sheet_name(match["sheet"] + "!") if match["sheet"] else next(iter(self.package.sheets))
        title = self._titled(wanted)
        if title is None:
            raise Refused(
                Text(f"没有工作表“{wanted}”：请看标签上的名字", f"there is no sheet “{wanted}”: see the names on the tabs")
            )
        try:
            row, column = bounds(match["cells"].replace("$", "").upper())[:2]
        except SpellingError:
            raise Refused(
                Text(
                    f"“{match['cells']}”在工作表之外：请看该格的列标和行号",
                    f"“{match['cells']}” is beyond the sheet: see the letters and the number of the cell",
                )
            ) from None
        return title, row, column

    def _titled(self, wanted: str) -> str | None:
        """The sheet that is called so, in the plan's language or the other one."""
        there = {name.lower(): name for name in self.package.sheets}
        found = there.get(wanted.lower())
        if found is not None:
            return found
        from workbook_templates.explaining import titles  # asked for by few, and slow

        return next((there[name.lower()] for name in titles.others(wanted) if name.lower() in there), None)

    # -------------------------------------------------------------------------------------------------------------- the tree

    def explain(self, key: Key, depth: int | None = None) -> Node:
        """The tree of a cell; ``depth``: how many levels are walked, all without."""
        cell = self.package.sheets[key[0]].get(key[1:])
        if cell is None or (cell.value is None and cell.formula is None):
            where = address((*key, *key[1:]))
            raise Refused(Text(f"{where} 是空的：请指一个有数的单元格", f"{where} is empty: name a cell that holds a figure"))
        return self._node((*key, *key[1:]), _Walked(), depth)

    def areas(self, node: Node) -> list[Area]:
        """All areas that a tree goes through."""
        return [self.tracer.area(one.where) for one in node.every() if one.kind != AGAIN]

    def wide(self, node: Node) -> bool:
        """Whether a tree goes through so many cells that working it out anew is as good as a recalculation of the plan."""
        return sum(len(area.typed) + sum(group.count for group in area.formulas) for area in self.areas(node)) > WIDE

    def recomputed(self, node: Node) -> Value:
        """The figure worked out anew from the leaves of its tree, by the engine: the same, or the tree lacks something."""
        if node.kind in LEAVES:  # it is what was decided, typed or written, and nothing computes it
            return node.value
        known = {one.where for one in node.every() if one.kind == POLICY}
        return self.tracer.recomputed(self.areas(node), (node.where[0], node.where[1], node.where[2]), known)

    def adds_up(self, node: Node) -> bool | None:
        """Whether a figure of an account is what its parts come to; None of any other, and where it has none."""
        found = self.naming.column(node.where)
        if found is None or found.spec.name != "Accounts" or found.first != found.last or not node.inputs:
            return None
        key, row = found.column.key, found.first
        if key not in ("paid", "closing"):
            return same(node.value, total_of(_figure(one.value) for one in node.inputs))
        parts = [self.naming.column(one.where) for one in node.inputs]
        signed = [(-1 if part.column.key in _LESS else 1) * _figure(one.value) for part, one in zip(parts, node.inputs, strict=True)
                  if part is not None and part.column.key not in ("paid", "closing")]  # fmt: skip
        both = [_figure(self.naming.cell("Accounts", row, end)) for end in ("paid", "closing")]
        return same(total_of(signed), total_of(both))

    def _node(self, where: Range, seen: _Walked, depth: int | None) -> Node:
        area = self.tracer.area(where)
        where = area.where
        what = self.naming.said(where)
        if seen.holds(where):
            return Node(where, what, AGAIN, str(Text("见上", "see above")), self._value(where))
        seen.add(where)
        policy = self.naming.policy(where)
        if policy is not None:
            return self._setting(where, policy, area)
        if area.formulas:
            return self._worked_out(area, what, seen, depth)
        found = self.naming.column(where)
        if found is not None:
            return self._rows(where, what, found, area, seen, depth)
        return self._plain(where, what, area)

    def _worked_out(self, area: Area, what: str, seen: _Walked, depth: int | None) -> Node:
        """A formula, or several that are alike, with what they read."""
        where = area.where
        single = where[1:3] == where[3:5]
        formulas = area.formulas
        text = formulas[0].text if len(formulas) == 1 else ""
        value = self._value(where)
        said = shown(value, self.naming.kind(where)) if single else self._many(where, area)
        node = Node(where, what, FORMULA if len(formulas) == 1 else SEVERAL, said, value, text)
        if depth is not None and depth <= 0:
            return node
        below = None if depth is None else depth - 1
        if len(formulas) == 1:
            node.inputs = [self._node(read, seen, below) for read in formulas[0].reads if not _holds(where, read)]
        else:
            for group in formulas:
                spot = group.first
                inner = Node(
                    (*spot, *spot[1:]),
                    self.naming.said((*spot, *spot[1:])),
                    FORMULA,
                    self._count(group.count),
                    self._value((*spot, *spot[1:])),
                    group.text,
                )
                inner.inputs = [self._node(read, seen, below) for read in group.reads if not _holds(where, read)]
                node.inputs.append(inner)
        for one in (node, *node.inputs):
            if one.kind == FORMULA and not one.inputs:
                one.kind = CONSTANT
        if any(group.moving for group in formulas):
            node.more.append(
                str(Text("读哪里要算了才知道（OFFSET/INDIRECT）", "what it reads is known when computed (OFFSET/INDIRECT)"))
            )
        return node

    def _count(self, count: int) -> str:
        return str(Text(f"{count} 格同式", f"{count} alike")) if count > 1 else ""

    def _setting(self, where: Range, policy: Policy, area: Area) -> Node:
        """A setting: what holds on the plan's day, since when, by whose decision. How its cell finds that out is not asked."""
        value = self._value(where)
        share = policy.unit.en == "share"
        single = where[1:3] == where[3:5]
        said = (
            f"{shown(value, 'rate' if share else '')} {'' if share else policy.unit}".strip()
            if single
            else self._each(where, share)
        )
        return Node(where, str(policy.label), POLICY, said, value, "", [self._valid(policy, self.day)])

    def _each(self, where: Range, share: bool) -> str:
        """The values of a list."""
        sheet = self.package.sheets[where[0]]
        cells = [cell.value for row in range(where[1], where[3] + 1) if (cell := sheet.get((row, where[2]))) is not None]
        return " / ".join(shown(value, "rate" if share else "") for value in cells if value not in (None, ""))

    def _changed(self, policy: Policy, day: dt.date | None) -> policies.Change | None:
        """The last decision on a setting that holds on a day."""
        changes = [c for c in self.dated if c.key == policy.key and (day is None or c.day <= day)]
        return max(changes, key=lambda change: change.day) if changes else None

    def _on(self, key: str, day: dt.date | None) -> Iterator[Node]:
        """A setting as it was on a day: what was paid went by it, whatever holds now."""
        policy = POLICIES[key]
        place, base = (self.package.locate(n) if n in self.package.names else None for n in (policy.range_name, policy.base_name))
        if place is None:
            return
        last, share = self._changed(policy, day), policy.unit.en == "share"
        sheet, ref = base or place
        held = str(last.value) if last else self._each((sheet, ref.first_row, ref.first_col, ref.last_row, ref.last_col), share)
        at = (place[0], place[1].first_row, place[1].first_col, place[1].last_row, place[1].last_col)
        yield Node(at, str(policy.label), POLICY, held, None, "", [self._valid(policy, day)])

    def _valid(self, policy: Policy, day: dt.date | None) -> str:
        """Since when a setting holds, and who decided it; the plan's own where nobody changed it."""
        last = self._changed(policy, day)
        if last is not None:
            return str(
                Text(
                    f"自 {last.day} 起，决定人 {last.by or '–'}：{last.reason or '–'}",
                    f"from {last.day}, decided by {last.by or '–'}: {last.reason or '–'}",
                )
            )
        start = min(policy.dated)
        return str(Text(f"制度参数，自 {start} 起；出处 {policy.source.zh}", f"policy from {start}; source {policy.source.en}"))

    def _plain(self, where: Range, what: str, area: Area) -> Node:
        single = where[1:3] == where[3:5]
        value = self._value(where)
        if single:
            said = shown(value, self.naming.kind(where)) if value is not None else str(Text("空", "blank"))
        else:
            said = self._many(where, area)
        written = self._written(where)
        if not written and self.naming.ours(where):
            return Node(where, what, CONSTANT, said, value, "", [str(Text("随工作簿生成", "part of the workbook"))])
        return Node(where, what, TYPED, said, value, "", [written or str(Text("填写", "typed"))])

    def _came(self, where: Range, spec: TableSpec, column: Column) -> str:
        """How cells of a column that is nobody's alone came to hold what they hold."""
        written = self._written(where)
        if written and where[1:3] == where[3:5]:
            return written
        byhand = Text("填写或导入", "typed or imported")
        told = str(Text("由程序写入", "written by the program") if spec.role(column) == "written" else byhand)
        return f"{told}{Text('；', '; ')}{written}" if written else told

    def _written(self, where: Range) -> str:
        """Which actions wrote into cells that nobody works out in the sheet, by the change log: of one cell the last, of several all."""
        sheet, top, left, bottom, right = where
        found = [
            line
            for line in self._logged.get(sheet, ())
            if line.area.first_row <= bottom
            and line.area.last_row >= top
            and line.area.first_col <= right
            and line.area.last_col >= left
        ]
        if not found:
            return ""
        if where[1:3] == where[3:5]:
            last = found[-1]
            return str(
                Text(f"由“{last.action}”写入（{last.day}，{last.who}）", f"written by “{last.action}” ({last.day}, {last.who})")
            )
        actions = list(dict.fromkeys(line.action for line in reversed(found)))
        named = "、".join(f"“{one}”" for one in actions[:MOST_ACTIONS])
        return str(Text(f"其中有{named}写入的", f"some written by {named.replace('、', ', ')}"))

    @cached_property
    def _logged(self) -> Mapping[str, Sequence[_Logged]]:
        """What the change log tells of each sheet, the oldest first."""
        out: dict[str, list[_Logged]] = {}
        for row in range(_count_rows(self.package, _LOG)):
            told = {key: self.naming.cell(_LOG, row, key) for key in ("time", "who", "action", "sheet", "cell")}
            area = _AREA.fullmatch(str(told["cell"] or ""))
            if area is not None and told["sheet"]:
                day = shown(told["time"], "date")
                line = _Logged(Ref.parse(area[0]), str(told["action"] or ""), str(told["who"] or "–"), day)
                out.setdefault(str(told["sheet"]), []).append(line)
        return out

    # ------------------------------------------------------------------------------------------------------- rows of a Table

    def _rows(self, where: Range, what: str, found: TableColumn, area: Area, seen: _Walked, depth: int | None) -> Node:
        """Cells of a Table that nobody works out in the sheet: typed, imported, or written by a button."""
        spec, column = found.spec, found.column
        by = spec.button(column)
        kind = BUTTON if by.zh else TYPED
        single = found.first == found.last
        value = self._value(where)
        said = shown(value, column.kind) if single else self._many(where, area)
        node = Node(where, what, kind, said, value)
        node.more.append(str(Text(f"由“{by.zh}”写入", f"written by “{by.en}”")) if by.zh else self._came(where, spec, column))
        if not single:
            node.more += self._heaviest(found)
        else:
            node.more += self._decided(spec.name, found.first)
            node.more += self._signed(spec.name, found.first)
            if kind == BUTTON and (depth is None or depth > 0):
                node.inputs = self._behind(found, seen, None if depth is None else depth - 1)
        return node

    def _heaviest(self, found: TableColumn) -> list[str]:
        """The rows of a column of figures that weigh most, with who decided."""
        if found.column.kind not in ("money", "fen"):
            return []
        name = found.spec.name
        cells = [
            (row, value)
            for row in range(found.first, found.last + 1)
            if isinstance(value := self.naming.cell(name, row, found.column.key), int | float)
        ]
        cells.sort(key=lambda cell: -abs(float(cell[1])))
        return [
            " · ".join([self.naming.row_key(name, row), shown(value), *self._decided(name, row)])
            for row, value in cells[:MOST_ROWS]
        ]

    def _decided(self, table: str, row: int) -> list[str]:
        """Who approved or decided a row."""
        spec = schema.TABLES[table]
        out = []
        for key in _DECIDERS:
            if key in spec.by_key and (who := self.naming.cell(table, row, key)):
                out.append(f"{spec[key].header} {who}")
        return out

    def _signed(self, table: str, row: int) -> list[str]:
        """Who reviewed and approved the statement that a row of pay stands on, and since when it is locked."""
        period = _PAID_IN.get(table)
        if period is None:
            return []
        asked = [self.naming.cell(table, row, key) for key in (period, "person")]
        for place in range(_count_rows(self.package, "Statements")):
            if [self.naming.cell("Statements", place, key) for key in ("period", "person")] == asked:
                spec = schema.TABLES["Statements"]
                found = [(spec[key], self.naming.cell("Statements", place, key)) for key in _SIGNED]
                told = [f"{column.header} {shown(value, column.kind)}" for column, value in found if value not in (None, "")]
                return [str(Text("，", ", ")).join(told)] if told else []
        return []

    def _ruled(self, row: int) -> Iterator[Node]:
        """By which rules and settings a row of the Ledger was worked out: those of the day of its deal."""
        day = self.naming.cell("Ledger", row, "date")
        when = serial_to_date(day) if isinstance(day, int | float) else None
        on = when if isinstance(when, dt.date) else self.day
        component = self.naming.cell("Ledger", row, "component")
        at = float(day) if isinstance(day, int | float) else 0.0
        for place in range(_count_rows(self.package, "Rules")):
            begins, ends, order = (self.naming.cell("Rules", place, key) for key in ("from", "until", "order"))
            holds = not (isinstance(begins, int | float) and begins > at) and not (isinstance(ends, int | float) and ends < at)
            if component and holds and self.naming.cell("Rules", place, "component") == component:
                yield from self._named("Rules", "order", str(order))
        for key in _PAY:
            yield from self._on(key, on)

    def _behind(self, found: TableColumn, seen: _Walked, depth: int | None) -> list[Node]:
        """What a row that a button wrote comes from: the rows it names; for an account the ledger's rows of that person and month."""
        name, row = found.spec.name, found.first
        if name == "Accounts":
            return self._of_account(found, seen, depth)
        nodes: list[Node] = []
        for column in found.spec.columns:
            table = column.refers.partition(".")[0]
            id = self.naming.cell(name, row, column.key) if column.refers else None
            if id and table in self.package.tables and table != "People":
                nodes += self._named(table, column.refers.partition(".")[2], str(id))
        for key in _OF_LEDGER:
            if name == "Ledger" and key != found.column.key and (value := self.naming.cell(name, row, key)) is not None:
                column = found.spec[key]
                nodes.append(Node(self._place(name, row, key), str(column.header), BUTTON, shown(value, column.kind), value))
        if name == "Ledger":
            nodes += self._ruled(row)
        return nodes

    def _of_account(self, found: TableColumn, seen: _Walked, depth: int | None) -> list[Node]:
        row, key = found.first, found.column.key
        person, month = (self.naming.cell("Accounts", row, k) for k in ("person", "month"))
        if key in ("paid", "closing"):
            parts = (
                "opening",
                "released",
                "clawback",
                "adjustment",
                "bonus",
                "draw_paid",
                "draw_recovered",
                "hold_on",
                "hold_off",
                *(("paid",) if key == "closing" else ()),
            )
            shownparts = [k for k in parts if self.naming.cell("Accounts", row, k)]
            return [self._node(self._place("Accounts", row, k), seen, depth) for k in shownparts]
        words = (
            {str(w.label): w.code for w in schema.TABLES["Ledger"]["kind"].words}
            | {w.label.zh: w.code for w in schema.TABLES["Ledger"]["kind"].words}
            | {w.label.en: w.code for w in schema.TABLES["Ledger"]["kind"].words}
        )
        out = []
        for place in range(_count_rows(self.package, "Ledger")):
            if self.naming.cell("Ledger", place, "person") == person and self.naming.cell("Ledger", place, "period") == month:
                kind = words.get(str(self.naming.cell("Ledger", place, "kind")), "")
                if COLUMNS.get(kind) == key or _OWN.get(key) == kind:
                    out.append(self._node(self._place("Ledger", place, "commission"), seen, depth))
        return out

    def _named(self, table: str, key: str, id: str) -> Iterator[Node]:
        """A row of another Table, with what it holds of figures, days and decisions."""
        spec = schema.TABLES[table]
        row = next((n for n in range(_count_rows(self.package, table)) if str(self.naming.cell(table, n, key)) == id), None)
        if row is None:
            return
        facts = [
            (c, self.naming.cell(table, row, c.key))
            for c in spec.columns
            if c.kind in ("money", "fen", "rate", "date", "word") and c.key not in _DECIDERS
        ]
        between = str(Text("，", "; "))
        said = between.join(f"{c.header} {shown(v, c.kind)}" for c, v in facts[:8] if v is not None)
        yield Node(self._place(table, row, key), f"{spec.title} {id}", TYPED, said, id, "", self._decided(table, row))

    def _place(self, table: str, row: int, key: str) -> Range:
        held = self.package.tables[table]
        column = schema.TABLES[table][key]
        at = next(n for n, header in enumerate(held.headers) if header in (column.header.zh, column.header.en))
        line, across = held.data.first_row + row, held.data.first_col + at
        return held.sheet, line, across, line, across

    # ----------------------------------------------------------------------------------------------------------------- values

    def _value(self, where: Range) -> Value:
        cell = self.package.sheets[where[0]].get((where[1], where[2]))
        return None if cell is None or where[1:3] != where[3:5] else cell.value

    def _many(self, where: Range, area: Area) -> str:
        """A range in words: how many cells hold something, and their sum where they are figures."""
        sheet = self.package.sheets[where[0]]
        values = [
            cell.value
            for row in range(where[1], where[3] + 1)
            for column in range(where[2], where[4] + 1)
            if (cell := sheet.get((row, column))) is not None and cell.value not in (None, "")
        ]
        numbers = [float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
        count = Text(f"{len(values)} 格", counted(len(values), "cell"))
        kind = found.column.kind if (found := self.naming.column(where)) is not None else ""
        if len(numbers) * 2 < len(values) or not numbers or kind in _NEVER_ADDED:
            return str(count)
        return f"{count}{Text('，合计 ', ', sum ')}{shown(total_of(numbers))}"


def _figure(value: Value) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _holds(outer: Range, inner: Range) -> bool:
    return (
        outer[0] == inner[0] and outer[1] <= inner[1] and outer[2] <= inner[2] and outer[3] >= inner[3] and outer[4] >= inner[4]
    )


def typed(formula: str) -> str:
    """A formula as a person types it; one that we can't read as it stands."""
    if not formula:
        return ""
    try:
        return to_canonical(f"={formula.lstrip('=')}")
    except SpellingError:
        return f"={formula.lstrip('=')}"


def _dated(package: Package, names: Naming) -> Sequence[policies.Change]:
    """What was decided to hold from a later day."""
    if policies.TABLE not in package.tables:
        return []
    out = []
    for row in range(_count_rows(package, policies.TABLE)):
        key, day = (names.cell(policies.TABLE, row, k) for k in ("policy", "valid_from"))
        when = serial_to_date(day) if isinstance(day, int | float) else None
        if isinstance(key, str) and key and isinstance(when, dt.date):
            by, reason = (str(names.cell(policies.TABLE, row, k) or "") for k in ("by", "reason"))
            out.append(policies.Change(key, when, names.cell(policies.TABLE, row, "value"), by, reason, row))
    return out


def lines(node: Node, depth: int) -> Iterator[str]:
    """The tree as indented text, so many levels of it."""
    yield from _lines(node, depth, "", "")


def _lines(node: Node, depth: int, lead: str, branch: str) -> Iterator[str]:
    head = f"{lead}{branch}{node.what} [{naming.address(node.where)}] {node.said}"
    yield head.rstrip() + "".join(f" · {more}" for more in node.more if "\n" not in more and len(node.more) < 3)
    inner = lead + ("" if not branch else "   " if branch == "└─ " else "│  ")
    if node.formula:
        yield f"{inner}   {node.formula}"
    if len(node.more) >= 3:
        yield from (f"{inner}   {more}" for more in node.more)
    if depth <= 0:
        if node.inputs:
            count = sum(1 for _ in node.every()) - 1
            yield f"{inner}   … {Text(f'下面还有 {count} 项：--depth 加深', f'{count} more below: --depth')}"
        return
    told, more = node.inputs[:MOST_TOLD], len(node.inputs) - MOST_TOLD
    for place, child in enumerate(told):
        yield from _lines(child, depth - 1, inner, "└─ " if place == len(node.inputs) - 1 else "├─ ")
    if more > 0:
        yield f"{inner}└─ … {Text(f'还有 {more} 项：--json 是全部', f'and {more} more: --json has all')}"


def as_dict(node: Node, depth: int | None = None) -> dict[str, Any]:
    """The tree as plain values."""
    below = None if depth is None else depth - 1
    return {
        "cell": address(node.where),
        "what": node.what,
        "kind": node.kind,
        "said": " · ".join([node.said, *node.more[:2]]).strip(" ·"),
        "value": node.value if isinstance(node.value, str | int | float | bool) else None,
        "formula": node.formula,
        "more": node.more,
        "inputs": [] if depth is not None and depth <= 0 else [as_dict(child, below) for child in node.inputs],
    }


def _count_rows(package: Package, table: str) -> int:
    """How many rows a Table has; none where there is no such Table."""
    if table not in package.tables:
        return 0
    data = package.tables[table].data
    return data.last_row - data.first_row + 1


def same(one: Value, other: Value) -> bool:
    """Whether two values are one, but for what computing in another order leaves behind."""
    if isinstance(one, int | float) and isinstance(other, int | float) and not isinstance(one, bool):
        return abs(one - other) <= 1e-9 * max(1.0, abs(one), abs(other))
    return (one or "") == (other or "")
