"""The house's rules on the source itself: rooms and arrows, no circles, no private names, no doubled names, heavy imports late.

The table is ``rooms``; what it still excuses must be true, so that the lists can only shrink.
"""

from __future__ import annotations

import ast
import copy
import subprocess
import sys

import pytest

from tests.rooms import (
    CHAPTERS_MAY_ASK,
    HEAVY,
    HOMES,
    KNOWN,
    KNOWN_CIRCLES,
    KNOWN_DOUBLES,
    KNOWN_PRIVATE,
    MAY_ASK,
    OF_ALL_CHAPTERS,
)
from tests.source import Module, circles, doubled_classes, modules, parsed, private_uses


def room(name: str) -> str:
    """The room a module stands in."""
    while name not in HOMES:
        name = name.rpartition(".")[0]
    return HOMES[name]


def wrong_arrows(found: dict[str, Module]) -> dict[tuple[str, str], str]:
    """Imports, at any time, of a room that the module's own may not ask; with file and line."""
    out = {}
    for module in found.values():
        for other, line in module.imports.items():
            mine, theirs = room(module.name), room(other)
            if theirs not in MAY_ASK[mine] | {mine}:
                out[module.name, other] = f"{module.path.name}:{line}: {mine} may not ask {theirs}"
    return out


CHAPTERS = "workbook_templates.chapters."


def wrong_chapters(found: dict[str, Module]) -> list[str]:
    """Imports of another chapter that it may not ask, or of another's sheets."""
    out = []
    for module in found.values():
        mine = module.name.removeprefix(CHAPTERS).split(".")
        if not module.name.startswith(CHAPTERS) or mine[0] in OF_ALL_CHAPTERS:
            continue
        for other, line in module.imports.items():
            theirs = other.removeprefix(CHAPTERS).split(".")
            if not other.startswith(CHAPTERS) or theirs[0] in {mine[0], *OF_ALL_CHAPTERS}:
                continue
            if theirs[0] not in CHAPTERS_MAY_ASK.get(mine[0], set()) or "sheets" in theirs:
                out.append(f"{module.name}:{line} asks {other}")
    return out


def optional_attributes(found: dict[str, Module]) -> list[str]:
    """``getattr``/``hasattr`` of a module by a name in capitals or of a hook: a contribution that may be forgotten
    without a word."""
    out = []
    for module in found.values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("getattr", "hasattr"):
                name = node.args[1]
                hook = isinstance(name, ast.Constant) and (str(name.value).isupper() or name.value in HOOKS)
                if hook and (module.name, name.value) not in CONSTANTS_OF_OTHERS:
                    out.append(f"{module.name}:{node.lineno}: {name.value}")
    return out


HOOKS = {"build", "recipients", "make", "run", "arguments"}
# Constants of Python's that not every system has.
CONSTANTS_OF_OTHERS = {
    ("workbook_templates.saving", "O_BINARY"),
    ("addin.mailing.outbox", "O_BINARY"),
    ("addin.mailing.outbox", "O_NOFOLLOW"),
    ("addin.mailing.outbox", "O_NONBLOCK"),
}


def at_any_time(found: dict[str, Module]) -> dict[str, Module]:
    """The graph with late imports as if they were early."""
    all_ = {name: copy.copy(module) for name, module in found.items()}
    for module in all_.values():
        module.at_load = module.imports
    return all_


# --------------------------------------------------------------------------------------------------------- the repository


def test_arrows_run_one_way() -> None:
    assert {edge: why for edge, why in wrong_arrows(modules()).items() if edge not in KNOWN} == {}


def test_the_rooms_themselves_form_no_circle_and_every_home_is_used() -> None:
    left = dict(MAY_ASK)
    while left:
        free = [name for name, asked in left.items() if not asked & left.keys()]
        assert free, f"these rooms ask each other: {sorted(left)}"
        for name in free:
            del left[name]
    assert set(HOMES.values()) == set(MAY_ASK)
    # A name that no longer exists would silently send its modules to another room.
    assert [name for name in HOMES if name not in modules()] == []


def test_no_module_needs_itself_while_it_is_loaded() -> None:
    assert circles(modules()) == []


def test_no_modules_ask_each_other_late() -> None:
    assert [group for group in circles(at_any_time(modules())) if frozenset(group) not in KNOWN_CIRCLES] == []


def test_no_private_name_leaves_its_module() -> None:
    assert [use for use in private_uses(modules()) if use not in KNOWN_PRIVATE] == []


def test_a_class_name_means_one_thing() -> None:
    assert {name: homes for name, homes in doubled_classes(modules()).items() if name not in KNOWN_DOUBLES} == {}


def test_chapters_do_not_ask_each_other() -> None:
    assert wrong_chapters(modules()) == []


def test_what_a_chapter_may_ask_another_is_asked() -> None:
    asked = {
        (m.name.removeprefix(CHAPTERS).split(".")[0], other.removeprefix(CHAPTERS).split(".")[0])
        for m in modules().values()
        for other in m.imports
        if m.name.startswith(CHAPTERS) and other.startswith(CHAPTERS)
    }
    assert [(one, other) for one, others in CHAPTERS_MAY_ASK.items() for other in others if (one, other) not in asked] == []


def test_nothing_is_registered_by_an_attribute_that_may_be_missing() -> None:
    assert optional_attributes(modules()) == []


def test_the_list_of_commands_loads_nothing_heavy() -> None:
    """``salesplan --help`` and a click in Excel wait for this import."""
    heavy = sorted(HEAVY.keys() - {"xlwings"})
    code = f"import sys, addin.cli; addin.cli.commands(); print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_heavy_libraries_are_loaded_by_what_needs_them() -> None:
    early = [(m.name, lib) for m in modules().values() for lib in m.foreign if lib in HEAVY and room(m.name) not in HEAVY[lib]]
    assert early == []


def test_what_is_excused_is_still_so() -> None:
    gone: list[object] = [edge for edge in KNOWN if edge not in wrong_arrows(modules())]
    gone += [group for group in KNOWN_CIRCLES if group not in map(frozenset, circles(at_any_time(modules())))]
    gone += [use for use in KNOWN_PRIVATE if use not in private_uses(modules())]
    gone += [name for name in KNOWN_DOUBLES if name not in doubled_classes(modules())]
    assert gone == [], "mended: strike it off tests/rooms.py"


# ------------------------------------------------------------------------------------------------ the rules can be broken


def test_a_wrong_arrow_is_seen_early_late_and_relative() -> None:
    for text in (
        "from addin import book",
        "import addin.book",
        "def f():\n    from addin.book import Book",
        "class A:\n    def f(self):\n        import addin.book as b",
        "try:\n    import addin.book\nexcept ImportError:\n    pass",
    ):
        found = parsed({"udfs.x": text, "addin.book": ""})
        assert list(wrong_arrows(found)) == [("udfs.x", "addin.book")], text
    assert wrong_arrows(parsed({"udfs.x": "if TYPE_CHECKING:\n    import addin.book", "addin.book": ""})) == {}
    relative = parsed({"addin.a.__init__": "", "addin.a.x": "from . import y\nfrom ..b import z", "addin.a.y": "", "addin.b": ""})
    assert set(relative["addin.a.x"].imports) == {"addin.a.y", "addin.b"}


def test_a_chapter_that_asks_another_and_a_missing_attribute_are_seen() -> None:
    base = "workbook_templates.chapters"
    found = parsed(
        {
            f"{base}.channels.a": f"import {base}.incentives.ledger\nimport {base}.incentives.sheets.deals\nimport {base}.budget.x",
            f"{base}.incentives.ledger": "",
            f"{base}.incentives.sheets.deals": "",
            f"{base}.budget.x": f"import {base}.building",
            f"{base}.building": "",
        }
    )
    assert [line.rpartition(".chapters.")[2] for line in wrong_chapters(found)] == ["incentives.sheets.deals", "budget.x"]
    assert len(optional_attributes(parsed({"udfs.x": 'getattr(m, "LAST", 0)\nhasattr(m, "build")\ngetattr(m, "key")'}))) == 2


def test_circles_private_names_and_doubles_are_seen() -> None:
    late = {"udfs.a": "import udfs.b", "udfs.b": "def f():\n    import udfs.a"}
    assert circles(parsed(late)) == [] and circles(at_any_time(parsed(late))) == [["udfs.a", "udfs.b"]]
    assert circles(parsed({"udfs.a": "import udfs.b", "udfs.b": "import udfs.c", "udfs.c": "from udfs import a"})) == [
        ["udfs.a", "udfs.b", "udfs.c"]
    ]
    for text in (
        "from udfs.a import _x",
        "from udfs import a\na._x()",
        "from udfs.a import K\nK._x",
        "import udfs.a as q\nprint(q._x)",
    ):
        found = parsed({"udfs.a": "_x = 1\nclass K: ...", "udfs.b": text})
        assert [who for who, _ in private_uses(found)] == ["udfs.b"], text
    assert private_uses(parsed({"udfs.a": "class K: ...\ndef f(): return K._x, f.__name__"})) == []
    assert doubled_classes(parsed({"udfs.a": "class K: ...", "addin.b": "class K: ..."})) == {"K": ["udfs.a", "addin.b"]}


@pytest.mark.parametrize("name", ["udfs.new", "workbook_templates.new", "addin.new"])
def test_a_new_module_has_a_room(name: str) -> None:
    assert room(name) in MAY_ASK
