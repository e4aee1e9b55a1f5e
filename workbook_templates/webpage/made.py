"""The page as a whole: one file, its own style and script named by their fingerprints, nothing asked for from anywhere."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from importlib import resources
from typing import Any

from lxml import etree
from lxml.html import builder as h

from udfs.text import Text, joined, speaking
from workbook_templates.answers import Refused
from workbook_templates.webpage import cards, drawings, scope, sections
from workbook_templates.webpage.reading import Seen
from workbook_templates.webpage.sections import Parts

MOST, LARGE = 1_500_000, 1_000_000  # bytes: never more; said from here on


@dataclass(frozen=True)
class MadePage:
    """A finished page; ``dropped``: orders without a card for want of room; ``drawn``: whether what draws pictures is installed."""

    content: bytes
    dropped: int
    cards: int
    drawn: bool

    @property
    def large(self) -> bool:
        return len(self.content) > LARGE


def page(seen: Seen, person: str = "") -> MadePage:
    """The cockpit of a plan as HTML, for a director or for all of the company."""
    with speaking(seen.lang):
        limits = scope.of(seen, person)
        pictures = _pictures(seen, limits)
        deck: cards.Deck | None = cards.deck(seen, limits)
        while deck is not None:
            sheet = Parts(seen, limits, deck, pictures)
            content = _whole(sheet)
            if len(content) <= MOST:
                _look_again(content, sheet)
                return MadePage(content, deck.dropped, sum(map(len, deck.ids.values())), drawings.available())
            deck = cards.fewer(deck)
        raise Refused(
            Text(
                f"页面超过 {MOST:,} 字节，没有写入：请按总监生成 --for",
                f"the page is larger than {MOST:,} bytes, nothing was written: make one a director, --for",
            )
        )


def _pictures(seen: Seen, limits: scope.Scope) -> dict[str, str]:
    """What can be drawn, by block."""
    if not drawings.available():
        return {}
    sheet = Parts(seen, limits, cards.Deck(seen, limits, {table: [] for table in cards.TOLD}), {})
    out = {}
    for key in drawings.DRAWINGS:
        cells = seen.cells.get(key)
        rows = sections.shown_rows(sheet, key) if cells else []
        if cells and rows and not sections.bare(sheet, key):
            out[key] = drawings.svg(key, [str(head or "") for head in cells[0]], rows, sections.lights_of(sheet, key, rows))
    return out


def _look_again(content: bytes, sheet: Parts) -> None:
    """A second look at the finished page: nothing of another line may stand in it."""
    tree = etree.HTML(content, etree.HTMLParser(encoding="utf-8", huge_tree=True))
    charted = [" ".join(node.itertext()) for node in tree.xpath("//figure//table | //figure//*[local-name()='svg'] | //code")]
    for node in tree.xpath("//figure//table | //figure//*[local-name()='svg'] | //code | //script | //style"):
        node.clear(keep_tail=True)
    found = sorted(sheet.scope.strange(" ".join(tree.itertext()), " ".join(charted)))
    if found:
        zh, en = joined(found, most=5)
        raise Refused(
            Text(
                f"页面里有其他条线的 {zh}，没有写入：请报告这个问题",
                f"the page holds {en} of another line, nothing was written: please report this",
            )
        )


def _whole(sheet: Parts) -> bytes:
    style, script = (resources.files(__package__).joinpath(name).read_text("utf-8") for name in ("page.css", "page.js"))
    policy = f"default-src 'none'; style-src '{_print_of(style)}'; script-src '{_print_of(script)}'; base-uri 'none'; form-action 'none'"
    title = f"{sheet.seen.first('company_name')} {Text('驾驶舱', 'Cockpit')} {sheet.seen.as_of:%Y-%m-%d}"
    parts: list[Any] = [sections.front(sheet)]
    parts += [made for number in range(1, 6) if (made := sections.screen(sheet, number)) is not None]
    parts += [made for made in (sections.todo(sheet),) if made is not None]
    body = h.BODY(
        h.A(str(Text("跳到正文", "Skip to content")), {"href": "#main", "class": "skip"}),
        sections.wrist(sheet),
        h.DIV(
            {"class": "whole", "id": "top"},
            sections.head(sheet),
            sections.tabs(sheet),
            h.MAIN({"id": "main"}, *parts),
            _behind(sheet),
            _foot(sheet),
        ),
        h.SCRIPT(script),
    )
    root = h.HTML(
        {"lang": "en" if sheet.lang == "en" else "zh-CN"},
        h.HEAD(
            h.META({"charset": "utf-8"}),
            h.META({"http-equiv": "Content-Security-Policy", "content": policy}),
            h.META({"name": "viewport", "content": "width=device-width, initial-scale=1"}),
            h.META({"name": "robots", "content": "noindex"}),
            h.META({"name": "color-scheme", "content": "light dark"}),
            h.TITLE(title),
            h.STYLE(style),
        ),
        body,
    )
    whole: bytes = etree.tostring(root, method="html", encoding="utf-8", doctype="<!DOCTYPE html>")
    return whole


def _behind(sheet: Parts) -> Any:
    return h.E.aside(
        {"aria-label": str(Text("客户、订单、人员卡片", "Cards of customers, orders and people"))}, *sections.cards(sheet)
    )


def _foot(sheet: Parts) -> Any:
    lines = [
        h.P(
            str(
                Text(
                    "数字与计划工作簿的单元格逐一相同；金额是敞口，不可相加。内部资料，请勿转发。",
                    "Figures are those of the plan's cells; amounts are exposures and don't add up. Internal, don't pass on.",
                )
            )
        )
    ]
    if not drawings.available():
        lines.append(
            h.P(
                str(
                    Text(
                        "没有装画图的库，图以数字表代替：安装 salesplan[cockpit]",
                        "The library that draws is not installed, so charts are tables: install salesplan[cockpit]",
                    )
                )
            )
        )
    if sheet.deck.dropped:
        lines.append(
            h.P(
                str(
                    Text(
                        f"为不超过大小，较早的 {sheet.deck.dropped} 张订单没有卡片",
                        f"To keep the size, the {sheet.deck.dropped} oldest orders have no card",
                    )
                )
            )
        )
    return h.E.footer(*lines)


def _print_of(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()
