"""What was decided to hold from a day on, instead of what Settings say from the start (money.md 3)."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.tables import policies
from workbook_templates.tables.spec import Column, PageSpec, TableSpec, TableSpecs

# As a person may type them, and as NUMBERVALUE reads them.
_WIDE = dict(zip("０１２３４５６７８９．％／，－\u3000", "0123456789.%/,- ", strict=True))


def _narrow(cell: str) -> str:
    for wide, narrow in _WIDE.items():
        cell = f'SUBSTITUTE({cell},"{wide}","{narrow}")'
    return cell


def _found(*lists: str) -> str:
    """The place of a row's key in the first list of Settings that has it."""
    first, *rest = (f"MATCH(TRIM({{key}}),policy_{name},0)" for name in lists)
    return first if not rest else f"IFERROR({first},{_found(*lists[1:])})"


_POLICY_CHANGES = TableSpec(
    policies.TABLE,
    Text("制度变更", "Policy changes"),
    (
        Column(
            "key",
            Text("制度参数", "Policy value"),
            note=Text(
                "参数的键或名称（中英文均可），如 commission.rates、提成比例：见“参数”页末的一览",
                "its key or label in either language, such as commission.rates: listed at the end of Settings",
            ),
        ),
        Column("valid_from", Text("生效日期", "Valid from"), "date"),
        Column(
            "value",
            Text("新值", "Value"),
            note=Text("多项用 / 分隔，如 4% / 6% / 9%", "several parts with /, such as 4% / 6% / 9%"),
        ),
        Column("by", Text("决定人", "Decided by")),
        Column("reason", Text("原因", "Reason")),
        Column("on", Text("登记日期", "Entered on"), "date", required=False),
        Column(
            "policy",
            Text("参数键", "Key read"),
            formula="=IFERROR(INDEX(policy_keys," + _found("keys", "labels", "other_labels", "names") + '),"")',
        ),
        Column("read", Text("读作", "Read as"), formula="=IF(ISNUMBER({value}),{value}," + _narrow("TRIM({value})") + ")"),
        Column(
            "current",
            Text("现行参数", "In force"),
            formula='=IF(ISNUMBER({valid_from})*({policy}<>""),'
            'IF(({valid_from}<=as_of)*(COUNTIFS({PolicyChanges.policy},{policy},{PolicyChanges.valid_from},">"&{valid_from},'
            '{PolicyChanges.valid_from},"<="&as_of)=0),{policy},""),"")',
        ),
    ),
    ("key", "valid_from"),
    page=PageSpec(
        2.5,
        Text(
            "制度参数从某日起的新值；以前的订单仍按当时的值，参数页显示截止日期当天的值",
            "New values from a day on; older deals keep theirs, Settings shows the as-of day's",
        ),
        Text(
            "年中改比例用“制度变更”，不要直接改参数", "To change a rate in mid-year use Policy change, don't overwrite Settings"
        ),
    ),
)

TABLES = TableSpecs(3, (_POLICY_CHANGES,))
