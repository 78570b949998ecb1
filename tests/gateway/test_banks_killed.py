"""The process that speaks to a bank is killed at random moments: nothing is lost or doubled."""

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.daily_run.home import Home
from tests.gateway.bank_server import Bank, running
from tests.gateway.test_banks import returned
from tollcentre.core.clock import day_of
from tollcentre.messages.codecs import exchange as codec
from tollcentre.messages.terms import Protocol

KILLS, SEED = 8, 5
LONGEST_S = 40.0
pytestmark = pytest.mark.slow


def start(home: Home, bank: Bank, clock: Path) -> "subprocess.Popen[str]":
    """The process, on the home that the ones before it left behind."""
    key = home.folder / "host.pub"
    key.write_bytes(bank.host_key)
    script = Path(__file__).parent / "turn_banks.py"
    environment = {**home.environment(), "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    environment.pop("TOLLCENTRE_DATABASE_URL", None)
    return subprocess.Popen(
        [sys.executable, str(script), bank.address, str(key), str(clock)],
        env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip


def answered(bank: Bank, results: Counter[tuple[str, int]], seen: Counter[str]) -> None:
    """The bank takes what lies there, and answers each payment, the first time or again."""
    for name, body in bank.take().items():
        parcel = codec.decode(Protocol.BANK, body)
        said = parcel.envelope
        if said.kind == "receipt":
            results.update((row["of_file"], row["result"]) for row in parcel.records)
            continue
        seen[name] += 1
        file_id = codec.bank_file_id(
            kind="receipt", sender_id="B01", receiver_id="620201",
            day=day_of(said.sent_at), sequence=f"{said.message_id[-12:]}x{seen[name]}",
        )  # fmt: skip
        result = 1 if seen[name] == 1 else 5
        bank.say(codec.bank_file_name(file_id), codec.encode(
            protocol=Protocol.BANK, kind="receipt", version="1", message_id=file_id,
            sender_id="B01", receiver_id="620201", sent_at=said.sent_at, fields={},
            records=[{"of_file": said.message_id, "result": result, "count": said.count,
                      "amount_fen": said.amount_fen, "digest": said.digest}],
        ))  # fmt: skip


def rows(home: Home, sql: str) -> list[tuple]:
    with sqlite3.connect(home.folder / "tollcentre.sqlite3") as db:
        return db.execute(sql).fetchall()


def test_killed_again_and_again_every_file_counts_once(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    home = Home(tmp_path / "home")
    os.environ.pop("TOLLCENTRE_DATABASE_URL", None)
    home.run("setup")
    results: Counter[tuple[str, int]] = Counter()
    seen: Counter[str] = Counter()
    with running(tmp_path / "bank") as bank:
        for kill in range(KILLS + 1):
            process = start(home, bank, tmp_path / "clock")
            assert process.stdin is not None
            assert process.stdout is not None
            if kill == 0:
                bank.admit(process.stdout.readline().strip())
            process.stdin.write(f"{kill + 1}\n")
            process.stdin.flush()
            assert process.stdout.readline().strip() == f"paid {kill + 1}"
            for _ in range(2):
                bank.say(*returned(f"{kill}"))
                until = time.monotonic() + chance.uniform(0.05, 0.6)
                while time.monotonic() < until:
                    answered(bank, results, seen)
                    time.sleep(0.02)
            if kill < KILLS:
                process.kill()
                process.wait()
        until = time.monotonic() + LONGEST_S
        while time.monotonic() < until and (bank.said() or open_messages(home)):
            answered(bank, results, seen)
            time.sleep(0.05)
        process.kill()
        process.wait()
        answered(bank, results, seen)
        assert bank.said() == [], rows(home, "SELECT fault FROM road_messages_exchangepeer")
    assert open_messages(home) == []
    paid = rows(home, "SELECT state, count(*) FROM road_messages_sentmessage "
                      "WHERE kind = 'payment' GROUP BY state")  # fmt: skip
    assert paid == [("taken", KILLS + 1)]
    done = rows(home, "SELECT state, fault, count(*) FROM road_messages_receivedmessage "
                      "WHERE kind = 'payment_return' GROUP BY state, fault")  # fmt: skip
    assert done == [("done", "", KILLS + 1)]
    acted = rows(home, "SELECT count(*) FROM road_messages_holdingscheck")
    assert acted == [(KILLS + 1,)]
    for kill in range(KILLS + 1):
        name = returned(f"{kill}")[0].removesuffix(".txt")
        assert results[(name, 1)] >= 1
    assert {result for _, result in results} <= {1, 5}
    assert len(seen) == KILLS + 1


def open_messages(home: Home) -> list[tuple]:
    """Messages that wait for something still."""
    return rows(home, "SELECT message_id FROM road_messages_sentmessage WHERE state = 'waiting' "
                      "UNION ALL SELECT message_id FROM road_messages_receivedmessage "
                      "WHERE state <> 'done'")  # fmt: skip
