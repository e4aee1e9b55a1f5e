"""Plans that earlier versions made: what stands in them is still read, word by word and header by header.

The files of ``tests/landed/<version>/`` are that version's own and are never made anew.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from addin.book import FileBook
from tests.real import REPOSITORY
from workbook_templates.answers import Refused
from workbook_templates.tables import schema
from workbook_templates.tables.grids import hold

PLANS = sorted((REPOSITORY / "tests" / "landed").glob("*/*.xlsx"))
# What a version did not have yet: Tables, and columns by Table. Reading such a Table for use asks for the upgrade.
_NEW_TABLES = {
    "Accounts",
    "AdSpend",
    "AdoptionAhead",
    "AdoptionPoints",
    "AdoptionSeries",
    "Articles",
    "Benchmarks",
    "Booths",
    "Campaigns",
    "CarbonFactors",
    "Cases",
    "ClauseLibrary",
    "CoachingPlans",
    "Collections",
    "Competitors",
    "Contents",
    "ContractClauses",
    "Contracts",
    "CountryControls",
    "Creatives",
    "CreditScores",
    "Credits",
    "DealLines",
    "Documents",
    "DuplicateReview",
    "EventGuests",
    "EventTopics",
    "Events",
    "ExportChecks",
    "ExportControls",
    "FactorRatings",
    "Factors",
    "FlexModules",
    "ForecastLog",
    "ForecastScores",
    "GrowthLog",
    "Holds",
    "HsControls",
    "IndicatorValues",
    "Indicators",
    "Industries",
    "Intents",
    "JointDays",
    "KeywordRanks",
    "KillOrWin",
    "Leads",
    "MatchLog",
    "Meetings",
    "Milestones",
    "Okrs",
    "Opportunities",
    "PolicyChanges",
    "PolicyWatch",
    "PriceRequests",
    "Products",
    "ProjectTasks",
    "Projects",
    "QuotaChanges",
    "QuoteLines",
    "Quotes",
    "Readings",
    "Receivables",
    "RepairPlans",
    "Roles",
    "Rules",
    "Scenarios",
    "Sensors",
    "Shadows",
    "Shipments",
    "Signatures",
    "Sources",
    "SprintFund",
    "StageHistory",
    "StageRules",
    "Stars",
    "SurveyAnswers",
    "SurveyWaves",
    "TalentReviews",
    "TaskTemplates",
    "Tasks",
    "Tickets",
    "TierTables",
    "Travel",
    "ValueGiven",
    "Waivers",
    "Words",
}
_LATER = {
    "Customers": ["alias_of", "city", "code", "country"],
    "People": ["state"],
    "Regions": ["code"],
    "Outbox": ["digest"],  # 0.1.0 could not tell a draft that somebody changed
    "Deals": ["customer_kind", "due", "delivered", "entered_on", "entered_by", "approved_by", "approved_on", "source"],
    "Ledger": ["date", "component", "role", "member", "factor", "order_revenue", "order_cost", "product_line", "customer_kind"],
    "Draws": ["recover_from", "recover_most"],
    "Statements": ["paid", "payment", "reviewer_user", "approver_user", "seal"],
    "Approvals": ["paid", "user"],
}
NEW_TABLES: dict[str, set[str]] = {"0.1.0": _NEW_TABLES, "0.2.0": set()}
LATER = {"0.1.0": _LATER, "0.2.0": {"Deals": ["source"], "Ledger": ["product_line", "customer_kind"]}}


@pytest.mark.parametrize("path", PLANS, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_every_table_of_an_older_plan_is_read_and_its_words_are_known(path: Path) -> None:
    book = FileBook.open(path)
    rows = 0
    new, later = NEW_TABLES[path.parent.name], LATER[path.parent.name]
    assert {name for name in schema.TABLES if book.grid(name) is None} == new
    for name, spec in schema.TABLES.items():
        asked = [key for key in later.get(name, []) if not spec.by_key[key].formula]  # what is computed can wait
        if asked or name in new:
            with pytest.raises(Refused, match="salesplan upgrade" if asked else name):
                book.read(name)
        if name in new:
            continue
        held = hold(book.grid(name), spec, complete=False)
        rows += len(held.rows)
        for column in spec.inputs:
            if column.words and not column.open_words:
                known = {word.code for word in column.words} | {None, "", True, False}
                said = {row.get(column.key) for row in held.rows}
                assert said <= known, (name, column.key, said - known)
    assert rows > (1_000 if path.name.startswith("demo") else 0)


@pytest.mark.parametrize("path", PLANS, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_no_column_of_an_older_plan_is_lost(path: Path) -> None:
    """A header that was renamed since would be missed silently where the column is optional."""
    package = FileBook.open(path).package
    for name in schema.TABLES.keys() - NEW_TABLES[path.parent.name]:
        spec, ours = schema.TABLES[name], package.tables[name].headers
        unread = [c.key for c in spec.columns if not any(c.heads(h) for h in ours)]
        assert sorted(unread) == sorted(LATER[path.parent.name].get(name, [])), (name, unread)
        assert [h for h in ours if not any(c.heads(h) for c in spec.columns)] == [], name


@pytest.mark.parametrize(
    ("table", "key", "word", "code"),
    [
        ("People", "level", "Representative", "representative"),
        ("People", "line", "直销", "direct"),
        ("People", "line", "Channel", "channel"),
        ("People", "line", "解决方案", "solution"),
        ("Deals", "line", "普惠 Eco", "eco"),
        ("Deals", "line", "柔性 Flex", "flex"),
        ("Ledger", "kind", "Override", "manual"),
        ("Ledger", "status", "争议", "disputed"),
        ("Exams", "college", "财务学院", "finance"),
        ("Exams", "college", "Finance college", "finance"),
        ("Draws", "kind", "不可收回", "nonrecoverable"),
        ("Draws", "kind", "Advance", "advance"),
        ("Outbox", "kind", "提成单", "statement"),
        ("Outbox", "kind", "Dealer workbook", "dealer"),
        ("MailLog", "state", "被退回", "refused"),
        ("MailLog", "state", "不确定", "uncertain"),
    ],
)
def test_the_words_of_0_1_0_are_read_and_no_longer_written(table: str, key: str, word: str, code: str) -> None:
    column = schema.table(table).by_key[key]
    assert column.code(word) == code
    assert word not in column.shown(code)
