"""The Tables of mail: what mails say, what lies ready to be looked at, what went to whom."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.tables.spec import Column, TableSpec, TableSpecs, Word
from workbook_templates.tables.words import STATEMENTS, YES_NO, YUAN

MAIL_KINDS = STATEMENTS
LANGUAGES = (Word("zh", Text("中文", "Chinese"), ("zh-cn",)), Word("en", Text("英文", "English")))
MAIL_STATES = (
    Word("drafted", Text("草稿", "Drafted")),
    Word("sent", Text("已发送", "Sent")),
    Word("refused", Text("被拒收", "Rejected"), ("被退回",)),
    Word(
        "uncertain", Text("送达不明", "Delivery unknown"), ("不确定",)
    ),  # perhaps it arrived, perhaps not: never sent again unasked
)
# What any template may name; a kind of workbook has more of its own.
COMMON_FIELDS = ("name", "id", "period", "total", "kind", "company", "year", "version", "attachment", "slogan", "sender")

# A statement's sheet for objections, as letters name it.
_SHEETS = (("“疑问”页", "“异议反馈”页"), ("sheet “Questions”", "sheet “Disputes”"))

_TEMPLATES = TableSpec(
    "MailTemplates",
    Text("邮件模板", "Mail templates"),
    (
        Column("kind", Text("邮件种类", "Kind of mail"), "word", words=MAIL_KINDS),
        Column("language", Text("语言", "Language"), "word", words=LANGUAGES),
        Column("subject", Text("主题", "Subject"), "text"),
        Column("body", Text("正文",
                            "Body"), "text", phrases=_SHEETS, note=Text("字段写在花括号里，如 {name}",
                                                                        "Fields are in braces, such as {name}")),
    ),
    ("kind", "language"),
)  # fmt: skip

_OUTBOX = TableSpec(
    "Outbox",
    Text("待发邮件", "Outbox"),
    (
        Column("recipient", Text("收件人编号", "Recipient ID"), "id"),
        Column("name", Text("姓名", "Name"), "text"),
        Column("email", Text("邮箱", "Address"), "text"),
        Column("kind", Text("邮件种类", "Kind of mail"), "word", words=MAIL_KINDS, open_words=True),
        Column("period", Text("期间", "Period"), "period"),
        Column("subject", Text("主题", "Subject"), "text"),
        Column("total", Text("金额", "Total"), "fen", YUAN, required=False),
        Column("attachment", Text("附件", "Attachment"), "text", required=False),
        Column("size", Text("大小", "Size"), "int", Text("KB", "KB"), low=0),
        Column(
            "hold",
            Text("暂不发送", "Hold"),
            "flag",
            words=YES_NO,
            required=False,
            note=Text("填“是”则本次不发送", "Yes: it is not sent"),
        ),
        Column("problems", Text("注意事项", "Warnings"), "text", required=False, former=("注意", "Look at")),
        Column("file", Text("文件", "File"), "text"),
        Column("message", Text("邮件编号", "Message-ID"), "text"),
        Column(
            "digest",
            Text("草稿校验值", "Draft SHA-256"),
            "text",
            note=Text("发送前核对：草稿被改过就不发", "looked at before sending: a draft changed since is not sent"),
        ),
    ),
    ("message",),
    by_program=True,
    by=Text("生成邮件草稿", "Draft mails"),
    identity=("recipient", "name", "kind"),
    judged=("problems", "hold", "subject", "total", "period", "attachment", "size"),
    yearly=True,
)

_LOG = TableSpec(
    "MailLog",
    Text("邮件记录", "Mail log"),
    (
        Column("time", Text("时间", "Time"), "time"),
        Column("who", Text("操作人", "Who")),
        Column("state", Text("状态", "State"), "word", words=MAIL_STATES),
        Column("kind", Text("邮件种类", "Kind of mail"), "word", words=MAIL_KINDS, open_words=True),
        Column("period", Text("期间", "Period"), "period"),
        Column("recipient", Text("收件人编号", "Recipient ID"), "id"),
        Column("name", Text("姓名", "Name"), "text"),
        Column("email", Text("邮箱", "Address"), "text"),
        Column("subject", Text("主题", "Subject"), "text"),
        Column("reply", Text("服务器答复", "Server's reply"), "text", required=False),
        Column("hash", Text("内容摘要", "Content hash"), "text"),
        Column("message", Text("邮件编号", "Message-ID"), "text"),
    ),
    by_program=True,
    by=Text("发送邮件", "Send mail"),
    identity=("state", "recipient", "name"),
    judged=("period", "subject", "kind", "time", "who", "reply"),
    yearly=True,
)

TABLES = TableSpecs(90, (_TEMPLATES, _OUTBOX, _LOG))
