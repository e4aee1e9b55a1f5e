"""个人指标 / Quotas by person: the year's quota shared by weights within floors and caps, then month by month."""

from __future__ import annotations

from openpyxl.utils import column_index_from_string, get_column_letter

from udfs.phasing import MONTHS
from udfs.text import Text
from workbook_templates.chapters.incentives.quota_months import OPEN
from workbook_templates.chapters.incentives.sheets.quotas import MONTH_FORMAT, counted
from workbook_templates.chapters.incentives.tables.accounts import ACCOUNT_STATES
from workbook_templates.page.builder import CUT, Page, Plan
from workbook_templates.page.navigation import RESULT
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import Watch
from workbook_templates.tables.schema import YUAN
from workbook_templates.xlsx.refs import MAX_ROW

_ROW = 7
_TOP = _ROW + 1
_ASKED, _DONE = "P", "AC"  # where the months of quotas and of what was reached begin


def _last(first: str) -> str:
    """The column of the twelfth month."""
    return str(get_column_letter(column_index_from_string(first) + MONTHS - 1))


def build(plan: Plan) -> None:
    page = plan.page(
        "quota_people",
        Text("个人指标", "Individual quotas"),
        Text("全年指标按权重分到人（守下限与上限），再按节奏分到在职月份", "The year's quota by person (weights, floors, caps), then by month employed"),
        freeze=f"D{_TOP}",
        todo=Text("填个人下限、上限；权重在“人员”表", "Fill in floors and caps; the weights stand on People"),
    )  # fmt: skip
    page.heading(f"B{_ROW - 2}", Text("人员与限额（填写）", "People and limits (fill in)"), until="G")
    page.print_titles(_ROW)
    page.records("Quotas", f"B{_ROW}")
    _quotas(plan, page)
    _actuals(plan, page)
    page.width(B=10, C=18, D=12, E=19.5, F=13, G=13, H=2.5, I=13, J=13, K=2.5, L=13, M=13, N=10, O=2.5, AB=2.5)
    for first in (_ASKED, _DONE):
        start = column_index_from_string(first)
        page.width(**{get_column_letter(at): 11.5 for at in range(start, start + MONTHS)})
    page.prints(f"A1:N{MAX_ROW}", CUT)  # the year and to date on paper, the months on the screen
    _watches(plan, page)


def _watches(plan: Plan, page: Page) -> None:
    """Everybody together against their own plan to date, and who is furthest behind."""
    quotas, n = plan.table("Quotas"), plan.name
    actual, due = f"{n('person_actual')}#", f"{n('person_due')}#"
    here = f"({due}>0)*({plan.gone(quotas.person)}=0)"  # who left can't be helped any more
    behind = f"IF({here}>0,{actual}/IF({due}>0,{due},1),10^9)"
    page.watch(
        Watch(
            "people.attainment", Text("个人达成合计", "People's attainment"), f"SUM({actual})", f"IF(SUM({due})=0,NA(),SUM({due}))", screen=3,
            basis=Text("达成口径", "attainment basis"), amount=f"SUM({due})-SUM({actual})",
            item=f"INDEX({quotas.person},MATCH(MIN({behind}),{behind},0))", table="People.id", owner="id", fresh=("Deals.date",),
            needs="Quotas.person",
        )
    )  # fmt: skip
    low = f"{here}*({actual}<{due}*{plan.policy('coaching.limit')})"
    page.watch(
        Watch(
            "people.behind", Text("达成低于辅导线的人员", "People below the coaching line"), f"SUMPRODUCT({low})", "0", screen=3, fmt="int",
            basis=Text("达成口径", "attainment basis"), lower=True, amount=f"SUMPRODUCT({low}*({due}-{actual}))",
            item=f"INDEX({quotas.person},MATCH(MIN({behind}),{behind},0))", table="People.id", owner="id", fresh=("Deals.date",),
            needs="Quotas.person",
        )
    )  # fmt: skip


def _quotas(plan: Plan, page: Page) -> None:
    """People's quotas add up to the company's; the months are those employed, after ramp, changes and what is sealed."""
    quotas, people = plan.table("Quotas"), plan.count("Quotas")
    total = plan.name("quota_total")
    page.heading(f"I{_ROW - 2}", Text("年度指标（计算）", "Quota (computed)"), until="J")
    none = f"{quotas.weight}*0"  # a nought each, in the shape of the result
    allocated = f"=IF({idle(plan)},{none},SALES_QUOTAALLOCATE({total},{quotas.weight},{quotas.floor},{quotas.cap}))"
    page.spill(f"I{_TOP}", allocated, people, 1, "money", "person_quota", [Text("分配", "Allocated")], [YUAN])
    page.heading(f"{_ASKED}{_ROW - 2}", Text("每月指标", "Quota by month"), until=_last(_ASKED))
    numbers = f"${_ASKED}${_ROW}:${_last(_ASKED)}${_ROW}"
    by_month = f"=IF({idle(plan)},{none}*{numbers},{month_quotas(plan)})"
    page.spill(f"{_ASKED}{_TOP}", by_month, people, MONTHS, "money", "person_months", [""] * MONTHS, [YUAN] * MONTHS)
    _months(plan, page, _ASKED)
    recorded = f"=IF({idle(plan)},{none},{of_person(plan, plan.name('person_months') + '#')})"
    page.spill(f"J{_TOP}", recorded, people, 1, "money", "person_recorded", [Text("全年在册", "Year on record")], [YUAN])


def _actuals(plan: Plan, page: Page) -> None:
    """What counts on the chosen basis, against what was asked for up to the as-of date."""
    people = plan.count("Quotas")
    page.heading(f"L{_ROW - 2}", Text("截止日期的达成", "Attainment to date"), until="N")
    page.heading(f"{_DONE}{_ROW - 2}", Text("每月业绩（口径见参数）", "Actual by month (basis: Settings)"), until=_last(_DONE))
    asked = f"=IF({idle(plan)},{plan.table('Quotas').weight}*0,{of_person(plan, _due(plan))})"
    columns = (
        ("L", Text("累计指标", "Quota to date"), asked, "money", "person_due"),
        ("M", Text("累计业绩", "Actual to date"), f"={_sum_of_months(plan.name('person_actuals'))}", "money", "person_actual"),
        ("N", Text("达成率", "Attainment"), f"=IF(L{_TOP}#=0,0,M{_TOP}#/L{_TOP}#)", "rate", "person_attainment"),
    )
    for letter, head, formula, fmt, name in columns:
        unit = YUAN if fmt == "money" else Text("比例", "share")
        page.spill(f"{letter}{_TOP}", formula, people, 1, fmt, name, [head], [unit])
    page.spill(
        f"{_DONE}{_TOP}", f"={person_actuals(plan)}", people, MONTHS, "money", "person_actuals", [""] * MONTHS, [YUAN] * MONTHS
    )
    _months(plan, page, _DONE)


def _months(plan: Plan, page: Page, letter: str) -> None:
    """The months' numbers as headers."""
    for month in range(MONTHS):
        head = page.sheet.cell(_ROW, column_index_from_string(letter) + month, month + 1)
        head.number_format = plan.t(MONTH_FORMAT)


def idle(plan: Plan) -> str:
    """Whether nothing can be shared yet."""
    return f"OR({plan.name('quota_total')}=0,SUM({plan.table('Quotas').weight})=0)"


def _due(plan: Plan) -> str:
    """Everybody's twelve months as far as they are due: months that are over, and of the one that runs the part that the plan to date has
    of it, by working days; all that is left of it of whoever has gone by then."""
    people, n = plan.table("People"), plan.name
    gone = f"SUMIFS({people.left},{people.id},{plan.table('Quotas').person})"
    numbers, running = n("quota_month_numbers"), f"({n('quota_month_numbers')}={n('months_closed')}+1)"
    begun = f"SALES_PLANTODATE({running}*1,{n('plan_year')},{n('as_of')})"
    part = f"IF(({gone}>0)*({gone}<={n('as_of')})>0,1,{begun})"
    return f"{n('person_months')}#*(({numbers}<={n('months_closed')})+{running}*{part})"


def month_quotas(plan: Plan) -> str:
    """Everybody's twelve months."""
    quotas, people, changes = plan.table("Quotas"), plan.table("People"), plan.table("QuotaChanges")
    accounts = plan.table("Accounts")
    open_ = plan.quoted(next(word.label for word in ACCOUNT_STATES if word.code == OPEN))
    not_sealed = f'({accounts.statement}="")+({accounts.statement}={open_})'
    sealed = f'IF({not_sealed}>0,"",{accounts.person})'
    given = (
        f"{plan.name('person_quota')}#", quotas.person, plan.name("plan_year"), people.id, people.joined, people.left,
        plan.policy("quota.pattern"), plan.policy("quota.months"), plan.policy("quota.ramp"),
        changes.person, changes.valid_from, changes.quota, sealed, accounts.month, accounts.quota,
    )  # fmt: skip
    return f"SALES_QUOTAMONTHS({','.join(given)})"


def person_actuals(plan: Plan, basis: str = "") -> str:
    """What counts for everybody with a quota, month by month, on a basis: the one that Settings names."""
    quotas, deals, credits = plan.table("Quotas"), plan.table("Deals"), plan.table("Credits")
    counting = counted(plan, basis or plan.policy("attainment.basis"), f"{deals.partner},{deals.seller_share}")
    return f"SALES_PERSONACTUALS({quotas.person},{counting},{credits.deal},{credits.person},{credits.role},{credits.share})"


def of_person(plan: Plan, months: str) -> str:
    """The sum of everybody's twelve month quotas: what a group of one carries."""
    quotas, people = plan.table("Quotas"), plan.table("People")
    who = ",".join((people.id, people.joined, people.left, people.id))
    return f"SALES_CARRIED({quotas.person},{months},{quotas.person},{plan.name('plan_year')},{who})"


def _sum_of_months(block: str) -> str:
    """The sums of the rows of a block that may hold negative months."""
    return "+".join(f"INDEX({block}#,0,{month})" for month in range(1, MONTHS + 1))


SHEET = PlanSheet(32, build, part=RESULT)
