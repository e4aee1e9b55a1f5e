"""What a mail says: subject and body from the sheet, with named fields. All faults are found before anything is composed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from addin.mailing import safe
from udfs.text import Text
from workbook_templates.answers import Problem
from workbook_templates.cells import At
from workbook_templates.chapters.basics.tables.mail import COMMON_FIELDS
from workbook_templates.tables.grids import Held

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


class BadTemplate(ValueError):
    """A template that can't be filled; ``text`` says why and what to do."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


def fields_of(template: str) -> list[str]:
    """The fields a template names, in order. Raises ``BadTemplate`` for a brace without its partner.

    >>> fields_of("{period} {{not one}} {name}")
    ['period', 'name']
    """
    found = []
    for match in _TOKEN.finditer(template):
        if match[0] in ("{{", "}}"):
            continue
        if match[1] is None:
            around = safe.line(template[max(0, match.start() - 10) : match.end() + 10], 40)
            raise BadTemplate(
                Text(
                    f"“{around}”处的花括号不成对：字段写作 {{name}}，花括号本身写作 {{{{ 或 }}}}",
                    f"a brace without its partner near “{around}”: a field is written {{name}}, a brace itself {{{{ or }}}}",
                )
            )
        found.append(match[1].strip())
    return found


def filled(template: str, values: Mapping[str, str]) -> str:
    """A template with its fields in place. Values are put in as they are: what looks like a field in them stays text.

    >>> filled("{name}: {total}", {"name": "{total}", "total": "1.00"})
    '{total}: 1.00'
    """

    def put(match: re.Match[str]) -> str:
        return match[0][0] if match[1] is None else values[match[1].strip()]

    return _TOKEN.sub(put, template)


@dataclass(frozen=True)
class Template:
    """Subject and body of one kind of mail in one language, and where they stand."""

    kind: str
    language: str
    subject: str
    body: str
    sheet: str
    subject_at: At
    body_at: At

    def _parts(self) -> tuple[tuple[str, At], tuple[str, At]]:
        return (self.subject, self.subject_at), (self.body, self.body_at)

    def problems(self, known: Collection[str]) -> list[Problem]:
        """Blank cells, braces and fields that nobody knows, by cell."""
        found = []
        for text, at in self._parts():
            if not text.strip():
                found.append(Problem(self.sheet, *at, Text("模板为空：请填写", "the template is blank: fill it in")))
                continue
            try:
                unknown = [name for name in dict.fromkeys(fields_of(text)) if name not in known]
            except BadTemplate as bad:
                found.append(Problem(self.sheet, *at, bad.text))
                continue
            found += [Problem(self.sheet, *at, _unknown(name, known)) for name in unknown]
        return found

    def lacking(self, who: str, values: Mapping[str, str]) -> list[Problem]:
        """Fields that this mail's recipient has no value for."""
        found = []
        for text, at in self._parts():
            for name in dict.fromkeys(fields_of(text)):
                if not values.get(name, "").strip():
                    found.append(
                        Problem(
                            self.sheet,
                            *at,
                            Text(
                                f"字段 {{{name}}} 对 {who} 没有值：请补上，或从模板中去掉该字段",
                                f"the field {{{name}}} has no value for {who}: supply it, or take the field out",
                            ),
                        )
                    )
        return found

    def fill(self, values: Mapping[str, str]) -> tuple[str, str]:
        """(subject, body)."""
        return safe.line(filled(self.subject, values)), safe.lines(filled(self.body, values))


def _unknown(name: str, known: Collection[str]) -> Text:
    shown = safe.line(name, 40)
    near = difflib.get_close_matches(name, known, 1)
    all_ = ", ".join(f"{{{k}}}" for k in known)
    hint = (f"，是否想用 {{{near[0]}}}？", f": did you mean {{{near[0]}}}?") if near else ("。", ".")
    return Text(f"没有字段 {{{shown}}}{hint[0]}可用：{all_}", f"there is no field {{{shown}}}{hint[1]} There are: {all_}")


def read(held: Held) -> dict[tuple[str, str], Template]:
    """The templates of the sheet by kind and language; a later row of the same kind and language does not count."""
    found: dict[tuple[str, str], Template] = {}
    for index, row in enumerate(held.rows):
        at = (held.at(index, "subject"), held.at(index, "body"))
        template = Template(
            str(row["kind"]), str(row["language"]), str(row["subject"] or ""), str(row["body"] or ""), held.grid.sheet, *at
        )
        found.setdefault((template.kind, template.language), template)
    return found


def chosen(held: Held, kind: str, language: str) -> tuple[Template | None, list[Problem]]:
    """The template of a kind in a language, or why there is none."""
    template = read(held).get((kind, language))
    if template is not None:
        return template, []
    told = {"zh": Text("中文", "Chinese"), "en": Text("英文", "English")}[language]
    text = Text(
        f"没有“{kind}”的{told.zh}模板：请加一行，或从新建的计划中复制",
        f"there is no {told.en} template for “{kind}”: add a row, or copy it from a new plan",
    )
    return None, [Problem(held.grid.sheet, held.grid.header_row, held.grid.data.first_col, text)]


def known_fields(own: Sequence[str]) -> list[str]:
    """Every field that a template of some mail may name."""
    return list(dict.fromkeys([*COMMON_FIELDS, *own]))
