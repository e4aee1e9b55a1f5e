"""The lifetime-value model behind the tiers as rows of the ClvModel Table: its parameters, how well they fit, what they mean."""

from __future__ import annotations

import math

from udfs.clv import Model
from udfs.text import Text
from workbook_templates.tables.schema import Row

# As CLVFIT gives them, so that its readers CLV, PALIVE and EXPECTEDPURCHASES take the first seven as ``params``.
PARAMETERS = (
    ("r", "r", Text("购买频率的形状：越小，客户之间差别越大", "shape of the buying rates: the smaller, the more customers differ")),
    ("α",
     "alpha", Text("购买频率的尺度（周）：r/α 是平均每周购买次数", "scale of the buying rates (weeks): r/α is the mean number of purchases a week")),
    ("a", "a", Text("流失的形状：a/(a+b) 是每次购买后流失的平均概率", "shape of leaving: a/(a+b) is the mean chance to leave after a purchase")),
    ("b", "b", Text("流失的形状", "shape of leaving")),
    ("p", "p", Text("单次金额的形状：越大，同一客户的单次金额越稳定", "shape of a purchase's value: the larger, the steadier a customer's purchases")),
    ("q", "q", Text("客户间金额差异：越接近 1，差异越大", "spread of values among customers: the nearer to 1, the wider")),
    ("v", "v", Text("金额尺度：p·v/(q−1) 是平均单次金额（元）", "scale of values: p·v/(q−1) is the mean value of a purchase, yuan")),
    ("LL1", "purchases_ll", Text("购买次数的对数似然", "log-likelihood of purchases")),
    ("LL2", "value_ll", Text("金额的对数似然", "log-likelihood of values")),
)  # fmt: skip
NOTE = "note"
NOTES = 5  # a fit has no more to say; always as many rows, so that the Table keeps its place on the sheet


def rows(model: Model | None) -> list[Row]:
    """A row for each parameter and for each thing the fit has to say; texts in the language in force, none without a model."""
    if model is None:
        return []
    # As many digits as mean something: the last ones of a fit differ from machine to machine.
    values = {name: float(f"{getattr(model, field):.9g}") for name, field, _ in PARAMETERS}
    found: list[Row] = [
        {"parameter": name, "value": None if math.isnan(values[name]) else values[name], "meaning": str(meaning)}
        for name, _, meaning in PARAMETERS
    ]
    said = [str(note) for note in model.notes]
    said += [""] * (NOTES - len(said))
    return found + [{"parameter": f"{NOTE} {n}", "value": None, "meaning": text or None} for n, text in enumerate(said, 1)]
