"""The buttons that work on a plan: one module each with its ``ACTION``, found by itself, the same in Excel and on the
command line."""

from __future__ import annotations

from addin import registry
from addin.action import Action


def every() -> dict[str, Action]:
    """The actions by name, in the order of the ribbon."""
    found = registry.buttons(__name__, "ACTION", Action)
    return {action.name: action for action in registry.ordered(found) if isinstance(action, Action)}
