"""A message that came in: read, checked, kept, and answered by the receipt of the protocol."""

from collections.abc import Callable, Mapping

from tollcentre.messages.codecs import exchange
from tollcentre.messages.terms import Envelope, MessageFault, Parcel, Protocol, Receipt, ResultCode

from .booking import take_booking_result, take_exit_upload
from .changes import take_toll_change, take_toll_change_credited
from .days import take_holdings
from .desk import Desk
from .rulings import take_evidence
from .splits import take_other_exits, take_serving_sum
from .terms import KIND_NOT_FOR_MINISTRY, OTHER_CONTENT, PARTY_WRONG

REASON_WIDTH = 1000


def read(body: bytes) -> Parcel | MessageFault:
    """The message in a body, or why there is none."""
    try:
        return exchange.decode(Protocol.TRUNK, body)
    except MessageFault as fault:
        return fault


def take(desk: Desk, message: Parcel | MessageFault, body: bytes) -> Receipt:
    """Takes a message once; the receipt says what was received, or why it is refused."""
    kind = ""
    if isinstance(message, MessageFault):
        receipt = Receipt(message.message_id, message.result, 0, 0, "", _text(message))
    else:
        envelope = message.envelope
        kind = envelope.kind
        try:
            result, reason = _take_parcel(desk, message, body), ""
        except MessageFault as fault:
            result, reason = fault.result, _text(fault)
        receipt = Receipt(
            envelope.message_id, result, envelope.count, envelope.amount_fen, envelope.digest,
            reason,
        )  # fmt: skip
    desk.db.execute(
        "INSERT INTO receipt (message_id, kind, result, reason, at) VALUES (?, ?, ?, ?, ?)",
        (receipt.message_id, kind, receipt.result, receipt.reason, desk.moment),
    )
    return receipt


def _take_parcel(desk: Desk, parcel: Parcel, body: bytes) -> ResultCode:
    envelope = parcel.envelope
    _check_header(desk, envelope)
    before = desk.db.execute(
        "SELECT digest FROM taken WHERE message_id = ?", (envelope.message_id,)
    ).fetchone()
    if before is not None:
        if before["digest"] != envelope.digest:
            raise MessageFault(
                ResultCode.CONTENT, OTHER_CONTENT, "messageId", message_id=envelope.message_id
            )
        return ResultCode.DUPLICATE
    due_at = TAKERS[envelope.kind](desk, parcel)
    waits = due_at is None or due_at > desk.moment
    desk.db.execute(
        "INSERT INTO taken VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            envelope.message_id, envelope.kind, envelope.sender_id, envelope.count,
            envelope.amount_fen, envelope.digest, body, desk.moment, due_at,
            None if waits else desk.moment,
        ),
    )  # fmt: skip
    return ResultCode.OK


def _check_header(desk: Desk, envelope: Envelope) -> None:
    """The other side speaks, of kinds that the ministry takes, to it or to parties elsewhere."""
    for name, party, wanted in (
        ("senderId", envelope.sender_id, True),
        ("receiverId", envelope.receiver_id, False),
    ):
        if desk.parties.ours(party) is not wanted:
            raise MessageFault(ResultCode.HEADER, PARTY_WRONG, name, name=name, party=party)
    if envelope.kind not in TAKERS:
        raise MessageFault(ResultCode.HEADER, KIND_NOT_FOR_MINISTRY, "kind", kind=envelope.kind)


def _text(fault: MessageFault) -> str:
    return fault.text()[:REASON_WIDTH]


def _keep_only(desk: Desk, _: Parcel) -> int:
    """Kept; the ministry does nothing further with it here."""
    return desk.moment


TAKERS: Mapping[str, Callable[[Desk, Parcel], int | None]] = {
    "exit_upload": take_exit_upload,
    "serving_sum": take_serving_sum,
    "other_exit_upload": take_other_exits,
    "entry_upload": _keep_only,
    "gantry_upload": _keep_only,
    "batch_sum_upload": _keep_only,
    "booking_result": take_booking_result,
    "dispute_evidence": take_evidence,
    "dispute_position": take_evidence,
    "toll_change": take_toll_change,
    "toll_change_credited": take_toll_change_credited,
    "holdings": take_holdings,
}
"""What each kind does when it is taken; they say when it is to be answered, or that it is done."""
