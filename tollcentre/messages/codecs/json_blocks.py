"""JSON records: an array, `{"data": […]}` or `{"records": […]}`, or one object a line.

Each element keeps its verbatim text. An element that cannot be read is named and the reading
goes on at the next object, so that a file cut in the middle loses its last element only.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from ..terms import RecordKind
from .blocks import Block, BrokenRow, empty_block
from .definitions import definition, detect, folded, names_of

DECODER = json.JSONDecoder(parse_float=str, parse_int=str)
LIST_OPEN = re.compile(
    r'\s*(?:\[|\{[^\[\]{}]*?"(?:data|records|rows|list)"\s*:\s*\[)', re.IGNORECASE
)
NEXT_OBJECT = re.compile(r"\}\s*,?\s*(?=\{)")
BETWEEN = re.compile(r"[\s,\ufeff]*")
SHAPES_MAX = 8


@dataclass
class Element:
    """One element of the source: its number from 1, its text, and the object or the fault."""

    number: int
    raw: str
    value: dict[str, Any] | None
    fault: str = ""


def elements(text: str, *, before: int = 0) -> Iterator[Element]:
    """The records of a JSON text in order, broken ones included, numbered after `before`."""
    number = before
    opened = LIST_OPEN.match(text)
    position = _past(text, opened.end() if opened else 0)
    while position < len(text) and not (opened and text[position] == "]"):
        start = position
        number += 1
        try:
            value, position = DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            following = NEXT_OBJECT.search(text, start + 1)
            position = following.end() if following else len(text)
            fault = "broken_json" if following else "truncated_row"
            yield Element(number, text[start : following.start() + 1 if following else position],
                          None, fault)  # fmt: skip
        else:
            whole = isinstance(value, dict)
            yield Element(number, text[start:position], value if whole else None,
                          "" if whole else "not_an_object")  # fmt: skip
        position = _past(text, position)


def _past(text: str, position: int) -> int:
    """Past the blanks and commas that stand between elements."""
    found = BETWEEN.match(text, position)
    return found.end() if found else position


@dataclass
class _Rows:
    """Rows of one kind whose records name the same keys in the same order."""

    kind: RecordKind
    keys: tuple[str, ...]
    lines: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    values: list[list[Any]] = field(default_factory=list)


@dataclass
class _Mixed:
    """Rows of one kind whose records name differing keys."""

    kind: RecordKind
    lines: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)


def json_blocks(
    text: str, *, kind: RecordKind | None, encoding: str, before: int, rows: int
) -> Iterator[Block]:
    """Blocks of at most about `rows` records of one kind each; `kind` overrides detection.

    `text` was decoded with surrogate escapes, so that bytes that are no text show and survive.
    """
    gathered = _Gathered(kind)
    broken: list[BrokenRow] = []
    for element in elements(text, before=before):
        fault = element.fault or text_fault(element.raw)
        if not fault and not gathered.add(element):
            fault = "unknown_kind"
        if fault:
            raw = element.raw.encode(encoding, "surrogateescape")
            broken.append(BrokenRow(element.number, raw, fault))
        elif gathered.count >= rows:
            yield from gathered.blocks(encoding)
            gathered = _Gathered(kind)
    yield from gathered.blocks(encoding)
    if broken:
        yield empty_block("", encoding, "json", broken)


class _Gathered:
    """Records sorted by what keys they name: a few shapes at full speed, the rest one by one."""

    def __init__(self, kind: RecordKind | None) -> None:
        self.kind = kind
        self.kinds: dict[tuple[str, ...], RecordKind | None] = {}
        self.alike: dict[tuple[str, ...], _Rows] = {}
        self.mixed: dict[RecordKind, _Mixed] = {}
        self.count = 0

    def add(self, element: Element) -> bool:
        """Take one record; False where its kind is unknown."""
        assert element.value is not None
        keys = tuple(element.value)
        if keys not in self.kinds:
            self.kinds[keys] = self.kind or detect(list(keys))
        kind = self.kinds[keys]
        if kind is None:
            return False
        self.count += 1
        if keys in self.alike or len(self.alike) < SHAPES_MAX:
            rows = self.alike.setdefault(keys, _Rows(kind, keys))
            rows.values.append(list(element.value.values()))
            rows.lines.append(element.number)
            rows.texts.append(element.raw)
        else:
            mixed = self.mixed.setdefault(kind, _Mixed(kind))
            mixed.records.append(element.value)
            mixed.lines.append(element.number)
            mixed.texts.append(element.raw)
        return True

    def blocks(self, encoding: str) -> Iterator[Block]:
        """What was gathered, as blocks."""
        for rows in self.alike.values():
            columns = dict(zip(rows.keys, zip(*rows.values, strict=True), strict=True))
            yield _block(rows.kind, columns, rows.lines, rows.texts, encoding)
        for mixed in self.mixed.values():
            names = sorted({key for record in mixed.records for key in record})
            columns = {name: tuple(record.get(name) for record in mixed.records) for name in names}
            yield _block(mixed.kind, columns, mixed.lines, mixed.texts, encoding)


def text_fault(raw: str) -> str:
    """Why the text of an element cannot be kept as text; empty where it can."""
    if "\\u0000" in raw or "\x00" in raw:
        return "nul_byte"
    if raw.isascii():
        return ""
    try:
        raw.encode()
    except UnicodeEncodeError:
        return "undecodable_bytes"
    return ""


def records_block(kind: RecordKind, records: list[dict[str, Any]]) -> list[Block]:
    """Blocks of records that came as objects, not as text; broken ones in a block of their own."""
    text = json.dumps(records, ensure_ascii=False)
    return list(json_blocks(text, kind=kind, encoding="utf-8", before=0, rows=len(records) + 1))


def text_of(cell: Any) -> str:
    """A JSON value as the text that CSV would carry; surrogates that are no text are replaced."""
    if isinstance(cell, str):
        text = cell
    elif cell is None:
        return ""
    elif isinstance(cell, bool):
        return "1" if cell else "0"
    elif isinstance(cell, int | float):
        return str(cell)
    else:
        text = json.dumps(cell, ensure_ascii=False)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _block(
    kind: RecordKind,
    columns: dict[str, tuple[Any, ...]],
    lines: list[int],
    texts: list[str],
    encoding: str,
) -> Block:
    """A block of columns by the sender's keys; a key spelt twice counts by its first spelling."""
    spellings = names_of(kind)
    arrays: dict[str, pa.Array] = {}
    unknown: set[str] = set()
    for key, cells in columns.items():
        name = spellings.get(key) or spellings.get(folded(key), "")
        if not name:
            unknown.add(key)
        elif name not in arrays:
            arrays[name] = _text_array(cells)
    raw: Callable[[int], bytes] = lambda row: texts[row].encode("utf-8", "replace")  # noqa: E731
    order = [column.name for column in definition(kind).columns if column.name in arrays]
    return Block(
        kind=kind,
        table=pa.table({name: arrays[name] for name in order}),
        lines=np.array(lines, dtype=np.int64),
        raw=raw,
        header="",
        encoding=encoding,
        shape="json",
        unknown_columns=unknown,
    )


def _text_array(cells: tuple[Any, ...]) -> pa.Array:
    try:
        array = pa.array(cells, pa.string())
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        array = pa.array([text_of(cell) for cell in cells], pa.string())
    if array.null_count:
        array = array.fill_null("")
    few = len(set(cells[:1000])) * 4 <= len(cells[:1000]) if _hashable(cells) else False
    return array.dictionary_encode() if few else array


def _hashable(cells: tuple[Any, ...]) -> bool:
    return all(isinstance(cell, str) for cell in cells[:1000])
