"""A file as a run of pieces, each to be turned into blocks of rows by a worker."""

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from .blocks import Block
from .csv_blocks import csv_block, header_of
from .definitions import limits
from .json_blocks import JsonReader
from .sniff import BOM, UTF8, encoding_of, open_source, parts, shape_of

Piece = Callable[[], list[Block]]
JSON_ROWS = 16_000
SAMPLE_BYTES = 1 << 20


def sha256_of(path: Path) -> str:
    """The digest of the file as it was delivered."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def pieces(path: Path) -> Iterator[Piece]:
    """The pieces of one file in order; a file without any row gives none."""
    with open_source(path) as handle:
        sample = handle.read(SAMPLE_BYTES)
    if not sample.removeprefix(BOM).strip():
        return
    encoding = encoding_of(sample, whole=len(sample) < SAMPLE_BYTES)
    if shape_of(sample) == "json":
        yield from _json_pieces(path, encoding)
    else:
        yield from _csv_pieces(path, encoding)


def _csv_pieces(path: Path, encoding: str) -> Iterator[Piece]:
    header = None
    line = 1
    with open_source(path) as handle:
        for data, last, broke in parts(handle, limits()["block_bytes"], b"\n"):
            skip = 0
            if header is None:
                skip = _header_bytes(data)
                first = data[:skip].lstrip(b"\r\n")
                header = header_of(first, encoding) if first else None
            if header is not None and len(data) > skip:
                yield partial(_csv_piece, data, skip=skip, header=header, encoding=encoding,
                              first_line=line, last=last, broke=broke)  # fmt: skip
            line += data.count(b"\n")


def _header_bytes(data: bytes) -> int:
    """The length of the first line that holds anything, blank lines before it included."""
    begin = 0
    while data[begin : begin + 1] in (b"\n", b"\r"):
        begin += 1
    return data.find(b"\n", begin) + 1 or len(data)


def _csv_piece(data: bytes, **options: object) -> list[Block]:
    return [csv_block(data, **options)]  # type: ignore[arg-type]


def _json_pieces(path: Path, encoding: str) -> Iterator[Piece]:
    """Objects are found here, one after the other; their blocks are made by the workers."""
    reader = JsonReader(kind=None, encoding=encoding, rows=JSON_ROWS)
    # Most parts end with an object; in GB18030 that octet can be half of a character.
    end = b"}" if encoding == UTF8 else b'"'
    with open_source(path) as handle:
        for number, (data, last, _) in enumerate(parts(handle, limits()["block_bytes"], end)):
            part = data if number else data.removeprefix(BOM)
            yield from map(_made, reader.feed(part, last=last))


def _made(make: Callable[[], Block]) -> Piece:
    return lambda: [make()]
