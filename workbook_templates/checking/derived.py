"""What follows from the Tables' specs: keys are unique, what is referred to exists, what is required is there and of its type.

One line a Table. The rows themselves are asked by ``checks.grid_problems``, spec by spec like the lines here. The formulas
are native and quick with ten thousand rows: what counts cheaply says whether there is anything to look for, and only then
are cells compared one by one; a lookup runs over a Table's own cells, which a spreadsheet indexes, and over the cells as
text only where that finds something.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from udfs.text import Text, joined
from workbook_templates.checking.core import Check, CheckList, Line, Mistake
from workbook_templates.tables import schema
from workbook_templates.tables.schema import Column, TableSpec
from workbook_templates.tables.validating import NUMERIC, code_of

if TYPE_CHECKING:
    from workbook_templates.page.builder import Handle, Plan

_REMEDY = Text(
    "运行“检查工作簿”看是哪一格；删去重复、补登编号或改正", "Run Check workbook to see which cell; delete, enter or correct it"
)


def line_of(spec: TableSpec, plan: Plan) -> Line:
    """What is wrong with a Table's rows, counted by kind."""
    table = plan.table(spec.name)
    parts = {"key": doubled(spec, table), "reference": unknown(spec, table, plan), "cell": wrong(spec, table)}
    return Line(parts={kind: formula for kind, formula in parts.items() if formula})


def doubled(spec: TableSpec, table: Handle) -> str:
    """The rows whose key stands in a row above: rows less different keys; rows without a key are not asked."""
    columns = [_column(table, key) for key in spec.key]
    if not columns:
        return ""
    first = columns[0]
    as_text = _repeated(first, '&"|"&'.join(columns) if columns[1:] else f'{first}&""', "|" * len(columns[1:]))
    if columns[1:]:
        return as_text
    # Numbers equal their text (1001 and "1001"), which only a look at the texts sees: needed where a column holds both.
    numbers = f"COUNT({first})"
    return f"IF(OR({numbers}=0,{numbers}=COUNTA({first})),{_repeated(first, first, '')},{as_text})"


def _repeated(first: str, keys: str, blank: str) -> str:
    place = f"IFERROR(MATCH({keys},{keys},0),0)"
    return f'ROWS({first})-SUMPRODUCT((FREQUENCY({place},{place})>0)*1)-MAX(0,SUMPRODUCT(({keys}="{blank}")*1)-1)'


def unknown(spec: TableSpec, table: Handle, plan: Plan) -> str:
    """The cells that refer to what is not there, letter for letter as it stands there."""
    return "+".join(_strangers(table, column, plan) for column in spec.inputs if column.refers and not column.open_refers)


def _strangers(table: Handle, column: Column, plan: Plan) -> str:
    owner, _, key = column.refers.partition(".")
    here, there = _column(table, column.key), _column(plan.table(owner), key)
    # IF makes an array of the cells: older versions look up only the first of a range.
    quick, exact = (
        f'SUMPRODUCT(({here}<>"")*(1-IFERROR(EXACT({here},VLOOKUP({asked},{among},1,FALSE)),FALSE)))'
        for asked, among in ((f'IF({here}="","",{here})', there), (f'{here}&""', f'{there}&""'))
    )
    counted = f"IF({quick}=0,0,{exact})"
    # What another chapter would know can't be asked while that is off.
    home = schema.home_of(owner).number
    return counted if home == schema.home_of(table.spec.name).number else plan.switched(home, counted, "0")


def wrong(spec: TableSpec, table: Handle) -> str:
    """The cells that are blank though required, or not of their column's type, range or words."""
    return "+".join([*_blanks(spec, table), *(term for column in spec.inputs for term in _cells(column, table))])


def _blanks(spec: TableSpec, table: Handle) -> Iterator[str]:
    required = [f'({_column(table, c.key)}="")' + _unless(c, table) for c in spec.inputs if c.required]
    if required:  # a row without anything is how a Table waits
        used = "+".join(f'({_column(table, c.key)}<>"")' for c in spec.inputs)
        blank = "+".join(f"COUNTBLANK({_column(table, c.key)})" for c in spec.inputs if c.required)
        yield f"IF({blank}=0,0,SUMPRODUCT(({used}>0)*({'+'.join(required)})))"


def _unless(column: Column, table: Handle) -> str:
    return f'*({_column(table, column.unless)}="")' if column.unless else ""


def _cells(column: Column, table: Handle) -> Iterator[str]:
    cells = _column(table, column.key)
    if column.kind == "word" and column.words and not column.open_words:
        said = dict.fromkeys(s.lower() for word in column.words for s in (word.code, *word.label, *word.aliases))
        known = ",".join('"' + s.replace('"', '""') + '"' for s in said)
        yield f'SUMPRODUCT(({cells}<>"")*ISNA(MATCH({cells},{{{known}}},0)))'
    elif column.kind in NUMERIC:
        yield f'IF(COUNTA({cells})=COUNT({cells}),0,SUMPRODUCT(({cells}<>"")*(1-ISNUMBER({cells}))))'
        if column.low is not None:
            yield f'COUNTIF({cells},"<{column.low:.15g}")'
        if column.high is not None:
            yield f'COUNTIF({cells},">{column.high:.15g}")'
    elif column.kind == "quarter":
        parts = (
            f"(LEN({cells})=7)",
            f'EXACT(MID({cells},5,2),"-Q")',
            f'ISNUMBER(MATCH(RIGHT({cells}),{{"1","2","3","4"}},0))',
            f"ISNUMBER(-LEFT({cells},4))",
        )
        yield f'SUMPRODUCT(({cells}<>"")*(1-{"*".join(parts)}))'
    else:  # of a text only an error is wrong
        yield f'IF(COUNTA({cells})=COUNT({cells})+COUNTIF({cells},"*"),0,SUMPRODUCT(ISERROR({cells})*1))'


def _column(table: Handle, key: str) -> str:
    return str(getattr(table, key))


def _what(spec: TableSpec) -> Text:
    keys = Text("＋".join(spec[k].header.zh for k in spec.key), " + ".join(spec[k].header.en for k in spec.key))
    said = [Text(f"{keys.zh}不重复", f"{keys.en} unique")] if spec.key else []
    if any(c.refers and not c.open_refers for c in spec.inputs):
        said.append(Text("引用都已登记", "references known"))
    said.append(Text("必填与类型", "cells filled and typed"))
    zh, en = joined(said)
    return Text(f"表“{spec.title.zh}”：{zh}", f"{spec.title.en}: {en}")


def _fault(spec: TableSpec) -> Mistake:
    """A cell that must be filled and is blank."""
    needed = [column for column in spec.inputs if column.required and not column.unless]
    return Mistake(f"{spec.name}.{needed[-1].key}", None)


CHECKS = CheckList(
    90,
    tuple(
        Check(
            code_of(spec),
            spec.name,
            _what(spec),
            _REMEDY,
            line=partial(line_of, spec),
            chapter=schema.home_of(spec.name).number,
            fault=(_fault(spec),),
        )
        for spec in schema.TABLES.values()
    ),
)
