"""The ribbon: its groups, in the order of the year, and its buttons, found by themselves.

A button is a module of ``addin.actions`` (or of ``addin.desktop.buttons`` for what only a person at Excel needs) with ``LABEL``,
``TIP``, ``GROUP``, ``ICON``, ``KEYTIP``, ``ORDER`` and ``run(book, …)``. No second list, no VBA. Every host draws from here.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

from lxml import etree

from addin import actions
from udfs.text import Text

NAMESPACE = "http://schemas.microsoft.com/office/2009/07/customui"
TAB = "SalesPlan"
TAB_LABEL = Text("销售计划", "Sales Plan")
TAB_KEYTIP = "YS"  # Excel gives Y to tabs of add-ins; J is for tabs that come and go
PACKAGES = ("addin.actions", "addin.desktop.buttons")


@dataclass(frozen=True)
class Group:
    """A group of the tab; ``code`` is what a button's GROUP says."""

    code: str
    label: Text
    order: int

    @property
    def id(self) -> str:
        return f"group_{self.code}"


GROUPS = tuple(Group(code, label, order) for order, (code, label) in enumerate(actions.GROUPS.items()))


@dataclass(frozen=True)
class Button:
    """A button as every host shows it; ``module`` is where its ``run`` is."""

    id: str
    label: Text
    tip: Text
    group: str
    icon: str
    keytip: str
    order: int
    module: str

    @property
    def large(self) -> bool:
        """Tools are for now and then, so they stand small."""
        return self.group != "tools"

    def load(self) -> ModuleType:
        """The module behind the button."""
        return importlib.import_module(self.module)


class RibbonError(ValueError):
    """A button that could not be shown as it is written."""


def buttons() -> list[Button]:
    """Every button, in the order of the ribbon; the first of two with one name wins (actions come first)."""
    found: dict[str, Button] = {}
    for name in _modules():
        button = _button(importlib.import_module(name))
        if button and button.id not in found:
            found[button.id] = button
    order = {group.code: group.order for group in GROUPS}
    return sorted(found.values(), key=lambda b: (order[b.group], b.order, b.id))


def find_button(id: str) -> Button:
    """The button with this id."""
    found = next((b for b in buttons() if b.id == id), None)
    if found is None:
        raise RibbonError(f"no button is called {id!r}")
    return found


def _modules() -> Iterator[str]:
    for package in PACKAGES:
        if importlib.util.find_spec(package) is None:
            continue
        for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
            if not module.name.startswith("_"):
                yield f"{package}.{module.name}"


def _button(module: ModuleType) -> Button | None:
    """A module without a LABEL is a helper of the others, not a button."""
    if not hasattr(module, "LABEL"):
        return None
    name = module.__name__.rsplit(".", 1)[-1].strip("_")
    lacking = [n for n in ("TIP", "GROUP", "ICON", "KEYTIP", "ORDER", "run") if not hasattr(module, n)]
    if lacking:
        raise RibbonError(f"{module.__name__} lacks {', '.join(lacking)}")
    if module.GROUP not in {group.code for group in GROUPS}:
        raise RibbonError(f"{module.__name__}: no group {module.GROUP!r}")
    if not re.fullmatch(r"[A-Z0-9]{1,3}", module.KEYTIP):
        raise RibbonError(f"{module.__name__}: keytip {module.KEYTIP!r}: one to three letters or digits")
    # Before anything is changed, the button says what will be: ABOUT.
    tip = module.TIP + "\n" + module.ABOUT if hasattr(module, "ABOUT") else module.TIP
    return Button(name, module.LABEL, tip, module.GROUP, module.ICON, module.KEYTIP, module.ORDER, module.__name__)


def shown_groups(shown: list[Button]) -> Iterator[tuple[Group, list[Button]]]:
    """The groups that have buttons, with them."""
    for group in GROUPS:
        if members := [b for b in shown if b.group == group.code]:
            yield group, members


def texts(shown: list[Button]) -> dict[str, Text]:
    """Every text the ribbon asks for, by the key it asks with: the control's id and what is wanted."""
    found = {f"{TAB}.label": TAB_LABEL}
    for group, members in shown_groups(shown):
        found[f"{group.id}.label"] = group.label
        for button in members:
            found[f"{button.id}.label"] = button.label
            found[f"{button.id}.tip"] = button.tip
    return found


def custom_ui(shown: list[Button]) -> bytes:
    """The ribbon as ``customUI14.xml``; labels and tips come through callbacks, in the language of Excel's menus."""
    root = etree.Element(f"{{{NAMESPACE}}}customUI", nsmap={None: NAMESPACE})
    tab = _add(_add(_add(root, "ribbon"), "tabs"), "tab", id=TAB, getLabel="SalesPlanLabel", keytip=TAB_KEYTIP)
    for group, members in shown_groups(shown):
        box = _add(tab, "group", id=group.id, getLabel="SalesPlanLabel")
        for button in members:
            _add(
                box,
                "button",
                id=button.id,
                size="large" if button.large else "normal",
                imageMso=button.icon,
                keytip=button.keytip,
                getLabel="SalesPlanLabel",
                getScreentip="SalesPlanScreentip",
                getSupertip="SalesPlanSupertip",
                onAction="SalesPlanClicked",
            )
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True, pretty_print=True)


def _add(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}", attributes)
