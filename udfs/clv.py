"""What customers will be worth: BG/NBD for how often they buy and whether they are still there, gamma-gamma for what they spend.

Sources: Fader, Hardie, Lee (2005), "Counting your customers" the easy way; Fader, Hardie (2013), The gamma-gamma model of
monetary value. Limits: both need customers who come back; without enough of them, or where the likelihood has no maximum
inside, the fit is held by a weak prior and says so. The figures rank customers; they are no promise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import numpy as np

from udfs.commission import refuse_beyond_fen
from udfs.formula import TABLE, between, each, formula, grid, many, note, number, one, read_cells, refuse, share
from udfs.incentives import refuse_lengths
from udfs.policy import plan
from udfs.rfm import DAYS_IN, UNIT
from udfs.text import Text, joined
from udfs.values import NA, NUM, VALUE, ExcelError, Flags, Floats, Refusal, excel_round, more_than

Ints = np.ndarray[Any, np.dtype[np.int64]]

# Fewer repeat customers than this carry four parameters badly; more extreme parameters than this mean that they run away.
FEWEST_REPEATING = 30
RUNAWAY = 100.0
_SEARCH = 12.0  # how far, in logs, the search goes to either side
# Parameters this far beyond runaway, in logs, don't come back: the search ends there, its result is not used.
_GONE = float(np.log(RUNAWAY)) + 2.0
# The weak prior: the log of each parameter within about ± 1 of a common-place value.
_PRIOR_PURCHASES = np.log([0.5, 0.5, 1.0, 2.5])  # r, α in ages, a, b
_PRIOR_VALUE = np.log([4.0, 2.0])  # p, q − 1; v follows from the mean


# ------------------------------------------------------------------------------------------------------- rows that are equal


def grouped(*columns: Any) -> tuple[Ints, Ints, Ints]:
    """Rows that are equal in all columns: a row of each group, each row's group, the size of each group.

    The groups stand in an order that depends on their values only, so sums over them don't depend on the order of the rows.
    """
    table = [np.asarray(column, dtype=float) + 0.0 for column in columns]
    mixed = np.zeros(len(table[0]), dtype=np.uint64)
    for column in table:
        mixed ^= column.view(np.uint64)
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    order = np.argsort(mixed)
    new = _changes(mixed[order])
    if any((_changes(column[order]) & ~new).any() for column in table):  # two different rows got the same number
        order = np.lexsort(table)
        new = np.any([_changes(column[order]) for column in table], axis=0)
    starts = np.flatnonzero(new)
    group = np.empty(len(order), dtype=np.int64)
    group[order] = np.cumsum(new) - 1
    return order[starts], group, np.diff(np.append(starts, len(order)))


def _changes(column: Any) -> Flags:
    new = np.ones(len(column), dtype=bool)
    np.not_equal(column[1:], column[:-1], out=new[1:])
    return new


# ---------------------------------------------------------------------------------------------------------------- the model


@dataclass(frozen=True)
class Model:
    """Fitted or given parameters; time in the unit of the customers they were fitted to."""

    r: float
    alpha: float
    a: float
    b: float
    p: float = np.nan
    q: float = np.nan
    v: float = np.nan
    purchases_ll: float = np.nan
    value_ll: float = np.nan
    notes: list[Text] = field(default_factory=list, compare=False)

    def alive(self, x: Floats, t: Floats, age: Floats) -> Floats:
        """P(alive): the probability that a customer has not left for good; 1 without a repeat purchase."""
        from scipy.special import expit

        repeat = x > 0
        odds = np.log(self.a) - np.log(np.where(repeat, self.b + x - 1, 1.0))
        odds = odds + (self.r + x) * (np.log(self.alpha + age) - np.log(self.alpha + t))
        return np.where(repeat, expit(-odds), 1.0)

    def expected(self, x: Floats, t: Floats, age: Floats, periods: Floats) -> Floats:
        """Expected purchases in the next ``periods``; x = t = age = 0 is a customer who has just come."""
        firsts, group, _ = grouped(x, age, periods)
        return self._if_alive(x[firsts], age[firsts], periods[firsts])[group] * self.alive(x, t, age)

    def discounted(self, x: Floats, t: Floats, age: Floats, months: int, discount: float, month: float) -> Floats:
        """Expected purchases of the next months, each month's discounted to today at a monthly rate."""
        firsts, group, _ = grouped(x, age)
        ends = [self._if_alive(x[firsts], age[firsts], np.full(len(firsts), k * month)) for k in range(months + 1)]
        worth = sum((ends[k] - ends[k - 1]) / (1 + discount) ** k for k in range(1, months + 1))
        return np.broadcast_to(worth, len(firsts))[group] * self.alive(x, t, age)

    def _if_alive(self, x: Floats, age: Floats, periods: Floats) -> Floats:
        """Expected purchases of a customer that is still there."""
        near = 1e-4
        if abs(self.a - 1) < near or abs(self.a + self.b - 1) < near:  # a limit: the mean of both sides
            sides = (replace(self, a=self.a + side) for side in (-3 * near, 3 * near))
            result: Floats = np.mean([model._if_alive(x, age, periods) for model in sides], axis=0)
            return result
        from scipy.special import hyp2f1

        # Euler's transformation keeps the series' arguments small, so that hundreds of purchases don't overflow.
        z = periods / (self.alpha + age + periods)
        c = self.a + self.b + x - 1
        series = hyp2f1(self.a + self.b - 1 - self.r, self.a - 1, c, z)
        return np.where(periods > 0, c / (self.a - 1) * (1 - (1 - z) ** (self.a - 1) * series), 0.0)

    def value(self, x: Floats, mean: Floats) -> Floats:
        """Expected value of a purchase; the mean of all customers without repeat purchases."""
        return self.p * (self.v + x * np.maximum(mean, 0)) / (self.p * x + self.q - 1)

    def worth(
        self, x: Floats, t: Floats, age: Floats, mean: Floats, months: int, discount: float, unit: str, step: float | None = None
    ) -> Floats:
        """What the next months' purchases are worth today, at revenue, yuan; ``step``: how many units of time a period has."""
        month = DAYS_IN["month"] / DAYS_IN[unit]
        return self.discounted(x, t, age, months, discount, step or month) * self.value(x, mean)


def purchases_likelihood(theta: Floats, x: Floats, t: Floats, age: Floats, weights: Floats) -> tuple[float, Floats]:
    """Log-likelihood of BG/NBD at the logs of r, α, a, b, and its gradient; ``weights`` counts equal customers."""
    return _purchases(*_by_count(x, t, age, weights))(theta)


def _by_count(x: Floats, t: Floats, age: Floats, weights: Floats) -> tuple[Any, ...]:
    counts, place = np.unique(x, return_inverse=True)
    return counts, np.bincount(place, weights), x, t, age, weights


def _purchases(
    counts: Floats, count_weights: Floats, x: Floats, t: Floats, age: Floats, weights: Floats
) -> Callable[[Floats], tuple[float, Floats]]:
    from scipy.special import digamma, expit, gammaln

    repeat = x > 0
    x1, t1, age1, w1 = x[repeat], t[repeat], age[repeat], weights[repeat]
    age0, w0 = age[~repeat], weights[~repeat]
    n = weights.sum()

    def likelihood(theta: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = np.exp(theta)
        fixed = gammaln(r + counts) - gammaln(r) + gammaln(a + b) - gammaln(a + b + counts) + gammaln(b + counts) - gammaln(b)
        log0, log_age, log_t = np.log(alpha + age0), np.log(alpha + age1), np.log(alpha + t1)
        odds = np.log(a) - np.log(b + x1 - 1) + (r + x1) * (log_age - log_t)
        left = expit(odds)  # the probability of having left
        value = (
            count_weights @ fixed + n * r * np.log(alpha) - r * (w0 @ log0) + w1 @ (np.logaddexp(0, odds) - (r + x1) * log_age)
        )
        in_r = count_weights @ digamma(r + counts) - n * digamma(r) + n * np.log(alpha) - w0 @ log0
        in_r += w1 @ (left * (log_age - log_t) - log_age)
        slope = 1 / (alpha + age1)
        in_alpha = n * r / alpha - r * (w0 @ (1 / (alpha + age0)))
        in_alpha += w1 @ ((r + x1) * (left * (slope - 1 / (alpha + t1)) - slope))
        both = n * digamma(a + b) - count_weights @ digamma(a + b + counts)
        in_a = both + (w1 @ left) / a
        in_b = both + count_weights @ digamma(b + counts) - n * digamma(b) - w1 @ (left / (b + x1 - 1))
        return float(value), np.array([in_r * r, in_alpha * alpha, in_a * a, in_b * b])

    return likelihood


def _value(x: Floats, mean: Floats, weights: Floats) -> Callable[[Floats], tuple[float, Floats]]:
    """Log-likelihood of gamma-gamma at the logs of p, q − 1, v, and its gradient."""
    from scipy.special import digamma, gammaln

    counts, place = np.unique(x, return_inverse=True)
    count_weights = np.bincount(place, weights)
    n, log_mean = float(weights.sum()), np.log(mean)
    constant, fixed = float(weights @ log_mean), float((weights * x) @ (log_mean + np.log(x)))
    spent = x * mean

    def likelihood(theta: Floats) -> tuple[float, Floats]:
        p, rest, v = np.exp(theta)
        q, shape = 1 + rest, p * counts
        log_v = weights * np.log(v + spent)
        value = count_weights @ (gammaln(shape + q) - gammaln(shape)) - n * gammaln(q) + n * q * np.log(v)
        value += p * fixed - constant - (p * x + q) @ log_v
        psi = digamma(shape + q)
        in_p = count_weights @ (counts * (psi - digamma(shape))) + fixed - x @ log_v
        in_q = count_weights @ psi - n * digamma(q) + n * np.log(v) - log_v.sum()
        in_v = n * q / v - (weights * (p * x + q)) @ (1 / (v + spent))
        return float(value), np.array([in_p * p, in_q * rest, in_v * v])

    return likelihood


def _best(likelihood: Callable[[Floats], tuple[float, Floats]], start: Floats, size: float, prior: Any = None) -> Floats:
    """The parameters of greatest likelihood; with a ``prior`` (centre) each log is held around it with a deviation of 1."""
    from scipy.optimize import minimize

    def within(theta: Floats) -> Floats:
        return np.clip(theta, start - _SEARCH, start + _SEARCH)

    def cost(theta: Floats) -> tuple[float, Floats]:
        value, slope = likelihood(within(theta))
        if prior is not None:
            value, slope = value - ((theta - prior) ** 2).sum() / 2, slope - (theta - prior)
        return (-value / size, -slope / size) if np.isfinite(value) else (1e300, np.zeros_like(theta))

    def gone(theta: Floats) -> None:
        if prior is None and (np.abs(theta) > _GONE).any():
            raise StopIteration

    # BFGS and not L-BFGS-B: for four numbers the latter calls LAPACK, whose threads wait for each other on a busy machine.
    with np.errstate(all="ignore"):
        options = {"maxiter": 500, "gtol": 1e-9 if prior is None else 1e-7}
        return within(minimize(cost, start, jac=True, method="BFGS", callback=gone, options=options).x)


_WEAK = Text(
    "{what}拟合偏弱（{why}）：参数用弱先验收缩估计，结果只宜排序",
    "weak fit of {what} ({why}): a weak prior holds the parameters, use the result for ranking only",
)
_FEW = Text("复购客户仅 {n} 家", "{n} repeat customers only")
_RUNS = Text("似然无内部最大值，参数发散", "the parameters run away")


def fit(x: Floats, t: Floats, age: Floats, mean: Floats | None = None) -> Model:
    """The parameters of greatest likelihood of these customers: repeat purchases, recency, age, mean repeat value in yuan.

    Weak data fall back to a weak prior, said in ``notes``. Without ``mean``, or without any repeat value, p, q and v stay NaN.
    """
    firsts, _, sizes = grouped(x, t, age)
    weights = sizes.astype(float)
    x_, t_, age_ = x[firsts], t[firsts], age[firsts]
    total = float(weights.sum())
    repeating = int(weights[x_ > 0].sum())
    scale = float(weights @ age_) / total or 1.0
    likelihood = _purchases(*_by_count(x_, t_ / scale, age_ / scale, weights))
    notes = [
        Text(
            "依据 {n} 家客户、其中 {m} 家有复购：数字是指数，不是承诺",
            "customers fitted on: {n}, with repeat purchases: {m}; figures are an index, no promise",
        ).format(n=f"{total:,.0f}", m=f"{repeating:,}")
    ]
    theta = _best(likelihood, _PRIOR_PURCHASES, total)
    extreme = bool((np.abs(theta) > np.log(RUNAWAY)).any())
    if repeating < FEWEST_REPEATING or extreme:
        rate = (float(weights @ x_) + 0.5) / (float(weights @ age_) / scale + 1)
        prior = _PRIOR_PURCHASES + np.array([0, np.log(0.5 / rate) - _PRIOR_PURCHASES[1], 0, 0])
        theta = _best(likelihood, prior, total, prior)
        why = _FEW.format(n=repeating) if repeating < FEWEST_REPEATING else _RUNS
        notes.append(_WEAK.format(what=Text("购买次数", "purchases"), why=why))
    r, alpha, a, b = np.exp(theta)
    # Scaling time by s multiplies the density by s for each repeat purchase.
    log_likelihood = likelihood(theta)[0] - float(weights @ x_) * np.log(scale)
    model = Model(float(r), float(alpha * scale), float(a), float(b), purchases_ll=log_likelihood, notes=notes)
    return model if mean is None else _with_value(model, x, mean)


def _with_value(model: Model, x: Floats, mean: Floats) -> Model:
    usable = (x > 0) & (mean > 0)
    notes = list(model.notes)
    left_out = int(((x > 0) & ~usable).sum())
    if left_out:
        notes.append(
            Text("{n} 家复购次均金额不为正，未参加金额拟合",
                 "{n} without a positive repeat value took no part in the fit of values").format(n=left_out)
        )  # fmt: skip
    if not usable.any():
        return replace(model, notes=notes)
    x, mean = x[usable], mean[usable]
    firsts, _, sizes = grouped(x, mean)
    x_, mean_, weights = x[firsts], mean[firsts], sizes.astype(float)
    size, count = float(weights.sum()), len(x)
    scale = float(np.median(mean))
    likelihood = _value(x_, mean_ / scale, weights)
    start = np.append(_PRIOR_VALUE, _PRIOR_VALUE[1] - _PRIOR_VALUE[0])
    theta = _best(likelihood, start, size)
    if count < FEWEST_REPEATING or (np.abs(theta) > np.log(RUNAWAY)).any():
        theta = _best(likelihood, start, size, start)
        why = _FEW.format(n=count) if count < FEWEST_REPEATING else _RUNS
        notes.append(_WEAK.format(what=Text("金额", "values"), why=why))
    if np.ptp(x_) and np.ptp(mean_):
        together = float(np.cov(np.log(x_), np.log(mean_), aweights=weights)[0, 1])
        together /= float(np.sqrt(np.cov(np.log(x_), aweights=weights) * np.cov(np.log(mean_), aweights=weights)))
        if abs(together) > 0.3:
            notes.append(
                Text(
                    "购买次数与金额相关（{c}），模型假定二者无关",
                    "how often and how much go together ({c}); the model takes them as unrelated",
                ).format(c=f"{together:.2f}")
            )
    p, rest, v = np.exp(theta)
    log_likelihood = likelihood(theta)[0] - size * np.log(scale)
    return replace(model, p=float(p), q=float(1 + rest), v=float(v * scale), value_ll=log_likelihood, notes=notes)


# ------------------------------------------------------------------------------------------------------- reading the cells

_LATER = Text("见 CLVINPUTS", "see CLVINPUTS")
COUNT = replace(between(0, 1e6, _LATER), blank=np.nan)
TIME = between(0, 1e6, _LATER)
AGE = replace(TIME, blank=np.nan)
MONTHS = between(0, 600)
STEP = between(1e-6, 1e6)
_NAMES = ("r", "alpha", "a", "b", "p", "q", "v")


def _usable(x: Floats, t: Floats, age: Floats) -> Flags:
    """Which customers are well described; the others are refused, each in its own cell."""
    for name, column in (("frequency", x), ("age", age)):
        refuse(
            np.isnan(column), NA, "参数 {name} 为空：请补上，或删去该行", "argument {name} is blank: fill it in or leave the row out",
            name=Text(name, name),
        )  # fmt: skip
    broken = x != np.floor(x)
    refuse(
        broken & ~np.isnan(x), NUM, "参数 frequency 为 {x}：复购次数应为整数",
                                    "argument frequency is {x}: repeat purchases are a whole number", x=x,
    )  # fmt: skip
    late = more_than(t, age)
    refuse(
        late, NUM, "recency {t} 大于 age {age}：首末间隔不能长于观察期，两者单位应一致",
        "recency {t} is above age {age}: the last purchase can't be after the end; both need the same unit", t=t, age=age,
    )  # fmt: skip
    at_odds = (x > 0) != (t > 0)
    refuse(
        at_odds & ~np.isnan(x), NUM,
        "frequency {x} 与 recency {t} 不符：有复购才有首末间隔",
        "frequency {x} and recency {t} don't agree: only repeat purchases have a time from first to last",
        x=x, t=t,
    )  # fmt: skip
    result: Flags = ~(np.isnan(x) | np.isnan(age) | broken | late | at_odds)
    return result


def _given(params: Any, least: int) -> Model | None:
    """The model of the parameters typed into a formula, or None."""
    if params is None or not len(params):
        return None
    given = np.asarray(params, dtype=float)
    refuse(
        len(given) < least or np.isnan(given[:least]).any(), VALUE,
        "参数 params 应有 {n} 个数（{names}）：请引用 CLVFIT 的结果",
        "argument params needs {n} numbers ({names}): refer to the result of CLVFIT",
        n=least, names=joined(_NAMES[:least]),
    )  # fmt: skip
    named = dict(zip(_NAMES, given.tolist(), strict=False))
    for name, value in list(named.items())[:least]:
        refuse(
            value <= (1 if name == "q" else 0), NUM, "参数 params 的 {name} 为 {value}：应大于 {low}",
                                                     "{name} in params is {value}: it must be above {low}",
            name=Text(name, name), value=value, low=1 if name == "q" else 0,
        )  # fmt: skip
    return Model(**named)


def _model(params: Any, least: int, ok: Flags, *columns: Floats) -> Model:
    """The model given, or fitted to the good rows, its notes said."""
    model = _given(params, least)
    if model is None:
        model = fit(*(column[ok] for column in columns)) if ok.any() else Model(1, 1, 1, 1, 1, 2, 1)
        for said in model.notes:
            note(*said)
    return model


_X = ("复购次数（CLVINPUTS 第 2 列）", "repeat purchases (column 2 of CLVINPUTS)")
_T_X = ("首末间隔（第 3 列）", "time from first to last purchase (column 3)")
_T = ("观察期（第 4 列）", "time from first purchase to the as-of day (column 4)")
_M = ("复购次均金额（第 5 列，元）", "mean repeat value (column 5), yuan")
_P = ("模型参数：CLVFIT 的结果；省略则按所给客户拟合", "parameters: the result of CLVFIT; omitted: fitted to these customers")

# ------------------------------------------------------------------------------------------------------------- functions


def _customers(*columns: list[list[Any]]) -> list[Floats]:
    """CLVINPUTS' four columns of the customers that bought something; one with credit notes only is #N/A in all of them."""
    kinds = (COUNT, TIME, AGE, number)
    reads = [
        read_cells(cells, replace(argument, kind=kind), kind.blank)
        for cells, argument, kind in zip(columns, clvfit.arguments, kinds, strict=True)
    ]
    data = [read.data.ravel() for read in reads]
    refuse_lengths(**{argument.name: column for argument, column in zip(clvfit.arguments, data, strict=True)})
    absent = [{place for place, error in read.errors.items() if error == NA} for read in reads]
    never = sorted(set.intersection(*absent))
    wrong = [error for read in reads for place, error in sorted(read.errors.items()) if place not in never]
    if wrong:  # beside a cause #N/A is what follows from it
        raise Refusal(min(wrong, key=lambda error: error == NA))
    x, t, age, mean = data
    used = ~(np.isnan(x) & np.isnan(age) & (t == 0) & (mean == 0))
    used[never] = False
    refuse(
        not used.any() and len(never) > 0, NA, "{n} 家客户都只有退货，没有购买：无法拟合", "all {n} customers have credit notes only: there is no purchase to learn from",
        n=len(never),
    )  # fmt: skip
    refuse(not used.any(), NA, "没有客户：请给出 CLVINPUTS 的结果", "there is no customer: give the result of CLVINPUTS")
    if never:
        note(
            "{n} 家客户只有退货（整行 #N/A），未参加拟合",
            "left out, with credit notes only (#N/A throughout): {n} × customer",
            n=len(never),
        )
    return [column[used] for column in data]


@formula(
    2,
    "拟合客户价值模型（BG/NBD 与 gamma-gamma）的参数",
    "Fit the lifetime-value model: parameters of BG/NBD and gamma-gamma",
    gives=TABLE,
    columns=[(n, n) for n in ("r", "α", "a", "b", "p", "q", "v")]
    + [("购买对数似然", "log-likelihood of purchases"), ("金额对数似然", "log-likelihood of values")],
)
def clvfit(
    frequency: Annotated[list[list[Any]], grid(*_X)],
    recency: Annotated[list[list[Any]], grid(*_T_X)],
    age: Annotated[list[list[Any]], grid(*_T)],
    monetary: Annotated[list[list[Any]], grid(*_M)],
) -> list[list[Any]]:
    """Parameters of greatest likelihood: BG/NBD for purchases, gamma-gamma for their value.

    Equal customers are fitted as one, wholly blank rows are left out, and so are customers with credit notes only, whose row in
    CLVINPUTS is #N/A throughout, said; the order of the rows doesn't matter. With fewer than 30
    customers that came back, or where the likelihood has no maximum inside (a parameter beyond 100 or below 1/100), a weak prior
    (deviation 1 in logs) holds the parameters and a note says so. α is in the unit of time given.

    Returns: one row: r, α, a, b (BG/NBD), p, q, v (gamma-gamma; without any repeat value #N/A), the two log-likelihoods. CLV, PALIVE and
        EXPECTEDPURCHASES take this row as ``params``.
    Errors: #N/A no customer, or none with a purchase, a blank frequency or age; #NUM! recency above age, a frequency that is no whole
        number; #VALUE! text, ranges of different size; any other error in a row is passed on.
    Source: rules, chapter 2, CLVFIT; Fader, Hardie, Lee (2005): CDNOW r 0.243, α 4.414, a 0.793, b 2.426, LL −9582.4 (vectors I4).
    Example:
        >>> clvfit([[0], [2], [0]], [[0], [30.43], [0]], [[38.86], [38.86], [20]], [[0], [22.35], [0]])  # doctest: +ELLIPSIS
        [[...]]
    """
    x, t, t_end, mean = _customers(frequency, recency, age, monetary)
    _usable(x, t, t_end)
    model = fit(x, t, t_end, mean)
    for said in model.notes:
        note(*said)
    none = ExcelError(NA, Text("没有复购金额：金额模型无法拟合", "there is no repeat value: the model of values can't be fitted"))
    cells = [model.r, model.alpha, model.a, model.b, model.p, model.q, model.v, model.purchases_ll, model.value_ll]
    return [[none if np.isnan(cell) else cell for cell in cells]]


@formula(
    2,
    "客户终身价值：未来若干月的期望购买×次均金额×毛利率，按月折现（元）",
    "Lifetime value: expected purchases × value × margin, discounted monthly (yuan)",
    result=("客户价值（元）", "lifetime value, yuan"),
)
def clv(
    frequency: Annotated[Floats, each(*_X, COUNT)],
    recency: Annotated[Floats, each(*_T_X, TIME)],
    age: Annotated[Floats, each(*_T, AGE)],
    monetary: Annotated[Floats, each(*_M)],
    months: Annotated[float, one("测算月数", "months ahead", MONTHS)] = plan("clv.months"),
    monthly_discount: Annotated[float, one("月折现率", "discount a month", share)] = plan("clv.monthly_discount"),
    unit: Annotated[str, one("时间单位：天、周、月", "unit of time: day, week, month", UNIT)] = "week",
    margin_rate: Annotated[Floats, each("毛利率：价值按毛利计；1 为按收入", "margin rate; 1 counts revenue", share)] = plan(
        "clv.margin_rate"
    ),
    params: Annotated[Floats | None, many(*_P, blanks="skip")] = None,
    step_length: Annotated[
        float | None,
        one(
            "每期长度（以 unit 计）：months 与折现率按此期；省略：一个月",
            "length of a period in units of time, for months and discount; omitted: a month",
            STEP,
        ),
    ] = None,
) -> Floats:
    """Value of each customer over the next months: an index to rank customers by, no promise.

    Expected purchases of each month (BG/NBD) ÷ (1 + discount)^month, summed, × expected value of a purchase (gamma-gamma) × margin
    rate. A month is 365/12 days; with ``step_length`` months and discount are of periods of that length instead (13 weeks: quarters;
    4.345 weeks or 30 days: the months of other programs). A customer without repeat purchases is given the mean value of all; one whose repeat purchases net
    to 0 or less counts them as 0. Without ``params`` the model is fitted to the rows given, so results depend on all of them; weak data
    fall back as in CLVFIT, said.

    Returns: one value a customer, yuan, rounded to the fen; a bad row has an error and takes no part in the fit.
    Errors: #N/A a blank frequency or age, no repeat value to fit; #NUM! recency above age, months that are no whole number,
        parameters that are not above 0; #VALUE! text, fewer than 7 params.
    Source: rules, chapter 2, CLV; Fader, Hardie, Lee (2005); Fader, Hardie (2013).
    Example:
        >>> clv(2, 30.43, 38.86, 22.35, 12, 0.01, "week", 1, [0.243, 4.414, 0.793, 2.426, 6.25, 3.74, 15.44])
        36.29
        >>> clv(2, 30.43, 38.86, 22.35, 4, 0.03, "week", 1, [0.243, 4.414, 0.793, 2.426, 6.25, 3.74, 15.44], 13)
        35.87
    """
    ok = _usable(frequency, recency, age)
    refuse(months != int(months), NUM, "参数 months 为 {n}：请填整数", "argument months is {n}: enter a whole number", n=months)
    model = _model(params, 7, ok, frequency, recency, age, monetary)
    refuse(
        np.isnan(model.v), NA, "没有复购金额，无法估计客单价值：请填 monetary，或给出 params",
                               "there is no repeat value to learn from: fill in monetary or give params",
    )  # fmt: skip
    worth = np.zeros(len(ok))
    columns = frequency[ok], recency[ok], age[ok], monetary[ok]
    worth[ok] = model.worth(*columns, int(months), monthly_discount, unit, step_length)
    earned = _finite(worth * margin_rate)
    refuse_beyond_fen(earned)
    result: Floats = excel_round(earned, 2)
    return result


@formula(
    2,
    "客户的活跃概率 P(alive)",
    "Probability active: that a customer still buys, P(alive)",
    result=("活跃概率（0–1）", "probability active (0–1)"),
)
def palive(
    frequency: Annotated[Floats, each(*_X, COUNT)],
    recency: Annotated[Floats, each(*_T_X, TIME)],
    age: Annotated[Floats, each(*_T, AGE)],
    params: Annotated[Floats | None, many(*_P, blanks="skip")] = None,
) -> Floats:
    """How likely it is that a customer has not left for good (BG/NBD).

    A customer without repeat purchases has 1: the model lets customers leave after a repeat purchase only. Without ``params`` the
    model is fitted to the rows given; weak data fall back as in CLVFIT, said.

    Returns: one probability a customer; a bad row has an error and takes no part in the fit.
    Errors: as CLV; 4 params are enough.
    Source: rules, chapter 2, PALIVE; Fader, Hardie, Lee (2005).
    Example:
        >>> palive(2, 30.43, 38.86, [0.243, 4.414, 0.793, 2.426])  # doctest: +ELLIPSIS
        0.7265...
    """
    ok = _usable(frequency, recency, age)
    model = _model(params, 4, ok, frequency, recency, age)
    alive = np.zeros(len(ok))
    alive[ok] = model.alive(frequency[ok], recency[ok], age[ok])
    return _finite(alive)


@formula(
    2,
    "未来若干期的期望购买次数",
    "Expected purchases in the next periods",
    result=("期望购买次数", "expected purchases"),
)
def expectedpurchases(
    frequency: Annotated[Floats, each(*_X, COUNT)],
    recency: Annotated[Floats, each(*_T_X, TIME)],
    age: Annotated[Floats, each(*_T, AGE)],
    periods: Annotated[Floats, each("未来时长，与其他时间同单位", "time ahead, in the unit of the others", TIME)],
    params: Annotated[Floats | None, many(*_P, blanks="skip")] = None,
) -> Floats:
    """Expected purchases of each customer in the time ahead (BG/NBD), given what it did so far.

    A customer who has just come is 0, 0, 0. Without ``params`` the model is fitted to the rows given; weak data fall back
    as in CLVFIT, said.

    Returns: one expectation a customer, unrounded; a bad row has an error and takes no part in the fit.
    Errors: as CLV; 4 params are enough.
    Source: rules, chapter 2, EXPECTEDPURCHASES; Fader, Hardie, Lee (2005): E[Y(39) | 2, 30.43, 38.86] = 1.226 (vectors I4).
    Example:
        >>> expectedpurchases(2, 30.43, 38.86, 39, [0.243, 4.414, 0.793, 2.426])  # doctest: +ELLIPSIS
        1.226...
    """
    ok = _usable(frequency, recency, age)
    model = _model(params, 4, ok, frequency, recency, age)
    coming = np.zeros(len(ok))
    coming[ok] = model.expected(frequency[ok], recency[ok], age[ok], periods[ok])
    return _finite(coming)


def _finite(result: Floats) -> Floats:
    refuse(
        ~np.isfinite(result), NUM, "这些参数下算不出结果：请检查 params 与时间单位",
                                   "no result with these parameters: check params and the unit of time",
    )  # fmt: skip
    return result
