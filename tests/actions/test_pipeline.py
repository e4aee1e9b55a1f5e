"""Forecast closes, Review stalled and Find duplicates on a workbook: what they write, that twice is once, what stops them."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import pytest

from addin.book import FileBook
from addin.changes import Changes, lowered
from tests.actions.steps import change, do, tables_of
from tests.small_plan import small_plan
from udfs.pipeline import SCORES, Visit
from udfs.text import speaking
from workbook_templates.chapters.pipeline import forecasting
from workbook_templates.chapters.pipeline.sheets import pipeline
from workbook_templates.tables import schema
from workbook_templates.tables.schema import Company, Row

DAY = dt.date(2027, 3, 31)
PEOPLE: list[Row] = [
    {"id": "P1", "name": "周敏", "level": "director", "line": "direct", "joined": dt.date(2020, 1, 1)},
    {"id": "P2", "name": "李明", "level": "representative", "line": "direct", "manager": "P1", "joined": dt.date(2020, 1, 1)},
]
ROLES: list[Row] = [{"role": "director", "line": None, "person": "P1", "from": dt.date(2027, 1, 1), "until": None}]
# The worked example 8g: days and ends of twenty subjects in the stage of quotes.
ENDS = [
    "14w",
    "20w",
    "25l",
    "30l",
    "33w",
    "40w",
    "41c",
    "45w",
    "48l",
    "52w",
    "60l",
    "60c",
    "66w",
    "75w",
    "80l",
    "90w",
    "95w",
    "100l",
    "120w",
    "150l",
]


def opportunity(name: str, entered: dt.date, **more: Any) -> Row:
    return {
        "id": name,
        "name": name,
        "stage": "quote",
        "amount": 1_000_000.0,
        "entered": entered,
        "opened": entered,
        "owner": "P2",
    } | more


def history() -> list[Row]:
    out = []
    for number, end in enumerate(ENDS):
        days, kind = int(end[:-1]), end[-1]
        left = None if kind == "c" else DAY - dt.timedelta(days=1)
        entered = DAY - dt.timedelta(days=days) if kind == "c" else left - dt.timedelta(days=days)  # type: ignore[operator]
        outcome = {"w": "won", "l": "lost", "c": None}[kind]
        out.append({"opportunity": f"H{number}", "stage": "quote", "entered": entered, "left": left, "outcome": outcome})
    return out


def past() -> list[Row]:
    return [opportunity(row["opportunity"], row["entered"], outcome=row["outcome"], closed_on=row["left"]) for row in history()]


def plan(folder: Path, **rows: Any) -> Path:
    held: dict[str, Any] = {
        "People": PEOPLE, "Roles": ROLES, "StageHistory": history(),
        "Opportunities": [*past(), opportunity("N1", DAY), opportunity("N2", dt.date(2027, 2, 9), amount=2_500_000.0)],
    }  # fmt: skip
    return small_plan(folder / "plan.xlsx", Company("甲", 2027, DAY, rows=held | rows))


def test_the_worked_example_comes_out_and_stalled_counts_nothing(tmp_path: Path) -> None:
    standing = opportunity("N2", dt.date(2027, 3, 1), stage="lead", amount=2_500_000.0)  # 30 days in a stage of 15
    path = plan(tmp_path, Opportunities=[*past(), opportunity("N1", DAY), standing])
    done = do("forecast", path)
    rows = {row["id"]: row for row in FileBook.open(path).read("Opportunities").rows}
    assert rows["N1"]["probability"] == pytest.approx(0.610577, rel=1e-5)
    assert (rows["N1"]["expected_on"], rows["N1"]["early_on"], rows["N1"]["late_on"]) == (
        dt.date(2027, 5, 22), dt.date(2027, 4, 20), dt.date(2027, 7, 4),
    )  # fmt: skip
    assert (rows["N2"]["basis"], rows["N2"]["weighted"]) == ("rule", 0)  # nobody decided about it, so it counts nothing
    assert done.outcome.data["stalled_apart"] >= 1 and rows["N1"]["basis"] == "data"
    log = FileBook.open(path).read("ForecastLog").rows
    assert {row["opportunity"] for row in log} >= {"N1", "N2"}
    before = tables_of(path)
    do("forecast", path)
    assert tables_of(path) == before


def test_a_changed_stage_adds_to_the_history(tmp_path: Path) -> None:
    path = plan(tmp_path)
    do("forecast", path)
    place = next(i for i, row in enumerate(FileBook.open(path).read("Opportunities").rows) if row["id"] == "N2")
    change(path, {("Opportunities", place, "stage"): "negotiation", ("Opportunities", place, "entered"): dt.date(2027, 3, 20)})
    do("forecast", path)
    mine = [row for row in FileBook.open(path).read("StageHistory").rows if row["opportunity"] == "N2"]
    assert [(row["stage"], row["left"], row["outcome"]) for row in mine] == [
        ("quote", dt.date(2027, 3, 20), "advanced"), ("negotiation", None, None),
    ]  # fmt: skip


@pytest.mark.parametrize("newest_first", [False, True])
def test_an_end_is_kept_whatever_the_order_of_the_history(tmp_path: Path, newest_first: bool) -> None:
    came = dt.date(2027, 2, 9)
    visits: list[Row] = [
        {"opportunity": "N2", "stage": "solution", "entered": came, "left": came, "outcome": "advanced"},
        {"opportunity": "N2", "stage": "quote", "entered": came, "left": None, "outcome": None},
    ]
    won = opportunity("N2", came, outcome="won", closed_on=dt.date(2027, 3, 20))
    path = plan(tmp_path, StageHistory=visits[:: -1 if newest_first else 1], Opportunities=[won])
    do("forecast", path)
    rows = FileBook.open(path).read("StageHistory").rows
    assert {(row["stage"], row["left"], row["outcome"]) for row in rows} == {
        ("solution", came, "advanced"), ("quote", dt.date(2027, 3, 20), "won"),
    }  # fmt: skip


@pytest.mark.parametrize("newest_first", [False, True])
def test_looking_back_sees_a_win_before_the_last_stage_whatever_the_order(newest_first: bool) -> None:
    visits = [
        Visit("O1", "quote", 10, 10, "advanced", 1), Visit("O1", "negotiation", 10, 20, "won", 2), Visit("O1", "closing", 20, None, None, 3),
    ]  # fmt: skip
    assert forecasting.endings(visits[:: -1 if newest_first else 1]) == {"O1": forecasting.Ending(10, 20, True)}


def review(decision: str | None, opened: dt.date, **more: Any) -> Row:
    return {"opportunity": "N2", "opened": opened, "days": 50, "decision": decision, "by": "P1", "on": opened} | more


@pytest.mark.parametrize(
    ("one", "put_up", "dropped"),
    [
        (review("raise", DAY), 0, 0),
        (review("raise", dt.date(2027, 1, 5)), 1, 0),  # before it came into the stage in which it stands still now
        (review("raise", dt.date(2027, 1, 5), on=dt.date(2027, 2, 10)), 0, 0),  # put up before, decided since
        (review("go_on", dt.date(2027, 1, 5), until=dt.date(2027, 12, 1)), 1, 0),
        (review("give_up", DAY), 0, 1),
        (review("give_up", dt.date(2027, 1, 5)), 1, 0),  # given up once, and begun again since
    ],
)
def test_a_decision_is_about_the_stage_it_was_made_in(one: Row, put_up: int, dropped: int, tmp_path: Path) -> None:
    standing = opportunity("N2", dt.date(2027, 2, 9), amount=2_500_000.0)
    path = plan(tmp_path, Opportunities=[standing], StageHistory=[], KillOrWin=[one])
    done = do("forecast", path)
    counts = not put_up and not dropped  # what was given up counts nothing either, before it is closed
    assert (done.outcome.data["weighted"] > 1) is counts
    data = do("stalled", path).outcome.data
    assert (data["put_up"], data["dropped"]) == (put_up, dropped)


def test_stalled_is_put_up_decided_and_reopened_when_its_day_has_passed(tmp_path: Path) -> None:
    border = [
        opportunity("A", DAY - dt.timedelta(days=45), stage="solution"),
        opportunity("B", DAY - dt.timedelta(days=46), stage="solution"),
    ]
    path = plan(tmp_path, Opportunities=border, StageHistory=[])
    assert do("stalled", path).outcome.data == {
        "stalled": 1,
        "put_up": 1,
        "dropped": 0,
        "tasks": 1,
    }  # 45 days of 30 is moving, 46 is not
    (task,) = FileBook.open(path).read("Tasks").rows
    assert (task["object"], task["owner"]) == ("B", "P1")
    change(path, {("KillOrWin", 0, "decision"): "go_on", ("KillOrWin", 0, "by"): "P1"})
    assert do("stalled", path).refused  # until when?
    change(path, {("KillOrWin", 0, "until"): dt.date(2027, 4, 15)})
    assert do("stalled", path).outcome.data["put_up"] == 0
    change(path, {("KillOrWin", 0, "decision"): "give_up"})
    assert do("stalled", path).outcome.data["dropped"] == 1
    assert FileBook.open(path).read("Opportunities").rows[1]["outcome"] == "dropped"


def customers() -> list[Row]:
    return [
        {"id": "C1", "name": "苏州华瑞精密机械有限公司", "city": "苏州", "since": dt.date(2020, 1, 1)},
        {"id": "C2", "name": "华瑞精密机械（苏州）有限公司", "city": "苏州", "since": dt.date(2018, 1, 1), "region": None},
        {"id": "C3", "name": "上海启明自动化集团有限公司", "city": "上海"},
    ]


def test_merged_customers_are_one_everywhere_no_amount_changes_and_undo_puts_it_back(tmp_path: Path) -> None:
    deals = [
        {"id": f"D{n}", "date": dt.date(2027, 2, n), "customer": f"C{n}", "seller": "P2", "seller_share": 1.0, "revenue": n * 1e5, "cost": 0.0,
         "due": dt.date(2027, 5, 1)}
        for n in (1, 2, 3)
    ]  # fmt: skip
    care = [{"customer": name, "due": 100.0, "collected": 50.0} for name in ("C1", "C2")]
    path = plan(tmp_path, Customers=customers(), Deals=deals, CustomerCare=care)
    assert do("dedupe", path).outcome.data["new"] == 1
    change(path, {("DuplicateReview", 0, "decision"): "merge"})
    before = path.read_bytes()
    tables = tables_of(path)
    data = do("dedupe", path).outcome.data
    assert data["merged"] == 1
    book = FileBook.open(path)
    assert [row["id"] for row in book.read("Customers").rows] == ["C2", "C3"]  # the older stays
    assert [row["customer"] for row in book.read("Deals").rows] == ["C2", "C2", "C3"]
    assert sum(row["revenue"] for row in book.read("Deals").rows) == 6e5
    (one,) = book.read("CustomerCare").rows
    assert (one["customer"], one["due"], one["collected"]) == ("C2", 200.0, 100.0)
    assert do("dedupe", path).outcome.data["merged"] == 0
    do("undo", path)
    assert tables_of(path) == tables and before


RATED = {"as_of": dt.date(2027, 1, 1), "sources": "年报", "by": "P1"}
AAA: Row = RATED | {
    "financial": 90.0,
    "industry": 90.0,
    "overdue": 90.0,
    "judicial": 90.0,
    "score": 90.0,
    "grade": "AAA",
    "limit": 5e6,
}
C: Row = RATED | {
    "financial": 30.0,
    "industry": 30.0,
    "overdue": 30.0,
    "judicial": 30.0,
    "score": 30.0,
    "grade": "C",
    "limit": 0.0,
}
UNRATED = AAA | dict.fromkeys(("score", "grade", "limit"))
# Of C1 and C2 in a Table with a row each of the same key: what the one row says that is left.
MERGED: dict[str, tuple[str, Row, Row, Row]] = {
    "counts, days and amounts add up": (
        "CustomerCare", {"labs": 2, "patents": None, "onsite_days": 20.5, "due": 100.0, "collected": 50.0, "nps": None, "note": None},
        {"labs": 1, "patents": 3, "onsite_days": 4.0, "due": 100.0, "collected": 50.0, "nps": 40.0, "note": "老客户"},
        {"labs": 3, "patents": 3, "onsite_days": 24.5, "due": 200.0, "collected": 100.0, "nps": 40.0, "note": "老客户"},
    ),
    "a C stays a C": ("CreditScores", AAA, C, C),
    "a frozen line stays frozen": ("CreditScores", AAA, AAA | {"frozen": "yes"}, AAA | {"frozen": "yes"}),
    "limits do not add up": ("CreditScores", AAA, AAA | {"limit": 4e6}, AAA | {"limit": 4e6}),
    "not rated yet, the lower scores stay": ("CreditScores", UNRATED | {"financial": 90.0}, UNRATED | {"financial": 30.0}, {"financial": 30.0}),
    "an intended order follows": (
        "Intents", {"event": "E1", "amount": 100.0, "carbon_kg": 5.0}, {"event": "E1", "amount": 50.0, "carbon_kg": 7.0},
        {"event": "E1", "amount": 150.0, "carbon_kg": 12.0},
    ),
    "compensations add up": (
        "RepairPlans", {"quarter": "2027-Q1", "opened": DAY, "due": DAY, "leader": "P1", "fix": "换件", "compensation": 10.0, "status": "running"},
        {"quarter": "2027-Q1", "opened": DAY, "due": DAY, "leader": "P1", "fix": "换件", "compensation": 5.0, "status": "running"}, {"compensation": 15.0},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MERGED)
@pytest.mark.parametrize("turned", [False, True])
def test_rows_of_one_key_become_one_and_nothing_is_lost_or_let_go(case: str, turned: bool, tmp_path: Path) -> None:
    table, first, second, left = MERGED[case]
    if turned:
        first, second = second, first
    pair = {"a": "C1", "b": "C2", "score": 1.0, "decision": "merge"}
    event = {"id": "E1", "kind": "summit", "name": "峰会", "start": dt.datetime(2027, 3, 1, 9), "end": dt.datetime(2027, 3, 1, 17), "owner": "P1",
             "roi_target": 5.0, "budget": 1.0}  # fmt: skip
    rows: Any = {
        table: [{"customer": "C1"} | first, {"customer": "C2"} | second],
        "Events": [event] if table == "Intents" else [],
    }
    path = plan(tmp_path, Customers=customers(), DuplicateReview=[pair], **rows)
    assert do("dedupe", path).outcome.data["merged"] == 1
    (one,) = FileBook.open(path).read(table).rows
    assert one["customer"] == "C2" and {key: one[key] for key in left} == left


def test_tasks_and_waivers_about_a_customer_follow_and_a_deal_of_the_same_number_does_not(tmp_path: Path) -> None:
    at = dt.datetime(2027, 3, 1, 9)
    task = {"rule": "credit_down", "object": "C1", "episode": "2027-03-01", "title": "信用", "owner": "P1", "opened_at": at, "due_at": at,
            "status": "open", "link": "Customers"}  # fmt: skip
    tasks = [task | {"id": "T1"}, task | {"id": "T2", "rule": "yellow", "link": "Projects"}]
    waiver = {"gate": "信用", "object": "C1", "reason": "已付清", "by": "P1", "second": "P2", "until_on": dt.date(2027, 12, 31)}
    deal = {
        "id": "C1",
        "date": dt.date(2027, 2, 1),
        "customer": "C3",
        "seller": "P2",
        "seller_share": 1.0,
        "revenue": 1e5,
        "cost": 0.0,
    }
    pair = {"a": "C1", "b": "C2", "score": 1.0, "decision": "merge"}
    waivers = [waiver, waiver | {"gate": "款到发货"}]
    path = plan(tmp_path, Customers=customers(), DuplicateReview=[pair], Tasks=tasks, Waivers=waivers, Deals=[deal])
    do("dedupe", path)
    book = FileBook.open(path)
    assert [row["object"] for row in book.read("Tasks").rows] == ["C2", "C1"]  # a project may be called like a customer
    assert [row["object"] for row in book.read("Waivers").rows] == ["C2", "C1"]  # so may the deal that the second lets through


def test_every_amount_of_a_table_with_a_row_a_customer_says_whether_it_adds_up() -> None:
    """A limit does not; the others do."""
    keyed = [spec for spec in schema.TABLES.values() if any(spec[key].refers == "Customers.id" for key in spec.key or ())]
    silent = {f"{spec.name}.{c.key}" for spec in keyed for c in spec.inputs if c.kind in ("fen", "money") and not c.adds}
    assert silent == {"CreditScores.limit"}


def test_a_customer_who_was_stopped_is_told_when_a_newer_rating_lets_it_buy(tmp_path: Path) -> None:
    scores = [AAA | {"customer": "C2", "as_of": dt.date(2027, 3, 1)}, C | {"customer": "C1"}]
    pair = {"a": "C1", "b": "C2", "score": 1.0, "decision": "merge"}
    done = do("dedupe", plan(tmp_path, Customers=customers(), DuplicateReview=[pair], CreditScores=scores))
    assert [str(p.text) for p in done.outcome.problems] == ["C1 合并前停止赊销（2027-01-01），合并后按 C2 的 AAA：请复核“信用”"]


def test_looking_back_never_sees_what_came_later() -> None:
    """A forecast of a month-end is the same whatever happened afterwards."""
    visits = forecasting.visits_of(history())
    known = forecasting.rules((), lambda key: {"stages.win_rates": [0.1] * 6, "stages.cycles": [10] * 6}[key])
    then = forecasting.number_of(dt.date(2027, 1, 31))
    cut = [v for v in visits if v.entered <= then]
    later = [
        v if v.left is None or v.left <= then else type(v)(v.opportunity, v.stage, v.entered, None, None, v.place) for v in cut
    ]
    row = opportunity("N", dt.date(2027, 1, 10))
    both = [forecasting.all_foreseen([row], given, dt.date(2027, 1, 31), known)["N"] for given in (visits, later)]
    assert both[0] == both[1]


def test_a_forecast_made_with_hindsight_is_not_kept(tmp_path: Path) -> None:
    kept = {
        "as_of": DAY + dt.timedelta(days=1),
        "opportunity": "N1",
        "probability": 0.5,
        "p90": 0.4,
        "amount": 1.0,
        "base_rate": 0.3,
    }
    path = plan(tmp_path, ForecastLog=[kept])
    done = do("forecast", path)
    assert len(FileBook.open(path).read("ForecastLog").rows) == 1
    assert len(FileBook.open(path).read("ForecastLog").rows) == 1
    assert any("事后" in str(note) for note in done.outcome.notes)


PIPELINE = (pipeline.SHEET,)
BRIER, SKILL, HITS = (str(SCORES[place]) for place in (0, 1, 2))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "还没有可回测"),
        ([(BRIER, 0.2, 0.3, 40), (SKILL, 0.3, None, 40)], "好于基准"),
        ([(BRIER, 0.3, 0.2, 40), (HITS, 0.9, 0.5, 40)], "不支持"),
        ([(BRIER, 0.2, 0.3, 40), (HITS, 0.4, 0.5, 40)], "不支持"),
        ([(HITS, 0.9, 0.1, 40)], "好于基准"),  # a history of five months: dates can be judged, probabilities can't yet
        ([(HITS, 0.1, 0.9, 40)], "不支持"),
        ([(HITS, 0.9, None, 40)], "没有可比的基准"),  # nobody had won before
        ([(BRIER, 0.2, 0.3, 4)], "样本少"),
    ],
)
def test_the_verdict_follows_each_figure_by_its_own_measure(tmp_path: Path, lines: list[Any], said: str) -> None:
    assert said in forecasting.verdict(lines).zh
    path = small_plan(tmp_path / "plan.xlsx", Company("甲", 2027, DAY, rows={"People": PEOPLE}), sheets=PIPELINE)
    book, changes = FileBook.open(path), Changes()
    changes.replaced["ForecastScores"] = [
        {"kind": "backtest", "metric": m, "ours": a, "baseline": b, "n": n, "as_of": DAY} for m, a, b, n in lines
    ]
    book.apply(lowered(book, changes))
    book.settle()
    assert said in str(book.first("forecast_verdict"))


def test_what_a_person_reads_in_english_is_written_as_the_plan_is(tmp_path: Path) -> None:
    """The sheet finds scores by their names: in another language it would find none."""
    plans = []
    for lang in ("zh", "en"):
        (tmp_path / lang).mkdir()
        path = plan(tmp_path / lang)
        with speaking(lang):
            assert do("forecast", path).written
        plans.append(tables_of(path))
    assert plans[0] == plans[1]


HEAD = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value"


def exported(count: int, seed: int, stages: tuple[str, ...] = ("Won", "Won", "Lost", "Engaging", "Prospecting")) -> list[str]:
    """Rows as a CRM that writes ends into its stages exports them: what is open has no value, what is not engaged no day."""
    chance, out = random.Random(seed), []
    for number in range(count):
        stage, begun = chance.choice(stages), DAY - dt.timedelta(days=chance.randint(30, 380))
        ended = min(DAY, begun + dt.timedelta(days=chance.randint(5, 120)))
        closed = stage in ("Won", "Lost", "Closed Lost")
        out.append(
            f"OP{number:04d},P{chance.randint(1, 2)},GTX,{'' if stage == 'Engaging' else '客户' + str(number % 9)},{stage},"
            f"{'' if stage == 'Prospecting' else begun},{ended if closed else ''},{(stage == 'Won') * 1000 if closed else ''}"
        )
    return out


def brought(path: Path, rows: list[str]) -> Any:
    file = path.parent / f"export{len(rows)}.csv"
    file.write_text("\n".join([HEAD, *rows]), "utf-8")
    return do("import", path, file=str(file), table="Opportunities").outcome


def test_any_slice_of_an_export_with_ends_for_stages_comes_in_and_is_forecast(tmp_path: Path) -> None:
    path = small_plan(tmp_path / "plan.xlsx", Company("甲", 2027, DAY, rows={"People": PEOPLE, "Roles": ROLES}))
    rows = exported(70, 1)
    dated = [row for row in rows if ",Prospecting," not in row]
    first = brought(path, rows[:25])
    assert len(first.details[1].outcome.rows) == len([row for row in rows[:25] if ",Prospecting," not in row])
    assert {r.reason.zh for r in first.details[1].outcome.refusals} <= {"为空：请填写"}  # no day, no place in a forecast
    whole = brought(path, rows)
    assert (whole.details[1].outcome.already, len(whole.details[1].outcome.rows)) == (
        len(first.details[1].outcome.rows), len(dated) - len(first.details[1].outcome.rows),
    )  # fmt: skip
    held = {row["id"]: row for row in FileBook.open(path).read("Opportunities").rows}
    for row in dated:
        cells = row.split(",")
        assert held[cells[0]]["outcome"] == {"Won": "won", "Lost": "lost"}.get(cells[4])
        assert held[cells[0]]["stage"] == "validation" and held[cells[0]]["entered"] == dt.date.fromisoformat(cells[5])
    done = do("forecast", path).outcome
    assert done.data["open"] == sum(",Engaging," in row for row in rows) and done.data["by_rule"] == 0
    assert done.data["backtest"][0]["n"] > 0  # it was looked back on
    assert not do("forecast", path).written


@pytest.mark.parametrize("stages", [("Won",), ("Closed Lost",), ("Engaging",), ("Won", "Closed Lost")])
def test_a_slice_of_one_kind_is_no_fault(tmp_path: Path, stages: tuple[str, ...]) -> None:
    path = small_plan(tmp_path / "plan.xlsx", Company("甲", 2027, DAY, rows={"People": PEOPLE, "Roles": ROLES}))
    outcome = brought(path, exported(6, 2, stages))
    assert not outcome.details[1].outcome.refusals
    stage = "validation" if "Engaging" in stages else "negotiation"
    assert {row["stage"] for row in FileBook.open(path).read("Opportunities").rows} == {stage}
    assert do("forecast", path).outcome.data["open"] == (6 if "Engaging" in stages else 0)


@pytest.mark.parametrize(
    ("amount", "paid", "lost", "open_"),
    [
        (100.0, 20.0, 0.0, 80.0),
        (100.0, 20.0, 80.0, 0.0),
        (100.0, 100.0, 80.0, 0.0),  # given up, and it came after all
        (100.0, 60.0, 80.0, 0.0),
        (100.0, 120.0, 0.0, -20.0),  # paid too much
        (-50.0, 0.0, 0.0, -50.0),  # a credit note
    ],
)
def test_what_came_after_it_was_given_up_is_not_owed_twice(
    tmp_path: Path, amount: float, paid: float, lost: float, open_: float
) -> None:
    due = dt.date(2027, 3, 1)
    invoice = {"invoice": "F1", "customer": "C1", "amount": amount, "due": due}
    deal = {
        "id": "D1",
        "date": due,
        "customer": "C1",
        "seller": "P2",
        "seller_share": 1.0,
        "revenue": 1e5,
        "cost": 0.0,
        "due": due,
    }
    cash = [{"deal": "D1", "date": due, "amount": paid, "kind": "payment", "invoice": "F1"}] if paid else []
    cash += [{"deal": "D1", "date": due, "amount": lost, "kind": "bad_debt", "invoice": "F1"}] if lost else []
    path = plan(tmp_path, Customers=customers(), Deals=[deal], Receivables=[invoice], Collections=cash)
    (row,) = FileBook.open(path).read("Receivables").rows
    assert (row["paid"], row["written_off"], row["open"]) == (paid, lost, open_)
