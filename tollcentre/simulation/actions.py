"""Runs a simulation on a network; the only place that puts options, network and day together."""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tollcentre.core.refusal import Refusal

from .day import DaySimulation, load_parameters
from .observing import noise_without
from .prices import DiscountRule, price_units
from .road_map import NetworkFiles, RateTable, RoadMap, read_road_map
from .terms import (
    NETWORK_FILES_MISSING,
    PASSAGES_MAX,
    PASSAGES_OUT_OF_RANGE,
    UNKNOWN_NOISE,
    SimulationOptions,
)


def read_network_folder(folder: Path) -> tuple[RoadMap, RateTable]:
    """The network and rates of a folder as `tollcentre province` writes it; refused if partial."""
    files = NetworkFiles.in_folder(folder)
    for path in vars(files).values():
        if not path.is_file():
            raise Refusal(NETWORK_FILES_MISSING, name=path.name)
    return read_road_map(files)


def simulate_day(
    *, options: SimulationOptions, road_map: RoadMap, rates: RateTable,
    discounts: Sequence[DiscountRule] = (),
    progress: Callable[[int], None] = lambda passages: None,
) -> dict[str, Any]:  # fmt: skip
    """Writes the day's files; returns rows by kind, seconds and the parameters that ruled.

    Refuses a number of passages below 1 or above five million, and unknown noise names.
    """
    if not 1 <= options.passages <= PASSAGES_MAX:
        raise Refusal(PASSAGES_OUT_OF_RANGE, field="passages", most=PASSAGES_MAX)
    noise = load_parameters("noise_2026") | load_parameters("money_2026")["faults"]
    traffic = load_parameters("traffic_2026") | options.traffic
    if options.quiet:
        noise = noise_without(noise)
    for name, value in options.noise.items():
        if not isinstance(noise.get(name), int | float):
            known = ", ".join(k for k, v in noise.items() if isinstance(v, int | float))
            raise Refusal(UNKNOWN_NOISE, field=name, name=name, known=known)
        noise[name] = value
    prices = price_units(road_map, rates, discounts, str(traffic["obu_factor"]))
    started = time.perf_counter()
    simulation = DaySimulation(
        road_map, prices, options.day, options.seed, options.out, noise, traffic,
        options.full_columns, options.tac_keys,
    )  # fmt: skip
    rows = simulation.run(options.passages, progress)
    record = {
        "day": str(options.day), "passages": options.passages, "seed": options.seed,
        "network_version": road_map.version,
        "noise": {k: v for k, v in noise.items() if k not in ("from", "source")},
    }  # fmt: skip
    text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True)
    (options.out / "truth_parameters.json").write_text(text + "\n", encoding="utf-8")
    return {**record, "rows": rows, "seconds": round(time.perf_counter() - started, 2)}
