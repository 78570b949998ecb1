"""JSON records: an array, `{"data": […]}` or `{"records": […]}`, or one object a line.

Each element keeps its verbatim bytes. Most are read by sight, at full speed; one with any doubt is
read with care on its own (`json_elements.py`). What keys there are is learned from those.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from ..kernels.cells import Cells, is_text, octets_of, text_columns
from ..kernels.objects import read_objects
from ..terms import RecordKind
from .blocks import Block, BrokenRow, empty_block
from .definitions import detect
from .json_elements import Element, element_at, past_blanks, text_of
from .json_keys import Keys, column_of, names_in_order
from .sniff import UTF8

LIST_OPEN = re.compile(
    rb'\s*(?:\[|\{[^\[\]{}]*?"(?:data|records|rows|list)"\s*:\s*\[)', re.IGNORECASE
)
SHAPES_MAX = 8
LEARNED_MAX = 200
KNOWN_MAX = 1000
WINDOW = 1 << 16


class _Source:
    """A part of a JSON text, as UTF-8 whatever its encoding is; `last` if nothing follows."""

    def __init__(self, before: bytes, data: bytes, encoding: str, *, last: bool) -> None:
        self.encoding = encoding
        self.last = last
        # Bytes that are no text show and survive.
        self.errors = "surrogateescape"
        if encoding != UTF8:
            data = data.decode(encoding, "surrogateescape").encode(UTF8, "surrogatepass")
            self.errors = "surrogatepass"
        self.data = before + data if before else data
        self.octets = octets_of(self.data)
        self.is_text = is_text(self.octets)

    def text(self, at: int, size: int) -> str:
        """The characters from byte `at` on, at most so many bytes of them."""
        part = self.data[at : at + size]
        if at + size < len(self.data):
            # No character is cut in two.
            part = part[: part.rfind(b'"') + 1]
        return part.decode(UTF8, self.errors)

    def size_of(self, text: str) -> int:
        """The number of bytes of a part of the text."""
        return len(text.encode(UTF8, self.errors))

    def verbatim(self, begin: int, end: int) -> bytes:
        """The bytes between these two as the source holds them."""
        part = self.data[begin:end]
        if self.encoding == UTF8:
            return part
        return part.decode(UTF8, self.errors).encode(self.encoding, "surrogateescape")


class _Rows:
    """Rows of one kind that are being read: where their cells and they themselves stand."""

    def __init__(self, kind: RecordKind, rows: int) -> None:
        shape = (len(names_in_order(kind)), rows)
        self.kind = kind
        # Filled, not zeros: those come in small pages, which cost more than all the reading.
        self.begins = np.full(shape, 0, dtype=np.int32)
        self.ends = np.full(shape, 0, dtype=np.int32)
        self.spans = np.zeros((2, rows), dtype=np.int32)
        self.lines = np.zeros(rows, dtype=np.int64)
        self.count = 0
        self.careful: dict[tuple[int, int], bytes] = {}
        self.unknown: set[str] = set()

    def add(self, value: dict[str, Any], begin: int, end: int, number: int) -> None:
        """Take a record that was read with care; of two spellings of a column the first counts."""
        for key, cell in value.items():
            column = column_of(self.kind, key)
            if column < 0:
                self.unknown.add(key)
            else:
                self.careful.setdefault((column, self.count), text_of(cell).encode())
        self.spans[:, self.count] = begin, end
        self.lines[self.count] = number
        self.count += 1


class JsonReader:
    """Reads a source from front to back, part by part, and gives what makes each block of rows.

    `kind` overrides detection. Elements are numbered from `before` + 1 on. A block holds at most
    `rows` records, of one kind.
    """

    def __init__(
        self, *, kind: RecordKind | None, encoding: str, before: int = 0, rows: int
    ) -> None:
        self.kind = kind
        self.encoding = encoding
        self.number = before
        self.capacity = rows
        self.kinds: dict[tuple[str, ...], RecordKind | None] = {}
        self.shapes: list[Keys] = []
        self.learned = 0
        self.rows: dict[RecordKind, _Rows] = {}
        self.broken: list[BrokenRow] = []
        self.opened: bool | None = None
        self.ended = False
        self.rest = b""

    def feed(self, data: bytes, *, last: bool) -> Iterator[Callable[[], Block]]:
        """Read on in the next part, which ends between characters; broken elements come last."""
        self.source = _Source(self.rest, data, self.encoding, last=last)
        self.at = self.base = 0
        if self.opened is None:
            opening = LIST_OPEN.match(self.source.data)
            self.opened = opening is not None
            self.at = self.base = opening.end() if opening else 0
        while not self.ended and (self._by_sight() or self._with_care()):
            if sum(rows.count for rows in self.rows.values()) >= self.capacity:
                yield from self._made()
        yield from self._made()
        self.rest = b"" if self.ended else self.source.data[self.at :]
        if last and self.broken:
            yield partial(empty_block, "", self.encoding, "json", self.broken)

    def _rows_of(self, kind: RecordKind) -> _Rows:
        if kind not in self.rows:
            self.rows[kind] = _Rows(kind, self.capacity)
        return self.rows[kind]

    def _by_sight(self) -> bool:
        """Read on as far as the keys of one shape go; False where no object could be read."""
        data = self.source.octets[self.base :]
        for keys in self.shapes:
            rows = self._rows_of(keys.kind)
            first = rows.count
            rows.count, at = read_objects(
                data, self.at - self.base, not self.source.is_text, keys.texts, keys.bounds,
                keys.columns, keys.needed, rows.begins, rows.ends, rows.spans, first,
            )  # fmt: skip
            if rows.count > first:
                self.at = self.base + int(at)
                read = rows.count - first
                rows.lines[first : rows.count] = np.arange(read) + self.number + 1
                self.number += read
                return True
        return False

    def _with_care(self) -> bool:
        """Read one element, whatever it is; False at the end, or where it takes more to tell."""
        source, size = self.source, WINDOW
        while True:
            text = source.text(self.at, size)
            whole = self.at + size >= len(source.data)
            start = past_blanks(text, 0)
            if start < len(text):
                if self.opened and text[start] == "]":
                    self.ended = True
                    return False
                found = element_at(text, start, whole=whole and source.last)
                if found is not None:
                    begin = self.at + source.size_of(text[:start])
                    self.at = begin + source.size_of(text[start : found[1]])
                    self._keep(found[0], begin)
                    return True
            if whole:
                return False
            size *= 8

    def _keep(self, element: Element, begin: int) -> None:
        self.number += 1
        end = begin + self.source.size_of(element.raw)
        fault = element.fault or self._take(element, begin, end)
        if fault:
            self.broken.append(BrokenRow(self.number, self.source.verbatim(begin, end), fault))

    def _take(self, element: Element, begin: int, end: int) -> str:
        """Add a record; `unknown_kind` where it is of none."""
        names = tuple(element.value)
        if names not in self.kinds:
            if len(self.kinds) == KNOWN_MAX:
                self.kinds.clear()
            self.kinds[names] = self.kind or detect(list(names))
            self._learn(names)
        kind = self.kinds[names]
        if kind is None:
            return "unknown_kind"
        rows = self._rows_of(kind)
        rows.add(element.value, begin - self.base, end - self.base, self.number)
        return ""

    def _learn(self, names: tuple[str, ...]) -> None:
        """Read objects with these keys by sight from now on; not without end, if all are new."""
        kind = self.kinds[names]
        if kind is None or self.learned == LEARNED_MAX:
            return
        self.learned += 1
        if any(keys.kind == kind and keys.learn(names) for keys in self.shapes):
            return
        keys = Keys(kind, detected=self.kind is None)
        if len(self.shapes) < SHAPES_MAX and keys.learn(names):
            self.shapes.append(keys)

    def _made(self) -> Iterator[Callable[[], Block]]:
        for rows in self.rows.values():
            if rows.count:
                yield partial(_block, rows, self.source, self.base, self.at)
        self.rows = {}
        self.base = self.at


def _block(rows: _Rows, source: _Source, base: int, end: int) -> Block:
    """The rows as a block; its columns are those that a row names."""
    count = rows.count
    begins = np.ascontiguousarray(rows.begins[:, :count])
    ends = np.ascontiguousarray(rows.ends[:, :count])
    cells = Cells(source.octets[base:end], begins, ends)
    _unescape(cells)
    if rows.careful:
        at = np.array(list(rows.careful))
        cells.put(at[:, 0], at[:, 1], list(rows.careful.values()))
    # No cell ends at 0: that is what a key that was left out looks like.
    used = np.flatnonzero(cells.ends.any(axis=1))
    names = [names_in_order(rows.kind)[at] for at in used]
    table = pa.table(dict(zip(names, text_columns(cells, used, UTF8), strict=True)))
    spans = rows.spans[:, :count].astype(np.int64) + base
    return Block(
        kind=rows.kind,
        table=table,
        lines=rows.lines[:count],
        raw=lambda row: source.verbatim(int(spans[0, row]), int(spans[1, row])),
        header="",
        encoding=source.encoding,
        shape="json",
        unknown_columns=rows.unknown,
    )


def _unescape(cells: Cells) -> None:
    """Put the text of every value that has escapes behind the data."""
    fields, rows = np.nonzero(cells.ends < 0)
    if not len(fields):
        return
    begins, ends = cells.begins[fields, rows], ~cells.ends[fields, rows]
    spans = zip(begins.tolist(), ends.tolist(), strict=True)
    listed = b",".join(b'"%b"' % cells.data[begin:end].tobytes() for begin, end in spans)
    texts = json.loads((b"[%b]" % listed).decode())
    cells.put(fields, rows, [text.encode(UTF8, "replace") for text in texts])


def json_blocks(
    data: bytes, *, kind: RecordKind | None, encoding: str, before: int, rows: int
) -> Iterator[Block]:
    """The blocks of a whole source, one after the other."""
    reader = JsonReader(kind=kind, encoding=encoding, before=before, rows=rows)
    return (make() for make in reader.feed(data, last=True))


def records_block(kind: RecordKind, records: list[dict[str, Any]]) -> list[Block]:
    """Blocks of records that came as objects, not as text; broken ones in a block of their own."""
    data = json.dumps(records, ensure_ascii=False).encode(UTF8, "surrogatepass")
    return list(json_blocks(data, kind=kind, encoding=UTF8, before=0, rows=len(records) + 1))
