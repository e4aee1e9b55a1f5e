"""Contributions of the chapters, found by themselves: a chapter's folder brings ``tables``, ``sheets``, ``checks``; nobody lists them twice.

Rooms below the chapters ask here by name, so that no import runs upwards.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import pkgutil
from types import ModuleType

CHAPTERS = "workbook_templates.chapters"


@functools.cache
def chapter_keys() -> tuple[str, ...]:
    """The chapters' folders."""
    found = importlib.import_module(CHAPTERS)
    return tuple(module.name for module in pkgutil.iter_modules(found.__path__) if module.ispkg)


@functools.cache
def modules(kind: str) -> tuple[ModuleType, ...]:
    """Every chapter's module ``kind``, or the modules in its folder of that name."""
    found: list[ModuleType] = []
    for chapter in chapter_keys():
        name = f"{CHAPTERS}.{chapter}.{kind}"
        if importlib.util.find_spec(name) is None:
            continue
        module = importlib.import_module(name)
        inner = [importlib.import_module(f"{name}.{m.name}") for m in pkgutil.iter_modules(getattr(module, "__path__", ()))]
        found += inner or [module]
    return tuple(found)
