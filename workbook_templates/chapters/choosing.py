"""Chapters as people ask for them: numbers, ranges, presets; what is not there is said, what one needs comes along."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from udfs.formula import CHAPTERS as TITLES
from udfs.text import Text, joined
from workbook_templates import registry
from workbook_templates.answers import Refused

# By the word on the command line and in a question: what it stands for. What a version does not have yet is left out, and said.
PRESETS: dict[Text, tuple[int, ...]] = {
    Text("精简", "lean"): (1, 5, 11),
    Text("标准", "standard"): (1, 2, 3, 4, 5, 8, 11),
    Text("全部", "all"): tuple(sorted(TITLES.keys() - {0})),
}
MEANING = Text(
    "章号（如 1,5,11 或 1-5），或 精简（1,5,11）、标准（1–5,8,11）、全部",
    "numbers (such as 1,5,11 or 1-5), or lean (1,5,11), standard (1–5,8,11), all",
)


@dataclass(frozen=True)
class Choice:
    """The chapters asked for with what they need; ``notes`` say what was added."""

    numbers: frozenset[int]
    notes: list[Text] = field(default_factory=list)


def chosen(said: str) -> Choice:
    """The chapters that a text asks for, and those they need."""
    asked = numbers(said)
    if not asked:
        raise Refused(Text("一章也没有选：", "no chapter chosen: ") + MEANING)
    return Choice(registry.with_needs(asked), added(asked))


def numbers(said: str) -> set[int]:
    """Numbers, ranges and presets as chapter numbers. Refused when one is none."""
    out: set[int] = set()
    for word in re.split(r"[,;、\s]+", unicodedata.normalize("NFKC", said).strip()):
        preset = next((chapters for name, chapters in PRESETS.items() if word.casefold() in name), None)
        span = re.fullmatch(r"(\d{1,3})(?:[-–~](\d{1,3}))?", word)
        if preset is not None:
            out |= set(preset)
        elif span is not None:
            out |= set(range(int(span[1]), int(span[2] or span[1]) + 1))
        elif word:
            raise Refused(Text(f"“{word}”不是章号：", f"“{word}” is no chapter: ") + MEANING)
    if unknown := sorted(out - (TITLES.keys() - {0})):
        raise Refused(Text(f"没有第 {unknown[0]} 章：", f"there is no chapter {unknown[0]}: ") + MEANING)
    return out


def added(asked: Iterable[int]) -> list[Text]:
    """What the chapters asked for need besides, one line for each that is added."""
    asked = set(asked)
    out = []
    for number in sorted(registry.with_needs(asked) - asked):
        users = sorted(n for n in registry.with_needs(asked) if number in registry.numbered()[n].needs)
        zh, en = joined(map(str, users))
        out.append(
            Text(f"第 {zh} 章要用到它的数字，一并启用：",
                 f"chapter{'s' * (len(users) > 1)} {en} need{'s' * (len(users) == 1)} it, switched on as well: ")
            + listed([number])
        )  # fmt: skip
    return out


def listed(asked: Iterable[int]) -> Text:
    """Chapters by number and title."""
    every = sorted(asked)
    return Text("、".join(f"{n} {TITLES[n].zh}" for n in every), ", ".join(f"{n} {TITLES[n].en}" for n in every))
