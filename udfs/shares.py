"""Shares that have to add up to one."""

from __future__ import annotations

from typing import Any

import numpy as np

from udfs.formula import note, refuse
from udfs.text import Text
from udfs.values import NUM, Floats, at_least, exact, more_than, same, total_of

# A computed ratio may be any size, but few are: a percentage typed without its sign is most of what is above.
DOUBTED = 10.0
# A share rounded to a hundredth of a percent is off by half of that at most: 33.33% three times is meant as thirds.
ROUNDED = 0.00005


def doubt_percent(ratios: Any, zh: str, en: str) -> None:
    """Say of computed ratios above 1,000% what a typed percentage would look like; they count as they are."""
    largest = float(np.max(ratios, initial=0.0, where=~np.isnan(ratios)))
    if more_than(largest, DOUBTED):
        note(
            "{name}有 {value}，即 {percent}%：如果本意是 {value}%，请写 {value}%",
            "{name} of {value} is {percent}%: if {value}% is meant, enter {value}%",
            name=Text(zh, en), value=largest, percent=100 * largest,
        )  # fmt: skip


def check_shares(shares: Floats, percent: bool = False) -> float:
    """Refuse shares that don't add to 1; return what a whole is in them: 1, or 100 where ``percent`` numbers are accepted."""
    refuse(
        (shares < 0).any(), NUM, "份额 {value} 为负：请填 0 到 1", "share {value} is negative: enter 0 to 1", value=shares.min()
    )
    largest, count = float(shares.max(initial=0.0)), max(int((shares > 0).sum()), 1)
    is_percent = percent and bool(at_least(count * 100 * ROUNDED, abs(float(shares.sum()) - 100)))
    whole = 100.0 if is_percent else 1.0
    refuse(
        more_than(largest, whole),
        NUM,
        "份额 {value} 大于 1：要填 {value}% 请写 {value}% 或 {part}",
        "share {value} is above 1: for {value}% enter {value}% or {part}",
        value=largest,
        part=largest / 100,
    )
    total = total_of(shares)
    if is_percent:
        note("份额按百分数读取，合计 {total}%", "shares were read as percent numbers, {total}% in all", total=total)
    off = float(exact(total) - exact(whole)) / whole
    refuse(
        more_than(abs(off), count * ROUNDED), NUM,
        "份额合计 {total}%，比 100% {word} {off}%：请改正", "the shares add to {total}%, {off}% {word} 100%: correct them",
        total=100 * total / whole, off=100 * abs(off), word=Text("多" if off > 0 else "少", "above" if off > 0 else "below"),
    )  # fmt: skip
    if not same(total, whole):  # =1/3 three times is 1
        note("份额合计 {total}%，已按 100% 折算", "the shares add to {total}% and were scaled to 100%", total=100 * total / whole)
    return whole
