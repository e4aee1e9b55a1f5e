"""Why the add-in does not work on this computer: checks that only look, each with what is wrong, why it matters and the remedy.

A check is a function from what was looked up (:class:`Case`) to findings; ``CHECKS`` runs them in the order a person would.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path

from addin.desktop import ADDIN_FILE, PROJECT
from addin.desktop.install import (
    ADDIN,
    SCRIPT,
    AddinFile,
    Manifest,
    Unreadable,
    found,
    libraries_beside,
    read_addin,
    read_manifest,
    read_settings,
    script_name,
)
from addin.desktop.machine import MAC, WINDOWS, Answer, Machine, Places, is_store
from udfs.text import Text, joined
from workbook_templates.installing import how_to_install_program

ERROR, WARNING, HINT = "error", "warning", "hint"
LONGEST_COMMAND = 2047  # bytes; xlwings' library copies the command line into 2,048 (xlwingsdll/config.cpp, ActivateRPCServer)
_IN_COMMAND = ("ONEDRIVE_CONSUMER_WIN", "ONEDRIVE_COMMERCIAL_WIN", "SHAREPOINT_WIN", "PYTHONPATH")
LONGEST = 218  # Excel opens no file whose path is longer
_BOOKS = {".xlam", ".xla", ".xlsm", ".xlsb", ".xls", ".xlsx"}
_OFFICE = r"Software\Microsoft\Office\16.0\Excel"
_POLICIES = r"Software\Policies\Microsoft\Office\16.0\Excel"
_CLICK_TO_RUN = r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration"
_ONEDRIVE = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")

AGAIN = Text("关闭 Excel，运行 salesplan install。", "Close Excel and run salesplan install.")
ANTIVIRUS = Text(
    "在杀毒软件的隔离区恢复它并加入信任（问 IT），然后关闭 Excel，运行 salesplan install。",
    "Restore it from the antivirus' quarantine and allow it there (ask IT), then close Excel and run salesplan install.",
)


@dataclass(frozen=True)
class Finding:
    """One fault. A hint is no fault: the computer counts as healthy."""

    code: str
    level: str
    what: Text
    why: Text
    remedy: Text
    path: str = ""


class Case:
    """One computer, looked at once; everything is looked up when first asked for."""

    def __init__(self, machine: Machine, where: Places, *, prepared: bool) -> None:
        self.machine, self.where, self.prepared = machine, where, prepared
        self.windows = machine.system == WINDOWS
        self.addin = where.startup / ADDIN_FILE
        self.package = metadata.version("salesplan")

    @cached_property
    def manifest(self) -> Manifest | None:
        """What install wrote; None where it did not or can't be read."""
        try:
            return read_manifest(self.where)
        except Unreadable:
            return None

    @cached_property
    def contents(self) -> AddinFile:
        """What the installed .xlam says of itself."""
        return read_addin(self.addin)

    @cached_property
    def settings(self) -> dict[str, str]:
        """The person's settings; the first of equal keys counts, as in xlwings' VBA."""
        try:
            pairs = read_settings(self.where.settings.read_bytes(), self.machine.ansi)
        except (OSError, ValueError):
            return {}
        return {key.upper(): value for key, value in reversed(pairs)}

    @cached_property
    def interpreter(self) -> str:
        """The interpreter Excel starts; empty where none is named."""
        own = "INTERPRETER_MAC" if self.machine.system == MAC else "INTERPRETER_WIN"
        return self.settings.get(own) or self.settings.get("INTERPRETER", "")

    @cached_property
    def interpreter_file(self) -> Path:
        """The same on this disk."""
        return self.machine.path(self.interpreter)

    @cached_property
    def answer(self) -> Answer | None:
        """What the interpreter says of itself; None where it is missing or mute."""
        if not self.interpreter or not self.interpreter_file.is_file() or is_store(self.interpreter):
            return None
        return self.machine.ask(self.interpreter_file, self.windows)

    @cached_property
    def startup_files(self) -> list[Path]:
        """Everything Excel opens as it starts, from every folder it looks in."""
        folders = [self.where.startup]
        alternate = self.machine.registry(rf"HKCU\{_OFFICE}\Options").get("AltStartup") if not self.prepared else None
        if isinstance(alternate, str) and alternate:
            folders.append(self.machine.path(alternate))
        return [f for folder in folders if folder.is_dir() for f in sorted(folder.iterdir()) if f.is_file()]

    @cached_property
    def listed_addins(self) -> list[str]:
        """Add-ins ticked in Excel's own list, as the registry names them."""
        values = {} if self.prepared else self.machine.registry(rf"HKCU\{_OFFICE}\Options")
        opened = [str(v) for name, v in values.items() if re.fullmatch(r"OPEN\d*", name, re.I)]
        return [re.sub(r'^(/\w+\s+)*"?|"$', "", text) for text in opened]


def examine(machine: Machine, where: Places, *, prepared: bool) -> list[Finding]:
    """Every finding, in the order in which to mend them."""
    case = Case(machine, where, prepared=prepared)
    return [finding for check in CHECKS for finding in check(case)]


# ------------------------------------------------------------------------------------------------------------------- the add-in


def installed(case: Case) -> Iterator[Finding]:
    """The file is there, whole, ours and of this version."""
    if case.where.manifest.exists() and case.manifest is None:
        yield Finding(
            "manifest-unreadable", ERROR,
            Text("安装清单无法读取", "the manifest of the installation can't be read"),
            Text("不知道装了什么，无法核对和卸载", "what was installed is unknown; it can be neither checked nor uninstalled"),
            AGAIN, str(case.where.manifest),
        )  # fmt: skip
    if case.addin.is_file():
        yield from _contents(case)
        yield from _version(case)
    elif case.manifest:
        yield Finding(
            "vanished", ERROR,
            Text(f"{ADDIN_FILE} 装过，但文件不见了", f"{ADDIN_FILE} was installed but the file is gone"),
            Text("Excel 没有“销售计划”选项卡；多半是杀毒软件隔离了它", "Excel shows no Sales Plan tab; most likely an antivirus took it"),
            ANTIVIRUS, str(case.addin),
        )  # fmt: skip
    elif not case.where.manifest.exists():
        yield Finding(
            "not-installed", ERROR,
            Text("加载项没有安装", "the add-in is not installed"),
            Text("Excel 没有“销售计划”选项卡，SALES_ 函数显示 #NAME?", "Excel shows no Sales Plan tab and SALES_ functions are #NAME?"),
            AGAIN, str(case.addin),
        )  # fmt: skip
    if case.manifest and case.manifest.pending:
        yield Finding(
            "interrupted",
            ERROR,
            Text("上次安装被中断", "the last installation was interrupted"),
            Text("新旧文件可能并存", "old and new files may lie side by side"),
            AGAIN,
            str(case.where.manifest),
        )


def _contents(case: Case) -> Iterator[Finding]:
    entry = case.manifest.entry(ADDIN) if case.manifest else None
    if case.contents.fault:
        yield Finding(
            "damaged", ERROR,
            Text(f"{ADDIN_FILE} 已损坏：{case.contents.fault}", f"{ADDIN_FILE} is damaged: {case.contents.fault}"),
            Text("Excel 打不开它", "Excel can't open it"),
            AGAIN, str(case.addin),
        )  # fmt: skip
        return
    if lacking := _lacking(case.contents):
        names = joined(lacking)
        yield Finding(
            "incomplete", ERROR,
            Text(f"{ADDIN_FILE} 缺少：{names[0]}", f"{ADDIN_FILE} is without {names[1]}"),
            Text("功能区或函数失灵；有的杀毒软件会摘除宏", "ribbon or functions fail; some antivirus programs cut macros out"),
            ANTIVIRUS, str(case.addin),
        )  # fmt: skip
    elif entry and not entry.is_ours(case.addin.read_bytes()):
        yield Finding(
            "changed",
            WARNING,
            Text(f"{ADDIN_FILE} 安装后被改动过", f"{ADDIN_FILE} was changed since it was installed"),
            Text("运行的不再是安装的内容", "what runs is no longer what was installed"),
            AGAIN,
            str(case.addin),
        )


def _lacking(contents: AddinFile) -> list[str]:
    """Sheets and modules that belong to an add-in and are not in this one."""
    from addin import ribbon
    from addin.desktop import build

    sheets = [sheet.name for sheet in build.make_sheets(ribbon.buttons())]
    return [n for n in sheets if n not in contents.sheets] + [n for n in build.vba_modules() if n not in contents.modules]


def _version(case: Case) -> Iterator[Finding]:
    theirs = case.contents.salesplan
    if theirs and theirs != case.package:
        older = _ordered(theirs) < _ordered(case.package)
        yield Finding(
            "older" if older else "newer", WARNING,
            Text(f"加载项是 {theirs}，程序是 {case.package}", f"the add-in is {theirs}, the program {case.package}"),
            Text("函数和按钮可能与程序不一致", "functions and buttons may not match the program"),
            AGAIN if older else Text(
                "先升级程序（从新版的文件夹或安装包再装一次），或运行 salesplan install 换成当前版本。",
                "Upgrade the program (install it again from the new version's folder or wheel), or run salesplan install to go "
                "back to its version.",
            ),
            str(case.addin),
        )  # fmt: skip


def _ordered(version: str) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"\d+", version))


def blocked(case: Case) -> Iterator[Finding]:
    """A file that came by mail or browser carries a mark; Excel then runs no macro of it."""
    if not case.addin.is_file():
        return
    mark = _mark(case)
    if mark and case.machine.system != MAC:
        yield Finding(
            "blocked",
            ERROR,
            Text("加载项被标记为“来自互联网”", "the add-in is marked as coming from the internet"),
            Text("Excel 不运行它的宏：没有选项卡，或一闪而过", "Excel runs none of its macros: no tab, or one that goes away"),
            Text(
                "右键该文件 → 属性 → 勾选“解除锁定”；或删除它后用 salesplan install 重装（不要从邮件拷贝）。",
                "Right-click the file → Properties → Unblock; or delete it and run salesplan install (don't copy it from mail).",
            ),
            str(case.addin),
        )
    elif mark:
        yield Finding(
            "quarantined",
            ERROR,
            Text("加载项带有 macOS 隔离标记", "the add-in carries the quarantine mark of macOS"),
            Text("Excel 可能拒绝打开它", "Excel may refuse to open it"),
            Text(
                "在终端运行：xattr -d com.apple.quarantine “该文件”；或删除后用 salesplan install 重装。",
                "In a terminal: xattr -d com.apple.quarantine with the file; or delete it and run salesplan install.",
            ),
            str(case.addin),
        )


def _mark(case: Case) -> bool:
    if case.machine.system == MAC:
        return bool(case.machine.attribute(case.addin, "com.apple.quarantine"))
    try:  # a stream of the file on NTFS
        zone = Path(f"{case.addin}:Zone.Identifier").read_text(errors="replace")
    except OSError:
        return False
    return bool(re.search(r"ZoneId\s*=\s*[34]", zone))


def others(case: Case) -> Iterator[Finding]:
    """A second copy of ours, another xlwings add-in, leftovers: Excel opens everything that lies there."""
    for path in case.startup_files:
        if path == case.addin:
            continue
        if path.name.endswith((".saving", ".new")) and PROJECT in path.name:
            yield _leftover(path)
        elif path.suffix.lower() in _BOOKS and not path.name.startswith("~$"):
            yield from _other(str(path), path)
    folder = case.machine.appdata / "Microsoft" / "AddIns" / ADDIN_FILE
    if case.windows and not case.prepared and folder.is_file():
        yield _duplicate(str(folder))
    for text in case.listed_addins:
        yield from _other(text, None)


def _other(named: str, path: Path | None) -> Iterator[Finding]:
    name = re.split(r"[\\/]", named)[-1].casefold()
    modules = read_addin(path).modules if path else ()
    if name.startswith(PROJECT.casefold()) or "SalesPlanFunctions" in modules:
        yield _duplicate(named)
    elif "xlwings" in name or "xlwings" in modules:
        yield Finding(
            "second-xlwings", WARNING,
            Text("启动时还加载另一个 xlwings 加载项", "another xlwings add-in is opened as well"),
            Text("它可能用另一个解释器或版本，出错时难分是谁", "it may use another interpreter or version; its errors look like ours"),
            Text("不需要就移出该文件夹（或在“Excel 加载项”中取消勾选）。",
                 "Unless you need it, move it out of that folder (or untick it in Excel's list of add-ins)."),
            named,
        )  # fmt: skip


def _duplicate(named: str) -> Finding:
    return Finding(
        "duplicate", ERROR,
        Text("SalesPlan 有第二份", "there is a second copy of SalesPlan"),
        Text("Excel 两份都加载：选项卡重复，函数可能来自旧的那份", "Excel opens both: two tabs, and functions may come from the older one"),
        Text("关闭 Excel，删除这一份（或在“Excel 加载项”中取消勾选）。", "Close Excel and delete this one (or untick it in Excel's list of add-ins)."),
        named,
    )  # fmt: skip


def _leftover(path: Path) -> Finding:
    return Finding(
        "leftover",
        WARNING,
        Text("启动文件夹里有写了一半的文件", "a half-written file is in the startup folder"),
        Text("Excel 启动时会试着打开它并报错", "Excel tries to open it as it starts, and complains"),
        Text("关闭 Excel，删除它。", "Close Excel and delete it."),
        str(path),
    )


# ---------------------------------------------------------------------------------------------------------------------- the paths


def paths(case: Case) -> Iterator[Finding]:
    """Folders from which Excel or xlwings can't work."""
    if case.where.startup.is_dir() and not _writable(case.where.startup):
        yield Finding(
            "read-only", ERROR,
            Text("Excel 启动文件夹不可写", "Excel's startup folder can't be written to"),
            Text("无法安装、升级或卸载", "nothing can be installed, upgraded or removed"),
            Text("取消该文件夹的只读属性，或请 IT 给自己写权限。", "Clear its read-only attribute, or ask IT for permission to write there."),
            str(case.where.startup),
        )  # fmt: skip
    native = case.machine.native(case.addin)
    if len(native) > LONGEST:
        yield Finding(
            "too-long", ERROR,
            Text(f"加载项的路径有 {len(native)} 个字符", f"the add-in's path has {len(native)} characters"),
            Text(f"Excel 打不开超过 {LONGEST} 个字符的路径", f"Excel opens no path longer than {LONGEST}"),
            Text("换一个更短的位置。", "Choose a shorter place."), native,
        )  # fmt: skip
    for text in dict.fromkeys(t for t in (native, case.interpreter) if t):
        yield from _path(case, text)
    for key in ("PYTHONPATH", "INTERPRETER_WIN", "INTERPRETER_MAC"):
        if "://" in case.settings.get(key, ""):
            yield Finding(
                "url",
                ERROR,
                Text(f"设置 {key} 是网址：{case.settings[key]}", f"the setting {key} is a URL: {case.settings[key]}"),
                Text("Python 只能用磁盘上的路径", "Python can only use a path on a disk"),
                AGAIN,
                str(case.where.settings),
            )


def _path(case: Case, text: str) -> Iterator[Finding]:
    if _in_onedrive(case.machine, text):
        yield Finding(
            "onedrive", WARNING,
            Text("位于 OneDrive 同步的文件夹里", "it lies in a folder that OneDrive syncs"),
            Text("文件可能只在云端，或被同步替换；Excel 把路径当成网址", "it may be in the cloud only or be replaced; Excel takes the path for a URL"),
            Text("把 Python 环境放在 OneDrive 之外，再运行 salesplan install。",
                 "Keep the Python environment outside OneDrive, then run salesplan install."),
            text,
        )  # fmt: skip
    if text.startswith(("\\\\", "//")):
        yield Finding(
            "network", WARNING,
            Text("位于网络文件夹", "it lies in a network folder"),
            Text("Office 默认不信任网络位置的宏；断网时函数失灵",
                 "Office does not trust macros there by default, and without the network nothing works"),
            Text("请 IT 把它列为受信任位置，或改用本机文件夹。", "Ask IT to trust that place, or use a folder of this computer."), text,
        )  # fmt: skip
    if not text.isascii():
        yield _not_ascii(case, text)


def _not_ascii(case: Case, text: str) -> Finding:
    """Chinese user names are common: a fault only where Excel's VBA really can't spell them."""
    try:
        text.encode(case.machine.ansi)
        level = HINT
    except UnicodeEncodeError:
        level = ERROR
    return Finding(
        "non-ascii", level,
        Text("路径含非英文字符", "the path has characters beyond plain letters"),
        Text(
            f"xlwings 按系统代码页 {case.machine.ansi} 读路径，缺字就找不到文件",
            f"xlwings reads paths in the code page {case.machine.ansi}; a character not in it means file not found",
        ),
        Text("若函数失灵：把 Python 环境建在纯英文路径下，再运行 salesplan install。",
             "If functions fail: make the Python environment below a path of plain letters and run salesplan install."),
        text,
    )  # fmt: skip


def _in_onedrive(machine: Machine, text: str) -> bool:
    plain = text.replace("\\", "/").casefold()
    roots = [machine.variable(name).replace("\\", "/").casefold().rstrip("/") for name in _ONEDRIVE]
    return any(root and plain.startswith(root + "/") for root in roots) or "/onedrive" in plain


def _writable(folder: Path) -> bool:
    """The mode bits for themselves, since an administrator may write anywhere; then by trying."""
    if not folder.stat().st_mode & 0o222 or not os.access(folder, os.W_OK):
        return False
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


# ---------------------------------------------------------------------------------------------------------------- the interpreter


def settings(case: Case) -> Iterator[Finding]:
    """The settings name an interpreter, and no leftover of debugging stands there."""
    if not case.where.settings.is_file():
        if case.manifest or case.addin.is_file():
            yield Finding(
                "no-settings", ERROR,
                Text("没有设置文件", "there is no settings file"),
                Text("xlwings 不知道用哪个 Python", "xlwings does not know which Python to use"), AGAIN, str(case.where.settings),
            )  # fmt: skip
    elif not case.interpreter:
        yield Finding(
            "no-interpreter", ERROR,
            Text("设置里没有写解释器", "the settings name no interpreter"),
            Text("xlwings 会去找随便哪个 pythonw，多半没有装 SalesPlan", "xlwings takes any pythonw, most likely one without SalesPlan"),
            AGAIN, str(case.where.settings),
        )  # fmt: skip
    if case.settings.get("DEBUG UDFS", "").casefold() == "true":
        yield Finding(
            "debugging",
            WARNING,
            Text("设置里打开了 DEBUG UDFS", "DEBUG UDFS is on in the settings"),
            Text(
                "Excel 等待一个手动启动的 Python，函数无响应", "Excel waits for a Python started by hand; functions don't answer"
            ),
            Text("从设置文件中删去 DEBUG UDFS 那一行。", "Delete the line DEBUG UDFS from the settings file."),
            str(case.where.settings),
        )


def interpreter(case: Case) -> Iterator[Finding]:
    """The interpreter exists, starts, and can load the functions."""
    if not case.interpreter:
        return
    if is_store(case.interpreter) or (case.answer and case.answer.store):
        yield Finding(
            "store-python", ERROR,
            Text("解释器来自 Microsoft Store", "the interpreter comes from the Microsoft Store"),
            Text("它在沙箱里运行：写进 AppData 的文件 Excel 看不到，别名也无法由 Excel 启动",
                 "it runs in a sandbox: Excel does not see what it writes into AppData and can't start its alias"),
            Text("安装 python.org 的 Python，重建环境，再运行 salesplan install。",
                 "Install Python from python.org, make the environment anew and run salesplan install."),
            case.interpreter,
        )  # fmt: skip
    elif not case.interpreter_file.is_file():
        yield Finding(
            "interpreter-missing", ERROR,
            Text("设置里的解释器不存在", "the interpreter in the settings does not exist"),
            Text("函数和按钮都无法连接 Python（环境被移动或删除）",
                 "neither functions nor buttons reach Python (the environment was moved or deleted)"),
            Text("在现有的 Python 环境里运行 salesplan install。",
                 "Run salesplan install in the Python environment that exists."), case.interpreter,
        )  # fmt: skip
    elif case.answer is None:
        yield Finding(
            "interpreter-mute", ERROR,
            Text("解释器无法启动", "the interpreter does not start"),
            Text("函数和按钮都无法连接 Python", "neither functions nor buttons reach Python"),
            Text("修复或重装 Python，重建环境，再运行 salesplan install。",
                 "Repair or reinstall Python, make a new environment and run salesplan install."),
            case.interpreter,
        )  # fmt: skip
    else:
        yield from _packages(case, case.answer)


def _packages(case: Case, answer: Answer) -> Iterator[Finding]:
    how = how_to_install_program(case.interpreter)
    for name, code in (("salesplan", "package-missing"), ("xlwings", "xlwings-missing")):
        if name not in answer.versions:
            yield Finding(
                code, ERROR,
                Text(f"解释器里没有装 {name}", f"the interpreter has no {name}"),
                Text("这个 Python 算不了 SalesPlan 的函数：多半不是安装时那一个",
                     "this Python can't compute the functions: most likely it is the wrong one"),
                Text(f"运行 {how} ，或在正确的环境里运行 salesplan install。", f"Run {how} , or salesplan install in the right environment."),
                case.interpreter,
            )  # fmt: skip
    if answer.fault and len(answer.versions) == 2:
        yield Finding(
            "functions-fail", ERROR,
            Text(f"函数无法加载：{answer.fault}", f"the functions can't be loaded: {answer.fault}"),
            Text("每个单元格都会出错", "every cell will fail"),
            Text(f"运行 {how} --force-reinstall 。", f"Run {how} --force-reinstall ."), case.interpreter,
        )  # fmt: skip
    built, has = case.contents.xlwings if case.addin.is_file() else "", answer.versions.get("xlwings")
    if built and has and built != has:
        yield Finding(
            "xlwings-version", ERROR,
            Text(f"加载项用 xlwings {built} 生成，解释器里是 {has}", f"the add-in was built with xlwings {built}, the interpreter has {has}"),
            Text("两者的库不匹配，函数无法连接", "their libraries don't match; functions can't connect"), AGAIN, case.interpreter,
        )  # fmt: skip
    theirs = answer.versions.get("salesplan")
    if theirs and theirs != case.package:
        yield Finding(
            "package-version",
            WARNING,
            Text(
                f"Excel 用的是 SalesPlan {theirs}，此处是 {case.package}",
                f"Excel uses SalesPlan {theirs}, here is {case.package}",
            ),
            Text("电脑上有两个 Python 环境", "there are two Python environments"),
            Text("在要用的那个环境里运行 salesplan install。", "Run salesplan install in the one you mean to use."),
            case.interpreter,
        )


def library(case: Case) -> Iterator[Finding]:
    """Windows: xlwings' library lies beside the interpreter, of the version and word size Excel asks for."""
    version = case.contents.xlwings if case.addin.is_file() else ""
    if not case.windows or not version or not case.interpreter or not case.interpreter_file.is_file():
        return
    there = libraries_beside(case.interpreter_file)
    bits = _excel_bits(case)
    wanted = f"xlwings{bits or 64}-{version}.dll"
    if wanted not in {path.name for path in there} and (bits or not any(p.stem.endswith(f"-{version}") for p in there)):
        yield _library_missing(case, wanted, there)
    if bits and case.answer and case.answer.bits != bits:
        yield Finding(
            "bits",
            HINT,
            Text(f"Excel 是 {bits} 位，Python 是 {case.answer.bits} 位", f"Excel has {bits} bits, Python {case.answer.bits}"),
            Text("通常可行，但大表时内存受 32 位一方限制", "it usually works; the 32-bit side limits memory for large tables"),
            Text("若函数失灵，换成相同位数的 Python。", "If functions fail, use a Python of the same size."),
            case.interpreter,
        )


def _library_missing(case: Case, wanted: str, there: list[Path]) -> Finding:
    folder = case.machine.native(case.interpreter_file.parent)
    recorded = [re.split(r"[\\/]", path)[-1] for path in (case.manifest.libraries if case.manifest else ())]
    pip = f'"{case.interpreter}" -m pip install --force-reinstall --no-deps xlwings=={case.contents.xlwings}'
    if wanted in recorded:
        return Finding(
            "library-taken", ERROR,
            Text(f"{wanted} 安装时在，现在不见了", f"{wanted} was there at installation and is gone"),
            Text("多半被杀毒软件隔离；函数无法连接 Python", "most likely an antivirus took it; functions can't reach Python"),
            ANTIVIRUS + Text(f" 恢复不了就运行 {pip}", f" If it can't be restored: {pip}"), folder,
        )  # fmt: skip
    if there:
        names = ", ".join(path.name for path in there)
        return Finding(
            "library-version", ERROR,
            Text(f"加载项要 {wanted}，那里只有 {names}", f"the add-in asks for {wanted}; there is only {names}"),
            Text("库与加载项版本不同，函数无法连接 Python", "library and add-in differ in version; functions can't reach Python"),
            AGAIN + Text(f" 仍不行就运行 {pip}", f" If that does not help: {pip}"), folder,
        )  # fmt: skip
    return Finding(
        "library-missing",
        ERROR,
        Text(f"找不到 {wanted}", f"{wanted} is not there"),
        Text(
            "它应在解释器所在文件夹或其上级；可能被杀毒软件拦下，或 xlwings 是用 pip --user 装的",
            "it must lie in the interpreter's folder or the one above; an antivirus may have stopped it, or xlwings was "
            "installed with pip --user",
        ),
        Text(f"在杀毒软件中加入信任后运行 {pip}", f"Allow it in the antivirus, then run {pip}"),
        folder,
    )


def _excel_bits(case: Case) -> int:
    """Excel's word size; 0 where Windows does not say."""
    said = "" if case.prepared else str(case.machine.registry(_CLICK_TO_RUN).get("Platform", ""))
    return {"x64": 64, "x86": 32}.get(said.casefold(), 0)


def script(case: Case) -> Iterator[Finding]:
    """Mac: the AppleScript of the add-in's xlwings version is in place."""
    if case.where.scripts is None or not case.addin.is_file() or not case.contents.xlwings:
        return
    path = case.where.scripts / script_name(case.contents.xlwings)
    entry = case.manifest.entry(SCRIPT) if case.manifest else None
    if not path.is_file():
        yield Finding(
            "script-missing", ERROR,
            Text(f"缺少 {path.name}", f"{path.name} is missing"),
            Text("Mac 版 Excel 靠它启动 Python，按钮无响应",
                 "Excel for Mac starts Python through it; buttons don't answer"), AGAIN, str(path),
        )  # fmt: skip
    elif entry and found(case.where, entry.path) == path and not entry.is_ours(path.read_bytes()):
        yield Finding(
            "script-changed",
            WARNING,
            Text(f"{path.name} 安装后被改动过", f"{path.name} was changed since it was installed"),
            Text("按钮可能无法启动 Python", "buttons may not start Python"),
            AGAIN,
            str(path),
        )


def starting(case: Case) -> Iterator[Finding]:
    """Windows: xlwings' library can start the interpreter: its buffer holds the command, and Windows lets it out of
    Excel's job."""
    if not case.windows or not case.interpreter:
        return
    length = len(server_command(case).encode(case.machine.ansi, "replace"))
    if length > LONGEST_COMMAND:
        yield Finding(
            "command-too-long", ERROR,
            Text(f"启动 Python 的命令长 {length:,} 字节，最多 {LONGEST_COMMAND:,}",
                 f"the command that starts Python has {length:,} bytes, {LONGEST_COMMAND:,} at most"),
            Text("xlwings 的库放不下它，Excel 会在第一次计算时退出",
                 "xlwings' library has no room for it; Excel would end at the first calculation"),
            Text("在设置文件中缩短 PYTHONPATH，或把 Python 环境放到更短的路径。",
                 "Shorten PYTHONPATH in the settings file, or keep the Python environment below a shorter path."),
            str(case.where.settings),
        )  # fmt: skip
    if not case.prepared and case.answer and not case.machine.breaks_away(case.interpreter_file):
        yield Finding(
            "job",
            WARNING,
            Text("这里启动的程序不能脱离所在的作业对象", "programs started from here can't leave their job object"),
            Text(
                "Excel 若以同样方式启动（远程桌面、启动器、计划任务），启动 Python 会被拒绝访问",
                "an Excel started in the same way (remote desktop, launcher, scheduled task) is denied access when it starts "
                "Python",
            ),
            Text(
                "从开始菜单启动 Excel；仍不行时请 IT 允许其子进程脱离作业。",
                "Start Excel from the Start menu; if that does not help, ask IT to let its programs break away from the job.",
            ),
        )


def server_command(case: Case) -> str:
    """What xlwings' VBA hands to its library (XLPyCommand), with the class identifier that the library puts in.

    The active workbook's path is not in it: our build takes it out (``_CHANGES``), so its length does not depend on what is open.
    """
    paths = ["false", "", "", *(_expanded(case, case.settings.get(key, "")) for key in _IN_COMMAND)]
    given = ";".join(paths).replace("\\", "\\\\").replace("'", "\\'").replace("&", "^&")
    key = _expanded(case, case.settings.get("LICENSE_KEY", ""))
    licence = f"os.environ['XLWINGS_LICENSE_KEY']='{key}';" if key else ""
    code = f'import sys, os;{licence}import xlwings.utils;xlwings.utils.prepare_sys_path(\\"{given}\\");'
    serve = f"import xlwings; xlwings.serve('{{{'0' * 8}-0000-0000-0000-{'0' * 12}}}')"
    return f'cmd.exe  /K ""{_expanded(case, case.interpreter)}" -B -c "{code}{serve}""'


def _expanded(case: Case, text: str) -> str:
    return re.sub(r"%([^%]+)%", lambda m: case.machine.variable(m[1]) or m[0], text)


# ------------------------------------------------------------------------------------------------------------------- Excel itself


def excel(case: Case) -> Iterator[Finding]:
    """Excel is there, lets add-ins run, and has not switched ours off."""
    if case.prepared:
        return
    if not case.machine.has_excel:
        yield Finding(
            "no-excel", WARNING,
            Text("没有找到 Excel", "Excel was not found"),
            Text("装了也用不上", "the add-in can't be used here"), Text("先安装 Excel。", "Install Excel first."),
        )  # fmt: skip
    if case.machine.excel_runs or (case.where.startup / f"~${ADDIN_FILE}").exists():
        yield Finding(
            "excel-runs", HINT,
            Text("Excel 正开着", "Excel is open"),
            Text("安装和升级会被拒绝；刚装好的要重开 Excel 才看得到",
                 "install and upgrade are refused; what was just installed shows after a restart"),
            Text("需要安装时先关闭 Excel。", "Close Excel before installing."),
        )  # fmt: skip
    if case.windows:
        yield from _switched_off(case)
        yield from _without_spills(case)


def _switched_off(case: Case) -> Iterator[Finding]:
    if hive := next((hive for hive in ("HKCU", "HKLM") if _macros_off(case.machine, hive)), ""):
        yield Finding(
            "macros-off", ERROR,
            Text("公司策略关闭了宏和受信任位置", "the company's policy switches off macros and trusted locations"),
            Text("加载项一律不运行", "no add-in runs at all"),
            Text("请 IT 允许您的 XLSTART 为受信任位置。", "Ask IT to allow the person's XLSTART as a trusted location."), hive,
        )  # fmt: skip
    for value in case.machine.registry(rf"HKCU\{_OFFICE}\Resiliency\DisabledItems").values():
        if isinstance(value, bytes) and ADDIN_FILE.casefold() in value.decode("utf-16-le", "ignore").casefold():
            yield Finding(
                "disabled",
                ERROR,
                Text("Excel 在一次崩溃后禁用了加载项", "Excel disabled the add-in after a crash"),
                Text("它不再被加载", "it is no longer opened"),
                Text(
                    "Excel → 文件 → 选项 → 加载项 → 管理“禁用项目” → 启用，重开 Excel。",
                    "Excel → File → Options → Add-ins → Manage: Disabled Items → Enable, then restart Excel.",
                ),
            )


def _without_spills(case: Case) -> Iterator[Finding]:
    """Excel 2016 and 2019 show a plan but can't enter its formulas: they know no spilling ones (``A1#``)."""
    products = str(case.machine.registry(_CLICK_TO_RUN).get("ProductReleaseIds", "")).split(",")
    suites = [
        p for p in products if re.match(r"(?i)(O365|M365|Pro|Home|Standard|Personal|Excel|Student|Mondo)(?!ject)", p.strip())
    ]
    if suites and not any(re.search(r"(?i)365|Mondo|20(?:2[1-9]|[3-9]\d)", p) for p in suites):
        yield Finding(
            "old-excel",
            WARNING,
            Text(f"Excel 的版本是 {suites[0]}", f"this Excel is {suites[0]}"),
            Text(
                "计划可以打开查看；编辑需要 Microsoft 365 或 Excel 2021 及以后的版本（公式会溢出）",
                "a plan can be read here; editing it needs Microsoft 365, Excel 2021 or newer, since its formulas spill",
            ),
            Text("在这台电脑上只看不改，或换用新版 Excel。", "Only read plans on this computer, or use a newer Excel."),
        )


def _macros_off(machine: Machine, hive: str) -> bool:
    """Unsigned macros are off and no folder is trusted: then the startup folder is not either."""
    security = machine.registry(rf"{hive}\{_POLICIES}\Security")
    trusted = machine.registry(rf"{hive}\{_POLICIES}\Security\Trusted Locations")
    return trusted.get("AllLocationsDisabled") == 1 and security.get("VBAWarnings") in (3, 4)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    excel, installed, blocked, others, paths, settings, interpreter, library, starting, script,
)  # fmt: skip
