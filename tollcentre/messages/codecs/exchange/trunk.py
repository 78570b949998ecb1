"""The trunk protocol (干线): one JSON document of a manifest, fields and records."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ...terms import (
    FIELD_MISSING,
    FIELD_UNKNOWN,
    Envelope,
    MessageFault,
    Parcel,
    Protocol,
    Receipt,
    ResultCode,
)
from .checks import (
    agree,
    amount_of,
    deepest,
    kind_of,
    known_version,
    same_digest,
    same_total,
    totals_of,
    unreadable,
    within,
)
from .kinds import MessageKind, rulebook
from .values import read_row, read_rows, shown, write_row

STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
BRACKETS = re.compile(r"[\[\]{}]")
DIGITS_MAX = 18
BLANK_DIGEST = "0" * 64


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
    """The document of a message, checked as its reader will check it."""
    rules = rulebook(Protocol.TRUNK)
    known_version(rules, version, "version")
    spoken = kind_of(rules, kind, "kind")
    wire = [
        write_row(spoken.records, record, f"records[{number}].")
        for number, record in enumerate(records, 1)
    ]
    rows = _rows(spoken, wire)
    document: dict[str, Any] = {
        "fields": write_row(spoken.fields, totals_of(spoken, rows) | dict(fields), "fields."),
        "records": wire,
    }
    agree(spoken, read_row(spoken.fields, document["fields"], "fields."), rows)
    manifest = {
        "message_id": message_id,
        "kind": kind,
        "version": version,
        "sender_id": sender_id,
        "receiver_id": receiver_id,
        "sent_at": sent_at,
        "count": len(rows),
        "amount": amount_of(spoken, rows),
        "digest": BLANK_DIGEST,
    }
    document["manifest"] = write_row(rules.columns["manifest"], manifest, "manifest.")
    _manifest(document)
    document["manifest"]["digest"] = _digest(document)
    body = canonical(document)
    within(rules, "bytes_max", len(body))
    return body


def decode(body: bytes) -> Parcel:
    """The message in a document; refused by name and result where it is none."""
    return _parcel(_document(body))


def encode_receipt(receipt: Receipt) -> bytes:
    """The JSON of a receipt."""
    values = {
        "message_id": receipt.message_id,
        "result": receipt.result,
        "count": receipt.count,
        "amount": receipt.amount_fen,
        "digest": receipt.digest,
        "reason": receipt.reason,
    }
    columns = rulebook(Protocol.TRUNK).columns["receipt"]
    row = write_row(columns, values, "")
    read_row(columns, row, "")
    return canonical(row)


def decode_receipt(body: bytes) -> Receipt:
    """The receipt in a JSON text; refused by name where it is none."""
    columns = rulebook(Protocol.TRUNK).columns["receipt"]
    values = read_row(columns, _document(body), "")
    return Receipt(
        message_id=values["message_id"],
        result=ResultCode(values["result"]),
        count=values["count"],
        amount_fen=values["amount"],
        digest=values["digest"],
        reason=values["reason"],
    )


def _document(body: bytes) -> dict[str, Any]:
    """The object that the bytes are; sizes, doubled names and fractions are refused."""
    rules = rulebook(Protocol.TRUNK)
    within(rules, "bytes_max", len(body))
    try:
        text = body.decode("utf-8")
        brackets = BRACKETS.findall(STRING.sub("", text))
        within(rules, "brackets_max", len(brackets))
        within(rules, "depth_max", deepest(1 if one in "[{" else -1 for one in brackets))
        document = json.loads(
            text,
            object_pairs_hook=_names_once,
            parse_int=_bounded_int,
            parse_float=_no_fraction,
            parse_constant=_no_fraction,
        )
    except UnicodeDecodeError as error:
        raise unreadable("JSON", "不是 UTF-8 编码", "not UTF-8") from error
    except json.JSONDecodeError as error:
        raise unreadable("JSON", f"第 {error.lineno} 行有语法错误", str(error)) from error
    if not isinstance(document, dict):
        raise unreadable("JSON", "不是对象", "not an object")
    return document


def _parcel(document: dict[str, Any]) -> Parcel:
    values = _manifest(document)
    try:
        kind = kind_of(rulebook(Protocol.TRUNK), values["kind"], "manifest.kind")
        said, rows = _said(kind, document)
        same_total("manifest.count", values["count"], len(rows))
        same_total("manifest.amount", values["amount"], amount_of(kind, rows))
        agree(kind, said, rows)
        same_digest("manifest.digest", values["digest"], _digest(document))
    except MessageFault as fault:
        fault.message_id = values["message_id"]
        raise
    values["amount_fen"] = values.pop("amount")
    return Parcel(Envelope(protocol=Protocol.TRUNK, **values), said, tuple(rows))


def _manifest(document: dict[str, Any]) -> dict[str, Any]:
    """The manifest's values; its version first, since another one may look different."""
    rules = rulebook(Protocol.TRUNK)
    manifest = document.get("manifest")
    if not isinstance(manifest, dict):
        raise MessageFault(ResultCode.HEADER, FIELD_MISSING, "manifest", name="manifest")
    columns = rules.columns["manifest"]
    spoken = [column for column in columns if column.official == "version"]
    version = {"version": manifest["version"]} if "version" in manifest else {}
    read = read_row(spoken, version, "manifest.", ResultCode.HEADER)
    known_version(rules, str(read["version"]), "manifest.version")
    return read_row(columns, manifest, "manifest.", ResultCode.HEADER)


def _said(
    kind: MessageKind, document: dict[str, Any]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The values of the fields and of every record."""
    for name in document:
        if name not in ("manifest", "fields", "records"):
            field = shown(name)
            raise MessageFault(ResultCode.SCHEMA, FIELD_UNKNOWN, field, name=field)
    fields = _part(document.get("fields"), dict, "fields")
    records = _part(document.get("records"), list, "records")
    return read_row(kind.fields, fields, "fields."), _rows(kind, records)


def _rows(kind: MessageKind, records: list[Any]) -> list[dict[str, Any]]:
    within(rulebook(Protocol.TRUNK), "records_max", len(records))
    for number, row in enumerate(records, 1):
        _part(row, dict, f"records[{number}]")
    return read_rows(kind.records, records, "records")


def _part(value: Any, shape: type, name: str) -> Any:
    """The value where it has the shape that this part of a document has."""
    if not isinstance(value, shape):
        raise MessageFault(ResultCode.SCHEMA, FIELD_MISSING, name, name=name)
    return value


def _digest(document: dict[str, Any]) -> str:
    """SHA-256 over the canonical document without the digest itself."""
    manifest = {name: value for name, value in document["manifest"].items() if name != "digest"}
    return hashlib.sha256(canonical(document | {"manifest": manifest})).hexdigest()


def canonical(document: dict[str, Any]) -> bytes:
    """UTF-8 JSON with sorted names and no blanks."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def _names_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise unreadable("JSON", "同一对象中名称重复", "a name is given twice in one object")
    return found


def _bounded_int(text: str) -> int:
    if len(text.lstrip("-")) > DIGITS_MAX:
        most = DIGITS_MAX
        raise unreadable("JSON", f"数字超过 {most} 位", f"a number has over {most} digits")
    return int(text)


def _no_fraction(text: str) -> int:
    raise unreadable("JSON", f"{shown(text)} 不是整数", f"{shown(text)} is no whole number")
