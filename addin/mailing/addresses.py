"""Who may get a mail: addresses of the plan's own Tables, in domains that the company allows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from addin.mailing import safe
from udfs.text import Text

_LOCAL = re.compile(r"[A-Za-z0-9#$&'*+/=?^_`{}~-]+(\.[A-Za-z0-9#$&'*+/=?^_`{}~-]+)*")
_ROUTES = re.compile(r"[%!|]")  # servers have taken a@b@ours, written with one of these, as an order to pass it on to b
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_OTHER_DOTS = re.compile("[\u3002\uff0e\uff61]")  # they would be read as dots
_BETWEEN = re.compile(r"[\s,;，；、]+")


class BadAddress(ValueError):
    """Not an address to send to; ``text`` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


@dataclass(frozen=True)
class Domains:
    """The domains that mail may go to. ``*.example.com`` allows what lies below it, ``example.com`` itself only."""

    exact: frozenset[str]
    below: frozenset[str]
    first: str = ""  # as listed: the company's own

    @classmethod
    def parse(cls, text: str) -> Domains:
        """The domains of a cell, whatever stands between them. Raises ``BadAddress`` for what is none."""
        exact, below, first = set(), set(), ""
        for word in _BETWEEN.split(text.strip()):
            if word.startswith("*."):
                below.add(domain(word[2:]))
            elif word:
                exact.add(domain(word.removeprefix("@")))
                first = first or domain(word.removeprefix("@"))
        return cls(frozenset(exact), frozenset(below), first or min(below, default=""))

    def __bool__(self) -> bool:
        return bool(self.exact or self.below)

    def allow(self, address: str) -> bool:
        """Whether an address (as ``checked`` gives it) lies in one of them; whole labels count, never the mere ending."""
        host = address.rpartition("@")[2]
        above = host.split(".")
        return host in self.exact or any(".".join(above[i:]) in self.below for i in range(1, len(above)))


def checked(text: object) -> str:
    """An address as it is sent: one, plain, its domain in ASCII. Raises ``BadAddress``.

    >>> checked(" Lin@Starbridge.example ")
    'Lin@starbridge.example'
    """
    address = str(text or "").strip()
    if not address:
        raise BadAddress(Text("没有邮箱", "no address"))
    odd = safe.hidden(address)
    if odd:
        raise BadAddress(Text(f"邮箱含不可见或控制字符（{odd}）", f"the address holds an invisible character ({odd})"))
    local, at, host = address.rpartition("@")
    route = _ROUTES.search(local)
    if at and route:
        raise BadAddress(
            Text(
                f"邮箱“{safe.line(address, 60)}”的 @ 前有“{route[0]}”：有的服务器会据此转发到别处",
                f"the address “{safe.line(address, 60)}” has “{route[0]}” before the @: some servers would pass it on elsewhere",
            )
        )
    if not at or not _LOCAL.fullmatch(local) or len(local) > 64:
        shown = safe.line(address, 60)
        raise BadAddress(Text(f"“{shown}”不是一个邮箱地址", f"“{shown}” is not one mail address"))
    return f"{local}@{domain(host)}"


def domain(text: str) -> str:
    """A domain in lower-case ASCII (punycode); look-alikes of mixed scripts and anything odd are refused.

    A domain in another script becomes another name in ASCII, so a Cyrillic look-alike never equals the real one.
    """
    host, shown = text.strip().lower(), safe.line(text, 60)
    bad = BadAddress(Text(f"“{shown}”不是域名", f"“{shown}” is not a domain"))
    if safe.hidden(host) or _OTHER_DOTS.search(host) or host != unicodedata.normalize("NFKC", host):
        raise bad
    for label in host.split("."):
        scripts = {_script(c) for c in label if c.isalpha()}
        if len(scripts) > 1 and "LATIN" in scripts:
            raise BadAddress(Text(f"域名“{shown}”混用多种文字，可能是仿冒", f"the domain “{shown}” mixes scripts: a look-alike?"))
    try:
        ascii_host = host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        raise bad from None
    labels = ascii_host.split(".")
    if len(ascii_host) > 253 or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        raise bad
    return ascii_host


def _script(c: str) -> str:
    name = unicodedata.name(c, "?").split(" ", 1)[0]
    return "CJK" if name in ("CJK", "HIRAGANA", "KATAKANA", "HANGUL") else name


def first_problem(address: object, domains: Domains, known: Iterable[str]) -> tuple[str, Text | None]:
    """(address as sent, what is wrong): it must be one, stand in the plan's own Tables, and lie in an allowed domain."""
    try:
        found = checked(address)
    except BadAddress as bad:
        return "", bad.text
    listed = set()
    for other in known:
        try:
            listed.add(checked(other).casefold())
        except BadAddress:
            continue
    if found.casefold() not in listed:
        return "", Text(f"{found} 不是人员表或经销商表里此人的邮箱", f"{found} is not this person's address in People or Dealers")
    if not domains.allow(found):
        host = found.rpartition("@")[2]
        return "", Text(
            f"域名 {host} 不在“邮件模板”页允许的域名中", f"the domain {host} is not among those allowed on the mail sheet"
        )
    return found, None
