"""Carbon: kilograms of CO2e by travel, freight and electricity, with the source of each factor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

import numpy as np

from udfs import policy
from udfs.formula import each, formula, grid, note, positive, refuse, text
from udfs.grids import Field, key_of, rows_of
from udfs.text import Text
from udfs.values import NA, Floats, Objects, show


class Mode(NamedTuple):
    """What a factor is for. Its value stands in the policy ``carbon.factors``, in this order."""

    words: tuple[str, ...]
    unit: Text
    source: str


_PERSON_KM, _TONNE_KM, _KWH = Text("人公里", "passenger-km"), Text("吨公里", "tonne-km"), Text("千瓦时", "kWh")
_DESNZ = "UK DESNZ 2025"
MODES = (
    Mode(
        ("飞机", "航空", "air", "flight", "domestic flight", "国内航班"),
        _PERSON_KM,
        f"{_DESNZ}, domestic, with radiative forcing",
    ),
    Mode(
        ("飞机（不含辐射强迫）", "air without rf", "domestic flight without rf"),
        _PERSON_KM,
        f"{_DESNZ}, domestic, without radiative forcing",
    ),
    Mode(("中国国内航班", "air china", "flight in china"), _PERSON_KM, "academic, China 2019, 0.108 to 0.113"),
    Mode(("火车", "铁路", "rail", "train", "national rail"), _PERSON_KM, f"{_DESNZ}, national rail"),
    Mode(("高铁", "hsr", "high-speed rail", "china hsr", "china high-speed rail"), _PERSON_KM, "academic, China 2019"),
    Mode(("公路货运", "公路", "road", "road freight", "truck"), _TONNE_KM, f"{_DESNZ}, all HGVs, average laden"),
    Mode(("铁路货运", "rail freight"), _TONNE_KM, f"{_DESNZ}, freight rail"),
    Mode(("用电", "电力", "electricity", "electricity china"), _KWH, "China grid 2023"),
)
_FACTORS = (
    Field(Text("方式", "mode"), text),
    Field(Text("单位", "unit"), text, filled=False),
    Field(Text("因子", "factor"), positive),
    Field(Text("范围说明", "scope"), text, given=False, filled=False),
    Field(Text("来源", "source"), text, given=False, filled=False),
    Field(Text("年份", "year"), text, given=False, filled=False),
)
_FEW = (_FACTORS[0], _FACTORS[2])


class Factor(NamedTuple):
    """Kilograms a unit, and where that comes from."""

    value: float
    said: Text


def factors_of(cells: Sequence[Sequence[Any]] | None) -> dict[str, Factor]:
    """Factors by mode as compared: a table's (the last row of a mode counts), or the plan's own."""
    rows = [row for row in cells or () if any(cell is not None for cell in row)]
    if not rows:
        values = policy.value("carbon.factors")
        return {
            key_of(name): Factor(float(value), Text(f"{show(value)}，{mode.source}", f"{show(value)}, {mode.source}"))
            for value, mode in zip(values, MODES, strict=True)
            for name in mode.words
        }
    out = {}
    narrow = max(map(len, rows)) == len(_FEW)
    for _, found in rows_of("factors", cells or (), _FEW if narrow else _FACTORS):
        mode, value = found[0], found[1 if narrow else 2]
        source, year = (None, None) if narrow else found[4:6]
        known = " ".join(part for part in (source, year) if part)
        said = Text(f"{show(value)}，{known or '来源未填'}", f"{show(value)}, {known or 'no source given'}")
        out[key_of(mode)] = Factor(float(value), said)
    return out


@formula(
    9,
    "碳排放（千克 CO2e）：数量 × 排放因子，备注给出来源和年份",
    "Carbon in kg CO2e: quantity × factor; a note names source and year",
    result=("千克 CO2e", "kg CO2e"),
)
def carbon(
    mode: Annotated[Objects, each("方式，如 飞机、高铁、公路货运", "mode, such as air, rail, road freight", text)],
    quantity: Annotated[Floats, each("数量（人公里、吨公里、千瓦时）", "quantity in the mode's unit", positive)],
    factors: Annotated[
        Any,
        grid(
            "因子表：方式、单位、因子、说明、来源、年份；省略：制度参数",
            "factors: mode, unit, factor, scope, source, year; omitted: the plan's",
        ),
    ] = None,
) -> Any:
    """What a journey, a shipment or a stand emits. Freight counts tonnes × kilometres.

    Returns: quantity × factor for each cell, unrounded; blank for a blank mode without a quantity. Notes name each factor with its
        source and year.
    Errors: #N/A a mode that has no factor (never 0); #NUM! a negative quantity; #VALUE! a factor that can't be read.
    Source: rules, chapter 9, CARBON; vectors J4.
    Example:
        >>> carbon("rail", 1000)
        35.46
    """
    known = factors_of(factors)
    keys = [key_of(name) for name in mode]
    idle = np.array([not key for key in keys], dtype=bool) & (quantity == 0)
    missing = np.array([key not in known for key in keys], dtype=bool) & ~idle
    refuse(missing, NA, "{mode} 没有排放因子：请补入因子表", "there is no factor for {mode}: add it to the table", mode=mode)
    for key in dict.fromkeys(key for key in keys if key in known):
        note("{mode}：{said}", "{mode}: {said}", mode=Text(key, key), said=known[key].said)
    amounts = [
        None if off else amount * known[key].value if key in known else 0.0
        for off, key, amount in zip(idle, keys, quantity, strict=True)
    ]
    return np.array(amounts, dtype=object if idle.any() else float)
