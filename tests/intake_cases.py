"""The cases of exports as real systems write them (../shared/cases/intake), judged in one process: what run.py judges from outside.

The plan is opened once and nothing is written: what the actions say would come in is what is looked at.
"""

from __future__ import annotations

import argparse
import functools
import importlib.util
import json
import shlex
from collections import defaultdict
from pathlib import Path
from typing import Any

from addin.action import ATTENTION, DONE, FAILED
from addin.actions import import_, refresh
from addin.book import FileBook
from udfs.text import speaking
from workbook_templates.answers import Refused

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "cases"


@functools.cache
def judge():
    """The judge beside the cases: what is right is decided there."""
    spec = importlib.util.spec_from_file_location("shared_cases_run", FOLDER / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cases(folder: Path = FOLDER / "intake") -> list[dict[str, Any]]:
    """All of a folder; none where there is no folder."""
    expected = folder / "expected.json"
    return json.loads(expected.read_text("utf-8"))["cases"] if expected.is_file() else []


def seen(case: dict[str, Any], book: FileBook, folder: Path) -> dict[str, Any]:
    """What the product says and brings in of one case."""
    importing = case["kind"].startswith("import")
    action = import_.ACTION if importing else refresh.ACTION
    parser = argparse.ArgumentParser()
    action.declare(parser)
    file = str(folder / case["file"])
    args = [file, *shlex.split(case["kind"])[1:]] if importing else ["--transactions", file]
    options = parser.parse_args([*args, *case.get("options", [])])
    options.plan = "plan.xlsx"
    texts, data = [], None
    for lang in ("zh", "en"):
        with speaking(lang):
            try:
                outcome = action.run(book, options, lambda step: None)
            except Refused as refused:
                texts.append(str(refused))
                rc, figures = FAILED, nothing()
                continue
            texts += [str(outcome.summary), *map(str, outcome.notes), *(str(p.text) for p in outcome.problems)]
            if importing:
                found = outcome.details[1].outcome
                texts += [f"{r.column} {r.value} {r.reason}" for r in found.refusals]
                data = {"refusals": [{"line": (r.sheet, r.line)} for r in found.refusals]}
                rc, figures = ATTENTION if found.refused else DONE, of_deals(outcome)
            else:
                report = outcome.details
                texts += [f"{f.column} {f.value} {f.reason}" for f in report.findings()]
                rc, figures = ATTENTION if report.refused else DONE, of_customers(outcome)
    text = "\n".join(texts).replace(case["file"], "FILE")
    return {"rc": rc, "dry_rc": rc, "dry_wrote": False, "text": text, "data": data, "figures": figures}


def nothing() -> dict[str, Any]:
    return {"rows": 0, "revenue": 0, "cost": 0, "customers": {}, "months": {}, "ids": [], "last": None}


def of_deals(outcome) -> dict[str, Any]:
    rows = outcome.changes.added.get("Deals", [])
    by: dict[str, dict[str, float]] = {"customers": defaultdict(float), "months": defaultdict(float)}
    for row in rows:
        by["customers"][row["customer"]] = round(by["customers"][row["customer"]] + row["revenue"], 2)
        by["months"][f"{row['date']:%Y-%m}"] = round(by["months"][f"{row['date']:%Y-%m}"] + row["revenue"], 2)
    return {
        "rows": len(rows),
        "revenue": round(sum(row["revenue"] for row in rows), 2),
        "cost": round(sum(row["cost"] or 0 for row in rows), 2),
        "ids": sorted(row["id"] for row in rows),
        **by,
    }


def of_customers(outcome) -> dict[str, Any]:
    rows = [row for row in outcome.changes.added.get("Customers", []) if row.get("sales_12m") is not None]
    lasts = [str(row["last_purchase"]) for row in rows if row.get("last_purchase") is not None]
    return {
        "rows": outcome.data["transactions"]["counted"],
        "revenue": round(sum(row["sales_12m"] for row in rows), 2),
        "customers": {row["id"]: row["sales_12m"] for row in rows},
        "last": max(lasts, default=None),
    }


def faults(case: dict[str, Any], book: FileBook, folder: Path = FOLDER / "intake") -> tuple[list[str], dict[str, Any]]:
    """Why no outcome is what was seen; nothing when one is."""
    found = seen(case, book, folder)
    tried = [judge().against(outcome, found) for outcome in case["expect"]]
    return ([] if any(not why for why in tried) else min(tried, key=len)), found
