"""Roll over: the year's end carried into the next (money.md 1: opening carry; 7: draws, holds; issue 13 C: twice gives the same bytes)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from addin import guarding
from addin.book import FileBook
from addin.cli import DONE, FAILED, main
from tests.actions.steps import do
from tests.actions.test_new_plan import made
from workbook_templates import next_year
from workbook_templates.answers import ERROR
from workbook_templates.checking import findings
from workbook_templates.recalc import compute
from workbook_templates.tables import schema
from workbook_templates.tables.schema import held_inside

PEOPLE = "工号,姓名,层级,条线,上级工号,入职日期\nB1,陈舟,总监,行业,,2020-01-01\nP1,林思远,代表,行业,B1,2020-01-01\nP2,方晴,代表,行业,B1,2020-01-01\n"
# D2 comes back after it was paid: P2's December is negative and carried. D3 is paid in part: some of it is still held.
DEALS = """单号,签单日期,客户,主办工号,收入,成本,原单号
D1,2025-10-03,华丰,P1,1000000,700000,
D2,2025-11-04,东海,P2,200000,100000,
R1,2025-12-18,,,-200000,-100000,D2
"""
DRAWS = "工号,起始月,截止月,每月预支,方式\nP1,2025-12,,3000,可扣回\n"
JANUARY = (
    "单号,签单日期,客户,主办工号,收入,成本,原单号\nR2,2026-01-18,,,-500000,-350000,D1\nD9,2026-01-19,华丰,P2,1000000,700000,\n"
)
MONTHS = ("2025-10", "2025-11", "2025-12")


def brought(path: Path, name: str, content: str, table: str) -> None:
    file = path.parent / name
    file.write_text(content, encoding="utf-8")
    assert do("import", path, file=str(file), table=table).written


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = made(tmp_path_factory.mktemp("year") / "plan2025.xlsx", year=2025, chapters="2,5")
    brought(path, "people.csv", PEOPLE, "People")
    brought(path, "deals.csv", DEALS, "Deals")
    brought(path, "draws.csv", DRAWS, "Draws")
    do("quota", path)
    do("commission", path)
    return path


@pytest.fixture(scope="module")
def done(computed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The year, paid month by month."""
    path = tmp_path_factory.mktemp("done") / "plan2025.xlsx"
    path.write_bytes(computed.read_bytes())
    for month in MONTHS:
        for step, who in (("review", "周敏"), ("lock", "陈立"), ("pay", "陈立")):
            assert do(step, path, period=month, by=who).written
    return path


@pytest.fixture
def rolled(done: Path, tmp_path: Path) -> Path:
    path = tmp_path / "plan2026.xlsx"
    before = done.read_bytes()
    outcome = do("rollover", done, file=str(path))
    assert outcome.written and done.read_bytes() == before
    return path


def rows(path: Path, table: str) -> list[dict[str, Any]]:
    return FileBook.open(path).read(table).rows


def test_a_year_with_open_months_is_refused_and_they_are_named(computed: Path, tmp_path: Path) -> None:
    found = do("rollover", computed, file=str(tmp_path / "next.xlsx"))
    assert found.refused and "2025-10、2025-11、2025-12" in found.outcome.errors[0].text.zh
    assert not (tmp_path / "next.xlsx").exists()


def test_neither_the_plan_nor_a_file_that_is_there_is_written_over(done: Path, tmp_path: Path) -> None:
    before, there = done.read_bytes(), tmp_path / "plan2026.xlsx"
    there.write_bytes(b"somebody's")
    for target in (done, there):
        assert main(["rollover", str(done), str(target)]) == FAILED
    assert (done.read_bytes(), there.read_bytes()) == (before, b"somebody's")
    assert main(["rollover", str(done), str(there), "--force"]) == DONE
    assert FileBook.open(there).year == 2026


def test_twice_gives_the_same_bytes(done: Path, rolled: Path, tmp_path: Path) -> None:
    other = tmp_path / "again.xlsx"
    do("rollover", done, file=str(other))
    assert other.read_bytes() == rolled.read_bytes()
    assert guarding.beside_plan(other).read_bytes() == guarding.beside_plan(rolled).read_bytes()


def test_what_goes_over_and_what_begins_anew(done: Path, rolled: Path) -> None:
    book = FileBook.open(rolled)
    assert (book.year, book.as_of) == (2026, held_inside(dt.date.today(), 2026))
    assert book.off == FileBook.open(done).off
    for spec in next_year.tables(book.off):
        before = next_year.settled_only(spec.name, rows(done, spec.name))
        typed = [column.key for column in spec.inputs]
        assert [[row[key] for key in typed] for row in book.read(spec.name).rows] == [
            [row[key] for key in typed] for row in before
        ]
    assert not rows(rolled, "Quotas") and not rows(rolled, "ChangeLog")
    assert book.first("bookings") == 0 and book.first("deal_count") == 0


def test_what_was_locked_is_still_as_it_was_approved(rolled: Path) -> None:
    """The seals fit, and the new seal file vouches for all of them: December is shown as paid, nothing of it can be changed."""
    for action in ("commission", "payroll"):
        options = {"file": str(rolled.parent / "pay.csv"), "period": "2025-12"} if action == "payroll" else {}
        found = do(action, rolled, **options)
        assert not found.outcome.errors
    assert {row["status"] for row in rows(rolled, "Ledger") if row["period"] < "2026"} == {"paid"}


def test_the_first_month_opens_where_the_last_one_closed(done: Path, rolled: Path) -> None:
    """P2: 5,700 earned in November comes back in December: carried. P1: a draw of 3,000, half of D1's 12,500 comes back in January."""
    before = next_year.balances(rows(done, "Accounts"))
    assert {person: (one.closing, one.draw_debt) for person, one in before.items()} == {"P1": (0.0, 3000.0), "P2": (-5700.0, 0.0)}
    assert next_year.balances(rows(rolled, "Accounts")) == before
    do("quota", rolled)
    brought(rolled, "january.csv", JANUARY, "Deals")
    done_ = do("commission", rolled)
    assert not done_.outcome.errors and done_.outcome.data["adjustments"] == 0
    month = {row["person"]: row for row in rows(rolled, "Accounts") if row["month"] == "2026-01"}
    assert {person: row["opening"] for person, row in month.items()} == {person: one.closing for person, one in before.items()}
    assert (month["P1"]["clawback"], month["P1"]["draw_paid"], month["P1"]["draw_debt"]) == (-6250.0, 9250.0, 12250.0)
    assert (month["P2"]["released"], month["P2"]["paid"], month["P2"]["year_to_date"]) == (12500.0, 6800.0, 6800.0)
    book = FileBook.open(rolled)
    assert not [p for p in findings.problems(book.package, compute(book.package)) if p.level == ERROR]
    assert book.first("bookings") == 500_000.0  # 1,000,000 − 500,000, both of January


def test_every_table_says_whether_its_rows_are_one_years() -> None:
    """What is paid, and what returns and cash name, must go over."""
    kept = {spec.name for spec in next_year.tables(frozenset())}
    assert {
        "People",
        "Customers",
        "Deals",
        "Credits",
        "Collections",
        "Ledger",
        "Accounts",
        "Statements",
        "Draws",
        "Holds",
        "PolicyChanges",
    } <= kept
    assert schema.TABLES.keys() - kept == {
        "Quotas", "QuotaChanges", "SprintFund", "Pool", "Budget", "Outbox", "MailLog", "ChangeLog", "TierChanges", "CustomerCare", "Visits", "ClvModel",
        "Tasks", "Waivers", "Quotes", "QuoteLines", "PriceRequests", "ValueGiven", "DealLines", "Documents", "MatchLog",
        "AdSpend", "Campaigns", "Contents", "Creatives", "EventGuests", "EventTopics", "Events", "Intents", "KeywordRanks", "Leads",
        "Milestones", "Meetings", "Okrs", "CoachingPlans", "GrowthLog", "Articles", "JointDays", "Stars",
    }  # fmt: skip


def test_a_late_deal_of_last_year_is_no_fault_of_the_new_plan_and_an_older_one_is(rolled: Path) -> None:
    """money.md 4: January after a locked December is a month like any other."""
    late = "单号,签单日期,客户,主办工号,收入,成本\nD8,2025-12-29,华丰,P2,100000,90000\n"
    brought(rolled, "late.csv", late, "Deals")
    do("commission", rolled)
    book = FileBook.open(rolled)
    assert [(row["period"], row["kind"]) for row in book.read("Ledger").rows if row["deal"] == "D8"] == [("2026-01", "late")]
    assert "deals.year" not in {problem.code for problem in findings.problems(book.package, compute(book.package))}
    brought(rolled, "old.csv", late.replace("D8", "D7").replace("2025", "2024"), "Deals")
    book = FileBook.open(rolled)
    assert "deals.year" in {problem.code for problem in findings.problems(book.package, compute(book.package))}
