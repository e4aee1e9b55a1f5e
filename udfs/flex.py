"""The Flex configurator: what an order of modules costs, how long it takes to draw, and every rule it breaks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np

from udfs import policy
from udfs.formula import TABLE, date, formula, grid, many, note, one, positive, refuse, text, yuan_positive
from udfs.graphs import ordered
from udfs.grids import Field, key_of, listed, refuse_row, rows_of
from udfs.phasing import refuse_unlike
from udfs.policy import plan
from udfs.text import SEMICOLON, Text, joined
from udfs.values import DIV0, NA, NUM, VALUE, ExcelError, Floats, Objects, excel_round, more_than, show, total_of

TOTAL = Text("合计", "Total")
DAY_HOURS = 24
_CATALOGUE = (
    Field(Text("编码", "code"), text),
    Field(Text("名称", "name"), text, filled=False),
    Field(Text("价格", "price"), yuan_positive),
    Field(Text("成本", "cost"), yuan_positive),
    Field(Text("出图工时", "hours"), positive),
    Field(Text("依赖", "requires"), text, given=False, filled=False),
    Field(Text("互斥", "excludes"), text, given=False, filled=False),
    Field(Text("停用日期", "retired on"), date, given=False, filled=False),
)
_NO_MARGIN = ExcelError(DIV0, Text("价格为 0，没有毛利率", "a price of 0 has no margin rate"))


@dataclass(frozen=True)
class Module:
    code: str
    name: str | None
    price: float
    cost: float
    hours: float
    requires: list[str]
    excludes: list[str]
    retired: bool


@dataclass
class _Line:
    code: str
    quantity: float
    module: Module | None
    broken: list[Text] = field(default_factory=list)

    @property
    def counts(self) -> bool:
        return self.module is not None and self.quantity > 0 and self.quantity == int(self.quantity)


def modules_of(catalogue: Sequence[Sequence[Any]], today: Any) -> dict[str, Module]:
    """The module library of a day by code as compared; refuses doubles and circles."""
    out: dict[str, Module] = {}
    for place, (code, name, price, cost, hours, requires, excludes, retired) in rows_of("catalogue", catalogue, _CATALOGUE):
        key = key_of(code)
        if key in out:
            refuse_row("catalogue", place, VALUE, "编码 {code} 重复", "code {code} is there twice", code=code)
        gone = retired is not None and retired <= today
        out[key] = Module(code, name, price, cost, hours, listed(requires), listed(excludes), gone)
    known = {key: [r for r in module.requires if r in out] for key, module in out.items()}
    circle = " → ".join(out[key].code for key in ordered(known)[1])
    refuse(
        bool(circle), VALUE, "模块库的依赖成环：{circle}", "modules of the catalogue require each other in a circle: {circle}",
        circle=Text(circle, circle),
    )  # fmt: skip
    return out


@formula(
    3,
    "定制报价：逐行价格、成本、毛利率、出图工时及违反的规则，末行合计",
    "Flex quote: price, cost, margin, drawing hours and every rule broken, by line and in total",
    gives=TABLE,
    columns=[
        ("编码", "code"),
        ("名称", "name"),
        ("数量", "quantity"),
        ("价格（元）", "price, yuan"),
        ("成本（元）", "cost, yuan"),
        ("毛利率", "margin rate"),
        ("出图工时", "drawing hours"),
        ("违反的规则", "rules broken"),
    ],
)
def flexquote(
    modules: Annotated[Objects, many("模块编码，一行一个", "codes of the modules ordered", text)],
    quantities: Annotated[Floats, many("数量", "quantities", blanks=np.nan)],
    catalogue: Annotated[
        Any,
        grid(
            "模块库：编码、名称、价格、成本、工时、依赖、互斥、[停用日期]",
            "module library: code, name, price, cost, hours, requires, excludes, [retired on]",
        ),
    ],
    engineers: Annotated[float, one("出图工程师人数", "engineers who draw", positive)] = plan("flex.engineers"),
    shift: Annotated[float, one("每日出图工时（至多 24）", "drawing hours a day, 24 at most", positive)] = plan("flex.shift"),
    promise: Annotated[float, one("承诺的自然小时", "clock hours promised", positive)] = plan("flex.hours"),
    today: Annotated[Any, one("截止日期；省略为今天", "the day asked; omitted: today", date)] = None,
) -> list[list[Any]]:
    """What an order of modules comes to, with everything that is wrong with it shown at once.

    A module is drawn once whatever its quantity. Drawing hours are working hours, the promise is in clock hours: the total is the
    longer of the longest chain of requirements among the modules ordered and all hours ÷ engineers, times 24 ÷ shift.

    Returns: a row for each line in the order given: code, name, quantity, price and cost of the line, margin rate, drawing hours, rules
        broken; then the total, whose hours are clock hours. Lines that can't be priced are left out of the total, said.
    Errors: #VALUE! a circle, a code twice or a bad cell in the catalogue; #NUM! engineers or shift that are none; #N/A no line.
    Source: rules, chapter 3, FLEXQUOTE.
    Example:
        >>> flexquote("A1", 2, [["A1", "Frame", 500, 300, 6, None, None]])
        [['A1', 'Frame', 2.0, 1000.0, 600.0, 0.4, 6.0, ''], ['合计', None, 2.0, 1000.0, 600.0, 0.4, 6.0, '']]
    """
    refuse_unlike(modules=modules, quantities=quantities)
    refuse(
        engineers < 1 or engineers != int(engineers), NUM, "参数 engineers 为 {n}：请填 1 以上的整数",
        "argument engineers is {n}: enter a whole number from 1", n=engineers,
    )  # fmt: skip
    refuse(
        not 0 < shift <= DAY_HOURS,
        NUM,
        "参数 shift 为 {n}：应大于 0，至多 24",
        "argument shift is {n}: above 0, 24 at most",
        n=shift,
    )
    library = modules_of(catalogue, np.datetime64(policy.today() if today is None else today))
    lines = [
        _Line(code, 0.0 if np.isnan(quantity) else quantity, library.get(key_of(code)))
        for code, quantity in zip(modules.tolist(), quantities.tolist(), strict=True)
        if code
    ]
    refuse(not lines, NA, "没有模块：请填 modules", "no module is ordered: fill in modules")
    _judge(lines, library)
    priced = [line for line in lines if line.counts]
    if len(priced) < len(lines):
        note("{n} 行无法计价，未计入合计", "{n} lines can't be priced and are not in the total", n=len(lines) - len(priced))
    return [*map(_row, lines), _total(priced, engineers, shift, promise)]


def _judge(lines: Sequence[_Line], library: Mapping[str, Module]) -> None:
    """Note at each line every rule it breaks."""
    chosen = {key_of(line.code): line.module for line in lines}
    times = Counter(key_of(line.code) for line in lines)
    for line in lines:
        key, module = key_of(line.code), line.module
        say = line.broken.append
        if module is None:
            say(Text("未知模块", "unknown module"))
        elif module.retired:
            say(Text("已停用", "retired"))
        if line.quantity <= 0 or line.quantity != int(line.quantity):
            say(Text("数量须为正整数", "quantity must be a whole number from 1"))
        for other in module.requires if module else ():
            if other not in chosen:
                code = library[other].code if other in library else other.upper()
                say(Text(f"缺 {code}", f"needs {code}"))
        for other, rival in chosen.items():
            if module and rival and other != key and (other in module.excludes or key in rival.excludes):
                say(Text(f"与 {rival.code} 互斥", f"excludes {rival.code}"))
        if times[key] > 1:
            say(Text("重复行", "line is doubled"))


def _row(line: _Line) -> list[Any]:
    said = joined(line.broken, between=SEMICOLON)
    if not line.counts or line.module is None:
        return [line.code, line.module and line.module.name, line.quantity, None, None, None, None, said]
    price, cost = (float(excel_round(line.quantity * each)) for each in (line.module.price, line.module.cost))
    return [line.module.code, line.module.name, line.quantity, price, cost, _margin(price, cost), line.module.hours, said]


def _margin(price: float, cost: float) -> float | ExcelError:
    return 1 - cost / price if price else _NO_MARGIN


def _total(lines: Sequence[_Line], engineers: float, shift: float, promise: float) -> list[Any]:
    rows = [_row(line) for line in lines]
    price, cost = (total_of(row[column] for row in rows) for column in (3, 4))
    hours = drawing_hours([line.module for line in lines if line.module], engineers, shift)
    late = bool(more_than(hours, promise))
    said = Text(f"超出 {show(promise)} 小时承诺", f"beyond the {show(promise)} hours promised") if late else Text("", "")
    return [TOTAL, None, total_of(line.quantity for line in lines), price, cost, _margin(price, cost), hours, said]


def drawing_hours(modules: Sequence[Module], engineers: float, shift: float) -> float:
    """Clock hours to draw modules: the longest chain of requirements, or all of them shared by the engineers."""
    chosen = {key_of(module.code): module for module in modules}
    needs = {key: [other for other in module.requires if other in chosen] for key, module in chosen.items()}
    chain: dict[str, float] = {}
    for key in ordered(needs)[0]:
        chain[key] = chosen[key].hours + max((chain[other] for other in needs[key]), default=0.0)
    work = total_of(module.hours for module in chosen.values())
    return max(max(chain.values(), default=0.0), work / engineers) * DAY_HOURS / shift
