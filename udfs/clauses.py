"""Clauses of a contract by ticks: standard texts of the library, and what is still open."""

from __future__ import annotations

from typing import Annotated, Any

from udfs.formula import TABLE, formula, grid, refuse, text, word
from udfs.grids import Field, key_of, refuse_row, rows_of
from udfs.text import Text
from udfs.values import NA, VALUE

RISKS = {"green": Text("绿", "Green"), "amber": Text("黄", "Amber"), "red": Text("红", "Red")}
RISK = word(green=("绿", "low"), amber=("黄", "橙", "yellow", "medium"), red=("红", "high"))
OPEN = Text("未选择", "Not chosen")
_TICKS = (Field(Text("主题", "topic"), text), Field(Text("选项", "option"), text, filled=False))
_LIBRARY = (
    Field(Text("主题", "topic"), text),
    Field(Text("选项", "option"), text),
    Field(Text("风险", "risk"), RISK),
    Field(Text("文本", "text"), text, given=False, filled=False),
)


@formula(
    9,
    "按勾选取合同条款：主题、选项、风险、标准文本；未选的主题为红",
    "Clauses by ticks: topic, option, risk, standard text; a topic not ticked is red",
    gives=TABLE,
    columns=[("主题", "topic"), ("选项", "option"), ("风险", "risk"), ("文本", "text")],
)
def clauses(
    ticks: Annotated[Any, grid("勾选：主题、选项", "ticks: topic, option")],
    library: Annotated[Any, grid("条款库：主题、选项、风险、文本", "clause library: topic, option, risk, text")],
) -> list[list[Any]]:
    """The clauses of a contract in the order of the library, each topic once.

    Returns: a row for each topic: topic, option, risk, text; a topic without a tick has no option, the risk 红 and 未选择 as its text.
    Errors: #VALUE! two options of a topic, an option or topic the library does not have, an option twice in the library, a risk that is
        none; #N/A an empty library.
    Source: rules, chapter 9, CLAUSES.
    Example:
        >>> clauses([["IP", "ours"]], [["IP", "ours", "green", "text A"], ["Cap", "30%", "green", "text B"]])
        [['IP', 'ours', '绿', 'text A'], ['Cap', None, '红', '未选择']]
    """
    topics: dict[str, str] = {}
    known: dict[tuple[str, str], list[Any]] = {}
    for place, (topic, option, risk, words) in rows_of("library", library, _LIBRARY):
        topics.setdefault(key_of(topic), topic)
        key = key_of(topic), key_of(option)
        if key in known:
            refuse_row(
                "library",
                place,
                VALUE,
                "{topic} 的选项 {option} 重复",
                "option {option} of {topic} is there twice",
                topic=topic,
                option=option,
            )
        known[key] = [topics[key[0]], option, RISKS[risk], words]
    refuse(not known, NA, "条款库为空：请填 library", "the clause library is empty: fill in library")
    chosen: dict[str, str] = {}
    for place, (topic, option) in rows_of("ticks", ticks, _TICKS):
        if option is None:
            continue
        key = key_of(topic), key_of(option)
        if key not in known:
            refuse_row(
                "ticks",
                place,
                VALUE,
                "条款库没有{topic} 的选项 {option}",
                "the library has no option {option} of {topic}",
                topic=topic,
                option=option,
            )
        if key[0] in chosen:
            refuse_row("ticks", place, VALUE, "主题 {topic} 选了两个选项", "two options of {topic} are ticked", topic=topic)
        chosen[key[0]] = key[1]
    return [known[key, chosen[key]] if key in chosen else [topic, None, RISKS["red"], OPEN] for key, topic in topics.items()]
