"""A law is a statement about the whole house that must hold at any time; `verify` re-checks it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Law:
    """One law checked: its stable name, whether it holds, and the figures that were compared."""

    name: str
    holds: bool
    detail: str
