"""The words of the simulated extension centre: faults, states, its plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tollcentre.core.refusal import Reason

NOT_THE_PLATFORM = Reason(
    "not_the_platform",
    "报文的发方 {sender} 或收方 {receiver} 不符",
    "the message names sender {sender} and receiver {receiver}: not this exchange",
)
PACK_OTHERWISE = Reason(
    "pack_with_other_content",
    "报文号 {message_id} 已用于内容不同的报文",
    "message id {message_id} was used before with other content",
)


class PackReceiving(StrEnum):
    """Faults on a frame that comes in; each once a message, on one arrival after the other."""

    crash_before_taking = "crash_before_taking"
    crash_before_ack = "crash_before_ack"
    drop_ack = "drop_ack"


class PackSending(StrEnum):
    """Faults on a message that goes out; drawn by what caused the message."""

    delay = "delay"
    duplicate = "duplicate"
    wrong_length = "wrong_length"
    wrong_count = "wrong_count"
    wrong_amount = "wrong_amount"


@dataclass(frozen=True)
class PackPlan:
    """Every value of a run; shares in millionths, spans in seconds or days as their names say."""

    booking_after_s: tuple[int, int]
    dispute_ppm: int
    dispute_reasons: Mapping[int, int]
    ruling_after_days: tuple[int, int]
    ruling_at_s: int
    bad_debt_ppm: int
    statistics_at_s: int
    receiving: Mapping[PackReceiving, int]
    sending: Mapping[PackSending, int]
    delay_s: tuple[int, int]
