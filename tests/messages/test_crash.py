"""Killed at any moment, intake leaves nothing half registered, and doing it again finishes it."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.messages.roadside import NOW, csv_of, trades
from tollcentre.messages.terms import RecordKind

WORK = Path(__file__).parent / "take_in_slowly.py"
ROWS = 400


def _start(home: Path, file: Path) -> "subprocess.Popen[str]":
    environment = {**os.environ, "TOLLCENTRE_HOME": str(home)}
    environment.pop("TOLLCENTRE_DATABASE_URL", None)
    root = Path(__file__).resolve().parents[2]
    return subprocess.Popen(
        [sys.executable, str(WORK), str(file), str(NOW)],
        env={**environment, "PYTHONPATH": str(root)},
        text=True,
        stdout=subprocess.PIPE,
    )


def _figures(home: Path) -> tuple[int, int, int]:
    """Registered rows, finished batches, quarantined rows."""
    with sqlite3.connect(home / "tollcentre.sqlite3") as db:
        one = [
            db.execute(sql).fetchone()[0]
            for sql in (
                "SELECT coalesce(sum(rows), 0) FROM lake_lakefile WHERE relation='gantry_trade'",
                "SELECT count(*) FROM road_messages_intakebatch WHERE done",
                "SELECT count(*) FROM road_messages_quarantinedrow",
            )
        ]
    return one[0], one[1], one[2]


@pytest.mark.slow
def test_sigkill_anywhere_leaves_all_or_nothing(tmp_path: Path) -> None:
    chance = random.Random(20)
    bad = {**trades(1)[0], "trade_id": "G0099620010013201302026112208999999", "media_type": "7"}
    file = tmp_path / "records.csv"
    file.write_bytes(csv_of(RecordKind.GANTRY_TRADE, *trades(ROWS), bad))
    home = tmp_path / "home"
    home.mkdir()
    for _ in range(6):
        process = _start(home, file)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.uniform(0.0, 2.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
        rows, batches, quarantined = _figures(home)
        assert (rows, quarantined) == ((ROWS, 1) if batches else (0, 0))
    process = _start(home, file)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    accepted, _, duplicates = map(int, out.splitlines()[-1].split())
    assert accepted + duplicates == ROWS
    assert _figures(home)[0] == ROWS
    assert _figures(home)[2] == 1
