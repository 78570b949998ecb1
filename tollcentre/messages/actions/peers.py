"""Who is at the other end: centres, banks and channels are registered, and may move."""

import re

from django.db import transaction

from tollcentre.access.actions import record_trail
from tollcentre.core.refusal import Refusal

from ..models import ExchangePeer, Sender
from ..queries import peer
from ..terms import (
    PACK_CODE_WRONG,
    PEER_ADDRESS_WRONG,
    PEER_CODE_WRONG,
    PEER_EXISTS,
    PeerKind,
)
from .senders import create_sender

CODE = re.compile(r"[0-9A-Za-z-]{1,16}")
PACK_CODE = re.compile(r"[0-9A-F]{16}")
HOST_AND_PORT = re.compile(r"(\[[0-9A-Fa-f:]+\]|[0-9A-Za-z.-]+):([1-9][0-9]{0,4})")
PORT_MAX = 65_535
WANTED = {
    PeerKind.CENTRE: "https://example.cn:8443",
    PeerKind.BANK: "sftp.example.cn:22",
    PeerKind.CHANNEL: "https://example.cn:8443",
    PeerKind.PACK: "packs.example.cn:9010",
}


@transaction.atomic
def add_peer(*, code: str, own_code: str, address: str, actor: str, now: int) -> str:
    """Register a centre; the token that it is to show us, which is told this once.

    Refuses a known code and an address that is no HTTP address.
    """
    added = _add(PeerKind.CENTRE, code, own_code, address, actor, now)
    token = create_sender(name=f"centre-{code}", actor=actor)
    added.sender = Sender.objects.get(name=f"centre-{code}")
    added.save()
    return token


@transaction.atomic
def add_bank(
    *, code: str, own_code: str, address: str, user: str, actor: str, now: int
) -> None:  # fmt: skip
    """Register a bank whose files lie at `host:port`, where we log in as `user`."""
    _add(PeerKind.BANK, code, own_code, address, actor, now, user)


@transaction.atomic
def add_channel(*, code: str, own_code: str, address: str, actor: str, now: int) -> None:
    """Register a payment channel: it sends notices, we fetch its bills under the address."""
    _add(PeerKind.CHANNEL, code, own_code, address, actor, now)


@transaction.atomic
def add_extension(*, code: str, own_code: str, address: str, actor: str, now: int) -> None:
    """Register an extension centre that takes packs at `host:port`; both codes are 16 hex digits.

    The protocol has no token: frames are taken from that host alone.
    """
    for name, value in (("code", code), ("own_code", own_code)):
        if not PACK_CODE.fullmatch(value):
            raise Refusal(PACK_CODE_WRONG, name, code=value)
    _add(PeerKind.PACK, code, own_code, address, actor, now)


@transaction.atomic
def move_peer(*, code: str, address: str, actor: str) -> None:
    """Let a peer listen elsewhere from now on; refuses an unknown peer and a wrong address."""
    moved = peer(code)
    _require_address(PeerKind(moved.kind), address)
    record_trail(actor=actor, act="messages.move_peer", subject=code, detail={"address": address})
    ExchangePeer.objects.filter(pk=moved.pk).update(address=address.rstrip("/"))


def note_visit(*, code: str, fault: str) -> None:
    """Put down what stood in the way of the last visit to a peer; blank where nothing did."""
    ExchangePeer.objects.filter(code=code).exclude(fault=fault[:255]).update(fault=fault[:255])


def _add(
    kind: PeerKind, code: str, own_code: str, address: str, actor: str, now: int, user: str = ""
) -> ExchangePeer:
    for name, value in (("code", code), ("own_code", own_code)):
        if not CODE.fullmatch(value):
            raise Refusal(PEER_CODE_WRONG, name, code=value)
    _require_address(kind, address)
    if ExchangePeer.objects.filter(code=code).exists():
        raise Refusal(PEER_EXISTS, "code", code=code)
    detail = {"address": address} | ({"user": user} if user else {})
    record_trail(actor=actor, act=f"messages.add_{kind}", subject=code, detail=detail)
    return ExchangePeer.objects.create(
        code=code, kind=kind, own_code=own_code, address=address.rstrip("/"), user=user,
        added_at=now,
    )  # fmt: skip


def _require_address(kind: PeerKind, address: str) -> None:
    if kind in (PeerKind.BANK, PeerKind.PACK):
        found = HOST_AND_PORT.fullmatch(address)
        fits = found is not None and int(found[2]) <= PORT_MAX
    else:
        fits = address.startswith(("http://", "https://"))
    if not fits:
        raise Refusal(PEER_ADDRESS_WRONG, "address", address=address, wanted=WANTED[kind])
