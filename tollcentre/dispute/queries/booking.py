"""Every read of dispute for others: how trades are booked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.db.models import QuerySet

from tollcentre.core.clock import day_of
from tollcentre.core.dated import value_at
from tollcentre.hsm.queries import open_hsm
from tollcentre.hsm.terms import Hsm, MasterKeyName, TacAlgorithm, TacData
from tollcentre.issuing.queries import account_states_at, media_of
from tollcentre.issuing.terms import EtcAccountState, MediumInfo
from tollcentre.statuslist.queries import listed_at

from ..models import BookedMessage, BookedTrade, DisputeRuling
from ..rules.checks import first_fault, malformed
from ..rules.money import trade_key
from ..terms import (
    BookingFacts,
    BookingParameters,
    Direction,
    DisputeReason,
    Result,
    TradeToBook,
)

PARAMETERS = Path(__file__).parent.parent / "parameters" / "booking.yaml"
KEYS_AT_ONCE = 10_000
RULED = "ruled/"
"""What the key of a trade begins with where a ruling booked it, after it had been disputed."""
NORMAL = EtcAccountState.NORMAL


def book(trades: Sequence[TradeToBook], received_at: int) -> list[tuple[str, DisputeReason]]:
    """The disputed ones of these trades with their reasons, in order; the others are payable.

    Of two records of one charge the first that is payable counts. Nothing is kept: that is what
    `actions.book_trades` does.
    """
    paid = charges_paid({trade.dedup_key for trade in trades if not malformed(trade)})
    disputed = []
    for trade, facts in _facts(trades, received_at, paid):
        reason = first_fault(trade, facts)
        if reason is None:
            paid.setdefault(trade.dedup_key, trade.trade_key)
        else:
            disputed.append((trade.trade_key, reason))
    return disputed


def facts_of(trades: Sequence[TradeToBook], received_at: int) -> dict[str, BookingFacts]:
    """What we know of trades by now, as their booking asks for it, by trade key."""
    paid = charges_paid({trade.dedup_key for trade in trades})
    return {trade.trade_key: facts for trade, facts in _facts(trades, received_at, paid)}


def _facts(
    trades: Sequence[TradeToBook], received_at: int, paid: Mapping[str, str]
) -> Iterator[tuple[TradeToBook, BookingFacts]]:
    """Each trade with what is known of it, gathered for all at once.

    `paid` says of charges which trade was found payable, and may grow between one and the next.
    """
    readable = {trade.trade_key for trade in trades if not malformed(trade)}
    moments = [
        (number, t.trans_time) for t in trades if t.trade_key in readable for number in _numbers(t)
    ]
    media = media_of(number for number, _ in moments)
    states, lists = account_states_at(moments), listed_at(moments)
    parameters, module = parameters_at(day_of(received_at)), open_hsm()
    for trade in trades:
        asked = [(number, trade.trans_time) for number in _numbers(trade)]
        payer = media.get(trade.payer_no)
        yield (
            trade,
            BookingFacts(
                tac_valid=trade.trade_key in readable and _signed(module, payer, trade),
                seen_before=paid.get(trade.dedup_key, trade.trade_key) != trade.trade_key,
                card=media.get(trade.card_no),
                obu=media.get(trade.obu_no),
                states=frozenset(states.get(at, NORMAL) for at in asked),
                listed=frozenset().union(*(lists.get(at, ()) for at in asked)),
                received_at=received_at,
                parameters=parameters,
            ),
        )


def booked(trade_keys: Iterable[str]) -> dict[str, DisputeReason | None]:
    """How those of these trades that were booked before were booked; None is payable."""
    found: dict[str, DisputeReason | None] = {}
    for part in in_parts(trade_keys):
        rows = BookedTrade.objects.filter(trade_key__in=part).values_list("trade_key", "reason")
        found |= {key: DisputeReason(reason) if reason else None for key, reason in rows}
    return found


def bookings_of(day: date, issuer_id: str, *, local: bool) -> "QuerySet[BookedMessage]":
    """How an issuer booked trades of a clear day at our exits: its messages, in order.

    With `local` what was booked here, where there is such, of trades within the province.
    """
    found = BookedMessage.objects.filter(clear_date=day, issuer_id=issuer_id).order_by("pk")
    here = found.filter(direction=Direction.LOCAL)
    return here if local and here.exists() else found.filter(direction=Direction.TOLL)


def payable_fees(trades: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """What our issuers owe for those of these trades that are payable or ruled so, in fen.

    A trade is named by the message that brought it, and its transaction id.
    """
    found: dict[tuple[str, str], int] = {}
    named = {trade_key(Direction.ISSUER, *trade): trade for trade in trades}
    for part in in_parts(named):
        booked = BookedTrade.objects.filter(trade_key__in=part, reason=0)
        found |= {named[key]: fee for key, fee in booked.values_list("trade_key", "fee_fen")}
        paid = DisputeRuling.objects.filter(
            dispute__direction=Direction.ISSUER,
            result=Result.PAY,
            dispute__transaction_id__in=[named[key][1] for key in part],
        ).values_list("dispute__booked__of_message", "dispute__transaction_id", "dispute__fee")
        ruled = {(message, name): fee for message, name, fee in paid}
        found |= {trade: ruled[trade] for key in part if (trade := named[key]) in ruled}
    return found


def parameters_at(day: date) -> BookingParameters:
    """What booking goes by on the day."""
    values = {name: value_at(entries, day) for name, entries in _parameters().items()}
    return BookingParameters(
        overdue_days=values["overdue_days"],
        limit_fen=values["limit_fen"],
        clock_tolerance_s=values["clock_tolerance_s"],
        states_disputed=frozenset(map(EtcAccountState, values["states_disputed"])),
        provinces=frozenset(values["provinces"]),
        test_terminals=tuple(values["test_terminals"]),
    )


@lru_cache
def _parameters() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(PARAMETERS.read_text(encoding="utf-8"))
    return content


def _numbers(trade: TradeToBook) -> tuple[str, ...]:
    return tuple(number for number in (trade.card_no, trade.obu_no) if number)


def _signed(module: Hsm, payer: MediumInfo | None, trade: TradeToBook) -> bool:
    """Whether the payer made this TAC, by the master key of its issuer."""
    if payer is None:
        return False
    algorithm = TacAlgorithm(trade.algorithm_identifier)
    name = MasterKeyName(payer.issuer_id, algorithm, trade.key_version)
    data = TacData(
        trade.trans_fee_fen, trade.trans_type, trade.terminal_no, trade.terminal_trans_no,
        trade.trans_time,
    )  # fmt: skip
    return module.verify(name, payer.medium_no, data, trade.tac)


def charges_paid(dedup_keys: Iterable[str]) -> dict[str, str]:
    """The trade by which each of these charges was found, or ruled, payable before."""
    found: dict[str, str] = {}
    for part in in_parts(dedup_keys):
        rows = BookedTrade.objects.filter(dedup_key__in=part)
        told = rows.values_list("dedup_key", "trade_key")
        found |= {charge: key.removeprefix(RULED) for charge, key in told}
    return found


def in_parts(keys: Iterable[str]) -> Iterator[list[str]]:
    """The keys once each, as many at a time as one query takes."""
    wanted = sorted(set(keys))
    for start in range(0, len(wanted), KEYS_AT_ONCE):
        yield wanted[start : start + KEYS_AT_ONCE]
