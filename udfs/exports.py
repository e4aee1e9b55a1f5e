"""Export control by the company's own tables: what needs a licence, what is forbidden, and what nobody knows yet.

There is no answer "no licence needed": what the tables don't say is to be looked into.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from udfs.formula import PARTS, each, flag, formula, grid, note, one, refuse, text, word
from udfs.grids import Field, key_of, listed, parts, rows_of
from udfs.text import SEMICOLON, Text, joined
from udfs.values import NA, Objects

RESULTS = {
    "forbidden": Text("禁止", "Forbidden"),
    "licence": Text("需许可证", "Licence needed"),
    "open": Text("待核查", "To be checked"),
    "not_found": Text("表内未见需证", "No requirement found in the tables"),
}
_NO_COLUMN = ""
NO_CONTROL = "EAR99"  # the one code whose row may name no column
STATUS = word(normal=("正常", "ok"), sensitive=("敏感",), embargo=("禁运", "embargoed"))
_ECCN = re.compile(r"\d[A-Z]\d{3}")  # category, group, number; of its paragraphs (.a.1) letters and figures take turns
_ODD = re.compile(r"[\s.·．-]+")
_CONTROLS = (
    Field(Text("ECCN", "ECCN"), text),
    Field(Text("管制栏", "column"), text, given=False, filled=False),
)
_COUNTRIES = (
    Field(Text("国家", "country"), text),
    Field(Text("管制栏", "column"), text, filled=False),
    Field(Text("需许可证", "licence"), flag, filled=False),
    Field(Text("状态", "status"), STATUS, given=False, filled=False),
)
_HS = (
    Field(Text("HS 编码", "HS code"), text),
    Field(Text("需许可证", "licence"), flag, filled=False),
)


def code_of(code: str) -> str:
    """A control code as it is compared: upper case, without dots and spaces.

    >>> code_of("3a001. a")
    '3A001A'
    """
    return _ODD.sub("", unicodedata.normalize("NFKC", code)).upper()


@dataclass
class Controls:
    """The tables, read: columns of each ECCN, the answer of each country and column, statuses, HS codes."""

    columns: dict[str, list[str]] = field(default_factory=dict)
    licences: dict[tuple[str, str], bool] = field(default_factory=dict)
    status: dict[str, str] = field(default_factory=dict)
    hs: dict[str, bool] = field(default_factory=dict)
    hs_complete: bool = False

    def entry(self, eccn: str) -> str | None:
        """The code under which an ECCN stands in the table: itself, or the narrowest entry it is a paragraph of."""
        heads = (eccn[:size] for size in range(len(eccn), 0, -1))
        return next((code for code in heads if code in self.columns and _under(eccn, code)), None)

    def narrower(self, eccn: str, entry: str) -> list[str]:
        """Entries for parts of an ECCN that name columns its own entry does not: which part is shipped was not said."""
        known = set(self.columns[entry])
        return sorted(code for code, named in self.columns.items() if code != eccn and _under(code, eccn) and set(named) - known)


def _under(code: str, head: str) -> bool:
    """Whether an ECCN is another or a paragraph of it. 3A0011 and EAR99X are typing errors: nobody knows what was meant."""
    rest = code.removeprefix(head)
    return code.startswith(head) and (not rest or (bool(_ECCN.match(head)) and rest[0].isalpha() != head[-1].isalpha()))


def controls_of(
    controls: Sequence[Sequence[Any]], countries: Sequence[Sequence[Any]], hs: Sequence[Sequence[Any]] | None, complete: bool
) -> Controls:
    """The control tables from cells. Of rows that differ the stricter one counts; a blank licence is no answer."""
    out = Controls(hs_complete=complete)
    for _, (eccn, columns) in rows_of("controls", controls, _CONTROLS):
        out.columns.setdefault(code_of(eccn), []).extend([part.upper() for part in listed(columns)] or [_NO_COLUMN])
    severity = ("normal", "sensitive", "embargo")
    for _, (country, columns, licence, status) in rows_of("countries", countries, _COUNTRIES):
        place = key_of(country)
        out.status[place] = max(out.status.get(place, "normal"), status or "normal", key=severity.index)
        for column in listed(columns) if licence is not None else ():
            out.licences[place, column.upper()] = out.licences.get((place, column.upper()), False) or licence
    for _, (code, licence) in rows_of("hs_controls", hs or [], _HS):
        if licence is not None:
            out.hs[code_of(code)] = out.hs.get(code_of(code), False) or licence
    return out


@dataclass
class Verdict:
    """What the tables say of one line, by weight: forbidden, licences, open questions, and what was looked up."""

    causes: dict[str, list[Text]] = field(default_factory=lambda: defaultdict(list))

    @property
    def result(self) -> str:
        return next((code for code in ("forbidden", "licence", "open") if self.causes[code]), "not_found")

    @property
    def reasons(self) -> Text:
        causes = [cause for code in ("forbidden", "licence", "open", "not_found") for cause in self.causes[code]]
        return joined(causes, between=SEMICOLON)


def checked(eccn: str, hs: str, country: str, tables: Controls) -> Verdict:
    """Every cause, whichever decides."""
    found, place = Verdict(), key_of(country)
    say = found.causes
    status = tables.status.get(place)
    if status is None:
        say["open"].append(Text(f"国家 {country or '未填'} 不在表内", f"country {country or 'blank'} is not in the table"))
    elif status != "normal":
        word_ = Text("禁运", "embargo") if status == "embargo" else Text("敏感地区", "sensitive region")
        kind = "forbidden" if status == "embargo" else "not_found"
        say[kind].append(Text(f"{country} {word_.zh}", f"{country}: {word_.en}"))
    _by_eccn(code_of(eccn), place, country, tables, say)
    _by_hs(code_of(hs), tables, say)
    return found


def _by_eccn(eccn: str, place: str, country: str, tables: Controls, say: dict[str, list[Text]]) -> None:
    entry = tables.entry(eccn)
    if entry is None:
        say["open"].append(Text(f"ECCN {eccn or '未填'} 不在表内", f"ECCN {eccn or 'blank'} is not in the table"))
        return
    if entry != eccn:
        note("{code} 按 {entry} 查", "{code} was looked up as {entry}", code=Text(eccn, eccn), entry=Text(entry, entry))
    if narrower := tables.narrower(eccn, entry):
        say["open"].append(
            Text(f"{eccn} 在表内另有更细的条目 {'、'.join(narrower)}", f"{eccn} has narrower entries: {', '.join(narrower)}")
        )
    for column in dict.fromkeys(tables.columns[entry]):
        if column == _NO_COLUMN:
            if entry != NO_CONTROL:
                say["open"].append(Text(f"{entry} 没有列出管制栏", f"{entry} is listed without a column"))
            continue
        licence = tables.licences.get((place, column))
        kind = "open" if licence is None else "licence" if licence else "not_found"
        answer = {"open": Text("表内没有", "not in the table"), "licence": Text("是", "yes"), "not_found": Text("否", "no")}[kind]
        say[kind].append(Text(f"{column} × {country}：{answer.zh}", f"{column} × {country}: {answer.en}"))


def _by_hs(hs: str, tables: Controls, say: dict[str, list[Text]]) -> None:
    if hs and not hs.isdecimal():
        say["open"].append(Text(f"HS {hs} 不是编码：只含数字", f"HS {hs} is no code: figures only"))
        return
    found = next((hs[:size] for size in range(len(hs), 0, -1) if hs[:size] in tables.hs), None)
    below = sorted(code for code, licence in tables.hs.items() if licence and hs and code.startswith(hs) and code != found)
    if below and not (found and tables.hs[found]):
        say["open"].append(
            Text(
                f"HS {hs} 之下 {'、'.join(below)} 需证：请写全编码",
                f"HS {hs}: {', '.join(below)} below it need a licence, enter the whole code",
            )
        )
    if found is not None:
        kind = "licence" if tables.hs[found] else "not_found"
        say[kind].append(
            Text(f"HS {found}：{'是' if tables.hs[found] else '否'}", f"HS {found}: {'yes' if tables.hs[found] else 'no'}")
        )
    elif not hs:
        say["open"].append(Text("未填 HS 编码", "the HS code is blank"))
    elif not tables.hs_complete:
        say["open"].append(Text(f"HS {hs} 不在表内", f"HS {hs} is not in the table"))


@formula(
    9,
    "出口核查：按本公司的 ECCN、国家、HS 管制表；查不到的一律待核查",
    "Export check by the company's own tables; what they don't say is to be checked",
    gives=PARTS,
    columns=[("结果", "result"), ("原因", "reasons"), ("需双人复核", "dual review")],
)
def exportcheck(
    eccn: Annotated[Objects, each("ECCN", "ECCN", text)],
    hs: Annotated[Objects, each("HS 编码", "HS code", text)],
    country: Annotated[Objects, each("目的国家", "country of destination", text)],
    controls: Annotated[Any, grid("管制表：ECCN、管制栏（一行一栏）", "controls: ECCN, column (a row for each)")],
    countries: Annotated[Any, grid("国家表：国家、管制栏、需许可证、状态", "countries: country, column, licence, status")],
    hs_controls: Annotated[Any, grid("HS 表：HS 编码（前缀）、需许可证", "HS table: HS code (prefix), licence")] = None,
    hs_complete: Annotated[bool, one("HS 表是否完整", "whether the HS table is complete", flag)] = False,
) -> Any:
    """What the company's control tables say of a line of an order abroad. All causes are listed.

    An embargo forbids; a column of the ECCN or the longest HS prefix that says yes needs a licence; whatever is not found (ECCN,
    column × country, country, HS unless its table is complete) is to be checked; else no requirement is found in the tables. That is
    no statement that none is needed. Case, dots and spaces of codes don't matter; 3A001.a goes by 3A001, said.

    Returns: a row for each line: 禁止, 需许可证, 待核查 or 表内未见需证; the reasons; TRUE for a sensitive or embargoed country (two
        reviewers and a video inspection).
    Errors: #N/A a line without ECCN, HS code and country; #VALUE! a cell of the tables that can't be read.
    Source: rules, chapter 9, EXPORTCHECK.
    Example:
        >>> exportcheck("3A001", "8471", "X", [["3A001", "NS2"]], [["X", "NS2", "否", "正常"]], [["8471", "否"]])
        [['表内未见需证', 'NS2 × X：否；HS 8471：否', False]]
        >>> exportcheck("9X999", "8471", "X", [["3A001", "NS2"]], [["X", "NS2", "否", "正常"]], [["8471", "否"]])
        [['待核查', 'ECCN 9X999 不在表内；HS 8471：否', False]]
    """
    blank = [not (a or b or c) for a, b, c in zip(eccn, hs, country, strict=True)]
    refuse(
        blank, NA, "没有可核查的内容：请填 ECCN、HS 编码和国家", "there is nothing to check: fill in ECCN, HS code and country"
    )
    tables = controls_of(controls, countries, hs_controls, hs_complete)
    rows = []
    for a, b, c in zip(eccn, hs, country, strict=True):
        found = checked(a, b, c, tables)
        dual = tables.status.get(key_of(c), "normal") != "normal"
        rows.append([RESULTS[found.result], found.reasons, dual])
    return parts(rows, 3)
