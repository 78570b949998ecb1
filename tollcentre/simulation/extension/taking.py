"""Packs and replies of the platform: taken once, each pack answered by a reply."""

from tollcentre.messages.codecs import exchange
from tollcentre.messages.terms import MessageFault, Parcel, Protocol, ResultCode

from .desk import Desk
from .outbox import REPLY, close, post
from .terms import NOT_THE_PLATFORM, PACK_OTHERWISE

PACK = "original_pack"


def take(desk: Desk, frame_id: str, xml: bytes) -> None:
    """Takes one message, whatever it is, and puts down the reply that it is to be given."""
    result = ResultCode.OK
    try:
        parcel = exchange.decode(Protocol.PACK, xml)
        if parcel.envelope.kind == REPLY:
            close(desk, parcel.fields["of_message_id"], parcel.fields["result"])
            return
        result = _keep(desk, parcel)
    except MessageFault as fault:
        result = fault.result
    count = desk.db.execute("SELECT count(*) FROM outgoing WHERE kind = ?", (REPLY,)).fetchone()[0]
    post(
        desk, cause=f"reply {frame_id} {count}", kind=REPLY,
        fields={"of_message_id": frame_id, "result": int(result), "clear_target_date": desk.day},
    )  # fmt: skip


def _keep(desk: Desk, parcel: Parcel) -> ResultCode:
    """Keeps a pack with its trades; 5 where it was here before."""
    envelope, fields = parcel.envelope, parcel.fields
    if (envelope.sender_id, envelope.receiver_id) != (desk.parties.platform, desk.parties.centre):
        raise MessageFault(ResultCode.HEADER, NOT_THE_PLATFORM, "SenderId",
                           sender=envelope.sender_id, receiver=envelope.receiver_id)  # fmt: skip
    before = desk.db.execute(
        "SELECT digest FROM taken WHERE message_id = ?", (envelope.message_id,)
    ).fetchone()
    if before is not None:
        if before["digest"] != envelope.digest:
            raise MessageFault(ResultCode.CONTENT, PACK_OTHERWISE, "MessageId",
                               message_id=envelope.message_id)  # fmt: skip
        return ResultCode.DUPLICATE
    due = desk.moment + desk.chance.between(
        desk.plan.booking_after_s, "booking", envelope.message_id
    )
    desk.db.execute(
        "INSERT INTO taken VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
        (envelope.message_id, envelope.kind, envelope.digest, envelope.count, envelope.amount_fen,
         fields["service_provider_id"], fields["issuer_id"], desk.moment, due),
    )  # fmt: skip
    desk.db.executemany(
        "INSERT INTO trade (message_id, trans_id, fee) VALUES (?, ?, ?)",
        [(envelope.message_id, one["trans_id"], one["fee"]) for one in parcel.records],
    )
    return ResultCode.OK
