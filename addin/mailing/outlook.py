"""Outlook on this machine (Windows, COM): each mail becomes a draft in its Drafts folder; sending it is the person's.

Thin on purpose: what Outlook makes of it can only be seen in an Outlook (docs/manual-checklist.md).
"""

from __future__ import annotations

import email
import email.policy
import sys
import tempfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from addin.mailing.deliver import NotReached, Reply
from addin.mailing.outbox import HANDED, UNCERTAIN, Entry
from udfs.text import Text
from workbook_templates.answers import Refused

_MAIL_ITEM = 0  # OlItemType.olMailItem


class Outlook:
    """A way out that goes as far as Outlook's Drafts."""

    def __init__(self) -> None:
        if sys.platform != "win32":
            raise Refused(
                Text(
                    "Outlook 草稿只能在 Windows 上生成：请打开发件箱里的 .eml，或用 --smtp",
                    "Outlook drafts need Outlook for the desktop on Windows: open the .eml files themselves, or use --smtp",
                )
            )
        self._app: Any = None

    def deliver(self, entry: Entry, content: bytes, folder: Path, committing: Callable[[], None]) -> Reply:
        """Save one draft."""
        app = self._application()
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        page = message.get_body(("html",))
        with tempfile.TemporaryDirectory() as scratch:
            try:
                item = app.CreateItem(_MAIL_ITEM)
                item.To, item.Subject = entry.email, entry.subject
                item.HTMLBody = page.get_content() if page is not None else ""
                for part in message.iter_attachments():
                    path = Path(scratch) / str(part.get_filename())
                    path.write_bytes(part.get_payload(decode=True) or b"")  # type: ignore[arg-type]
                    item.Attachments.Add(str(path))
            except Exception as error:  # COM errors of any kind; nothing is saved yet
                raise NotReached(Text(f"Outlook 没有接受：{error}", f"Outlook did not take it: {error}")) from error
            committing()
            try:
                item.Save()
            except Exception as error:
                return Reply(UNCERTAIN, f"Outlook: {error}")
        return Reply(HANDED, "Outlook")

    def _application(self) -> Any:
        if self._app is None:
            try:
                import win32com.client

                self._app = win32com.client.Dispatch("Outlook.Application")
            except Exception as error:
                raise NotReached(Text(f"启动不了 Outlook：{error}", f"Outlook can't be started: {error}"), fatal=True) from error
        return self._app

    def close(self) -> None:
        """Outlook stays open: it is the person's."""
        self._app = None
