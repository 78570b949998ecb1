"""The writes of privacy: a home's keys are made, personal data is shown whole for a reason."""

import fcntl
import secrets

from django.conf import settings
from django.db import transaction

from tollcentre.access.actions import record_trail
from tollcentre.access.terms import PERMISSION_MISSING, Permission, Viewer
from tollcentre.core.refusal import Refusal

from .key_file import KEY_BYTES, read_keys, write_keys
from .queries import key_path, sealer
from .terms import (
    PERSONAL_KEYS_LOST,
    REASON_FOR_UNMASKING_MISSING,
    PersonalKind,
    SealingKeys,
)

REASON_LENGTH = 4
FIRST = 1


def make_sealing_keys(*, sealed_already: bool = False) -> bool:
    """Make the keys of personal data where the home has none; whether they were made.

    Keys that stand stay as they are. Where they come from the environment, none is made. Refuses
    where something is sealed already: a new key would not open it.
    """
    if settings.PRIVACY_KEYS:
        return False
    path = key_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists():
            read_keys(path.read_text(encoding="ascii", errors="replace"), str(path))
            return False
        if sealed_already:
            raise Refusal(PERSONAL_KEYS_LOST, "key", place=path)
        new = {FIRST: secrets.token_bytes(KEY_BYTES)}
        write_keys(path, SealingKeys(FIRST, new, secrets.token_bytes(KEY_BYTES)))
    return True


def add_sealing_key() -> int:
    """Let what is sealed from now on be sealed with a new key; its number. Old ones still open."""
    path = key_path()
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        standing = read_keys(path.read_text(encoding="ascii"), str(path))
        number = standing.standing + 1
        sealing = standing.sealing | {number: secrets.token_bytes(KEY_BYTES)}
        write_keys(path, SealingKeys(number, sealing, standing.searching))
    return number


@transaction.atomic
def unmask(
    *, kind: PersonalKind, sealed: bytes, subject: str, reason: str, viewer: Viewer
) -> str:  # fmt: skip
    """A sealed text whole, for a stated reason; a trail row says who saw what of whom, and why.

    Refuses who may not see personal data, and a reason of less than four characters.
    """
    if not viewer.may(Permission.UNMASK):
        raise Refusal(PERMISSION_MISSING, user=viewer.name, permission=Permission.UNMASK)
    if len(reason.strip()) < REASON_LENGTH:
        raise Refusal(REASON_FOR_UNMASKING_MISSING, "reason")
    text = sealer().unseal(kind, sealed)
    record_trail(
        actor=viewer.name, act="privacy.unmask", subject=subject,
        detail={"kind": kind, "reason": reason.strip()},
    )  # fmt: skip
    return text
