"""The ministry's centre on the wire: an address that takes messages, a client that sends."""

import gzip
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx

from .service import Ministry, Send

HOST = "127.0.0.1"
PATH = "/exchange/messages"
PLATES = "/exchange/plates"
BODY_BYTES_MAX = 64 * 1024 * 1024
ANSWER_BYTES_MAX = 1024 * 1024
ANSWER_WITHIN_S = 60
PAUSE_S = 0.1
GZIP_WINDOW = 31


def listen(ministry: Ministry, port: int, token: str) -> ThreadingHTTPServer:
    """A server of this machine alone that takes messages with the token; port 0 picks one."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = ANSWER_WITHIN_S

        def do_POST(self) -> None:
            self.close_connection = True
            if self.path != PATH:
                self.answer(404)
            elif self.headers.get("Authorization") != f"Bearer {token}":
                self.answer(401)
            elif (body := self.body()) is None:
                self.answer(413)
            elif (receipt := ministry.receive(body)) is not None:
                self.answer(200, receipt)

        def do_GET(self) -> None:
            """Whether a plate holds media of another issuer; silence closes the connection."""
            self.close_connection = True
            address = urlsplit(self.path)
            asked = parse_qs(address.query).get("vehicleId", [])
            if address.path != PLATES or len(asked) != 1:
                self.answer(404)
            elif self.headers.get("Authorization") != f"Bearer {token}":
                self.answer(401)
            elif (told := ministry.plate(asked[0])) is not None:
                self.answer(200, told)

        def body(self) -> bytes | None:
            """The message as sent; none where it is too large or its length is not said."""
            length = self.headers.get("Content-Length", "")
            if not length.isdigit() or int(length) > BODY_BYTES_MAX:
                return None
            raw = self.rfile.read(int(length))
            return unpacked(raw) if self.headers.get("Content-Encoding") == "gzip" else raw

        def answer(self, status: int, content: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Kept in the store, not on the terminal."""

    server = ThreadingHTTPServer((HOST, port), Handler)
    server.daemon_threads = True
    return server


def unpacked(raw: bytes) -> bytes | None:
    """The bytes of a gzip body; nothing of what is none, none where it grows too large."""
    try:
        worker = zlib.decompressobj(GZIP_WINDOW)
        body = worker.decompress(raw, BODY_BYTES_MAX)
    except zlib.error:
        return b""
    return None if worker.unconsumed_tail else body


def sender(client: httpx.Client, address: str, token: str) -> Send:
    """Sends one body to the other centre; the bytes of the answer, or why there is none."""
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Encoding": "gzip",
        "Content-Type": "application/json",
    }

    def send(body: bytes) -> bytes | str:
        packed = gzip.compress(body, mtime=0)
        try:
            answer = client.post(f"{address.rstrip('/')}{PATH}", content=packed, headers=headers)
        except httpx.HTTPError as error:
            return f"no answer: {type(error).__name__}"
        if answer.status_code != httpx.codes.OK:
            return f"status {answer.status_code}"
        return answer.content if len(answer.content) <= ANSWER_BYTES_MAX else "answer too large"

    return send


def run(
    ministry: Ministry, server: ThreadingHTTPServer, address: str, token: str,
    stopped: threading.Event,
) -> None:  # fmt: skip
    """Takes, works and sends until stopped; what a kill leaves is gone on with by the next run."""
    ministry.begin()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with httpx.Client(timeout=ANSWER_WITHIN_S, trust_env=False) as client:
        send = sender(client, address, token)
        while not stopped.is_set():
            if not ministry.work() + ministry.send(send):
                stopped.wait(PAUSE_S)
    server.shutdown()
    server.server_close()
