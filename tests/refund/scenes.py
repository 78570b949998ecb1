"""Passages and their shares out of the scenes of tests/cases/refund.yaml."""

from pathlib import Path
from typing import Any

import yaml

from tollcentre.clearing.terms import TradeShare
from tollcentre.refund.terms import PaidPassage

FILE = Path(__file__).parents[1] / "cases" / "refund.yaml"
CONTENT = yaml.safe_load(FILE.read_text(encoding="utf-8"))
SCENES = CONTENT["scenes"]


def passage_of(scene: dict[str, Any]) -> PaidPassage:
    """The passage of a scene."""
    return PaidPassage(**(CONTENT["passage"] | scene["passage"]))


def shares_of(told: dict[str, int]) -> list[TradeShare]:
    """`{owner, held or province:code: fen}` as shares."""
    found = []
    for name, fee in told.items():
        party, _, code = name.rpartition(":")
        found.append(TradeShare("held", "", fee) if name == "held"
                     else TradeShare(party or "owner", code, fee))  # fmt: skip
    return found


def named(shares: list[TradeShare]) -> dict[str, int]:
    """The other way."""
    return {share.code or share.party: share.fee for share in shares}


def title(scene: dict[str, Any]) -> str:
    return str(scene["scene"]).partition(" / ")[2]
