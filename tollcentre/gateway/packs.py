"""The exchange with an extension centre: packs in frames over TCP, each taken and done once.

The form stands in docs/exchange.md. A pack that was taken is handed to one action of one domain
and answered by a pack of ours; the immediate answer says only that a frame came whole.
"""

import socket
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import close_old_connections, connection

from tollcentre.core.refusal import Refusal
from tollcentre.messages import actions
from tollcentre.messages import queries as messages
from tollcentre.messages.codecs import exchange as codec
from tollcentre.messages.terms import (
    MessageFault,
    Parcel,
    PeerKind,
    Protocol,
    ResultCode,
    SentState,
)
from tollcentre.parking import actions as parking
from tollcentre.parking.terms import EARLY

from .exchange import Turn, check_for
from .terms import NOT_ACKNOWLEDGED

ACTS: dict[str, actions.PackAct] = {
    "pack_reply": actions.take_pack_reply,
    "pack_booking": parking.take_booking,
    "pack_dispute_result": parking.take_rulings,
    "pack_clearing_statistics": parking.take_statistics,
}
"""Kind of pack → the one action that it is handed to."""
check = check_for(ACTS)
PACKS_A_TURN = 200
TIMEOUT_S = 30.0
MESSAGE_ID_MAX = 2**63 - 1
READ_BYTES = 1 << 16


def turn(now: int, limit: int = PACKS_A_TURN) -> Turn:
    """Make the packs that are due, act on what was taken, send what is due; each on its own.

    A centre that is silent or breaks off is left in peace until the next turn.
    """
    made = Turn(queued=parking.make_packs(now))
    for row in messages.received_due(now, limit, protocol=Protocol.PACK):
        state = actions.act_and_reply(row=row, act=_act, waits_for=EARLY, now=now)
        setattr(made, state.value, getattr(made, state.value) + 1)
    for centre in messages.peers(kind=PeerKind.PACK):
        due = messages.messages_due(now, limit, protocol=Protocol.PACK, receiver=centre.code)
        fault = ""
        for message in due:
            fault = _try(centre.address, message, made, now)
            if fault:
                break
        actions.note_visit(code=centre.code, fault=fault)
    return made


def _act(parcel: Parcel, now: int) -> ResultCode:
    return ACTS[parcel.envelope.kind](parcel, now)


def _try(address: str, message: Any, made: Turn, now: int) -> str:
    """Hand one pack over, and put down what came of it; the fault in words."""
    fault = ""
    try:
        _hand_over(address, codec.frame(message.message_id, messages.body_of(message.body)))
    except (OSError, Refusal) as error:
        told = error.text() if isinstance(error, Refusal) else str(error)
        fault = f"{type(error).__name__}: {told}"
    state = actions.record_try(message_id=message.message_id, receipt=None, fault=fault, now=now)
    made.sent += state == SentState.TAKEN
    made.laid += state == SentState.WAITING and not fault
    made.unknown += bool(fault)
    return fault


def _hand_over(address: str, frame: bytes) -> None:
    """Send one frame and wait for its immediate answer; Refusal where it is not a yes to it."""
    host, _, port = address.rpartition(":")
    with socket.create_connection((host.strip("[]"), int(port)), TIMEOUT_S) as wire:
        wire.sendall(frame)
        answer = _read(wire, codec.acknowledgement_bytes())
    if answer != codec.acknowledge(codec.unframe(frame)[0], ok=True):
        raise Refusal(NOT_ACKNOWLEDGED, "verdict", answer=answer[:40].decode("latin-1"))


def listen(centre: Any, host: str, port: int) -> socketserver.ThreadingTCPServer:
    """A server that takes the frames of one extension centre, from its own host alone."""
    known = _addresses(centre.address)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(TIMEOUT_S)
            try:
                with _database():
                    while take(self.request, centre):
                        pass
            except OSError:
                return

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

        def verify_request(self, request: Any, client_address: Any) -> bool:
            return client_address[0] in known

    return Server((host, port), Handler)


def take(wire: socket.socket, centre: Any) -> bool:
    """Take one frame off a connection, keep its pack, answer; whether another may follow.

    The immediate yes is given once the pack is safe. A frame that does not hold together is
    answered no, and the connection is of no further use: where the next frame begins, nobody knows.
    """
    head = _read(wire, codec.frame_head_bytes())
    if not head:
        return False
    try:
        body = _read(wire, codec.frame_rest(head))
        frame_id, xml = codec.unframe(head + body)
        whole = int(frame_id) <= MESSAGE_ID_MAX
    except (MessageFault, TimeoutError):
        whole = False
    if not whole:
        wire.sendall(head[: codec.acknowledgement_bytes() - 1].ljust(20, b"0") + b"0")
        return False
    actions.take_pack(peer=centre, frame_id=frame_id, xml=xml, check=check, now=actions.moment())
    wire.sendall(codec.acknowledge(frame_id, ok=True))
    return True


def _read(wire: socket.socket, size: int) -> bytes:
    """So many bytes, or those that came before the other side closed."""
    parts: list[bytes] = []
    while size > 0:
        part = wire.recv(min(size, READ_BYTES))
        if not part:
            break
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _addresses(address: str) -> set[str]:
    """The network addresses of a peer's host."""
    host, _, port = address.rpartition(":")
    return {str(found[4][0]) for found in socket.getaddrinfo(host.strip("[]"), int(port))}


@contextmanager
def _database() -> Iterator[None]:
    """A thread of its own gives its connection to the database back."""
    close_old_connections()
    try:
        yield
    finally:
        connection.close()
