"""The second look: nobody's mail holds anybody else's ID, name or address, wherever in the file it might hide.

Written apart from what makes the workbooks: it sees the finished bytes only. Every part of the package is read as what it
is (text of cells and drawings, caches, comments, properties, attributes, embedded files down to the bytes of pictures),
every word of the mail, and compared with the IDs, names and addresses of all people, dealers, deals and customers of the
plan. One that is not the recipient's own stops the mail.
"""

from __future__ import annotations

import email
import email.policy
import functools
import html
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any, NamedTuple

from lxml import etree

from udfs.text import Text
from workbook_templates.tables import schema

# Whose rows are guarded, and by which columns.
GUARDED = {
    "People": ("id", "name", "email"),
    "Dealers": ("id", "name", "email"),
    "Deals": ("id",),
    "Customers": ("id", "name"),
}
MOST_BYTES = 400_000_000  # a package that unpacks to more is no statement
_MOST_KNOWN = 1_000_000  # a part of more bytes is no form that comes again and is not kept in memory
_DEEPEST = 4  # packages within packages

# Characters that go on with a word: a match must not begin or end inside one. Chinese has no such thing.
_WORD = "0-9a-z\u00df-\u024f\u0370-\u03ff\u0400-\u04ff"
_WORD_CHAR = re.compile(f"[{_WORD}]")
# Words that an English sentence can't do without, some of them names, too, and functions of formulas: like a Chinese name of one
# character, such a name is one where it stands alone.
_COMMON = frozenset(
    [
        "a",
        "all",
        "am",
        "an",
        "and",
        "any",
        "are",
        "art",
        "as",
        "at",
        "be",
        "bill",
        "but",
        "by",
        "can",
        "cash",
        "day",
        "do",
        "due",
        "each",
        "for",
        "from",
        "go",
        "had",
        "has",
        "he",
        "her",
        "him",
        "his",
        "how",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "last",
        "less",
        "let",
        "line",
        "mark",
        "max",
        "may",
        "me",
        "min",
        "more",
        "most",
        "my",
        "new",
        "next",
        "no",
        "not",
        "now",
        "of",
        "off",
        "ok",
        "on",
        "one",
        "or",
        "our",
        "out",
        "over",
        "own",
        "pay",
        "per",
        "rate",
        "rich",
        "row",
        "say",
        "see",
        "she",
        "so",
        "sum",
        "tax",
        "team",
        "ten",
        "than",
        "that",
        "the",
        "them",
        "then",
        "they",
        "this",
        "tier",
        "to",
        "too",
        "two",
        "up",
        "us",
        "use",
        "was",
        "way",
        "we",
        "were",
        "what",
        "when",
        "who",
        "why",
        "will",
        "with",
        "won",
        "year",
        "yes",
        "yet",
        "you",
        "your",
    ]
)
_HIDDEN = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
_NUMBER = re.compile(r"[-+]?[\d.,]+(e[-+]?\d+)?%?")
_CELL_SHAPED = re.compile(r"[a-z]{1,3}[1-9]\d{0,6}")
_LITERAL = re.compile(r'"((?:[^"]|"")*)"|\'((?:[^\']|\'\')*)\'')
# Attributes and elements that hold cell references or formulas: an ID of the shape of a cell is none there.
_REFERENCES = {"r", "ref", "sqref", "spans", "topLeftCell", "activeCell", "location", "href", "si"}
_FORMULAS = {"f", "formula", "formula1", "formula2", "definedName", "calculatedColumnFormula", "totalsRowFormula", "sqref", "ref"}
_JOINED = {"si", "is", "p", "text", "oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"}
_HEADERS = {"oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"}
_HEADER_CODE = re.compile(r'&(?:"[^"]*"|\d+|K[0-9A-Fa-f]{6}|[A-Za-z&])')


@dataclass(frozen=True)
class Leak:
    """Something of somebody else's, or a part that can't be looked into: where, and what."""

    where: str
    text: Text


@dataclass(frozen=True)
class _Hit:
    start: int
    end: int
    token: str


@dataclass
class _Node:
    children: dict[str, _Node] = field(default_factory=dict)
    ends: bool = False


class Inspector:
    """Knows every ID, name and address of a plan; made once, asked for each mail."""

    def __init__(self, rows: Mapping[str, Sequence[Mapping[str, Any]]], plain_words: Iterable[str] = ()) -> None:
        self._owners: dict[str, set[tuple[str, str]]] = {}
        for table, keys in GUARDED.items():
            for row in rows.get(table, ()):
                for key in keys:
                    token = plain(str(row.get(key) or ""))
                    if token:
                        self._owners.setdefault(token, set()).add((table, str(row["id"])))
        # Our own words: a label such as 安全库存 is no mention of a person called 安全.
        self._words = {w for w in map(plain, (*_vocabulary(), *plain_words)) if len(w) > 1}
        self._pattern = _pattern([*self._owners, *self._words])
        self._seen: dict[str, tuple[_Hit, ...]] = {}

    def package(self, content: bytes, owns: Mapping[str, Iterable[str]]) -> list[Leak]:
        """Everything in a workbook that is somebody else's."""
        own = {(table, str(id)) for table, ids in owns.items() for id in ids}
        return _once(self._findings(_package("", content, 0), own))

    def mail(self, content: bytes, owns: Mapping[str, Iterable[str]]) -> list[Leak]:
        """The same for a mail as it would be sent, attachments left out: headers, text, HTML with what it hides."""
        own = {(table, str(id)) for table, ids in owns.items() for id in ids}
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        return _once(self._findings(_mail(message), own))

    def _findings(self, pieces: Iterable[_Piece], own: set[tuple[str, str]]) -> Iterator[Leak]:
        for piece in pieces:
            if piece.fault is not None:
                yield Leak(piece.where, piece.fault)
                continue
            for token in self._foreign(piece, own):
                yield Leak(piece.where, self._said(token))

    def _said(self, token: str) -> Text:
        table, id = min(self._owners[token])
        title = schema.TABLES[table].title if table in schema.TABLES else Text(table, table)
        return Text(f"出现他人信息“{token}”（{title.zh} {id}）", f"holds “{token}”, which is somebody else's ({title.en} {id})")

    def _foreign(self, piece: _Piece, own: set[tuple[str, str]]) -> Iterator[str]:
        text = plain(piece.text)
        hits = self._hits(text)
        if not hits:
            return
        masks = [h for h in hits if self._is_own(h.token, own)]
        for hit in hits:
            if self._is_own(hit.token, own) or any(
                m.start <= hit.start and hit.end <= m.end and m.end - m.start > hit.end - hit.start for m in masks
            ):
                continue
            whole = text.strip() == hit.token
            if _NUMBER.fullmatch(hit.token) and (piece.number or not whole):
                continue  # an ID of digits only is one where it stands alone as text
            if (len(hit.token) == 1 or hit.token in _COMMON) and not whole:
                continue  # 王 alone in a cell is a name, within a text it is part of a word
            if piece.references and _CELL_SHAPED.fullmatch(hit.token) and not _in_literal(text, hit):
                continue
            yield hit.token

    def _is_own(self, token: str, own: set[tuple[str, str]]) -> bool:
        """A name that two people share is the recipient's own, too; a word of our forms is nobody's."""
        owners = self._owners.get(token)
        return token in self._words if owners is None else token in self._words or not owners.isdisjoint(own)

    def _hits(self, text: str) -> tuple[_Hit, ...]:
        found = self._seen.get(text)
        if found is None:
            # The longest at each place: what lies within a longer name is judged with it.
            matches = ((m.start(1), m.end(1), m[1]) for m in self._pattern.finditer(text) if m[1])
            found = tuple(_Hit(*m) for m in matches)
            if len(text) < 200 and len(self._seen) < 200_000:
                self._seen[text] = found
        return found

    def unchecked(self) -> list[str]:
        """Names that are words of our forms, too: they are not looked for."""
        return sorted(set(self._owners) & self._words)


def plain(text: str) -> str:
    """Text as it is compared: one form of each character, no case, no marks that can't be seen, single blanks."""
    if text.isascii():
        return " ".join(text.casefold().split())
    return " ".join(_HIDDEN.sub("", unicodedata.normalize("NFKC", text)).casefold().split())


def _vocabulary() -> Iterator[str]:
    for spec in schema.TABLES.values():
        yield from spec.title
        for column in spec.columns:
            yield from column.header
            for word in column.words:
                yield from word.label


def _pattern(tokens: Iterable[str]) -> re.Pattern[str]:
    """All tokens as one expression in the shape of a tree, the longest first, tried at every place."""
    root = _Node()
    for token in tokens:
        node = root
        for c in token:
            node = node.children.setdefault(c, _Node())
        node.ends = True
    if not root.children:
        return re.compile(r"(?!)()")
    return re.compile(f"(?=({_branches(root, '')}))")


def _branches(node: _Node, before: str) -> str:
    """What may follow here; a word's end must be one."""
    parts = []
    for c, child in node.children.items():
        chain = c
        while len(child.children) == 1 and not child.ends:
            (following, child) = next(iter(child.children.items()))
            chain += following
        start = f"(?<![{_WORD}])" if not before and _WORD_CHAR.match(chain) else ""
        parts.append(start + re.escape(chain) + _branches(child, before + chain))
    if node.ends:
        parts.append(f"(?![{_WORD}])" if _WORD_CHAR.match(before[-1]) else "")
    return parts[0] if len(parts) == 1 else "(?:" + "|".join(parts) + ")"


def _in_literal(text: str, hit: _Hit) -> bool:
    return any(m.start() < hit.start and hit.end < m.end() for m in _LITERAL.finditer(text))


def _once(found: Iterable[Leak]) -> list[Leak]:
    return list(dict.fromkeys(found))


# ------------------------------------------------------------------------------------------------------- what there is to read


class _Piece(NamedTuple):
    """A text and where it stands; ``references``: cell references are no IDs here; ``fault``: it can't be read."""

    where: str
    text: str = ""
    references: bool = False
    number: bool = False
    fault: Text | None = None


def _package(inside: str, content: bytes, depth: int) -> Iterator[_Piece]:
    """Every part of a zip, whatever the relationships say of it."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        yield _Piece(inside or "zip", fault=Text("不是完整的文件包，无法检查", "is no whole package and can't be looked into"))
        return
    names = [e.filename for e in entries]
    if len(set(names)) < len(names) or _carries_more(content, entries):
        yield _Piece(inside or "zip", fault=Text("文件包里夹带了别的内容", "the package carries something besides its parts"))
    if sum(e.file_size for e in entries) > MOST_BYTES or depth > _DEEPEST:
        yield _Piece(inside or "zip", fault=Text("文件包过大或嵌套过深，无法检查", "too large or too deep to be looked into"))
        return
    for entry in entries:
        where = f"{inside}{entry.filename}"
        yield _Piece(where, entry.filename)
        yield from _bytes_as_text(where, entry.comment + entry.extra)
        try:
            part = archive.read(entry)
        except Exception:  # damaged, encrypted, unknown compression: each has its own error
            yield _Piece(where, fault=Text("读不出来，无法检查", "can't be read and so not be looked into"))
            continue
        yield from _part(where, part, depth)


def _carries_more(content: bytes, entries: Sequence[zipfile.ZipInfo]) -> bool:
    """Whether there are bytes before, between or after the parts: readers skip them, a hex editor does not."""
    at = slack = 0
    for entry in sorted(entries, key=lambda e: e.header_offset):
        if entry.header_offset - at > slack:
            return True
        lengths = content[entry.header_offset + 26 : entry.header_offset + 30]
        name, extra = int.from_bytes(lengths[:2], "little"), int.from_bytes(lengths[2:], "little")
        at = entry.header_offset + 30 + name + extra + entry.compress_size
        slack = 24 if entry.flag_bits & 0x08 else 0  # a descriptor of 12 to 24 bytes may follow
    directory = content.find(b"PK\x01\x02", at)
    return bool(entries) and (directory - at > slack or content.rfind(b"PK\x05\x06") + 22 != len(content))


def _part(where: str, part: bytes, depth: int) -> Iterator[_Piece]:
    if part[:4] == b"PK\x03\x04":
        yield from _package(f"{where}!", part, depth + 1)
        return
    start = part.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"<" or part[:4] in (b"\xff\xfe<\x00", b"\xfe\xff\x00<"):
        yield from _known(where, part) if len(part) <= _MOST_KNOWN else _xml(where, part)
        return
    if where.lower().endswith(("vbaproject.bin", ".vba")):
        yield _Piece(where, fault=Text("含宏，不应外发", "holds macros, which no mailed workbook may"))
    yield from _bytes_as_text(where, part)


def _bytes_as_text(where: str, part: bytes) -> Iterator[_Piece]:
    """A part of unknown kind: its bytes in every way a text might be stored."""
    if part:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
            yield _Piece(where, part.decode(encoding, "ignore"))
        yield _Piece(where, part[1:].decode("utf-16-le", "ignore"))


@functools.lru_cache(maxsize=64)
def _known(where: str, part: bytes) -> tuple[_Piece, ...]:
    """Styles and themes are the same in all files of a kind, and a sheet says most things many times: each is looked at once."""
    return tuple(dict.fromkeys(_xml(where, part)))


def _xml(where: str, part: bytes) -> Iterator[_Piece]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, remove_blank_text=False)
    try:
        root = etree.fromstring(part, parser)
    except etree.XMLSyntaxError:  # VML and HTML parts are not always well-formed
        yield from _bytes_as_text(where, part)
        yield _Piece(where, html.unescape(re.sub(r"<[^>]*>", " ", part.decode("utf-8", "ignore"))))
        return
    if root.getroottree().docinfo.internalDTD is not None:
        yield _Piece(where, fault=Text("含 DTD，无法检查", "holds a DTD and can't be looked into"))
    for node in root.getroottree().iter():
        yield from _node(where, node)
    for outer in (*root.itersiblings(preceding=True), *root.itersiblings()):
        yield _Piece(where, str(outer.text or ""))


def _node(where: str, node: Any) -> Iterator[_Piece]:
    if not isinstance(node.tag, str):  # comments and processing instructions
        yield _Piece(where, node.text or "")
        if node.tail and node.tail.strip():
            yield _Piece(where, node.tail)
        return
    tag = etree.QName(node).localname
    references = tag in _FORMULAS
    for name, value in node.attrib.items():
        if not value.isdigit() and value not in ("true", "false"):
            yield _Piece(
                where, value, references or etree.QName(name).localname in _REFERENCES, number=bool(_NUMBER.fullmatch(value))
            )
    text = node.text
    if text and not text.isspace():
        if tag in _HEADERS:
            yield _Piece(where, _HEADER_CODE.sub(" ", text))
        elif not (tag == "v" and _NUMBER.fullmatch(text)):
            yield _Piece(where, text, references, number=tag in ("v", "f") and bool(_NUMBER.fullmatch(text)))
    if node.tail and not node.tail.isspace():
        yield _Piece(where, node.tail)
    if tag in _JOINED and len(node):  # a name may be set in two kinds of letters
        yield _Piece(where, _HEADER_CODE.sub(" ", _inner(node)) if tag in _HEADERS else _inner(node))


def _inner(node: Any) -> str:
    return "".join(str(t) for t in node.itertext())


class _Html(HTMLParser):
    """All that an HTML text says, shown or not."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shown: list[str] = []
        self.other: list[str] = []

    def handle_data(self, data: str) -> None:
        self.shown.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.other += [value for _, value in attrs if value]
        if tag in ("br", "p", "div", "td", "th", "tr", "li", "h1", "h2", "h3", "table"):
            self.shown.append("\n")

    def handle_comment(self, data: str) -> None:
        self.other.append(data)


def _mail(message: EmailMessage) -> Iterator[_Piece]:
    for part in message.walk():
        for name, value in part.items():
            yield _Piece(name, str(value))
        if file := part.get_filename():
            yield _Piece("Content-Disposition", str(file))
        if part.is_multipart():
            for text in (part.preamble, part.epilogue):
                yield _Piece("MIME", text or "")
            continue
        if part.get_content_type() == "text/html":
            yield from _html(str(part.get_content()))
        elif part.get_content_maintype() == "text":
            yield _Piece("text", str(part.get_content()))


def _html(source: str) -> Iterator[_Piece]:
    reader = _Html()
    reader.feed(source)
    reader.close()
    yield _Piece("html", "".join(reader.shown))
    yield from (_Piece("html", text) for text in reader.other)
