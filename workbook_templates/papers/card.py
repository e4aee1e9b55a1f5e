"""A card to share in a chat: a case in three parts or an article, as a picture, and the same words to paste beside it.

The picture is drawn as SVG and turned into PNG by the library of the cockpit's page; its letters are those of the machine.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from udfs.text import Text
from workbook_templates import documents
from workbook_templates.documents import Made
from workbook_templates.page import style

KIND = Text("分享卡片", "Share card")
EXTRA = "cockpit"
_FONTS = "Microsoft YaHei, PingFang SC, Noto Sans CJK SC, Source Han Sans SC, sans-serif"
_WIDTH, _EDGE = 750, 56
_SCALE = 1.5
_HEAD, _TITLE, _LABEL, _BODY, _SMALL = 132, 36, 22, 26, 20
_LEADING = 1.5
_LONGEST = 24  # letters of a word that stay together
_LINES = 5  # of a part; what is longer ends in …


@dataclass(frozen=True)
class ShareCard:
    """What stands on it: who made it, the title, its parts (heading and text), when; ``object`` is the ID it is kept under."""

    object: str
    company: str
    slogan: str
    version: str
    day: dt.date
    title: str
    parts: Sequence[tuple[str, str]]

    @property
    def foot(self) -> str:
        """The last line."""
        return " · ".join(part for part in (self.company, self.version, f"{self.day:%Y-%m-%d}") if part)


def made(card: ShareCard) -> list[Made]:
    """The picture, and its words as a text file. Same card, same bytes."""
    library = documents.library("vl_convert", EXTRA)
    png: bytes = library.svg_to_png(drawing(card), scale=_SCALE)
    return [Made(KIND, card.object, ".png", png), Made(KIND, card.object, ".txt", words(card).encode("utf-8"))]


def words(card: ShareCard) -> str:
    """What to paste beside the picture."""
    lines = [card.title, ""]
    for heading, text in card.parts:
        lines += [f"{heading}{Text('：', ': ')}{text}"]
    return "\n".join([*lines, "", card.slogan, card.foot]) + "\n"


def drawing(card: ShareCard) -> str:
    """The card as SVG, as high as its words need."""
    drawn, y = list[str](), _HEAD + 64.0
    for line in _wrapped(card.title, _TITLE, 3):
        drawn.append(_text(line, y, _TITLE, style.INK, bold=True))
        y += _TITLE * _LEADING
    for heading, text in card.parts:
        y += 18
        drawn.append(_text(heading, y, _LABEL, style.ACCENT, bold=True))
        y += _LABEL * _LEADING + 4
        for line in _wrapped(text, _BODY, _LINES):
            drawn.append(_text(line, y, _BODY, style.INK))
            y += _BODY * _LEADING
    y += 20
    drawn.append(f'<rect x="{_EDGE}" y="{y:.0f}" width="{_WIDTH - 2 * _EDGE}" height="2" fill="#{style.ACCENT}"/>')
    drawn.append(_text(card.foot, y + 44, _SMALL, style.MUTED))
    height = round(y + 84)
    head = "".join(
        _text(line, 62 + 40 * at, 30, "FFFFFF", bold=True) for at, line in enumerate(_wrapped(card.slogan or card.company, 30, 2))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}">'
        f'<rect width="{_WIDTH}" height="{height}" fill="#FFFFFF"/><rect width="{_WIDTH}" height="{_HEAD}" fill="#{style.ACCENT}"/>'
        f"{head}{''.join(drawn)}</svg>"
    )


def _text(said: str, y: float, size: int, color: str, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{_EDGE}" y="{y:.0f}" font-family="{_FONTS}" font-size="{size}" fill="#{color}"{weight}>{escape(said)}</text>'
    )


def _wrapped(text: str, size: int, most: int) -> Iterator[str]:
    """Lines that fit: a Han character is as wide as it is high, a letter about half of it. No line begins with a closing sign."""
    room, lines, line, used = (_WIDTH - 2 * _EDGE) / size, list[str](), "", 0.0
    for word in _pieces(" ".join(text.split())):
        wide = style.display_width(word) / 2
        if used + wide > room and line.strip() and word not in _CLOSING:
            lines.append(line.strip())
            line, used = "", 0.0
        line, used = line + word, used + wide
    lines.append(line.strip())
    lines = [line for line in lines if line]
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][:-1] + "…"]
    return iter(lines)


_CLOSING = frozenset("，。、；：？！）》”’,.;:?!)")


def _pieces(text: str) -> Iterator[str]:
    """Where a line may break: words with the blank behind them, very long ones anywhere, Han characters one by one."""
    word = ""
    for letter in text:
        if letter.isascii() and letter != " " and len(word) < _LONGEST:
            word += letter
            continue
        if letter == " ":
            yield word + letter
            word = ""
            continue
        if word:
            yield word
            word = ""
        if letter.isascii():
            word = letter
        else:
            yield letter
    if word:
        yield word
