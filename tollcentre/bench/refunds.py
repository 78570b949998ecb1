"""The search for overcharges against the simulated truth: what was found, missed and made up."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

from tollcentre.refund.queries import overcharges
from tollcentre.refund.terms import ChangeCause

_Key = tuple[str, bool]
"""A passage, and whether its second exit record is meant."""
CAUSES = {"counted_twice": ChangeCause.REPEATED_UNIT, "above_tariff": ChangeCause.ABOVE_TARIFF}


def judge_refunds(run_key: str, day: date, truth: Path) -> dict[str, Any]:
    """Recall and precision by passage, and fen, of a run's overcharges against truth_passages.csv.

    `amounts_equal` counts those found for exactly what was planted; others net what the road
    failed to charge on the same passage.
    """
    planted = _planted(truth)
    found: dict[_Key, tuple[ChangeCause, int]] = {
        (one.passage.pass_id, one.cause is ChangeCause.SECOND_EXIT): (one.cause, one.fee)
        for one in overcharges(run_key, day)
    }
    right = planted.keys() & found.keys()
    return {
        "run_key": run_key,
        "planted": len(planted),
        "found": len(found),
        "right": len(right),
        "recall": round(len(right) / max(len(planted), 1), 4),
        "precision": round(len(right) / max(len(found), 1), 4),
        "cause_equal": sum(planted[key][0] is found[key][0] for key in right),
        "amounts_equal": sum(planted[key][1] == found[key][1] for key in right),
        "planted_fen": sum(fee for _, fee in planted.values()),
        "found_right_fen": sum(found[key][1] for key in right),
        "found_wrong_fen": sum(fee for key, (_, fee) in found.items() if key not in planted),
    }


def _planted(truth: Path) -> dict[_Key, tuple[ChangeCause, int]]:
    """Every overcharge that the simulation planted, by what it was, in fen."""
    planted: dict[_Key, tuple[ChangeCause, int]] = {}
    with (truth / "truth_passages.csv").open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            faults = dict(part.split("=") for part in row["faults"].split("|") if part)
            over = int(faults.get("overcharged_fen", 0))
            if over:
                cause = next(CAUSES[name] for name in CAUSES if name in faults)
                planted[row["pass_id"], False] = (cause, over)
            if "second_exit" in faults:
                whole = int(row["collected_fee"]) // 2
                planted[row["pass_id"], True] = (ChangeCause.SECOND_EXIT, whole)
    return planted
