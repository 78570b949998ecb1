"""A payment channel on the wire: an address for bills, a client that sends notices."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from .service import Channel, Send

HOST = "127.0.0.1"
ANSWER_WITHIN_S = 60
PAUSE_S = 0.1


def listen(channel: Channel, port: int) -> ThreadingHTTPServer:
    """A server of this machine alone that gives bills to who signs; port 0 picks one."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = ANSWER_WITHIN_S

        def do_GET(self) -> None:
            self.close_connection = True
            said = [self.headers.get(name, "") for name in ("X-Timestamp", "X-Signature")]
            status, content = channel.bill(self.path, *said)
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Kept in the store, not on the terminal."""

    server = ThreadingHTTPServer((HOST, port), Handler)
    server.daemon_threads = True
    return server


def sender(client: httpx.Client, address: str, code: str) -> Send:
    """Sends one notice to the customer; the code of the answer, or why there is none."""
    url = f"{address.rstrip('/')}/channels/{code}/notices"

    def send(body: bytes, timestamp: str, signature: str) -> str:
        headers = {
            "Content-Type": "application/json",
            "X-Timestamp": timestamp,
            "X-Signature": signature,
        }
        try:
            return str(client.post(url, content=body, headers=headers).json()["code"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            return f"no answer: {type(error).__name__}"

    return send


def run(
    channel: Channel, server: ThreadingHTTPServer, address: str, stopped: threading.Event
) -> None:
    """Takes orders, sends notices and gives bills until stopped."""
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with httpx.Client(timeout=ANSWER_WITHIN_S, trust_env=False) as client:
        send = sender(client, address, channel.parties.code)
        while not stopped.is_set():
            if not channel.take_supply() + channel.send(send):
                stopped.wait(PAUSE_S)
    server.shutdown()
    server.server_close()
