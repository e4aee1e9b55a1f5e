"""Sign-off: who stands behind which version of the plan, and when. Later changes of the settings are logged by themselves."""

from __future__ import annotations

import argparse
import datetime as dt

from addin import signed
from addin.action import Action, Ask, Outcome, Progress
from addin.book import Book
from addin.performing import who_am_i
from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.cells import serial

STAGES = ("prepared", "reviewed", "approved")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument(
        "--step",
        choices=STAGES,
        default="approved",
        help=str(Text("环节：编制、复核、批准（默认）", "prepared, reviewed, approved (default)")),
    )
    parser.add_argument("--who", help=str(Text("签署人，默认当前用户", "who signs, default the user")))


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Fill in a line of the sign-off list."""
    book.require_ours()
    place = book.locate("signoff")
    if place is None:
        raise Refused(
            Text(
                "“参数”页没有会签表（名称 signoff）：请用新版计划",
                "Settings has no sign-off list (name signoff): use a plan of this version",
            )
        )
    if options.step not in STAGES:
        raise Refused(
            Text(
                f"环节“{options.step}”不在选项中：可用 {'、'.join(STAGES)}", f"step “{options.step}”: one of {', '.join(STAGES)}"
            )
        )
    who, version = options.who or who_am_i(), str(book.first("plan_version") or "")
    if not version:
        raise Refused(
            Text("参数“方案版本”为空：请填写后再会签", "the plan version is blank on Settings: fill it in before signing")
        )
    sheet, ref = place
    row = ref.first_row + STAGES.index(options.step)
    now = book.area(sheet, ref)[STAGES.index(options.step)]
    settings = signed.settings_of(book)
    summary = Text(f"{now[0]}：{who}，版本 {version}", f"{now[0]}: {who}, version {version}")
    before = signed.last_signed(book.read("ChangeLog").rows)
    if before is not None and before[0] == version and signed.differs(before[1], settings):
        raise Refused(
            Text(
                f"版本 {version} 会签之后制度有改动：请先在参数里递增“方案版本”，再会签",
                f"settings changed since version {version} was signed: raise the plan version on Settings, then sign",
            )
        )
    if before is not None and (now[1], now[3]) == (who, version):
        return Outcome(summary + Text("（已登记）", " (on record)"))
    outcome = Outcome(summary, log=[(sheet, "signoff", version, signed.record(settings))])
    today = serial(dt.date.today())
    for column, value in enumerate((who, today, version), ref.first_col + 1):
        outcome.changes.cells[sheet, (row, column)] = value
    return outcome


ACTION = Action(
    label=Text("登记会签", "Record sign-off"),
    tip=Text(
        "登记编制、复核或批准：谁、何时、哪个版本；并记下当时的全部制度参数",
        "Who prepared, reviewed or approved which version, when; with all settings as signed",
    ),
    about=Text(
        "在“参数”页会签表登记签署人、日期、版本，并把当时的全部制度参数写入变更记录；此后改动制度参数会被逐项记录。",
        "Enters who, when and which version on the Settings sheet and all settings as signed in the change log; later changes "
        "of a "
        "setting are logged one by one.",
    ),
    group="plan",
    order=40,
    icon="DigitallySignMessage",
    keytip="G",
    run=run,
    arguments=arguments,
    asks={
        "step": Ask(Text("环节：prepared（编制）、reviewed（复核）、approved（批准）", "Step: prepared, reviewed or approved")),
        "who": Ask(Text("签署人", "Who signs")),
    },
    examples=Text(
        "示例：\n  salesplan signoff 计划.xlsx --step approved --who 王总",
        "examples:\n  salesplan signoff plan.xlsx --step approved --who Wang",
    ),
)
