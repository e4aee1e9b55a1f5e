"""What a dealer's letter and front page say in words: what is paid and why not more, what to do by when, how old the stock is."""

from __future__ import annotations

import datetime as dt

from udfs import call
from udfs.text import Text, joined
from udfs.values import total_of
from workbook_templates.chapters.channels.settlement import quarter_end
from workbook_templates.mailed.badge import PAID
from workbook_templates.mailed.dealer_figures import DealerSheet, pass_score
from workbook_templates.mailed.figures import number
from workbook_templates.mailed.words import clean, day, percent, yuan

THREE = (Text("市占率", "Share"), Text("增长率", "Growth"), Text("新品渗透率", "New products"))
_AGES = (90, 180)  # days: stock younger, between, older


def opening(made: DealerSheet) -> str:
    """The one sentence: what the quarter pays, what it withholds, and why."""
    paid = Text("本季已支付", "This quarter paid") if made.badge.state == PAID else Text("本季支付", "This quarter pays")
    held = made.withheld
    if not held:
        return str(Text(f"{paid.zh} {yuan(made.total)} 元，没有暂扣", f"{paid.en} {yuan(made.total)} yuan; nothing is withheld"))
    why = made.reason.partition("：" if "：" in made.reason else ": ")[2] or made.reason
    because = Text(f"，因为{why}", f", because of {why}") if why else Text("", "")
    return str(
        Text(
            f"{paid.zh} {yuan(made.total)} 元，暂扣 {yuan(held)} 元{because.zh}",
            f"{paid.en} {yuan(made.total)} yuan, {yuan(held)} yuan is withheld{because.en}",
        )
    )


def limit(made: DealerSheet) -> float:
    """What the 633 must reach."""
    return number(made.facts.settings["channels.exit_limit"])


def due(made: DealerSheet) -> str:
    """Until when: the end of the next quarter, when dealers are settled and judged again."""
    return day(quarter_end_after(made.quarter))


def quarter_end_after(quarter: str) -> dt.date:
    """The last day of the next quarter."""
    later = quarter_end(quarter) + dt.timedelta(days=1)
    return quarter_end(f"{later.year}-Q{(later.month + 2) // 3}")


def todo(made: DealerSheet) -> list[tuple[str, str, str]]:
    """What to do, what for, until when."""
    found: list[tuple[Text, Text]] = []
    for college, mark, passed in made.exams:
        if not passed:
            needed = f"{pass_score(made.facts):g}"
            sit = Text(f"参加{college}考试（及格 {needed}）", f"Sit the exam: {college} (pass {needed})")
            again = Text(
                f"补考{college}（及格 {needed}，现为 {mark or 0:g} 分）",
                f"Sit again: {college} (pass {needed}, now {mark or 0:g})",
            )
            found.append((sit if mark is None else again, _released(made)))
    verdict = made.quarters[-1].verdict
    border = f"{limit(made):.0%}"
    if verdict == "warning":
        found.append((Text(f"“633”均值回到 {border} 以上", f"Bring the 633's mean to {border}"),
                      Text("连续两季低于即启动退出", "two quarters in a row below it start the exit")))  # fmt: skip
    if verdict == "exit":
        back = total_of(lot.buyback for lot in made.stock)
        rate = f"{number(made.facts.settings['channels.buyback_rate']):.0%}"
        found.append((Text("与渠道经理约定退出与回购", "Agree on exit and buyback with your channel manager"),
                      Text(f"库存按原发票价 {rate} 回购，{yuan(back)} 元", f"stock is bought back at {rate} of its invoice price: {yuan(back)} yuan")))  # fmt: skip
    for form, had, wanted in made.lessons:
        if had < wanted:
            found.append(
                (Text(f"补{form}", f"Make up: {form}"), Text(f"已上 {had} 次，应 {wanted} 次", f"{had} of {wanted} held"))
            )
    return [(str(what), str(why), due(made)) for what, why in found]


def _released(made: DealerSheet) -> Text:
    """What comes once all exams are passed, of the quarter and of those before."""
    parts = [
        (Text("本季", "of the quarter"), made.withheld),
        (Text("以前各季", "of earlier quarters"), made.withheld_before),
    ]
    said = [Text(f"{when.zh} {yuan(sum_)}", f"{yuan(sum_)} {when.en}") for when, sum_ in parts if sum_]
    if not said:
        return Text("否则返利暂扣", "else rebates are withheld")
    zh, en = joined(said)
    return Text(f"全部通过后补发：{zh} 元", f"once all are passed these yuan are released: {en}")


def ages(made: DealerSheet) -> list[tuple[str, float, float]]:
    """The stock by age: at invoice price, and what it is bought back at."""
    young, old = _AGES
    heads = (
        Text(f"{young} 天以内", f"up to {young} days"),
        Text(f"{young + 1}–{old} 天", f"{young + 1}–{old} days"),
        Text(f"{old} 天以上", f"over {old} days"),
    )
    out = []
    for place, head in enumerate(heads):
        lots = [lot for lot in made.stock if lot.date is not None and _age((made.day - lot.date).days) == place]
        if lots:
            out.append((str(head), total_of(lot.value for lot in lots), total_of(lot.buyback for lot in lots)))
    undated = [lot for lot in made.stock if lot.date is None]
    if undated:
        out.append(
            (str(Text("开票日不明", "no invoice date")), total_of(x.value for x in undated), total_of(x.buyback for x in undated))
        )
    return out


def _age(days: int) -> int:
    return sum(days > border for border in _AGES)


def crossed(made: DealerSheet) -> list[str]:
    """Orders of the year outside the territory, each in words."""
    year = made.quarter[:4]
    orders = [
        o for o in made.orders if isinstance(o.get("date"), dt.date) and f"{o['date']:%Y}" == year and o["date"] <= made.day
    ]
    if not orders:
        return []
    territory = made.dealer.get("territory")
    columns = ([[o.get("region")] for o in orders], [[made.dealer["id"]]] * len(orders), [[territory]] * len(orders))
    said = []
    for *_, place in call("CROSSSELLING", *columns):
        if place:
            order = orders[int(place) - 1]
            amount, region, own = yuan(number(order.get("amount"))), clean(order.get("region")), clean(territory) or "–"
            said.append(str(Text(f"{day(order['date'])} 在{region}出货 {amount} 元，授权区域是{own}",
                                 f"{day(order['date'])}: {amount} yuan sold in {region}; the territory is {own}")))  # fmt: skip
    return said


def bars(made: DealerSheet) -> list[tuple[str, float, str]]:
    """The quarter's three ratios of the 633."""
    ratios = made.quarters[-1].ratios
    return [] if not ratios else [(str(name), part, percent(part)) for name, part in zip(THREE, ratios[:3], strict=True)]
