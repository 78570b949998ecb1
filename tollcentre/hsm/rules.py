"""What is signed and how: the bytes, their padding, subkeys, and the code made of them."""

import re
from functools import reduce
from operator import xor

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4

from tollcentre.core.clock import local_text
from tollcentre.core.refusal import Refusal

from .terms import TAC_DATA_MALFORMED, TacData

DES_BLOCK, SM4_BLOCK = 8, 16
TAC_BYTES = 4
FEE_LIMIT_FEN = 1 << 32
SHAPES = {
    "trans_type": r"0[69]",
    "terminal_no": r"[0-9A-F]{12}",
    "terminal_trans_no": r"[0-9A-F]{8}",
}
MEDIUM_NO = re.compile(r"[0-9]{16}|[0-9]{20}")
NUMBER_DIGITS = 16


def tac_message(data: TacData) -> bytes:
    """The 22 bytes that are signed: fee, type, terminal, its counter, local date and time in BCD.

    Source: PBOC e-purse consumption; the order as in the national CustomizedData.
    """
    texts = {name: str(getattr(data, name)).upper() for name in SHAPES}
    for name, shape in SHAPES.items():
        if not re.fullmatch(shape, texts[name]):
            raise _malformed(name, texts[name])
    if not 0 <= data.trans_fee_fen < FEE_LIMIT_FEN:
        raise _malformed("trans_fee", data.trans_fee_fen)
    digits = re.sub(r"\D", "", local_text(data.trans_time))
    return data.trans_fee_fen.to_bytes(4) + bytes.fromhex("".join(texts.values()) + digits)


def number_factor(medium_no: str) -> bytes:
    """The 8 bytes by which a medium's subkey differs: its number's low 16 digits in BCD."""
    if not MEDIUM_NO.fullmatch(medium_no):
        raise _malformed("medium_no", medium_no)
    return bytes.fromhex(medium_no[-NUMBER_DIGITS:])


def _malformed(name: str, value: object) -> Refusal:
    return Refusal(TAC_DATA_MALFORMED, name, name=name, value=value)


def padded(message: bytes, block: int) -> bytes:
    """The message with 80 and as many 00 as fill the block: ISO 9797-1, method 2."""
    marked = message + b"\x80"
    return marked + bytes(-len(marked) % block)


def both(factor: bytes) -> bytes:
    """A factor and its complement: what the two halves of a subkey are made of."""
    return factor + bytes(octet ^ 0xFF for octet in factor)


def des_subkey(key: bytes, factor: bytes) -> bytes:
    """The 16 bytes that 3DES makes of an 8-byte factor and its complement."""
    return Cipher(TripleDES(key + key[:8]), modes.ECB()).encryptor().update(both(factor))


def sm4_subkey(key: bytes, factor: bytes) -> bytes:
    """The 16 bytes that SM4 makes of an 8-byte factor and its complement."""
    return Cipher(SM4(key), modes.ECB()).encryptor().update(both(factor))


def des_tac(subkey: bytes, message: bytes) -> bytes:
    """The first 4 bytes of the single-DES CBC-MAC under the XOR of the subkey's halves."""
    single = bytes(left ^ right for left, right in zip(subkey[:8], subkey[8:], strict=True))
    mac = Cipher(TripleDES(single * 3), modes.CBC(bytes(DES_BLOCK))).encryptor()
    return mac.update(padded(message, DES_BLOCK))[-DES_BLOCK:][:TAC_BYTES]


def sm4_tac(subkey: bytes, message: bytes, fold: str) -> bytes:
    """The SM4 CBC-MAC folded to 4 bytes: its `left` ones, or the `xor` of its four words."""
    mac = Cipher(SM4(subkey), modes.CBC(bytes(SM4_BLOCK))).encryptor()
    last = mac.update(padded(message, SM4_BLOCK))[-SM4_BLOCK:]
    if fold == "left":
        return last[:TAC_BYTES]
    words = [int.from_bytes(last[start : start + TAC_BYTES]) for start in range(0, SM4_BLOCK, 4)]
    return reduce(xor, words).to_bytes(TAC_BYTES)
