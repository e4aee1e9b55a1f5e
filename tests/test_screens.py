"""The five screens: figures of the register, problems in its order, rows behind, at every size.

Expectations: the register of the same plan, the rows of its Tables, design §3 (six figures, five problems, two pictures a screen).
"""

from __future__ import annotations

import pytest

from addin import page_reading
from addin.book import FileBook
from tests.test_watches import SIZES, _made, _rows
from workbook_templates.chapters.cockpit.sheets import cockpit, screens
from workbook_templates.chapters.cockpit.sheets.problems import SCREENS
from workbook_templates.xlsx.package import Package

TITLES = [f"屏{number}{name.zh}" for number, name in enumerate(SCREENS, 1)]


def _cells(package: Package, title: str) -> dict[str, object]:
    cells = package.sheets[title].cells()
    return {f"{chr(64 + column)}{row}": cell.value for (row, column), cell in cells.items() if column <= 26}


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
        assert shown == min(screens.MOST_TILES, len(own)) > 0
        first = sorted((r for r in own if r.order is not None), key=lambda r: (-r.level, -r.amount))[: cockpit.MOST]
        told = [screen.get(f"D{screens.PROBLEMS + 2 + n}") for n in range(cockpit.MOST)]
        assert [t for t in told if t and t != "没有红灯和橙灯"] == ["：".join(filter(None, (r.title, r.item))) for r in first]
        counts = [sum(row.light == light for row in own) for light in ("red", "amber")]
        assert str(screen[f"B{screens.MESSAGE}"]).startswith(f"红 {counts[0]} 橙 {counts[1]}")


@pytest.mark.parametrize("which", ["1", "june", "small"])
def test_rows_behind_are_the_worst_first_and_those_of_the_tables(which: str) -> None:
    book = FileBook(_made(which))
    regions = page_reading.columned(page_reading.block(book, "drill_1"))
    gaps = [row[3] for row in regions[1:] if isinstance(row[3], float)]
    assert regions[0][0] == "区域" and gaps == sorted(gaps)
    for row in regions[1:]:
        if isinstance(row[3], float):
            booked = sum(d["revenue"] for d in book.read("Deals").rows if d["region"] == row[0] and d["date"] <= book.as_of)
            assert row[1] == pytest.approx(booked) and row[3] == pytest.approx(row[1] - row[2])
    people = page_reading.columned(page_reading.block(book, "drill_3"))[1:]
    rates = [row[5] for row in people if isinstance(row[5], float)]
    assert rates and rates == sorted(rates)
    names = {row["person"]: row["name"] for row in book.read("Quotas").rows}
    assert all(names[row[0]] == row[1] for row in people if row[0])
    assert all(row[5] == pytest.approx(row[3] / row[4]) for row in people if isinstance(row[5], float))
    months = page_reading.columned(page_reading.block(book, "drill_4"))[1:]
    assert len(months) == min(12, screens.ROWS) and all(len(row) == 4 for row in months)


def test_each_screen_has_two_pictures_that_draw_something() -> None:
    package = _made("1")
    blocks = (
        "cd_quarters",
        "cd_gaps",
        "cd_health",
        "cd_tiers",
        "cd_sellers",
        "cd_loads",
        "cd_bridge",
        "cd_todo",
        "cd_map",
        "cd_rivals",
    )
    for name in blocks:
        place = package.locate(name)
        assert place is not None, name
        drawn = [c for c in package.charts() if any(ref.sheet == place[0] and place[1].meets(ref.area) for ref in c.refs)]
        assert len(drawn) == 1 and not drawn[0].skipped, name
        values = [value for ref in drawn[0].refs if place[1].meets(ref.area) and len(ref.values) > 1 for value in ref.values]
        assert any(value not in (None, "") for value in values), name
