"""Marketing: campaigns beside the industry, which leads count, what they brought, minutes that name nobody."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from addin.book import FileBook
from tests.actions.steps import change, do, tables_of
from tests.small_plan import small_plan
from tests.test_duties import day, fired
from udfs.policy import value
from workbook_templates.answers import Refused
from workbook_templates.chapters.cockpit.sheets import problems
from workbook_templates.chapters.marketing import campaigns, events
from workbook_templates.chapters.marketing.naming import Named
from workbook_templates.chapters.marketing.sheets import marketing
from workbook_templates.documents import TABLE
from workbook_templates.tables.schema import Company, Row
from workbook_templates.xlsx.package import Package

JUNE = dt.date(2027, 6, 30)
PEOPLE: list[Row] = [{"id": "P1", "name": "周敏", "level": "director", "line": "direct", "joined": dt.date(2020, 1, 1)}]
ROLES: list[Row] = [{"role": "director", "line": None, "person": "P1", "from": dt.date(2027, 1, 1), "until": None}]
CAMPAIGN: Row = {"campaign": "K", "pool": "baidu", "owner": "P1", "start": dt.date(2027, 6, 1)}
BENCHMARK: Row = {"pool": "baidu", "valid_from": dt.date(2027, 1, 1), "cpl": 180.0, "source": "x"}


def spent(on: int, cost: float, leads: int, creative: str = "a", month: int = 6) -> Row:
    return {
        "date": dt.date(2027, month, on),
        "pool": "baidu",
        "campaign": "K",
        "creative": creative,
        "cost": cost,
        "leads": leads,
    }


# ------------------------------------------------------------------------------------------------------------ campaigns


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ([spent(1, 650, 3)], "change"),  # vectors 6a
        ([spent(1, 216.0, 1)], "fine"),  # exactly 120%
        ([spent(1, 216.01, 1)], "change"),
        ([spent(1, 216, 0)], None),  # too little to tell
        ([spent(1, 5000, 0)], "change"),  # money without any lead is the worst
        # The last three days on air, whatever lay before; 650 / 3 is too much, with the cheap day before it would not be.
        ([spent(1, 10, 9), spent(5, 200, 1), spent(6, 250, 1), spent(9, 200, 1)], "change"),
        ([spent(5, 200, 1), spent(6, 250, 1), spent(9, 190, 1)], "fine"),
        ([spent(5, 100, 1), spent(1, 9000, 0, month=7)], "fine"),  # what is after the as-of date is not known
    ],
)
def test_a_campaign_is_judged_by_its_last_three_days_on_air(rows: Sequence[Row], state: str | None) -> None:
    found = campaigns.judged(CAMPAIGN, rows, [BENCHMARK], JUNE, value)
    assert found is not None and found.state == state and (found.reason is None) == (state is not None)


def test_the_next_review_is_a_working_day_of_the_rhythm() -> None:
    """1 June is a Tuesday: on air 1-3, review 4; 5-7, review 8; on a Saturday the meeting is on Monday."""
    assert campaigns.next_review(dt.date(2027, 6, 1), dt.date(2027, 6, 2), value) == dt.date(2027, 6, 4)
    assert campaigns.next_review(dt.date(2027, 6, 1), dt.date(2027, 6, 4), value) == dt.date(2027, 6, 4)
    assert campaigns.next_review(dt.date(2027, 6, 1), dt.date(2027, 6, 5), value) == dt.date(2027, 6, 8)
    assert campaigns.next_review(dt.date(2027, 6, 1), dt.date(2027, 6, 9), value) == dt.date(
        2027, 6, 14
    )  # the 12th is a Saturday


def test_a_dear_campaign_is_ordered_once_until_its_creative_changes() -> None:
    spend = [spent(28, 400, 1), spent(29, 400, 1), spent(30, 400, 1)]
    tables: dict[str, Any] = {"Campaigns": [CAMPAIGN], "AdSpend": spend, "Benchmarks": [BENCHMARK], "Creatives": []}
    (task,) = fired("creative", day(**tables))
    assert (task.object, task.episode, task.owner) == ("K", "2027-06-01", "P1")
    change = {"campaign": "K", "from": "a", "to": "b", "on": dt.date(2027, 6, 29), "reason": "x", "by": "x"}
    (task,) = fired("creative", day(**tables | {"Creatives": [change]}))
    assert task.episode == "2027-06-29"
    assert not fired("creative", day(**tables | {"Campaigns": [CAMPAIGN | {"until": dt.date(2027, 6, 29)}]}))
    assert not fired("creative", day(**tables | {"Benchmarks": []}))


def test_minutes_are_due_forty_eight_hours_after_the_event() -> None:
    event = {"id": "E1", "name": "峰会", "owner": "P1", "end": dt.datetime(2027, 6, 29, 16, 30), "minutes_on": None}
    (task,) = fired("minutes", day(Events=[event]))
    assert task.until == dt.datetime(2027, 7, 1, 16, 30)
    assert not fired("minutes", day(Events=[event | {"minutes_on": dt.datetime(2027, 6, 30, 8)}]))
    assert not fired("minutes", day(Events=[event | {"end": dt.datetime(2027, 6, 30, 16, 30)}]))  # it is nine o'clock


# ---------------------------------------------------------------------------------------------------------------- leads


def lead(number: int, company: str, phone: str | None = "13800001111", status: str = "mql", on: int = 1) -> Row:
    return {"id": f"L{number}", "company": company, "phone": phone, "status": status, "received": dt.datetime(2027, 6, on, 9)}


def test_an_mql_has_a_company_that_can_be_reached_and_counts_once_in_thirty_days() -> None:
    leads = [
        lead(1, "苏州华瑞机械有限公司"), lead(2, "苏州华瑞机械股份有限公司", on=20), lead(3, "无锡同达科技", phone="见备注"), lead(4, "合肥金腾", status="new"),
        lead(5, "东莞海拓", phone="li@haituo.example.com"), lead(6, "  "),
        lead(7, "苏州华瑞机械有限公司") | {"received": dt.datetime(2027, 7, 1, 9)},
    ]  # fmt: skip
    why = campaigns.counted(leads, value)
    assert [text is None for text in why] == [True, False, False, False, True, False, True]
    assert why[1] is not None and "L1" in why[1].zh


DEALS: list[Row] = [
    {"id": "D1", "date": dt.date(2027, 3, 5), "revenue": 900_000.0}, {"id": "D2", "date": dt.date(2027, 5, 5), "revenue": 400_000.0},
    {"id": "D3", "date": dt.date(2027, 6, 5), "revenue": -100_000.0, "original": "D1"}, {"id": "D4", "date": dt.date(2027, 6, 5), "revenue": 1.0},
    {"id": "D5", "date": dt.date(2026, 6, 5), "revenue": 7.0},
]  # fmt: skip


def test_revenue_is_attributed_once_in_its_month_and_returns_in_theirs() -> None:
    rows: list[Row] = [{"deal": "D1"}, {"deal": "D1"}, {"opportunity": "O2"}, {"deal": "D5"}, {"deal": None}]
    found = campaigns.attributed(rows, [{"id": "O2", "deal": "D2"}], DEALS, JUNE)
    assert found == {3: 900_000.0, 5: 400_000.0, 6: -100_000.0}


# -------------------------------------------------------------------------------------------------------------- buttons


def plan(folder: Path, **rows: Any) -> Path:
    held = {"People": PEOPLE, "Roles": ROLES} | rows
    return small_plan(folder / "plan.xlsx", Company("甲", 2027, JUNE, rows=held))


def deals() -> list[Row]:
    return [
        row | {"seller": "P1", "region": "华东", "line": "eco", "cost": 1.0, "seller_share": 1.0, "customer": "C1"}
        for row in DEALS
        if row["date"].year == 2027
    ]


def budget() -> list[Row]:
    return [{"line": "market", "month": month, "planned": 1.0, "revenue": 5.0 if month == 1 else None} for month in range(1, 13)]


def test_check_campaigns_writes_all_and_nothing_the_second_time(tmp_path: Path) -> None:
    path = plan(
        tmp_path, Customers=[{"id": "C1", "name": "甲"}], Campaigns=[CAMPAIGN], Benchmarks=[BENCHMARK], Deals=deals(), Budget=budget(),
        AdSpend=[spent(28, 400, 1), spent(29, 400, 1, "b"), spent(30, 400, 1, "b")],
        Leads=[lead(1, "苏州华瑞") | {"deal": "D1", "pool": "baidu"}, lead(2, "苏州华瑞", on=2) | {"pool": "baidu"}],
    )  # fmt: skip
    done = do("campaigns", path)
    assert done.outcome.data == {"campaigns": 1, "change": 1, "mql": 1, "attributed": 800_000.0, "tasks": 1}
    book = FileBook.open(path)
    (campaign,) = book.read("Campaigns").rows
    assert (campaign["state"], campaign["cost"], campaign["leads"], campaign["benchmark"]) == ("change", 1200.0, 3, 180.0)
    assert [(row["from"], row["to"], row["on"]) for row in book.read("Creatives").rows] == [("a", "b", dt.date(2027, 6, 29))]
    assert [row["counted"] for row in book.read("Leads").rows] == ["yes", "no"]
    revenue = {row["month"]: row["revenue"] for row in book.read("Budget").rows}
    assert revenue[1] == 5.0 and revenue[3] == 900_000.0 and revenue[4] == 0.0 and revenue[6] == -100_000.0 and revenue[7] is None
    before = tables_of(path)
    do("campaigns", path)
    assert tables_of(path) == before
    do("undo", path)
    assert FileBook.open(path).read("Budget").rows[2]["revenue"] is None


def revenue_of(path: Path) -> list[Any]:
    return [row["revenue"] for row in FileBook.open(path).read("Budget").rows][:7]


def test_revenue_that_was_traced_wrongly_goes_again_and_what_people_entered_stays(tmp_path: Path) -> None:
    leads = [lead(1, "苏州华瑞") | {"deal": "D1", "pool": "baidu"}, lead(2, "无锡同达") | {"deal": "D2", "pool": "baidu"}]
    path = plan(tmp_path, Customers=[{"id": "C1", "name": "甲"}], Deals=deals(), Budget=budget(), Leads=leads)
    do("campaigns", path)
    assert revenue_of(path) == [5.0, None, 900_000.0, 0.0, 400_000.0, -100_000.0, None]
    change(path, {("Leads", 0, "deal"): None})  # it was another company's
    do("campaigns", path)
    assert revenue_of(path) == [5.0, None, 0.0, 0.0, 400_000.0, 0.0, None]
    change(path, {("Leads", 1, "deal"): None})
    do("campaigns", path)
    assert revenue_of(path) == [5.0, None, 0.0, 0.0, 0.0, 0.0, None]
    assert not do("campaigns", path).effect
    do("undo", path)
    assert revenue_of(path)[4] == 400_000.0


def test_undone_revenue_is_nobodys(tmp_path: Path) -> None:
    leads = [lead(1, "苏州华瑞") | {"deal": "D1", "pool": "baidu"}]
    entered = [row | {"revenue": 7.0} for row in budget()]
    path = plan(tmp_path, Customers=[{"id": "C1", "name": "甲"}], Deals=deals(), Budget=entered, Leads=leads)
    do("campaigns", path)
    do("undo", path)
    change(path, {("Leads", 0, "deal"): None})
    do("campaigns", path)
    assert revenue_of(path) == [7.0] * 7


def test_a_deal_beside_an_opportunity_that_became_another_is_said(tmp_path: Path) -> None:
    leads = [lead(1, "苏州华瑞") | {"deal": "D1", "opportunity": "O1", "pool": "baidu"}]
    opportunity = {"id": "O1", "name": "x", "stage": "close", "owner": "P1", "entered": JUNE, "opened": JUNE, "deal": "D2"}
    path = plan(tmp_path, Customers=[{"id": "C1", "name": "甲"}], Deals=deals(), Leads=leads, Opportunities=[opportunity])
    (said,) = [p for p in do("campaigns", path).outcome.problems if p.sheet == FileBook.open(path).read("Leads").grid.sheet]
    assert "D1" in said.text.zh and "D2" in said.text.zh


def test_a_campaign_is_held_against_what_the_industry_paid_then() -> None:
    newer = BENCHMARK | {"valid_from": dt.date(2027, 6, 20), "cpl": 300.0}
    state = [campaigns.judged(CAMPAIGN, [spent(day, 216.01, 1)], [BENCHMARK, newer], JUNE, value) for day in (1, 20)]
    assert [one and (one.state, one.benchmark) for one in state] == [("change", 180.0), ("fine", 300.0)]
    late = campaigns.judged(CAMPAIGN, [spent(1, 216.01, 1)], [newer], JUNE, value)  # none known then: today's
    assert late is not None and late.benchmark == 300.0


def test_without_an_roi_target_no_campaign_and_no_new_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = dt.datetime(2027, 7, 9, 9)
    event = {
        "id": "E1",
        "kind": "open_day",
        "name": "开放日",
        "start": start,
        "end": start,
        "owner": "P1",
        "roi_target": 5.0,
        "budget": 1.0,
    }
    path = plan(tmp_path, Campaigns=[CAMPAIGN], Events=[event])
    book = FileBook.open(path)
    targets = list(book.setting("roi.targets"))
    monkeypatch.setattr(
        "workbook_templates.tables.duties.Day.setting",
        lambda self, key: [None] * len(targets) if key == "roi.targets" else value(key),
    )
    for name, told in (("campaigns", "ROI"), ("events", "ROI")):
        done = do(name, path)
        assert done.refused and told in str(done.outcome.errors[0].text)


@pytest.mark.parametrize(("first", "second", "bare"), [("yes", "yes", 0), ("yes", "no", 1), ("no", "yes", 1), ("no", "no", 1)])
def test_what_is_published_has_both_keywords(tmp_path: Path, first: str, second: str, bare: int) -> None:
    """ "without both keywords red" (chapters.md, 6): the plan's stories have the two of them."""
    row = {
        "id": "N1",
        "kind": "story",
        "title": "x",
        "owner": "P1",
        "due": JUNE,
        "published_on": JUNE,
        "kw1": first,
        "kw2": second,
    }
    company = Company("甲", 2027, JUNE, rows={"People": PEOPLE, "Contents": [row]})
    path = small_plan(tmp_path / "plan.xlsx", company, sheets=(problems.SHEET, marketing.SHEET))
    cells = {at: cell.value for at, cell in Package.open(path).sheets["6 品牌线索"].cells().items()}
    at = next(place for place, said in cells.items() if said == "缺双关键词")
    assert cells[(at[0], at[1] + 1)] == bare


def test_an_empty_plan_says_what_to_fill_in(tmp_path: Path) -> None:
    path = plan(tmp_path)
    before = tables_of(path)
    for name in ("campaigns", "events", "minutes"):
        assert not do(name, path).outcome.problems
    assert tables_of(path) == before


# -------------------------------------------------------------------------------------------------------------- minutes

EVENT: Row = {
    "id": "E1", "kind": "summit", "name": "春季峰会", "start": dt.datetime(2027, 6, 28, 9), "end": dt.datetime(2027, 6, 28, 17), "owner": "P1",
    "roi_target": 5.0, "budget": 10.0, "cost": 10.0,
}  # fmt: skip
GUESTS: list[Row] = [
    {"event": "E1", "name": "王文涛", "company": "苏州瑞丰科技有限公司", "email": "wang@example.com", "part": "talk", "invited": "yes", "came": "yes"},
    {"event": "E1", "name": "李志远", "company": "Tongda Ltd", "email": "li@example.com", "part": "talk", "invited": "yes", "came": "no"},
    {"event": "E1", "name": "张三丰", "company": "百川", "email": None, "part": "talk", "invited": "yes", "came": "yes"},
]  # fmt: skip


def topic(said: str, number: int = 1) -> Row:
    return {"event": "E1", "number": number, "topic": "节拍", "said": said}


@pytest.mark.parametrize(
    "said",
    ["王文涛认为节拍太慢", "王 文 涛认为", "苏州瑞丰科技的产线", "ＴＯＮＧＤＡ 的做法", "与百川同感", "tong-da said so"],
)
def test_minutes_that_name_a_guest_or_a_company_are_refused_at_their_cell(tmp_path: Path, said: str) -> None:
    path = plan(tmp_path, Events=[EVENT], EventGuests=GUESTS, EventTopics=[topic("节拍"), topic(said, 2)])
    before = path.read_bytes()
    done = do("minutes", path)
    assert done.refused and len(done.outcome.errors) == 1
    held = FileBook.open(path).read("EventTopics")
    assert (done.outcome.errors[0].row, done.outcome.errors[0].column) == held.at(1, "said")
    assert path.read_bytes() == before and not (tmp_path / "plan_文档").exists()


@pytest.mark.parametrize("column", ["name", "place"])
def test_what_stands_above_the_minutes_names_nobody_either(tmp_path: Path, column: str) -> None:
    path = plan(tmp_path, Events=[EVENT | {column: "走进 百 川 会议室"}], EventGuests=GUESTS, EventTopics=[topic("节拍")])
    done = do("minutes", path)
    held = FileBook.open(path).read("Events")
    (error,) = done.outcome.errors
    assert (error.sheet, error.row, error.column) == (held.grid.sheet, *held.at(0, column)) and "百川" in error.text.zh
    assert not (tmp_path / "plan_文档").exists()


def test_minutes_become_a_document_and_drafts_to_those_who_came(tmp_path: Path) -> None:
    path = plan(tmp_path, Events=[EVENT], EventGuests=GUESTS, EventTopics=[topic("多数人希望先试点。")])
    done = do("minutes", path)
    assert done.outcome.data["drafts"] == 1 and len(done.outcome.notes) == 1  # one came without an address
    folder = tmp_path / "plan_文档"
    document, mail = folder / "纪要-E1-20270630.docx", folder / "纪要邮件-E1-2-20270630.eml"
    text = zipfile.ZipFile(io.BytesIO(document.read_bytes())).read("word/document.xml").decode("utf-8")
    assert "多数人希望先试点。" in text and "2027-06-28 09:00" in text and "王文涛" not in text
    content = mail.read_bytes()
    assert b"To: wang@example.com" in content and b"li@example.com" not in content and b"X-Unsent: 1" in content
    book = FileBook.open(path)
    assert [row["file"] for row in book.read(TABLE).rows] == [document.name, mail.name]
    assert book.read("Events").rows[0]["minutes_on"].date() == JUNE
    before = tables_of(path)
    do("minutes", path, event="E1")
    assert tables_of(path) == before and len(list(folder.iterdir())) == 2


def test_an_event_without_topics_and_an_unknown_event_are_refused(tmp_path: Path) -> None:
    path = plan(tmp_path, Events=[EVENT])
    with pytest.raises(Refused, match="议题"):
        do("minutes", path)
    with pytest.raises(Refused, match="E9"):
        do("minutes", path, event="E9")


def test_an_event_short_of_orders_is_red_and_one_below_its_roi_amber() -> None:
    event = EVENT | {"kind": "open_day"}
    intents: list[Row] = [{"event": "E1", "customer": str(n), "deal": "D2" if n == 0 else None} for n in range(3)]
    found = events.result(event, GUESTS, intents, (), DEALS, JUNE, value)
    assert found == events.EventResult(2, 3, 400_000.0, 40_000.0, "green")
    assert events.result(event, [], intents[1:], (), DEALS, JUNE, value) == events.EventResult(0, 2, 0.0, 0.0, "red")
    assert events.result(event | {"kind": "summit"}, [], [], (), DEALS, JUNE, value) == events.EventResult(
        0, 0, 0.0, 0.0, "amber"
    )
    assert events.result(event, [], [], (), DEALS, dt.date(2027, 6, 27), value) is None


def test_a_policy_is_ordered_a_month_before_its_day_and_while_it_is_late() -> None:
    policy: Row = {
        "id": "PW1",
        "title": "贴息",
        "owner": "P001",
        "status": "watched",
        "due": dt.date(2027, 7, 30),
        "follow_up": "申报",
    }
    (task,) = fired("policy", day(PolicyWatch=[policy]))
    assert (task.object, task.episode, task.until) == ("PW1", "2027-07-30", dt.datetime(2027, 7, 30, 18))
    assert not fired("policy", day(PolicyWatch=[policy | {"due": dt.date(2027, 7, 31)}]))
    assert not fired("policy", day(PolicyWatch=[policy | {"status": "done"}]))
    assert fired("policy", day(PolicyWatch=[policy | {"due": dt.date(2027, 3, 31), "status": "claimed"}]))


SPELT: list[Row] = [
    {"name": "王伟", "company": "华瑞精密机械（苏州）有限公司"}, {"name": "欧阳小明", "company": "上海电气集团股份有限公司"},
    {"name": "于谦", "company": "江苏华端新能源科技有限公司"}, {"name": "Anna Maria Ström", "company": "SAP AB"}, {"name": "Li Na", "company": "Kone Oyj"},
    {"name": "Mark Rose", "company": "The Bright Motion Co., Ltd."},
]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("王 伟提到交期", "王伟"), ("王\u200b伟", "王伟"), ("王偉提到", "王伟"), ("ＷＡＮＧ", None), ("王总说要快", "王伟"), ("欧阳总、歐陽先生", "欧阳小明"), ("于总提到", "于谦"),
        ("对于总体进度、属于总部的事", None), ("关于总经理办公会", "于谦"), ("华瑞希望试一条线", "华瑞精密机械（苏州）有限公司"), ("華瑞精密", "华瑞精密机械（苏州）有限公司"),
        ("电气柜与机械臂的交期", None), ("上海电气提到", "上海电气集团股份有限公司"), ("华端在试", "江苏华端新能源科技有限公司"), ("新能源行业的科技公司", None),
        ("ANNA  MARIA strom said", "Anna Maria Ström"), ("Ström, Anna Maria asked", "Anna Maria Ström"), ("they asked Ms Ström", "Anna Maria Ström"),
        ("Ström asked for dates", "Anna Maria Ström"), ("A. M. Stro\u0308m asked", "Anna Maria Ström"), ("Anna Ström", "Anna Maria Ström"), ("ANNA-MARIA", "Anna Maria Ström"),
        ("S A P asked", "SAP AB"), ("ＳＡＰ's plant", "SAP AB"), ("many were disappointed", None), ("online planning", None), ("Na Li wants", "Li Na"), ("lina wants", "Li Na"),
        ("Kones lift", "Kone Oyj"), ("a milestone", None), ("bright motion", "The Bright Motion Co., Ltd."), ("prices rose, the mark was missed", None),
        ("they asked Mark again", "Mark Rose"), ("Mark the date", None), ("mr. rose left", "Mark Rose"), (None, None), ("", None),
    ],
)  # fmt: skip
def test_a_name_is_found_in_any_spelling_and_no_common_word_is_one(said: str | None, who: str | None) -> None:
    suffixes = [str(word) for word in value("duplicates.suffixes")]
    assert Named(SPELT, suffixes).in_text(said) == who


def test_minutes_are_written_when_the_event_is_over(tmp_path: Path) -> None:
    later = {"start": dt.datetime(2027, 7, 20, 9), "end": dt.datetime(2027, 7, 20, 17)}
    path = plan(tmp_path, Events=[EVENT | later], EventGuests=GUESTS, EventTopics=[topic("节拍")])
    with pytest.raises(Refused, match="07-20 17:00"):
        do("minutes", path, event="E1")


def test_who_came_to_the_night_talk_uninvited_sat_there_too() -> None:
    guest = {"event": "E1", "part": "talk", "invited": "yes", "came": None}
    rows = [
        guest,
        guest | {"invited": None, "came": "yes"},
        guest | {"came": "yes"},
        guest | {"invited": "no"},
        guest | {"part": "main"},
        guest | {"event": "E2"},
    ]
    assert events.talkers(rows, "E1") == 3
