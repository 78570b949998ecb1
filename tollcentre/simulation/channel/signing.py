"""The signature that channel and customer put on what they send: HMAC-SHA256 under one key."""

import hmac
from hashlib import sha256

CLOCK_OFF_MAX_S = 300


def signature(key: bytes, timestamp: str, what: bytes) -> str:
    """Lowercase hex over the timestamp, a line end and the body or path."""
    return hmac.new(key, timestamp.encode() + b"\n" + what, sha256).hexdigest()


def signed(key: bytes, timestamp: str, what: bytes, given: str, moment: int) -> bool:
    """Whether the signature is right and its moment near."""
    if not timestamp.isdecimal() or abs(int(timestamp) - moment) > CLOCK_OFF_MAX_S:
        return False
    return hmac.compare_digest(signature(key, timestamp, what).encode(), given.encode())
