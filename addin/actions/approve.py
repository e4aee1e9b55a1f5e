"""Approve prices: who decides each request, worked out from discount and value given; and a decision, recorded once it is theirs to make."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import Any

from addin.action import Action, Outcome, Progress
from addin.book import Book
from addin.changes import Effect
from addin.dispatching import barred, day_of
from udfs.text import Text
from workbook_templates.answers import ERROR, Problem, Refused, offered
from workbook_templates.chapters.products.pricing import DIVISION, NEVER, RequestJudged, Unpriced, judge, rank_of
from workbook_templates.chapters.products.tables import APPROVE, APPROVED, DECISIONS, REJECTED, ROUTE_WORDS
from workbook_templates.intake.parsing import fold
from workbook_templates.tables import duties, gates
from workbook_templates.tables.grids import Held
from workbook_templates.tables.schema import LEVELS, Row

TABLE = "PriceRequests"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""

    def add(name: str, zh: str, en: str, **settings: Any) -> None:
        parser.add_argument(name, help=str(Text(zh, en)), **settings)

    add("--request", "登记这张申请的决定", "record the decision on this request", metavar="ID")
    add("--decision", "批准 或 驳回", "approved or rejected", metavar="WORD")
    add("--by", "决定人工号", "who decides", metavar="ID")


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Work out every open request; record a decision where one is given."""
    found = book.problems(TABLE, "ValueGiven", "Products", "People", "Customers")
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    given = [options.request, options.decision, options.by]
    if any(given) and not all(given):
        raise Refused(
            Text("登记决定请同时给出 --request、--decision 与 --by", "to record a decision give --request, --decision and --by")
        )
    held = book.read(TABLE)
    outcome = Outcome(Text("", ""), problems=found)
    judged = _judged(book, held, outcome)
    if any(p.level == ERROR for p in outcome.problems):
        return Outcome.refused(outcome.problems)
    outcome.data = {"open": len(judged)}
    outcome.summary = _summary(len(judged))
    if options.request:
        return _decide(book, held, judged, options, outcome)
    return outcome


def _judged(book: Book, held: Held, outcome: Outcome) -> dict[int, RequestJudged]:
    """Open requests by row; the columns the button fills in follow."""
    products, value = book.read("Products").rows, book.read("ValueGiven").rows
    out: dict[int, RequestJudged] = {}
    for index, row in enumerate(held.rows):
        if not row.get("id") or row.get("decision"):
            continue
        result = judge(row, products, value, book.setting)
        if isinstance(result, Unpriced):
            text = Text(f"{row['id']}：", f"{row['id']}: ") + result.text
            outcome.problems.append(Problem(held.grid.sheet, *held.at(index, result.column), text))
            continue
        out[index] = result
        if any(row.get(key) != cell for key, cell in result.written.items()):
            outcome.changes.edit(TABLE, index, **result.written)
    return out


def _decide(book: Book, held: Held, judged: dict[int, RequestJudged], options: argparse.Namespace, outcome: Outcome) -> Outcome:
    """One decision, if it is this person's to make and no gate stops it."""
    index = next((i for i, row in enumerate(held.rows) if fold(row.get("id") or "") == fold(options.request.strip())), None)
    if index is None:
        ids = [str(row["id"]) for row in held.rows if row.get("id")]
        raise Refused(
            Text(f"没有申请“{options.request}”", f"there is no request “{options.request}”") + offered(options.request, ids)
        )
    row = held.rows[index]
    decision = next((word.code for word in DECISIONS if word.means(options.decision)), None)
    if decision is None:
        raise Refused(
            Text(f"决定“{options.decision}”：请填 批准 或 驳回", f"decision “{options.decision}”: approved or rejected")
        )
    if row.get("decision"):
        raise Refused(
            Text(
                f"{row['id']} 已于 {row['decided_on']} 由 {row['decided_by']} 决定：要改请先撤销",
                f"{row['id']} was decided on {row['decided_on']} by {row['decided_by']}: undo that first",
            )
        )
    person = next((p for p in book.read("People").rows if fold(p["id"]) == fold(options.by.strip())), None)
    if person is None:
        raise Refused(Text(f"“{options.by}”不在“人员”中", f"“{options.by}” is not in People"))
    if not duties.employed(day_of(book), person["id"]):
        raise Refused(
            Text(
                f"{person['id']} 截止日期时不在岗，不能决定",
                f"{person['id']} does not work here on the as-of date and can't decide",
            )
        )
    _may(book, row, judged[index], person, decision)
    on = day_of(book)
    why = gates.refusals(on, gates.Moment.APPROVE, str(row["id"])) if decision == APPROVED else []
    if why:
        head = Text(f"{row['id']} 不能批准：", f"{row['id']} can't be approved: ")
        return barred(held, index, "decision", head, why)
    days = int(book.setting("approval.valid_days"))
    outcome.changes.edit(
        TABLE, index, decision=decision, decided_by=person["id"], decided_on=on.as_of,
        valid_until=on.as_of + dt.timedelta(days=days) if decision == APPROVED else None,
    )  # fmt: skip
    word = next(w.label for w in DECISIONS if w.code == decision)
    outcome.summary = Text(f"{row['id']} 已{word.zh}（{person['id']}）", f"{row['id']} {word.en.lower()} by {person['id']}") + (
        Text(f"，有效 {days} 天，数量 {row['quantity']:g}", f", valid {days} days for {row['quantity']:g}")
        if decision == APPROVED
        else Text("", "")
    )
    return outcome


def _may(book: Book, row: Row, judged: RequestJudged, person: Row, decision: str) -> None:
    """Whether the decision is this person's; refused in one line where it is not."""
    if fold(person["id"]) == fold(row.get("seller") or ""):
        raise Refused(Text(f"{person['id']} 是申请人，不能决定自己的申请", f"{person['id']} asked for it and can't decide it"))
    route = next((word.label for word in ROUTE_WORDS if word.code == judged.route), Text(judged.route, judged.route))
    if decision == REJECTED:
        return
    if judged.route in NEVER:
        raise Refused(
            Text(
                f"{row['id']}：{route.zh}，不能批准。{judged.reason}",
                f"{row['id']}: {route.en}; it can't be approved. {judged.reason}",
            )
        )
    rank, needed = _rank(book, person), rank_of(judged.route)
    if rank < needed:
        level = next((word.label for word in LEVELS if word.code == person.get("level")), Text("–", "–"))
        raise Refused(
            Text(
                f"{row['id']} 应由{route.zh}批准，{person['id']} 是{level.zh}",
                f"{row['id']} goes to the {route.en.lower()}; {person['id']} is {level.en.lower()}",
            )
        )


def _signed(book: Book, effect: Effect) -> Text | None:
    """A decision by which a deal was signed stays: which request, and where it was used."""
    held, lines = book.read(TABLE), book.optional("DealLines")
    used = {fold(row["request"]): row for row in lines if row.get("request")}
    for index, row in enumerate(held.rows):
        line = used.get(fold(row.get("id") or ""))
        at = held.at(index, "decision")
        if line is not None and any(block.sheet == held.grid.sheet and at in block.ref.cells() for block in effect.blocks):
            return Text(
                f"成交 {line.get('deal')} 已按申请 {row['id']} 签单：要改价请另提申请。",
                f"deal {line.get('deal')} was signed by request {row['id']}: for another price ask anew.",
            )
    return None


def _rank(book: Book, person: Row) -> int:
    """As high as their level, or the role of division manager."""
    if any(fold(row["person"]) == fold(person["id"]) for row in duties.held_by(day_of(book), DIVISION)):
        return rank_of(DIVISION)
    return rank_of(LEVELS.like(person.get("level")))


def _summary(count: int) -> Text:
    if not count:
        return Text("没有待决定的价格申请", "no price request is open")
    return Text(f"待决定的价格申请 {count} 张，路线已更新", f"open price requests: {count}, their routes are up to date")


ACTION = Action(
    label=APPROVE,
    tip=Text(
        "按折扣与让渡价值得出每张价格申请由谁批，并登记决定",
        "Says who decides each price request, by discount and value given, and records the decision",
    ),
    about=Text(
        "写入基准价、折扣、毛利率、价值分、路线与原因；登记决定时写决定人、日期与有效期。申请本身不改。",
        "Writes base price, discount, margin, points, route and reason; a decision adds who, when and until when. The request itself stays.",
    ),
    group="products",
    order=20,
    icon="AcceptInvitation",
    keytip="O4",
    run=run,
    arguments=arguments,
    guards=False,
    relied_on=_signed,
    examples=Text(
        "示例：\n  salesplan approve 计划.xlsx\n  salesplan approve 计划.xlsx --request R001 --decision 批准 --by P002",
        "examples:\n  salesplan approve plan.xlsx\n  salesplan approve plan.xlsx --request R001 --decision approved --by P002",
    ),
)
