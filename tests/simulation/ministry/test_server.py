"""The ministry's centre on the wire, and as a process that is killed."""

import gzip
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from click.testing import CliRunner

from tests.simulation.ministry.centre import ISSUER, START, Centre
from tests.simulation.ministry.conftest import MEDIA, write_keys
from tests.simulation.ministry.test_taking import result_of, upload
from tollcentre.cli.counterpart import CRASHED, counterpart
from tollcentre.core.refusal import Refusal
from tollcentre.hsm.queries import hsm_of_file
from tollcentre.messages.codecs import exchange
from tollcentre.simulation.counterpart.chance import MILLION
from tollcentre.simulation.ministry import server
from tollcentre.simulation.ministry.terms import Receiving, Sending

TOKEN = "a-token-of-this-test"
SENT = {"Authorization": f"Bearer {TOKEN}", "Content-Encoding": "gzip"}
HOUR = 3600


@contextmanager
def serving(handler):
    """A server of this handler class on a free port; its address."""
    running = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    running.daemon_threads = True
    threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{running.server_port}"
    finally:
        running.shutdown()
        running.server_close()


def our_side(centre, clock):
    """A handler that takes the ministry's messages as the product would."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = gzip.decompress(self.rfile.read(int(self.headers["Content-Length"])))
            right = self.path == "/api/exchange/messages"
            right = right and self.headers["Authorization"] == f"Bearer {TOKEN}"
            with centre.lock:
                answer = centre.receive(body, clock()) if right else b""
            self.send_response(200 if right else 401)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format, *args):
            """Quiet."""

    return Handler


@pytest.fixture
def address(world):
    """A ministry's centre on the wire: its world and its address."""
    w = world(media=())
    running = server.listen(w.ministry, 0, TOKEN)
    threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
    yield w, f"http://127.0.0.1:{running.server_port}/exchange/messages"
    running.shutdown()
    running.server_close()


def test_a_message_is_taken_on_the_wire(address):
    w, url = address
    answer = httpx.post(url, content=gzip.compress(upload()), headers=SENT)
    assert answer.status_code == 200
    assert exchange.decode_receipt(answer.content).result == 1
    assert result_of(w, upload()) == 5
    plain = httpx.post(url, content=upload(), headers={"Authorization": SENT["Authorization"]})
    assert exchange.decode_receipt(plain.content).result == 5


def test_who_has_no_token_gets_no_receipt(address):
    w, url = address
    for headers in ({}, {"Authorization": "Bearer another"}):
        answer = httpx.post(url, content=upload(), headers=headers)
        assert (answer.status_code, answer.content) == (401, b"")
    assert not w.report()["received"]
    assert httpx.post(url[:-1], content=upload(), headers=SENT).status_code == 404


def test_bodies_that_are_no_gzip_or_too_large_are_survived(address, monkeypatch):
    w, url = address
    answer = httpx.post(url, content=b"no gzip", headers=SENT)
    assert exchange.decode_receipt(answer.content).result == 3
    monkeypatch.setattr(server, "BODY_BYTES_MAX", 1000)
    bomb = gzip.compress(b" " * 100_000)
    assert httpx.post(url, content=bomb, headers=SENT).status_code == 413
    assert httpx.post(url, content=b" " * 2000, headers=SENT).status_code == 413
    assert w.report()["trades"]["receivable"] == {}


def test_a_connection_that_closes_gives_no_answer(address):
    w, url = address
    faults = (Receiving.closed_before_taking, Receiving.closed_before_answer)
    receiving = dict.fromkeys(Receiving, 0) | dict.fromkeys(faults, MILLION)
    w.ministry.plan.receiving.update(receiving)
    for taken in ([], ["exit_upload"]):
        with pytest.raises(httpx.HTTPError):
            httpx.post(url, content=gzip.compress(upload()), headers=SENT)
        assert [row["kind"] for row in w.report()["received"]] == taken
    answer = httpx.post(url, content=gzip.compress(upload()), headers=SENT)
    assert exchange.decode_receipt(answer.content).result == 5


def test_it_sends_to_the_other_address_with_the_token(world):
    w = world(booking_after_s=(1, 1), media=())
    centre = Centre()
    centre.lock = threading.Lock()
    with serving(our_side(centre, lambda: w.moment)) as url, httpx.Client() as client:
        centre.upload(2, w.moment)
        centre.send(w.post)
        w.moment += 5
        w.ministry.work()
        assert w.ministry.send(server.sender(client, url, TOKEN)) == 1
        w.moment += 5
        assert w.ministry.send(server.sender(client, url + "/api", "wrong")) == 1
        w.moment += 10
        assert w.ministry.send(server.sender(client, url + "/api/", TOKEN)) == 1
    w.moment += 20
    assert not w.report()["unacknowledged"]
    with w.ministry.store.reading() as db:
        kept = [row["outcome"] for row in db.execute("SELECT outcome FROM sending ORDER BY number")]
    assert kept == ["status 401", "status 401", "taken"]
    with httpx.Client() as client:
        assert server.sender(client, url, TOKEN)(b"{}") == "no answer: ConnectError"


def run_verb(*words):
    return CliRunner().invoke(counterpart, [str(word) for word in words])


def test_the_report_is_json_or_lines(address):
    w, _ = address
    w.centre.upload(2, w.moment)
    w.live(30)
    state = w.folder
    assert json.loads(run_verb("report", "--state", state, "--json").output) == w.report()
    lines = run_verb("report", "--state", state).output.splitlines()
    assert lines[0].endswith("closed through 2026-11-01")
    assert any("\t620201\t610101\t2\t" in line for line in lines)


def test_the_verb_refuses_what_it_cannot_use(tmp_path):
    token = tmp_path / "token"
    token.write_text(" \n", encoding="utf-8")
    words = ("ministry", "--port", 1, "--state", tmp_path / "state", "--ours", "http://127.0.0.1:1",
             "--token-file", token, "--seed", 1)  # fmt: skip
    assert run_verb(*words).exception.code == "token_missing"
    token.write_text(TOKEN, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        words = (*words[:2], taken.getsockname()[1], *words[3:])
        found = run_verb(*words).exception
        assert isinstance(found, Refusal)
        assert found.code == "address_not_available"
    assert run_verb("report", "--state", tmp_path / "none").exception.code == "no_state"


class Process:
    """The verb as a process, started again whenever it is gone."""

    def __init__(self, folder, url):
        (folder / "token").write_text(TOKEN, encoding="utf-8")
        self.clock = folder / "clock"
        self.moment = START
        self.tell(0)
        media = [f"{m.medium_number},{m.card_number},{m.plate},1,{ISSUER}" for m in MEDIA]
        header = "medium_number,card_number,plate,vehicle_type,issuer"
        (folder / "media.csv").write_text("\n".join([header, *media]), encoding="utf-8")
        crash = "{crash_before_taking: 30000, crash_before_answer: 30000}"
        sending = ", ".join(f"{fault}: 60000" for fault in Sending)
        (folder / "plan.yaml").write_text(
            f"trades_per_day: 80\ndispute_ppm: 50000\ndelay_s: [60, 20000]\n"
            f"receiving: {crash}\nsending: {{{sending}}}\n",
            encoding="utf-8",
        )
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.words = [
            sys.executable, "-m", "tollcentre.cli.main", "counterpart", "ministry",
            "--port", str(self.port), "--state", str(folder / "state"), "--ours", f"{url}/api",
            "--token-file", str(folder / "token"), "--seed", "11", "--clock", str(self.clock),
            "--media", str(folder / "media.csv"), "--tac-keys", str(folder / "keys.json"),
            "--faults", str(folder / "plan.yaml"),
        ]  # fmt: skip
        self.kills = self.crashes = 0
        self.process = None
        self.client = httpx.Client(timeout=30)

    def tell(self, seconds):
        """The clock's file appears whole."""
        self.moment += seconds
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(str(self.moment), encoding="ascii")
        os.replace(fresh, self.clock)

    def up(self):
        """Starts the process where it is gone, and waits until it is ready."""
        if self.process is not None:
            if self.process.poll() is None:
                return
            assert self.process.returncode in (CRASHED, -9)
            self.crashes += self.process.returncode == CRASHED
        self.process = subprocess.Popen(self.words, stdout=subprocess.PIPE, text=True)
        assert "ready" in self.process.stdout.readline()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.kills += 1

    def post(self, body):
        with suppress(httpx.HTTPError):
            url = f"http://127.0.0.1:{self.port}/exchange/messages"
            return self.client.post(url, content=gzip.compress(body), headers=SENT).content
        return None


@pytest.mark.slow
def test_a_process_killed_twenty_times_ends_with_the_same_figures(tmp_path):
    lives = random.Random(3)
    centre = Centre(MEDIA, hsm_of_file(write_keys(tmp_path / "keys.json")))
    centre.lock = threading.Lock()
    state = tmp_path / "state"
    with serving(our_side(centre, lambda: ministry.moment)) as url:
        ministry = Process(tmp_path, url)
        for turn in range(24):
            ministry.up()
            with centre.lock:
                centre.upload(10, ministry.moment, ISSUER if turn % 2 else "610101")
                waiting = dict(centre.outbox)
            for _ in range(6):
                ministry.tell(HOUR)
                for message_id, body in waiting.items():
                    answer = ministry.post(body)
                    with centre.lock:
                        centre.answered(message_id, answer)
                time.sleep(lives.random() / 3)
            if ministry.kills < 20:
                ministry.kill()
        found = finish(ministry, centre, state)
        ministry.process.terminate()
        assert ministry.process.wait(timeout=60) == 0
    assert ministry.kills == 20
    assert ministry.crashes >= 1
    own = {n: figure for n, figure in centre.settled.items() if n[2] <= found["closed_through"]}
    assert len(own) > 20
    assert centre.said_statistics() == own
    assert not found["findings"]
    assert {row["verdict"] for row in found["booking_truth"]} <= {"right", "open"}


def finish(ministry, centre, state):
    """Goes on until nothing waits on either side and the last day was told; the last report."""
    for _ in range(400):
        ministry.up()
        ministry.tell(2 * HOUR)
        for message_id, body in list(centre.outbox.items()):
            answer = ministry.post(body)
            with centre.lock:
                centre.answered(message_id, answer)
        time.sleep(0.2)
        found = json.loads(run_verb("report", "--state", state, "--json").output)
        told = found["closed_through"] >= "2026-11-14" and not found["unacknowledged"]
        if told and not centre.outbox:
            return found
    raise AssertionError("something keeps waiting")


def test_a_plate_is_held_or_free_alike_each_time_and_sometimes_nothing_is_said(world):
    told = world(plate_held_ppm=MILLION // 2).ministry
    found = {plate: json.loads(told.plate(plate)) for plate in (f"甘A{n:05d}_0" for n in range(99))}
    assert found == {plate: json.loads(told.plate(plate)) for plate in found}
    assert {one["held"] for one in found.values()} == {True, False}
    for plate, one in found.items():
        assert one["vehicleId"] == plate
        assert bool(one["issuerId"]) == one["held"]
        assert not one["issuerId"].startswith("62")
    assert world(plate_silence_ppm=MILLION).ministry.plate("甘A00001_0") is None


def test_the_plates_address_asks_for_its_token_and_one_plate(world):
    running = server.listen(world(plate_held_ppm=0).ministry, 0, TOKEN)
    threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
    address = f"http://127.0.0.1:{running.server_port}/exchange/plates"
    try:
        asked = {"params": {"vehicleId": "甘A00001_0"}}
        assert httpx.get(address, **asked).status_code == 401
        right = {"Authorization": f"Bearer {TOKEN}"}
        assert httpx.get(address, headers=right).status_code == 404
        answer = httpx.get(address, headers=right, **asked)
        assert answer.json() == {"vehicleId": "甘A00001_0", "held": False, "issuerId": ""}
    finally:
        running.shutdown()
        running.server_close()
