"""`make sim SEED=7`: one simulated day in a home of its own, cleared and verified.

The same seed gives the same day; the folder that is printed holds records, truth and home.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / ".venv" / "bin" / "tollcentre"

FILES = ("units", "relations", "stations", "rates", "gantries", "roads", "discounts")
VERSION, VALID_FROM = "6220260101001", "2026-01-01"


def steps(day: str, passages: str, seed: str, folder: Path) -> list[list[str]]:
    """The verbs of one day, in order."""
    network, records = folder / "network", folder / "records"
    sizes = ["--passages", passages, "--seed", seed]
    files = [word for name in FILES for word in (f"--{name}", str(network / f"{name}.csv"))]
    dated = ["--version", VERSION, "--valid-from", VALID_FROM]
    return [
        ["setup"],
        ["province", "--out", str(network)],
        ["network", "import", *files, *dated],
        ["simulate", "--day", day, *sizes, "--out", str(records)],
        ["intake", str(records), "--json"],
        ["clear-day", day],
        ["verify"],
    ]


def main() -> int:
    """Run the day; the first verb that fails ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("--seed", "7"), ("--day", "2026-11-22"), ("--passages", "2000")):
        parser.add_argument(name, default=default)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix=f"tollcentre-sim-{options.seed}-"))
    environment = os.environ | {"TOLLCENTRE_HOME": str(folder / "home")}
    for words in steps(options.day, options.passages, options.seed, folder):
        print("tollcentre", *words, flush=True)
        done = subprocess.run([PROGRAM, *words], env=environment, check=False)
        if done.returncode:
            print(f"stopped at `tollcentre {words[0]}`; the day is kept in {folder}")
            return done.returncode
    print(f"seed {options.seed}: cleared and verified; the day is kept in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
