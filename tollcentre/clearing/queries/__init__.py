"""The relations of clearing, in the order in which they are built, and their results."""

from pathlib import Path

from tollcentre.lake.queries import Engine, relations_of
from tollcentre.lake.terms import Relation

from ..terms import PartyNet, Side
from .claims import split_claims
from .compiled import (
    OWNER_BOUNDS,
    DayCharges,
    DayPrices,
    Owners,
    charge_units,
    grouped_amounts,
    owners_of,
    price_paths,
    split_passages,
)
from .counting import counted_parts, journeys_waiting, parts_split, parts_told, parts_waiting
from .proof import LAWS, upload_proofs, verify_uploads
from .provinces import cross_province
from .records import days_to_hand_up
from .uploads import (
    counted_files,
    counted_messages,
    day_exits,
    handed_in_part,
    messages_of_trades,
    newest_day,
    shares_of_passages,
    shares_of_run,
    shares_of_upload,
    statistic_days,
    statistics_of,
    trades_cleared_here,
    trades_here,
)

__all__ = [
    "AMOUNT_ORDER",
    "CHARGE_ORDER",
    "LAWS",
    "NET_ORDER",
    "OWNER_BOUNDS",
    "PRICE_ORDER",
    "SPLIT_ORDER",
    "DayCharges",
    "DayPrices",
    "Owners",
    "charge_units",
    "counted_files",
    "counted_messages",
    "counted_parts",
    "cross_province",
    "day_exits",
    "days_to_hand_up",
    "grouped_amounts",
    "handed_in_part",
    "journeys_waiting",
    "messages_of_trades",
    "newest_day",
    "owners_of",
    "parts_split",
    "parts_told",
    "parts_waiting",
    "party_nets",
    "price_paths",
    "relations",
    "shares_of_passages",
    "shares_of_run",
    "shares_of_upload",
    "split_claims",
    "split_passages",
    "statistic_days",
    "statistics_of",
    "trades_cleared_here",
    "trades_here",
    "upload_proofs",
    "verify_uploads",
]

FOLDER = Path(__file__).parent.parent / "relations"

PRICE_ORDER = ("priced_passage", "unit_fee", "expected")
CHARGE_ORDER = ("charge", "pass_charge")
AMOUNT_ORDER = ("province_part", "passage_amount", "path_weight")
SPLIT_ORDER = ("split_weight", "split_total", "unit_share", "unit_split", "owner_net")
NET_ORDER = ("held", "party_net", "difference")


def relations() -> dict[str, Relation]:
    """The columnar relations of this domain, by name."""
    return relations_of(FOLDER)


def party_nets(engine: Engine) -> list[PartyNet]:
    """The nets of the day that was just built, in a total order; zero rows left out."""
    rows = engine.rows(
        "SELECT side, party, owner_id, issuer_id, toll_province, media_type, fee"
        " FROM party_net WHERE fee <> 0"
        " ORDER BY side, party, owner_id, issuer_id, toll_province, media_type"
    )
    return [
        PartyNet(Side(side), party, owner, issuer, province, int(medium), int(fee))
        for side, party, owner, issuer, province, medium, fee in rows
    ]
