"""A file that came in: read, checked, kept, and answered by the receipt of the protocol."""

from tollcentre.messages.codecs import exchange
from tollcentre.messages.terms import MessageFault, Parcel, Protocol, ResultCode

from ..counterpart.store import note
from .desk import Desk
from .outbox import post_receipt, take_receipt
from .paying import take_payment
from .terms import KIND_NOT_TAKEN, NAME_DISAGREES, NOT_FOR_US, OTHER_CONTENT, Receiving

REASON_WIDTH = 1000
RECEIPT = "receipt"


def read(name: str, body: bytes) -> Parcel | MessageFault:
    """The file's content, or why there is none."""
    try:
        parcel = exchange.decode(Protocol.BANK, body)
        file_id = parcel.envelope.message_id
        if name != exchange.bank_file_name(file_id):
            fault = MessageFault(
                ResultCode.HEADER, NAME_DISAGREES, "file_id", name=name, file_id=file_id
            )
            fault.message_id = file_id
            raise fault
    except MessageFault as fault:
        return fault
    return parcel


def take(desk: Desk, name: str, message: Parcel | MessageFault, fault: Receiving | None) -> None:
    """Takes a file once and puts its receipt down; a receipt is not answered."""
    if isinstance(message, Parcel) and message.envelope.kind == RECEIPT:
        for record in message.records:
            take_receipt(desk, record)
        return
    file_id = name.removesuffix(".txt")
    reason, figures = "", {"count": 0, "amount_fen": 0, "digest": ""}
    if isinstance(message, MessageFault):
        result, reason = message.result, message.text()
        file_id = message.message_id or file_id
    else:
        said = message.envelope
        file_id = said.message_id
        figures = {"count": said.count, "amount_fen": said.amount_fen, "digest": said.digest}
        try:
            result = _take_parcel(desk, message)
        except MessageFault as refused:
            result, reason = refused.result, refused.text()
    (number,) = desk.db.execute("SELECT count(*) + 1 FROM receipt").fetchone()
    desk.db.execute(
        "INSERT INTO receipt (name, file_id, result, reason, at) VALUES (?, ?, ?, ?, ?)",
        (name, file_id, result, reason[:REASON_WIDTH], desk.moment),
    )
    if fault is not Receiving.receipt_dropped:
        record = {"of_file": file_id[:64], "result": int(result)} | _falsified(figures, fault)
        try:
            post_receipt(desk, cause=f"receipt {number}", record=record)
        except MessageFault as unsayable:
            note(desk.db, "name_unanswerable", name, unsayable.text(), desk.moment)


def _take_parcel(desk: Desk, parcel: Parcel) -> ResultCode:
    said, parties = parcel.envelope, desk.parties
    if (said.sender_id, said.receiver_id) != (parties.customer, parties.code):
        raise MessageFault(
            ResultCode.ADVICE_REFUSED, NOT_FOR_US, "receiver", sender=said.sender_id,
            receiver=said.receiver_id,
        )  # fmt: skip
    if said.kind != "payment":
        raise MessageFault(ResultCode.HEADER, KIND_NOT_TAKEN, "kind", kind=said.kind)
    before = desk.db.execute(
        "SELECT digest FROM taken WHERE file_id = ?", (said.message_id,)
    ).fetchone()
    if before is not None:
        if before["digest"] != said.digest:
            raise MessageFault(
                ResultCode.CONTENT, OTHER_CONTENT, "file_id", file_id=said.message_id
            )
        return ResultCode.DUPLICATE
    take_payment(desk, parcel)
    desk.db.execute(
        "INSERT INTO taken VALUES (?, ?, ?, ?, ?)",
        (said.message_id, said.count, said.amount_fen, said.digest, desk.moment),
    )
    return ResultCode.OK


def _falsified(figures: dict[str, object], fault: Receiving | None) -> dict[str, object]:
    """The figures as the fault has them."""
    if fault is Receiving.receipt_wrong_count:
        return figures | {"count": int(str(figures["count"])) + 1}
    if fault is Receiving.receipt_wrong_amount:
        return figures | {"amount_fen": int(str(figures["amount_fen"])) + 1}
    if fault is Receiving.receipt_wrong_digest:
        return figures | {"digest": str(figures["digest"])[::-1]}
    return figures
