"""Opening a source: compressed or not, in which encoding, of which shape, in blocks of lines."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

GZIP_MAGIC = b"\x1f\x8b"
GZIP_WINDOW = zlib.MAX_WBITS | 16
RAW_BYTES = 1 << 18
PIECE_BYTES = 1 << 22
BOM = b"\xef\xbb\xbf"
UTF8 = "utf-8"
GB18030 = "gb18030"


class GzipStream:
    """Decompressed bytes of a gzip file; what came before a break is given, then `broke` is set."""

    def __init__(self, handle: IO[bytes]) -> None:
        self.handle = handle
        self.engine = zlib.decompressobj(GZIP_WINDOW)
        self.ready = b""
        self.broke = False
        self.ended = False

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; fewer only at the end or the break."""
        parts: list[bytes] = []
        left = size
        while left > 0 and (self.ready or self._more()):
            parts.append(self.ready[:left])
            self.ready = self.ready[left:]
            left -= len(parts[-1])
        return b"".join(parts)

    def _more(self) -> bool:
        """Decompress a piece further; False where there is nothing more to be had."""
        while not self.ended and not self.ready:
            raw = self.engine.unconsumed_tail or self.engine.unused_data
            if self.engine.eof:
                self.engine = zlib.decompressobj(GZIP_WINDOW)
            raw = raw or self.handle.read(RAW_BYTES)
            if not raw:
                self.ended = True
                self.broke = self.broke or self.started
                break
            try:
                self.ready = self.engine.decompress(raw, PIECE_BYTES)
                self.started = not self.engine.eof
            except zlib.error:
                self.ended = self.broke = True
        return bool(self.ready)

    started = False

    def __enter__(self) -> "GzipStream":
        return self

    def __exit__(self, *_: object) -> None:
        self.handle.close()


Source = IO[bytes] | GzipStream


def open_source(path: Path) -> Source:
    """The file's bytes, decompressed where its content says gzip, whatever its name."""
    handle = path.open("rb")
    magic = handle.read(2)
    handle.seek(0)
    return GzipStream(handle) if magic == GZIP_MAGIC else handle


def line_blocks(handle: Source, size: int) -> Iterator[tuple[bytes, bool, bool]]:
    """Blocks of whole lines of about `size` bytes: (bytes, is the last one, broke off)."""
    if isinstance(handle, GzipStream):
        yield from _compressed_blocks(handle, size)
        return
    while True:
        # One copy of the bytes, not three: the part after the last line end is read again.
        data = handle.read(size)
        cut = data.rfind(b"\n") + 1
        while len(data) >= size and not cut:
            more = handle.read(size)
            data += more
            cut = data.rfind(b"\n") + 1
            if not more:
                break
        if len(data) < size or not cut:
            yield data, True, False
            return
        handle.seek(cut - len(data), 1)
        yield data[:cut], False, False


def _compressed_blocks(handle: GzipStream, size: int) -> Iterator[tuple[bytes, bool, bool]]:
    """The same of a compressed source, which cannot be gone back in."""
    rest = b""
    while True:
        part = handle.read(size)
        data = rest + part
        if len(part) < size:
            yield data, True, handle.broke
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
