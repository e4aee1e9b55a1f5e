"""The five screens: figures of the register, problems in its order, rows behind, at every size.

Expectations: the register of the same plan, the rows of its Tables, design §3 (six figures, five problems, two pictures a screen).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import re
import statistics
from pathlib import Path

import pytest
from openpyxl.utils import column_index_from_string

from addin import page_reading
from addin.book import FileBook
from tests.plans import story_plan
from tests.test_watches import SIZES, _made, _rows, _small
from udfs.policy import POLICIES
from udfs.text import speaking
from workbook_templates import making
from workbook_templates.chapters.cockpit.sheets import cockpit, screens
from workbook_templates.chapters.cockpit.sheets.problems import SCREENS
from workbook_templates.page import register
from workbook_templates.page.watches import name_of
from workbook_templates.tables import schema
from workbook_templates.xlsx.package import Package

TITLES = [f"屏{number}{name.zh}" for number, name in enumerate(SCREENS, 1)]


def _cells(package: Package, title: str) -> dict[str, object]:
    cells = package.sheets[title].cells()
    return {f"{chr(64 + column)}{row}": cell.value for (row, column), cell in cells.items() if column <= 26}


def _more(number: int, own: list[register.JudgedFigure]) -> list[str]:
    """The keys of the six that follow the tiles."""
    return screens.ordered(number, [row.key for row in own])[screens.MOST_TILES : 2 * screens.MOST_TILES]


@pytest.mark.parametrize("which", SIZES)
def test_screens_show_what_the_register_says(which: str) -> None:
    package = _made(which)
    rows = _rows(package)
    for number, title in enumerate(TITLES, 1):
        screen = _cells(package, title)
        assert not [at for at, value in screen.items() if isinstance(value, str) and value.startswith("#") and value != "#"]
        own = [row for row in rows if row.screen == number]
        by_title = {row.title: row for row in own}
        shown = 0
        for place in range(screens.MOST_TILES):
            left = cockpit.COLUMNS[2 * place]
            if f"{left}{screens.TILES}" in screen:
                shown += 1
                name = str(screen[f"{left}{screens.TILES}"])
                row = next(r for t, r in by_title.items() if t == name or t.startswith(f"{name}（"))
                found = screen.get(f"{left}{screens.TILES + 1}")
                assert found == (row.actual if row.actual is not None else "–")
        for place, key in enumerate(_more(number, own)):
            told, row = str(screen[f"{cockpit.COLUMNS[2 * place]}{screens.FURTHER}"]), {r.key: r for r in own}[key]
            sign = {"green": "●", "amber": "▲", "red": "■"}.get(str(row.light), "")
            assert told.startswith(row.title.split("（")[0]) and told.endswith(sign or ("停用", "–")[row.light is None]), told
        assert shown == min(screens.MOST_TILES, len(own)) > 0
        first = sorted((r for r in own if r.order is not None), key=lambda r: (-r.level, -r.amount))[: cockpit.MOST]
        told = [screen.get(f"D{screens.PROBLEMS + 2 + n}") for n in range(cockpit.MOST)]
        assert [t for t in told if t and t != "没有红灯和橙灯"] == ["：".join(filter(None, (r.title, r.item))) for r in first]
        counts = [sum(row.light == light for row in own) for light in ("red", "amber")]
        assert str(screen[f"B{screens.MESSAGE}"]).startswith(f"红 {counts[0]} 橙 {counts[1]}")


@pytest.mark.parametrize("which", ["1", "june", "small", "story"])
def test_rows_behind_are_the_worst_first_and_those_of_the_tables(which: str, tmp_path: Path) -> None:
    book = FileBook(Package.open(story_plan("zh", tmp_path)) if which == "story" else _made(which))
    regions = page_reading.columned(page_reading.block(book, "drill_1"))
    gaps = [row[4] for row in regions[1:] if isinstance(row[4], float)]
    assert (
        regions[0][:2] == ["区域", "产品线"]
        and gaps == sorted(gaps)
        and len(gaps) == sum(bool(row[0]) for row in regions[1:]) > 0
    )
    # The story plans a mix of products (design §5), the other companies none: theirs are regions.
    assert ("全部" in {row[1] for row in regions[1:]}) == (which != "story") and (len(gaps) == screens.ROWS or which != "story")
    lines = {word.code: str(word.label) for word in schema.PRODUCT_LINES}
    for row in regions[1 : 1 + len(gaps)]:
        mine = [
            d
            for d in book.read("Deals").rows
            if d["region"] == row[0] and row[1] in (lines[d["line"]], "全部") and d["date"] <= book.as_of
        ]
        assert row[2] == pytest.approx(sum(d["revenue"] for d in mine)) and row[4] == pytest.approx(row[2] - row[3])
    whole = sum(row[3] for row in page_reading.block(book, "cd_cells")[1:] if isinstance(row[3], float))
    assert whole == pytest.approx(book.first("floor_target") * book.first("plan_share"))  # the mix adds up to all
    people = page_reading.columned(page_reading.block(book, "drill_3"))[1:]
    rates = [row[5] for row in people if isinstance(row[5], float)]
    assert rates and rates == sorted(rates)
    names = {row["person"]: row["name"] for row in book.read("Quotas").rows}
    assert all(names[row[0]] == row[1] for row in people if row[0])
    assert all(row[5] == pytest.approx(row[3] / row[4]) for row in people if isinstance(row[5], float))


def test_the_largest_open_deals_and_those_lost_stand_behind_the_screens() -> None:
    """Design §3, screens 4 and 5: twelve of each, the largest first, as the Table has them; each leads to its row."""
    package = _made("1")
    book = FileBook(package)
    rows, limit = book.read("Opportunities").rows, POLICIES["rivals.lost_from"].value
    running = [row for row in rows if row["id"] and not row["outcome"]]
    lost = [
        row
        for row in rows
        if row["outcome"] == "lost"
        and row["closed_on"].year == book.as_of.year
        and row["closed_on"] <= book.as_of
        and row["amount"] > limit
    ]
    for name, place, mine in (("drill_4", 3, running), ("drill_5", 2, lost)):
        shown = [row for row in page_reading.columned(page_reading.block(book, name))[1:] if row[0]]
        assert [row[place] for row in shown] == sorted((row["amount"] for row in mine), reverse=True)[: screens.ROWS] and shown
        amounts = {row["id"]: row["amount"] for row in mine}
        assert all(amounts[row[0]] == row[place] for row in shown) and len({row[0] for row in shown}) == len(shown)
        sheet, area = package.locate(name) or ("", None)
        assert area is not None
        first = package.sheets[sheet].cells()[area.first_row + 1, area.first_col]
        assert "HYPERLINK(" in str(first.formula) and "lines_Opportunities_id" in str(first.formula)


def test_the_bridge_adds_up_to_the_floor() -> None:
    """Signed, what the pipeline brings and the gap are the floor, or there is no gap; the range stands around the landing."""
    book = FileBook(_made("1"))
    steps = {row[0]: [cell or 0 for cell in row[1:]] for row in page_reading.block(book, "cd_bridge")[1:]}
    signed, pipeline, gap, floor = (steps[name] for name in ("已签", "商机", "缺口", "保底"))
    assert signed[1] == pytest.approx(book.first("bookings")) and floor[1] == pytest.approx(book.first("floor_target"))
    assert gap[3] == pytest.approx(max(0.0, floor[1] - signed[1] - pipeline[2])) and pipeline[0] == signed[1]
    assert "–" in str(book.first("pipeline_range"))


@pytest.mark.parametrize("which", ["story", "june", "1", "small", "empty"])
def test_where_the_year_lands_is_seen_over_the_months(which: str, tmp_path: Path) -> None:
    """Design §3, cd_months: bookings, what is likely to close by the year's end, and 80% of what that may come to (each opportunity is won or
    not). Without figures of the pipeline: by the progress so far. Nothing when the year is over, or has no plan."""
    package = Package.open(story_plan("zh", tmp_path)) if which == "story" else _made(which)
    book = FileBook(package)
    heads, *months = page_reading.block(book, "cd_months")
    assert heads[3:6] == ["全年预测", "预测下限", "预测上限"] and not [
        cell for row in months[:-1] for cell in row[3:] if cell not in (None, "")
    ]
    likely, low, high = (cell if isinstance(cell, float | int) else None for cell in months[-1][3:6])
    said = str(book.first("said_cd_months"))
    rows = [
        row for row in book.read("Opportunities").rows
        if row["id"] and not row["outcome"] and row["probability"] is not None and row["expected_on"] and row["expected_on"].year <= book.as_of.year
    ]  # fmt: skip
    if which in ("1", "empty"):
        assert (likely, low, high) == (None, None, None) and "年底" not in said
    elif not any(isinstance(row["weighted"], float | int) for row in book.read("Opportunities").rows):
        assert likely == pytest.approx(book.first("bookings") / book.first("plan_share")) and (low, high) == (None, None)
        assert re.search(r"；年底落在 [\d.,]+[亿万]$", said)
    else:
        booked = book.first("bookings")
        middle = booked + sum(row["weighted"] for row in rows)
        off = statistics.NormalDist().inv_cdf(0.9) * math.sqrt(
            sum(p * (1 - p) * row["amount"] ** 2 for row in rows for p in [row["probability"]])
        )
        assert (likely, low, high) == pytest.approx((middle, max(booked, middle - off), middle + off))
        assert which != "story" or low < likely < high
        assert re.search(r"；年底落在 [\d.,]+[亿万]–[\d.,]+[亿万]$", said) and said.endswith(str(book.first("pipeline_range")))
    (sheet, area), (chart,) = package.locate("cd_months"), [c for c in package.charts() if any(r.sheet == package.locate("cd_months")[0] and package.locate("cd_months")[1].meets(r.area) for r in c.refs)]  # fmt: skip
    drawn = {
        (ref.area.first_col - area.first_col, len(ref.values))
        for ref in chart.refs
        if ref.sheet == sheet and area.meets(ref.area)
    }
    assert {(3, 12), (6, 12), (7, 12)} <= drawn  # the forecast, and how far it may be off upwards and downwards


def test_what_was_lost_is_told_by_reason_and_by_rival() -> None:
    book = FileBook(_made("1"))
    lost = [
        row for row in book.read("Opportunities").rows
        if row["outcome"] == "lost" and row["closed_on"].year == book.as_of.year and row["closed_on"] <= book.as_of
    ]  # fmt: skip
    by_reason = [row[0] for row in page_reading.block(book, "lost_by_reason")]
    assert sum(by_reason) == pytest.approx(sum(row["amount"] for row in lost)) and sum(by_reason) > 0
    names, amounts = ([row[0] for row in page_reading.block(book, name)] for name in ("faced_names", "faced_lost"))
    for name, amount in zip(names, amounts, strict=True):
        assert not name or amount == pytest.approx(sum(row["amount"] for row in lost if row["competitor"] == name))


def test_a_company_that_lists_no_competitor_sees_whom_it_meets() -> None:
    """Its opportunities name rivals, its Competitors are blank, its customers have no tiers yet: rivals are listed, tiers asked for."""
    met = [("对手“甲”", "won"), ("对手“甲”", "lost"), ('B"x"', "lost"), ("早年", "lost"), (None, "lost")]
    rows = [
        {
            "id": f"O{n}", "name": "单", "customer": "C1", "owner": "P2", "stage": "quote", "amount": 1000.0 * n, "outcome": outcome,
            "entered": dt.date(2026, 1, 5), "opened": dt.date(2026, 1, 5), "competitor": rival, "reason": "price",
            "closed_on": dt.date(2026 if rival == "早年" else 2027, 2, n),
        }
        for n, (rival, outcome) in enumerate(met, 1)
    ]  # fmt: skip
    small = _small()
    company = dataclasses.replace(small, rows={**small.rows, "Opportunities": rows})
    with speaking("zh"):
        book = FileBook(Package.from_bytes(making.plan_bytes(company, "zh")[0]))
    told = [[row[0] for row in page_reading.block(book, f"faced_{what}")] for what in ("names", "lost", "rates")]
    assert [row for row in zip(*told, strict=True) if row[0]] == [
        ("对手“甲”", 2000.0, 0.5), ('B"x"', 3000.0, 0.0), ("其余对手", 0.0, "–"),
    ]  # fmt: skip
    assert str(book.first("said_cd_rivals")).endswith('最多给B"x"，主因价格')
    assert {str(book.first(f"said_{block}")) for block in ("cd_pareto", "cd_map")} == {"尚无数据：请先“刷新客户分级”"}


def test_each_screen_has_two_pictures_that_draw_something() -> None:
    package = _made("1")
    # Blocks that a chapter's own view draws, too, have two pictures.
    blocks = {
        "cd_quarters": 1, "cd_gaps": 1, "cd_pareto": 2, "cd_health": 1, "cd_sellers": 1, "cd_loads": 1, "cd_bridge": 1, "cd_funnel": 2, "cd_map": 1,
        "cd_groups": 2, "cd_rivals": 1,
    }  # fmt: skip
    for name, pictures in blocks.items():
        place = package.locate(name)
        assert place is not None, name
        drawn = [c for c in package.charts() if any(ref.sheet == place[0] and place[1].meets(ref.area) for ref in c.refs)]
        assert len(drawn) == pictures and not any(chart.skipped for chart in drawn), name
        for chart in drawn:
            values = [value for ref in chart.refs if place[1].meets(ref.area) and len(ref.values) > 1 for value in ref.values]
            assert any(value not in (None, "") for value in values), name


@pytest.mark.parametrize("which", ["1", "june"])
def test_links_of_cockpit_and_screens_land_on_the_row_named(which: str) -> None:
    """Design, proof 6. Of problems: the link is that of the register's row that is told beside it (whose own target test_watches follows).
    Of the rows behind: the ID that is shown stands in the Table's column through which the link finds its row, once."""
    package = _made(which)
    pages = ["驾驶舱", *TITLES]
    go = {title: cockpit.FIRST_PROBLEM if title == pages[0] else screens.PROBLEMS + 2 for title in pages}
    followed = 0
    for title in pages:
        cells = package.sheets[title].cells()
        for row in range(go[title], go[title] + cockpit.MOST):
            link, told = cells[row, 12], cells[row, 4]
            place = f"{cockpit.HELP}{row}"
            assert all(f"{name_of(name)},{place})" in str(cell.formula) for name, cell in (("where", link), ("title", told)))
        for (row, _), cell in cells.items():
            found = re.search(r"HYPERLINK\(.*?MATCH\((.*),(lines_(\w+?)_(\w+)),0\)", str(cell.formula or ""))
            if row <= screens.DRILL or found is None or cell.value in (None, ""):
                continue
            followed += 1
            sheet, column = (part.strip("'$") for part in package.names[found[2]].split(":")[0].split("!"))  # all of a column
            table = package.tables[found[3]]
            assert table.sheet == sheet
            held = [
                c.value
                for (r, at), c in package.sheets[sheet].cells().items()
                if at == column_index_from_string(column) and r > table.ref.first_row
            ]
            assert title == TITLES[0] or held.count(cell.value) == 1, f"{title}!{row}"
    assert followed > 20
