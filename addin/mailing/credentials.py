"""Passwords: of the mail server and of locked files. From the environment, the system's keyring or a file; never from a
workbook or a command line, never into a log."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.installing import how_to_install

USER, PASSWORD = "SALESPLAN_SMTP_USER", "SALESPLAN_SMTP_PASSWORD"


def server_login(host: str, user: str = "") -> tuple[str, str]:
    """User and password for a server: the environment first, then the keyring's entry ``salesplan-smtp:HOST``.

    No user means a server that asks for none.
    """
    who = user or os.environ.get(USER, "")
    if not who:
        return "", ""
    found = os.environ.get(PASSWORD) or from_keyring(f"salesplan-smtp:{host}", who)
    if not found:
        raise Refused(
            Text(
                f"没有 {who} 在 {host} 的密码：运行 keyring set salesplan-smtp:{host} {who}，或设环境变量 {PASSWORD}",
                f"no password of {who} at {host}: run keyring set salesplan-smtp:{host} {who}, or set the variable {PASSWORD}",
            )
        )
    return who, found


def file_passwords(source: str) -> Callable[[str], str]:
    """Passwords of attachments by recipient: ``file:PATH`` (a CSV of ID, password), ``env:PREFIX``, ``keyring:SERVICE``."""
    kind, _, rest = source.partition(":")
    if kind == "file" and rest:
        listed = _listed(Path(rest))
        return lambda recipient: listed.get(recipient, "")
    if kind == "env" and rest:
        return lambda recipient: os.environ.get(rest + re.sub(r"\W", "_", recipient), "")
    if kind == "keyring" and rest:
        return lambda recipient: from_keyring(rest, recipient) or ""
    raise Refused(
        Text(
            "--password-from 应为 file:文件.csv、env:前缀 或 keyring:服务名，不写密码本身",
            "--password-from must be file:PATH.csv, env:PREFIX or keyring:SERVICE; never put a password itself on the command "
            "line",
        )
    )


def _listed(path: Path) -> Mapping[str, str]:
    try:
        rows = csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline=""))
        return {row[0].strip(): row[1] for row in rows if len(row) >= 2 and row[1]}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise Refused(Text(f"读不了密码文件 {path}：{why}", f"the password file {path} can't be read: {why}")) from error


def from_keyring(service: str, user: str) -> str | None:
    """A password of the system's keyring; Refused where there is none to ask."""
    keyring = _needed("keyring", Text("系统密钥环", "the system's keyring"))
    try:
        found = keyring.get_password(service, user)
    except Exception as error:  # no desktop session, a locked keychain: every backend has its own
        why = type(error).__name__
        raise Refused(
            Text(
                f"密钥环不可用（{why}）：无人值守时请用环境变量 {PASSWORD}",
                f"the keyring can't be used ({why}): where nobody is logged in, set the variable {PASSWORD}",
            )
        ) from error
    return None if found is None else str(found)


def locked(workbook: bytes, password: str) -> bytes:
    """A workbook encrypted as Office does it (ECMA-376 agile, AES-256): without the password nobody reads it."""
    from msoffcrypto.exceptions import EncryptionError

    ooxml = _needed("msoffcrypto.format.ooxml", Text("Office 加密", "Office encryption"))
    made, back = io.BytesIO(), io.BytesIO()
    try:
        ooxml.OOXMLFile(io.BytesIO(workbook)).encrypt(password, made)
        again = ooxml.OOXMLFile(io.BytesIO(made.getvalue()))
        again.load_key(password=password)
        again.decrypt(back)
    except EncryptionError as error:
        raise Refused(Text(f"附件加密失败：{error}", f"the attachment could not be locked: {error}")) from error
    if back.getvalue() != workbook:
        raise Refused(Text("加密后的附件打不开，没有使用", "the locked attachment does not open again and was not used"))
    return made.getvalue()


def _needed(module: str, what: Text) -> Any:
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError as error:
        how = how_to_install("mail", error.name or module)
        raise Refused(Text(f"{what.zh}需要另外安装：{how}", f"{what.en} needs more to be installed: {how}")) from error
