"""Why a result is what it is: the reason of an error, the note of a value."""

from __future__ import annotations

from typing import Annotated, Any

from udfs.formula import ONE, UsageError, find, formula, grid, one, refuse, text
from udfs.text import Text
from udfs.values import NAME, show

MOST_REASONS = 10


@formula(
    0,
    "重新计算一次并说明原因：错误的理由，或结果的提示",
    "Evaluate again and say why: the reason of an error, or the note of a result",
    gives=ONE,
    result=("说明文字", "the reason or note, text"),
)
def why(
    function: Annotated[str, one("函数名，可带前缀", "the function's name, with or without prefix", text)],
    *arguments: Annotated[Any, grid("该函数的参数，照原样", "that function's arguments, as they are")],
) -> Text:
    """The reason of an error, or the note of a result.

    Returns: one text: for errors each cell's place, code and reason (the first ten); else the notes; else that all is well.
    Errors: #NAME? unknown function or a wrong number of arguments.
    Source: rules, "Any chapter".
    Example:
        >>> why("ROI", 100, 0)  # doctest: +ELLIPSIS
        '#DIV/0!...'
    """
    try:
        result = find(function).cells(*arguments)
    except UsageError as usage:
        refuse(True, NAME, usage.text.zh, usage.text.en)
        raise
    alone = len(result) == 1 and len(result[0]) == 1
    said = [_reason(row, column, error, alone) for row, column, error in result.errors]
    if len(said) > MOST_REASONS:
        more = len(said) - MOST_REASONS
        said = [*said[:MOST_REASONS], Text(f"另有 {more} 处错误", f"{more} more errors")]
    said = said or result.notes
    if not said:
        shown = show(result[0][0]) if alone else f"{len(result)} × {len(result[0])}"
        return Text(f"正常：结果 {shown}，没有提示", f"fine: the result is {shown}, nothing to note")
    return Text("\n".join(t.zh for t in said), "\n".join(t.en for t in said))


def _reason(row: int, column: int, error: Any, alone: bool) -> Text:
    place = Text("", "") if alone else Text(f"第 {row} 行第 {column} 列 ", f"row {row} column {column} ")
    return Text(f"{place.zh}{error!s}：{error.reason.zh}", f"{place.en}{error!s}: {error.reason.en}")
