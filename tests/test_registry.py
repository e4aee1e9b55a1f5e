"""One place to register: a module that is not written as it must be is refused, and the refusal names it."""

from __future__ import annotations

import dataclasses
import importlib
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from addin import actions, commands, registry
from addin.action import Action, Button, Outcome
from addin.command import Command
from udfs.text import Text

ROOT = Path(__file__).parent.parent
WORD = Text("试", "try")


def run(book: object, options: object, progress: object) -> Outcome:
    return Outcome(WORD)


def button(name: str, **changed: object) -> Action:
    """A button that is as it must be, of a module with this name, and what is changed of it."""

    def own(book: object, options: object, progress: object) -> Outcome:
        return Outcome(WORD)

    own.__module__ = f"some.{name}"
    whole = {"label": WORD, "tip": WORD, "about": WORD, "group": "plan", "order": 1, "icon": "Help", "keytip": "A", "run": own}
    return Action(**{**whole, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "lacking", [f.name for f in dataclasses.fields(Action) if f.default is f.default_factory is dataclasses.MISSING]
)
def test_a_field_that_is_forgotten_fails_at_once(lacking: str) -> None:
    given = {f.name: getattr(button("a"), f.name) for f in dataclasses.fields(Action) if f.name != lacking}
    with pytest.raises(TypeError, match=lacking):
        Action(**given)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"keytip": "A", "order": 2}, "keytips"),
        ({"keytip": "AB", "order": 2}, "keytips A and AB"),
        ({"keytip": "B"}, "place 1 of group plan"),
        ({"keytip": "b", "order": 2}, "keytip 'b'"),
        ({"keytip": "B", "order": 2, "group": "plans"}, "no group 'plans'"),
    ],
)
def test_doubles_and_unknown_groups_are_refused_with_the_modules(changed: dict[str, object], said: str) -> None:
    with pytest.raises(registry.RegistryError, match=said) as refused:
        registry.ordered([button("one"), button("two", **changed)])
    assert "some.two" in str(refused.value)


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(registry.RegistryError, match="both are called one"):
        registry.ordered([button("one"), button("one_", keytip="B", order=2)])


def test_what_is_as_it_must_be_is_shown_in_order() -> None:
    shown = [button("two", order=2, keytip="B"), button("last", group="tools", keytip="C"), button("one")]
    assert [b.name for b in registry.ordered(shown)] == ["one", "two", "last"]


@pytest.mark.parametrize("text", ["", "ACTION = 1", "from addin.actions.quota import ACTION"])
def test_a_module_that_registers_nothing_of_its_own_is_refused(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = _package(tmp_path, monkeypatch, {"bad": text})
    with pytest.raises(registry.RegistryError, match=r"folder_of_actions\.bad"):
        registry.buttons(package.__name__, "ACTION", Action)


def test_a_helper_begins_with_an_underscore(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert registry.buttons(_package(tmp_path, monkeypatch, {"_helper": ""}).__name__, "ACTION", Action) == []


def _package(folder: Path, monkeypatch: pytest.MonkeyPatch, modules: dict[str, str]) -> ModuleType:
    place = folder / "folder_of_actions"
    place.mkdir()
    for name, text in {"__init__": "", **modules}.items():
        (place / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    for name in [n for n in sys.modules if n.partition(".")[0] == "folder_of_actions"]:
        monkeypatch.delitem(sys.modules, name)
    return importlib.import_module("folder_of_actions")


def test_every_action_and_command_says_what_it_is_in_both_languages() -> None:
    for name, action in actions.every().items():
        assert all(action.label) and all(action.tip) and all(action.about) and action.icon, name
    for module, command in registry.registered(commands.__name__, "COMMAND", Command).items():
        assert all(command.help) and all(command.about), module.__name__


def test_nothing_asks_an_action_or_command_what_it_may_have() -> None:
    """All that can be said of one is a field: no optional attribute of a module, looked for by name, comes back."""
    old = re.compile(r"^(LABEL|TIP|ABOUT|GROUP|ORDER|ICON|KEYTIP|ASKS|STEPS|PAYS|FINAL|EXAMPLES|HELP|NEEDS_BOOK)\b.*=", re.M)
    asking = re.compile(r"\b(getattr|hasattr)\((self\.)?(action|module|button|command)\b")
    for path in sorted((ROOT / "addin").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert not asking.search(text), path
        if path.parent.name in ("actions", "commands", "buttons"):
            assert not old.search(text), path


def test_a_button_is_what_every_host_draws() -> None:
    shown = button("one")
    assert isinstance(shown, Button) and shown.supertip == WORD + "\n" + WORD and shown.id == "one"
