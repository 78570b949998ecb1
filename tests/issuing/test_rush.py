"""Fifty clerks enrol overlapping plates at once: one wins each, the others are told why."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.issuing.rush import CLERKS, PLATES

SCRIPT = Path(__file__).with_name("rush.py")
DATABASE = "rush"


@pytest.mark.slow
def test_of_fifty_clerks_one_wins_each_plate(db: None, tmp_path: Path) -> None:
    environment = {**os.environ, "TOLLCENTRE_HOME": str(tmp_path),
                   "PYTHONPATH": str(Path(__file__).parents[2])}  # fmt: skip
    address = environment.get("TOLLCENTRE_DATABASE_URL", "")
    if address:
        with psycopg.connect(address, autocommit=True) as con:
            con.execute(f"CREATE DATABASE {DATABASE}")
        head, _, query = address.partition("?")
        own = head.rpartition("/")[0] + f"/{DATABASE}"
        environment["TOLLCENTRE_DATABASE_URL"] = f"{own}?{query}" if query else own
    done = subprocess.run([sys.executable, str(SCRIPT)], env=environment, text=True,
                          capture_output=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["came"].pop("done") == PLATES
    assert set(told["came"]) == {"vehicle_of_other"}
    assert sum(told["came"].values()) == CLERKS * PLATES - PLATES
    assert told["untold"] == 0
    assert told["businesses"] == PLATES
    assert told["open"] == told["different"] == 2 * PLATES
