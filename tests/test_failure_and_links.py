"""The picture of failure warnings (7 交付售后) and the broken links between the layers (8 商机): by hand, by chance, and red when planted."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest

from addin import page_reading
from addin.book import FileBook
from addin.changes import Changes, lowered
from tests.small_plan import small_plan
from udfs.policy import value
from udfs.text import speaking
from workbook_templates.chapters.delivery import service
from workbook_templates.chapters.delivery.sheets import delivery
from workbook_templates.chapters.pipeline.sheets import pipeline
from workbook_templates.recalc import recalculate
from workbook_templates.tables.schema import Company, Row
from workbook_templates.xlsx.package import Package
from workbook_templates.xlsx.refs import Ref

DAY = dt.date(2027, 3, 12)  # worked example 7g ends on it
LANGUAGES = ["zh", "en"]
RULE = {"zh": "故障预警", "en": "Failure warning"}
RISING = (4.0, 4.1, 4.05, 4.2, 4.3, 4.28, 4.41, 4.5, 4.47, 4.6, 4.66, 4.7)  # worked example 7g, 1 to 12 March
FLAT = (7.1, 6.9, 7.2, 7.0, 6.95, 7.15, 7.05, 6.98, 7.1, 7.02)  # its last part


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A plan with both sheets and no row, in each language."""
    folder = tmp_path_factory.mktemp("views")
    sheets = [delivery.SHEET, pipeline.SHEET]
    return {lang: small_plan(folder / f"{lang}.xlsx", Company("甲", 2027, DAY), lang, sheets).read_bytes() for lang in LANGUAGES}


def with_rows(content: bytes, lang: str = "zh", **rows: Sequence[Row]) -> FileBook:
    package, changes = Package.from_bytes(content), Changes()
    book = FileBook(package)
    for name, held in rows.items():
        changes.add(name, list(held))
    with speaking(lang):
        book.apply(lowered(book, changes))
        recalculate(package)
    return FileBook(Package.from_bytes(package.to_bytes()))


# --------------------------------------------------------------------------------------------------- failure warnings


def readings(device: str, values: Sequence[float | None], sensor: str = "T", last: dt.date = DAY) -> list[Row]:
    """A reading a day at noon, the last on a day; None is a day without."""
    days = [last - dt.timedelta(days=back) for back in reversed(range(len(values)))]
    return [
        {"device": device, "sensor": sensor, "time": dt.datetime.combine(day, dt.time(12)), "reading": number}
        for day, number in zip(days, values, strict=True)
        if number is not None
    ]


def judged(device: str, limit: float, held: Sequence[Row], sensor: str = "T") -> Row:
    """A sensor as Check service writes it."""
    row: Row = {"device": device, "sensor": sensor, "limit": limit}
    mine = service.by_sensor(held)[device, sensor]
    return row | service.warned(row, mine, DAY, value).written


class Drawn(NamedTuple):
    """What the picture shows: its title; a dot a day (day of the picture, reading); two ends of the trend and of the limit."""

    title: str
    dots: list[tuple[float, float]]
    trend: list[tuple[float, float]]
    limit: list[tuple[float, float]]


def drawn(book: FileBook) -> Drawn:
    sheet, place = book.locate("cd_failure") or ("", Ref(1, 1, 1, 1))

    def pairs(x: int, y: int, count: int) -> list[tuple[float, float]]:
        area = book.area(sheet, Ref(place.first_row + 1, place.first_col, place.first_row + count, place.last_col))
        plain = [[getattr(cell, "value", cell) for cell in row] for row in area]
        return [(float(row[x]), float(row[y])) for row in plain]

    return Drawn(str(book.first("failure_told")), pairs(1, 0, 30), pairs(10, 9, 2), pairs(12, 11, 2))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_picture_of_the_worked_example(empty: dict[str, bytes], lang: str) -> None:
    """7g, limit 5.5: 0.0652797 a day, reached on 24 March, twelve days on: day 42 of the picture, whose day 30 is the newest.

    The mean of the twelve readings is 52.27 / 12, that of their days 24.5; the line is there at 4.355833 + 0.0652797 × 17.5 = 5.498228, just
    below the limit, since the date is rounded down.
    """
    held = readings("D1", RISING)
    shown = drawn(with_rows(empty[lang], lang, Sensors=[judged("D1", 5.5, held)], Readings=held))
    assert shown.title == {"zh": "D1 T：预计 03-24 到限值 5.5", "en": "D1 T: reaches its limit on 03-24, limit 5.5"}[lang]
    assert shown.dots[-12:] == [(19.0 + at, pytest.approx(number)) for at, number in enumerate(RISING)]
    assert set(shown.dots[:-12]) == {(30.0, 4.7)}  # days without a reading lie on the newest
    assert shown.trend[0] == (19.0, pytest.approx(4.355833 - 0.0652797 * 5.5, abs=1e-5))
    assert shown.trend[1] == (42.0, pytest.approx(5.498228, abs=1e-5))
    assert shown.limit == [(19.0, 5.5), (42.0, 5.5)]


@pytest.mark.parametrize(
    ("values", "limit", "title"),
    [(RISING, 4.7, "D1 T：已到限值 4.7"), (RISING, 9.0, "D1 T：预计 05-16 到限值 9"), (FLAT, 8.0, "D1 T：无显著趋势，限值 8")],
)
def test_the_title_says_which_of_three_it_is(empty: dict[str, bytes], values: Sequence[float], limit: float, title: str) -> None:
    """At its limit there is no day to foretell (7g, limit 4.7), and that is no missing trend. 9: 24.5 + (9 − 4.355833) / 0.0652797 = 95.6, day
    95 of the picture, 65 days after 12 March, 16 May. 7g's last has no trend."""
    held = readings("D1", values)
    assert drawn(with_rows(empty["zh"], Sensors=[judged("D1", limit, held)], Readings=held)).title == title


def test_a_sensor_that_turns_red_takes_the_picture(empty: dict[str, bytes]) -> None:
    """Yellow before green, red before yellow; where all are green the first; none: a dash."""
    held = [*readings("D1", RISING), *readings("D2", RISING), *readings("D3", RISING)]
    green, yellow, red = (judged(device, limit, held) for device, limit in (("D1", 6.5), ("D2", 5.7), ("D3", 5.5)))
    assert [row["light"] for row in (green, yellow, red)] == ["green", "yellow", "red"]
    for sensors, device in (([green], "D1"), ([green, yellow], "D2"), ([green, yellow, red], "D3")):
        assert drawn(with_rows(empty["zh"], Sensors=sensors, Readings=held)).title.startswith(f"{device} T")
    assert drawn(with_rows(empty["zh"])).title == "–"


@pytest.mark.parametrize("seed", range(6))
def test_the_line_meets_the_limit_on_the_day_told_and_no_other_sensors_readings_are_drawn(
    empty: dict[str, bytes], seed: int
) -> None:
    """Whatever is read, days missing: each dot is a reading of the sensor shown; the trend's line passes the limit within the day it names."""
    rng = random.Random(seed)
    slope = rng.choice((-1, 1)) * rng.uniform(0.1, 0.9)
    values = [None if 0 < at < 24 and rng.random() < 0.3 else 50 + slope * at + rng.uniform(-0.3, 0.3) for at in range(25)]
    mine, other = readings("D2", values), readings("D2", [rng.uniform(200, 300) for _ in range(20)], sensor="P")
    limit = 50 + slope * 40
    row = judged("D2", limit, mine)
    assert row["predicted"] is not None
    shown = drawn(with_rows(empty["zh"], Sensors=[row, judged("D2", 900, other, "P")], Readings=[*other, *mine]))
    expected = {(30.0 - (DAY - one["time"].date()).days, round(one["reading"], 9)) for one in mine}
    assert {(x, round(y, 9)) for x, y in shown.dots} == expected
    (_, at_first), (crossing, there) = shown.trend
    assert crossing == 30 + (row["predicted"] - DAY).days
    assert there + row["slope"] == pytest.approx(there + (there - at_first) / (crossing - shown.trend[0][0]), abs=1e-6)
    sides = [(limit - there) * (1 if slope > 0 else -1), (limit - there - row["slope"]) * (1 if slope > 0 else -1)]
    assert sides[0] >= -1e-9 > sides[1] - 2e-9  # not over it on that day, over it on the next


def warning(number: int, device: str, opened: dt.date, lang: str) -> Row:
    at = dt.datetime.combine(opened, dt.time(8))
    return {
        "id": f"T{number:05d}", "rule": RULE[lang], "object": f"{device}/T", "episode": f"{opened}", "title": "x", "owner": "P1",
        "opened_at": at, "due_at": at, "status": "open",
    }  # fmt: skip


def ticket(number: int, device: str | None, failed: dt.date | None) -> Row:
    at = None if failed is None else dt.datetime.combine(failed, dt.time(10))
    return {"id": f"G{number}", "customer": "C1", "device": device, "opened": at or dt.datetime(2027, 1, 5, 9), "failed_at": at}


def hits(book: FileBook) -> list[list[float]]:
    """Hits, misses, false alarms, open ones of the four quarters."""
    flat = [float(cell) for cell in book.named("failure_hits")]
    return [flat[at : at + 4] for at in range(0, 16, 4)]


def counted(tasks: Sequence[Row], tickets: Sequence[Row], devices: set[str]) -> list[list[float]]:
    """The same by loops over rows: a failure is a miss where no warning of its device was opened in the days ahead of it."""
    days = dt.timedelta(days=int(value("failure.alert_days")))
    until = dt.datetime.combine(DAY, dt.time())
    out = [[0.0] * 4 for _ in range(4)]
    failures = [(row["device"], row["failed_at"]) for row in tickets if row["failed_at"] is not None and row["device"] in devices]
    warnings = [(row["object"].split("/")[0], row["opened_at"]) for row in tasks]
    for device, at in warnings:
        followed = any(mine == device and at <= failed <= at + days for mine, failed in failures)
        out[(at.month - 1) // 3][0 if followed else 2 if at + days < until else 3] += 1
    for device, failed in failures:
        if not any(mine == device and at <= failed <= at + days for mine, at in warnings):
            out[(failed.month - 1) // 3][1] += 1
    return out


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hits_misses_and_false_alarms_by_hand(empty: dict[str, bytes], lang: str) -> None:
    """D1 warned on 5 January and failed on the 12th: a hit. D2 failed without: a miss. D1 warned on 1 February for nothing: false. D2 warned
    on 8 March: open. D3 has no sensor, its failure is nobody's miss."""
    tasks = [warning(at, *of, lang) for at, of in enumerate((("D1", dt.date(2027, 1, 5)), ("D1", dt.date(2027, 2, 1)), ("D2", dt.date(2027, 3, 8))))]  # fmt: skip
    tickets = [ticket(1, "D1", dt.date(2027, 1, 12)), ticket(2, "D2", dt.date(2027, 2, 20)), ticket(3, "D3", dt.date(2027, 2, 2)), ticket(4, None, None)]  # fmt: skip
    sensors = [judged(device, 5.5, readings(device, RISING)) for device in ("D1", "D2")]
    book = with_rows(empty[lang], lang, Sensors=sensors, Tasks=tasks, Tickets=tickets)
    assert hits(book) == [[1, 1, 1, 1], [0] * 4, [0] * 4, [0] * 4] == counted(tasks, tickets, {"D1", "D2"})


@pytest.mark.parametrize("seed", range(8))
def test_each_failure_is_a_miss_or_was_warned_of(empty: dict[str, bytes], seed: int) -> None:
    """Two sensors on a device, two failures after one warning, a warning in one quarter and its failure in the next: as loops count it."""
    rng = random.Random(seed)
    devices = ["D1", "D2", "D10", "E1"]

    def some(most: int) -> list[dt.date]:
        return [dt.date(2027, 1, 1) + dt.timedelta(days=5 * rng.randint(0, 40)) for _ in range(rng.randint(1, most))]

    tasks = [warning(at, rng.choice(devices[:3]), on, "zh") for at, on in enumerate(some(8))]
    tickets = [ticket(at, rng.choice(devices), rng.choice((None, on, on, on))) for at, on in enumerate(some(12))]
    sensors = [{"device": device, "sensor": sensor, "limit": 5.0} for device in devices[:3] for sensor in ("T", "P")]
    book = with_rows(empty["zh"], Sensors=sensors, Tasks=tasks, Tickets=tickets)
    assert hits(book) == counted(tasks, tickets, set(devices[:3]))


# ------------------------------------------------------------------------------------------------------- broken links

LINKS = (
    ("Opportunities", "customer", "Customers"), ("Deals", "customer", "Customers"), ("Transactions", "customer", "Customers"),
    ("Opportunities", "deal", "Deals"), ("Tickets", "customer", "Customers"),
)  # fmt: skip


def broken(book: FileBook) -> list[tuple[Any, Any]]:
    """Rows that name something and broken ones, layer by layer."""
    sheet, place = book.locate("broken_links") or ("", Ref(1, 1, 1, 1))
    area = book.area(sheet, Ref(place.first_row, place.first_col - 1, place.last_row, place.last_col))
    return [tuple(getattr(cell, "value", cell) for cell in row) for row in area]


def whole() -> dict[str, list[Row]]:
    """Two rows a layer that name what is there, and one that names nothing."""
    named = {"Deals": "D", "Opportunities": "O", "Tickets": "G", "Transactions": "I"}
    rows: dict[str, list[Row]] = {
        name: [{"id": f"{key}{at}", "customer": customer} for at, customer in enumerate(("C1", "C2", None), 1)]
        for name, key in named.items()
    }
    for row, deal in zip(rows["Opportunities"], ("D1", None, "D2"), strict=True):
        row["deal"] = deal
    return rows | {"Customers": [{"id": "C1", "name": "一"}, {"id": "C2", "name": "二"}]}


def test_whole_links_are_none_broken_and_a_planted_one_breaks_its_own_layer_only(empty: dict[str, bytes]) -> None:
    good = [(2, 0)] * len(LINKS)
    assert broken(with_rows(empty["zh"], **whole())) == good
    for at, (table, key, _) in enumerate(LINKS):
        rows = whole()
        rows[table][0][key] = "X9"
        assert broken(with_rows(empty["zh"], **rows)) == [(2, 1) if place == at else layer for place, layer in enumerate(good)], (
            table
        )


@pytest.mark.parametrize("seed", range(8))
def test_broken_links_are_those_a_loop_finds(empty: dict[str, bytes], seed: int) -> None:
    """IDs of any case, a customer who stands there twice, nothing named: a row is broken where it names what the layer above lacks."""
    rng = random.Random(seed)
    rows = whole()
    rows["Customers"] += [{"id": rng.choice(("C1", "c2", "K3")), "name": "三"} for _ in range(rng.randint(0, 2))]
    for table, key, _ in LINKS:
        rows[table] = [
            {"id": f"N{table[:2]}{at}"} | rows[table][min(at, len(rows[table]) - 1)] | {key: rng.choice((None, "C1", "c1", "C2", "K3", "D1", "d2"))}
            for at in range(rng.randint(1, 6))
        ]  # fmt: skip
    for name in {table for table, *_ in LINKS}:
        for at, row in enumerate(rows[name]):
            row["id"] = f"{name[0]}{at}"
    expected = []
    for table, key, above in LINKS:
        there = {str(row["id"]).casefold() for row in rows[above]}
        named = [str(row[key]).casefold() for row in rows[table] if row.get(key)]
        expected.append((len(named), sum(name not in there for name in named)))
    assert broken(with_rows(empty["zh"], **rows)) == expected


# ------------------------------------------------------------------------------------------------------- what was lost


@pytest.mark.parametrize("seed", range(4))
def test_what_was_lost_adds_up_by_reason_and_by_rival(empty: dict[str, bytes], seed: int) -> None:
    """Without a reason, to an eighth competitor, to one nobody entered, to nobody: all of it is shown, and both columns have one total."""
    rng = random.Random(seed)
    names = [f"K{n}" for n in range(9)]
    rows: list[Row] = [
        {"id": f"O{n}", "name": "一", "stage": "quote", "amount": float(rng.randint(1, 90) * 1000), "outcome": rng.choice(("lost", "won", "lost")), "closed_on": DAY,
         "opened": dt.date(2027, 1, 1), "reason": rng.choice((None, "price", "other")), "competitor": rng.choice((None, *names, "无名"))}
        for n in range(40)
    ]  # fmt: skip
    rivals = [{"name": name, "origin": "domestic"} for name in names]
    book = with_rows(empty["zh"], Opportunities=rows, Competitors=rivals)
    lost = [row for row in rows if row["outcome"] == "lost"]

    def of(key: str, *wanted: Any) -> float:
        return sum(float(row["amount"]) for row in lost if row[key] in wanted)

    by_reason = [cell for (cell,) in page_reading.block(book, "lost_by_reason")]
    assert by_reason == pytest.approx([of("reason", "price"), 0, 0, 0, 0, of("reason", "other"), of("reason", None)])
    faced = [cell for (cell,) in page_reading.block(book, "faced_lost")]
    assert faced == pytest.approx([*(of("competitor", name) for name in names[:7]), of("competitor", *names[7:], "无名")])
    assert [book.first("lost_total"), book.first("faced_total")] == pytest.approx([sum(by_reason)] * 2)
