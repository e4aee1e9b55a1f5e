"""What to type to get a library that is missing: it must work from wherever this program was installed.

The program's own name is on no registry, so ``pip install 'salesplan[excel]'`` helps nobody. pip writes down where a
distribution came from (``direct_url.json``, PEP 610): a folder or file that is still there is named with the extra; else
the extra's own requirements are.
"""

from __future__ import annotations

import json
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

PROGRAM = "salesplan"


def pip_install(*requirements: str, python: str = sys.executable) -> str:
    """The command that installs these with an interpreter's own pip."""
    return _pip(python, list(requirements))


def how_to_install(extra: str, lacking: str = "", python: str = sys.executable) -> str:
    """The command that installs an extra of ours; where there is none of that name, the library that is ``lacking``."""
    try:
        own = metadata.distribution(PROGRAM)
    except metadata.PackageNotFoundError:  # run from a folder that was never installed
        return _pip(python, [lacking or extra])
    requires = own.requires or []
    names = [_plain(r) for r in requires if re.search(rf"extra\s*==\s*['\"]{re.escape(extra)}['\"]", r)]
    wanted = names or [_plain(r) for r in requires if _name(r) == _name(lacking)] or [lacking or extra]
    source = _source(json.loads(own.read_text("direct_url.json") or "{}"), extra) if names else []
    return _pip(python, source or wanted)


def how_to_install_program(python: str) -> str:
    """The command that installs this program into another interpreter: from where it came here."""
    own = metadata.distribution(PROGRAM)
    extra = "excel" if any("excel" in (r.partition(";")[2]) for r in own.requires or []) else ""
    source = _source(json.loads(own.read_text("direct_url.json") or "{}"), extra)
    if source:
        return _pip(python, source)
    # From an index or a folder of wheels, which pip does not write down: the person knows which.
    name = f"{PROGRAM}[{extra}]" if extra else PROGRAM
    return _pip(python, ["--no-index", "--find-links", "WHEELS", name])


def _source(origin: dict[str, Any], extra: str) -> list[str]:
    """The folder or file the program came from, with the extra; nothing where it is there no longer."""
    parts = urlsplit(origin.get("url", ""))
    if parts.scheme != "file":
        return []
    path = Path(url2pathname(f"//{parts.netloc}{parts.path}" if parts.netloc else parts.path))
    if not path.exists():
        return []
    editable = ["-e"] if origin.get("dir_info", {}).get("editable") else []
    return [*editable, f"{path}[{extra}]" if extra else str(path)]


def _pip(python: str, what: list[str]) -> str:
    """In double quotes, which every shell and the Windows prompt understand."""
    return " ".join([f'"{python}"', "-m pip install", *(w if w.startswith("-") else f'"{w}"' for w in what)])


def _plain(requirement: str) -> str:
    """A requirement without its marker."""
    return requirement.partition(";")[0].strip()


def _name(requirement: str) -> str:
    """The distribution's name as registries compare it."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else ""
