"""The extension centre on the wire: an address that takes frames, a loop that works and sends."""

import socketserver
import threading
from typing import Any

from tollcentre.messages.codecs import exchange
from tollcentre.messages.terms import MessageFault

from .service import TIMEOUT_S, ExtensionCentre, read

HOST = "127.0.0.1"
PAUSE_S = 0.1


def listen(centre: ExtensionCentre, port: int) -> socketserver.ThreadingTCPServer:
    """A server of this machine alone; port 0 picks one."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire: Any = self.request
            wire.settimeout(TIMEOUT_S)
            try:
                head = read(wire, exchange.frame_head_bytes())
                rest = read(wire, exchange.frame_rest(head))
                answer = centre.receive(head + rest)
                if answer is not None:
                    wire.sendall(answer)
            except (OSError, MessageFault):
                return

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    return Server((HOST, port), Handler)


def run(
    centre: ExtensionCentre, server: socketserver.ThreadingTCPServer, address: tuple[str, int],
    stopped: threading.Event,
) -> None:  # fmt: skip
    """Takes, works and sends until stopped; what a kill leaves is gone on with by the next run."""
    centre.begin()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while not stopped.is_set():
        if not centre.work() + centre.send(address):
            stopped.wait(PAUSE_S)
    server.shutdown()
    server.server_close()
