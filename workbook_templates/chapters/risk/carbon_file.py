"""The carbon report of a quarter as a Word file, for S customers: three modules, travel against its goal, sources of the factors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from udfs.text import Text
from udfs.values import total_of
from workbook_templates.chapters.risk.carbon import KG
from workbook_templates.documents import Made
from workbook_templates.wordfile import ENDING, Letterhead, WordPaper

KIND = Text("碳排报告", "carbon-report")
_TITLES = {"Travel": Text("差旅", "Travel"), "Shipments": Text("样品运输", "Sample shipments"), "Booths": Text("展台", "Stands")}


def document(
    quarter: str, sums: Mapping[tuple[str, int], float], factors: Sequence[Sequence[Any]], data: Mapping[str, Any], goal: float,
    customers: Sequence[str], head: Letterhead,
) -> Made:  # fmt: skip
    """Written in the language in force; tonnes, with what was left out said."""
    paper = WordPaper(Text(f"碳排报告 {quarter}", f"Carbon report {quarter}"), head)
    year = int(quarter[:4])
    rows = [
        [
            _TITLES[name],
            f"{sums[name, year - 1] / KG:,.2f}",
            f"{sums[name, year] / KG:,.2f}",
            _change(sums[name, year], sums[name, year - 1]),
        ]
        for name in _TITLES
    ]
    whole = [total_of(sums[name, at] for name in _TITLES) for at in (year - 1, year)]
    rows.append([Text("合计", "Total"), f"{whole[0] / KG:,.2f}", f"{whole[1] / KG:,.2f}", _change(whole[1], whole[0])])
    paper.heading(Text("三个模块（吨 CO2e）", "Three modules, t CO2e"))
    paper.table(
        (Text("模块", "Module"), Text("上年同季", "Year before"), Text("本季", "This quarter"), Text("变化", "Change")), rows
    )
    paper.heading(Text("差旅目标", "Travel against its goal"))
    change = _change(data["travel"], data["travel_before"])
    paper.text(Text(f"年初至 {head.day} 差旅 {data['travel'] / KG:,.2f} 吨，上年同期 {data['travel_before'] / KG:,.2f} 吨，变化 {change}，目标 −{goal:.0%}。",
                    f"Travel this year up to {head.day}: {data['travel'] / KG:,.2f} t, the year before {data['travel_before'] / KG:,.2f} t, {change}; goal −{goal:.0%}."))  # fmt: skip
    covered = "–" if data["coverage"] is None else f"{data['coverage']:.0%}"
    paper.text(Text(f"有里程的差旅占 {covered}；较短航线改乘高铁可省 {data['rail_savings'] / KG:,.2f} 吨。",
                    f"Journeys with a distance: {covered}. Shorter flights by rail would have saved {data['rail_savings'] / KG:,.2f} t."))  # fmt: skip
    paper.heading(Text("排放因子与来源", "Factors and their sources"))
    heads = (
        Text("方式", "Mode"),
        Text("单位", "Unit"),
        Text("千克/单位", "kg a unit"),
        Text("范围", "Scope"),
        Text("来源", "Source"),
        Text("年份", "Year"),
    )
    paper.table(heads, [list(row) for row in factors])
    if customers:
        paper.heading(Text("发送对象（S 级客户）", "For these S customers"))
        paper.text("、".join(customers))
    return Made(KIND, quarter, ENDING, paper.content())


def _change(now: float, before: float) -> str:
    return f"{now / before - 1:+.1%}" if before else "–"
