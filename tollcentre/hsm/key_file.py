"""The master keys as text, and the file that holds it; a wrong text is refused unshown."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tollcentre.core.refusal import Refusal

from .terms import MASTER_KEYS_MALFORMED, MasterKeyName, TacAlgorithm

KEY_BYTES = 16
KEY_TEXT = re.compile(r"[0-9A-Fa-f]{32}")
ISSUER_ID = re.compile(r"[0-9]{6}")

MasterKeys = dict[MasterKeyName, bytes]


def read_keys(text: str, place: str) -> MasterKeys:
    """The master keys of a text; a refusal says where it is wrong and not what it says."""
    try:
        rows = json.loads(text)
    except ValueError:
        rows = None
    if not isinstance(rows, list):
        raise Refusal(MASTER_KEYS_MALFORMED, "key", place=place, row=1)
    found: MasterKeys = {}
    for number, row in enumerate(rows, 1):
        key = _key(row)
        if key is None or key[0] in found:
            raise Refusal(MASTER_KEYS_MALFORMED, "key", place=place, row=number)
        found[key[0]] = key[1]
    return found


def _key(row: Any) -> tuple[MasterKeyName, bytes] | None:
    """One master key and its name; None where the row is none."""
    if not isinstance(row, dict):
        return None
    issuer_id, key = str(row.get("issuer_id")), str(row.get("key"))
    algorithm, key_version = row.get("algorithm"), row.get("key_version")
    if not (ISSUER_ID.fullmatch(issuer_id) and KEY_TEXT.fullmatch(key)):
        return None
    if algorithm not in tuple(TacAlgorithm) or type(key_version) is not int:
        return None
    return MasterKeyName(issuer_id, TacAlgorithm(algorithm), key_version), bytes.fromhex(key)


def write_keys(path: Path, keys: Mapping[MasterKeyName, bytes]) -> None:
    """The file appears whole and readable by its owner only."""
    rows = [
        {
            "issuer_id": name.issuer_id,
            "algorithm": int(name.algorithm),
            "key_version": name.key_version,
            "key": key.hex().upper(),
        }
        for name, key in keys.items()
    ]
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        json.dump(rows, handle, indent=1)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(temporary, path)
