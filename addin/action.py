"""What an action is: a button of the ribbon and a subcommand at once, and what comes of running one.

A module of ``addin.actions`` has ``ACTION = Action(…)``; ``registry`` finds it, ``performing.perform`` runs it, every host
shows it. All that can be said of an action is a field here, typed; a field that is needed and forgotten fails when the
module is imported.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from addin import guarding
from addin.changes import Changes, Dates, Effect, no_dates
from udfs.text import Text
from workbook_templates.answers import ERROR, Problem
from workbook_templates.xlsx.new_sheet import NewSheet
from workbook_templates.xlsx.package import Saved

if TYPE_CHECKING:
    from addin.book import Book
    from addin.undo import Record
    from workbook_templates.chapters.incentives.cycle.exported import Export

# How a command ends: done, or nothing was left to do; done for all but those it names (left out, rejected, a failed check), or the
# file asked for has nothing to hold yet; could not be done, and nothing was written.
DONE, ATTENTION, FAILED = 0, 1, 2

Progress = Callable[[Text], None]

# The groups of the ribbon, in the order of the year.
GROUPS = {
    "plan": Text("计划", "Plan"),
    "targets": Text("目标", "Targets"),
    "market": Text("市场", "Market"),
    "customers": Text("客户", "Customers"),
    "products": Text("产品", "Products"),
    "marketing": Text("品牌", "Marketing"),
    "incentives": Text("激励", "Incentives"),
    "delivery": Text("交付", "Delivery"),
    "pipeline": Text("商机", "Pipeline"),
    "risk": Text("风险", "Risk"),
    "budget": Text("费用", "Budget"),
    "mail": Text("邮件", "Mail"),
    "tools": Text("工具", "Tools"),
}
_NOTHING = Text("", "")


def name_of(module: str) -> str:
    """What a module's button or command is called; a word that Python keeps for itself has an underscore behind it."""
    return module.rpartition(".")[2].removesuffix("_").replace("_", "-")


# --------------------------------------------------------------------------------------------------------- what it is


@dataclass(frozen=True, kw_only=True)
class Button:
    """What the ribbon shows of anything that can be clicked."""

    label: Text
    tip: Text
    group: str  # of GROUPS
    order: int  # its place in the group
    icon: str  # Office's name of a picture
    keytip: str  # one to three letters or digits; none begins another
    run: Callable[..., Any]
    needs_book: bool = True  # whether a workbook must be open

    @property
    def module(self) -> str:
        """The module it is written in."""
        return str(self.run.__module__)

    @property
    def name(self) -> str:
        """Its module's name, and the subcommand's."""
        return name_of(self.module)

    @property
    def id(self) -> str:
        """Its control in the ribbon."""
        return self.name.replace("-", "_")

    @property
    def supertip(self) -> Text:
        """All that is said when the pointer rests on it."""
        return self.tip


@dataclass(frozen=True, kw_only=True)
class View(Button):
    """A button for the person at Excel that changes no data; ``run`` gets xlwings' workbook and returns what is to be said."""

    run: Callable[[Any], Text]


def _always(book: Book) -> bool:
    return True


@dataclass(frozen=True)
class Ask:
    """What a button must be told before it runs: a file to open or to save, or the answer to a question."""

    how: Text | Literal["open", "save"]
    when: Callable[[Book], bool] = _always  # whether this workbook leaves it open at all


def force_argument(parser: argparse.ArgumentParser) -> None:
    """The one option by which a file that is there already may be replaced."""
    parser.add_argument("--force", action="store_true", help=str(Text("覆盖已有文件", "overwrite an existing file")))


def _nothing_beside(options: argparse.Namespace) -> Mapping[Path, str]:
    return {}


def _nobody_relies(book: Any, effect: Effect) -> Text | None:
    return None


def _no_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing to say but the workbook."""


def ended(options: argparse.Namespace, outcome: Outcome) -> int:
    """The exit code of what was not refused: whom an action leaves out it names, in its notes and under ``left_out`` of its data."""
    return ATTENTION if outcome.partial or outcome.data.get("left_out") else DONE


@dataclass(frozen=True, kw_only=True)
class Action(Button):
    """A button and a subcommand.

    ``run(book, options, progress)`` looks at the workbook and says what is to change; it changes nothing. ``about`` says
    before what will. ``final`` is why undo can't take it back, and what to do instead.
    """

    about: Text
    run: Callable[[Any, argparse.Namespace, Progress], Outcome]
    arguments: Callable[[argparse.ArgumentParser], None] = _no_arguments
    asks: Mapping[str, Ask] = field(default_factory=dict)  # option → what a host with windows asks for it
    examples: Text = _NOTHING
    pays: bool = False  # may mark what is locked as paid
    # Whether anything settled that is not as it was approved stops it. Who reads pay must say; ``perform`` holds it to that.
    guards: bool | None = None
    needs_export: bool = False  # whether a missing seal file stops it, too: what pays money out
    final: Text | None = None
    # Why what one run wrote can't be taken back any more, since others went by it.
    relied_on: Callable[[Any, Effect], Text | None] = _nobody_relies
    writes: Mapping[str, str] = field(default_factory=dict)  # option that names a file it writes → the ending that must have
    beside: Callable[[argparse.Namespace], Mapping[Path, str]] = _nothing_beside  # files it writes besides, with their endings
    reads: tuple[str, ...] = ()  # options that name files it reads, which it must never write over
    steps: int = 4  # what a run reports at most: reading, writing, computing, saving
    reported: Callable[[argparse.Namespace, Outcome], int] = ended  # the command's last word and its exit code

    @property
    def supertip(self) -> Text:
        """Before anything is changed, the button says what will be."""
        return self.tip + "\n" + self.about

    def declare(self, parser: argparse.ArgumentParser) -> None:
        """Its arguments, and what all have that write files."""
        self.arguments(parser)
        if self.guards:
            guarding.arguments(parser)
        if self.writes:
            force_argument(parser)

    def defaults(self, **given: Any) -> argparse.Namespace:
        """Its options where nobody types any; ``given`` are those a host asked for."""
        parser = _Noting(add_help=False)
        self.declare(parser)
        return argparse.Namespace(**(parser.noted | given))


class _Noting(argparse.ArgumentParser):
    """Notes the default of every argument it is given; positional ones have one, too."""

    def __init__(self, **settings: Any) -> None:
        self.noted: dict[str, Any] = {}
        super().__init__(**settings)

    def add_argument(self, *names: Any, **settings: Any) -> argparse.Action:
        made = super().add_argument(*names, **settings)
        self.noted[made.dest] = made.default
        return made


# --------------------------------------------------------------------------------------------------- what comes of it


@dataclass
class Outcome:
    """What an action found and wants changed. ``summary`` is the one sentence that reports it.

    ``files`` are written beside the workbook's own save; ``log`` has lines of its own for the change log (sheet, cell, old, new);
    ``origin`` says in the change log where rows came from; ``undoes`` is
    the record that an undo takes off; ``details`` is for a command that reports in its own words.
    """

    summary: Text
    changes: Changes = field(default_factory=Changes)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    files: dict[Path, bytes] = field(default_factory=dict)
    # Files that tell what the workbook says once all is written.
    published: dict[Path, Callable[[], bytes]] = field(default_factory=dict)
    documents: dict[Path, bytes] = field(default_factory=dict)  # by `documents.keep`: new files in the plan's own folder
    log: list[tuple[str, str, str, str]] = field(default_factory=list)
    opens: Path | None = None  # a file of these that Excel is to open
    origin: Text | None = None
    undoes: Record | None = None
    details: Any = None
    data: dict[str, Any] = field(default_factory=dict)  # more for machines (--json)
    sheets: list[NewSheet] = field(default_factory=list)  # to be added to a company's own workbook
    removes: list[str] = field(default_factory=list)  # sheets to be taken out: what an undo does with those
    # What tells of something outside the workbook: written and saved, but undo does not take it back, as it can't the thing
    # itself.
    lasting: Changes = field(default_factory=Changes)
    # Something outside the workbook, done once the person agreed to ``asks``; what it returns is then written.
    deed: Callable[[Progress], Outcome] | None = None
    asks: Text | None = None
    whole: bytes | None = None  # the workbook's file as it is to be, where an action makes it anew
    export: Export | None = None  # what a lock or a payment adds to the seal file
    partial: bool = False  # errors leave out the people they touch, everyone else is written; the exit code says so

    @classmethod
    def refused(cls, problems: list[Problem]) -> Outcome:
        """Nothing can be done before these are corrected."""
        count = sum(p.level == ERROR for p in problems)
        return cls(
            Text(
                f"发现 {count} 处问题，没有写入：改正后重试",
                f"{count} problem{'' if count == 1 else 's'}, nothing written: fix and retry",
            ),
            problems=problems,
        )

    @property
    def errors(self) -> list[Problem]:
        return [p for p in self.problems if p.level == ERROR]


@dataclass(frozen=True)
class Done:
    """What came of it."""

    outcome: Outcome
    effect: Effect
    written: bool = False
    saved: Saved | None = None
    dates: Dates = no_dates  # which cells show dates

    @property
    def refused(self) -> bool:
        """Whether problems stopped it."""
        return bool(self.outcome.errors) and not self.written and not self.outcome.partial

    @property
    def sentence(self) -> Text:
        """The report in one sentence."""
        return self.outcome.summary
