"""The one write of the security module: a home's master keys are made."""

import fcntl
import secrets
from collections.abc import Iterable

from django.conf import settings

from .key_file import KEY_BYTES, read_keys, write_keys
from .queries import key_path
from .terms import MasterKeyName, TacAlgorithm

FIRST_VERSION = 1


def make_master_keys(*, issuer_ids: Iterable[str]) -> list[MasterKeyName]:
    """Make the master keys that the issuers lack, at random, one an algorithm; the new ones' names.

    Keys that stand stay as they are. Where the keys come from the environment, none is made.
    """
    if settings.HSM_KEYS:
        return []
    path = key_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    wanted = [
        MasterKeyName(issuer_id, algorithm, FIRST_VERSION)
        for issuer_id in sorted(issuer_ids)
        for algorithm in TacAlgorithm
    ]
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        text = path.read_text(encoding="ascii") if path.exists() else "[]"
        keys = read_keys(text, str(path))
        new = [name for name in wanted if name not in keys]
        if new:
            write_keys(path, keys | {name: secrets.token_bytes(KEY_BYTES) for name in new})
    return new
