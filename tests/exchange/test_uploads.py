"""What landed of a cleared day goes up once; a batch that lands later goes up as a supplement."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.daily_run.home import Home

from .trial import NETWORK

pytestmark = pytest.mark.slow
DAY = "2026-11-01"
KINDS = {"other_exit_upload", "entry_upload", "gantry_upload", "batch_sum_upload"}


def proofs(home: Home) -> dict[str, dict[str, Any]]:
    rows = json.loads(home.run("exchange", "proof", "--json"))
    return {row["kind"]: row for row in rows}


@pytest.fixture(scope="module")
def cleared(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A day of which one gantry's trades are held back, cleared; nothing was handed up."""
    folder = tmp_path_factory.mktemp("uploads")
    home = Home(folder / "home")
    home.run("setup")
    home.run("province", "--seed", 62, "--out", folder / "province")
    files = [f"--{name}={folder / 'province' / f'{name}.csv'}" for name in NETWORK]
    home.run("network", "import", *files, "--version", "6220260101001",
             "--valid-from", "2026-01-01")  # fmt: skip
    home.run("simulate", "--day", DAY, "--passages", 150, "--seed", 3, "--out", folder / "records")
    for path in folder.glob("records/truth*"):
        path.unlink()
    late = sorted(folder.rglob("records/**/*GantryWasteRec*"), key=lambda one: one.stat().st_size)
    shutil.move(late[-1], folder / "late.csv")
    home.run("intake", folder / "records")
    home.json("clear-day", DAY)
    home.run("exchange", "peer", "000000", "--address", "http://127.0.0.1:9", "--own", "620201")
    (home.folder / "keys" / "peer-000000.token").write_text("t\n", encoding="utf-8")
    return home


@pytest.fixture(scope="module")
def home(cleared: Home) -> Home:
    """The day handed up; the ministry does not answer."""
    home = cleared.copy(cleared.folder.parent / "handed")
    home.run("exchange", "run", "--once")
    return home


class Hands:
    """Processes that hand a home up and may be killed at a change of its database."""

    def __init__(self, home: Home) -> None:
        self.started = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("hand_up_slowly.py"))],
            env=home.environment() | {"PYTHONPATH": str(Path(__file__).parents[2])},
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def hand_up(self, last: int = 0) -> int:
        """How often the database changed, or 0 where the process was killed at change `last`."""
        assert self.started.stdin is not None
        assert self.started.stdout is not None
        print(last, file=self.started.stdin, flush=True)
        told = self.started.stdout.readline().strip()
        if told.isdigit():
            return int(told)
        assert told == "cut short 9", told
        return 0


@pytest.fixture
def mine(cleared: Home, tmp_path: Path) -> Home:
    """A copy of the cleared day."""
    return cleared.copy(tmp_path / "mine")


@pytest.fixture
def hands(mine: Home) -> Iterator[Hands]:
    hands = Hands(mine)
    with hands.started:
        yield hands


def handed(home: Home) -> list[tuple[Any, ...]]:
    """Every message queued, every look and every upload of a day, and what is held and booked."""
    with sqlite3.connect(home.folder / "tollcentre.sqlite3") as db:
        return [
            row
            for sql in (
                "SELECT message_id, count, amount_fen, digest FROM road_messages_sentmessage",
                "SELECT clear_date, kind, landed, unfit FROM clearing_uploadday",
                "SELECT clear_date, kind, number, records, amount_fen FROM clearing_upload",
                "SELECT clear_date, kind, party, count, fee FROM clearing_dayexit",
                "SELECT account_id, owner_id, sum(debit_fen), sum(credit_fen)"
                " FROM ledger_postingentry GROUP BY 1, 2",
            )
            for row in db.execute(f"{sql} ORDER BY 1, 2, 3, 4")
        ]


def test_each_record_goes_up_once_and_a_late_batch_as_a_supplement(home: Home) -> None:
    before = proofs(home)
    assert {row["state"] for kind, row in before.items() if kind in KINDS} == {"underway"}
    assert all(row["uploads"] == 1 for row in before.values())
    home.run("exchange", "run", "--once")
    assert proofs(home) == before
    home.run("intake", home.folder.parent / "late.csv")
    landed = home.json("intake", home.folder.parent / "late.csv")["duplicates"]
    home.run("exchange", "run", "--once")
    after = proofs(home)
    gantry = after["gantry_upload"]
    assert gantry["uploads"] == 2
    assert gantry["sent_count"] == gantry["landed_count"] - gantry["unfit"]
    assert 0 < gantry["sent_count"] - before["gantry_upload"]["sent_count"] <= landed
    assert all(row["uploads"] == 1 for kind, row in after.items() if kind != "gantry_upload")
    assert json.loads(home.run("verify", "--json"))["holds"]


def test_every_own_exit_goes_up_as_a_trade_or_as_another_exit(home: Home) -> None:
    found = proofs(home)
    files = [str(path) for path in (home.folder / "lake" / "exit_record").rglob(f"*{DAY}/*")]
    with duckdb.connect() as con:
        ((exits,),) = con.execute(
            "SELECT count(DISTINCT record_key) FROM read_parquet(?)"
            " WHERE toll_province_id = '' OR left(toll_province_id, 2) = '62'", [files],
        ).fetchall()  # fmt: skip
    assert exits == found["exit_upload"]["sent_count"] + found["other_exit_upload"]["landed_count"]
    assert found["other_exit_upload"]["sent_count"] == found["other_exit_upload"]["landed_count"]


def test_killed_at_every_change_of_the_database_each_record_still_goes_up_once(
    cleared: Home, mine: Home, hands: Hands
) -> None:
    changes = hands.hand_up()
    whole = handed(mine)
    assert changes > 20
    for last in range(1, changes + 1):
        shutil.rmtree(mine.folder)
        cleared.copy(mine.folder)
        assert not hands.hand_up(last)
        hands.hand_up()
        assert handed(mine) == whole, last


def test_a_run_cut_short_as_it_goes_up_loses_no_trade_to_the_one_that_follows(
    cleared: Home, mine: Home, hands: Hands
) -> None:
    kept = mine.folder / "lake" / "exchange_trade"
    last = 1
    while not list(kept.rglob("*.parquet")):
        assert not hands.hand_up(last)
        last += 1
    mine.run("intake", cleared.folder.parent / "late.csv")
    mine.json("clear-day", DAY)
    hands.hand_up()
    files = [str(path) for path in kept.rglob("*.parquet")]
    assert len(files) == 2
    with duckdb.connect() as con:
        ((trades,),) = con.execute(
            "SELECT count(DISTINCT record_key) FROM read_parquet(?) WHERE route = 2",
            [files],
        ).fetchall()
    assert proofs(mine)["exit_upload"]["sent_count"] == trades > 0
    assert json.loads(mine.run("verify", "--json"))["holds"]


def test_a_record_that_went_up_twice_is_found(home: Home, tmp_path: Path) -> None:
    copy = home.copy(tmp_path / "home")
    folder = next((copy.folder / "lake").rglob("kind=entry_upload"))
    file = next(folder.glob("*.parquet"))
    with duckdb.connect() as con:
        con.execute(
            f"COPY (SELECT min(record_key) OVER () AS record_key, content_digest, fee"
            f" FROM '{file}') TO '{tmp_path / 'x.parquet'}' (FORMAT parquet)"
        )
    shutil.copy(tmp_path / "x.parquet", file)
    assert "records_went_up_once" in copy.run("verify", status=1)
