"""Personal data sealed, opened, found again and masked."""

import hmac
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from tollcentre.core.refusal import Refusal

from .key_file import read_keys
from .rules import alike, masked
from .terms import PERSONAL_KEYS_MISSING, SEALED_UNREADABLE, PersonalKind, SealingKeys

__all__ = ["Sealer", "alike", "key_path", "masked", "sealer"]

IN_ENVIRONMENT = "TOLLCENTRE_PRIVACY_KEYS"
NONCE_BYTES = 12
DIGEST_BYTES = 16


class Sealer:
    """Seals personal data with AES-256-GCM, and makes the digest that it is found by.

    What is sealed begins with the number of its key and says in its tag of which kind it is.
    """

    def __init__(self, keys: SealingKeys) -> None:
        self._standing = keys.standing
        self._ciphers = {number: AESGCM(key) for number, key in keys.sealing.items()}
        self._searching = keys.searching

    def seal(self, kind: PersonalKind, text: str) -> bytes:
        """The sealed text, different each time; nothing of an empty one."""
        if not text:
            return b""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._ciphers[self._standing].encrypt(
            nonce, alike(kind, text).encode(), kind.encode()
        )
        return bytes([self._standing]) + nonce + sealed

    def unseal(self, kind: PersonalKind, sealed: bytes) -> str:
        """The text; refuses one of an unknown key or another kind, and one that was changed."""
        if not sealed:
            return ""
        sealed = bytes(sealed)
        cipher = self._ciphers.get(sealed[0])
        nonce, content = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            if cipher is None:
                raise InvalidTag
            return cipher.decrypt(nonce, content, kind.encode()).decode()
        except (InvalidTag, ValueError):
            raise Refusal(SEALED_UNREADABLE, kind, kind=kind) from None

    def digest(self, kind: PersonalKind, text: str) -> str:
        """What the text is found by: a keyed digest of 32 hex digits; blank for an empty one."""
        if not text:
            return ""
        content = f"{kind}\x1f{alike(kind, text)}".encode()
        return hmac.digest(self._searching, content, "sha256")[:DIGEST_BYTES].hex()

    def masked(self, kind: PersonalKind, sealed: bytes) -> str:
        """What everybody sees of a sealed text."""
        return masked(kind, self.unseal(kind, sealed))


def key_path() -> Path:
    """Where the home keeps the keys of personal data: outside the database."""
    return Path(settings.HOME) / "keys" / "privacy.json"


def sealer() -> Sealer:
    """Seals and opens with this home's keys; refuses a home without any."""
    if settings.PRIVACY_KEYS:
        return _sealer_of(settings.PRIVACY_KEYS, IN_ENVIRONMENT)
    if not key_path().exists():
        raise Refusal(PERSONAL_KEYS_MISSING, "key", place=key_path())
    return _sealer_of(key_path().read_text(encoding="ascii", errors="replace"), str(key_path()))


@lru_cache(maxsize=4)
def _sealer_of(text: str, place: str) -> Sealer:
    return Sealer(read_keys(text, place))
