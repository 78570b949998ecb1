"""Reading a request body: bounded, decompressed, parsed; every fault named."""

import json
import zlib
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import UnreadablePostError

from tollcentre.core.refusal import Refusal

from .terms import (
    BAD_GZIP,
    BAD_JSON,
    BODY_TOO_LARGE,
    FIELD_MISSING,
    FIELD_WRONG,
    KEY_MISSING,
    UNKNOWN_ENCODING,
)

GZIP_WINDOW = zlib.MAX_WBITS | 16


def read_body(request: HttpRequest, limit: int) -> bytes:
    """The body's bytes, decompressed where the sender compressed them; Refusal beyond `limit`."""
    stated = request.META.get("CONTENT_LENGTH") or "0"
    if stated.isdigit() and int(stated) > limit:
        raise Refusal(BODY_TOO_LARGE, "Content-Length", limit=limit)
    try:
        body = request.body
    except (RequestDataTooBig, UnreadablePostError) as error:
        raise Refusal(BODY_TOO_LARGE, "body", limit=limit) from error
    if len(body) > limit:
        raise Refusal(BODY_TOO_LARGE, "body", limit=limit)
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise Refusal(UNKNOWN_ENCODING, "Content-Encoding", encoding=encoding[:40])
    return _unzipped(body, limit)


def _unzipped(body: bytes, limit: int) -> bytes:
    engine = zlib.decompressobj(GZIP_WINDOW)
    try:
        data = engine.decompress(body, limit + 1)
    except zlib.error as error:
        raise Refusal(BAD_GZIP, "body") from error
    if len(data) > limit:
        raise Refusal(BODY_TOO_LARGE, "body", limit=limit)
    if not engine.eof:
        raise Refusal(BAD_GZIP, "body")
    return data


def parsed(body: bytes) -> dict[str, Any]:
    """The JSON object of a body; whole numbers and decimals stay text, so that none is rounded."""
    try:
        value = json.loads(body, parse_float=str, parse_int=str)
    except json.JSONDecodeError as error:
        raise Refusal(BAD_JSON, "body", line=error.lineno, column=error.colno) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise Refusal(BAD_JSON, "body", line=1, column=1) from error
    if not isinstance(value, dict):
        raise Refusal(FIELD_WRONG, "body", name="body", zh="对象", en="an object")
    return value


def text_field(value: dict[str, Any], name: str) -> str:
    """A required text field."""
    if name not in value:
        raise Refusal(FIELD_MISSING, name, name=name)
    if not isinstance(value[name], str):
        raise Refusal(FIELD_WRONG, name, name=name, zh="文本", en="a text")
    text: str = value[name]
    return text


def records_field(value: dict[str, Any]) -> list[dict[str, Any]]:
    """The required list of objects `records`."""
    if "records" not in value:
        raise Refusal(FIELD_MISSING, "records", name="records")
    records = value["records"]
    if not isinstance(records, list) or not all(isinstance(entry, dict) for entry in records):
        raise Refusal(FIELD_WRONG, "records", name="records", zh="对象数组", en="a list of objects")
    return records


def idempotency_key(request: HttpRequest) -> str:
    """The sender's key for this batch."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key or len(key) > 128 or not key.isascii() or not key.isprintable():
        raise Refusal(KEY_MISSING, "Idempotency-Key")
    return key
