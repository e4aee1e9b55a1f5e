"""Contributions, found by themselves: a chapter's folder brings ``tables``, ``sheets``, ``checks`` and ``follows``, ``mailed`` its kinds.

Each is a typed constant of its module; nobody lists it a second time. What a developer could get wrong is refused here when anything is
loaded, and says which module and what: a module that registers nothing or something else, or a doubled place. Rooms below the
chapters ask here by name, so that no import runs upwards.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import pkgutil
from collections.abc import Iterable
from types import ModuleType
from typing import Protocol, TypeVar

CHAPTERS = "workbook_templates.chapters"


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
