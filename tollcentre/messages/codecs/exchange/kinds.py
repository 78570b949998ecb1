"""The messages of a protocol as data: kinds, columns and totals out of `parameters/exchange/`."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ...terms import Protocol
from ..definitions import load

FILES = {
    Protocol.TRUNK: "exchange/trunk_2026",
    Protocol.PACK: "exchange/pack_2026",
    Protocol.BANK: "exchange/bank_2026",
}
COLUMN_SETS = ("manifest", "receipt", "header", "head", "notice")
WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True)
class MessageColumn:
    """One value of a message: `official` on the wire, `name` in the house, and what it may be."""

    name: str
    official: str
    type: str
    width: int = 0
    required: bool = False
    key: bool = False
    amount: bool = False
    signed: bool = False
    many: bool = False
    codes: frozenset[int | str] = frozenset()
    pattern: re.Pattern[str] | None = None
    path: str = ""
    same_as: str = ""
    columns: "tuple[MessageColumn, ...]" = ()


@dataclass(frozen=True)
class Total:
    """A field that declares a number of records (`rows`) or the sum of their column.

    With `inside`, a column of every record that declares how many members another one has.
    """

    field: str
    of: str
    inside: str = ""
    where: Mapping[str, int | str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class MessageKind:
    """One kind of message: what it says of the whole, its records, and the totals it declares.

    Of a pack also: the numbers that stand for it, its schema, and the element of a record.
    """

    name: str
    fields: tuple[MessageColumn, ...]
    records: tuple[MessageColumn, ...]
    totals: tuple[Total, ...]
    uniform: tuple[str, ...]
    numbered: str
    numbers: Mapping[str, int]
    schema: str
    rows: str


@dataclass(frozen=True)
class Rulebook:
    """A protocol: the versions it speaks, its limits, its kinds, and the columns around them."""

    versions: tuple[str, ...]
    limits: Mapping[str, int]
    kinds: Mapping[str, MessageKind]
    columns: Mapping[str, tuple[MessageColumn, ...]]
    raw: Mapping[str, Any]


@lru_cache
def rulebook(protocol: Protocol) -> Rulebook:
    """The rules of a protocol."""
    raw = load(FILES[protocol])
    return Rulebook(
        versions=tuple(raw["versions"]),
        limits=raw["limits"],
        kinds={name: _kind(name, entry) for name, entry in raw["kinds"].items()},
        columns={
            name: tuple(_column(entry) for entry in raw[name])
            for name in COLUMN_SETS
            if name in raw
        },
        raw=raw,
    )


def snake_case(official: str) -> str:
    """`en_station_id` of `enStationId`, `obu_id` of `OBUId`."""
    return WORD_START.sub("_", official).lower()


def _kind(name: str, raw: dict[str, Any]) -> MessageKind:
    return MessageKind(
        name=name,
        fields=tuple(_column(entry) for entry in raw["fields"]),
        records=tuple(_column(entry) for entry in raw.get("records", ())),
        totals=tuple(Total(**entry) for entry in raw.get("totals", ())),
        uniform=tuple(raw.get("uniform", ())),
        numbered=raw.get("numbered", ""),
        numbers=raw.get("numbers", {}),
        schema=raw.get("schema", ""),
        rows=raw.get("rows", ""),
    )


def _column(raw: dict[str, Any]) -> MessageColumn:
    entry = dict(raw)
    official = entry.pop("name")
    pattern = entry.pop("pattern", "")
    return MessageColumn(
        name=snake_case(official),
        official=official,
        codes=frozenset(entry.pop("codes", ())),
        pattern=re.compile(pattern, re.ASCII) if pattern else None,
        columns=tuple(_column(inner) for inner in entry.pop("columns", ())),
        **entry,
    )
