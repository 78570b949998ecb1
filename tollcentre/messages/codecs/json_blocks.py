"""JSON records: an array, `{"data": […]}` or `{"records": […]}`, or one object a line.

Each element keeps its verbatim text. An element that cannot be read is named and the reading
goes on at the next object, so that a file cut in the middle loses its last element only.
"""

import json
import re
from collections import defaultdict
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
    """Rows of one kind, gathered column by column."""

    texts: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    columns: dict[str, list[str]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)


def json_blocks(
    text: str, *, kind: RecordKind | None, encoding: str, before: int, rows: int
) -> Iterator[Block]:
    """Blocks of at most about `rows` records of one kind each; `kind` overrides detection.

    `text` was decoded with surrogate escapes, so that bytes that are no text show and survive.
    """
    gathered: dict[RecordKind, _Rows] = defaultdict(_Rows)
    broken: list[BrokenRow] = []
    kinds: dict[tuple[str, ...], RecordKind | None] = {}
    for element in elements(text, before=before):
        fault, of = element.fault, None
        value = element.value
        if value is not None:
            fault = text_fault(element.raw)
            keys = tuple(value)
            if keys not in kinds:
                kinds[keys] = kind or detect(list(keys))
            of = kinds[keys]
            fault = fault or ("" if of else "unknown_kind")
        if fault or of is None or value is None:
            raw = element.raw.encode(encoding, "surrogateescape")
            broken.append(BrokenRow(element.number, raw, fault))
            continue
        _gather(gathered[of], of, element.number, element.raw, value)
        if len(gathered[of].lines) >= rows:
            yield _block(of, gathered.pop(of), encoding)
    for of, remaining in gathered.items():
        yield _block(of, remaining, encoding)
    if broken:
        yield empty_block("", encoding, "json", broken)


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


def records_block(kind: RecordKind, records: list[dict[str, Any]]) -> Block:
    """One block of records that came as objects, not as text."""
    rows = _Rows()
    broken: list[BrokenRow] = []
    for number, record in enumerate(records, start=1):
        raw = json.dumps(record, ensure_ascii=False)
        if fault := text_fault(raw):
            broken.append(BrokenRow(number, raw.encode("utf-8", "replace"), fault))
            continue
        _gather(rows, kind, number, raw, record)
    block = _block(kind, rows, "utf-8")
    block.broken = broken
    return block


def _gather(rows: _Rows, kind: RecordKind, number: int, raw: str, value: dict[str, Any]) -> None:
    """Add one record; a column that it does not name is blank in its row."""
    spellings = names_of(kind)
    at = len(rows.lines)
    rows.lines.append(number)
    rows.texts.append(raw)
    for key, cell in value.items():
        name = spellings.get(key) or spellings.get(folded(key))
        if name is None:
            rows.unknown.add(key)
            continue
        column = rows.columns.setdefault(name, [])
        if len(column) < at:
            column.extend([""] * (at - len(column)))
        if len(column) == at:
            column.append(text_of(cell))


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


def _block(kind: RecordKind, rows: _Rows, encoding: str) -> Block:
    count = len(rows.lines)
    arrays: dict[str, pa.Array] = {}
    for name in (column.name for column in definition(kind).columns):
        cells = rows.columns.get(name)
        if cells is None:
            continue
        cells.extend([""] * (count - len(cells)))
        array = pa.array(cells, pa.string())
        few = len(set(cells[:2000])) * 4 <= len(cells[:2000])
        arrays[name] = array.dictionary_encode() if few else array
    texts = rows.texts
    raw: Callable[[int], bytes] = lambda row: texts[row].encode("utf-8", "replace")  # noqa: E731
    return Block(
        kind=kind,
        table=pa.table(arrays),
        lines=np.array(rows.lines, dtype=np.int64),
        raw=raw,
        header="",
        encoding=encoding,
        shape="json",
        unknown_columns=rows.unknown,
    )
