"""What risk forbids: selling to whom credit is stopped, shipping before cash, more than the limit, unsigned contracts, unchecked exports."""

from __future__ import annotations

from collections.abc import Iterator

from udfs.text import Text
from udfs.values import at_least, more_than
from workbook_templates.chapters.risk.contracts import clause_problems, contracts_of, signature_problems, state_of
from workbook_templates.chapters.risk.credit import grade_of, newest, open_debts, promised, subject
from workbook_templates.chapters.risk.exports import as_now, foreign, is_open, rows_of_order, unchecked
from workbook_templates.chapters.risk.words import PREPAID, STOPPED
from workbook_templates.tables.duties import Day
from workbook_templates.tables.gates import Gate, Gates, Moment


def _credit(day: Day, obj: str) -> Iterator[Text]:
    found = subject(day, obj)
    row = newest(day.rows("CreditScores"), found.customer, day.as_of) if found else None
    if found is not None and grade_of(row) == STOPPED:
        assert row is not None
        why = Text("额度已冻结", "the line is frozen") if row.get("frozen") == "yes" else Text("信用等级 C", "credit grade C")
        yield Text(
            f"客户 {found.customer} {why.zh}（{row['as_of']}）：停止赊销，先收款或两人放行",
            f"customer {found.customer}: {why.en} ({row['as_of']}); collect first, or two people let it through",
        )


def _terms(day: Day, obj: str) -> Iterator[Text]:
    """B and unrated customers pay first: contracts ask for all in advance, what is shipped is paid."""
    found = subject(day, obj)
    if found is None:
        return
    grade = grade_of(newest(day.rows("CreditScores"), found.customer, day.as_of))
    if grade not in (None, PREPAID):
        return
    said = Text("未评级", "not rated") if grade is None else Text("信用等级 B", "credit grade B")
    if found.kind == "Contracts" and not at_least(found.row.get("prepaid") or 0.0, 1.0):
        yield Text(
            f"客户 {found.customer} {said.zh}：合同应预付 100%，现为 {found.row.get('prepaid') or 0:.0%}",
            f"customer {found.customer} is {said.en}: the contract must be prepaid in full, it says {found.row.get('prepaid') or 0:.0%}",
        )
    paid = found.row.get("collected") or 0.0
    if found.kind == "Deals" and not at_least(paid, found.amount):
        yield Text(
            f"客户 {found.customer} {said.zh}：款到发货，{obj} 已收 {paid:,.0f} 元，应收 {found.amount:,.0f} 元",
            f"customer {found.customer} is {said.en}, cash before shipment: {paid:,.0f} of {found.amount:,.0f} yuan came in for {obj}",
        )


def _limit(day: Day, obj: str) -> Iterator[Text]:
    found = subject(day, obj)
    row = newest(day.rows("CreditScores"), found.customer, day.as_of) if found else None
    if found is None or row is None or grade_of(row) in (None, PREPAID, STOPPED) or not isinstance(row.get("limit"), int | float):
        return
    on_credit = found.amount * (1 - float(found.row.get("prepaid") or 0.0))
    owed = open_debts(day, found.customer) + promised(day, found.customer, obj)
    if more_than(owed + on_credit, float(row["limit"])):
        yield Text(
            f"客户 {found.customer} 额度 {row['limit']:,.0f} 元：未收 {owed:,.0f} 元，加本单 {on_credit:,.0f} 元超出",
            f"customer {found.customer} has a limit of {row['limit']:,.0f} yuan: {owed:,.0f} open and {on_credit:,.0f} of this exceed it",
        )


def _signatures(day: Day, obj: str) -> Iterator[Text]:
    """Of a contract, or of all contracts of a deal that is to be made or shipped: signed for the text as it is now."""
    for row in contracts_of(day, obj):
        state = state_of(day, row)
        if state.major:
            head = Text("", "") if row["id"] == obj else Text(f"重大合同 {row['id']} ", f"major contract {row['id']}: ")
            yield from (head + text for text in signature_problems(day, row, state.digest))


def _clauses(day: Day, obj: str) -> Iterator[Text]:
    found = subject(day, obj)
    if found is not None and found.kind == "Contracts":
        yield from clause_problems(day, found.row)


def _export(day: Day, obj: str) -> Iterator[Text]:
    found = subject(day, obj)
    rows = rows_of_order(day, found.row) if found is not None and found.kind == "Deals" else []
    if found is None or found.kind != "Deals" or not (rows or foreign(day, found.row)):  # a check was asked for: it goes abroad
        return
    if not rows:
        yield Text(f"{obj} 发往海外，还没有出口核查：点“出口核查”", f"{obj} goes abroad and was not checked: click Check exports")
    for line in unchecked(day, found.row) if rows and foreign(day, found.row) else ():
        yield Text(
            f"{obj} 的 {line['product'] or '产品'} 还没有出口核查：点“出口核查”",
            f"{line['product'] or 'what is sold'} of {obj} was not checked: click Check exports",
        )
    for row in rows:
        row = row if row.get("result") == "forbidden" else as_now(day, row)
        if row.get("result") != "forbidden" and (why := is_open(row, day.as_of)) is not None:
            yield (
                Text(
                    f"{row.get('id') or obj} {row.get('product') or ''}：", f"{row.get('id') or obj} {row.get('product') or ''}: "
                )
                + why
            )


def _embargo(day: Day, obj: str) -> Iterator[Text]:
    found = subject(day, obj)
    if found is None or found.kind != "Deals":
        return
    for row in rows_of_order(day, found.row):
        if "forbidden" in (row.get("result"), as_now(day, row).get("result")):
            yield Text(
                f"{obj} 发往 {row['country']}：禁止，不能放行",
                f"{obj} to {row['country']} is forbidden; nobody can let it through",
            )


def _same(day: Day, obj: str) -> Iterator[str]:
    """What an order is called besides: its deal, its projects, its contracts."""
    found = subject(day, obj)
    if found is None:
        return
    deal = (
        str(found.row.get("deal") or "") if found.kind == "Contracts" else str(found.row["id"]) if found.kind == "Deals" else ""
    )
    yield deal
    for table in ("Projects", "Contracts"):
        yield from (str(row["id"]) for row in day.rows(table) if deal and row.get("deal") == deal and row.get("id"))


def _whose(day: Day, obj: str) -> Iterator[str]:
    """The same, and the customer."""
    yield from _same(day, obj)
    found = subject(day, obj)
    yield str(found.customer if found is not None else "")


_CREDIT = (Moment.APPROVE, Moment.CONTRACT, Moment.DEAL, Moment.SCHEDULE, Moment.SHIP)

GATES = Gates(90, (
    Gate("credit", Text("信用", "Credit"), _credit, "Customers", _CREDIT, names=_whose),
    Gate("terms", Text("款到发货", "Cash before shipment"), _terms, "Deals", (Moment.CONTRACT, Moment.SHIP), names=_same),
    Gate("limit", Text("信用额度", "Credit limit"), _limit, "Contracts", (Moment.APPROVE, Moment.CONTRACT), names=_same),
    Gate(
        "signatures", Text("合同会审", "Signatures"), _signatures, "Contracts", (Moment.CONTRACT, Moment.SCHEDULE, Moment.SHIP),
        names=_same,
    ),
    Gate("clause", Text("合同条款", "Clauses"), _clauses, "Contracts", (Moment.CONTRACT,)),
    Gate("export", Text("出口核查", "Export check"), _export, "Deals", (Moment.SHIP,), names=_same),
    Gate("embargo", Text("出口禁止", "Embargo"), _embargo, "Deals", (Moment.SHIP,), absolute=True),
))  # fmt: skip
