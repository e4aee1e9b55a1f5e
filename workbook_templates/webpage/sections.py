"""The parts of the page, as elements: built and never pasted together, so that no name of anybody's can become markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lxml import etree
from lxml.html import builder as h

from udfs.text import Text
from workbook_templates import registry
from workbook_templates.chapters.cockpit.sheets.cockpit import TILE_WATCHES
from workbook_templates.chapters.cockpit.sheets.problems import SCREENS
from workbook_templates.chapters.cockpit.sheets.screens import MOST_TILES, ordered
from workbook_templates.page import register
from workbook_templates.page.register import LIGHTS, JudgedFigure
from workbook_templates.page.watches import NO_DATA
from workbook_templates.tables import switches
from workbook_templates.webpage import drawings, saying
from workbook_templates.webpage.cards import Card, Deck, kind, open_tasks
from workbook_templates.webpage.reading import Seen
from workbook_templates.webpage.scope import ELSEWHERE, Scope

Element = Any
SHAPES = {"green": "●", "amber": "▲", "red": "■", "off": "–"}
LIMIT = 24  # characters a watch shows of a sentence
_WATCH = ("bookings.progress", "profit.progress", "cash.rate")
_BAR = 100.0


@dataclass(frozen=True)
class Parts:
    """What every part needs."""

    seen: Seen
    scope: Scope
    deck: Deck
    drawn: dict[str, str]  # pictures by block

    @property
    def lang(self) -> str:
        return self.seen.lang

    def said(self, text: str) -> str:
        return self.scope.said(text)

    @cached_property
    def people(self) -> re.Pattern[str] | None:
        """Whoever is named, the longer name before one it begins with."""
        names = sorted({str(row["name"]) for row in self.seen.of("People") if row.get("name")}, key=len, reverse=True)
        return re.compile(f"({'|'.join(map(re.escape, names))})") if names else None


def _el(tag: str, *content: Any, **attributes: str) -> Element:
    """An element; ``class_`` and ``data_key`` are spelled for Python."""
    made = getattr(h, tag.upper())(*(c for c in content if c is not None))
    for name, value in attributes.items():
        made.set(name.rstrip("_").replace("_", "-"), value)
    return made


# ---------------------------------------------------------------------------------------------------------------- pieces


def light(row: JudgedFigure | None) -> Element:
    """A light: shape and word, never colour alone."""
    code = row.light if row is not None else None
    word = str(LIGHTS[code]) if code else saying.NOTHING
    shape = SHAPES.get(code or "", "")
    return _el(
        "span",
        _el("span", shape, aria_hidden="true"),
        f" {word}" if shape != "–" and shape else word,
        class_=f"light {code or 'none'}",
    )


def who(name: str) -> Element:
    """A person's name; on the wall the initials only: of a Chinese name the first character."""
    if name in ("", str(ELSEWHERE)):
        return _el("span", name or saying.NOTHING)
    short = _el("span", initials(name), class_="short", aria_hidden="true")
    return _el("span", _el("span", name, class_="full"), short, class_="who")


def initials(name: str) -> str:
    """What stands for a name where it may not be read; a title behind a comma is none of it."""
    words = name.partition(",")[0].split()
    return "".join(word[0] for word in words) if name.isascii() and words else name[:1]


def told(sheet: Parts, text: str) -> list[Any]:
    """A text in which the wall shows people by their first character, too."""
    if sheet.people is None:
        return [text]
    parts = sheet.people.split(text)  # every second one is a name
    return [_el("span", *_hiding(part), class_="person") if n % 2 else part for n, part in enumerate(parts) if part]


def _hiding(name: str) -> list[Any]:
    """A name of which the wall shows the initials; the text stays whole."""
    words = re.findall(r"\S+\s*", name) if name.isascii() else [name]
    return [piece for word in words for piece in (word[0], _el("span", word[1:]))]


def _item(sheet: Parts, row: JudgedFigure) -> Element:
    if not row.item:
        return _el("span")
    said, home = sheet.scope.item(row.id, row.item), sheet.deck.home(row.id)
    linked = home and said == row.item
    return _el("a", *told(sheet, said), href=f"#{home}") if linked else _el("span", *told(sheet, said))


def _bar(ratio: float | None) -> Element:
    """How far of the goal: a bar with a tick at the goal."""
    svg = etree.Element(
        "svg",
        {"viewBox": "0 0 130 8", "class": "bar", "aria-hidden": "true", "focusable": "false", "preserveAspectRatio": "none"},
    )
    etree.SubElement(svg, "rect", {"width": "130", "height": "8", "data-f": "bg"})
    share = max(0.0, min(1.3, ratio or 0.0)) * _BAR
    etree.SubElement(svg, "rect", {"width": f"{share:.1f}", "height": "8", "data-f": "ac"})
    etree.SubElement(svg, "rect", {"x": "99", "width": "2", "height": "8", "data-f": "pl"})
    return svg


def _table(heads: Sequence[Text | str], rows: Sequence[Sequence[Any]], caption: str, **attributes: str) -> Element:
    """A table whose cells know what they are, so that a phone shows each row as a card."""
    body = _el("tbody")
    for row in rows:
        cells = []
        for title, cell in zip(heads, row, strict=True):
            made = cell if etree.iselement(cell) and cell.tag in ("td", "th") else _el("td", cell if cell is not None else "")
            made.set("data-label", str(title))
            if "".join(made.itertext()).strip() in ("", saying.NOTHING) and not made.xpath(".//*[contains(@class,'light')]"):
                made.set("class", f"{made.get('class', '')} blank".strip())
            cells.append(made)
        body.append(_el("tr", *cells))
    figures = [cell.get("class", "").startswith("num") for cell in body[0]] if len(body) else [False] * len(heads)
    over = [_el("th", str(t), scope="col", **({"class_": "num"} if n else {})) for t, n in zip(heads, figures, strict=True)]
    head = _el("thead", _el("tr", *over))  # what stands over figures stands right, as they do
    return _el(
        "div",
        _el("table", _el("caption", caption), head, body, **attributes),
        class_="wide",
        tabindex="0",
        role="region",
        aria_label=caption,
    )


def _number(text: str, exact: float | None, key: str = "") -> Element:
    made = _el("td", text, class_="num")
    if exact is not None:
        made.set("data-value", repr(exact))
    if key:
        made.set("data-key", key)
    return made


# ----------------------------------------------------------------------------------------------------------------- parts


def head(sheet: Parts) -> Element:
    """Whose plan, as of when, until when there are data, whether they are checked, and for whom this is."""
    seen = sheet.seen
    days = [row.newest for row in seen.judged if row.newest is not None]
    until = f" · {Text('数据到', 'data until')} {max(days):%m-%d}" if days else ""
    check = f"{Text('检查', 'Checks')} {seen.first('master_check') or saying.NOTHING}"
    reader = sheet.scope.reader
    only = (
        _el(
            "p",
            f"{Text('仅限', 'For')} {reader['name']} {Text('本人阅读；人员、客户和订单限本条线，公司合计不变', 'only; people, customers and orders are those of the line, totals the company’s')}",
            class_="only",
        )
        if reader
        else None
    )
    title = f"{seen.first('company_name')} {Text('驾驶舱', 'Cockpit')}"
    return _el(
        "header",
        _el("h1", title),
        _el("p", f"{Text('截至', 'As of')} {seen.as_of:%Y-%m-%d}{until} · {check}", class_="asof"),
        only,
        class_="top",
    )


def tabs(sheet: Parts) -> Element:
    """The screens, at the foot of a phone and under the head elsewhere."""
    links = [_el("a", _el("span", str(Text("总览", "Home"))), href="#top")]
    for number, name in enumerate(SCREENS, 1):
        if _of_screen(sheet.seen, number):
            links.append(_el("a", _el("span", f"{number} "), _el("span", str(name)), href=f"#s{number}", accesskey=str(number)))
    return _el("nav", *links, class_="tabs", aria_label=str(Text("各屏", "Screens")))


def _of_screen(seen: Seen, number: int) -> list[JudgedFigure]:
    return [row for row in seen.judged if row.screen == number and row.light != "off"]


def wrist(sheet: Parts) -> Element:
    """What a watch shows: the day, one sentence, three lights with a figure each; nothing to tap."""
    seen = sheet.seen
    booked = seen.by_key.get("bookings.progress")
    sentence = str(Text("尚无签单数据", "no bookings yet"))
    if booked is not None and booked.ratio is not None:
        sentence = f"{Text('签单', 'Booked')} {saying.rate(booked.ratio)} {booked.gap}"
    lines = [
        _el(
            "li",
            light(row),
            f" {row.title.partition('（')[0].partition(' (')[0]} {_one_figure(row, sheet.lang)}",
        )
        for key in _WATCH
        if (row := seen.by_key.get(key)) is not None
    ]
    return _el(
        "div",
        _el("p", f"{seen.as_of:%m-%d}", class_="asof"),
        _el("p", sentence[:LIMIT], class_="one"),
        _el("ul", *lines),
        class_="wrist",
    )


def _one_figure(row: JudgedFigure, lang: str) -> str:
    """How far money is; a share itself, for how far it is of its goal would be read as the share."""
    return saying.actual(row, lang) if row.ratio is None or row.goal.endswith("%") else saying.rate(row.ratio)


def tiles(sheet: Parts) -> Element:
    """The six figures; each leads to its screen."""
    made = []
    for name, key, chapter in TILE_WATCHES:
        row = sheet.seen.by_key.get(key)
        if row is None:
            made.append(_no_tile(str(name), str(Text(f"第 {chapter} 章未提供", f"chapter {chapter} has none"))))
        else:
            made.append(_tile(sheet, row, f"#s{row.screen}"))
    return _el("ul", *made, class_="tiles")


def _no_tile(name: str, why: str) -> Element:
    parts = (("span", name, "name"), ("strong", saying.NOTHING, ""), ("span", why, "beside"))
    return _el("li", *(_el(tag, said, **({"class_": c} if c else {})) for tag, said, c in parts), class_="tile")


def _tile(sheet: Parts, row: JudgedFigure, to: str) -> Element:
    """A figure with its goal, how far it has come, and its light."""
    if row.light == "off":
        return _no_tile(row.title, str(Text("停用", "off")))
    figure = _el("strong", saying.actual(row, sheet.lang), data_key=row.key, data_field="actual", data_value=repr(row.actual))
    reached = f" · {saying.rate(row.ratio)}" if row.ratio is not None else ""
    parts = [f"{Text('目标', 'goal')} {row.goal}{reached}", row.gap] if row.gap else [str(Text("尚无数据", "no data yet"))]
    parts += [row.span] if row.span else []
    beside = _el("span", *(_el("span", part, class_="part") for part in parts), class_="beside")
    until = f"{Text('数据到', 'until')} {row.newest:%m-%d}" if sheet.seen.stale(row) else ""
    lamp = _el("span", until, class_="light none") if until else light(row)
    return _el(
        "li", _el("a", _el("span", row.title, class_="name"), figure, _bar(row.ratio), beside, lamp, href=to), class_="tile"
    )


def problems(sheet: Parts, rows: Sequence[JudgedFigure], caption: Text) -> Element:
    """Problems: each with what is at stake, whose it is, until when, and where it is looked into."""
    if not rows:
        return _el("p", str(Text("没有红灯和橙灯", "Nothing is red or amber")), class_="quiet")
    heads = (
        Text("灯", "Light"),
        Text("问题", "Problem"),
        Text("最差一项", "Worst item"),
        Text("差距", "Gap"),
        Text("涉及金额", "Exposed"),
        Text("负责人", "Owner"),
        Text("期限", "Due"),
    )
    made = [
        (
            light(row),
            _el("a", row.title, href=f"#w-{row.key}"),
            _item(sheet, row),
            _number(row.gap, None),
            _number(saying.money(row.amount, sheet.lang) if row.amount else saying.NOTHING, row.amount, row.key),
            who(sheet.said(row.owner)),
            f"{row.due:%Y-%m-%d}" if row.due else saying.NOTHING,
        )
        for row in rows
    ]  # fmt: skip
    return _table(heads, made, str(caption), class_="problems")


def chapters(sheet: Parts) -> Element:
    """Each chapter with how many of its lights are red and amber."""
    made = []
    for number, chapter in sorted(registry.numbered().items()):
        if number == 0:
            continue
        rows = [row for row in sheet.seen.judged if row.chapter == number]
        counts = {code: sum(row.light == code for row in rows) for code in ("red", "amber", "green", "off")}
        said = " ".join(f"{SHAPES[code]}{counts[code]}" for code in ("red", "amber") if counts[code])
        said = said or (SHAPES["green"] if counts["green"] else str(Text("停用", "off")) if counts["off"] else saying.NOTHING)
        code = next((c for c in ("red", "amber", "green") if counts[c]), "none")
        told = f"{counts['red']} {Text('红', 'red')} {counts['amber']} {Text('橙', 'amber')}"
        made.append(
            _el(
                "li",
                _el("span", f"{number} {chapter.label}"),
                _el("span", said, class_=f"light {code}", aria_label=told, role="img"),
            )
        )
    return _el("ul", *made, class_="chapters")


def picture(sheet: Parts, key: str) -> Element | None:
    """A chart with its message above and its figures below; without the library the figures only."""
    cells = sheet.seen.cells.get(key)
    if not cells or len(cells) < 2:
        return None
    rows = shown_rows(sheet, key)
    if not rows:
        return None
    drawing = drawings.DRAWINGS[key]
    unit = str(drawings.unit(rows, drawing.fmt))
    title = sheet.said(sheet.seen.titles.get(key, "")) or str(drawing.about)
    if bare(sheet, key):
        return _el("figure", _el("figcaption", title), class_="chart")
    heads = [str(head) for head in cells[0][: drawing.shown]]  # the rest helps to draw it
    codes = _codes(sheet, key, len(cells[0]))
    body = [
        [
            _el("th", *told(sheet, _cell(row[0], codes[0], sheet.lang)), scope="row"),
            *(_figure(c, code, sheet.lang) for c, code in zip(row[1 : len(heads)], codes[1:], strict=False)),
        ]
        for row in rows
    ]
    table = _table(heads, body, title)
    about = _el("p", f"{drawing.about}{'，' if sheet.lang == 'zh' and unit else ', ' if unit else ''}{unit}", class_="measure")
    if key not in sheet.drawn:
        return _el("figure", _el("figcaption", title), about, table, class_="chart")
    holder = _el("div", class_="drawn", role="img", aria_label=title)
    holder.append(etree.fromstring(sheet.drawn[key]))
    return _el(
        "figure",
        _el("figcaption", *told(sheet, title)),
        about,
        holder,
        _el("details", _el("summary", str(Text("看数字", "Figures"))), table),
        class_="chart",
    )


def bare(sheet: Parts, key: str) -> bool:
    """Whether a chart says what to fill in, or that its chapter is off: no empty frame under that."""
    title = sheet.seen.titles.get(key, "")
    return title.startswith(str(NO_DATA)) or title == str(switches.OFF)


def shown_rows(sheet: Parts, key: str) -> list[Sequence[Any]]:
    """The rows of a block that may be shown and hold something."""
    rows = [row for row in sheet.seen.cells[key][1:] if row and row[0] not in (None, "", saying.NOTHING)]
    rows = [row for row in rows if any(isinstance(cell, int | float) for cell in row[1:])]
    return [row for row in rows if sheet.scope.charted(str(row[0])) == str(row[0])]


def lights_of(sheet: Parts, key: str, rows: Sequence[Sequence[Any]]) -> list[str | None]:
    """The light of each row, as the register judges the worst of them: its borders, a share of the goal where the row has one of its own."""
    drawing = drawings.DRAWINGS[key]
    if drawing.like:
        known = shown_rows(sheet, drawing.like) if drawing.like in sheet.seen.cells else []
        by_name = dict(zip((str(row[0]) for row in known), lights_of(sheet, drawing.like, known), strict=True))
        return [by_name.get(str(row[0])) for row in rows]
    watch = sheet.seen.by_key.get(drawing.watch)
    if watch is None or watch.light in (None, "off") or watch.target is None or watch.border is None:
        return [None] * len(rows)
    found = []
    for row in rows:
        figure, goal = (cell if isinstance(cell, int | float) else None for cell in (row[1], row[drawing.goal]))
        border = watch.border
        if watch.lower or not goal or not watch.target:
            goal = watch.target
        else:
            border = goal * watch.border / watch.target
        found.append(None if figure is None else register.light_of(figure, goal, border, watch.lower))
    return found


def _codes(sheet: Parts, name: str, columns: int) -> Sequence[str]:
    """How the sheet shows each column of a name's cells."""
    return [*sheet.seen.formats.get(name, ()), *[""] * columns][:columns]


def _figure(cell: Any, code: str, lang: str) -> Element:
    return _number(_cell(cell, code, lang), float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else None)


def _cell(cell: Any, code: str, lang: str) -> str:
    if not isinstance(cell, int | float) or isinstance(cell, bool):
        return "" if cell is None else str(cell)
    return saying.in_format(float(cell), code, lang)


def screen(sheet: Parts, number: int) -> Element | None:
    """A screen as its sheet: the sentence, six figures, pictures, five problems, the rows behind; all other figures are folded away."""
    rows = _of_screen(sheet.seen, number)
    if not rows:
        return None
    pictures = [
        made_ for key, d in drawings.DRAWINGS.items() if d.screen == number and (made_ := picture(sheet, key)) is not None
    ]
    message = sheet.seen.first(f"screen{number}_message")
    first = register.of_screen(sheet.seen.judged, number)
    return _el(
        "section",
        _el("h2", f"{number} {SCREENS[number - 1]}", id=f"h{number}"),
        _el("p", *told(sheet, sheet.said(message)), class_="message", data_key=f"screen{number}_message") if message else None,
        _screen_tiles(sheet, number),
        _el("div", *pictures, class_="charts") if pictures else None,
        problems(sheet, first, Text("本屏问题", "Problems of this screen")),
        _drill(sheet, number),
        _folded(sheet, number, rows),
        _el("p", _el("a", str(Text("↑ 总览", "↑ Home")), href="#top")),
        id=f"s{number}",
        aria_labelledby=f"h{number}",
    )


def _screen_tiles(sheet: Parts, number: int) -> Element:
    """The first six of a screen; each leads to its row, where it is told how it comes about."""
    keys = ordered(number, [row.key for row in sheet.seen.judged if row.screen == number])
    made = [_tile(sheet, sheet.seen.by_key[key], f"#w-{key}") for key in keys[:MOST_TILES]]
    return _el("ul", *made, class_="tiles")


def _folded(sheet: Parts, number: int, rows: Sequence[JudgedFigure]) -> Element:
    """All figures of a screen: unfolded by its link, or by one that leads to a row."""
    name, link = SCREENS[number - 1], f"all{number}"
    said = Text(f"全部 {len(rows)} 个被评判的数 ▾", f"All {len(rows)} judged figures ▾")
    table = _all_figures(sheet, rows, str(Text(f"{name.zh}：全部被评判的数", f"{name.en}: all judged figures")))
    fold = _el("p", _el("a", str(Text("收起 ▴", "Fold ▴")), href=f"#s{number}"))
    return _el(
        "div",
        _el("p", _el("a", str(said), href=f"#{link}"), class_="unfold"),
        _el("div", table, fold, class_="folded"),
        id=link,
        class_="all",
    )


def _all_figures(sheet: Parts, rows: Sequence[JudgedFigure], caption: str) -> Element:
    """A row a figure, the worst first."""
    order = {"red": 0, "amber": 1, "green": 2, None: 3}
    ranked = sorted(rows, key=lambda row: (order.get(row.light, 3), -(row.order or 0)))
    heads = (
        Text("灯", "Light"),
        Text("指标", "Figure"),
        Text("实际", "Actual"),
        Text("目标", "Goal"),
        Text("比", "Ratio"),
        Text("差距", "Gap"),
        Text("涉及金额", "Exposed"),
        Text("最差一项", "Worst item"),
        Text("负责人", "Owner"),
        Text("期限", "Due"),
    )
    made = []
    for row in ranked:
        actual = _number(saying.actual(row, sheet.lang), row.actual, row.key)
        actual.set("data-field", "actual")
        made.append(
            (
                light(row),
                _el("th", *_titled(sheet, row), scope="row", id=f"w-{row.key}"),
                actual,
                _number(" · ".join(filter(None, (row.goal, row.span))) or saying.NOTHING, row.target),
                _number(saying.rate(row.ratio) if row.ratio is not None else saying.NOTHING, row.ratio),
                _number(row.gap or saying.NOTHING, None),
                _number(saying.money(row.amount, sheet.lang) if row.amount else saying.NOTHING, row.amount),
                _item(sheet, row),
                who(sheet.said(row.owner)),
                f"{row.due:%Y-%m-%d}" if row.due else saying.NOTHING,
            )
        )  # fmt: skip
    return _table(heads, made, caption, class_="figures")


def _titled(sheet: Parts, row: JudgedFigure) -> list[Element]:
    """What a figure is called; how it comes about stands open where its row is led to."""
    trace = sheet.seen.traces.get(row.key)
    if trace is None:
        return [_el("span", row.title)]
    asked = Text("怎么来的", "how it comes about")
    link = _el("a", row.title, href=f"#w-{row.key}", title=str(asked), class_="trace")
    return [link, _branch(sheet, trace)]


def _branch(sheet: Parts, node: Any) -> Element:
    """A tree of where a figure comes from: nested lists, as a screen reader walks them."""
    said = _el("li", _el("b", sheet.said(node["what"])), f" {sheet.said(node['said'])}")
    if node.get("formula"):
        said.append(_el("code", sheet.scope.charted(node["formula"])))
    if node.get("inputs"):
        said.append(_el("ul", *(_branch(sheet, child)[0] for child in node["inputs"])))
    return _el("ul", said, class_="tree")


def _drill(sheet: Parts, number: int) -> Element | None:
    """The worst rows behind a screen, those that may be shown, each with its card."""
    name = f"drill_{number}"
    cells = sheet.seen.cells.get(name)
    if not cells or len(cells) < 2:
        return None
    heads, codes = [str(head or "") for head in cells[0]], _codes(sheet, name, len(cells[0]))
    body = []
    for row in cells[1:]:
        first = str(row[0] or "")
        if not first.strip("– ") or any(sheet.said(str(c)) != str(c) for c in row if isinstance(c, str)):
            continue
        home = sheet.deck.home(first)
        cell = _el("a", first, href=f"#{home}") if home else first
        body.append(
            [_el("th", cell, scope="row"), *(_drilled(sheet, c, code) for c, code in zip(row[1:], codes[1:], strict=True))]
        )
    return _table(heads, body, sheet.seen.titles.get(name) or str(Text("明细", "Details"))) if body else None


def _drilled(sheet: Parts, cell: Any, code: str) -> Element:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _figure(cell, code, sheet.lang)
    return _el("td", *told(sheet, "" if cell is None else str(cell)))


def todo(sheet: Parts) -> Element | None:
    """Open tasks, the most urgent first."""
    rows = list(open_tasks(sheet.seen, sheet.scope))
    if not rows:
        return None
    heads = (Text("编号", "ID"), Text("事项", "Task"), Text("对象", "About"), Text("负责人", "Owner"), Text("期限", "Due"))
    body = []
    for row in rows:
        owner = str(row.get("owner") or "")
        name = str(sheet.seen.ids.get("People", {}).get(owner, {}).get("name") or owner)
        about, home = sheet.said(str(row.get("object") or "")), sheet.deck.home(str(row.get("object") or ""))
        body.append(
            (
                str(row["id"]),
                _el("td", *told(sheet, sheet.said(str(row.get("title") or "")))),
                _el("a", *told(sheet, about), href=f"#{home}") if home else _el("td", *told(sheet, about)),
                who(sheet.said(name)),
                saying.plain(row.get("due_at"), "time", sheet.lang),
            )
        )
    title = str(Text(f"未完成的待办 {len(rows)} 项", f"Open tasks: {len(rows)}"))
    return _el(
        "section",
        _el("h2", title, id="ht"),
        _table(heads, body, str(Text("最急的在前", "The most urgent first"))),
        id="tasks",
        aria_labelledby="ht",
    )


def cards(sheet: Parts) -> Iterator[Element]:
    """The cards, each hidden until its link is followed."""
    for card in sheet.deck.every():
        yield _card(sheet, card)


def _linked(said: str, home: str | None) -> Any:
    return _el("a", said, href=f"#{home}") if home else said


def _card(sheet: Parts, card: Card) -> Element:
    facts = _el("dl", *(part for what, said, home in card.fields for part in (_el("dt", what), _el("dd", _linked(said, home)))))
    groups: list[Element] = []
    for what, found in card.groups:
        lines = [
            _el("li", _el("a", said, href=f"#{home}") if id and (home := sheet.deck.home(id)) else said) for _, id, said in found
        ]
        groups += [_el("h4", f"{what} {len(found)}"), _el("ul", *lines)]
    crumbs = _el(
        "p",
        _el("a", str(Text("← 关闭，回总览", "← Close, back to home")), href="#top"),
        f" › {kind(card.table)} › {card.id}",
        class_="crumbs",
    )
    return _el(
        "article",
        crumbs,
        _el("h3", f"{card.id} {card.name}".strip(), tabindex="-1"),
        facts,
        *groups,
        id=card.anchor,
        class_="card",
    )


def front(sheet: Parts) -> Element:
    """The first screen: the sentence, the six figures, the five problems, the chapters, two pictures."""
    pictures = [made for key, d in drawings.DRAWINGS.items() if d.screen == 0 and (made := picture(sheet, key)) is not None]
    return _el(
        "section",
        _el("h2", *told(sheet, sheet.said(sheet.seen.first("cockpit_message"))), class_="message", data_key="cockpit_message"),
        tiles(sheet),
        problems(sheet, register.first(sheet.seen.judged), Text("最先处理", "First of all")),
        _el("div", _el("h3", str(Text("各章红灯与橙灯", "Red and amber by chapter"))), chapters(sheet), class_="counts"),
        _el("div", *pictures, class_="charts"),
        id="first",
    )
