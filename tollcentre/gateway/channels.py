"""The exchange with payment channels: their signed notices at our door, their bills fetched.

The form stands in docs/banks.md. The bill rules; a notice is only earlier.
"""

import hashlib
import hmac
from typing import Any

import httpx
from django.http import HttpRequest, JsonResponse

from tollcentre.core.refusal import Refusal
from tollcentre.messages import actions
from tollcentre.messages import queries as messages
from tollcentre.messages.terms import MessageFault, PeerKind, ResultCode

from . import banks
from .bodies import read_body
from .exchange import Turn
from .keys import keep_key, key_of
from .terms import CLOCK_OFF, KEY_UNREADABLE, NO_SUCH_CHANNEL, SIGNATURE_WRONG

NOTICE_ACT: actions.NoticeAct | None = None
"""The one action that every notice is handed to; notices wait until there is one."""
CLOCK_OFF_S = 300
NOTICE_BYTES_MAX = 64 << 10
NOTICES_A_TURN = 1_000
BILLS_A_TURN = 31
KEY_BYTES_MIN = 16
NO_KEY = ("密钥不足 16 字节", "under 16 bytes")


def register(
    *, code: str, own_code: str, address: str, key: bytes, actor: str, now: int
) -> None:  # fmt: skip
    """Register a channel with the key that we share; Refusal where the key is too short."""
    key = key.strip()
    if len(key) < KEY_BYTES_MIN:
        raise Refusal(KEY_UNREADABLE, "key_file", what="key file", why=" / ".join(NO_KEY))
    actions.add_channel(code=code, own_code=own_code, address=address, actor=actor, now=now)
    keep_key(_key(code), key + b"\n")


def signature(key: bytes, timestamp: str, what: bytes) -> str:
    """Hex HMAC-SHA256 over the timestamp, a line end, and a body or a path."""
    return hmac.new(key, timestamp.encode() + b"\n" + what, hashlib.sha256).hexdigest()


def take(request: HttpRequest, code: str, now: int) -> JsonResponse:
    """Answer a channel's notice: SUCCESS once it is safe, else FAIL with the reason."""
    try:
        channel = messages.peers(kind=PeerKind.CHANNEL).filter(code=code).first()
        if channel is None:
            raise Refusal(NO_SUCH_CHANNEL, "code", code=code[:32])
        body = read_body(request, NOTICE_BYTES_MAX)
        refused = _unsigned(request, key_of(code, _key(code)), body, now)
        fault: Refusal | None = actions.take_notice(
            channel=channel, body=body, refused=refused, now=now
        )
    except Refusal as refusal:
        fault = refusal
    if fault is not None:
        return JsonResponse({"code": "FAIL", "reason": fault.text()})
    return JsonResponse({"code": "SUCCESS"})


def _unsigned(request: HttpRequest, key: bytes, body: bytes, now: int) -> MessageFault | None:
    """What is wrong with a notice's signature or clock."""
    timestamp = request.headers.get("X-Timestamp", "")
    said = request.headers.get("X-Signature", "").encode()
    right = signature(key, timestamp, body).encode()
    known = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= len(str(now))
    if not hmac.compare_digest(said, right) or not known:
        return MessageFault(ResultCode.HEADER, SIGNATURE_WRONG, "X-Signature")
    if abs(now - int(timestamp)) > CLOCK_OFF_S:
        return MessageFault(ResultCode.HEADER, CLOCK_OFF, "X-Timestamp", most=CLOCK_OFF_S)
    return None


def turn(now: int, carrier: httpx.Client) -> Turn:
    """Ask every channel for its bills, and hand on the notices that came; each on its own.

    A channel that is silent or breaks off is left in peace until the next turn.
    """
    made = Turn()
    actions.await_bills(now=now)
    for channel in messages.peers(kind=PeerKind.CHANNEL):
        fault = ""
        for bill in messages.bills_due(channel.code, now, BILLS_A_TURN):
            if fault:
                break
            body, status, fault = _fetch(carrier, channel, f"/bills/{bill.day}")
            made.taken += actions.take_bill(
                row=bill.pk, body=body, status=status, fault=fault, check=banks.check, now=now
            )
            fault = "" if status else fault
        actions.note_visit(code=channel.code, fault=fault)
    if NOTICE_ACT is not None:
        for row in messages.notices_due(now, NOTICES_A_TURN):
            state = actions.hand_notice(row=row, act=NOTICE_ACT, now=now)
            setattr(made, state.value, getattr(made, state.value) + 1)
    return made


def _fetch(carrier: httpx.Client, channel: Any, path: str) -> tuple[bytes | None, int, str]:
    """What is answered to a signed request: the body if there is one, HTTP status, what is wrong.

    Signed at the moment of asking: a turn may take longer than a channel's clock may be off.
    Status 0 where nothing is answered. No more is read than a bill may have.
    """
    timestamp, body = str(actions.moment()), bytearray()
    try:
        address = httpx.URL(channel.address + path)
        said = signature(key_of(channel.code, _key(channel.code)), timestamp, address.raw_path)
        headers = {"X-Timestamp": timestamp, "X-Signature": said}
        with carrier.stream("GET", address, headers=headers) as answer:
            if answer.status_code != httpx.codes.OK:
                return None, answer.status_code, f"HTTP {answer.status_code}"
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > banks.BYTES_MAX:
                    break
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return None, 0, type(error).__name__
    except Refusal as refusal:
        return None, 0, refusal.text()
    return bytes(body), httpx.codes.OK, ""


def _key(code: str) -> str:
    return f"channel-{code}.key"
