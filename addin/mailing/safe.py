"""Text from cells on its way into headers, file names and cells: nothing in it may become more than text."""

from __future__ import annotations

import re
import unicodedata

HEADER_MOST = 200  # characters of a subject or a name
NAME_MOST = 120  # bytes of a file name before its ending: file systems stop at 255, Windows at 260 for the whole path

# Marks that turn the direction of writing, join or hide: they make "gnp.exe" look like "exe.png".
_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x7f]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?")


def line(text: object, most: int = HEADER_MOST) -> str:
    """One line of plain text: no line breaks, control characters, marks of direction or broken surrogates, not too long.

    >>> line("Statement\\r\\nBcc: all@evil.example")
    'Statement Bcc: all@evil.example'
    """
    flat = "".join(" " if _breaks(c) else c for c in _visible(str(text)))
    flat = " ".join(flat.split())
    return flat if len(flat) <= most else flat[: most - 1].rstrip() + "…"


def header(text: object, most: int = HEADER_MOST) -> str:
    """A line that a mail's header carries: what looks like an encoded word there would be decoded."""
    return line(text, most).replace("=?", "= ?")


def lines(text: object) -> str:
    """Text of several lines, otherwise as ``line``; for the body of a mail."""
    shown = _visible(str(text)).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c if c in "\n\t" or not _breaks(c) else " " for c in shown)


def hidden(text: str) -> str:
    """The first character that has no business in an address or a setting, by its name; blank when there is none."""
    for c in text:
        if _breaks(c) or _HIDDEN.match(c) or unicodedata.category(c) in ("Cs", "Cc", "Cf", "Co"):
            return unicodedata.name(c, f"U+{ord(c):04X}")
    return ""


def file_name(stem: object, ending: str) -> str:
    """A name that is a file's in one folder on every system, whatever ``stem`` holds.

    >>> file_name("../../etc/passwd", ".xlsx")
    '_.._etc_passwd.xlsx'
    """
    name = _FORBIDDEN.sub("_", line(unicodedata.normalize("NFC", str(stem)), 10_000)).lstrip(" .-~").rstrip(" .")
    while len(name.encode("utf-8")) > NAME_MOST:
        name = name[:-1]
    name = name.rstrip(" .") or "_"
    return ("_" if _RESERVED.fullmatch(name) or name[0] in "=+@" else "") + name + ending


def whole(text: str) -> str:
    """Text without halves of characters, which no encoding can write."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _visible(text: str) -> str:
    return _HIDDEN.sub("", whole(text))


def _breaks(c: str) -> bool:
    return unicodedata.category(c) in ("Cc", "Zl", "Zp")
