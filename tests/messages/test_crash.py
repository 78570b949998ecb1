"""Killed at any moment, intake leaves nothing half registered, and doing it again finishes it."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.messages.roadside import NOW, csv_of, trades
from tollcentre.messages.terms import RecordKind

WORK = Path(__file__).parent / "take_in_slowly.py"
ROWS = 400
POINTS = 20


class Takers:
    """Starts one process after the other that takes the file in, all forked from one."""

    def __init__(self, started: "subprocess.Popen[str]") -> None:
        self.started = started

    def _line(self) -> str:
        assert self.started.stdout is not None
        return self.started.stdout.readline().strip()

    def begin(self, last_step: int = 0) -> int:
        """Start one, which kills itself before that step, if any; its process id."""
        assert self.started.stdin is not None
        self.started.stdin.write(f"{last_step}\n")
        self.started.stdin.flush()
        return int(self._line())

    def end(self) -> str:
        """Wait for it; `finished` or `cut short`."""
        return self._line()


@contextmanager
def _takers(home: Path, file: Path, steps: Path) -> Iterator[Takers]:
    environment = {**os.environ, "TOLLCENTRE_HOME": str(home)}
    environment.pop("TOLLCENTRE_DATABASE_URL", None)
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [sys.executable, str(WORK), str(file), str(NOW), str(steps)],
        env={**environment, "PYTHONPATH": str(root)},
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as started:
        takers = Takers(started)
        assert takers._line() == "ready"
        yield takers


def _figures(home: Path) -> tuple[int, int, int, int]:
    """Registered rows, finished batches, quarantined rows, duplicates."""
    with sqlite3.connect(home / "tollcentre.sqlite3") as db:
        one = [
            db.execute(f"SELECT coalesce(sum({what}), 0) FROM {table} {where}").fetchone()[0]
            for what, table, where in (
                ("rows", "lake_lakefile", "WHERE relation='gantry_trade'"),
                ("done", "road_messages_intakebatch", ""),
                ("1", "road_messages_quarantinedrow", ""),
                ("duplicates", "road_messages_intakebatch", ""),
            )
        ]
    return one[0], one[1], one[2], one[3]


def _emptied(home: Path, empty: Path) -> None:
    shutil.rmtree(home)
    shutil.copytree(empty, home)


@pytest.mark.slow
def test_sigkill_at_twenty_points_leaves_all_or_nothing(tmp_path: Path) -> None:
    chance = random.Random(20)
    bad = {**trades(1)[0], "trade_id": "G0099620010013201302026112208999999", "media_type": "7"}
    file = tmp_path / "records.csv"
    file.write_bytes(csv_of(RecordKind.GANTRY_TRADE, *trades(ROWS), bad))
    home, empty, steps = tmp_path / "home", tmp_path / "empty", tmp_path / "steps"
    home.mkdir()
    with _takers(home, file, steps) as takers:
        shutil.copytree(home, empty)
        for _ in range(2):
            # The second time tells how long it takes, with all caches warm.
            start = time.monotonic()
            takers.begin()
            assert takers.end() == "finished"
            whole_s = time.monotonic() - start
            assert _figures(home) == (ROWS, 1, 1, 0)
            _emptied(home, empty)
        cut_short = 0
        # Half of them at any moment, half between two files, which most of the registering is;
        # each on what the ones before left behind.
        for point in range(POINTS):
            if point % 2:
                takers.begin(chance.randint(1, int(steps.read_text())))
            else:
                process = takers.begin()
                time.sleep((point + chance.random()) / POINTS * whole_s)
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            cut_short += takers.end() == "cut short"
            found = _figures(home)
            assert found in ((0, 0, 0, 0), (ROWS, 1, 1, 0))
            if found[1]:
                _emptied(home, empty)
        assert cut_short >= POINTS // 2
        takers.begin()
        assert takers.end() == "finished"
        assert _figures(home) == (ROWS, 1, 1, 0)
        takers.begin()
        assert takers.end() == "finished"
        assert _figures(home) == (ROWS, 2, 1, ROWS)
