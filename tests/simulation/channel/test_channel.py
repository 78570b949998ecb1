"""The channel: every order on one bill, notices until SUCCESS, faults as the seed has them."""

import csv
import json
import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from tollcentre.cli.counterpart import counterpart
from tollcentre.core.clock import day_start
from tollcentre.messages.codecs import exchange
from tollcentre.messages.terms import MessageFault, Protocol
from tollcentre.simulation.channel import server
from tollcentre.simulation.channel.desk import Parties
from tollcentre.simulation.channel.plan import Plan, read_plan
from tollcentre.simulation.channel.report import report
from tollcentre.simulation.channel.service import FILE, SCHEMA, Channel
from tollcentre.simulation.channel.signing import signature, signed
from tollcentre.simulation.channel.terms import Billing, Noticing
from tollcentre.simulation.counterpart.chance import MILLION, Chance
from tollcentre.simulation.counterpart.clock import Clock
from tollcentre.simulation.counterpart.store import Store

KEY = b"a-key-of-this-test"
DAY = date(2026, 11, 22)
START = day_start(DAY)
PATH = f"/bills/{DAY}"


class Crash(BaseException):
    """The process would be gone."""


@dataclass
class World:
    """A channel, its customer and the moment."""

    folder: Path
    plan: Plan
    moment: int = START
    crashes: int = 0
    notices: dict = field(default_factory=dict)
    answers: Counter = field(default_factory=Counter)

    def __post_init__(self):
        (self.folder / "road" / "money").mkdir(parents=True)
        self.start()

    def start(self):
        def leave():
            raise Crash

        self.channel = Channel(
            Store.open(self.folder / "state", 5, FILE, SCHEMA), self.plan, Chance(5),
            Parties("wechat", "620201", KEY), Clock(lambda: self.moment), self.folder / "road",
            leave,
        )  # fmt: skip
        self.channel.begin()

    def orders(self, count):
        rows = [
            {"order_no": f"WX{n:06d}", "station_id": "G0030620010010", "paid_at": START + n * 60,
             "amount_fen": 1000 + n, "fee_fen": 4, "state": "paid" if n % 10 else "refunded"}
            for n in range(count)
        ]  # fmt: skip
        path = self.folder / "road" / "money" / f"orders_wechat_{DAY:%Y%m%d}.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return rows

    def answer(self, body, timestamp, given):
        """What our side says to a notice."""
        code = "FAIL"
        if signed(KEY, timestamp, body, given, self.moment):
            said = json.loads(body)
            before = self.notices.setdefault(said["noticeId"], said)
            code = "SUCCESS" if before == said else "FAIL"
        self.answers[code] += 1
        return code

    def live(self, hours, step_s=1800):
        for _ in range(hours * 3600 // step_s):
            self.moment += step_s
            self.round()

    def round(self):
        try:
            self.channel.take_supply()
            while self.channel.send(self.answer):
                pass
        except Crash:
            self.crashes += 1
            self.start()
            self.round()

    def ask(self, path=PATH, key=KEY, off=0):
        timestamp = str(self.moment + off)
        try:
            return self.channel.bill(path, timestamp, signature(key, timestamp, path.encode()))
        except Crash:
            self.crashes += 1
            self.start()
            return 0, b""

    def report(self):
        return report(self.folder / "state")


@pytest.fixture
def world(tmp_path):
    def make(**values):
        plan = replace(read_plan(faults=False), **values)
        return World(tmp_path, plan)

    return make


def test_every_order_is_told_once_and_stands_on_the_bill(world):
    w = world()
    rows = w.orders(60)
    w.live(2)
    assert {n["orderNo"]: n["amountFen"] for n in w.notices.values()} == {
        row["order_no"]: row["amount_fen"] for row in rows
    }
    assert w.answers == {"SUCCESS": 60}
    assert w.ask() == (404, b"")
    w.live(28)
    status, body = w.ask()
    parcel = exchange.decode(Protocol.BANK, body)
    assert (status, parcel.envelope.kind, parcel.envelope.count) == (200, "bill", 60)
    assert parcel.envelope.sent_at == START
    assert [r["order_no"] for r in parcel.records] == [row["order_no"] for row in rows]
    assert w.ask() == (200, body)
    (day,) = w.report()["days"]
    paid = [row for row in rows if row["state"] == "paid"]
    assert day["payout_fen"] == sum(row["amount_fen"] - row["fee_fen"] for row in paid)


def test_who_does_not_sign_gets_no_bill(world):
    w = world()
    w.orders(3)
    w.live(31)
    assert w.ask(key=b"another")[0] == w.ask(off=301)[0] == w.ask(off=-301)[0] == 401
    assert w.channel.bill(PATH, "", "")[0] == 401
    assert w.ask(path="/bills/today")[0] == w.ask(path="/bills/2026-11-23")[0] == 404
    assert w.ask(off=300)[0] == 200


@pytest.mark.parametrize("fault", Noticing)
def test_every_fault_of_a_notice_ends_with_each_order_told_once(world, fault):
    noticing = dict.fromkeys(Noticing, 0) | {fault: 300_000}
    w = world(noticing=noticing, delay_s=(600, 4000))
    w.orders(100)
    w.live(8)
    found = w.report()
    assert 15 < found["faults"][fault] < 50
    assert not found["findings"]
    assert found["waiting"]["count"] == 0
    never = found["faults"][fault] if fault is Noticing.never else 0
    assert len(w.notices) == 100 - never == 100 - len(found["never"])
    refused = fault in (Noticing.wrong_signature, Noticing.other_content)
    assert w.answers["FAIL"] == (found["faults"][fault] if refused else 0)
    assert w.crashes == (found["faults"][fault] if fault is Noticing.crash else 0)


def test_a_bill_is_wrong_at_first_in_every_way_then_right(world):
    w = world(billing=dict.fromkeys(Billing, MILLION))
    w.orders(20)
    w.live(30)
    assert w.ask() == (404, b"")
    w.live(9)
    fields = []
    for _ in range(5):
        status, body = w.ask()
        if status != 200:
            continue
        try:
            right = exchange.decode(Protocol.BANK, body)
        except MessageFault as fault:
            fields.append((fault.field, fault.result))
    assert fields == [("H.count", 4), ("H.amount_fen", 4), ("T.digest", 4)]
    assert (w.crashes, right.envelope.count) == (1, 20)


def test_notices_and_bills_go_over_the_wire(world):
    w = world()
    w.orders(4)
    w.moment += 7200
    w.channel.take_supply()
    seen = []

    class Ours(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append(self.path)
            code = w.answer(body, self.headers["X-Timestamp"], self.headers["X-Signature"])
            content = json.dumps({"code": code}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format, *args):
            """Quiet."""

    ours = ThreadingHTTPServer(("127.0.0.1", 0), Ours)
    theirs = server.listen(w.channel, 0)
    for running in (ours, theirs):
        threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
    try:
        with httpx.Client() as client:
            address = f"http://127.0.0.1:{ours.server_port}/api"
            assert w.channel.send(server.sender(client, address, "wechat")) == 4
            w.moment += 30 * 3600
            headers = {"X-Timestamp": str(w.moment)}
            headers["X-Signature"] = signature(KEY, headers["X-Timestamp"], PATH.encode())
            url = f"http://127.0.0.1:{theirs.server_port}{PATH}"
            assert client.get(url).status_code == 401
            bill = client.get(url, headers=headers)
    finally:
        for running in (ours, theirs):
            running.shutdown()
            running.server_close()
    assert set(seen) == {"/api/channels/wechat/notices"}
    assert exchange.decode(Protocol.BANK, bill.content).envelope.count == 4
    assert w.answers == {"SUCCESS": 4}


def test_the_report_is_json_or_lines(world):
    w = world()
    w.orders(4)
    w.live(2)
    words = ["report", "--state", str(w.folder / "state")]
    assert json.loads(CliRunner().invoke(counterpart, [*words, "--json"]).output) == w.report()
    assert "channel\twechat" in CliRunner().invoke(counterpart, words).output
