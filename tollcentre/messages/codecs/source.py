"""A file as a run of pieces, each to be turned into blocks of rows by a worker."""

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from ..terms import RecordKind
from .blocks import Block
from .csv_blocks import csv_block, header_of
from .definitions import limits
from .json_blocks import json_blocks
from .sniff import BOM, encoding_of, line_blocks, open_source, shape_of

Piece = Callable[[], list[Block]]
JSON_ROWS = 50_000
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
        yield from _json_pieces(path, encoding, lines=_is_json_lines(sample))
    else:
        yield from _csv_pieces(path, encoding)


def _is_json_lines(sample: bytes) -> bool:
    """Whether the first line is an object of its own."""
    first, _, rest = sample.removeprefix(BOM).lstrip().partition(b"\n")
    first = first.rstrip()
    return first.startswith(b"{") and first.endswith(b"}") and rest.lstrip().startswith(b"{")


def _csv_pieces(path: Path, encoding: str) -> Iterator[Piece]:
    header = None
    line = 1
    with open_source(path) as handle:
        for data, last, broke in line_blocks(handle, limits()["block_bytes"]):
            if header is None:
                while data[:1] in (b"\n", b"\r"):
                    line += data[:1] == b"\n"
                    data = data[1:]
                cut = data.find(b"\n") + 1 or len(data)
                header = header_of(data[:cut], encoding)
                data = data[cut:]
                line += 1
            count = data.count(b"\n")
            if data:
                yield partial(_csv_piece, data, header=header, encoding=encoding,
                              first_line=line, last=last, broke=broke)  # fmt: skip
            line += count


def _csv_piece(data: bytes, **options: object) -> list[Block]:
    return [csv_block(data, **options)]  # type: ignore[arg-type]


def _json_pieces(path: Path, encoding: str, *, lines: bool) -> Iterator[Piece]:
    """One object a line is read in pieces; a list is read whole."""
    size = limits()["block_bytes"] if lines else limits()["json_file_bytes"]
    before = 0
    with open_source(path) as handle:
        for data, _, _ in line_blocks(handle, size):
            yield partial(_json_piece, data, None, encoding, before)
            before += data.count(b"\n")


def _json_piece(data: bytes, kind: RecordKind | None, encoding: str, before: int) -> list[Block]:
    text = data.removeprefix(BOM).decode(encoding, "surrogateescape")
    return list(json_blocks(text, kind=kind, encoding=encoding, before=before, rows=JSON_ROWS))
