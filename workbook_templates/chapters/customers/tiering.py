"""The tiers of all customers: what they bought, added up → the rows of Customers and TierChanges.

Pure: no files, no workbook. The figures are those of the catalogue's functions (RFM, RFMSCORE, CLVINPUTS, CLV, PALIVE,
CUSTOMERTIER, TEAM), made by the same cores.

A customer's tier *before* is the one it had before this as-of day: changes written for this day (or a later one) are looked
through, as long as each begins where the one before it ended. So a refresh repeated on the same day, with late invoices, is
judged against the last period and not against its own first try, and the same input twice gives the same rows. A tier that
somebody typed in since breaks that chain and counts as the tier before.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from udfs import clv, policy
from udfs.customers import OUTSIDE, TIERS, Border, Standings, bound_of, level_of, reason_of, shares_of, standings, team
from udfs.formula import listening
from udfs.rfm import canonical, codes_of, model_inputs, quintiles
from udfs.text import Text, joined
from udfs.values import Floats, excel_round
from workbook_templates.tables.schema import TABLES, Row
from workbook_templates.transactions.purchases import Purchases, date_of, day_number

UNIT = "week"  # of the model's times
# The columns of Customers that a refresh writes; the others are people's.
WRITTEN = tuple(column.key for column in TABLES["Customers"].columns if column.by_program)

# -------------------------------------------------------------------------------------------------------------------- settings


@dataclass(frozen=True)
class TierSettings:
    """What of the policy tiers depend on."""

    caps: Sequence[float]
    shares: Sequence[float]
    buffer: float
    team_s: Sequence[float]
    team_a: Sequence[float]
    months: float
    monthly_discount: float
    margin_rate: float

    @classmethod
    def of(cls, setting: Callable[[str], Any] = policy.value) -> TierSettings:
        """By key, from a workbook's Settings sheet or the policy itself."""
        own = ("caps", "shares", "buffer", "team_s", "team_a")
        value = ("months", "monthly_discount", "margin_rate")
        return cls(*(setting(f"customers.{key}") for key in own), *(setting(f"clv.{key}") for key in value))


# ----------------------------------------------------------------------------------------------------------------------- tiers


@dataclass
class Tiered:
    """What a refresh comes to. ``rows`` are Customers as they stood with the written columns new, then the new customers."""

    rows: list[Row]
    new: list[str]  # IDs that Customers lacked
    changes: list[Row]  # to append to TierChanges
    borders: list[Border]
    model: clv.Model | None
    notes: list[Text]


class Before(NamedTuple):
    """A customer's tier before this as-of day and the figures that went with it."""

    tier: str | None
    rank: Any
    sales_share: Any
    clv_share: Any
    again: bool  # a change was written for this day already


def tiers(purchases: Purchases, customers: Sequence[Row], history: Sequence[Row], settings: TierSettings) -> Tiered:
    """The new rows of Customers and those that TierChanges gains. Texts for cells come in the language in force.

    ``customers`` and ``history`` (TierChanges) are rows as read, IDs unique also when their width and spaces are ignored. Raises
    ``Refusal`` when there is nothing to rank by: nobody with sales or value above 0.
    """
    ids = purchases.summary.ids.tolist()
    places = {key: i for i, key in enumerate(ids)}
    keys = [canonical(str(row["id"])) for row in customers]
    known = set(keys)
    new = [key for key in ids if key not in known]
    rows = [dict(row) for row in customers] + [_newcomer(key, purchases) for key in new]
    before = _before([*zip([*keys, *new], rows, strict=True)], history, purchases.as_of)
    with listening() as said:
        figures = _figures(purchases, settings)
        found = standings(
            ids, figures.sales, figures.worth, [before[key].tier for key in ids], settings.caps, settings.shares, settings.buffer
        )
    told = _Told(purchases, settings, figures, found, any(level_of(was.tier) < OUTSIDE for was in before.values()))
    changes = []
    for key, row in zip([*keys, *new], rows, strict=True):
        was, now = before[key], dict(row)
        row.update(told.bought(places[key], was) if key in places else told.absent(was))
        if level_of(row["tier"]) != level_of(now["tier"]):  # coming to C is no change
            changes.append(_change(now, row, was.again, purchases.as_of))
    notes = [*purchases.notes, *figures.notes, *said, *_said_new(new), *told.notes()]
    return Tiered(rows, new, changes, found.borders, figures.model, list(dict.fromkeys(notes)))


def _newcomer(key: str, purchases: Purchases) -> Row:
    """A customer that only the transactions know; its ID stands for a name until somebody enters one."""
    row: Row = dict.fromkeys(column.key for column in TABLES["Customers"].inputs)
    return row | {"id": key, "name": purchases.names.get(key) or key}


def _said_new(new: Sequence[str]) -> list[Text]:
    if not new:
        return []
    return [
        Text(
            "{n} 家客户只在交易中，已补入客户表，请补全名称、区域与负责人：{names}",
            "added, in the transactions only: {n} × customer; fill in name, region and owner: {names}",
        ).format(n=len(new), names=joined(new, most=3, unit="家"))
    ]


def _before(rows: Sequence[tuple[str, Row]], history: Sequence[Row], as_of: dt.date) -> dict[str, Before]:
    """The tier of each before this day: changes since are undone in thought, from the last to the first of an unbroken chain."""
    since: dict[str, list[Row]] = defaultdict(list)
    for change in sorted((c for c in history if c["date"] >= as_of), key=lambda c: c["date"]):
        since[canonical(str(change["customer"]))].append(change)
    out = {}
    for key, row in rows:
        was = Before(row["tier"], row["rank"], row["sales_share"], row["clv_share"], False)
        for change in reversed(since.get(key, [])):
            if change["after"] != (was.tier or TIERS[OUTSIDE]):
                break
            rank, sales, worth = (change[f"{key}_before"] for key in ("rank", "sales_share", "clv_share"))
            was = Before(change["before"], rank, sales, worth, True)
        out[key] = was
    return out


def _change(before: Row, row: Row, again: bool, as_of: dt.date) -> Row:
    prefix = str(Text("重算：", "recomputed: ")) if again else ""
    figures = {k: row[k] for k in ("rank", "sales_share", "clv_share")} | {
        f"{k}_before": before[k] for k in ("rank", "sales_share", "clv_share")
    }
    return {
        "date": as_of,
        "customer": row["id"],
        "name": row["name"],
        "before": before["tier"],
        "after": row["tier"] or TIERS[OUTSIDE],
        **figures,
        "reason": prefix + row["reason"],
    }


# --------------------------------------------------------------------------------------------------------------------- figures


class _Figures(NamedTuple):
    """The figures of each customer that bought, by ID."""

    sales: Floats  # of the trailing 12 months, yuan
    worth: Floats  # lifetime value, yuan; 0 where it can't be had
    sales_share: Floats
    clv_share: Floats
    alive: Floats
    scores: Sequence[str]  # RFM
    model: clv.Model | None
    notes: list[Text]


def _figures(purchases: Purchases, settings: TierSettings) -> _Figures:
    bought, as_of = purchases.summary, day_number(purchases.as_of)
    has = bought.frequency > 0
    sales = purchases.recent / 100
    worth, alive = np.zeros(len(sales)), np.full(len(sales), np.nan)
    scores = np.full(len(sales), "", dtype=object)
    model, notes = None, []
    if not has.all():
        notes.append(
            Text("{n} 家客户只有退货，没有购买", "customers with credit notes only, no purchase: {n}").format(n=int((~has).sum()))
        )
    if has.any():
        x, t, age, mean = (column[has] for column in model_inputs(bought, as_of, UNIT))
        model = clv.fit(x, t, age, mean)
        notes += model.notes
        alive[has] = model.alive(x, t, age)
        if np.isnan(model.v):
            notes.append(
                Text(
                    "没有复购金额：客户价值无法估计，得分只按销售额",
                    "there is no repeat value to learn from: lifetime value can't be estimated, the score is sales alone",
                )
            )
        else:
            earned = model.worth(x, t, age, mean, int(settings.months), settings.monthly_discount, UNIT)
            worth[has] = excel_round(earned * settings.margin_rate, 2)
        mean_day = bought.total[has] / 100 / bought.frequency[has]
        scores[has] = codes_of(quintiles(np.array([as_of - bought.last[has], bought.frequency[has], mean_day], dtype=float)))
    sales_share, clv_share = (np.round(shares_of(column, name), 12) for column, name in ((sales, "sales"), (worth, "clv")))
    return _Figures(sales, worth, sales_share, clv_share, alive, scores.tolist(), model, notes)


# ------------------------------------------------------------------------------------------------------------- told in cells


class _Told:
    """What each customer's row says."""

    def __init__(self, purchases: Purchases, settings: TierSettings, figures: _Figures, found: Standings, fresh: bool) -> None:
        self.found, self.fresh, self.as_of = found, fresh, purchases.as_of
        self.teams = {tier: _team(tier, settings) for tier in TIERS}
        bought = purchases.summary
        mean = figures.worth.mean() if len(figures.worth) else 0.0
        index = 100 * figures.worth / mean if mean > 0 else np.full(len(figures.worth), np.nan)
        per_day = bought.total / 100 / np.maximum(bought.frequency, 1)
        columns: dict[str, Sequence[Any]] = {
            "rank": found.ranks,
            "score": found.scores.tolist(),
            "sales_12m": figures.sales.tolist(),
            "sales_share": figures.sales_share.tolist(),
            "clv_index": _cells(excel_round(index, 2)),
            "clv_share": figures.clv_share.tolist(),
            "alive": _cells(np.round(figures.alive, 6)),
            "last_purchase": [date_of(day) if n else None for day, n in zip(bought.last, bought.frequency, strict=True)],
            "frequency": bought.frequency.tolist(),
            "monetary": _cells(np.where(bought.frequency > 0, excel_round(per_day, 2), np.nan)),
            "rfm": [code or None for code in figures.scores],
        }
        self.rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]

    def bought(self, place: int, was: Before) -> Row:
        """The written cells of a customer with transactions."""
        row, tier = self.rows[place], self.found.tiers[place]
        return {
            **row,
            "tier": TIERS[tier],
            "team": self.teams[TIERS[tier]],
            "bound": str(bound_of(tier, self.found.borders)),
            "reason": str(self._reason(row, tier, was)),
            "tiered_on": self.as_of,
        }

    def absent(self, was: Before) -> Row:
        """Those of a customer without any: it takes no part in the ranking; who had a tier goes to C."""
        out: Row = dict.fromkeys(WRITTEN)
        none = Text(f"截止 {self.as_of} 没有交易，不参加排名", f"no transaction up to {self.as_of}: not ranked")
        if was.tier is None:
            return out | {"reason": str(none)}
        why = _moved(was.tier, TIERS[OUTSIDE]) + none
        if was.rank is not None and level_of(was.tier) < OUTSIDE:
            why += Text(f"（上次名次 {was.rank:.0f}）", f" (rank before: {was.rank:.0f})")
        return out | {"tier": "C", "team": self.teams["C"], "reason": str(why), "tiered_on": self.as_of}

    def _reason(self, row: Row, tier: int, was: Before) -> Text:
        before = level_of(was.tier) if self.fresh else tier
        why = reason_of(row["rank"], tier, before, self.found.borders)
        if before != tier:
            why = _moved(was.tier, TIERS[tier]) + why + self._compared(row, was, min(before, tier))
        if row["sales_12m"] < 0:
            why += Text("；近 12 个月净额为负，按 0 计", "; net sales of the 12 months are negative and count as 0")
        return why

    def _compared(self, row: Row, was: Before, border: int) -> Text:
        """What moved a customer over a border: rank and shares before and after, what bound the border, the last purchase."""
        bound = self.found.borders[border]
        said = Text("；{tier} 级边界由{bound}决定", "; {tier}'s border is set by {bound}").format(
            tier=bound.tier, bound=bound.bound
        )
        if was.rank is not None:
            said += Text(f"；名次 {was.rank:.0f} → {row['rank']}", f"; rank {was.rank:.0f} → {row['rank']}")
        for label, old, new in (
            (Text("销售占比", "share of sales"), was.sales_share, row["sales_share"]),
            (Text("价值占比", "share of value"), was.clv_share, row["clv_share"]),
        ):
            arrow = f" {_percent(old)} → {_percent(new)}" if old is not None else f" {_percent(new)}"
            said += Text("；", "; ") + label + arrow
        if row["last_purchase"] is not None:
            said += Text(f"；最近购买 {row['last_purchase']}", f"; last purchase {row['last_purchase']}")
        return said

    def notes(self) -> list[Text]:
        """How many customers each tier has and what share of the score."""
        out = []
        for level, border in enumerate(self.found.borders):
            held = [s for s, tier in zip(self.found.scores.tolist(), self.found.tiers, strict=True) if tier == level]
            out.append(
                Text(
                    "{tier} 级 {n} 家，得分占 {part}；边界第 {seats} 名，由{bound}决定",
                    "{tier}: customers {n}, {part} of the score; border at rank {seats}, by {bound}"
                ).format(tier=border.tier, n=len(held), part=_percent(float(np.sum(held))), seats=border.seats, bound=border.bound)
            )  # fmt: skip
        return out


def _cells(column: Floats) -> list[float | None]:
    return [None if value != value else value for value in column.tolist()]


def _moved(before: str | None, after: str) -> Text:
    return Text("", "") if before == after else Text(f"{before or '新客户'} → {after}：", f"{before or 'new'} → {after}: ")


def _percent(part: float) -> str:
    return f"{float(excel_round(100 * part, 2)):.2f}%"


def _team(tier: str, settings: TierSettings) -> str:
    """Who serves a tier, as TEAM says; a channel without people of its own is named alone."""
    rows = team.body(tier, np.array(settings.team_s, dtype=float), np.array(settings.team_a, dtype=float))
    parts = [Text(f"{role.zh} {people}", f"{people} {role.en}") if people else role for role, people in rows]
    return str(joined(parts))
