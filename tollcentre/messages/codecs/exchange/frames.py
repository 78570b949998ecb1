"""Packs on their way: the frame of a TCP stream, its immediate answer, and the name of a file."""

import hashlib
import zlib

from ...terms import FRAME_BROKEN, MessageFault, Parcel, Protocol, ResultCode
from .checks import same_digest, same_value, within
from .kinds import rulebook
from .packs import decode

WORDS = {
    "message_id": ("报文编号", "message id"),
    "length": ("长度", "length"),
    "digest": ("摘要", "digest"),
    "compression": ("压缩数据", "compressed data"),
    "verdict": ("应答标志", "verdict"),
    "card_type": ("卡类型", "card type"),
}


def rest_of(head: bytes) -> int:
    """How many compressed bytes follow the head of a frame, as it says itself."""
    sizes = rulebook(Protocol.PACK).raw["frame"]
    _id_of(head[: sizes["id_digits"]])
    length = head[sizes["id_digits"] : sizes["id_digits"] + sizes["length_digits"]]
    if len(head) != head_bytes() or not length.isdigit():
        raise _broken("length", ResultCode.HEADER)
    return int(length)


def head_bytes() -> int:
    """How many bytes stand before the compressed ones."""
    sizes = rulebook(Protocol.PACK).raw["frame"]
    return int(sizes["id_digits"] + sizes["length_digits"] + sizes["digest_digits"])


def ack_bytes() -> int:
    """How many bytes an immediate answer has."""
    return int(rulebook(Protocol.PACK).raw["frame"]["id_digits"]) + 1


def frame(message_id: str, xml: bytes) -> bytes:
    """Message id, number of compressed bytes, MD5 of the plain XML, compressed bytes."""
    sizes = rulebook(Protocol.PACK).raw["frame"]
    packed = compress(xml)
    length = str(len(packed)).zfill(sizes["length_digits"])
    if len(length) > sizes["length_digits"]:
        raise _broken("length", ResultCode.SCHEMA)
    return _padded(message_id) + length.encode() + _md5(xml).encode() + packed


def unframe(data: bytes) -> tuple[str, bytes]:
    """The parts of `frame`, checked: id and length first, then the data, then its digest."""
    sizes = rulebook(Protocol.PACK).raw["frame"]
    id_end = sizes["id_digits"]
    length_end = id_end + sizes["length_digits"]
    digest_end = length_end + sizes["digest_digits"]
    message_id = _id_of(data[:id_end])
    length = data[id_end:length_end]
    if not (length.isdigit() and len(length) == sizes["length_digits"]):
        raise _broken("length", ResultCode.HEADER)
    if len(data) < digest_end or int(length) != len(data) - digest_end:
        raise _broken("length", ResultCode.HEADER)
    xml = expand(data[digest_end:])
    declared = data[length_end:digest_end].decode("latin-1").lower()
    if not all(one in "0123456789abcdef" for one in declared):
        raise _broken("digest", ResultCode.HEADER)
    same_digest("digest", declared, _md5(xml))
    return message_id, xml


def decode_frame(data: bytes) -> Parcel:
    """The message of a frame that names it."""
    message_id, xml = unframe(data)
    parcel = decode(xml)
    same_value("message_id", message_id, parcel.envelope.message_id)
    return parcel


def acknowledge(message_id: str, *, ok: bool) -> bytes:
    """The message id and `1`, or `0` where the length was not right."""
    return _padded(message_id) + (b"1" if ok else b"0")


def acknowledged(data: bytes) -> tuple[str, bool]:
    """The parts of `acknowledge`."""
    digits = rulebook(Protocol.PACK).raw["frame"]["id_digits"]
    message_id = _id_of(data[:digits])
    if data[digits:] not in (b"0", b"1"):
        raise _broken("verdict", ResultCode.HEADER)
    return message_id, data[digits:] == b"1"


def compress(xml: bytes) -> bytes:
    """The bytes that stand for "lz77" here."""
    return zlib.compress(xml, rulebook(Protocol.PACK).raw["frame"]["level"])


def expand(data: bytes) -> bytes:
    """What `compress` was given; no more is unpacked than a pack may have."""
    rules = rulebook(Protocol.PACK)
    unpacking = zlib.decompressobj()
    try:
        xml = unpacking.decompress(data, rules.limits["bytes_max"] + 1)
    except zlib.error as error:
        raise _broken("compression", ResultCode.SCHEMA) from error
    within(rules, "bytes_max", len(xml))
    if not unpacking.eof or unpacking.unused_data:
        raise _broken("compression", ResultCode.SCHEMA)
    return xml


def file_name(parcel: Parcel) -> str:
    """By card type and network, in which all trades of a pack agree."""
    prefixes = rulebook(Protocol.PACK).raw["file_prefixes"]
    first = parcel.records[0] if parcel.records else {}
    if first.get("card_type") not in prefixes:
        raise _broken("card_type", ResultCode.CONTENT)
    message_id = _padded(parcel.envelope.message_id).decode()
    return f"{prefixes[first['card_type']]}_{first['card_net_no']}_{message_id}.xml.lz77"


def _padded(message_id: str) -> bytes:
    digits = rulebook(Protocol.PACK).raw["frame"]["id_digits"]
    padded = message_id.encode().rjust(digits, b"0")
    _id_of(padded)
    return padded


def _id_of(padded: bytes) -> str:
    """The message id without the zeros before it; only ASCII digits, never all zeros."""
    message_id = padded.lstrip(b"0")
    digits = rulebook(Protocol.PACK).raw["frame"]["id_digits"]
    if len(padded) != digits or not message_id.isdigit():
        raise _broken("message_id", ResultCode.HEADER)
    return message_id.decode()


def _md5(xml: bytes) -> str:
    return hashlib.md5(xml, usedforsecurity=False).hexdigest()


def _broken(what: str, result: ResultCode) -> MessageFault:
    zh, en = WORDS[what]
    return MessageFault(result, FRAME_BROKEN, what, what_zh=zh, what_en=en)
