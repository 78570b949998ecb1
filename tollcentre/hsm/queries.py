"""How others reach the security module."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from tollcentre.core.refusal import Refusal

from .key_file import MasterKeys, read_keys
from .software import SoftwareHsm
from .terms import MASTER_KEYS_MISSING, Hsm

PARAMETERS = Path(__file__).parent / "parameters" / "tac.yaml"
IN_ENVIRONMENT = "TOLLCENTRE_HSM_KEYS"


def open_hsm() -> Hsm:
    """The security module of this home; refuses a home without keys, or keys that are malformed."""
    return SoftwareHsm(_master_keys(), parameters())


def hsm_of_file(path: Path) -> Hsm:
    """The security module whose keys a file holds, as a home keeps them; refuses what is none."""
    try:
        text = path.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise Refusal(MASTER_KEYS_MISSING, place=path) from error
    return SoftwareHsm(read_keys(text, str(path)), parameters())


def key_path() -> Path:
    """Where the home keeps its master keys."""
    return Path(settings.HOME) / "keys" / "hsm.json"


@lru_cache
def parameters() -> dict[str, Any]:
    """What the TAC depends on besides keys and data, by date."""
    content: dict[str, Any] = yaml.safe_load(PARAMETERS.read_text(encoding="utf-8"))
    return content


def _master_keys() -> MasterKeys:
    if settings.HSM_KEYS:
        return read_keys(settings.HSM_KEYS, IN_ENVIRONMENT)
    if not key_path().exists():
        raise Refusal(MASTER_KEYS_MISSING, place=key_path())
    return read_keys(key_path().read_text(encoding="ascii", errors="replace"), str(key_path()))
