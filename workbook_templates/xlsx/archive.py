"""The zip of a workbook: guarded on reading, copied raw on writing."""

from __future__ import annotations

import copy
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from udfs.text import Text
from workbook_templates.answers import Refused

# A million rows of twenty columns are about 1 GB of XML; what is far beyond was not made by a spreadsheet.
MAX_PART_BYTES, MAX_TOTAL_BYTES, MAX_PARTS = 1 << 30, 1 << 31, 50_000
# Sheets compress 10 to 60 times. Deflate's own limit is about 1,030.
MAX_RATIO, RATIO_FROM_BYTES = 400, 32 << 20


def damaged(where: str, detail: object) -> Refused:
    detail = detail if isinstance(detail, Text) else " ".join(str(detail).split())  # a parser's message may have lines
    return Refused(
        Text(
            "文件已损坏：{w}（{d}）。请在 Excel 中打开并修复后另存。",
            "The file is damaged: {w} ({d}). Open it in Excel, repair it and save it again.",
        ).format(w=where, d=detail)
    )


ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
    OSError,
)


class Archive:
    """The zip as bytes in memory: guarded on reading, copied raw on writing."""

    def __init__(self, raw: bytes, name: str) -> None:
        self.raw = raw
        self.name = name
        self.zip = self._open(raw, name)
        self.infos = {info.filename: info for info in self.zip.infolist()}
        self._folded = {part.casefold(): part for part in self.infos}
        self._check()

    @staticmethod
    def _open(raw: bytes, name: str) -> zipfile.ZipFile:
        if raw[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
            raise Refused(
                Text(
                    "“{n}”有打开密码，或是旧版 .xls。请在 Excel 中去掉密码，另存为 .xlsx。",
                    "“{n}” is password-protected or an old .xls. Remove the password in Excel and save as .xlsx.",
                ).format(n=name)
            )
        try:
            return zipfile.ZipFile(io.BytesIO(raw))
        except ZIP_ERRORS as error:
            raise Refused(
                Text(
                    "“{n}”不是 Excel 工作簿（.xlsx），或下载不完整。",
                    "“{n}” is not an Excel workbook (.xlsx), or not completely downloaded.",
                ).format(n=name)
            ) from error

    def _check(self) -> None:
        infos = self.zip.infolist()
        if len(infos) != len(self._folded):
            raise damaged(self.name, Text("有重名部件", "two parts have the same name"))
        for info in infos:
            steps = re.split(r"[\\/]", info.filename)
            if ".." in steps or not steps[0] or ":" in steps[0]:
                raise damaged(self.name, Text("部件名不安全", "unsafe part name") + f": {info.filename!r}")
            if info.flag_bits & 0x1:
                raise Refused(Text("“{n}”有压缩密码。", "“{n}” has a zip password.").format(n=self.name))
        oversized = any(
            info.file_size > MAX_PART_BYTES
            or (info.file_size > RATIO_FROM_BYTES and info.file_size > MAX_RATIO * max(info.compress_size, 1))
            for info in infos
        )
        if oversized or len(infos) > MAX_PARTS or sum(info.file_size for info in infos) > MAX_TOTAL_BYTES:
            raise Refused(
                Text(
                    "“{n}”解压后过大，可能是压缩炸弹，不予打开。", "“{n}” unpacks to too much, perhaps a zip bomb: not opened."
                ).format(n=self.name)
            )

    def find(self, part: str) -> str | None:
        """The entry's own spelling of a part name: part names do not distinguish case, zip entries do."""
        if part in self.infos:
            return part
        return self._folded.get(part.casefold()) or self._folded.get(unquote(part).casefold())

    def read(self, part: str) -> bytes:
        try:
            return self.zip.read(part)
        except ZIP_ERRORS as error:
            raise damaged(part, error) from error

    def checked(self, part: str) -> tuple[int, int]:
        """A part's length and checksum as the zip states them; reading the part compares both."""
        info = self.infos[part]
        return info.file_size, info.CRC

    def write(self, file: Any, replaced: Mapping[str, bytes], removed: set[str]) -> None:
        """The same archive with some parts replaced, dropped or added, all others byte for byte, in the same order."""
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
            for info in self.zip.infolist():
                if info.filename in removed:
                    continue
                if info.filename in replaced:
                    out.writestr(_fresh(info), replaced[info.filename])
                else:
                    self._copy(info, file, out)
            for part, data in replaced.items():
                if part not in self.infos:
                    out.writestr(_fresh(zipfile.ZipInfo(part)), data)
            out.comment = self.zip.comment

    def _copy(self, info: zipfile.ZipInfo, file: Any, out: zipfile.ZipFile) -> None:
        """Copy an entry without unpacking it."""
        header = self.raw[info.header_offset : info.header_offset + 30]
        name_length, extra_length = struct.unpack("<HH", header[26:30])
        start = info.header_offset + 30 + name_length + extra_length
        entry = copy.copy(info)
        entry.flag_bits &= ~0x08  # sizes and checksum stand in the header now, not behind the data
        entry.header_offset = file.tell()
        file.write(entry.FileHeader(zip64=None))
        file.write(memoryview(self.raw)[start : start + info.compress_size])
        out.filelist.append(entry)
        out.NameToInfo[entry.filename] = entry
        out.start_dir = file.tell()


def checked(content: bytes) -> tuple[int, int]:
    """The length and checksum that a zip states of a part with this content."""
    return len(content), zlib.crc32(content)


def _fresh(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """An entry for new content that keeps the old time stamp, so the same change gives the same bytes."""
    fresh = zipfile.ZipInfo(info.filename, info.date_time)
    fresh.compress_type = zipfile.ZIP_DEFLATED
    fresh.external_attr, fresh.create_system = info.external_attr, info.create_system
    return fresh
