"""Booking checks (记账校验): each a pure question, asked in one fixed order."""

import re
from collections.abc import Callable

from tollcentre.core.clock import DAY_SECONDS, day_of
from tollcentre.core.codes import VEHICLE_TYPES
from tollcentre.issuing.terms import POST_PAID_CARD, STORED_CARD, MediumInfo

from ..terms import BookingFacts, DisputeReason, TradeToBook

TRADE_TYPES = ("06", "09")
ALGORITHMS = (1, 2)
UNSIGNED_32 = 1 << 32
UNSIGNED_16 = 1 << 16
SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("card_no", re.compile(r"|[0-9]{20}")),
    ("obu_no", re.compile(r"|[0-9]{16}")),
    ("payer_no", re.compile(r".+")),
    ("vehicle_id", re.compile(r".+")),
    ("terminal_no", re.compile(r"[0-9A-Fa-f]{12}")),
    ("terminal_trans_no", re.compile(r"[0-9A-Fa-f]{8}")),
    ("toll_province_id", re.compile(r"[0-9]{6}")),
)

Rule = Callable[[TradeToBook, BookingFacts], bool]


def malformed(trade: TradeToBook) -> bool:
    """Whether a field cannot be what it says; then no other question can be asked."""
    return (
        any(not shape.fullmatch(getattr(trade, name)) for name, shape in SHAPES)
        or trade.vehicle_type not in VEHICLE_TYPES
        or trade.algorithm_identifier not in ALGORITHMS
        or not 0 < trade.trans_time < UNSIGNED_32
        or not 0 <= trade.fee_fen < UNSIGNED_32
        or trade.pay_fee_fen != trade.fee_fen + trade.discount_fee_fen
        or not 0 <= trade.trans_fee_fen < UNSIGNED_32
        or not 0 <= trade.card_counter < UNSIGNED_16
    )


def field_malformed(trade: TradeToBook, facts: BookingFacts) -> bool:
    """数据域错."""
    return malformed(trade)


def made_at_test_terminal(trade: TradeToBook, facts: BookingFacts) -> bool:
    """测试交易."""
    return trade.terminal_no.upper().startswith(facts.parameters.test_terminals)


def trade_type_invalid(trade: TradeToBook, facts: BookingFacts) -> bool:
    """无效交易类型: neither 06 nor 09."""
    return trade.trans_type not in TRADE_TYPES


def trade_not_allowed(trade: TradeToBook, facts: BookingFacts) -> bool:
    """不允许的交易: charged by a province outside the network."""
    return trade.toll_province_id[:2] not in facts.parameters.provinces


def card_unknown(trade: TradeToBook, facts: BookingFacts) -> bool:
    """卡号不存在: one paid, and none was issued."""
    return bool(trade.card_no) and facts.card is None


def obu_unknown(trade: TradeToBook, facts: BookingFacts) -> bool:
    """OBU 号不存在: one was read, and none was issued."""
    return bool(trade.obu_no) and facts.obu is None


def card_type_invalid(trade: TradeToBook, facts: BookingFacts) -> bool:
    """无效卡类型: no card type, or another one than was issued; a single-piece OBU has none."""
    if not trade.card_no:
        return False
    issued = facts.card.card_type if facts.card else trade.card_type
    return trade.card_type not in (STORED_CARD, POST_PAID_CARD) or trade.card_type != issued


def csn_differs(trade: TradeToBook, facts: BookingFacts) -> bool:
    """CSN 不匹配: the serial numbers of card and OBU were issued for different vehicles."""
    return len({medium.vehicle_id for medium in media(facts)}) > 1


def tac_invalid(trade: TradeToBook, facts: BookingFacts) -> bool:
    """验证未通过."""
    return not facts.tac_valid


def repeated(trade: TradeToBook, facts: BookingFacts) -> bool:
    """重复交易: the same charge was booked under another number."""
    return facts.seen_before


def lane_clock_wrong(trade: TradeToBook, facts: BookingFacts) -> bool:
    """车道对时错: later than it can have been received."""
    return trade.trans_time > facts.received_at + facts.parameters.clock_tolerance_s


def overdue(trade: TradeToBook, facts: BookingFacts) -> bool:
    """逾期: received too many days after it was made."""
    limit_s = facts.parameters.overdue_days * DAY_SECONDS
    return facts.received_at - trade.trans_time > limit_s


def card_expired(trade: TradeToBook, facts: BookingFacts) -> bool:
    """卡过期: after the last enabled day of the card or the OBU."""
    day = day_of(trade.trans_time)
    return any(medium.enabled_to < day for medium in media(facts))


def card_state_differs(trade: TradeToBook, facts: BookingFacts) -> bool:
    """卡状态不匹配: not yet enabled, or in a state in which it must not be used."""
    day = day_of(trade.trans_time)
    not_yet = any(day < medium.enabled_from for medium in media(facts))
    return not_yet or bool(facts.states & facts.parameters.states_disputed)


def listed(trade: TradeToBook, facts: BookingFacts) -> bool:
    """用户状态变化: card or OBU stood on a status list when it was charged."""
    return bool(facts.listed)


def over_limit(trade: TradeToBook, facts: BookingFacts) -> bool:
    """超限额."""
    return max(trade.fee_fen, trade.trans_fee_fen) > facts.parameters.limit_fen


def balance_differs(trade: TradeToBook, facts: BookingFacts) -> bool:
    """卡账不符: a stored card's balance did not fall by what was taken."""
    taken = trade.pre_balance_fen - trade.post_balance_fen
    return trade.card_type == STORED_CARD and taken != trade.trans_fee_fen


def claim_differs(trade: TradeToBook, facts: BookingFacts) -> bool:
    """其它: the toll side claims another amount than the medium signed."""
    return trade.trans_fee_fen not in (0, trade.fee_fen)


RULES: tuple[tuple[DisputeReason, Rule], ...] = (
    (DisputeReason.FIELD_MALFORMED, field_malformed),
    (DisputeReason.TEST_TRADE, made_at_test_terminal),
    (DisputeReason.TRADE_TYPE_INVALID, trade_type_invalid),
    (DisputeReason.TRADE_NOT_ALLOWED, trade_not_allowed),
    (DisputeReason.CARD_UNKNOWN, card_unknown),
    (DisputeReason.OBU_UNKNOWN, obu_unknown),
    (DisputeReason.CARD_TYPE_INVALID, card_type_invalid),
    (DisputeReason.CSN_DIFFERS, csn_differs),
    (DisputeReason.TAC_INVALID, tac_invalid),
    (DisputeReason.REPEATED, repeated),
    (DisputeReason.LANE_CLOCK_WRONG, lane_clock_wrong),
    (DisputeReason.OVERDUE, overdue),
    (DisputeReason.CARD_EXPIRED, card_expired),
    (DisputeReason.CARD_STATE_DIFFERS, card_state_differs),
    (DisputeReason.LISTED, listed),
    (DisputeReason.OVER_LIMIT, over_limit),
    (DisputeReason.BALANCE_DIFFERS, balance_differs),
    (DisputeReason.OTHER, claim_differs),
)
"""The checks in order: can it be read, who was charged, did they sign, when, may they, how much."""


def first_fault(trade: TradeToBook, facts: BookingFacts) -> DisputeReason | None:
    """The reason of the first check that the trade fails; None where it is to be booked."""
    return next((reason for reason, fails in RULES if fails(trade, facts)), None)


def media(facts: BookingFacts) -> list[MediumInfo]:
    """The media of the trade that are registered."""
    return [medium for medium in (facts.card, facts.obu) if medium is not None]
