"""A centre and the ministry's, processes of their own, over days of a clock that the trial moves.

`python -m tests.exchange.trial --days 30 --passages 5000 --kills 1000 --seed 1` is the long form; a
run that fails is repeated by its seed.
"""

import argparse
import csv
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.daily_run.home import Home
from tollcentre.core.clock import day_start

FIRST_DAY = date(2026, 11, 1)
VEHICLES = 300
STEP_S = 1800
CRASHED_BY_PLAN = 70
NETWORK = ("units", "relations", "stations", "rates", "gantries", "roads", "discounts")
Process = "subprocess.Popen[bytes]"


class Trial:
    """Both centres, their clock, and the killing of them."""

    def __init__(
        self, folder: Path, *, passages: int, seed: int, faults: bool, pause: float
    ) -> None:
        self.folder, self.passages, self.seed, self.pause = folder, passages, seed, pause
        self.faults = faults
        self.home = Home(folder / "home")
        self.clock = folder / "clock"
        self.chance = random.Random(seed)
        self.ports = [free_port(), free_port()]
        self.running: dict[str, Any] = {}
        self.kills = 0

    def set_up(self) -> None:
        """The home with its network and media, and the two centres introduced to each other."""
        self.tell(day_start(FIRST_DAY))
        self.home.run("setup")
        province = self.folder / "province"
        self.home.run("province", "--seed", 62, "--out", province)
        files = [f"--{name}={province / f'{name}.csv'}" for name in NETWORK]
        self.home.run("network", "import", *files, "--version", "6220260101001",
                      "--valid-from", "2026-01-01")  # fmt: skip
        self.home.run("media", "import", self.media())
        ministry = f"http://127.0.0.1:{self.ports[1]}"
        token = self.folder / "token"
        told = self.verb("exchange", "peer", "000000", "--address", ministry, "--own", "620201")
        token.write_text(told.strip() + "\n", encoding="utf-8")
        kept = self.home.folder / "keys" / "peer-000000.token"
        kept.touch(mode=0o600)
        kept.write_text(told.strip() + "\n", encoding="utf-8")

    def media(self) -> Path:
        """Vehicles whose media drive elsewhere, for our register and for the ministry's centre."""
        ours, theirs = self.folder / "media.csv", self.folder / "abroad.csv"
        with (
            ours.open("w", newline="", encoding="utf-8") as mine,
            theirs.open("w", newline="", encoding="utf-8") as told,
        ):
            register, abroad = csv.writer(mine), csv.writer(told)
            register.writerow(["medium_no", "issuer_id", "card_type", "vehicle_id", "vehicle_type",
                               "enabled_from", "enabled_to"])  # fmt: skip
            abroad.writerow(["medium_number", "card_number", "plate", "vehicle_type", "issuer"])
            for n in range(VEHICLES):
                card, obu, plate = f"62011901{n:012d}", f"6201{n:012d}", f"甘A{n:05d}_0"
                for number, card_type in ((card, 23), (obu, "")):
                    register.writerow([number, "620101", card_type, plate, 1, "2024-01-01",
                                       "2034-01-01"])  # fmt: skip
                abroad.writerow([obu, card, plate, 1, "620101"])
        return ours

    def environment(self) -> dict[str, str]:
        return self.home.environment() | {"TOLLCENTRE_CLOCK_FILE": str(self.clock)}

    def verb(self, *arguments: object) -> str:
        """A verb of ours to its end, on the trial's clock."""
        command = [sys.executable, "-m", "tollcentre.cli.main", *map(str, arguments)]
        done = subprocess.run(command, env=self.environment(), capture_output=True, text=True)
        assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def tell(self, moment: int) -> None:
        """Set the clock that both centres go by."""
        waiting = self.clock.with_suffix(".next")
        waiting.write_text(str(moment), encoding="utf-8")
        os.replace(waiting, self.clock)
        self.now = moment

    COMMANDS = ("serve", "run", "ministry")

    def start(self, name: str) -> None:
        """Start one of the three processes."""
        words: dict[str, list[object]] = {
            "serve": ["serve", "--port", self.ports[0]],
            "run": ["exchange", "run", "--every", 0.05],
            "ministry": [
                "counterpart", "ministry", "--port", self.ports[1], "--seed", self.seed,
                "--state", self.folder / "ministry", "--token-file", self.folder / "token",
                "--ours", f"http://127.0.0.1:{self.ports[0]}/api", "--clock", self.clock,
                "--media", self.folder / "abroad.csv",
                "--tac-keys", self.home.folder / "keys" / "hsm.json",
                *([] if self.faults else ["--no-faults"]),
            ],
        }  # fmt: skip
        log = (self.folder / f"{name}.log").open("ab")
        self.running[name] = subprocess.Popen(
            [sys.executable, "-m", "tollcentre.cli.main", *map(str, words[name])],
            env=self.environment(), stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip

    def start_all(self) -> None:
        for name in self.COMMANDS:
            self.start(name)

    def tend(self) -> None:
        """Start again what has died, however it did; a death that nobody asked for is a failure."""
        for name, process in self.running.items():
            status = process.poll()
            if status is not None:
                asked = status == -signal.SIGKILL or (
                    name == "ministry" and status == CRASHED_BY_PLAN
                )
                assert asked, f"{name} ended with {status}: {self.log(name)}"
                self.start(name)

    def kill(self) -> None:
        """SIGKILL one of the three at this moment."""
        process = self.running[self.chance.choice(self.COMMANDS)]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.kills += 1

    def stop(self) -> None:
        for process in self.running.values():
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            process.wait()

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8")[-2000:]

    def day(self, number: int) -> date:
        return FIRST_DAY + timedelta(days=number)

    def clear(self, day: date) -> str:
        """One simulated day of the road, taken in and cleared."""
        records = self.folder / "records" / str(day)
        self.home.run("simulate", "--day", day, "--passages", self.passages, "--seed",
                      self.seed + day.toordinal(), "--out", records)  # fmt: skip
        for path in records.glob("truth*"):
            path.unlink()
        self.home.json("intake", records)
        return self.home.json("clear-day", day)["run_key"]

    def pass_day(self, day: date, kills: int) -> None:
        """Let a day go by on the clock, with so many killings at random moments of it."""
        steps = 86_400 // STEP_S
        moments = [self.chance.randrange(steps) for _ in range(kills)]
        for step in range(steps):
            self.tell(day_start(day) + step * STEP_S)
            time.sleep(self.pause)
            for _ in range(moments.count(step)):
                self.kill()
                time.sleep(self.pause * self.chance.random())
                self.tend()
            self.tend()

    def counts(self) -> dict[str, Any]:
        """How our messages stand."""
        found: dict[str, Any] = json.loads(self.verb("exchange", "status", "--json"))
        return found

    def report(self) -> dict[str, Any]:
        """The ministry's own figures."""
        told: dict[str, Any] = json.loads(
            self.verb("counterpart", "report", "--state", self.folder / "ministry", "--json")
        )
        return told


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def run(
    folder: Path, *, days: int, passages: int, kills: int, seed: int, faults: bool, pause: float,
    after: int = 10,
) -> Trial:  # fmt: skip
    """So many days of road and exchange, then days without road until all is told; both stopped."""
    trial = Trial(folder, passages=passages, seed=seed, faults=faults, pause=pause)
    trial.set_up()
    trial.start_all()
    try:
        for number in range(days):
            day = trial.day(number)
            trial.clear(day)
            trial.pass_day(trial.day(number + 1), kills // days)
        for number in range(days + 1, days + 1 + after):
            trial.pass_day(trial.day(number), 0)
    finally:
        trial.stop()
    return trial


def main() -> None:
    """The long form, as one command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--passages", type=int, default=5000)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-faults", action="store_true")
    parser.add_argument("--pause", type=float, default=0.3)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="exchange-"))
    print(folder, flush=True)
    trial = run(
        folder, days=asked.days, passages=asked.passages, kills=asked.kills, seed=asked.seed,
        faults=not asked.no_faults, pause=asked.pause,
    )  # fmt: skip
    print(json.dumps(trial.counts(), indent=1))
    print(trial.verb("verify"))


if __name__ == "__main__":
    main()
