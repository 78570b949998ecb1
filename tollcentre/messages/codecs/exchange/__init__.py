"""The port of the exchange with counterparts: messages and receipts to bytes and back."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from ...terms import Notice, Parcel, Protocol, Receipt
from . import banks, frames, packs, trunk, values
from .kinds import rulebook

CODECS = {Protocol.TRUNK: trunk, Protocol.PACK: packs, Protocol.BANK: banks}


def encode(
    *,
    protocol: Protocol,
    kind: str,
    version: str,
    message_id: str,
    sender_id: str,
    receiver_id: str,
    sent_at: int,
    fields: Mapping[str, Any],
    records: Sequence[Mapping[str, Any]],
) -> bytes:
    """A message as its protocol writes it; count, amount and digest are worked out here.

    `fields` and `records` go by the national names in snake_case, amounts in fen, times in epoch
    seconds, days as `date`, lists as tuples; what is left out is blank, and a total left out is
    worked out. What a reader would refuse is refused here, as `MessageFault`.
    """
    return CODECS[protocol].encode(
        kind=kind,
        version=version,
        message_id=message_id,
        sender_id=sender_id,
        receiver_id=receiver_id,
        sent_at=sent_at,
        fields=fields,
        records=records,
    )


def decode(protocol: Protocol, body: bytes) -> Parcel:
    """The message in `body`; whatever the bytes, `MessageFault` is all that is ever raised.

    Checked in this order: size and form, version, header, schema, content; the first that fails
    is named with its field and its result code.
    """
    return CODECS[protocol].decode(body)


def read_record(
    protocol: Protocol, kind: str, raw: Mapping[str, object], place: str
) -> dict[str, Any]:
    """One record of a message by our names, out of its wire form; `place` stands before a fault.

    A whole number may also come as its digits.
    """
    columns = rulebook(protocol).kinds[kind].records
    numbers = {column.official for column in columns if column.type == "int"}
    wire = {name: values.whole(raw[name]) if name in numbers else raw[name] for name in raw}
    return values.read_row(columns, wire, place)


def encode_receipt(receipt: Receipt) -> bytes:
    """The synchronous answer of the trunk, as JSON."""
    return trunk.encode_receipt(receipt)


def decode_receipt(body: bytes) -> Receipt:
    """The receipt in `body`; `MessageFault` where it is none."""
    return trunk.decode_receipt(body)


def frame(message_id: str, xml: bytes) -> bytes:
    """A pack as it travels over TCP: message id, length, MD5 of the plain XML, compressed XML."""
    return frames.frame(message_id, xml)


def unframe(data: bytes) -> tuple[str, bytes]:
    """The message id and the plain XML of one whole frame; `MessageFault` where it is none."""
    return frames.unframe(data)


def decode_frame(data: bytes) -> Parcel:
    """The message in one whole frame, whose id must be the message's own."""
    return frames.decode_frame(data)


def frame_head_bytes() -> int:
    """How many bytes of a frame stand before its compressed ones."""
    return frames.head_bytes()


def frame_rest(head: bytes) -> int:
    """How many bytes follow the head of a frame; `MessageFault` where it is none."""
    return frames.rest_of(head)


def acknowledgement_bytes() -> int:
    """How many bytes an immediate answer has."""
    return frames.ack_bytes()


def acknowledge(message_id: str, *, ok: bool) -> bytes:
    """The immediate answer to a frame: its message id, and `1` or `0`."""
    return frames.acknowledge(message_id, ok=ok)


def acknowledged(data: bytes) -> tuple[str, bool]:
    """The message id and the verdict of an immediate answer; `MessageFault` where it is none."""
    return frames.acknowledged(data)


def compress(xml: bytes) -> bytes:
    """A pack as its file holds it."""
    return frames.compress(xml)


def expand(data: bytes) -> bytes:
    """The plain XML of a compressed pack; `MessageFault` where it is broken or too large."""
    return frames.expand(data)


def file_name(parcel: Parcel) -> str:
    """The name of an original pack's file, such as `CZ_6201_00000000000000000042.xml.lz77`.

    By its cards: CZ for stored value, JZ for credit; `MessageFault` for a pack without cards.
    """
    return frames.file_name(parcel)


def bank_file_id(*, kind: str, sender_id: str, receiver_id: str, day: date, sequence: str) -> str:
    """The id of a bank's file, its message id: `payment_620201_B01_20261122_1`."""
    return banks.file_id(kind, sender_id, receiver_id, day, sequence)


def bank_file_name(file_id: str) -> str:
    """The name under which a bank's file lies: its id and `.txt`."""
    return banks.file_name(file_id)


def bank_file_id_of(name: str) -> str:
    """The id that a bank's file bears by its name; `MessageFault` where it is no such name."""
    return banks.file_id_of(name)


def decode_notice(channel: str, body: bytes) -> Notice:
    """What a channel's notice says, out of its JSON; `MessageFault` where it is none."""
    return banks.decode_notice(channel, body)


def kinds_of(protocol: Protocol) -> tuple[str, ...]:
    """The kinds of message that the protocol has."""
    return tuple(rulebook(protocol).kinds)


def versions_of(protocol: Protocol) -> tuple[str, ...]:
    """The versions that the protocol speaks, oldest first."""
    return rulebook(protocol).versions
