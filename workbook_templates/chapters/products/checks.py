"""Prices sold below base were approved; the library of modules can be quoted from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from udfs.text import Text
from workbook_templates.answers import WARNING, Problem
from workbook_templates.chapters.products.pricing import uncovered
from workbook_templates.checking.core import Check, CheckList, Mistake, held
from workbook_templates.tables.grids import Grid


def _uncovered(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    tables = [held(grids, name) for name in ("DealLines", "Deals", "Products", "PriceRequests")]
    lines, deals, products, requests = tables
    if lines is None or deals is None or products is None or requests is None:
        return
    for index, text in uncovered(lines.rows, deals.rows, products.rows, requests.rows):
        yield Problem(lines.grid.sheet, *lines.at(index, "price"), text, WARNING, code="prices.covered")


def _library(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    modules = held(grids, "FlexModules")
    if modules is None:
        return
    codes = {str(row["code"]).casefold() for row in modules.rows if row.get("code")}
    for index, row in enumerate(modules.rows):
        for key in ("requires", "excludes"):
            for name in _named(row.get(key)):
                if name.casefold() == str(row.get("code") or "").casefold():
                    text = Text(f"{name} 不能指向自己", f"{name} can't name itself")
                elif key == "requires" and name.casefold() not in codes:
                    text = Text(f"依赖的模块 {name} 不在模块库", f"requires {name}, which is no module")
                else:
                    continue
                yield Problem(modules.grid.sheet, *modules.at(index, key), text, code="modules.library")


def _named(cell: object) -> list[str]:
    said = str(cell or "")
    for mark in "、，；;":
        said = said.replace(mark, ",")
    return [part.strip() for part in said.split(",") if part.strip()]


CHECKS = CheckList(25, (
    Check(
        "prices.covered", "DealLines", Text("低于基准价的成交都有批准的申请", "Sales below base price were approved"),
        Text("补价格申请，或核对单价与数量", "File a price request, or look at price and quantity"), WARNING, faults=_uncovered,
        fault=(Mistake("DealLines.price", 1.0, -1),),
    ),
    Check(
        "modules.library", "products", Text("模块库的依赖与互斥有效", "Modules require and exclude what there is"),
        Text("改正依赖或互斥的模块编码", "Correct the codes of modules required or excluded"), faults=_library,
        fault=(Mistake("FlexModules.requires", "M99", 1),),
    ),
))  # fmt: skip
