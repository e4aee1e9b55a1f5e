"""Files as other systems export them after the sample's day: CRM, service desk, survey agency, ad platform; something to try import with.

Their headers are those systems' words, not ours; what is in them fits the story's plan, so that nothing is refused.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from udfs.text import Text
from workbook_templates.tables import schema
from workbook_templates.tables.schema import Company, Row

_SEED = 707
NAMES = {
    "Opportunities": Text("商机-CRM导出.csv", "opportunities-crm.csv"),
    "Tickets": Text("工单-服务系统导出.csv", "tickets-service-desk.csv"),
    "SurveyAnswers": Text("NPS答卷-机构导出.csv", "nps-answers-agency.csv"),
    "AdSpend": Text("投放-平台导出.csv", "ad-spend-platform.csv"),
}


@dataclass(frozen=True)
class OtherFile:
    """A file: its name, the Table it is for, its header and rows."""

    name: Text
    table: str
    header: Sequence[Text]
    rows: Sequence[Sequence[Any]]


def exports(company: Company) -> list[OtherFile]:
    """Of the first days after the company's day, in the language in force."""
    chance = random.Random(_SEED)
    out = []
    for (table, name), made in zip(NAMES.items(), (_opportunities, _tickets, _answers, _spend), strict=True):
        header, rows = made(chance, company)
        if rows:
            out.append(OtherFile(name, table, header, rows))
    return out


_STAGES = (Text("初步接洽", "Qualify"), Text("需求确认", "Develop"))  # as CRMs call the first two


def _word(table: str, column: str, code: str) -> str:
    """How a system writes one of a column's words."""
    return str(next(word.label for word in schema.table(table)[column].words if word.code == code))


def _signing(company: Company) -> list[Row]:
    gone = {row["id"] for row in company.of("People") if row.get("left")}
    return [row for row in company.of("Customers") if row.get("owner") and row["owner"] not in gone]


def _opportunities(chance: random.Random, company: Company) -> tuple[list[Text], list[list[Any]]]:
    """Six new ones, two of them already in their second stage."""
    header = [
        Text("商机编码", "Opportunity ID"), Text("主题", "Topic"), Text("客户号", "Account ID"), Text("销售阶段", "Sales stage"),
        Text("预计金额", "Est. revenue"), Text("阶段变更时间", "Last stage change date"), Text("创建时间", "Created on"),
        Text("负责人", "Owner ID"), Text("竞争对手", "Competitor"), Text("预计成交日期", "Est. close date"),
    ]  # fmt: skip
    rows: list[list[Any]] = []
    for number, customer in enumerate(chance.sample(_signing(company), 6)):
        opened = company.day() + dt.timedelta(days=1 + number % 3)
        second = number % 3 == 2
        rows.append([
            f"CRM-{company.year}07{number + 1:02d}", str(Text(f"产线改造意向 {number + 1}", f"line revamp {number + 1}")), customer["id"],
            str(_STAGES[second]), 10_000 * chance.randint(60, 320), opened + dt.timedelta(days=2 * second),
            opened, customer["owner"], None, opened + dt.timedelta(days=chance.randint(60, 150)),
        ])  # fmt: skip
    return header, rows


def _tickets(chance: random.Random, company: Company) -> tuple[list[Text], list[list[Any]]]:
    """Eight calls of two days; one answered after more than four hours, one waiting for its part."""
    header = [
        Text("工单编号", "Case number"), Text("客户编号", "Customer ID"), Text("设备编号", "Serial number"), Text("报修时间", "Created time"),
        Text("配件类型", "Part type"), Text("响应时间", "First response"), Text("备件到货时间", "Part arrived"), Text("停机时间", "Down since"),
        Text("修复时间", "Restored at"), Text("服务工程师", "Assignee"),
    ]  # fmt: skip
    customers, engineer = _signing(company), str(Text("韩骁", "Han Xiao"))
    rows: list[list[Any]] = []
    for number in range(8 if customers else 0):
        opened = dt.datetime.combine(company.day() + dt.timedelta(days=1 + number % 2), dt.time(8 + number, 15))
        late = number == 5
        part = ("none", "common", "none", "other")[number % 4]
        arrived = opened + dt.timedelta(hours=20 if part == "common" else 60)
        rows.append([
            f"SR-{company.year}-{700 + number}", customers[(7 * number) % len(customers)]["id"], f"EQ-{140 + number}", opened,
            _word("Tickets", "part", part), opened + dt.timedelta(hours=5.5 if late else 1 + number % 3),
            None if part == "none" or number == 7 else arrived, opened - dt.timedelta(minutes=20), opened + dt.timedelta(minutes=80 + 10 * number), engineer,
        ])  # fmt: skip
    return header, rows


def _answers(chance: random.Random, company: Company) -> tuple[list[Text], list[list[Any]]]:
    """Late answers of the newest wave."""
    header = [
        Text("批次", "Wave"),
        Text("客户编号", "Customer ID"),
        Text("受访人", "Contact"),
        Text("推荐意愿", "NPS score"),
        Text("反馈", "Verbatim"),
    ]
    waves, customers = [str(row["quarter"]) for row in company.of("SurveyWaves")], _signing(company)
    if not waves or not customers:
        return header, []
    said = (
        (10, Text("换型很快", "change-over is quick")),
        (9, None),
        (8, None),
        (6, Text("备件等了四天", "waited four days for a part")),
        (10, None),
    )
    return header, [
        [
            max(waves),
            chance.choice(customers)["id"],
            str(Text(f"设备经理 {n}", f"plant manager {n}")),
            score,
            None if text is None else str(text),
        ]
        for n, (score, text) in enumerate(said, 1)
    ]


def _spend(chance: random.Random, company: Company) -> tuple[list[Text], list[list[Any]]]:
    """Three days of the campaigns that are running."""
    header = [
        Text("日期", "Date"), Text("流量池", "Pool"), Text("推广计划", "Campaign"), Text("素材", "Creative"), Text("展现", "Impressions"),
        Text("点击", "Clicks"), Text("消耗", "Cost"), Text("线索数", "Leads"),
    ]  # fmt: skip
    rows: list[list[Any]] = []
    for campaign in company.of("Campaigns"):
        for day in range(1, 4):
            leads = chance.randint(3, 9)
            rows.append([
                company.day() + dt.timedelta(days=day), _word("AdSpend", "pool", campaign["pool"]), campaign["campaign"],
                f"{campaign['campaign']}-4", 900 + 400 * leads, 30 + 14 * leads, round(leads * chance.uniform(95, 180), 2), leads,
            ])  # fmt: skip
    return header, rows
