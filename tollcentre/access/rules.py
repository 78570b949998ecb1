"""Pure decisions of access: the trail's canonical text and hashes, approval, masking."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date

from tollcentre.core.refusal import Reason

from .terms import APPROVAL_ALREADY_DECIDED, MAKER_MAY_NOT_APPROVE, ApprovalState

FIRST_PREVIOUS_HASH = "0" * 64
"""What the first row of a chain names as the hash before it."""

MASK = "*"


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a trail detail holds plain JSON values, not {type(value).__name__}")


canonical_json = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain
).encode
"""The one text of a JSON value: keys sorted, no blanks, dates as ISO texts; no NaN."""


def sha256_of(*parts: object) -> str:
    """SHA-256 over the canonical JSON list of the parts, so that no two lists share a text."""
    return hashlib.sha256(canonical_json(list(parts)).encode()).hexdigest()


def trail_hash(
    previous_hash: str, seq: int, at: int, actor: str, act: str, subject: str, detail: str
) -> str:
    """The hash that chains a trail row to the one before it."""
    return sha256_of(previous_hash, seq, at, actor, act, subject, detail)


def is_content(key: str) -> bool:
    """Whether a key of a trail detail is content: neither a time, a duration nor an actor."""
    return key not in {"at", "actor", "seconds"} and not key.endswith(("_at", "_seconds"))


def content_of(act: str, subject: str, detail: Mapping[str, object]) -> str:
    """The canonical text of what was done, leaving out when and by whom."""
    kept = {key: value for key, value in detail.items() if is_content(key)}
    return canonical_json([act, subject, kept])


def content_digest(contents: Iterable[str]) -> str:
    """One digest of many acts, whatever their order: acts that don't touch each other commute."""
    digest = hashlib.sha256()
    for text in sorted(contents):
        digest.update(text.encode())
        digest.update(b"\n")
    return digest.hexdigest()


def why_not_decide(maker: str, checker: str, state: ApprovalState) -> Reason | None:
    """Why this person may not decide on the request now; None where they may.

    Source: 双人复核, the maker never checks their own request.
    """
    if state is not ApprovalState.WAITING:
        return APPROVAL_ALREADY_DECIDED
    if maker == checker:
        return MAKER_MAY_NOT_APPROVE
    return None


def mask_plate(vehicle_id: str) -> str:
    """`甘A***45_0` of `甘A12345_0`: province, office and the last two characters stay."""
    plate, separator, colour = vehicle_id.partition("_")
    hidden = max(len(plate) - 4, 0)
    masked = plate[:2] + MASK * hidden + plate[-2:] if hidden else MASK * len(plate)
    return masked + separator + colour
