"""个人指标 / Quotas by person: the year's quota shared by weights within floors and caps, then month by month."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.chapters.incentives.sheets.quotas import MONTH_FORMAT
from workbook_templates.page.builder import Page, Plan
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables.schema import YUAN

_ROW = 7
_TOP = _ROW + 1


def build(plan: Plan) -> None:
    page = plan.page(
        "quota_people",
        Text("个人指标", "Individual quotas"),
        Text("全年指标按权重分到人（在职天数折算，守下限与上限），再分到月", "The year's quota by person (weights by days employed, floors and caps kept), then by month"),
        freeze=f"D{_TOP}",
        todo=Text("填个人下限、上限；权重在“人员”表", "Fill in floors and caps; the weights stand on People"),
    )  # fmt: skip
    page.heading(f"B{_ROW - 2}", Text("人员与限额（填写）", "People and limits (fill in)"), until="G")
    page.print_titles(_ROW)
    page.records("Quotas", f"B{_ROW}")
    _quotas(plan, page)
    page.width(B=10, C=18, D=12, E=17, F=13, G=13, H=2.5, I=13, **dict.fromkeys("JKLMNOPQRSTU", 11.5))


def _quotas(plan: Plan, page: Page) -> None:
    """A person's months add up to the person's quota, and the people to the company's, exactly."""
    quotas, people = plan.table("Quotas"), plan.count("Quotas")
    total, months = plan.name("quota_total"), plan.name("quota_months")
    idle = f"OR({total}=0,SUM({quotas.weight})=0)"
    page.heading(f"I{_ROW - 2}", Text("年度与月度指标（计算）", "Quota of the year and its months (computed)"), until="U")
    allocated = f"=IF({idle},0,SALES_QUOTAALLOCATE({total},{quotas.weight},{quotas.floor},{quotas.cap}))"
    page.spill(f"I{_TOP}", allocated, people, 1, "money", "person_quota", [Text("全年", "Year")], [YUAN])
    by_month = f"=IF({idle},0,SALES_QUOTASPLIT(I{_TOP}#,{months}))"
    page.spill(f"J{_TOP}", by_month, people, 12, "money", "person_months", [""] * 12, [YUAN] * 12)
    for month in range(1, 13):
        head = page.sheet.cell(_ROW, 9 + month, month)
        head.number_format = plan.t(MONTH_FORMAT)


SHEET = PlanSheet(32, build)
