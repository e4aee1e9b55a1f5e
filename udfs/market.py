"""Market size and the year's targets: TAM, SAM, SOM, the funnel by region, floor and stretch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np

from udfs.formula import (
    PARTS,
    TABLE,
    bad_cells,
    beside,
    each,
    formula,
    many,
    note,
    one,
    positive,
    refuse,
    share,
    text,
    yuan_positive,
)
from udfs.policy import plan
from udfs.text import Text
from udfs.values import NA, VALUE, Floats, Objects, apportion, excel_round, more_than, total_of

TOTAL = Text("合计", "Total")


@formula(
    1,
    "总体市场：客户数 × 年均采购额（元）",
    "Total addressable market: buyers × yearly spend (yuan)",
    result=("TAM（元/年）", "TAM, yuan a year"),
)
def tam(
    buyers: Annotated[Floats, each("潜在客户数", "number of possible buyers", positive)],
    spend: Annotated[Floats, each("每家年均采购额（元）", "yearly spend of one buyer, yuan", positive)],
) -> Floats:
    """Total addressable market: everything all possible buyers spend in a year.

    Returns: buyers × spend, one figure a cell, unrounded.
    Errors: #NUM! a negative number; #VALUE! text where a number belongs.
    Source: rules, chapter 1, TAM; vectors G1 (bottom-up).
    Example:
        >>> tam([[85000], [18000], [2500]], [[3600], [9600], [24000]])
        [[306000000.0], [172800000.0], [60000000.0]]
    """
    return buyers * spend


@formula(
    1,
    "可服务市场：TAM × 各项可服务比例（元）",
    "Serviceable market: TAM × every share we can serve (yuan)",
    result=("SAM（元/年）", "SAM, yuan a year"),
)
def sam(
    tam: Annotated[Floats, each("总体市场 TAM（元）", "total addressable market, yuan", positive)],
    shares: Annotated[
        Floats,
        beside(
            "可服务比例（0–1）：每个 TAM 一行或一列，空格跳过",
            "shares we can serve (0–1): a row or column for each TAM, blanks are skipped",
            share,
            blanks=np.nan,
        ),
    ],
) -> Floats:
    """Serviceable market: what is left of the TAM after every share (region, segment, product fit) was applied.

    A column of TAMs takes a row of shares each, a row of TAMs a column each; one line serves all; one TAM takes any row or
    column.

    Returns: TAM × the product of its shares, unrounded. Blank shares are skipped, as PRODUCT does; no share at all gives 0, said.
    Errors: #NUM! a share outside 0–1 (35 instead of 35%) or a negative TAM; #N/A shares and TAMs don't pair up; #VALUE! text.
    Source: rules, chapter 1, SAM; vectors G1 (top-down).
    Example:
        >>> sam(9.5e9, 0.4)
        3800000000.0
        >>> sam(7.5e9, [[0.40, 0.25, 0.65]])
        487500000.0
    """
    none = np.isnan(shares).all(axis=1)
    if none.any():
        note("没有可服务比例的 TAM，其 SAM 记为 0：请填 shares", "a TAM without any share has a SAM of 0: fill in shares")
    return np.where(none, 0.0, tam * np.nanprod(shares, axis=1))


@formula(
    1,
    "可获得市场：SAM × 渠道覆盖率 × 赢单率，不超过产能（元）",
    "Obtainable market: SAM × channel coverage × win rate, at most the capacity (yuan)",
    result=("SOM（元/年）", "SOM, yuan a year"),
)
def som(
    sam: Annotated[Floats, each("可服务市场 SAM（元）", "serviceable market, yuan", positive)],
    coverage: Annotated[Floats, each("渠道覆盖率（0–1）", "share our channels reach (0–1)", share)],
    win_rate: Annotated[Floats, each("赢单率（0–1）", "share of it we win (0–1)", share)],
    capacity: Annotated[Floats, each("产能上限（元）；空：不限", "capacity, yuan; blank: no limit", positive)] = None,  # type: ignore[assignment]
) -> Floats:
    """Obtainable market: what our channels reach and we win, as far as we can deliver it.

    Returns: min(SAM × coverage × win rate, capacity), unrounded; a note says where the capacity bound.
    Errors: #NUM! a rate outside 0–1 (30 instead of 30%) or a negative amount; #VALUE! text.
    Source: rules, chapter 1, SOM; vectors G1.
    Example:
        >>> som(3_800_000_000, 0.5, 0.3)
        570000000.0
    """
    wanted = sam * coverage * win_rate
    if more_than(wanted, capacity).any():
        note("SOM 受产能上限约束", "the capacity bound the SOM")
    return np.fmin(wanted, capacity)


@formula(
    1,
    "各区域 TAM、SAM、SOM 及合计（元）；产能按比例分摊",
    "TAM, SAM, SOM by region with a total row (yuan); a capacity is shared in proportion",
    gives=TABLE,
    columns=[("区域", "region"), ("TAM（元）", "TAM, yuan"), ("SAM（元）", "SAM, yuan"), ("SOM（元）", "SOM, yuan")],
)
def marketfunnel(
    regions: Annotated[Objects, many("区域名称", "names of the regions", text)],
    buyers: Annotated[Floats, many("潜在客户数", "possible buyers of each", positive, blanks=np.nan, spared=True)],
    spend: Annotated[
        Floats, many("每家年均采购额（元）", "yearly spend of one buyer, yuan", positive, blanks=np.nan, spared=True)
    ],
    serviceable: Annotated[Floats, many("可服务比例（0–1）", "share we can serve (0–1)", share, blanks=np.nan, spared=True)],
    coverage: Annotated[Floats, many("渠道覆盖率（0–1）", "share our channels reach (0–1)", share, blanks=np.nan, spared=True)],
    win_rate: Annotated[Floats, many("赢单率（0–1）", "share of it we win (0–1)", share, blanks=np.nan, spared=True)],
    capacity: Annotated[
        float | None, one("全公司产能（元）；空：不限", "company-wide capacity, yuan; blank: no limit", positive)
    ] = None,
) -> list[list[Any]]:
    """The market funnel of each region, in fen, with a total row that is the sum of the rows above it.

    An argument of one cell holds for all regions; wholly blank rows are left out.

    Returns: a row for each region: name, TAM, SAM, SOM; then the total. A capacity below the sum of the SOMs caps it and is
        shared over the regions in proportion to their SOM, exact to the fen, with a note.
    Errors: in what hangs on it, the total too (with a capacity every SOM), a bad cell's own: #NUM! a rate outside 0–1, a negative
        number; #VALUE! text. The whole call: #VALUE! ranges of different size; #N/A no region.
    Source: rules, chapter 1, MARKETFUNNEL.
    Example:
        >>> marketfunnel("North", 1000, 2_000_000, 0.5, 0.5, 0.3)
        [['North', 2000000000.0, 1000000000.0, 150000000.0], ['合计', 2000000000.0, 1000000000.0, 150000000.0]]
    """
    given = {"buyers": buyers, "spend": spend, "serviceable": serviceable, "coverage": coverage, "win_rate": win_rate}
    columns = np.array([_as_long_as(regions, name, column) for name, column in given.items()])
    own = [~np.isnan(column) for column in given.values() if len(column) == len(regions)]
    used = np.any([regions != "", *own], axis=0)
    refuse(not used.any(), NA, "没有区域：请填 regions", "there is no region: fill in regions")
    buyers, spend, serviceable, coverage, win_rate = np.nan_to_num(columns[:, used])
    tams = buyers * spend
    sams = tams * serviceable
    soms = excel_round(sams * coverage * win_rate)
    spoiled = any(bad_cells(name) for name in given)
    if capacity is not None and not spoiled and more_than(total_of(soms), capacity):
        note("SOM 合计 {total} 超过产能，按比例压缩到 {capacity}", "the SOM of {total} in all was cut to the capacity of {capacity}",
             total=total_of(soms), capacity=capacity)  # fmt: skip
        soms = np.array(apportion(capacity, soms, 0.01))
    figures = [excel_round(tams), excel_round(sams), soms]
    rows = [[name, *row] for name, row in zip(regions[used], np.transpose(figures).tolist(), strict=True)]
    rows.append([TOTAL, *map(total_of, figures)])
    if spoiled:
        _spoil(rows, np.flatnonzero(used).tolist(), given, capacity is not None)
    return rows


_NEEDS = (("buyers", "spend"), ("serviceable",), ("coverage", "win_rate"))  # TAM, then SAM, then SOM


def _spoil(rows: list[list[Any]], places: Sequence[int], given: Mapping[str, Floats], shared: bool) -> None:
    """Put each bad cell's error into the figures of its region and of the total; a capacity is shared over all SOMs."""
    for column, name in [(column, name) for column, names in enumerate(_NEEDS, 1) for name in names]:
        for place, fault in bad_cells(name).items():
            own = [at for at, of in enumerate(places) if len(given[name]) == 1 or of == place]
            for row in (rows[at] for at in (*own, -1)):
                row[column:] = [fault] * (len(row) - column)
            if shared:
                for row in rows:
                    row[-1] = fault


def _as_long_as(regions: Objects, name: str, column: Floats) -> Floats:
    refuse(
        len(column) not in (1, len(regions)), VALUE,
        "参数 {name} 有 {got} 格，regions 有 {wanted} 格：应一样多，或只填一格",
        "argument {name} has {got} cells, regions has {wanted}: give as many, or one for all",
        name=Text(name, name), got=len(column), wanted=len(regions),
    )  # fmt: skip
    return np.broadcast_to(column, len(regions))


@formula(
    1,
    "由 SOM 定签单目标：保底、冲刺、利润底线（元）",
    "Targets of signed orders from the SOM: floor, stretch, profit floor (yuan)",
    gives=PARTS,
    columns=[
        ("保底目标（签单，元）", "floor, bookings, yuan"),
        ("冲刺目标（签单，元）", "stretch, bookings, yuan"),
        ("利润底线（元）", "profit floor, yuan"),
    ],
)
def targets(
    som: Annotated[Floats, each("可获得市场 SOM（元）", "obtainable market, yuan", yuan_positive)],
    floor_share: Annotated[Floats, each("保底占 SOM", "floor target, share of the SOM", share)] = plan("targets.floor_share"),
    stretch_share: Annotated[Floats, each("冲刺占 SOM", "stretch target, share of the SOM", share)] = plan(
        "targets.stretch_share"
    ),
    profit_rate: Annotated[Floats, each("利润占保底", "profit floor, share of the floor target", share)] = plan(
        "targets.profit_rate"
    ),
) -> Floats:
    """The year's targets. Both are signed orders (签单, bookings); the profit floor is counted on the floor target.

    Returns: a row for each SOM: floor, stretch, profit floor, rounded to the fen.
    Errors: #NUM! a share outside 0–1 or a negative SOM; #VALUE! text.
    Source: rules, chapter 1, TARGETS.
    Example:
        >>> targets(570_000_000)
        [[420000000.0, 500000000.0, 63000000.0]]
    """
    if more_than(floor_share, stretch_share).any():
        note("保底比例高于冲刺比例：请核对", "the floor share is above the stretch share: check them")
    floor = excel_round(som * floor_share)
    return np.column_stack([floor, excel_round(som * stretch_share), excel_round(floor * profit_rate)])
