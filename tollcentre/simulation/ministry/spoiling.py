"""Messages made wrong on purpose, digest and all, as another program would make them."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from .terms import Sending

Document = dict[str, Any]
NO_SUCH_VERSION = "99.0"
NO_SUCH_ISSUER = "990101"


def _more_count(document: Document) -> None:
    document["manifest"]["count"] += 1


def _more_amount(document: Document) -> None:
    document["manifest"]["amount"] += 1


def _other_version(document: Document) -> None:
    document["manifest"]["version"] = NO_SUCH_VERSION


def _other_issuer(document: Document) -> None:
    document["manifest"]["receiverId"] = NO_SUCH_ISSUER
    for record in document["records"]:
        if "issuerId" in record:
            record["issuerId"] = NO_SUCH_ISSUER


def _nothing(document: Document) -> None:
    """Left whole; the body is torn afterwards."""


SPOILERS: dict[Sending, Callable[[Document], None]] = {
    Sending.wrong_count: _more_count,
    Sending.wrong_amount: _more_amount,
    Sending.malformed: _nothing,
    Sending.unknown_version: _other_version,
    Sending.unknown_issuer: _other_issuer,
}
"""Faults that a message is sent with first, under an id of its own, to be refused."""


def spoiled(fault: Sending, body: bytes, message_id: str) -> bytes:
    """The body with one fault, under another id; everything else agrees."""
    document = json.loads(body)
    document["manifest"]["messageId"] = message_id
    SPOILERS[fault](document)
    written = _written(document)
    return written[: len(written) // 2] if fault is Sending.malformed else written


def other_content(body: bytes) -> bytes:
    """The same message id saying something else: sent at another moment, rightly digested."""
    document = json.loads(body)
    document["manifest"]["sentAt"] = "2001-01-01T00:00:00"
    return _written(document)


def _written(document: Document) -> bytes:
    """The bytes with the digest set: SHA-256 of the sorted, blankless JSON without it."""
    document["manifest"].pop("digest")
    document["manifest"]["digest"] = hashlib.sha256(_canonical(document)).hexdigest()
    return _canonical(document)


def _canonical(document: Document) -> bytes:
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()
