"""Channels: the 633 of a dealer and what follows from it, stock bought back, conflicts, rebates, the marketing fund."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any

import numpy as np

from udfs.commission import refuse_beyond_fen
from udfs.formula import (
    PARTS,
    TABLE,
    Kind,
    bad_cells,
    beside,
    between,
    each,
    formula,
    goal,
    like,
    many,
    note,
    number,
    one,
    positive,
    refuse,
    share,
    text,
    yuan,
    yuan_positive,
)
from udfs.formula import block as cells_block
from udfs.formula import word as word_kind
from udfs.policy import plan
from udfs.shares import doubt_percent
from udfs.text import Text, joined
from udfs.tiers import MODE, PAYING_AMOUNTS, payout, tier_table
from udfs.values import DIV0, NUM, VALUE, Flags, Floats, Objects, at_least, excel_round

DIGITS = 14  # of a ratio between 0 and 1: what Excel shows, without the binary rest


def _read_or_none(cell: Any, kind: Any) -> Any:
    # A sheet's formula can't give an empty cell; "" and the dash stand for what has no figure.
    if isinstance(cell, str) and cell.strip() in ("", "-", "–", "—"):
        return np.nan
    return number.read(cell, kind)


# Ratios that sheets compute: a dealer may grow by 2,583%, or return more than it bought. Blank: there is nothing to compare.
RATIO = Kind(number.name, float, _read_or_none, np.nan)


# ------------------------------------------------------------------------------------------------------------------- 633


@formula(
    4,
    "经销商“633”达成：占比、增长、新品各除以目标，及均值与最低",
    "A dealer's 633: share, growth, new products over their targets; mean and minimum",
    gives=PARTS,
    columns=[
        ("占比达成", "share attained"),
        ("增长达成", "growth attained"),
        ("新品达成", "new products attained"),
        ("均值", "mean"),
        ("最低", "minimum"),
    ],
)
def channel633(
    share: Annotated[Floats, each("我方产品占比（0–1）", "our share of the dealer's business (0–1)", share)],
    growth: Annotated[
        Floats, each("同比增长率；无去年同期留空", "growth over the year before; blank: nothing to compare", RATIO)
    ],
    new_product: Annotated[Floats, each("新品占比（新品提货 ÷ 提货）", "new products ÷ sales", number)],
    targets: Annotated[
        Floats, many("三项目标，依次为占比、增长、新品", "the three targets: share, growth, new products", goal)
    ] = plan("channels.targets"),
) -> Any:
    """What a dealer reached of the plan's 60% share, 30% growth and 30% new products.

    Growth and new products are computed ratios: any size counts, below 0 as 0 (a quarter of net returns); above 1,000% a note asks
    whether a percent sign is missing. A dealer without last year's sales has no growth to rate, which is not a growth of 0: give a
    blank.

    Returns: a row for each dealer: three ratios actual ÷ target, each from 0 to 1, their mean and their minimum. Where the growth is
        blank, its ratio, the mean and the minimum are blank, said: CHANNELEXIT takes such a quarter as one without figures.
    Errors: #VALUE! not three targets; #DIV/0! a target of 0; #NUM! a share or a target of 60 instead of 60%; #VALUE! text.
    Source: rules, chapter 4, CHANNEL633.
    Example:
        >>> channel633(0.48, 0.24, 0.24)
        [[0.8, 0.8, 0.8, 0.8, 0.8]]
        >>> channel633(0.6, 0.3, 0.12)
        [[1.0, 1.0, 0.4, 0.8, 0.4]]
    """
    refuse(
        len(targets) != 3, VALUE, "targets 应有 3 个目标（占比、增长、新品），给了 {got} 个",
        "targets needs 3 targets (share, growth, new products), got {got}", got=len(targets),
    )  # fmt: skip
    refuse(bool((targets == 0).any()), DIV0, "targets 里有 0：目标应大于 0", "a target is 0: it must be above 0")
    doubt_percent(growth, "增长率", "a growth")
    doubt_percent(new_product, "新品占比", "a ratio of new products")
    ratios = np.clip(np.column_stack([share, growth, new_product]) / targets, 0, 1)
    told = excel_round(np.column_stack([ratios, ratios.mean(axis=1), ratios.min(axis=1)]), DIGITS)
    unrated = np.isnan(growth)
    if not unrated.any():
        return told
    note(
        "{n} 家没有去年同期：增长、均值与最低不评",
        "{n} without last year's sales: growth, mean and minimum are not rated",
        n=int(unrated.sum()),
    )
    cells = told.astype(object)
    cells[np.isnan(told)] = None
    return cells


EXIT_STATES = {
    "retain": Text("留用", "Retain"),
    "warning": Text("预警", "Warning"),
    "exit": Text("启动退出", "Start exit"),
}


@formula(
    4,
    "渠道退出：一季低于 80% 预警，连续两季启动退出",
    "Channel exit: a quarter below 80% is a warning, two in a row start the exit",
    gives=like("attainments"),
    result=("留用 / 预警 / 启动退出", "Retain / Warning / Start exit"),
)
def channelexit(
    attainments: Annotated[
        Floats,
        cells_block(
            "各季“633”达成率，按时间先后；多家经销商每家一行",
            "633 attainment quarter by quarter, in time order; several dealers: one row for each",
            RATIO,
            spared=True,
        ),
    ],
    limit: Annotated[float, one("退出线，含", "attainment that must be reached, included", goal)] = plan("channels.exit_limit"),
    quarters: Annotated[float, one("连续几季低于即退出", "quarters in a row below it: exit", positive)] = plan(
        "channels.exit_quarters"
    ),
) -> list[Any]:
    """What each quarter makes of a dealer. One row or one column is one dealer; in a block every row is a dealer.

    Which attainment counts, the mean of the 633 or its minimum, is the contract's choice: give that one.

    Returns: a word for each quarter, in the shape of ``attainments``: 留用 at or above the limit, 预警 below it, 启动退出 from the
        quarter on that makes ``quarters`` in a row. A missing quarter has no word, breaks the run, and a note says so.
        An attainment above 1,000% counts, and a note asks whether a percent sign is missing (79 for 79%).
    Errors: a bad quarter's own (#VALUE! text, …) in its cell and in those after it that hang on it: below the limit, but not
        ``quarters`` in a row without it. The whole call: #NUM! fewer than 1 quarter, a limit of 80 instead of 80%.
    Source: rules, chapter 4, CHANNELEXIT.
    Example:
        >>> channelexit([[0.79, 0.79]])
        [['预警', '启动退出']]
        >>> channelexit([[0.79, 0.80]])
        [['预警', '留用']]
    """
    refuse(
        quarters < 1 or quarters != int(quarters), NUM, "quarters 应为 1 以上的整数，而不是 {value}",
        "quarters must be a whole number from 1, not {value}", value=quarters,
    )  # fmt: skip
    doubt_percent(attainments, "达成率", "an attainment")
    series = attainments.T if attainments.shape[1] == 1 else attainments
    bad = bad_cells("attainments")
    faults = np.array([bad.get(place) for place in range(series.size)], dtype=object).reshape(series.shape)
    if np.isnan(series).sum() > len(bad):
        note("有缺季：缺的一季不评，连续季数从头数", "a quarter is missing: it is not rated and the run starts anew")
    low = ~at_least(series, limit) & ~np.isnan(series)
    return [word for line in zip(series, low, faults, strict=True) for word in _states(*line, int(quarters))]


def _states(attained: Floats, low: Flags, faults: Objects, quarters: int) -> Iterator[Any]:
    """One dealer's words in time order. After a bad quarter a low one may be a warning or the exit, until the run is certain."""
    run, unknown = 0, None
    for value, below, fault in zip(attained, low, faults, strict=True):
        run = run + 1 if below else 0
        unknown = fault if fault is not None else unknown if 0 < run < quarters else None
        if unknown is not None:
            yield unknown
        elif np.isnan(value):
            yield None
        else:
            yield EXIT_STATES["exit" if run >= quarters else "warning" if run else "retain"]


# --------------------------------------------------------------------------------------------------------------- buyback


@formula(
    4,
    "退出回购价：库存按原发票价的 95%（元）",
    "What stock is bought back at: 95% of its original invoice value (yuan)",
    result=("回购额（元）", "buyback, yuan"),
)
def buyback(
    invoice_value: Annotated[Floats, each("库存的原发票价值（元）", "original invoice value of the stock, yuan", yuan_positive)],
    rate: Annotated[Floats, each("回购比例", "share of the invoice value", share)] = plan("channels.buyback_rate"),
) -> Floats:
    """What the company pays for the stock of a dealer who leaves: a share of what was invoiced, not of today's price.

    Returns: invoice value × rate, rounded to the fen.
    Errors: #NUM! a negative value, a rate outside 0–1 (95 instead of 95%); #VALUE! text.
    Source: rules, chapter 4, BUYBACK.
    Example:
        >>> buyback(333.33)
        316.66
    """
    result: Floats = excel_round(invoice_value * rate)
    return result


# ------------------------------------------------------------------------------------------------------------- conflicts

_SEPARATORS = re.compile(r"[、，,;；|\n]")
EVERYWHERE = {"全国", "所有", "全部", "all", "nationwide", "*"}
NO_CONFLICT = Text("没有冲突", "no conflict")
NONE_GRANTED = Text("未授权", "none granted")


def parts_of(cell: str) -> dict[str, str]:
    """The regions or industries a cell names, separated by commas: as compared → as written."""
    written = (part.strip() for part in _SEPARATORS.split(unicodedata.normalize("NFKC", cell)))
    return {part.casefold(): part for part in written if part}


def _as_many(name: str, column: Objects, wanted: int, of: str) -> None:
    refuse(
        len(column) != wanted, VALUE, "参数 {name} 有 {got} 格，{of} 有 {wanted} 格：应一样多",
                                      "argument {name} has {got} cells, {of} has {wanted}",
        name=Text(name, name), got=len(column), wanted=wanted, of=Text(of, of),
    )  # fmt: skip


@formula(
    4,
    "独家代理冲突：一个行业有两家以上代理的列出",
    "Exclusivity: industries with more than one agent",
    gives=TABLE,
    columns=[("行业", "industry"), ("代理家数", "agents"), ("代理", "who")],
)
def exclusivity(
    industries: Annotated[
        Objects,
        many(
            "独家行业，多个用顿号隔开；空：没有",
            "exclusive industries, several separated by commas; blank: none",
            text,
            spared=True,
        ),
    ],
    agents: Annotated[Objects, many("代理（经销商）", "the agents (dealers) beside them", text, spared=True)],
) -> list[list[Any]]:
    """One agent an industry: what breaks the rule. The same agent named twice is no conflict; case and width don't matter.

    Returns: a row for each industry with several agents, in the order of the list: industry, number of agents, their names. None:
        one row that says so, with 0 agents. A bad cell has a row of its own at the end: it may hide a conflict.
    Errors: in its row: a bad cell's own. The whole call: #VALUE! ranges of different size.
    Source: rules, chapter 4, EXCLUSIVITY.
    Example:
        >>> exclusivity([["医药"], ["物流"], ["医药"]], [["甲"], ["乙"], ["丙"]])
        [['医药', 2.0, '甲、丙']]
    """
    _as_many("agents", agents, len(industries), "industries")
    held: dict[str, tuple[str, dict[str, str]]] = {}
    bad_industries, bad_agents = bad_cells("industries"), bad_cells("agents")
    untold: list[list[Any]] = []
    for at, (industry, agent) in enumerate(zip(industries, agents, strict=True)):
        if (fault := bad_industries.get(at, bad_agents.get(at))) is not None:
            untold.append([bad_industries.get(at, industry), fault, bad_agents.get(at, agent)])
            continue
        for key, written in parts_of(industry).items() if agent else ():
            held.setdefault(key, (written, {}))[1].setdefault(unicodedata.normalize("NFKC", agent).casefold(), agent)
    rows: list[list[Any]] = [[name, len(who), joined(who.values())] for name, who in held.values() if len(who) > 1]
    return rows + untold or [[NO_CONFLICT, 0, None]]


@formula(
    4,
    "串货：订单区域不在经销商授权区域内的列出",
    "Out-of-territory sales: orders outside their dealer's territory",
    gives=TABLE,
    columns=[("经销商", "dealer"), ("订单区域", "order's region"), ("授权区域", "territory"), ("第几单", "number of the order")],
)
def crossselling(
    order_regions: Annotated[Objects, many("各单的终端区域", "region of each order's buyer", text, spared=True)],
    dealers: Annotated[
        Objects, many("各单的经销商；空：云商城", "dealer of each order; blank: the cloud store", text, spared=True)
    ],
    territories: Annotated[
        Objects,
        many(
            "该经销商的授权区域，多个用顿号隔开；全国：不限",
            "that dealer's territory, several separated by commas; all: everywhere",
            text,
            spared=True,
        ),
    ],
) -> list[list[Any]]:
    """Orders that a dealer sold where it has no territory (串货). An order without a dealer went through the cloud store, as
    the long tail does, and is never a conflict.

    Returns: a row for each such order: dealer, region of the order, territory granted (or that none was), place of the
        order in the range. None: one row that says so, with place 0. An order without a region can't be judged: left out, said.
        One with a bad cell is listed with that cell's error.
    Errors: in its row: a bad cell's own. The whole call: #VALUE! ranges of different size.
    Source: rules, chapter 4, CROSSSELLING.
    Example:
        >>> crossselling([["华东"], ["华南"], ["华南"]], [["甲"], ["甲"], [None]], [["华东、华中"], ["华东、华中"], [None]])
        [['甲', '华南', '华东、华中', 2.0]]
    """
    _as_many("dealers", dealers, len(order_regions), "order_regions")
    _as_many("territories", territories, len(order_regions), "order_regions")
    granted = {cell: parts_of(cell).keys() for cell in set(territories) if cell is not None}
    bad = [bad_cells(name) for name in ("dealers", "order_regions", "territories")]
    rows: list[list[Any]] = []
    unknown = 0
    for place, (region, dealer, territory) in enumerate(zip(order_regions, dealers, territories, strict=True), 1):
        if dealer == "":
            continue
        if any(place - 1 in faults for faults in bad):
            told = zip(bad, (dealer, region, territory), strict=True)
            rows.append([*(faults.get(place - 1, cell) for faults, cell in told), place])
        elif not region:
            unknown += 1
        elif not (granted[territory] & EVERYWHERE or parts_of(region).keys() <= granted[territory]):
            rows.append([dealer, region, territory or NONE_GRANTED, place])
    if unknown:
        note("{n} 单没有区域，无法判断：请补填", "{n} orders have no region and can't be judged: fill it in", n=unknown)
    return rows or [[NO_CONFLICT, None, None, 0]]


# --------------------------------------------------------------------------------------------------------------- rebates

SCORE = replace(between(0.0, 100.0, Text("考试按百分制", "exams are marked out of 100")), blank=np.nan)


@formula(
    4,
    "经销商返利：按档位计算；任一学院考试低于 80 分则暂扣（元）",
    "A dealer's rebate by tiers; withheld while a college's exam is below 80 (yuan)",
    gives=PARTS,
    columns=[("支付（元）", "paid, yuan"), ("暂扣（元）", "withheld, yuan")],
)
def rebate(
    sales: Annotated[
        Floats, each("提货额（元）；按件数分档时为件数", "sales of the period, yuan; units where tiers are of units", yuan)
    ],
    thresholds: Annotated[Floats, many("各档下限，递增", "lower ends of the tiers, ascending", blanks=np.nan)],
    rates: Annotated[
        Floats,
        many(
            "各档比例；给了 units 时为每件金额；插值、定额为各档金额",
            "rates beside them; with units: yuan a unit; interpolated, fixed: amount of a tier",
            blanks=np.nan,
        ),
    ],
    exam_score: Annotated[
        Floats,
        beside(
            "各学院考试分（产品、销售、交付、财务）：每家一行；未考留空",
            "exam scores of the colleges (product, sales, delivery, finance): one row a college; blank: not sat",
            SCORE,
        ),
    ],
    pass_score: Annotated[float, one("及格分，含", "pass score, included", SCORE)] = plan("rebate.pass_score"),
    mode: Annotated[str, one("计算方式", "how tiers apply", MODE)] = plan("rebate.mode"),
    units: Annotated[
        Floats,
        each(
            "件数：给出则 rates 为每件金额（元/件）", "units sold; given: rates are yuan a unit", replace(positive, blank=np.nan)
        ),
    ] = None,  # type: ignore[assignment]
) -> Floats:
    """What the tiers give on a dealer's sales, and whether it is paid. The tier engine is TIERED's.

    With ``units`` the rates are amounts per unit: the tiers give a rate for the sales (marginal: blended over the tiers they
    touch), and it is paid on every unit. Where tiers are of units, sales and units are the same number.

    One score each, or a row of scores, one a college: all must reach the pass score. An exam that was not sat is not passed.

    Returns: a row for each dealer: paid, withheld; one of them is 0. Rounded to the fen. Negative sales earn nothing.
    Errors: #NUM! thresholds not ascending, a rate above 1 without units (5 for 5%), a score outside 0–100, negative units; #VALUE!
        tiers with gaps, unknown mode, units in a mode whose rates are amounts already.
    Source: rules, chapter 4, REBATE; per unit: NetSuite, "Calculation Methods for Volume Rebates".
    Example:
        >>> rebate([[3_000_000], [3_000_000]], [0, 2_000_000], [0.02, 0.03], [[90, 80, 85, 95], [90, 79, 85, 95]])
        [[70000.0, 0.0], [0.0, 70000.0]]
        >>> rebate(1500, [0, 1000], [5, 8], 90, 80, "marginal", 1500)
        [[9000.0, 0.0]]
    """
    thresholds, rates = tier_table(thresholds, rates, closed=mode == "interpolated")
    per_unit = ~np.isnan(units)
    refuse(
        mode in PAYING_AMOUNTS and bool(per_unit.any()), VALUE, "这种计算方式的 rates 已是金额：请删去参数 units，或改用 marginal、whole",
        "rates are amounts already in this mode: leave argument units out, or use marginal or whole",
    )  # fmt: skip
    shares_above_1 = mode not in PAYING_AMOUNTS and bool((rates > 1).any())
    refuse(
        shares_above_1 & ~per_unit & per_unit.any(), NUM, "每件金额应给出件数：请填参数 units", "an amount a unit needs the units: fill in argument units",
    )  # fmt: skip
    refuse(
        shares_above_1 and not per_unit.any(), NUM, "返利比例 {value} 大于 1：要填 {value}% 请写 {value}% 或 {part}",
        "rate {value} is above 1: for {value}% enter {value}% or {part}", value=rates.max(initial=0.0), part=rates.max(initial=0.0) / 100,
    )  # fmt: skip
    by_tiers = payout(sales, thresholds, rates, mode)
    by_units = by_tiers * np.nan_to_num(units) / np.where(sales > 0, sales, 1.0)  # without sales the tiers give nothing
    earned = np.where(per_unit, by_units, by_tiers)
    refuse_beyond_fen(earned)
    earned = excel_round(earned)
    if np.isnan(exam_score).any():
        note("有未考的学院：按未及格，返利暂扣", "an exam was not sat: it counts as not passed, the rebate is withheld")
    passed = at_least(exam_score, pass_score).all(axis=1)
    return np.column_stack([np.where(passed, earned, 0.0), np.where(passed, 0.0, earned)])


# ------------------------------------------------------------------------------------------------------------------ fund

FUND_MODE = word_kind(all=("不核销", "全额", "达标核销"), prorata=("按比例", "pro rata", "pro-rata"))


@formula(
    4,
    "市场基金核销：收入达花费 3 倍，公司承担一半（元）",
    "Marketing fund: a claim that brought 3 times its spend is approved; company pays half (yuan)",
    result=("公司承担（元）", "company pays, yuan"),
)
def fundwriteoff(
    spend: Annotated[Floats, each("活动花费（元）", "spend of the activity, yuan", yuan_positive)],
    revenue: Annotated[Floats, each("带来的收入（元）", "revenue it brought, yuan", yuan)],
    ratio: Annotated[Floats, each("收入应为花费的倍数", "times its spend it must bring", positive)] = plan("fund.ratio"),
    company_share: Annotated[Floats, each("公司承担比例", "the company's part", share)] = plan("fund.company_share"),
    mode: Annotated[
        str, one("未达倍数时：all 不核销，prorata 按比例", "a claim that brought less: all (nothing) or prorata", FUND_MODE)
    ] = plan("fund.mode"),
) -> Floats:
    """What the company pays of a dealer's marketing activity.

    Returns: spend × company's part where revenue ≥ ratio × spend; below it 0 (``all``), or in proportion to what was reached
        (``prorata``). Rounded to the fen.
    Errors: #NUM! a negative spend or ratio, a part outside 0–1; #VALUE! text, unknown mode.
    Source: rules, chapter 4, FUNDWRITEOFF.
    Example:
        >>> fundwriteoff(100_000, 300_000)
        50000.0
        >>> fundwriteoff(100_000, 240_000, None, None, "prorata")
        40000.0
    """
    wanted = ratio * spend
    met = at_least(revenue, wanted)
    part = np.where(met, 1.0, np.clip(revenue / np.where(wanted > 0, wanted, 1.0), 0, 1) if mode == "prorata" else 0.0)
    result: Floats = excel_round(spend * part * company_share)
    return result
