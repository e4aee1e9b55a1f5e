"""What people are paid and when: rate tables in force, release on collection, credit splits, draws, clawbacks, bonuses, tax."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, Any, NamedTuple

import numpy as np

from udfs import policy
from udfs.commission import commission_amount, refuse_beyond_fen
from udfs.formula import (
    TABLE,
    Kind,
    bad_cells,
    between,
    date,
    each,
    flag,
    formula,
    goal,
    grid,
    like,
    many,
    margin,
    note,
    number,
    one,
    rate,
    refuse,
    share,
    text,
    word,
    yuan,
    yuan_positive,
)
from udfs.policy import plan
from udfs.shares import check_shares
from udfs.text import Text, joined
from udfs.tiers import tier_table
from udfs.values import (
    DIV0,
    NA,
    NUM,
    VALUE,
    Dates,
    ExcelError,
    Flags,
    Floats,
    Objects,
    Refusal,
    apportion,
    at_least,
    exact,
    excel_round,
    is_blank,
    is_error,
    more_than,
    round_exact,
    same,
    total_of,
    units_in,
)

DRAW_KIND = word(
    recoverable=("可扣回", "可收回", "可追回", "可返还", "先补后扣"),
    recoverable_first=("先扣后补", "先还后补", "立即收回"),
    nonrecoverable=("保底(不扣回)", "保底（不扣回）", "不可收回", "不可追回", "不返还", "保底", "non-recoverable"),
    advance=("滚动预支", "rolling", "预支", "预借"),
    delayed=("延后扣回", "延期扣回", "deferred"),
)
MONTH = between(1, 1200)
MONTHS_BEFORE = between(0, 1200)
SPRINT_OVER = word(quota=("指标", "超过指标"), trigger=("触发线", "超过触发线"))


def in_fen(yuan: float) -> int:
    """Yuan, rounded as Excel does, as whole fen."""
    return units_in(float(excel_round(yuan)), 0.01)[0]


def refuse_lengths(**ranges: Any) -> None:
    """Refuse the whole call when ranges that belong together differ in size."""
    sizes = {name: len(values) for name, values in ranges.items()}
    listed = ", ".join(f"{name} {size}" for name, size in sizes.items())
    refuse(
        len(set(sizes.values())) > 1, VALUE,
        "各区域大小应一致：{listed}", "ranges must be of the same size: {listed}",
        listed=Text(listed, listed),
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- rate tables


def _plain(cell: Any) -> str:
    """A key as it is compared: width, case and spaces around it don't matter."""
    return "" if is_blank(cell) else unicodedata.normalize("NFKC", str(text.read(cell, text))).strip().casefold()


def _unreadable(cell: Any, kind: Kind) -> bool:
    return is_blank(cell) or (not is_error(cell) and isinstance(kind.read(cell, kind), ExcelError))


def _table_cell(cell: Any, kind: Kind, row: int, column: Text) -> Any:
    """A cell of a rate table as ``kind``; the call is refused, naming row and column, if it is none."""
    blank = ExcelError(VALUE, Text("为空：请补上", "it is blank: fill it in"))
    read = cell if is_error(cell) else kind.read(cell, kind) if _plain(cell) else blank
    reason = getattr(read, "reason", None) or Text("是错误值：请先改正它", "it holds an error: correct that first")
    refuse(
        is_error(read), str(read),
        "参数 table 第 {row} 行{column}：{reason}", "argument table, row {row}, {column}: {reason}",
        row=row, column=column, reason=reason,
    )  # fmt: skip
    return read


_FROM, _LEVEL, _THRESHOLD, _RATE = (
    Text("生效日", "valid from"),
    Text("层级（条件）", "level (condition)"),
    Text("下限", "threshold"),
    Text("比例", "rate"),
)
MATCH = word(specific=("最具体", "专用优先", "most specific"), first=("首条", "第一条", "first match"))


class _RateRow(NamedTuple):
    place: int
    since: np.datetime64
    conditions: tuple[str, ...]  # as written
    keys: tuple[str, ...]  # as compared; "" fits everything
    cells: list[Any]

    def fits(self, asked: Sequence[str]) -> bool:
        return all(not key or key == wanted for key, wanted in zip(self.keys, asked, strict=True))


def _rate_rows(table: list[list[Any]]) -> list[_RateRow]:
    """The filled rows; a header row of texts is passed over."""
    filled = [(i, row) for i, row in enumerate(table, 1) if any(_plain(cell) for cell in row)]
    width = len(table[0])
    refuse(
        width < 3, VALUE,
        "参数 table 有 {width} 列：应为 生效日、[层级等条件列]、下限、比例", "argument table has {width} columns: valid from, [level and other conditions], threshold, rate are needed",
        width=width,
    )  # fmt: skip
    if filled:
        first = filled[0][1]
        if _unreadable(first[0], date) and _unreadable(first[-2], number) and _unreadable(first[-1], number):
            filled = filled[1:]
    refuse(not filled, NA, "参数 table 没有数据行：请填档位", "argument table has no rows: fill in the tiers")
    rows = []
    for i, row in filled:
        conditions = tuple(_table_cell(cell, text, i, _LEVEL) if _plain(cell) else "" for cell in row[1:-2])
        rows.append(_RateRow(i, _table_cell(row[0], date, i, _FROM), conditions, tuple(map(_plain, conditions)), row))
    return rows


@formula(
    5,
    "按日期和条件（层级、产品线、区域……）取当时有效的档位表：下限、比例",
    "The tier table in force on a date for given conditions (level, line, region …): thresholds and rates",
    gives=TABLE,
    columns=[("下限", "threshold"), ("比例", "rate")],
)
def ratetable(
    table: Annotated[
        list[list[Any]],
        grid(
            "档位表；列：生效日、[层级等条件，可多列]、下限、比例",
            "tier table; columns: valid from, [level, any other conditions], threshold, rate",
        ),
    ],
    on: Annotated[np.datetime64, one("订单日期", "date of the order", date)],
    level: Annotated[
        Objects | None,
        many(
            "层级、产品线或姓名；多个条件列：按列的次序每列一格；省略取通用行",
            "level, line or name; several conditions: a cell for each of those columns, in their order; omitted: general rows",
            text,
        ),
    ] = None,
    match: Annotated[
        str | None,
        one(
            "取用规则：specific 最具体的，first 从上往下第一条；省略：一个条件列用前者，多列用后者",
            "which rows decide: the most specific, or the first from above that fits; omitted: first with several conditions",
            MATCH,
        ),
    ] = None,
) -> list[list[Any]]:
    """The tiers with the latest "valid from" that is not after ``on``.

    A table of three columns has no conditions. Between "valid from" and threshold stand one or more of them (level, product line,
    region …); a blank cell fits everything (wildcard), width, case and spaces don't matter. Rows with the same conditions are one
    rule. Of the rules that fit and are in force one decides, no stacking: the most *specific* (most conditions filled in, of equals
    the upper one), or the *first* from above. With one condition column the default is specific: a level's own rows take the place
    of the general ones entirely, also when those are newer. With several it is first. A header row is passed over.

    Returns: a row for each tier, ascending: threshold, rate; what TIERED and COMMISSION take.
    Errors: #N/A nothing in force on the date (names the first), no rule that fits (lists the known), no level given and no general
        rows; #VALUE! fewer than 3 columns, not one cell of ``level`` for each condition column, a date, threshold or rate that is none;
        #NUM! a threshold twice.
    Source: rules, chapter 5, RATETABLE; specific beats general: vector D2; several dimensions: SAP Incentive Management, lookup tables.
    Example:
        >>> ratetable([["2027-01-01", 0, 0.03], ["2027-01-01", 0.2, 0.05], ["2028-01-01", 0, 0.04]], "2027-12-31")
        [[0.0, 0.03], [0.2, 0.05]]
        >>> ratetable([["2027-01-01", "EMEA", "Bikes", 0, 0.04], ["2027-01-01", None, None, 0, 0.02]], "2027-03-01", ["EMEA", "Cars"])
        [[0.0, 0.02]]
    """
    rows = _rate_rows(table)
    conditions = len(rows[0].conditions)
    asked = _asked(level, conditions)
    fitting = [row for row in rows if row.fits(asked)]
    shown = joined(filter(None, [] if level is None else level))
    known = list(dict.fromkeys("/".join(row.conditions) for row in rows if any(row.keys)))
    fields = {
        "level": Text(f'"{shown.zh}"', f'"{shown.en}"'),
        "known": joined(known or [Text("（无）", "none")]),
    }
    refuse(
        not fitting and not any(asked), NA,
        "参数 level 为空，而 table 没有通用行：请填层级，可用 {known}", "argument level is blank and table has no general rows: give one of {known}",
        **fields,
    )  # fmt: skip
    refuse(
        not fitting, NA,
        "参数 level：table 没有层级 {level}：可用 {known}", "argument level: table has no level {level}: use one of {known}", **fields,
    )  # fmt: skip
    in_force = [row for row in fitting if row.since <= on]
    refuse(
        not in_force, NA,
        "参数 on：{on} 尚无有效档位，最早生效日为 {first}：请补上更早的档位", "argument on: no tiers in force on {on}, the first are valid from {first}: add earlier ones",
        on=on, first=min(row.since for row in fitting),
    )  # fmt: skip
    first_decides = match == "first" or (match is None and conditions > 1)
    chosen = min(in_force, key=lambda row: (0 if first_decides else row.keys.count(""), row.place)).keys
    if any(asked) and not any(chosen):
        note(
            "层级 {level} 没有自己的有效档位，用通用行",
            "level {level} has no tiers of its own in force: the general ones hold",
            **fields,
        )
    latest = max(row.since for row in in_force if row.keys == chosen)
    tiers = sorted(
        (_table_cell(row.cells[-2], number, row.place, _THRESHOLD), _table_cell(row.cells[-1], number, row.place, _RATE))
        for row in in_force
        if row.keys == chosen and row.since == latest
    )
    thresholds, rates = tier_table(*np.array(tiers, dtype=float).T)
    return list(np.column_stack([thresholds, rates]).tolist())


def _asked(level: Objects | None, conditions: int) -> list[str]:
    """What is asked for in each condition column."""
    given = [] if level is None else [_plain(cell) for cell in level]
    refuse(
        len(given) > 0 and conditions > 0 and len(given) != conditions, VALUE,
        "参数 level 有 {got} 格，table 有 {wanted} 个条件列：应一样多", "argument level has {got} cells, table has {wanted} columns of conditions: give as many",
        got=len(given), wanted=conditions,
    )  # fmt: skip
    return given if given and conditions else [""] * conditions


# ------------------------------------------------------------------------------------------------- release, credit, draws


@formula(
    5,
    "回款提成：按累计回款比例转可发的提成，质保金部分最后转可发",
    "Commission released as cash comes in, the retention's part last",
    result=("累计转可发提成（元）", "commission released so far, yuan"),
)
def released(
    commission: Annotated[Floats, each("签单时计提的提成（元）", "commission accrued at signing, yuan", yuan)],
    invoice: Annotated[Floats, each("应收总额（元）", "amount invoiced, yuan", yuan)],
    paid: Annotated[Floats, each("累计回款（元）", "cash received so far, yuan", yuan)],
    retention: Annotated[
        Floats, each("质保金占应收比例（0–1）", "retention: share of the invoice the customer keeps back (0–1)", share)
    ] = plan("release.retention"),
) -> Floats:
    """How much of a commission is released by the cash received so far.

    In proportion to the cash, commission × paid ÷ invoice, up to the part without the retention: 1 − retention. The
    retention's own part is released in one piece, when the invoice has been paid in full. Cumulative: today's release less
    last month's is what to pay. More than the invoice releases no more than the commission; net refunds release nothing. A
    red-letter invoice with negative commission, invoice and payments mirrors this.

    Returns: the commission released so far, rounded to the fen; paid in full it is the commission itself.
    Errors: #DIV/0! invoice 0 or blank; #NUM! retention outside 0–1.
    Source: rules, chapter 5, release on collection; OCA commission, pay-when-paid (vector C13).
    Example:
        >>> released(4000, 20000, 10000)
        2000.0
        >>> released(4000, 20000, [[10000, 19500, 20000]], 0.05)
        [[2000.0, 3800.0, 4000.0]]
    """
    refuse(
        invoice == 0, DIV0,
        "参数 invoice 为 0：没有应收，无法按回款比例转可发；请填应收总额", "argument invoice is 0, so no share of it is paid: enter the amount invoiced",
    )  # fmt: skip
    received = np.nan_to_num(paid / invoice)
    in_full = at_least(received, 1)
    if (more_than(received, 1) & (invoice != 0)).any():
        note("回款超过应收：最多转可发全部提成", "more was paid than invoiced: the commission is the most that is released")
    part = excel_round(commission * np.clip(received, 0, 1 - retention))
    within = np.clip(part, np.minimum(commission, 0), np.maximum(commission, 0))
    return np.where(in_full, commission, within)


def _read_tick(cell: Any, kind: Kind) -> Any:
    """A flag, but no other number than 0 and 1: an overlay *share* must not pass for a tick."""
    read = number.read(cell, number) if not isinstance(cell, str) else flag.read(cell, flag)
    if isinstance(read, ExcelError) or read in (0, 1):
        return read if isinstance(read, ExcelError) else bool(read)
    return ExcelError(
        VALUE,
        Text(
            "不是“是/否”：叠加份额请填在 shares 里，并在 overlay 同一位置填 TRUE",
            "neither true nor false: put overlay shares into shares and TRUE beside them in overlay",
        ),
    )


TICK = Kind(flag.name, bool, _read_tick, False)


@formula(
    5,
    "按份额拆分业绩或提成，各部分精确到分、相加等于总额",
    "Split credit or commission by shares, exact to the fen",
    gives=like("shares"),
    result=("各人部分（元）", "each one's part, yuan"),
)
def splitcredit(
    amount: Annotated[float, one("要拆分的金额（元）；退货为负", "amount to split, yuan; negative for a return", yuan)],
    shares: Annotated[Floats, many("各人份额，合计 1（或 100）", "each one's share, adding to 1 (or to 100)")],
    overlay: Annotated[
        Flags,
        many(
            "TRUE：合计可超过 1；或逐个份额标 TRUE 为叠加",
            "TRUE: may add to more than 1; or TRUE beside each share that is overlay",
            TICK,
        ),
    ] = False,  # type: ignore[assignment]
) -> list[float]:
    """The parts of an amount, rounded to the fen by largest remainder (ties to the earlier part): they add up to it.

    Shares add to 1, or to 100 as percent numbers; thirds as 0.3333 × 3 or 33.33 × 3 are equal thirds, said. Over 100% only with
    ``overlay``: beside each share, the unticked ones add to 1 and share the amount, the ticked ones are on top; one TRUE for all
    lets the sum exceed 1, and the parts add up to amount × sum. A blank share is 0.

    Returns: one part for each share, in yuan, in the shape of ``shares``.
    Errors: #NUM! shares that don't add to 1 (says by how much), negative ones, 35 for 35%; #VALUE! sizes that differ.
    Source: rules, chapter 5, SPLITCREDIT; vectors C12, D1, D4.
    Example:
        >>> splitcredit(6.45, [0.3, 0.7])
        [[1.94, 4.51]]
        >>> splitcredit(100000, [[0.5], [0.5], [0.2]], [[False], [False], [True]])
        [[50000.0], [50000.0], [20000.0]]
    """
    ticks = np.atleast_1d(overlay)
    if len(ticks) == 1 and ticks[0] and at_least(1, shares.max()) and more_than(shares.sum(), 1 + 0.00005 * len(shares)):
        parts = _on_top(amount, shares)
    else:
        ticks = ticks if len(ticks) > 1 else np.zeros(len(shares), dtype=bool)
        refuse_lengths(shares=shares, overlay=ticks)
        whole = check_shares(np.where(ticks, 0, shares), percent=True)
        parts = _parts(amount, np.where(ticks, 0, shares)) + _on_top(amount, np.where(ticks, shares, 0) / whole)
    if ticks.any():
        note("含叠加，各部分合计 {total} 元", "with overlay the parts add to {total} yuan", total=total_of(parts))
    return list(parts.tolist())


def _on_top(amount: float, shares: Floats) -> Floats:
    """Parts of shares that need not add to 1: they add up to amount × their sum."""
    refuse(
        (~((shares >= 0) & at_least(1, shares))).any(), NUM,
        "叠加份额应在 0 到 1 之间：要填 20% 请写 20% 或 0.2", "overlay shares must be from 0 to 1: for 20% enter 20% or 0.2",
    )  # fmt: skip
    return _parts(round_exact(exact(amount) * exact(total_of(shares))), shares)


def _parts(amount: float, shares: Floats) -> Floats:
    """The amount over the positive shares; what is less than a fen goes to the last of them, said."""
    sharing = np.flatnonzero(shares > 0)
    parts = np.zeros(len(shares))
    if len(sharing):
        parts[sharing] = apportion(amount, shares[sharing], 0.01)
        if units_in(amount, 0.01)[1]:
            note("金额不是整分：余数归最后一份", "the amount is no whole number of fen: the odd rest is in the last part")
    return parts


@formula(
    5,
    "预支底薪逐月结算：实发、调整（实发 − 应得 − 奖金）、结余欠款；给了期初结转则另列结转",
    "Draws against commission by month: paid, adjustment (paid − earned − bonus), balance owed; carried, if carry is given",
    gives=TABLE,
    columns=[
        ("实发（元）", "paid, yuan"),
        ("调整（元）", "adjustment, yuan"),
        ("欠款余额（元）", "balance, yuan"),
        ("结转（元；仅当给了 carry）", "carried, yuan (only with carry)"),
    ],
)
def draw(
    earned: Annotated[
        Floats,
        many(
            "各月应得提成（元），不含奖金；可为负",
            "earned in each month without bonuses, yuan; may be negative",
            yuan,
            spared=True,
        ),
    ],
    draw: Annotated[
        Floats, many("每月预支（元）：一个数或逐月", "draw, yuan: one for all months or one a month", yuan_positive, spared=True)
    ],
    kind: Annotated[str, one("预支方式", "kind of draw", DRAW_KIND)] = "recoverable",
    balance: Annotated[
        float, one("期初欠款（元）；advance：上月预支", "debt at the start, yuan; advance: last month's draw", yuan_positive)
    ] = 0.0,
    recover_from: Annotated[
        float, one("delayed：自预支第几个月起扣回", "delayed: recovery begins in this month of the draw", MONTH)
    ] = 1.0,
    recover_most: Annotated[
        float | None,
        one("delayed：每月最多扣回（元）；省略不限", "delayed: most recovered a month, yuan; omitted: no limit", yuan_positive),
    ] = None,
    months_before: Annotated[
        float, one("此前已预支几个月", "months the draw ran before the first one here", MONTHS_BEFORE)
    ] = 0.0,
    carry: Annotated[
        float | None,
        one(
            "期初结转（元）：给出则负数结转而不为负发放",
            "opening carry, yuan; given: what is negative is carried, not paid",
            yuan,
        ),
    ] = None,
    bonus: Annotated[
        Floats,
        many("各月奖金（元），在预支之外另发", "bonus of each month, yuan: on top of the draw", yuan_positive, spared=True),
    ] = 0.0,  # type: ignore[assignment]
) -> list[list[Any]]:
    """Draws by month, in order.

    *recoverable*: pay at least the draw; the shortfall is a debt, recovered only from what exceeds the draw. *recoverable_first*:
    all earnings go to the debt first, then pay is topped up to the draw. (Both come to the same pay and debt.) *nonrecoverable*: pay
    at least the draw, nothing more is owed; an older debt is not recovered and stays. *advance*: earned + this month's draw − last
    month's; the draw is what is owed, and pay is negative where last month's draw was not earned. *delayed*: as recoverable, but
    recovery begins in month ``recover_from`` of the draw and takes ``recover_most`` a month at most; it never takes pay below the draw.
    The draw's first month is the first one with a draw here, or ``months_before`` months earlier. A blank month earned nothing. A bonus
    is paid on top of a draw. Amounts are rounded to the fen; part of a month is prorated before it comes here.

    ``carry`` is what the account carried into the first month (0 for nothing). With it a draw is reckoned on carry + earned, pay is
    never negative and what remains is carried: where there is no draw in the month, and with *advance*, whose draw is no cover.

    Returns: a row for each month: paid, adjustment (paid − earned − bonus), debt after the month; with ``carry`` also what is carried
        into the next.
    Errors: from a month with a bad cell on, that cell's own (#VALUE! text, #NUM! a negative draw or bonus, an amount above 10^13 yuan).
        The whole call: #VALUE! as many draws and bonuses as months are needed, or one; unknown kind; #NUM! a negative balance.
    Source: rules, chapter 5, DRAW; Siebel C1, Oracle EBS C3, QuotaPath C5.
    Example:
        >>> draw([2750, 3000, 1500, 2375], 2000)
        [[2750.0, 0.0, 0.0], [3000.0, 0.0, 0.0], [2000.0, 500.0, 500.0], [2000.0, -375.0, 125.0]]
        >>> draw([2400, 1200, -1500, 6000], 3000, "delayed", 0, 3, 800)
        [[3000.0, 600.0, 600.0], [3000.0, 1800.0, 2400.0], [3000.0, 4500.0, 6900.0], [5200.0, -800.0, 6100.0]]
    """
    bonus = np.atleast_1d(np.asarray(bonus, dtype=float))
    draws, bonuses = (np.broadcast_to(line, earned.shape) if len(line) == 1 else line for line in (draw, bonus))
    refuse_lengths(earned=earned, draw=draws, bonus=bonuses)
    for name, months in (("recover_from", recover_from), ("months_before", months_before)):
        refuse(
            months != int(months), NUM, "参数 {name} 为 {months}：应为整月数", "argument {name} is {months}: it must be whole months",
            name=Text(name, name), months=months,
        )  # fmt: skip
    if kind == "nonrecoverable" and in_fen(balance):
        note(
            "保底(不扣回)的预支不扣期初欠款 {owed} 元，欠款不变",
            "a nonrecoverable draw does not recover the {owed} yuan owed before: they stay owed",
            owed=balance,
        )
    if kind != "delayed" and (recover_from != 1 or recover_most is not None):
        note(
            "recover_from 与 recover_most 只用于 delayed，未采用",
            "recover_from and recover_most are used by delayed only: they were left aside",
        )
    limit = None if recover_most is None else in_fen(recover_most)
    drawn = np.flatnonzero(np.asarray(draws) > 0)
    first = -int(months_before) if months_before else int(drawn[0]) if len(drawn) else 0
    owed, carried = in_fen(balance), in_fen(carry or 0.0)
    rows = []
    for month, (gained, least, on_top) in enumerate(
        zip(map(in_fen, earned), map(in_fen, draws), map(in_fen, bonuses), strict=True)
    ):
        most = limit if month - first + 1 >= recover_from else 0
        due, owed = _after_draw(kind, gained + carried, least, owed, most if kind == "delayed" else None, carry is not None)
        paid = due + on_top
        carried = min(paid, 0) if carry is not None else 0
        paid -= carried
        rows.append([paid, paid - gained - on_top, owed, *([carried] if carry is not None else [])])
    if any(row[0] < 0 for row in rows):
        note(
            "有月份实发为负：上月预支未被应得覆盖，应由本人退回",
            "pay is negative where last month's draw was not earned: it is to be paid back",
        )
    told: list[list[Any]] = [[cell / 100 for cell in row] for row in rows]
    bad = {at: fault for name in ("bonus", "draw", "earned") for at, fault in bad_cells(name).items()}
    if bad:  # every later month hangs on it: its debt, its carry
        since = min(bad)
        if not since:
            raise Refusal(bad[since])
        told[since:] = [[bad[since]] * len(row) for row in told[since:]]
    return told


def _after_draw(kind: str, gained: int, least: int, owed: int, most: int | None, carrying: bool) -> tuple[int, int]:
    """What a month's earnings come to with a draw of ``least``, and the debt after it, all in fen.

    ``most``: how much may be recovered (None: all). ``carrying``: what is negative without a draw is carried by the account.
    """
    if kind == "nonrecoverable":
        return (gained if carrying and not least else max(gained, least)), owed
    if kind == "advance":
        return gained + least - owed, least
    if carrying and not least and gained < 0:
        return gained, owed
    taken = min(owed, max(gained - least, 0), *([] if most is None else [most]))
    paid = max(gained - taken, least)
    return paid, owed + paid - gained


@formula(
    5,
    "退货、坏账或红字发票应追回的提成：按当时已发放的比例",
    "Commission to take back for a return, bad debt or red-letter invoice, at the rate that was paid",
    result=("应追回提成（元，正数）", "commission to take back, yuan (positive)"),
)
def clawback(
    paid: Annotated[Floats, each("该订单已发放提成（元）", "commission paid on the order, yuan", yuan)],
    order_amount: Annotated[Floats, each("该订单金额（元）", "amount of the order, yuan", yuan)],
    returned_amount: Annotated[Floats, each("累计退回金额（元，正数）", "amount returned so far, yuan, positive", yuan_positive)],
) -> Floats:
    """What is taken back of a commission: the returned part at the rate that was paid on this very order.

    paid × returned ÷ order, never at a blended or today's rate. ``returned_amount`` is cumulative, so what was taken back
    before is subtracted from the result.

    Returns: a positive amount to take back (subtract it from pay), rounded to the fen; everything returned gives exactly
        what was paid.
    Errors: #DIV/0! order 0 or blank; #NUM! negative order or return (a red-letter invoice is entered without its sign),
        more returned than ordered.
    Source: rules, chapter 5, CLAWBACK.
    Example:
        >>> clawback([[10], [15]], 100, [[100], [50]])
        [[10.0], [7.5]]
    """
    refuse(
        order_amount == 0,
        DIV0,
        "参数 order_amount 为 0：请填原订单金额",
        "argument order_amount is 0: enter the original order's amount",
    )
    refuse(
        order_amount < 0, NUM,
        "参数 order_amount 为负（{order}）：请填原订单金额", "argument order_amount is negative ({order}): enter the original order's amount",
        order=order_amount,
    )  # fmt: skip
    refuse(
        more_than(returned_amount, order_amount), NUM,
        "退回 {returned} 超过订单 {order}：请核对 returned_amount", "{returned} returned of an order of {order}: check returned_amount",
        returned=returned_amount, order=order_amount,
    )  # fmt: skip
    return np.where(same(returned_amount, order_amount), paid, excel_round(paid * (returned_amount / order_amount)))


@formula(
    5,
    "冲刺奖：达成率不低于 110% 时，超额部分的 2% 计入团队旅游基金",
    "Sprint bonus: from 110% attainment 2% of the excess goes into the team's travel fund",
    result=("团队基金（元）", "team fund, yuan"),
)
def sprintbonus(
    quota: Annotated[Floats, each("团队指标（元）", "the team's quota, yuan", yuan)],
    actual: Annotated[Floats, each("团队完成额（元，口径见参数）", "what the team reached, yuan (basis: Settings)", yuan)],
    trigger: Annotated[Floats, each("触发达成率", "attainment that triggers it", goal)] = plan("sprint.trigger"),
    rate: Annotated[Floats, each("超额部分的比例", "rate on the excess", share)] = plan("sprint.rate"),
    over: Annotated[str, one("超额从指标或触发线起算", "excess counted over the quota or the trigger", SPRINT_OVER)] = plan(
        "sprint.over"
    ),
) -> Floats:
    """The sprint bonus of each team; at the trigger exactly it is due.

    It goes into the team's travel fund and is no personal pay (travel given to people may be taxable).

    Quota and actual are a quarter's; they are compared as decimals, so that 109.99999967% is not 110%.

    Returns: an amount for each team, rounded to the fen; 0 below the trigger.
    Errors: #DIV/0! quota 0 or blank; #NUM! negative quota, trigger 110 for 110%, rate above 1.
    Source: rules, chapter 5, SPRINTBONUS.
    Example:
        >>> sprintbonus(100, 110)
        0.2
        >>> sprintbonus(3000000, [[3299999.99, 3300000]])
        [[0.0, 6000.0]]
    """
    refuse(
        quota == 0,
        DIV0,
        "参数 quota 为 0：没有指标就没有达成率；请填指标",
        "argument quota is 0, so there is no attainment: enter the quota",
    )
    refuse(
        quota < 0,
        NUM,
        "参数 quota 为负（{quota}）：请填正数",
        "argument quota is negative ({quota}): enter a positive one",
        quota=quota,
    )
    return np.array([_fund(*row, over) for row in zip(quota, actual, trigger, rate, strict=True)], dtype=float)


def _fund(quota: float, actual: float, trigger: float, rate: float, over: str) -> float:
    """Compared as decimals: a fen below the border is below it, however large the quota. Six digits: what sums of floats leave
    behind is no money."""
    if quota <= 0:
        return 0.0
    reached, border = exact(excel_round(actual, 6)), exact(quota) * exact(trigger)
    excess = reached - (border if over == "trigger" else exact(quota))
    return round_exact(max(excess, Fraction(0)) * exact(rate)) if reached >= border else 0.0


# -------------------------------------------------------------------------------------------------------- cost of the plan


@formula(
    5,
    "激励成本测算：各达成率下要付的提成与人员预算相比",
    "What the plan pays at each attainment, against the people budget",
    gives=TABLE,
    columns=[
        ("达成率", "attainment"),
        ("签单（元）", "bookings, yuan"),
        ("提成（元）", "commission, yuan"),
        ("人员预算（元）", "people budget, yuan"),
        ("结余（元）", "left, yuan"),
    ],
)
def plancost(
    quotas: Annotated[Floats, many("各人或各团队年度指标（元）", "yearly quota of each person or team, yuan", yuan_positive)],
    margin_rates: Annotated[Floats, many("各自毛利率，或一个", "gross margin rate of each, or one for all", margin)],
    attainments: Annotated[Floats, many("达成率，如 80%、100%、120%", "attainments, such as 80, 100, 120%", goal, "skip")] = plan(
        "plancost.attainments"
    ),
    budget: Annotated[
        float | None, one("人员预算（元）；省略按指标合计推算", "people budget, yuan; omitted: from the quotas", yuan_positive)
    ] = None,
    thresholds: Annotated[Floats, many("各档毛利率下限", "lower ends of the margin tiers", margin, np.nan)] = plan(
        "commission.thresholds"
    ),
    rates: Annotated[Floats, many("各档提成比例", "commission rate of each tier", rate, np.nan)] = plan("commission.rates"),
) -> list[list[float]]:
    """What the plan pays if everybody reaches the same share of the quota.

    COMMISSION on quota × attainment at the row's margin rate, summed. Without ``budget`` the people budget is what the plan
    sets aside for it: total quota × 20% × 35%. The sprint bonus is not in it: it goes into the travel fund.

    Returns: a row for each attainment: attainment, bookings, commission, people budget, what is left of it (negative: overspent).
    Errors: #NUM! negative quota, 80 for 80%, margin rate above 1; #VALUE! as many margin rates as quotas are needed, or one.
    Source: rules, chapter 5, PLANCOST; budget: chapter 11 (35% of 20% of 420,000,000 = 29,400,000).
    Example:
        >>> plancost(420_000_000, 0.3, [[0.8, 1]])
        [[0.8, 336000000.0, 4200000.0, 29400000.0, 25200000.0], [1.0, 420000000.0, 5250000.0, 29400000.0, 24150000.0]]
    """
    thresholds, rates = tier_table(thresholds, rates)
    margins = np.broadcast_to(margin_rates, quotas.shape) if len(margin_rates) == 1 else margin_rates
    refuse_lengths(quotas=quotas, margin_rates=margins)
    refuse(len(attainments) == 0, NA, "参数 attainments 为空：请填达成率", "argument attainments is blank: enter attainments")
    if budget is None:
        budget = float(excel_round(total_of(quotas) * policy.value("budget.rate") * policy.value("budget.shares")[0]))
    rows = []
    for attainment in attainments:
        bookings = excel_round(quotas * attainment)
        earned = excel_round(commission_amount(bookings, margins, thresholds, rates))
        refuse_beyond_fen(earned)
        paid = total_of(earned)
        rows.append([attainment, total_of(bookings), paid, budget, total_of([budget, -paid])])
    if any(row[4] < 0 for row in rows):
        note("有达成率下提成超出人员预算", "the commission exceeds the people budget at some attainment")
    return rows


# ------------------------------------------------------------------------------------------------------------ tax on a bonus


@formula(
    5,
    "全年一次性奖金单独计税的个人所得税（元）",
    "Income tax on a year-end bonus taxed alone (yuan)",
    result=("应纳税额（元）", "tax, yuan"),
)
def yearendtax(
    bonus: Annotated[Floats, each("全年一次性奖金（元）", "year-end bonus, yuan", yuan_positive)],
    on: Annotated[Dates, each("发放日期；省略为今天", "day of payment; omitted: today", date)] = None,  # type: ignore[assignment]
    thresholds: Annotated[Floats, many("月均奖金各档上限", "upper ends of the monthly bonus", blanks=np.nan)] = plan(
        "tax.thresholds"
    ),
    rates: Annotated[Floats, many("各档税率", "tax rate of each tier", share, np.nan)] = plan("tax.rates"),
    deductions: Annotated[Floats, many("各档速算扣除数（元）", "quick deductions, yuan", blanks=np.nan)] = plan("tax.deductions"),
) -> Floats:
    """Tax on a bonus taxed apart from salary: bonus × rate − quick deduction, the tier found by a twelfth of the bonus.

    A border belongs to the lower tier. The rate holds for the whole bonus but the deduction is that of one month, so just above a
    border the tax jumps and less is paid out than at the border: a bonus in that range gets a note that says where it ends.

    Returns: the tax, rounded to the fen; 0 for no bonus.
    Errors: #NUM! negative bonus, upper ends out of order; #N/A day of payment after the rule's last day (2027-12-31);
        #VALUE! a table that does not fit together.
    Source: 财税〔2018〕164 号 by a secondary source (252412917-blip/tax-optimizer-app constants.ts, vector B1).
    Example:
        >>> yearendtax([[36000], [36001]], "2027-06-30")
        [[1080.0], [3390.1]]
    """
    thresholds, rates, deductions = _tax_table(thresholds, rates, deductions)
    on = np.where(np.isnat(on), np.datetime64(policy.today()), on)
    ends = policy.POLICIES["tax.rates"].valid_to
    refuse(
        on > np.datetime64(ends), NA,
        "{on} 已过单独计税政策的截止日 {ends}：请按当时的税法计算", "{on} is after {ends}, when taxing a bonus alone ends: use the law of that day",
        on=on, ends=np.datetime64(ends),
    )  # fmt: skip
    tier = sum((more_than(bonus / 12, t).astype(int) for t in thresholds), np.zeros(bonus.shape, dtype=int))
    for k, border in enumerate(12 * thresholds):
        after_tax = border - (border * rates[k] - deductions[k])
        even = (after_tax - deductions[k + 1]) / (1 - rates[k + 1])
        if (more_than(bonus, border) & (bonus < even)).any():
            note(
                "奖金超过 {border} 而不足 {even} 元时，税后反而少于只发 {border} 元",
                "a bonus above {border} and below {even} yuan leaves less after tax than {border} itself",
                border=border,
                even=float(excel_round(even)),
            )
    result: Floats = np.maximum(excel_round(bonus * rates[tier] - deductions[tier]), 0)
    return result


def _tax_table(*columns: Any) -> list[Floats]:
    """Upper ends, rates and deductions as arrays without trailing blanks; refused if they don't fit together."""
    table = [np.asarray(column, dtype=float) for column in columns]
    table = [column[: int(np.flatnonzero(~np.isnan(column))[-1:].sum()) + 1] for column in table]
    ends, rates, deductions = table
    refuse(
        not len(rates) == len(deductions) == len(ends) + 1 or any(np.isnan(column).any() for column in table), VALUE,
        "税率表不完整：{n} 个上限应配 {more} 个税率和速算扣除数", "the tax table is incomplete: {n} upper ends need {more} rates and deductions",
        n=len(ends), more=len(ends) + 1,
    )  # fmt: skip
    refuse(
        not more_than(ends[1:], ends[:-1]).all(), NUM,
        "参数 thresholds 应逐个递增：请调整顺序", "argument thresholds must rise: put them in order",
    )  # fmt: skip
    return table
