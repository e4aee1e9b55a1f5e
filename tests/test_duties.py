"""Rules that order tasks: what fires, whose it is, that it is ordered once; gates and their waivers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.text import Text
from workbook_templates import registry
from workbook_templates.tables import duties, gates, schema
from workbook_templates.tables.duties import CLEARED, DONE, OPEN, Day, DueTask, DutyRule, dispatched
from workbook_templates.tables.own_words import wording
from workbook_templates.tables.policies import Policies
from workbook_templates.tables.schema import LEVELS
from workbook_templates.tables.spec import Word

JUNE = dt.date(2027, 6, 30)
PEOPLE = [
    {"id": "P001", "name": "周敏", "level": "director", "line": "direct", "joined": dt.date(2020, 1, 1)},
    {"id": "P002", "name": "李明", "level": "representative", "line": "direct", "manager": "P001", "joined": dt.date(2020, 1, 1)},
    {"id": "P003", "name": "王强", "level": "representative", "line": "channel", "manager": "P001", "joined": dt.date(2020, 1, 1),
     "left": dt.date(2027, 3, 31)},
]  # fmt: skip
ROLES = [{"role": "director", "line": None, "person": "P001", "from": dt.date(2027, 1, 1), "until": None}]


def day(
    as_of: dt.date = JUNE, off: frozenset[int] = frozenset(), named: Mapping[str, Any] | None = None, **rows: Sequence[Any]
) -> Day:
    held = {"People": PEOPLE, "Roles": ROLES} | rows
    cells = named or {}
    return Day(
        lambda table: held.get(table, ()), Policies({}, ()), as_of, 2027, dt.datetime.combine(as_of, dt.time(9)), off,
        lambda name: [cells[name]] if name in cells else [],
    )  # fmt: skip


def fired(rule: str, on: Day) -> list[DueTask]:
    return list(duties.every()[rule].found(on))


# ------------------------------------------------------------------------------------------------------------ the list


def _rule(*found: DueTask) -> Mapping[str, DutyRule]:
    return {"r": DutyRule("r", Text("规则", "Rule"), lambda _: found, ())}


def due(obj: str = "X", episode: str = "2027-06", **more: Any) -> DueTask:
    return DueTask(object=obj, episode=episode, title=Text("办", "do"), **({"days": 2} | more))


def with_tasks(tasks: Sequence[Any]) -> Day:
    return day(Tasks=tasks)


def test_a_task_is_ordered_once_and_says_all() -> None:
    first = dispatched(with_tasks([]), _rule(due(owner="P002", others=("finance",), table="Deals")))
    (task,) = first.new
    assert task["id"] == "T00001" and task["owner"] == "P002" and task["status"] == OPEN and task["others"] is None
    assert task["due_at"] == dt.datetime(2027, 7, 2, 18)  # two working days after Wednesday
    again = dispatched(with_tasks([task | {"rule": "r"}]), _rule(due(owner="P002")))
    assert not again.new and not again.edits


@pytest.mark.parametrize("status", ["done", "cancelled"])
def test_what_somebody_closed_is_not_ordered_again_while_it_lasts(status: str) -> None:
    task = dispatched(with_tasks([]), _rule(due())).new[0] | {"rule": "r", "status": status, "result": "ok"}
    again = dispatched(with_tasks([task]), _rule(due()))
    assert not again.new and not again.edits
    assert len(dispatched(with_tasks([task]), _rule(due(episode="2027-07"))).new) == 1


def test_a_task_ends_by_itself_with_its_condition() -> None:
    task = dispatched(with_tasks([]), _rule(due())).new[0] | {"rule": "r"}
    ended = dispatched(with_tasks([task]), _rule())
    assert ended.edits == {0: {"status": DONE, "done_at": dt.datetime(2027, 6, 30, 9), "result": str(CLEARED)}}
    stranger = task | {"rule": "自己记的"}  # no rule of ours: a person's own to-do
    assert not dispatched(with_tasks([stranger]), _rule()).edits


def test_numbers_go_on() -> None:
    task = dispatched(with_tasks([]), _rule(due())).new[0] | {"id": "T00041", "rule": "r"}
    assert [t["id"] for t in dispatched(with_tasks([task]), _rule(due(), due("Y"))).new] == ["T00042"]


def test_who_left_is_not_told_and_a_role_without_anybody_is_the_directors() -> None:
    found = dispatched(with_tasks([]), _rule(due(owner="P003", role="finance")))
    assert found.new[0]["owner"] == "P001" and found.instead == {"finance"}
    nobody = day(Tasks=[], Roles=[])
    assert dispatched(nobody, _rule(due(role="legal"))).lacking == [duties.Lacking("legal", "r")]
    assert not dispatched(nobody, _rule(due(role="legal"))).new


def test_who_is_to_come_is_not_told_yet() -> None:
    people = [*PEOPLE, {"id": "P004", "name": "新", "level": "director", "joined": dt.date(2027, 7, 1)}]
    (task,) = dispatched(day(People=people), _rule(due(owner="P004"))).new
    assert task["owner"] == "P001"


@pytest.mark.parametrize(
    ("joined", "owes"), [(dt.date(2027, 5, 31), True), (dt.date(2027, 6, 1), False), (dt.date(2027, 7, 1), False)]
)
def test_a_director_who_came_later_owes_no_article_of_the_month_before(joined: dt.date, owes: bool) -> None:
    people = [*PEOPLE, {"id": "P004", "name": "新", "level": "director", "joined": joined}]
    written = [{"person": "P001", "month": "2027-05", "length": 3000}]
    found = fired("article", day(dt.date(2027, 6, 15), People=people, Articles=written))
    assert [task.object for task in found] == (["P004"] if owes else [])


def test_a_level_that_counts_as_director_owes_an_article() -> None:
    people = [{"id": "P009", "name": "总", "level": "chief", "joined": dt.date(2020, 1, 1)}]
    own = [Word("chief", Text("大区总", "Chief"), like="director")]
    with wording({LEVELS.key: tuple(own)}):
        assert [task.object for task in fired("article", day(People=people, Stars=[{"person": "P009"}]))] == ["P009"]


@pytest.mark.parametrize(
    ("result", "episodes"), [(None, ["open"]), ("open", ["open"]), ("licence", ["licence"]), ("not_found", [])],
)  # fmt: skip
def test_an_export_that_nobody_checked_is_open(result: str | None, episodes: list[str]) -> None:
    """Chapters, tasks: what is not 表内未见需证; checked and still open, it stays the same task."""
    checks = [{"id": "X1", "order": "D1", "country": "越南", "result": result, "dual": "no"}]
    assert [task.episode for task in fired("licence", day(ExportChecks=checks))] == episodes


def test_the_role_of_a_line_comes_before_that_of_all_and_the_newest_before_the_older() -> None:
    roles = [*ROLES, {"role": "director", "line": "direct", "person": "P002", "from": dt.date(2027, 2, 1), "until": None}]
    on = day(Roles=roles)
    assert duties.in_role(on, "director", "direct") == "P002" and duties.in_role(on, "director", "channel") == "P001"
    ended = [*ROLES, roles[1] | {"until": dt.date(2027, 6, 29)}]
    assert duties.in_role(day(Roles=ended), "director", "direct") == "P001"


def role(person: str, line: str | None = None, role: str = "director", **more: Any) -> dict[str, Any]:
    return {"role": role, "line": line, "person": person, "from": dt.date(2027, 1, 1), "until": None} | more


@pytest.mark.parametrize(
    ("roles", "line", "holder"),
    [
        ([role("P001", "direct")], None, "P001"),  # a company whose directors each have a line: somebody is there
        ([role("P001", "direct"), role("P002")], None, "P002"),  # that of all lines first
        ([role("P001", "direct")], "channel", None),  # another line's
        ([role("P003")], None, None),  # P003 left in March
        ([role("P001"), role("P003", **{"from": dt.date(2027, 2, 1)})], None, "P001"),
    ],
)
def test_who_has_a_role(roles: Sequence[Any], line: str | None, holder: str | None) -> None:
    assert duties.in_role(day(Roles=roles), "director", line) == holder


def test_a_late_project_goes_to_the_general_manager_of_its_sellers_line() -> None:
    late: dict[str, Any] = {
        "Deals": [{"id": "D1", "seller": "P002"}],
        "Projects": [{"id": "X1", "deal": "D1", "promised": dt.date(2027, 6, 1), "pm": "P002"}],
    }
    roles = [role("P002", "channel", "division"), role("P001", "direct", "division")]
    (task,) = dispatched(day(Roles=roles, Tasks=[], **late), {"red": duties.every()["red"]}).new
    assert task["owner"] == "P001"


def test_a_chapter_that_is_off_asks_nothing_and_closes_nothing() -> None:
    rules = {"r": DutyRule("r", Text("规则", "Rule"), lambda _: [due()], (), chapter=4)}
    task = dispatched(with_tasks([]), rules).new[0] | {"rule": "r"}
    assert not dispatched(day(off=frozenset({4}), Tasks=[]), rules).new
    assert not dispatched(day(off=frozenset({4}), Tasks=[task]), rules).edits


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(["2027-05", "2027-06"])), max_size=6), st.randoms())
def test_twice_is_once_in_any_order(found: list[tuple[str, str]], chance: Any) -> None:
    rules = _rule(*(due(obj, episode) for obj, episode in found))
    tasks = [task | {"rule": "r"} for task in dispatched(with_tasks([]), rules).new]
    assert len(tasks) == len(set(found))
    chance.shuffle(tasks)
    again = dispatched(with_tasks(tasks), rules)
    assert not again.new and not again.edits


def test_rules_read_what_they_say() -> None:
    """``reads`` is what the routine looks through before it asks: a Table left out could be full of errors."""
    for rule in duties.every().values():
        asked: set[str] = set()

        def rows(table: str, asked: set[str] = asked) -> Sequence[Any]:
            asked.add(table)
            return _SOME.get(table, [])

        on = Day(rows, Policies({}, ()), JUNE, 2027, dt.datetime(2027, 6, 30, 9))
        list(rule.found(on))
        assert asked <= {*rule.reads, "People", "Roles"}, rule.key
        assert set(rule.reads) <= set(schema.TABLES)


_SOME: Mapping[str, Sequence[Any]] = {
    "People": PEOPLE,
    "Customers": [{"id": "C1", "name": "甲", "tier": "S", "rank": 1, "owner": "P002"}],
}


def test_two_rules_of_one_key_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = DutyRule("r", Text("规则", "Rule"), lambda _: (), ())
    monkeypatch.setattr(registry, "of_chapters", lambda *a: {"a": duties.Duties(1, (rule,)), "b": duties.Duties(2, (rule,))})
    monkeypatch.setattr(registry, "home_of", lambda module: registry.numbered()[1])
    duties.every.cache_clear()
    try:
        with pytest.raises(duties.DutyError, match="rule r"):
            duties.every()
    finally:
        duties.every.cache_clear()


# -------------------------------------------------------------------------------------------------------- the rules


def verdict(quarter: str, said: str, dealer: str = "V05") -> dict[str, Any]:
    return {"quarter": quarter, "dealer": dealer, "verdict": said}


DEALERS = [{"id": "V05", "name": "恒垣", "owner": "P002", "left": None}]


@pytest.mark.parametrize(
    ("verdicts", "episodes"),
    [
        ([("2027-Q1", "warning"), ("2027-Q2", "exit")], ["2027-Q2"]),
        ([("2026-Q4", "exit"), ("2027-Q1", "exit"), ("2027-Q2", "exit")], ["2026-Q4"]),  # one exit, one task
        ([("2027-Q1", "exit"), ("2027-Q2", "retain")], []),
        ([("2027-Q2", "warning"), ("2027-Q3", "exit")], []),  # a quarter that is not over
        ([("2027-Q1", "exit"), ("2027-Q2", "retain"), ("2026-Q4", "exit")], []),
        ([("2027-Q2", "")], []),
    ],
)
def test_a_dealer_that_must_leave(verdicts: list[tuple[str, str]], episodes: list[str]) -> None:
    found = fired("exit", day(Dealers=DEALERS, DealerLedger=[verdict(*v) for v in verdicts]))
    assert [one.episode for one in found] == episodes
    gone = [DEALERS[0] | {"left": dt.date(2027, 5, 31)}]
    assert not fired("exit", day(Dealers=gone, DealerLedger=[verdict(*v) for v in verdicts]))


def budget(month: int, revenue: float, cost: float = 100.0, line: str = "market") -> dict[str, Any]:
    return {"line": line, "month": month, "planned": 1000.0, "actual_cost": cost, "revenue": revenue}


def _line_with_target() -> tuple[str, float]:
    targets = day().setting("roi.targets")
    word, target = next((w, t) for w, t in zip(schema.BUDGET_LINES, targets, strict=False) if t)
    return word.code, float(target)


def test_a_month_that_is_over_and_missed_its_roi() -> None:
    line, target = _line_with_target()
    rows = [budget(6, 100.0 * target - 0.01, line=line), budget(7, 0.0, 0.0, line=line)]
    (found,) = fired("roi", day(Budget=rows))
    assert found.episode == "2027-06"
    assert not fired("roi", day(Budget=[budget(6, 100.0 * target, line=line)]))  # exactly reached
    assert not fired("roi", day(dt.date(2027, 6, 29), Budget=rows))  # June is not over; May spent nothing
    assert not fired("roi", day(Budget=[]))


def test_a_visit_that_was_planned_and_not_made() -> None:
    customers = [{"id": "C1", "name": "甲", "tier": "S", "rank": 1, "owner": "P002"}]
    none = fired("handshake", day(Customers=customers, Visits=[]))
    assert [one.episode for one in none] == [f"2027-0{month}" for month in range(1, 7)] and none[0].owner == "P002"
    made = [{"customer": "C1", "date": dt.date(2027, month, 28)} for month in (1, 2, 3, 4, 5)]
    assert [one.episode for one in fired("handshake", day(Customers=customers, Visits=made))] == ["2027-06"]
    assert not fired("handshake", day(Customers=[customers[0] | {"tier": "A"}]))


@pytest.mark.parametrize(("days", "behind"), [(29, True), (30, False), (None, False)])
def test_days_on_site_behind_the_year(days: float | None, behind: bool) -> None:
    customers = [{"id": "C1", "tier": "S", "rank": 1, "owner": "P002"}]
    found = fired("onsite", day(Customers=customers, CustomerCare=[{"customer": "C1", "onsite_days": days}]))
    assert [one.episode for one in found] == (["2027-Q2"] if behind else [])  # 60 a year: 29.75, rounded, by 30 June


def deal(on: dt.date, revenue: float, collected: float = 0.0, due: dt.date | None = None) -> dict[str, Any]:
    return {"id": f"D{on:%m%d}{revenue:g}", "date": on, "seller": "P002", "seller_share": 1.0, "revenue": revenue,
            "collected": collected, "due": due}  # fmt: skip


def _june_quota() -> float:
    on = day(named={"quota_total": 12_000_000.0}, Quotas=[{"person": "P002"}], Deals=[])
    (found,) = fired("week2", on)
    return float(re.search(r"([\d,]+) due after", found.title.en)[1].replace(",", ""))  # type: ignore[index]


def test_orders_short_after_week_two_and_not_before() -> None:
    goal = _june_quota()
    plan: dict[str, Any] = {"named": {"quota_total": 12_000_000.0}, "Quotas": [{"person": "P002"}]}
    enough = [deal(dt.date(2027, 6, 3), goal + 1)]
    short = [deal(dt.date(2027, 6, 3), goal - 1_000)]
    assert not fired("week2", day(**plan, Deals=enough))
    (found,) = fired("week2", day(**plan, Deals=short))
    assert found.line == "direct" and found.episode == "2027-06"
    assert not fired("week2", day(dt.date(2027, 6, 4), **plan, Deals=short))  # week 2 is not over
    assert not fired("week2", day(Deals=short))  # no quota, nothing due


@pytest.mark.parametrize(("collected", "fires"), [(84.99, True), (85.0, False)])
def test_cash_before_the_books_close(collected: float, fires: bool) -> None:
    deals = [deal(dt.date(2027, 5, 3), 100.0, collected, dt.date(2027, 6, 20))]
    assert bool(fired("collections", day(dt.date(2027, 6, 28), Deals=deals))) == fires
    assert not fired("collections", day(dt.date(2027, 6, 25), Deals=deals))  # four working days before the end
    assert [one.days for one in fired("collections", day(dt.date(2027, 6, 28), Deals=deals))] == [2] * fires  # chapters.md: +2


# --------------------------------------------------------------------------------------------------------------- gates


def waiver(**more: Any) -> dict[str, Any]:
    row = {"gate": "ROI目标", "object": "培训", "reason": "试点", "by": "P001", "second": "P002", "until_on": JUNE}
    return row | more


def test_a_gate_stops_and_a_waiver_of_two_opens_it_for_that_object() -> None:
    on = day(Waivers=[waiver()])
    assert gates.stopped(day(), "roi", "Training") and gates.stopped(day(), "roi", "培训")
    assert not gates.stopped(on, "roi", "培训")
    assert gates.stopped(on, "roi", "其他")
    assert not gates.stopped(day(off=frozenset({11})), "roi", "培训")


@pytest.mark.parametrize(
    "row",
    [
        waiver(second="P001"),
        waiver(second="Ｐ００１ "),  # the same person, typed wide
        waiver(until_on=dt.date(2027, 6, 29)),
        waiver(gate="没有的关卡"),
        waiver(object="其他"),
        waiver(by=None),  # one person only
        waiver(second=" "),
        waiver(second="P099"),  # nobody of ours
        waiver(reason=None),
    ],
)
def test_a_waiver_that_opens_nothing(row: Any) -> None:
    assert gates.stopped(day(Waivers=[row]), "roi", "培训")


def test_some_gates_no_waiver_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    shut = gates.Gate("export", Text("出口", "Export"), lambda *_: [Text("禁止", "prohibited")], "Deals", (), absolute=True)
    monkeypatch.setattr(gates, "every", lambda: {"export": shut})
    on = day(Waivers=[waiver(gate="出口", object="E1")])
    assert gates.stopped(on, "export", "E1") == [Text("禁止", "prohibited")]
    assert gates.faults(on.rows("Waivers"))[0][1] == "gate"
