"""The keys of personal data as text, and the file they are in; a wrong text is refused unshown."""

import json
import os
from pathlib import Path

from tollcentre.core.refusal import Refusal

from .terms import PERSONAL_KEYS_MALFORMED, SealingKeys

KEY_BYTES = 32


def read_keys(text: str, place: str) -> SealingKeys:
    """The keys of a text; the sealing key with the highest number seals, all of them open."""
    try:
        content = json.loads(text)
        sealing = {int(number): bytes.fromhex(key) for number, key in content["sealing"].items()}
        keys = SealingKeys(max(sealing), sealing, bytes.fromhex(content["searching"]))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Refusal(PERSONAL_KEYS_MALFORMED, "key", place=place) from None
    lengths = {len(key) for key in (*sealing.values(), keys.searching)}
    if lengths != {KEY_BYTES} or not all(1 <= number <= 255 for number in sealing):
        raise Refusal(PERSONAL_KEYS_MALFORMED, "key", place=place)
    return keys


def write_keys(path: Path, keys: SealingKeys) -> None:
    """The file appears whole and readable by its owner only."""
    content = {
        "sealing": {str(number): key.hex() for number, key in sorted(keys.sealing.items())},
        "searching": keys.searching.hex(),
    }
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        json.dump(content, handle, indent=1)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(temporary, path)
