"""The ribbon: its groups, in the order of the year, and its buttons, found by themselves.

A button is an action, or one of ``addin.desktop.buttons`` for what only a person at Excel needs. No second list, no VBA.
Every host draws from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from addin import registry
from addin.action import GROUPS as TITLES
from addin.action import Action, Button, View
from udfs.text import Text

NAMESPACE = "http://schemas.microsoft.com/office/2009/07/customui"
TAB = "SalesPlan"
TAB_LABEL = Text("销售计划", "Sales Plan")
TAB_KEYTIP = "YS"  # Excel gives Y to tabs of add-ins; J is for tabs that come and go


@dataclass(frozen=True)
class Group:
    """A group of the tab; ``code`` is what a button's ``group`` says."""

    code: str
    label: Text
    order: int

    @property
    def id(self) -> str:
        return f"group_{self.code}"


GROUPS = tuple(Group(code, label, order) for order, (code, label) in enumerate(TITLES.items()))


def buttons() -> list[Button]:
    """Every button, in the order of the ribbon."""
    found = [*registry.buttons("addin.actions", "ACTION", Action), *registry.buttons("addin.desktop.buttons", "BUTTON", View)]
    return registry.ordered(found)


def find_button(id: str) -> Button:
    """The button with this id."""
    found = next((b for b in buttons() if b.id == id), None)
    if found is None:
        raise LookupError(f"no button is called {id!r}")
    return found


def large(button: Button) -> bool:
    """Tools are for now and then, so they stand small."""
    return button.group != "tools"


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
            found[f"{button.id}.tip"] = button.supertip
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
                size="large" if large(button) else "normal",
                imageMso=button.icon,
                keytip=button.keytip,
                getLabel="SalesPlanLabel",
                getScreentip="SalesPlanScreentip",
                getSupertip="SalesPlanSupertip",
                onAction="SalesPlanClicked",
            )
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True, pretty_print=True))


def _add(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}", attributes)
