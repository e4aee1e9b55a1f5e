"""The ribbon's definition, against Microsoft's schema for customUI14 as the Open XML SDK has it (carried by openxml-audit)."""

from __future__ import annotations

import importlib.resources
import json
import re
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from lxml import etree

from addin import actions, ribbon
from addin.desktop import ribbon as desktop
from udfs.text import Text
from workbook_templates.saving import Refused

SCHEMA = "data/openxml/schemas/schemas_microsoft_com_office_2009_07_customui.json"
SUPERTIP, LABEL = 1024, 1024  # ST_String of the schema


@cache
def schema() -> dict[str, Any]:
    text = importlib.resources.files("openxml_audit").joinpath(SCHEMA).read_text(encoding="utf-8")
    return {kind["Name"]: kind for kind in json.loads(text)["Types"]}


def faults(element: etree._Element, kind: dict[str, Any]) -> list[str]:
    """What the schema says against an element and all below it: attributes, children, required and limited values."""
    tag = etree.QName(element).localname
    allowed = {a["QName"].lstrip(":"): a for a in kind.get("Attributes", [])}
    found = [f"{tag}: no attribute {name}" for name in element.attrib if name not in allowed]
    for name, attribute in allowed.items():
        for validator in attribute.get("Validators", []):
            found += _invalid(tag, name, element.get(name), validator)
    children = {c["Name"].rsplit(":", 1)[1]: c["Name"] for c in kind.get("Children", [])}
    for child in element:
        name = etree.QName(child).localname
        found += faults(child, schema()[children[name]]) if name in children else [f"{tag}: no child {name}"]
    return found


def _invalid(tag: str, name: str, value: str | None, validator: dict[str, Any]) -> list[str]:
    if value is None:
        return [f"{tag} lacks {name}"] if validator["Name"] == "RequiredValidator" else []
    limits = {a["Name"]: a["Value"] for a in validator.get("Arguments", [])}
    if validator["Name"] == "StringValidator" and "Pattern" in limits and not re.fullmatch(limits["Pattern"], value):
        return [f"{tag} {name}={value!r} is not {limits['Pattern']}"]
    if not int(limits.get("MinLength", 0)) <= len(value) <= int(limits.get("MaxLength", 10**6)):
        return [f"{tag} {name}={value!r} is too short or long"]
    return []


def drawn() -> etree._Element:
    return etree.fromstring(ribbon.custom_ui(ribbon.buttons()))


def test_the_ribbon_keeps_to_microsofts_schema() -> None:
    root = drawn()
    assert root.tag == f"{{{ribbon.NAMESPACE}}}customUI"
    (kind,) = (k for name, k in schema().items() if name.endswith(":customUI"))
    assert faults(root, kind) == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda b: b.set("onClick", "x"), "no attribute onClick"),
        (lambda b: b.set("keytip", "TOOLONG"), "keytip"),
        (lambda b: etree.SubElement(b, f"{{{ribbon.NAMESPACE}}}button"), "no child button"),
    ],
)
def test_the_schema_check_sees_faults(spoil: Any, said: str) -> None:
    root = drawn()
    spoil(next(root.iter(f"{{{ribbon.NAMESPACE}}}button")))
    (kind,) = (k for name, k in schema().items() if name.endswith(":customUI"))
    assert any(said in fault for fault in faults(root, kind))


def test_every_action_has_its_button_in_the_order_of_the_year() -> None:
    shown = ribbon.buttons()
    assert {b.module for b in shown} >= {action.__name__ for action in actions.every().values()}
    order = [g.code for g in ribbon.GROUPS]
    assert order == ["plan", "targets", "customers", "incentives", "budget", "mail", "tools"]
    assert [order.index(b.group) for b in shown] == sorted(order.index(b.group) for b in shown)


def test_ids_and_keytips_are_unique_and_every_control_has_its_texts() -> None:
    shown, root = ribbon.buttons(), drawn()
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids)) and all(re.fullmatch(r"[A-Za-z]\w*", i) for i in ids)
    tips = [b.keytip for b in shown]
    assert not [(a, b) for a in tips for b in tips if a is not b and b.startswith(a)], "a keytip must not begin another"
    texts = ribbon.texts(shown)
    for element in root.iter():
        if element.get("getLabel"):
            assert all(0 < len(t) <= LABEL for t in texts[f"{element.get('id')}.label"])
        if element.get("getSupertip"):
            assert all(0 < len(t) <= SUPERTIP for t in texts[f"{element.get('id')}.tip"])


def test_a_button_that_is_not_written_as_it_must_be_is_refused() -> None:
    whole = {
        "LABEL": Text("甲", "A"),
        "TIP": Text("乙", "B"),
        "GROUP": "plan",
        "ICON": "Help",
        "KEYTIP": "X",
        "ORDER": 1,
        "run": print,
    }
    module = SimpleNamespace(__name__="addin.actions.some", **whole)
    assert ribbon._button(module).id == "some"  # type: ignore[arg-type, union-attr]
    for name, bad in (("GROUP", "plans"), ("KEYTIP", "long one")):
        with pytest.raises(ribbon.RibbonError):
            ribbon._button(SimpleNamespace(__name__="a.b", **{**whole, name: bad}))  # type: ignore[arg-type]
    del module.TIP
    with pytest.raises(ribbon.RibbonError, match="TIP"):
        ribbon._button(module)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------------------ clicking


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    heard: list[str] = []
    monkeypatch.setattr(desktop, "show", lambda message, button, book: heard.append(message) or message)
    return heard


def test_without_a_workbook_a_click_says_to_open_one(said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desktop, "_book", lambda workbook: None)
    assert desktop.clicked("check", "en") == desktop.OPEN_FIRST.en
    assert "SalesPlan" in desktop.clicked("about", "zh") and len(said) == 2


def test_a_refusal_is_told_in_its_own_words_and_a_fault_is_logged(
    said: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("SALESPLAN_LOG", str(tmp_path / "salesplan.log"))
    monkeypatch.setattr(desktop, "_book", lambda workbook: object())

    def refuse(button: Any, book: Any) -> Any:
        raise Refused(Text("请先改正", "mend it first"))

    monkeypatch.setattr(desktop, "_run", refuse)
    assert desktop.clicked("check", "en") == "mend it first"
    monkeypatch.setattr(desktop, "_run", lambda button, book: 1 / 0)
    message = desktop.clicked("check", "zh")
    assert "ZeroDivisionError" in message and "Traceback" not in message
    assert "Traceback" in (tmp_path / "salesplan.log").read_text(encoding="utf-8")
    assert "no button" in desktop.clicked("nonsense", "en")
