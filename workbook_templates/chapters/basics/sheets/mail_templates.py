"""邮件模板 / Mail templates: who may be written to, and what mails say, with named fields."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.chapters.basics.tables.mail import COMMON_FIELDS, MAIL_KINDS
from workbook_templates.page import style
from workbook_templates.page.builder import FIRST_ROW, NOT_PRINTED, Page, Plan
from workbook_templates.page.navigation import RECORD
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables.schema import Row, addressees

SLOGAN = Text("72小时极速定制 + 全生命周期碳足迹管理", "Built in 72 hours + carbon managed for life")

_GREETING = Text("{name}，您好：\n\n", "Dear {name},\n\n")
_CLOSING = Text("\n\n{sender}\n{slogan}", "\n\n{sender}\n{slogan}")
# Kind → subject and what stands between greeting and closing.
_TEXTS = {
    "statement": (
        Text("{period}提成对账单 · {name}", "Commission statement {period} · {name}"),
        Text(
            "附件是您 {period} 的提成对账单，本期应发 {total} 元（{state}），逐单逐档列明；要点见下方，不打开附件也能看到。\n"
            "如有异议，请填附件的“异议反馈”页，写明单号，再回复本邮件。",
            "Attached is your commission statement for {period}: {total} yuan payable ({state}), deal by deal and band by band. The main "
            "figures are below, so you need not open the file.\nIf something looks wrong, fill in its sheet “Disputes” and "
            "answer this mail with the deal's number.",
        ),
    ),
    "team": (
        Text("{period}团队汇总 · {name}", "Team summary {period} · {name}"),
        Text(
            "附件是您团队 {period} 的汇总，应发合计 {total} 元（{state}）。内含他人薪酬，请勿转发。",
            "Attached is the summary of your team for {period}: {total} yuan payable in all ({state}). It holds other people's pay; please don't "
            "pass it on.",
        ),
    ),
    "dealer": (
        Text("{period}返利对账单 · {name}", "Rebate statement {period} · {name}"),
        Text(
            "附件是您 {period} 的库存、返利与 633 进度，返利合计 {total} 元（{state}）；暂扣的返利写明了原因。",
            "Attached are your stock, rebates and 633 progress for {period}: {total} yuan of rebates ({state}); what is withheld says why.",
        ),
    ),
    "cockpit": (
        Text("{period}总监驾驶舱", "Director's cockpit {period}"),
        Text("附件是截至 {period} 的驾驶舱，仅供总监使用。", "Attached is the cockpit up to {period}, for directors only."),
    ),
    "feed": (
        Text("客户变动：{customer}", "Customer news: {customer}"),
        Text(
            "您负责的客户 {customer}（{customer_id}）有新情况：\n\n{news}\n\n请及时跟进。",
            "There is news of your customer {customer} ({customer_id}):\n\n{news}\n\nPlease follow it up.",
        ),
    ),
}
_TABLE_ROW = 15
_WIDTHS = {"B": 24.0, "C": 46.0, "D": 52.0, "E": 84.0}


def default_templates() -> list[Row]:
    """The templates a plan begins with: every kind in both languages, whatever the workbook's."""
    rows = []
    for word in MAIL_KINDS:
        subject, middle = _TEXTS[word.code]
        body = _GREETING + middle + _CLOSING
        rows += [
            {"kind": word.code, "language": lang, "subject": getattr(subject, lang), "body": getattr(body, lang)}
            for lang in ("zh", "en")
        ]
    return rows


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "mail_templates",
        Text("邮件模板", "Mail templates"),
        Text(
            "邮件只发往这里允许的域名；主题与正文可改，花括号里是字段",
            "Mail goes to the domains allowed here only; edit subject and body, fields are in braces",
        ),
        freeze="A4",
        todo=Text("填写允许的域名和发件人，按需改写模板", "Fill in the allowed domains and the sender; reword the templates"),
    )
    page.width(**_WIDTHS)
    page.prints(f"A1:E{_TABLE_ROW - 2}", NOT_PRINTED)
    _settings(plan, page)
    rows = list(plan.rows("MailTemplates")) if "MailTemplates" in plan.company.rows else default_templates()
    last = page.records("MailTemplates", f"B{_TABLE_ROW}", rows)
    for row in range(_TABLE_ROW + 1, last + 1):
        texts = [str(page.sheet.cell(row, column).value or "") for column in (4, 5)]
        for column in range(2, 6):
            page.sheet.cell(row, column).alignment = style.align("left", wrap=column > 3, vertical="top", indent=0)
        lines = max(style.lines_needed(t, w - 2) for t, w in zip(texts, (_WIDTHS["D"], _WIDTHS["E"]), strict=True))
        page.sheet.row_dimensions[row].height = 16.5 * lines + 4


def _settings(plan: Plan, page: Page) -> None:
    page.heading(f"B{FIRST_ROW}", Text("发件设置", "Sending"), until="E")
    people = [str(row.get("email") or "") for name in addressees() for row in plan.rows(name)]
    domains = dict.fromkeys(email.rpartition("@")[2] for email in people if "@" in email)  # the company's own first
    entries = (
        (Text("允许的域名",
              "Allowed domains"), ", ".join(domains), "mail_domains", Text("逗号分隔；*.example.com 表示其下级域名；空白则一封也不发",
                                                                           "commas between; *.example.com allows what lies "
                                                                           "below it; blank: nothing is sent")),
        (Text("发件邮箱", "From address"), "", "mail_from", Text("SMTP 发送时必填，应在允许的域名内", "needed for SMTP; in an allowed domain")),
        (Text("发件人署名", "Sender's name"), plan.company.name, "mail_sender", Text("字段 {sender}", "the field {sender}")),
        (Text("口号", "Slogan"), plan.t(SLOGAN), "mail_slogan", Text("字段 {slogan}", "the field {slogan}")),
        (Text("无主变动通知谁",
              "Unmatched news goes to"), "",
                                         "mail_fallback", Text("工号，逗号分隔：客户变动对不上负责人时通知他们",
                                                               "IDs, commas between: they get a customer's news that has no owner")),
        (Text("不算人名的词",
              "Words that are no names"), "",
                                          "mail_words", Text("与人名、客户名同形的常用词，逗号分隔；发送前的检查会放行",
                                                             "plain words that look like someone's name, commas between; the "
                                                             "check before sending lets them pass")),
    )  # fmt: skip
    for row, (label, value, name, note) in enumerate(entries, FIRST_ROW + 1):
        page.label(f"B{row}", label)
        page.input(f"C{row}", value or None, "text", name, note=note)
        page.sheet[f"C{row}"].alignment = style.align("left")
        page.label(f"D{row}", note, muted=True, grow=False)
    fields = "  ".join(f"{{{name}}}" for name in COMMON_FIELDS)
    page.label(f"B{_TABLE_ROW - 3}", Text("可用字段", "Fields"))
    page.label(f"C{_TABLE_ROW - 3}", fields, muted=True, grow=False)


SHEET = PlanSheet(94, build, part=RECORD)
