"""Every read of dispute for others: how trades are booked."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tollcentre.core.clock import day_of
from tollcentre.core.dated import value_at
from tollcentre.hsm.queries import open_hsm
from tollcentre.hsm.terms import Hsm, MasterKeyName, TacAlgorithm, TacData
from tollcentre.issuing.queries import account_states_at, media_of
from tollcentre.issuing.terms import EtcAccountState, MediumInfo
from tollcentre.statuslist.queries import listed_at

from ..models import BookedTrade
from ..rules import first_fault, malformed
from ..terms import BookingFacts, BookingParameters, DisputeReason, TradeToBook

PARAMETERS = Path(__file__).parent.parent / "parameters" / "booking.yaml"
KEYS_AT_ONCE = 10_000
NORMAL = EtcAccountState.NORMAL


def book(trades: Sequence[TradeToBook], received_at: int) -> list[tuple[str, DisputeReason]]:
    """The disputed ones of these trades with their reasons, in order; the others are payable.

    Of two records of one charge the first that is payable counts. Nothing is kept: that is what
    `actions.book_trades` does.
    """
    readable = [trade for trade in trades if not malformed(trade)]
    moments = [(number, t.trans_time) for t in readable for number in _numbers(t)]
    media = media_of(number for number, _ in moments)
    states, lists = account_states_at(moments), listed_at(moments)
    paid = _paid({trade.dedup_key for trade in readable})
    parameters, module = parameters_at(day_of(received_at)), open_hsm()
    disputed = []
    for trade in trades:
        asked = [(number, trade.trans_time) for number in _numbers(trade)]
        card = media.get(trade.card_no)
        facts = BookingFacts(
            tac_valid=not malformed(trade) and _signed(module, card, trade),
            seen_before=paid.get(trade.dedup_key, trade.trade_key) != trade.trade_key,
            card=card,
            obu=media.get(trade.obu_no),
            states=frozenset(states.get(at, NORMAL) for at in asked),
            listed=frozenset().union(*(lists.get(at, ()) for at in asked)),
            received_at=received_at,
            parameters=parameters,
        )
        reason = first_fault(trade, facts)
        if reason is None:
            paid.setdefault(trade.dedup_key, trade.trade_key)
        else:
            disputed.append((trade.trade_key, reason))
    return disputed


def booked(trade_keys: Iterable[str]) -> dict[str, DisputeReason | None]:
    """How those of these trades that were booked before were booked; None is payable."""
    found: dict[str, DisputeReason | None] = {}
    for part in _parts(trade_keys):
        rows = BookedTrade.objects.filter(trade_key__in=part).values_list("trade_key", "reason")
        found |= {key: DisputeReason(reason) if reason else None for key, reason in rows}
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
    return (trade.card_no, trade.obu_no) if trade.obu_no else (trade.card_no,)


def _signed(module: Hsm, card: MediumInfo | None, trade: TradeToBook) -> bool:
    """Whether the card made this TAC, by the master key of its issuer."""
    if card is None:
        return False
    algorithm = TacAlgorithm(trade.algorithm_identifier)
    name = MasterKeyName(card.issuer_id, algorithm, trade.key_version)
    data = TacData(
        trade.trans_fee_fen, trade.trans_type, trade.terminal_no, trade.terminal_trans_no,
        trade.trans_time,
    )  # fmt: skip
    return module.verify(name, card.medium_no, data, trade.tac)


def _paid(dedup_keys: Iterable[str]) -> dict[str, str]:
    """The trade by which each of these charges was found payable before."""
    found: dict[str, str] = {}
    for part in _parts(dedup_keys):
        rows = BookedTrade.objects.filter(dedup_key__in=part)
        found |= dict(rows.values_list("dedup_key", "trade_key"))
    return found


def _parts(keys: Iterable[str]) -> Iterator[list[str]]:
    wanted = sorted(set(keys))
    for start in range(0, len(wanted), KEYS_AT_ONCE):
        yield wanted[start : start + KEYS_AT_ONCE]
