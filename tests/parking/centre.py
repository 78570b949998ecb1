"""What an extension centre says to us, and the trades of a car park, in a few words."""

from typing import Any

from tollcentre.gateway import packs as gateway
from tollcentre.messages import actions as messages
from tollcentre.messages.codecs import exchange as codec
from tollcentre.messages.models import ReceivedMessage, SentMessage
from tollcentre.messages.queries import body_of, parcel_of, peer
from tollcentre.messages.terms import Protocol, Receipt
from tollcentre.parking import actions
from tollcentre.parking.terms import EARLY

CENTRE, OWN, PARK = "00000000000000FE", "0000000000620201", "00000000000000A1"
NOW = 1_795_000_000


def trade(number: int, fee: str = "12.50", **values: Any) -> dict[str, Any]:
    """A trade of a car park as it hands it in."""
    return {
        "Id": f"T{number:04d}", "Time": "2026-11-18T08:00:00", "Fee": fee, "ServiceType": 2,
        "CardType": 23, "CardNetNo": "6201", "CardId": f"{number:016d}", "PreBalance": "0.00",
        "PostBalance": "0.00", "Tac": "4D986742", "TransType": "09",
        "TerminalNo": "01620000B051", "TerminalTransNo": f"{number:08X}", "Name": "中心停车场",
        "ParkTime": 95,
    } | values  # fmt: skip


def open_up() -> None:
    """The extension centre and one provider are registered."""
    messages.add_extension(code=CENTRE, own_code=OWN, address="127.0.0.1:1", actor="t", now=NOW)
    actions.add_provider(code=PARK, name="中心停车场", actor="t", now=NOW)


def take(*trades: dict[str, Any], now: int = NOW) -> Any:
    """Trades of the car park are taken."""
    return actions.take_trades(code=PARK, trades=list(trades), actor="t", now=now)


class Said:
    """Messages of the centre, numbered 1, 2, 3 …"""

    def __init__(self) -> None:
        self.number = 0

    def body(self, kind: str, fields: Any, records: Any = (), at: int = NOW, **over: Any) -> bytes:
        """One message as its bytes."""
        self.number += 1
        values: dict[str, Any] = {
            "protocol": Protocol.PACK, "kind": kind, "version": "00020000",
            "message_id": str(self.number), "sender_id": CENTRE, "receiver_id": OWN,
            "sent_at": at, "fields": fields, "records": records,
        }  # fmt: skip
        return codec.encode(**values | over)

    def booking(self, pack: SentMessage, reasons: dict[int, int], at: int = NOW) -> bytes:
        """A booking of a pack that disputes these trades."""
        said = parcel_of(pack).fields
        fields = {
            "service_provider_id": said["service_provider_id"], "issuer_id": said["issuer_id"],
            "of_message_id": pack.message_id, "count": pack.count, "amount": pack.amount_fen,
        }  # fmt: skip
        records = [{"trans_id": one, "result": why} for one, why in reasons.items()]
        return self.body("pack_booking", fields, records, at)

    def rulings(
        self, pack: SentMessage, results: dict[int, int], fees: int, at: int = NOW,
        file_id: str = "20261119",
    ) -> bytes:  # fmt: skip
        """A file of rulings on a pack's trades, of so many fen."""
        said = parcel_of(pack).fields
        fields = {
            "clearing_operator_id": CENTRE, "service_provider_id": said["service_provider_id"],
            "issuer_id": said["issuer_id"], "file_id": file_id,
        }  # fmt: skip
        trades = tuple({"trans_id": one, "result": what} for one, what in results.items())
        record = {"of_message_id": pack.message_id, "amount": fees, "transactions": trades}
        return self.body("pack_dispute_result", fields, [record], at)

    def statistics(
        self, day: Any, count: int, amount: int, packs: tuple[str, ...], files: tuple[str, ...],
        at: int = NOW,
    ) -> bytes:  # fmt: skip
        """What it counted of a day of the car park."""
        fields = {"clear_target_date": day, "count": count, "amount": amount}
        record = {"service_provider_id": PARK, "message_ids": packs, "file_ids": files}
        return self.body("pack_clearing_statistics", fields, [record], at)

    def reply(self, pack: SentMessage, result: int = 1) -> bytes:
        """What it answers to a pack."""
        day = parcel_of(pack).fields["clear_target_date"]
        fields = {"of_message_id": pack.message_id, "result": result, "clear_target_date": day}
        return self.body("pack_reply", fields)


def deliver(xml: bytes, now: int = NOW) -> Receipt:
    """A message of the centre arrives."""
    number = codec.decode(Protocol.PACK, xml).envelope.message_id
    return deliver_as(number, xml, now)


def deliver_as(frame_id: str, xml: bytes, now: int = NOW) -> Receipt:
    """Bytes arrive in a frame of that number."""
    return messages.take_pack(
        peer=peer(CENTRE), frame_id=frame_id, xml=xml, check=gateway.check, now=now
    )


def act(now: int = NOW) -> None:
    """Whatever was taken is acted on."""
    rows = ReceivedMessage.objects.filter(state="waiting").order_by("id")
    for row in rows.values_list("pk", flat=True):
        messages.act_and_reply(row=row, act=gateway._act, waits_for=EARLY, now=now)


def packs() -> list[SentMessage]:
    """What went up, in order."""
    return list(SentMessage.objects.filter(kind="original_pack").order_by("id"))


def replies() -> list[tuple[str, int]]:
    """What we answered, in order: to which message, with which result."""
    found = SentMessage.objects.filter(kind="pack_reply").select_related("body").order_by("id")
    said = [codec.decode(Protocol.PACK, body_of(one.body)).fields for one in found]
    return [(fields["of_message_id"], fields["result"]) for fields in said]
