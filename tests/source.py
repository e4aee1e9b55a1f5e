"""The source of the three packages as a graph: who imports whom, when, and which names.

Read from the text; nothing is imported.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("udfs", "workbook_templates", "addin")


@dataclass
class Module:
    """One module: what it imports as it is loaded, what only when a function runs, the names it binds, its classes."""

    name: str
    path: Path
    tree: ast.Module
    package: bool
    at_load: dict[str, int] = field(default_factory=dict)  # module → line of the import
    later: dict[str, int] = field(default_factory=dict)
    foreign: dict[str, int] = field(default_factory=dict)  # other people's packages, as it is loaded
    bound: dict[str, str] = field(default_factory=dict)  # local name → module it is, or module:name it was taken from
    classes: list[str] = field(default_factory=list)

    @property
    def imports(self) -> dict[str, int]:
        """Everything of ours that it imports at any time."""
        return {**self.later, **self.at_load}


def parsed(sources: dict[str, str]) -> dict[str, Module]:
    """Modules from their texts, by name; a package's own text goes by ``name.__init__``."""
    found: dict[str, Module] = {}
    for name, text in sources.items():
        plain = name.removesuffix(".__init__")
        path = ROOT / (name.replace(".", "/") + ".py")
        found[plain] = Module(plain, path, ast.parse(text), plain != name)
    for module in found.values():
        _read(module, found)
    return found


@functools.cache
def modules() -> dict[str, Module]:
    """The modules of the repository."""
    paths = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return parsed({".".join(p.relative_to(ROOT).with_suffix("").parts): p.read_text(encoding="utf-8") for p in paths})


def _read(module: Module, known: dict[str, Module]) -> None:
    for node, runs in _nodes(module.tree.body, True):
        if isinstance(node, ast.ClassDef) and node in module.tree.body:
            module.classes.append(node.name)
        for target, name, local in _imported(module, node):
            inner = f"{target}.{name}" if name else target
            ours = inner if inner in known else target if target in known else None
            if ours is None:
                if runs and target.split(".")[0] not in PACKAGES:
                    module.foreign.setdefault(target.split(".")[0], node.lineno)
                continue
            if ours != module.name:
                (module.at_load if runs else module.later).setdefault(ours, node.lineno)
            module.bound[local] = ours if ours == inner else f"{ours}:{name}"


def _nodes(body: list[ast.stmt], runs: bool) -> Iterator[tuple[ast.stmt, bool]]:
    """Every statement and whether it runs when the module is loaded; what is for type checkers only is left out."""
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            yield from _nodes(node.orelse, runs)
            continue
        yield node, runs
        inside = runs and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for part in ("body", "orelse", "finalbody"):
            yield from _nodes(getattr(node, part, []), inside)
        for handler in [*getattr(node, "handlers", []), *getattr(node, "cases", [])]:
            yield from _nodes(handler.body, inside)


def _imported(module: Module, node: ast.stmt) -> Iterator[tuple[str, str, str]]:
    """(module, name in it or "", local name) of an import statement."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.name, "", alias.asname or alias.name.split(".")[0]
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            above = module.name.split(".")[: None if module.package and node.level == 1 else -(node.level - module.package)]
            base = ".".join([*above, *([node.module] if node.module else [])])
        for alias in node.names:
            yield base, alias.name, alias.asname or alias.name


def circles(found: dict[str, Module]) -> list[list[str]]:
    """Groups of modules that need each other while they are loaded (strongly connected components, Tarjan)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    out: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in found[name].at_load:
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1:
                out.append(sorted(group))

    for name in found:
        if name not in index:
            visit(name)
    return sorted(out)


def private_uses(found: dict[str, Module]) -> list[tuple[str, str]]:
    """(module, what): names with an underscore taken from another module, by import or through the module or one of its
    classes."""
    out = set()
    for module in found.values():
        for target in module.bound.values():
            where, _, name = target.partition(":")
            if _private(name) and where != module.name:
                out.add((module.name, f"{where}.{name}"))
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and _private(node.attr) and isinstance(node.value, ast.Name):
                whole = module.bound.get(node.value.id)
                if whole is not None and not whole.startswith(f"{module.name}:"):
                    out.add((module.name, f"{whole.replace(':', '.')}.{node.attr}"))
    return sorted(out)


def _private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def doubled_classes(found: dict[str, Module]) -> dict[str, list[str]]:
    """Names that more than one class has, with their modules."""
    where: dict[str, list[str]] = {}
    for module in found.values():
        for name in module.classes:
            where.setdefault(name, []).append(module.name)
    return {name: homes for name, homes in sorted(where.items()) if len(homes) > 1}
