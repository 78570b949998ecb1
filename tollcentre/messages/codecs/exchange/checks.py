"""What a message's parts must agree on: keys once, declared counts and sums as the records make."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from ...terms import (
    DIGEST_DIFFERS,
    MESSAGE_KIND_UNKNOWN,
    MESSAGE_TOO_LARGE,
    MESSAGE_UNREADABLE,
    RECORD_REPEATED,
    RECORDS_MIXED,
    TOTAL_DIFFERS,
    VALUE_DIFFERS,
    VERSION_UNKNOWN,
    MessageFault,
    ResultCode,
)
from .kinds import MessageColumn, MessageKind, Rulebook, snake_case
from .values import shown

WHAT_IS_LARGE = {
    "bytes_max": ("字节数", "bytes"),
    "depth_max": ("嵌套层数", "levels"),
    "brackets_max": ("括号数", "brackets"),
    "records_max": ("明细数", "records"),
    "tags_max": ("标签数", "tags"),
}


def within(rules: Rulebook, limit: str, found: int) -> None:
    """Refuse what is larger than the protocol's limit of that name."""
    if found > rules.limits[limit]:
        zh, en = WHAT_IS_LARGE[limit]
        most = rules.limits[limit]
        raise MessageFault(
            ResultCode.SCHEMA, MESSAGE_TOO_LARGE, en, what_zh=zh, what_en=en, most=most
        )


def unreadable(shape: str, why_zh: str, why_en: str) -> MessageFault:
    """The fault of bytes that are no document of that shape."""
    return MessageFault(
        ResultCode.SCHEMA, MESSAGE_UNREADABLE, shape=shape, why_zh=why_zh, why_en=shown(why_en)
    )


def deepest(steps: Iterable[int]) -> int:
    """How deep a text nests whose openings are 1 and whose closings are -1."""
    return max(accumulate(steps), default=0)


def known_version(rules: Rulebook, version: str, field: str) -> None:
    """Refuse a version that the protocol does not speak."""
    if version not in rules.versions:
        known = ", ".join(rules.versions)
        raise MessageFault(
            ResultCode.VERSION, VERSION_UNKNOWN, field, version=shown(version), known=known
        )


def kind_of(rules: Rulebook, kind: str, field: str) -> MessageKind:
    """The kind of that name."""
    if kind not in rules.kinds:
        known = ", ".join(rules.kinds)
        raise MessageFault(
            ResultCode.HEADER, MESSAGE_KIND_UNKNOWN, field, kind=shown(kind), known=known
        )
    return rules.kinds[kind]


def same_total(field: str, declared: Any, found: Any) -> None:
    """Refuse a declared figure that the records do not make."""
    if declared != found:
        raise MessageFault(
            ResultCode.CONTENT, TOTAL_DIFFERS, field, name=field, declared=declared, found=found
        )


def same_value(field: str, found: object, wanted: object) -> None:
    """Refuse a value that other parts of the message contradict."""
    if found != wanted:
        raise MessageFault(
            ResultCode.CONTENT, VALUE_DIFFERS, field, name=field, found=found, wanted=wanted
        )


def same_digest(field: str, declared: str, found: str) -> None:
    """Refuse a declared digest that the message does not have."""
    if declared != found:
        raise MessageFault(
            ResultCode.CONTENT, DIGEST_DIFFERS, field, declared=declared, found=found
        )


def amount_of(kind: MessageKind, records: Sequence[Mapping[str, Any]]) -> int:
    """The sum of the kind's amount column, in fen; 0 where it has none."""
    names = [column.name for column in kind.records if column.amount]
    return sum(record[name] for record in records for name in names)


def totals_of(kind: MessageKind, records: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """What the fields of the whole must declare, by our names."""
    found = {}
    for total in kind.totals:
        picked = [
            record
            for record in records
            if all(record[snake_case(name)] == wanted for name, wanted in total.where.items())
        ]
        column = snake_case(total.of)
        if not total.inside:
            whole = len(picked) if total.of == "rows" else sum(row[column] for row in picked)
            found[snake_case(total.field)] = whole
    return found


def counts_inside(kind: MessageKind, record: Mapping[str, Any]) -> dict[str, int]:
    """What a record must declare of its own members, by our names."""
    return {
        snake_case(total.field): len(record.get(snake_case(total.inside), ()))
        for total in kind.totals
        if total.inside
    }


def agree(
    kind: MessageKind, fields: Mapping[str, Any], records: Sequence[Mapping[str, Any]]
) -> None:
    """Refuse records that repeat a key or are mixed, and totals that the records do not make."""
    official = {column.name: column.official for column in (*kind.records, *kind.fields)}
    keys_once(kind.records, records, "records")
    for number, record in enumerate(records, 1):
        place = f"records[{number}]."
        for name, found in counts_inside(kind, record).items():
            same_total(place + official[name], record[name], found)
        for column in kind.records:
            if column.columns:
                keys_once(column.columns, record[column.name], place + column.official)
        if kind.numbered:
            same_value(place + kind.numbered, record[snake_case(kind.numbered)], number)
        for name in kind.uniform:
            _same_as_first(name, records[0], record, place)
    for name, found in totals_of(kind, records).items():
        same_total(official[name], fields[name], found)


def _same_as_first(
    name: str, first: Mapping[str, Any], record: Mapping[str, Any], place: str
) -> None:
    value, other = first[snake_case(name)], record[snake_case(name)]
    if value != other:
        raise MessageFault(
            ResultCode.CONTENT,
            RECORDS_MIXED,
            place + name,
            name=name,
            first=shown(value),
            other=shown(other),
        )


def keys_once(
    columns: Sequence[MessageColumn], records: Sequence[Mapping[str, Any]], place: str
) -> None:
    """Refuse the second of two records that agree in all key columns."""
    names = [column.name for column in columns if column.key]
    seen: set[tuple[object, ...]] = set()
    for number, record in enumerate(records, 1):
        key = tuple(record[name] for name in names)
        if names and key in seen:
            raise MessageFault(
                ResultCode.CONTENT,
                RECORD_REPEATED,
                f"{place}[{number}]",
                key=" ".join(map(str, key)),
            )
        seen.add(key)
