"""The sample plan (the whole year) in each language, made once a run of the tests; changed in the same way for several tests, once as well."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock

from addin import guarding
from workbook_templates import making
from workbook_templates.chapters import sample, sample_june
from workbook_templates.chapters.incentives.cycle import exported
from workbook_templates.making import write_plan
from workbook_templates.recalc import Recalculation, recalculate
from workbook_templates.tables.schema import Company
from workbook_templates.xlsx.charts import ChartRef
from workbook_templates.xlsx.package import Package


class Computed(NamedTuple):
    """A company's plan with its values; ``done`` is what was computed for it, ``touched`` whether that changed the file."""

    package: Package
    done: Recalculation
    lang: str
    company: Company
    touched: bool = False


@functools.cache
def run_folder() -> Path:
    """One for all processes of a run (pytest -n), or this process's own; never that of an earlier run, which had other code."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if run is None:
        return Path(tempfile.mkdtemp(prefix="salesplan-"))
    folder = Path(tempfile.gettempdir()) / f"salesplan-{run}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def once(said: object, make: Callable[[Path], object]) -> Path:
    """The file that ``make`` writes, made once for all processes of a run; ``said`` is all that it depends on. Only to be read."""
    path = run_folder() / f"{hashlib.sha256(repr(said).encode()).hexdigest()[:24]}.xlsx"
    with FileLock(f"{path}.lock"):
        if not path.exists():
            part = path.with_suffix(".part.xlsx")
            make(part)
            part.rename(path)
    return path


@functools.cache
def empty_plan(chapters: frozenset[int] | None, lang: str) -> Path:
    """The file of an empty plan of some chapters, or of all, at the end of its year: made once a run, only to be read."""
    company = Company("试", 2027, dt.date(2027, 12, 31), chapters=chapters)
    return once((company, lang), lambda path: write_plan(company, path, lang))


@functools.cache
def _made(lang: str, of: Callable[[str], Company] = sample.company) -> Path:
    name = f"{of.__module__.rpartition('.')[2]}-{lang}"
    path = run_folder() / f"{name}.xlsx"
    with FileLock(run_folder() / f"{name}.lock"):
        if not path.exists():
            company = sample_company(lang) if of is sample.company else of(lang)
            settled = [exported.entry_of(row) for row in company.of("Statements") if row["locked_on"]]
            guarding.beside_plan(path).write_bytes(exported.written(settled))
            write_plan(company, path, lang)
    return path


@functools.cache
def _changed(lang: str, change: Callable[[Path], object]) -> Path:
    path = run_folder() / f"{change.__module__}.{change.__qualname__}-{lang}.xlsx"
    with FileLock(f"{path}.lock"):
        if not path.exists():
            made = sample_plan(lang, Path(tempfile.mkdtemp(prefix="salesplan-")))
            change(made)
            shutil.copy(guarding.beside_plan(made), guarding.beside_plan(path))
            shutil.copy(made, path)
    return path


def sample_plan(lang: str, folder: Path, change: Callable[[Path], object] | None = None) -> Path:
    """A copy of the sample plan, with its seal file, that a test may change; with ``change``, a function of a module, as that leaves it."""
    made = _made(lang) if change is None else _changed(lang, change)
    path = folder / f"plan-{lang}.xlsx"
    shutil.copy(guarding.beside_plan(made), guarding.beside_plan(path))
    return Path(shutil.copy(made, path))


def story_plan(lang: str, folder: Path) -> Path:
    """A copy of the story's plan, which ``salesplan demo`` makes, with its seal file; the tests' sample is the whole year."""
    made, path = _made(lang, sample_june.company), folder / f"story-{lang}.xlsx"
    shutil.copy(guarding.beside_plan(made), guarding.beside_plan(path))
    return Path(shutil.copy(made, path))


@functools.cache
def sample_company(lang: str) -> Company:
    """The sample company: only to be read."""
    return sample.company(lang)


@functools.cache
def _computed(lang: str) -> tuple[Recalculation, Company, bool]:
    package = Package.open(_made(lang))
    return recalculate(package, whole=True), sample_company(lang), package.dirty


def sample_computed(lang: str) -> Computed:
    """The sample plan opened anew, with what is computed for it (once a process) and the rows it was made of: only to be read."""
    done, company, touched = _computed(lang)
    return Computed(Package.open(_made(lang)), done, lang, company, touched)


_MADE: dict[tuple[object, ...], tuple[bytes, Recalculation]] = {}
_plan_bytes = making.plan_bytes


def made_once(company: Company, lang: str = "zh", progress: making.Progress = lambda step: None) -> tuple[bytes, Recalculation]:
    """``making.plan_bytes``, once a process for companies that are alike: for tests of what is done with a plan that is made."""
    key = (repr(company), company.day(), lang)
    if key not in _MADE:
        _MADE[key] = _plan_bytes(company, lang, progress)
    return _MADE[key]


_LANDING = {"全年预测", "向上", "向下", "Landing", "Upwards", "Downwards"}


def of_landing(package: Package, ref: ChartRef) -> bool:
    """Whether points say where the year lands: the year of the sample plan is over, so there are none."""
    head = package.sheets[ref.sheet].get((ref.area.first_row - 1, ref.area.first_col))
    return head is not None and head.value in _LANDING and ref.area.size > 1
