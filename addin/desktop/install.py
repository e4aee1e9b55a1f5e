"""Install and uninstall the add-in for one person: no administrator, no Excel needed to do it, the same again changes nothing.

Excel opens everything that lies in its startup folder, so nothing else may ever be there: backups and half-written files are
kept in our own folder. The manifest is written before and after, so that a killed run can be completed or undone.
"""

from __future__ import annotations

import csv
import dataclasses
import errno
import hashlib
import io
import json
import os
import re
import zipfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from addin.desktop import ADDIN_FILE, FUNCTIONS_MODULE
from addin.desktop.machine import MAC, WINDOWS, Machine, Places, is_store
from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.installing import how_to_install_program
from workbook_templates.saving import atomic_write, check_writable

FORMAT = 1
ADDIN, SETTINGS, SCRIPT = "addin", "settings", "script"
WRITTEN, UNCHANGED, BACKUP, REMOVED, KEPT, NOTE, WARNING = "written", "unchanged", "backup", "removed", "kept", "note", "warning"


# -------------------------------------------------------------------------------------------------------------------- the report


@dataclass(frozen=True)
class InstallStep:
    """One thing that was done, found, or left alone."""

    kind: str
    text: Text
    path: str = ""


@dataclass
class InstallReport:
    """Everything that was done, in order."""

    steps: list[InstallStep] = field(default_factory=list)

    def add(self, kind: str, zh: str, en: str, path: Path | None = None) -> None:
        """Note a step."""
        self.steps.append(InstallStep(kind, Text(zh, en), str(path) if path else ""))

    def has(self, *kinds: str) -> bool:
        """Whether a step of these kinds was noted."""
        return any(step.kind in kinds for step in self.steps)

    @property
    def changed(self) -> bool:
        """Whether anything on the disk is different now."""
        return self.has(WRITTEN, BACKUP, REMOVED)


# ------------------------------------------------------------------------------------------------------------------ the manifest


@dataclass(frozen=True)
class OurFile:
    """A file of ours. ``previous`` is what may stand there instead while an installation is under way."""

    kind: str
    path: str
    sha256: str
    previous: str = ""

    def is_ours(self, data: bytes) -> bool:
        """Whether this is what we wrote."""
        return sha256(data) in (self.sha256, self.previous)


@dataclass(frozen=True)
class Manifest:
    """What an installation wrote; without any clock, so that the same installation has the same one."""

    salesplan: str
    xlwings: str
    interpreter: str
    files: tuple[OurFile, ...]
    backups: tuple[OurFile, ...] = ()
    folders: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()  # the xlwings libraries that were there: one that is gone was taken away
    pending: bool = False

    def as_bytes(self) -> bytes:
        """As written."""
        return (json.dumps({"format": FORMAT, **asdict(self)}, indent=1) + "\n").encode()

    def entry(self, kind: str) -> OurFile | None:
        """The file of a kind."""
        return next((entry for entry in self.files if entry.kind == kind), None)


class Unreadable(Exception):
    """The manifest is there and is none."""


def read_manifest(where: Places) -> Manifest | None:
    """The manifest; None where there is none. Raises :class:`Unreadable`."""
    if not where.manifest.exists():
        return None
    try:
        said: dict[str, Any] = json.loads(where.manifest.read_bytes())
        if said.pop("format") != FORMAT:
            raise ValueError
        for name in ("files", "backups"):
            said[name] = tuple(OurFile(**entry) for entry in said[name])
        return Manifest(**{**said, "folders": tuple(said["folders"]), "libraries": tuple(said["libraries"])})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable from error


def sha256(data: bytes) -> str:
    """The hash by which a file of ours is known."""
    return hashlib.sha256(data).hexdigest()


def told(where: Places, path: Path) -> str:
    """How the manifest names a path: relative where it can be, so that a prepared folder can be copied."""
    return path.relative_to(where.base).as_posix() if path.is_relative_to(where.base) else str(path)


def found(where: Places, path: str) -> Path:
    """The path the manifest names."""
    return where.base / path


# --------------------------------------------------------------------------------------------------------- what a file is made of


@dataclass(frozen=True)
class AddinFile:
    """What an .xlam says of itself; ``fault`` where it can't be read as one."""

    salesplan: str = ""
    xlwings: str = ""
    sheets: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    fault: str = ""


def read_addin(path: Path) -> AddinFile:
    """Read an add-in without Excel."""
    from pyopenvba import ExcelFile

    try:
        with zipfile.ZipFile(path) as archive:
            workbook, core = (archive.read(name).decode() for name in ("xl/workbook.xml", "docProps/core.xml"))
        with ExcelFile(path) as book:
            modules = dict(book.vba_modules())
    except Exception as fault:  # whatever a damaged file makes the readers raise: it is damaged
        return AddinFile(fault=f"{type(fault).__name__}: {fault}")
    return AddinFile(
        salesplan=_first(r"(\d+\.\d+[\w.+]*)</dc:description>", core),
        xlwings=_first(r'XLWINGS_VERSION As String = "([^"]+)"', modules.get("xlwings", "")),
        sheets=tuple(re.findall(r'<sheet name="([^"]+)"', workbook)),
        modules=tuple(modules),
    )


def _first(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[1] if match else ""


# ------------------------------------------------------------------------------------------------------------------- the settings


def read_settings(data: bytes, encoding: str) -> list[tuple[str, str]]:
    """Keys and values as xlwings' VBA reads them; a line that is no pair is kept as a key without a value."""
    rows = csv.reader(io.StringIO(data.decode(encoding, "surrogateescape")))
    return [(row[0], row[1] if len(row) > 1 else "") for row in rows if row]


def own_settings(machine: Machine) -> dict[str, str]:
    """What must stand in the person's settings; all else stands in the add-in itself."""
    return {f"INTERPRETER_{'MAC' if machine.system == MAC else 'WIN'}": machine.interpreter, "UDF MODULES": FUNCTIONS_MODULE}


def merged_settings(machine: Machine, existing: bytes | None) -> bytes:
    """The settings file: ours replaced, other people's lines kept."""
    ours = own_settings(machine)
    others = _others(read_settings(existing, machine.ansi), ours) if existing else []
    return encode_settings([*ours.items(), *others], machine)


def _others(pairs: Iterable[tuple[str, str]], ours: Iterable[str]) -> list[tuple[str, str]]:
    names = {name.casefold() for name in ours}
    return [pair for pair in pairs if pair[0].casefold() not in names]


def encode_settings(pairs: Iterable[tuple[str, str]], machine: Machine) -> bytes:
    """As VBA's ``Input #`` reads it: quoted pairs, in the system's code page. Refuses what that page lacks."""
    end = "\r\n" if machine.system == WINDOWS else "\n"
    text = "".join(f'"{key}","{value}"{end}' for key, value in pairs)
    try:
        return text.encode(machine.ansi, "surrogateescape")
    except UnicodeEncodeError as error:
        raise Refused(
            Text(
                "解释器路径“{p}”含有系统代码页 {c} 写不出的字符，Excel 读不到。请把 Python 环境建在只含英文字母的文件夹里再安装。",
                "The interpreter's path “{p}” has characters that are not in the code page {c}, so Excel can't read it. "
                "Make the Python environment in a folder of plain letters and install again.",
            ).format(p=machine.interpreter, c=machine.ansi)
        ) from error


# ------------------------------------------------------------------------------------------------------------------------ install


@dataclass(frozen=True)
class _Wanted:
    kind: str
    path: Path
    data: bytes


def install(machine: Machine, where: Places, *, prepared: bool) -> InstallReport:
    """Install, or bring an installation up to date. ``prepared``: below a folder of one's own, so Excel may be open or absent."""
    report = InstallReport()
    libraries = _check_interpreter(machine, where, report, prepared)
    before = _manifest_or_none(where, report)
    wanted = _wanted(machine, where)
    new = [w for w in wanted if _content(w.path) != w.data]
    final = _manifest(machine, where, wanted, new, before, libraries)
    if not new and _content(where.manifest) == final.as_bytes():
        for one in wanted:
            report.add(UNCHANGED, "已是最新", "up to date", one.path)
        return report
    _check_possible(machine, where, new, prepared)
    _carry_out(where, wanted, new, before, final, report)
    return report


def _carry_out(
    where: Places, wanted: list[_Wanted], new: list[_Wanted], before: Manifest | None, final: Manifest, report: InstallReport
) -> None:
    """Write; the manifest first names what may be found half-way, the add-in comes last."""
    folders = _make_folders(where, wanted)
    backups = _back_up(where, new, before, report)
    final = dataclasses.replace(final, folders=(*final.folders, *folders), backups=(*final.backups, *backups))
    _put(where, where.manifest, _pending(final, where, new, before).as_bytes())
    for one in wanted:
        if one in new:
            _put(where, one.path, one.data)
            report.add(WRITTEN, "已写入", "written", one.path)
        else:
            report.add(UNCHANGED, "已是最新", "up to date", one.path)
    _put(where, where.manifest, final.as_bytes())
    report.add(WRITTEN, "已写入清单", "manifest written", where.manifest)
    for one in wanted:
        if _content(one.path) != one.data:
            report.add(
                WARNING,
                "刚写入的文件已不在或被改动，多半是杀毒软件所为：请把它加入信任后重新安装",
                "the file just written is gone or changed, most likely by an antivirus: allow it there and install again",
                one.path,
            )


def _wanted(machine: Machine, where: Places) -> list[_Wanted]:
    """The files an installation consists of; the add-in last."""
    from addin.desktop.build import addin_bytes

    files = []
    if where.scripts is not None:
        name = script_name(metadata.version("xlwings"))
        files.append(_Wanted(SCRIPT, where.scripts / name, resources.files("xlwings").joinpath(name).read_bytes()))
    files.append(_Wanted(SETTINGS, where.settings, merged_settings(machine, _content(where.settings))))
    return [*files, _Wanted(ADDIN, where.startup / ADDIN_FILE, addin_bytes())]


def script_name(version: str) -> str:
    """The AppleScript through which Excel for Mac starts Python."""
    return f"xlwings-{version}.applescript"


def _manifest(
    machine: Machine, where: Places, wanted: list[_Wanted], new: list[_Wanted], before: Manifest | None, libraries: list[str]
) -> Manifest:
    listed = {entry.path for entry in before.files} if before else set()
    files = [
        OurFile(w.kind, told(where, w.path), sha256(w.data))
        for w in wanted
        # The AppleScript may be the person's own, put there by xlwings itself: then it is not ours to remove.
        if w.kind != SCRIPT or w in new or told(where, w.path) in listed
    ]
    return Manifest(
        salesplan=metadata.version("salesplan"),
        xlwings=metadata.version("xlwings"),
        interpreter=machine.interpreter,
        files=(*files, *_superseded(where, files, before)),
        backups=before.backups if before else (),
        folders=before.folders if before else (),
        libraries=tuple(libraries),
    )


def _superseded(where: Places, files: list[OurFile], before: Manifest | None) -> list[OurFile]:
    """Files of an earlier version that this one no longer has (an AppleScript carries its version in its name): still ours."""
    now = {entry.path for entry in files}
    return [entry for entry in before.files if entry.path not in now and found(where, entry.path).exists()] if before else []


def _pending(final: Manifest, where: Places, new: list[_Wanted], before: Manifest | None) -> Manifest:
    """The manifest for as long as some files are new and others still old; what was never ours does not become so."""
    old = {told(where, w.path): w.path for w in new}
    files = [
        OurFile(e.kind, e.path, e.sha256, _ours_now(where, before, old[e.path])) if e.path in old else e for e in final.files
    ]
    return dataclasses.replace(final, files=tuple(files), pending=True)


def _ours_now(where: Places, before: Manifest | None, path: Path) -> str:
    """The hash of a file that an earlier run of ours wrote; empty for anything else."""
    data = _content(path)
    entry = next((e for e in before.files if found(where, e.path) == path), None) if before else None
    return sha256(data) if data is not None and entry and entry.is_ours(data) else ""


def _make_folders(where: Places, wanted: list[_Wanted]) -> list[str]:
    """Make the folders that lack; those made are named so that uninstall can take them away."""
    made: list[str] = []
    for folder in [where.own, *(w.path.parent for w in wanted)]:
        lacking = [f for f in (folder, *folder.parents) if not f.exists()]
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _not_writable(folder, error) from error
        made += [told(where, f) for f in reversed(lacking)]
    return made


def _back_up(where: Places, new: list[_Wanted], before: Manifest | None, report: InstallReport) -> list[OurFile]:
    """Keep what is about to be replaced; only the copy of something that was not ours survives an uninstall."""
    kept = []
    for one in new:
        old = _content(one.path)
        if old is None:
            continue
        copy = where.backups / f"{one.path.stem}-{sha256(old)[:8]}{one.path.suffix}"
        if _content(copy) != old:
            copy.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(copy, old)
            report.add(BACKUP, "原文件已备份", "the old file was kept", copy)
        if not before or told(where, copy) not in {b.path for b in before.backups}:
            kept.append(OurFile("ours" if _ours_now(where, before, one.path) else "foreign", told(where, copy), sha256(old)))
    return kept


def _put(where: Places, path: Path, data: bytes) -> None:
    """Write atomically, with the half-written file in our own folder: Excel opens whatever it finds in its startup folder."""
    check_writable(path)
    staged = where.own / f"{path.name}.new"
    atomic_write(staged, data)
    try:
        os.replace(staged, path)
    except OSError as error:
        staged.unlink(missing_ok=True)
        if error.errno != errno.EXDEV:
            raise _not_writable(path, error) from error
        atomic_write(path, data)  # the startup folder is on another disk


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _not_writable(path, error) from error


def _not_writable(path: Path, error: OSError) -> Refused:
    return Refused(
        Text(
            "“{p}”无法读写：{e}。请关闭 Excel，检查权限（必要时问 IT）后重试。",
            "“{p}” can't be read or written: {e}. Close Excel, check the permissions (ask IT if need be) and try again.",
        ).format(p=path, e=error.strerror or error)
    )


# ---------------------------------------------------------------------------------------------------------------- what is refused


def require_excel(machine: Machine, *, prepared: bool) -> None:
    """Refuse where there is no Excel to install for, and say what can be done."""
    if not prepared and not machine.has_excel:
        raise Refused(
            Text(
                "没有找到 Excel，没有写入。请用 --target 文件夹 写到文件夹，或在装有 Excel 的电脑上运行。",
                "No Excel was found; nothing was written. Use --target DIR to write the files into a folder, "
                "or run this where Excel is installed.",
            )
        )


def _check_interpreter(machine: Machine, where: Places, report: InstallReport, prepared: bool) -> list[str]:
    """The interpreter must be able to run the functions with the xlwings the add-in is built with; returns its libraries."""
    version = metadata.version("xlwings")
    path = machine.path(machine.interpreter)
    if prepared and not path.exists():
        report.add(
            NOTE,
            f"解释器 {machine.interpreter} 不在这台电脑上，未核对",
            f"the interpreter {machine.interpreter} is not on this computer; not checked",
        )
        return []
    if is_store(machine.interpreter):
        raise _store(machine.interpreter)
    answer = machine.ask(path, machine.system == WINDOWS)
    if answer is None:
        raise Refused(
            _INTERPRETER.format(
                p=machine.interpreter, e=Text("无法启动", "does not start"), h=how_to_install_program(machine.interpreter)
            )
        )
    if answer.store:
        raise _store(answer.base)
    if answer.fault:
        raise Refused(_INTERPRETER.format(p=machine.interpreter, e=answer.fault, h=how_to_install_program(machine.interpreter)))
    if answer.versions.get("xlwings") != version:
        raise Refused(
            Text(
                "“{p}”装的是 xlwings {a}，而加载项要用 {b} 生成。请用该解释器自己的 salesplan 安装。",
                "“{p}” has xlwings {a} but the add-in would be built with {b}. Install with that interpreter's own salesplan.",
            ).format(p=machine.interpreter, a=answer.versions.get("xlwings"), b=version)
        )
    return _check_libraries(machine, path, version, report) if machine.system == WINDOWS else []


_INTERPRETER = Text(
    "解释器“{p}”不能运行 SalesPlan：{e}。请先安装，再重试：{h}",
    "The interpreter “{p}” can't run SalesPlan: {e}. Install it first, then try again: {h}",
)


def _store(path: str) -> Refused:
    return Refused(
        Text(
            "“{p}”来自 Microsoft Store：它写进 AppData 的文件 Excel 看不到。请安装 python.org 的 Python（仅为自己安装即可），重建环境后再试。",
            "“{p}” comes from the Microsoft Store: Excel does not see what it writes into AppData. Install Python from "
            "python.org "
            "(for yourself only is enough), make the environment anew and try again.",
        ).format(p=path)
    )


def libraries_beside(interpreter: Path) -> list[Path]:
    """The xlwings libraries where its VBA looks: the interpreter's folder, then the one above."""
    folders = (interpreter.parent, interpreter.parent.parent)
    return sorted(path for folder in folders if folder.is_dir() for path in folder.glob("xlwings*.dll"))


def _check_libraries(machine: Machine, interpreter: Path, version: str, report: InstallReport) -> list[str]:
    here = [path for path in libraries_beside(interpreter) if path.stem.endswith(f"-{version}")]
    if not here:
        report.add(
            WARNING,
            f"解释器旁边没有 xlwings64-{version}.dll：可能被杀毒软件拿走。运行 salesplan doctor 看处理办法",
            f"xlwings64-{version}.dll is not beside the interpreter; an antivirus may have taken it. See salesplan doctor",
            interpreter.parent,
        )
    return [machine.native(path) for path in here]


def _manifest_or_none(where: Places, report: InstallReport) -> Manifest | None:
    try:
        return read_manifest(where)
    except Unreadable:
        report.add(NOTE, "旧清单无法读取，重新写入", "the old manifest could not be read; it is written anew", where.manifest)
        return None


def _check_possible(machine: Machine, where: Places, new: list[_Wanted], prepared: bool) -> None:
    """All that can be known before the first byte is written."""
    if not prepared and machine.excel_runs:
        raise Refused(_EXCEL_OPEN)
    for path in (*(one.path for one in new), where.manifest):
        if path.parent.is_dir():
            check_writable(path)


_EXCEL_OPEN = Text(
    "Excel 正开着，没有写入任何文件。请保存并关闭所有 Excel 窗口（任务管理器里也没有 EXCEL.EXE）后重试。",
    "Excel is open; nothing was written. Save and close every Excel window (no EXCEL.EXE in the Task Manager either), then "
    "try again.",
)


# ---------------------------------------------------------------------------------------------------------------------- uninstall


def uninstall(machine: Machine, where: Places, *, prepared: bool) -> InstallReport:
    """Remove exactly what install wrote; what was changed since stays and is named."""
    report = InstallReport()
    try:
        manifest = read_manifest(where)
    except Unreadable:
        raise Refused(
            Text(
                "清单“{p}”无法读取，不知道装了什么。请先运行 salesplan install 重写清单，再卸载。",
                "The manifest “{p}” can't be read, so what was installed is unknown. Run salesplan install to write it anew, "
                "then uninstall.",
            ).format(p=where.manifest)
        ) from None
    if manifest is None:
        _not_installed(where, report)
        return report
    if not prepared and machine.excel_runs:
        raise Refused(_EXCEL_OPEN)
    # The add-in first: without it nothing else is asked for.
    left = [entry for entry in reversed(manifest.files) if not _remove(machine, where, entry, report)]
    for entry in manifest.backups:
        _remove_backup(where, entry, report)
    _finish_uninstall(where, manifest, left, report)
    return report


def _not_installed(where: Places, report: InstallReport) -> None:
    report.add(NOTE, "没有安装，无事可做", "not installed; nothing to do")
    path = where.startup / ADDIN_FILE
    if path.exists():
        report.add(KEPT, "不是 salesplan install 写的，保留", "not written by salesplan install; kept", path)


def _remove(machine: Machine, where: Places, entry: OurFile, report: InstallReport) -> bool:
    """Remove one file; False when it stays because it was changed."""
    path = found(where, entry.path)
    data = _content(path)
    if data is None:
        report.add(NOTE, "已不在", "already gone", path)
        return True
    if not entry.is_ours(data):
        report.add(KEPT, "安装后被改动过，保留", "changed since it was installed; kept", path)
        return False
    check_writable(path)
    others = _others(read_settings(data, machine.ansi), own_settings(machine)) if entry.kind == SETTINGS else []
    if others:
        _put(where, path, encode_settings(others, machine))
        report.add(REMOVED, "已删去本程序的设置，其余保留", "our settings removed, the others kept", path)
    else:
        _unlink(path)
        report.add(REMOVED, "已删除", "removed", path)
    return True


def _remove_backup(where: Places, entry: OurFile, report: InstallReport) -> None:
    path = found(where, entry.path)
    data = _content(path)
    if data is None:
        return
    if entry.kind == "ours" and entry.is_ours(data):
        _unlink(path)
        report.add(REMOVED, "已删除备份", "backup removed", path)
    else:
        report.add(NOTE, "备份中是别人的文件，保留", "this backup is of a file that was not ours; it stays", path)


def _finish_uninstall(where: Places, manifest: Manifest, left: list[OurFile], report: InstallReport) -> None:
    """The manifest goes last, or stays to name what was kept."""
    if left:
        rest = dataclasses.replace(manifest, files=tuple(reversed(left)), backups=(), pending=False)
        if _content(where.manifest) != rest.as_bytes():
            _put(where, where.manifest, rest.as_bytes())
        return
    _unlink(where.manifest)
    report.add(REMOVED, "已删除清单", "manifest removed", where.manifest)
    for folder in [where.backups, *(found(where, name) for name in reversed(manifest.folders))]:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _not_writable(path, error) from error
