"""A home with a fictitious province and a small simulated day, made by the verbs themselves."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb

DAY = "2026-11-22"
BUSINESS = (
    "passage", "unit_fee", "unit_split", "owner_net", "party_net", "held", "difference",
)  # fmt: skip


class Home:
    """One home folder and the verbs run in it as separate processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def environment(self) -> dict[str, str]:
        """The environment in which a verb works on this home."""
        environment = {
            **os.environ,
            "TOLLCENTRE_HOME": str(self.folder),
            "TOLLCENTRE_LAKE_THREADS": "1",
        }
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        return environment

    def start(self, *arguments: object) -> "subprocess.Popen[str]":
        """A verb that runs on."""
        return subprocess.Popen(
            [sys.executable, "-m", "tollcentre.cli.main", *map(str, arguments)],
            env=self.environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *arguments: object, status: int = 0) -> str:
        """A verb to its end; what it printed. Fails on any other exit status."""
        process = self.start(*arguments)
        out, err = process.communicate()
        assert process.returncode == status, f"{arguments}: {process.returncode}\n{out}\n{err}"
        assert "Traceback" not in err, err
        return out if status == 0 else err

    def json(self, *arguments: object) -> dict:
        """What a verb reports."""
        return json.loads(self.run(*arguments, "--json"))

    def copy(self, folder: Path) -> "Home":
        """The same home in another folder."""
        shutil.copytree(self.folder, folder)
        return Home(folder)

    def digests(self, run_key: str) -> dict[str, str]:
        """A digest of every business relation of a run, over all its columns in order."""
        found = {}
        for relation in BUSINESS:
            path = next((self.folder / "lake" / relation).glob(f"*/{run_key}.parquet"))
            with duckdb.connect() as con:
                rows = con.execute(f"SELECT * FROM read_parquet('{path}') ORDER BY ALL").fetchall()
            found[relation] = hashlib.sha256(repr(rows).encode()).hexdigest()
        return found


def make_home(
    folder: Path, passages: int, *, late: bool = True, noise: tuple[object, ...] = ()
) -> Home:
    """Set up, import the province, simulate the day, take it in (late files only if asked)."""
    home = Home(folder / "home")
    home.run("setup")
    province, records = folder / "province", folder / "records"
    home.run("province", "--seed", 62, "--out", province)
    files = [f"--{name}={province / f'{name}.csv'}" for name in (
        "units", "relations", "stations", "rates", "gantries", "roads", "discounts")]  # fmt: skip
    home.run(
        "network", "import", *files, "--version", "6220260101001", "--valid-from", "2026-01-01"
    )
    home.run("simulate", "--day", DAY, "--passages", passages, "--seed", 5, "--out", records,
             *noise)  # fmt: skip
    sent = [records] if late else sorted(records.glob("tbl_*.csv"))
    home.run("intake", *sent)
    return home
