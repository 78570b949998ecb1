"""Messages of the trunk made many at once: records as SQL writes them, documents around them.

The bytes are those that `encode` makes of the same values, but for an optional value that does
not fit its column: that one is left blank, where `encode` would refuse the message.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ...terms import Protocol, ResultCode
from .checks import kind_of, within
from .kinds import MessageColumn, MessageKind, rulebook
from .trunk import canonical
from .values import read_row, write_row

SPACES = r"\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
UNPRINTABLE = r"[\x00-\x1f\x7f-\x9f\x{fffe}\x{ffff}]"
UNUSUAL = rf'["\\\x00-\x1f\x7f-\x9f\x{{fffe}}\x{{ffff}}{SPACES}]'
"""A text with one of these is written with care; every other one stands as it is."""
FIRST_SECOND, LAST_SECOND = 946_656_000, 4_102_416_000
"""What a time of the form 20xx-… can say, in epoch seconds."""


def kind_named(name: str) -> MessageKind:
    """A kind of the trunk protocol."""
    return kind_of(rulebook(Protocol.TRUNK), name, "kind")


def fits_sql(kind: MessageKind) -> str:
    """SQL that is true of a row of the kind's columns whose required values all fit."""
    return " AND ".join(_fits(column, careful=True) for column in kind.records if column.required)


def amount_sql(kind: MessageKind) -> str:
    """SQL of what a row adds to the message's amount, in fen."""
    names = [column.name for column in kind.records if column.amount]
    return " + ".join(names) + "::BIGINT" if names else "0::BIGINT"


def record_sql(kind: MessageKind, there: Collection[str]) -> str:
    """SQL that writes a row of the kind's columns as a canonical record, a comma before it.

    Columns that are not `there` are blank.
    """
    columns = sorted(
        (column for column in kind.records if column.name in there),
        key=lambda column: column.official,
    )
    texts = [column.name for column in columns if column.type == "str"]
    unusual = f"regexp_matches(concat_ws('', {', '.join(texts)}), '{UNUSUAL}')"
    return (
        f"CASE WHEN {unusual} THEN {_record(columns, careful=True)}"
        f" ELSE {_record(columns, careful=False)} END"
    )


def _record(columns: Sequence[MessageColumn], *, careful: bool) -> str:
    parts = [
        f"CASE WHEN {_fits(column, careful=careful)} THEN"
        f" ',\"{column.official}\":' || {_written(column, careful=careful)} ELSE '' END"
        for column in columns
    ]
    return f"',{{' || substr({' || '.join(parts)}, 2) || '}}'"


def _fits(column: MessageColumn, *, careful: bool) -> str:
    """SQL that is true where a value is there and its reader will take it."""
    name = column.name
    if column.many:
        item = rf"-?[0-9]{{1,{column.width}}}" if column.type == "int" else r"[^|]+"
        return f"coalesce(regexp_full_match({name}, '{item}([|]{item})*'), false)"
    if column.type == "int":
        least = 1 - 10**column.width if column.signed else 0
        rule = f"{name} BETWEEN {least} AND {10**column.width - 1}"
    elif column.type == "time":
        rule = f"{name} BETWEEN {FIRST_SECOND} AND {LAST_SECOND - 1}"
    else:
        rule = f"trim({name}) <> '' AND length({name}) <= {column.width}"
        if careful:
            rule += f" AND NOT regexp_matches({name}, '{UNPRINTABLE}')"
            rule += f" AND regexp_matches({name}, '[^ {SPACES}]')"
        if column.pattern is not None:
            rule += f" AND regexp_full_match({name}, '{column.pattern.pattern}')"
    if column.codes:
        codes = ", ".join(repr(code) for code in sorted(column.codes, key=str))
        rule += f" AND {name} IN ({codes})"
    return f"coalesce({rule}, false)"


def _written(column: MessageColumn, *, careful: bool) -> str:
    if column.type == "int" and not column.many:
        return f"{column.name}::BIGINT::VARCHAR"
    if column.type == "time":
        moment = f"make_timestamp(({column.name} + 28800) * 1000000)"
        return f"strftime({moment}, '\"%Y-%m-%dT%H:%M:%S\"')"
    return f"to_json({column.name})::VARCHAR" if careful else f"'\"' || {column.name} || '\"'"


def document(
    *,
    kind: MessageKind,
    message_id: str,
    sender_id: str,
    receiver_id: str,
    sent_at: int,
    fields: Mapping[str, Any],
    records: bytes,
    count: int,
    amount_fen: int,
) -> tuple[bytes, str]:
    """The bytes of a message around its written records, and its digest.

    `records` stand one after the other as `record_sql` wrote them, commas between.
    """
    rules = rulebook(Protocol.TRUNK)
    if kind.totals:
        raise ValueError(f"{kind.name} declares totals of its records")
    said = write_row(kind.fields, fields, "fields.")
    read_row(kind.fields, said, "fields.")
    manifest = write_row(
        rules.columns["manifest"],
        {
            "message_id": message_id, "kind": kind.name, "version": rules.versions[-1],
            "sender_id": sender_id, "receiver_id": receiver_id, "sent_at": sent_at,
            "count": count, "amount": amount_fen,
        },
        "manifest.",
    )  # fmt: skip
    digest = hashlib.sha256(_around(said, manifest, records)).hexdigest()
    manifest["digest"] = digest
    read_row(rules.columns["manifest"], manifest, "manifest.", ResultCode.HEADER)
    body = _around(said, manifest, records)
    within(rules, "bytes_max", len(body))
    within(rules, "records_max", count)
    return body, digest


def _around(fields: Mapping[str, Any], manifest: Mapping[str, Any], records: bytes) -> bytes:
    empty = canonical({"fields": fields, "manifest": manifest, "records": []})
    return empty[:-2] + records + empty[-2:]
