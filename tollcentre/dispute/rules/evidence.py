"""A trade as the rules take it, and what is known of it as texts that anybody can read."""

from collections.abc import Mapping, Sequence
from typing import Any

from tollcentre.core.clock import local_text
from tollcentre.ledger.terms import PostingLine

from ..terms import BookingFacts, TradeToBook
from .checks import first_fault
from .money import HELD

NOT_TOLD = -1
FACT_WIDTH = 400
READS_A_FACT = 8


def trade_of(record: dict[str, Any], trade_key: str, toll_party: str) -> TradeToBook:
    """A trade as the booking rules take it, of a record of the message."""
    return TradeToBook(
        trade_key=trade_key,
        pass_id=record["pass_id"] or "",
        card_no=record["card_id"] or "",
        card_type=record["card_type"] or 0,
        obu_no=record["obu_id"] or "",
        vehicle_id=record["vehicle_id"] or "",
        vehicle_type=record["vehicle_type"],
        trans_time=record["ex_time"],
        pay_fee_fen=record["pay_fee"],
        discount_fee_fen=record["discount_fee"],
        fee_fen=record["fee"],
        trans_fee_fen=record["trans_fee"] or 0,
        tac=record["tac"] or "",
        trans_type=record["trans_type"] or "",
        terminal_no=record["terminal_no"] or "",
        terminal_trans_no=record["terminal_trans_no"] or "",
        card_counter=record["card_counter"] or 0,
        pre_balance_fen=NOT_TOLD if record["pre_balance"] is None else record["pre_balance"],
        post_balance_fen=NOT_TOLD if record["post_balance"] is None else record["post_balance"],
        algorithm_identifier=record["algorithm_identifier"] or 0,
        key_version=record["key_version"] or 0,
        toll_province_id=toll_party,
    )


def told_facts(
    trade: TradeToBook,
    record: Mapping[str, Any],
    facts: BookingFacts,
    *,
    checkable: bool,
    reads: Sequence[str],
    held: Sequence[PostingLine],
) -> list[str]:
    """What is known of a trade, each fact `name=value`, amounts in fen, times local.

    `checkable` where the medium is our issuer's, so that we have its keys and its register.
    """
    entered = record.get("en_time")
    tac = ("valid" if facts.tac_valid else "invalid") if checkable else "not_checkable"
    fault = first_fault(trade, facts) if checkable else None
    found = {
        "pass_id": trade.pass_id,
        "vehicle": trade.vehicle_id,
        "card": trade.card_no,
        "obu": trade.obu_no,
        "entry": f"{record.get('en_station_id') or ''}@{local_text(entered) if entered else ''}",
        "exit": f"{record['ex_station_id']}@{local_text(trade.trans_time)}",
        "pay_fee": str(trade.pay_fee_fen),
        "discount_fee": str(trade.discount_fee_fen),
        "fee": str(trade.fee_fen),
        "trans_fee": str(trade.trans_fee_fen),
        "terminal": f"{trade.terminal_no}/{trade.terminal_trans_no}",
        "tac": trade.tac,
        "tac_check": tac,
        "listed": ",".join(map(str, sorted(facts.listed))) or "no",
        "repeated": "yes" if facts.seen_before else "no",
        "checked_now": str(int(fault)) if fault else "payable" if checkable else "not_checkable",
        "reads": str(len(reads)),
    }
    for number, start in enumerate(range(0, len(reads), READS_A_FACT), 1):
        found[f"reads_{number}"] = " ".join(reads[start : start + READS_A_FACT])
    for line in held:
        if line.account == HELD and (line.owner_id or line.province):
            found[f"share_{line.owner_id or line.province}"] = str(line.amount_fen)
    # A bar would end the fact in the message that carries it.
    return [f"{name}={value}".replace("|", "/")[:FACT_WIDTH] for name, value in found.items()]
