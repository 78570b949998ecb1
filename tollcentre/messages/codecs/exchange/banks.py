"""Files of banks and channels: a head, records line by line, and a trailer with their digest."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tollcentre.core.clock import day_of, day_start

from ...terms import (
    FIELD_MISSING,
    FIELD_UNKNOWN,
    FILE_NAME_WRONG,
    Envelope,
    MessageFault,
    Notice,
    Parcel,
    Protocol,
    ResultCode,
)
from .checks import (
    agree,
    amount_of,
    kind_of,
    known_version,
    same_digest,
    same_total,
    unreadable,
    within,
)
from .kinds import MessageColumn, MessageKind, rulebook
from .values import misfit, read_row, shown, whole, write_row

SUFFIX = ".txt"
SHAPE = "H|B|D|T"
AROUND = 3
"""Lines of a file that hold no record: head, balances, trailer."""


def encode(
    *,
    kind: str,
    version: str,
    message_id: str,
    sender_id: str,
    receiver_id: str,
    sent_at: int,
    fields: Mapping[str, Any],
    records: Sequence[Mapping[str, Any]],
) -> bytes:
    """The text of a file, read back as its receiver will read it."""
    rules = rulebook(Protocol.BANK)
    known_version(rules, version, "version")
    spoken = kind_of(rules, kind, "kind")
    within(rules, "records_max", len(records))
    lines = [
        _line("D", spoken.records, record, f"records[{number}].")
        for number, record in enumerate(records, 1)
    ]
    if spoken.fields:
        lines.insert(0, _line("B", spoken.fields, fields, "fields."))
    elif fields:
        name = next(iter(fields))
        raise MessageFault(ResultCode.SCHEMA, FIELD_UNKNOWN, f"fields.{name}", name=shown(name))
    rows = [_row(spoken.records, line, f"records[{n}].") for n, line in _records(spoken, lines)]
    head = {
        "version": version,
        "kind": kind,
        "file_id": message_id,
        "sender": sender_id,
        "receiver": receiver_id,
        "day": day_of(sent_at),
        "count": len(rows),
        "amount_fen": amount_of(spoken, rows),
    }
    text = "".join(f"{line}\n" for line in [_line("H", rules.columns["head"], head, "H."), *lines])
    body = f"{text}T|{_digest(text.encode())}\n".encode()
    decode(body)
    return body


def decode(body: bytes) -> Parcel:
    """The message in a file; refused by name and result where it is none."""
    rules = rulebook(Protocol.BANK)
    within(rules, "bytes_max", len(body))
    within(rules, "records_max", body.count(b"\n") - AROUND)
    try:
        lines = body.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise unreadable(SHAPE, "不是 UTF-8 编码", "not UTF-8") from error
    head = _head(lines[0])
    try:
        return _parcel(head, lines, body)
    except MessageFault as fault:
        fault.message_id = head["file_id"]
        raise


def decode_notice(channel: str, body: bytes) -> Notice:
    """The notice in a JSON text."""
    try:
        said = json.loads(body, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise unreadable("JSON", "有语法错误", str(error)) from error
    if not isinstance(said, dict):
        raise unreadable("JSON", "不是对象", "not an object")
    return Notice(channel, **read_row(rulebook(Protocol.BANK).columns["notice"], said, ""))


def file_name(file_id: str) -> str:
    """`payment_620201_B01_20261122_1.txt` of `payment_620201_B01_20261122_1`."""
    return file_id + SUFFIX


def file_id_of(name: str) -> str:
    """The file id that a name says; refused where it is no name of a bank's file."""
    column = next(one for one in rulebook(Protocol.BANK).columns["head"] if one.name == "file_id")
    said = name.removesuffix(SUFFIX)
    fits = column.pattern is not None and column.pattern.fullmatch(said)
    if said == name or not fits or len(said) > column.width:
        raise MessageFault(ResultCode.HEADER, FILE_NAME_WRONG, "file_id", name=shown(name))
    return said


def file_id(kind: str, sender_id: str, receiver_id: str, day: date, sequence: str) -> str:
    """The id of the file of that kind, way, day and sequence."""
    return f"{kind}_{sender_id}_{receiver_id}_{day:%Y%m%d}_{sequence}"


def _head(line: str) -> dict[str, Any]:
    """The head's values; its version first, since another one may look different."""
    rules = rulebook(Protocol.BANK)
    parts = line.split("|", 2)
    if parts[0] != "H" or not "".join(parts[1:2]):
        raise unreadable(SHAPE, "首行不是 H 及版本", "the first line is no H with a version")
    known_version(rules, parts[1], "H.version")
    head = _row(rules.columns["head"], line, "H.", ResultCode.HEADER)
    kind_of(rules, head["kind"], "H.kind")
    start = file_id(head["kind"], head["sender"], head["receiver"], head["day"], "")
    sequence = head["file_id"].removeprefix(start)
    told = head["file_id"].startswith(start)
    if not told or not re.fullmatch(rules.raw["sequence"], sequence, re.ASCII):
        raise MessageFault(
            ResultCode.HEADER, FILE_NAME_WRONG, "H.file_id", name=shown(head["file_id"])
        )
    return head


def _parcel(head: dict[str, Any], lines: list[str], body: bytes) -> Parcel:
    kind = kind_of(rulebook(Protocol.BANK), head["kind"], "H.kind")
    if len(lines) < 3 or lines[-1] or not lines[-2].startswith("T|"):
        raise unreadable(SHAPE, "末行不是完整的 T", "the last line is no whole T")
    inner, trailer = lines[1:-2], lines[-2]
    said = {}
    if kind.fields:
        if not inner or not inner[0].startswith("B|"):
            raise unreadable(SHAPE, "第 2 行不是 B", "line 2 is no B")
        said = _row(kind.fields, inner[0], "fields.")
    rows = [_row(kind.records, line, f"records[{n}].") for n, line in _records(kind, inner)]
    digest = trailer.removeprefix("T|")
    if not re.fullmatch("[0-9a-f]{64}", digest):
        raise unreadable(SHAPE, "末行没有摘要", "the last line holds no digest")
    same_total("H.count", head["count"], len(rows))
    same_total("H.amount_fen", head["amount_fen"], amount_of(kind, rows))
    agree(kind, said, rows)
    same_digest("T.digest", digest, _digest(body[: -len(trailer.encode()) - 1]))
    envelope = Envelope(
        protocol=Protocol.BANK,
        kind=kind.name,
        version=head["version"],
        message_id=head["file_id"],
        sender_id=head["sender"],
        receiver_id=head["receiver"],
        sent_at=day_start(head["day"]),
        count=head["count"],
        amount_fen=head["amount_fen"],
        digest=digest,
    )
    return Parcel(envelope, said, tuple(rows))


def _records(kind: MessageKind, inner: Sequence[str]) -> list[tuple[int, str]]:
    """The lines of the records, numbered from 1."""
    records = inner[1:] if kind.fields else inner
    for number, line in enumerate(records, 1):
        if not line.startswith("D|"):
            why = f"第 {number} 条明细不是 D", f"record {number} is no D"
            raise unreadable(SHAPE, *why)
    return list(enumerate(records, 1))


def _row(
    columns: Sequence[MessageColumn],
    line: str,
    place: str,
    result: ResultCode = ResultCode.SCHEMA,
) -> dict[str, Any]:
    """The values of a line, one for each column."""
    values = line.split("|", len(columns) + 1)[1:]
    if len(values) < len(columns):
        name = columns[len(values)].name
        raise MessageFault(result, FIELD_MISSING, place + name, name=name)
    if len(values) > len(columns):
        name = f"#{len(columns) + 1}"
        raise MessageFault(result, FIELD_UNKNOWN, place + name, name=name)
    raw = {
        column.official: whole(value) if column.type == "int" else value
        for column, value in zip(columns, values, strict=True)
    }
    return read_row(columns, raw, place, result)


def _line(
    letter: str, columns: Sequence[MessageColumn], values: Mapping[str, Any], place: str
) -> str:
    """The line that says these values."""
    row = write_row(columns, values, place)
    texts = [str(row.get(column.official, "")) for column in columns]
    for column, text in zip(columns, texts, strict=True):
        if "|" in text or "\n" in text:
            raise misfit(column, text, place, ResultCode.SCHEMA)
    return "|".join([letter, *texts])


def _digest(before: bytes) -> str:
    """SHA-256 of all that stands before the trailer."""
    return hashlib.sha256(before).hexdigest()
