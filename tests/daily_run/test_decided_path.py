"""A path that one person decided and another approved, taken over by clearing the day again."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from .home import DAY, Home, make_home

pytestmark = pytest.mark.slow
NOISE = ("--miss-rate", 0.75, "--non-least-share", 0.6, "--set", "plate_miss_rate=0.9",
         "--set", "plate_false_rate=0.05")  # fmt: skip
DECIDE = """
import sys
from datetime import date
from tollcentre.cli.main import start_django
start_django()
from tollcentre.access.actions import approve
from tollcentre.access.terms import Role, Viewer
from tollcentre.daily_run.queries import latest_run
from tollcentre.passage.actions import propose_path
from tollcentre.passage.queries import candidates
run = latest_run(date.fromisoformat(sys.argv[1]))
where = {"run_key": run.run_key, "day": run.clear_date, "version": run.network_version,
         "pass_key": int(sys.argv[2])}
asked = propose_path(**where, units=candidates(**where)[0].units, reason="test",
                     maker=Viewer("a", frozenset({Role.AUDITOR}), None))
approve(approval_key=asked.approval_key, checker=Viewer("b", frozenset({Role.MANAGER}), None))
"""


def passages(home: Home, run_key: str) -> dict[int, tuple]:
    path = next((home.folder / "lake" / "passage").glob(f"*/{run_key}.parquet"))
    sql = f"SELECT pass_key, queued, restored_by, confidence_ppm, fee, own_fee FROM '{path}'"
    with duckdb.connect() as con:
        return {row[0]: row[1:] for row in con.execute(sql).fetchall()}


def decide(home: Home, pass_key: int) -> None:
    """The likeliest candidate, asked by one person and approved by another."""
    command = [sys.executable, "-c", DECIDE, DAY, str(pass_key)]
    done = subprocess.run(command, env=home.environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_an_approved_path_makes_a_new_run_in_which_it_alone_is_restored(tmp_path: Path) -> None:
    home = make_home(tmp_path, 1500, late=False, noise=NOISE)
    first = home.json("clear-day", DAY)["run_key"]
    before = passages(home, first)
    queued = [key for key, row in before.items() if row[0]]
    assert queued
    decide(home, queued[0])
    second = home.json("clear-day", DAY)["run_key"]
    assert second != first
    after = passages(home, second)
    assert after[queued[0]][:3] == (0, 4, 1_000_000)
    assert {key for key in before if before[key] != after[key]} == {queued[0]}
    assert home.json("clear-day", DAY)["run_key"] == second
    assert home.json("verify")["holds"]
    assert home.json("bench", "clear-day", "--here", "--prove")["equal"]
    decide(home, queued[0])
    assert home.json("clear-day", DAY, "--plan")["run_key"] not in (first, second)
