"""Ranked bars: who stands worst, on top, by formulas that follow the plan (design §2, chart rules 2 and 5).

At most twelve bars: where there are more values than bars, the last bar is all the others together. (Also where
a plan was made with fewer rows than it has now, and so with fewer bars.) A limit is a series of its own, alone
on top, where its name can't cover a figure, and around each bar below.
"""

from __future__ import annotations

from dataclasses import dataclass

from udfs.text import Text
from workbook_templates.page import charts
from workbook_templates.page.builder import FIRST_ROW, Page, Plan

MOST = 12
MEAN, SUM = "mean", "sum"  # what the last bar says of the others
_OTHERS = (Text("其余 ", "The other "), Text("", ""))
_NONE = '"–"'


@dataclass(frozen=True)
class Ranking:
    """What is ranked: arrays of names and values of the same length (formulas, without =), and the order they stand in (:func:`order_of`)."""

    names: str
    values: str
    order: str
    head: Text  # what the values are
    fmt: str
    low: bool = True  # whether the lowest is the worst
    others: str = MEAN
    limit: str = ""  # what is to be reached, or not to be passed: a formula
    limit_head: Text = Text("", "")


@dataclass(frozen=True)
class Ranked:
    """Where it stands: what `charts.bars` asks for."""

    data: Page
    categories: str
    series: charts.Points
    limit: charts.Points | None


def ranked(plan: Plan, key: str, title: Text, what: Ranking) -> Ranked:
    """Write the ranking among what charts draw; ``put_away`` its page when the chart is made."""
    head, data, bars = FIRST_ROW, plan.drawn(key, title), MOST
    data.header(f"B{head}", [title, what.head, *([what.limit_head] if what.limit else [])])
    row = head
    if what.limit:
        row = head + 1
        _figure(data, f"D{row}", f'IF(COUNT({what.values})=0,"",{what.limit})', what.fmt)
    first, last = row + 1, row + bars
    nth = "SMALL" if what.low else "LARGE"
    for place in range(1, bars + 1):
        at = row + place
        value, name = f"{nth}({what.values},{place})", _name(what, f"C{at}", f"C${first}:C{at}")
        if place == bars and bars > 1:  # the bar that stands for all that have none
            more, above = f"COUNT({what.values})>{bars}", f"SUM(C{first}:C{at - 1})"
            rest = f"SUM({what.values})-{above}"
            rest = f"({rest})/(COUNT({what.values})-{bars - 1})" if what.others == MEAN else rest
            value = f"IF({more},{rest},{value})"
            before, after = (plan.quoted(part) for part in _OTHERS)
            name = f"IF({more},{before}&COUNT({what.values})-{bars - 1}&{after},{name})"
        _figure(data, f"C{at}", f'IFERROR({value},"")', what.fmt)
        _figure(data, f"B{at}", f"IF(ISNUMBER(C{at}),{name},{_NONE})", "text")
        if what.limit:
            _figure(data, f"D{at}", f'IF(ISNUMBER(C{at}),{what.limit},"")', what.fmt)
    begin = head + 1
    limit = (f"D{head}", f"D{begin}:D{last}") if what.limit else None
    plan.has_room(data, f"B{begin}:{'D' if what.limit else 'C'}{last}")
    return Ranked(data, f"B{begin}:B{last}", (f"C{head}", f"C{begin}:C{last}"), limit)


def numbers(count: int) -> str:
    """1 to n down a column, as a constant."""
    return "{" + ";".join(map(str, range(1, count + 1))) + "}"


def order_of(column: str) -> str:
    """1 to n for the rows of a column whose cells differ, however many there are: a plan is laid out before its rows come in."""
    return f'MATCH({column}&"",{column}&"",0)'


def place_of(values: str, cell: str, above: str, order: str) -> str:
    """Where a value stands among all of them; ``above``: the cells down to its own, so that among equals each has its own place."""
    far = f"({values}<>{cell})*10^6+{order}"  # no IF: that would need an array, which LibreOffice empties
    return f"SUMPRODUCT(SMALL({far},COUNTIF({above},{cell})))"


def largest(plan: Plan, key: str, title: Text, table: str, worth: str, most: int) -> None:
    """Which rows of a Table are worth most, the largest first, among what charts draw: B what they are worth, C their places
    (``{key}_places``). Rows worth nothing are left out; among equals the earlier row comes first.

    ``worth``: an array by formula without IF, a value for each row. Which rows are listed already is told by their IDs: a Table grows.
    """
    data, head, ids = plan.drawn(key, title), FIRST_ROW, plan.table(table).id
    data.header(f"B{head}", [title, Text("名次", "Place"), Text("编号", "ID")])
    for at in range(head + 1, head + 1 + most):
        _figure(data, f"B{at}", f'IFERROR(SUMPRODUCT(LARGE({worth},{at - head})),"")', "scaled")
        place = f"SUMPRODUCT(MATCH(1,({worth}=B{at})*(COUNTIF(D${head}:D{at - 1},{ids})=0),0))"
        _figure(data, f"C{at}", f'IF(ISNUMBER(B{at}),IF(B{at}>0,IFERROR({place},""),""),"")', "int")
        _figure(data, f"D{at}", f'IF(ISNUMBER(C{at}),INDEX({ids},C{at})&"","")', "text")
    plan.define(f"{key}_places", data, f"C{head + 1}:C{head + most}")
    plan.put_away(data)


def _name(what: Ranking, cell: str, above: str) -> str:
    """Whose a value is. Among equals the k-th: as many as stand above with the same value are passed over."""
    nth = place_of(what.values, cell, above, what.order)
    return f"IFERROR(INDEX({what.names},{nth}),IFERROR(INDEX({what.names},MATCH({cell},{what.values},0)),{_NONE}))"


def _figure(page: Page, cell: str, formula: str, fmt: str) -> None:
    """A formula, without its =, over figures of chapters: the word for off while one of these is off."""
    page.formula(cell, f"={page.plan.figure(formula)}", fmt)
