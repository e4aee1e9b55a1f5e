"""What the year's targets come from; nobody's pay waits for it."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.tables.steps import NextStep, Steps, none_in, without

STEPS = Steps(10, (
    NextStep(
        code="regions",
        what=Text("填各区域市场，得出全年目标", "Enter the regions' markets: the year's targets follow"),
        button=Text("在“1 市场”页填写，或点“导入”、表填 Regions", "Fill in 1 Market, or click Import and give Regions"),
        command=Text("salesplan import 区域.csv {plan} --table Regions", "salesplan import regions.csv {plan} --table Regions"),
        place="Regions", missing=without("Regions"), formula=none_in("Regions", "region"), can_wait=True,
    ),
))  # fmt: skip
