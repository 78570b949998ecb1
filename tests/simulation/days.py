"""Runs small days and reads their files back."""

import csv
from datetime import date
from functools import lru_cache
from pathlib import Path

from tollcentre.simulation.actions import simulate_day
from tollcentre.simulation.terms import SimulationOptions

DAY = date(2026, 11, 22)


@lru_cache(maxsize=24)
def rows_of(folder, pattern):
    """All rows of the files that match, as dicts of text."""
    found = []
    for path in sorted(Path(folder).glob(pattern)):
        with path.open(encoding="utf-8", newline="") as stream:
            found.extend(csv.DictReader(stream))
    return found


def run(network, out, passages=600, seed=11, day=DAY, **options):
    road_map, rates = network
    return simulate_day(
        options=SimulationOptions(day=day, passages=passages, seed=seed, out=out, **options),
        road_map=road_map,
        rates=rates,
    )
