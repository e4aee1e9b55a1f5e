"""The one place where actions, other buttons and commands are found: each is a module of its folder that says what it is.

What a developer could get wrong is refused here, when anything is loaded, and says which modules and what: a module that
registers nothing, a doubled name, keytip or place, an unknown group. Folders are asked by name, so that no import runs upwards.
"""

from __future__ import annotations

import importlib
import itertools
import pkgutil
import re
from collections.abc import Iterable
from types import ModuleType
from typing import TypeVar

from addin.action import GROUPS, Button

Registered = TypeVar("Registered")


class RegistryError(Exception):
    """A module that is not written as it must be: for the developer, at import."""


def registered(package: str, attribute: str, kind: type[Registered]) -> dict[ModuleType, Registered]:
    """What every module of a package registers under ``attribute``. A helper that registers nothing begins with an underscore."""
    found: dict[ModuleType, Registered] = {}
    for entry in pkgutil.iter_modules(importlib.import_module(package).__path__):
        if entry.name.startswith("_"):
            continue
        module = importlib.import_module(f"{package}.{entry.name}")
        thing = vars(module).get(attribute)
        if not isinstance(thing, kind):
            raise RegistryError(f"{module.__name__}: {attribute} must be a {kind.__name__}")
        found[module] = thing
    return found


def module_named(package: str, name: str) -> ModuleType | None:
    """The module of a package that registers under a name; a word that Python keeps for itself has an underscore behind it."""
    for entry in pkgutil.iter_modules(importlib.import_module(package).__path__):
        if entry.name.removesuffix("_") == name and not entry.name.startswith("_"):
            return importlib.import_module(f"{package}.{entry.name}")
    return None


def buttons(package: str, attribute: str, kind: type[Button]) -> list[Button]:
    """The buttons of a package, each written in the module that registers it, since its name is the module's."""
    found = registered(package, attribute, kind)
    for module, button in found.items():
        if button.module != module.__name__:
            raise RegistryError(f"{module.__name__}: its run is {button.module}'s")
    return list(found.values())


def ordered(shown: Iterable[Button]) -> list[Button]:
    """Buttons in the order of the ribbon; refused when any two would be taken for each other."""
    every = list(shown)
    for button in every:
        if button.group not in GROUPS:
            raise RegistryError(f"{button.module}: no group {button.group!r}; there are {', '.join(GROUPS)}")
        if not re.fullmatch(r"[A-Z0-9]{1,3}", button.keytip):
            raise RegistryError(f"{button.module}: keytip {button.keytip!r}: one to three capital letters or digits")
    for one, other in itertools.combinations(every, 2):
        if clash := _clash(one, other):
            raise RegistryError(f"{one.module} and {other.module}: {clash}")
    places = list(GROUPS)
    return sorted(every, key=lambda b: (places.index(b.group), b.order))


def _clash(one: Button, other: Button) -> str:
    """Office runs a control as soon as its keytip is typed, so one that begins another hides it."""
    if one.name == other.name:
        return f"both are called {one.name}"
    if one.keytip.startswith(other.keytip) or other.keytip.startswith(one.keytip):
        return f"keytips {one.keytip} and {other.keytip}: one begins the other"
    if (one.group, one.order) == (other.group, other.order):
        return f"both are at place {one.order} of group {one.group}"
    return ""
