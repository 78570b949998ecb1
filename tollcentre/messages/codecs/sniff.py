"""Opening a source: compressed or not, in which encoding, of which shape, in blocks of lines."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

GZIP_MAGIC = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"
UTF8 = "utf-8"
GB18030 = "gb18030"


def open_source(path: Path) -> IO[bytes]:
    """The file's bytes, decompressed where its content says gzip, whatever its name."""
    with path.open("rb") as handle:
        magic = handle.read(2)
    if magic == GZIP_MAGIC:
        return gzip.open(path, "rb")  # type: ignore[return-value]
    return path.open("rb")


def read_some(handle: IO[bytes], size: int) -> tuple[bytes, bool]:
    """Up to `size` bytes, and whether the source broke off inside its compression."""
    parts: list[bytes] = []
    left = size
    try:
        while left > 0:
            part = handle.read(min(left, 1 << 20))
            if not part:
                break
            parts.append(part)
            left -= len(part)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return b"".join(parts), True
    return b"".join(parts), False


def line_blocks(handle: IO[bytes], size: int) -> Iterator[tuple[bytes, bool, bool]]:
    """Blocks of whole lines of about `size` bytes: (bytes, is the last one, broke off)."""
    if isinstance(handle, gzip.GzipFile):
        yield from _compressed_blocks(handle, size)
        return
    while True:
        # One copy of the bytes, not three: the part after the last line end is read again.
        data = handle.read(size)
        cut = data.rfind(b"\n") + 1
        while len(data) >= size and not cut:
            data += (more := handle.read(size))
            cut = data.rfind(b"\n") + 1
            if not more:
                break
        if len(data) < size:
            yield data, True, False
            return
        handle.seek(cut - len(data), 1)
        yield data[:cut], False, False


def _compressed_blocks(handle: IO[bytes], size: int) -> Iterator[tuple[bytes, bool, bool]]:
    """The same of a compressed source, which cannot be gone back in."""
    rest = b""
    while True:
        part, broke = read_some(handle, size)
        data = rest + part
        if broke or len(part) < size:
            yield data, True, broke
            return
        cut = data.rfind(b"\n") + 1
        rest = data[cut:]
        if cut:
            yield data[:cut], False, False


def encoding_of(sample: bytes, whole: bool) -> str:
    """`utf-8` or `gb18030` of a sample; UTF-8 wherever most lines that are not ASCII are UTF-8.

    A sample that is cut (`whole` false) is judged up to its last line end.
    """
    if not whole:
        sample = sample[: sample.rfind(b"\n") + 1]
    if _decodes(sample, UTF8):
        return UTF8
    lines = [line for line in sample.split(b"\n") if not line.isascii()]
    utf8 = sum(_decodes(line, UTF8) for line in lines)
    gb = sum(_decodes(line, GB18030) for line in lines)
    return GB18030 if gb > utf8 and 2 * utf8 < len(lines) else UTF8


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def shape_of(sample: bytes) -> str:
    """`json` where the first character opens an object or a list, else `csv`."""
    text = sample.removeprefix(BOM).lstrip()
    return "json" if text[:1] in (b"{", b"[") else "csv"
