"""The carbon report of a quarter as a Word file, for S customers: three modules, travel against its goal, sources of the factors.

It goes to customers, so it names none but those who agreed to be named.
"""

from __future__ import annotations

from udfs.text import Text, counted, joined
from udfs.values import total_of
from workbook_templates.chapters.risk.carbon import KG, CarbonReport
from workbook_templates.documents import Made
from workbook_templates.wordfile import ENDING, Letterhead, WordPaper

KIND = Text("碳排报告", "carbon-report")
_TITLES = {"Travel": Text("差旅", "Travel"), "Shipments": Text("样品运输", "Sample shipments"), "Booths": Text("展台", "Stands")}
_FORCING = {
    True: Text("航班因子含辐射强迫", "Factors of flights count radiative forcing"),
    False: Text("航班因子不含辐射强迫", "Factors of flights leave out radiative forcing"),
    None: Text("航班因子没有写明是否含辐射强迫", "Factors of flights do not say whether they count radiative forcing"),
}


def document(report: CarbonReport, head: Letterhead) -> Made:
    """Written in the language in force; tonnes, with what was left out said."""
    paper = WordPaper(Text(f"碳排报告 {report.name}", f"Carbon report {report.name}"), head)
    _modules(paper, report)
    _travel(paper, report)
    _factors(paper, report)
    if report.customers:
        paper.heading(Text("同行的 S 级客户（已同意公开）", "S customers with us, named with their consent"))
        paper.text(joined(report.customers))
    return Made(KIND, report.name, ENDING, paper.content())


def _modules(paper: WordPaper, report: CarbonReport) -> None:
    modules = report.modules
    rows = [[_TITLES[name], *_beside(one.before, one.now), one.left_out] for name, one in modules.items()]
    whole = [total_of(one.before for one in modules.values()), total_of(one.now for one in modules.values())]
    rows.append([Text("合计", "Total"), *_beside(*whole), sum(one.left_out for one in modules.values())])
    paper.heading(Text("三个模块（吨 CO2e）", "Three modules, t CO2e"))
    paper.table(
        (
            Text("模块", "Module"), Text("上年同期", "Year before"), Text("本季", "This quarter"), Text("变化", "Change"),
            Text("未折算行数", "Rows left out"),
        ),
        rows,
    )  # fmt: skip
    if not report.within.whole:
        last = report.within.last
        paper.text(Text(f"本季尚未结束：算到 {last}，上年也只算到同一天。", f"The quarter is not over: it counts up to {last}, and so does the year before."))  # fmt: skip
    if any(one.left_out for one in modules.values()):
        paper.text(
            Text(
                "没有因子或里程的行不按 0 计，列为未折算。", "Rows without a factor or a distance count as left out, never as 0."
            )
        )


def _travel(paper: WordPaper, report: CarbonReport) -> None:
    last, goal = report.within.last, f"-{report.goal:.0%}"
    _, _, change = _beside(report.travel_before, report.travel)
    verdict = {
        True: Text("已达到", "reached"), False: Text("未达到", "not reached"),
        None: Text("上年没有数据，无法比较", "no year before to compare with"),
    }[report.reached]  # fmt: skip
    paper.heading(Text("差旅目标", "Travel against its goal"))
    paper.text(Text(
        f"年初至 {last} 差旅 {report.travel / KG:,.2f} 吨，上年同期 {report.travel_before / KG:,.2f} 吨，变化 {change}；目标 {goal}，{verdict.zh}。",
        f"Travel of the year up to {last}: {report.travel / KG:,.2f} t, in the same days of the year before {report.travel_before / KG:,.2f} t, {change}; goal {goal}: {verdict.en}.",
    ))  # fmt: skip
    covered = "–" if report.coverage is None else f"{report.coverage:.0%}"
    paper.text(Text(
        f"今年有里程的差旅占 {covered}；{report.rail_km:,.0f} 公里以内的航线改乘高铁可省 {report.rail_savings / KG:,.2f} 吨。",
        f"Journeys of the year with a distance: {covered}. Flights under {report.rail_km:,.0f} km by rail would have saved {report.rail_savings / KG:,.2f} t.",
    ))  # fmt: skip


def _factors(paper: WordPaper, report: CarbonReport) -> None:
    heads = (
        Text("方式", "Mode"),
        Text("单位", "Unit"),
        Text("千克/单位", "kg a unit"),
        Text("范围", "Scope"),
        Text("来源", "Source"),
        Text("年份", "Year"),
    )
    paper.heading(Text("排放因子与来源", "Factors and their sources"))
    paper.table(heads, [list(row) for row in report.factors])
    paper.text(_FORCING[report.forcing] + Text("；两年用同一套因子。", ", and both years are worked out by the same ones."))
    if report.restated:
        moved = joined(f"{mode} {then:g} → {now:g}" for mode, then, now in report.restated)
        paper.text(
            Text("因子有变，上年已按新因子重算：", f"{counted(len(report.restated), 'factor')} changed and the year before is worked out anew: ")
            + moved
        )  # fmt: skip


def _beside(before: float, now: float) -> tuple[str, str, str]:
    """Tonnes before, tonnes now, and the change."""
    return f"{before / KG:,.2f}", f"{now / KG:,.2f}", f"{now / before - 1:+.1%}" if before else "–"
