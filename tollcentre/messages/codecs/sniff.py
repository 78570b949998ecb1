"""Opening a source: compressed or not, in which encoding, of which shape, in blocks of lines."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

GZIP_MAGIC = b"\x1f\x8b"
GZIP_WINDOW = zlib.MAX_WBITS | 16
RAW_BYTES = 1 << 18
PIECE_BYTES = 1 << 22
TAIL_BYTES = 1 << 16
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


def parts(handle: Source, size: int, end: bytes) -> Iterator[tuple[bytes, bool, bool]]:
    """Parts of about `size` bytes up to an octet `end`: (bytes, is the last one, broke off)."""
    if isinstance(handle, GzipStream):
        yield from _compressed_parts(handle, size, end)
        return
    last = False
    while not last:
        data, last = _part(handle, size, end)
        yield data, last, False


def _part(handle: IO[bytes], size: int, end: bytes) -> tuple[bytes, bool]:
    """The next part, and whether the source ends with it.

    Where it ends is looked up first: to cut what was read would copy it.
    """
    start, whole, look = handle.tell(), size, min(size, TAIL_BYTES)
    while True:
        handle.seek(start + whole - look)
        tail = handle.read(look)
        handle.seek(start)
        if len(tail) < look:
            return handle.read(), True
        cut = tail.rfind(end) + 1
        if cut:
            return handle.read(whole - look + cut), False
        if look < size:
            look = min(look * 64, size)
        else:
            whole += size


def _compressed_parts(
    handle: GzipStream, size: int, end: bytes
) -> Iterator[tuple[bytes, bool, bool]]:
    """The same of a compressed source, which cannot be gone back in."""
    rest = b""
    while True:
        part = handle.read(size)
        data = rest + part
        if len(part) < size:
            yield data, True, handle.broke
            return
        cut = data.rfind(end) + 1
        rest = data[cut:]
        if cut:
            yield data[:cut], False, False


def encoding_of(sample: bytes, whole: bool) -> str:
    """`utf-8` or `gb18030` of a sample; UTF-8 wherever most lines that are not ASCII are UTF-8.

    A sample that is cut (`whole` false) is judged up to its last line end.
    """
    if not whole:
        sample = sample[: sample.rfind(b"\n") + 1]
    if decodes(sample, UTF8):
        return UTF8
    lines = [line for line in sample.split(b"\n") if not line.isascii()]
    utf8 = sum(decodes(line, UTF8) for line in lines)
    gb = sum(decodes(line, GB18030) for line in lines)
    return GB18030 if gb > utf8 and 2 * utf8 < len(lines) else UTF8


def decodes(data: bytes, encoding: str) -> bool:
    """Whether the bytes are text of the encoding."""
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def shape_of(sample: bytes) -> str:
    """`json` where the first character opens an object or a list, else `csv`."""
    text = sample.removeprefix(BOM).lstrip()
    return "json" if text[:1] in (b"{", b"[") else "csv"
