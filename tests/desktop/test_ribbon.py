"""The ribbon's definition, against Microsoft's schema for customUI14 as the Open XML SDK has it (carried by openxml-audit)."""

from __future__ import annotations

import importlib.resources
import itertools
import json
import re
from functools import cache
from typing import Any

import pytest
from lxml import etree

from addin import actions, ribbon
from addin.desktop import ribbon as desktop
from udfs.text import Text
from workbook_templates.answers import Refused

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
    assert {b.name for b in shown} >= set(actions.every())
    order = [g.code for g in ribbon.GROUPS]
    assert order == [
        "plan",
        "targets",
        "market",
        "customers",
        "products",
        "marketing",
        "incentives",
        "delivery",
        "pipeline",
        "risk",
        "budget",
        "mail",
        "tools",
    ]
    assert [order.index(b.group) for b in shown] == sorted(order.index(b.group) for b in shown)


def doubled(root: etree._Element) -> list[str]:
    """What Excel could not tell apart in the ribbon it gets: ids, and keytips of which one begins another, on each level."""
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    found = [i for i in set(ids) if ids.count(i) > 1]
    for level in ("tab", "button"):
        tips = [e.get("keytip") or "" for e in root.iter(f"{{{ribbon.NAMESPACE}}}{level}")]
        assert all(tips) and tips, "every control can be reached by the keyboard"
        found += [f"{a} {b}" for a, b in itertools.combinations(tips, 2) if a.startswith(b) or b.startswith(a)]
    return found


def test_ids_and_keytips_are_unique_and_every_control_has_its_texts() -> None:
    shown, root = ribbon.buttons(), drawn()
    assert doubled(root) == []
    assert all(re.fullmatch(r"[A-Za-z]\w*", e.get("id")) for e in root.iter() if e.get("id"))
    texts = ribbon.texts(shown)
    for element in root.iter():
        if element.get("getLabel"):
            assert all(0 < len(t) <= LABEL for t in texts[f"{element.get('id')}.label"])
        if element.get("getSupertip"):
            assert all(0 < len(t) <= SUPERTIP for t in texts[f"{element.get('id')}.tip"])


def test_the_search_for_doubles_finds_them() -> None:
    for name, value in (("keytip", "E"), ("keytip", "K"), ("id", "send")):
        root = drawn()
        next(b for b in root.iter(f"{{{ribbon.NAMESPACE}}}button") if b.get("id") == "changelog").set(name, value)
        assert doubled(root), (name, value)


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
