"""A platform and an extension centre as processes, faults on, killed: both agree to the fen."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.daily_run.home import Home
from tests.parking.centre import CENTRE, OWN, trade
from tollcentre.core.clock import day_start

from .trial import free_ports

pytestmark = pytest.mark.slow
FIRST_DAY = date(2026, 11, 1)
DAYS, AFTER, KILLS, SEED, STEP_S, PAUSE_S = 2, 6, 8, 5, 3600, 0.15
PARKS = ("00000000000000A1", "00000000000000A2")
TRADES = 150
CRASHED_BY_PLAN = 70


class Trial:
    """Both sides, their clock, and the killing of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = Home(folder / "home")
        self.clock = folder / "clock"
        self.chance = random.Random(SEED)
        self.ours, self.theirs = free_ports(2)
        self.running: dict[str, Any] = {}
        self.fees = 0

    def tell(self, moment: int) -> None:
        waiting = self.clock.with_suffix(".next")
        waiting.write_text(str(moment), encoding="ascii")
        os.replace(waiting, self.clock)

    def environment(self) -> dict[str, str]:
        return self.home.environment() | {"TOLLCENTRE_CLOCK_FILE": str(self.clock)}

    def verb(self, *arguments: object) -> str:
        command = [sys.executable, "-m", "tollcentre.cli.main", *map(str, arguments)]
        done = subprocess.run(command, env=self.environment(), capture_output=True, text=True)
        assert done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def start(self, name: str) -> None:
        words: dict[str, list[object]] = {
            "listen": ["exchange", "packs", "--port", self.ours],
            "run": ["exchange", "run", "--every", 0.05],
            "centre": ["counterpart", "extension", "--port", self.theirs, "--ours", self.ours,
                       "--state", self.folder / "centre", "--seed", SEED, "--clock", self.clock],
        }  # fmt: skip
        log = (self.folder / f"{name}.log").open("ab")
        self.running[name] = subprocess.Popen(
            [sys.executable, "-m", "tollcentre.cli.main", *map(str, words[name])],
            env=self.environment(), stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip

    def tend(self) -> None:
        for name, process in self.running.items():
            status = process.poll()
            if status is not None:
                asked = status == -signal.SIGKILL or (
                    name == "centre" and status == CRASHED_BY_PLAN
                )
                log = (self.folder / f"{name}.log").read_text(encoding="utf-8")[-2000:]
                assert asked, f"{name} ended with {status}: {log}"
                self.start(name)

    def kill(self, name: str) -> None:
        os.killpg(self.running[name].pid, signal.SIGKILL)
        self.running[name].wait()

    def pass_day(self, day: date, kills: int) -> None:
        steps = 86_400 // STEP_S
        moments = [self.chance.randrange(steps) for _ in range(kills)]
        for step in range(steps):
            self.tell(day_start(day) + step * STEP_S)
            time.sleep(PAUSE_S)
            for _ in range(moments.count(step)):
                self.kill(self.chance.choice(sorted(self.running)))
                self.tend()
            self.tend()

    def hand_in(self, day: int, park: str) -> None:
        """A day's trades of a car park, some handed in twice."""
        trades = []
        for number in range(day * TRADES, (day + 1) * TRADES):
            fee = self.chance.randrange(100, 5_000)
            self.fees += fee
            trades.append(trade(
                number, f"{fee // 100}.{fee % 100:02d}", CardType=self.chance.choice((22, 23)),
                CardNetNo=self.chance.choice(("6201", "6101")),
            ))  # fmt: skip
        file = self.folder / f"{park}-{day}.json"
        file.write_text(json.dumps({"trades": trades}), encoding="utf-8")
        told = json.loads(self.verb("parking", "take", file, "--provider", park, "--json"))
        assert told == {"taken": TRADES, "known": 0}

    def stop(self) -> None:
        for name in self.running:
            if self.running[name].poll() is None:
                self.kill(name)

    def report(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.verb(
            "counterpart", "report", "--state", self.folder / "centre", "--json"
        ))  # fmt: skip
        return told


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    trial = Trial(tmp_path_factory.mktemp("packs"))
    trial.tell(day_start(FIRST_DAY))
    trial.home.run("setup")
    trial.verb("exchange", "extension", CENTRE, "--address", f"127.0.0.1:{trial.theirs}",
               "--own", OWN)  # fmt: skip
    for park in PARKS:
        assert trial.verb("parking", "provider", park, "--name", "停车场").strip()
    for name in ("listen", "run", "centre"):
        trial.start(name)
    try:
        for number in range(DAYS + AFTER):
            if number < DAYS:
                for park in PARKS:
                    trial.hand_in(number, park)
            trial.pass_day(FIRST_DAY + timedelta(days=number), KILLS // DAYS * (number < DAYS))
    finally:
        trial.stop()
    return trial


def test_both_sides_agree_to_the_fen_and_nothing_is_doubled(trial: Trial) -> None:
    report = trial.report()
    ours: Counter[str] = Counter()
    fees: Counter[str] = Counter()
    for row in json.loads(trial.verb("parking", "fates", "--json")):
        ours[row["fate"]] += row["count"]
        fees[row["fate"]] += row["fee"]
    theirs = report["trades"]
    assert set(ours) == {"cleared", "bad_debt"}, (ours, theirs)
    assert sum(ours.values()) == len(PARKS) * DAYS * TRADES
    assert sum(fees.values()) == trial.fees
    assert theirs["bad_debt"] == {"count": ours["bad_debt"], "fee": fees["bad_debt"]}
    payable = [theirs["confirmed"], theirs["paid"]]
    assert sum(one["fee"] for one in payable) == fees["cleared"]
    assert sum(one["count"] for one in payable) == ours["cleared"]
    days = {
        day["day"]: [(row["provider"], row["our_count"], row["our_fee"])
                     for row in day["providers"]]
        for day in json.loads(trial.verb("parking", "statistics", "--json"))
    }  # fmt: skip
    assert days == {
        day: [(row["provider"], row["count"], row["fee"]) for row in rows]
        for day, rows in report["days"].items()
    }


def test_every_statistic_agrees_in_the_end_and_every_law_holds(trial: Trial) -> None:
    days = json.loads(trial.verb("parking", "statistics", "--json"))
    assert days
    assert all(day["agrees"] for day in days)
    assert json.loads(trial.verb("verify", "--json"))["holds"]


def test_every_fault_was_met_as_it_should_be(trial: Trial) -> None:
    report = trial.report()
    assert report["findings"] == []
    assert report["unanswered"] == []
    assert {"wrong_length", "duplicate", "delay"} <= report["faults"].keys(), report["faults"]
    status = json.loads(trial.verb("exchange", "status", "--json"))
    assert set(status["sent"]["original_pack"]) == {"taken"}
    assert all(set(found) == {"done"} for found in status["received"].values()), status
