"""Units out of the lines of tests/cases/organisation.yaml."""

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from tollcentre.organisation.terms import UnitKind, UnitPlaced

FILE = Path(__file__).parents[1] / "cases" / "organisation.yaml"
CONTENT: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))


def units_of(lines: list[str]) -> list[UnitPlaced]:
    """`code kind parent day [closed]` as units."""
    found = []
    for line in lines:
        code, kind, parent, day, *closed = line.split()
        found.append(
            UnitPlaced(code, UnitKind(kind), f"单位{code}", f"unit {code}",
                       "" if parent == "-" else parent, date.fromisoformat(day), bool(closed))
        )  # fmt: skip
    return found


REGISTER = units_of(CONTENT["register"])
