"""`salesplan send PLAN`: deliver, or go on delivering, what lies ready in the outbox."""

from __future__ import annotations

import argparse
import json

from addin.actions import send
from addin.command import Command
from addin.commands import mail
from udfs.text import Text


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the action asks, and what a command line adds."""
    parser.add_argument("plan", metavar="PLAN.xlsx", help=str(Text("计划工作簿", "the planning workbook")))
    send.arguments(parser)
    mail.common_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Ask, deliver, report."""
    done = mail.deliver(options, backup=not options.no_backup)
    if options.json:
        data = done.outcome.data if done is not None else {}
        print(json.dumps({"file": options.plan, "written": bool(done and done.written), **data}, ensure_ascii=False))
    return mail.exit_code(done)


COMMAND = Command(
    help=Text("发送（或接着发送）发件箱里备好的邮件", "send, or go on sending, what lies ready in the outbox"),
    about=send.ACTION.about,
    arguments=arguments,
    run=run,
    examples=send.ACTION.examples,
)
