"""The house as a table: which module stands in which room, and which rooms a room may ask. ``test_contracts`` holds the
code to it.

A room is its modules' common beginning; the longest that fits counts. ``MAY_ASK`` is the picture of docs/architecture.md.
``KNOWN`` are the arrows that still run the wrong way: each says why, one that is gone must be struck off, and nothing is added.
"""

from __future__ import annotations

HOMES: dict[str, str] = {
    # The formulas are one room: any of them may use any other.
    "udfs": "udfs",
    # -- workbooks
    "workbook_templates": "workbook_templates",  # the package itself: open_plan
    "workbook_templates.cells": "cells",
    "workbook_templates.answers": "answers",
    "workbook_templates.installing": "answers",  # what we say when a library is missing
    "workbook_templates.wordfile": "answers",  # what our Word files have in common
    "workbook_templates.documents": "answers",  # what a document is called, and how it comes out alike
    "workbook_templates.folders": "computer",  # where what is one person's own lies
    "workbook_templates.program": "computer",  # which program this is
    "workbook_templates.registry": "registry",
    "workbook_templates.saving": "saving",
    "workbook_templates.formulas": "formulas",
    "workbook_templates.xlsx": "xlsx",
    "workbook_templates.engine": "engine",
    "workbook_templates.tables": "tables",
    "workbook_templates.recalc": "recalc",
    "workbook_templates.page": "page",
    "workbook_templates.checking": "checking",
    "workbook_templates.intake": "intake",
    "workbook_templates.transactions": "transactions",
    "workbook_templates.chapters": "chapters",
    "workbook_templates.mailed": "mailed",
    "workbook_templates.webpage": "webpage",
    "workbook_templates.explaining": "explaining",
    "workbook_templates.papers": "papers",
    "workbook_templates.making": "making",
    "workbook_templates.next_year": "making",
    "workbook_templates.planting": "making",
    "workbook_templates.upgrade": "upgrade",
    "workbook_templates.frames": "frames",
    # -- the add-in
    "addin": "hosts",
    "addin.actions": "actions",
    "addin.commands": "commands",
    "addin.mailing": "mailing",
    "addin.desktop": "desktop",
    "addin.action_command": "cli",
    "addin.cli": "cli",
}

# A room may ask itself and those named here. Below: what it stands on, in the order of the house.
_CELLS = {"udfs", "cells", "answers", "computer"}
_XLSX = _CELLS | {"saving", "formulas", "xlsx"}
_TABLES = _XLSX | {"registry", "tables"}
_RECALC = _TABLES | {"engine", "recalc"}
_PAGE = _TABLES | {"page"}
_INTAKE = _TABLES | {"checking", "intake"}
_CHAPTERS = _PAGE | _INTAKE | {"transactions"}
_BOOKS = _CHAPTERS | _RECALC | {"chapters", "mailed", "webpage", "explaining", "papers", "making", "upgrade"}
_ADDIN = _BOOKS | {"hosts", "mailing"}
MAY_ASK: dict[str, set[str]] = {
    "udfs": set(),
    "cells": {"udfs"},
    "answers": {"udfs", "cells"},
    "computer": {"udfs"},
    "registry": {"udfs"},  # finds by name, imports nobody above
    "saving": _CELLS,
    "formulas": _CELLS,
    "xlsx": _CELLS | {"saving", "formulas"},
    "engine": _XLSX,
    "tables": _XLSX | {"registry"},
    "recalc": _TABLES | {"engine"},
    "page": _TABLES,
    "checking": _TABLES | {"engine"},
    "intake": _TABLES | {"checking"},
    "transactions": _INTAKE,
    "chapters": _CHAPTERS | {"engine"},  # of the engine only: garbage is collected seldom while a sample is made
    "mailed": _PAGE | {"chapters"},
    "webpage": _PAGE | {"chapters"},
    "explaining": _RECALC | {"chapters"},
    "papers": _PAGE | {"chapters", "mailed"},
    "making": _RECALC | {"page", "checking", "chapters"},
    "upgrade": _TABLES | {"page"},
    "frames": _INTAKE,
    "workbook_templates": {"frames"},
    "hosts": _BOOKS,
    "mailing": _BOOKS | {"hosts"},
    "actions": _ADDIN,
    "desktop": _ADDIN | {"actions"},
    "cli": _ADDIN | {"actions"},  # finds the commands by looking into their package
    "commands": _ADDIN | {"actions", "desktop", "cli"},
}

# Chapters never ask each other, but for the arithmetic (never the sheets) of those named here.
CHAPTERS_MAY_ASK: dict[str, set[str]] = {
    "channels": {"incentives"},  # a dealer's ledger is kept as the commission ledger is
}
# What is shared by all chapters and belongs to none.
OF_ALL_CHAPTERS = {"building", "sample", "sample_june", "sample_story"}

KNOWN: dict[tuple[str, str], str] = {}

# Modules that ask each other, one of them only when a function runs.
KNOWN_CIRCLES: dict[frozenset[str], str] = {}

# (module, name of another module that begins with an underscore)
KNOWN_PRIVATE: dict[tuple[str, str], str] = {}

# Classes of one name for different things: rename one of them, then strike it off.
KNOWN_DOUBLES: dict[str, str] = {}

# Libraries that cost more than the whole program, and who may load them as it is loaded itself: nobody, or a room.
# xlwings registers functions by decorators, so the add-in's module needs it there; only Excel imports that module.
HEAVY: dict[str, set[str]] = {
    "pandas": set(),
    "scipy": set(),
    "formualizer": set(),
    "pyarrow": set(),
    "duckdb": set(),
    "ibis": set(),
    "polars": set(),
    "holidays": set(),
    "keyring": set(),
    "icalendar": set(),
    "msoffcrypto": set(),
    "pyopenvba": set(),
    "vl_convert": set(),
    "typst": set(),
    "pypdf": set(),
    "pptx": set(),
    "docx": set(),
    "PIL": set(),
    "av": set(),
    "rich": set(),
    "openpyxl": {"page", "chapters", "mailed"},
    "xlwings": {"desktop"},
}
