"""The bank on the wire, and as a process that is killed."""

import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time

import asyncssh
import pytest
from click.testing import CliRunner

from tests.simulation.bank.conftest import BANK, OWN, START, Customer, make_world
from tollcentre.cli.counterpart import CRASHED, counterpart
from tollcentre.simulation.bank.server import SftpServer, host_key
from tollcentre.simulation.bank.terms import Receiving, Sending

USER = "tollcentre"


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """A client's key, and the file of public keys that lets it in."""
    folder = tmp_path_factory.mktemp("keys")
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(folder / "id")
    key.write_public_key(folder / "authorized")
    return folder


@pytest.fixture
def served(tmp_path, keys):
    """A bank with its SFTP server running; the world and the port."""
    w = make_world(tmp_path)
    server = SftpServer(
        w.bank.folders.sftp, host_key(tmp_path / "state"), USER, keys / "authorized"
    )
    port = server.start()
    yield w, port
    server.stop()


def client(port, known_hosts, key, user=USER):
    return asyncssh.connect(
        "127.0.0.1", port, username=user, client_keys=[str(key)], config=None, agent_path=None,
        known_hosts=asyncssh.import_known_hosts(known_hosts),
    )  # fmt: skip


def pinned(port, state):
    return f"[127.0.0.1]:{port} {(state / 'host_key.pub').read_text(encoding='ascii')}"


def test_a_file_goes_in_by_sftp_and_its_receipt_comes_out(served, keys):
    w, port = served
    file_id = w.customer.pay(3, w.moment)
    body = w.customer.waiting.pop(file_id)

    async def put_and_take():
        known = pinned(port, w.folder / "state")
        async with client(port, known, keys / "id") as ssh, ssh.start_sftp_client() as sftp:
            name = f"/in/{file_id}.txt"
            async with sftp.open(f"{name}.part", "wb") as stream:
                await stream.write(body)
            w.round()
            await sftp.posix_rename(f"{name}.part", name)
            w.round()
            names = [n for n in await sftp.listdir("/out") if n.endswith(".txt")]
            async with sftp.open(f"/out/{names[0]}", "rb") as stream:
                content = await stream.read()
            await sftp.remove(f"/out/{names[0]}")
            assert not await sftp.exists("/../host_key")
            return names, content

    names, content = asyncio.run(put_and_take())
    assert len(names) == 1
    w.customer.take(names[0], content, w.moment)
    assert w.customer.answers == [(file_id, 1)]
    assert w.report()["payment_files"]["count"] == 3


def test_only_the_user_with_the_key_is_let_in(served, keys, tmp_path):
    w, port = served
    other = asyncssh.generate_private_key("ssh-ed25519")
    other.write_private_key(tmp_path / "other")
    known = pinned(port, w.folder / "state")

    async def enter(key, user):
        async with client(port, known, key, user):
            pass

    for key, user in ((tmp_path / "other", USER), (keys / "id", "someone")):
        with pytest.raises(asyncssh.PermissionDenied):
            asyncio.run(enter(key, user))


def test_the_host_key_stays_the_same(tmp_path):
    tmp_path.joinpath("state").mkdir()
    first = host_key(tmp_path / "state").export_public_key()
    assert host_key(tmp_path / "state").export_public_key() == first
    assert (tmp_path / "state" / "host_key.pub").read_bytes() == first


def run_verb(*words):
    return CliRunner().invoke(counterpart, [str(word) for word in words])


def test_the_report_is_json_or_lines(served):
    w, _ = served
    w.slips(4)
    w.live(30)
    state = w.folder / "state"
    assert json.loads(run_verb("report", "--state", state, "--json").output) == w.report()
    assert "closed_through\t2026-11-22" in run_verb("report", "--state", state).output


class Process:
    """The verb as a process, started again whenever it is gone."""

    def __init__(self, folder, keys):
        self.clock, self.moment = folder / "clock", START
        self.tell(0)
        for name in ("road", "incoming"):
            (folder / name).mkdir()
        sending = ", ".join(f"{fault}: 60000" for fault in Sending)
        receiving = ", ".join(f"{fault}: 100000" for fault in Receiving)
        (folder / "plan.yaml").write_text(
            f"pay_after_s: [60, 20000]\ndelay_s: [60, 20000]\n"
            f"receiving: {{{receiving}}}\nsending: {{{sending}}}\n",
            encoding="utf-8",
        )
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.words = [
            sys.executable, "-m", "tollcentre.cli.main", "counterpart", "bank", "--code", BANK,
            "--port", str(port), "--state", str(folder / "state"), "--seed", "11",
            "--own", OWN, "--clock", str(self.clock), "--faults", str(folder / "plan.yaml"),
            "--client-keys", str(keys / "authorized"), "--road", str(folder / "road"),
            "--incoming", str(folder / "incoming"),
        ]  # fmt: skip
        self.kills = self.crashes = 0
        self.process = None

    def tell(self, seconds):
        self.moment += seconds
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(str(self.moment), encoding="ascii")
        os.replace(fresh, self.clock)

    def up(self):
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


@pytest.mark.slow
def test_a_process_killed_again_and_again_ends_with_one_book(tmp_path, keys):
    lives = random.Random(3)
    bank = Process(tmp_path, keys)
    bank.up()
    sftp = tmp_path / "state" / "sftp"
    customer = Customer(sftp / "in", sftp / "out")
    world = make_world(tmp_path / "writer")
    world.folder = tmp_path
    total = world.slips(30)
    for turn in range(24):
        bank.up()
        if turn < 8:
            customer.pay(10, bank.moment)
        for _ in range(4):
            bank.tell(3600)
            time.sleep(lives.random() / 4)
            customer.step(bank.moment)
        if turn < 8:
            bank.kill()
    deadline = time.monotonic() + 60
    while customer.waiting and time.monotonic() < deadline:
        bank.up()
        bank.tell(3600)
        time.sleep(0.2)
        customer.step(bank.moment)
    assert not customer.waiting
    bank.process.terminate()
    assert bank.process.wait(timeout=60) == 0
    found = json.loads(run_verb("report", "--state", tmp_path / "state", "--json").output)
    assert (bank.kills, found["findings"]) == (8, [])
    assert found["payment_files"]["count"] == 80 == sum(r["count"] for r in found["payments"])
    assert found["slips"]["amount_fen"] == total
    movements = customer.records("statement")
    assert len({m["serial"] for m in movements}) == len(movements)
    assert threading.active_count() < 50
