"""Contributions of the chapters, found by themselves: a chapter's folder brings ``tables``, ``sheets``, ``checks``; nobody lists them twice.

Rooms below the chapters ask here by name, so that no import runs upwards.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import itertools
import pkgutil
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType

from udfs.formula import CHAPTERS as TITLES
from udfs.text import Text

CHAPTERS = "workbook_templates.chapters"
LAST = max(TITLES)


class ChapterError(Exception):
    """A chapter that is not declared as it must be: for the developer, at import."""


@dataclass(frozen=True)
class Chapter:
    """A chapter of the plan, declared once in its folder as ``CHAPTER``; number 0 is what every plan has.

    ``key`` is its folder's name, ``label`` its short name on tabs and in lists, ``colour`` that of its tabs. ``needs``: the chapters
    whose figures its own formulas are worked out from. Its title is the catalogue's.
    """

    number: int
    key: str
    label: Text
    colour: str
    needs: tuple[int, ...] = ()

    @property
    def title(self) -> Text:
        """What it is called, as in the catalogue of functions."""
        return TITLES[self.number]

    @property
    def switched(self) -> bool:
        """Whether a plan may do without it."""
        return self.number > 0


@functools.cache
def chapter_keys() -> tuple[str, ...]:
    """The chapters' folders."""
    found = importlib.import_module(CHAPTERS)
    return tuple(module.name for module in pkgutil.iter_modules(found.__path__) if module.ispkg)


def checked(found: Iterable[Chapter]) -> tuple[Chapter, ...]:
    """Chapters in the order of their numbers; refused when two would be taken for each other or one needs what is not there."""
    every = sorted(found, key=lambda chapter: chapter.number)
    for one in every:
        if one.number not in TITLES:
            raise ChapterError(f"{one.key}: the catalogue has no chapter {one.number}")
        if not re.fullmatch(r"[0-9A-F]{6}", one.colour):
            raise ChapterError(f"{one.key}: {one.colour!r} is no colour")
        lacking = sorted(set(one.needs) - {c.number for c in every if c.switched and c.number != one.number})
        if lacking:
            raise ChapterError(f"{one.key} needs chapter {lacking[0]}, which is none")
    for one, other in itertools.combinations(every, 2):
        if one.key == other.key:
            raise ChapterError(f"two chapters are called {one.key}")
        if one.switched and one.number == other.number:
            raise ChapterError(f"{one.key} and {other.key} are both chapter {one.number}")
    return tuple(every)


@functools.cache
def chapters() -> tuple[Chapter, ...]:
    """The chapters that are there, in order; those with number 0 first."""
    found = []
    for key in chapter_keys():
        chapter = vars(importlib.import_module(f"{CHAPTERS}.{key}")).get("CHAPTER")
        if not isinstance(chapter, Chapter) or chapter.key != key:
            raise ChapterError(f"{CHAPTERS}.{key}: CHAPTER must be a Chapter with this key")
        found.append(chapter)
    return checked(found)


@functools.cache
def numbered() -> Mapping[int, Chapter]:
    """The chapters that can be switched, by number."""
    return {chapter.number: chapter for chapter in chapters() if chapter.switched}


@functools.cache
def home_of(module: str) -> Chapter:
    """The chapter in whose folder a module stands."""
    found = re.match(rf"{re.escape(CHAPTERS)}\.(\w+)\.", module + ".")
    chapter = next((c for c in chapters() if found is not None and c.key == found[1]), None)
    if chapter is None:
        raise ChapterError(f"{module} stands in no chapter's folder")
    return chapter


def with_needs(numbers: Iterable[int]) -> frozenset[int]:
    """Chapters together with all they need."""
    out = set(numbers)
    while more := {need for number in out for need in numbered()[number].needs} - out:
        out |= more
    return frozenset(out)


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
