"""A centre, the ministry's, two banks and two payment channels over days of a clock.

Each is a process of its own, killed at random; the trial moves the clock.

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
import time
from contextlib import ExitStack, suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import SEED_DEMO_USERS
from tests.daily_run.home import Home
from tollcentre.core.clock import day_start

FIRST_DAY = date(2026, 11, 1)
VEHICLES = 300
STEP_S = 1800
CRASHED_BY_PLAN = 70
BANKS = ("bank-a", "bank-b")
CHANNELS = ("wechat", "alipay", "unionpay")
ACCOUNTS = {"bank-a": "6299000000000018", "bank-b": "6299000000000026"}
OPENING_YUAN = 10_000_000
DESK_STEP = 20
ISSUER = "620101"
CREDIT_COLUMNS = ("reference", "counter_account", "counter_name", "amount_fen", "due_at", "summary")
FIGURES = "TOLLCENTRE_TRIAL"
"""Names the figures of a long trial, as JSON."""
REGISTERS = ("parties", "agreements", "accounts")
OVERCHARGED = ("counted_twice_share=0.5", "overcharge_rate=0.05", "second_exit_rate=0.01")
REST_STEPS, REST_S, SLOWLY = 120, 600, 6
NETWORK = ("units", "relations", "stations", "rates", "gantries", "roads", "discounts")
CLERKS = """
import json, sys
from click.testing import CliRunner
from tollcentre.cli.main import cli
for line in sys.stdin:
    done = CliRunner().invoke(cli, json.loads(line))
    told = {"status": done.exit_code, "out": done.stdout, "err": done.stderr + repr(done.exception)}
    print(json.dumps(told), flush=True)
"""
"""People at a terminal: one process that runs verb after verb, for starting one takes a second."""


class Trial:
    """Both centres, their clock, and the killing of them."""

    def __init__(self, folder: Path, *, passages: int, seed: int, pause: float) -> None:
        self.folder, self.passages, self.seed, self.pause = folder, passages, seed, pause
        self.home = Home(folder / "home")
        self.clock = folder / "clock"
        self.chance = random.Random(seed)
        names = ("serve", "ministry", *BANKS, *CHANNELS)
        self.ports = dict(zip(names, free_ports(len(names)), strict=True))
        self.running: dict[str, Any] = {}
        self.clerks: subprocess.Popen[str] | None = None
        self.kills = 0
        self.cleared: set[str] = set()
        self.spoken = 0
        for name in ("records", "incoming"):
            (folder / name).mkdir()

    def set_up(self) -> None:
        """The home with its network and media, and the two centres introduced to each other."""
        self.tell(day_start(FIRST_DAY))
        self.home.run("setup")
        province = self.folder / "province"
        self.home.run("province", "--seed", 62, "--out", province)
        files = [f"--{name}={province / f'{name}.csv'}" for name in NETWORK]
        self.home.run("network", "import", *files, "--version", "6220260101001",
                      "--valid-from", "2026-01-01")  # fmt: skip
        registers = [f"--{name}={province / f'{name}.csv'}" for name in REGISTERS]
        self.home.run("parties", "import", *registers)
        self.home.run("media", "import", self.media())
        self.seed_users()
        self.meet_ministry()
        for code in CHANNELS:
            key = self.folder / f"{code}.key"
            key.write_text(f"{code}-{self.chance.randrange(10**12)}\n", encoding="utf-8")
            key.chmod(0o600)
            self.verb("exchange", "channel", code, "--key-file", key,
                      "--address", f"http://127.0.0.1:{self.ports[code]}")  # fmt: skip
        for code in BANKS:
            self.meet_bank(code)
            self.verb("settle", "opening", code, self.day(-1), OPENING_YUAN)

    def seed_users(self) -> None:
        """People who ask and people who allow."""
        seed = [sys.executable, "-c", SEED_DEMO_USERS, str(self.home.folder)]
        subprocess.run(seed, env=self.environment(), check=True)

    def meet_ministry(self) -> None:
        """Each side gets to know the other's address and token."""
        ministry = f"http://127.0.0.1:{self.ports['ministry']}"
        token = self.folder / "token"
        told = self.verb("exchange", "peer", "000000", "--address", ministry, "--own", "620201")
        token.write_text(told.strip() + "\n", encoding="utf-8")
        kept = self.home.folder / "keys" / "peer-000000.token"
        kept.touch(mode=0o600)
        kept.write_text(told.strip() + "\n", encoding="utf-8")

    def meet_bank(self, code: str) -> None:
        """Our key is let in, and its host key pinned; it makes that when it first runs."""
        keys, state = self.folder / f"{code}.keys", self.folder / code
        keys.touch()
        self.start(code)
        while not (state / "host_key.pub").exists():
            assert self.running[code].poll() is None, self.log(code)
            time.sleep(0.05)
        self.end(code)
        told = self.verb("exchange", "bank", code, "--user", "tollcentre",
                         "--address", f"127.0.0.1:{self.ports[code]}",
                         "--host-key", state / "host_key.pub")  # fmt: skip
        keys.write_text(told.strip() + "\n", encoding="utf-8")

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
        if self.clerks is None:
            self.clerks = subprocess.Popen(
                [sys.executable, "-c", CLERKS], env=self.environment(), text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )  # fmt: skip
        assert self.clerks.stdin is not None
        assert self.clerks.stdout is not None
        print(json.dumps([str(one) for one in arguments]), file=self.clerks.stdin, flush=True)
        done = json.loads(self.clerks.stdout.readline())
        assert done["status"] == 0, f"{arguments}: {done}"
        out: str = done["out"]
        return out

    def tell(self, moment: int) -> None:
        """Set the clock that both centres go by."""
        waiting = self.clock.with_suffix(".next")
        waiting.write_text(str(moment), encoding="utf-8")
        os.replace(waiting, self.clock)
        self.now = moment

    COMMANDS = ("serve", "run", "ministry", *BANKS, *CHANNELS)

    def words(self, name: str) -> list[object]:
        """The command line of a process."""
        if name == "serve":
            return ["serve", "--port", self.ports[name]]
        if name == "run":
            return ["exchange", "run", "--every", 0.05]
        ours = f"http://127.0.0.1:{self.ports['serve']}/api"
        own: list[object] = {
            "ministry": [
                "--token-file", self.folder / "token", "--ours", ours,
                "--media", self.folder / "abroad.csv", "--bank-folder", self.folder / "incoming",
                "--tac-keys", self.home.folder / "keys" / "hsm.json",
                *(word for code in BANKS for word in ("--paid", self.folder / code / "outgoing")),
            ],
            **{code: ["--code", code, "--account", ACCOUNTS[code],
                      "--client-keys", self.folder / f"{code}.keys",
                      "--road", self.folder / "records",
                      *(["--incoming", self.folder / "incoming"] if code == BANKS[0] else [])]
               for code in BANKS},
            **{code: ["--code", code, "--key-file", self.folder / f"{code}.key", "--ours", ours,
                      "--road", self.folder / "records"] for code in CHANNELS},
        }[name]  # fmt: skip
        kind = "bank" if name in BANKS else "channel" if name in CHANNELS else name
        return ["counterpart", kind, "--port", self.ports[name], "--seed", self.seed,
                "--state", self.folder / name, "--clock", self.clock, *own]  # fmt: skip

    def start(self, name: str) -> None:
        """Start one of the processes."""
        log = (self.folder / f"{name}.log").open("ab")
        self.running[name] = subprocess.Popen(
            [sys.executable, "-m", "tollcentre.cli.main", *map(str, self.words(name))],
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
                    name not in ("serve", "run") and status == CRASHED_BY_PLAN
                )
                assert asked, f"{name} ended with {status}: {self.log(name)}"
                self.start(name)

    def kill(self) -> None:
        """SIGKILL one of them at this moment."""
        self.end(self.chance.choice(self.COMMANDS))
        self.kills += 1

    def end(self, name: str) -> None:
        process = self.running[name]
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for name in self.running:
            self.end(name)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8")[-2000:]

    def day(self, number: int) -> date:
        return FIRST_DAY + timedelta(days=number)

    def clear(self, day: date) -> str:
        """One simulated day of the road, taken in and cleared."""
        self.cleared.add(str(day))
        records = self.folder / "records" / str(day)
        self.home.run("simulate", "--day", day, "--passages", self.passages, "--seed",
                      self.seed + day.toordinal(), "--out", records,
                      "--tac-keys", self.home.folder / "keys" / "hsm.json",
                      *(part for value in OVERCHARGED for part in ("--set", value)))  # fmt: skip
        for path in records.glob("truth*"):
            path.rename(self.folder / f"{day}_{path.name}")
        self.home.run("media", "import", records / "media.csv")
        self.home.run("statuslist", "import", records / "status_list.csv")
        self.home.json("intake", records)
        run_key: str = self.home.json("clear-day", day)["run_key"]
        for path in (records / "money").glob("shift_report_*.csv"):
            self.verb("deposit", "shifts", path)
        self.refund(day)
        return run_key

    def refund(self, day: date) -> None:
        """What the engine finds overcharged is accepted by one person and approved by another."""
        self.verb("refunds", "find", day)
        self.verb("refunds", "propose", "--reason", "trial")
        self.verb("refunds", "approve", "--as", "manager")

    def settle(self) -> None:
        """What a window has drafted is released by two persons, and handed to its bank.

        Our issuer pays what it is asked for.
        """
        for verb in ("release", "pay"):
            self.verb("settle", verb, "--maker", "clerk", "--checker", "manager", "--reason", "-")
        asked = self.verb("settle", "statements", "--party", ISSUER, "--state", "drafted", "--json")
        for one in json.loads(asked):
            path = self.folder / "incoming" / f"issuer_{one['statement_no']}.csv"
            if one["total_fen"] > 0 and not path.exists():
                end = datetime.strptime(one["statement_no"][-8:], "%Y%m%d").date()
                self.credit(path, f"{ISSUER}:{end}", one["total_fen"])

    def credit(self, path: Path, reference: str, fen: int) -> None:
        """A credit to our account at the first bank, as others drop it."""
        row = {"reference": reference, "counter_account": "6299000000000059", "amount_fen": fen,
               "counter_name": "模拟本省发行服务机构", "due_at": self.now,
               "summary": "通行费"}  # fmt: skip
        waiting = path.with_suffix(".next")
        with waiting.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, CREDIT_COLUMNS)
            writer.writeheader()
            writer.writerow(row)
        os.replace(waiting, path)

    def pass_day(self, day: date, kills: int) -> None:
        """Let a day go by on the clock, with so many killings at random moments of it."""
        steps = 86_400 // STEP_S
        moments = [self.chance.randrange(steps) for _ in range(kills)]
        for step in range(steps):
            self.tell(day_start(day) + step * STEP_S)
            if step == DESK_STEP:
                self.settle()
            time.sleep(self.pause)
            for _ in range(moments.count(step)):
                self.kill()
                time.sleep(self.pause * self.chance.random())
                self.tend()
            self.tend()

    def speak(self) -> None:
        """Give evidence on every dispute of either side that we have said nothing of."""
        for direction, position in (("toll", "pay"), ("issuer", "bad-debt")):
            told = self.verb("disputes", "submit", "--direction", direction, "--position", position,
                             "--grounds", "as recorded", "--json")  # fmt: skip
            self.spoken += json.loads(told)["submitted"]

    def come_to_rest(self) -> None:
        """Let some hours go by until nothing is on its way between the two centres.

        On a busy machine a process takes long to come back, and a message waits for its next try.
        """
        for _ in range(REST_STEPS):
            if self.at_rest():
                return
            self.tell(self.now + REST_S)
            time.sleep(self.pause * SLOWLY)
            self.tend()

    def at_rest(self) -> bool:
        """Whether all that was said has arrived and was acted on, but for second copies."""
        kinds = [kind for found in self.counts().values() for kind in found.values()]
        if any("waiting" in states for states in kinds):
            return False
        report = self.report()
        left = {one["fault"] for one in report["unacknowledged"]}
        waits = report["waiting_for_our_booking"] or report["to_be_done"]
        banks = any(self.report(bank)["unacknowledged"] for bank in BANKS)
        missing = json.loads(self.verb("exchange", "bills", "--missing", "--json"))
        bills = any(bill["day"] in self.cleared for bill in missing)
        return not waits and not banks and not bills and left <= {"duplicate", "other_content"}

    def counts(self) -> dict[str, Any]:
        """How our messages stand."""
        found: dict[str, Any] = json.loads(self.verb("exchange", "status", "--json"))
        del found["peers"]
        return found

    def report(self, name: str = "ministry") -> dict[str, Any]:
        """A counterpart's own figures."""
        told: dict[str, Any] = json.loads(
            self.verb("counterpart", "report", "--state", self.folder / name, "--json")
        )
        return told


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, all different."""
    with ExitStack() as held:
        found = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in found:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in found]


def run(
    folder: Path, *, days: int, passages: int, kills: int, seed: int, pause: float, after: int = 9
) -> Trial:
    """So many days of road and exchange, then days without road until all is told; both stopped."""
    trial = Trial(folder, passages=passages, seed=seed, pause=pause)
    trial.set_up()
    trial.start_all()
    try:
        for number in range(days):
            day = trial.day(number)
            # A day is cleared once it is over.
            trial.tell(max(trial.now, day_start(trial.day(number + 1))))
            trial.clear(day)
            trial.pass_day(
                trial.day(number + 1), kills * (number + 1) // days - kills * number // days
            )
            trial.speak()
            print(f"{day}: {trial.kills} kills", flush=True)
        for number in range(days + 1, days + 1 + after):
            trial.pass_day(trial.day(number), 0)
        trial.come_to_rest()
    finally:
        trial.stop()
    return trial


def main() -> int:
    """The long form, as one command: a trial with these figures, and every comparison after it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--passages", type=int, default=5000)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause", type=float, default=0.3)
    asked = parser.parse_args()
    os.environ[FIGURES] = json.dumps(vars(asked))
    compared = Path(__file__).with_name("test_both_sides.py")
    return pytest.main(["-v", "-s", "-p", "no:cacheprovider", str(compared)])


if __name__ == "__main__":
    sys.exit(main())
