"""Contributions, found by themselves: a chapter's folder brings ``tables``, ``sheets``, ``checks`` and ``follows``,
``mailed`` its kinds.

Each is a typed constant of its module; nobody lists it a second time. What a developer could get wrong is refused here when
anything is loaded, and says which module and what: a module that registers nothing or something else, or a doubled place.
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
from typing import Protocol, TypeVar

from udfs.formula import CHAPTERS as TITLES
from udfs.text import Text

CHAPTERS = "workbook_templates.chapters"
LAST = max(TITLES)


class ChapterError(Exception):
    """A chapter that is not declared as it must be: for the developer, at import."""


@dataclass(frozen=True)
class Chapter:
    """A chapter of the plan, declared once in its folder as ``CHAPTER``; number 0 is what every plan has.

    ``key`` is its folder's name, ``label`` its short name on tabs and in lists, ``colour`` that of its tabs. ``needs``: the
    chapters whose figures its own formulas are worked out from. Its title is the catalogue's.
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


class Contribution(Protocol):
    """What a module registers; ``order`` is its place among its kind."""

    @property
    def order(self) -> float: ...


Registered = TypeVar("Registered", bound=Contribution)


class ContributionError(Exception):
    """A module that is not written as it must be: for the developer, at import."""


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
def modules(kind: str) -> tuple[str, ...]:
    """The names of every chapter's module ``kind``, or of the modules in its folder of that name."""
    found: list[str] = []
    for chapter in chapter_keys():
        name = f"{CHAPTERS}.{chapter}.{kind}"
        spec = importlib.util.find_spec(name)
        if spec is not None:
            found += [name] if spec.submodule_search_locations is None else inside(name)
    return tuple(found)


def inside(package: str) -> list[str]:
    """The names of the modules of a package."""
    return [f"{package}.{entry.name}" for entry in pkgutil.iter_modules(importlib.import_module(package).__path__)]


def gathered(names: Iterable[str], attribute: str, kind: type[Registered]) -> dict[str, Registered]:
    """What each of these modules registers under ``attribute``, by module, in order."""
    found = {name: _registered(importlib.import_module(name), attribute, kind) for name in names}
    places: dict[float, str] = {}
    for name, thing in found.items():
        other = places.setdefault(thing.order, name)
        if other != name:
            raise ContributionError(f"{other} and {name}: both are at place {thing.order} of {attribute}")
    return dict(sorted(found.items(), key=lambda item: item[1].order))


def of_chapters(kind: str, attribute: str, type_: type[Registered]) -> dict[str, Registered]:
    """What the chapters register of a kind, by module, in order."""
    return gathered(modules(kind), attribute, type_)


def _registered(module: ModuleType, attribute: str, kind: type[Registered]) -> Registered:
    thing = vars(module).get(attribute)
    if not isinstance(thing, kind):
        raise ContributionError(f"{module.__name__}: {attribute} must be a {kind.__name__}")
    return thing
