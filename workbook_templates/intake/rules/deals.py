"""Deals: shares and partners, the cost behind a margin, returns and their orders."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from udfs.text import Text
from udfs.values import exact
from workbook_templates.intake.importing import Candidate, Import, ImportRules, Known
from workbook_templates.intake.parsing import fold
from workbook_templates.tables import returns
from workbook_templates.tables.schema import Row

_CENT = Decimal("0.01")


def _deal(run: Import, candidate: Candidate) -> None:
    """What the columns alone can't say: shares and partners, the cost behind a margin, the signs of a return."""
    row = candidate.row
    _shares(run, candidate)
    _cost(run, candidate)
    row.pop("margin", None)
    row.pop("margin_rate", None)
    revenue, cost = row.get("revenue"), row.get("cost")
    if candidate.line in run.bad or revenue is None or (cost is None and row.get("original") is None):
        return
    if revenue < 0:
        _return(run, candidate, cost)
    elif row.get("original") is not None:
        reason = Text(
            "收入不为负，却填了原单号：退货请填负收入，否则清空原单号",
            "names an original deal, but revenue is not negative: a return has negative revenue, else clear it",
        )
        run.refuse(candidate, "original", reason)
    elif cost is not None and cost < 0:
        run.refuse(candidate, "cost", Text("为负而收入不为负：请核对符号", "is negative while revenue is not: check the sign"))


def _shares(run: Import, candidate: Candidate) -> None:
    row = candidate.row
    share, partner = row.get("seller_share"), row.get("partner")
    if partner is None:
        if share is not None and share < 1:
            reason = Text(
                "小于 100% 却没有协同工号：请填协同工号或改为 100%",
                "is below 100%, but there is no partner: name one or write 100%",
            )
            run.refuse(candidate, "seller_share", reason)
        row["seller_share"] = share if row.get("original") is not None else 1.0  # a return has the credits of its order
    elif share is None and row.get("original") is None:
        reason = Text("有协同工号却没有主办份额：请填如 60%", "there is a partner but no seller's share: write it, such as 60%")
        run.refuse(candidate, "seller_share", reason)


def _cost(run: Import, candidate: Candidate) -> None:
    """The cost as given, or from the margin, or from the margin rate; where both stand they should agree."""
    row = candidate.row
    revenue, margin, rate = row.get("revenue"), row.get("margin"), row.get("margin_rate")
    if revenue is None:
        return
    if row.get("cost") is None and margin is None and rate is not None and rate > 1:
        written = f"{rate:g}"
        reason = Text(f"毛利率超过 100%：{written}% 请写 {written}% 或 {rate / 100:g}，不写 {written}",
                      f"is a margin rate above 100%: for {written}% write {written}% or {rate / 100:g}, not {written}")  # fmt: skip
        run.refuse(candidate, "margin_rate", reason)
        return
    if row.get("cost") is None and (margin is not None or rate is not None):
        exact = Decimal(repr(revenue))
        cost = exact - Decimal(repr(margin)) if margin is not None else exact * (1 - Decimal(repr(rate)))
        row["cost"] = float(cost.quantize(_CENT, ROUND_HALF_UP))
        run.note("cost_from_margin", candidate.line)
    elif row.get("cost") is None and row.get("original") is None:  # a return without its own has its order's
        key = "cost" if "cost" in run.places else "margin" if "margin" in run.places else "margin_rate"
        if not run.bad.get(candidate.line):
            run.refuse(
                candidate,
                key,
                Text("没有成本，也没有毛利或毛利率：请填写", "no cost and no gross margin or margin rate: fill one in"),
            )
    elif row.get("cost") is not None and margin is not None and abs(revenue - row["cost"] - margin) > 0.015:
        run.note("margin_differs", candidate.line)


def _return(run: Import, candidate: Candidate, cost: float | None) -> None:
    if candidate.row.get("original") is None:
        reason = Text(
            "为负（退货）却没有原单号：请填所退的单号",
            "is negative (a return) without its original deal: name the deal it returns",
        )
        run.refuse(candidate, "revenue", reason)
    elif cost is not None and cost > 0:
        reason = Text("退货的成本应为负或 0（货退回，成本随之退回）", "a return's cost is negative or 0: the goods come back")
        run.refuse(candidate, "cost", reason)


def _named(run: Import, candidate: Candidate) -> None:
    """Seen only now: either may have been given by name. A return names neither: it inherits its order's credits."""
    row = candidate.row
    if row.get("partner") is not None and row["partner"] == row.get("seller"):
        run.refuse(candidate, "partner", Text("与主办相同：请清空或改正", "is the seller: clear it or correct it"))


def _look_at_deals(run: Import, candidates: list[Candidate]) -> list[Candidate]:
    """Refuse returns that don't follow their order and sellers who are their own partners; note what the rows that come in are
    worth saying about."""
    plan = {fold(row["id"]): row for row in run.known.rows.get("Deals", ()) if row.get("id")}
    there = plan | {fold(c.row["id"]): c.row for c in candidates}
    back: dict[str, Fraction] = defaultdict(Fraction)
    for row in plan.values():
        if row.get("original") and isinstance(row.get("revenue"), float):
            back[fold(row["original"])] -= exact(row["revenue"])
    # Of two returns that are too much together the later one is: the plan's own are there already.
    for candidate in sorted(candidates, key=lambda c: (c.row["date"], c.line)):
        if candidate.row["revenue"] < 0:
            _follow_order(run, candidate, there[fold(candidate.row["original"])], back)
    kept = []
    for candidate in candidates:
        row = candidate.row
        if candidate.line in run.bad:
            continue
        if row["revenue"] < 0:
            run.note("returns", candidate.line)
        else:
            _note_order(run, candidate)
        if run.known.year and row["date"].year != run.known.year:
            run.note("other_year", candidate.line)
        elif run.known.as_of and row["date"] > run.known.as_of:
            run.note("after_as_of", candidate.line)
        kept.append(candidate)
    return kept


def _follow_order(run: Import, candidate: Candidate, order: Row, back: dict[str, Fraction]) -> None:
    """Refuse a return that commission could not compute."""
    name = fold(candidate.row["original"])
    for key, reason in returns.faults(candidate.row, order, back[name]):
        run.refuse(candidate, key, reason)
    if candidate.line not in run.bad:
        back[name] -= exact(candidate.row["revenue"])


def _note_order(run: Import, candidate: Candidate) -> None:
    revenue, cost = candidate.row["revenue"], candidate.row["cost"]
    if revenue == 0:
        run.note("zero", candidate.line)
    elif cost > revenue:
        run.note("loss", candidate.line)
    if (candidate.row.get("collected") or 0.0) > revenue + 0.005:
        run.note("over_collected", candidate.line)


_NOTES = {
    "cost_from_margin": Text("{n} 行的成本由毛利或毛利率算出（{lines}）", "the cost of {rows} was worked out from the margin ({lines})"),
    "margin_differs": Text(
        "{n} 行自带的毛利不等于收入减成本，计划以后者为准：请核对收入是否含税（{lines}）",
        "in {rows} the file's gross margin is not revenue less cost, which is what counts: is the revenue net of VAT? ({lines})",
    ),
    "returns": Text("{n} 行是退货（{lines}）", "{rows} of returns ({lines})"),
    "zero": Text("{n} 行收入为 0（{lines}）", "{rows} {have} no revenue ({lines})"),
    "loss": Text("{n} 行亏损：成本高于收入，不计提成（{lines}）", "{rows} {are} at a loss, cost above revenue: no commission ({lines})"),
    "over_collected": Text("{n} 行已回款多于收入：请核对（{lines}）", "{rows} {have} collected more than their revenue: check them ({lines})"),
    "other_year": Text("{n} 行不在计划年度 {year}，汇总不计（{lines}）",
                       "{rows} {lie} outside the plan year {year}: the sums leave them out ({lines})"),
    "after_as_of": Text("{n} 行晚于截止日期 {as_of}，暂不计（{lines}）",
                        "{rows} {are} later than the as-of date {as_of}: not counted yet ({lines})"),
}  # fmt: skip

_SETTLED = frozenset({"locked", "paid"})


def _settled(known: Known) -> frozenset[str]:
    """The deals whose commission is locked or paid."""
    return frozenset(
        fold(row["deal"]) for row in known.rows.get("Ledger", ()) if row.get("deal") and row.get("status") in _SETTLED
    )


RULES = ImportRules({"cost": frozenset({"margin", "margin_rate"})}, _deal, named=_named, look=_look_at_deals, notes=_NOTES,
                    sums=frozenset({"revenue", "cost", "margin", "collected"}), settled=_settled, moving=frozenset({"collected"}))  # fmt: skip
