"""Why a ruling that a clerk proposes cannot be asked for."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple

from tollcentre.core.refusal import Refusal

from ..terms import (
    GROUNDS_MISSING,
    GROUNDS_TOO_LONG,
    LIABLE_CODE_MISFIT,
    Liable,
    OwnRuling,
)

GROUNDS_WIDTH = 500
CODE_WIDTH = 32


def ruling_fault(ruling: OwnRuling) -> Refusal | None:
    """The first reason for which the ruling's words cannot stand; none where they can."""
    if not ruling.grounds.strip():
        return Refusal(GROUNDS_MISSING, "grounds")
    if len(ruling.grounds) > GROUNDS_WIDTH:
        return Refusal(GROUNDS_TOO_LONG, "grounds", width=GROUNDS_WIDTH)
    named = bool(ruling.liable_code)
    if named != (ruling.liable is Liable.OWNER) or len(ruling.liable_code) > CODE_WIDTH:
        return Refusal(LIABLE_CODE_MISFIT, "liable_code")
    return None


def rulings_digest(rulings: Sequence[OwnRuling]) -> str:
    """One digest of what is proposed, whatever the order."""
    return digest_of(sorted([*map(str, astuple(ruling))] for ruling in rulings))


def digest_of(content: object) -> str:
    """SHA-256 over the content as JSON."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
