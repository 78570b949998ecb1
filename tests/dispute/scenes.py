"""Trades and registers out of the scenes of tests/cases/dispute.yaml."""

from pathlib import Path
from typing import Any

import yaml

from tollcentre.core.clock import epoch_of
from tollcentre.dispute.terms import TradeToBook
from tollcentre.hsm.actions import make_master_keys
from tollcentre.hsm.queries import open_hsm
from tollcentre.hsm.terms import MasterKeyName, TacAlgorithm, TacData
from tollcentre.issuing.actions import change_account_states, register_media
from tollcentre.issuing.terms import EtcAccountChange, EtcAccountState, MediumInfo
from tollcentre.statuslist.actions import take_in_entries
from tollcentre.statuslist.terms import ListStatus, StatusListEntry

FILE = Path(__file__).parents[1] / "cases" / "dispute.yaml"
CONTENT = yaml.safe_load(FILE.read_text(encoding="utf-8"))
SCENES = CONTENT["scenes"]
CARD_NO = CONTENT["media"]["card"]["medium_no"]
RECEIVED_AT = epoch_of(CONTENT["received"])


def signed(after_signing: dict[str, Any] | None = None, **changes: Any) -> TradeToBook:
    """The trade of the file with these changes, signed by its card before the last ones."""
    fields = CONTENT["trade"] | changes
    fields.setdefault("pay_fee_fen", fields["fee_fen"] + fields["discount_fee_fen"])
    fields["trans_time"] = epoch_of(str(fields["trans_time"]))
    name = MasterKeyName(
        "620101", TacAlgorithm(fields["algorithm_identifier"]), fields["key_version"]
    )
    data = TacData(*(fields[name] for name in TacData.__dataclass_fields__))
    fields["tac"] = open_hsm().tac(name, fields["card_no"] or fields["obu_no"], data)
    return TradeToBook(**(fields | (after_signing or {})))


def stage(scene: dict[str, Any]) -> None:
    """The issuer's register, accounts and lists as the scene has them."""
    make_master_keys(issuer_ids=["620101"])
    media = CONTENT["media"] | {"card": CONTENT["media"]["card"] | scene.get("card", {})}
    register_media(media=[MediumInfo(**medium) for medium in media.values()], actor="issuer")
    if "account" in scene:
        state, since = scene["account"]
        change = EtcAccountChange(CARD_NO, epoch_of(since), EtcAccountState(state))
        change_account_states(changes=[change], actor="issuer")
    if "list" in scene:
        number, kind, status, version = scene["list"]
        entry = StatusListEntry(number, kind, ListStatus(status), version)
        take_in_entries(entries=[entry], source="scene", actor="issuer")
