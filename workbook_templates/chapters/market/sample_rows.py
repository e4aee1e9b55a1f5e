"""The sample company's market: four leading indicators, eleven factors rated by three people, policies and five competitors.

PMI is the published series of the manufacturing index; the others are shaped like theirs, made up. Money supply peaks every January:
with its season it is quiet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from udfs.policy import value
from udfs.text import Text
from workbook_templates.chapters.market import signals
from workbook_templates.tables.spec import Company, Row, SampleRows

# National Bureau of Statistics, manufacturing PMI 2023-01 to 2024-12, as published month by month.
_PMI = (
    50.1, 52.6, 51.9, 49.2, 48.8, 49.0, 49.3, 49.7, 50.2, 49.5, 49.4, 49.0,
    49.2, 49.1, 50.8, 50.4, 49.5, 49.5, 49.4, 49.1, 49.8, 50.1, 50.3, 50.1,
)  # fmt: skip
_GDP = (4.9, 5.2, 5.0, 4.8, 5.1, 5.3, 4.9, 5.0, 5.1, 5.2)
_CONFIDENCE = (87.1, 87.6, 88.0, 87.2, 86.9, 87.5, 88.1, 88.4, 87.9, 88.2, 88.0, 87.7, 88.3, 88.9, 89.1, 88.6, 88.8, 90.6)
_CREDIT = (5.1, 2.3, 3.6, 2.1, 2.4, 3.3, 1.4, 2.6, 3.2, 1.9, 2.2, 2.5)  # trillion, a year of months
_SOURCE_NBS, _SOURCE_PBC = (
    Text("国家统计局 stats.gov.cn", "NBS, stats.gov.cn"),
    Text("中国人民银行 pbc.gov.cn", "PBC, pbc.gov.cn"),
)
_RATERS = 3
_INDICATORS: tuple[tuple[str, Text, str, int, str, Text], ...] = (
    ("PMI", Text("制造业采购经理指数", "Manufacturing PMI"), "month", 0, "high", _SOURCE_NBS),
    ("GDP", Text("GDP 同比（%）", "GDP, year on year, %"), "quarter", 0, "high", _SOURCE_NBS),
    ("TSF", Text("社会融资规模增量（万亿元）", "Total social financing, trillion yuan"), "month", 12, "high", _SOURCE_PBC),
    ("CCI", Text("消费者信心指数", "Consumer confidence"), "month", 0, "high", _SOURCE_NBS),
)
_FACTORS: tuple[tuple[str, str, str, Text, Text, tuple[float, float]], ...] = (
    ("pest", "political", "opportunity", Text("设备更新补贴延续", "Subsidy for renewal of equipment goes on"), Text("财政部 2027 年预算报告", "budget report 2027"), (8, 7)),
    ("pest", "political", "threat", Text("出口管制清单扩大", "Export controls widened"), Text("商务部公告", "announcement of the ministry"), (7, 7)),
    ("pest", "economic", "threat", Text("汇率波动挤压海外毛利", "Exchange rate squeezes margins abroad"), Text("海外毛利 35% 线附近", "margins abroad are near 35%"), (5, 6)),
    ("pest", "social", "opportunity", Text("招工难推动产线自动化", "Labour shortage drives automation"), Text("客户访谈 23 家", "23 customers asked"), (8, 8)),
    ("pest", "technological", "opportunity", Text("产线算法包成熟", "Algorithms for lines are mature"), Text("三家样板厂数据", "data of three model plants"), (6, 7)),
    ("pest", "technological", "threat", Text("控制器被云平台替代", "Controllers replaced by cloud"), Text("行业展会观察", "seen at a fair"), (4, 3)),
    ("forces", "rivalry", "threat", Text("本土对手降价 8%", "Local rivals cut prices by 8%"), Text("丢单原因统计", "reasons of lost orders"), (8, 7)),
    ("forces", "entrants", "threat", Text("电池厂自建集成队", "Battery makers build their own teams"), Text("招聘信息", "job offers"), (5, 4)),
    ("forces", "substitutes", "threat", Text("租赁替代购买", "Renting instead of buying"), Text("两家客户询价", "two customers asked"), (3, 5)),
    ("forces", "suppliers", "threat", Text("减速机交期拉长", "Gear boxes are late"), Text("采购周报", "purchasing's weekly report"), (6, 5)),
    ("forces", "buyers", "opportunity", Text("大客户要碳足迹报告", "Large customers want carbon reports"), Text("招标文件 11 份", "11 tenders"), (6, 6)),
)  # fmt: skip
_RIVALS: tuple[tuple[Text, str, float, float, float, float, float], ...] = (
    (Text("西达", "Xida"), "foreign", 0.22, 92, 45, 91, 128),
    (Text("柏斯", "Bosse"), "foreign", 0.18, 88, 42, 88, 121),
    (Text("华控", "Huakong"), "local", 0.09, 60, 28, 72, 96),
    (Text("中联智造", "Zhonglian"), "local", 0.07, 55, 25, 66, 91),
    (Text("恒驱", "Hengqu"), "local", 0.06, 50, 30, 63, 88),
)


def rows(company: Company) -> Mapping[str, Sequence[Row]]:
    """By Table; what the button writes is worked out as the button does."""
    owner = next((row["id"] for row in company.of("People") if row["level"] == "director"), None)
    raters = [row["id"] for row in company.of("People") if row["level"] in ("director", "manager")][:_RATERS]
    indicators, values = _indicators(company, owner), list(_values(company))
    found = signals.states(indicators, values, value)
    bands = signals.banded(indicators, values, value)
    curves: list[Row] = [{"series": str(_CURVE), "ceiling": 0.9}]
    points = list(_adoption(company))
    ratings = list(_ratings(company, raters))
    scored = signals.rated(ratings)
    return {
        "Indicators": [row | (found[row["code"]].written if row["code"] in found else {}) for row in indicators],
        "IndicatorValues": [row | vars(bands[index]) if index in bands else row for index, row in enumerate(values)],
        "AdoptionSeries": curves,
        "AdoptionPoints": points,
        "AdoptionAhead": signals.ahead(curves, points, value)[0],
        "Factors": [row | (vars(scored[row["id"]]) if row["id"] in scored else {}) for row in _factors(company, owner)],
        "FactorRatings": ratings,
        "PolicyWatch": _policies(company, owner) if owner else [],
        "Competitors": _competitors(company),
    }


def _indicators(company: Company, owner: Any) -> list[Row]:
    return [
        {"code": code, "name": str(name), "frequency": rhythm, "window": None, "k": None, "season": season or None, "good": good,
         "source": str(source), "owner": owner}
        for code, name, rhythm, season, good, source in _INDICATORS
    ]  # fmt: skip


def _values(company: Company) -> Iterator[Row]:
    """Series end with the last month, and quarter, that is over on the as-of date."""
    day = company.day()
    last = day.year * 12 + day.month - 2
    for code, series in (("PMI", _PMI), ("TSF", _CREDIT * 3), ("CCI", _CONFIDENCE)):
        for back, figure in enumerate(reversed(series if code != "TSF" else _from_january(series, last))):
            yield _value(code, f"{(last - back) // 12}-{(last - back) % 12 + 1:02d}", figure)
    quarter = day.year * 4 + (day.month - 1) // 3 - 1
    for back, figure in enumerate(reversed(_GDP)):
        yield _value("GDP", f"{(quarter - back) // 4}-Q{(quarter - back) % 4 + 1}", figure)


def _from_january(series: Sequence[float], last: int) -> list[float]:
    """Three years of months turned so that the high figure stands in January."""
    return [series[(last - back) % 12] for back in reversed(range(len(series)))]


def _value(code: str, period: str, figure: float) -> Row:
    return {"code": code, "period": period, "value": figure, "published_on": None, "source": None}


_CURVE = Text("产线碳足迹管理", "Carbon footprint of lines")


def _adoption(company: Company) -> Iterator[Row]:
    for back, share in enumerate(reversed((0.04, 0.07, 0.12, 0.19, 0.28, 0.39)), 1):
        yield {"series": str(_CURVE), "kind": "technology", "year": company.year - back, "share": share, "source": str(_SURVEY)}


_SURVEY = Text("行业协会年报", "yearbook of the association")


def _factors(company: Company, owner: Any) -> list[Row]:
    """Those that must be tracked have an owner, a response and a day."""
    out = []
    for number, (scan, dimension, kind, name, evidence, marks) in enumerate(_FACTORS, 1):
        tracked = marks[0] * marks[1] >= 49
        out.append({
            "id": f"F{number:02d}", "scan": scan, "dimension": dimension, "kind": kind, "name": str(name), "evidence": str(evidence),
            "owner": owner if tracked else None, "response": str(_RESPONSE) if tracked else None,
            "review_on": dt.date(company.year, 9, 30) if tracked else None,
        })  # fmt: skip
    return out


_RESPONSE = Text("纳入季度计划，专人跟踪", "in the quarter's plan, followed by name")


def _ratings(company: Company, raters: Sequence[str]) -> Iterator[Row]:
    """Three people each; their mean is the mark above."""
    for number, (*_, marks) in enumerate(_FACTORS, 1):
        for place, rater in enumerate(raters):
            off = place - 1 if len(raters) == _RATERS else 0
            yield {"factor": f"F{number:02d}", "rater": rater, "impact": float(marks[0] + off), "likelihood": float(marks[1] - off),
                   "on": dt.date(company.year, 1, 12)}  # fmt: skip


def _policies(company: Company, owner: Any) -> list[Row]:
    year = company.year
    return [
        {"id": "PW01", "issuer": str(Text("发展改革委", "NDRC")), "title": str(Text("大规模设备更新贴息", "Interest subsidy for renewal")),
         "theme": "subsidy", "issued_on": dt.date(year - 1, 11, 20), "effective_on": dt.date(year, 1, 1), "expires_on": dt.date(year, 12, 31),
         "effect": "good", "line": None, "value": 6_000_000.0, "owner": owner, "follow_up": str(Text("整理客户申报清单", "list customers who may apply")),
         "due": dt.date(year, 3, 31), "status": "claimed", "source": str(Text("官网公告", "announcement"))},
        {"id": "PW02", "issuer": str(Text("网信办", "CAC")), "title": str(Text("工业数据出境办法", "Rules on industrial data abroad")),
         "theme": "data", "issued_on": dt.date(year, 2, 10), "effective_on": dt.date(year, 7, 1), "expires_on": None,
         "effect": "bad", "line": None, "value": None, "owner": owner, "follow_up": str(Text("海外运维改本地存储", "store service data abroad locally")),
         "due": dt.date(year, 10, 31), "status": "watched", "source": str(Text("官网公告", "announcement"))},
    ]  # fmt: skip


def _competitors(company: Company) -> list[Row]:
    us = {"name": company.name, "origin": "ours", "share": 0.15, "completeness": 74.0, "delivery_days": 33.0, "reputation": 80.0,
          "price_index": 104.0, "source": str(_SURVEY), "as_of": dt.date(company.year, 1, 15)}  # fmt: skip
    return [us] + [
        {"name": str(name), "origin": origin, "share": share, "completeness": float(done), "delivery_days": float(days),
         "reputation": float(known), "price_index": float(price), "source": str(_SURVEY), "as_of": dt.date(company.year, 1, 15)}
        for name, origin, share, done, days, known, price in _RIVALS
    ]  # fmt: skip


SAMPLE = SampleRows(46, rows)
