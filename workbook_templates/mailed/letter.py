"""The body of a mail: the number first, then how it comes about; as HTML for a phone's width and as plain text, from the
same blocks.

Styles stand in line, since many mail programs drop everything else; dark mode is a style sheet for those that know it.
Tables have no fixed widths and long words break, so nothing is wider than the smallest phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from udfs.text import Text, language
from workbook_templates.documents import PICTURE
from workbook_templates.page import style

INK, MUTED, LINE, ACCENT, BAND = (f"#{c}" for c in (style.INK, style.MUTED, "E3E8EF", style.ACCENT, style.BAND))
_TONES = {
    "good": (f"#{style.GREEN}", f"#{style.GREEN_INK}"),
    "warn": (f"#{style.AMBER}", f"#{style.AMBER_INK}"),
    "bad": (f"#{style.RED}", f"#{style.RED_INK}"),
}
_FONTS = "-apple-system,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','Segoe UI',Roboto,sans-serif"
# Whoever knows dark mode gets it from here; whoever does not sees the colours in line, always text and ground together.
_DARK = (
    ":root{color-scheme:light dark}"
    "@media (prefers-color-scheme:dark){.sp-page{background:#111827!important}.sp-card{background:#1f2937!important;color:#f3f4f6!important}"
    ".sp-ink{color:#f3f4f6!important}.sp-mute{color:#9ca3af!important}.sp-hero{color:#93c5fd!important}.sp-band{background:#273449!important}"
    ".sp-line{border-color:#374151!important}.sp-bar{opacity:.99;filter:brightness(1.7)}}"
)


@dataclass(frozen=True)
class Figure:
    """The number the mail is about."""

    label: str
    value: str
    note: str = ""
    tone: str = ""  # of the note: good, warn, bad
    below: Sequence[str] = ()  # sentences under the note


@dataclass(frozen=True)
class Pairs:
    """Labels and figures; a row marked as a sum is bold."""

    title: str
    rows: Sequence[tuple[str, str] | tuple[str, str, bool]]


@dataclass(frozen=True)
class Items:
    """Things with a line below and a figure at the right: deals, people, stock."""

    title: str
    rows: Sequence[tuple[str, str, str]]
    more: str = ""

    @classmethod
    def at_most(cls, most: int, title: str, rows: Sequence[tuple[str, str, str]], counted: str) -> Items:
        """The first of them, and how many more the attachment has; ``counted`` is the Chinese measure word."""
        left = len(rows) - most
        return cls(
            title, rows[:most], str(Text(f"另有 {left} {counted}见附件", f"{left} more in the attachment")) if left > 0 else ""
        )


@dataclass(frozen=True)
class Bars:
    """A small picture of figures over time, or beside a goal: ``whole`` is what a full bar stands for, ``line`` a mark on all of them."""

    title: str
    rows: Sequence[tuple[str, float, str]]
    whole: float = 0.0
    line: float = 0.0


@dataclass(frozen=True)
class Strip:
    """Where people stand on one scale, a dot each: labels of the steps, how many stand there."""

    title: str
    rows: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Say:
    """The sentence a mail begins with."""

    text: str


@dataclass(frozen=True)
class Note:
    """A sentence below everything."""

    text: str


@dataclass(frozen=True)
class Drawn:
    """The place of the mail's one picture, and what it says to who can't see it."""

    said: str


Block = Figure | Pairs | Items | Bars | Strip | Say | Note | Drawn


def html(heading: str, under: str, blocks: Sequence[Block]) -> str:
    """The page; everything in it that people typed is escaped."""
    inner = "".join(_html(block) for block in blocks)
    lang = "en" if language() == "en" else "zh-CN"
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width,initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
        f"<title>{escape(heading)}</title><style>{_DARK}</style></head>"
        f'<body class="sp-page" style="margin:0;padding:0;background:#eef2f7">'
        f'<div class="sp-page" style="background:#eef2f7;padding:12px 8px;font-family:{_FONTS};-webkit-text-size-adjust:100%">'
        '<div class="sp-card" style="max-width:600px;margin:0 '
        f"auto;background:#ffffff;color:{INK};border-radius:10px;padding:18px 16px;"
        'overflow-wrap:anywhere;word-break:break-word;font-size:15px;line-height:1.5">'
        f'<div class="sp-hero" style="font-size:18px;font-weight:700;color:{ACCENT}">{escape(heading)}</div>'
        f'<div class="sp-mute" style="font-size:13px;color:{MUTED};margin-top:2px">{escape(under)}</div>'
        f"{inner}</div></div></body></html>"
    )


def _html(block: Block) -> str:
    if isinstance(block, Figure):
        return _figure(block)
    if isinstance(block, Say):
        return f'<p class="sp-ink" style="font-size:16px;font-weight:600;color:{INK};margin:12px 0 0">{escape(block.text)}</p>'
    if isinstance(block, Note):
        return f'<p class="sp-mute" style="font-size:12px;color:{MUTED};margin:14px 0 0">{escape(block.text)}</p>'
    if isinstance(block, Drawn):
        return PICTURE
    if not block.rows:
        return ""
    body = _rows(block)
    return (
        f'<div class="sp-hero" style="font-size:14px;font-weight:700;color:{ACCENT};margin:18px 0 '
        f'4px">{escape(block.title)}</div>'
        '<table role="presentation" cellpadding="0" cellspacing="0" width="100%" '
        f'style="width:100%;border-collapse:collapse">{body}</table>'
        + (_more(block.more) if isinstance(block, Items) and block.more else "")
    )


def _rows(block: Pairs | Items | Bars | Strip) -> str:
    if isinstance(block, Pairs):
        return _pairs(block)
    if isinstance(block, Items):
        return _items(block)
    return _bars(block) if isinstance(block, Bars) else _dots(block)


def _more(text: str) -> str:
    return f'<div class="sp-mute" style="font-size:12px;color:{MUTED};padding-top:6px">{escape(text)}</div>'


def _figure(block: Figure) -> str:
    ground, ink = _TONES.get(block.tone, ("", ""))
    look = (
        f"background:{ground};color:{ink};border-radius:4px;padding:2px 8px;display:inline-block" if ground else f"color:{MUTED}"
    )
    css = "" if ground else ' class="sp-mute"'
    note = (
        f'<div style="margin-top:6px;font-size:13px"><span{css} style="{look}">{escape(block.note)}</span></div>'
        if block.note
        else ""
    )
    for said in block.below:
        note += f'<div class="sp-mute" style="margin-top:6px;font-size:13px;color:{MUTED}">{escape(said)}</div>'
    return (
        f'<div class="sp-band" style="background:{BAND};border-radius:8px;padding:14px 16px;margin-top:14px">'
        f'<div class="sp-mute" style="font-size:13px;color:{MUTED}">{escape(block.label)}</div>'
        '<div class="sp-hero" '
        f'style="font-size:30px;line-height:1.2;font-weight:700;color:{ACCENT}">{escape(block.value)}</div>{note}</div>'
    )


_STACK = 8  # dots upon each other; more are counted
_SHORT = 26  # columns of a figure that stays on one line; a reason may break
_WHOLE_WORDS = "word-break:normal;overflow-wrap:break-word"  # a label beside a long figure keeps its words
_CELL = f"padding:7px 0;border-bottom:1px solid {LINE};vertical-align:top"


def _pairs(block: Pairs) -> str:
    out = []
    for label, value, *strong in block.rows:
        weight = ";font-weight:700" if strong and strong[0] else ""
        whole = ";white-space:nowrap" if style.display_width(value) <= _SHORT else ""
        out.append(
            f'<tr><td class="sp-line sp-ink" style="{_CELL};color:{INK}{weight};{_WHOLE_WORDS}">{escape(label)}</td>'
            '<td class="sp-line sp-ink" align="right" '
            f'style="{_CELL};padding-left:10px;color:{INK}{whole}{weight}">{escape(value)}</td></tr>'
        )
    return "".join(out)


def _items(block: Items) -> str:
    return "".join(
        f'<tr><td class="sp-line sp-ink" style="{_CELL};color:{INK}">{escape(title)}'
        f'<div class="sp-mute" style="font-size:12px;color:{MUTED}">{escape(below)}</div></td>'
        '<td class="sp-line sp-ink" align="right" '
        f'style="{_CELL};padding-left:10px;color:{INK};white-space:nowrap;font-weight:600">{escape(value)}</td></tr>'
        for title, below, value in block.rows
    )


def _bars(block: Bars) -> str:
    largest = block.whole or max((abs(value) for _, value, _ in block.rows), default=0.0) or 1.0
    out = []
    for label, value, shown in block.rows:
        width = min(100, round(100 * abs(value) / largest))
        color = f"#{style.SERIES[0]}" if value >= 0 else f"#{style.SERIES[4]}"
        bar = f'<div class="sp-bar" style="background:{color};height:10px;width:{width}%;min-width:1px;border-radius:2px;font-size:0;line-height:0">&nbsp;</div>'
        out.append(
            '<tr><td class="sp-mute" style="padding:3px 8px 3px '
            f'0;font-size:12px;color:{MUTED};white-space:nowrap;width:1%">{escape(label)}</td>'
            f'<td style="padding:3px 0{_marked(block.line / largest)}">{bar if width else ""}</td>'
            '<td class="sp-ink" align="right" style="padding:3px 0 3px '
            f'8px;font-size:12px;color:{INK};white-space:nowrap;width:1%">{escape(shown)}</td></tr>'
        )
    return "".join(out)


def _marked(place: float) -> str:
    """A line across a bar's cell."""
    if not place:
        return ""
    at, ink = f"{100 * place:g}%", f"#{style.INK}"
    return f";background:linear-gradient(to right,transparent calc({at} - 1px),{ink} calc({at} - 1px),{ink} calc({at} + 1px),transparent 0)"


def _dots(block: Strip) -> str:
    """Steps side by side, the dots of each upon the other, the labels below."""
    width = f"{100 / len(block.rows):.2f}%"
    dots = "".join(
        f'<td class="sp-hero" align="center" style="width:{width};vertical-align:bottom;color:{ACCENT};font-size:12px;line-height:1.1">'
        f"{'<br>'.join('●' * min(number, _STACK))}{f'<br>+{number - _STACK}' if number > _STACK else ''}</td>"
        for _, number in block.rows
    )
    labels = "".join(
        f'<td class="sp-mute sp-line" align="center" style="border-top:1px solid {LINE};color:{MUTED};font-size:10px">{escape(label)}</td>'
        for label, _ in block.rows
    )
    return f"<tr>{dots}</tr><tr>{labels}</tr>"


def text(heading: str, under: str, blocks: Sequence[Block]) -> str:
    """The same in plain text."""
    out = [heading, under, ""]
    for block in blocks:
        if isinstance(block, Figure):
            out += [f"{block.label}: {block.value}" + (f"  ({block.note})" if block.note else ""), *block.below, ""]
        elif isinstance(block, Note | Say):
            out += [block.text, ""]
        elif isinstance(block, Drawn):
            out += [block.said, ""]
        elif block.rows:
            out += [f"[{block.title}]", *(_plain(block))]
            out += ["  " + block.more] if isinstance(block, Items) and block.more else []
            out.append("")
    return "\n".join(out).rstrip() + "\n"


def _plain(block: Pairs | Items | Bars | Strip) -> list[str]:
    if isinstance(block, Strip):
        return [f"  {label}: {'●' * number}" for label, number in block.rows if number]
    if isinstance(block, Pairs):
        return [f"  {row[0]}: {row[1]}" for row in block.rows]
    if isinstance(block, Items):
        return [f"  {title}  {value}" + (f"\n    {below}" if below else "") for title, below, value in block.rows]
    return [f"  {label}: {shown}" for label, _, shown in block.rows]
