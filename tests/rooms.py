"""The house as a table: which module stands in which room, and which rooms a room may ask. ``test_contracts`` holds the code to it.

``HOMES`` is today's layout. When folders move, it is edited and nothing else: a room is its modules' common beginning, the longest
that fits counts. ``MAY_ASK`` is the target of CONTRIBUTING.md and does not change with a move. ``KNOWN`` are the arrows that still
run the wrong way: each says why, an arrow that is gone must be struck off, and nothing is added.
"""

from __future__ import annotations

HOMES: dict[str, str] = {
    # The formulas are one room: any of them may use any other.
    "udfs": "udfs",
    # -- workbooks
    "workbook_templates": "workbook_templates",  # the package itself: open_plan
    "workbook_templates.frames": "frames",
    "workbook_templates.cells": "cells",
    "workbook_templates.saving": "saving",
    "workbook_templates.xlsx.package": "xlsx",
    "workbook_templates.xlsx.new_sheet": "xlsx",
    "workbook_templates.formulas.spelling": "engine",
    "workbook_templates.engine.run": "engine",
    "workbook_templates.engine.run.results": "engine",
    "workbook_templates.engine.gaps": "engine",
    "workbook_templates.engine.run.our_functions": "engine",
    "workbook_templates.engine.run.precedents": "engine",
    "workbook_templates.engine.recalc": "engine",
    "workbook_templates.engine.run.restore": "engine",
    "workbook_templates.tables.grids.schema": "tables",
    "workbook_templates.tables.grids": "tables",
    "workbook_templates.tables.validating": "tables",
    "workbook_templates.chapters.incentives.staff": "tables",
    "workbook_templates.page.builder": "page",
    "workbook_templates.page.style": "page",
    "workbook_templates.page.charts": "page",
    "workbook_templates.intake.files": "intake",
    "workbook_templates.intake.parsing": "intake",
    "workbook_templates.intake.importing": "intake",
    "workbook_templates.intake.own_workbook": "intake",
    "workbook_templates.intake.mapping": "intake",
    "workbook_templates.intake.adopting": "intake",
    "workbook_templates.transactions": "transactions",
    "workbook_templates.chapters.building": "chapters",
    "workbook_templates.chapters.sample": "chapters",
    "workbook_templates.chapters.channels.sample": "chapters",
    "workbook_templates.chapters.customers.sample": "chapters",
    "workbook_templates.chapters.incentives.sample": "chapters",
    "workbook_templates.chapters.incentives.ledger": "chapters",
    "workbook_templates.chapters.channels.settlement": "chapters",
    "workbook_templates.chapters.incentives.cycle": "chapters",
    "workbook_templates.chapters.customers.bought": "chapters",
    "workbook_templates.chapters.customers.tiering": "chapters",
    "workbook_templates.chapters.customers.clv_model": "chapters",
    "workbook_templates.mailed": "mailed",
    "workbook_templates.making": "making",
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
_CELLS = {"udfs", "cells"}
_SAVING = _CELLS | {"saving"}
_XLSX = _SAVING | {"xlsx"}
_ENGINE = _XLSX | {"engine"}
_TABLES = _ENGINE | {"tables"}
_CHAPTERS = _TABLES | {"page", "intake", "transactions"}
_BOOKS = _CHAPTERS | {"chapters", "mailed", "making"}
_ADDIN = _BOOKS | {"hosts", "mailing"}
MAY_ASK: dict[str, set[str]] = {
    "udfs": set(),
    "cells": {"udfs"},
    "saving": _CELLS,
    "xlsx": _SAVING,
    "engine": _XLSX,
    "tables": _ENGINE,
    "page": _TABLES,
    "intake": _TABLES,
    "transactions": _TABLES | {"intake"},
    "chapters": _CHAPTERS,
    "mailed": _TABLES | {"page", "chapters"},
    "making": _CHAPTERS | {"chapters"},
    "frames": _TABLES | {"intake"},
    "workbook_templates": {"frames"},
    "hosts": _BOOKS,
    "mailing": _BOOKS | {"hosts"},
    "actions": _ADDIN,
    "desktop": _ADDIN | {"actions"},
    "cli": _ADDIN | {"actions"},  # finds the commands by looking into their package
    "commands": _ADDIN | {"actions", "desktop", "cli"},
}

_CYCLE = "what was locked is checked with the Tables; findings move above the engine"
_TIERING = "what customers bought is a chapter's, and reads transactions; its types are asked for from below"
_ACTIONS = "the Action dataclass moves out of actions/ into action.py, below the hosts"
KNOWN: dict[tuple[str, str], str] = {
    ("workbook_templates.tables.validating", "workbook_templates.chapters.incentives.cycle"): _CYCLE,
    (
        "workbook_templates.intake.own_workbook",
        "workbook_templates.chapters.incentives.ledger",
    ): "the ledger's rows of an import; a chapter's rules go to intake/rules",
    ("workbook_templates.engine.recalc", "workbook_templates.tables.grids"): "takes the workbook's language from its Tables",
    (
        "workbook_templates.engine.run.restore",
        "workbook_templates.tables.grids.schema",
    ): "takes the add-in's name from the schema",
    ("workbook_templates.transactions", "workbook_templates.chapters.customers.tiering"): _TIERING,
    ("workbook_templates.transactions.warehouse", "workbook_templates.chapters.customers.tiering"): _TIERING,
    ("addin.actions.refresh", "addin.cli"): "asks the command line's exit code of an action",
    ("addin.cli", "addin.commands"): "looks into the package for its modules, knows none by name",
    ("addin.cycling", "addin.actions"): _ACTIONS,
    ("addin.cycling", "addin.actions.commission"): "the month's steps share commission's period",
    ("addin.live", "addin.actions"): _ACTIONS,
    ("addin.ribbon", "addin.actions"): _ACTIONS,
}

# Modules that ask each other, one of them only when a function runs.
KNOWN_CIRCLES: dict[frozenset[str], str] = {
    frozenset({"addin.action_command", "addin.cli"}): "a subcommand is made from an action, and the command line lists both",
    frozenset({"udfs", "udfs.formula"}): "the catalogue looks through its own package for modules",
}

# (module, name of another module that begins with an underscore)
KNOWN_PRIVATE: dict[tuple[str, str], str] = {
    ("addin.actions.adopt", "workbook_templates.intake.mapping._spec_named"): "the mapping's own way to find a Table by any name",
    ("addin.commands.send", "addin.commands.mail._code"): "the exit code of letters that stay behind",
}

# Classes of one name for different things: rename one of them, then strike it off.
KNOWN_DOUBLES = {
    "Band": "a rebate's and a commission's",
    "Book": "the engine's cells and the host's workbook",
    "Entry": "the installer's log and the outbox journal",
    "Finding": "a transaction's, the doctor's, an inspected letter's",
    "Formula": "the catalogue's function, a cell's text, the engine's reading of it",
    "Group": "of refused rows and of the ribbon",
    "Held": "the engine's array and a Table's rows",
    "Known": "what an import knows and what adopt knows",
    "Outcome": "an import's and an action's",
    "Places": "of precedents and of the desktop's folders",
    "Plan": "an import's intentions and the workbook being written",
    "Refusal": "a function's and a refused row",
    "Refused": "a call from the engine and an action",
    "Report": "on transactions and on an installation",
    "Settings": "of tiers and of the mail",
    "Sheet": "mailed, read, and of the add-in file",
    "Source": "a file of rows and where transactions come from",
    "Step": "of the month's cycle and of an installation",
    "Table": "of a package and in a spelled formula",
    "Terms": "of payment and of a dealer's settlement",
    "ThisRow": "being written and being spelled",
    "Wishes": "of three imports",
    "_Columns": "letters of columns and a sheet's own",
    "_Read": "an argument and a checked Table",
}

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
    "msoffcrypto": set(),
    "pyopenvba": set(),
    "rich": set(),
    "openpyxl": {"page", "chapters", "mailed"},
    "xlwings": {"desktop"},
}
