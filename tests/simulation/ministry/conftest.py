"""A ministry's centre in this process: its clock a number, its crash an exception."""

import itertools
import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.simulation.ministry.centre import ISSUER, START, Centre
from tollcentre.hsm.queries import hsm_of_file
from tollcentre.simulation.counterpart.chance import Chance
from tollcentre.simulation.counterpart.clock import Clock
from tollcentre.simulation.counterpart.store import Store
from tollcentre.simulation.ministry.desk import Parties
from tollcentre.simulation.ministry.media import Media, Medium, signer
from tollcentre.simulation.ministry.plan import Plan, read_plan
from tollcentre.simulation.ministry.report import report
from tollcentre.simulation.ministry.service import FILE, SCHEMA, Ministry

MEDIA = tuple(
    Medium(f"6201{number:012d}", f"6201{number:016d}", f"甘A{number:05d}_0", 1, ISSUER)
    for number in range(40)
)


class Crash(BaseException):
    """The process would be gone."""


@dataclass
class World:
    """Both centres and the moment."""

    folder: Path
    plan: Plan
    centre: Centre
    media: Media
    seed: int = 5
    moment: int = START
    crashes: int = 0
    store: type[Store] = Store
    ministry: Ministry = field(init=False)

    def __post_init__(self):
        self.start()

    def start_again(self):
        """A process after a crash; it may crash again while it starts."""
        self.crashes += 1
        try:
            self.start()
        except Crash:
            self.start_again()

    def start(self):
        """The ministry's process begins, as the first time or after a crash."""

        def leave():
            raise Crash

        self.ministry = Ministry(
            store=self.store.open(self.folder, self.seed, FILE, SCHEMA), plan=self.plan,
            chance=Chance(self.seed),
            parties=Parties(62), media=self.media, clock=Clock(lambda: self.moment), leave=leave,
        )  # fmt: skip
        self.ministry.begin()

    def change(self, **values):
        """The process begins again with other values in its plan."""
        self.plan = replace(self.plan, **values)
        self.start()

    def post(self, body):
        """A message to the ministry; none where no answer comes back."""
        try:
            return self.ministry.receive(body)
        except Crash:
            self.start_again()
            return None

    def answer(self, body):
        return self.centre.receive(body, self.moment)

    def step(self, seconds):
        self.moment += seconds
        self.centre.send(self.post)
        try:
            self.ministry.work()
            while self.ministry.send(self.answer):
                pass
        except Crash:
            self.start_again()

    def live(self, hours, step_s=3600):
        for _ in range(hours * 3600 // step_s):
            self.step(step_s)

    def report(self):
        return report(self.ministry.store)


def write_keys(path):
    """Master keys of our issuer in a file, as a home keeps them."""
    rows = [
        {"issuer_id": ISSUER, "algorithm": algorithm, "key_version": 1, "key": f"{algorithm:032X}"}
        for algorithm in (1, 2)
    ]
    path.write_text(json.dumps(rows), encoding="ascii")
    return path


def make_world(folder, *, seed=5, media=MEDIA, **values):
    """Both centres in a folder, by the quiet plan and what differs from it."""
    keys = write_keys(folder / "keys.json")
    plan = replace(read_plan(faults=False), **({"trades_per_day": 48} | values))
    by_issuer = {ISSUER: media} if media else {}
    return World(
        folder / f"state-{seed}", plan, Centre(media, hsm_of_file(keys)),
        Media(by_issuer, signer(keys, by_issuer)), seed,
    )  # fmt: skip


@pytest.fixture
def world(tmp_path):
    """Makes worlds, each in a folder of its own."""
    count = itertools.count()

    def make(**values):
        folder = tmp_path / str(next(count))
        folder.mkdir()
        return make_world(folder, **values)

    return make


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """Makes a world for all tests of a module."""
    return lambda **values: make_world(tmp_path_factory.mktemp("world"), **values)
