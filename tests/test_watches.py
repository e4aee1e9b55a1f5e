"""The register of watches: one rule of lights, one order, and the same figure on every surface whatever the company's size."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from addin import cli
from tests.judge import judge, ours
from tests.plans import once, sample_computed, story_plan
from tests.real import require_office
from tests.small_plan import small_plan
from udfs.text import Text, speaking
from udfs.values import excel_round
from workbook_templates import making, recalc, registry
from workbook_templates.chapters import building, sample
from workbook_templates.chapters.cockpit.sheets import cockpit, problems
from workbook_templates.engine.run import evaluate_formula
from workbook_templates.page import register, watches
from workbook_templates.page.builder import BuildError, Plan
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import ANY, Watch
from workbook_templates.tables.schema import Company
from workbook_templates.webpage import saying
from workbook_templates.xlsx.package import Package

WORDS = ('"绿"', '"橙"', '"红"')
TITLES = {"zh": "驾驶舱", "en": "Cockpit"}


# -------------------------------------------------------------------------------------------------------------- one rule


def _light(found: Any, goal: Any, border: str = "", lower: bool = False, amber: float = 0.9) -> Any:
    """What a light shows, by the formulas of the register; ``border`` is the plan's own."""
    watch = Watch("k", Text("t", "t"), "", "", screen=1, lower=lower, amber=border)
    edge = evaluate_formula("=" + watches.border(watch, "B1", "D1"), cells={"B1": goal, "D1": amber})
    cells = {"A1": found, "B1": goal, "C1": edge}
    return evaluate_formula("=" + watches.light("A1", "B1", "C1", WORDS, lower), cells=cells)


@pytest.mark.parametrize(
    ("found", "goal", "more", "word"),
    [
        # Design, common rules: at least the goal, at least 0.9 of it, below; the borders themselves belong to the better light.
        (100.0, 100.0, {}, "绿"),
        (99.9999, 100.0, {}, "橙"),
        (90.0, 100.0, {}, "橙"),
        (89.9999, 100.0, {}, "红"),
        (-5.0, 100.0, {}, "红"),
        (0.1 + 0.2, 0.3, {}, "绿"),  # by a hair of floating point neither better nor worse
        (0.3, 0.1 + 0.2, {}, "绿"),
        (0.9 * 0.55, 0.55, {}, "橙"),  # S share: 49.5 % of 55 %
        (85.0, 100.0, {"amber": 0.85}, "橙"),  # Settings say from when on it is amber
        # Less is better: up to the goal, up to (2 − 0.9) of it; no division, so a goal of 0 is one.
        (0.20, 0.20, {"lower": True}, "绿"),
        (0.22, 0.20, {"lower": True}, "橙"),
        (0.2200001, 0.20, {"lower": True}, "红"),
        (0.0, 0.0, {"lower": True}, "绿"),
        (1.0, 0.0, {"lower": True}, "红"),
        # A goal that is not above 0 has no part of it.
        (0.0, 0.0, {}, "绿"),
        (-1.0, 0.0, {}, "红"),
        (-3.0, -5.0, {}, "绿"),
        (-6.0, -5.0, {}, "红"),
        # The plan's own borders win.
        (55.0, 55.0, {"border": "45"}, "绿"),
        (45.0, 55.0, {"border": "45"}, "橙"),
        (44.9, 55.0, {"border": "45"}, "红"),
        (22.5, 22.5, {"border": "25", "lower": True}, "绿"),
        (25.0, 22.5, {"border": "25", "lower": True}, "橙"),
        (25.1, 22.5, {"border": "25", "lower": True}, "红"),
        (7.0, 0.0, {"border": ANY, "lower": True}, "橙"),
        # What is no number is not judged.
        ("–", 100.0, {}, "–"),
        (100.0, "–", {}, "–"),
        ("停用", "停用", {"lower": True}, "–"),
    ],
)
def test_one_rule_lights_everything(found: Any, goal: Any, more: dict[str, Any], word: str) -> None:
    assert _light(found, goal, **more) == word
    if word != "–":  # what asks for the light of a row of its own has the same rule
        edge = evaluate_formula(
            "="
            + watches.border(
                Watch("k", Text("t", "t"), "", "", screen=1, lower="lower" in more, amber=more.get("border", "")), "B1", "D1"
            ),
            cells={"B1": goal, "D1": more.get("amber", 0.9)},
        )
        assert register.LIGHTS[register.light_of(found, goal, edge, more.get("lower", False))].zh == word


# ------------------------------------------------------------------------------------------------------------- one order


def _handed_in(chapter: int, key: str, page: str, watched: list[Watch]) -> PlanSheet:
    def build(plan: Plan) -> None:
        made = plan.page(page, Text(f"试{key}", f"Try {key}"), Text("", ""))
        made.chapter = registry.numbered()[chapter]
        for watch in watched:
            made.watch(watch)

    return PlanSheet(100 + chapter, build)


def _standing_alone(name: str) -> PlanSheet:
    """A Table on a sheet of its own, there before what asks it."""

    def build(plan: Plan) -> None:
        plan.page(f"of_{name}", Text(f"{name}页", f"{name} sheet"), Text("", "")).records(name, "B6")

    return PlanSheet(50, build)


def _red(key: str, amount: str, **more: Any) -> Watch:
    return Watch(key, Text(key, key), "1", "0", screen=1, fmt="int", lower=True, amount=amount, **more)


ORDER_BY_HAND = ["must", "a1", "b1", "a2", "a3", "amber"]


@cache
def _ordered(folder: Path) -> Path:
    """Two chapters: one must-first of no amount, three reds of chapter 2 above the one of chapter 4, an amber of the largest amount."""
    second = [
        _red("a1", "900"),
        _red("a2", "800"),
        _red("a3", "800"),  # equal amounts: by row, in LibreOffice too, which takes numbers near each other for equal
        Watch("fine", Text("fine", "fine"), "1", "1", screen=1, fmt="int", amount="10^9"),
    ]
    fourth = [
        _red("b1", "900"),
        Watch("amber", Text("amber", "amber"), "95", "100", screen=1, fmt="int", amount="10^12"),
        _red("must", "0", must=True),
    ]
    sheets = [_handed_in(2, "甲", "a", second), _handed_in(4, "乙", "b", fourth), problems.SHEET]
    return small_plan(folder / "ordered.xlsx", Company("甲", 2027, dt.date(2027, 6, 30)), sheets=sheets)


def _rows(package: Package) -> list[register.JudgedFigure]:
    place = package.locate(watches.LIST)
    assert place is not None
    cells = package.sheets[place[0]].cells()
    return register.read([None if (cell := cells.get(at)) is None else cell.value for at in place[1].cells()])


@pytest.fixture(scope="module")
def ordered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _ordered(tmp_path_factory.mktemp("order"))


def test_must_first_then_two_of_a_chapter_then_the_others(ordered: Path) -> None:
    """Equal amounts keep the order of the rows; a third red of a chapter comes behind the other reds."""
    rows = _rows(Package.open(ordered))
    assert [row.key for row in register.first(rows)] == ORDER_BY_HAND[:5]
    assert [row.key for row in register.first(rows, 9)] == ORDER_BY_HAND
    assert next(row for row in rows if row.key == "fine").order is None
    assert [row.level for row in register.first(rows, 9)] == [4, 3, 3, 3, 3, 2]


@pytest.mark.real
def test_libreoffice_puts_them_in_the_same_order(ordered: Path) -> None:
    require_office()
    sheet = problems.TOP
    fresh = judge.recalculated(ordered, ours.names(), ours.call)
    column = {name: ord(watches.letter(name)) - ord("A") + 1 for name in ("key", "order", "light", "place")}
    rows = _rows(Package.open(ordered))
    found = [{name: fresh.get(("问题", sheet + at, c)) for name, c in column.items()} for at in range(1, len(rows) + 1)]
    ranked = sorted((line for line in found if isinstance(line["order"], float)), key=lambda line: -line["order"])
    keys = [rows[found.index(line)].key for line in ranked]
    assert keys == [row.key for row in register.first(rows, len(rows))]


@pytest.mark.parametrize(
    ("status", "answer"),
    [("open", ("李", dt.date(2027, 7, 14))), ("running", ("李", dt.date(2027, 7, 14))), ("done", ("张", None))],
)
def test_an_open_task_says_owner_and_day_and_the_link_leads_to_it(status: str, answer: Any, tmp_path: Path) -> None:
    people = [
        {"id": f"P{n}", "name": name, "level": "manager", "line": "direct", "joined": dt.date(2026, 1, 1)}
        for n, name in enumerate("张李")
    ]
    task = {"id": "T00001", "rule": "渠道退出", "object": "V05", "episode": "2027-Q2", "title": "约谈", "owner": "P1", "opened_at": dt.datetime(2027, 6, 30, 9),
            "due_at": dt.datetime(2027, 7, 14, 18), "status": status, "result": None if status != "done" else "谈过"}  # fmt: skip
    rows = {
        "People": people,
        "Dealers": [{"id": "V05", "name": "恒垣", "joined": dt.date(2026, 1, 1), "owner": "P0"}],
        "Tasks": [task | {"id": "T00000", "object": "V06"}, task],
    }
    watch = _red("leaving", "1", item='"V05"', table="Dealers.id", owner="owner", duty="exit")
    sheets = [*map(_standing_alone, ("People", "Dealers", "Tasks")), _handed_in(4, "乙", "b", [watch]), problems.SHEET]
    path = small_plan(tmp_path / "plan.xlsx", Company("甲", 2027, dt.date(2027, 6, 30), rows=rows), sheets=sheets)
    package = Package.open(path)
    (row,) = _rows(package)
    tasks = package.tables["Tasks"]
    assert (row.owner, row.due) == answer
    assert (f"'{tasks.sheet}'" in row.where) == (status != "done") and (
        status == "done" or row.where.endswith(f"!A{tasks.ref.first_row + 2}")
    )


def test_a_figure_is_declared_once() -> None:
    plan = Plan("zh", Company("甲", 2027), strict=False)
    page, other = (plan.page(key, Text(key, key), Text("", "")) for key in ("a", "b"))
    page.watch(_red("one", "0"))
    with pytest.raises(BuildError, match="'one' already, of a"):
        other.watch(_red("one", "0"))


# ---------------------------------------------------------------------------------------------- every surface, every size


def _times(company: Company, factor: float) -> Company:
    """A company so many times as large in money: its people, customers and days stay."""
    scaled = {
        "Regions": ("spend",),
        "Deals": ("revenue", "cost", "collected"),
        "Budget": ("planned", "actual_cost", "revenue"),
        "Customers": ("sales_12m", "monetary"),
        "Installers": ("revenue", "cost"),
        "Stock": ("price",),
        "Quotas": ("floor", "cap"),
    }
    rows = {name: [dict(row) for row in found] for name, found in company.rows.items()}
    for name, keys in scaled.items():
        for row in rows.get(name, ()):
            row |= {key: round(row[key] * factor, 2) for key in keys if row.get(key) is not None}
    return dataclasses.replace(company, rows=rows)


@cache
def _made(which: str) -> Package:
    if which == "1":
        return sample_computed("zh").package
    return Package.open(once(("sizes", which), lambda path: _make(which, path)))


def _make(which: str, path: Path) -> None:
    company = {
        "empty": lambda: Company("空", 2027),
        "small": _small,
        "june": lambda: dataclasses.replace(sample.company("zh", 200), as_of=dt.date(2027, 6, 30)),
    }.get(which, lambda: _times(sample.company("zh", 200), float(which)))()
    with speaking("zh"):
        content, done = making.plan_bytes(company, "zh")
        assert recalc.error_cells(Package.from_bytes(content), done.results) == []
    path.write_bytes(content)


def _small() -> Company:
    """Two people, one region, two customers, three deals: a company that begins."""
    people = [
        {
            "id": f"P{n}",
            "name": name,
            "level": level,
            "line": "direct",
            "region": "华东",
            "joined": dt.date(2026, 1, 1),
            "weight": 1.0,
        }
        for n, (name, level) in enumerate((("林一", "director"), ("陈二", "representative")), 1)
    ]
    deals = [
        {
            "id": f"D{n}", "date": dt.date(2027, n, 9), "customer": "C1", "region": "华东", "line": "flex", "seller": "P2",
            "seller_share": 1.0, "revenue": 50_000.0 * n, "cost": 30_000.0 * n, "collected": 0.0, "due": dt.date(2027, n, 20),
        }
        for n in (1, 2, 3)
    ]  # fmt: skip
    return Company(
        "甲", 2027, dt.date(2027, 3, 31),
        rows={
            "Regions": [{"region": "华东", "buyers": 10, "spend": 500_000, "serviceable": 0.5, "coverage": 0.6, "win_rate": 0.3}],
            "People": people, "Customers": [{"id": "C1", "name": "甲公司", "region": "华东", "owner": "P2"}], "Deals": deals,
            "Quotas": [{"person": "P2", "name": "陈二", "weight": 1.0}],
        },
    )  # fmt: skip


def _screen(package: Package) -> dict[str, Any]:
    sheet = package.sheets[TITLES["zh"]]
    return {f"{chr(64 + column)}{row}": cell.value for (row, column), cell in sheet.cells().items()}


SIZES = ["0.01", "1", "100", "empty", "small", "june"]


@pytest.mark.parametrize("which", SIZES)
def test_register_tile_and_json_are_one(which: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = _made(which)
    rows, screen = {row.key: row for row in _rows(package)}, _screen(package)
    path = tmp_path / "plan.xlsx"
    path.write_bytes(package.to_bytes())
    assert cli.main(["cockpit", str(path), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["message"] == screen["B4"]
    assert {w["key"]: (w["actual"], w["target"], w["light"], w["amount"]) for w in said["watches"]} == {
        row.key: (row.actual, row.target, row.light, row.amount) for row in rows.values()
    }
    for place, (_, key, _) in enumerate(cockpit.TILE_WATCHES):
        left, shown = cockpit.COLUMNS[2 * place], rows.get(key)
        figure = screen.get(f"{left}{cockpit.TILES + 1}")
        assert said["tiles"][place]["key"] == key
        if shown is None or shown.actual is None:
            assert figure == "–" and said["tiles"][place]["actual"] is None
        else:
            assert figure == shown.actual == said["tiles"][place]["actual"]
            old = f"数据到 {shown.newest:%m-%d}" if shown.newest and shown.light is None else "–"
            assert screen[f"{left}{cockpit.TILES + 4}"] == (register.LIGHTS[shown.light].zh if shown.light else old)
    five = register.first(rows.values())
    told = [screen.get(f"D{cockpit.FIRST_PROBLEM + n}") for n in range(cockpit.MOST)]
    assert [p["key"] for p in said["problems"]] == [row.key for row in five]
    assert [t for t in told if t and t != "没有红灯和橙灯"] == ["：".join(filter(None, (row.title, row.item))) for row in five]
    assert (said["red"], said["amber"]) == tuple(sum(r.light == light for r in rows.values()) for light in ("red", "amber"))


@pytest.mark.parametrize("which", SIZES)
def test_no_errors_no_phantom_rows_sensible_units(which: str) -> None:
    package = _made(which)
    screen = _screen(package)
    assert not [at for at, cell in screen.items() if isinstance(cell, str) and cell.startswith("#") and cell != "#"]
    found = len(register.first(_rows(package)))
    for number in range(found, cockpit.MOST):
        row = cockpit.FIRST_PROBLEM + number
        assert not [
            screen.get(f"{c}{row}") for c in cockpit.COLUMNS if screen.get(f"{c}{row}") not in (None, "", "没有红灯和橙灯")
        ]
    blocks = {name: package.locate(name) for name in ("cd_months", "cd_regions")}  # on the sheet of chart data
    drawn = {
        name: [
            c
            for c in package.charts()
            if any(place is not None and ref.sheet == place[0] and place[1].meets(ref.area) for ref in c.refs)
        ]
        for name, place in blocks.items()
    }
    assert [len(found) for found in drawn.values()] == [1, 1]
    assert not any(chart.skipped for found in drawn.values() for chart in found)
    # As many as there are, and room for twelve where there are none yet: they may come in while Excel is open. The plan's line, alone on top.
    regions = {"small": 1, "empty": 12}.get(which, 6) + 1
    (chart,), place = drawn["cd_regions"], blocks["cd_regions"]
    assert place is not None
    assert {len(ref.values) for ref in chart.refs if place[1].meets(ref.area) and len(ref.values) > 1} <= {regions}
    unit = {"0.01": "420万", "1": "4.20亿", "100": "420.00亿", "june": "2.94亿", "small": "30万"}.get(which)
    assert unit is None or screen["B4"].startswith(f"签单累计 {unit}，")
    assert screen["B4"].startswith("尚无签单数据") == (which == "empty")


@pytest.mark.parametrize("which", ["0.01", "100"])
def test_size_moves_no_light(which: str) -> None:
    """Ten thousand times apart, the same company has the same ratios and the same lights."""
    one, other = ({row.key: row for row in _rows(_made(size))} for size in ("0.01", "100"))
    for key, row in one.items():
        if key in ("bookings.progress", "margin.progress", "cash.rate", "region.weakest", "customers.s_share"):
            assert row.light == other[key].light
            assert row.ratio == pytest.approx(other[key].ratio, rel=1e-4)


@pytest.mark.parametrize("which", ["0.01", "1", "small", "june"])
def test_two_rates_differ_by_percentage_points(which: str) -> None:
    """83.1% of 85.0% is 1.9 percentage points short: −1.9% would be 1.9% of something."""
    rows = [row for row in _rows(_made(which)) if row.goal.endswith("%") and row.actual is not None]
    assert rows
    for row in rows:
        assert row.target is not None and row.actual is not None
        digits = len(row.goal.partition(".")[2]) - 1
        apart = float(excel_round(100 * abs(row.actual - row.target), digits))
        sign = "+" if row.actual > row.target else "−"
        assert row.gap == ("0" if row.actual == row.target else f"{sign}{apart:.{digits}f} 个百分点"), row.key
    assert not [row.key for row in _rows(_made(which)) if row.gap.endswith("%")]


@pytest.mark.parametrize(
    ("which", "unit", "code"),
    [("1", "亿元", '0\\.00,,"亿"'), ("100", "亿元", '0\\.00,,"亿"'), ("0.01", "万元", '0\\.0,"万"'), ("small", "万元", '0\\.0,"万"'), ("empty", "元", "[>=")],
)  # fmt: skip
def test_axes_have_the_unit_of_the_plans_size(which: str, unit: str, code: str) -> None:
    """Design, numbers that scale: one unit, from the largest plan value, in the title; 0.00亿 for all of a small company's months says nothing."""
    package = _made(which)
    place = package.locate("cd_months")
    assert place is not None
    (chart,) = (c for c in package.charts() if any(ref.sheet == place[0] and place[1].meets(ref.area) for ref in c.refs))
    root = package.root(chart.part)
    text, codes = "".join(root.itertext()), {node.get("formatCode") for node in root.iter() if node.get("formatCode")}
    assert f"（{unit}）" in text and any(told.startswith(code) for told in codes)


def test_drawings_are_amber_from_nine_of_ten() -> None:
    """Design, screen 5: green from 95 %, amber from 90 % (Settings), and not from 0.9 of the goal."""
    (row,) = (row for row in _rows(_made("1")) if row.key == "flex.hours")
    assert (row.target, row.border) == (0.95, 0.9)


@pytest.mark.parametrize(("lang", "said", "unit"), [("zh", "刷新于 06-18", "个百分点"), ("en", "refreshed 06-18", "pp")])
def test_a_tile_of_the_last_refresh_says_so(lang: str, said: str, unit: str, tmp_path: Path) -> None:
    """The story's tiers were refreshed on 18 June, its day is the 30th; its forecast is of the day."""
    package = Package.open(story_plan(lang, tmp_path))
    rows = {row.key: row for row in _rows(package)}
    assert {key for key, row in rows.items() if said in row.span} == {
        "market.share", "customers.s_share", "customers.tiers", "customers.churn"
    }  # fmt: skip
    titles = [name for name in package.sheets if name.startswith(("屏2", "Screen2"))]
    told = [str(cell.value) for cell in package.sheets[titles[0]].cells().values() if said in str(cell.value)]
    assert any(f"{unit} · {said}" in text for text in told)


def test_an_empty_plan_judges_nothing() -> None:
    rows = _rows(_made("empty"))
    assert rows and {row.light for row in rows} == {None} and register.first(rows) == []


def test_to_date_against_the_plan_to_date() -> None:
    """Design, the story: 4-3-2-1 makes 70 % due by 30 June; what is signed later is no part of it."""
    rows = {row.key: row for row in _rows(_made("june"))}
    assert rows["bookings.progress"].target == 294_000_000 and rows["bookings.progress"].actual == 294_000_000
    assert rows["margin.progress"].target == pytest.approx(0.35 * 294_000_000)
    assert rows["overseas.revenue"].target == 15_000_000
    assert rows["forecast.run_rate"].target == 420_000_000


def test_data_that_are_too_old_have_a_day_and_no_light() -> None:
    """Newest deal on 12 May: more than ten working days before 30 June."""
    company = sample.company("zh", 200)
    deals = [row for row in company.of("Deals") if row["date"] <= dt.date(2027, 5, 12)]
    kept = {row["id"] for row in deals}
    rows = {name: [r for r in found if r.get("deal") is None or r["deal"] in kept] for name, found in company.rows.items()}
    company = dataclasses.replace(company, as_of=dt.date(2027, 6, 30), rows={**rows, "Deals": deals})
    with speaking("zh"):
        package = making.built(company, "zh")
        recalc.recalculate(package, whole=True)
    old = next(row for row in _rows(package) if row.key == "bookings.progress")
    newest = max(row["date"] for row in deals)
    assert old.light is None and old.actual is not None and old.newest == newest
    assert _screen(package)[f"B{cockpit.TILES + 4}"] == f"数据到 {newest:%m-%d}"
    assert next(row for row in _rows(package) if row.key == "team.headcount").light is not None


def test_links_lead_to_the_row_of_the_item() -> None:
    """Design, proof 6: the target exists, and its row holds the ID named."""
    package, made = _made("1"), building.make(sample.company("zh", 200), "zh")
    for row in _rows(package):
        title, _, cell = row.where.removeprefix("#").rpartition("!")
        sheet = package.sheets[title.strip("'").replace("''", "'")]
        line = int(cell.removeprefix("A"))
        if line > 1:
            # A task names what it is about, which may hold the item's ID (a device's sensor) or be whose it is (a deal's customer).
            named = {c.value for (r, _), c in sheet.cells().items() if r == line}
            about = made.watches[row.key].about and title == "'待办'"
            assert about or row.item.split(" ")[0] in named, row.key
    assert sum(row.where.endswith("!A1") is False for row in _rows(package)) > 5


# What is measured and not counted: its parts are told. All other figures are money, shares or counts.
MEASURED = {"team.load", "service.mttr", "nps.wave", "nps.weakest", "leads.cpl"} | {
    f"roi.{line}" for line in ("people", "rebates", "market", "travel", "training", "other")
}


@pytest.mark.parametrize("which", ["0.01", "1", "june"])
def test_counts_have_no_decimals(which: str) -> None:
    """Nine installers, not 9.0: on the sheet, in the JSON, the mails and the page, which all say what the register says."""
    plan = building.make(sample.company("zh", 200), "zh")
    assert {key for key, watch in plan.watches.items() if watch.fmt not in ("int", "rate", "scaled", "0.00%")} == MEASURED
    counts = {key for key, watch in plan.watches.items() if watch.fmt == "int"}
    rows = [row for row in _rows(_made(which)) if row.key in counts]
    assert len(rows) > 40
    for row in rows:
        told = (row.goal, row.gap, saying.actual(row, "zh"))
        assert not [said for said in told if "." in said], (row.key, told)
        assert row.actual is None or row.actual == int(row.actual), row.key


def test_a_share_is_shown_as_a_share_wherever_its_figure_is_fetched() -> None:
    """The daily meeting had an on-time rate of 93.1% as 1."""
    plan = building.make(sample.company("zh", 200), "zh")
    fetched = re.compile(r'=(?:IFERROR\()?INDEX\(watch_actual,MATCH\("([\w.]+)",watch_key,0\)\)(?:,"–"\))?')
    found = {
        (page.sheet.title, at): (match[1], "%" in page.sheet.cell(*at).number_format)
        for page in plan.pages.values()
        for at, cell in page.sheet._cells.items()
        if isinstance(cell.value, str) and (match := fetched.fullmatch(cell.value))
    }
    assert len(found) > 30
    assert not {place: told for place, told in found.items() if told[1] != ("%" in plan.format(plan.watches[told[0]].fmt))}


def test_every_watch_has_its_chapter_basis_and_screen() -> None:
    rows = _rows(_made("1"))
    assert {row.chapter for row in rows} == {0, *range(1, 13)}
    assert all(1 <= row.screen <= 5 and row.title for row in rows)
    assert len({row.key for row in rows}) == len(rows) > 40
