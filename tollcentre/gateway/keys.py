"""Keys that peers and we share: files of the home, for its owner alone, never in the database."""

import os
from pathlib import Path

from django.conf import settings

from tollcentre.core.refusal import Refusal

from .terms import KEY_GONE


def key_path(name: str) -> Path:
    """Where the key file of that name stands."""
    return Path(settings.HOME) / "keys" / name


def keep_key(name: str, content: bytes) -> None:
    """Write a key file, readable by its owner alone, whole or not at all."""
    path = key_path(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    waiting = path.with_name(f"{name}.new")
    waiting.unlink(missing_ok=True)
    with open(os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    waiting.replace(path)


def key_of(code: str, name: str) -> bytes:
    """What a peer's key file holds; Refusal where it is missing."""
    try:
        return key_path(name).read_bytes().strip()
    except OSError as error:
        raise Refusal(KEY_GONE, "key", code=code, name=name) from error
