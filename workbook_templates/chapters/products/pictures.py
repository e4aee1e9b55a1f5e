"""Photos and stills as they are compared: 64 bits of brighter and darker. It finds the same or a re-shot scene; it understands no pictures."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.documents import library

BITS = 64
_WIDTH, _HEIGHT = 9, 8
LONGEST = 30.0  # seconds of a video
_SLACK = 0.5  # a clip of thirty seconds is a few frames longer
_STILLS = (0.1, 0.5, 0.9)
_MOST_PIXELS = 60_000_000
_SHOWN = 1_280  # pixels of the longer side in a deck


def photo(path: Path) -> bytes:
    """A photo, turned upright and made small enough for a slide, as JPEG; refused in one line where it is none we can read."""
    library("PIL", "slides")
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(path) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise Refused(
                    Text(
                        f"照片 {path.name} 太大：请缩小到 6000 万像素以内",
                        f"photo {path.name} is too large: 60 megapixels at most",
                    )
                )
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Refused(
            Text(
                f"照片 {path.name} 打不开：请换成 JPG 或 PNG（手机的 HEIC 先转存为 JPG）",
                f"photo {path.name} can't be read: use JPG or PNG (save a phone's HEIC as JPG first)",
            )
        ) from error
    upright.thumbnail((_SHOWN, _SHOWN))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=85)
    return out.getvalue()


def stills(path: Path) -> list[bytes]:
    """Three pictures of a video, near its beginning, middle and end; refused where it is longer than thirty seconds or none."""
    av = library("av", "slides")
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise _unreadable(path)
            stream = container.streams.video[0]
            length = float(container.duration or 0) / av.time_base
            if length > LONGEST + _SLACK:
                raise Refused(
                    Text(
                        f"视频 {path.name} 长 {length:.0f} 秒：请剪到 30 秒以内",
                        f"video {path.name} is {length:.0f} seconds long: 30 at most",
                    )
                )
            wanted = [length * share for share in _STILLS]
            out: list[bytes] = []
            for frame in container.decode(stream):
                if frame.time is not None and len(out) < len(wanted) and frame.time >= wanted[len(out)]:
                    made = io.BytesIO()
                    picture = frame.to_image()
                    picture.thumbnail((_SHOWN, _SHOWN))
                    picture.save(made, "JPEG", quality=85)
                    out.append(made.getvalue())
    except (OSError, ValueError, av.FFmpegError) as error:
        raise _unreadable(path) from error
    if not out:
        raise _unreadable(path)
    return out


def _unreadable(path: Path) -> Refused:
    return Refused(Text(f"视频 {path.name} 打不开：请换成 MP4", f"video {path.name} can't be read: use MP4"))


def dhash(picture: bytes) -> int:
    """64 bits: is each of nine grey points of eight rows brighter than the one to its right."""
    library("PIL", "slides")
    from PIL import Image

    with Image.open(io.BytesIO(picture)) as opened:
        grey = opened.convert("L").resize((_WIDTH, _HEIGHT), Image.Resampling.LANCZOS).tobytes()
    bits = 0
    for row in range(_HEIGHT):
        for column in range(_WIDTH - 1):
            at = row * _WIDTH + column
            bits = bits << 1 | (grey[at] > grey[at + 1])
    return bits


def likeness(mine: Iterable[int], theirs: Sequence[int]) -> float | None:
    """How alike the two most alike pictures are; None where a side has none.

    >>> likeness([0b1111], [0b1111, 0]), likeness([1], [0]), likeness([], [1])
    (1.0, 0.984375, None)
    """
    found = [1 - (one ^ other).bit_count() / BITS for one in mine for other in theirs]
    return max(found, default=None)
