"""A file of rows, as people get it from a CRM or ERP: CSV or .xlsx in whatever encoding → rows of raw cells with their line
numbers.

Nothing is interpreted here beyond what the file itself says; ``importing`` does that. Whatever bytes a file holds, the only thing
raised is ``Refused``.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import functools
import io
import itertools
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from udfs.text import Text
from udfs.values import ExcelError, serial_to_date
from workbook_templates.answers import Refused, near
from workbook_templates.cells import At, ErrorValue, column_letters
from workbook_templates.intake import asides, ods
from workbook_templates.intake.asides import Asides
from workbook_templates.intake.meaning.dress import dressed
from workbook_templates.xlsx.package import Cell, Package, Sheet

__all__ = ["Delimited", "Raw", "RawRow", "Source", "blank", "delimited", "read"]

# What a raw cell may be: a CSV has texts only, a workbook also numbers, truth values, dates and errors.
Raw = str | float | bool | dt.date | ExcelError | None
Score = Callable[[Sequence[Raw]], int]

DELIMITERS = ",;\t|，"
LARGEST_FILE = 512 << 20
_SNIFFED = 1 << 16
_HEAD = 1 << 20
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_SEPARATOR = re.compile(r"sep=(.)(?:\r\n|\r|\n)")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with the other's
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class RawRow(NamedTuple):
    """One row; ``line`` is where it begins, as an editor or Excel counts.

    Of a sheet also: whether it is hidden, whether a formula of it adds up others, and which cells only go on from a merged one above.
    """

    line: int
    cells: tuple[Raw, ...]
    hidden: bool = False
    summed: bool = False
    merged: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Source:
    """The rows of a file that hold anything, and how they were read."""

    path: Path
    rows: tuple[RawRow, ...]
    how: Text
    sheets: tuple[str, ...] = ()
    sheet: str = ""
    from_1904: bool = False  # day numbers count from 1904
    asides: Asides = field(default_factory=Asides)  # what stands beside the cells: comments, page headers
    unseen: tuple[str, ...] = ()  # hidden sheets that hold anything: not read unless asked for by name
    asked: bool = False  # this sheet was asked for by its name


def read(
    path: str | os.PathLike[str],
    score: Score = lambda cells: 0,
    sheet: str | None = None,
    encoding: str | None = None,
) -> Source:
    """Read a file. ``score`` says how much a row looks like the headers wanted: it decides between delimiters.

    The content decides whether it is a workbook, not the name: exports are often misnamed.
    """
    return read_all(path, score, sheet, encoding)[0]


def read_all(
    path: str | os.PathLike[str],
    score: Score = lambda cells: 0,
    sheet: str | None = None,
    encoding: str | None = None,
) -> list[Source]:
    """The same, and of a workbook all sheets that people see, the first one first; the one asked for alone."""
    target = Path(path)
    data = _bytes(target)
    _check_kind(target, data)
    if data.startswith(_ZIP):
        return _workbook(target, data, sheet)
    if sheet is not None:
        raise _refused(target, Text("不是工作簿，没有工作表可选：请去掉 --sheet。", "it is no workbook: leave --sheet out."))
    return [_text_file(target, data, score, encoding)]


# What databases and programs write where nothing is; in just these letters, since Nan and Null are names.
NOTHING = frozenset(("NULL", "null", "(null)", "<NULL>", "\\N", "N/A", "n/a", "#N/A", "NaN", "nan", "<NA>", "None"))


def blank(cell: Raw) -> bool:
    """Whether nothing stands in a cell."""
    return cell is None or (type(cell) is str and (not (text := cell.strip()) or text in NOTHING))


def _check_kind(path: Path, data: bytes) -> None:
    """Say of what is no text which program's file it is, and what to save it as."""
    if data.startswith(_OLD_EXCEL):
        if path.suffix.lower() == ".et":
            raise _refused(
                path,
                Text("是 WPS 表格 .et：请在 WPS 中另存为 .xlsx 或 CSV。", "it is a WPS .et: save it as .xlsx or CSV in WPS."),
            )
        raise _refused(
            path,
            Text(
                "是旧版 .xls 或有打开密码。请在 Excel 中去掉密码，另存为 .xlsx 或 CSV。",
                "it is an old .xls or password-protected. Remove the password in Excel and save as .xlsx or CSV.",
            ),
        )
    if path.suffix.lower() == ".numbers":
        raise _refused(path, ods.NUMBERS)
    for begins, name in _OTHERS.items():
        if data.startswith(begins):
            raise _refused(
                path, Text(f"是 {name.zh}：请在原程序中导出为 .xlsx 或 CSV。", f"it is {name.en}: export it as .xlsx or CSV.")
            )


_OTHERS = {
    b"ID;P": Text("SYLK（.slk）", "SYLK (.slk)"),
    b"%PDF": Text("PDF", "a PDF"),
    b"{\\rtf": Text("RTF 文档", "an RTF document"),
    b"Rar!": Text("RAR 压缩包（请先解压）", "a RAR archive (unpack it first)"),
    b"7z\xbc\xaf": Text("7z 压缩包（请先解压）", "a 7z archive (unpack it first)"),
    b"\x1f\x8b": Text("gzip 压缩包（请先解压）", "a gzip archive (unpack it first)"),
    b"TABLE\r\n0,1": Text("DIF 文件", "a DIF file"),
    b"TABLE\n0,1": Text("DIF 文件", "a DIF file"),
    b"SQLite format 3": Text("SQLite 数据库（请用 sqlite:///…）", "an SQLite database (use sqlite:///…)"),
    b"\x89PNG": Text("图片", "a picture"),
    b"\xff\xd8\xff": Text("图片", "a picture"),
}


def _refused(path: Path, why: Text) -> Refused:
    return Refused(Text("“{p}”：", "“{p}”: ").format(p=path.name) + why)


def _bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise _refused(path, Text("是文件夹，不是文件。", "it is a folder, not a file."))
        if path.stat().st_size > LARGEST_FILE:
            raise _refused(path, Text("超过 512 MB：请分成几个文件。", "more than 512 MB: split it into several files."))
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise Refused(Text(f"找不到文件“{path}”。", f"There is no file “{path}”.")) from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise Refused(Text(f"无法读取“{path}”：{why}。", f"“{path}” cannot be read: {why}.")) from error
    if not data:
        raise Refused(Text("“{p}”是空文件：请重新导出。", "“{p}” is empty: export it again.").format(p=path.name))
    return data


# ------------------------------------------------------------------------------------------------------------------- text files


class Delimited(NamedTuple):
    """A text file, decoded: its rows begin after ``skipped`` lines."""

    path: Path
    text: str
    delimiter: str
    skipped: int
    how: Text
    data: bytes = b""  # the same in UTF-8, where it came so: a copy less of a large file

    def rows(self, most: int | None = None) -> list[RawRow]:
        """Its rows, or the first of them."""
        if most is not None and len(self.text) > _HEAD:
            # The first rows of a hundred megabytes stand in its first one: a copy of all would cost more than reading them.
            try:
                rows = _rows(self.path, self.text[:_HEAD], self.delimiter, self.skipped, most)
            except Refused:
                rows = []  # a cell that goes on beyond it
            if len(rows) == most:
                return rows
        return _rows(self.path, self.text, self.delimiter, self.skipped, most)


def delimited(path: Path, score: Score, encoding: str | None = None) -> Delimited | None:
    """A file as text in whatever encoding; None when it is a workbook."""
    data = _bytes(path)
    if not data.startswith(_ZIP):
        _check_kind(path, data)
    return None if data.startswith(_ZIP) else _delimited(path, data, score, encoding)


def _delimited(path: Path, data: bytes, score: Score, encoding: str | None) -> Delimited:
    text, name = _decoded(path, data, encoding)
    _check_text(path, text)
    if encoding is None or name != "UTF-8":  # who says that it is UTF-8 has looked at it
        _refuse_misread(path, text, name if encoding else "")
    first, skipped = _SEPARATOR.match(text), 0
    # Marks at its beginning or end were taken away: then there is no copy to be had for nothing.
    same = data if name == "UTF-8" and not first and not data.startswith(codecs.BOM_UTF8) and not data.endswith(b"\x1a") else b""
    if first:  # "sep=;" is a line Excel itself understands
        text, skipped, delimiter = text[first.end() :], 1, first[1]
    else:
        delimiter = _delimiter(text, score)
    shown = {"\t": Text("制表符", "tab")}.get(delimiter, Text(delimiter, delimiter))
    how = Text("{e}，分隔符 {d}", "{e}, delimiter {d}").format(e=name, d=shown)
    return Delimited(path, text, delimiter, skipped, how, same)


def _text_file(path: Path, data: bytes, score: Score, encoding: str | None) -> Source:
    read = _delimited(path, data, score, encoding)
    return Source(path, tuple(read.rows()), read.how)


def _decoded(path: Path, data: bytes, encoding: str | None) -> tuple[str, str]:
    """The text and the name of its encoding; never a guess that turns names into gibberish in silence."""
    if encoding is not None:
        return _decoded_as(path, data, encoding)
    for mark, codec in _BOMS:
        if data.startswith(mark):
            return _decoded_as(path, data, codec)
    if (wide := _without_mark(data)) is not None:
        return _decoded_as(path, data, wide)
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError as error:
        if _mostly_utf8(data):
            raise _refused(path, _broken(data, error, "UTF-8")) from error
    try:
        text, name = _decoded_as(path, data, "gb18030")
    except Refused as refused:
        raise Refused(refused.text + Text("（已试 UTF-8 和 GB18030）", " (UTF-8 and GB18030 were tried)")) from refused
    _check_plausible(path, text)
    return text, name


_ODD_RUN = re.compile("[^\x00-\x7f]{3,}")
_MISREAD, _LOOKED_AT = 2, 1 << 18


def _misread(text: str) -> tuple[str, str] | None:
    """Some text that is UTF-8 which a program read as something else and saved: what stands there, and what was meant; None for none.

    Real accented text is practically never valid UTF-8 when its bytes are read so; two pieces that are prove it. Of Chinese names of three
    characters one in some hundred is by chance, as letters that nobody writes (袁伟平 is Ԭΰƽ): what was meant must be Chinese itself, or the like.
    """
    found: dict[str, str] = {}
    for match in _ODD_RUN.finditer(text, 0, _LOOKED_AT):
        run = match[0]
        for back, proves in ((_in_gb18030, _is_chinese), (_in_latin, _is_other)):
            try:
                meant = back(run).decode("utf-8")
            except UnicodeError:
                continue
            if proves(meant):
                found.setdefault(run, meant)
        if len(found) >= _MISREAD or any(len(run) >= 3 * _MISREAD for run in found):
            return next(iter(found.items()))
    return None


def _is_chinese(text: str) -> bool:
    """Whether all that is no plain letter of a text is Chinese as people write it."""
    odd = [c for c in text if c > "\x7f"]
    return any("一" <= c <= "鿿" for c in odd) and all(map(_known_sign, odd))


def _is_other(text: str) -> bool:
    return not text.isascii()


def _in_gb18030(text: str) -> bytes:
    return text.encode("gb18030")


def _in_latin(text: str) -> bytes:
    return b"".join(c.encode("latin-1") if "\x80" <= c <= "\x9f" else c.encode("cp1252") for c in text)


def _refuse_misread(path: Path, text: str, stated: str = "") -> None:
    if not text.isascii() and (found := _misread(text)) is not None:
        stands, meant = found
        if stated:
            raise _refused(path, Text(f"按 {stated} 读出来是乱码（“{stands[:12]}”应是“{meant[:12]}”）：它是 UTF-8 编码，请去掉 --encoding。",
                                      f"read as {stated} its text is gibberish (“{stands[:12]}” is “{meant[:12]}”): it is UTF-8, leave out --encoding."))  # fmt: skip
        raise _refused(path, Text(f"文字是乱码：“{stands[:12]}”本应是“{meant[:12]}”，以前某次用错编码打开后又保存了。请从原系统重新导出（UTF-8 或 .xlsx）。",
                                  f"its text is gibberish: “{stands[:12]}” was “{meant[:12]}” before some program opened it in a wrong encoding and saved it. Export it "
                                  "again from where it comes from (UTF-8 or .xlsx)."))  # fmt: skip


_PRIVATE = re.compile("[\ue000-\uf8ff]")  # characters that nobody has given a meaning
_IN_LATIN = re.compile(r"[A-Za-z](?P<han>[一-鿿])[a-z]")  # M黮ler: a letter with an accent, read as Chinese
_COMMON = frozenset(bytes((high, low)).decode("gb2312", "ignore") for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
_RARER = frozenset(bytes((high, low)).decode("gb2312", "ignore") for high in range(0xD8, 0xF8) for low in range(0xA1, 0xFF))
_SIGNS = frozenset(
    "　、。·—～…‘’“”〔〕〈〉《》「」『』【】±×÷℃￥①②③④⑤⑥⑦⑧⑨⑩、！（），－．／：；？％＋＝＆＊＃＠＿￥〇"
    + "".join(chr(0xFF10 + n) for n in range(10))
)


# The characters of everyday Chinese and of firms' and people's names: of any real text a good part is among them.
_EVERYDAY = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实"
    "加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很"
    "情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队"
    "南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确"
    "才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何"
    "除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严首底液官德随病苏失尔死讲配女黄推显谈罪神"
    "艺呢席含企望密批营项防举球英氧势告李台落木帮轮破亚师围注远字材排供河态封另施减树溶怎止案言士均武固叶鱼波视仅费紧爱左章早朝害续轻服试食充兵源判护司足某练差致板田降黑犯负击范"
    "继兴似余坚曲输修的故城夫够送笔船占右财吃富春职觉汉画功巴跟虽杂飞检吸助升阳互初创抗考投坏策古径换未跑留钢曾端责站简述钱副尽帝射草冲承独令限阿宣环双请超微让控州良轴找否纪益依"
    "优顶础载倒房突坐粉敌略客袁冷胜绝析块剂测丝协诉念陈仍罗盐友洋错苦夜刑移频逐靠混母短皮终聚汽村云哪既距卫停烈央察烧迅境若印洲刻括激孔搞甚室待核校散侵吧甲游久菜味旧模湖货损预阻"
    "毫普稳乙妈植息扩银语挥酒守拿序纸医缺雨吗针刘啊急唱误训愿审附获茶鲜粮斤孩脱硫肥善龙演父渐血欢械掌歌沙刚攻谓盾讨晚粒乱燃矛乎杀药宁鲁贵钟煤读班伯香介迫句丰培握兰担弦蛋沉假穿执"
    "贸有限责任股份集团实业投资控股供应链物流网络软件智能数码伟娜芳敏静丽强磊洋艳勇军杰娟涛超霞秀鑫鹏辉健俊博宇轩梓涵欣怡浩诚信达泰恒瑞祥福康盛昌隆源广州深圳杭苏津渝成武汉郑沈"
    "赵钱孙周吴郑冯陈褚卫蒋沈韩杨朱秦尤许何吕施孔曹严华魏陶姜戚谢邹喻柏窦章云葛奚范彭郎韦昌马苗凤方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟"
    "平黄萧尹姚邵汪祁毛禹狄米贝明臧计伏戴宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫经房裘缪丁宣邓单杭洪包诸左石崔吉"
    "发票签订户编码销售额税币备注退返提拟邮箱姓址话"
)  # fmt: skip
_FEW, _LEAST = 6, 0.3


def _check_plausible(path: Path, text: str) -> None:
    """Nearly any bytes decode as GB18030: what comes out must be Chinese as people write it, not gibberish."""
    if "\ufffd" in text or _PRIVATE.search(text) or _accented(text) or _maybe_japanese(text):
        raise _refused(path, _no_encoding())
    seen = [c for c in text[: 1 << 20] if c > "\x7f"]
    han = {c for c in seen if "一" <= c <= "鿿"}
    if len(han) >= _FEW and sum(c in _EVERYDAY for c in han) < _LEAST * len(han):
        raise _refused(path, _no_encoding())
    foreign = sum(1 for c in seen if not _known_sign(c))
    rare = sum(1 for c in seen if c in _RARER)
    if foreign >= 3 and (foreign * 5 > len(seen) or (foreign + rare) * 10 > 6 * len(seen)):
        raise _refused(path, _no_encoding())


_KANA = re.compile("[\u3041-\u30fe]")


def _maybe_japanese(text: str) -> bool:
    """Whether there are kana in it and all of it is EUC-JP as well: kana are the same bytes in both, and no Chinese list has many."""
    if sum(1 for _ in itertools.islice(_KANA.finditer(text), _FEW)) < _MISREAD:
        return False
    try:
        text.encode("gb18030").decode("euc_jp")
    except UnicodeError:
        return False
    return True


def _accented(text: str) -> bool:
    """Whether a letter with an accent was read as a character: M黮ler."""
    # Its second byte is the letter that came next: 盘 of U盘usb has none such.
    return any(match["han"].encode("gb18030")[1] < 0x80 for match in _IN_LATIN.finditer(text[: 1 << 20]))


@functools.lru_cache(maxsize=65536)
def _known_sign(character: str) -> bool:
    """Whether a character is one that people write Chinese with, in simplified or in traditional form."""
    if character in _COMMON or character in _RARER or character in _SIGNS or "Ａ" <= character <= "ｚ":
        return True
    try:
        return b"\xa4\x40" <= character.encode("big5") <= b"\xc6\x7e"  # the 5,401 characters of everyday use
    except UnicodeEncodeError:
        return False


def _no_encoding() -> Text:
    return Text("按 UTF-8 和 GB18030 读出来都是乱码：请用 --encoding 指明编码（如 big5、shift_jis、euc_jp、gb18030），或重新导出为 UTF-8。",
                "read as UTF-8 and as GB18030 its text is gibberish: name the encoding with --encoding (big5, shift_jis, euc_jp, gb18030 …), or export it as "
                "UTF-8.")  # fmt: skip


_WIDER = {
    "big5": "cp950",
    "big5hkscs": "big5hkscs",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
}


def _decoded_as(path: Path, data: bytes, encoding: str) -> tuple[str, str]:
    try:
        # What Windows calls Big5 or Shift-JIS has some more characters; a superset reads both.
        text = data.decode(_WIDER.get(codecs.lookup(encoding).name, encoding))
        shown = codecs.lookup(encoding).name.upper().replace("-SIG", "")
    except UnicodeDecodeError as error:
        raise _refused(path, _broken(data, error, encoding.upper())) from error
    except (LookupError, UnicodeError, ValueError, AttributeError, AssertionError) as error:
        raise Refused(
            Text(
                f"没有名为“{encoding}”的文字编码：可用 utf-8、gb18030、big5、utf-16",
                f"there is no encoding called “{encoding}”: try utf-8, gb18030, big5 or utf-16",
            )
        ) from error
    return text.removeprefix("\ufeff").rstrip("\x1a"), "UTF-8" if shown == "UTF_8" else shown


def _broken(data: bytes, error: UnicodeDecodeError, name: str) -> Text:
    line = data.count(b"\n", 0, error.start) + 1
    return Text(
        f"第 {line} 行有不符合 {name} 编码的字节：请重新导出为 UTF-8 的 CSV 或 .xlsx，或用 --encoding 指明编码。",
        f"line {line} holds bytes that are no {name}: export it again as UTF-8 CSV or .xlsx, or name the encoding with "
        "--encoding.",
    )


def _without_mark(data: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of Latin text and of line ends is zero."""
    head = data[:4096]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if even + odd < max(2.0, len(head) / 8):
        return None
    return "utf-16-le" if odd > 8 * even else "utf-16-be" if even > 8 * odd else None


def _mostly_utf8(data: bytes) -> bool:
    """Damaged UTF-8 would mostly decode as Chinese gibberish in GB18030: tell them apart by how much of it is right."""
    text = data[: 1 << 20].decode("utf-8", errors="replace")
    wrong = text.count("\ufffd")
    right = sum(1 for character in text if character > "\x7f") - wrong
    return right > 2 * wrong


def _check_text(path: Path, text: str) -> None:
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise _refused(
            path,
            Text(
                f"第 {line} 行有空字符，不是文本文件：请导出为 CSV 或 .xlsx。",
                f"line {line} holds a NUL, so it is no text file: export it as CSV or .xlsx.",
            ),
        )
    if re.match(r"\s*<(!doctype|html|head|meta|table|style|body|\?xml)", text[:200], re.IGNORECASE):
        raise _refused(
            path,
            Text(
                "其实是网页或 XML（有些系统这样导出“Excel”）：请在 Excel 中打开，另存为 .xlsx。",
                "it is really a web page or XML, as some systems export “Excel”: open it in Excel and save it as .xlsx.",
            ),
        )


def _delimiter(text: str, score: Score) -> str:
    """The delimiter with which some row looks most like the headers wanted; then the one that makes most columns."""
    head = text[:_SNIFFED]

    def fits(delimiter: str) -> tuple[int, int]:
        rows = []
        try:
            for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter):
                rows.append(row)
                if len(rows) == 40:
                    break
        except csv.Error:
            pass  # the real reading says what is wrong and where
        return max((score(row) for row in rows), default=0), sum(len(row) > 1 for row in rows)

    return max(DELIMITERS, key=fits)


def _rows(path: Path, text: str, delimiter: str, skipped: int, most: int | None) -> list[RawRow]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[RawRow] = []
    line = 0
    try:
        for cells in reader:
            if any(map(str.strip, cells)) and not _is_ruled(cells):
                rows.append(RawRow(line + skipped + 1, tuple(cells)))
                if len(rows) == most:
                    break
            line = reader.line_num
    except (csv.Error, ValueError) as error:
        raise _refused(path, _bad_quotes(line + skipped + 1, error)) from error
    return rows


def _is_ruled(cells: Sequence[str]) -> bool:
    """Whether a line is drawn: -----, ====, ----+----, as systems print lists."""
    return len(cells) == 1 and len(cells[0].strip()) > 3 and not cells[0].strip(" -=_+*~|\t")


def _bad_quotes(line: int, error: Exception) -> Text:
    # A quote that is never closed would swallow all following rows into one cell.
    return Text(
        f"第 {line} 行起的引号不成对（{error}）：请改正该行，或导出为 .xlsx。",
        f"the quotes of the row that begins in line {line} do not match ({error}): correct the row, or export it as .xlsx.",
    )


# -------------------------------------------------------------------------------------------------------------------- workbooks


def _workbook(path: Path, data: bytes, wanted: str | None) -> list[Source]:
    """Its sheets' cells. Our own reader and not a faster one: errors must arrive as errors, not as blanks."""
    if (tables := ods.sheets(data, path)) is not None:
        return _open_document(path, tables, wanted)
    package = Package(ods.tidied(data, path), path)
    names = tuple(package.sheets)
    if not names:
        raise _refused(path, Text("没有工作表。", "it has no worksheet."))
    chosen = [_chosen(path, names, wanted)] if wanted is not None else _visible(package)
    unseen = () if wanted is not None else tuple(n for n in names if n not in chosen and package.sheets[n].cells())
    sources = [
        Source(
            path,
            tuple(_sheet_rows(package, package.sheets[name])),
            Text("工作表“{s}”", "sheet “{s}”").format(s=name),
            names,
            name,
            package.date1904,
            asides.of_sheet(package, package.sheets[name]),
            unseen,
            wanted is not None,
        )
        for name in chosen
    ]
    texts = (
        c for source in sources for row in source.rows[:_FIRST_ROWS] for c in row.cells if isinstance(c, str) and not c.isascii()
    )
    _refuse_misread(path, "\n".join(texts))
    return sources


_FIRST_ROWS = 500


def _visible(package: Package) -> list[str]:
    return [name for name, sheet in package.sheets.items() if sheet.state == "visible"] or list(package.sheets)


def _open_document(path: Path, tables: dict[str, ods.OdsSheet], wanted: str | None) -> list[Source]:
    names = tuple(tables)
    visible = [name for name, sheet in tables.items() if not sheet.hidden] or list(names)
    chosen = [_chosen(path, names, wanted)] if wanted is not None else visible
    unseen = () if wanted is not None else tuple(n for n in names if n not in chosen and tables[n].rows)
    return [
        Source(
            path,
            tuple(RawRow(row.line, tuple(row.cells), row.hidden, row.summed, row.merged) for row in tables[name].rows),
            Text("工作表“{s}”", "sheet “{s}”").format(s=name),
            names,
            name,
            asides=Asides(asides.spoken(tables[name].comments)),
            unseen=unseen,
            asked=wanted is not None,
        )
        for name in chosen
    ]


def _chosen(path: Path, names: Sequence[str], wanted: str) -> str:
    for name in names:
        if name.strip().casefold() == wanted.strip().casefold():
            return name
    guess = near(wanted, names)
    raise _refused(
        path,
        Text(
            f"没有工作表“{wanted}”，有：{'、'.join(names)}。" + (f"是否想用“{guess[0]}”？" if guess else ""),
            f"there is no sheet “{wanted}”; there are: {', '.join(names)}." + (f" Did you mean “{guess[0]}”?" if guess else ""),
        ),
    )


_ADDS_UP = re.compile(r"(?<![A-Z.])(?:SUBTOTAL|AGGREGATE)\s*\(", re.IGNORECASE)
_SUM_OF_ROWS = re.compile(r"\s*SUM\(\s*\$?([A-Z]{1,3})\$?(\d+)\s*:\s*\$?([A-Z]{1,3})\$?(\d+)\s*\)\s*", re.IGNORECASE)


def _adds_up(at: At, formula: str) -> bool:
    """Whether a formula is that of a total: SUBTOTAL, or a SUM of several rows of its own column."""
    if _ADDS_UP.search(formula):
        return True
    match = _SUM_OF_ROWS.fullmatch(formula)
    if match is None:
        return False
    own = column_letters(at[1])
    return match[1].upper() == match[3].upper() == own and abs(int(match[4]) - int(match[2])) >= 1


def _sheet_rows(package: Package, sheet: Sheet) -> list[RawRow]:
    rows: dict[int, dict[int, Raw]] = {}
    summed: set[int] = set()
    for at, cell in sheet.cells().items():
        line, column = at
        if cell.formula is not None and _adds_up(at, cell.formula):
            summed.add(line)
        value = _raw(package, cell)
        if not blank(value):
            rows.setdefault(line, {})[column] = value
    summed |= {t.ref.last_row for t in package.tables.values() if t.sheet == sheet.name and t.totals}
    merged = _go_on(sheet, rows)
    hidden = sheet.hidden_rows()
    return [
        RawRow(
            line,
            tuple(cells.get(column) for column in range(1, max(cells) + 1)),
            line in hidden,
            line in summed,
            frozenset(merged.get(line, ())),
        )
        for line, cells in sorted(rows.items())
        if len(merged.get(line, ())) < len(cells)
    ]


def _go_on(sheet: Sheet, rows: dict[int, dict[int, Raw]]) -> dict[int, set[int]]:
    """A cell merged downwards speaks for all its rows; which cells were filled so, by line, counted from 0."""
    filled: dict[int, set[int]] = {}
    for area in sheet.merged:
        if area.last_row == area.first_row or area.last_row - area.first_row > 100_000:
            continue
        value = rows.get(area.first_row, {}).get(area.first_col)
        if blank(value):
            continue
        for line in range(area.first_row + 1, area.last_row + 1):
            if line in rows and blank(rows[line].get(area.first_col)):
                rows[line][area.first_col] = value
                filled.setdefault(line, set()).add(area.first_col - 1)
    return filled


def _raw(package: Package, cell: Cell) -> Raw:
    value: Any = cell.value
    if isinstance(value, ErrorValue):
        return ExcelError(str(value))
    if cell.formula is not None and (value is None or (value == 0 and package.never_computed)):
        return ExcelError("#N/A", Text("公式没有保存结果：请在 Excel 中打开并保存",
                                       "a formula without a saved result: open and save it in Excel"))  # fmt: skip
    if isinstance(value, float) and not isinstance(value, bool):
        if package.is_date(cell.style):
            return _moment(value + (1462 if package.date1904 else 0)) or value
        code = package.format_of(cell.style)
        return dressed(value, code) if code else value
    return value  # type: ignore[no-any-return]


def _moment(serial: float) -> dt.date | None:
    day = serial_to_date(serial)
    if day is None:
        return None  # a time of day alone, or no date at all: the number stays and the column's kind decides
    seconds = round((serial % 1) * 86400)
    if not seconds:
        return day
    return dt.datetime(day.year, day.month, day.day) + dt.timedelta(seconds=min(seconds, 86399))
