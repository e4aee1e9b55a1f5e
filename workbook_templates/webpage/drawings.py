"""The pictures of the page: what the sheets' charts draw, as SVG that stands still; without the library, as bars of the page itself.

Vega-Lite makes them (`vl-convert`, the extra ``cockpit``). A picture asks for nothing from anywhere and brings no script.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from udfs.text import Text, language
from workbook_templates.page import style

WIDTH, HEIGHT, ROW = 400, 210, 20  # drawn once; the page shows it from a phone's width to one and a half of it
FONTS = "Microsoft YaHei, PingFang SC, Noto Sans CJK SC, sans-serif"
ACTUAL, PLANNED, BEFORE, PROBLEM, RIVAL = (
    f"#{c}" for c in (style.ACTUAL, style.PLANNED, style.BEFORE, style.PROBLEM, style.RIVAL)
)
AMBER = f"#{style.AMBER}"
_MOST = 40  # bars beside each other that can be told apart
Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Drawing:
    """How a block of chart data is drawn: on which screen (0: the first), what it measures, by what."""

    screen: int
    about: Text
    spec: Callable[[list[str], Rows, Drawing], dict[str, Any]]
    fmt: str = "money"
    goal: int = 2  # the column of what is to be reached; 0 for none
    shown: int = 3  # columns that are told as figures
    watch: str = ""  # the judged figure whose borders are those of each row
    like: str = ""  # the block whose rows have the lights of these, by name
    lights: Sequence[str | None] = ()  # of the rows, as the register judges them


def _number(cell: Any) -> float | None:
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else None


def _long(heads: list[str], rows: Rows) -> list[dict[str, Any]]:
    """A point a figure: its place, label, series and value."""
    return [
        {"n": place, "x": str(row[0]), "s": heads[column], "c": column, "y": _number(row[column])}
        for place, row in enumerate(rows)
        for column in range(1, min(len(heads), len(row)))
        if _number(row[column]) is not None
    ]


_X: dict[str, Any] = {"field": "x", "type": "ordinal", "sort": {"field": "n"}, "title": None, "axis": {"labelAngle": 0}}
_LABELLED: dict[str, Any] = {"type": "text", "fontSize": 11}


_LANDING = 3  # of months: its column, the range's two behind it


def lines(heads: list[str], rows: Rows, drawing: Drawing) -> dict[str, Any]:
    """Lines over time: the plan dashed, each named where it ends; where the year lands at the end, as a range."""
    whole = _scaled(_long(heads[: _LANDING + 3], rows), drawing.fmt)
    heads, points = heads[:_LANDING], [p for p in whole if p["c"] < _LANDING]
    ends = [p for p in whole if p["c"] >= _LANDING]
    last = {p["s"]: p for p in points if p["n"] < len(rows) - 3 or not ends}  # not where the landing's name stands
    colors = {"domain": heads[1:], "range": [PLANNED, ACTUAL, BEFORE, PROBLEM][: len(heads) - 1]}
    line = {
        "mark": {"type": "line", "strokeWidth": 2},
        "encoding": {
            "x": _X,
            "y": _y(drawing.fmt),
            "color": {"field": "s", "type": "nominal", "scale": colors, "legend": None},
            "strokeDash": {"field": "s", "type": "nominal", "scale": {"domain": heads[1:], "range": [[5, 4], [1, 0], [1, 0], [2, 2]][: len(heads) - 1]}, "legend": None},
        },
    }  # fmt: skip
    named = {
        "data": {"values": list(last.values())},
        "mark": {**_LABELLED, "align": "right", "dy": -8},
        "encoding": {"x": _X, "y": _y(drawing.fmt), "text": {"field": "s"}, "color": {"field": "s", "type": "nominal", "scale": colors, "legend": None}},
    }  # fmt: skip
    layers = [line, named, *_landing(ends)]
    return {"data": {"values": points}, "layer": layers, "width": WIDTH, "height": HEIGHT}


def _landing(ends: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A dot where the year lands, and from where to where it may: as a bar, both ends with their figures."""
    found = {p["c"] - _LANDING: p for p in ends}
    if 0 not in found:
        return []
    likely, at = found[0], {"x": _X, "y": _y("money")}
    dot = {"data": {"values": [likely]}, "mark": {"type": "circle", "size": 60, "opacity": 1, "color": ACTUAL}, "encoding": at}
    low, high = (found.get(place, likely) for place in (1, 2))
    bar = {
        "data": {"values": [{**low, "goal": high["y"]}]},
        "mark": {"type": "bar", "size": 12, "color": BEFORE},
        "encoding": {**at, "y2": {"field": "goal"}},
    }
    said = {
        "data": {"values": [{**low, "high": high["y"]}]},
        "transform": [{"calculate": f"'{likely['s']} ' + format(datum.y, ',.3~r')" + (" + '–' + format(datum.high, ',.3~r')" if len(found) == 3 else ""), "as": "told"}],
        "mark": {**_LABELLED, "align": "right", "dx": 12, "dy": 12, "color": PLANNED},
        "encoding": {**at, "text": {"field": "told"}},
    }  # fmt: skip
    return [bar, dot, said]


def columns(heads: list[str], rows: Rows, drawing: Drawing) -> dict[str, Any]:
    """Columns of what is, in the outlines of what was planned."""
    points = _scaled(_long(heads, rows), drawing.fmt)
    x = {**_X, "sort": [str(row[0]) for row in rows]}
    found, plan = ([p for p in points if p["c"] == column] for column in (2, 1))
    bar = {"data": {"values": found}, "mark": {"type": "bar", "color": ACTUAL, "width": {"band": 0.55}}}
    outline = {"data": {"values": plan}, "mark": {"type": "bar", "fillOpacity": 0, "stroke": PLANNED, "strokeWidth": 1.5}}
    layers = [layer | {"encoding": {"x": x, "y": _y(drawing.fmt)}} for layer in (bar, outline)]
    return {"layer": layers, "width": WIDTH, "height": HEIGHT}


def curve(heads: list[str], rows: Rows, drawing: Drawing) -> dict[str, Any]:
    """Shares that add up with the rank, the borders of the levels as upright rules, what was planned as diamonds (chapter 2's own block)."""
    points = [
        {"x": rank, "s": heads[column], "c": column, "y": _number(row[column])}
        for row in rows
        for column in (2, 3)
        if (rank := _number(row[1])) is not None and _number(row[column]) is not None
    ]
    borders = [{"x": rank, "s": str(row[5])} for row in rows if len(row) > 6 and row[5] and (rank := _number(row[6])) is not None]
    planned = [{"x": rank, "y": _number(row[10])} for row in rows if len(row) > 10 and (rank := _number(row[9])) is not None]
    color = {"field": "s", "type": "nominal", "scale": {"domain": heads[2:4], "range": [ACTUAL, PLANNED]}, "legend": None}
    x = {"field": "x", "type": "quantitative", "title": heads[1]}
    line = {"mark": {"type": "line"}, "encoding": {"x": x, "y": _y("rate"), "color": color}}
    end = [
        {"data": {"values": [{"s": name}]}, "mark": {**_LABELLED, "align": "right", "color": ink}, "encoding": {"x": {"value": WIDTH - 8}, "y": {"value": HEIGHT * 0.3 + 18 * place}, "text": {"field": "s"}}}
        for place, (name, ink) in enumerate(zip(heads[2:4], (ACTUAL, PLANNED), strict=False))
    ]  # fmt: skip
    rule = {"data": {"values": borders}, "mark": {"type": "rule", "strokeDash": [4, 3], "color": PLANNED}, "encoding": {"x": x}}
    named = {"data": {"values": borders}, "mark": {**_LABELLED, "align": "left", "dx": 3, "baseline": "bottom", "color": PLANNED}, "encoding": {"x": x, "y": {"value": HEIGHT - 4}, "text": {"field": "s"}}}  # fmt: skip
    due = {"data": {"values": planned}, "mark": {"type": "point", "shape": "diamond", "filled": True, "size": 60, "opacity": 1, "color": BEFORE, "stroke": PLANNED}, "encoding": {"x": x, "y": _y("rate")}}  # fmt: skip
    return {"data": {"values": points}, "layer": [line, *end, rule, named, due], "width": WIDTH, "height": HEIGHT}


_LIT = {"amber": AMBER, "red": PROBLEM}
_SIGNS = {"amber": "▲ ", "red": "■ "}


def across(heads: list[str], rows: Rows, drawing: Drawing) -> dict[str, Any]:
    """Bars, the worst on top, a line where the goal is: amber and red are what the register would call so, with their signs."""
    points: list[dict[str, Any]] = []
    for place, row in enumerate(rows[:_MOST]):
        found, goal = _number(row[1]), _number(row[drawing.goal]) if drawing.goal else None
        if found is not None:
            light = drawing.lights[place] if drawing.lights else None
            points.append(
                {"n": place, "x": str(row[0]), "y": found, "goal": goal, "light": light, "sign": _SIGNS.get(light or "", "")}
            )
    points = _scaled(points, drawing.fmt)
    most = max((max(abs(p["y"]), p["goal"] or 0.0) for p in points), default=0.0)
    for p in points:  # a figure beside its bar, but not on the line that the bar just misses
        p["at"] = p["goal"] if p["goal"] is not None and 0 <= p["goal"] - p["y"] < 0.13 * most and p["y"] > 0 else p["y"]
    y = {"field": "x", "type": "ordinal", "sort": {"field": "n"}, "title": None}
    bar: dict[str, Any] = {
        "mark": {"type": "bar"},
        "encoding": {
            "y": y,
            "x": _y(drawing.fmt),
            "color": {
                "condition": [{"test": f"datum.light=='{light}'", "value": ink} for light, ink in _LIT.items()],
                "value": ACTUAL,
            },
            # Amber is too pale to stand alone on white.
            "stroke": {"condition": {"test": "datum.light=='amber'", "value": PLANNED}, "value": None},
        },
    }
    code = {"rate": ".1%", "number": ",.1f"}.get(drawing.fmt, ",.4~r")
    label = {
        "mark": {
            **_LABELLED,
            "align": {"expr": "datum.y < 0 ? 'right' : 'left'"},
            "dx": {"expr": "datum.y < 0 ? -3 : 3"},
            "color": PLANNED,
        },
        "encoding": {
            "y": y,
            "x": {**_y(drawing.fmt), "field": "at"},
            "text": {"field": "told"},
        },
    }
    if any(p["y"] < 0 for p in points):  # room for the figure beside the longest, which the names would stand in
        bar["encoding"]["x"]["scale"] = {"padding": 56}
    layers = [bar, label]
    if any(p["goal"] is not None for p in points):
        # A light edge, for who stands on a bar that goes beyond.
        for color, thick in (("#FFFFFF", 6), (PLANNED, 2)):
            mark = {"type": "tick", "color": color, "thickness": thick}
            layers.append({"mark": mark, "encoding": {"y": y, "x": {"field": "goal", "type": "quantitative"}}})
    told = [
        {"calculate": f"datum.sign + format(datum.y, '{code}')", "as": "told"}
    ]  # of all layers: one alone would sort by itself
    whole = {"data": {"values": points}, "transform": told, "layer": layers}
    return {**whole, "width": WIDTH - 60, "height": max(60, ROW * len(points))}


def steps(heads: list[str], rows: Rows, drawing: Drawing) -> dict[str, Any]:
    """From what is to what is to be: each step begins where the one before it ends; what is lacking is red."""
    points = []
    for place, row in enumerate(rows):
        begin, found, likely, lacking = (_number(cell) or 0.0 for cell in row[1:5])
        kind = "bad" if lacking else "py" if likely else "ac"
        points.append({"n": place, "x": str(row[0]), "y": begin + found + likely + lacking, "goal": begin, "k": kind})
    points = [{**p, "t": p["y"] - p["goal"]} for p in _scaled(points, drawing.fmt)]
    x = {**_X, "axis": {"labelAngle": 0}}
    colors = {"domain": ["ac", "py", "bad"], "range": [ACTUAL, BEFORE, PROBLEM]}
    bar = {
        "mark": {"type": "bar", "width": {"band": 0.6}},
        "encoding": {"x": x, "y": _y(drawing.fmt), "y2": {"field": "goal"}, "color": {"field": "k", "type": "nominal", "scale": colors, "legend": None}},
    }  # fmt: skip
    label = {
        "mark": {**_LABELLED, "dy": -7, "color": PLANNED},
        "encoding": {"x": x, "y": _y(drawing.fmt), "text": {"field": "t", "type": "quantitative", "format": ",.2~f"}},
    }
    return {"data": {"values": points}, "layer": [bar, label], "width": WIDTH, "height": HEIGHT}


def stacked(heads: list[str], rows: Rows, drawing: Drawing) -> dict[str, Any]:
    """Bars of two parts, the second one the problem."""
    points = _scaled(_long(heads, rows), drawing.fmt)
    colors = {"domain": heads[1:3], "range": [ACTUAL, PROBLEM]}
    y = {"field": "x", "type": "ordinal", "sort": [str(row[0]) for row in rows], "title": None}
    bar = {"mark": "bar", "encoding": {"y": y, "x": _y(drawing.fmt), "order": {"field": "c"}, "color": {"field": "s", "type": "nominal", "scale": colors, "legend": None}}}  # fmt: skip
    named = [
        {"data": {"values": [{"s": name}]}, "mark": {**_LABELLED, "align": "left", "color": ink}, "encoding": {"x": {"value": 4 + 60 * place}, "y": {"value": -9}, "text": {"field": "s"}}}
        for place, (name, ink) in enumerate(zip(heads[1:3], (ACTUAL, PROBLEM), strict=False))
    ]  # fmt: skip
    return {"data": {"values": points}, "layer": [bar, *named], "width": WIDTH - 60, "height": max(60, (ROW + 8) * len(rows))}


def dots(heads: list[str], rows: Rows, drawing: Drawing) -> dict[str, Any]:
    """Everybody by two measures, a line below which is red."""
    points = [
        {"name": str(row[0]), "x": sales, "y": found, "limit": limit}
        for row in rows
        if (sales := _number(row[1])) is not None and (found := _number(row[2])) is not None and found >= 0 and (limit := _number(row[4])) is not None
    ]  # fmt: skip
    scaled = _scaled([{"y": p["x"]} for p in points], "money")
    points = [{**p, "x": s["y"]} for p, s in zip(points, scaled, strict=True)]
    dot = {
        "mark": {"type": "circle", "size": 36, "opacity": 0.8},
        "encoding": {
            "x": {"field": "x", "type": "quantitative", "title": heads[1] + str(Text("（", " (")) + str(unit([[0, p[1]] for p in rows], "money")) + str(Text("）", ")")), "axis": {"format": ",~r", "tickCount": 5}},
            "y": {"field": "y", "type": "quantitative", "title": None, "axis": {"format": ".0%"}, "scale": {"domain": [0, 1]}},
            "color": {"condition": {"test": "datum.y<datum.limit", "value": PROBLEM}, "value": ACTUAL},
        },
    }  # fmt: skip
    rule = {
        "mark": {"type": "rule", "strokeDash": [4, 3], "color": PROBLEM},
        "encoding": {"y": {"aggregate": "min", "field": "limit", "type": "quantitative"}},
    }
    return {"data": {"values": points}, "layer": [dot, rule], "width": WIDTH, "height": HEIGHT}


_MEDIAN = 6  # its column in the block of everybody's attainment


def strip(heads: list[str], rows: Rows, drawing: Drawing) -> dict[str, Any]:
    """Everybody as a dot on one line, with the goal, the median and the border below which help is due."""
    points = [{"name": str(row[0]), "y": found} for row in rows if (found := _number(row[1])) is not None]
    goals = [
        {"y": goal, "s": heads[column], "c": column}
        for column in (2, 3, _MEDIAN)
        if rows and column < len(rows[0]) and (goal := _number(rows[0][column])) is not None
    ]
    dot = {
        "data": {"values": points},
        "transform": [{"window": [{"op": "row_number", "as": "k"}], "sort": [{"field": "y"}]}],
        "mark": {"type": "circle", "size": 36, "opacity": 0.75},
        "encoding": {
            "x": {"field": "y", "type": "quantitative", "title": None, "axis": {"format": ".0%"}, "scale": {"zero": False}},
            "y": {"field": "k", "type": "quantitative", "axis": None},
            "color": {"condition": {"test": f"datum.y<{goals[0]['y'] if goals else 0}", "value": PROBLEM}, "value": ACTUAL},
        },
    }
    rule = {
        "data": {"values": goals},
        "mark": {"type": "rule", "strokeDash": [4, 3], "color": PLANNED},
        "encoding": {"x": {"field": "y", "type": "quantitative"}},
    }
    x, names = {"field": "y", "type": "quantitative"}, []
    # The median's on the other side and in a line of its own: a goal may be near, and the border's name as long as the way to it.
    for median, align, away, line in ((False, "left", 3, 2), (True, "right", -3, 18)):
        names.append({
            "data": {"values": [goal for goal in goals if (goal["c"] == _MEDIAN) is median]},
            "mark": {**_LABELLED, "align": align, "dx": away, "baseline": "top", "color": PLANNED},
            "encoding": {"x": x, "y": {"value": line}, "text": {"field": "s"}},
        })  # fmt: skip
    return {"layer": [dot, rule, *names], "width": WIDTH, "height": HEIGHT}


def bubbles(heads: list[str], rows: Rows, drawing: Drawing) -> dict[str, Any]:
    """Who stands where by two measures, as large as the share, the darker the better known; where nobody stands is a ring in red."""
    points = [
        {"name": str(row[0]), "x": _number(row[1]), "y": _number(row[2]), "z": _number(row[3]), "g": _number(row[4])}
        for row in rows
    ]
    there, gap = ([p for p in points if (p["z"] is None) == empty] for empty in (False, True))
    at: dict[str, Any] = {
        "x": {"field": "x", "type": "quantitative", "title": heads[1], "scale": {"reverse": True, "zero": False, "padding": 26}, "axis": {"tickCount": 5}},
        "y": {"field": "y", "type": "quantitative", "title": heads[2], "scale": {"zero": False, "padding": 26}, "axis": {"tickCount": 5}},
    }  # fmt: skip
    size = {"field": "z", "type": "quantitative", "scale": {"range": [80, 900]}, "legend": None}
    shade = {
        "field": "g",
        "type": "quantitative",
        "scale": {"domain": [1, 3], "range": [0.35, 0.9]},
        "legend": None,
    }
    disc = {
        "data": {"values": there},
        "mark": {"type": "circle", "color": ACTUAL},
        "encoding": {**at, "size": size, "opacity": shade},
    }
    ring = {
        "data": {"values": gap},
        "mark": {"type": "point", "filled": False, "color": PROBLEM, "size": 500, "strokeWidth": 2},
        "encoding": at,
    }
    named = {
        "data": {"values": points},
        "mark": {**_LABELLED, "dy": -19, "color": PLANNED},
        "encoding": {**at, "text": {"field": "name"}},
    }
    return {"layer": [disc, *([ring] if gap else []), named], "width": WIDTH, "height": HEIGHT + 40}


def _scaled(points: list[dict[str, Any]], fmt: str) -> list[dict[str, Any]]:
    """In one unit: 万 or 亿 (k, M), by the largest; what stands in the axis's title."""
    if fmt != "money" or not points:
        return points
    most = max(abs(p["y"]) for p in points)
    en = language() == "en"
    for bounds, name in style.SCALES:
        if most >= bounds[en]:
            by = {("yi", False): 1e8, ("wan", False): 1e4, ("yi", True): 1e6, ("wan", True): 1e3}[name, en]
            return [{**p, "y": p["y"] / by, **({"goal": p["goal"] / by} if p.get("goal") is not None else {})} for p in points]
    return points


def unit(rows: Rows, fmt: str) -> Text:
    """What a picture's figures are in."""
    found = [abs(n) for row in rows for cell in row[1:] if (n := _number(cell)) is not None]
    if fmt != "money" or not found:
        return Text("", "")
    if max(found) >= style.SCALES[0][0][0]:
        return Text("亿元", "million yuan")
    if max(found) >= style.SCALES[1][0][0]:
        return Text("万元", "thousand yuan") if max(found) < style.SCALES[0][0][1] else Text("万元", "million yuan")
    return Text("元", "yuan")


def _y(fmt: str) -> dict[str, Any]:
    return {
        "field": "y",
        "type": "quantitative",
        "title": None,
        "axis": {"format": ".0%" if fmt == "rate" else ",~r", "tickCount": 5},
    }


DRAWINGS: Mapping[str, Drawing] = {
    "cd_months": Drawing(0, Text("累计签单、计划与全年预测", "Bookings to date, plan, landing"), lines, shown=6),
    "cd_regions": Drawing(
        0, Text("区域进度，计划线 100%", "Regions against plan, line at 100%"), across, "rate", watch="region.weakest"
    ),
    "cd_quarters": Drawing(1, Text("季度签单与计划", "Bookings and plan by quarter"), columns),
    "cd_gaps": Drawing(1, Text("与进度计划的差额", "Gap to the plan to date"), across, goal=0, shown=2, like="cd_regions"),
    "cd_pareto": Drawing(2, Text("客户销售累计占比", "Customers' running share of sales"), curve, "rate", shown=4),
    "cd_health": Drawing(
        2, Text("S、A 级客户：销售与健康度", "S and A customers: sales and health"), dots, "rate", goal=0, shown=3
    ),
    "cd_sellers": Drawing(3, Text("全部人员达成率", "Attainment of everybody"), strip, "rate", shown=4),
    "cd_loads": Drawing(3, Text("人均客户与上限", "Customers a head and limit"), across, "number", watch="team.load"),
    "cd_bridge": Drawing(4, Text("已签、商机、缺口、保底", "Signed, pipeline, gap, floor"), steps, goal=0, shown=5),
    "cd_funnel": Drawing(4, Text("在办商机，红色为停滞", "Open pipeline, stalled in red"), stacked, goal=0),
    "cd_map": Drawing(5, Text("区域份额，占可服务市场", "Share of the serviceable market"), across, "rate", watch="market.share"),
    "cd_groups": Drawing(
        5,
        Text("交期、完整度与份额，红圈为空白", "Delivery, completeness and share; white space in red"),
        bubbles,
        "number",
        goal=0,
        shown=4,
    ),
    "cd_rivals": Drawing(
        5, Text("对各对手的赢单率与目标", "Win rate against each, and goal"), across, "rate", watch="pipeline.win_rate"
    ),
}

_CONFIG = {
    "background": None,
    "font": FONTS,
    "view": {"stroke": None},
    "axis": {"labelFontSize": 11, "titleFontSize": 11, "labelColor": PLANNED, "titleColor": PLANNED, "gridColor": "#E3E8EF", "domainColor": "#BFC9D6", "tickColor": "#BFC9D6", "labelLimit": 120},
    "aria": False,  # the table below tells a screen reader more than a hundred marks
}  # fmt: skip
# Colours become classes of the page, which has others in the dark.
_INKS = {ACTUAL: "ac", PLANNED: "pl", BEFORE: "py", PROBLEM: "bad", AMBER: "am", "#E3E8EF": "gr", "#BFC9D6": "ax"}
_COLOR = re.compile(r' (fill|stroke)="(#[0-9A-Fa-f]{6})"')


def available() -> bool:
    """Whether there is what draws."""
    from importlib.util import find_spec

    return find_spec("vl_convert") is not None


def svg(key: str, heads: list[str], rows: Rows, lights: Sequence[str | None] = ()) -> str:
    """A picture as SVG without links, styles or scripts; ``lights`` of the rows."""
    import vl_convert

    drawing = replace(DRAWINGS[key], lights=lights)
    spec = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", **drawing.spec(heads, rows, drawing), "config": _CONFIG}
    made: str = vl_convert.vegalite_to_svg(spec)
    made = re.sub(r' (?:style|xlink:href|href|class|pointer-events|aria-[a-z]+|role)="[^"]*"', "", made)
    made = _COLOR.sub(_classed, made)
    made = re.sub(r' width="\d+" height="\d+" viewBox', ' aria-hidden="true" focusable="false" viewBox', made, count=1)
    return made.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "").replace(' version="1.1"', "")


def png(key: str, heads: Sequence[str], rows: Rows) -> bytes:
    """A picture as PNG on white, for who shows no SVG: mail."""
    import vl_convert

    drawing = DRAWINGS[key]
    measured = (
        f"{drawing.about}（{unit(rows, drawing.fmt)}）" if language() == "zh" else f"{drawing.about} ({unit(rows, drawing.fmt)})"
    )
    title = {"text": measured, "fontSize": 12, "anchor": "start", "color": PLANNED}
    spec = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", **drawing.spec([*heads], rows, drawing), "title": title}
    made: bytes = vl_convert.vegalite_to_png({**spec, "config": {**_CONFIG, "background": "white"}}, scale=1.5)
    return made


def _classed(found: re.Match[str]) -> str:
    what, color = found.groups()
    name = next((name for known, name in _INKS.items() if known.lower() == color.lower()), None)
    return found[0] if name is None else f' data-{what[0]}="{name}"'
