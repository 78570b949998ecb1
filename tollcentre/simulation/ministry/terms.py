"""The words of the simulated ministry's centre: faults, states, refusals."""

from dataclasses import dataclass
from enum import StrEnum

from tollcentre.core.refusal import Reason

MEDIUM_UNUSABLE = Reason(
    "medium_unusable",
    "介质文件第 {row} 行的 {column} 不可用：{value}",
    "row {row} of the media file has an unusable {column}: {value}",
)

OTHER_CONTENT = Reason(
    "message_id_with_other_content",
    "报文号 {message_id} 已用于内容不同的报文",
    "message id {message_id} was used before with other content",
)
PARTY_WRONG = Reason(
    "party_wrong",
    "{name} 不应是 {party}",
    "{name} cannot be {party}",
)
KIND_NOT_FOR_MINISTRY = Reason(
    "kind_not_for_ministry",
    "部联网中心不接收 {kind}",
    "the ministry's centre takes no {kind}",
)
ISSUERS_SEVERAL = Reason(
    "issuers_several",
    "一份出口上传只能有一个发行方，此处有：{issuers}",
    "an exit upload is of one issuer; this one names: {issuers}",
)
BOOKED_BEFORE = Reason(
    "booked_before",
    "报文 {of_message} 已有记账结果 {before}",
    "message {of_message} was answered before, by {before}",
)
NOT_TO_BOOK = Reason(
    "not_to_book",
    "报文 {of_message} 不是待记账交易",
    "message {of_message} is none of trades to book",
)
BOOKING_DISAGREES = Reason(
    "booking_disagrees",
    "{name} 为 {found}，所答报文为 {wanted}",
    "{name} is {found}; the message answered has {wanted}",
)
TRADE_NOT_IN_MESSAGE = Reason(
    "trade_not_in_message",
    "交易 {transaction_id}（{fee} 分）不在所答报文中",
    "trade {transaction_id} of {fee} fen is not in the message answered",
)


CHANGES_NOT_SENT = Reason(
    "changes_not_sent",
    "入账结果与所答报文 {of_message} 的退补费不一致",
    "the credits are not of the changes of message {of_message}",
)


class Receiving(StrEnum):
    """Faults on a message that comes in; each once a message, on one arrival after the other."""

    crash_before_taking = "crash_before_taking"
    closed_before_taking = "closed_before_taking"
    crash_before_answer = "crash_before_answer"
    closed_before_answer = "closed_before_answer"
    receipt_wrong_count = "receipt_wrong_count"
    receipt_wrong_amount = "receipt_wrong_amount"
    receipt_wrong_digest = "receipt_wrong_digest"


class Sending(StrEnum):
    """Faults on a message that goes out; drawn by what caused the message."""

    delay = "delay"
    reorder = "reorder"
    duplicate = "duplicate"
    wrong_count = "wrong_count"
    wrong_amount = "wrong_amount"
    malformed = "malformed"
    unknown_version = "unknown_version"
    unknown_issuer = "unknown_issuer"
    other_content = "other_content"


class Planted(StrEnum):
    """What is wrong with a trade of our issuer's media, on purpose."""

    wrong_tac = "wrong_tac"
    second_time = "second_time"
    overdue = "overdue"
    unknown_card = "unknown_card"
    unknown_obu = "unknown_obu"
    fees_disagree = "fees_disagree"


REASON_OF = {
    Planted.wrong_tac: 1,
    Planted.second_time: 2,
    Planted.overdue: 5,
    Planted.fees_disagree: 6,
    Planted.unknown_card: 8,
    Planted.unknown_obu: 17,
}
"""The reason that a right issuer disputes such a trade with."""


class TradeState(StrEnum):
    """What has become of a trade."""

    open = "open"
    confirmed = "confirmed"
    disputed = "disputed"
    paid = "paid"
    bad_debt = "bad_debt"


class OutState(StrEnum):
    """What has become of an outgoing message."""

    waiting = "waiting"
    taken = "taken"
    refused = "refused"


class PlantedChange(StrEnum):
    """What is wrong with a change of our issuer's customer's toll, on purpose."""

    unknown_medium = "unknown_medium"
    above_original = "above_original"
    repeated = "repeated"


class ChangeVerdict(StrEnum):
    """What the ministry makes of a change, and why it is rejected."""

    accepted = "accepted"
    unknown_transaction = "unknown_transaction"
    repeated_change = "repeated_change"
    bad_debt = "bad_debt"
    medium_unknown = "medium_unknown"
    above_original = "above_original"
    parts_misfit = "parts_misfit"
    not_agreed = "not_agreed"


class ChangeState(StrEnum):
    """What has become of a change."""

    open = "open"
    accepted = "accepted"
    rejected = "rejected"
    credited = "credited"
    refused = "refused"


@dataclass(frozen=True)
class Side:
    """A side of a trade: its columns for message, party, counterparty and dispute file."""

    name: str
    message: str
    party: str
    counterparty: str
    file: str


TOLL_SIDE = Side("receivable", "exit_message", "toll_party", "issuer", "toll_file")
ISSUER_SIDE = Side("payable", "book_message", "issuer", "toll_party", "issuer_file")
SIDES = (TOLL_SIDE, ISSUER_SIDE)
